//! GInitable: the interface of objects whose initialization may fail.

use std::ffi::CStr;

use glib_sys::{gboolean, GError};
use gobject_sys::{GObject, GTypeInterface};

use super::cancellable::GCancellable;
use crate::glib::once::Once;
use crate::gobject::interface::{instance_of_interface, DefaultInit, Interface};

/// Any object that implements the interface.
#[repr(C)]
pub struct Initable {
    object: GObject,
}

/// An object whose initialization may fail: of any class that implements the interface.
pub type GInitable = Initable;

pub type GInitableIface = InitableIface;

/// What a class that implements GInitable provides.
#[repr(C)]
pub struct InitableIface {
    pub g_iface: GTypeInterface,
    pub init: Option<
        unsafe extern "C" fn(
            initable: *mut GInitable,
            cancellable: *mut GCancellable,
            error: *mut *mut GError,
        ) -> gboolean,
    >,
}

instance_of_interface!(Initable);

// SAFETY: the struct begins with GObject, the table with GTypeInterface; behind that is a function that may
// be missing.
unsafe impl Interface for Initable {
    const NAME: &'static CStr = c"GInitable";
    const GET_TYPE: &'static CStr = c"g_initable_get_type";
    const DEFAULT_INIT: Option<DefaultInit> = None;
    fn once() -> &'static Once {
        static TYPE: Once = Once::new();
        &TYPE
    }
    type Table = InitableIface;
}

impl Initable {
    /// Initializes the object, and says what the class says. `None`: the class has no such method.
    ///
    /// # Safety
    /// The class may be given this cancellable, and `error`, which is NULL or a place for an error.
    pub(crate) unsafe fn init(
        &self,
        cancellable: *mut GCancellable,
        error: *mut *mut GError,
    ) -> Option<gboolean> {
        let init = self.table().init?;
        // SAFETY: the class's own method, called with an instance of it; the rest is as the caller ensures.
        Some(unsafe { init(std::ptr::from_ref(self).cast_mut(), cancellable, error) })
    }
}
