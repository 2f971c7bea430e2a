//! Threads: starting them, whose scheduling they have, how much processor time they used, and how they end.

use std::ffi::{c_int, c_long, c_void, CStr};
use std::mem::MaybeUninit;
use std::sync::atomic::{AtomicUsize, Ordering};

use glib_sys::gpointer;

use super::held;
use super::once::Once;

/// Starts a thread of GLib's that runs `body`. FALSE if the system refuses. Debuggers show at most fifteen
/// bytes of the name.
pub(crate) fn start(name: &CStr, body: fn()) -> bool {
    extern "C" fn run(data: gpointer) -> gpointer {
        // SAFETY: `data` is the `fn()` given to g_thread_try_new() below.
        let body = unsafe { std::mem::transmute::<gpointer, fn()>(data) };
        body();
        std::ptr::null_mut()
    }
    held::assert_none();
    let mut error = std::ptr::null_mut();
    // SAFETY: `run` gets what it expects. Of the thread and the error, one is NULL, and the other is ours to
    // drop.
    unsafe {
        let body = body as gpointer;
        let thread = glib_sys::g_thread_try_new(name.as_ptr(), Some(run), body, &mut error);
        if thread.is_null() {
            glib_sys::g_error_free(error);
            return false;
        }
        glib_sys::g_thread_unref(thread);
    }
    true
}

/// Microseconds of the monotonic clock.
pub(crate) fn now() -> i64 {
    // SAFETY: reads a clock.
    unsafe { glib_sys::g_get_monotonic_time() }
}

/// What the kernel keeps of a thread's scheduling: the beginning of its `struct sched_attr`.
#[repr(C)]
#[derive(Clone, Copy, PartialEq, Eq)]
struct Scheduling {
    size: u32,
    policy: u32,
    flags: u64,
    nice: i32,
    priority: u32,
    /// Of the policy of deadlines.
    times: [u64; 3],
}

impl Scheduling {
    /// The scheduling of the thread with this number; 0 is the calling one. `None` if the kernel does not say.
    fn of(thread: c_int) -> Option<Self> {
        let mut scheduling = MaybeUninit::<Self>::zeroed();
        let size = size_of::<Self>();
        // SAFETY: the kernel writes at most `size` bytes, and zeroes are valid.
        unsafe {
            let answer = libc::syscall(
                libc::SYS_sched_getattr,
                thread,
                scheduling.as_mut_ptr(),
                size,
                0,
            );
            (answer == 0).then(|| scheduling.assume_init())
        }
    }

    /// The scheduling of the process: what its main thread had at the first call of this. What the main thread
    /// gives itself later does not count.
    fn of_process() -> Option<&'static Self> {
        /// The address of what is never freed; 0 if that is not known.
        static PROCESS: Once = Once::new();
        let address = PROCESS.get_or_find(|| {
            let noted = Self::of_main_thread()
                .map(|main| Box::into_raw(Box::new(main)).expose_provenance());
            noted.unwrap_or(0)
        });
        // SAFETY: the box made above.
        (address != 0).then(|| unsafe { &*std::ptr::with_exposed_provenance(address) })
    }

    fn of_main_thread() -> Option<Self> {
        const RESET_ON_FORK: u64 = 1;
        // SAFETY: asks for a number. The main thread has the process's.
        let mut main = Self::of(unsafe { libc::getpid() })?;
        if main.flags & RESET_ON_FORK != 0 {
            // Its threads begin as ordinary ones.
            main.policy = libc::SCHED_OTHER as u32;
            main.priority = 0;
            main.nice = main.nice.max(0);
            main.times = [0; 3];
        }
        main.flags = 0;
        Some(main)
    }

    fn is_the_same_as(&self, other: &Self) -> bool {
        self.policy == other.policy
            && self.nice == other.nice
            && self.priority == other.priority
            && self.times == other.times
    }
}

/// Notes the scheduling of the process. Called when GTask is registered: as in GIO, what the main thread has
/// then counts.
pub(crate) fn note_process_scheduling() {
    Scheduling::of_process();
}

/// Whether the calling thread is scheduled as the process is, by class, nice value and priority.
pub(crate) fn has_process_scheduling() -> bool {
    match (Scheduling::of(0), Scheduling::of_process()) {
        (Some(own), Some(process)) => own.is_the_same_as(process),
        _ => true,
    }
}

/// Gives the calling thread the scheduling of the process; it has inherited that of the thread that started it.
/// FALSE if the system does not allow it: a raised nice value cannot be lowered without rights.
pub(crate) fn adopt_process_scheduling() -> bool {
    if has_process_scheduling() {
        return true;
    }
    let Some(process) = Scheduling::of_process() else {
        return true;
    };
    // SAFETY: reads a valid structure. C passes the same three arguments.
    let answer: c_long =
        unsafe { libc::syscall(libc::SYS_sched_setattr, 0, std::ptr::from_ref(process), 0) };
    answer == 0
}

/// The clock of the processor time that one thread has used.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct CpuClock(libc::clockid_t);

impl CpuClock {
    pub(crate) fn of_this_thread() -> Self {
        extern "C" {
            fn pthread_getcpuclockid(thread: libc::pthread_t, clock: *mut libc::clockid_t)
                -> c_int;
        }
        let mut clock = libc::CLOCK_THREAD_CPUTIME_ID;
        // SAFETY: the C library's function; the calling thread is alive, and `clock` is a place for the
        // answer.
        unsafe { pthread_getcpuclockid(libc::pthread_self(), &mut clock) };
        Self(clock)
    }

    /// Microseconds.
    pub(crate) fn used(self) -> i64 {
        let mut time = MaybeUninit::<libc::timespec>::zeroed();
        // SAFETY: the time is written, or stays zeroed, which is valid; a clock of a thread that ended is
        // refused.
        let time = unsafe {
            libc::clock_gettime(self.0, time.as_mut_ptr());
            time.assume_init()
        };
        time.tv_sec as i64 * 1_000_000 + time.tv_nsec as i64 / 1_000
    }
}

/// A function that a thread calls when it ends, also by g_thread_exit(): among the destructors of its
/// thread-specific data.
///
/// Holds the key plus one; 0 until there is one. Nobody waits for the thread that makes it: in a child process
/// that was forked meanwhile there is no such thread.
pub(crate) struct ExitHook(AtomicUsize);

impl ExitHook {
    pub(crate) const fn new() -> Self {
        Self(AtomicUsize::new(0))
    }

    /// Has `hook` called once when the calling thread ends, until it is taken back with `None`. If the hook
    /// itself sets one, that is called after the destructors of other data, a few times at most.
    pub(crate) fn set(&self, hook: Option<fn()>) {
        if let Some(key) = self.key() {
            let value = hook.map_or(std::ptr::null(), |hook| hook as *const c_void);
            // SAFETY: the key exists. Without memory for the value the hook is not called.
            unsafe { libc::pthread_setspecific(key, value) };
        }
    }

    /// None if the system has no more keys.
    fn key(&self) -> Option<libc::pthread_key_t> {
        let key = match self.0.load(Ordering::Relaxed) {
            0 => self.make_key(),
            key => key,
        };
        Some(key.checked_sub(1)? as libc::pthread_key_t)
    }

    #[cold]
    fn make_key(&self) -> usize {
        extern "C" fn call(hook: *mut c_void) {
            // SAFETY: the value of the key is a `fn()`, never NULL when a destructor is called.
            let hook = unsafe { std::mem::transmute::<*mut c_void, fn()>(hook) };
            hook();
        }
        let mut key = 0;
        // SAFETY: a place for the key, and a function that stays: the library is never unloaded.
        if unsafe { libc::pthread_key_create(&mut key, Some(call)) } != 0 {
            return 0;
        }
        let own = key as usize + 1;
        match self
            .0
            .compare_exchange(0, own, Ordering::Relaxed, Ordering::Relaxed)
        {
            Ok(_) => own,
            Err(others) => {
                // SAFETY: made above, and used by nobody.
                unsafe { libc::pthread_key_delete(key) };
                others
            }
        }
    }
}

/// Has `before` called before each fork of the process, and afterwards one of the others.
pub(crate) fn at_fork(
    before: extern "C" fn(),
    in_parent: extern "C" fn(),
    in_child: extern "C" fn(),
) {
    // SAFETY: functions stay: the library is never unloaded. Without memory nothing is registered.
    unsafe { libc::pthread_atfork(Some(before), Some(in_parent), Some(in_child)) };
}
