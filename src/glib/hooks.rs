//! Hooks: points of the library at which somebody may watch what becomes of tasks. Whoever watches is a
//! library of its own, the checker or the recorder, which is loaded only if it is asked for: see `check/` and
//! `trace/`.
//!
//! A point is one look at a flag, which is FALSE while nobody watches; what follows is out of line. No lock
//! is held at a point, and a watcher calls nothing of the program's. `hooks/load.rs` loads them,
//! `hooks/table.rs` is what they are told.

pub(crate) mod load;
pub(crate) mod table;

use std::cell::UnsafeCell;
use std::ffi::{c_char, c_int, c_void, CStr};
use std::sync::atomic::{AtomicPtr, Ordering};

use super::held;
use table::{Event, Hooks, Message};

/// The tables of those who watch, in the order in which they are told. Each is written once, while the
/// library is loaded.
static WATCHERS: [AtomicPtr<Hooks>; 2] = [const { AtomicPtr::new(std::ptr::null_mut()) }; 2];

/// Whether there is one. No atomic, which would take three instructions at each point instead of two.
static WATCHED: Watched = Watched(UnsafeCell::new(false));

struct Watched(UnsafeCell<bool>);

// SAFETY: it is written only by `Watched::set`.
unsafe impl Sync for Watched {}

impl Watched {
    /// # Safety
    /// This library is being loaded: no other thread can have called a function of its, or does before the
    /// dynamic linker has told it that it is loaded.
    unsafe fn set(&self) {
        // SAFETY: as the caller ensures, nobody reads meanwhile.
        unsafe { *self.0.get() = true };
    }
}

/// Whether anybody watches. A library that is compiled without the points shows what they cost: see
/// `scripts/bench --points`.
#[inline(always)]
pub(crate) fn are_watched() -> bool {
    // SAFETY: nobody writes any more.
    !cfg!(asyncresult_without_points) && unsafe { *WATCHED.0.get() }
}

fn watchers() -> impl Iterator<Item = &'static Hooks> {
    // SAFETY: NULL, or the table of a library that stays loaded.
    let table = |place: &AtomicPtr<Hooks>| unsafe { place.load(Ordering::Acquire).as_ref() };
    WATCHERS.iter().filter_map(table)
}

/// Tells that something happened to an object.
#[inline(always)]
pub(crate) fn happened<T>(object: &T, event: Event, detail: *const c_void) {
    if are_watched() {
        tell(std::ptr::from_ref(object).cast(), event, detail);
    }
}

#[cold]
#[inline(never)]
pub(crate) fn tell(object: *const c_void, event: Event, detail: *const c_void) {
    held::assert_none();
    for watcher in watchers() {
        // SAFETY: the detail is what the event says.
        unsafe { (watcher.happened)(object, event, detail) };
    }
}

/// Whether a watcher has reported a failed assertion. `found`: see the table.
pub(crate) fn report_refusal(function: &CStr, text: &CStr, found: *const c_char) -> bool {
    // SAFETY: two strings, and a third or NULL.
    watchers().any(|watcher| unsafe { (watcher.refused)(function.as_ptr(), text.as_ptr(), found) })
}

/// What a message about a task ends with: where it was made, if that is known.
pub(crate) fn birthplace<T>(task: &T, message: Message) -> *const c_char {
    let task = std::ptr::from_ref(task).cast();
    // SAFETY: the task is alive.
    let mut answers = watchers().map(|watcher| unsafe { (watcher.birthplace)(task, message) });
    answers
        .find(|answer| !answer.is_null())
        .unwrap_or(c"".as_ptr())
}

/// Tells that the handlers of a cancellable have changed.
#[inline(always)]
pub(crate) fn handlers_changed<T>(cancellable: *const T, change: c_int) {
    if are_watched() {
        tell_of_handlers(cancellable.cast(), change);
    }
}

#[cold]
#[inline(never)]
fn tell_of_handlers(cancellable: *const c_void, change: c_int) {
    for watcher in watchers() {
        // SAFETY: the cancellable is only compared.
        unsafe { (watcher.handlers)(cancellable, change) };
    }
}

/// Tells what became of a worker; by the worker itself, unless it was refused.
pub(crate) fn worker(event: Event, detail: usize) {
    if are_watched() {
        tell(std::ptr::null(), event, detail as *const c_void);
    }
}

/// Tells that there will be nothing to tell.
pub(crate) fn stepped_back() {
    for watcher in watchers() {
        // SAFETY: it takes nothing.
        unsafe { (watcher.stepped_back)() };
    }
}
