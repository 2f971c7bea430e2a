//! An object with handlers, as GObject and a cancellable keep them: connecting, cancelling, resetting and
//! disconnecting at once.

use std::sync::Arc;

use super::*;
use crate::world::{explore, settle, spawn};

struct Handler {
    /// Written by whoever calls the handler, and by the thread that has disconnected it: loom sees if these
    /// meet.
    calls: Cell<usize>,
    does: Box<dyn Fn()>,
}

// SAFETY: all threads of a model are one for the system, and take turns.
unsafe impl Send for Handler {}
// SAFETY: as above.
unsafe impl Sync for Handler {}

impl Handler {
    fn new(does: impl Fn() + 'static) -> Arc<Self> {
        Arc::new(Self {
            calls: Cell::new(0),
            does: Box::new(does),
        })
    }

    fn call(&self) {
        self.calls.set(self.calls.get() + 1);
        (self.does)();
    }
}

struct Cancellable {
    id: ObjectId,
    /// Under the lock of the object: whether it is cancelled.
    cancelled: Mutex<bool>,
    /// Under the own lock of GObject, which comes after all of ours: who is connected.
    connected: Mutex<Vec<Arc<Handler>>>,
}

impl Cancellable {
    fn new(handlers: &[&Arc<Handler>]) -> Arc<Self> {
        let handlers = handlers.iter().copied().cloned().collect();
        Arc::new(Self {
            id: ObjectId::new(),
            cancelled: Mutex::new(Rank::Cancellable, false),
            connected: Mutex::new(Rank::Waiter, handlers),
        })
    }

    fn is_connected(&self, handler: &Arc<Handler>) -> bool {
        let connected = lock(&self.connected);
        connected.iter().any(|other| Arc::ptr_eq(other, handler))
    }

    /// As GObject does: what is connected at the beginning is called, if it still is when its turn comes.
    fn emit(&self) {
        let handlers = lock(&self.connected).clone();
        for handler in &handlers {
            if self.is_connected(handler) {
                handler.call();
            }
        }
    }

    /// FALSE if it was cancelled.
    fn cancel(&self) -> bool {
        let mut cancelled = lock(&self.cancelled);
        if *cancelled {
            return false;
        }
        let emission = self.id.begin(CallbackKind::Emission);
        *cancelled = true;
        drop(cancelled);
        self.emit();
        emission.end();
        true
    }

    fn reset(&self) {
        *self.id.lock_when_quiet(&self.cancelled) = false;
    }

    fn connect(&self, handler: &Arc<Handler>) {
        let cancelled = lock(&self.cancelled);
        if !*cancelled {
            lock(&self.connected).push(Arc::clone(handler));
            return;
        }
        let call = self.id.begin(CallbackKind::Late);
        drop(cancelled);
        handler.call();
        // No other thread has reset.
        assert!(*lock(&self.cancelled));
        call.end();
    }

    fn disconnect(&self, handler: &Arc<Handler>) {
        self.id.remove_handler(|| {
            lock(&self.connected).retain(|other| !Arc::ptr_eq(other, handler));
        });
    }

    /// Disconnects; then the handler is the caller's alone. Answers how often it was called.
    fn take_back(&self, handler: &Arc<Handler>) -> usize {
        self.disconnect(handler);
        handler.calls.replace(usize::MAX / 2)
    }
}

/// One more thread of the model.
fn also(object: &Arc<Cancellable>, act: impl FnOnce(&Cancellable) + 'static) {
    let object = Arc::clone(object);
    spawn(move || act(&object));
}

#[test]
fn who_has_disconnected_is_alone_with_the_handler() {
    explore("callbacks, disconnecting", 4, || {
        let handler = Handler::new(|| {});
        let object = Cancellable::new(&[&handler]);
        also(&object, |object| {
            object.cancel();
        });
        assert!(object.take_back(&handler) <= 1);
        settle();
    });
    explore("callbacks, disconnecting, two cancellations", 3, || {
        let handler = Handler::new(|| {});
        let object = Cancellable::new(&[&handler]);
        also(&object, |object| {
            object.cancel();
            object.reset();
        });
        also(&object, |object| {
            object.cancel();
        });
        assert!(object.take_back(&handler) <= 2);
        settle();
    });
}

/// Whoever sees the flag and then disconnects finds that the handler has been called.
#[test]
fn a_cancellation_that_had_begun_has_called_the_handler() {
    explore("callbacks, disconnecting what is to be called", 4, || {
        let handler = Handler::new(|| {});
        let object = Cancellable::new(&[&handler]);
        also(&object, |object| {
            object.cancel();
        });
        let had_begun = *lock(&object.cancelled);
        let calls = object.take_back(&handler);
        assert!(calls == 1 || !had_begun);
        settle();
    });
}

#[test]
fn a_late_callback_is_called_once() {
    explore("callbacks, late", 3, || {
        let (first, second) = (Handler::new(|| {}), Handler::new(|| {}));
        let object = Cancellable::new(&[&first]);
        let connected = Arc::clone(&second);
        also(&object, move |object| object.connect(&connected));
        also(&object, |object| {
            object.cancel();
        });
        assert!(object.take_back(&first) <= 1);
        settle();
        // There is no id to disconnect a late callback by: what orders it before this is the lock.
        object.reset();
        assert_eq!(second.calls.get(), 1);
    });
}

/// `connect` asserts that the object is still cancelled after its callback.
#[test]
fn nobody_resets_during_a_late_callback_of_another_thread() {
    explore("callbacks, late, and reset", 4, || {
        let handler = Handler::new(|| {});
        let object = Cancellable::new(&[]);
        object.cancel();
        let connected = Arc::clone(&handler);
        also(&object, move |object| object.connect(&connected));
        object.reset();
        settle();
        object.cancel();
        assert_eq!(object.take_back(&handler), 1);
    });
}

#[test]
fn no_cancellation_is_lost_by_who_connects() {
    explore("callbacks, connecting", 4, || {
        let handler = Handler::new(|| {});
        let object = Cancellable::new(&[]);
        also(&object, |object| {
            object.cancel();
        });
        object.connect(&handler);
        settle();
        assert_eq!(object.take_back(&handler), 1);
    });
}

#[test]
fn from_inside_everything_comes_to_an_end() {
    explore("callbacks, disconnecting from inside", 3, || {
        let target = Handler::new(|| {});
        let object = Cancellable::new(&[]);
        let (same, inner) = (Arc::downgrade(&object), Arc::clone(&target));
        let from_inside = Handler::new(move || {
            if let Some(object) = same.upgrade() {
                object.disconnect(&inner);
                object.reset();
            }
        });
        *lock(&object.connected) = vec![Arc::clone(&from_inside), Arc::clone(&target)];
        also(&object, |object| {
            object.cancel();
        });
        also(&object, Cancellable::reset);
        object.take_back(&target);
        object.take_back(&from_inside);
        settle();
    });
}

/// Two objects, two threads: each cancels one object, whose handler disconnects that of the other. One of
/// them waits for the other, or neither had to.
#[test]
fn two_that_disconnect_from_each_other_come_to_an_end() {
    explore("callbacks, a circle of two", 4, || {
        let objects = [Cancellable::new(&[]), Cancellable::new(&[])];
        let handlers: Vec<Arc<Handler>> = (0..2)
            .map(|place| {
                let other = Arc::downgrade(&objects[1 - place]);
                Handler::new(move || {
                    if let Some(other) = other.upgrade() {
                        let theirs = lock(&other.connected).first().cloned();
                        if let Some(theirs) = theirs {
                            other.disconnect(&theirs);
                        }
                    }
                })
            })
            .collect();
        for (object, handler) in objects.iter().zip(&handlers) {
            lock(&object.connected).push(Arc::clone(handler));
        }
        also(&objects[0], |object| {
            object.cancel();
        });
        objects[1].cancel();
        settle();
        let calls = [0, 1].map(|place| objects[place].take_back(&handlers[place]));
        assert!(calls.iter().all(|&calls| calls <= 1));
        assert!(calls.contains(&1));
    });
}

/// What an observer has noted is carried out before `wait_for` returns, if the observer had been told.
#[test]
fn who_waits_for_notes_is_alone_with_what_they_are_about() {
    explore("callbacks, notes", 4, || {
        let alarm = Handler::new(|| {});
        let object = Cancellable::new(&[]);
        let noted = Arc::clone(&alarm);
        also(&object, move |object| {
            let cancelled = lock(&object.cancelled);
            if !*cancelled {
                let call = object.id.begin(CallbackKind::Observers);
                drop(cancelled);
                noted.call();
                call.end();
            }
        });
        // Leaves: from now on nothing is noted.
        *lock(&object.cancelled) = true;
        object.id.wait_for(CallbackKind::Observers);
        assert!(alarm.calls.replace(usize::MAX / 2) <= 1);
        settle();
    });
}
