//! The environment variables that the library reads, once.

use std::ffi::CStr;

/// What ASYNCRESULT_GIO says.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum GioWord {
    None,
    /// libgio is to be loaded before our types are registered.
    Load,
    Unknown,
}

pub(crate) fn gio() -> GioWord {
    let mut word = GioWord::None;
    with_variable(c"ASYNCRESULT_GIO", |value| {
        word = if value == c"load" {
            GioWord::Load
        } else {
            GioWord::Unknown
        };
    });
    word
}

/// Calls `body` with a variable's value; not if it is empty, and not in a process that runs with more rights
/// than its user has.
pub(crate) fn with_variable(name: &CStr, body: impl FnOnce(&CStr)) {
    // SAFETY: the value is used at once, as g_getenv() demands.
    unsafe {
        let value = glib_sys::g_getenv(name.as_ptr());
        if libc::getauxval(libc::AT_SECURE) == 0 && !value.is_null() && *value != 0 {
            body(CStr::from_ptr(value));
        }
    }
}
