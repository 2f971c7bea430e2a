//! fork() in a process with workers. The child has all of the memory, and none of the other threads: it begins
//! with free locks, no workers, and an empty queue. Only the parent finishes what was queued or deferred.

use std::cell::Cell;
use std::mem::ManuallyDrop;

use super::delivery::arrivals;
use super::{callbacks, pool, release, together};

/// The locks that the forking thread holds during the fork, in the order of their ranks. The locks of
/// cancellables are not among them, as nothing knows all cancellables: a child must not use one that another
/// thread was using.
struct Guards {
    callbacks: callbacks::ForkGuard,
    pool: pool::ForkGuard,
    _arrivals: arrivals::ForkGuard,
    release: release::ForkGuard,
    _together: together::ForkGuard,
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

/// Registers the handlers of forks. Has to be called while the library is loaded, before the program's own code
/// runs: so our locks are taken after those that the program's handlers take, and given back before them. A
/// program may hold such a lock when it calls us.
pub(super) fn prepare() {
    crate::glib::thread::at_fork(before, in_parent, in_child);
}

extern "C" fn before() {
    let guards = Guards {
        callbacks: callbacks::hold(),
        pool: pool::hold(),
        _arrivals: arrivals::hold(),
        release: release::hold(),
        _together: together::hold(),
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
