//! Registering an interface type, adding it to classes, and finding an object's table of it.

use std::ffi::CStr;

use glib_sys::{gpointer, GType};
use gobject_sys::{GInterfaceInfo, GTypeInfo, GTypeInstance};

/// Registers an interface type whose objects must be GObjects.
pub(crate) fn register(name: &CStr, iface_size: usize) -> GType {
    let info = GTypeInfo {
        class_size: iface_size as u16,
        base_init: None,
        base_finalize: None,
        class_init: None,
        class_finalize: None,
        class_data: std::ptr::null(),
        instance_size: 0,
        n_preallocs: 0,
        instance_init: None,
        value_table: std::ptr::null(),
    };
    // SAFETY: an interface has no instances, and its table begins with GTypeInterface.
    unsafe {
        let type_ = gobject_sys::g_type_register_static(
            gobject_sys::G_TYPE_INTERFACE,
            name.as_ptr(),
            &info,
            0,
        );
        gobject_sys::g_type_interface_add_prerequisite(type_, gobject_sys::g_object_get_type());
        type_
    }
}

/// Says that a class implements an interface; `init` fills the table.
pub(crate) fn implement(
    class: GType,
    interface: GType,
    init: unsafe extern "C" fn(table: gpointer, data: gpointer),
) {
    let info = GInterfaceInfo {
        interface_init: Some(init),
        interface_finalize: None,
        interface_data: std::ptr::null_mut(),
    };
    // SAFETY: both types are registered; GObject copies `info`.
    unsafe { gobject_sys::g_type_add_interface_static(class, interface, &info) };
}

/// The table of an interface of a live instance; NULL if its class does not implement it.
///
/// # Safety
/// `instance` is alive.
pub(crate) unsafe fn table<T>(instance: *mut GTypeInstance, interface: GType) -> *const T {
    // SAFETY: a live instance has a class structure.
    unsafe { gobject_sys::g_type_interface_peek((*instance).g_class.cast(), interface).cast() }
}
