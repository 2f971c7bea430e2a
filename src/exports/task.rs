//! `g_task_*`: an operation, from its start on. Returning and fetching its result: `task/result.rs`.

mod result;

use std::ffi::{c_char, c_int};
use std::ptr::null_mut;

use glib_sys::{
    gboolean, gpointer, GDestroyNotify, GError, GMainContext, GSource, GSourceFunc, GType,
    G_PRIORITY_DEFAULT,
};

use crate::classes::async_result::GAsyncReadyCallback;
use crate::classes::cancellable::{Cancellable, GCancellable};
use crate::classes::task::Task;
use crate::glib::callback::Owned;
use crate::glib::error::Error;
use crate::gobject::object::Instance;
use crate::gobject::precondition::{
    forward_if_libgios, forward_or_refuse, instance, optional_instance, optional_object, refuse,
};

pub use crate::classes::task::{GTask, GTaskThreadFunc};
pub use result::*;

/// The type of the class; registered on the first call.
///
/// Any thread.
#[no_mangle]
pub extern "C" fn g_task_get_type() -> GType {
    Task::type_()
}

/// Makes a task: what the start of an asynchronous operation creates.
///
/// The caller owns the task ("transfer full"), and drops it when the operation is under way: the library
/// holds references of its own until the callback was called. The task keeps references to `source_object`
/// and `cancellable`, either of which may be NULL, and to the thread-default main context of this moment, in
/// which `callback` will be called. What is no object or no cancellable is a critical, and counts as NULL.
/// `callback` may be NULL; `callback_data` is only passed through. Any thread.
///
/// If the cancellable is cancelled at the moment when the result is fetched, the answer is that, whatever was
/// returned. So a callback that cancels it, to stop other operations, fetches its own result first. See
/// `g_task_set_check_cancellable()`.
#[no_mangle]
pub unsafe extern "C" fn g_task_new(
    source_object: gpointer,
    cancellable: *mut GCancellable,
    callback: GAsyncReadyCallback,
    callback_data: gpointer,
) -> *mut GTask {
    if let Some(answer) = forward_if_libgios!(
        Task,
        g_task_new(source_object, cancellable, callback, callback_data)
    ) {
        return answer;
    }
    let source_object = optional_object!(
        g_task_new(source_object),
        c"source_object == NULL || G_IS_OBJECT (source_object)"
    );
    let cancellable = optional_instance!(
        g_task_new(cancellable: Cancellable),
        c"!cancellable || G_IS_CANCELLABLE (cancellable)"
    );
    // SAFETY: the source object is NULL or live, and the callback may be called with its data.
    unsafe { Task::new(source_object.cast(), cancellable, callback, callback_data) }.into_raw()
}

/// Reports an error without starting anything: a task that has returned it already.
///
/// Takes `error` over ("transfer full"), which must not be NULL. `source_object` and `callback` may be NULL;
/// what is no object is a critical, and counts as NULL. `callback` is called in a later iteration of the main
/// context that is the thread-default one now, with `callback_data`, which is only passed through, and a task
/// that carries `source_tag`. Any thread.
#[no_mangle]
pub unsafe extern "C" fn g_task_report_error(
    source_object: gpointer,
    callback: GAsyncReadyCallback,
    callback_data: gpointer,
    source_tag: gpointer,
    error: *mut GError,
) {
    if let Some(answer) = forward_if_libgios!(
        Task,
        g_task_report_error(source_object, callback, callback_data, source_tag, error)
    ) {
        return answer;
    }
    let source_object = optional_object!(
        g_task_report_error(source_object),
        c"source_object == NULL || G_IS_OBJECT (source_object)"
    );
    // SAFETY: the caller hands the error over.
    let Some(error) = (unsafe { Error::adopt(error) }) else {
        return refuse!(g_task_return_error, c"error != NULL");
    };
    // SAFETY: as for g_task_new().
    unsafe {
        Task::report_error(
            source_object.cast(),
            callback,
            callback_data,
            source_tag,
            error,
        );
    }
}

/// Attaches data that the operation needs to the task.
///
/// Takes `task_data` over, NULL included; `task_data_destroy`, which may be NULL, frees it with the task or
/// when other data is set, which it is in this call. Where the task is released: see
/// `g_task_run_in_thread()`. Only the thread that runs the operation at the moment may call this.
#[no_mangle]
pub unsafe extern "C" fn g_task_set_task_data(
    task: *mut GTask,
    task_data: gpointer,
    task_data_destroy: GDestroyNotify,
) {
    // SAFETY: the caller hands the data over, with the function that frees it.
    let owned = || unsafe { Owned::new(task_data, task_data_destroy) };
    let Some(task) = instance!(task: Task) else {
        return forward_or_refuse!(
            g_task_set_task_data(task, task_data, task_data_destroy),
            c"G_IS_TASK (task)",
            drop(owned())
        );
    };
    task.set_task_data(owned());
}

/// Sets the priority of the sources that the task attaches and of its result; low numbers go first.
///
/// Without this call it is `G_PRIORITY_DEFAULT`. A task that runs in a thread is queued by it, too: so it is
/// set before. Only the thread that runs the operation at the moment may call this.
#[no_mangle]
pub unsafe extern "C" fn g_task_set_priority(task: *mut GTask, priority: c_int) {
    let Some(task) = instance!(task: Task) else {
        return forward_or_refuse!(g_task_set_priority(task, priority), c"G_IS_TASK (task)");
    };
    task.set_priority(priority);
}

/// Says whether a cancelled cancellable overrides what the task returned; TRUE unless this is called.
///
/// Must not be FALSE while return-on-cancel is set: that is a critical, and changes nothing. Only the thread
/// that runs the operation at the moment may call this.
#[no_mangle]
pub unsafe extern "C" fn g_task_set_check_cancellable(
    task: *mut GTask,
    check_cancellable: gboolean,
) {
    let Some(task) = instance!(task: Task) else {
        return forward_or_refuse!(
            g_task_set_check_cancellable(task, check_cancellable),
            c"G_IS_TASK (task)"
        );
    };
    if check_cancellable == 0 && task.return_on_cancel() {
        return refuse!(
            g_task_set_check_cancellable,
            c"check_cancellable || !task->return_on_cancel"
        );
    }
    task.set_check_cancellable(check_cancellable != 0);
}

/// Marks the task with the address of the function that started it, for finish functions to compare.
///
/// `source_tag` is never followed, and may be NULL. In C this is also a macro, which names an unnamed task
/// after the tag's text. Only before other threads see the task.
#[no_mangle]
pub unsafe extern "C" fn g_task_set_source_tag(task: *mut GTask, source_tag: gpointer) {
    let Some(task) = instance!(task: Task) else {
        return forward_or_refuse!(g_task_set_source_tag(task, source_tag), c"G_IS_TASK (task)");
    };
    task.set_source_tag(source_tag);
}

/// Names the task, for debuggers, profilers and the library's own messages.
///
/// Copies `name`; NULL takes the name away. In C this is also a macro, which keeps a constant string without
/// copying it. Only before other threads see the task.
#[no_mangle]
pub unsafe extern "C" fn g_task_set_name(task: *mut GTask, name: *const c_char) {
    let Some(task) = instance!(task: Task) else {
        return forward_or_refuse!(g_task_set_name(task, name), c"G_IS_TASK (task)");
    };
    // SAFETY: the name is NULL or a string, by the rules that all exports share.
    unsafe { task.set_name(name) };
}

/// Names the task with a string that lives as long as the program.
///
/// Keeps `name` without copying it; NULL takes the name away. Otherwise like `g_task_set_name()`.
#[no_mangle]
pub unsafe extern "C" fn g_task_set_static_name(task: *mut GTask, name: *const c_char) {
    let Some(task) = instance!(task: Task) else {
        return forward_or_refuse!(g_task_set_static_name(task, name), c"G_IS_TASK (task)");
    };
    // SAFETY: the name is NULL or a string that the caller never frees.
    unsafe { task.set_static_name(name) };
}

/// The object that the operation was started on, or NULL.
///
/// The task keeps its reference ("transfer none"); `g_async_result_get_source_object()` returns a new one.
/// Any thread.
#[no_mangle]
pub unsafe extern "C" fn g_task_get_source_object(task: *mut GTask) -> gpointer {
    let Some(task) = instance!(task: Task) else {
        return forward_or_refuse!(
            g_task_get_source_object(task),
            c"G_IS_TASK (task)",
            null_mut()
        );
    };
    task.source_object().cast()
}

/// The data that `g_task_set_task_data()` attached, or NULL.
///
/// The task keeps it ("transfer none"). Any thread, while nobody sets other data.
#[no_mangle]
pub unsafe extern "C" fn g_task_get_task_data(task: *mut GTask) -> gpointer {
    let Some(task) = instance!(task: Task) else {
        return forward_or_refuse!(g_task_get_task_data(task), c"G_IS_TASK (task)", null_mut());
    };
    task.task_data()
}

/// The task's priority.
///
/// Any thread, while nobody sets it.
#[no_mangle]
pub unsafe extern "C" fn g_task_get_priority(task: *mut GTask) -> c_int {
    let Some(task) = instance!(task: Task) else {
        return forward_or_refuse!(
            g_task_get_priority(task),
            c"G_IS_TASK (task)",
            G_PRIORITY_DEFAULT
        );
    };
    task.priority()
}

/// The main context in which the callback will be called; NULL is the global default one.
///
/// The task keeps its reference ("transfer none"). Any thread.
#[no_mangle]
pub unsafe extern "C" fn g_task_get_context(task: *mut GTask) -> *mut GMainContext {
    let Some(task) = instance!(task: Task) else {
        return forward_or_refuse!(g_task_get_context(task), c"G_IS_TASK (task)", null_mut());
    };
    task.context()
}

/// The task's cancellable, or NULL.
///
/// The task keeps its reference ("transfer none"). Any thread.
#[no_mangle]
pub unsafe extern "C" fn g_task_get_cancellable(task: *mut GTask) -> *mut GCancellable {
    let Some(task) = instance!(task: Task) else {
        return forward_or_refuse!(
            g_task_get_cancellable(task),
            c"G_IS_TASK (task)",
            null_mut()
        );
    };
    task.cancellable()
}

/// Whether a cancelled cancellable overrides what the task returned.
///
/// Any thread, while nobody sets it.
#[no_mangle]
pub unsafe extern "C" fn g_task_get_check_cancellable(task: *mut GTask) -> gboolean {
    let Some(task) = instance!(task: Task) else {
        return forward_or_refuse!(g_task_get_check_cancellable(task), c"G_IS_TASK (task)", 0);
    };
    task.check_cancellable().into()
}

/// The tag that `g_task_set_source_tag()` set, or NULL.
///
/// It is the caller's of that time, and is not to be followed. Any thread, while nobody sets it.
#[no_mangle]
pub unsafe extern "C" fn g_task_get_source_tag(task: *mut GTask) -> gpointer {
    let Some(task) = instance!(task: Task) else {
        return forward_or_refuse!(g_task_get_source_tag(task), c"G_IS_TASK (task)", null_mut());
    };
    task.source_tag()
}

/// The task's name, or NULL.
///
/// It belongs to the task, until the next name is set. Any thread, while nobody does that.
#[no_mangle]
pub unsafe extern "C" fn g_task_get_name(task: *mut GTask) -> *const c_char {
    let Some(task) = instance!(task: Task) else {
        return forward_or_refuse!(g_task_get_name(task), c"G_IS_TASK (task)", std::ptr::null());
    };
    task.name()
}

/// Whether the result is a task that was started on that source object; NULL matches none.
///
/// Accepts every result, and anything else that is NULL or a live instance: the answer is FALSE, without a
/// message. `source_object` is only compared. Any thread.
#[no_mangle]
pub unsafe extern "C" fn g_task_is_valid(result: gpointer, source_object: gpointer) -> gboolean {
    // SAFETY: NULL or a live instance, by the rules that all exports share; the source is only compared.
    if unsafe { Task::is_valid(result, source_object) } {
        return 1;
    }
    if let Some(answer) = forward_if_libgios!(Task, g_task_is_valid(result, source_object)) {
        return answer;
    }
    0
}

/// Runs a function in a worker thread; its result is delivered when the function has ended.
///
/// `task_func` must not be NULL. It gets the task, its source object, its data and its cancellable, which all
/// stay valid during the call without references of its own, and calls one of the return functions. It runs
/// even if the cancellable is already cancelled. If it ends without a result, the callback is called all the
/// same; whoever then fetches the result gets nothing, and a critical names the task. A task runs in a thread
/// once, and not after it has returned.
///
/// What is returned is not delivered before the function has ended, whoever returns it: an operation that is
/// to end earlier, because its time is over, sets return-on-cancel and cancels its cancellable.
///
/// While somebody iterates the task's context, the worker releases nothing that belongs to the task: that is
/// done in the context. Only the thread that runs the operation may call this, and then leaves the task to
/// the function.
#[no_mangle]
pub unsafe extern "C" fn g_task_run_in_thread(task: *mut GTask, task_func: GTaskThreadFunc) {
    let Some(task) = instance!(task: Task) else {
        return forward_or_refuse!(g_task_run_in_thread(task, task_func), c"G_IS_TASK (task)");
    };
    if task_func.is_none() {
        return refuse!(g_task_run_in_thread, c"task_func != NULL");
    }
    if task.returned_without_thread() {
        return refuse!(g_task_run_in_thread, c"!task->ever_returned");
    }
    // SAFETY: the function may be called on another thread, with what the task holds.
    let started = unsafe { task.run_in_thread(task_func) };
    if !started {
        refuse!(g_task_run_in_thread, c"!task->in_thread");
    }
}

/// Runs a function in a worker thread and waits until the result is there.
///
/// The callback is not called: the caller fetches the result from the task. If the system has no thread to
/// give, the function may run in the calling one. Otherwise like `g_task_run_in_thread()`.
#[no_mangle]
pub unsafe extern "C" fn g_task_run_in_thread_sync(task: *mut GTask, task_func: GTaskThreadFunc) {
    let Some(task) = instance!(task: Task) else {
        return forward_or_refuse!(
            g_task_run_in_thread_sync(task, task_func),
            c"G_IS_TASK (task)"
        );
    };
    if task_func.is_none() {
        return refuse!(g_task_run_in_thread_sync, c"task_func != NULL");
    }
    if task.returned_without_thread() {
        return refuse!(g_task_run_in_thread_sync, c"!task->ever_returned");
    }
    // SAFETY: the function may be called on another thread, with what the task holds.
    let started = unsafe { task.run_in_thread_sync(task_func) };
    if !started {
        refuse!(g_task_run_in_thread_sync, c"!task->in_thread");
    }
}

/// Says whether cancelling completes the task at once, while its function goes on in the background.
///
/// The result is then `G_IO_ERROR_CANCELLED`; what the function returns later is freed. FALSE is the answer
/// if it came too late: the task, which runs in a thread, has been cancelled. Needs check-cancellable, else
/// it is a critical. The thread that runs the operation may call this, the task function included.
#[no_mangle]
pub unsafe extern "C" fn g_task_set_return_on_cancel(
    task: *mut GTask,
    return_on_cancel: gboolean,
) -> gboolean {
    let Some(task) = instance!(task: Task) else {
        return forward_or_refuse!(
            g_task_set_return_on_cancel(task, return_on_cancel),
            c"G_IS_TASK (task)",
            0
        );
    };
    if !task.check_cancellable() && return_on_cancel != 0 {
        return refuse!(
            g_task_set_return_on_cancel,
            c"task->check_cancellable || !return_on_cancel",
            0
        );
    }
    task.set_return_on_cancel(return_on_cancel != 0).into()
}

/// Whether cancelling completes the task at once.
///
/// Any thread.
#[no_mangle]
pub unsafe extern "C" fn g_task_get_return_on_cancel(task: *mut GTask) -> gboolean {
    let Some(task) = instance!(task: Task) else {
        return forward_or_refuse!(g_task_get_return_on_cancel(task), c"G_IS_TASK (task)", 0);
    };
    task.return_on_cancel().into()
}

/// Attaches a source to the task's context, at its priority, with the task as its callback's data.
///
/// Neither `source` nor `callback` may be NULL. The source holds a reference to the task until it is
/// destroyed. The caller keeps its reference to the source, which gets the task's name if it has none. Only
/// the thread that runs the operation at the moment may call this.
#[no_mangle]
pub unsafe extern "C" fn g_task_attach_source(
    task: *mut GTask,
    source: *mut GSource,
    callback: GSourceFunc,
) {
    let Some(task) = instance!(task: Task) else {
        return forward_or_refuse!(
            g_task_attach_source(task, source, callback),
            c"G_IS_TASK (task)"
        );
    };
    // SAFETY: the source is NULL or live, and the callback takes a task as its data.
    unsafe { task.attach_source(source, callback) };
}
