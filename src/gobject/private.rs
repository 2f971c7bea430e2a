//! The private part of an instance: memory that GObject sets aside beside each instance of a public class.

use std::ffi::c_int;
use std::sync::atomic::{AtomicI32, Ordering};

use glib_sys::{gpointer, GType};

/// Where, relative to an instance, its private part of type `T` lies.
pub(crate) struct PrivatePart<T> {
    /// Written while the class is made, by the one thread that makes it; only read once there are instances.
    offset: AtomicI32,
    content: std::marker::PhantomData<fn() -> T>,
}

impl<T> PrivatePart<T> {
    pub(crate) const fn new() -> Self {
        assert!(align_of::<T>() <= 2 * size_of::<usize>());
        Self {
            offset: AtomicI32::new(0),
            content: std::marker::PhantomData,
        }
    }

    /// Asks for the memory. For `Class::type_registered`.
    pub(crate) fn reserve(&self, type_: GType) {
        // SAFETY: the type is registered, and has no instances yet.
        let token = unsafe { gobject_sys::g_type_add_instance_private(type_, size_of::<T>()) };
        self.offset.store(token, Ordering::Relaxed);
    }

    /// Finds out where the memory will be. For `Class::class_init`, with the class structure.
    pub(crate) fn settle<C>(&self, class: &mut C) {
        let mut offset: c_int = self.offset.load(Ordering::Relaxed);
        let class: gpointer = std::ptr::from_mut(class).cast();
        // SAFETY: the class is being made, and `offset` is what reserving the memory answered.
        unsafe { gobject_sys::g_type_class_adjust_private_offset(class, &mut offset) };
        self.offset.store(offset, Ordering::Relaxed);
    }

    /// The private part of an instance: zeroed at first, freed with it.
    ///
    /// # Safety
    /// `instance` is an instance of the class, or of one derived from it.
    pub(crate) unsafe fn of<I>(&self, instance: *mut I) -> *mut T {
        let offset = self.offset.load(Ordering::Relaxed) as isize;
        // SAFETY: GObject laid out every instance of the class with the private part at this distance.
        unsafe { instance.byte_offset(offset).cast() }
    }
}
