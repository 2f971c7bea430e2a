//! The locks of this library, and what else its threads share. In the models (`cargo test --features loom`) they are
//! loom's, which runs all interleavings.

use std::sync::PoisonError;

#[cfg(all(test, feature = "loom"))]
pub(crate) use super::models::sync::{
    per_thread, shared, AtomicBool, AtomicU8, Cell, Condvar, Mutex, MutexGuard,
};
#[cfg(not(all(test, feature = "loom")))]
pub(crate) use {
    std::cell::Cell,
    std::sync::atomic::{AtomicBool, AtomicU8},
    std::sync::{Condvar, Mutex, MutexGuard},
    std::thread_local as per_thread,
};

/// Statics that threads share: in the models, new ones for each interleaving.
#[cfg(not(all(test, feature = "loom")))]
macro_rules! shared {
    ($($static:item)*) => { $($static)* };
}
#[cfg(not(all(test, feature = "loom")))]
pub(crate) use shared;

/// Locks. A poisoned lock cannot be met: a panic aborts the process.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Waits for a notification, or for nothing in particular: callers look at the state again.
pub(crate) fn wait<'a, T>(condition: &Condvar, guard: MutexGuard<'a, T>) -> MutexGuard<'a, T> {
    condition
        .wait(guard)
        .unwrap_or_else(PoisonError::into_inner)
}

/// The same with a limit. Says whether the limit was reached.
pub(crate) fn wait_timeout<'a, T>(
    condition: &Condvar,
    guard: MutexGuard<'a, T>,
    limit: std::time::Duration,
) -> (MutexGuard<'a, T>, bool) {
    let (guard, result) = condition
        .wait_timeout(guard, limit)
        .unwrap_or_else(PoisonError::into_inner);
    (guard, result.timed_out())
}
