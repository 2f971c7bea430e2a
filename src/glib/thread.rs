//! Starting a detached thread, without ever aborting when the system refuses one.

use std::ffi::{c_void, CStr};
use std::mem::MaybeUninit;

/// Starts a detached thread that runs `body` once. `Err` if the system refuses.
///
/// Not std's threads: theirs have a stack of 2 MiB, while the functions of C programs that run here
/// expect the system's default.
pub(crate) fn spawn_detached(body: fn()) -> Result<(), ()> {
    extern "C" fn start(data: *mut c_void) -> *mut c_void {
        // SAFETY: `data` is the `fn()` given to pthread_create below.
        let body = unsafe { std::mem::transmute::<*mut c_void, fn()>(data) };
        body();
        std::ptr::null_mut()
    }

    let mut attributes = MaybeUninit::uninit();
    let mut thread = MaybeUninit::uninit();
    // SAFETY: the attributes are initialized before use and destroyed after it; `start` gets what it expects.
    unsafe {
        if libc::pthread_attr_init(attributes.as_mut_ptr()) != 0 {
            return Err(());
        }
        libc::pthread_attr_setdetachstate(attributes.as_mut_ptr(), libc::PTHREAD_CREATE_DETACHED);
        let outcome = libc::pthread_create(
            thread.as_mut_ptr(),
            attributes.as_ptr(),
            start,
            body as *mut c_void,
        );
        libc::pthread_attr_destroy(attributes.as_mut_ptr());
        if outcome == 0 {
            Ok(())
        } else {
            Err(())
        }
    }
}

/// Names the calling thread, for debuggers: at most fifteen bytes.
pub(crate) fn name_this_thread(name: &CStr) {
    // SAFETY: the calling thread is alive, and the string is valid; too long a name is refused without harm.
    unsafe { libc::pthread_setname_np(libc::pthread_self(), name.as_ptr()) };
}

/// Lets other threads go first, if any are ready.
pub(crate) fn yield_now() {
    // SAFETY: it takes nothing and changes nothing.
    unsafe { libc::sched_yield() };
}

/// Microseconds of the monotonic clock.
pub(crate) fn now() -> i64 {
    // SAFETY: reads a clock.
    unsafe { glib_sys::g_get_monotonic_time() }
}

/// Has `before` called before each fork of the process, and afterwards one of the others.
pub(crate) fn at_fork(
    before: extern "C" fn(),
    in_parent: extern "C" fn(),
    in_child: extern "C" fn(),
) {
    // SAFETY: functions stay: the library is never unloaded. If there is no memory left, forks are as they were.
    unsafe { libc::pthread_atfork(Some(before), Some(in_parent), Some(in_child)) };
}
