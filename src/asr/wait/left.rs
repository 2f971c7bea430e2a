//! An operation that has been left behind: its wait was freed before its callback came.
//!
//! A task keeps its context alive, the context a source with the task's result, and that source the task. So
//! a private context that nobody iterates any more would keep all three for ever, with a descriptor. Instead
//! a source in the context around it (the *follower*) iterates it every now and then, until the callback has
//! come: in the thread in which the operation's own sources may be dispatched, as the operation would have
//! been without a wait.

use std::sync::atomic::Ordering::{Acquire, Release};

use glib_sys::{gboolean, gpointer, GFALSE, GTRUE};

use super::wake::timer_source;
use super::{AsrWait, ENDED};
use crate::asr::timer;

/// How long the follower pauses between two turns, in microseconds: longer and longer while the operation
/// does nothing. It does pause after each, so that what is always ready in there holds up nothing of the
/// context around it.
const SHORTEST_PAUSE: i64 = 1_000;
const LONGEST_PAUSE: i64 = 1_000_000;

/// The callback has come.
///
/// # Safety
/// The state was LEFT, and this is the only callback.
pub(super) unsafe fn end(wait: *mut AsrWait) {
    // SAFETY: as the caller promises. If there is a follower, it frees the wait, with the result, once it
    // sees the new state.
    unsafe {
        if (*wait).is_private {
            (*wait).state.store(ENDED, Release);
        } else {
            drop(Box::from_raw(wait));
        }
    }
}

/// Takes the wait over, into the context that is the thread's default one now.
///
/// # Safety
/// The state is LEFT, or ENDED since; nobody else frees it.
pub(super) unsafe fn follow(wait: *mut AsrWait) {
    // SAFETY: as the caller promises. The wait is freed by `ended_or_moved` alone, once the source is
    // destroyed.
    unsafe {
        let follower = timer_source().as_ptr();
        glib_sys::g_source_set_ready_time(follower, 0);
        glib_sys::g_source_set_callback(follower, Some(iterate), wait.cast(), Some(ended_or_moved));
        glib_sys::g_source_set_static_name(follower, c"asr_wait_free".as_ptr());
        let around = glib_sys::g_main_context_ref_thread_default();
        glib_sys::g_source_attach(follower, around);
        glib_sys::g_main_context_unref(around);
        glib_sys::g_source_unref(follower);
    }
}

/// The follower's turn.
unsafe extern "C" fn iterate(wait: gpointer) -> gboolean {
    // SAFETY: alive as long as the follower.
    let wait = unsafe { &*wait.cast::<AsrWait>() };
    let mut did_something = false;
    // SAFETY: a live context. While it is acquired it can be pushed.
    unsafe {
        let context = wait.context.as_ptr();
        if glib_sys::g_main_context_acquire(context) != GFALSE {
            glib_sys::g_main_context_push_thread_default(context);
            did_something = wait.iterate(false);
            glib_sys::g_main_context_pop_thread_default(context);
            glib_sys::g_main_context_release(context);
        }
    }
    if wait.state.load(Acquire) == ENDED {
        return GFALSE;
    }
    let pause = if did_something {
        SHORTEST_PAUSE
    } else {
        (2 * wait.pause.get()).clamp(SHORTEST_PAUSE, LONGEST_PAUSE)
    };
    wait.pause.set(pause);
    // SAFETY: the follower, which is being dispatched.
    unsafe {
        glib_sys::g_source_set_ready_time(glib_sys::g_main_current_source(), timer::now() + pause);
    }
    GTRUE
}

/// The follower is destroyed: the operation has ended, or the context around it has, and the next one out is
/// to follow.
unsafe extern "C" fn ended_or_moved(wait: gpointer) {
    let wait: *mut AsrWait = wait.cast();
    // SAFETY: the follower was the only one that freed it.
    unsafe {
        if (*wait).state.load(Acquire) == ENDED {
            drop(Box::from_raw(wait));
        } else {
            follow(wait);
        }
    }
}
