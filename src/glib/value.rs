//! GValue, owned.

use std::mem::MaybeUninit;

use gobject_sys::GValue;

/// A value that we own, on the heap: a GValue is large, and few tasks return one. Dropping it frees its content.
pub(crate) struct OwnedValue(Box<GValue>);

impl OwnedValue {
    /// A copy of `value`; NULL stands for a NULL pointer of type G_TYPE_POINTER.
    ///
    /// # Safety
    /// `value` is NULL or a valid, initialized value.
    pub(crate) unsafe fn copy(value: *const GValue) -> Self {
        // SAFETY: a zeroed GValue is what g_value_init() wants; afterwards it is copied into, type for type.
        unsafe {
            let mut copy = Box::new(MaybeUninit::<GValue>::zeroed().assume_init());
            if value.is_null() {
                gobject_sys::g_value_init(&mut *copy, gobject_sys::G_TYPE_POINTER);
            } else {
                gobject_sys::g_value_init(&mut *copy, (*value).g_type);
                gobject_sys::g_value_copy(value, &mut *copy);
            }
            Self(copy)
        }
    }

    pub(crate) fn as_ptr(&self) -> *const GValue {
        &*self.0
    }

    /// Gives the value away in memory of its own, which g_free() frees.
    pub(crate) fn into_raw(self) -> *mut GValue {
        // SAFETY: g_malloc0() never fails, and zeroed memory is an unused place for a value.
        unsafe {
            let place = glib_sys::g_malloc0(size_of::<GValue>()).cast();
            self.move_to(place);
            place
        }
    }

    /// Moves the value to a caller, whose place must be unused.
    ///
    /// # Safety
    /// `destination` is a place for a GValue, and holds nothing that needs freeing.
    pub(crate) unsafe fn move_to(self, destination: *mut GValue) {
        let mut this = std::mem::ManuallyDrop::new(self);
        // SAFETY: a GValue may be moved by copying its bytes, once; the box is then freed without its
        // content.
        unsafe {
            destination.copy_from_nonoverlapping(&*this.0, 1);
            drop(Box::from_raw(
                std::ptr::from_mut(&mut *this.0).cast::<MaybeUninit<GValue>>(),
            ));
        }
    }
}

impl Drop for OwnedValue {
    fn drop(&mut self) {
        // SAFETY: the value was initialized by `copy`.
        unsafe { gobject_sys::g_value_unset(&mut *self.0) };
    }
}
