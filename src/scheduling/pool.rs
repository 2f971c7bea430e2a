//! The workers: threads that run the functions of tasks.
//!
//! There is one queue, and one lock. A worker is woken or started only if none is on its way to the queue. A
//! worker that takes a job sends the next worker only if work is left. One more thread, the *monitor*, does what
//! no worker can: it adds a worker when all are busy and nothing finishes for a while, and asks again when the
//! system has refused a thread. If the monitor itself is refused, the contexts of the queued jobs ask again
//! (`pool/retry.rs`), and threads that wait for a job run it themselves. `counts.rs` decides how many workers
//! there may be, `growth.rs` when one is added, `queue.rs` which job goes first.

use std::ffi::c_int;
use std::sync::Arc;
use std::time::Duration;

use super::completion_race::Waiter;
use super::list::Pinned;
use super::queue::{self, Queue};
pub(crate) use super::queue::{Job, Runnable, Work};
use super::sync::{lock, per_thread, shared, Cell, Condvar, Mutex, MutexGuard, Rank};
use crate::glib::context::ContextRef;
use crate::glib::hooks;
use crate::glib::hooks::table::{Event, Why};
use crate::glib::thread::{self, CpuClock, ExitHook};
use counts::{Counts, Monitor, NextStep, BASE, KEPT};
use worker::Parker;

mod counts;
mod monitor;
mod retry;
mod worker;

/// How soon a thread is asked for again after the system refused one.
const RETRY: Duration = Duration::from_millis(20);
/// A thread that waits for a queued job looks at least this often whether a thread was refused.
const LONGEST_RETRY: Duration = Duration::from_millis(500);

struct Pool {
    queue: Queue,
    counts: Counts,
    /// Jobs finished since the start. The monitor looks whether it changes.
    finished: u64,
    /// One for each worker that exists.
    clocks: Vec<CpuClock>,
    /// The system has refused a thread, and was not asked again since.
    refused: bool,
    /// How many of the searching workers the system may yet refuse.
    starting: usize,
    /// Idle workers, in the order in which they fell asleep.
    parkers: Vec<Arc<Parker>>,
}

/// Of workers, and of other threads that run a job: the job may end its thread by g_thread_exit().
static EXIT_HOOK: ExitHook = ExitHook::new();

shared! {
    static POOL: Mutex<Pool> = Mutex::new(Rank::Pool, Pool::new());

    /// The monitor waits for it.
    static MONITOR: Condvar = Condvar::new();
}

/// What a thread is to the pool.
#[derive(Clone, Copy, PartialEq, Eq)]
enum WorkerKind {
    Other,
    Worker,
    /// A worker with the scheduling of the thread that queued, as the system allowed no other. It leaves as
    /// soon as it can.
    Transient,
}

per_thread! {
    static WORKER_KIND: Cell<WorkerKind> = const { Cell::new(WorkerKind::Other) };
}

fn kind() -> WorkerKind {
    WORKER_KIND.with(Cell::get)
}

/// Whether the calling thread is a worker. A worker does not release what belongs to a task.
pub(crate) fn is_worker() -> bool {
    kind() != WorkerKind::Other
}

/// What a thread does after it has queued a job. This decides which idle worker is woken.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Then {
    /// It goes on, and runs at the same time as the worker for a moment: so the system puts them on two
    /// processors. If it were always the same worker, it would stay where it was put, and each result would
    /// have to wake a processor. So the last ones to fall asleep take turns. Not all of them do: workers that
    /// are not needed are to leave.
    GoesOn,
    /// It waits for the job. The worker that fell asleep last is woken, and takes turns with this thread, mostly
    /// on one processor.
    Waits,
}

/// How many workers take turns.
const IN_TURNS: usize = 4;

/// Queues a job, which a worker runs. If the system gives no thread, the library asks again from time to time;
/// from `context`, if need be.
pub(crate) fn push(job: Runnable, priority: c_int, context: ContextRef<'_>, then: Then) {
    let mut pool = lock(&POOL);
    pool.queue.insert(job, priority, is_worker());
    if !kick(pool, then) {
        retry::later(context);
    }
}

/// Does the next step for what is queued. FALSE if no thread will run it, and this has to be called again.
fn look_again() -> bool {
    kick(lock(&POOL), Then::GoesOn)
}

/// Does the next step. FALSE if no thread will run what is queued.
#[inline]
fn kick(mut pool: MutexGuard<'static, Pool>, then: Then) -> bool {
    let step = pool.next_step(then, Why::WorkCame);
    if !matches!(step, Planned::Nothing) {
        step.perform(pool);
        pool = lock(&POOL);
    }
    is_seen_to(pool)
}

/// Whether there is a thread that sees to what is queued. Tries to start one.
#[inline]
fn is_seen_to(mut pool: MutexGuard<'static, Pool>) -> bool {
    // A thread that is starting a worker may not ask again if the system refuses it.
    let certain = pool.counts.searching.saturating_sub(pool.starting);
    if !pool.refused && pool.queue.len() <= certain {
        return true;
    }
    match pool.counts.monitor {
        Monitor::Resting | Monitor::Watching => true,
        // Another thread is starting it, and only that thread will learn whether it is refused.
        Monitor::Starting => pool.queue.is_empty(),
        Monitor::None if pool.queue.is_empty() => true,
        Monitor::None => pool.add_monitor().perform(pool),
    }
}

/// Moves a job forward because it is cancelled. A job that is not queued yet will go first when it is.
pub(crate) fn promote(job: Pinned<Job>) {
    lock(&POOL).queue.promote(job);
}

/// Whether a job waits for a worker.
pub(crate) fn is_queued(job: Pinned<Job>) -> bool {
    lock(&POOL).queue.contains(job)
}

/// Waits until `waiter` is told that `job`, which the caller has queued, has completed. If the system has no
/// thread for it, the job runs here.
pub(crate) fn wait_for(job: Pinned<Job>, waiter: &Waiter) {
    let waiting = is_worker().then(WaitingWorker::begin);
    let mut limit = RETRY;
    while !waiter.wait_at_most(limit) {
        // The job may wait long for its turn: so this thread looks less and less often.
        limit = limit.saturating_mul(2).min(LONGEST_RETRY);
        let mut pool = lock(&POOL);
        if !pool.queue.contains(job) {
            drop(pool);
            return waiter.wait();
        }
        if pool.refused {
            let own = pool.queue.take(job);
            drop(pool);
            if let Some(own) = own {
                // It works again, and its job may wait for another in its turn.
                drop(waiting);
                run_here(own);
            }
            return waiter.wait();
        }
    }
}

/// Runs a job on a thread that may be no worker. The job may end the thread.
fn run_here(job: Runnable) {
    EXIT_HOOK.set(Some(thread_ends));
    job.run();
    if !is_worker() && !queue::is_running() {
        EXIT_HOOK.set(None);
    }
}

/// The calling thread ends from within a job, by g_thread_exit(). The job ends as if its function had.
fn thread_ends() {
    queue::end_all();
    if is_worker() {
        let mut pool = lock(&POOL);
        pool.finished += 1;
        leave(pool);
    }
}

/// The calling worker, which is neither idle nor searching, becomes any other thread.
fn leave(mut pool: MutexGuard<'static, Pool>) {
    pool.counts.workers -= 1;
    pool.counts.transient -= usize::from(kind() == WorkerKind::Transient);
    let clock = CpuClock::of_this_thread();
    pool.clocks.retain(|other| *other != clock);
    // Destructors of its thread-specific data may use the library.
    WORKER_KIND.with(|kind| kind.set(WorkerKind::Other));
    EXIT_HOOK.set(None);
    kick(pool, Then::GoesOn);
    hooks::worker(Event::WorkerGone, 0);
}

/// While this exists, the calling worker waits for another job and does not count.
struct WaitingWorker;

impl WaitingWorker {
    fn begin() -> Self {
        let mut pool = lock(&POOL);
        pool.counts.waiting += 1;
        pool.next_step(Then::GoesOn, Why::OneWaits).perform(pool);
        Self
    }
}

impl Drop for WaitingWorker {
    fn drop(&mut self) {
        let mut pool = lock(&POOL);
        // In a process that was forked meanwhile nobody waits.
        pool.counts.waiting = pool.counts.waiting.saturating_sub(1);
    }
}

/// A step that was entered into the counts under the lock, and is performed without it.
enum Planned {
    Nothing,
    Wake(Arc<Parker>),
    WakeMonitor,
    StartWorker(Why),
    StartMonitor,
}

impl Planned {
    /// FALSE if the system refused the thread.
    #[inline(never)]
    fn perform(self, pool: MutexGuard<'static, Pool>) -> bool {
        drop(pool);
        match self {
            Self::Nothing => true,
            Self::Wake(parker) => {
                parker.woken.notify_one();
                true
            }
            Self::WakeMonitor => {
                MONITOR.notify_one();
                true
            }
            Self::StartWorker(why) => start_worker(why),
            Self::StartMonitor => start_monitor(),
        }
    }
}

#[cold]
#[inline(never)]
fn start_worker(why: Why) -> bool {
    let started = thread::start(c"pool-asyncres", worker::life(why));
    let mut pool = lock(&POOL);
    pool.starting -= 1;
    if !started {
        pool.counts.workers -= 1;
        pool.counts.searching -= 1;
        pool.note_refusal();
        drop(pool);
        hooks::worker(Event::WorkerRefused, why as usize);
    }
    started
}

#[cold]
#[inline(never)]
fn start_monitor() -> bool {
    let started = thread::start(c"pool-monitor", monitor::live);
    let mut pool = lock(&POOL);
    if !started {
        pool.counts.monitor = Monitor::None;
        pool.note_refusal();
    } else if pool.counts.monitor == Monitor::Starting {
        // Else it runs already, and has found out for itself.
        pool.counts.monitor = Monitor::Watching;
    }
    started
}

impl Pool {
    const fn new() -> Self {
        Self {
            queue: Queue::new(),
            counts: Counts::new(BASE, KEPT),
            finished: 0,
            clocks: Vec::new(),
            refused: false,
            starting: 0,
            parkers: Vec::new(),
        }
    }

    /// Decides the next step and enters it into the counts. If that is a worker more, it is known why.
    #[inline(never)]
    fn next_step(&mut self, then: Then, why: Why) -> Planned {
        // Asked only if it makes a difference.
        let replaces = self.counts.transient > 0 && thread::has_process_scheduling();
        match self.counts.next_step(!self.queue.is_empty(), replaces) {
            NextStep::Nothing => Planned::Nothing,
            NextStep::WakeIdle => self.wake_idle(then),
            NextStep::StartWorker => self.add_worker(why),
            NextStep::StartMonitor => self.add_monitor(),
            NextStep::WakeMonitor => {
                self.counts.monitor = Monitor::Watching;
                Planned::WakeMonitor
            }
        }
    }

    fn add_worker(&mut self, why: Why) -> Planned {
        self.counts.workers += 1;
        self.counts.searching += 1;
        self.starting += 1;
        self.refused = false;
        Planned::StartWorker(why)
    }

    fn add_monitor(&mut self) -> Planned {
        self.counts.monitor = Monitor::Starting;
        self.refused = false;
        Planned::StartMonitor
    }

    fn wake_idle(&mut self, then: Then) -> Planned {
        if then == Then::GoesOn && self.counts.extra() == 0 {
            // The first of the last ones is woken, as it comes to the end.
            let others = self.parkers.len().saturating_sub(IN_TURNS);
            if let Some(last_ones @ [_, ..]) = self.parkers.get_mut(others..) {
                last_ones.rotate_left(1);
            }
        }
        let Some(parker) = self.parkers.pop() else {
            return Planned::Nothing;
        };
        parker.called.set(true);
        self.counts.idle -= 1;
        self.counts.searching += 1;
        Planned::Wake(parker)
    }

    /// The calling worker, which is searching, takes a job or stops searching.
    fn search(&mut self) -> Option<Runnable> {
        self.counts.searching -= 1;
        self.queue.take_first()
    }

    /// The system has refused a thread. The monitor, if there is one, will ask again.
    fn note_refusal(&mut self) {
        self.refused = true;
        if self.counts.monitor == Monitor::Resting {
            self.counts.monitor = Monitor::Watching;
            MONITOR.notify_one();
        }
    }
}

/// The pool's lock, held during a fork.
#[cfg(not(all(test, feature = "loom")))]
pub(crate) struct ForkGuard(MutexGuard<'static, Pool>);

#[cfg(not(all(test, feature = "loom")))]
pub(crate) fn hold() -> ForkGuard {
    ForkGuard(lock(&POOL))
}

#[cfg(not(all(test, feature = "loom")))]
impl ForkGuard {
    /// In the child, the only thread is the one that forked.
    pub(crate) fn forget(&mut self) {
        self.0.queue.forget();
        let queue = std::mem::replace(&mut self.0.queue, Queue::new());
        *self.0 = Pool {
            queue,
            ..Pool::new()
        };
        if is_worker() {
            self.0.counts.workers = 1;
            self.0.counts.transient = usize::from(kind() == WorkerKind::Transient);
            self.0.clocks.push(CpuClock::of_this_thread());
        }
    }
}

#[cfg(all(test, feature = "loom"))]
#[path = "../../tests/models/pool.rs"]
mod models;
