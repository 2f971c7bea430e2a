//! The descriptor of a cancellable: one for all its users, made for the first of them, closed after the last.

use std::ffi::c_int;

use crate::glib::wakeup::Wakeup;

pub(super) struct Descriptor {
    wakeup: Option<Wakeup>,
    users: u32,
}

impl Descriptor {
    pub(super) const fn new() -> Self {
        Self {
            wakeup: None,
            users: 0,
        }
    }

    /// Adds a user. `None` if no descriptor can be made.
    pub(super) fn acquire(&mut self, cancelled: bool) -> Option<c_int> {
        if self.wakeup.is_none() {
            let wakeup = Wakeup::new()?;
            if cancelled {
                wakeup.set();
            }
            self.wakeup = Some(wakeup);
        }
        self.users += 1;
        self.wakeup.as_ref().map(Wakeup::fd)
    }

    /// Removes a user. FALSE if there was none.
    pub(super) fn release(&mut self) -> bool {
        let Some(users) = self.users.checked_sub(1) else {
            return false;
        };
        self.users = users;
        if users == 0 {
            self.wakeup = None;
        }
        true
    }

    /// Makes it readable. Called when the object becomes cancelled, and not again before `clear`.
    pub(super) fn set(&self) {
        if let Some(wakeup) = &self.wakeup {
            wakeup.set();
        }
    }

    /// Makes it unreadable. Called when the object was cancelled.
    pub(super) fn clear(&self) {
        if let Some(wakeup) = &self.wakeup {
            wakeup.clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_for_all_users() {
        let mut descriptor = Descriptor::new();
        let first = descriptor.acquire(false);
        assert!(first.is_some());
        assert_eq!(descriptor.acquire(true), first);
        assert!(descriptor.release());
        assert!(descriptor.wakeup.is_some());
        assert!(descriptor.release());
        assert!(descriptor.wakeup.is_none());
    }

    #[test]
    fn a_release_too_many_is_refused() {
        let mut descriptor = Descriptor::new();
        assert!(!descriptor.release());
        descriptor.acquire(false);
        assert!(descriptor.release());
        assert!(!descriptor.release());
    }
}
