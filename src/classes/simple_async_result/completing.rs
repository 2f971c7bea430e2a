//! When the callback runs: now, in a later iteration of the context, or after a function has run on a worker.

use std::ffi::c_int;
use std::ptr::NonNull;

use glib_sys::{gboolean, gpointer, GFALSE, G_PRIORITY_DEFAULT};
use gobject_sys::GObject;

use super::{GSimpleAsyncThreadFunc, SimpleAsyncResult};
use crate::classes::async_result::GAsyncReadyCallback;
use crate::classes::cancellable::{current, Cancellable};
use crate::classes::io_error;
use crate::classes::io_scheduler;
use crate::glib::error::Error;
use crate::glib::hooks::table::Event;
use crate::glib::log;
use crate::glib::source::{Call, Callback, Name};
use crate::gobject::object::Ref;
use crate::scheduling::delivery::arrivals::Arrival;
use crate::scheduling::delivery::{self, Deferred};
use crate::scheduling::list::Pinned;
use crate::scheduling::observers::{Notes, Observer};
use crate::scheduling::pool::{self, Job, Runnable, Then, Work};
use crate::scheduling::together::Listed;

impl SimpleAsyncResult {
    /// Calls back now, in the context in which the operation was started.
    pub(crate) fn complete(&self) {
        self.warn_of_wrong_context();
        self.returns();
        Ref::retain(self).deliver();
    }

    #[inline(never)]
    fn warn_of_wrong_context(&self) {
        if delivery::is_dispatching_elsewhere(self.origin.context.as_borrowed()) {
            log::warning(c"g_simple_async_result_complete() called from wrong context!");
        }
    }

    /// Calls back in a later iteration of that context.
    pub(crate) fn complete_in_idle(&self) {
        self.returns();
        self.is_deferred();
        let call = Call::Once {
            function: deliver_in_idle,
            destroy: drop_in_idle,
        };
        let result = Deferred {
            priority: G_PRIORITY_DEFAULT,
            name: Name::constant(c"[gio] complete_in_idle_cb"),
            // SAFETY: the reference may be used and dropped wherever the context is iterated.
            call: unsafe { Callback::new(call, Ref::retain(self).into_raw().cast()) },
        };
        delivery::defer(self.origin.context.as_borrowed(), result);
    }

    /// Makes a result of an error, and calls back in a later iteration of the thread-default context.
    ///
    /// # Safety
    /// As for `new`.
    pub(crate) unsafe fn report_in_idle(
        source_object: *mut GObject,
        callback: GAsyncReadyCallback,
        user_data: gpointer,
        error: Error,
    ) {
        // SAFETY: as the caller ensures.
        let this = unsafe { Self::new(source_object, callback, user_data, std::ptr::null_mut()) };
        this.set_error(error);
        this.complete_in_idle();
    }

    /// Calls back. The caller's reference lasts until the callback has returned.
    fn deliver(&self) {
        let origin = &self.origin;
        let result = std::ptr::from_ref(self).cast_mut().cast();
        let call_back = || {
            if let Some(callback) = origin.callback {
                // SAFETY: the caller of `new` allowed this call; all three arguments are alive.
                unsafe { callback(origin.source_object.as_ptr(), result, origin.user_data) };
            }
        };
        self.happened(Event::CallbackBegun);
        origin.context.as_borrowed().with_thread_default(call_back);
        self.happened(Event::CallbackEnded);
    }

    /// Runs `func` on a worker, then calls back in a later iteration of the context.
    pub(crate) fn run_in_thread(
        &self,
        func: GSimpleAsyncThreadFunc,
        priority: c_int,
        cancellable: Option<&Cancellable>,
    ) {
        let job = Box::into_raw(Box::new(ThreadJob {
            job: Job::new::<ThreadJob>(),
            observer: Observer::new(on_cancelled),
            arrival: Arrival::new(),
            _listed: cancellable.map(io_scheduler::listed),
            operation: Some(Operation {
                simple: Ref::retain(self),
                func,
                cancellable: cancellable.map(Ref::retain),
            }),
        }));
        // SAFETY: the job stays on the heap until `end` takes it over, and nothing in it is bound to a
        // thread. Joined before it is queued: a cancellation in between promotes it all the same.
        unsafe {
            if let Some(cancellable) = cancellable {
                let observer = Pinned::new(NonNull::new_unchecked(&raw mut (*job).observer));
                if cancellable.join(observer) {
                    pool::promote(Job::pin(NonNull::new_unchecked(job)));
                }
            }
            self.is_queued(func, cancellable);
            let runnable = Runnable::new(NonNull::new_unchecked(job));
            pool::push(
                runnable,
                priority,
                self.origin.context.as_borrowed(),
                Then::GoesOn,
            );
        }
    }
}

/// Called by the source of a result that is completed in an idle iteration.
unsafe extern "C" fn deliver_in_idle(simple: gpointer) -> gboolean {
    // SAFETY: the source has a reference, which it drops when it has been dispatched.
    unsafe { &*simple.cast::<SimpleAsyncResult>() }.deliver();
    GFALSE
}

unsafe extern "C" fn drop_in_idle(simple: gpointer) {
    // SAFETY: the source's reference, which `complete_in_idle` moved there.
    drop(unsafe { Ref::<SimpleAsyncResult>::adopt(simple.cast()) });
}

/// One call of `run_in_thread`: on its way to a worker, and from there to the context, where it is released.
#[repr(C)]
struct ThreadJob {
    job: Job,
    observer: Observer,
    arrival: Arrival,
    /// As in GIO, it is one of the old scheduler's jobs.
    _listed: Option<Listed>,
    /// Taken out when it is delivered: as in GIO, it is released while its source is being dispatched.
    operation: Option<Operation>,
}

struct Operation {
    simple: Ref<SimpleAsyncResult>,
    func: GSimpleAsyncThreadFunc,
    cancellable: Option<Ref<Cancellable>>,
}

// SAFETY: `repr(C)`; the job is its first field, and `run_in_thread` makes it for this struct.
unsafe impl Work for ThreadJob {
    /// The function may leave the thread: then nothing that follows it here is done.
    unsafe fn call(job: *mut Self) {
        // SAFETY: `run_in_thread` boxed this and had it join. It stays in place while it may be observed.
        unsafe {
            let Some(operation) = &(*job).operation else {
                return;
            };
            if let Some(cancellable) = &operation.cancellable {
                let observer = NonNull::new_unchecked(&raw mut (*job).observer);
                cancellable.leave(Pinned::new(observer));
            }
            operation.simple.happened(Event::Started);
            operation.work();
        }
    }

    unsafe fn end(job: *mut Self) {
        // SAFETY: as above. The job is delivered only later.
        let (arrival, operation) = unsafe { (&(*job).arrival, &(*job).operation) };
        let Some(operation) = operation else { return };
        operation.simple.happened(Event::Ended);
        operation.simple.returns();
        operation.simple.is_deferred();
        let call = Call::Once {
            function: deliver_job,
            destroy: drop_job,
        };
        let result = Deferred {
            priority: G_PRIORITY_DEFAULT,
            name: Name::constant(c"[gio] complete_in_idle_cb_for_thread"),
            // SAFETY: all that the job holds may be used and released wherever the context is iterated.
            call: unsafe { Callback::new(call, job.cast()) },
        };
        // SAFETY: the job holds the arrival, and the result, which keeps the context.
        unsafe { arrival.arrive(operation.simple.origin.context.as_borrowed(), result) };
    }
}

/// Called when the cancellable is cancelled, under its lock: moves a job that is still queued forward.
unsafe fn on_cancelled(observer: *const Observer, _: &mut Notes) {
    // SAFETY: the observer is a field of a ThreadJob, which is alive while it is joined.
    unsafe {
        let job = observer
            .byte_sub(std::mem::offset_of!(ThreadJob, observer))
            .cast::<ThreadJob>();
        pool::promote(Job::pin(NonNull::new_unchecked(job.cast_mut())));
    }
}

unsafe extern "C" fn deliver_job(job: gpointer) -> gboolean {
    // SAFETY: the source has the box until it calls `drop_job`.
    let job = unsafe { &mut *job.cast::<ThreadJob>() };
    job.arrival.ended();
    if let Some(operation) = job.operation.take() {
        operation.deliver();
    }
    GFALSE
}

unsafe extern "C" fn drop_job(job: gpointer) {
    // SAFETY: the box that `end` gave away.
    let job = unsafe { Box::from_raw(job.cast::<ThreadJob>()) };
    job.arrival.ended();
    if let Some(operation) = &job.operation {
        operation.simple.was_dropped();
    }
}

impl Operation {
    /// Whether the operation is cancelled, and the result has to say so.
    fn is_cancelled(&self) -> bool {
        self.simple.result.handle_cancellation.get()
            && self
                .cancellable
                .as_ref()
                .is_some_and(|cancellable| cancellable.is_cancelled())
    }

    fn deliver(&self) {
        if self.is_cancelled() {
            self.simple.set_error(io_error::cancelled());
        }
        self.simple.deliver();
    }

    /// Calls the function, on a worker, with the cancellable as the thread's current one.
    fn work(&self) {
        if self.is_cancelled() {
            self.simple.set_error(io_error::cancelled());
            return;
        }
        let Some(func) = self.func else {
            return;
        };
        let cancellable = self
            .cancellable
            .as_deref()
            .map_or(std::ptr::null_mut(), |it| std::ptr::from_ref(it).cast_mut());
        let call = || {
            let simple = std::ptr::from_ref(&*self.simple).cast_mut();
            let source_object = self.simple.origin.source_object.as_ptr();
            // SAFETY: whoever called `run_in_thread` allowed this call; the job keeps all three arguments
            // alive.
            unsafe { func(simple, source_object, cancellable) };
        };
        if cancellable.is_null() {
            return call();
        }
        current::push(cancellable);
        call();
        // If the function pushed or popped without undoing it, another object is on top, or none. GIO logs
        // that under the name of the function that pops.
        let undo = c"g_cancellable_pop_current";
        match current::pop(cancellable) {
            Ok(()) => {}
            Err(current::Refused::Empty) => log::assertion_failed(undo, c"l != NULL"),
            Err(current::Refused::NotOnTop) => {
                log::assertion_failed(undo, c"l->data == cancellable");
            }
        }
    }
}
