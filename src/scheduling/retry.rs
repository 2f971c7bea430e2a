//! Asking again for a thread that the system refused, from contexts that somebody iterates.

use std::collections::BTreeMap;
use std::ffi::CStr;

use glib_sys::{gpointer, GMainContext, GSourceFunc, G_PRIORITY_DEFAULT};

use super::delivery::Key;
use super::pool;
#[cfg(not(all(test, feature = "loom")))]
use super::sync::MutexGuard;
use super::sync::{lock, shared, Cell, Mutex, Rank};
use crate::glib::context::Context;
use crate::glib::source::{self, Behaviour, Functions, SourceWith};

shared! {
    /// The retries, by their contexts: one is enough for each.
    static ENTERED: Mutex<Entries> = Mutex::new(Rank::Release, BTreeMap::new());
}

type Entries = BTreeMap<Key, Entry>;

/// Not owned: an entry leaves the map before its source is freed.
struct Entry(*mut SourceWith<Retry>);

// SAFETY: the pointer is used under the lock of the map.
unsafe impl Send for Entry {}

/// The map's lock, held during a fork.
#[cfg(not(all(test, feature = "loom")))]
pub(crate) struct Held(
    #[allow(dead_code, reason = "it is held, not used")] MutexGuard<'static, Entries>,
);

#[cfg(not(all(test, feature = "loom")))]
pub(crate) fn hold() -> Held {
    Held(lock(&ENTERED))
}

/// Asks again, after a while and as often as needed, in iterations of `context`.
///
/// # Safety
/// The context is alive.
pub(crate) unsafe fn later(context: *mut GMainContext) {
    let key = Key {
        context: context as usize,
        priority: G_PRIORITY_DEFAULT,
    };
    let mut entered = lock(&ENTERED);
    if let Some(entry) = entered.get(&key) {
        // SAFETY: a source in the map is not freed while its lock is held.
        unsafe {
            if source::is_attached_to(entry.0.cast(), context) {
                return;
            }
            // One of a context that died, of which this one has got the address.
            (*entry.0).data.entered.set(false);
        }
    }
    let retry = SourceWith::create(
        &FUNCTIONS,
        Retry {
            key,
            entered: Cell::new(true),
        },
    );
    entered.insert(key, Entry(retry));
    // SAFETY: the new source's one reference is ours to give away, and the context is alive.
    unsafe {
        source::set_ready_time(retry.cast(), source::after(pool::RETRY));
        source::attach(retry.cast(), context, key.priority);
    }
}

struct Retry {
    key: Key,
    /// In the map. Read and written under its lock.
    entered: Cell<bool>,
}

impl Retry {
    fn leave(&self) {
        let mut entered = lock(&ENTERED);
        if self.entered.replace(false) {
            entered.remove(&self.key);
        }
    }
}

static FUNCTIONS: Functions = Functions::new::<Retry>();

impl Behaviour for Retry {
    const NAME: &'static CStr = c"[asyncresult] waiting for a thread";

    unsafe fn dispatch(
        source: *mut SourceWith<Self>,
        _callback: GSourceFunc,
        _user_data: gpointer,
    ) -> bool {
        // SAFETY: GLib keeps the source alive while it is dispatched.
        let retry = unsafe { &(*source).data };
        // Leave the map first: whoever is refused from now on, and is not seen by this look, makes a retry.
        retry.leave();
        if !pool::look_again() {
            // SAFETY: the context is being iterated.
            unsafe { later(Context::of_dispatched().as_ptr()) };
        }
        false
    }
}

impl Drop for Retry {
    fn drop(&mut self) {
        self.leave();
    }
}
