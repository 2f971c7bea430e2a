//! How many workers there are: pure decisions over plain numbers.

use std::time::Duration;

/// How many workers are started whenever there is work for them.
pub(crate) const BASE: usize = 10;
/// Never more than this, however long nothing finishes. Those that wait for other jobs do not count.
pub(crate) const BOUND: usize = 512;

/// With all workers busy and work queued, this long nothing must finish before one worker is added…
const FIRST_PATIENCE: Duration = Duration::from_millis(50);
/// …and this long before each of the next few: a burst that is merely slow, or about to be cancelled, should not
/// get a thread for each of its jobs. GLib's own tests count those that were started within half a second…
const CAUTIOUS_PATIENCE: Duration = Duration::from_millis(100);
const CAUTIOUS_STEPS: u32 = 8;
/// …then this long before each further one, a little longer the more there are: by now the workers probably wait
/// for jobs that are still queued.
const NEXT_PATIENCE: Duration = Duration::from_millis(10);

/// The pool's threads, counted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Census {
    /// All workers that exist, or are being started.
    pub(crate) workers: usize,
    /// Asleep, without a job.
    pub(crate) idle: usize,
    /// Woken or being started, and not yet at the queue.
    pub(crate) searching: usize,
    /// In a job that waits for another job to complete: they do not count.
    pub(crate) waiting: usize,
    pub(crate) overseer: Overseer,
    /// Workers that are started whenever there is work for them. Set once.
    pub(crate) base: usize,
}

/// The thread that adds workers when nothing finishes, and asks again for threads that the system refused.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Overseer {
    None,
    /// Being started: it may yet be refused.
    Starting,
    /// Asleep: there is nothing to see to.
    Resting,
    Watching,
}

/// What is to be done when work is queued, or may be.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Step {
    Nothing,
    WakeIdle,
    StartWorker,
    StartOverseer,
    RouseOverseer,
}

impl Census {
    pub(crate) const fn new(base: usize) -> Self {
        Self {
            workers: 0,
            idle: 0,
            searching: 0,
            waiting: 0,
            overseer: Overseer::None,
            base,
        }
    }

    /// Workers that take jobs, or could.
    fn counted(&self) -> usize {
        self.workers - self.waiting
    }

    /// No worker is free, and none may be started without waiting.
    pub(crate) fn is_saturated(&self) -> bool {
        self.idle == 0 && self.searching == 0 && self.counted() >= self.base
    }

    /// Whether a worker that finds no work is one too many.
    pub(crate) fn has_extra(&self) -> bool {
        self.counted() > self.base
    }

    pub(crate) fn may_grow(&self) -> bool {
        self.counted() < BOUND
    }

    /// The next thing to do. When it is done, or refused, what comes next is asked again by whoever takes a job, queues
    /// one, or oversees.
    pub(crate) fn next_step(&self, work_queued: bool) -> Step {
        // If somebody is on the way to the queue, they will look for the next step when they have been there.
        if !work_queued || self.searching > 0 {
            return Step::Nothing;
        }
        if self.idle > 0 {
            return Step::WakeIdle;
        }
        if self.counted() < self.base {
            return Step::StartWorker;
        }
        match self.overseer {
            Overseer::None => Step::StartOverseer,
            Overseer::Resting => Step::RouseOverseer,
            Overseer::Starting | Overseer::Watching => Step::Nothing,
        }
    }
}

/// How long nothing must finish before the next worker joins, when `added` have joined since something did.
pub(crate) fn patience(added: u32) -> Duration {
    match added {
        0 => FIRST_PATIENCE,
        1..CAUTIOUS_STEPS => CAUTIOUS_PATIENCE,
        _ => NEXT_PATIENCE + NEXT_PATIENCE * (added - CAUTIOUS_STEPS) / 256,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn each_census(mut check: impl FnMut(Census)) {
        let overseers = [
            Overseer::None,
            Overseer::Starting,
            Overseer::Resting,
            Overseer::Watching,
        ];
        for workers in (0..24).chain(BOUND - 1..=BOUND + 1) {
            for waiting in 0..=workers.min(14) {
                for idle in 0..=(workers - waiting).min(12) {
                    for searching in 0..=(workers - waiting - idle).min(2) {
                        for overseer in overseers {
                            check(Census {
                                workers,
                                idle,
                                searching,
                                waiting,
                                overseer,
                                base: BASE,
                            });
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn nothing_is_done_without_work_or_with_somebody_on_the_way() {
        each_census(|census| {
            assert_eq!(census.next_step(false), Step::Nothing);
            if census.searching > 0 {
                assert_eq!(census.next_step(true), Step::Nothing);
            }
        });
    }

    /// Queued work never waits for ever: somebody is searching, or somebody is sent, or all are busy and overseen.
    #[test]
    fn queued_work_is_seen_to() {
        each_census(|census| {
            if census.next_step(true) != Step::Nothing {
                return;
            }
            let overseen = matches!(census.overseer, Overseer::Starting | Overseer::Watching);
            assert!(
                census.searching > 0 || (census.is_saturated() && overseen),
                "{census:?}"
            );
        });
    }

    #[test]
    fn nobody_is_started_while_somebody_sleeps() {
        each_census(|census| {
            let starts = matches!(
                census.next_step(true),
                Step::StartWorker | Step::StartOverseer
            );
            assert!(!starts || census.idle == 0, "{census:?}");
        });
    }

    #[test]
    fn without_waiting_at_most_the_base_is_started() {
        each_census(|census| {
            let starts = census.next_step(true) == Step::StartWorker;
            assert!(!starts || census.workers - census.waiting < BASE);
        });
    }

    #[test]
    fn waiting_workers_do_not_count_for_the_bound() {
        each_census(|census| {
            assert_eq!(
                census.may_grow(),
                census.workers - census.waiting < BOUND,
                "{census:?}"
            );
        });
    }

    fn time_until(added: u32) -> Duration {
        (0..added).map(patience).sum()
    }

    #[test]
    fn the_pool_grows_late_then_fast() {
        assert_eq!(time_until(1), Duration::from_millis(50));
        assert!(time_until(7) > Duration::from_millis(500));
        assert!(time_until(30) < Duration::from_secs(1));
        assert!(time_until((BOUND - BASE) as u32) < Duration::from_secs(12));
    }

    #[test]
    fn patience_grows_once_it_is_short() {
        for added in CAUTIOUS_STEPS..BOUND as u32 {
            assert!(patience(added) <= patience(added + 1));
        }
    }
}
