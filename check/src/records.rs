//! What is known of each task that is alive, and of the handlers of cancellables.
//!
//! Under the lock of a shard nothing is called that could come back here, but `describe` of the
//! library, which only reads: so a task whose record is there cannot end meanwhile.

use std::cell::UnsafeCell;
use std::collections::HashMap;
use std::ffi::{c_int, c_void};
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use crate::place;
use crate::stack::{Stack, DEEPEST};
use crate::table::{Describe, Kind, View};

/// How deep the stacks of the later steps are: who returned or fetched.
pub(crate) const STEP: usize = 6;

#[derive(Clone)]
pub(crate) struct Record {
    /// A copy: the owner of the task may replace it at any moment.
    pub(crate) name: Option<Box<str>>,
    pub(crate) made: Stack<DEEPEST>,
    pub(crate) returned: Stack<STEP>,
    pub(crate) fetched: Stack<STEP>,
    /// From where a return was refused: a number for each place.
    pub(crate) again: Vec<usize>,
    /// When the last step was, in milliseconds of a clock that only goes forward.
    pub(crate) since: u64,
    /// Who runs the function or the callback.
    pub(crate) thread: usize,
    pub(crate) kind: Kind,
    pub(crate) asked: Kind,
    pub(crate) steps: Steps,
}

/// What has happened to a task.
#[derive(Clone, Copy, Default)]
pub(crate) struct Steps {
    pub(crate) returned: bool,
    pub(crate) fetched: bool,
    pub(crate) queued: bool,
    /// The thread that queued it waits.
    pub(crate) waited_for: bool,
    pub(crate) started: bool,
    pub(crate) ended: bool,
    pub(crate) in_callback: bool,
    pub(crate) called_back: bool,
    /// While the function ran, another thread returned.
    pub(crate) returned_elsewhere: bool,
    pub(crate) dropped: bool,
    /// It waited for a worker, or another thread used it, when this process was forked.
    pub(crate) left_to_parent: bool,
}

impl Record {
    pub(crate) fn new(made: Stack<DEEPEST>) -> Self {
        Self {
            name: None,
            made,
            returned: [0; STEP],
            fetched: [0; STEP],
            again: Vec::new(),
            since: now(),
            thread: 0,
            kind: Kind::Nothing,
            asked: Kind::Nothing,
            steps: Steps::default(),
        }
    }
}

/// Addresses are spread by a multiplication.
#[derive(Default)]
pub(crate) struct Spread(u64);

impl Hasher for Spread {
    fn finish(&self) -> u64 {
        self.0
    }
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_usize(usize::from(*byte));
        }
    }
    fn write_usize(&mut self, number: usize) {
        let spread = (self.0 ^ number as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        self.0 = spread ^ (spread >> 32);
    }
}

type Map<V> = HashMap<usize, V, BuildHasherDefault<Spread>>;
type Shard = Mutex<Map<Box<Record>>>;

const SHARDS: usize = 64;
static RECORDS: [Shard; SHARDS] =
    [const { Mutex::new(HashMap::with_hasher(BuildHasherDefault::new())) }; SHARDS];

/// By how much more handlers were connected to a cancellable than disconnected.
static HANDLERS: Mutex<Map<i64>> = Mutex::new(HashMap::with_hasher(BuildHasherDefault::new()));

static DESCRIBE: OnceLock<Describe> = OnceLock::new();

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn shard(task: usize) -> MutexGuard<'static, Map<Box<Record>>> {
    lock(&RECORDS[(task >> 6) % SHARDS])
}

/// How the library describes a task.
pub(crate) fn describe_by(describe: Describe) {
    DESCRIBE.get_or_init(|| describe);
}

pub(crate) fn add(task: usize, record: Record) {
    shard(task).insert(task, Box::new(record));
}

pub(crate) fn remove(task: usize) -> Option<Record> {
    shard(task).remove(&task).map(|record| *record)
}

/// Changes the record of a task, if there is one.
pub(crate) fn change<R>(task: usize, change: impl FnOnce(&mut Record) -> R) -> Option<R> {
    shard(task).get_mut(&task).map(|record| change(record))
}

pub(crate) fn get(task: usize) -> Option<Record> {
    change(task, |record| record.clone())
}

/// A task that is alive while this is called; `None` for one without a record, and for other objects that the
/// library tells of.
pub(crate) fn view(task: usize) -> Option<View> {
    let has_record = shard(task).contains_key(&task);
    has_record.then(|| describe(task)).flatten()
}

/// What is described is a task that is alive.
fn describe(task: usize) -> Option<View> {
    let describe = DESCRIBE.get()?;
    // SAFETY: as the caller ensures; the library told how tasks are described before the first one had a
    // record.
    Some(unsafe { describe(task as *const c_void) })
}

/// Looks at all tasks that are alive, each under the lock of its shard.
pub(crate) fn for_each(mut look: impl FnMut(usize, &Record, &View)) {
    for mutex in &RECORDS {
        for (task, record) in &*lock(mutex) {
            if let Some(view) = describe(*task) {
                look(*task, record, &view);
            }
        }
    }
}

/// `change` as the library tells it.
pub(crate) fn count_handlers(cancellable: usize, change: c_int) {
    let mut handlers = lock(&HANDLERS);
    if change == 0 {
        handlers.remove(&cancellable);
    } else {
        *handlers.entry(cancellable).or_default() += i64::from(change);
    }
}

/// The cancellables with more handlers than that.
pub(crate) fn with_more_handlers_than(most: i64) -> Vec<(usize, i64)> {
    let handlers = lock(&HANDLERS);
    let many = handlers.iter().filter(|(_, count)| **count > most);
    many.map(|(cancellable, count)| (*cancellable, *count))
        .collect()
}

/// Milliseconds; cheap, and so a few too few.
pub(crate) fn now() -> u64 {
    // SAFETY: a place for the time.
    let time = unsafe {
        let mut time = std::mem::zeroed::<libc::timespec>();
        libc::clock_gettime(libc::CLOCK_MONOTONIC_COARSE, &mut time);
        time
    };
    time.tv_sec as u64 * 1000 + time.tv_nsec as u64 / 1_000_000
}

/// The locks, from right before a fork until right after it: the child finds them free.
struct DuringFork(UnsafeCell<Option<Guards>>);
struct Guards {
    shards: Vec<MutexGuard<'static, Map<Box<Record>>>>,
    _handlers: MutexGuard<'static, Map<i64>>,
    _place: place::Reading,
}

// SAFETY: used by the thread that forks, which holds all locks.
unsafe impl Sync for DuringFork {}

static DURING_FORK: DuringFork = DuringFork(UnsafeCell::new(None));

extern "C" fn before_fork() {
    let guards = Guards {
        _place: place::hold(),
        shards: RECORDS.iter().map(lock).collect(),
        _handlers: lock(&HANDLERS),
    };
    // SAFETY: all locks are ours.
    unsafe { *DURING_FORK.0.get() = Some(guards) };
}

extern "C" fn after_fork() {
    // SAFETY: they are ours until this drops them.
    drop(unsafe { (*DURING_FORK.0.get()).take() });
}

/// The child has one thread, and no workers.
extern "C" fn after_fork_in_child() {
    // SAFETY: all locks are ours.
    if let Some(guards) = unsafe { (*DURING_FORK.0.get()).as_mut() } {
        for record in guards
            .shards
            .iter_mut()
            .flat_map(|shard| shard.values_mut())
        {
            let steps = &mut record.steps;
            let waits = steps.queued && !steps.started;
            let is_used = steps.started && !steps.ended || steps.in_callback;
            steps.left_to_parent |= waits || is_used && record.thread != this_thread();
        }
    }
    after_fork();
}

/// The same in a child that this thread forks.
pub(crate) fn this_thread() -> usize {
    // SAFETY: it may be called anywhere.
    unsafe { libc::pthread_self() as usize }
}

/// The library's own handlers were registered before: so these locks are taken before its locks,
/// under which no hook is called.
pub(crate) fn survive_forks() {
    // SAFETY: functions that stay.
    unsafe {
        libc::pthread_atfork(
            Some(before_fork),
            Some(after_fork),
            Some(after_fork_in_child),
        )
    };
}
