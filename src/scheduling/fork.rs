//! fork() in a process with workers. The child has none of them, but all of the memory: it begins with free
//! locks, no workers, and an empty queue. What was queued or deferred at that moment is the parent's to
//! finish.

use std::cell::UnsafeCell;

use super::delivery::arrivals;
use super::{callbacks, pool, release};

/// The locks that a fork must not find in the hands of another thread, in the order of their ranks. The locks
/// of single cancellables cannot be held, as nothing knows all of them: a child must not use one that another
/// thread was using.
struct Guards {
    callbacks: callbacks::ForkGuard,
    pool: pool::ForkGuard,
    _arrivals: arrivals::ForkGuard,
    release: release::ForkGuard,
}

/// From right before the fork until right after it.
struct DuringFork(UnsafeCell<Option<Guards>>);

// SAFETY: used only by the thread that forks, while it holds all the locks.
unsafe impl Sync for DuringFork {}

static DURING_FORK: DuringFork = DuringFork(UnsafeCell::new(None));

/// From now on, forks are prepared. To be called while the library is loaded, before the program's own code
/// runs: so our locks are taken after those of the program's handlers, and given back before them. A program
/// may hold a lock of its own, which its handlers take, when it calls us.
pub(super) fn prepare() {
    crate::glib::thread::at_fork(before, in_parent, in_child);
}

extern "C" fn before() {
    let guards = Guards {
        callbacks: callbacks::hold(),
        pool: pool::hold(),
        _arrivals: arrivals::hold(),
        release: release::hold(),
    };
    // SAFETY: all locks are ours.
    unsafe { *DURING_FORK.0.get() = Some(guards) };
}

extern "C" fn in_parent() {
    // SAFETY: the locks are ours until this drops them.
    drop(unsafe { (*DURING_FORK.0.get()).take() });
}

extern "C" fn in_child() {
    // SAFETY: as in the parent; the child's only thread is the one that forked.
    if let Some(mut guards) = unsafe { (*DURING_FORK.0.get()).take() } {
        guards.callbacks.forget();
        guards.pool.forget();
        guards.release.forget();
    }
}
