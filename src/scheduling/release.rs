//! Releasing what a task owned: on which thread, and with how much stack.
//!
//! A worker releases nothing that a task owned. It hands it over to the task's context, where an idle source releases it:
//! when the context is iterated, or when it ends. If neither happens for a while, a *release thread* takes it and
//! releases it itself; the idle source stays, for what is handed over later. The worker's reference to the context may be the
//! last one, so a release thread drops it.
//!
//! On any other thread the release happens where the last reference is dropped: see `nesting.rs`.

#[cfg(not(all(test, feature = "loom")))]
mod nesting;
mod threads;

use std::any::Any;
use std::collections::{BTreeMap, VecDeque};

use glib_sys::{gboolean, gpointer, GFALSE, G_PRIORITY_DEFAULT};

use super::pool;
#[cfg(not(all(test, feature = "loom")))]
use super::sync::MutexGuard;
use super::sync::{lock, shared, Condvar, Mutex, Rank};
use crate::glib::context::Context;
use crate::glib::held::excepted;
use crate::glib::source::{Call, Name, Source};
use crate::glib::thread;
#[cfg(not(all(test, feature = "loom")))]
pub(crate) use nesting::{begin, begin_here, end, put_off, Turn};

/// How long a context may take to release what it was given, before the release thread does: in microseconds.
#[derive(Clone, Copy)]
pub(crate) enum Grace {
    /// Somebody iterates the context, but may be busy.
    Iterated = 2_000_000,
    /// Nothing is known of the context.
    Unknown = 20_000,
}

/// Drops `garbage`: here, or, if this is a worker, in a later iteration of `context`.
///
/// # Safety
/// What is dropped may be dropped on the thread that iterates the context, or on any that is no worker.
pub(crate) unsafe fn release<T: 'static>(garbage: T, context: Context, grace: Grace) {
    if !pool::is_worker() {
        return drop(garbage);
    }
    hand_over(Box::new(garbage), context, grace);
}

#[cold]
fn hand_over(garbage: Box<dyn Any>, context: Context, grace: Grace) {
    let until = thread::now() + grace as i64;
    let address = context.as_ptr() as usize;
    let mut parked = lock(&PARKED);
    let heap = parked.heaps.entry(address).or_insert_with(|| {
        // SAFETY: the context is alive. Attaching is allowed under a lock that the end of the source takes: `arrivals.rs`.
        excepted(|| unsafe { releasing_source(address).attach(context.as_ptr()) });
        Heap::new()
    });
    heap.push_back((until, garbage));
    // The global default context never ends.
    let has_reference = !context.is_global_default();
    if has_reference {
        parked.contexts.push(context);
    }
    let is_news = has_reference || until < parked.next;
    parked.next = parked.next.min(until);
    if !parked.is_in_charge {
        return threads::start(parked);
    }
    if is_news {
        NEWS.notify_one();
    }
    if parked.needs_stand_by() {
        drop(threads::start_stand_by(parked));
    }
}

/// An idle source that releases what was handed over to the context with this address.
///
/// # Safety
/// It is to be attached to that context.
unsafe fn releasing_source(address: usize) -> Source {
    unsafe extern "C" fn nothing(_: gpointer) -> gboolean {
        GFALSE
    }
    /// Called when the source has been dispatched, or is destroyed.
    unsafe extern "C" fn release_heap(address: gpointer) {
        // SAFETY: the box made below, which the source gives back once.
        let address = unsafe { Box::from_raw(address.cast::<usize>()) };
        let heap = lock(&PARKED).heaps.remove(&*address);
        drop(heap);
    }
    // Nobody else has a source with this datum.
    let datum = Box::into_raw(Box::new(address)).cast();
    let name = Name::Static(c"[asyncresult] release");
    let call = Call::Once {
        function: nothing,
        destroy: release_heap,
    };
    // SAFETY: both functions may be called on any thread.
    unsafe { Source::idle(G_PRIORITY_DEFAULT, name, call, datum) }
}

/// What was handed over to a context, with the times at which a release thread takes it. There is one as long as the context
/// has the source that releases it.
type Heap = VecDeque<(i64, Box<dyn Any>)>;

/// All that was handed over and has not been released.
struct Parked {
    /// By the addresses of their contexts.
    heaps: BTreeMap<usize, Heap>,
    /// References that a release thread is to drop.
    contexts: Vec<Context>,
    /// No heap is to be looked at before this.
    next: i64,
    /// Which release thread is in charge: each has the next number. Whoever is not any more ends.
    charge: u64,
    /// There is one.
    is_in_charge: bool,
    /// When it began to release what it is releasing; 0 if it is not releasing anything.
    busy_since: i64,
    /// A thread stands by, to take charge if a destroy notify takes its time.
    has_stand_by: bool,
}

// SAFETY: what is handed over may be released on any thread that is no worker, as `release` is promised.
unsafe impl Send for Parked {}

shared! {
    static PARKED: Mutex<Parked> = Mutex::new(Rank::Release, Parked::new());

    /// There is something that the thread in charge does not wait for yet.
    static NEWS: Condvar = Condvar::new();
}

impl Parked {
    const fn new() -> Self {
        Self {
            heaps: BTreeMap::new(),
            contexts: Vec::new(),
            next: i64::MAX,
            charge: 0,
            is_in_charge: false,
            busy_since: 0,
            has_stand_by: false,
        }
    }

    fn is_empty(&self) -> bool {
        self.contexts.is_empty() && self.next == i64::MAX
    }

    /// What waits would be held up by a destroy notify that takes its time.
    fn needs_stand_by(&self) -> bool {
        self.busy_since != 0 && !self.is_empty() && !self.has_stand_by
    }

    /// Takes out one thing that a release thread is to release: a context, or what a context has kept for too long.
    fn take_due(&mut self, now: i64) -> Option<Box<dyn Any>> {
        if let Some(context) = self.contexts.pop() {
            return Some(Box::new(context));
        }
        if self.next > now {
            return None;
        }
        let is_due = |heap: &&mut Heap| heap.front().is_some_and(|(until, _)| *until <= now);
        let due = self
            .heaps
            .values_mut()
            .find(is_due)
            .and_then(Heap::pop_front);
        let firsts = self.heaps.values().filter_map(Heap::front);
        self.next = firsts.map(|(until, _)| *until).min().unwrap_or(i64::MAX);
        due.map(|(_, garbage)| garbage)
    }
}

/// The lock, held during a fork.
#[cfg(not(all(test, feature = "loom")))]
pub(crate) struct Held(MutexGuard<'static, Parked>);

#[cfg(not(all(test, feature = "loom")))]
pub(crate) fn hold() -> Held {
    Held(lock(&PARKED))
}

#[cfg(not(all(test, feature = "loom")))]
impl Held {
    /// In the child there is no release thread. Contexts of other threads may be locked for ever: what they were given is
    /// not touched.
    pub(crate) fn forget(&mut self) {
        std::mem::forget(std::mem::replace(&mut *self.0, Parked::new()));
    }
}

#[cfg(all(test, feature = "loom"))]
mod models;
