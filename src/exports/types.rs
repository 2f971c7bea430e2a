//! The types by the names that C programs know. cbindgen.toml says how the header prints the right-hand
//! sides.

use glib_sys::{gboolean, gpointer};
use gobject_sys::GObject;

pub use crate::classes::async_result::{GAsyncReadyCallback, GAsyncResult};
pub use crate::classes::io_error::GIOErrorEnum;

pub type GAsyncResultIface = crate::classes::async_result::AsyncResultIface;

/// An operation with its result.
pub type GTask = crate::classes::task::Task;

/// Does the work of a task in a worker thread, and ends by calling one of the return functions.
pub type GTaskThreadFunc = Option<
    unsafe extern "C" fn(
        task: *mut GTask,
        source_object: gpointer,
        task_data: gpointer,
        cancellable: *mut GCancellable,
    ),
>;

/// The result of an operation, of the older kind.
pub type GSimpleAsyncResult = crate::classes::simple_async_result::SimpleAsyncResult;

/// Does the work of an older result in a worker thread.
pub type GSimpleAsyncThreadFunc = Option<
    unsafe extern "C" fn(
        res: *mut GSimpleAsyncResult,
        object: *mut GObject,
        cancellable: *mut GCancellable,
    ),
>;

/// Through which an operation is told to stop.
pub type GCancellable = crate::classes::cancellable::Cancellable;
pub type GCancellableClass = crate::classes::cancellable::CancellableClass;

/// Called by a source when the cancellable is cancelled; FALSE removes the source.
pub type GCancellableSourceFunc =
    Option<unsafe extern "C" fn(cancellable: *mut GCancellable, data: gpointer) -> gboolean>;
