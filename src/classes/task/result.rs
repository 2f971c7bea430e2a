//! Returning a result, bringing it to the callback, and handing it to whoever asks for it.

use std::sync::atomic::Ordering;

use glib_sys::{gboolean, gpointer, GError, GSource, GSourceFunc, GFALSE};

use super::outcome::Outcome;
use super::watched::Fetched;
use super::{
    Task, COMPLETED, COMPLETED_PROPERTY, DELIVERY, IN_CALLBACK, NOT_RETURNED, RETURNED, RETURNING,
    SHARED,
};
use crate::classes::async_result::GAsyncResult;
use crate::classes::io_error;
use crate::glib::context::{Context, ContextRef};
use crate::glib::hooks;
use crate::glib::hooks::table::{Event, Kind};
use crate::glib::probes::probe;
use crate::glib::signal;
use crate::glib::source::{Call, Callback, Counted, Name};
use crate::gobject::object::{Instance, Ref};
use crate::scheduling::delivery::{defer, may_deliver_now, Deferred};
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

    /// Begins the one return of the task: `finish_return` has to follow. FALSE if the task has returned
    /// already.
    pub(crate) fn begin_return(&self) -> bool {
        self.returned
            .compare_exchange(NOT_RETURNED, RETURNING, Ordering::AcqRel, Ordering::Acquire)
            .is_ok()
            || self.has_returned_before()
    }

    #[cold]
    fn has_returned_before(&self) -> bool {
        self.happened(Event::ReturnedAgain);
        self.will_be_refused();
        false
    }

    /// Stores the outcome, and brings it to the callback: now, later, or when the function that runs in the
    /// thread has ended. To be called by whoever `begin_return` said TRUE to, as the last thing: callbacks
    /// that return the next task are nested as deeply as a program likes, and then this leaves nothing on the
    /// stack but what `complete` needs.
    #[inline(always)]
    pub(crate) fn finish_return(&self, outcome: Outcome) {
        let failed = matches!(outcome, Outcome::Error(_));
        if failed {
            self.failed.store(true, Ordering::Release);
        }
        self.returned_address
            .store(outcome.address(), Ordering::Release);
        // SAFETY: only the thread that moved `returned` to RETURNING comes here, and nobody reads before
        // RETURNED. The empty outcome that is there owns nothing.
        unsafe { self.outcome.get().write(outcome) };
        if hooks::are_watched() {
            self.tell_what_returns();
        }
        self.outcome_becomes_visible(failed.into());
    }

    /// What all returns have in common. It ends with a call, and keeps nothing for later.
    #[inline(never)]
    fn outcome_becomes_visible(&self, failed: usize) {
        probe!(asyncresult, task__returned, self.address(), failed);
        self.returned.store(RETURNED, Ordering::Release);
        // If the task runs in a thread, it is completed by the end of its function.
        if !self.is_threaded() {
            self.complete();
        }
    }

    /// Returns the error of a cancelled task, checked or not. `None` if the task had returned already, else
    /// whether it is cancelled.
    pub(crate) fn return_error_if_cancelled(&self) -> Option<bool> {
        if self.ever_returned() {
            self.has_returned_before();
            return None;
        }
        if !self.is_cancelled() {
            return Some(false);
        }
        if !self.begin_return() {
            return None;
        }
        self.finish_return(Outcome::Error(io_error::cancelled()));
        Some(true)
    }

    /// Frees an outcome that nobody will ask for; but not if it is the very same that was returned first.
    #[cold]
    #[inline(never)]
    pub(crate) fn discard(&self, outcome: Outcome) {
        let first = self.returned_address.load(Ordering::Acquire);
        if !first.is_null() && outcome.address() == first {
            return std::mem::forget(outcome);
        }
        let context = self.delivery_context().retain();
        // SAFETY: the caller's reference keeps the thread part alive.
        let thread = unsafe { self.thread.load(Ordering::Acquire).as_ref() };
        release(outcome, context, self.grace(thread));
    }

    /// Brings the result to the callback, now or later.
    #[inline(never)]
    fn complete(&self) {
        if self.is_deliverable_now() {
            // The callback may drop every other reference.
            let task = Ref::retain(self);
            task.delivery.store(DELIVERY | 1, Ordering::Relaxed);
            task.deliver();
            task.delivery.store(DELIVERY, Ordering::Relaxed);
        } else {
            self.deliver_later(0);
        }
    }

    #[inline(never)]
    fn is_deliverable_now(&self) -> bool {
        may_deliver_now(
            self.context.as_ref().map(Context::as_borrowed),
            self.created_in_iteration,
            self.is_cancelled(),
        )
    }

    /// Calls the callback, then says that it was called.
    #[inline(always)]
    fn deliver(&self) {
        self.happened(Event::CallbackBegun);
        probe!(
            gio,
            task__before_return,
            self.address(),
            self.source_object(),
            self.callback_address(),
            self.callback_data
        );
        self.completed.store(IN_CALLBACK, Ordering::Relaxed);
        let context = self.delivery_context();
        context.push_thread_default();
        if let Some(callback) = self.callback {
            let result = std::ptr::from_ref(self).cast_mut().cast::<GAsyncResult>();
            // SAFETY: `new` was promised that this call is allowed; all three arguments are alive.
            unsafe { callback(self.source_object(), result, self.callback_data) };
        }
        if hooks::are_watched() {
            self.tell_that_callback_ended();
        }
        // The callback may have popped or pushed contexts, and left it so.
        context.ensure_thread_default(|| self.becomes_completed());
        context.pop_thread_default();
    }

    #[cold]
    #[inline(never)]
    fn tell_that_callback_ended(&self) {
        self.happened(Event::CallbackEnded);
        self.happened(Event::Completed);
    }

    /// Calls the callback in a later iteration of the task's context. The caller has a reference, which is
    /// SHARED, or 0.
    pub(super) fn deliver_later(&self, callers: u32) {
        let result = Ref::retain(self).into_deferred(callers);
        defer(self.delivery_context(), result);
    }

    /// Of a task that was waited for: its callback is not called.
    pub(super) fn set_completed(&self) {
        self.happened(Event::Completed);
        self.becomes_completed();
    }

    #[inline(always)]
    fn becomes_completed(&self) {
        probe!(asyncresult, task__delivered, self.address());
        self.completed.store(COMPLETED, Ordering::Release);
        // SAFETY: the property was installed before the first task existed.
        unsafe { signal::notify(self.as_object(), COMPLETED_PROPERTY.load(Ordering::Acquire)) };
    }

    /// Where results are delivered: the task's context, or the global default one, which is never freed.
    #[inline]
    pub(super) fn delivery_context(&self) -> ContextRef<'_> {
        match &self.context {
            Some(context) => context.as_borrowed(),
            None => ContextRef::global_default(),
        }
    }

    /// Hands the result to a caller: through `take`, or the error through `error`.
    ///
    /// # Safety
    /// `error` is NULL or a place for an error.
    pub(crate) unsafe fn propagate<R: Fetched>(
        &self,
        error: *mut *mut GError,
        take: impl FnOnce(&mut Outcome) -> R,
    ) -> Result<R, Unpropagated> {
        // SAFETY: as the caller ensures. `fetch` lets exactly one caller come to the outcome, which is written.
        unsafe {
            self.fetch(R::KIND, error)?;
            Ok(take(&mut *self.outcome.get()))
        }
    }

    /// What all kinds have in common: whether the caller is to take the outcome, now. If not, it gets the
    /// error.
    ///
    /// # Safety
    /// As for `propagate`.
    #[inline(never)]
    unsafe fn fetch(&self, kind: Kind, error: *mut *mut GError) -> Result<(), Unpropagated> {
        // SAFETY: as the caller ensures.
        let fetched = unsafe { self.decide_fetch(kind, error) };
        let failed = matches!(fetched, Err(Unpropagated::Failed));
        probe!(gio, task__propagate, self.address(), failed);
        fetched
    }

    /// # Safety
    /// As for `propagate`.
    #[inline(always)]
    unsafe fn decide_fetch(&self, kind: Kind, error: *mut *mut GError) -> Result<(), Unpropagated> {
        // If the task is cancelled now, that is the answer, whatever was returned; nothing is used up.
        if self.check_cancellable() && self.is_cancelled() {
            self.happened(Event::Overruled);
            // SAFETY: as the caller ensures.
            unsafe { io_error::cancelled().propagate(error) };
            return Err(Unpropagated::Failed);
        }
        let early = self.completion_race.ended_early();
        if !early && self.returned.load(Ordering::Acquire) != RETURNED {
            // In this order: the explanation is a message, and a program's log function may make calls that are
            // refused. What is told last is what the coming critical is about.
            self.explain_missing_result();
            self.will_be_refused();
            return Err(Unpropagated::Nothing);
        }
        if self.propagated.swap(true, Ordering::AcqRel) {
            self.will_be_refused();
            return Err(Unpropagated::Nothing);
        }
        self.was_fetched(kind);
        // If the cancellation completed the task, what the function returns does not count, also after a
        // reset.
        let failure = if early {
            Outcome::Error(io_error::cancelled())
        } else {
            // SAFETY: RETURNED was seen, and the swap lets exactly one caller come here.
            let outcome = unsafe { &mut *self.outcome.get() };
            if !matches!(outcome, Outcome::Error(_)) {
                return Ok(());
            }
            std::mem::replace(outcome, Outcome::Empty)
        };
        if let Outcome::Error(failure) = failure {
            // SAFETY: as the caller ensures.
            unsafe { failure.propagate(error) };
        }
        Err(Unpropagated::Failed)
    }

    /// Whether what was returned is neither a GValue nor an error: `propagate_value` must refuse it.
    pub(crate) fn holds_no_value(&self) -> bool {
        if !self.has_result() || self.completion_race.ended_early() {
            return false;
        }
        // SAFETY: RETURNED was seen by has_result(), so the outcome is written; the borrow ends here.
        let outcome = unsafe { &*self.outcome.get() };
        let answer = !matches!(outcome, Outcome::Value(_) | Outcome::Error(_));
        if answer {
            self.will_be_refused();
        }
        answer
    }

    /// Whether an error was returned, or the task is cancelled.
    pub(crate) fn had_error(&self) -> bool {
        self.failed.load(Ordering::Acquire)
            || self.completion_race.ended_early()
            || (self.check_cancellable() && self.is_cancelled())
    }
}

impl Ref<Task> {
    /// Moves the reference to where the callback is called. Another one is SHARED, or 0.
    #[inline(always)]
    pub(super) fn into_deferred(self, other: u32) -> Deferred {
        self.is_deferred();
        let name = match self.name() {
            name if name.is_null() => Name::constant(c"[gio] (unnamed) complete_in_idle_cb"),
            // SAFETY: the task's own, which is not changed while it returns.
            name => unsafe { Name::of(name) },
        };
        self.delivery.store(other | DELIVERY | 1, Ordering::Relaxed);
        Deferred {
            priority: self.priority(),
            name,
            // SAFETY: tasks are used and released in their context.
            call: unsafe { Callback::new(Call::Counted(&RESULT), self.into_raw().cast()) },
        }
    }
}

/// A task returns once, so it has one source of a result at most: the task itself counts for it.
static RESULT: Counted = Counted::new(add_use, remove_use, get_call);

unsafe extern "C" fn add_use(task: gpointer) {
    // SAFETY: the source has a reference, until its last use is removed.
    let task = unsafe { &*task.cast::<Task>() };
    task.delivery.fetch_add(1, Ordering::Relaxed);
}

unsafe extern "C" fn remove_use(object: gpointer) {
    // SAFETY: as above.
    let task = unsafe { &*object.cast::<Task>() };
    if task.delivery.fetch_sub(1, Ordering::AcqRel) & !SHARED == DELIVERY | 1 {
        // SAFETY: the source will not use the task again.
        unsafe { drop_deferred(object) };
    }
}

unsafe extern "C" fn get_call(
    task: gpointer,
    _: *mut GSource,
    function: *mut GSourceFunc,
    data: *mut gpointer,
) {
    // SAFETY: GLib gives places for both.
    unsafe {
        function.write(Some(dispatch_result));
        data.write(task);
    }
}

/// Called by the source of a result.
unsafe extern "C" fn dispatch_result(task: gpointer) -> gboolean {
    // SAFETY: the source has a reference, which it drops when it has been dispatched.
    let task = unsafe { &*task.cast::<Task>() };
    task.arrival_ended();
    task.deliver();
    GFALSE
}

/// When the source has been dispatched, or is destroyed.
unsafe fn drop_deferred(task: gpointer) {
    // SAFETY: the source's reference, which `into_deferred` moved there.
    let task = unsafe { Ref::<Task>::adopt(task.cast()) };
    task.was_dropped();
    task.arrival_ended();
}
