//! `g_task_return_*` and `g_task_propagate_*`: how a result gets into a task, and out again.

use std::ffi::{c_char, c_int};
use std::ptr::null_mut;

use glib_sys::{gboolean, gpointer, GDestroyNotify, GError, GQuark};
use gobject_sys::GValue;

use crate::classes::task::outcome::Outcome;
use crate::classes::task::{GTask, Task, Unpropagated};
use crate::glib::callback::Owned;
use crate::glib::error::Error;
use crate::glib::value::OwnedValue;
use crate::gobject::precondition::{forward_or_refuse, instance, refuse};

/// Completes the task with a pointer.
///
/// Takes `result` over, NULL included. `result_destroy`, which may be NULL, frees it if nobody fetches it, or
/// if the task had returned before.
///
/// Of all the return functions one counts, once: another is a critical, and changes nothing. The thread that
/// runs the operation may call it. The callback is called before it returns if this thread is dispatching a
/// source of the task's context in a later iteration than the one that made the task; else in an iteration to
/// come, or when the function of a worker has ended.
#[no_mangle]
pub unsafe extern "C" fn g_task_return_pointer(
    task: *mut GTask,
    result: gpointer,
    result_destroy: GDestroyNotify,
) {
    // SAFETY: the caller hands the result over, with the function that frees it.
    let owned = || unsafe { Owned::unless_null(result, result_destroy) };
    let Some(task) = instance!(task: Task) else {
        return forward_or_refuse!(
            g_task_return_pointer(task, result, result_destroy),
            c"G_IS_TASK (task)",
            drop(owned())
        );
    };
    if !task.begin_return() {
        task.discard(Outcome::Pointer(owned()));
        return refuse!(g_task_return_pointer, c"!task->ever_returned");
    }
    task.finish_return(Outcome::Pointer(owned()));
}

/// Completes the task with a truth value.
///
/// Like `g_task_return_pointer()`, with nothing to free.
#[no_mangle]
pub unsafe extern "C" fn g_task_return_boolean(task: *mut GTask, result: gboolean) {
    let Some(task) = instance!(task: Task) else {
        return forward_or_refuse!(g_task_return_boolean(task, result), c"G_IS_TASK (task)");
    };
    if !task.begin_return() {
        return refuse!(g_task_return_boolean, c"!task->ever_returned");
    }
    task.finish_return(Outcome::Boolean(result));
}

/// Completes the task with a number.
///
/// Like `g_task_return_pointer()`, with nothing to free.
#[no_mangle]
pub unsafe extern "C" fn g_task_return_int(task: *mut GTask, result: isize) {
    let Some(task) = instance!(task: Task) else {
        return forward_or_refuse!(g_task_return_int(task, result), c"G_IS_TASK (task)");
    };
    if !task.begin_return() {
        return refuse!(g_task_return_int, c"!task->ever_returned");
    }
    task.finish_return(Outcome::Int(result));
}

/// Completes the task with an error.
///
/// Takes `error` over ("transfer full"), also when the task had returned before. It must not be NULL.
/// Otherwise like `g_task_return_pointer()`.
#[no_mangle]
pub unsafe extern "C" fn g_task_return_error(task: *mut GTask, error: *mut GError) {
    // SAFETY: the caller hands the error over.
    let owned = || unsafe { Error::adopt(error) };
    let Some(task) = instance!(task: Task) else {
        return forward_or_refuse!(
            g_task_return_error(task, error),
            c"G_IS_TASK (task)",
            drop(owned())
        );
    };
    let Some(error) = owned() else {
        if task.ever_returned() {
            return refuse!(g_task_return_error, c"!task->ever_returned");
        }
        return refuse!(g_task_return_error, c"error != NULL");
    };
    if !task.begin_return() {
        task.discard(Outcome::Error(error));
        return refuse!(g_task_return_error, c"!task->ever_returned");
    }
    task.finish_return(Outcome::Error(error));
}

/// Completes the task with a new error whose message is taken as it is, without any formatting.
///
/// Copies `message`, which must not be NULL. `domain` must not be 0. Otherwise like
/// `g_task_return_pointer()`.
#[no_mangle]
pub unsafe extern "C" fn g_task_return_new_error_literal(
    task: *mut GTask,
    domain: GQuark,
    code: c_int,
    message: *const c_char,
) {
    if domain == 0 {
        return refuse!(g_task_return_new_error_literal, c"domain != 0");
    }
    if message.is_null() {
        return refuse!(g_task_return_new_error_literal, c"message != NULL");
    }
    // SAFETY: the message is a string; the task is passed on as it came.
    unsafe { g_task_return_error(task, Error::literal(domain, code, message).into_raw()) };
}

/// Completes the task with a copy of a GValue; NULL stands for a NULL pointer.
///
/// `result` stays the caller's ("transfer none"). Otherwise like `g_task_return_pointer()`.
#[no_mangle]
pub unsafe extern "C" fn g_task_return_value(task: *mut GTask, result: *mut GValue) {
    let Some(task) = instance!(task: Task) else {
        return forward_or_refuse!(g_task_return_value(task, result), c"G_IS_TASK (task)");
    };
    if !task.begin_return() {
        return refuse!(g_task_return_value, c"!task->ever_returned");
    }
    // SAFETY: the value is NULL or valid, by the rules that all exports share.
    task.finish_return(Outcome::Value(unsafe { OwnedValue::copy(result) }));
}

/// Completes the task with an error if its cancellable is cancelled, and says whether it did.
///
/// Also when the cancellable is otherwise not checked. TRUE means that nothing else must be returned.
/// Otherwise like `g_task_return_pointer()`.
#[no_mangle]
pub unsafe extern "C" fn g_task_return_error_if_cancelled(task: *mut GTask) -> gboolean {
    let Some(task) = instance!(task: Task) else {
        return forward_or_refuse!(
            g_task_return_error_if_cancelled(task),
            c"G_IS_TASK (task)",
            0
        );
    };
    match task.return_error_if_cancelled() {
        Some(returned) => returned.into(),
        None => refuse!(g_task_return_error_if_cancelled, c"!task->ever_returned", 0),
    }
}

/// Moves a pointer result to the caller, who owns it then; or the error.
///
/// NULL with an error if the task failed or is cancelled. The result can be fetched once: a second time, or
/// before anything was returned, is a critical and leaves `error` alone. `error` may be NULL. Called by
/// finish functions, in the thread that runs the callback; after `g_task_run_in_thread_sync()` in the one
/// that waited.
#[no_mangle]
pub unsafe extern "C" fn g_task_propagate_pointer(
    task: *mut GTask,
    error: *mut *mut GError,
) -> gpointer {
    let Some(task) = instance!(task: Task) else {
        return forward_or_refuse!(
            g_task_propagate_pointer(task, error),
            c"G_IS_TASK (task)",
            null_mut()
        );
    };
    // SAFETY: the error's place is as all exports are promised.
    match unsafe { task.propagate(error, Outcome::take_pointer) } {
        Ok(pointer) => pointer,
        Err(Unpropagated::Failed) => null_mut(),
        Err(Unpropagated::Nothing) => {
            refuse!(g_task_propagate_pointer, c"task->result_set", null_mut())
        }
    }
}

/// Gives a truth value to the caller; or the error.
///
/// FALSE with an error if the task failed or is cancelled. Otherwise like `g_task_propagate_pointer()`.
#[no_mangle]
pub unsafe extern "C" fn g_task_propagate_boolean(
    task: *mut GTask,
    error: *mut *mut GError,
) -> gboolean {
    let Some(task) = instance!(task: Task) else {
        return forward_or_refuse!(
            g_task_propagate_boolean(task, error),
            c"G_IS_TASK (task)",
            0
        );
    };
    // SAFETY: the error's place is as all exports are promised.
    match unsafe { task.propagate(error, Outcome::take_boolean) } {
        Ok(truth) => truth,
        Err(Unpropagated::Failed) => 0,
        Err(Unpropagated::Nothing) => refuse!(g_task_propagate_boolean, c"task->result_set", 0),
    }
}

/// Gives a number to the caller; or the error.
///
/// -1 with an error if the task failed or is cancelled. Otherwise like `g_task_propagate_pointer()`.
#[no_mangle]
pub unsafe extern "C" fn g_task_propagate_int(task: *mut GTask, error: *mut *mut GError) -> isize {
    let Some(task) = instance!(task: Task) else {
        return forward_or_refuse!(g_task_propagate_int(task, error), c"G_IS_TASK (task)", -1);
    };
    // SAFETY: the error's place is as all exports are promised.
    match unsafe { task.propagate(error, Outcome::take_int) } {
        Ok(number) => number,
        Err(Unpropagated::Failed) => -1,
        Err(Unpropagated::Nothing) => refuse!(g_task_propagate_int, c"task->result_set", -1),
    }
}

/// Moves a GValue result to the caller; or the error.
///
/// `value` must not be NULL, and must be zeroed or unset; TRUE says that it was initialized, and then the
/// caller unsets it. A result that is no GValue is a critical, and stays. Otherwise like
/// `g_task_propagate_pointer()`.
#[no_mangle]
pub unsafe extern "C" fn g_task_propagate_value(
    task: *mut GTask,
    value: *mut GValue,
    error: *mut *mut GError,
) -> gboolean {
    let Some(task) = instance!(task: Task) else {
        return forward_or_refuse!(
            g_task_propagate_value(task, value, error),
            c"G_IS_TASK (task)",
            0
        );
    };
    if value.is_null() {
        return refuse!(g_task_propagate_value, c"value != NULL", 0);
    }
    // SAFETY: NULL or a place for an error, as all exports are promised.
    if unsafe { error.as_ref() }.is_some_and(|error| !error.is_null()) {
        return refuse!(
            g_task_propagate_value,
            c"error == NULL || *error == NULL",
            0
        );
    }
    // If the task is cancelled, that is the answer, whatever it returned.
    if !task.had_error() && task.holds_no_value() {
        return refuse!(
            g_task_propagate_value,
            c"task->result_destroy == value_free",
            0
        );
    }
    // SAFETY: the error's place is as all exports are promised, and the value's place holds nothing.
    match unsafe { task.propagate(error, |outcome| outcome.take_value(value)) } {
        Ok(moved) => moved.into(),
        Err(Unpropagated::Failed) => 0,
        Err(Unpropagated::Nothing) => refuse!(g_task_propagate_value, c"task->result_set", 0),
    }
}

/// Whether the task failed: an error was returned, or its cancellable is cancelled.
///
/// Also after the error was fetched. A cancelled cancellable counts only if it is checked. Any thread.
#[no_mangle]
pub unsafe extern "C" fn g_task_had_error(task: *mut GTask) -> gboolean {
    let Some(task) = instance!(task: Task) else {
        return forward_or_refuse!(g_task_had_error(task), c"G_IS_TASK (task)", 0);
    };
    task.had_error().into()
}

/// Whether the callback has been called: FALSE during the callback, TRUE right after it.
///
/// The property of the same name is notified when this changes, in the task's context. Any thread.
#[no_mangle]
pub unsafe extern "C" fn g_task_get_completed(task: *mut GTask) -> gboolean {
    let Some(task) = instance!(task: Task) else {
        return forward_or_refuse!(g_task_get_completed(task), c"G_IS_TASK (task)", 0);
    };
    task.completed().into()
}
