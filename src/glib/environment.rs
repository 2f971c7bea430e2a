//! The environment variables that the library reads, once.

use std::ffi::{CStr, CString};

/// What ASYNCRESULT_DEBUG says; nothing if it is empty.
pub(crate) fn debug() -> Option<CString> {
    words(c"ASYNCRESULT_DEBUG")
}

/// What ASYNCRESULT_TRACE says; nothing if it is empty.
pub(crate) fn trace() -> Option<CString> {
    words(c"ASYNCRESULT_TRACE")
}

fn words(name: &CStr) -> Option<CString> {
    let words = variable(name).filter(|words| !words.is_empty())?;
    CString::new(words).ok()
}

/// What ASYNCRESULT_GIO says.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum GioWord {
    None,
    /// libgio is to be loaded before our types are registered.
    Load,
    Unknown,
}

pub(crate) fn gio() -> GioWord {
    match variable(c"ASYNCRESULT_GIO").as_deref() {
        None | Some(b"") => GioWord::None,
        Some(b"load") => GioWord::Load,
        Some(_) => GioWord::Unknown,
    }
}

/// A variable's value; nothing in a process that runs with more rights than its user has.
fn variable(name: &CStr) -> Option<Vec<u8>> {
    // SAFETY: the result is copied at once, as g_getenv() demands.
    unsafe {
        if libc::getauxval(libc::AT_SECURE) != 0 {
            return None;
        }
        let value = glib_sys::g_getenv(name.as_ptr());
        (!value.is_null()).then(|| CStr::from_ptr(value).to_bytes().to_vec())
    }
}
