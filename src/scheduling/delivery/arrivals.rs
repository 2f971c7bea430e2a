//! Results of workers: a loop that is busy is woken once for all that arrive before it looks again.
//!
//! The first result of a worker in a context, at a priority, becomes an idle source at once. Those that come
//! while it still waits are *unseen*: one source of ours, the *collector*, attaches them, in order, when the
//! loop next looks, behind itself at the same priority. So the same iteration dispatches them.
//!
//! Whatever else becomes a source there has them attached before: so it does not overtake them
//! (`show_unseen`). The collector then finds nothing to attach.
//!
//! A worker gives its one reference away with the result. Perhaps nothing else keeps the context alive. So
//! the worker attaches the first result, and the collector, under a lock that `ended` also takes: while the
//! worker holds it, the first result is not freed, and neither is its context. This is an exception to the
//! rule that GLib is not called under a lock: attaching runs no code of a program, and frees nothing.
//!
//! The global default context is never freed. There the worker unlocks before it attaches the first result:
//! attaching wakes the loop, which takes the lock at once. A thread that forks waits for such a worker
//! (`ATTACHING`), so that no lock of GLib's is held in the child.

use std::ffi::{c_int, CStr};
use std::sync::atomic::Ordering;

use super::Deferred;
use crate::glib::context::ContextRef;
use crate::glib::held::excepted;
use crate::glib::source::own::{
    AfterDispatch, Functions, Named, NewSource, PolledSourceImpl, SourceImpl, SourceRef,
};
use crate::scheduling::sorted::Sorted;
use crate::scheduling::sync::{lock, shared, AtomicUsize, Cell, Mutex, MutexGuard, Rank};

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
    /// What has come since the loop last looked, in order. None without a collector.
    unseen: Vec<Deferred>,
    /// Attached, and not looked at since. With a reference: so it can be asked whether it is destroyed.
    collector: Option<SourceRef<Collector>>,
}

/// The map of a shard.
struct Shard(Sorted<Place, Waiting>);

/// So many locks: workers whose results go to different contexts seldom take the same one.
const SHARDS: usize = 16;
shared! {
    static WAITING: [Mutex<Shard>; SHARDS] =
        [const { Mutex::new(Rank::Arrivals, Shard(Sorted::new())) }; SHARDS];
}

shared! {
    /// How many workers attach a result without a lock. Increased under the lock of a shard.
    static ATTACHING: AtomicUsize = AtomicUsize::new(0);
}

shared! {
    /// How many collectors wait, everywhere. Increased under the lock of a shard, decreased when their
    /// results are attached: none may be overtaken before.
    static COLLECTORS: AtomicUsize = AtomicUsize::new(0);
}

impl Place {
    fn shard(self) -> &'static Mutex<Shard> {
        // The lowest bits of addresses are the same.
        &WAITING[(self.context >> 6) % SHARDS]
    }
}

/// Where a worker's result waits, if it was the first there. A field of what is delivered.
pub(crate) struct Arrival(Cell<Option<Place>>);

impl Arrival {
    pub(crate) fn new() -> Self {
        Self(Cell::new(None))
    }

    /// Delivers a worker's result in a later iteration of `context`.
    ///
    /// # Safety
    /// This is a part of what `result` owns, and is kept until it has called `ended`; so is the context, if
    /// by nothing else.
    pub(crate) unsafe fn arrive(&self, context: ContextRef<'_>, result: Deferred) {
        let place = Place {
            context: context.address(),
            priority: result.priority,
        };
        let mut shard = lock(place.shard());
        let waiting = shard.0.get_or_add(place, Waiting::default);
        if waiting.collector.as_ref().is_some_and(is_there) {
            waiting.unseen.push(result.keep_name());
        } else if waiting.has_first {
            // If the last collector is being destroyed, the new one takes over its results.
            waiting.unseen.push(result.keep_name());
            let destroyed = waiting.collector.replace(collect(place, context));
            if destroyed.is_none() {
                COLLECTORS.fetch_add(1, Ordering::Relaxed);
            }
            drop(shard);
            drop(destroyed);
        } else {
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

    /// The result is being delivered, or will not be. Has to be called before the result is released. Later
    /// calls do nothing.
    pub(crate) fn ended(&self) {
        let Some(place) = self.0.take() else { return };
        let mut shard = lock(place.shard());
        if let Some(waiting) = shard.0.get(place) {
            waiting.has_first = false;
            if waiting.collector.is_none() {
                shard.remove(place);
            }
        }
    }
}

/// Makes the unseen results of a place sources, before somebody else's result becomes one: so that it does
/// not overtake them, and the program finds both. The caller keeps the context.
///
/// If the caller knows that a worker's result has arrived, it sees the collector, too.
#[inline]
pub(super) fn show_unseen(context: ContextRef<'_>, priority: c_int) {
    if COLLECTORS.load(Ordering::Acquire) != 0 {
        look_for(context, priority);
    }
}

#[cold]
#[inline(never)]
fn look_for(context: ContextRef<'_>, priority: c_int) {
    let place = Place {
        context: context.address(),
        priority,
    };
    let mut shard = lock(place.shard());
    let closed = shard.close(place, is_there);
    show(shard, closed, context);
}

/// Attaches what a collector stood for.
fn show(shard: MutexGuard<'_, Shard>, closed: Option<Closed>, context: ContextRef<'_>) {
    let Some(mut closed) = closed else { return };
    for result in std::mem::take(&mut closed.unseen) {
        // Under the lock: a worker's next result must not overtake these.
        excepted(|| result.into_source().attach(context));
    }
    let own = closed.settle();
    drop(shard);
    drop(own);
}

fn is_there(collector: &SourceRef<Collector>) -> bool {
    !collector.is_destroyed()
}

/// Attaches a collector, under the lock of the place's shard.
fn collect(place: Place, context: ContextRef<'_>) -> SourceRef<Collector> {
    excepted(|| NewSource::polled(&COLLECTOR, Collector(place)).attach(context, place.priority))
}

impl Shard {
    /// Removes the entry of a place where nothing waits any more: so there is nothing in it to drop.
    fn remove(&mut self, place: Place) {
        let waiting = self.0.remove(place).unwrap_or_default();
        debug_assert!(waiting.unseen.is_empty() && waiting.collector.is_none());
        std::mem::forget(waiting);
    }

    /// Takes out what the collector of a place stands for, if it is this one. From now on a new one is
    /// needed.
    fn close(
        &mut self,
        place: Place,
        is_this: impl Fn(&SourceRef<Collector>) -> bool,
    ) -> Option<Closed> {
        let waiting = self.0.get(place)?;
        let own = waiting.collector.take_if(|collector| is_this(collector))?;
        let unseen = std::mem::take(&mut waiting.unseen);
        if !waiting.has_first {
            self.remove(place);
        }
        Some(Closed { unseen, own })
    }
}

/// A collector that stands for nothing any more, and what it stood for.
#[must_use]
struct Closed {
    unseen: Vec<Deferred>,
    own: SourceRef<Collector>,
}

impl Closed {
    /// Its results are attached, or none will be. What is returned is to be dropped without the lock.
    fn settle(self) -> SourceRef<Collector> {
        debug_assert!(self.unseen.is_empty());
        COLLECTORS.fetch_sub(1, Ordering::Release);
        self.own
    }
}

/// The data of a source that stands for what is unseen in a place.
struct Collector(Place);

static COLLECTOR: Functions<Collector> = Functions::polled();

impl Named for Collector {
    const NAME: &'static CStr = c"[asyncresult] results of workers";
}

impl SourceImpl for Collector {
    fn dispatch(&self) -> AfterDispatch {
        AfterDispatch::Destroy
    }
}

impl Collector {
    fn close(&self, shard: &mut Shard) -> Option<Closed> {
        shard.close(self.0, |other| std::ptr::eq(other.data(), self))
    }
}

impl PolledSourceImpl for Collector {
    fn look(&self, context: ContextRef<'_>) -> bool {
        let mut shard = lock(self.0.shard());
        let closed = self.close(&mut shard);
        show(shard, closed, context);
        true
    }

    /// What it has not attached by now is dropped.
    fn destroyed(&self) {
        let closed = self.close(&mut lock(self.0.shard()));
        let Some(mut closed) = closed else { return };
        for result in std::mem::take(&mut closed.unseen) {
            // A source that is not attached drops its result.
            drop(result.into_source());
        }
        drop(closed.settle());
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
