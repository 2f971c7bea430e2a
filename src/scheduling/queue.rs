//! The order in which workers take jobs.
//!
//! Jobs wait in *FIFOs*, one for each priority, whose links are part of the jobs. A job that is cancelled gets a
//! FIFO of its own: jobs may be cancelled in any order, and those that are run in the order in which they came.

use std::ffi::c_int;
use std::ptr::NonNull;

use super::list::{Links, List, Member, Pinned};
use super::sorted::Sorted;
use super::sync::{per_thread, Cell};

/// In which FIFO a job waits. The smaller one goes first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
struct FifoKey {
    /// From the highest bit to the lowest: jobs that a worker has queued go first, as other workers may wait for
    /// them; then jobs that are cancelled, as they are probably short; then by priority.
    class: u64,
    /// Of a cancelled job, its ticket. 0 for others, which share a FIFO for each priority.
    ticket: u64,
}

/// What is run.
///
/// # Safety
/// The struct is `repr(C)`. Its first field is its job, which `Job::new` made for this struct and for no
/// other.
pub(crate) unsafe trait Work {
    /// Calls the program's function, which may leave the thread and never return.
    ///
    /// # Safety
    /// Called once, by the thread that runs the job.
    unsafe fn call(this: *mut Self);

    /// Ends the job, and may free it.
    ///
    /// # Safety
    /// Called once, by the same thread, when the function has returned or left.
    unsafe fn end(this: *mut Self);
}

/// The two steps of running a job.
#[derive(Clone, Copy)]
enum Phase {
    Call,
    End,
}

/// # Safety
/// The job is the first field of a `W`; as for the functions of `Work`.
unsafe fn run_phase<W: Work>(job: *mut Job, phase: Phase) {
    // SAFETY: as the caller ensures.
    unsafe {
        match phase {
            Phase::Call => W::call(job.cast()),
            Phase::End => W::end(job.cast()),
        }
    }
}

/// The part of a job that the pool keeps: the first field of a `repr(C)` struct, pinned until `run` is
/// called. What can change is used under the pool's lock.
#[repr(C)]
pub(crate) struct Job {
    run_phase: unsafe fn(*mut Job, Phase),
    /// In its FIFO.
    links: Links<Job>,
    /// While it runs: the job inside which it runs, if there is one.
    outer: Cell<Option<Pinned<Job>>>,
    /// Its number in the order of queueing. Set when it is queued, as the next two.
    ticket: Cell<u64>,
    priority: Cell<c_int>,
    from_outside: Cell<bool>,
    queued: Cell<bool>,
    /// It is cancelled, and has a FIFO of its own. May be set before it is queued.
    promoted: Cell<bool>,
}

impl Job {
    /// For the first field of a `W`, as the implementation of `Work` says.
    pub(crate) fn new<W: Work>() -> Self {
        Self {
            run_phase: run_phase::<W>,
            links: Links::new(),
            outer: Cell::new(None),
            ticket: Cell::new(0),
            priority: Cell::new(0),
            from_outside: Cell::new(true),
            queued: Cell::new(false),
            promoted: Cell::new(false),
        }
    }

    /// The job of a `W`.
    ///
    /// # Safety
    /// As for `Pinned::new`.
    pub(crate) unsafe fn pin<W: Work>(work: NonNull<W>) -> Pinned<Self> {
        // SAFETY: as the caller ensures. The job is the first field, and the pointer is to all of the struct.
        unsafe { Pinned::new(work.cast()) }
    }

    #[inline]
    fn fifo_key(&self) -> FifoKey {
        let cancelled = self.promoted.get();
        // With the sign bit flipped, unsigned order is signed order.
        let priority = (self.priority.get() as u32) ^ (1 << 31);
        FifoKey {
            class: (u64::from(self.from_outside.get()) << 33)
                | (u64::from(!cancelled) << 32)
                | u64::from(priority),
            ticket: if cancelled { self.ticket.get() } else { 0 },
        }
    }
}

impl Member for Job {
    fn links(&self) -> &Links<Self> {
        &self.links
    }
}

/// A job that is to be run once: what is queued, and what is taken out of the queue again.
pub(crate) struct Runnable(Pinned<Job>);

per_thread! {
    /// The innermost job that this thread runs.
    static RUNNING: Cell<Option<Pinned<Job>>> = const { Cell::new(None) };
}

impl Runnable {
    /// # Safety
    /// `work` stays where it is until its `end` is called, and may be run by any thread. This is called once for
    /// it.
    pub(crate) unsafe fn new<W: Work>(work: NonNull<W>) -> Self {
        // SAFETY: as the caller ensures.
        Self(unsafe { Job::pin(work) })
    }

    pub(crate) fn run(self) {
        let Self(job) = self;
        job.outer.set(RUNNING.get());
        RUNNING.set(Some(job));
        // SAFETY: `new` was promised that it may be run, once, and `self` is gone.
        unsafe { (job.run_phase)(job.as_ptr(), Phase::Call) };
        end_innermost();
    }
}

fn end_innermost() -> bool {
    let Some(job) = RUNNING.get() else {
        return false;
    };
    RUNNING.set(job.outer.take());
    // SAFETY: a job that runs is ended once, only here.
    unsafe { (job.run_phase)(job.as_ptr(), Phase::End) };
    true
}

/// Ends the jobs that this thread runs, from the innermost to the outermost: the function of the innermost one
/// ends the thread.
pub(crate) fn end_all() {
    while end_innermost() {}
}

/// Whether the calling thread runs a job.
pub(crate) fn is_running() -> bool {
    RUNNING.get().is_some()
}

/// Jobs in the order in which they came.
type Fifo = List<Job>;

/// How many FIFOs are kept when they are empty: most programs use one priority, again and again.
const KEPT_FIFOS: usize = 4;

/// The queue. Its methods are called under the pool's lock.
pub(crate) struct Queue {
    fifos: Sorted<FifoKey, Fifo>,
    len: usize,
    tickets: u64,
}

// SAFETY: jobs may be run by any thread, as `Runnable::new` was promised.
unsafe impl Send for Queue {}

impl Queue {
    pub(crate) const fn new() -> Self {
        Self {
            fifos: Sorted::new(),
            len: 0,
            tickets: 0,
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.len
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.len == 0
    }

    pub(crate) fn insert(&mut self, job: Runnable, priority: c_int, from_worker: bool) {
        let Runnable(job) = job;
        self.tickets += 1;
        self.len += 1;
        job.ticket.set(self.tickets);
        job.priority.set(priority);
        job.from_outside.set(!from_worker);
        job.queued.set(true);
        self.enter(job);
    }

    /// Gives a queued job its place.
    #[inline]
    fn enter(&mut self, job: Pinned<Job>) {
        self.fifos.get_or_add(job.fifo_key(), Fifo::new).append(job);
    }

    /// Takes a queued job from its place.
    #[inline]
    fn leave(&mut self, job: Pinned<Job>) {
        let (key, is_alone) = (job.fifo_key(), job.promoted.get());
        let Some(fifo) = self.fifos.get(key) else {
            return;
        };
        fifo.remove(job);
        let is_empty = fifo.first().is_none();
        if is_empty && (is_alone || self.fifos.len() > KEPT_FIFOS) {
            self.fifos.remove(key);
        }
    }

    /// The job that goes first. Only a few FIFOs are empty.
    #[inline]
    fn first(&self) -> Option<Pinned<Job>> {
        self.fifos.values().find_map(List::first)
    }

    pub(crate) fn take_first(&mut self) -> Option<Runnable> {
        self.take(self.first()?)
    }

    /// Forgets all jobs: they belong to the process that this one was forked from.
    #[cfg(not(all(test, feature = "loom")))]
    pub(crate) fn forget(&mut self) {
        while self.take_first().is_some() {}
    }

    /// Whether the job is in the queue.
    pub(crate) fn contains(&self, job: Pinned<Job>) -> bool {
        job.queued.get()
    }

    /// Takes this job, if it is in the queue.
    pub(crate) fn take(&mut self, job: Pinned<Job>) -> Option<Runnable> {
        if !job.queued.replace(false) {
            return None;
        }
        self.leave(job);
        self.len -= 1;
        Some(Runnable(job))
    }

    /// Moves a job in front of those that are not cancelled. One that is not queued yet will go there when it is.
    pub(crate) fn promote(&mut self, job: Pinned<Job>) {
        if job.promoted.get() {
            return;
        }
        if job.queued.get() {
            self.leave(job);
        }
        job.promoted.set(true);
        if job.queued.get() {
            self.enter(job);
        }
    }
}

#[cfg(not(feature = "loom"))]
#[cfg(test)]
mod tests;
