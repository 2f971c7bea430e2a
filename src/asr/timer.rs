//! One thread for all deadlines of the process. It starts with the first one, and then sleeps until the
//! earliest. A deadline wakes it only if it comes before that; one that goes wakes nobody.

use std::ffi::c_void;
use std::mem::{size_of, MaybeUninit};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{MutexGuard, PoisonError};
use std::time::Duration;

use glib_sys::gpointer;

use super::state::{lock, Cause, Member, State, Timer, NEVER, WAKE_UP};
use super::{links, public};

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
    // One that has passed needs no thread; those that were set before a fork may.
    see_to_it(state, if is_due { i64::MAX } else { deadline });
    if is_due {
        // SAFETY: as the caller ensures.
        unsafe { links::cancel(member, Cause::Deadline) };
    }
}

/// Lets the thread look at the deadlines, of which this is the one that was set; `i64::MAX` if none was.
fn see_to_it(mut state: MutexGuard<'_, State>, deadline: i64) {
    match state.timer {
        Timer::Absent if state.deadlines.first().is_some() => {
            state.timer = Timer::Starting;
            drop(state);
            start();
        }
        Timer::Asleep(until) if deadline < until => {
            // Only once, however many come before it looks.
            state.timer = Timer::Awake(deadline);
            drop(state);
            WAKE_UP.notify_one();
        }
        Timer::Absent | Timer::Starting | Timer::Awake(_) | Timer::Asleep(_) => {}
    }
}

/// Starts the thread. If the system refuses one, the next deadline asks again.
#[cold]
fn start() {
    static WAS_REFUSED: AtomicBool = AtomicBool::new(false);
    if !start_thread() {
        lock().timer = Timer::Absent;
        if !WAS_REFUSED.swap(true, Ordering::Relaxed) {
            public::warn(
                c"No thread for deadlines can be started: they wait until the next one is set.",
            );
        }
    }
}

fn start_thread() -> bool {
    extern "C" fn run(_data: gpointer) -> gpointer {
        be_scheduled_as_the_main_thread();
        watch_the_end();
        live()
    }
    // SAFETY: of the thread and the error, one is NULL, and the other is ours to drop.
    unsafe {
        let mut error = std::ptr::null_mut();
        let name = c"asr-timer".as_ptr();
        let thread = glib_sys::g_thread_try_new(name, Some(run), std::ptr::null_mut(), &mut error);
        if thread.is_null() {
            glib_sys::g_error_free(error);
            return false;
        }
        glib_sys::g_thread_unref(thread);
    }
    true
}

/// The calling thread has inherited the scheduling of whoever set the deadline for which it starts. It is
/// there for the whole process, so it takes that of the main thread, as far as the system allows it.
fn be_scheduled_as_the_main_thread() {
    // SAFETY: the structures are written before they are read. 0 is the calling thread.
    unsafe {
        let main = libc::getpid();
        let mut cpus = MaybeUninit::<libc::cpu_set_t>::uninit();
        let size = size_of::<libc::cpu_set_t>();
        if libc::sched_getaffinity(main, size, cpus.as_mut_ptr()) == 0 {
            libc::sched_setaffinity(0, size, cpus.as_ptr());
        }
        let policy = libc::sched_getscheduler(main);
        let mut parameters = MaybeUninit::uninit();
        // Otherwise threads begin as ordinary ones.
        let is_inherited = policy >= 0 && policy & libc::SCHED_RESET_ON_FORK == 0;
        if is_inherited && libc::sched_getparam(main, parameters.as_mut_ptr()) == 0 {
            libc::sched_setscheduler(0, policy, parameters.as_ptr());
            let nice = libc::getpriority(libc::PRIO_PROCESS, main as libc::id_t);
            libc::setpriority(libc::PRIO_PROCESS, 0, nice);
        }
    }
}

/// A handler may end the calling thread, by g_thread_exit(). Then the deadlines that are to come need
/// another one. This is not called when the process exits.
fn watch_the_end() {
    extern "C" fn ended(_data: *mut c_void) {
        let mut state = lock();
        state.timer_ends();
        see_to_it(state, i64::MAX);
    }
    /// The key plus one; 0 until there is one. Threads of deadlines come one after the other, so nobody has to
    /// wait for the one that makes it: in a child process that was forked meanwhile there is no such thread.
    static KEY: AtomicUsize = AtomicUsize::new(0);
    let mut key = 0;
    // SAFETY: a place for the key, and a function that stays where it is. As the value anything but NULL will
    // do.
    unsafe {
        match KEY.load(Ordering::Relaxed) {
            0 if libc::pthread_key_create(&mut key, Some(ended)) != 0 => return,
            0 => KEY.store(key as usize + 1, Ordering::Relaxed),
            made => key = (made - 1) as libc::pthread_key_t,
        }
        libc::pthread_setspecific(key, std::ptr::from_ref(&KEY).cast());
    }
}

/// It does not return: whatever it uses stays, also while the process exits.
fn live() -> ! {
    let mut state = lock();
    loop {
        let woken_for = match state.timer {
            Timer::Awake(time) => time,
            _ => i64::MAX,
        };
        state.timer = Timer::Awake(i64::MAX);
        let now = now();
        state = match state.deadlines.first() {
            Some((time, member)) if time <= now => {
                pass(state, member);
                lock()
            }
            first => {
                let time = first.map_or(i64::MAX, |first| first.0);
                // The deadline that it was woken for may be gone. It sleeps until then nevertheless: so those
                // that are set next, and soon gone, too, do not wake it, since they are mostly later.
                let until = if woken_for > now {
                    time.min(woken_for)
                } else {
                    time
                };
                sleep(state, until, now)
            }
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

/// Sleeps from now until that time, or until it is woken. It may also wake up without a reason.
fn sleep(
    mut state: MutexGuard<'static, State>,
    until: i64,
    now: i64,
) -> MutexGuard<'static, State> {
    state.timer = Timer::Asleep(until);
    if until == i64::MAX {
        return WAKE_UP.wait(state).unwrap_or_else(PoisonError::into_inner);
    }
    let limit = Duration::from_micros(until.abs_diff(now));
    let woken = WAKE_UP.wait_timeout(state, limit);
    woken.unwrap_or_else(PoisonError::into_inner).0
}
