//! Releases within releases: a chain of tasks or results, each of which holds the last reference to the next.
//!
//! A few hundred of them are nested in each other, and each is done when its unref returns, as in GIO. Deeper
//! ones are put off, and done by a loop, so that the stack does not overflow.

use std::any::Any;
use std::mem::ManuallyDrop;

use crate::scheduling::pool;
use crate::scheduling::sync::{per_thread, Cell};

/// How many releases may be nested in each other.
const DEEPEST: u32 = 300;

per_thread! {
    /// How many releases are under way on this thread.
    static DEPTH: Cell<u32> = const { Cell::new(0) };
}
per_thread! {
    /// What is put off until fewer of them are under way. No destructor of thread-local data empties it, as
    /// those may release tasks themselves.
    static PUT_OFF: Cell<ManuallyDrop<Option<Box<PutOff>>>> =
        const { Cell::new(ManuallyDrop::new(None)) };
}

#[derive(Default)]
struct PutOff(Vec<Box<dyn Any>>);

fn take_put_off() -> Option<Box<PutOff>> {
    ManuallyDrop::into_inner(PUT_OFF.take())
}

/// Where and when something is released.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Turn {
    /// Here; then `end` is to be called.
    Now,
    /// Here, but later: it is nested too deeply.
    Later,
    /// On another thread: this one is a worker.
    Elsewhere,
}

/// Begins a release, unless this thread is a worker that is not at `home`: `home` is the number of a thread.
#[inline(never)]
pub(crate) fn begin(home: usize) -> Turn {
    if pool::is_worker() && home != this_thread() {
        return Turn::Elsewhere;
    }
    begin_here()
}

/// A number of this thread, not 0. No other thread has it as long as this one lives.
pub(crate) fn this_thread() -> usize {
    DEPTH.with(|depth| std::ptr::from_ref(depth).addr())
}

/// Begins a release on this thread.
#[inline(never)]
pub(crate) fn begin_here() -> Turn {
    let depth = DEPTH.get();
    if depth == DEEPEST {
        return Turn::Later;
    }
    DEPTH.set(depth + 1);
    Turn::Now
}

/// Ends what `begin` began. What was put off is released when half of the nesting is free again, or all of it.
#[inline(never)]
pub(crate) fn end() {
    let depth = DEPTH.get() - 1;
    DEPTH.set(depth);
    if depth == 0 || depth == DEEPEST / 2 {
        if let Some(list) = take_put_off() {
            release_put_off(list);
        }
    }
}

/// Drops `garbage` when fewer releases of this thread are under way.
#[cold]
pub(crate) fn put_off(garbage: Box<dyn Any>) {
    let mut list = take_put_off().unwrap_or_default();
    list.0.push(garbage);
    PUT_OFF.set(ManuallyDrop::new(Some(list)));
}

#[cold]
fn release_put_off(first: Box<PutOff>) {
    // What is put off meanwhile goes to a new list. The releases in this loop are one deeper than this function
    // was called at, and so do not come back here: the stack does not grow.
    let depth = DEPTH.get();
    DEPTH.set(depth + 1);
    let mut next = Some(first);
    while let Some(list) = next {
        drop(list);
        next = take_put_off();
    }
    DEPTH.set(depth);
}
