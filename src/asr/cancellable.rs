//! `asr_cancellable_*`: cancellables that follow others, and end at a time.

use glib_sys::{gboolean, GError};

use super::public::{self, GCancellable};

use AsrCancelReason::*;

/// AsrCancelReason:
/// @ASR_CANCEL_REASON_NONE: it is not cancelled
/// @ASR_CANCEL_REASON_ITSELF: it was cancelled itself, by g_cancellable_cancel()
/// @ASR_CANCEL_REASON_PARENT: one of its parents was cancelled
/// @ASR_CANCEL_REASON_DEADLINE: its deadline passed, or that of a parent
///
/// Why a cancellable is cancelled. Later versions may have more.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(
    non_camel_case_types,
    clippy::enum_variant_names,
    reason = "these are the names that C sees"
)]
pub enum AsrCancelReason {
    ASR_CANCEL_REASON_NONE = 0,
    ASR_CANCEL_REASON_ITSELF = 1,
    ASR_CANCEL_REASON_PARENT = 2,
    ASR_CANCEL_REASON_DEADLINE = 3,
}

/// asr_cancellable_get_reason:
/// @cancellable: (nullable) (type Gio.Cancellable): any cancellable, or %NULL
///
/// Says why a cancellable is cancelled. Of %NULL it says that it is not. Any thread.
///
/// Returns: the reason
#[no_mangle]
pub unsafe extern "C" fn asr_cancellable_get_reason(
    cancellable: *mut GCancellable,
) -> AsrCancelReason {
    if cancellable.is_null() {
        return ASR_CANCEL_REASON_NONE;
    }
    if !public::is_cancellable(cancellable) {
        public::refuse(
            c"asr_cancellable_get_reason",
            c"G_IS_CANCELLABLE (cancellable)",
        );
        return ASR_CANCEL_REASON_NONE;
    }
    // SAFETY: a live cancellable.
    if unsafe { public::g_cancellable_is_cancelled(cancellable) } == glib_sys::GFALSE {
        ASR_CANCEL_REASON_NONE
    } else {
        ASR_CANCEL_REASON_ITSELF
    }
}

/// asr_cancellable_set_error:
/// @cancellable: (nullable) (type Gio.Cancellable): any cancellable, or %NULL
/// @error: (out) (optional) (nullable): where to store the error; %NULL to ignore it
///
/// Sets the error of an operation that ends because of the cancellable, if that is cancelled. Any thread.
///
/// Returns: %TRUE if the cancellable is cancelled, and the error is set
#[no_mangle]
pub unsafe extern "C" fn asr_cancellable_set_error(
    cancellable: *mut GCancellable,
    error: *mut *mut GError,
) -> gboolean {
    if !cancellable.is_null() && !public::is_cancellable(cancellable) {
        public::refuse(
            c"asr_cancellable_set_error",
            c"G_IS_CANCELLABLE (cancellable)",
        );
        return glib_sys::GFALSE;
    }
    // SAFETY: NULL or a live cancellable; the caller's place for an error.
    unsafe { public::g_cancellable_set_error_if_cancelled(cancellable, error) }
}
