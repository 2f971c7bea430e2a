//! The order in which workers take jobs.

use std::collections::BTreeMap;
use std::ffi::c_int;
use std::ptr::NonNull;

use super::sync::Cell;

/// A job's place. Smaller goes first: the fields' order is the rule.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
struct Rank {
    /// Jobs queued from a worker go first: other workers may be waiting for them.
    from_outside: bool,
    /// Then jobs that are cancelled already: they are probably short, and somebody wants them over with.
    uncancelled: bool,
    priority: c_int,
    arrival: u64,
}

/// The part of a job that the pool keeps: the first field of a `repr(C)` struct, pinned until `run` is called.
#[repr(C)]
pub(crate) struct Job {
    run: unsafe fn(*mut Job),
    /// Its place in the queue while it is there. Under the pool's lock.
    rank: Cell<Option<Rank>>,
    /// Somebody promoted it, perhaps before it was queued. Under the pool's lock.
    promoted: Cell<bool>,
}

impl Job {
    pub(crate) fn new(run: unsafe fn(*mut Job)) -> Self {
        Self {
            run,
            rank: Cell::new(None),
            promoted: Cell::new(false),
        }
    }
}

/// A job taken out of the queue: somebody has to run it.
pub(crate) struct Taken(NonNull<Job>);

impl Taken {
    pub(crate) fn run(self) {
        let job = self.0.as_ptr();
        // SAFETY: `insert` was promised that a queued job stays in place until it runs, and it runs only here.
        unsafe { ((*job).run)(job) };
    }
}

/// The queue. Whoever calls holds the pool's lock.
pub(crate) struct Queue {
    jobs: BTreeMap<Rank, NonNull<Job>>,
    arrivals: u64,
}

// SAFETY: jobs may be run on any thread, as `insert` is promised.
unsafe impl Send for Queue {}

impl Queue {
    pub(crate) const fn new() -> Self {
        Self {
            jobs: BTreeMap::new(),
            arrivals: 0,
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.jobs.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.jobs.is_empty()
    }

    /// # Safety
    /// `job` is not queued, stays where it is until it is taken, and may be run on any thread.
    pub(crate) unsafe fn insert(&mut self, job: NonNull<Job>, priority: c_int, from_worker: bool) {
        self.arrivals += 1;
        // SAFETY: the job stays where it is, and its cells are used under the pool's lock.
        let fields = unsafe { job.as_ref() };
        let rank = Rank {
            from_outside: !from_worker,
            uncancelled: !fields.promoted.get(),
            priority,
            arrival: self.arrivals,
        };
        fields.rank.set(Some(rank));
        self.jobs.insert(rank, job);
    }

    /// Forgets all jobs: they belong to the process that this one was forked from.
    #[cfg(not(all(test, feature = "loom")))]
    pub(crate) fn forget(&mut self) {
        for job in std::mem::take(&mut self.jobs).into_values() {
            // SAFETY: queued jobs stay where they are.
            unsafe { job.as_ref() }.rank.set(None);
        }
    }

    pub(crate) fn take_first(&mut self) -> Option<Taken> {
        let (_, job) = self.jobs.pop_first()?;
        // SAFETY: queued jobs stay where they are.
        unsafe { job.as_ref() }.rank.set(None);
        Some(Taken(job))
    }

    /// Whether this very job is still here.
    ///
    /// # Safety
    /// `job` has not run yet, or is kept alive by the caller.
    pub(crate) unsafe fn contains(&self, job: NonNull<Job>) -> bool {
        // SAFETY: as the caller vouches.
        unsafe { job.as_ref() }.rank.get().is_some()
    }

    /// Takes this very job, if nobody has.
    ///
    /// # Safety
    /// `job` has not run yet, or is kept alive by the caller.
    pub(crate) unsafe fn take(&mut self, job: NonNull<Job>) -> Option<Taken> {
        // SAFETY: as the caller vouches.
        let rank = unsafe { job.as_ref() }.rank.take()?;
        self.jobs.remove(&rank).map(Taken)
    }

    /// Moves a job in front of those that are not cancelled; also one that is queued only later.
    ///
    /// # Safety
    /// `job` has not run yet, or is kept alive by the caller.
    pub(crate) unsafe fn promote(&mut self, job: NonNull<Job>) {
        // SAFETY: as the caller vouches.
        let fields = unsafe { job.as_ref() };
        if fields.promoted.replace(true) {
            return;
        }
        let Some(rank) = fields.rank.get() else {
            return;
        };
        let promoted = Rank {
            uncancelled: false,
            ..rank
        };
        // The pointer that was queued gives access to all of the job; the caller's may not.
        if let Some(queued) = self.jobs.remove(&rank) {
            self.jobs.insert(promoted, queued);
            fields.rank.set(Some(promoted));
        }
    }
}

#[cfg(not(feature = "loom"))]
#[cfg(test)]
mod tests {
    use super::*;

    unsafe fn never_run(_: *mut Job) {
        unreachable!("the tests only look at the order");
    }

    fn job() -> Box<Job> {
        Box::new(Job::new(never_run))
    }

    /// Every combination of the three properties, each twice, queued in every rotation.
    #[test]
    fn order_is_worker_then_cancelled_then_priority_then_arrival() {
        let kinds: Vec<(bool, bool, c_int)> = (0..16)
            .map(|n| (n & 1 != 0, n & 2 != 0, [-5, 0, 7, 300][n >> 2]))
            .collect();
        for rotation in 0..kinds.len() {
            let mut order = kinds.clone();
            order.rotate_left(rotation);
            order.extend(order.clone());
            let jobs: Vec<Box<Job>> = order.iter().map(|_| job()).collect();
            let mut queue = Queue::new();
            for (job, (from_worker, cancelled, priority)) in jobs.iter().zip(&order) {
                // SAFETY: the boxes outlive the queue.
                unsafe {
                    queue.insert(NonNull::from(&**job), *priority, *from_worker);
                    if *cancelled {
                        queue.promote(NonNull::from(&**job));
                    }
                }
            }
            let mut expected: Vec<usize> = (0..order.len()).collect();
            expected.sort_by_key(|&place| {
                let (from_worker, cancelled, priority) = order[place];
                (!from_worker, !cancelled, priority, place)
            });
            for place in expected {
                let taken = queue.take_first().expect("as many as were queued");
                assert_eq!(taken.0, NonNull::from(&*jobs[place]));
            }
            assert!(queue.is_empty());
        }
    }

    #[test]
    fn promoted_before_it_is_queued() {
        let (first, second) = (job(), job());
        let mut queue = Queue::new();
        // SAFETY: the boxes outlive the queue.
        unsafe {
            queue.promote(NonNull::from(&*second));
            queue.insert(NonNull::from(&*first), 0, false);
            queue.insert(NonNull::from(&*second), 0, false);
        }
        let taken = queue.take_first().expect("two were queued");
        assert_eq!(taken.0, NonNull::from(&*second));
    }

    #[test]
    fn taken_once() {
        let only = job();
        let mut queue = Queue::new();
        // SAFETY: the box outlives the queue.
        unsafe {
            queue.insert(NonNull::from(&*only), 0, false);
            assert!(queue.take(NonNull::from(&*only)).is_some());
            assert!(queue.take(NonNull::from(&*only)).is_none());
            queue.promote(NonNull::from(&*only));
        }
        assert!(queue.take_first().is_none());
    }
}
