//! A worker's life.

use std::sync::Arc;
use std::time::Duration;

use super::{
    kind, leave, lock, thread, thread_ends, CpuClock, Pool, Then, WorkerKind, EXIT_HOOK, POOL,
    WORKER_KIND,
};
use crate::glib::hooks;
use crate::glib::hooks::table::{Event, Why};
use crate::glib::probes::probe;
use crate::scheduling::sync::{wait, wait_timeout, Cell, Condvar, MutexGuard};

/// How long an idle worker stays…
const KEEP_ALIVE: Duration = Duration::from_secs(15);
/// …and one beyond the base.
const KEEP_EXTRA_ALIVE: Duration = Duration::from_secs(1);

/// Where one idle worker sleeps. It is made for each sleep: a worker that a job ends by g_thread_exit() could
/// free nothing of its own.
pub(super) struct Parker {
    pub(super) woken: Condvar,
    /// It was taken from the list, and the worker has to look for work. Used under the pool's lock.
    pub(super) called: Cell<bool>,
}

// SAFETY: `called` is used under the pool's lock.
unsafe impl Sync for Parker {}
// SAFETY: as above.
unsafe impl Send for Parker {}

type Guard = MutexGuard<'static, Pool>;

/// The life of a worker that was added for this reason. It has been counted as searching already.
pub(super) fn life(why: Why) -> fn() {
    match why {
        Why::WorkCame => || live(Why::WorkCame),
        Why::AllAreBlocked => || live(Why::AllAreBlocked),
        Why::AllCompute => || live(Why::AllCompute),
        Why::OneWaits => || live(Why::OneWaits),
    }
}

#[inline(never)]
fn live(why: Why) {
    hooks::worker(Event::WorkerAdded, why as usize);
    let allowed = thread::adopt_process_scheduling();
    let own = if allowed {
        WorkerKind::Worker
    } else {
        WorkerKind::Transient
    };
    WORKER_KIND.with(|kind| kind.set(own));
    EXIT_HOOK.set(Some(thread_ends));
    let mut pool = lock(&POOL);
    pool.counts.transient += usize::from(!allowed);
    pool.clocks.push(CpuClock::of_this_thread());
    probe!(asyncresult, worker__added, pool.counts.workers);
    loop {
        pool = run_jobs(pool);
        if kind() == WorkerKind::Transient {
            return leave(pool);
        }
        match sleep(pool) {
            Ok(awake) => pool = awake,
            Err(unneeded) => return leave(unneeded),
        }
    }
}

/// Runs jobs until none is left, or the worker is replaced. Afterwards the worker is not searching.
fn run_jobs(mut pool: Guard) -> Guard {
    while let Some(job) = pool.search() {
        pool.next_step(Then::GoesOn, Why::WorkCame).perform(pool);
        job.run();
        pool = lock(&POOL);
        pool.finished += 1;
        if kind() == WorkerKind::Transient && pool.counts.extra() > 0 {
            break;
        }
        pool.counts.searching += 1;
    }
    pool
}

/// Sleeps until it is called: then the worker is searching again. `Err` if it is to leave.
fn sleep(mut pool: Guard) -> Result<Guard, Guard> {
    let parker = Arc::new(Parker {
        woken: Condvar::new(),
        called: Cell::new(false),
    });
    pool.parkers.push(Arc::clone(&parker));
    pool.counts.idle += 1;
    let mut kept = false;
    loop {
        let was_extra = pool.counts.extra() > 0;
        let timed_out;
        (pool, timed_out) = match (was_extra, kept) {
            (true, _) => wait_timeout(&parker.woken, pool, KEEP_EXTRA_ALIVE),
            (false, false) => wait_timeout(&parker.woken, pool, KEEP_ALIVE),
            (false, true) => (wait(&parker.woken, pool), false),
        };
        if parker.called.get() {
            return Ok(pool);
        }
        if timed_out && pool.counts.is_unneeded(was_extra) {
            pool.parkers.retain(|other| !Arc::ptr_eq(other, &parker));
            pool.counts.idle -= 1;
            return Err(pool);
        }
        kept = timed_out && !was_extra;
    }
}
