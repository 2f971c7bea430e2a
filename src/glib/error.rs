//! GError, owned.

use std::ffi::{c_char, c_int, CStr};
use std::mem::ManuallyDrop;
use std::ptr::NonNull;

use glib_sys::{GError, GQuark};

/// An error that we own. Dropping it frees it.
pub(crate) struct Error(NonNull<GError>);

impl Error {
    /// Takes over an error, "transfer full".
    ///
    /// # Safety
    /// `error` is NULL or a valid error that belongs to the caller.
    pub(crate) unsafe fn adopt(error: *mut GError) -> Option<Self> {
        NonNull::new(error).map(Self)
    }

    /// A copy of an error that we do not own.
    ///
    /// # Safety
    /// `error` is a valid error.
    pub(crate) unsafe fn copy(error: *const GError) -> Self {
        // SAFETY: g_error_copy() of a valid error is never NULL.
        Self(unsafe { NonNull::new_unchecked(glib_sys::g_error_copy(error)) })
    }

    /// # Safety
    /// `message` is a valid string.
    pub(crate) unsafe fn literal(domain: GQuark, code: c_int, message: *const c_char) -> Self {
        // SAFETY: g_error_new_literal() copies the message and never returns NULL for a valid one.
        Self(unsafe {
            NonNull::new_unchecked(glib_sys::g_error_new_literal(domain, code, message))
        })
    }

    /// An error whose message is translated by GLib's own message catalogue.
    pub(crate) fn translated(domain: GQuark, code: c_int, message: &CStr) -> Self {
        // SAFETY: both strings are constants; the translation outlives the copy that literal() makes.
        unsafe {
            let text = glib_sys::g_dgettext(c"glib20".as_ptr(), message.as_ptr());
            Self::literal(domain, code, text)
        }
    }

    /// Puts a text before the message of an error.
    ///
    /// # Safety
    /// `error` is NULL or a valid error that nobody else uses, and `text` is a valid string.
    pub(crate) unsafe fn prefix(mut error: *mut GError, text: *const c_char) {
        // SAFETY: as the caller ensures. The message is replaced, the error stays where it is.
        unsafe { glib_sys::g_prefix_error_literal(&mut error, text) };
    }

    /// Moves the error to where a caller in C wants it; frees it if the caller wants none.
    ///
    /// # Safety
    /// `destination` is NULL or points to a place for an error.
    pub(crate) unsafe fn propagate(self, destination: *mut *mut GError) {
        // SAFETY: g_propagate_error() takes the error over, whatever `destination` is.
        unsafe { glib_sys::g_propagate_error(destination, self.into_raw()) };
    }

    /// Its domain's name, its code, and its message.
    pub(crate) fn parts(&self) -> (*const c_char, c_int, *const c_char) {
        // SAFETY: `self` owns a valid error.
        unsafe {
            let error = self.0.as_ref();
            let domain = glib_sys::g_quark_to_string(error.domain);
            (domain, error.code, error.message)
        }
    }

    pub(crate) fn as_ptr(&self) -> *mut GError {
        self.0.as_ptr()
    }

    pub(crate) fn into_raw(self) -> *mut GError {
        ManuallyDrop::new(self).0.as_ptr()
    }
}

impl Clone for Error {
    fn clone(&self) -> Self {
        // SAFETY: `self` owns a valid error.
        unsafe { Self::copy(self.0.as_ptr()) }
    }
}

impl Drop for Error {
    fn drop(&mut self) {
        // SAFETY: `self` owns the error that is freed here.
        unsafe { glib_sys::g_error_free(self.0.as_ptr()) };
    }
}

/// Has GLib refuse, with its own message, to propagate an error a second time.
///
/// # Safety
/// `destination` is NULL or points to a place for an error.
pub(crate) unsafe fn propagate_again(destination: *mut *mut GError) {
    // SAFETY: a missing error is refused, and nothing is written.
    unsafe { glib_sys::g_propagate_error(destination, std::ptr::null_mut()) };
}
