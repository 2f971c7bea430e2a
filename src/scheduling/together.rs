//! What is to be done together: listed until it is taken back.

use std::ptr::NonNull;
use std::sync::Arc;

use super::list::{Links, List, Member, Pinned};
use super::sync::{lock, shared, Mutex, Rank};

/// What can be listed. Any thread may do it, also while the `Listed` is dropped.
pub(crate) trait Deed: Send + Sync {
    fn carry_out(&self);
}

/// A deed that is listed for as long as this is there.
pub(crate) struct Listed(Arc<Entry>);

struct Entry {
    links: Links<Entry>,
    deed: Box<dyn Deed>,
}

// SAFETY: the links are used under the lock of the list only.
unsafe impl Send for Entry {}
// SAFETY: as above.
unsafe impl Sync for Entry {}

impl Member for Entry {
    fn links(&self) -> &Links<Self> {
        &self.links
    }
}

struct Entries(List<Entry>);

// SAFETY: the members may be used by any thread.
unsafe impl Send for Entries {}

shared! {
    static ENTRIES: Mutex<Entries> = Mutex::new(Rank::Together, Entries(List::new()));
}

impl Listed {
    pub(crate) fn new(deed: Box<dyn Deed>) -> Self {
        let entry = Arc::new(Entry {
            links: Links::new(),
            deed,
        });
        let listed = Self(entry);
        lock(&ENTRIES).0.append(listed.pinned());
        listed
    }

    fn pinned(&self) -> Pinned<Entry> {
        // SAFETY: the entry is kept by `self`, which takes it out of the list when it is dropped. An Arc's
        // pointer is not NULL.
        unsafe { Pinned::new(NonNull::new_unchecked(Arc::as_ptr(&self.0).cast_mut())) }
    }
}

impl Drop for Listed {
    fn drop(&mut self) {
        lock(&ENTRIES).0.remove(self.pinned());
    }
}

/// Does all that is listed now, in the order in which it came, without the lock.
pub(crate) fn carry_out_all() {
    let entries: Vec<Arc<Entry>> = {
        let entries = lock(&ENTRIES);
        let arc_of = |entry: Pinned<Entry>| {
            // SAFETY: `pinned` made it of an Arc's pointer, and a member of the list keeps its own reference.
            unsafe {
                Arc::increment_strong_count(entry.as_ptr());
                Arc::from_raw(entry.as_ptr())
            }
        };
        entries.0.iter().map(arc_of).collect()
    };
    for entry in entries {
        entry.deed.carry_out();
    }
}

/// The lock, held during a fork.
#[cfg(not(all(test, feature = "loom")))]
pub(crate) struct ForkGuard(
    #[allow(dead_code, reason = "held, not used")] super::sync::MutexGuard<'static, Entries>,
);

#[cfg(not(all(test, feature = "loom")))]
pub(crate) fn hold() -> ForkGuard {
    ForkGuard(lock(&ENTRIES))
}
