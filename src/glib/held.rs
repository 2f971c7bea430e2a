//! Which locks of the library this thread holds. Kept, and asserted, in debug builds only.
//!
//! Under a lock of ours only our own memory is touched. A function of GLib or GObject may end an object, a
//! source or a context, or call a log handler or a toggle notify: each of these may run a program's code,
//! which may take the same lock. So the wrappers on this floor call [`assert_none`]. `scheduling/sync.rs` has
//! the locks, and their order.

#[cfg(debug_assertions)]
mod kept {
    use std::cell::Cell;

    thread_local! {
        /// One bit for each rank of which this thread holds a lock.
        static RANKS: Cell<u32> = const { Cell::new(0) };
        /// The thread is inside `excepted`.
        static EXCEPTED: Cell<bool> = const { Cell::new(false) };
    }

    /// Notes that a lock is taken. Panics if a lock of this rank, or of a higher one, is held.
    #[track_caller]
    pub(crate) fn acquire(rank: u8) {
        let held = RANKS.get();
        assert!(
            held >> rank == 0,
            "a lock of rank {rank} is taken while ranks {held:#b} are held"
        );
        RANKS.set(held | (1 << rank));
    }

    pub(crate) fn release(rank: u8) {
        RANKS.set(RANKS.get() & !(1 << rank));
    }

    /// Panics if this thread holds a lock of the library.
    #[track_caller]
    pub(crate) fn assert_none() {
        let held = RANKS.get();
        assert!(
            held == 0 || EXCEPTED.get(),
            "GLib is called while ranks {held:#b} are held"
        );
    }

    /// Makes one call that is allowed under a lock. The caller says why.
    pub(crate) fn excepted<R>(call: impl FnOnce() -> R) -> R {
        let outer = EXCEPTED.replace(true);
        let answer = call();
        EXCEPTED.set(outer);
        answer
    }
}

#[cfg(not(debug_assertions))]
mod kept {
    #[inline(always)]
    pub(crate) fn acquire(_rank: u8) {}

    #[inline(always)]
    pub(crate) fn release(_rank: u8) {}

    #[inline(always)]
    pub(crate) fn assert_none() {}

    #[inline(always)]
    pub(crate) fn excepted<R>(call: impl FnOnce() -> R) -> R {
        call()
    }
}

pub(crate) use kept::*;
