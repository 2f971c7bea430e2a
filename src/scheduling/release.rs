//! Releasing what must not be released on a worker: it goes to the context that it belongs to.

use std::ffi::{c_int, c_void};

use glib_sys::GMainContext;

use super::delivery::{defer, Item, Step};
use super::pool;
use crate::glib::context::{self, Context};

/// Drops `garbage`: here, or, if this is a worker, in a later iteration of `context`.
///
/// What a worker made for itself (`made_by_worker`) is dropped here also if no other thread iterates the context: a
/// program whose tasks start each other and wait may have no main loop, and would collect garbage for ever.
///
/// # Safety
/// The context is alive until this returns. What is dropped may be dropped on its thread.
pub(crate) unsafe fn release<T>(
    garbage: T,
    context: *mut GMainContext,
    priority: c_int,
    made_by_worker: bool,
) {
    // SAFETY: as the caller vouches.
    if !pool::is_worker() || (made_by_worker && unsafe { context::is_idle(context) }) {
        return drop(garbage);
    }
    // SAFETY: as the caller vouches.
    unsafe { hand_over(Box::into_raw(Box::new(garbage)), context, priority) };
}

unsafe fn hand_over<T>(garbage: *mut T, context: *mut GMainContext, priority: c_int) {
    let item = Item {
        object: garbage.cast(),
        finish: finish::<T>,
    };
    // SAFETY: as the caller of `release` vouches.
    unsafe { defer(context, priority, item) };
}

unsafe fn finish<T>(garbage: *mut c_void, step: Step) {
    let garbage = garbage.cast::<T>();
    if step == Step::Deliver {
        return;
    }
    // If the worker has dropped the context's last reference, no thread will ever iterate it again.
    if step == Step::Abandon && pool::is_worker() {
        // SAFETY: the global default context is always alive.
        return unsafe { hand_over(garbage, Context::global_default().as_ptr(), 0) };
    }
    // SAFETY: the box made by `release`, which ends once.
    drop(unsafe { Box::from_raw(garbage) });
}
