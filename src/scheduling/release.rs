//! Releasing what a task owned: on which thread, and with how much stack.
//!
//! A worker releases nothing that a task owned. It hands it over: an idle source of the task's context releases it there.
//! If nobody iterates that context, the *release thread* destroys the source after a grace, and so releases it itself.
//! The source decides which of the two it is: GLib calls its destroy notify once.
//!
//! On any other thread the release happens where the last reference is dropped. A task may hold another one, and so on: what
//! is nested too deeply is put off until the outer releases are done, so that the stack does not run out.

use std::any::Any;
use std::collections::BTreeMap;
use std::ffi::c_int;
use std::ptr::null_mut;
use std::time::Duration;

use glib_sys::{gboolean, gpointer, GFALSE};

use super::pool;
use super::sync::{lock, per_thread, wait_timeout, Cell, Condvar, Mutex, MutexGuard, Rank};
use crate::glib::context::Context;
use crate::glib::held::excepted;
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
    let until = thread::now() + grace as i64;
    let garbage = Box::into_raw(Box::new(Garbage { garbage, until }));
    let name = Name::Static(c"[asyncresult] release");
    // SAFETY: the box may be dropped where the source is dispatched or destroyed, which happens once.
    let source = unsafe { Source::idle(priority, name, nothing, garbage.cast(), drop_box::<T>) };
    let mut entries = lock(&HANDED_OVER);
    // SAFETY: the source is new. The entry keeps the context alive, as `drop_box` needs the lock to take it out. Attaching
    // is allowed under a lock that the end of the source takes: see `arrivals.rs`.
    excepted(|| unsafe { source.attach_and_keep(context.as_ptr()) });
    let key = (until, garbage as usize);
    let entry = HandedOver { source, context };
    entries.by_time.insert(key, entry);
    if !entries.has_thread {
        start_thread(entries);
    } else if entries.first_key() == Some(key) {
        ARRIVED.notify_one();
    }
}

/// What a source releases.
struct Garbage<T> {
    garbage: T,
    until: i64,
}

unsafe extern "C" fn nothing(_: gpointer) -> gboolean {
    GFALSE
}

/// Called by the source, when it has been dispatched or is destroyed.
unsafe extern "C" fn drop_box<T>(garbage: gpointer) {
    let key = |until| (until, garbage as usize);
    // SAFETY: the box made by `hand_over`, which its source gives back once.
    let Garbage { garbage, until } = *unsafe { Box::from_raw(garbage.cast::<Garbage<T>>()) };
    let entry = lock(&HANDED_OVER).by_time.remove(&key(until));
    drop(garbage);
    drop(entry);
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

/// A source that releases something, and the context that it was given to. The context's reference was the task's, and may
/// be the last one: so it is not dropped on a worker.
struct HandedOver {
    source: Source,
    context: Context,
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

/// All that was handed over and has not been released.
struct Entries {
    /// By the time at which the release thread takes it, and the address of the garbage.
    by_time: BTreeMap<Key, HandedOver>,
    has_thread: bool,
}

type Key = (i64, usize);

static HANDED_OVER: Mutex<Entries> = Mutex::new(Rank::Release, Entries::new());
/// There is something that the release thread does not sleep for yet.
static ARRIVED: Condvar = Condvar::new();

/// How long the release thread stays when there is nothing to do.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

impl Entries {
    const fn new() -> Self {
        Self {
            by_time: BTreeMap::new(),
            has_thread: false,
        }
    }

    fn first_key(&self) -> Option<Key> {
        self.by_time.keys().next().copied()
    }
}

/// Starts the release thread. If the system refuses it, the calling worker does what the thread would do, as in GIO.
fn start_thread(mut entries: MutexGuard<'static, Entries>) {
    entries.has_thread = true;
    drop(entries);
    if thread::spawn_detached(live).is_err() {
        let refused = std::mem::replace(&mut *lock(&HANDED_OVER), Entries::new());
        refused.by_time.into_values().for_each(HandedOver::expire);
    }
}

/// The life of the release thread.
fn live() {
    thread::name_this_thread(c"release-asyncre");
    let mut entries = lock(&HANDED_OVER);
    loop {
        let Some(key) = entries.first_key() else {
            let timed_out;
            (entries, timed_out) = wait_timeout(&ARRIVED, entries, KEEP_ALIVE);
            if timed_out && entries.by_time.is_empty() {
                entries.has_thread = false;
                return;
            }
            continue;
        };
        let left = key.0 - thread::now();
        if left > 0 {
            let left = Duration::from_micros(left as u64);
            entries = wait_timeout(&ARRIVED, entries, left).0;
        } else if let Some(entry) = entries.by_time.remove(&key) {
            drop(entries);
            entry.expire();
            entries = lock(&HANDED_OVER);
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
