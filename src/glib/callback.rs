//! What a caller hands over: data with the function that frees it.

use glib_sys::{gpointer, GDestroyNotify};

use super::held;

/// A pointer with its destroy notify. Dropping this calls the notify, also for NULL.
pub(crate) struct Owned {
    data: gpointer,
    destroy: GDestroyNotify,
}

impl Owned {
    pub(crate) const EMPTY: Self = Self {
        data: std::ptr::null_mut(),
        destroy: None,
    };

    /// # Safety
    /// `destroy` may be called with `data`, once, on any thread that drops this.
    pub(crate) unsafe fn new(data: gpointer, destroy: GDestroyNotify) -> Self {
        Self { data, destroy }
    }

    /// The same for data that is not destroyed when it is NULL.
    ///
    /// # Safety
    /// As for `new`.
    pub(crate) unsafe fn unless_null(data: gpointer, destroy: GDestroyNotify) -> Self {
        Self {
            data,
            destroy: destroy.filter(|_| !data.is_null()),
        }
    }

    pub(crate) fn data(&self) -> gpointer {
        self.data
    }

    pub(crate) fn destroy(&self) -> GDestroyNotify {
        self.destroy
    }

    pub(crate) fn is_never_destroyed(&self) -> bool {
        self.destroy.is_none()
    }

    /// Gives the data away, without freeing it.
    pub(crate) fn into_data(mut self) -> gpointer {
        self.destroy = None;
        self.data
    }
}

impl Drop for Owned {
    fn drop(&mut self) {
        if let Some(destroy) = self.destroy {
            held::assert_none();
            // SAFETY: `new` was told that this call is allowed, and it is made only here.
            unsafe { destroy(self.data) };
        }
    }
}
