//! Enumeration types, and the error codes that GLib itself knows.

use std::ffi::{c_char, c_int, CStr};

use glib_sys::{GFileError, GQuark, GType};
use gobject_sys::GEnumValue;

/// Registers an enumeration type. A value's nick is its name after `prefix`, as GLib's tools derive it.
pub(crate) fn register(
    name: &CStr,
    prefix: &'static CStr,
    values: &[(c_int, &'static CStr)],
) -> GType {
    let end = GEnumValue {
        value: 0,
        value_name: std::ptr::null(),
        value_nick: std::ptr::null(),
    };
    let rows = values.iter().map(|&(value, value_name)| GEnumValue {
        value,
        value_name: value_name.as_ptr(),
        value_nick: nick(prefix, value_name),
    });
    let table: Vec<GEnumValue> = rows.chain([end]).collect();
    // SAFETY: a NULL name ends the table. It and its strings are never freed, as types are not; but if the
    // name is taken, there is no type.
    unsafe {
        let type_ = gobject_sys::g_enum_register_static(name.as_ptr(), table.as_ptr());
        if type_ == 0 {
            for row in &table {
                glib_sys::g_free(row.value_nick.cast_mut().cast());
            }
        } else {
            table.leak();
        }
        type_
    }
}

/// A new string.
fn nick(prefix: &CStr, value_name: &CStr) -> *const c_char {
    let name = value_name.to_bytes_with_nul();
    let rest = name.strip_prefix(prefix.to_bytes()).unwrap_or(name);
    // SAFETY: a string that ends with a zero, and so does its copy.
    unsafe {
        let nick = glib_sys::g_ascii_strdown(rest.as_ptr().cast(), -1);
        glib_sys::g_strdelimit(nick, c"_".as_ptr(), b'-' as c_char)
    }
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
        // SAFETY: a string that ends with a zero, and is never freed.
        let nick = |name| unsafe { CStr::from_ptr(nick(c"G_X_", name)) };
        assert_eq!(nick(c"G_X_NOT_FOUND"), c"not-found");
        assert_eq!(nick(c"OTHER_THING"), c"other-thing");
    }
}
