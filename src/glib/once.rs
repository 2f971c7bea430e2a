//! A number that is found out once, by GLib's one-time initialization.

use std::sync::atomic::{AtomicUsize, Ordering};

/// 0 until it is known.
pub(crate) struct Once(AtomicUsize);

impl Once {
    pub(crate) const fn new() -> Self {
        Self(AtomicUsize::new(0))
    }

    pub(crate) fn get(&self) -> Option<usize> {
        let number = self.0.load(Ordering::Acquire);
        (number != 0).then_some(number)
    }

    /// The number, which is not 0; `find` is called by one thread, and others wait for it.
    pub(crate) fn get_or_find(&self, find: impl FnOnce() -> usize) -> usize {
        self.get().unwrap_or_else(|| {
            let place = self.0.as_ptr().cast();
            // SAFETY: a place that GLib alone writes to, and reads atomically.
            unsafe {
                if glib_sys::g_once_init_enter(place) != 0 {
                    glib_sys::g_once_init_leave(place, find());
                }
            }
            self.0.load(Ordering::Acquire)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_found_once() {
        static NUMBER: Once = Once::new();
        assert_eq!(NUMBER.get(), None);
        let finds = AtomicUsize::new(0);
        let find = || {
            NUMBER.get_or_find(|| {
                std::thread::yield_now();
                finds.fetch_add(1, Ordering::Relaxed) + 7
            })
        };
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| assert_eq!(find(), 7));
            }
        });
        assert_eq!(finds.into_inner(), 1);
        assert_eq!(NUMBER.get(), Some(7));
    }
}
