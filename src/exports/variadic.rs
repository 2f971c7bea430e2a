//! What `variadic.c` calls, and no program: `exports.map` does not have these names.

use std::ffi::{c_char, CStr};

use glib_sys::GError;
use gobject_sys::GTypeInstance;

use crate::classes::task::outcome::Outcome;
use crate::classes::task::{GTask, Task};
use crate::glib::error::Error;
use crate::gobject::object::Instance;
use crate::gobject::precondition::{refused, refused_instance};
use crate::libgio::forward::forward;

/// `g_task_return_prefixed_error()` once its prefix is formatted. The criticals bear that name.
///
/// Takes `error` over ("transfer full"). `prefix` is NULL if there was no format.
#[no_mangle]
pub unsafe extern "C" fn asyncresult_return_prefixed_error(
    task: *mut GTask,
    error: *mut GError,
    prefix: *const c_char,
) {
    const FUNCTION: &CStr = c"g_task_return_prefixed_error";
    let refuse = |text| refused(FUNCTION, text);
    // SAFETY: the caller hands the error over.
    let owned = || unsafe { Error::adopt(error) };
    // SAFETY: NULL, or a live GTypeInstance, by the rules that all exports share.
    let Some(returning) = (unsafe { Task::from_pointer(task) }) else {
        if !prefix.is_null() {
            // SAFETY: the error is NULL or valid, and the prefix is a string.
            unsafe { Error::prefix(error, prefix) };
            // The libgio that we stepped back to may be too old for prefixes.
            if let Some(()) = forward!(g_task_return_error(task, error)) {
                return;
            }
        }
        drop(owned());
        return refused_instance(FUNCTION, c"G_IS_TASK (task)", task.cast());
    };
    let Some(owned) = owned() else {
        return refuse(if returning.ever_returned() {
            c"!task->ever_returned"
        } else {
            c"error != NULL"
        });
    };
    if prefix.is_null() && !returning.ever_returned() {
        drop(owned);
        return refuse(c"format != NULL");
    }
    if !returning.begin_return() {
        // It gets no prefix: the task may own this very error.
        returning.discard(Outcome::Error(owned));
        return refuse(c"!task->ever_returned");
    }
    // SAFETY: the error is valid, and the prefix is a string.
    unsafe { Error::prefix(error, prefix) };
    returning.finish_return(Outcome::Error(owned));
}

/// Logs the failed assertion `text` of a function.
#[no_mangle]
pub unsafe extern "C" fn asyncresult_refused(function: *const c_char, text: *const c_char) {
    // SAFETY: two strings.
    unsafe { refused(CStr::from_ptr(function), CStr::from_ptr(text)) };
}

/// The same, of an argument that had to be an instance.
#[no_mangle]
pub unsafe extern "C" fn asyncresult_refused_instance(
    function: *const c_char,
    text: *const c_char,
    instance: *mut GTypeInstance,
) {
    // SAFETY: two strings, and NULL or a live instance.
    unsafe { refused_instance(CStr::from_ptr(function), CStr::from_ptr(text), instance) };
}
