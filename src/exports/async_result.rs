//! `g_async_result_*`: what every result answers, whatever its class.

use std::ptr::null_mut;

use glib_sys::{gboolean, gpointer, GError, GType, GFALSE};
use gobject_sys::GObject;

use crate::classes::async_result::AsyncResult;
use crate::classes::simple_async_result::SimpleAsyncResult;
use crate::gobject::object::Instance;
use crate::gobject::precondition::{forward_if_libgios, forward_or_refuse, instance};

pub use crate::classes::async_result::{GAsyncReadyCallback, GAsyncResult, GAsyncResultIface};

/// The type of the interface; registered on the first call.
///
/// Any thread.
#[no_mangle]
pub extern "C" fn g_async_result_get_type() -> GType {
    AsyncResult::type_()
}

/// The data that was given along with the callback; NULL if there is none.
///
/// Asks the implementation of `res`, which must not be NULL. The data stays its owner's ("transfer none").
/// Any thread, if the implementation allows it; a GTask and a GSimpleAsyncResult do.
#[no_mangle]
pub unsafe extern "C" fn g_async_result_get_user_data(res: *mut GAsyncResult) -> gpointer {
    let Some(res) = instance!(res: AsyncResult) else {
        return forward_or_refuse!(
            g_async_result_get_user_data(res),
            c"G_IS_ASYNC_RESULT (res)",
            null_mut()
        );
    };
    res.user_data()
}

/// A new reference to the object that the operation was started on, or NULL.
///
/// Asks the implementation of `res`, which must not be NULL. The caller owns the reference ("transfer full").
/// Any thread, if the implementation allows it; a GTask and a GSimpleAsyncResult do.
#[no_mangle]
pub unsafe extern "C" fn g_async_result_get_source_object(res: *mut GAsyncResult) -> *mut GObject {
    let Some(res) = instance!(res: AsyncResult) else {
        return forward_or_refuse!(
            g_async_result_get_source_object(res),
            c"G_IS_ASYNC_RESULT (res)",
            null_mut()
        );
    };
    res.source_object()
}

/// Moves the error of a GSimpleAsyncResult to the caller; FALSE for results of all other classes.
///
/// `error` may be NULL; what it gets belongs to the caller. TRUE if there was an error. NULL and objects that
/// are no results are not refused: the answer is FALSE. Finish functions call this for results of older code,
/// in the thread that runs the callback.
#[no_mangle]
pub unsafe extern "C" fn g_async_result_legacy_propagate_error(
    res: *mut GAsyncResult,
    error: *mut *mut GError,
) -> gboolean {
    if let Some(answer) = forward_if_libgios!(
        SimpleAsyncResult,
        g_async_result_legacy_propagate_error(res, error)
    ) {
        return answer;
    }
    let simple = res.cast();
    let Some(simple) = instance!(simple: SimpleAsyncResult) else {
        return GFALSE;
    };
    // SAFETY: NULL or a place for an error, by the rule that all exports share.
    unsafe { simple.propagate_error(error) }.into()
}

/// Whether the result carries the tag, which by custom is the address of the function that started it.
///
/// Asks the implementation of `res`, which must not be NULL; FALSE if it knows no tags. `source_tag` is
/// compared, never followed, and may be NULL. Any thread, if the implementation allows it; a GTask and a
/// GSimpleAsyncResult do.
#[no_mangle]
pub unsafe extern "C" fn g_async_result_is_tagged(
    res: *mut GAsyncResult,
    source_tag: gpointer,
) -> gboolean {
    let Some(res) = instance!(res: AsyncResult) else {
        return forward_or_refuse!(
            g_async_result_is_tagged(res, source_tag),
            c"G_IS_ASYNC_RESULT (res)",
            0
        );
    };
    res.is_tagged(source_tag).into()
}
