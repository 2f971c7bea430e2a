//! What became of the operation: how it gets into a result, and out again.

use std::ptr::null_mut;

use glib_sys::{gboolean, gpointer, GDestroyNotify, GError};

use super::GSimpleAsyncResult;
use crate::glib::callback::Owned;
use crate::glib::error::Error;
use crate::gobject::precondition::{forward_or_refuse, instance, refuse};

/// Sets the result to a pointer, and frees an earlier one.
///
/// Takes `op_res` over, NULL included. `destroy_op_res`, if not NULL, is called with it once: when another
/// result replaces it, or at the end, on whichever thread that happens. It is also called if the call is
/// refused. Only the thread that runs the operation at the moment may call this.
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
    // SAFETY: only the result calls the notify from now on.
    unsafe { simple.set_pointer(op_res, destroy_op_res) };
}

/// The result, if it is a pointer; NULL before one is set.
///
/// The result keeps it ("transfer none"). Any thread, while nobody sets another.
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
///
/// Only the thread that runs the operation at the moment may call this.
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
///
/// Any thread, while nobody sets it.
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
///
/// Only the thread that runs the operation at the moment may call this.
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
///
/// Any thread, while nobody sets it.
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

/// Stores a copy of an error, which replaces an earlier one.
///
/// `error` must not be NULL, and stays the caller's. Only the thread that runs the operation at the moment
/// may call this.
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

/// Stores an error, which replaces an earlier one.
///
/// `error` must not be NULL, and is taken over ("transfer full"), also if the call is refused. Only the
/// thread that runs the operation at the moment may call this.
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
/// `dest` may be NULL; what it gets belongs to the caller. To be called once, in the finish function, in the
/// thread that runs the callback.
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
