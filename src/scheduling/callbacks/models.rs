//! An object with handlers, as GObject and a cancellable keep them: connecting, cancelling, resetting and disconnecting
//! at once.

use std::sync::Arc;

use super::*;
use crate::scheduling::models::{explore, settle, spawn};

struct Handler {
    /// Written by whoever calls the handler, and by the thread that has disconnected it: loom sees if these meet.
    calls: Cell<usize>,
    /// Also disconnects this one, from inside.
    disconnects: Option<Arc<Handler>>,
}

// SAFETY: all threads of a model are one for the system, and take turns.
unsafe impl Send for Handler {}
// SAFETY: as above.
unsafe impl Sync for Handler {}

impl Handler {
    fn new(disconnects: Option<Arc<Handler>>) -> Arc<Self> {
        Arc::new(Self {
            calls: Cell::new(0),
            disconnects,
        })
    }
}

struct Object {
    /// Under the lock: whether the object is cancelled.
    emissions: Emissions<bool>,
    /// Under GObject's own lock: who is connected.
    connected: Mutex<Vec<Arc<Handler>>>,
}

impl Object {
    fn new(handlers: &[&Arc<Handler>]) -> Arc<Self> {
        Arc::new(Self {
            emissions: Emissions::new(false),
            connected: Mutex::new(handlers.iter().copied().cloned().collect()),
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
                self.call(handler);
            }
        }
    }

    fn call(&self, handler: &Handler) {
        handler.calls.set(handler.calls.get() + 1);
        if let Some(other) = &handler.disconnects {
            self.disconnect(other);
        }
    }

    fn cancel(&self) {
        let mut shared = self.emissions.lock();
        if std::mem::replace(&mut shared.rest, true) {
            return;
        }
        let emission = self.emissions.begin(&mut shared);
        drop(shared);
        self.emit();
        self.emissions.end(emission);
    }

    fn reset(&self) {
        self.emissions.lock_when_quiet().rest = false;
    }

    fn connect(&self, handler: &Arc<Handler>) {
        let mut shared = self.emissions.lock();
        if !shared.rest {
            lock(&self.connected).push(Arc::clone(handler));
            return;
        }
        let emission = self.emissions.begin(&mut shared);
        drop(shared);
        self.call(handler);
        self.emissions.end(emission);
    }

    /// Blocking a handler and disconnecting it are the same here.
    fn disconnect(&self, handler: &Arc<Handler>) {
        let remove = || lock(&self.connected).retain(|other| !Arc::ptr_eq(other, handler));
        self.emissions.remove_handler(remove, remove);
    }

    /// Disconnects; then the handler is the caller's alone. Answers how often it was called.
    fn take_back(&self, handler: &Arc<Handler>) -> usize {
        self.disconnect(handler);
        handler.calls.replace(usize::MAX / 2)
    }
}

/// One more thread of the model.
fn also(object: &Arc<Object>, act: impl FnOnce(&Object) + 'static) {
    let object = Arc::clone(object);
    spawn(move || act(&object));
}

#[test]
fn who_has_disconnected_is_alone_with_the_handler() {
    explore("emissions, disconnecting", 4, || {
        let handler = Handler::new(None);
        let object = Object::new(&[&handler]);
        also(&object, Object::cancel);
        assert!(object.take_back(&handler) <= 1);
        settle();
    });
    explore("emissions, disconnecting, two cancellations", 3, || {
        let handler = Handler::new(None);
        let object = Object::new(&[&handler]);
        also(&object, |object| {
            object.cancel();
            object.reset();
        });
        also(&object, Object::cancel);
        assert!(object.take_back(&handler) <= 2);
        settle();
    });
}

#[test]
fn a_late_callback_is_called_once() {
    explore("emissions, late callback", 3, || {
        let (first, second) = (Handler::new(None), Handler::new(None));
        let object = Object::new(&[&first]);
        let connected = Arc::clone(&second);
        also(&object, move |object| object.connect(&connected));
        also(&object, Object::cancel);
        assert!(object.take_back(&first) <= 1);
        settle();
        // There is no id to disconnect a late callback by: what orders it before this is the lock.
        drop(object.emissions.lock());
        assert_eq!(second.calls.get(), 1);
    });
}

#[test]
fn no_cancellation_is_lost_by_who_connects() {
    explore("emissions, connecting", 4, || {
        let handler = Handler::new(None);
        let object = Object::new(&[]);
        also(&object, Object::cancel);
        object.connect(&handler);
        settle();
        assert_eq!(object.take_back(&handler), 1);
    });
}

#[test]
fn a_handler_waits_for_nobody() {
    explore("emissions, disconnecting from inside", 3, || {
        let target = Handler::new(None);
        let from_inside = Handler::new(Some(Arc::clone(&target)));
        let object = Object::new(&[&from_inside, &target]);
        also(&object, Object::cancel);
        also(&object, Object::reset);
        object.take_back(&target);
        object.take_back(&from_inside);
        settle();
    });
}
