//! Messages to the program's author, in GIO's log domain.

use std::ffi::{c_void, CStr};

use glib_sys::{GLogLevelFlags, G_LOG_LEVEL_CRITICAL, G_LOG_LEVEL_DEBUG, G_LOG_LEVEL_WARNING};

use super::held;
use super::string::Text;

pub(crate) const DOMAIN: &CStr = c"GLib-GIO";

/// "FUNCTION: assertion 'TEXT' failed": what every refused argument says.
#[cold]
pub(crate) fn assertion_failed(function: &CStr, text: &CStr) {
    held::assert_none();
    // SAFETY: three valid strings.
    unsafe {
        glib_sys::g_return_if_fail_warning(DOMAIN.as_ptr(), function.as_ptr(), text.as_ptr())
    };
}

#[cold]
pub(crate) fn critical(message: &CStr) {
    log(G_LOG_LEVEL_CRITICAL, message);
}

#[cold]
pub(crate) fn warning(message: &CStr) {
    log(G_LOG_LEVEL_WARNING, message);
}

/// How much a message with arguments matters.
#[derive(Clone, Copy)]
pub(crate) enum Level {
    Critical,
    Warning,
    Debug,
}

/// Logs a message made of strings and pointers.
///
/// # Safety
/// `format` takes these, or the first ones of them, in this order: `%p` any, and `%s` what is a string.
#[cold]
pub(crate) unsafe fn formatted(level: Level, format: &CStr, arguments: [*const c_void; 4]) {
    held::assert_none();
    let level = match level {
        Level::Critical => G_LOG_LEVEL_CRITICAL,
        Level::Warning => G_LOG_LEVEL_WARNING,
        Level::Debug => G_LOG_LEVEL_DEBUG,
    };
    let [first, second, third, fourth] = arguments;
    // SAFETY: as the caller ensures. Arguments that a format does not take are ignored.
    unsafe {
        glib_sys::g_log(
            DOMAIN.as_ptr(),
            level,
            format.as_ptr(),
            first,
            second,
            third,
            fourth,
        );
    }
}

/// What messages print of an address.
#[cold]
pub(crate) fn address(pointer: *const c_void) -> Text {
    // SAFETY: `%p` takes exactly the pointer.
    Text::Copy(unsafe { glib_sys::g_strdup_printf(c"%p".as_ptr(), pointer) })
}

fn log(level: GLogLevelFlags, message: &CStr) {
    held::assert_none();
    // SAFETY: `%s` takes exactly the one valid string that follows.
    unsafe { glib_sys::g_log(DOMAIN.as_ptr(), level, c"%s".as_ptr(), message.as_ptr()) };
}
