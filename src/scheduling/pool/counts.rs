//! The pool's threads, counted, and what follows from that: pure decisions over plain numbers.

/// How many workers are started whenever there is work for them.
pub(super) const BASE: usize = 10;
/// How many workers stay, however long they are idle.
pub(super) const KEPT: usize = 2;
/// The most workers, however long nothing finishes. Those that wait for other jobs do not count.
pub(super) const BOUND: usize = 512;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Counts {
    /// All workers that exist, or are being started.
    pub(super) workers: usize,
    /// Asleep, without a job.
    pub(super) idle: usize,
    /// Woken or being started, and not yet at the queue.
    pub(super) searching: usize,
    /// In a job that waits for another job: they do not count.
    pub(super) waiting: usize,
    /// Workers with the scheduling of the thread that queued. They are never idle, and are replaced when a
    /// thread can start others.
    pub(super) transient: usize,
    pub(super) monitor: Monitor,
    /// `BASE` and `KEPT`; the models have smaller ones. Set once.
    pub(super) base: usize,
    pub(super) kept: usize,
}

/// The thread that adds workers when nothing finishes, and asks again for threads that the system refused.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Monitor {
    None,
    /// Being started: it may yet be refused.
    Starting,
    /// Asleep: there is nothing to watch.
    Resting,
    Watching,
}

/// What is to be done when work is queued, or may be.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum NextStep {
    Nothing,
    WakeIdle,
    StartWorker,
    StartMonitor,
    WakeMonitor,
}

impl Counts {
    pub(super) const fn new(base: usize, kept: usize) -> Self {
        Self {
            workers: 0,
            idle: 0,
            searching: 0,
            waiting: 0,
            transient: 0,
            monitor: Monitor::None,
            base,
            kept,
        }
    }

    /// Workers that take jobs, or will.
    fn counted(&self) -> usize {
        self.workers - self.waiting
    }

    /// No worker is free, and none may be started without waiting.
    pub(super) fn is_saturated(&self) -> bool {
        self.idle == 0 && self.searching == 0 && self.counted() >= self.base
    }

    /// Workers beyond the base.
    pub(super) fn extra(&self) -> usize {
        self.counted().saturating_sub(self.base)
    }

    /// Whether a worker leaves that has been idle for its time, which is shorter if it was beyond the base.
    pub(super) fn is_unneeded(&self, was_extra: bool) -> bool {
        self.workers > self.kept && (!was_extra || self.extra() > 0)
    }

    pub(super) fn may_grow(&self) -> bool {
        self.counted() < BOUND
    }

    /// The next thing to do. Afterwards, done or refused, this is asked again by each thread that takes a job or
    /// queues one, and by the monitor. `replaces`: the calling thread starts workers that are not transient.
    #[inline]
    pub(super) fn next_step(&self, work_queued: bool, replaces: bool) -> NextStep {
        // If a worker is on its way to the queue, it looks for the next step when it has been there.
        if !work_queued || self.searching > 0 {
            return NextStep::Nothing;
        }
        if self.idle > 0 {
            return NextStep::WakeIdle;
        }
        let replaced = if replaces { self.transient } else { 0 };
        if self.counted() < self.base + replaced {
            return NextStep::StartWorker;
        }
        match self.monitor {
            Monitor::None => NextStep::StartMonitor,
            Monitor::Resting => NextStep::WakeMonitor,
            Monitor::Starting | Monitor::Watching => NextStep::Nothing,
        }
    }
}

#[cfg(all(test, not(feature = "loom")))]
mod tests {
    use super::*;

    fn each_count(mut check: impl FnMut(Counts)) {
        let monitors = [
            Monitor::None,
            Monitor::Starting,
            Monitor::Resting,
            Monitor::Watching,
        ];
        for workers in (0..24).chain(BOUND - 1..=BOUND + 1) {
            for waiting in 0..=workers.min(14) {
                for idle in 0..=(workers - waiting).min(12) {
                    for searching in 0..=(workers - waiting - idle).min(2) {
                        for (monitor, transient) in monitors.iter().flat_map(|monitor| {
                            let most = (workers - waiting - idle - searching).min(11);
                            (0..=most).map(move |transient| (*monitor, transient))
                        }) {
                            check(Counts {
                                workers,
                                idle,
                                searching,
                                waiting,
                                transient,
                                monitor,
                                ..Counts::new(BASE, KEPT)
                            });
                        }
                    }
                }
            }
        }
    }

    fn steps(counts: Counts) -> [NextStep; 2] {
        [false, true].map(|replaces| counts.next_step(true, replaces))
    }

    #[test]
    fn nothing_is_done_without_work_or_with_somebody_on_the_way() {
        each_count(|counts| {
            assert_eq!(counts.next_step(false, false), NextStep::Nothing);
            assert_eq!(counts.next_step(false, true), NextStep::Nothing);
            if counts.searching > 0 {
                assert_eq!(steps(counts), [NextStep::Nothing; 2]);
            }
        });
    }

    /// Queued work never waits for ever: somebody is searching, or somebody is sent, or all are busy and
    /// watched.
    #[test]
    fn queued_work_is_seen_to() {
        each_count(|counts| {
            let watched = matches!(counts.monitor, Monitor::Starting | Monitor::Watching);
            let busy = counts.is_saturated() && watched;
            for step in steps(counts) {
                assert!(
                    step != NextStep::Nothing || counts.searching > 0 || busy,
                    "{counts:?}"
                );
            }
        });
    }

    #[test]
    fn nobody_is_started_while_somebody_sleeps() {
        each_count(|counts| {
            for step in steps(counts) {
                let starts = matches!(step, NextStep::StartWorker | NextStep::StartMonitor);
                assert!(!starts || counts.idle == 0, "{counts:?}");
            }
        });
    }

    #[test]
    fn without_waiting_at_most_the_base_is_started() {
        each_count(|counts| {
            let counted = counts.workers - counts.waiting;
            let [inherits, replaces] = steps(counts).map(|step| step == NextStep::StartWorker);
            assert!(!inherits || counted < BASE, "{counts:?}");
            assert!(!replaces || counted < BASE + counts.transient, "{counts:?}");
        });
    }

    #[test]
    fn waiting_workers_do_not_count_for_the_bound() {
        each_count(|counts| {
            assert_eq!(counts.may_grow(), counts.workers - counts.waiting < BOUND);
        });
    }
}
