//! The locks of this library, their order, and what else its threads share. In the models (`cargo test
//! --features loom`) they are loom's, which runs all interleavings.
//!
//! Under a lock only our own memory is touched: calls of GLib are noted under it, and made after it
//! (`glib/held.rs` says why, and debug builds assert it). A thread that holds a lock takes only locks of higher
//! ranks.

use std::ops::{Deref, DerefMut};
use std::time::Duration;

#[cfg(all(test, feature = "loom"))]
use crate::world::sync as parts;
#[cfg(all(test, feature = "loom"))]
pub(crate) use crate::world::sync::{
    per_thread, shared, AtomicBool, AtomicU8, AtomicUsize, Cell, Condvar,
};
#[cfg(not(all(test, feature = "loom")))]
use std::sync as parts;
#[cfg(not(all(test, feature = "loom")))]
pub(crate) use {
    std::cell::Cell,
    std::sync::atomic::{AtomicBool, AtomicU8, AtomicUsize},
    std::sync::Condvar,
    std::thread_local as per_thread,
};

use crate::glib::held;

/// The order of all locks: while one is held, only one further down may be taken.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Rank {
    /// Of one GCancellable: its flag, its descriptor and its observers.
    Cancellable,
    /// Which threads are calling callbacks of some cancellables.
    Callbacks,
    /// Which threads wait for the end of callbacks.
    Waiters,
    /// The workers, and the queue of their jobs.
    Pool,
    /// The results of workers that wait in a context.
    Arrivals,
    /// What was handed over to be released.
    Release,
    /// What is to be done together.
    Together,
    /// Where a thread waits for a task to complete.
    Waiter,
}

/// Statics that threads share: in the models, new ones for each interleaving.
#[cfg(not(all(test, feature = "loom")))]
macro_rules! shared {
    ($($static:item)*) => { $($static)* };
}
#[cfg(not(all(test, feature = "loom")))]
pub(crate) use shared;

/// A mutex with its rank.
pub(crate) struct Mutex<T> {
    rank: Rank,
    inner: parts::Mutex<T>,
}

impl<T> Mutex<T> {
    #[cfg(not(all(test, feature = "loom")))]
    pub(crate) const fn new(rank: Rank, value: T) -> Self {
        let inner = parts::Mutex::new(value);
        Self { rank, inner }
    }

    #[cfg(all(test, feature = "loom"))]
    pub(crate) fn new(rank: Rank, value: T) -> Self {
        let inner = parts::Mutex::new(value);
        Self { rank, inner }
    }
}

/// A lock that is held.
pub(crate) struct MutexGuard<'a, T> {
    // Declared first: the lock is given back before that is noted.
    inner: parts::MutexGuard<'a, T>,
    held: HeldRank,
}

impl<T> Deref for MutexGuard<'_, T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        &self.inner
    }
}

impl<T> DerefMut for MutexGuard<'_, T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        &mut self.inner
    }
}

/// Notes, in debug builds, that this thread holds a lock of a rank.
struct HeldRank(Rank);

impl HeldRank {
    #[track_caller]
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn new(rank: Rank) -> Self {
        held::acquire(rank as u8);
        Self(rank)
    }
}

impl Drop for HeldRank {
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn drop(&mut self) {
        held::release(self.0 as u8);
    }
}

/// Takes the lock. It is never poisoned: a panic aborts the process.
#[track_caller]
#[inline]
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    let held = HeldRank::new(mutex.rank);
    let inner = mutex
        .inner
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner);
    MutexGuard { inner, held }
}

/// Takes some locks of one rank. Only for `fork.rs`: no other thread holds two of them.
#[cfg(not(all(test, feature = "loom")))]
pub(crate) fn lock_all<T, const N: usize>(mutexes: [&Mutex<T>; N]) -> [MutexGuard<'_, T>; N] {
    mutexes.map(|mutex| {
        held::release(mutex.rank as u8);
        lock(mutex)
    })
}

/// Waits for a notification. May also return without one: callers look at the state again.
pub(crate) fn wait<'a, T>(condition: &Condvar, guard: MutexGuard<'a, T>) -> MutexGuard<'a, T> {
    let MutexGuard { inner, held } = guard;
    let inner = condition
        .wait(inner)
        .unwrap_or_else(std::sync::PoisonError::into_inner);
    MutexGuard { inner, held }
}

/// The same with a limit. Says whether the limit was reached.
pub(crate) fn wait_timeout<'a, T>(
    condition: &Condvar,
    guard: MutexGuard<'a, T>,
    limit: Duration,
) -> (MutexGuard<'a, T>, bool) {
    let MutexGuard { inner, held } = guard;
    let (inner, result) = condition
        .wait_timeout(inner, limit)
        .unwrap_or_else(std::sync::PoisonError::into_inner);
    (MutexGuard { inner, held }, result.timed_out())
}
