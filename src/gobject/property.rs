//! GObject properties.

use std::ffi::{c_uint, CStr};

use glib_sys::GFALSE;
use gobject_sys::{GObjectClass, GParamSpec, GValue, G_PARAM_READABLE};

/// Adds a boolean property that can only be read, FALSE by default, without nick or blurb.
pub(crate) fn install_boolean(
    class: &mut GObjectClass,
    id: c_uint,
    name: &'static CStr,
) -> *mut GParamSpec {
    const STATIC_STRINGS: u32 = gobject_sys::G_PARAM_STATIC_NAME
        | gobject_sys::G_PARAM_STATIC_NICK
        | gobject_sys::G_PARAM_STATIC_BLURB;
    // SAFETY: the name is constant, as the flags promise; the class takes the specification over and keeps
    // it.
    unsafe {
        let property = gobject_sys::g_param_spec_boolean(
            name.as_ptr(),
            std::ptr::null(),
            std::ptr::null(),
            GFALSE,
            G_PARAM_READABLE | STATIC_STRINGS,
        );
        gobject_sys::g_object_class_install_property(class, id, property);
        property
    }
}

/// # Safety
/// `value` is a valid value of type boolean.
pub(crate) unsafe fn set_boolean(value: *mut GValue, truth: bool) {
    // SAFETY: as the caller ensures.
    unsafe { gobject_sys::g_value_set_boolean(value, truth.into()) };
}
