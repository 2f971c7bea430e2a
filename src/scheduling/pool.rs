//! The workers: threads that run the functions of tasks.
//!
//! One queue, one lock. A worker is woken or started only if none is on its way to the queue already; one that takes
//! a job sends the next only if work is left; one that finds none looks out for some before it sleeps (`worker.rs`).
//! One more thread, the *overseer*, sees to what no worker can: when all are busy and nothing finishes for a while, it
//! adds a worker, and when the system refused a thread, it asks again. If the overseer itself is refused, the contexts
//! of the queued jobs ask again (`retry.rs`), and threads that wait for a job run it themselves. How many workers there
//! may be is decided in `growth.rs`, who goes first in `queue.rs`.

use std::ffi::c_int;
use std::ptr::NonNull;
use std::sync::atomic::Ordering;
use std::sync::Arc;
use std::time::Duration;

use glib_sys::GMainContext;

use super::growth::{patience, Census, Overseer, Step, BASE};
use super::handshake::Waiter;
pub(crate) use super::queue::Job;
use super::queue::{Queue, Taken};
use super::retry;
use super::sync::{
    lock, per_thread, shared, wait_timeout, AtomicBool, Cell, Condvar, Mutex, MutexGuard, Rank,
};
use crate::glib::thread;
use worker::{work, Sleeper};

mod worker;

/// How long a worker that is one too many, or an overseer with nothing to see to, stays.
const LINGER: Duration = Duration::from_secs(1);
/// How soon a thread is asked for again after the system refused one.
pub(crate) const RETRY: Duration = Duration::from_millis(20);

struct Pool {
    queue: Queue,
    census: Census,
    /// Jobs finished since the start: whether anything finishes.
    finished: u64,
    /// Workers that the overseer has added since something finished.
    added: u32,
    /// Workers do not look out for work until then.
    no_look_before: i64,
    /// The system refused a thread, and nobody has asked for one since.
    refused: bool,
    /// Of the searching workers, those that the system may yet refuse.
    starting: usize,
    /// Idle workers; the last to fall asleep is the first to be woken.
    sleepers: Vec<Arc<Sleeper>>,
}

shared! {
    static POOL: Mutex<Pool> = Mutex::new(Rank::Pool, Pool::new());

    /// Something was queued since a worker began to look out. A hint, for a look without the lock.
    static NEWS: AtomicBool = AtomicBool::new(false);

    /// Where the overseer rests, and watches.
    static OVERSEER: Condvar = Condvar::new();
}

per_thread! {
    static IS_WORKER: Cell<bool> = const { Cell::new(false) };
}

/// Whether the calling thread is a worker: if so, it must not release what belongs to a task.
pub(crate) fn is_worker() -> bool {
    IS_WORKER.with(Cell::get)
}

/// Queues a job: it is run once, on a worker. If the system has no thread to give, the library asks again, every so
/// often; from `context`, if need be.
///
/// # Safety
/// `job` points to all of the struct that it is the first field of. It is not queued, stays where it is until it runs,
/// and may be run on another thread; `context` is alive during this call.
pub(crate) unsafe fn push(job: NonNull<Job>, priority: c_int, context: *mut GMainContext) {
    #[cfg(not(all(test, feature = "loom")))]
    super::fork::survive();
    let mut pool = lock(&POOL);
    // SAFETY: as the caller vouches.
    unsafe { pool.queue.insert(job, priority, is_worker()) };
    NEWS.store(true, Ordering::Relaxed);
    if !see_to_queue(pool) {
        // SAFETY: as the caller vouches.
        unsafe { retry::later(context) };
    }
}

/// Does the next step. FALSE if nobody will see to what is queued, and it has to be asked for again.
pub(crate) fn look_again() -> bool {
    see_to_queue(lock(&POOL))
}

fn see_to_queue(mut pool: MutexGuard<'static, Pool>) -> bool {
    let step = pool.next_step();
    if !matches!(step, Planned::Nothing) {
        step.perform(pool);
        pool = lock(&POOL);
    }
    is_seen_to(pool)
}

/// Whether there is a thread that sees to what is queued. Tries to start one.
fn is_seen_to(mut pool: MutexGuard<'static, Pool>) -> bool {
    // Whoever is asking for a worker may be one that does not ask again.
    let certain = pool.census.searching.saturating_sub(pool.starting);
    if !pool.refused && pool.queue.len() <= certain {
        return true;
    }
    match pool.census.overseer {
        Overseer::Resting | Overseer::Watching => true,
        // Another thread is starting it, and only that thread will know if it is refused.
        Overseer::Starting => pool.queue.is_empty(),
        Overseer::None if pool.queue.is_empty() => true,
        Overseer::None => pool.add_overseer().perform(pool),
    }
}

/// Moves a job forward because it is cancelled; also one that is queued only later.
///
/// # Safety
/// `job` is as `push` demands. It has not run yet, or is kept alive by the caller.
pub(crate) unsafe fn promote(job: NonNull<Job>) {
    // SAFETY: as the caller vouches.
    unsafe { lock(&POOL).queue.promote(job) };
}

/// Waits until `waiter` is told that `job`, which the caller has queued, has completed. If the system has no
/// thread for it, the job runs here.
///
/// # Safety
/// The caller keeps `job` alive.
pub(crate) unsafe fn wait_for(job: NonNull<Job>, waiter: &Waiter) {
    let waiting = is_worker().then(WaitingWorker::begin);
    while !waiter.wait_at_most(RETRY) {
        let mut pool = lock(&POOL);
        // SAFETY: as the caller vouches.
        if !unsafe { pool.queue.contains(job) } {
            drop(pool);
            return waiter.wait();
        }
        if pool.refused {
            // SAFETY: as the caller vouches.
            let own = unsafe { pool.queue.take(job) };
            drop(pool);
            if let Some(own) = own {
                // It works again, and its job may wait for another in its turn.
                drop(waiting);
                own.run();
            }
            return waiter.wait();
        }
    }
}

/// While it lives, the calling worker waits for another job and does not count.
struct WaitingWorker;

impl WaitingWorker {
    fn begin() -> Self {
        let mut pool = lock(&POOL);
        pool.census.waiting += 1;
        pool.next_step().perform(pool);
        Self
    }
}

impl Drop for WaitingWorker {
    fn drop(&mut self) {
        let mut pool = lock(&POOL);
        // In a process that was forked meanwhile nobody waits.
        pool.census.waiting = pool.census.waiting.saturating_sub(1);
    }
}

/// A step that was entered into the census under the lock, to be performed without it.
enum Planned {
    Nothing,
    Wake(Arc<Sleeper>),
    RouseOverseer,
    StartWorker,
    StartOverseer,
}

impl Planned {
    /// FALSE if the system refused the thread.
    fn perform(self, pool: MutexGuard<'static, Pool>) -> bool {
        drop(pool);
        match self {
            Self::Nothing => true,
            Self::Wake(sleeper) => {
                sleeper.roused.notify_one();
                true
            }
            Self::RouseOverseer => {
                OVERSEER.notify_one();
                true
            }
            Self::StartWorker => {
                let started = thread::spawn_detached(work).is_ok();
                let mut pool = lock(&POOL);
                pool.starting -= 1;
                if !started {
                    pool.census.workers -= 1;
                    pool.census.searching -= 1;
                    pool.note_refusal();
                }
                started
            }
            Self::StartOverseer => {
                let started = thread::spawn_detached(oversee).is_ok();
                let mut pool = lock(&POOL);
                if !started {
                    pool.census.overseer = Overseer::None;
                    pool.note_refusal();
                } else if pool.census.overseer == Overseer::Starting {
                    // Else it runs already, and has found out for itself.
                    pool.census.overseer = Overseer::Watching;
                }
                started
            }
        }
    }
}

impl Pool {
    const fn new() -> Self {
        Self {
            queue: Queue::new(),
            census: Census::new(BASE),
            finished: 0,
            added: 0,
            no_look_before: 0,
            refused: false,
            starting: 0,
            sleepers: Vec::new(),
        }
    }

    /// Decides the next step and enters it into the census.
    fn next_step(&mut self) -> Planned {
        match self.census.next_step(!self.queue.is_empty()) {
            Step::Nothing => Planned::Nothing,
            Step::WakeIdle => self.call_sleeper(),
            Step::StartWorker => self.add_worker(),
            Step::StartOverseer => self.add_overseer(),
            Step::RouseOverseer => {
                self.census.overseer = Overseer::Watching;
                Planned::RouseOverseer
            }
        }
    }

    fn add_worker(&mut self) -> Planned {
        self.census.workers += 1;
        self.census.searching += 1;
        self.starting += 1;
        self.refused = false;
        Planned::StartWorker
    }

    fn add_overseer(&mut self) -> Planned {
        self.census.overseer = Overseer::Starting;
        self.refused = false;
        Planned::StartOverseer
    }

    fn call_sleeper(&mut self) -> Planned {
        let Some(sleeper) = self.sleepers.pop() else {
            return Planned::Nothing;
        };
        sleeper.called.set(true);
        self.census.idle -= 1;
        self.census.searching += 1;
        Planned::Wake(sleeper)
    }

    /// The calling worker, which is searching, takes a job or stops searching.
    fn search(&mut self) -> Option<Taken> {
        self.census.searching -= 1;
        self.queue.take_first()
    }

    /// The overseer asks again.
    fn note_refusal(&mut self) {
        self.refused = true;
        if self.census.overseer == Overseer::Resting {
            self.census.overseer = Overseer::Watching;
            OVERSEER.notify_one();
        }
    }
}

/// The pool's lock, held during a fork.
#[cfg(not(all(test, feature = "loom")))]
pub(crate) struct Held(MutexGuard<'static, Pool>);

#[cfg(not(all(test, feature = "loom")))]
pub(crate) fn hold() -> Held {
    Held(lock(&POOL))
}

#[cfg(not(all(test, feature = "loom")))]
impl Held {
    /// In the child: there are no threads, but for the one that forked.
    pub(crate) fn forget(&mut self) {
        self.0.queue.forget();
        let queue = std::mem::replace(&mut self.0.queue, Queue::new());
        *self.0 = Pool {
            queue,
            ..Pool::new()
        };
        self.0.census.workers = usize::from(is_worker());
    }
}

/// The overseer's life.
fn oversee() {
    thread::name_this_thread(c"pool-overseer");
    let mut pool = lock(&POOL);
    loop {
        if pool.queue.is_empty() {
            pool.refused = false;
        }
        if pool.refused {
            pool = wait_timeout(&OVERSEER, pool, RETRY).0;
            pool.refused = false;
        }
        // What was refused to somebody else is asked for again, too.
        let step = pool.next_step();
        if !matches!(step, Planned::Nothing) {
            step.perform(pool);
            pool = lock(&POOL);
            continue;
        }
        if pool.queue.is_empty() || !pool.census.is_saturated() || !pool.census.may_grow() {
            pool.census.overseer = Overseer::Resting;
            let timed_out;
            (pool, timed_out) = wait_timeout(&OVERSEER, pool, LINGER);
            let unneeded = pool.queue.is_empty() && pool.census.overseer == Overseer::Resting;
            if timed_out && unneeded {
                pool.census.overseer = Overseer::None;
                return;
            }
            continue;
        }
        let finished = pool.finished;
        let limit = patience(pool.added);
        let (mut awake, timed_out) = wait_timeout(&OVERSEER, pool, limit);
        if timed_out && awake.finished == finished && awake.census.is_saturated() {
            awake.added += 1;
            awake.add_worker().perform(awake);
            awake = lock(&POOL);
        }
        pool = awake;
    }
}

#[cfg(all(test, feature = "loom"))]
mod models;
