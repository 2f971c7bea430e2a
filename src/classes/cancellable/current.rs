//! The stack of current cancellables: one per thread. As in GIO it holds no references.
//!
//! It works as long as its thread runs any code, also in destructors of thread-specific data. What a thread
//! has pushed and not popped stays until the destructors of other data have had two turns.

use std::cell::Cell;
use std::ptr::null_mut;

use super::Cancellable;
use crate::glib::thread::ExitHook;

struct Node {
    cancellable: *mut Cancellable,
    below: *mut Node,
}

thread_local! {
    /// What was pushed last. Only its thread uses it and the nodes below it.
    static TOP: Cell<*mut Node> = const { Cell::new(null_mut()) };

    /// How often this thread's hook has been called.
    static TURNS: Cell<u8> = const { Cell::new(0) };
}

static EXIT_HOOK: ExitHook = ExitHook::new();

/// Why something could not be popped.
pub(crate) enum Refused {
    Empty,
    NotOnTop,
}

/// What was pushed last; NULL if nothing is there.
pub(crate) fn get() -> *mut Cancellable {
    // SAFETY: a node is alive until it is popped.
    unsafe { TOP.get().as_ref() }.map_or(null_mut(), |node| node.cancellable)
}

pub(crate) fn push(cancellable: *mut Cancellable) {
    let below = TOP.get();
    if below.is_null() {
        EXIT_HOOK.set(Some(thread_ends));
    }
    TOP.set(Box::into_raw(Box::new(Node { cancellable, below })));
}

pub(crate) fn pop(cancellable: *mut Cancellable) -> Result<(), Refused> {
    let top = TOP.get();
    if top.is_null() {
        return Err(Refused::Empty);
    }
    if get() != cancellable {
        return Err(Refused::NotOnTop);
    }
    // SAFETY: made by `push` as a box, and popped once.
    TOP.set(unsafe { Box::from_raw(top) }.below);
    Ok(())
}

fn thread_ends() {
    TURNS.set(TURNS.get() + 1);
    if TURNS.get() < 3 {
        return EXIT_HOOK.set(Some(thread_ends));
    }
    while pop(get()).is_ok() {}
}
