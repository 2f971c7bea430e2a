//! `g_simple_async_result_*`: the older kind of result, which is deprecated. What becomes of an operation:
//! `simple_async_result/result.rs`. When the callback is called: `simple_async_result/completing.rs`.

#![allow(
    deprecated,
    reason = "the attribute is for the C header; here each function names itself"
)]

mod completing;
mod result;

use std::ptr::null_mut;

use glib_sys::{gboolean, gpointer, GError, GType};
use gobject_sys::GObject;

use crate::classes::async_result::{GAsyncReadyCallback, GAsyncResult};
use crate::classes::cancellable::GCancellable;
use crate::classes::simple_async_result::SimpleAsyncResult;
use crate::glib::error::Error;
use crate::gobject::object::{is_null_or_object, Instance};
use crate::gobject::precondition::{
    forward_if_libgios, forward_or_refuse, instance, refuse_instance,
};

pub use crate::classes::simple_async_result::{GSimpleAsyncResult, GSimpleAsyncThreadFunc};
pub use completing::*;
pub use result::*;

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
/// the thread-default one now. `source_tag` is compared, never followed, and may be NULL. NULL if the source
/// object is none, which is a critical. Any thread.
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
        return refuse_instance!(
            g_simple_async_result_new(source_object),
            c"!source_object || G_IS_OBJECT (source_object)",
            null_mut()
        );
    }
    // SAFETY: checked above; the rest by the rules that all exports share.
    unsafe { SimpleAsyncResult::new(source_object, callback, user_data, source_tag) }.into_raw()
}

/// A new result, without a tag, that holds a copy of an error.
///
/// `error` stays the caller's. If it is NULL, which is a critical, the result holds none. Otherwise like
/// g_simple_async_result_new().
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
        return refuse_instance!(
            g_simple_async_result_new_from_error(source_object),
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
/// Takes `error` over ("transfer full"). If it is NULL, which is a critical, the result holds none. Otherwise
/// like g_simple_async_result_new().
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
        return refuse_instance!(
            g_simple_async_result_new_take_error(source_object),
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

/// Sets the cancellable that g_simple_async_result_propagate_error() looks at first.
///
/// If it is cancelled then, the error is G_IO_ERROR_CANCELLED. `check_cancellable` may be NULL, which removes
/// an earlier one; otherwise a reference is held. Only the thread that runs the operation at the moment may
/// call this.
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
        return refuse_instance!(
            g_simple_async_result_set_check_cancellable(check_cancellable),
            c"check_cancellable == NULL || G_IS_CANCELLABLE (check_cancellable)"
        );
    }
    simple.set_check_cancellable(cancellable);
}

/// The tag that the result was made with, or NULL.
///
/// It is the caller's of that time, and is not to be followed. Any thread.
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

/// Says whether g_simple_async_result_run_in_thread() turns cancellation into an error; it does by default.
///
/// To be called before g_simple_async_result_run_in_thread(), in the same thread.
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

/// Whether `result` is a GSimpleAsyncResult of an operation on `source` that was started with `source_tag`.
///
/// Accepts anything that is NULL or a live instance. `source` is compared, and may be NULL. `source_tag`,
/// too: a NULL tag, here or in the result, matches every tag. Never logs. Any thread.
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
