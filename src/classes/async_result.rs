//! GAsyncResult: the interface of everything that is handed to a GAsyncReadyCallback.

use glib_sys::{gboolean, gpointer, GType};
use gobject_sys::{GObject, GTypeInterface};

use crate::glib::once::Once;
use crate::gobject::interface;
use crate::gobject::object::{is_a, ClassPointer, Instance};
use crate::libgio::detect;

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

// SAFETY: GObject is the interface's prerequisite, so what implements it begins with one. No class is the
// interface's own, so its class stays empty and every check asks GObject.
unsafe impl Instance for AsyncResult {
    #[inline]
    fn class() -> &'static ClassPointer {
        static NO_CLASS: ClassPointer = ClassPointer::new();
        &NO_CLASS
    }

    fn type_() -> GType {
        type_()
    }

    unsafe fn is_derived(pointer: *mut Self) -> bool {
        // SAFETY: as the caller ensures. The interface may be libgio's: its table is the same.
        unsafe { is_a(pointer.cast(), type_()) }
    }
}

/// The type of the interface, registered on the first call, from whichever thread.
pub(crate) fn type_() -> GType {
    static TYPE: Once = Once::new();
    if let Some(type_) = TYPE.get() {
        return type_;
    }
    let gios = detect::type_(c"g_async_result_get_type");
    TYPE.get_or_find(|| {
        gios.unwrap_or_else(|| interface::register(c"GAsyncResult", size_of::<AsyncResultIface>()))
    })
}

impl AsyncResult {
    /// NULL if the implementation has no such method.
    pub(crate) fn user_data(&self) -> gpointer {
        let Some(get_user_data) = self.iface().get_user_data else {
            return std::ptr::null_mut();
        };
        // SAFETY: the implementation's own method, called with an instance of it.
        unsafe { get_user_data(self.as_result()) }
    }

    /// A new reference, or NULL; NULL too if the implementation has no such method.
    pub(crate) fn source_object(&self) -> *mut GObject {
        let Some(get_source_object) = self.iface().get_source_object else {
            return std::ptr::null_mut();
        };
        // SAFETY: the implementation's own method, called with an instance of it.
        unsafe { get_source_object(self.as_result()) }
    }

    /// False if the implementation has no such method.
    pub(crate) fn is_tagged(&self, source_tag: gpointer) -> bool {
        self.iface().is_tagged.is_some_and(|is_tagged| {
            // SAFETY: the implementation's own method, called with an instance of it.
            unsafe { is_tagged(self.as_result(), source_tag) != 0 }
        })
    }

    fn iface(&self) -> &AsyncResultIface {
        // SAFETY: `self` is alive, and its class implements the interface, so it has a table.
        unsafe { &*interface::table(self.as_object().cast(), type_()) }
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
    interface::implement(class, type_(), fill_table::<T>);
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
