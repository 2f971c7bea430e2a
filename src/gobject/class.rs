//! Registering classes, and remembering their class structure for fast type checks.

use std::ffi::CStr;
use std::sync::atomic::{AtomicPtr, Ordering};

use glib_sys::{gpointer, GType};
use gobject_sys::{GObject, GObjectClass, GTypeInfo, GTypeInstance};

use super::object::{self, Instance};
use crate::glib::once::Once;
use crate::libgio::detect;

/// A class that this library implements.
///
/// # Safety
/// As for `Instance`; `ClassStruct` is `repr(C)` and begins with `GObjectClass`, and `parent_class` is
/// this class's own.
pub(crate) unsafe trait Class: Instance {
    const NAME: &'static CStr;
    /// The function that answers its type, here and in libgio.
    const GET_TYPE: &'static CStr;
    fn once() -> &'static Once;
    fn parent_class() -> &'static ParentClass;
    type ClassStruct;

    /// Adds interfaces and private data, right after the registration.
    fn type_registered(type_: GType);

    /// Fills the class structure; it begins as a copy of the parent's.
    fn class_init(class: &mut Self::ClassStruct);

    /// Sets up a zeroed instance.
    ///
    /// # Safety
    /// `this` is an instance under construction: zeroed behind its parent's part.
    unsafe fn instance_init(this: *mut Self);
}

/// The type of a class, registered on the first call, from whichever thread; or libgio's.
pub(crate) fn type_of<T: Class>() -> GType {
    if let Some(type_) = T::once().get() {
        return type_;
    }
    // Before `get_or_find`, which lets other threads wait: this may take the lock of the dynamic linker, under
    // which other threads may ask for the type.
    let gios = detect::type_(T::GET_TYPE);
    T::once().get_or_find(|| {
        if let Some(type_) = gios {
            return type_;
        }
        let info = GTypeInfo {
            class_size: size_of::<T::ClassStruct>() as u16,
            base_init: None,
            base_finalize: None,
            class_init: Some(class_init::<T>),
            class_finalize: None,
            class_data: std::ptr::null(),
            instance_size: size_of::<T>() as u16,
            n_preallocs: 0,
            instance_init: Some(instance_init::<T>),
            value_table: std::ptr::null(),
        };
        // SAFETY: the sizes are those of `repr(C)` structs which begin with their parent's.
        let type_ = unsafe {
            gobject_sys::g_type_register_static(
                gobject_sys::g_object_get_type(),
                T::NAME.as_ptr(),
                &info,
                0,
            )
        };
        T::type_registered(type_);
        type_
    })
}

/// Makes the class structure, which is never freed. FALSE if the class is libgio's.
#[cold]
pub(crate) fn prepare<T: Class>() -> bool {
    let type_ = type_of::<T>();
    if detect::has_stepped_back() {
        return false;
    }
    // SAFETY: a registered class; the reference is kept for ever.
    unsafe { gobject_sys::g_type_class_ref(type_) };
    true
}

unsafe extern "C" fn class_init<T: Class>(class: gpointer, _data: gpointer) {
    // SAFETY: GObject calls this once, with the class structure of the type being made, whose parent exists.
    unsafe {
        T::parent_class().set(gobject_sys::g_type_class_peek_parent(class).cast());
        T::class_init(&mut *class.cast());
    }
    T::class().set(class.cast());
    // Now that the class is known: a program may have functions in front of GObject's, which use the class.
    object::find_count();
}

unsafe extern "C" fn instance_init<T: Class>(instance: *mut GTypeInstance, _class: gpointer) {
    // SAFETY: GObject calls this once for each new instance, whose memory is zeroed.
    unsafe { T::instance_init(instance.cast()) };
}

/// GObjectClass as the parent class filled it: our dispose and finalize functions call the parent's.
pub(crate) struct ParentClass(AtomicPtr<GObjectClass>);

impl ParentClass {
    pub(crate) const fn new() -> Self {
        Self(AtomicPtr::new(std::ptr::null_mut()))
    }

    fn set(&self, class: *mut GObjectClass) {
        self.0.store(class, Ordering::Release);
    }

    /// # Safety
    /// `object` is being disposed of, and is an instance of the class whose parent this is.
    pub(crate) unsafe fn dispose(&self, object: *mut GObject) {
        // SAFETY: passed on from GObject, as the caller ensures; set before the first instance existed.
        // Class structures of static types are never freed, and every parent is GObject, which has one.
        unsafe { (*self.0.load(Ordering::Acquire)).dispose.unwrap_unchecked()(object) };
    }

    /// # Safety
    /// `object` is being finalized, and is an instance of the class whose parent this is.
    pub(crate) unsafe fn finalize(&self, object: *mut GObject) {
        // SAFETY: as above.
        unsafe {
            (*self.0.load(Ordering::Acquire))
                .finalize
                .unwrap_unchecked()(object)
        };
    }
}

/// GObjectClass for classes of ours that add nothing to it.
#[repr(C)]
pub(crate) struct PlainClass {
    pub(crate) parent_class: GObjectClass,
}

/// Makes `Instance` and the fixed parts of `Class` for a class registered by this library.
macro_rules! instance_of_own_class {
    ($class:ty) => {
        // By this name debuggers find it.
        static CLASS: $crate::gobject::object::ClassPointer =
            $crate::gobject::object::ClassPointer::new();

        // SAFETY: the struct is `repr(C)`, begins with GObject, and this is its only class pointer.
        unsafe impl $crate::gobject::object::Instance for $class {
            #[inline]
            fn class() -> &'static $crate::gobject::object::ClassPointer {
                &CLASS
            }

            fn type_() -> glib_sys::GType {
                $crate::gobject::class::type_of::<$class>()
            }
        }
    };
}
pub(crate) use instance_of_own_class;
