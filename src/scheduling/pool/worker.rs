//! A worker's life.

use std::sync::atomic::Ordering;
use std::sync::Arc;

use super::{lock, Pool, IS_WORKER, LINGER, NEWS, POOL};
use crate::glib::thread;
use crate::scheduling::sync::{wait, wait_timeout, Cell, Condvar, MutexGuard};

/// So often a worker looks for something new before it sleeps: for a few microseconds. To fall asleep and be woken costs
/// more than many an operation, and its caller pays for the waking. It does not yield meanwhile: on a busy machine it
/// would get the processor back only after milliseconds, and what is queued would wait for it.
#[cfg(not(all(test, feature = "loom")))]
const LOOKS: usize = 200;
#[cfg(all(test, feature = "loom"))]
const LOOKS: usize = 1;

/// Where one idle worker sleeps.
pub(super) struct Sleeper {
    pub(super) roused: Condvar,
    /// Under the pool's lock: it was taken from the list, and has to look for work.
    pub(super) called: Cell<bool>,
}

// SAFETY: `called` is used under the pool's lock.
unsafe impl Sync for Sleeper {}
// SAFETY: as above.
unsafe impl Send for Sleeper {}

type Guard = MutexGuard<'static, Pool>;

/// From the moment when the worker was counted as searching.
pub(super) fn work() {
    IS_WORKER.with(|is_worker| is_worker.set(true));
    thread::name_this_thread(c"pool-asyncres");
    let sleeper = Arc::new(Sleeper {
        roused: Condvar::new(),
        called: Cell::new(false),
    });
    let mut pool = lock(&POOL);
    loop {
        pool = run_jobs(pool);
        // One that looks out is enough.
        if pool.census.searching == 0 {
            pool = look_out(pool);
            if !pool.queue.is_empty() {
                continue;
            }
            pool.census.searching -= 1;
        }
        match sleep(pool, &sleeper) {
            Some(awake) => pool = awake,
            None => return,
        }
    }
}

/// Runs jobs until none is left: then the worker is not searching any more.
fn run_jobs(mut pool: Guard) -> Guard {
    while let Some(job) = pool.search() {
        pool.next_step().perform(pool);
        job.run();
        pool = lock(&POOL);
        pool.finished += 1;
        pool.added = 0;
        pool.census.searching += 1;
    }
    pool
}

/// Waits a little for something to be queued, without the lock. Meanwhile, and afterwards, the worker is searching:
/// whoever queues a job need not wake anybody.
fn look_out(mut pool: Guard) -> Guard {
    pool.census.searching += 1;
    NEWS.store(false, Ordering::Relaxed);
    drop(pool);
    for _ in 0..LOOKS {
        if NEWS.load(Ordering::Relaxed) {
            break;
        }
        std::hint::spin_loop();
    }
    // Only the queue itself, under its lock, says for certain whether there is work.
    lock(&POOL)
}

/// Sleeps until called, and is searching again then; `None` if the worker is to leave.
fn sleep(mut pool: Guard, sleeper: &Arc<Sleeper>) -> Option<Guard> {
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
