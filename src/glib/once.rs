//! A number that is found out once, by GLib's one-time initialization.

use std::sync::atomic::{AtomicUsize, Ordering};

/// The number plus one: GLib takes 0 for "not yet".
pub(crate) struct Once(AtomicUsize);

impl Once {
    pub(crate) const fn new() -> Self {
        Self(AtomicUsize::new(0))
    }

    pub(crate) fn get(&self) -> Option<usize> {
        self.0.load(Ordering::Acquire).checked_sub(1)
    }

    /// The number. One thread calls `find`, and others wait for it. The largest number is not allowed.
    pub(crate) fn get_or_find(&self, find: impl FnOnce() -> usize) -> usize {
        self.get().unwrap_or_else(|| {
            let place = self.0.as_ptr().cast();
            // SAFETY: a place that GLib alone writes to, and reads atomically.
            unsafe {
                if glib_sys::g_once_init_enter(place) != 0 {
                    glib_sys::g_once_init_leave(place, find() + 1);
                }
            }
            self.0.load(Ordering::Acquire) - 1
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find_in_four_threads(once: &Once, number: usize) {
        assert_eq!(once.get(), None);
        let finds = AtomicUsize::new(0);
        let find = || {
            once.get_or_find(|| {
                std::thread::yield_now();
                finds.fetch_add(1, Ordering::Relaxed) + number
            })
        };
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| assert_eq!(find(), number));
            }
        });
        assert_eq!(finds.into_inner(), 1);
        assert_eq!(once.get(), Some(number));
    }

    #[test]
    fn it_is_found_once() {
        find_in_four_threads(&Once::new(), 7);
    }

    /// As the type that GObject refused to register.
    #[test]
    fn it_may_be_0() {
        find_in_four_threads(&Once::new(), 0);
    }
}
