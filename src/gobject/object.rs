//! Instances of GObject classes, and strong references to them.

use std::ffi::c_char;
use std::mem::ManuallyDrop;
use std::ops::Deref;
use std::ptr::NonNull;
use std::sync::atomic::{AtomicBool, AtomicPtr, AtomicU32, Ordering};

use glib_sys::{gpointer, GType};
use gobject_sys::{GObject, GTypeClass, GTypeInstance};

use crate::glib::{held, is_tried};

/// The class structure of a class that this library registered. The instances of exactly this class point to
/// it.
pub(crate) struct ClassPointer(AtomicPtr<GTypeClass>);

impl ClassPointer {
    pub(crate) const fn new() -> Self {
        Self(AtomicPtr::new(std::ptr::null_mut()))
    }

    pub(crate) fn is(&self, class: *mut GTypeClass) -> bool {
        !class.is_null() && self.0.load(Ordering::Relaxed) == class
    }

    /// For the class initializer.
    pub(super) fn set(&self, class: *mut GTypeClass) {
        self.0.store(class, Ordering::Release);
    }

    /// Whether the class exists. It never does in a process where libgio has it.
    pub(crate) fn exists(&self) -> bool {
        !self.0.load(Ordering::Relaxed).is_null()
    }

    /// The type, if the class exists.
    pub(crate) fn type_(&self) -> Option<GType> {
        let class = self.0.load(Ordering::Acquire);
        // SAFETY: class structures of static types are never freed.
        (!class.is_null()).then(|| unsafe { (*class).g_type })
    }
}

/// A `repr(C)` struct that GObject allocates, beginning with the struct of its parent class.
///
/// # Safety
/// The implementing struct begins with `GObject`, `class` is filled by its own class initializer only, and
/// every field is valid when it is all zeroes or is set by the instance initializer.
pub(crate) unsafe trait Instance: Sized {
    /// The class structure of instances of exactly this type, once there is one.
    fn class() -> &'static ClassPointer;

    fn type_() -> GType;

    /// The typed view of what a caller says is such an instance; `None` for NULL and for other objects.
    ///
    /// # Safety
    /// `pointer` is NULL or points to a live GTypeInstance, which stays alive as long as the view is used.
    #[inline]
    unsafe fn from_pointer<'a>(pointer: *mut Self) -> Option<&'a Self> {
        // SAFETY: the caller ensures NULL or a live instance, and a GTypeInstance is one pointer.
        let instance = unsafe { pointer.cast::<GTypeInstance>().as_ref()? };
        // SAFETY: as above; the slow check is made of a live instance.
        if Self::class().is(instance.g_class) || unsafe { Self::is_derived(pointer) } {
            // SAFETY: the type check says that the memory holds a `Self`.
            return Some(unsafe { &*pointer });
        }
        None
    }

    /// Whether a live instance of another class is of a class derived from this one. An object of libgio's
    /// class of the same name is not: where that class exists, this one does not.
    ///
    /// # Safety
    /// `pointer` points to a live GTypeInstance.
    #[cold]
    #[inline(never)]
    unsafe fn is_derived(pointer: *mut Self) -> bool {
        let Some(type_) = Self::class().type_() else {
            return false;
        };
        // SAFETY: as the caller ensures.
        unsafe { is_a(pointer.cast(), type_) }
    }

    fn as_object(&self) -> *mut GObject {
        std::ptr::from_ref(self).cast_mut().cast()
    }

    /// How many references there are at this moment; `None` where GObject does not tell.
    fn references(&self) -> Option<u32> {
        let is_shown = is_tried() || COUNT_WAS_FOUND.load(Ordering::Relaxed);
        // SAFETY: the instance is alive.
        is_shown.then(|| unsafe { shown_count(self.as_object()) })
    }
}

/// Whether a GLib that is newer than those that were tried counts references in the member of GObject that
/// its header declares, as a private one.
static COUNT_WAS_FOUND: AtomicBool = AtomicBool::new(false);

/// Finds out about the member, with an object that nobody else has. For the class initializer: before there
/// is an instance of a class of ours, nobody asks.
pub(super) fn find_count() {
    if is_tried() {
        return;
    }
    let object = new_object(gobject_sys::G_TYPE_OBJECT);
    // SAFETY: the object is alive until its one reference is dropped, at the end.
    unsafe {
        let made = shown_count(object);
        gobject_sys::g_object_ref(object);
        let taken = shown_count(object);
        gobject_sys::g_object_unref(object);
        let dropped = shown_count(object);
        gobject_sys::g_object_unref(object);
        COUNT_WAS_FOUND.store([made, taken, dropped] == [1, 2, 1], Ordering::Relaxed);
    }
}

/// What the member says.
///
/// # Safety
/// The object is alive.
unsafe fn shown_count(object: *mut GObject) -> u32 {
    // SAFETY: the member is aligned, lives as long as the object, and GObject changes it atomically only.
    unsafe { AtomicU32::from_ptr(&raw mut (*object).ref_count).load(Ordering::Acquire) }
}

/// Whether a live instance is of the given type, or of one derived from it, or implements it.
///
/// # Safety
/// `instance` is NULL or points to a live GTypeInstance.
#[cold]
pub(crate) unsafe fn is_a(instance: *mut GTypeInstance, type_: GType) -> bool {
    // SAFETY: g_type_check_instance_is_a() accepts NULL and live instances.
    unsafe { gobject_sys::g_type_check_instance_is_a(instance, type_) != 0 }
}

/// Whether `pointer` is NULL or an object: the check of every optional source object, as fast as
/// G_IS_OBJECT().
///
/// # Safety
/// `pointer` is NULL or points to a live GTypeInstance.
#[inline]
pub(crate) unsafe fn is_null_or_object(pointer: gpointer) -> bool {
    let type_ = gobject_sys::G_TYPE_OBJECT;
    if pointer.is_null() {
        return true;
    }
    // SAFETY: the caller ensures that the pointer is valid.
    unsafe { gobject_sys::g_type_check_instance_is_fundamentally_a(pointer.cast(), type_) != 0 }
}

/// A strong reference to an instance.
pub(crate) struct Ref<T: Instance>(NonNull<T>);

impl<T: Instance> Ref<T> {
    /// A new instance of `T`, made by GObject.
    pub(crate) fn create() -> Self {
        let type_ = T::class().type_().unwrap_or_else(T::type_);
        let Some(instance) = NonNull::new(new_object(type_).cast()) else {
            panic!("GObject makes an instance of a class that exists");
        };
        Self(instance)
    }

    /// Takes over a reference that the caller owns.
    ///
    /// # Safety
    /// `pointer` is a live `T` and one of its references is the caller's to give away.
    pub(crate) unsafe fn adopt(pointer: *mut T) -> Self {
        // SAFETY: a live instance is never NULL.
        Self(unsafe { NonNull::new_unchecked(pointer) })
    }

    /// Adds a reference to a live instance.
    pub(crate) fn retain(instance: &T) -> Self {
        held::assert_none();
        // SAFETY: `instance` is alive because it is borrowed.
        unsafe { gobject_sys::g_object_ref(instance.as_object()) };
        Self(NonNull::from(instance))
    }

    /// Gives the reference away: somebody else has to drop it, through `adopt` or g_object_unref().
    pub(crate) fn into_raw(self) -> *mut T {
        ManuallyDrop::new(self).0.as_ptr()
    }
}

impl<T: Instance> Deref for Ref<T> {
    type Target = T;

    fn deref(&self) -> &T {
        // SAFETY: the reference that `self` owns keeps the instance alive.
        unsafe { self.0.as_ref() }
    }
}

impl<T: Instance> Drop for Ref<T> {
    fn drop(&mut self) {
        held::assert_none();
        // SAFETY: `self` owns the reference that is dropped here.
        unsafe { gobject_sys::g_object_unref(self.0.as_ptr().cast()) };
    }
}

/// A strong reference to an object of any class, or none, which is NULL.
pub(crate) struct ObjectRef(*mut GObject);

impl ObjectRef {
    /// # Safety
    /// `object` is NULL or a live instance.
    pub(crate) unsafe fn retain(object: *mut GObject) -> Self {
        held::assert_none();
        if object.is_null() {
            return Self(object);
        }
        // SAFETY: a live instance, as the caller ensures. What is no object is refused by GObject, which
        // answers NULL.
        Self(unsafe { gobject_sys::g_object_ref(object) })
    }

    pub(crate) fn as_ptr(&self) -> *mut GObject {
        self.0
    }

    /// Another reference, for a caller in C ("transfer full").
    pub(crate) fn to_full(&self) -> *mut GObject {
        // SAFETY: `self` keeps the object alive.
        unsafe { Self::retain(self.0) }.into_raw()
    }

    pub(crate) fn into_raw(self) -> *mut GObject {
        ManuallyDrop::new(self).0
    }
}

impl Drop for ObjectRef {
    fn drop(&mut self) {
        held::assert_none();
        if !self.0.is_null() {
            // SAFETY: `self` owns the reference that is dropped here.
            unsafe { gobject_sys::g_object_unref(self.0) };
        }
    }
}

fn new_object(type_: GType) -> *mut GObject {
    held::assert_none();
    // SAFETY: no properties are given, so both arrays may be NULL.
    unsafe {
        gobject_sys::g_object_new_with_properties(type_, 0, std::ptr::null_mut(), std::ptr::null())
    }
}

/// The name of an object's type; NULL for NULL.
pub(crate) fn type_name(object: *mut GObject) -> *const c_char {
    if object.is_null() {
        return std::ptr::null();
    }
    // SAFETY: a live object, as its owner has a reference.
    unsafe { gobject_sys::g_type_name_from_instance(object.cast()) }
}
