//! Returning a result, bringing it to the callback, and handing it to whoever asks for it.

use std::ffi::c_void;
use std::sync::atomic::Ordering;

use glib_sys::{GError, GMainContext};

use super::{Task, COMPLETED, NOT_RETURNED, RETURNED, RETURNING};
use crate::classes::async_result::GAsyncResult;
use crate::classes::io_error;
use crate::glib::context::{with_thread_default, Context};
use crate::glib::object::{Instance, Ref};
use crate::glib::signal;
use crate::scheduling::delivery::{defer, deliver_now, Item, Step};
use crate::scheduling::outcome::Outcome;
use crate::scheduling::release::release;

/// Why there is nothing to propagate.
pub(crate) enum Unpropagated {
    /// The task failed, or is cancelled: the caller has got the error.
    Failed,
    /// Nothing was returned, or it was propagated before.
    Nothing,
}

impl Task {
    /// Whether `return_*` was called.
    pub(crate) fn ever_returned(&self) -> bool {
        self.returned.load(Ordering::Acquire) != NOT_RETURNED
    }

    /// Whether there is a result to propagate.
    pub(crate) fn has_result(&self) -> bool {
        self.returned.load(Ordering::Acquire) == RETURNED
            && !self.propagated.load(Ordering::Acquire)
    }

    /// Returns `outcome`, and brings it to the callback: now, later, or when the function that runs in the thread has
    /// ended. FALSE if the task had returned already; then the outcome is freed, as its owner cannot reach it.
    pub(crate) fn return_outcome(&self, outcome: Outcome) -> bool {
        let first = self.returned.compare_exchange(
            NOT_RETURNED,
            RETURNING,
            Ordering::AcqRel,
            Ordering::Acquire,
        );
        if first.is_err() {
            self.discard(outcome);
            return false;
        }
        self.store(outcome);
        // If the task runs in a thread, it is completed by the end of its function.
        if !self.is_threaded() {
            self.complete();
        }
        true
    }

    /// Returns the error of a cancelled task, checked or not. `None` if the task had returned already, else whether
    /// it is cancelled.
    pub(crate) fn return_error_if_cancelled(&self) -> Option<bool> {
        if self.ever_returned() {
            return None;
        }
        if !self.is_cancelled() {
            return Some(false);
        }
        self.return_outcome(Outcome::Error(io_error::cancelled()))
            .then_some(true)
    }

    /// Writes the outcome, once.
    fn store(&self, outcome: Outcome) {
        if matches!(outcome, Outcome::Error(_)) {
            self.failed.store(true, Ordering::Release);
        }
        self.returned_address
            .store(outcome.address(), Ordering::Release);
        // SAFETY: only the thread that moved `returned` to RETURNING comes here, and nobody reads before RETURNED.
        unsafe { *self.outcome.get() = outcome };
        self.returned.store(RETURNED, Ordering::Release);
    }

    /// Frees an outcome that nobody will ask for; but not if it is the very same that was returned first.
    fn discard(&self, outcome: Outcome) {
        let first = self.returned_address.load(Ordering::Acquire);
        if !first.is_null() && outcome.address() == first {
            return std::mem::forget(outcome);
        }
        // SAFETY: the caller's reference to the task keeps the context alive.
        unsafe {
            let context = self.delivery_context();
            release(outcome, context, self.priority(), self.made_by_worker);
        }
    }

    /// Brings the result to the callback, now or later.
    fn complete(&self) {
        if deliver_now(self.context(), self.creation_time, self.is_cancelled()) {
            // The callback may drop every other reference.
            Ref::retain(self).deliver();
        } else {
            Self::deliver_later(Ref::retain(self));
        }
    }

    /// Calls the callback, then says that it was called.
    pub(super) fn deliver(&self) {
        // SAFETY: the task keeps the context alive, and this thread is dispatching it.
        unsafe {
            with_thread_default(self.delivery_context(), || {
                if let Some(callback) = self.callback {
                    let result = std::ptr::from_ref(self).cast_mut();
                    callback(
                        self.source_object(),
                        result.cast::<GAsyncResult>(),
                        self.callback_data,
                    );
                }
                self.set_completed();
            });
        }
    }

    /// Moves this reference into the task's context, where the callback is called in a later iteration.
    pub(super) fn deliver_later(task: Ref<Self>) {
        unsafe fn finish(task: *mut c_void, step: Step) {
            let task = task.cast::<Task>();
            // SAFETY: the reference moved in below keeps the task until it is dropped, which is the last step.
            unsafe {
                match step {
                    Step::Deliver => (*task).deliver(),
                    Step::Release | Step::Abandon => drop(Ref::adopt(task)),
                }
            }
        }
        let (context, priority) = (task.delivery_context(), task.priority());
        let item = Item {
            object: task.into_raw().cast(),
            finish,
        };
        // SAFETY: tasks are used and released in their context, to which they hold a reference.
        unsafe { defer(context, priority, item) };
    }

    pub(super) fn set_completed(&self) {
        self.completed.store(true, Ordering::Release);
        // SAFETY: the property was installed before the first task existed.
        unsafe { signal::notify(self.as_object(), COMPLETED.load(Ordering::Acquire)) };
    }

    /// Where results are delivered: the task's context, or the global default one, which is never freed.
    pub(super) fn delivery_context(&self) -> *mut GMainContext {
        match &self.context {
            Some(context) => context.as_ptr(),
            None => Context::global_default().as_ptr(),
        }
    }

    /// Hands the result to a caller: through `take`, or the error through `error`.
    ///
    /// # Safety
    /// `error` is NULL or a place for an error.
    pub(crate) unsafe fn propagate<R>(
        &self,
        error: *mut *mut GError,
        take: impl FnOnce(&mut Outcome) -> R,
    ) -> Result<R, Unpropagated> {
        // If the task is cancelled now, that is the answer, whatever was returned; nothing is used up.
        if self.check_cancellable() && self.is_cancelled() {
            // SAFETY: as the caller vouches.
            unsafe { io_error::cancelled().propagate(error) };
            return Err(Unpropagated::Failed);
        }
        let early = self.handshake.ended_early();
        if !early && self.returned.load(Ordering::Acquire) != RETURNED {
            return Err(Unpropagated::Nothing);
        }
        if self.propagated.swap(true, Ordering::AcqRel) {
            return Err(Unpropagated::Nothing);
        }
        // If the cancellation completed the task, what the function returns does not count, also after a reset.
        let failure = if early {
            Outcome::Error(io_error::cancelled())
        } else {
            // SAFETY: RETURNED was seen, and the swap lets exactly one caller come here.
            let outcome = unsafe { &mut *self.outcome.get() };
            if !matches!(outcome, Outcome::Error(_)) {
                return Ok(take(outcome));
            }
            std::mem::replace(outcome, Outcome::Empty)
        };
        if let Outcome::Error(failure) = failure {
            // SAFETY: as the caller vouches.
            unsafe { failure.propagate(error) };
        }
        Err(Unpropagated::Failed)
    }

    /// Whether what was returned is neither a GValue nor an error: `propagate_value` must refuse it.
    pub(crate) fn holds_no_value(&self) -> bool {
        // SAFETY: RETURNED was seen by has_result(), so the outcome is written; the borrow ends here.
        self.has_result()
            && !self.handshake.ended_early()
            && !matches!(
                unsafe { &*self.outcome.get() },
                Outcome::Value(_) | Outcome::Error(_)
            )
    }

    /// Whether an error was returned, or the task is cancelled.
    pub(crate) fn had_error(&self) -> bool {
        self.failed.load(Ordering::Acquire)
            || self.handshake.ended_early()
            || (self.check_cancellable() && self.is_cancelled())
    }
}
