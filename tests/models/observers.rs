//! The list under its owner's lock, as a cancellable uses it: joining, leaving and notifying at once, with and
//! without places among the handlers.

use std::ptr::NonNull;
use std::sync::Arc;

use super::*;
use crate::scheduling::sync::{lock, Cell, Mutex, Rank};
use crate::world::{explore, settle, spawn};

#[repr(C)]
struct Listener {
    observer: Observer,
    /// Written by whoever notifies, and by the listener's own thread after it has left: loom sees if these
    /// meet.
    notified: Cell<usize>,
}

unsafe fn note(observer: *const Observer, _: &mut Notes) {
    // SAFETY: every observer here is the first field of a listener.
    let notified = unsafe { &(*observer.cast::<Listener>()).notified };
    notified.set(notified.get() + 1);
}

impl Listener {
    fn new() -> Self {
        Self {
            observer: Observer::new(note),
            notified: Cell::new(0),
        }
    }

    fn pin(&self) -> Pinned<Observer> {
        // SAFETY: each listener leaves before it goes.
        unsafe { Pinned::new(NonNull::from(self).cast()) }
    }
}

/// A cancellable as far as this matters: each notification comes with the flag.
struct Owner(Mutex<Shared>);

struct Shared {
    notifications: usize,
    observers: Observers,
    /// What the handlers at the places hold, as GObject would keep them.
    handlers: Vec<Arc<Place>>,
}

impl Owner {
    fn new() -> Arc<Self> {
        let shared = Shared {
            notifications: 0,
            observers: Observers::new(),
            handlers: Vec::new(),
        };
        Arc::new(Self(Mutex::new(Rank::Cancellable, shared)))
    }

    /// The emission may still call handlers that are being disconnected.
    fn notify(&self) {
        let mut shared = lock(&self.0);
        shared.notifications += 1;
        let (notes, any_due) = shared.observers.notify_first();
        notes.carry_out();
        let emission = shared.handlers.clone();
        drop(shared);
        for place in emission {
            lock(&self.0).observers.notify_at(&place).carry_out();
        }
        if any_due {
            lock(&self.0).observers.notify_last().carry_out();
        }
    }

    /// Answers how many notifications were before.
    fn join(&self, listener: &Listener, behind_handlers: bool) -> usize {
        let mut shared = lock(&self.0);
        let place = behind_handlers.then(Place::new);
        shared.handlers.extend(place.clone());
        // SAFETY: each listener joins once.
        unsafe { shared.observers.join(listener.pin(), place) };
        shared.notifications
    }

    /// Answers how many notifications were before.
    fn leave(&self, listener: &Listener) -> usize {
        let mut shared = lock(&self.0);
        // SAFETY: in this list.
        let place = unsafe { shared.observers.leave(listener.pin()) };
        let before = shared.notifications;
        drop(shared);
        if let Some(place) = place {
            let is_other = |other: &Arc<Place>| !Arc::ptr_eq(other, &place);
            lock(&self.0).handlers.retain(is_other);
        }
        before
    }
}

/// Joins and leaves, and finds that it heard of exactly what happened in between, and of nothing later. At a place
/// it may leave before the emission comes by.
fn listen(owner: &Owner, behind_handlers: bool) {
    let listener = Listener::new();
    let before = owner.join(&listener, behind_handlers);
    let after = owner.leave(&listener);
    let heard = listener.notified.replace(0);
    assert!(heard == after - before || (behind_handlers && heard < after - before));
    // Its memory goes now: whoever touches it later is found out.
}

#[test]
fn a_member_hears_of_everything_and_one_that_left_of_nothing() {
    explore("observers, three listeners", 3, || {
        let owner = Owner::new();
        for _ in 0..3 {
            let owner = Arc::clone(&owner);
            spawn(move || listen(&owner, false));
        }
        owner.notify();
        owner.notify();
        settle();
        owner.notify();
    });
    explore("observers, two notifiers", 4, || {
        let owner = Owner::new();
        for _ in 0..2 {
            let owner = Arc::clone(&owner);
            spawn(move || owner.notify());
        }
        let other = Arc::clone(&owner);
        spawn(move || listen(&other, false));
        listen(&owner, false);
        settle();
        assert_eq!(lock(&owner.0).notifications, 2);
    });
}

#[test]
fn at_a_place_too() {
    explore("observers, two at places", 3, || {
        let owner = Owner::new();
        for _ in 0..2 {
            let owner = Arc::clone(&owner);
            spawn(move || listen(&owner, true));
        }
        owner.notify();
        owner.notify();
        settle();
        owner.notify();
        assert!(lock(&owner.0).handlers.is_empty());
    });
    // Two cancellations at once may be heard of as one.
    explore("observers, a place and two notifiers", 3, || {
        let owner = Owner::new();
        let listener = Listener::new();
        owner.join(&listener, true);
        for _ in 0..2 {
            let owner = Arc::clone(&owner);
            spawn(move || owner.notify());
        }
        settle();
        owner.leave(&listener);
        assert!((1..=2).contains(&listener.notified.get()));
    });
}
