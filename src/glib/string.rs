//! C strings that we keep.

use std::ffi::{c_char, CStr};

/// A string, ours or constant, or none.
pub(crate) enum Text {
    None,
    Copy(*mut c_char),
    Constant(*const c_char),
}

impl Text {
    /// # Safety
    /// `text` is NULL or a valid string.
    pub(crate) unsafe fn copy(text: *const c_char) -> Self {
        if text.is_null() {
            return Self::None;
        }
        // SAFETY: a valid string, as the caller ensures.
        Self::Copy(unsafe { glib_sys::g_strdup(text) })
    }

    pub(crate) fn constant(text: *const c_char) -> Self {
        Self::Constant(text)
    }

    pub(crate) fn as_ptr(&self) -> *const c_char {
        match self {
            Self::None => std::ptr::null(),
            Self::Copy(text) => *text,
            Self::Constant(text) => *text,
        }
    }
}

impl Drop for Text {
    fn drop(&mut self) {
        if let Self::Copy(text) = self {
            // SAFETY: the copy is ours.
            unsafe { glib_sys::g_free((*text).cast()) };
        }
    }
}

/// A literal that ends with a zero, as C has it. Checked when it is compiled.
pub(crate) const fn literal(text: &'static str) -> &'static CStr {
    match CStr::from_bytes_with_nul(text.as_bytes()) {
        Ok(literal) => literal,
        Err(_) => panic!("a literal for C ends with a zero"),
    }
}
