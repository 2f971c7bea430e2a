//! The list under its owner's lock, as a cancellable uses it: joining, leaving and notifying at once.

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
struct Owner(Mutex<(usize, Observers)>);

impl Owner {
    fn new() -> Arc<Self> {
        Arc::new(Self(Mutex::new(Rank::Cancellable, (0, Observers::new()))))
    }

    fn notify(&self) {
        let mut shared = lock(&self.0);
        shared.0 += 1;
        shared.1.notify_all().carry_out();
    }

    /// Answers how many notifications were before.
    fn join(&self, listener: &Listener) -> usize {
        let mut shared = lock(&self.0);
        // SAFETY: each listener joins once.
        unsafe { shared.1.join(listener.pin()) };
        shared.0
    }

    /// Answers how many notifications were before.
    fn leave(&self, listener: &Listener) -> usize {
        let mut shared = lock(&self.0);
        // SAFETY: in this list.
        unsafe { shared.1.leave(listener.pin()) };
        shared.0
    }
}

/// Joins and leaves, and finds that it heard of exactly what happened in between, and of nothing later.
fn listen(owner: &Owner) {
    let listener = Listener::new();
    let before = owner.join(&listener);
    let after = owner.leave(&listener);
    assert_eq!(listener.notified.replace(0), after - before);
    // Its memory goes now: whoever touches it later is found out.
}

#[test]
fn a_member_hears_of_everything_and_one_that_left_of_nothing() {
    explore("observers, three listeners", 3, || {
        let owner = Owner::new();
        for _ in 0..3 {
            let owner = Arc::clone(&owner);
            spawn(move || listen(&owner));
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
        spawn(move || listen(&other));
        listen(&owner);
        settle();
        assert_eq!(lock(&owner.0).0, 2);
    });
}
