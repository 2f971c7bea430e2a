//! fork() in a process with workers. The child has none of them, but all of the memory: it begins with free
//! locks, no workers, and an empty queue. What was queued or deferred at that moment is the parent's to
//! finish.

use std::cell::Cell;
use std::mem::ManuallyDrop;

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

std::thread_local! {
    /// Of the thread that forks: from right before the fork until right after it. Nothing is left in it when
    /// the thread ends, so it needs no destructor.
    static DURING_FORK: Cell<ManuallyDrop<Option<Box<Guards>>>> =
        const { Cell::new(ManuallyDrop::new(None)) };
}

fn take_guards() -> Option<Box<Guards>> {
    ManuallyDrop::into_inner(DURING_FORK.take())
}

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
    DURING_FORK.set(ManuallyDrop::new(Some(Box::new(guards))));
}

extern "C" fn in_parent() {
    drop(take_guards());
}

/// The child's only thread is the one that forked.
extern "C" fn in_child() {
    if let Some(mut guards) = take_guards() {
        guards.callbacks.forget();
        guards.pool.forget();
        guards.release.forget();
    }
}
