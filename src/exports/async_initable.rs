//! `g_async_initable_*`: objects that are initialized asynchronously. Making them with properties:
//! `construction.c`.

use std::ffi::c_int;
use std::ptr::null_mut;

use glib_sys::{gboolean, gpointer, GError, GType, GFALSE};
use gobject_sys::GObject;

use crate::classes::async_initable::AsyncInitable;
use crate::classes::async_result::{AsyncResult, GAsyncReadyCallback, GAsyncResult};
use crate::classes::cancellable::GCancellable;
use crate::gobject::object::{Instance, ObjectRef};
use crate::gobject::precondition::{instance, refuse, refuse_instance};
use crate::libgio::forward::forward;

pub use crate::classes::async_initable::{GAsyncInitable, GAsyncInitableIface};

/// The type of the interface; registered on the first call.
///
/// Any thread.
#[no_mangle]
pub extern "C" fn g_async_initable_get_type() -> GType {
    AsyncInitable::type_()
}

/// Begins to initialize an object.
///
/// Calls the method of the class of `initable`. A class that has none must implement GInitable, too: that
/// method then runs in a worker, queued by `io_priority`; low numbers go first. `cancellable` and `callback`
/// may be NULL; `user_data` is only passed through. `callback` is called with the object in the main context
/// that is thread-default now, and calls g_async_initable_init_finish(). Whoever makes objects with
/// g_async_initable_new_async() need not call it.
#[no_mangle]
pub unsafe extern "C" fn g_async_initable_init_async(
    initable: *mut GAsyncInitable,
    io_priority: c_int,
    cancellable: *mut GCancellable,
    callback: GAsyncReadyCallback,
    user_data: gpointer,
) {
    if let Some(answer) = forward!(g_async_initable_init_async(
        initable,
        io_priority,
        cancellable,
        callback,
        user_data
    )) {
        return answer;
    }
    let Some(object) = instance!(initable: AsyncInitable) else {
        return refuse_instance!(
            g_async_initable_init_async(initable),
            c"G_IS_ASYNC_INITABLE (initable)"
        );
    };
    // SAFETY: the caller's own arguments, by the rules that all exports share.
    if !unsafe { object.init_async(io_priority, cancellable, callback, user_data) } {
        refuse!(g_async_initable_init_async, c"iface->init_async != NULL");
    }
}

/// Says whether an initialization that has ended succeeded.
///
/// `res` is what the callback got, and must not be NULL. If it failed, `error`, which may be NULL, gets an
/// error that belongs to the caller. In the thread that runs the callback, once.
#[no_mangle]
pub unsafe extern "C" fn g_async_initable_init_finish(
    initable: *mut GAsyncInitable,
    res: *mut GAsyncResult,
    error: *mut *mut GError,
) -> gboolean {
    if let Some(answer) = forward!(g_async_initable_init_finish(initable, res, error)) {
        return answer;
    }
    let Some(object) = instance!(initable: AsyncInitable) else {
        return refuse_instance!(
            g_async_initable_init_finish(initable),
            c"G_IS_ASYNC_INITABLE (initable)",
            GFALSE
        );
    };
    if instance!(res: AsyncResult).is_none() {
        return refuse_instance!(
            g_async_initable_init_finish(res),
            c"G_IS_ASYNC_RESULT (res)",
            GFALSE
        );
    }
    // SAFETY: a live result; the error's place is as all exports are promised.
    let succeeded = unsafe { object.init_finish(res, error) };
    succeeded.unwrap_or_else(|| {
        refuse!(
            g_async_initable_init_finish,
            c"iface->init_finish != NULL",
            GFALSE
        )
    })
}

/// The object that g_async_initable_new_async() has made, or NULL if its initialization failed.
///
/// `initable` is the source object that the callback got, `res` its result; neither may be NULL. The caller
/// owns the reference ("transfer full"), which is another than the callback's. `error` is as for
/// g_async_initable_init_finish(). In the thread that runs the callback, once.
#[no_mangle]
pub unsafe extern "C" fn g_async_initable_new_finish(
    initable: *mut GAsyncInitable,
    res: *mut GAsyncResult,
    error: *mut *mut GError,
) -> *mut GObject {
    if let Some(answer) = forward!(g_async_initable_new_finish(initable, res, error)) {
        return answer;
    }
    // SAFETY: passed on as it came.
    if unsafe { g_async_initable_init_finish(initable, res, error) } == GFALSE {
        return null_mut();
    }
    // SAFETY: it was not refused, so it is an object.
    unsafe { ObjectRef::retain(initable.cast()) }.into_raw()
}
