//! Where the library's own listeners stand among the handlers of a cancellable.
//!
//! In GIO each listener is a handler: it hears of a cancellation after the handlers that were connected
//! before it, and before those that come later. Here it is an observer, a member of a list, which costs much
//! less. An observer that joins when there is no handler is before all handlers, and needs nothing else. One
//! that joins later gets a handler of its own, which GObject calls at the right place, and which notifies it
//! there.
//!
//! GObject is not asked for handlers before the first `g_cancellable_connect()`: asking takes a lock of the
//! whole process, and most cancellables never have a handler.

use std::mem::transmute;
use std::sync::atomic::Ordering;
use std::sync::Arc;

use glib_sys::gpointer;

use super::{Cancellable, CANCELLED};
use crate::glib::held;
use crate::glib::signal::{self, Handler};
use crate::gobject::object::Instance;
use crate::scheduling::list::Pinned;
use crate::scheduling::observers::{Observer, Place};

impl Cancellable {
    /// Adds an internal observer, and says whether the object was cancelled at that moment: if so, it will be
    /// notified of later cancellations only.
    ///
    /// # Safety
    /// As for `Observers::join`. The object outlives the membership.
    pub(crate) unsafe fn join(&self, observer: Pinned<Observer>) -> bool {
        let mut shared = self.lock();
        let place = if shared.had_handlers {
            self.place_behind_handlers()
        } else {
            None
        };
        // SAFETY: as the caller ensures.
        unsafe { shared.observers.join(observer, place) };
        self.is_cancelled()
    }

    /// Removes an observer, if it is there: when this returns it is not being notified, and will not be. What
    /// it has noted may yet be carried out.
    ///
    /// # Safety
    /// As for `Observers::leave`. Not called from a notification.
    pub(crate) unsafe fn leave(&self, observer: Pinned<Observer>) {
        let mut shared = self.lock();
        // SAFETY: as the caller ensures.
        let place = unsafe { shared.observers.leave(observer) };
        drop(shared);
        if let Some(place) = place {
            self.give_up(&place);
        }
    }

    /// A new place, behind the handlers that there are; `None` if there are none. The caller holds the lock.
    /// So the observer that joins with it does so at the same moment.
    #[cold]
    fn place_behind_handlers(&self) -> Option<Arc<Place>> {
        let signal = CANCELLED.load(Ordering::Relaxed);
        // SAFETY: alive, and an instance of the class that has the signal. The handler keeps its share of the
        // place, and is called with the object and the place.
        held::excepted(|| unsafe {
            if !signal::has_handlers(self.as_object(), signal) {
                return None;
            }
            let place = Place::new();
            let share = Arc::into_raw(Arc::clone(&place)).cast_mut();
            let reached = transmute::<
                unsafe extern "C" fn(*const Self, *const Place),
                unsafe extern "C" fn(),
            >(reached);
            let handler = Handler::new(Some(reached), share.cast(), Some(drop_share));
            place.handler.set(handler.connect(self.as_object(), signal));
            Some(place)
        })
    }

    #[cold]
    fn give_up(&self, place: &Place) {
        // SAFETY: alive. The program may have disconnected all handlers, or disposed of the object.
        unsafe { signal::disconnect_if_connected(self.as_object(), place.handler.get()) };
    }
}

/// The handler: an emission has come to this place. It may be one by hand, or run in several threads: so the
/// observer is notified only if it is due.
unsafe extern "C" fn reached(cancellable: *const Cancellable, place: *const Place) {
    // SAFETY: GObject keeps the object, and the handler's share of the place, while it calls the handler.
    unsafe { (*cancellable).notify(|observers| observers.notify_at(&*place)) };
}

unsafe extern "C" fn drop_share(place: gpointer) {
    // SAFETY: the handler's share, which `place_behind_handlers` gave it.
    drop(unsafe { Arc::from_raw(place.cast::<Place>()) });
}
