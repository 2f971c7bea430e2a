//! Declaring an interface, adding it to classes, and finding an object's table of it.

use std::ffi::CStr;

use glib_sys::{gpointer, GType};
use gobject_sys::{GInterfaceInfo, GTypeInfo, GTypeInstance};

use super::object::Instance;
use crate::glib::once::Once;
use crate::libgio::detect;

/// What GObject calls once, with the table that the tables of all classes begin as.
pub(crate) type DefaultInit = unsafe extern "C" fn(table: gpointer, data: gpointer);

/// An interface that this library declares.
///
/// # Safety
/// The implementing struct is `repr(C)` and begins with GObject; `Table` is `repr(C)` and begins with
/// GTypeInterface, and is valid when all behind that is zeroes.
pub(crate) unsafe trait Interface: Instance {
    const NAME: &'static CStr;
    /// The function that answers its type, here and in libgio.
    const GET_TYPE: &'static CStr;
    const DEFAULT_INIT: Option<DefaultInit>;
    fn once() -> &'static Once;
    type Table;

    /// The table of an instance whose class was checked, as `instance!` does.
    fn table(&self) -> &Self::Table {
        // SAFETY: `self` is alive, and its class implements the interface, so it has a table.
        unsafe { &*table(self.as_object().cast(), type_of::<Self>()) }
    }
}

/// The type of an interface, registered on the first call, from whichever thread; or libgio's.
pub(crate) fn type_of<T: Interface>() -> GType {
    if let Some(type_) = T::once().get() {
        return type_;
    }
    // Before `get_or_find`: see `class::type_of`.
    let gios = detect::type_(T::GET_TYPE);
    T::once().get_or_find(|| {
        gios.unwrap_or_else(|| register(T::NAME, size_of::<T::Table>(), T::DEFAULT_INIT))
    })
}

/// Makes `Instance` of a struct that stands for the objects of any class that implements an interface.
macro_rules! instance_of_interface {
    ($interface:ty) => {
        // SAFETY: GObject is the interface's prerequisite, so what implements it begins with one. No class is
        // the interface's own, so its class stays empty and every check asks GObject.
        unsafe impl $crate::gobject::object::Instance for $interface {
            #[inline]
            fn class() -> &'static $crate::gobject::object::ClassPointer {
                static NO_CLASS: $crate::gobject::object::ClassPointer =
                    $crate::gobject::object::ClassPointer::new();
                &NO_CLASS
            }

            fn type_() -> glib_sys::GType {
                $crate::gobject::interface::type_of::<$interface>()
            }

            unsafe fn is_derived(pointer: *mut Self) -> bool {
                // SAFETY: as the caller ensures. The interface may be libgio's: its table is the same.
                unsafe { $crate::gobject::object::is_a(pointer.cast(), Self::type_()) }
            }
        }
    };
}
pub(crate) use instance_of_interface;

/// Registers an interface type whose objects must be GObjects.
fn register(name: &CStr, iface_size: usize, default_init: Option<DefaultInit>) -> GType {
    let info = GTypeInfo {
        class_size: iface_size as u16,
        base_init: None,
        base_finalize: None,
        class_init: default_init,
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
unsafe fn table<T>(instance: *mut GTypeInstance, interface: GType) -> *const T {
    // SAFETY: a live instance has a class structure.
    unsafe { gobject_sys::g_type_interface_peek((*instance).g_class.cast(), interface).cast() }
}
