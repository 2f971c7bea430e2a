//! Releasing what a task owned: on which thread, and with how much stack.
//!
//! A worker releases nothing that a task owned. It hands it over: an idle source of the task's context releases it there.
//! If nobody iterates that context, the *release thread* destroys the source after a grace, and so releases it itself.
//! The source decides which of the two it is: GLib calls its destroy notify once.
//!
//! On any other thread the release happens where the last reference is dropped. A task may hold another one, and so on: what
//! is nested too deeply is put off until the outer releases are done, so that the stack does not run out.

use std::any::Any;
use std::collections::VecDeque;
use std::ffi::c_int;
use std::ptr::null_mut;
use std::time::Duration;

use glib_sys::{gboolean, gpointer, GFALSE};

use super::pool;
use super::sync::{lock, per_thread, wait_timeout, Cell, Condvar, Mutex, MutexGuard, Rank};
use crate::glib::context::Context;
use crate::glib::source::{Name, Source};
use crate::glib::thread;

/// How long a context may take to release what it was given, before the release thread does.
#[derive(Clone, Copy)]
pub(crate) enum Grace {
    /// Somebody iterates the context, but may be busy.
    Iterated = 2_000_000,
    /// Nothing is known of the context.
    Unknown = 20_000,
}

/// Drops `garbage`: here, or, if this is a worker, in a later iteration of `context`.
///
/// # Safety
/// What is dropped may be dropped on the thread that iterates the context, or on any that is no worker.
pub(crate) unsafe fn release<T>(garbage: T, context: Context, priority: c_int, grace: Grace) {
    if !pool::is_worker() {
        return drop(garbage);
    }
    // SAFETY: as the caller vouches.
    unsafe { hand_over(garbage, context, priority, grace) };
}

/// # Safety
/// As for `release`.
#[cold]
unsafe fn hand_over<T>(garbage: T, context: Context, priority: c_int, grace: Grace) {
    unsafe extern "C" fn nothing(_: gpointer) -> gboolean {
        GFALSE
    }
    unsafe extern "C" fn drop_box<T>(garbage: gpointer) {
        // SAFETY: the box made below, which its source gives back once.
        drop(unsafe { Box::from_raw(garbage.cast::<T>()) });
    }
    let garbage = Box::into_raw(Box::new(garbage)).cast();
    let name = Name::Static(c"[asyncresult] release");
    // SAFETY: the new source is attached once, and `context` is kept alive by the reference.
    let source = unsafe {
        let source = Source::idle(priority, name, nothing, garbage, drop_box::<T>);
        source.attach_and_keep(context.as_ptr());
        source
    };
    let until = thread::now() + grace as i64;
    let entry = HandedOver {
        source,
        context,
        until,
    };
    let mut entries = lock(&HANDED_OVER);
    let were_empty = entries.are_empty();
    entries.queue(grace).push_back(entry);
    if !entries.has_thread {
        start_thread(entries);
    } else if were_empty {
        ARRIVED.notify_one();
    }
}

/// So many releases may be nested in each other: each is done when its unref returns, as in GIO.
const DEEPEST: u32 = 300;

per_thread! {
    /// How many releases this thread is inside of.
    static DEPTH: Cell<u32> = const { Cell::new(0) };
}
per_thread! {
    /// What is put off until the outermost of them is done: a box, or NULL. No destructor of thread-local data empties it,
    /// as those may release tasks themselves.
    static PUT_OFF: Cell<*mut Vec<Box<dyn Any>>> = const { Cell::new(null_mut()) };
}

/// Where and when something is released.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Turn {
    /// Here; then `end` is to be called.
    Now,
    /// Here, when the outer releases are done: it is nested too deeply in them.
    Later,
    /// On another thread: this one is a worker.
    Elsewhere,
}

/// Begins a release on this thread.
#[inline(never)]
pub(crate) fn begin() -> Turn {
    if pool::is_worker() {
        return Turn::Elsewhere;
    }
    let depth = DEPTH.get();
    if depth == DEEPEST {
        return Turn::Later;
    }
    DEPTH.set(depth + 1);
    Turn::Now
}

/// Ends what `begin` began. After the outermost release comes what was put off.
#[inline(never)]
pub(crate) fn end() {
    let depth = DEPTH.get() - 1;
    DEPTH.set(depth);
    if depth == 0 && !PUT_OFF.get().is_null() {
        release_put_off();
    }
}

/// Drops `garbage` when the outermost release of this thread is done.
#[cold]
pub(crate) fn put_off(garbage: Box<dyn Any>) {
    let list = match PUT_OFF.get() {
        list if list.is_null() => Box::into_raw(Box::default()),
        list => list,
    };
    PUT_OFF.set(list);
    // SAFETY: a box of this thread's, which `release_put_off` takes only when this has returned.
    unsafe { (*list).push(garbage) };
}

#[cold]
fn release_put_off() {
    // What is put off meanwhile begins a new list: so the stack does not grow.
    DEPTH.set(1);
    loop {
        let list = PUT_OFF.replace(null_mut());
        if list.is_null() {
            break;
        }
        // SAFETY: the box that `put_off` made, taken once.
        drop(unsafe { Box::from_raw(list) });
    }
    DEPTH.set(0);
}

/// What a context was given to release. Dropping it on a worker releases nothing, but may end the context.
struct HandedOver {
    source: Source,
    /// The task's reference. It may be the last one: so it is not dropped on a worker.
    context: Context,
    until: i64,
}

impl HandedOver {
    /// If the context has not released it, this thread does.
    fn expire(self) {
        // SAFETY: the reference keeps the context alive.
        unsafe { self.source.destroy() };
        drop(self.source);
        drop(self.context);
    }
}

/// All that was handed over and not looked at since.
struct Entries {
    /// In the order of their times, each.
    iterated: VecDeque<HandedOver>,
    unknown: VecDeque<HandedOver>,
    has_thread: bool,
}

static HANDED_OVER: Mutex<Entries> = Mutex::new(Rank::Release, Entries::new());
static ARRIVED: Condvar = Condvar::new();

/// How often the release thread looks for what contexts have released.
const TICK: Duration = Duration::from_millis(20);
/// How long the release thread stays when there is nothing to do.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

impl Entries {
    const fn new() -> Self {
        Self {
            iterated: VecDeque::new(),
            unknown: VecDeque::new(),
            has_thread: false,
        }
    }

    fn queue(&mut self, grace: Grace) -> &mut VecDeque<HandedOver> {
        match grace {
            Grace::Iterated => &mut self.iterated,
            Grace::Unknown => &mut self.unknown,
        }
    }

    fn are_empty(&self) -> bool {
        self.iterated.is_empty() && self.unknown.is_empty()
    }

    /// Takes out what its context has released, and what it has kept for too long.
    fn take_due(&mut self) -> Vec<HandedOver> {
        let now = thread::now();
        let mut due = Vec::new();
        for queue in [&mut self.iterated, &mut self.unknown] {
            let is_due = |entry: &mut HandedOver| entry.source.is_destroyed() || entry.until <= now;
            while let Some(entry) = queue.pop_front_if(is_due) {
                due.push(entry);
            }
        }
        due
    }
}

/// Starts the release thread. If the system refuses it, the calling worker does what the thread would do, as in GIO.
fn start_thread(mut entries: MutexGuard<'static, Entries>) {
    entries.has_thread = true;
    drop(entries);
    if thread::spawn_detached(live).is_err() {
        let refused = std::mem::replace(&mut *lock(&HANDED_OVER), Entries::new());
        let all = refused.iterated.into_iter().chain(refused.unknown);
        all.for_each(HandedOver::expire);
    }
}

/// The life of the release thread.
fn live() {
    thread::name_this_thread(c"release-asyncre");
    let mut entries = lock(&HANDED_OVER);
    loop {
        let due = entries.take_due();
        if !due.is_empty() {
            drop(entries);
            due.into_iter().for_each(HandedOver::expire);
            entries = lock(&HANDED_OVER);
            continue;
        }
        let are_empty = entries.are_empty();
        let limit = if are_empty { KEEP_ALIVE } else { TICK };
        let timed_out;
        (entries, timed_out) = wait_timeout(&ARRIVED, entries, limit);
        if timed_out && are_empty && entries.are_empty() {
            entries.has_thread = false;
            return;
        }
    }
}

/// The lock, held during a fork.
pub(crate) struct Held(MutexGuard<'static, Entries>);

pub(crate) fn hold() -> Held {
    Held(lock(&HANDED_OVER))
}

impl Held {
    /// In the child there is no release thread. Contexts of other threads may be locked for ever: what they were given is
    /// not touched.
    pub(crate) fn forget(&mut self) {
        std::mem::forget(std::mem::replace(&mut *self.0, Entries::new()));
    }
}
