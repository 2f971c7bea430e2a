//! `g_simple_async_result_complete*`, `g_simple_async_report_*`: when the callback is called.

use std::ffi::c_int;

use glib_sys::{gpointer, GError};
use gobject_sys::GObject;

use super::{GSimpleAsyncResult, GSimpleAsyncThreadFunc};
use crate::classes::async_result::GAsyncReadyCallback;
use crate::classes::cancellable::GCancellable;
use crate::classes::simple_async_result::SimpleAsyncResult;
use crate::glib::error::Error;
use crate::gobject::object::is_null_or_object;
use crate::gobject::precondition::{
    forward_if_libgios, forward_or_refuse, instance, optional_instance, refuse, refuse_instance,
};

/// Calls the callback now, before returning.
///
/// To be called in a thread that iterates the result's own context, and not inside the call that started the
/// operation. A reference is held until the callback has returned.
#[deprecated]
#[no_mangle]
pub unsafe extern "C" fn g_simple_async_result_complete(simple: *mut GSimpleAsyncResult) {
    let Some(simple) = instance!(simple: GSimpleAsyncResult) else {
        return forward_or_refuse!(
            g_simple_async_result_complete(simple),
            c"G_IS_SIMPLE_ASYNC_RESULT (simple)"
        );
    };
    simple.complete();
}

/// Calls the callback in a later iteration of the result's context.
///
/// Any thread. A reference is held until then.
#[deprecated]
#[no_mangle]
pub unsafe extern "C" fn g_simple_async_result_complete_in_idle(simple: *mut GSimpleAsyncResult) {
    let Some(simple) = instance!(simple: GSimpleAsyncResult) else {
        return forward_or_refuse!(
            g_simple_async_result_complete_in_idle(simple),
            c"G_IS_SIMPLE_ASYNC_RESULT (simple)"
        );
    };
    simple.complete_in_idle();
}

/// Runs `func` on another thread, then calls the callback in a later iteration of the result's context.
///
/// `func` must not be NULL. A lower `io_priority` runs earlier. `cancellable` may be NULL; otherwise a
/// reference is held, and it is the current one of the thread while `func` runs. If it is cancelled before
/// the start, `func` is not run. If it is cancelled before the start or before the callback, the result is
/// G_IO_ERROR_CANCELLED. g_simple_async_result_set_handle_cancellation() can switch both off.
#[deprecated]
#[no_mangle]
pub unsafe extern "C" fn g_simple_async_result_run_in_thread(
    simple: *mut GSimpleAsyncResult,
    func: GSimpleAsyncThreadFunc,
    io_priority: c_int,
    cancellable: *mut GCancellable,
) {
    let Some(simple) = instance!(simple: GSimpleAsyncResult) else {
        return forward_or_refuse!(
            g_simple_async_result_run_in_thread(simple, func, io_priority, cancellable),
            c"G_IS_SIMPLE_ASYNC_RESULT (simple)"
        );
    };
    if func.is_none() {
        return refuse!(g_simple_async_result_run_in_thread, c"func != NULL");
    }
    let cancellable = optional_instance!(
        g_simple_async_result_run_in_thread(cancellable: GCancellable),
        c"!cancellable || G_IS_CANCELLABLE (cancellable)"
    );
    simple.run_in_thread(func, io_priority, cancellable);
}

/// Reports a copy of an error in a later iteration of the context that is the thread-default one now.
///
/// `object` and `callback` may be NULL, and `user_data` is only passed through. `error` must not be NULL, and
/// stays the caller's. Any thread.
#[deprecated]
#[no_mangle]
pub unsafe extern "C" fn g_simple_async_report_gerror_in_idle(
    object: *mut GObject,
    callback: GAsyncReadyCallback,
    user_data: gpointer,
    error: *const GError,
) {
    if let Some(answer) = forward_if_libgios!(
        GSimpleAsyncResult,
        g_simple_async_report_gerror_in_idle(object, callback, user_data, error)
    ) {
        return answer;
    }
    // SAFETY: NULL or a live instance.
    if !unsafe { is_null_or_object(object.cast()) } {
        return refuse_instance!(
            g_simple_async_report_gerror_in_idle(object),
            c"!object || G_IS_OBJECT (object)"
        );
    }
    if error.is_null() {
        return refuse!(g_simple_async_report_gerror_in_idle, c"error != NULL");
    }
    // SAFETY: checked above; the rest by the rules that all exports share.
    unsafe {
        SimpleAsyncResult::report_in_idle(object, callback, user_data, Error::copy(error));
    }
}

/// Reports an error in a later iteration of the context that is the thread-default one now.
///
/// `object` and `callback` may be NULL, and `user_data` is only passed through. `error` must not be NULL, and
/// is taken over ("transfer full"), also if the call is refused. Any thread.
#[deprecated]
#[no_mangle]
pub unsafe extern "C" fn g_simple_async_report_take_gerror_in_idle(
    object: *mut GObject,
    callback: GAsyncReadyCallback,
    user_data: gpointer,
    error: *mut GError,
) {
    if let Some(answer) = forward_if_libgios!(
        GSimpleAsyncResult,
        g_simple_async_report_take_gerror_in_idle(object, callback, user_data, error)
    ) {
        return answer;
    }
    // SAFETY: the error is handed over, also to a call that is refused.
    let taken = unsafe { Error::adopt(error) };
    // SAFETY: NULL or a live instance.
    if !unsafe { is_null_or_object(object.cast()) } {
        return refuse_instance!(
            g_simple_async_report_take_gerror_in_idle(object),
            c"!object || G_IS_OBJECT (object)"
        );
    }
    match taken {
        // SAFETY: checked above; the rest by the rules that all exports share.
        Some(error) => unsafe {
            SimpleAsyncResult::report_in_idle(object, callback, user_data, error);
        },
        None => refuse!(g_simple_async_report_take_gerror_in_idle, c"error != NULL"),
    }
}
