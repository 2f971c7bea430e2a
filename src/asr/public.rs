//! The public functions of GIO's core, by their names in C, and how an argument is refused.

use std::ffi::{c_int, c_ulong, CStr};

use glib_sys::{gboolean, gpointer, GDestroyNotify, GError, GQuark, GType, GFALSE};
use gobject_sys::{GCallback, GTypeInstance};

/// Somebody's GCancellable: of this library's class, or libgio's.
#[repr(C)]
pub struct GCancellable {
    instance: GTypeInstance,
}

/// Somebody's GAsyncResult, of any class.
#[repr(C)]
pub struct GAsyncResult {
    _instance: GTypeInstance,
}

extern "C" {
    pub(super) fn g_cancellable_get_type() -> GType;
    pub(super) fn g_cancellable_is_cancelled(cancellable: *mut GCancellable) -> gboolean;
    pub(super) fn g_cancellable_set_error_if_cancelled(
        cancellable: *mut GCancellable,
        error: *mut *mut GError,
    ) -> gboolean;
    pub(super) fn g_cancellable_connect(
        cancellable: *mut GCancellable,
        callback: GCallback,
        data: gpointer,
        destroy: GDestroyNotify,
    ) -> c_ulong;
    pub(super) fn g_cancellable_cancel(cancellable: *mut GCancellable);
    pub(super) fn g_io_error_quark() -> GQuark;
}

impl GCancellable {
    /// The type of an instance.
    ///
    /// # Safety
    /// `this` is a live instance.
    pub(super) unsafe fn type_of(this: *mut Self) -> GType {
        // SAFETY: an instance begins with its class, and that with the type.
        unsafe { (*(*this).instance.g_class).g_type }
    }
}

/// Takes no lock, and runs nothing of the program's.
///
/// # Safety
/// A live cancellable.
pub(super) unsafe fn is_cancelled(cancellable: *mut GCancellable) -> bool {
    // SAFETY: as the caller ensures.
    unsafe { g_cancellable_is_cancelled(cancellable) != GFALSE }
}

/// G_IO_ERROR_TIMED_OUT.
pub(super) const TIMED_OUT: c_int = 24;

/// Whether an argument is a GCancellable, and not NULL.
pub(super) fn is_cancellable(cancellable: *mut GCancellable) -> bool {
    // SAFETY: the argument is NULL or a live instance: the exports' rules.
    unsafe {
        !cancellable.is_null()
            && gobject_sys::g_type_check_instance_is_a(cancellable.cast(), g_cancellable_get_type())
                != GFALSE
    }
}

const DOMAIN: &CStr = c"asyncresult";

/// One critical: that function was called without what it requires.
#[cold]
pub(super) fn refuse(function: &CStr, required: &CStr) {
    // SAFETY: three strings.
    unsafe {
        glib_sys::g_return_if_fail_warning(DOMAIN.as_ptr(), function.as_ptr(), required.as_ptr());
    }
}

/// One critical, in words: what is required is no expression.
#[cold]
pub(super) fn complain(function: &CStr, required: &CStr) {
    // SAFETY: four strings, the last two of which are what the format asks for.
    unsafe {
        glib_sys::g_log(
            DOMAIN.as_ptr(),
            glib_sys::G_LOG_LEVEL_CRITICAL,
            c"%s: %s".as_ptr(),
            function.as_ptr(),
            required.as_ptr(),
        );
    }
}

/// One warning.
#[cold]
pub(super) fn warn(text: &CStr) {
    // SAFETY: three strings, the last of which is what the format asks for.
    unsafe {
        glib_sys::g_log(
            DOMAIN.as_ptr(),
            glib_sys::G_LOG_LEVEL_WARNING,
            c"%s".as_ptr(),
            text.as_ptr(),
        );
    }
}
