//! What `scheduling/sync.rs` offers, made of loom's parts: each use of it is a point where loom switches
//! threads.

use std::cell::Cell as PlainCell;
use std::ops::{Deref, DerefMut};
use std::sync::LockResult;
use std::time::Duration;

pub(crate) use loom::cell::Cell;
pub(crate) use loom::sync::atomic::{AtomicBool, AtomicU8, AtomicUsize};

use super::{sleep, wake_all, wake_one, Woken};

/// Statics that are made anew for each interleaving.
macro_rules! shared {
    () => {};
    ($(#[$meta:meta])* static $name:ident: $type:ty = [const $element:block; $count:expr]; $($rest:tt)*) => {
        loom::lazy_static! {
            $(#[$meta])* static ref $name: $type = std::array::from_fn(|_| $element);
        }
        $crate::scheduling::sync::shared!($($rest)*);
    };
    ($(#[$meta:meta])* static $name:ident: $type:ty = $value:expr; $($rest:tt)*) => {
        loom::lazy_static! { $(#[$meta])* static ref $name: $type = $value; }
        $crate::scheduling::sync::shared!($($rest)*);
    };
}
pub(crate) use shared;

/// What each thread of loom has for itself.
macro_rules! per_thread {
    ($(#[$meta:meta])* static $name:ident: $type:ty = const $value:block;) => {
        $(#[$meta])* static $name: $crate::world::sync::PerThread<$type> = {
            loom::thread_local! { static KEY: $type = $value; }
            $crate::world::sync::PerThread(&KEY)
        };
    };
}
pub(crate) use per_thread;

/// Has the methods of std's keys that loom's lacks.
pub(crate) struct PerThread<T: 'static>(pub(crate) &'static loom::thread::LocalKey<T>);

impl<T> PerThread<T> {
    pub(crate) fn with<R>(&self, look: impl FnOnce(&T) -> R) -> R {
        self.0.with(look)
    }
}

/// For loom's cells, and for std's.
macro_rules! like_a_cell {
    ($cell:ident) => {
        impl<T: Copy> PerThread<$cell<T>> {
            pub(crate) fn get(&self) -> T {
                self.with($cell::get)
            }

            pub(crate) fn set(&self, value: T) {
                self.with(|cell| cell.set(value));
            }

            pub(crate) fn replace(&self, value: T) -> T {
                self.with(|cell| cell.replace(value))
            }
        }
    };
}
like_a_cell!(Cell);
like_a_cell!(PlainCell);

pub(crate) struct Mutex<T>(loom::sync::Mutex<T>);

pub(crate) struct MutexGuard<'a, T> {
    mutex: &'a Mutex<T>,
    guard: loom::sync::MutexGuard<'a, T>,
}

impl<T> Mutex<T> {
    pub(crate) fn new(value: T) -> Self {
        Self(loom::sync::Mutex::new(value))
    }

    pub(crate) fn lock(&self) -> LockResult<MutexGuard<'_, T>> {
        Ok(self.locked())
    }

    /// For what has no rank: the locks of GLib, and of the models themselves.
    pub(crate) fn locked(&self) -> MutexGuard<'_, T> {
        let guard = self.0.lock().expect("panics end the model");
        MutexGuard { mutex: self, guard }
    }
}

impl<T> Deref for MutexGuard<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.guard
    }
}

impl<T> DerefMut for MutexGuard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.guard
    }
}

/// As far as loom sees, only a point to switch threads at; who sleeps on it is in the world's books.
pub(crate) struct Condvar {
    point: loom::sync::Condvar,
    number: usize,
}

pub(crate) struct WaitTimeoutResult(Woken);

impl WaitTimeoutResult {
    pub(crate) fn timed_out(&self) -> bool {
        self.0 == Woken::InTime
    }
}

impl Condvar {
    pub(crate) fn new() -> Self {
        Self {
            point: loom::sync::Condvar::new(),
            number: super::new_number(),
        }
    }

    pub(crate) fn notify_one(&self) {
        self.point.notify_one();
        wake_one(self.number);
    }

    pub(crate) fn notify_all(&self) {
        self.point.notify_one();
        wake_all(self.number);
    }

    pub(crate) fn wait<'a, T>(&self, guard: MutexGuard<'a, T>) -> LockResult<MutexGuard<'a, T>> {
        Ok(self.wait_until(guard, None).0)
    }

    pub(crate) fn wait_timeout<'a, T>(
        &self,
        guard: MutexGuard<'a, T>,
        limit: Duration,
    ) -> LockResult<(MutexGuard<'a, T>, WaitTimeoutResult)> {
        let (guard, woken) = self.wait_until(guard, Some(limit));
        Ok((guard, WaitTimeoutResult(woken)))
    }

    /// As `Mutex::locked`.
    pub(crate) fn wait_locked<'a, T>(&self, guard: MutexGuard<'a, T>) -> MutexGuard<'a, T> {
        self.wait_until(guard, None).0
    }

    fn wait_until<'a, T>(
        &self,
        guard: MutexGuard<'a, T>,
        limit: Option<Duration>,
    ) -> (MutexGuard<'a, T>, Woken) {
        self.point.notify_one();
        let mutex = guard.mutex;
        // From here until the thread sleeps loom does not switch: unlocking and falling asleep are one step.
        let woken = sleep(self.number, limit, || drop(guard));
        (mutex.locked(), woken)
    }
}
