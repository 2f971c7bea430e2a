//! Releasing what a task owned: on which thread, and with how much stack.
//!
//! A worker does not release what a task owned. It hands it over to the task's context, where an idle source
//! releases it: when the context is iterated, or when it is freed. If neither happens for a while, a *release
//! thread* releases it; the idle source stays, for what is handed over later. The worker's reference to the
//! context may be the last one, so a release thread drops that, too.
//!
//! Any other thread that drops the last reference to a task releases what it owned: see `nesting.rs`.

#[cfg(not(all(test, feature = "loom")))]
mod nesting;
mod threads;

use std::any::Any;
use std::collections::VecDeque;

use glib_sys::G_PRIORITY_DEFAULT;

use super::pool;
use super::sorted::Sorted;
#[cfg(not(all(test, feature = "loom")))]
use super::sync::MutexGuard;
use super::sync::{lock, shared, Condvar, Mutex, Rank};
use crate::glib::context::Context;
use crate::glib::held::excepted;
use crate::glib::source::{IdleWork, Source};
use crate::glib::thread;
#[cfg(not(all(test, feature = "loom")))]
pub(crate) use nesting::{begin, begin_here, end, put_off, this_thread, Turn};

/// How long a context may take to release what it was given, before a release thread does: in microseconds.
#[derive(Clone, Copy)]
pub(crate) enum Grace {
    /// A thread iterates the context, but may be busy.
    Iterated = 1_000_000,
    /// Nothing is known of the context.
    Unknown = 20_000,
}

/// Drops `garbage`: here, or, if this is a worker, in a later iteration of `context`.
pub(crate) fn release<T: Send + 'static>(garbage: T, context: Context, grace: Grace) {
    if !pool::is_worker() {
        return drop(garbage);
    }
    park(Box::new(garbage), context, grace);
}

/// How much may be parked. What comes then is released by the worker, as in GIO.
const MOST: usize = 1000;

#[cold]
fn park(garbage: Garbage, context: Context, grace: Grace) {
    let until = thread::now() + grace as i64;
    let address = context.as_borrowed().address();
    let mut parked = lock(&PARKED);
    if parked.count >= MOST {
        drop(parked);
        return release_here((garbage, context));
    }
    let backlog = parked.backlogs.get_or_add(address, || {
        let name = c"[asyncresult] release";
        // Attaching is allowed under a lock that the end of the source takes: `arrivals.rs`.
        excepted(|| {
            Source::idle_work(G_PRIORITY_DEFAULT, name, Releasing(address))
                .attach(context.as_borrowed());
        });
        Backlog::new()
    });
    let was_empty = backlog.is_empty();
    backlog.push_back((until, grace, garbage));
    parked.count += 1;
    if was_empty {
        parked.note(until, address, grace);
    }
    // The global default context is never freed.
    let has_reference = !context.as_borrowed().is_global_default();
    if has_reference {
        parked.contexts.push(context);
    }
    let must_wake = has_reference || until == parked.next;
    if !parked.is_in_charge {
        return threads::start(parked);
    }
    if must_wake {
        WORK.notify_one();
    }
    if parked.needs_stand_by() {
        drop(threads::start_stand_by(parked));
    }
}

/// Drops `garbage` on this thread. It may be part of a chain.
fn release_here<T: 'static>(garbage: T) {
    #[cfg(not(all(test, feature = "loom")))]
    match begin_here() {
        Turn::Now => {
            drop(garbage);
            end();
        }
        _ => put_off(Box::new(garbage)),
    }
    #[cfg(all(test, feature = "loom"))]
    drop(garbage);
}

/// The work of an idle source that releases what was handed over to the context with this address.
struct Releasing(usize);

impl IdleWork for Releasing {
    /// Releases for a millisecond, then lets other sources of the context run: destroy notifies may be slow.
    fn run(&self) -> bool {
        let begun = thread::now();
        // The lock is given back before anything is dropped.
        let take = || lock(&PARKED).take_from(self.0);
        while let Some(garbage) = take() {
            drop(garbage);
            if thread::now() - begun > 1000 {
                return true;
            }
        }
        false
    }
}

/// The source has been dispatched for the last time, or is destroyed.
impl Drop for Releasing {
    fn drop(&mut self) {
        let mut parked = lock(&PARKED);
        let backlog = parked.backlogs.remove(self.0).unwrap_or_default();
        parked.count -= backlog.len();
        drop(parked);
        drop(backlog);
    }
}

/// What any thread may drop.
type Garbage = Box<dyn Any + Send>;

/// What was handed over to a context, and when a release thread takes each of it. There is a backlog as long as
/// the context has the source that releases it.
type Backlog = VecDeque<(i64, Grace, Garbage)>;

/// What was handed over and has not been released.
struct Parked {
    /// By the address of the context.
    backlogs: Sorted<usize, Backlog>,
    /// References that a release thread is to drop.
    contexts: Vec<Context>,
    /// How much is in the backlogs.
    count: usize,
    /// When to look at which backlog, in a queue for each grace: for each backlog that is not empty, the time of
    /// what is first in it. Entries that are out of date are skipped. An entry may wait behind others of its
    /// grace, for at most as long as it has waited already.
    order: [VecDeque<(i64, usize)>; 2],
    /// The first of these times.
    next: i64,
    /// How many release threads there are.
    threads: usize,
    /// The number of the release thread that is in charge. Another one that takes charge counts it up: then the
    /// thread ends.
    charge: u64,
    /// A release thread is in charge.
    is_in_charge: bool,
    /// When that thread began to release what it is releasing; 0 if it is not releasing anything.
    busy_since: i64,
    /// A second thread stands by. It takes charge if a destroy notify is slow.
    has_stand_by: bool,
}

shared! {
    static PARKED: Mutex<Parked> = Mutex::new(Rank::Release, Parked::new());

    /// Notified when there is something that the thread in charge does not wait for yet.
    static WORK: Condvar = Condvar::new();
}

impl Parked {
    const fn new() -> Self {
        Self {
            backlogs: Sorted::new(),
            contexts: Vec::new(),
            count: 0,
            order: [VecDeque::new(), VecDeque::new()],
            next: i64::MAX,
            threads: 0,
            charge: 0,
            is_in_charge: false,
            busy_since: 0,
            has_stand_by: false,
        }
    }

    fn is_empty(&self) -> bool {
        self.contexts.is_empty() && self.next == i64::MAX
    }

    /// Whether a slow destroy notify would hold up what waits, with no thread to take charge.
    fn needs_stand_by(&self) -> bool {
        self.busy_since != 0
            && !self.is_empty()
            && !self.has_stand_by
            && self.threads < threads::MOST
    }

    /// Takes out one thing that a release thread is to drop: a reference to a context, or what has waited in a
    /// context for longer than its grace.
    fn take_due(&mut self, now: i64) -> Option<Garbage> {
        if let Some(context) = self.contexts.pop() {
            return Some(Box::new(context));
        }
        while self.next <= now {
            let queue = self
                .order
                .iter_mut()
                .find(|queue| queue.front().is_some_and(|(until, _)| *until == self.next));
            let (until, address) = queue?.pop_front()?;
            self.find_next();
            let is_first =
                |backlog: &Backlog| backlog.front().is_some_and(|(first, ..)| *first == until);
            if self
                .backlogs
                .get(address)
                .is_some_and(|backlog| is_first(backlog))
            {
                return self.take_from(address);
            }
        }
        None
    }

    /// Takes out what is first in a backlog.
    fn take_from(&mut self, address: usize) -> Option<Garbage> {
        let backlog = self.backlogs.get(address)?;
        let (.., garbage) = backlog.pop_front()?;
        let next = backlog.front().map(|(until, grace, _)| (*until, *grace));
        self.count -= 1;
        if let Some((until, grace)) = next {
            self.note(until, address, grace);
        }
        Some(garbage)
    }

    /// Notes when a backlog is to be looked at.
    fn note(&mut self, until: i64, address: usize, grace: Grace) {
        let queue = &mut self.order[usize::from(matches!(grace, Grace::Iterated))];
        queue.push_back((until, address));
        self.find_next();
    }

    fn find_next(&mut self) {
        let firsts = self.order.iter().filter_map(VecDeque::front);
        self.next = firsts.map(|(until, _)| *until).min().unwrap_or(i64::MAX);
    }
}

/// The lock, held during a fork.
#[cfg(not(all(test, feature = "loom")))]
pub(crate) struct ForkGuard(MutexGuard<'static, Parked>);

#[cfg(not(all(test, feature = "loom")))]
pub(crate) fn hold() -> ForkGuard {
    ForkGuard(lock(&PARKED))
}

#[cfg(not(all(test, feature = "loom")))]
impl ForkGuard {
    /// In the child there is no release thread. Contexts of other threads may stay locked for ever: what was
    /// handed over is leaked.
    pub(crate) fn forget(&mut self) {
        std::mem::forget(std::mem::replace(&mut *self.0, Parked::new()));
    }
}

#[cfg(all(test, feature = "loom"))]
#[path = "../../tests/models/release.rs"]
mod models;

#[cfg(not(feature = "loom"))]
#[cfg(test)]
mod tests {
    use super::*;

    fn add(parked: &mut Parked, address: usize, until: i64, grace: Grace) {
        let backlog = parked.backlogs.get_or_add(address, Backlog::new);
        let was_empty = backlog.is_empty();
        backlog.push_back((until, grace, Box::new(())));
        parked.count += 1;
        if was_empty {
            parked.note(until, address, grace);
        }
    }

    /// A loop has a second for each of two things, and takes one. What another context was given is due long
    /// before the one that is left.
    #[test]
    fn what_is_due_does_not_wait_behind_what_is_not() {
        let mut parked = Parked::new();
        for _ in 0..2 {
            add(&mut parked, 1, 1_000_000, Grace::Iterated);
        }
        assert!(parked.take_from(1).is_some());
        add(&mut parked, 2, 20_000, Grace::Unknown);
        assert_eq!(parked.next, 20_000);
        assert!(parked.take_due(20_000).is_some());
        assert!(parked.take_due(20_000).is_none());
        assert!(parked.take_due(1_000_000).is_some());
        assert!(parked.take_due(1_000_000).is_none());
        assert_eq!(parked.count, 0);
    }
}
