//! GAsyncResult: the interface of everything that is handed to a GAsyncReadyCallback.

use std::ffi::CStr;

use glib_sys::{gboolean, gpointer, GType};
use gobject_sys::{GObject, GTypeInterface};

use crate::glib::once::Once;
use crate::gobject::interface::{self, instance_of_interface, DefaultInit, Interface};
use crate::gobject::object::Instance;

/// Any object that implements the interface, of this library's classes or of the program's own.
#[repr(C)]
pub struct AsyncResult {
    object: GObject,
}

/// The result of an operation: an object of any class that implements the interface.
pub type GAsyncResult = AsyncResult;

/// Called when an operation has a result, which is then fetched with the operation's finish function.
pub type GAsyncReadyCallback = Option<
    unsafe extern "C" fn(source_object: *mut GObject, res: *mut GAsyncResult, data: gpointer),
>;

pub type GAsyncResultIface = AsyncResultIface;

/// What a class that implements GAsyncResult provides.
#[repr(C)]
pub struct AsyncResultIface {
    pub g_iface: GTypeInterface,
    pub get_user_data: Option<unsafe extern "C" fn(res: *mut GAsyncResult) -> gpointer>,
    pub get_source_object: Option<unsafe extern "C" fn(res: *mut GAsyncResult) -> *mut GObject>,
    pub is_tagged:
        Option<unsafe extern "C" fn(res: *mut GAsyncResult, source_tag: gpointer) -> gboolean>,
}

instance_of_interface!(AsyncResult);

// SAFETY: the struct begins with GObject, the table with GTypeInterface; behind that are functions that may
// be missing.
unsafe impl Interface for AsyncResult {
    const NAME: &'static CStr = c"GAsyncResult";
    const GET_TYPE: &'static CStr = c"g_async_result_get_type";
    const DEFAULT_INIT: Option<DefaultInit> = None;
    fn once() -> &'static Once {
        static TYPE: Once = Once::new();
        &TYPE
    }
    type Table = AsyncResultIface;
}

impl AsyncResult {
    /// NULL if the implementation has no such method.
    pub(crate) fn user_data(&self) -> gpointer {
        let Some(get_user_data) = self.table().get_user_data else {
            return std::ptr::null_mut();
        };
        // SAFETY: the implementation's own method, called with an instance of it.
        unsafe { get_user_data(self.as_result()) }
    }

    /// A new reference, or NULL; NULL too if the implementation has no such method.
    pub(crate) fn source_object(&self) -> *mut GObject {
        let Some(get_source_object) = self.table().get_source_object else {
            return std::ptr::null_mut();
        };
        // SAFETY: the implementation's own method, called with an instance of it.
        unsafe { get_source_object(self.as_result()) }
    }

    /// False if the implementation has no such method.
    pub(crate) fn is_tagged(&self, source_tag: gpointer) -> bool {
        self.table().is_tagged.is_some_and(|is_tagged| {
            // SAFETY: the implementation's own method, called with an instance of it.
            unsafe { is_tagged(self.as_result(), source_tag) != 0 }
        })
    }

    fn as_result(&self) -> *mut GAsyncResult {
        std::ptr::from_ref(self).cast_mut()
    }
}

/// What the library's own results answer. `implement` makes the table of it.
pub(crate) trait Implementation: Instance {
    fn user_data(&self) -> gpointer;

    /// A new reference, or NULL.
    fn source_object_full(&self) -> *mut GObject;

    fn is_tagged(&self, source_tag: gpointer) -> bool;
}

/// Says that `class`, whose instances are `T`, implements GAsyncResult.
pub(crate) fn implement<T: Implementation>(class: GType) {
    interface::implement(class, AsyncResult::type_(), fill_table::<T>);
}

unsafe extern "C" fn fill_table<T: Implementation>(table: gpointer, _data: gpointer) {
    // SAFETY: GObject hands over the table that it allocated for this interface, once per class.
    let table = unsafe { &mut *table.cast::<AsyncResultIface>() };
    table.get_user_data = Some(get_user_data::<T>);
    table.get_source_object = Some(get_source_object::<T>);
    table.is_tagged = Some(is_tagged::<T>);
}

unsafe extern "C" fn get_user_data<T: Implementation>(res: *mut GAsyncResult) -> gpointer {
    // SAFETY: the table belongs to the class of `T`, so its methods are called with instances of `T`.
    unsafe { &*res.cast::<T>() }.user_data()
}

unsafe extern "C" fn get_source_object<T: Implementation>(res: *mut GAsyncResult) -> *mut GObject {
    // SAFETY: the table belongs to the class of `T`, so its methods are called with instances of `T`.
    unsafe { &*res.cast::<T>() }.source_object_full()
}

unsafe extern "C" fn is_tagged<T: Implementation>(
    res: *mut GAsyncResult,
    source_tag: gpointer,
) -> gboolean {
    // SAFETY: the table belongs to the class of `T`, so its methods are called with instances of `T`.
    unsafe { &*res.cast::<T>() }.is_tagged(source_tag).into()
}
