//! The workers: threads that run the functions of tasks.
//!
//! One queue, one lock. A worker is woken or started only if none is on its way to the queue already; one that takes
//! a job sends the next only if work is left. When all are busy, one more thread, the *stand-by*, watches whether
//! anything finishes; if nothing does for a while, it joins the workers, and another one takes its place.
//! How many there may be is decided in `growth.rs`, who goes first in `queue.rs`.

use std::cell::Cell;
use std::ffi::c_int;
use std::ptr::NonNull;
use std::sync::Arc;
use std::time::Duration;

use super::growth::{patience, Census, StandBy, Step};
use super::handshake::Waiter;
pub(crate) use super::queue::Job;
use super::queue::{Queue, Taken};
use super::retry;
use super::sync::{lock, wait, wait_timeout, Condvar, Mutex, MutexGuard};
use crate::glib::context::Context;
use crate::glib::thread;

/// How long a worker that is one too many, or the stand-by, stays for more work.
const LINGER: Duration = Duration::from_secs(1);
/// How soon a thread is asked for again after the system refused one.
pub(crate) const RETRY: Duration = Duration::from_millis(20);

struct Pool {
    queue: Queue,
    census: Census,
    /// Jobs finished since the start: whether anything finishes.
    finished: u64,
    /// Workers that the stand-by has added since something finished.
    added: u32,
    /// Idle workers; the last to fall asleep is the first to be woken.
    sleepers: Vec<Arc<Sleeper>>,
}

/// Where one idle worker sleeps.
struct Sleeper {
    roused: Condvar,
    /// Under the pool's lock: it was taken from the list, and has to look for work.
    called: Cell<bool>,
}

// SAFETY: `called` is used under the pool's lock.
unsafe impl Sync for Sleeper {}
// SAFETY: as above.
unsafe impl Send for Sleeper {}

static POOL: Mutex<Pool> = Mutex::new(Pool {
    queue: Queue::new(),
    census: Census {
        workers: 0,
        idle: 0,
        searching: 0,
        waiting: 0,
        stand_by: StandBy::None,
    },
    finished: 0,
    added: 0,
    sleepers: Vec::new(),
});

/// Where the stand-by rests, and watches.
static STAND_BY: Condvar = Condvar::new();

thread_local! {
    static IS_WORKER: Cell<bool> = const { Cell::new(false) };
}

/// Whether the calling thread is a worker: if so, it must not release what belongs to a task.
pub(crate) fn is_worker() -> bool {
    IS_WORKER.get()
}

/// Queues a job: it is run once, on a worker. If the system has no thread to give and no worker exists, the
/// library asks again from `context`, every so often.
///
/// # Safety
/// `job` is not queued, stays where it is until it runs, and may be run on another thread.
pub(crate) unsafe fn push(job: NonNull<Job>, priority: c_int, context: &Context) {
    let mut pool = lock(&POOL);
    // SAFETY: as the caller vouches.
    unsafe { pool.queue.insert(job, priority, is_worker()) };
    if pool.next_step().perform(pool) == Outlook::Refused {
        retry::later(context);
    }
}

/// Moves a job forward because it is cancelled; also one that is queued only later.
///
/// # Safety
/// `job` has not run yet, or is kept alive by the caller.
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
    let mut refused = waiting
        .as_ref()
        .map_or_else(retry::is_pending, |(_, outlook)| {
            *outlook == Outlook::Refused || retry::is_pending()
        });
    while refused {
        if waiter.wait_at_most(RETRY) {
            return;
        }
        refused = look_again() == Outlook::Refused;
        if refused {
            // SAFETY: as the caller vouches.
            let own = unsafe { lock(&POOL).queue.take(job) };
            if let Some(own) = own {
                return own.run();
            }
        }
    }
    waiter.wait();
}

/// Does what is to be done if work is queued: for when a thread was refused.
pub(crate) fn look_again() -> Outlook {
    let mut pool = lock(&POOL);
    pool.next_step().perform(pool)
}

/// While it lives, the calling worker waits for another job and does not count.
struct WaitingWorker;

impl WaitingWorker {
    fn begin() -> (Self, Outlook) {
        let mut pool = lock(&POOL);
        pool.census.waiting += 1;
        (Self, pool.next_step().perform(pool))
    }
}

impl Drop for WaitingWorker {
    fn drop(&mut self) {
        lock(&POOL).census.waiting -= 1;
    }
}

/// Whether queued work has a worker to come.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outlook {
    Good,
    /// The system refused a thread that was needed.
    Refused,
}

/// A step that was entered into the census under the lock, to be performed without it.
enum Planned {
    Nothing,
    Wake(Arc<Sleeper>),
    RouseStandBy,
    StartWorker,
    StartStandBy,
}

impl Planned {
    fn perform(self, pool: MutexGuard<'static, Pool>) -> Outlook {
        drop(pool);
        let started = match self {
            Self::Nothing => Ok(()),
            Self::Wake(sleeper) => {
                sleeper.roused.notify_one();
                Ok(())
            }
            Self::RouseStandBy => {
                STAND_BY.notify_one();
                Ok(())
            }
            Self::StartWorker => thread::spawn_detached(work).inspect_err(|()| {
                let mut pool = lock(&POOL);
                pool.census.workers -= 1;
                pool.census.searching -= 1;
            }),
            Self::StartStandBy => thread::spawn_detached(stand_by).inspect_err(|()| {
                lock(&POOL).census.stand_by = StandBy::None;
            }),
        };
        if started.is_ok() {
            Outlook::Good
        } else {
            Outlook::Refused
        }
    }
}

impl Pool {
    /// Decides the next step and enters it into the census.
    fn next_step(&mut self) -> Planned {
        match self.census.next_step(!self.queue.is_empty()) {
            Step::Nothing => Planned::Nothing,
            Step::WakeIdle => self.call_sleeper(),
            Step::StartWorker => {
                self.census.workers += 1;
                self.census.searching += 1;
                Planned::StartWorker
            }
            Step::StartStandBy => {
                self.census.stand_by = StandBy::Watching;
                Planned::StartStandBy
            }
            Step::RouseStandBy => {
                self.census.stand_by = StandBy::Watching;
                Planned::RouseStandBy
            }
        }
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
}

/// A worker's life, from the moment it was counted as searching.
fn work() {
    IS_WORKER.set(true);
    thread::name_this_thread(c"pool-asyncres");
    serve();
}

fn serve() {
    let sleeper = Arc::new(Sleeper {
        roused: Condvar::new(),
        called: Cell::new(false),
    });
    let mut pool = lock(&POOL);
    loop {
        while let Some(job) = pool.search() {
            pool.next_step().perform(pool);
            job.run();
            pool = lock(&POOL);
            pool.finished += 1;
            pool.added = 0;
            pool.census.searching += 1;
        }
        match sleep(pool, &sleeper) {
            Some(awake) => pool = awake,
            None => return,
        }
    }
}

/// Sleeps until called, and is searching again then; `None` if the worker is to leave.
fn sleep(
    mut pool: MutexGuard<'static, Pool>,
    sleeper: &Arc<Sleeper>,
) -> Option<MutexGuard<'static, Pool>> {
    sleeper.called.set(false);
    pool.sleepers.push(Arc::clone(sleeper));
    pool.census.idle += 1;
    loop {
        let timed_out;
        (pool, timed_out) = if pool.census.has_extra() {
            wait_timeout(&sleeper.roused, pool, LINGER)
        } else {
            (wait(&sleeper.roused, pool), false)
        };
        if sleeper.called.get() {
            return Some(pool);
        }
        if timed_out && pool.census.has_extra() {
            pool.sleepers.retain(|other| !Arc::ptr_eq(other, sleeper));
            pool.census.idle -= 1;
            pool.census.workers -= 1;
            return None;
        }
    }
}

/// The stand-by's life, from the moment it was counted as watching.
fn stand_by() {
    IS_WORKER.set(true);
    thread::name_this_thread(c"pool-asyncres");
    if watch() {
        serve();
    }
}

/// Watches until nothing has finished for too long: then it is a worker, searching. FALSE if it is to leave.
fn watch() -> bool {
    let mut pool = lock(&POOL);
    loop {
        if pool.queue.is_empty() || !pool.census.is_saturated() {
            let timed_out;
            pool.census.stand_by = StandBy::Resting;
            (pool, timed_out) = wait_timeout(&STAND_BY, pool, LINGER);
            if timed_out && pool.census.stand_by == StandBy::Resting {
                pool.census.stand_by = StandBy::None;
                return false;
            }
            continue;
        }
        let finished = pool.finished;
        let limit = patience(pool.added);
        let (mut awake, timed_out) = wait_timeout(&STAND_BY, pool, limit);
        if timed_out && awake.finished == finished && awake.census.is_saturated() {
            awake.added += 1;
            awake.census.stand_by = StandBy::None;
            awake.census.workers += 1;
            awake.census.searching += 1;
            return true;
        }
        pool = awake;
    }
}
