//! A list of listeners of the library's own on one object, and their places among the object's handlers.
//! There is no lock of its own: the lock of the object covers the links and the places, too.

use std::ffi::{c_ulong, c_void};
use std::ptr::NonNull;
use std::sync::Arc;

use super::list::{Links, List, Member, Pinned};
use super::sync::Cell;

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
    /// If it joined behind handlers: its share of the place, as `Arc::into_raw` gives it.
    place: Cell<Option<Pinned<Place>>>,
}

/// Where an observer stands among the handlers of its object: it has a handler of its own there, which
/// notifies it. The two share this.
pub(crate) struct Place {
    /// `None` before it joins, and after it has left.
    observer: Cell<Option<Pinned<Observer>>>,
    /// There was a cancellation of which the observer has not been notified yet.
    due: Cell<bool>,
    /// The number of the handler.
    pub(crate) handler: Cell<c_ulong>,
}

// SAFETY: the fields are only used under the lock of the object; but for the handler's number, which is
// written under it before the observer joins, and only read from then on.
unsafe impl Send for Place {}
// SAFETY: as above.
unsafe impl Sync for Place {}

impl Place {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self {
            observer: Cell::new(None),
            due: Cell::new(false),
            handler: Cell::new(0),
        })
    }

    fn notify_if_due(&self, notes: &mut Notes) {
        if let (true, Some(observer)) = (self.due.replace(false), self.observer.get()) {
            notify(observer, notes);
        }
    }
}

/// Gets the observer's address, and a place for what is to be done after the lock. It is called under the
/// lock of the object: so it is short, does not join or leave, and calls nothing that may run a program's
/// code.
pub(crate) type Notify = unsafe fn(*const Observer, &mut Notes);

impl Observer {
    pub(crate) fn new(notify: Notify) -> Self {
        Self {
            links: Links::new(),
            notify,
            place: Cell::new(None),
        }
    }
}

impl Member for Observer {
    fn links(&self) -> &Links<Self> {
        &self.links
    }
}

/// For members of a list.
fn notify(observer: Pinned<Observer>, notes: &mut Notes) {
    // SAFETY: it may be notified, as `join` was told.
    unsafe { (observer.notify)(observer.as_ptr(), notes) };
}

/// The observers of one object, in the order of joining.
pub(crate) struct Observers(List<Observer>);

// SAFETY: only used under a lock. Observers may be notified by any thread, as `join` demands.
unsafe impl Send for Observers {}

impl Observers {
    pub(crate) const fn new() -> Self {
        Self(List::new())
    }

    /// Appends an observer. If there are handlers already, it gets a place behind them.
    ///
    /// # Safety
    /// `observer` is in no list, and may be notified by any thread until it has left. The pointer was made
    /// from one to the whole struct, if `notify` goes from the field to the struct. The place is new.
    #[inline]
    pub(crate) unsafe fn join(&mut self, observer: Pinned<Observer>, place: Option<Arc<Place>>) {
        self.0.append(observer);
        if let Some(place) = place {
            place.observer.set(Some(observer));
            // SAFETY: not NULL, and kept until `leave`.
            let share =
                unsafe { Pinned::new(NonNull::new_unchecked(Arc::into_raw(place).cast_mut())) };
            observer.place.set(Some(share));
        }
    }

    /// Takes an observer out of the list. Nothing happens if it is not in it. Answers its place, whose
    /// handler is to be disconnected after the lock.
    ///
    /// # Safety
    /// `observer` is in this list or in none.
    #[inline]
    pub(crate) unsafe fn leave(&mut self, observer: Pinned<Observer>) -> Option<Arc<Place>> {
        self.0.remove(observer);
        let share = observer.place.replace(None)?;
        // SAFETY: the share that `join` put there.
        let place = unsafe { Arc::from_raw(share.as_ptr()) };
        place.observer.set(None);
        Some(place)
    }

    /// There is a cancellation. Notifies the observers that are before all handlers, in the order of joining.
    /// Of the others it is noted that they are due; says whether there are any. All stay in the list.
    pub(crate) fn notify_first(&self) -> (Notes, bool) {
        let mut notes = Notes::new();
        let mut any_due = false;
        for observer in self.0.iter() {
            if let Some(place) = observer.place.get() {
                place.due.set(true);
                any_due = true;
            } else {
                notify(observer, &mut notes);
            }
        }
        (notes, any_due)
    }

    /// The handler at this place is called: notifies its observer, if it is due.
    pub(crate) fn notify_at(&self, place: &Place) -> Notes {
        let mut notes = Notes::new();
        place.notify_if_due(&mut notes);
        notes
    }

    /// The emission is over: notifies those that are due still, because their handlers have not been called.
    pub(crate) fn notify_last(&self) -> Notes {
        let mut notes = Notes::new();
        for place in self.0.iter().filter_map(|observer| observer.place.get()) {
            place.notify_if_due(&mut notes);
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
        let (notes, any_due) = list.notify_first();
        assert!(!any_due);
        assert_eq!(NOTIFIED.take(), []);
        notes.carry_out();
        NOTIFIED.take()
    }

    /// All sequences of six steps; a step lets one of three listeners join if it is out, or leave if it is
    /// in.
    #[test]
    fn members_are_notified_in_the_order_of_joining() {
        // Miri is slow.
        const STEPS: u32 = if cfg!(miri) { 3 } else { 6 };
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
                    unsafe { list.join(observer, None) };
                }
                assert_eq!(
                    notified(&list),
                    expected,
                    "sequence {sequence}, step {step}"
                );
            }
        }
    }

    /// Four listeners, each with or without a place; the emission comes by any of the places, once or twice.
    #[test]
    fn whoever_has_a_place_is_notified_there_or_in_the_end() {
        for (with_place, reached) in (0..16).flat_map(|with| (0..16).map(move |at| (with, at))) {
            let has = |set: i32, number: usize| (set >> number) & 1 == 1;
            let listeners = listeners::<4>();
            let mut list = Observers::new();
            let places: Vec<_> = listeners
                .iter()
                .map(|listener| {
                    let place = has(with_place, listener.number).then(Place::new);
                    // SAFETY: in no list.
                    unsafe { list.join(pin(listener), place.clone()) };
                    place
                })
                .collect();
            for _turn in 0..2 {
                let mut expected: Vec<usize> = (0..4).filter(|&it| !has(with_place, it)).collect();
                let (notes, any_due) = list.notify_first();
                assert_eq!(any_due, with_place != 0);
                notes.carry_out();
                for number in (0..4).rev().chain(0..4).filter(|&it| has(reached, it)) {
                    if let Some(place) = &places[number] {
                        list.notify_at(place).carry_out();
                        if !expected.contains(&number) {
                            expected.push(number);
                        }
                    }
                }
                expected.extend((0..4).filter(|&it| has(with_place, it) && !has(reached, it)));
                list.notify_last().carry_out();
                assert_eq!(NOTIFIED.take(), expected);
            }
            // Who has left is not at his place any more.
            let _ = list.notify_first();
            for (listener, place) in listeners.iter().zip(&places) {
                // SAFETY: in this list.
                let left = unsafe { list.leave(pin(listener)) };
                assert_eq!(left.is_some(), place.is_some());
                if let Some(place) = place {
                    list.notify_at(place).carry_out();
                }
            }
            list.notify_last().carry_out();
            assert!(NOTIFIED.take().is_empty());
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
            unsafe { list.join(pin(listener), None) };
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
            list.join(pin(&listeners[1]), None);
            list.leave(pin(&listeners[0]));
            list.join(pin(&listeners[2]), None);
            list.leave(pin(&listeners[1]));
            list.leave(pin(&listeners[1]));
            assert_eq!(notified(&list), [2]);
            list.leave(pin(&listeners[2]));
            list.leave(pin(&listeners[2]));
        }
        assert!(notified(&list).is_empty());
    }
}
