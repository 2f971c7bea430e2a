//! Releasing what must not be released on a worker: it goes to the context that it belongs to.

use std::ffi::{c_int, c_void};

use super::delivery::{defer, Ending, Item};
use super::pool;
use crate::glib::context::Context;

/// Drops `garbage`: here, or, if this is a worker, in a later iteration of `context`.
pub(crate) fn release<T>(garbage: T, context: &Context, priority: c_int) {
    if !pool::is_worker() {
        return drop(garbage);
    }
    hand_over(Box::into_raw(Box::new(garbage)), context, priority);
}

fn hand_over<T>(garbage: *mut T, context: &Context, priority: c_int) {
    let item = Item {
        object: garbage.cast(),
        finish: finish::<T>,
    };
    // SAFETY: what is handed over here may be released on the thread of its context: that is the point.
    unsafe { defer(context, priority, item) };
}

unsafe fn finish<T>(garbage: *mut c_void, ending: Ending) {
    let garbage = garbage.cast::<T>();
    // If the worker had the context's last reference too, no thread will ever iterate it again.
    if ending == Ending::Abandon && pool::is_worker() {
        return hand_over(garbage, &Context::global_default(), 0);
    }
    // SAFETY: the box made by `release`, which ends once.
    drop(unsafe { Box::from_raw(garbage) });
}
