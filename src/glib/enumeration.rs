//! Enumeration types, and the error codes that GLib itself knows.

use std::ffi::{c_char, c_int, CStr, CString};

use glib_sys::{GFileError, GQuark, GType};
use gobject_sys::GEnumValue;

/// Registers an enumeration type. A value's nick is its name after `prefix`, as GLib's tools derive it.
pub(crate) fn register(name: &CStr, prefix: &str, values: &[(c_int, &str)]) -> GType {
    let end = GEnumValue {
        value: 0,
        value_name: std::ptr::null(),
        value_nick: std::ptr::null(),
    };
    let table: Vec<GEnumValue> = values
        .iter()
        .map(|&(value, value_name)| GEnumValue {
            value,
            value_name: text(value_name),
            value_nick: text(&nick(prefix, value_name)),
        })
        .chain([end])
        .collect();
    // SAFETY: the table and its strings are never freed, as types are not; a NULL name ends the table.
    unsafe { gobject_sys::g_enum_register_static(name.as_ptr(), table.leak().as_ptr()) }
}

/// A string in C's form that is never freed.
fn text(text: &str) -> *const c_char {
    CString::new(text).unwrap_or_default().into_raw()
}

fn nick(prefix: &str, value_name: &str) -> String {
    let name = value_name.strip_prefix(prefix).unwrap_or(value_name);
    name.to_ascii_lowercase().replace('_', "-")
}

/// The number that stands for a string in the whole process, such as an error domain.
pub(crate) fn quark(text: &'static CStr) -> GQuark {
    // SAFETY: the string is never freed, which is what a static string promises.
    unsafe { glib_sys::g_quark_from_static_string(text.as_ptr()) }
}

/// GLib's code for a number of the system's `errno`.
pub(crate) fn file_error_from_errno(errno: c_int) -> GFileError {
    // SAFETY: every number is allowed.
    unsafe { glib_sys::g_file_error_from_errno(errno) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_nick_is_the_rest_of_the_name_in_small_letters() {
        assert_eq!(nick("G_X_", "G_X_NOT_FOUND"), "not-found");
        assert_eq!(nick("G_X_", "OTHER_THING"), "other-thing");
    }
}
