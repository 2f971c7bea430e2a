//! Results of workers: a loop that is busy is woken once for all that arrive before it looks again.
//!
//! The first result of a worker in a context, at a priority, becomes an idle source at once. Those that come
//! while it still waits are *unseen*: one source of ours, the *collector*, attaches them, in order, when the
//! loop next looks, behind itself at the same priority. So the same iteration comes to them.
//!
//! A worker gives its one reference away with the result. Perhaps nothing else keeps the context alive: so
//! the worker attaches the first result, and the collector, under a lock that `ended` also takes. Until it is
//! given back, the first result cannot end, nor can its context. This is an exception to the rule that GLib
//! is not called under a lock: attaching runs no code of a program, and ends nothing.
//!
//! The global default context never ends: there the worker attaches the first result when it has given the
//! lock back. For attaching wakes the loop, and the loop takes the lock at once. Whoever forks waits for such
//! a worker, so that no lock of GLib's is held in the child.

use std::ffi::{c_int, CStr};
use std::sync::atomic::{AtomicUsize, Ordering};

use glib_sys::{gpointer, GSourceFunc};

use super::Deferred;
use crate::glib::context::ContextRef;
use crate::glib::held::excepted;
use crate::glib::source::{Functions, PolledSourceImpl, SourceImpl, SourceRef, SourceWith};
use crate::scheduling::sorted::Sorted;
use crate::scheduling::sync::{lock, shared, Cell, Mutex, Rank};

/// Where results wait.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    /// The context's address.
    context: usize,
    priority: c_int,
}

/// What waits in a place: something, or there is no entry.
#[derive(Default)]
struct Waiting {
    /// A result that its worker has attached has not ended.
    has_first: bool,
    /// Attached, and not looked at or destroyed since.
    collector: Option<Collector>,
}

type Places = Sorted<Place, Waiting>;
/// With a reference: so it can be asked whether it is destroyed.
type Collector = SourceRef<Unseen>;

/// The map of a shard. Collectors are used under its lock.
#[derive(Default)]
struct Shard(Places);

/// Workers whose results go to different contexts need not meet at one lock.
const SHARDS: usize = 16;
shared! {
    static WAITING: [Mutex<Shard>; SHARDS] =
        [const { Mutex::new(Rank::Arrivals, Shard(Sorted::new())) }; SHARDS];
}

/// How many workers are attaching a result without the lock. Increased under the lock of a shard.
static ATTACHING: AtomicUsize = AtomicUsize::new(0);

impl Place {
    fn shard(self) -> &'static Mutex<Shard> {
        // The lowest bits of an address tell nothing.
        &WAITING[(self.context >> 6) % SHARDS]
    }
}

/// Where a worker's result waits, if it was the first there: part of what is delivered.
pub(crate) struct Arrival(Cell<Option<Place>>);

impl Arrival {
    pub(crate) fn new() -> Self {
        Self(Cell::new(None))
    }

    /// Delivers a worker's result in a later iteration of `context`.
    ///
    /// # Safety
    /// This is a field of `result.object`, which may be used and released on whichever thread iterates, or
    /// ends, the context; it keeps the context alive, and calls `ended` before it is released.
    pub(crate) unsafe fn arrive(&self, context: ContextRef<'_>, result: Deferred) {
        let place = Place {
            context: context.address(),
            priority: result.priority,
        };
        let mut shard = lock(place.shard());
        let waiting = shard.0.get_or_add(place, Waiting::default);
        if let Some(collector) = waiting.collector.as_ref().filter(|it| !it.is_destroyed()) {
            return collector.data().add(result);
        }
        // SAFETY: the global default context lives as long as the program. Another context lives until its
        // first result has ended, and that needs the lock we hold. The result as the caller ensures.
        unsafe {
            if waiting.has_first {
                let unused = waiting.collector.replace(collect(place, context, result));
                drop(shard);
                drop(unused);
                return;
            }
            waiting.has_first = true;
            self.0.set(Some(place));
            if context.is_global_default() {
                ATTACHING.fetch_add(1, Ordering::Relaxed);
                drop(shard);
                result.into_source().attach(context);
                ATTACHING.fetch_sub(1, Ordering::Release);
            } else {
                excepted(|| result.into_source().attach(context));
            }
        }
    }

    /// The result is being delivered, or will not be. To be called before it is released; once is enough.
    pub(crate) fn ended(&self) {
        let Some(place) = self.0.take() else { return };
        let mut shard = lock(place.shard());
        if let Some(waiting) = shard.0.get(place) {
            waiting.has_first = false;
            if waiting.collector.is_none() {
                shard.0.remove(place);
            }
        }
    }
}

/// Attaches a collector with a result to begin with.
///
/// # Safety
/// The lock of the place's shard is held.
unsafe fn collect(place: Place, context: ContextRef<'_>, first: Deferred) -> Collector {
    let unseen = Unseen {
        place,
        results: Cell::new(vec![first.keep_name()]),
    };
    excepted(|| {
        let collector = SourceRef::create(&COLLECTOR, unseen);
        // SAFETY: the source is new.
        unsafe { collector.when_destroyed(destroyed) };
        collector.attach(context, place.priority);
        collector
    })
}

/// Called when a collector is destroyed: after it was dispatched, with its context, or by somebody. What it
/// has not attached by then is dropped.
unsafe extern "C" fn destroyed(collector: gpointer) {
    // SAFETY: the collector is alive while it is destroyed.
    let unseen = unsafe { &(*collector.cast::<SourceWith<Unseen>>()).data };
    let (results, own) = unseen.close(&mut lock(unseen.place.shard()));
    for result in results {
        // SAFETY: a source that is not attached drops its result.
        drop(unsafe { result.into_source() });
    }
    drop(own);
}

/// The data of a collector: results that have no place in their context yet. Used under the lock of the
/// shard.
struct Unseen {
    place: Place,
    results: Cell<Vec<Deferred>>,
}

static COLLECTOR: Functions = Functions::polled::<Unseen>();

impl Unseen {
    fn add(&self, result: Deferred) {
        let mut results = self.results.take();
        results.push(result.keep_name());
        self.results.set(results);
    }

    /// Takes the results out. From now on a new collector is needed. The reference that comes with them is to
    /// be dropped without the lock.
    fn close(&self, shard: &mut Shard) -> (Vec<Deferred>, Option<Collector>) {
        let mut own = None;
        if let Some(waiting) = shard.0.get(self.place) {
            let is_this = |collector: &mut Collector| std::ptr::eq(collector.data(), self);
            own = waiting.collector.take_if(is_this);
            if waiting.collector.is_none() && !waiting.has_first {
                shard.0.remove(self.place);
            }
        }
        (self.results.take(), own)
    }
}

impl SourceImpl for Unseen {
    const NAME: &'static CStr = c"[asyncresult] results of workers";

    unsafe fn dispatch(_: *mut SourceWith<Self>, _: GSourceFunc, _: gpointer) -> bool {
        false
    }
}

impl PolledSourceImpl for Unseen {
    unsafe fn look(source: *mut SourceWith<Self>) -> bool {
        // SAFETY: GLib keeps the source, and its context, alive while it looks at it.
        let (unseen, context) = unsafe { (&(*source).data, ContextRef::of_source(source.cast())) };
        let Some(context) = context else { return false };
        let mut shard = lock(unseen.place.shard());
        let (results, own) = unseen.close(&mut shard);
        for result in results {
            // Under the lock: a worker's next result must not overtake these.
            // SAFETY: the result is not attached.
            excepted(|| unsafe { result.into_source().attach(context) });
        }
        drop(shard);
        drop(own);
        true
    }
}

/// The locks, held during a fork.
#[cfg(not(all(test, feature = "loom")))]
pub(crate) struct ForkGuard(#[allow(dead_code, reason = "held, not used")] [Guard; SHARDS]);

#[cfg(not(all(test, feature = "loom")))]
type Guard = crate::scheduling::sync::MutexGuard<'static, Shard>;

#[cfg(not(all(test, feature = "loom")))]
pub(crate) fn hold() -> ForkGuard {
    let held = ForkGuard(crate::scheduling::sync::lock_all(WAITING.each_ref()));
    while ATTACHING.load(Ordering::Acquire) > 0 {
        std::thread::yield_now();
    }
    held
}

#[cfg(all(test, feature = "loom"))]
#[path = "../../../tests/models/arrivals.rs"]
mod models;
