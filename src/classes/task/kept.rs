//! One unref too many, of a task that the library still uses: the task is kept, and it is said.
//!
//! The library's references to a task are those of the worker, from the start until the function has ended;
//! of the delivery; of a thread that waits; and of the sources that were attached to the task. If the last
//! reference goes while the library has one, it is the library's own, dropped by a program. It is taken
//! again. The library never drops a reference that it counts here: what says that it has one is taken back
//! before.

use std::ffi::{c_char, CStr};
use std::ptr::null;
use std::sync::atomic::Ordering;

use super::{Task, COMPLETED, DELIVERY, IN_CALLBACK, SHARED};
use crate::glib::hooks::table::Message;
use crate::glib::log::{self, Level};
use crate::gobject::object::Ref;

impl Task {
    /// Whether the library has a reference. To be asked in any thread: all that it looks at is atomic.
    #[inline]
    pub(super) fn is_held(&self) -> bool {
        if self.attached.load(Ordering::Acquire) != 0 {
            return true;
        }
        let delivery = self.delivery.load(Ordering::Acquire);
        if delivery == DELIVERY {
            return false;
        }
        // Before a delivery there is the reference of a worker, and perhaps of a thread that waits.
        delivery != 0 || self.is_threaded()
    }

    /// Called from dispose, for the last reference, while the library has one. An object that has another
    /// reference when dispose returns is not finalized.
    #[cold]
    #[inline(never)]
    pub(super) fn keep(&self) {
        let _ = Ref::retain(self).into_raw();
        let (called, whereabouts) = (self.called(), self.whereabouts());
        let origin = self.describe_origin(Message::Kept);
        let arguments = [
            called.as_ptr(),
            whereabouts.as_ptr(),
            origin.as_ptr(),
            null(),
        ];
        // SAFETY: the format takes three strings.
        unsafe {
            log::formatted(
                Level::Critical,
                c"GTask %s: g_object_unref() was called once too often while the task %s. Remove one: who called g_task_new() \
                drops its reference, once; the thread function and the task's callback drop none. The task is kept.%s",
                arguments.map(<*const c_char>::cast),
            );
        }
    }

    /// What the library needs the task for.
    fn whereabouts(&self) -> &'static CStr {
        let delivery = self.delivery.load(Ordering::Acquire);
        let completed = self.completed.load(Ordering::Acquire);
        if delivery == DELIVERY | SHARED {
            // It has been delivered, and its function goes on.
            c"runs in a worker"
        } else if delivery == DELIVERY || (delivery == 0 && !self.is_threaded()) {
            // Nothing else is left, or has begun.
            c"is the data of a source that it was attached to"
        } else if completed == IN_CALLBACK {
            c"is in its callback"
        } else if completed == COMPLETED {
            c"notifies of its completion"
        } else if delivery & DELIVERY != 0 {
            c"has a result that waits for its context"
        } else if self.is_queued() {
            c"waits for a worker"
        } else {
            c"runs in a worker"
        }
    }
}
