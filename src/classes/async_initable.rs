//! GAsyncInitable: the interface of objects that are initialized asynchronously. A class that implements
//! GInitable, too, need not write anything: then that initialization runs in a worker.

use std::ffi::{c_int, CStr};

use glib_sys::{gboolean, gpointer, GError, GFALSE, GTRUE};
use gobject_sys::{GObject, GTypeInterface};

use super::async_result::{GAsyncReadyCallback, GAsyncResult};
use super::cancellable::{Cancellable, GCancellable};
use super::initable::Initable;
use super::simple_async_result::SimpleAsyncResult;
use super::task::outcome::Outcome;
use super::task::{GTask, Task, Unpropagated};
use crate::glib::error::Error;
use crate::glib::once::Once;
use crate::gobject::interface::{instance_of_interface, DefaultInit, Interface};
use crate::gobject::precondition::{instance, optional_instance, refuse, refuse_instance, refused};

/// Any object that implements the interface.
#[repr(C)]
pub struct AsyncInitable {
    object: GObject,
}

/// An object that is initialized asynchronously: of any class that implements the interface.
pub type GAsyncInitable = AsyncInitable;

pub type GAsyncInitableIface = AsyncInitableIface;

/// What a class that implements GAsyncInitable provides.
///
/// Where it provides nothing, GInitable's method runs in a worker.
#[repr(C)]
pub struct AsyncInitableIface {
    pub g_iface: GTypeInterface,
    pub init_async: Option<
        unsafe extern "C" fn(
            initable: *mut GAsyncInitable,
            io_priority: c_int,
            cancellable: *mut GCancellable,
            callback: GAsyncReadyCallback,
            user_data: gpointer,
        ),
    >,
    pub init_finish: Option<
        unsafe extern "C" fn(
            initable: *mut GAsyncInitable,
            res: *mut GAsyncResult,
            error: *mut *mut GError,
        ) -> gboolean,
    >,
}

instance_of_interface!(AsyncInitable);

// SAFETY: the struct begins with GObject, the table with GTypeInterface; behind that are functions that may
// be missing.
unsafe impl Interface for AsyncInitable {
    const NAME: &'static CStr = c"GAsyncInitable";
    const GET_TYPE: &'static CStr = c"g_async_initable_get_type";
    const DEFAULT_INIT: Option<DefaultInit> = Some(default_init);
    fn once() -> &'static Once {
        static TYPE: Once = Once::new();
        &TYPE
    }
    type Table = AsyncInitableIface;
}

impl AsyncInitable {
    /// Begins the initialization. FALSE: the class has no such method.
    ///
    /// # Safety
    /// The class may be given this cancellable, and may call `callback` with its data, once.
    pub(crate) unsafe fn init_async(
        &self,
        io_priority: c_int,
        cancellable: *mut GCancellable,
        callback: GAsyncReadyCallback,
        user_data: gpointer,
    ) -> bool {
        let Some(init_async) = self.table().init_async else {
            return false;
        };
        // SAFETY: the class's own method, called with an instance of it; the rest is as the caller ensures.
        unsafe {
            init_async(
                self.as_initable(),
                io_priority,
                cancellable,
                callback,
                user_data,
            )
        };
        true
    }

    /// Asks the class how the initialization ended. `None`: the class has no such method.
    ///
    /// # Safety
    /// `res` is a live result; `error` is NULL or a place for an error.
    pub(crate) unsafe fn init_finish(
        &self,
        res: *mut GAsyncResult,
        error: *mut *mut GError,
    ) -> Option<gboolean> {
        // An older result that has failed says so itself, whatever the class would say.
        let simple = res.cast::<SimpleAsyncResult>();
        if let Some(simple) = instance!(simple: SimpleAsyncResult) {
            // SAFETY: as the caller ensures.
            if unsafe { simple.propagate_error(error) } {
                return Some(GFALSE);
            }
        }
        let init_finish = self.table().init_finish?;
        // SAFETY: the class's own method, called with an instance of it; the rest is as the caller ensures.
        Some(unsafe { init_finish(self.as_initable(), res, error) })
    }

    fn as_initable(&self) -> *mut GAsyncInitable {
        std::ptr::from_ref(self).cast_mut()
    }
}

unsafe extern "C" fn default_init(table: gpointer, _data: gpointer) {
    // SAFETY: GObject hands over the table that those of all classes begin as.
    let table = unsafe { &mut *table.cast::<AsyncInitableIface>() };
    table.init_async = Some(g_async_initable_real_init_async);
    table.init_finish = Some(g_async_initable_real_init_finish);
}

/// The method of a class that has none of its own: runs GInitable's in a worker. It bears GIO's name, which
/// the task and the criticals show.
unsafe extern "C" fn g_async_initable_real_init_async(
    initable: *mut GAsyncInitable,
    io_priority: c_int,
    cancellable: *mut GCancellable,
    callback: GAsyncReadyCallback,
    user_data: gpointer,
) {
    let object = initable.cast::<Initable>();
    if instance!(object: Initable).is_none() {
        return refuse_instance!(
            g_async_initable_real_init_async(initable),
            c"G_IS_INITABLE (initable)"
        );
    }
    let cancellable = optional_instance!(
        g_async_initable_real_init_async(cancellable: Cancellable),
        c"!cancellable || G_IS_CANCELLABLE (cancellable)"
    );
    // SAFETY: a live object, and what the caller handed over. The name is constant, and the function takes
    // such a task.
    unsafe {
        let task = Task::new(initable.cast(), cancellable, callback, user_data);
        task.set_source_tag(g_async_initable_real_init_async as gpointer);
        task.set_static_name(c"g_async_initable_real_init_async".as_ptr());
        task.set_priority(io_priority);
        task.run_in_thread(Some(init_in_thread));
    }
}

unsafe extern "C" fn init_in_thread(
    task: *mut GTask,
    source_object: gpointer,
    _task_data: gpointer,
    cancellable: *mut GCancellable,
) {
    let initable = source_object.cast::<Initable>();
    let (Some(task), Some(initable)) = (instance!(task: Task), instance!(initable: Initable))
    else {
        return;
    };
    let mut error = std::ptr::null_mut();
    // SAFETY: the cancellable is the task's; the error's place is ours.
    let succeeded = unsafe { initable.init(cancellable, &mut error) };
    // SAFETY: NULL, or an error that the class has made for us.
    let error = unsafe { Error::adopt(error) };
    let outcome = match (succeeded, error) {
        (None, _) => return refused(c"g_initable_init", c"iface->init != NULL"),
        (Some(GFALSE), Some(error)) => Outcome::Error(error),
        // As in GIO, where the task is told to return an error that is not there.
        (Some(GFALSE), None) => return refused(c"g_task_return_error", c"error != NULL"),
        (Some(_), _) => Outcome::Boolean(GTRUE),
    };
    if task.begin_return() {
        task.finish_return(outcome);
    }
}

/// The method of a class that has none of its own.
unsafe extern "C" fn g_async_initable_real_init_finish(
    initable: *mut GAsyncInitable,
    res: *mut GAsyncResult,
    error: *mut *mut GError,
) -> gboolean {
    // A subclass may call this for a result that it was given, without the export that asks it.
    let simple = res.cast::<SimpleAsyncResult>();
    if let Some(simple) = instance!(simple: SimpleAsyncResult) {
        // SAFETY: as the caller ensures.
        return (!unsafe { simple.propagate_error(error) }).into();
    }
    let task = res.cast::<Task>();
    let task = instance!(task: Task).filter(|task| task.source_object() == initable.cast());
    let Some(task) = task else {
        return refuse!(
            g_async_initable_real_init_finish,
            c"g_task_is_valid (res, initable)",
            GFALSE
        );
    };
    // SAFETY: as the caller ensures.
    match unsafe { task.propagate(error, Outcome::take_boolean) } {
        Ok(truth) => truth,
        Err(Unpropagated::Failed) => GFALSE,
        Err(Unpropagated::Nothing) => {
            refused(c"g_task_propagate_boolean", c"task->result_set");
            GFALSE
        }
    }
}
