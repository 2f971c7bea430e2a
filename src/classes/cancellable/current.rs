//! The stack of current cancellables: one per thread. It is a note, as in GIO: it holds no references.

use std::cell::RefCell;

use super::Cancellable;

thread_local!(static STACK: RefCell<Vec<*mut Cancellable>> = const { RefCell::new(Vec::new()) });

/// Why something could not be popped.
pub(crate) enum Refused {
    Empty,
    NotOnTop,
}

/// What was pushed last; NULL if nothing is there, also while the thread is being taken down.
pub(crate) fn get() -> *mut Cancellable {
    STACK
        .try_with(|stack| stack.borrow().last().copied())
        .ok()
        .flatten()
        .unwrap_or_default()
}

pub(crate) fn push(cancellable: *mut Cancellable) {
    // A thread that is being taken down has no stack any more, and nobody left to look at it.
    let _ = STACK.try_with(|stack| stack.borrow_mut().push(cancellable));
}

pub(crate) fn pop(cancellable: *mut Cancellable) -> Result<(), Refused> {
    let pop = |stack: &RefCell<Vec<*mut Cancellable>>| {
        let mut stack = stack.borrow_mut();
        match stack.last() {
            None => Err(Refused::Empty),
            Some(&top) if top != cancellable => Err(Refused::NotOnTop),
            Some(_) => {
                stack.pop();
                Ok(())
            }
        }
    };
    STACK.try_with(pop).unwrap_or(Err(Refused::Empty))
}
