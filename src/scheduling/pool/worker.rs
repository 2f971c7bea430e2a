//! A worker's life.

use std::sync::atomic::Ordering;
use std::sync::Arc;

use super::{lock, Pool, IS_WORKER, LINGER, NEWS, POOL};
use crate::glib::thread;
use crate::scheduling::sync::{wait, wait_timeout, Cell, Condvar, MutexGuard};

/// So often a worker looks for something new before it sleeps, and lets other threads go first in between. To fall
/// asleep and be woken costs more than many an operation, and its caller pays for the waking.
#[cfg(not(all(test, feature = "loom")))]
const LOOKS: usize = 8;
#[cfg(all(test, feature = "loom"))]
const LOOKS: usize = 1;

/// If it gets the processor back only after this long, others need it more: what is queued must not wait for it, and for
/// a while nobody looks out. In microseconds.
const TOO_LONG: i64 = 200;
const A_WHILE: i64 = 1_000_000;

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
        if pool.census.searching == 0 && thread::now() >= pool.no_look_before {
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
    let mut before = thread::now();
    let mut longest = 0;
    for _ in 0..LOOKS {
        if NEWS.load(Ordering::Relaxed) || longest > TOO_LONG {
            break;
        }
        thread::yield_now();
        let after = thread::now();
        longest = longest.max(after - before);
        before = after;
    }
    // Only the queue itself, under its lock, says for certain whether there is work.
    let mut pool = lock(&POOL);
    if longest > TOO_LONG {
        pool.no_look_before = before + A_WHILE;
    }
    pool
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
