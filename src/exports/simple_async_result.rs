//! `g_simple_async_*`: the older kind of result, deprecated in favour of GTask but complete.

#![allow(
    deprecated,
    reason = "the attribute is for the C header; here each function names itself"
)]

use std::ffi::c_int;
use std::ptr::null_mut;

use glib_sys::{gboolean, gpointer, GDestroyNotify, GError, GType};
use gobject_sys::GObject;

use crate::classes::async_result::{GAsyncReadyCallback, GAsyncResult};
use crate::classes::cancellable::GCancellable;
use crate::classes::simple_async_result::SimpleAsyncResult;
use crate::glib::callback::Owned;
use crate::glib::error::Error;
use crate::gobject::object::{is_null_or_object, Instance};
use crate::gobject::precondition::{
    forward_if_libgios, forward_or_refuse, instance, optional_instance, refuse,
};

pub use crate::classes::simple_async_result::{GSimpleAsyncResult, GSimpleAsyncThreadFunc};

/// The type of GSimpleAsyncResult; registered on the first call.
///
/// May be called from any thread.
#[no_mangle]
pub extern "C" fn g_simple_async_result_get_type() -> GType {
    SimpleAsyncResult::type_()
}

/// A new result of an operation that starts now.
///
/// The caller owns the reference ("transfer full"). `source_object` may be NULL, else a reference is held;
/// `callback` may be NULL, else it is called with `user_data` by a completing call, in the context that is
/// the thread-default one now. `source_tag` is compared, never followed.
#[deprecated]
#[no_mangle]
pub unsafe extern "C" fn g_simple_async_result_new(
    source_object: *mut GObject,
    callback: GAsyncReadyCallback,
    user_data: gpointer,
    source_tag: gpointer,
) -> *mut GSimpleAsyncResult {
    if let Some(answer) = forward_if_libgios!(
        GSimpleAsyncResult,
        g_simple_async_result_new(source_object, callback, user_data, source_tag)
    ) {
        return answer;
    }
    // SAFETY: NULL or a live instance.
    if !unsafe { is_null_or_object(source_object.cast()) } {
        return refuse!(
            g_simple_async_result_new,
            c"!source_object || G_IS_OBJECT (source_object)",
            null_mut()
        );
    }
    // SAFETY: checked above; the rest is as all exports are promised.
    unsafe { SimpleAsyncResult::new(source_object, callback, user_data, source_tag) }.into_raw()
}

/// A new result, without a tag, that holds a copy of an error.
///
/// As g_simple_async_result_new(); `error` stays the caller's. If it is NULL, which is a critical, the result
/// holds none.
#[deprecated]
#[no_mangle]
pub unsafe extern "C" fn g_simple_async_result_new_from_error(
    source_object: *mut GObject,
    callback: GAsyncReadyCallback,
    user_data: gpointer,
    error: *const GError,
) -> *mut GSimpleAsyncResult {
    if let Some(answer) = forward_if_libgios!(
        GSimpleAsyncResult,
        g_simple_async_result_new_from_error(source_object, callback, user_data, error)
    ) {
        return answer;
    }
    // SAFETY: NULL or a live instance.
    if !unsafe { is_null_or_object(source_object.cast()) } {
        return refuse!(
            g_simple_async_result_new_from_error,
            c"!source_object || G_IS_OBJECT (source_object)",
            null_mut()
        );
    }
    // SAFETY: checked above; the setter checks the error, under its own name, as in GIO.
    unsafe {
        let simple = SimpleAsyncResult::new(source_object, callback, user_data, null_mut());
        let simple = simple.into_raw();
        g_simple_async_result_set_from_error(simple, error);
        simple
    }
}

/// A new result, without a tag, that takes over an error.
///
/// As g_simple_async_result_new(); `error` is "transfer full". If it is NULL, which is a critical, the result
/// holds none.
#[deprecated]
#[no_mangle]
pub unsafe extern "C" fn g_simple_async_result_new_take_error(
    source_object: *mut GObject,
    callback: GAsyncReadyCallback,
    user_data: gpointer,
    error: *mut GError,
) -> *mut GSimpleAsyncResult {
    if let Some(answer) = forward_if_libgios!(
        GSimpleAsyncResult,
        g_simple_async_result_new_take_error(source_object, callback, user_data, error)
    ) {
        return answer;
    }
    // SAFETY: the error is handed over, also to a call that is refused.
    let error = unsafe { Error::adopt(error) };
    // SAFETY: NULL or a live instance.
    if !unsafe { is_null_or_object(source_object.cast()) } {
        return refuse!(
            g_simple_async_result_new_take_error,
            c"!source_object || G_IS_OBJECT (source_object)",
            null_mut()
        );
    }
    // SAFETY: checked above; the setter checks the error, under its own name, as in GIO.
    unsafe {
        let simple = SimpleAsyncResult::new(source_object, callback, user_data, null_mut());
        let simple = simple.into_raw();
        g_simple_async_result_take_error(simple, error.map_or(null_mut(), Error::into_raw));
        simple
    }
}

/// Sets the result to a pointer, and frees an earlier one.
///
/// `destroy_op_res`, if not NULL, is called with `op_res` once: when another result replaces it, or at the
/// end, on whichever thread that happens. It is also called if the call is refused.
#[deprecated]
#[no_mangle]
pub unsafe extern "C" fn g_simple_async_result_set_op_res_gpointer(
    simple: *mut GSimpleAsyncResult,
    op_res: gpointer,
    destroy_op_res: GDestroyNotify,
) {
    // SAFETY: the data is handed over, also to a call that is refused.
    let refused = || drop(unsafe { Owned::new(op_res, destroy_op_res) });
    let Some(simple) = instance!(simple: GSimpleAsyncResult) else {
        return forward_or_refuse!(
            g_simple_async_result_set_op_res_gpointer(simple, op_res, destroy_op_res),
            c"G_IS_SIMPLE_ASYNC_RESULT (simple)",
            refused()
        );
    };
    // SAFETY: the notify is now called by the result, and by nobody else.
    unsafe { simple.set_pointer(op_res, destroy_op_res) };
}

/// The result, if it is a pointer; NULL before one is set.
///
/// It stays the result's.
#[deprecated]
#[no_mangle]
pub unsafe extern "C" fn g_simple_async_result_get_op_res_gpointer(
    simple: *mut GSimpleAsyncResult,
) -> gpointer {
    let Some(simple) = instance!(simple: GSimpleAsyncResult) else {
        return forward_or_refuse!(
            g_simple_async_result_get_op_res_gpointer(simple),
            c"G_IS_SIMPLE_ASYNC_RESULT (simple)",
            null_mut()
        );
    };
    simple.pointer()
}

/// Sets the result to a number, and frees an earlier one.
#[deprecated]
#[no_mangle]
pub unsafe extern "C" fn g_simple_async_result_set_op_res_gssize(
    simple: *mut GSimpleAsyncResult,
    op_res: isize,
) {
    let Some(simple) = instance!(simple: GSimpleAsyncResult) else {
        return forward_or_refuse!(
            g_simple_async_result_set_op_res_gssize(simple, op_res),
            c"G_IS_SIMPLE_ASYNC_RESULT (simple)"
        );
    };
    simple.set_number(op_res);
}

/// The result, if it is a number; 0 before one is set.
#[deprecated]
#[no_mangle]
pub unsafe extern "C" fn g_simple_async_result_get_op_res_gssize(
    simple: *mut GSimpleAsyncResult,
) -> isize {
    let Some(simple) = instance!(simple: GSimpleAsyncResult) else {
        return forward_or_refuse!(
            g_simple_async_result_get_op_res_gssize(simple),
            c"G_IS_SIMPLE_ASYNC_RESULT (simple)",
            0
        );
    };
    simple.number()
}

/// Sets the result to a boolean, and frees an earlier one.
#[deprecated]
#[no_mangle]
pub unsafe extern "C" fn g_simple_async_result_set_op_res_gboolean(
    simple: *mut GSimpleAsyncResult,
    op_res: gboolean,
) {
    let Some(simple) = instance!(simple: GSimpleAsyncResult) else {
        return forward_or_refuse!(
            g_simple_async_result_set_op_res_gboolean(simple, op_res),
            c"G_IS_SIMPLE_ASYNC_RESULT (simple)"
        );
    };
    simple.set_boolean(op_res != 0);
}

/// The result, if it is a boolean: exactly TRUE or FALSE. FALSE before one is set.
#[deprecated]
#[no_mangle]
pub unsafe extern "C" fn g_simple_async_result_get_op_res_gboolean(
    simple: *mut GSimpleAsyncResult,
) -> gboolean {
    let Some(simple) = instance!(simple: GSimpleAsyncResult) else {
        return forward_or_refuse!(
            g_simple_async_result_get_op_res_gboolean(simple),
            c"G_IS_SIMPLE_ASYNC_RESULT (simple)",
            0
        );
    };
    simple.boolean().into()
}

/// Sets what g_simple_async_result_propagate_error() looks at first: if it is cancelled, that is the error.
///
/// NULL removes it; else a reference is held.
#[no_mangle]
pub unsafe extern "C" fn g_simple_async_result_set_check_cancellable(
    simple: *mut GSimpleAsyncResult,
    check_cancellable: *mut GCancellable,
) {
    let Some(simple) = instance!(simple: GSimpleAsyncResult) else {
        return forward_or_refuse!(
            g_simple_async_result_set_check_cancellable(simple, check_cancellable),
            c"G_IS_SIMPLE_ASYNC_RESULT (simple)"
        );
    };
    // SAFETY: NULL or a live instance.
    let cancellable = unsafe { GCancellable::from_pointer(check_cancellable) };
    if !check_cancellable.is_null() && cancellable.is_none() {
        return refuse!(
            g_simple_async_result_set_check_cancellable,
            c"check_cancellable == NULL || G_IS_CANCELLABLE (check_cancellable)"
        );
    }
    simple.set_check_cancellable(cancellable);
}

/// The tag that the result was made with.
#[deprecated]
#[no_mangle]
pub unsafe extern "C" fn g_simple_async_result_get_source_tag(
    simple: *mut GSimpleAsyncResult,
) -> gpointer {
    let Some(simple) = instance!(simple: GSimpleAsyncResult) else {
        return forward_or_refuse!(
            g_simple_async_result_get_source_tag(simple),
            c"G_IS_SIMPLE_ASYNC_RESULT (simple)",
            null_mut()
        );
    };
    simple.source_tag()
}

/// Whether g_simple_async_result_run_in_thread() turns cancellation into an error by itself; it does by
/// default.
///
/// To be set before that call.
#[deprecated]
#[no_mangle]
pub unsafe extern "C" fn g_simple_async_result_set_handle_cancellation(
    simple: *mut GSimpleAsyncResult,
    handle_cancellation: gboolean,
) {
    let Some(simple) = instance!(simple: GSimpleAsyncResult) else {
        return forward_or_refuse!(
            g_simple_async_result_set_handle_cancellation(simple, handle_cancellation),
            c"G_IS_SIMPLE_ASYNC_RESULT (simple)"
        );
    };
    simple.set_handle_cancellation(handle_cancellation != 0);
}

/// Calls the callback now, before returning.
///
/// To be called in the result's own context, and not from the call that started the operation. A reference is
/// held meanwhile.
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
/// May be called from any thread. A reference is held until then.
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
/// A lower `io_priority` runs earlier. `cancellable` may be NULL; else a reference is held, and while `func`
/// runs it is that thread's current one. If it is cancelled before the start, `func` is not run; if before
/// the callback, the result is G_IO_ERROR_CANCELLED; neither, if
/// g_simple_async_result_set_handle_cancellation() says so.
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

/// Makes a copy of an error the result, in place of an earlier error.
///
/// `error` stays the caller's.
#[deprecated]
#[no_mangle]
pub unsafe extern "C" fn g_simple_async_result_set_from_error(
    simple: *mut GSimpleAsyncResult,
    error: *const GError,
) {
    let Some(simple) = instance!(simple: GSimpleAsyncResult) else {
        return forward_or_refuse!(
            g_simple_async_result_set_from_error(simple, error),
            c"G_IS_SIMPLE_ASYNC_RESULT (simple)"
        );
    };
    if error.is_null() {
        return refuse!(g_simple_async_result_set_from_error, c"error != NULL");
    }
    // SAFETY: a valid error, as it is not NULL.
    simple.set_error(unsafe { Error::copy(error) });
}

/// Makes an error the result, in place of an earlier one.
///
/// `error` is "transfer full", also if the call is refused.
#[deprecated]
#[no_mangle]
pub unsafe extern "C" fn g_simple_async_result_take_error(
    simple: *mut GSimpleAsyncResult,
    error: *mut GError,
) {
    // SAFETY: the error is handed over, also to a call that is refused.
    let taken = || unsafe { Error::adopt(error) };
    let Some(simple) = instance!(simple: GSimpleAsyncResult) else {
        return forward_or_refuse!(
            g_simple_async_result_take_error(simple, error),
            c"G_IS_SIMPLE_ASYNC_RESULT (simple)",
            drop(taken())
        );
    };
    match taken() {
        Some(taken) => simple.set_error(taken),
        None => refuse!(g_simple_async_result_take_error, c"error != NULL"),
    }
}

/// Says whether the operation failed, and moves its error to the caller.
///
/// `dest` may be NULL; what it gets belongs to the caller. To be called once, by the finish function.
#[deprecated]
#[no_mangle]
pub unsafe extern "C" fn g_simple_async_result_propagate_error(
    simple: *mut GSimpleAsyncResult,
    dest: *mut *mut GError,
) -> gboolean {
    let Some(simple) = instance!(simple: GSimpleAsyncResult) else {
        return forward_or_refuse!(
            g_simple_async_result_propagate_error(simple, dest),
            c"G_IS_SIMPLE_ASYNC_RESULT (simple)",
            0
        );
    };
    // SAFETY: NULL or an error variable.
    unsafe { simple.propagate_error(dest) }.into()
}

/// Whether `result` is a GSimpleAsyncResult of an operation on `source` that was started with `source_tag`.
///
/// A NULL tag, here or in the result, matches every tag. Never logs.
#[deprecated]
#[no_mangle]
pub unsafe extern "C" fn g_simple_async_result_is_valid(
    result: *mut GAsyncResult,
    source: *mut GObject,
    source_tag: gpointer,
) -> gboolean {
    if let Some(answer) = forward_if_libgios!(
        GSimpleAsyncResult,
        g_simple_async_result_is_valid(result, source, source_tag)
    ) {
        return answer;
    }
    // SAFETY: NULL or a live instance.
    unsafe { SimpleAsyncResult::is_valid(result.cast(), source, source_tag) }.into()
}

/// Reports a copy of an error in a later iteration of the context that is the thread-default one now.
///
/// `object` and `callback` may be NULL; `error` stays the caller's.
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
        return refuse!(
            g_simple_async_report_gerror_in_idle,
            c"!object || G_IS_OBJECT (object)"
        );
    }
    if error.is_null() {
        return refuse!(g_simple_async_report_gerror_in_idle, c"error != NULL");
    }
    // SAFETY: checked above; the rest is as all exports are promised.
    unsafe {
        SimpleAsyncResult::report_in_idle(object, callback, user_data, Error::copy(error));
    }
}

/// Reports an error in a later iteration of the context that is the thread-default one now.
///
/// `object` and `callback` may be NULL; `error` is "transfer full", also if the call is refused.
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
        return refuse!(
            g_simple_async_report_take_gerror_in_idle,
            c"!object || G_IS_OBJECT (object)"
        );
    }
    match taken {
        // SAFETY: checked above; the rest is as all exports are promised.
        Some(error) => unsafe {
            SimpleAsyncResult::report_in_idle(object, callback, user_data, error);
        },
        None => refuse!(g_simple_async_report_take_gerror_in_idle, c"error != NULL"),
    }
}
