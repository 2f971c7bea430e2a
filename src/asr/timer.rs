//! One thread for all deadlines of the process. It starts with the first one, and then sleeps until the
//! earliest. A deadline wakes it only if it comes before that; one that goes wakes nobody.

use std::ffi::c_int;
use std::mem::MaybeUninit;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{MutexGuard, PoisonError};
use std::time::Duration;

use glib_sys::gpointer;

use super::links;
use super::state::{lock, Cause, Member, State, Timer, NEVER, WAKE_UP};

/// Microseconds of GLib's monotonic clock.
pub(super) fn now() -> i64 {
    // SAFETY: reads a clock.
    unsafe { glib_sys::g_get_monotonic_time() }
}

/// Sets the deadline of one that the caller keeps, in place of the one that it has. If that time has come,
/// it is cancelled before this returns.
///
/// # Safety
/// It is alive.
pub(super) unsafe fn set(member: *mut Member, deadline: i64) {
    let is_due = deadline != NEVER && deadline <= now();
    let mut state = lock();
    // SAFETY: as the caller ensures; under the lock.
    unsafe {
        (*member).deadline = deadline;
        state.deadlines.remove(member);
        if deadline == NEVER {
            return;
        }
        if !is_due {
            state.deadlines.insert(deadline, member);
        }
    }
    see_to_it(state, deadline);
    if is_due {
        // SAFETY: as the caller ensures.
        unsafe { links::cancel(member, Cause::Deadline) };
    }
}

/// Lets the thread look at the deadlines, of which this is one that was set.
fn see_to_it(mut state: MutexGuard<'_, State>, deadline: i64) {
    match state.timer {
        Timer::Absent if state.deadlines.first().is_some() => {
            state.timer = Timer::Starting;
            drop(state);
            start();
        }
        Timer::Asleep(until) if deadline < until => {
            // Only once, however many come before it looks.
            state.timer = Timer::Awake;
            drop(state);
            WAKE_UP.notify_one();
        }
        Timer::Absent | Timer::Starting | Timer::Awake | Timer::Asleep(_) => {}
    }
}

/// Starts the thread. If the system refuses one, the next deadline asks again.
#[cold]
fn start() {
    static WAS_REFUSED: AtomicBool = AtomicBool::new(false);
    if !start_thread() {
        lock().timer = Timer::Absent;
        if !WAS_REFUSED.swap(true, Ordering::Relaxed) {
            // SAFETY: strings; the format has no arguments.
            unsafe {
                glib_sys::g_log(
                    c"asyncresult".as_ptr(),
                    glib_sys::G_LOG_LEVEL_WARNING,
                    c"No thread for deadlines can be started: they wait until the next one is set."
                        .as_ptr(),
                );
            }
        }
    }
}

fn start_thread() -> bool {
    extern "C" fn run(_data: gpointer) -> gpointer {
        live()
    }
    let mut all = MaybeUninit::uninit();
    let mut before = MaybeUninit::uninit();
    // SAFETY: the sets are written before they are read. Of the thread and the error, one is NULL, and the
    // other is ours to drop.
    unsafe {
        // The program's signals are none of this thread's, which inherits the mask.
        libc::sigfillset(all.as_mut_ptr());
        let how: c_int = libc::SIG_SETMASK;
        libc::pthread_sigmask(how, all.as_ptr(), before.as_mut_ptr());
        let mut error = std::ptr::null_mut();
        let name = c"asr-timer".as_ptr();
        let thread = glib_sys::g_thread_try_new(name, Some(run), std::ptr::null_mut(), &mut error);
        libc::pthread_sigmask(how, before.as_ptr(), std::ptr::null_mut());
        if thread.is_null() {
            glib_sys::g_error_free(error);
            return false;
        }
        glib_sys::g_thread_unref(thread);
    }
    true
}

/// It never ends: whatever it uses stays, also while the process exits.
fn live() -> ! {
    let mut state = lock();
    loop {
        state.timer = Timer::Awake;
        state = match state.deadlines.first() {
            None => sleep(state, i64::MAX, None),
            Some((time, member)) => match time - now() {
                ..=0 => {
                    pass(state, member);
                    lock()
                }
                left => sleep(state, time, Some(left)),
            },
        };
    }
}

/// A deadline has passed. Handlers, and what the last reference ends, run here.
fn pass(mut state: MutexGuard<'_, State>, member: *mut Member) {
    // SAFETY: what has a deadline is alive, under the lock.
    let claim = unsafe {
        state.deadlines.remove(member);
        Member::claim(member, &mut state, Cause::Deadline)
    };
    drop(state);
    if let Some(claim) = claim {
        drop(claim.hold().cancel());
    }
}

/// Sleeps until that time, for so many microseconds, or until it is woken. It may also wake up without a
/// reason.
fn sleep(
    mut state: MutexGuard<'static, State>,
    until: i64,
    left: Option<i64>,
) -> MutexGuard<'static, State> {
    state.timer = Timer::Asleep(until);
    match left {
        None => WAKE_UP.wait(state).unwrap_or_else(PoisonError::into_inner),
        Some(left) => {
            let limit = Duration::from_micros(left.unsigned_abs());
            let woken = WAKE_UP.wait_timeout(state, limit);
            woken.unwrap_or_else(PoisonError::into_inner).0
        }
    }
}
