//! A task that runs a function on a worker.
//!
//! Two may complete it, the function by ending and the cancellable by being cancelled: see
//! `completion_race.rs`. The worker's reference to the task moves into the delivery, so that nothing of the
//! task is released on the worker. If the cancellation completes the task, the worker shares that reference
//! with the thread that cancels.

use std::ffi::c_void;
use std::ptr::NonNull;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::Arc;

use glib_sys::gpointer;

use super::{GTask, Task, DELIVERY, NOT_CALLED, SHARED};
use crate::classes::cancellable::GCancellable;
use crate::glib::hooks::table::Event;
use crate::glib::probes::probe;
use crate::gobject::object::Ref;
use crate::scheduling::completion_race::{Switched, Waiter};
use crate::scheduling::delivery::arrivals::Arrival;
use crate::scheduling::list::Pinned;
use crate::scheduling::observers::{Notes, Observer};
use crate::scheduling::pool::{self, Job, Runnable, Then, Work};

/// Does the work of a task in a worker thread, and ends by calling one of the return functions.
pub type GTaskThreadFunc = Option<
    unsafe extern "C" fn(
        task: *mut GTask,
        source_object: gpointer,
        task_data: gpointer,
        cancellable: *mut GCancellable,
    ),
>;

/// What a task needs in addition while it runs in a thread. Stays where it is until the task is finalized.
#[repr(C)]
pub(super) struct Thread {
    /// First, so that the pool's pointer to it is a pointer to all of this.
    job: Job,
    observer: Observer,
    /// Of the result, if the end of the function completed the task.
    arrival: Arrival,
    /// The task that owns this.
    task: NonNull<Task>,
    function: GTaskThreadFunc,
    /// The thread that waits, if one does.
    waiter: Option<Arc<Waiter>>,
    /// Started by the thread that owned the task's context.
    started_by_owner: bool,
    /// It was said that the function returned nothing. Written by whoever wanted the result.
    complained: AtomicBool,
}

impl Thread {
    /// Whether anybody is known to iterate the task's context: who started the task, or who delivered it.
    pub(super) fn is_context_iterated(&self, completed: bool) -> bool {
        self.started_by_owner || (completed && self.waiter.is_none())
    }
}

impl Task {
    pub(super) fn is_threaded(&self) -> bool {
        !self.thread.load(Ordering::Acquire).is_null()
    }

    /// Whether it is too late to run a function: the task has a result, and so perhaps a source that delivers
    /// it.
    pub(crate) fn returned_without_thread(&self) -> bool {
        let too_late = self.ever_returned() && !self.is_threaded();
        if too_late {
            self.will_be_refused();
        }
        too_late
    }

    /// Runs `function` on a worker; its result is delivered when it has ended.
    /// FALSE if the task has a thread already.
    ///
    /// # Safety
    /// `function` may be called with this task, on another thread.
    pub(crate) unsafe fn run_in_thread(&self, function: GTaskThreadFunc) -> bool {
        // SAFETY: as the caller ensures.
        unsafe { self.start(function, None) }.is_some()
    }

    /// Runs `function` on a worker, and waits until the task is complete. The callback is not called.
    /// FALSE if the task has a thread already.
    ///
    /// # Safety
    /// As for `run_in_thread`.
    pub(crate) unsafe fn run_in_thread_sync(&self, function: GTaskThreadFunc) -> bool {
        // The task may lose all other references while the function runs.
        let task = Ref::retain(self);
        let waiter = Arc::new(Waiter::new());
        // SAFETY: as the caller ensures; the task, and with it the job, is kept until we return.
        let Some(job) = (unsafe { task.start(function, Some(Arc::clone(&waiter))) }) else {
            return false;
        };
        pool::wait_for(job, &waiter);
        task.set_completed();
        task.delivery.fetch_or(DELIVERY, Ordering::Relaxed);
        true
    }

    unsafe fn start(
        &self,
        function: GTaskThreadFunc,
        waiter: Option<Arc<Waiter>>,
    ) -> Option<Pinned<Job>> {
        let then = if waiter.is_some() {
            Then::Waits
        } else {
            Then::GoesOn
        };
        let thread = Box::into_raw(Box::new(Thread {
            job: Job::new::<Thread>(),
            observer: Observer::new(on_cancelled),
            arrival: Arrival::new(),
            task: NonNull::from(self),
            function,
            waiter,
            started_by_owner: self.delivery_context().is_owner(),
            complained: AtomicBool::new(false),
        }));
        let first = self.thread.compare_exchange(
            std::ptr::null_mut(),
            thread,
            Ordering::AcqRel,
            Ordering::Acquire,
        );
        if first.is_err() {
            // SAFETY: the box made above, which nobody else has seen.
            drop(unsafe { Box::from_raw(thread) });
            self.will_be_refused();
            return None;
        }
        // SAFETY: the task owns `thread` until it is finalized, and the worker's reference keeps the task.
        unsafe {
            let job = Job::pin(NonNull::new_unchecked(thread));
            self.is_queued_now((*thread).waiter.is_some());
            probe!(
                gio,
                task__before_run_in_thread,
                self.address(),
                self.function()
            );
            let workers_reference = Ref::retain(self).into_raw();
            debug_assert_eq!(workers_reference, (*thread).task.as_ptr());
            // Joined before it is queued: a cancellation in between promotes the job all the same.
            if let Some(cancellable) = &self.cancellable {
                let observer = Pinned::new(NonNull::new_unchecked(&raw mut (*thread).observer));
                // A cancellation before the start counts only for a task that is to return on cancel, as in
                // GIO.
                if cancellable.join(observer) {
                    pool::promote(job);
                    if self.return_on_cancel() && self.completion_race.cancelled() {
                        complete_early(thread.cast());
                    }
                }
            }
            let runnable = Runnable::new(NonNull::new_unchecked(thread));
            pool::push(runnable, self.priority(), self.delivery_context(), then);
            Some(job)
        }
    }

    /// What runs in a worker; NULL if nothing does.
    pub(super) fn function(&self) -> *const c_void {
        address_of(self.thread_part().and_then(|thread| thread.function))
    }

    /// If the result came from a worker, it does not wait any more.
    pub(super) fn arrival_ended(&self) {
        if let Some(thread) = self.thread_part() {
            thread.arrival.ended();
        }
    }

    /// There is nothing to fetch: says so once, if that is because the function of the task has ended without
    /// a result.
    #[cold]
    #[inline(never)]
    pub(crate) fn explain_missing_result(&self) {
        let Some(thread) = self.thread_part() else {
            return;
        };
        // Before the callback, or the end of waiting, the function may still return.
        let is_missing =
            self.completed.load(Ordering::Acquire) != NOT_CALLED && !self.ever_returned();
        if is_missing && !thread.complained.swap(true, Ordering::Relaxed) {
            self.complain_of_function();
        }
    }

    /// Whether it was said already that the task has no result.
    pub(super) fn was_named(&self) -> bool {
        self.thread_part()
            .is_some_and(|thread| thread.complained.load(Ordering::Relaxed))
    }

    /// Whether the task waits for a worker.
    pub(super) fn is_queued(&self) -> bool {
        self.thread_part().is_some_and(|thread| {
            // SAFETY: the job is part of the task.
            let job = unsafe { Job::pin(NonNull::from(thread)) };
            pool::is_queued(job)
        })
    }

    fn thread_part(&self) -> Option<&Thread> {
        // SAFETY: set once, and kept until the task is finalized.
        unsafe { self.thread.load(Ordering::Acquire).as_ref() }
    }

    /// The task was completed early, and the calling thread does not use it any more. Says whether it drops
    /// the reference that was shared.
    fn is_last_sharer(&self) -> bool {
        let last = self.completion_race.done();
        if last {
            self.delivery.fetch_and(!SHARED, Ordering::Relaxed);
        }
        last
    }

    /// Switches return-on-cancel. FALSE if it comes too late: the task is cancelled already.
    pub(crate) fn set_return_on_cancel(&self, on: bool) -> bool {
        match self.completion_race.switch_return_on_cancel(on) {
            Switched::Done => true,
            Switched::TooLate => false,
            Switched::CompleteNow => {
                // SAFETY: the completion race has told us to. A cancellation was seen, so there is a thread,
                // and it stays until the task is finalized.
                unsafe { complete_early(self.thread.load(Ordering::Acquire).cast()) };
                false
            }
        }
    }

    pub(crate) fn return_on_cancel(&self) -> bool {
        self.completion_race.returns_on_cancel()
    }

    /// The thread part, moved out for the finalizer.
    pub(super) fn take_thread(&self) -> Option<Box<Thread>> {
        let thread = self.thread.swap(std::ptr::null_mut(), Ordering::AcqRel);
        // SAFETY: made by `start` as a box, and taken once.
        (!thread.is_null()).then(|| unsafe { Box::from_raw(thread) })
    }

    /// Drops the thread part, for the finalizer.
    pub(super) fn drop_thread(&self) {
        if self.is_threaded() {
            self.drop_thread_part();
        }
    }

    #[inline(never)]
    fn drop_thread_part(&self) {
        drop(self.take_thread());
    }
}

fn address_of(function: GTaskThreadFunc) -> *const c_void {
    function.map_or(std::ptr::null(), |function| function as *const c_void)
}

// SAFETY: `repr(C)`; the job is its first field, and `start` makes it for this struct.
unsafe impl Work for Thread {
    /// The function may leave the thread: then nothing that follows it here is done.
    unsafe fn call(thread: *mut Self) {
        // SAFETY: the task has a reference until `end`, and keeps all four arguments alive.
        unsafe {
            let task = (*thread).task.as_ref();
            task.happened(Event::Started);
            let function = (*thread).function;
            probe!(
                asyncresult,
                task__started,
                task.address(),
                address_of(function)
            );
            if let Some(function) = function {
                function(
                    (*thread).task.as_ptr(),
                    task.source_object().cast(),
                    task.task_data(),
                    task.cancellable(),
                );
            }
        }
    }

    unsafe fn end(thread: *mut Self) {
        // SAFETY: the task has a reference for this run, which ends here.
        let (thread, task) = unsafe {
            let thread = &*thread;
            (thread, Ref::<Task>::adopt(thread.task.as_ptr()))
        };
        task.happened(Event::Ended);
        if let Some(cancellable) = &task.cancellable {
            // SAFETY: joined by `start`.
            unsafe { cancellable.leave(Pinned::new(NonNull::from(&thread.observer))) };
        }
        let is_complete = !task.completion_race.function_ended();
        probe!(gio, task__after_run_in_thread, task.address(), is_complete);
        if is_complete {
            // Complete already. If this is the last reference, the finalizer hands on what the task owned.
            if !task.is_last_sharer() {
                // Whoever completed the task still uses it, and then drops this reference.
                let _ = task.into_raw();
            }
            return;
        }
        match &thread.waiter {
            // The waiting thread has a reference of its own, so this worker's is not the last.
            Some(waiter) => {
                let waiter = Arc::clone(waiter);
                drop(task);
                waiter.complete();
            }
            // SAFETY: the arrival is part of the task, which keeps its context alive. From `arrive` on the loop
            // may free the task at any moment: nothing here touches it again.
            None => unsafe {
                let context = task.delivery_context().unbound();
                thread.arrival.arrive(context, task.into_deferred(0));
            },
        }
    }
}

/// Completes a task because it is cancelled while it runs in its thread. `thread` is its Thread.
///
/// # Safety
/// The completion race has told the caller to: so the worker's reference keeps the task until this says that
/// it is done.
unsafe fn complete_early(thread: *const c_void) {
    // SAFETY: as the caller ensures. Nothing of the task is borrowed when its reference is dropped.
    unsafe {
        let thread = thread.cast::<Thread>();
        let task = (*thread).task.as_ptr();
        match &(*thread).waiter {
            Some(waiter) => {
                (*task).delivery.store(SHARED, Ordering::Relaxed);
                waiter.complete();
            }
            None => (*task).deliver_later(SHARED),
        }
        if (*task).is_last_sharer() {
            drop(Ref::adopt(task));
        }
    }
}

/// Called when the cancellable is cancelled, under its lock: the task is completed after it.
unsafe fn on_cancelled(observer: *const Observer, notes: &mut Notes) {
    // SAFETY: the observer is a field of a Thread, which is alive while it is joined.
    unsafe {
        let thread = observer
            .byte_sub(std::mem::offset_of!(Thread, observer))
            .cast::<Thread>();
        pool::promote(Job::pin(NonNull::new_unchecked(thread.cast_mut())));
        if (*thread).task.as_ref().completion_race.cancelled() {
            notes.add(complete_early, thread.cast());
        }
    }
}
