//! `asr_wait_*`: waiting, in synchronous code, for the end of an asynchronous operation.
//!
//! A wait has a main context that is the thread's default one while the wait lives: so the operation delivers
//! into it, and it is iterated until the callback comes. Who frees a wait before that leaves the operation
//! behind: `wait/left.rs`. What ends an iteration is in `wait/wake.rs`.

mod left;
mod wake;

use std::cell::Cell;
use std::ffi::CStr;
use std::ptr::{null_mut, NonNull};
use std::sync::atomic::{AtomicPtr, AtomicU8, Ordering::*};

use glib_sys::{gboolean, gpointer, GError, GMainContext, GFALSE};
use gobject_sys::GObject;

use super::public::{self, GAsyncResult, GCancellable};
use super::timer;
use wake::{Alarm, Watch};

/// A context, and what has become of one operation at a time.
///
/// Only the thread that made it uses it, but for the callback, which may come on any.
pub struct AsrWait {
    context: NonNull<GMainContext>,
    /// How GLib calls that context while it is the thread's default one: NULL for the global default one.
    pushed: *mut GMainContext,
    thread: Thread,
    /// The wait that was the innermost one of the thread before, or NULL.
    outer: *mut AsrWait,
    /// Whether nobody else iterates the context.
    is_private: bool,
    is_running: Cell<bool>,
    /// Of what follows it, once it is left behind.
    pause: Cell<i64>,
    state: AtomicU8,
    /// With a reference. The callback writes it, before it says that it came.
    result: AtomicPtr<GAsyncResult>,
}

thread_local! {
    /// The wait that this thread has made last, and not freed, or NULL.
    static INNERMOST: Cell<*mut AsrWait> = const { Cell::new(null_mut()) };
}

/// No two threads have the same.
type Thread = *const Cell<*mut AsrWait>;

fn current_thread() -> Thread {
    INNERMOST.with(|innermost| &raw const *innermost)
}

/// No operation is on its way; `result` is that of the last one, if it has been fetched.
const IDLE: u8 = 0;
/// An operation has begun, and owns the right to read the wait once, in its callback.
const BEGUN: u8 = 1;
/// The callback came, and `result` has not been fetched.
const ARRIVED: u8 = 2;
/// The owner has freed the wait while an operation was on its way: what is left lasts until the callback
/// comes.
const LEFT: u8 = 3;
/// The callback came after that: nobody else knows the wait any more.
const ENDED: u8 = 4;

/// asr_wait_new: (skip)
///
/// Makes a wait, with a main context of its own, and makes that the default one of this thread until
/// asr_wait_free(): all that begins meanwhile on this thread delivers there, and runs only while
/// asr_wait_run() does. So free it soon, in the same function. What is made meanwhile and lives on, as a
/// proxy or a monitor may, belongs to that context, too, and will hear of nothing: see
/// asr_wait_new_in_context(). Each wait costs a file descriptor while it lives, and one for each operation
/// that it leaves behind, until that ends: that of its context.
///
/// ```c
/// g_autoptr (AsrWait) wait = asr_wait_new ();
///
/// frobnicate_async (frob, cancellable, ASR_WAIT (wait));
/// return frobnicate_finish (frob, asr_wait_run (wait), error);
/// ```
///
/// Any thread, also in a callback or while another wait runs: a wait within a wait is freed before that.
///
/// Returns: (transfer full) (not nullable): a new wait, for asr_wait_free()
#[no_mangle]
pub extern "C" fn asr_wait_new() -> *mut AsrWait {
    // SAFETY: a new context, which no other thread knows.
    unsafe {
        let context = NonNull::new_unchecked(glib_sys::g_main_context_new());
        new(context, true)
    }
}

/// asr_wait_new_in_context: (skip)
/// @context: (nullable): a main context that no other thread owns; %NULL for the global default one
///
/// Makes a wait, as asr_wait_new() does, whose main context is not its own: for objects that live in a
/// context, and would never hear of their results in another one. What else is in that context is dispatched,
/// too, while asr_wait_run() iterates it. The wait keeps a reference. Any thread that may own the context:
/// the global default one is the main thread's while that runs a main loop.
///
/// Returns: (transfer full) (nullable): a new wait, for asr_wait_free(); %NULL if another thread owns the
///   context
#[no_mangle]
pub unsafe extern "C" fn asr_wait_new_in_context(context: *mut GMainContext) -> *mut AsrWait {
    // SAFETY: a live context. Owned here, it cannot be another thread's when it is pushed.
    unsafe {
        let context = if context.is_null() {
            glib_sys::g_main_context_default()
        } else {
            context
        };
        if glib_sys::g_main_context_acquire(context) == GFALSE {
            public::complain(
                c"asr_wait_new_in_context",
                c"no other thread may own context",
            );
            return null_mut();
        }
        glib_sys::g_main_context_ref(context);
        let wait = new(NonNull::new_unchecked(context), false);
        glib_sys::g_main_context_release(context);
        wait
    }
}

/// # Safety
/// This thread owns the context, or nobody does; the caller's reference becomes the wait's.
unsafe fn new(context: NonNull<GMainContext>, is_private: bool) -> *mut AsrWait {
    // SAFETY: as the caller promises.
    let pushed = unsafe {
        glib_sys::g_main_context_push_thread_default(context.as_ptr());
        if is_private {
            context.as_ptr()
        } else {
            glib_sys::g_main_context_get_thread_default()
        }
    };
    let wait = Box::into_raw(Box::new(AsrWait {
        context,
        pushed,
        thread: current_thread(),
        outer: INNERMOST.get(),
        is_private,
        is_running: Cell::new(false),
        pause: Cell::new(0),
        state: AtomicU8::new(IDLE),
        result: AtomicPtr::new(null_mut()),
    }));
    INNERMOST.set(wait);
    wait
}

/// asr_wait_begin: (skip)
/// @wait: (not nullable): the innermost wait of this thread
///
/// Says that an operation begins, whose callback is asr_wait_callback(). Call it for the callback's data,
/// once for each operation, or write `ASR_WAIT (wait)` for both arguments. One operation is on its way at a
/// time; after asr_wait_run() has returned its result another one may begin, and that result is no longer the
/// caller's. Only the thread that made the wait, and while its context is that thread's default one.
///
/// What has begun cannot be taken back: the callback must come, exactly once. If the function that was given
/// it starts nothing, for it refuses another argument, then it never comes, and asr_wait_run() would not
/// return. Who knows that may call asr_wait_callback() in its place, with a result of his own, as of a
/// #GTask.
///
/// Returns: (transfer none) (nullable): the data for asr_wait_callback()
#[no_mangle]
pub unsafe extern "C" fn asr_wait_begin(wait: *mut AsrWait) -> gpointer {
    let function = c"asr_wait_begin";
    let Some(live) = innermost(wait, function) else {
        return null_mut();
    };
    if live.state.load(Relaxed) != IDLE {
        public::complain(
            function,
            c"wait has an operation already: asr_wait_run() must return its result before",
        );
        return null_mut();
    }
    // Its finalizer may use the wait, and free it: all is done before.
    let last = live.result.swap(null_mut(), Relaxed);
    live.state.store(BEGUN, Release);
    // SAFETY: the callback's reference.
    unsafe { drop_result(last) };
    wait.cast()
}

/// asr_wait_callback: (skip)
/// @source_object: (nullable): not used
/// @result: (not nullable): the result of the operation
/// @wait: (nullable): what asr_wait_begin() has returned
///
/// The GAsyncReadyCallback of the operation that is waited for. asr_wait_run() returns its result; if the
/// wait has been freed, the result is dropped. It is called exactly once after each asr_wait_begin(): not at
/// all is waited for without end, and a second time may be after the wait is gone. A call without a result is
/// refused: the operation is still on its way. After a refused asr_wait_begin() @wait is %NULL, and nothing
/// happens. Any thread.
#[no_mangle]
pub unsafe extern "C" fn asr_wait_callback(
    source_object: *mut GObject,
    result: *mut GAsyncResult,
    wait: gpointer,
) {
    let _ = source_object;
    let wait: *mut AsrWait = wait.cast();
    // SAFETY: what has begun lasts until this call.
    let Some(live) = (unsafe { wait.as_ref() }) else {
        return;
    };
    let function = c"asr_wait_callback";
    if result.is_null() {
        return public::refuse(function, c"result != NULL");
    }
    if !matches!(live.state.load(Acquire), BEGUN | LEFT) {
        return public::complain(
            function,
            c"no operation is on its way: asr_wait_begin() must be called once before each",
        );
    }
    // SAFETY: a live result. The context is alive; with a reference of this thread's own also after its owner
    // has seen the new state.
    let sleeper = unsafe {
        gobject_sys::g_object_ref(result.cast());
        let is_awake = current_thread() == live.thread;
        (!is_awake).then(|| glib_sys::g_main_context_ref(live.context.as_ptr()))
    };
    live.result.store(result, Relaxed);
    if live
        .state
        .compare_exchange(BEGUN, ARRIVED, AcqRel, Acquire)
        .is_err()
    {
        // SAFETY: the owner has left it, and the operation ends here.
        unsafe { left::end(wait) };
    }
    if let Some(context) = sleeper {
        // SAFETY: the reference from above.
        unsafe {
            glib_sys::g_main_context_wakeup(context);
            glib_sys::g_main_context_unref(context);
        }
    }
}

/// asr_wait_run: (skip)
/// @wait: (not nullable): the innermost wait of this thread
///
/// Iterates the context of the wait until the callback of its operation has come, for as long as that takes:
/// an operation that never calls back is waited for without end. To give up, give the operation a
/// cancellable, and wait for the result that says %G_IO_ERROR_CANCELLED; or see asr_wait_run_until(). Only
/// the thread that made the wait, and while its context is that thread's default one. Errors are in the
/// result.
///
/// Returns: (transfer none) (nullable): the result, which is the caller's until asr_wait_free() or the next
///   asr_wait_begin(); %NULL only if the call is refused: no operation has begun since the last result, or
///   the wait runs already
#[no_mangle]
pub unsafe extern "C" fn asr_wait_run(wait: *mut AsrWait) -> *mut GAsyncResult {
    let Some(live) = ready_to_run(wait, c"asr_wait_run") else {
        return null_mut();
    };
    live.is_running.set(true);
    while !live.has_arrived() {
        live.iterate(true);
    }
    live.is_running.set(false);
    live.take()
}

/// asr_wait_run_until: (skip)
/// @wait: (not nullable): the innermost wait of this thread
/// @deadline: microseconds of the clock of g_get_monotonic_time(); negative for none
/// @cancellable: (nullable) (type Gio.Cancellable): what stops the waiting when it is cancelled
/// @error: (out) (optional) (nullable): where to store the error; %NULL to ignore it
///
/// Does as asr_wait_run() does, but stops waiting at a time, or when a cancellable is cancelled. That stops
/// the waiting, and not the operation: it goes on, and uses what it was given. So this is for operations that
/// take no cancellable, or do not heed it; the operation's own cancellable is given to the operation alone.
/// After such an error, call asr_wait_run() to wait for the end all the same, or asr_wait_free() to leave the
/// operation behind. A result that is there already is returned in any case; a deadline that has passed
/// iterates once, without blocking. Only the thread that made the wait, as for asr_wait_run().
///
/// The errors are %G_IO_ERROR_TIMED_OUT at the deadline, and for the cancellable what
/// asr_cancellable_set_error() sets.
///
/// Returns: (transfer none) (nullable): the result, as of asr_wait_run(); %NULL with @error set if the
///   waiting is over before; %NULL without an error only if the call is refused, as by asr_wait_run()
#[no_mangle]
pub unsafe extern "C" fn asr_wait_run_until(
    wait: *mut AsrWait,
    deadline: i64,
    cancellable: *mut GCancellable,
    error: *mut *mut GError,
) -> *mut GAsyncResult {
    let function = c"asr_wait_run_until";
    let Some(live) = ready_to_run(wait, function) else {
        return null_mut();
    };
    if !cancellable.is_null() && !public::is_cancellable(cancellable) {
        public::refuse(function, c"G_IS_CANCELLABLE (cancellable)");
        return null_mut();
    }
    live.is_running.set(true);
    // SAFETY: live, or not asked.
    let is_cancelled = || unsafe {
        !cancellable.is_null() && public::g_cancellable_is_cancelled(cancellable) != GFALSE
    };
    let alarm = (deadline >= 0).then(|| Alarm::new(deadline, live.context));
    // Also a handler of the cancellable may wait: while it is being cancelled, nothing is connected to it.
    let watch = NonNull::new(cancellable)
        .filter(|_| !is_cancelled())
        .map(|it| Watch::new(it, live.context));
    let mut is_over = false;
    while !live.has_arrived() && !is_over {
        is_over = is_cancelled() || (alarm.is_some() && timer::now() >= deadline);
        live.iterate(!is_over);
    }
    drop((alarm, watch));
    live.is_running.set(false);
    if !live.has_arrived() {
        // SAFETY: NULL or live; the caller's place for an error.
        unsafe { set_error(cancellable, error) };
        return null_mut();
    }
    live.take()
}

/// asr_wait_free: (skip)
/// @wait: (not nullable): the innermost wait of this thread
///
/// Frees a wait, with its last result; the thread's default context is again what it was.
///
/// If an operation is still on its way, it is left behind: it ends when it ends, and then its result is
/// dropped. Till then it is iterated, at least once a second, in the main context that is this thread's
/// default one now: so its end may be seen a second late, and never while nobody iterates that context. In a
/// thread without one of its own, as a worker, that is the global default one: the rest runs in the main
/// thread. Until its end stay its sources, its memory and a descriptor, and what it was given must last; for
/// ever, if it never calls back. To be sure that it has ended, cancel it and call asr_wait_run() before. With
/// asr_wait_new_in_context() it stays in that context.
///
/// Only the thread that made the wait, while its context is that thread's default one, and not while it runs:
/// else it is refused, and the wait lives on. `g_autoptr (AsrWait)` calls this.
#[no_mangle]
pub unsafe extern "C" fn asr_wait_free(wait: *mut AsrWait) {
    let function = c"asr_wait_free";
    let Some(live) = innermost(wait, function) else {
        return;
    };
    if live.is_running.get() {
        return public::complain(function, RUNS);
    }
    INNERMOST.set(live.outer);
    let (context, is_private) = (live.context, live.is_private);
    let has_begun = live
        .state
        .compare_exchange(BEGUN, LEFT, AcqRel, Acquire)
        .is_ok();
    // SAFETY: the context was pushed when the wait was made, which keeps it. What is left in somebody's
    // context is freed by the callback: it may be gone already.
    unsafe {
        glib_sys::g_main_context_pop_thread_default(context.as_ptr());
        if !has_begun {
            drop(Box::from_raw(wait));
        } else if is_private {
            left::follow(wait);
        }
    }
}

/// Why a call is refused.
const INNER: &CStr = c"a wait that was made after this one must be freed before";
const GONE: &CStr = c"wait must have been made by this thread, and not be freed";
const NOT_DEFAULT: &CStr =
    c"the context of wait must be the thread's default one: it was popped, or another one pushed";
const RUNS: &CStr = c"wait must not run: a call of asr_wait_run() has not returned";
const NOT_BEGUN: &CStr =
    c"an operation must have begun, with ASR_WAIT (wait), whose result has not been returned";

/// The wait, if this thread may use it now; else that is logged. Any address may be asked about: it is read
/// only if it is that of the innermost wait.
fn innermost<'a>(wait: *mut AsrWait, function: &CStr) -> Option<&'a AsrWait> {
    if wait.is_null() {
        public::refuse(function, c"wait != NULL");
        return None;
    }
    if wait != INNERMOST.get() {
        public::complain(function, if is_outer(wait) { INNER } else { GONE });
        return None;
    }
    // SAFETY: the innermost one of this thread, which has not freed it.
    let live = unsafe { &*wait };
    // SAFETY: may be called at any time.
    if unsafe { glib_sys::g_main_context_get_thread_default() } != live.pushed {
        public::complain(function, NOT_DEFAULT);
        return None;
    }
    Some(live)
}

/// Whether this thread has not freed it. Any address may be asked about.
#[cold]
fn is_outer(wait: *mut AsrWait) -> bool {
    let mut mine = INNERMOST.get();
    while !mine.is_null() && mine != wait {
        // SAFETY: one that this thread has not freed.
        mine = unsafe { (*mine).outer };
    }
    !mine.is_null()
}

/// As `innermost`, if there is something to wait for.
fn ready_to_run<'a>(wait: *mut AsrWait, function: &CStr) -> Option<&'a AsrWait> {
    let live = innermost(wait, function)?;
    if live.is_running.get() {
        public::complain(function, RUNS);
    } else if live.state.load(Relaxed) == IDLE {
        public::complain(function, NOT_BEGUN);
    } else {
        return Some(live);
    }
    None
}

impl AsrWait {
    fn has_arrived(&self) -> bool {
        self.state.load(Acquire) == ARRIVED
    }

    /// The result that has arrived. The wait keeps its reference.
    fn take(&self) -> *mut GAsyncResult {
        self.state.store(IDLE, Relaxed);
        self.result.load(Relaxed)
    }

    fn iterate(&self, may_block: bool) -> bool {
        // SAFETY: a live context, which this thread owns while it is pushed.
        unsafe {
            glib_sys::g_main_context_iteration(self.context.as_ptr(), gboolean::from(may_block))
                != GFALSE
        }
    }
}

impl Drop for AsrWait {
    fn drop(&mut self) {
        // SAFETY: the wait's own reference, and the callback's.
        unsafe {
            glib_sys::g_main_context_unref(self.context.as_ptr());
            drop_result(self.result.load(Relaxed));
        }
    }
}

/// # Safety
/// NULL, or the reference that the callback took, which becomes this one's.
unsafe fn drop_result(result: *mut GAsyncResult) {
    if !result.is_null() {
        // SAFETY: as the caller promises.
        unsafe { gobject_sys::g_object_unref(result.cast()) };
    }
}

/// Why the waiting is over: it was cancelled, or else its time was up.
///
/// # Safety
/// The cancellable is NULL or live; `error` is the caller's place for an error.
unsafe fn set_error(cancellable: *mut GCancellable, error: *mut *mut GError) {
    // SAFETY: as the caller promises.
    unsafe {
        if super::cancellable::asr_cancellable_set_error(cancellable, error) == GFALSE {
            glib_sys::g_set_error_literal(
                error,
                public::g_io_error_quark(),
                public::TIMED_OUT,
                c"The operation did not end in time".as_ptr(),
            );
        }
    }
}
