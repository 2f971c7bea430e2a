//! A list of listeners of the library's own on one object. It has no lock of its own: the lock of the object
//! covers the links, too.

use std::ffi::c_void;

use super::list::{Links, List, Member, Pinned};

/// What observers leave to be done after the lock of the object.
#[must_use]
pub(crate) struct Notes(Vec<Note>);

/// A function, and its one argument.
type Note = (Act, *const c_void);
type Act = unsafe fn(*const c_void);

impl Notes {
    const fn new() -> Self {
        Self(Vec::new())
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// # Safety
    /// `act` may be called with `data`, once, by the thread that notifies, after the lock.
    pub(crate) unsafe fn add(&mut self, act: Act, data: *const c_void) {
        self.0.push((act, data));
    }

    /// Does what was noted. The caller holds no lock.
    pub(crate) fn carry_out(self) {
        for (act, data) in self.0 {
            // SAFETY: `add` was told that this call is allowed, and it is made only here.
            unsafe { act(data) };
        }
    }
}

/// A listener. It is a field of a struct, which stays where it is as long as the observer is in a list.
pub(crate) struct Observer {
    links: Links<Observer>,
    notify: Notify,
}

/// Gets the observer's address, and a place for what is to be done after the lock. It is called under the lock
/// of the object: so it is short, does not join or leave, and calls nothing that may run a program's code.
pub(crate) type Notify = unsafe fn(*const Observer, &mut Notes);

impl Observer {
    pub(crate) fn new(notify: Notify) -> Self {
        Self {
            links: Links::new(),
            notify,
        }
    }
}

impl Member for Observer {
    fn links(&self) -> &Links<Self> {
        &self.links
    }
}

/// The observers of one object, in the order of joining.
pub(crate) struct Observers(List<Observer>);

// SAFETY: only used under a lock. Observers may be notified by any thread, as `join` demands.
unsafe impl Send for Observers {}

impl Observers {
    pub(crate) const fn new() -> Self {
        Self(List::new())
    }

    /// Appends an observer.
    ///
    /// # Safety
    /// `observer` is in no list, and may be notified by any thread until it has left. The pointer was made from
    /// one to the whole struct, if `notify` goes from the field to the struct.
    #[inline]
    pub(crate) unsafe fn join(&mut self, observer: Pinned<Observer>) {
        self.0.append(observer);
    }

    /// Takes an observer out of the list. Nothing happens if it is not in it.
    ///
    /// # Safety
    /// `observer` is in this list or in none.
    #[inline]
    pub(crate) unsafe fn leave(&mut self, observer: Pinned<Observer>) {
        self.0.remove(observer);
    }

    /// Notifies all observers, in the order of joining. They stay in the list.
    pub(crate) fn notify_all(&self) -> Notes {
        let mut notes = Notes::new();
        for observer in self.0.iter() {
            // SAFETY: it may be notified, as `join` was told.
            unsafe { (observer.notify)(observer.as_ptr(), &mut notes) };
        }
        notes
    }
}

#[cfg(all(test, feature = "loom"))]
#[path = "../../tests/models/observers.rs"]
mod models;

#[cfg(not(feature = "loom"))]
#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::RefCell;
    use std::ptr::NonNull;

    thread_local!(static NOTIFIED: RefCell<Vec<usize>> = const { RefCell::new(Vec::new()) });

    #[repr(C)]
    struct Listener {
        observer: Observer,
        number: usize,
    }

    unsafe fn note(observer: *const Observer, notes: &mut Notes) {
        // SAFETY: every observer of these tests is the first field of a listener, which outlives its notes.
        unsafe { notes.add(count, observer.cast()) };
    }

    unsafe fn count(listener: *const c_void) {
        // SAFETY: as above.
        let number = unsafe { (*listener.cast::<Listener>()).number };
        NOTIFIED.with_borrow_mut(|notified| notified.push(number));
    }

    fn listeners<const N: usize>() -> [Listener; N] {
        std::array::from_fn(|number| Listener {
            observer: Observer::new(note),
            number,
        })
    }

    /// For a list that the listener outlives, or leaves.
    fn pin(listener: &Listener) -> Pinned<Observer> {
        // SAFETY: the tests keep their listeners where they are.
        unsafe { Pinned::new(NonNull::from(listener).cast()) }
    }

    fn notified(list: &Observers) -> Vec<usize> {
        let notes = list.notify_all();
        assert_eq!(NOTIFIED.take(), []);
        notes.carry_out();
        NOTIFIED.take()
    }

    /// All sequences of six steps; a step lets one of three listeners join if it is out, or leave if it is
    /// in.
    #[test]
    fn members_are_notified_in_the_order_of_joining() {
        const STEPS: u32 = 6;
        for sequence in 0..3usize.pow(STEPS) {
            let listeners = listeners::<3>();
            let mut list = Observers::new();
            let mut expected = Vec::new();
            for step in 0..STEPS {
                let number = sequence / 3usize.pow(step) % 3;
                let observer = pin(&listeners[number]);
                if expected.contains(&number) {
                    expected.retain(|&member| member != number);
                    // SAFETY: it is in this list.
                    unsafe { list.leave(observer) };
                } else {
                    expected.push(number);
                    // SAFETY: it is in no list.
                    unsafe { list.join(observer) };
                }
                assert_eq!(
                    notified(&list),
                    expected,
                    "sequence {sequence}, step {step}"
                );
            }
        }
    }

    #[test]
    fn an_empty_list_notifies_nobody() {
        assert!(notified(&Observers::new()).is_empty());
    }

    #[test]
    fn members_stay_after_a_notification() {
        let listeners = listeners::<2>();
        let mut list = Observers::new();
        for listener in &listeners {
            // SAFETY: in no list.
            unsafe { list.join(pin(listener)) };
        }
        assert_eq!(notified(&list), [0, 1]);
        assert_eq!(notified(&list), [0, 1]);
    }

    #[test]
    fn leaving_twice_and_without_joining_is_harmless() {
        let listeners = listeners::<3>();
        let mut list = Observers::new();
        // SAFETY: in this list or in none, at every call.
        unsafe {
            list.leave(pin(&listeners[0]));
            list.join(pin(&listeners[1]));
            list.leave(pin(&listeners[0]));
            list.join(pin(&listeners[2]));
            list.leave(pin(&listeners[1]));
            list.leave(pin(&listeners[1]));
            assert_eq!(notified(&list), [2]);
            list.leave(pin(&listeners[2]));
            list.leave(pin(&listeners[2]));
        }
        assert!(notified(&list).is_empty());
    }
}
