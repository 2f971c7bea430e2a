//! The order in which workers take jobs.
//!
//! Jobs stand in *FIFOs*, one for each priority, whose links are part of the jobs. A job that is cancelled
//! gets a FIFO of its own: jobs are cancelled in any order, but among themselves keep the order in which they
//! came.

use std::ffi::c_int;
use std::ptr::NonNull;

use super::sorted::Sorted;
use super::sync::{per_thread, Cell};

/// Which FIFO a job stands in. Smaller goes first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
struct Rank {
    /// From the highest bit to the lowest: jobs queued from a worker go first, as other workers may be
    /// waiting for them; then jobs that are cancelled already, as they are probably short, and somebody wants
    /// them over with; then by priority.
    class: u64,
    /// Of a cancelled job; 0 for a FIFO of many.
    arrival: u64,
}

/// The part of a job that the pool keeps: the first field of a `repr(C)` struct, pinned until `run` is
/// called. What can change is used under the pool's lock.
#[repr(C)]
pub(crate) struct Job {
    /// Calls the program's function, which may leave the thread and never return.
    call: unsafe fn(*mut Job),
    /// Then this ends the job, and may free it.
    end: unsafe fn(*mut Job),
    /// Its neighbours in its FIFO. While it runs, `next` is the one inside which it runs, if there is one.
    next: Cell<Option<NonNull<Job>>>,
    previous: Cell<Option<NonNull<Job>>>,
    /// Where it belongs. Of a job that was queued.
    arrival: Cell<u64>,
    priority: Cell<c_int>,
    from_outside: Cell<bool>,
    queued: Cell<bool>,
    /// It is cancelled, perhaps since before it was queued: its FIFO is its own.
    promoted: Cell<bool>,
}

impl Job {
    pub(crate) fn new(call: unsafe fn(*mut Job), end: unsafe fn(*mut Job)) -> Self {
        Self {
            call,
            end,
            next: Cell::new(None),
            previous: Cell::new(None),
            arrival: Cell::new(0),
            priority: Cell::new(0),
            from_outside: Cell::new(true),
            queued: Cell::new(false),
            promoted: Cell::new(false),
        }
    }

    #[inline]
    fn rank(&self) -> Rank {
        let cancelled = self.promoted.get();
        // With the sign turned round, numbers without a sign have the order of those with one.
        let priority = (self.priority.get() as u32) ^ (1 << 31);
        Rank {
            class: u64::from(self.from_outside.get()) << 33
                | u64::from(!cancelled) << 32
                | u64::from(priority),
            arrival: if cancelled { self.arrival.get() } else { 0 },
        }
    }
}

/// A job taken out of the queue: somebody has to run it.
pub(crate) struct Runnable(NonNull<Job>);

per_thread! {
    /// The innermost job that this thread runs.
    static RUNNING: Cell<Option<NonNull<Job>>> = const { Cell::new(None) };
}

impl Runnable {
    pub(crate) fn run(self) {
        let Self(job) = self;
        // SAFETY: `insert` was promised that a queued job stays in place until it ends, and it runs only
        // here.
        unsafe { job.as_ref() }.next.set(RUNNING.get());
        RUNNING.set(Some(job));
        // SAFETY: as above.
        unsafe { (job.as_ref().call)(job.as_ptr()) };
        end_innermost();
    }
}

fn end_innermost() -> bool {
    let Some(job) = RUNNING.get() else {
        return false;
    };
    // SAFETY: a job that runs stays in place until its `end` is called, which happens only here.
    unsafe {
        RUNNING.set(job.as_ref().next.take());
        (job.as_ref().end)(job.as_ptr());
    }
    true
}

/// Ends the jobs that this thread runs: it leaves, from within the function of the innermost.
pub(crate) fn end_all() {
    while end_innermost() {}
}

/// Whether the calling thread runs a job.
pub(crate) fn is_running() -> bool {
    RUNNING.get().is_some()
}

/// Jobs in the order in which they came.
#[derive(Default)]
struct Fifo {
    first: Option<NonNull<Job>>,
    last: Option<NonNull<Job>>,
}

impl Fifo {
    /// # Safety
    /// `job` is in no FIFO, and stays where it is until it leaves this one.
    unsafe fn append(&mut self, job: NonNull<Job>) {
        // SAFETY: the members of a FIFO stay where they are.
        unsafe {
            job.as_ref().previous.set(self.last);
            match self.last {
                Some(last) => last.as_ref().next.set(Some(job)),
                None => self.first = Some(job),
            }
        }
        self.last = Some(job);
    }

    /// # Safety
    /// `job` is in this FIFO.
    unsafe fn remove(&mut self, job: NonNull<Job>) {
        // SAFETY: the members of a FIFO stay where they are.
        unsafe {
            let next = job.as_ref().next.take();
            let previous = job.as_ref().previous.take();
            match previous {
                Some(previous) => previous.as_ref().next.set(next),
                None => self.first = next,
            }
            match next {
                Some(next) => next.as_ref().previous.set(previous),
                None => self.last = previous,
            }
        }
    }
}

/// So many FIFOs are kept though nobody stands in them: most programs use one priority, and will again.
const KEPT_FIFOS: usize = 4;

/// The queue. Whoever calls holds the pool's lock.
pub(crate) struct Queue {
    fifos: Sorted<Rank, Fifo>,
    len: usize,
    arrivals: u64,
}

// SAFETY: jobs may be run on any thread, as `insert` is promised.
unsafe impl Send for Queue {}

impl Queue {
    pub(crate) const fn new() -> Self {
        Self {
            fifos: Sorted::new(),
            len: 0,
            arrivals: 0,
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.len
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// # Safety
    /// `job` points to all of the struct that it is the first field of. It is not queued, stays where it is
    /// until it is taken, and may be run on any thread.
    pub(crate) unsafe fn insert(&mut self, job: NonNull<Job>, priority: c_int, from_worker: bool) {
        // SAFETY: the job stays where it is, and its cells are used under the pool's lock.
        let fields = unsafe { job.as_ref() };
        self.arrivals += 1;
        self.len += 1;
        fields.arrival.set(self.arrivals);
        fields.priority.set(priority);
        fields.from_outside.set(!from_worker);
        fields.queued.set(true);
        // SAFETY: it was in no FIFO.
        unsafe { self.enter(job) };
    }

    /// # Safety
    /// `job` is queued, but has no place yet.
    #[inline]
    unsafe fn enter(&mut self, job: NonNull<Job>) {
        // SAFETY: queued jobs stay where they are, and this one is in no FIFO.
        unsafe {
            let rank = job.as_ref().rank();
            self.fifos.get_or_add(rank, Fifo::default).append(job);
        }
    }

    /// # Safety
    /// `job` is queued, and has its place.
    #[inline]
    unsafe fn leave(&mut self, job: NonNull<Job>) {
        // SAFETY: queued jobs stay where they are.
        let fields = unsafe { job.as_ref() };
        let (rank, is_alone) = (fields.rank(), fields.promoted.get());
        let Some(fifo) = self.fifos.get(rank) else {
            return;
        };
        // SAFETY: a queued job stands in the FIFO of its rank.
        unsafe { fifo.remove(job) };
        let is_empty = fifo.first.is_none();
        if is_empty && (is_alone || self.fifos.len() > KEPT_FIFOS) {
            self.fifos.remove(rank);
        }
    }

    /// Who goes first. At most a few FIFOs are empty.
    #[inline]
    fn first(&self) -> Option<NonNull<Job>> {
        self.fifos.values().find_map(|fifo| fifo.first)
    }

    pub(crate) fn take_first(&mut self) -> Option<Runnable> {
        let first = self.first()?;
        // SAFETY: it is queued.
        unsafe { self.take(first) }
    }

    /// Forgets all jobs: they belong to the process that this one was forked from.
    #[cfg(not(all(test, feature = "loom")))]
    pub(crate) fn forget(&mut self) {
        while self.take_first().is_some() {}
    }

    /// Whether this very job is still here.
    ///
    /// # Safety
    /// `job` has not run yet, or is kept alive by the caller.
    pub(crate) unsafe fn contains(&self, job: NonNull<Job>) -> bool {
        // SAFETY: as the caller ensures.
        unsafe { job.as_ref() }.queued.get()
    }

    /// Takes this very job, if nobody has.
    ///
    /// # Safety
    /// `job` is as `insert` demands. It has not run yet, or is kept alive by the caller.
    pub(crate) unsafe fn take(&mut self, job: NonNull<Job>) -> Option<Runnable> {
        // SAFETY: as the caller ensures; a queued job has its place.
        unsafe {
            if !job.as_ref().queued.replace(false) {
                return None;
            }
            self.leave(job);
        }
        self.len -= 1;
        Some(Runnable(job))
    }

    /// Moves a job in front of those that are not cancelled; also one that is queued only later.
    ///
    /// # Safety
    /// As for `take`.
    pub(crate) unsafe fn promote(&mut self, job: NonNull<Job>) {
        // SAFETY: as the caller ensures; a queued job has its place.
        unsafe {
            let fields = job.as_ref();
            if fields.promoted.get() {
                return;
            }
            if fields.queued.get() {
                self.leave(job);
            }
            fields.promoted.set(true);
            if fields.queued.get() {
                self.enter(job);
            }
        }
    }
}

#[cfg(not(feature = "loom"))]
#[cfg(test)]
mod tests;
