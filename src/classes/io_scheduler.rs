//! GIOScheduler: jobs that run in a worker, as they were before GTask. Each is a task without a callback.

use std::cell::Cell;
use std::ffi::c_int;
use std::sync::atomic::{AtomicI32, Ordering};
use std::sync::Arc;

use glib_sys::{gboolean, gpointer, GSourceFunc, GFALSE, G_PRIORITY_DEFAULT};

use super::cancellable::{current, Cancellable, GCancellable};
use super::task::outcome::Outcome;
use super::task::{GTask, Task};
use crate::glib::callback::Owned;
use crate::glib::context::Context;
use crate::glib::source::{Callback, IdleWork, Name};
use crate::gobject::object::Ref;
use crate::gobject::precondition::{instance, refused};
use crate::scheduling::completion_race::Waiter;
use crate::scheduling::delivery::{self, Deferred};
use crate::scheduling::together::{self, Deed, Listed};

/// A job of the old scheduler: what its function is given.
pub type GIOSchedulerJob = SchedulerJob;

/// Does the work of a job, or a part of it, in a worker. It is called again until it returns FALSE.
pub type GIOSchedulerJobFunc = Option<
    unsafe extern "C" fn(
        job: *mut GIOSchedulerJob,
        cancellable: *mut GCancellable,
        data: gpointer,
    ) -> gboolean,
>;

/// Dropped in this order: while the data is destroyed, the cancellable is there, and is cancelled with all
/// others.
pub struct SchedulerJob {
    function: GIOSchedulerJobFunc,
    data: Owned,
    _listed: Option<Listed>,
    /// Where what the job sends is called: the context that was thread-default where it was pushed.
    context: Context,
}

impl SchedulerJob {
    /// Queues a job.
    ///
    /// # Safety
    /// `function` may be called with `data`, on another thread, until that is dropped.
    pub(crate) unsafe fn push(
        function: GIOSchedulerJobFunc,
        data: Owned,
        io_priority: c_int,
        cancellable: Option<&Cancellable>,
    ) {
        let listed = cancellable.map(listed);
        let job = Box::new(Self {
            function,
            data,
            _listed: listed,
            context: Context::thread_default(),
        });
        // SAFETY: the task has no callback. The job is a box, which is dropped once; the name is constant;
        // and the function takes such a task.
        unsafe {
            let task = Task::new(
                std::ptr::null_mut(),
                cancellable,
                None,
                std::ptr::null_mut(),
            );
            task.set_static_name(c"g_io_scheduler_push_job".as_ptr());
            task.set_task_data(Owned::new(Box::into_raw(job).cast(), Some(drop_job)));
            task.set_priority(io_priority);
            task.run_in_thread(Some(run));
        }
    }

    /// Has `function` called where the job's results go, and waits for what it answers. FALSE if that context
    /// ends before.
    ///
    /// # Safety
    /// `function` may be called with `data`, once, on the thread that iterates that context, until the data
    /// is dropped.
    pub(crate) unsafe fn send(&self, function: GSourceFunc, data: Owned) -> gboolean {
        let reply = Arc::new(Reply {
            answer: AtomicI32::new(GFALSE),
            waiter: Waiter::new(),
        });
        self.attach(function, data, Some(Replies(Arc::clone(&reply))));
        reply.waiter.wait();
        reply.answer.load(Ordering::Acquire)
    }

    /// The same without waiting.
    ///
    /// # Safety
    /// As for `send`.
    pub(crate) unsafe fn send_async(&self, function: GSourceFunc, data: Owned) {
        self.attach(function, data, None);
    }

    fn attach(&self, function: GSourceFunc, data: Owned, replies: Option<Replies>) {
        let sent = Sent {
            function,
            data: Cell::new(Some(data)),
            replies,
        };
        let result = Deferred {
            priority: G_PRIORITY_DEFAULT,
            name: Name::constant(c"[gio] mainloop_proxy_func"),
            call: Callback::of_work(sent),
        };
        delivery::defer(self.context.as_borrowed(), result);
    }
}

/// What is done to a job when all are cancelled.
struct Cancelling(Ref<Cancellable>);

// SAFETY: any number of threads may use a cancellable.
unsafe impl Send for Cancelling {}
// SAFETY: as above.
unsafe impl Sync for Cancelling {}

impl Deed for Cancelling {
    fn carry_out(&self) {
        self.0.cancel();
    }
}

/// With all others this is cancelled, too, while the answer is there.
pub(crate) fn listed(cancellable: &Cancellable) -> Listed {
    Listed::new(Box::new(Cancelling(Ref::retain(cancellable))))
}

/// Cancels all jobs that have a cancellable.
pub(crate) fn cancel_all() {
    together::carry_out_all();
}

unsafe extern "C" fn drop_job(job: gpointer) {
    // SAFETY: the box that the task got, which it gives back once.
    drop(unsafe { Box::from_raw(job.cast::<SchedulerJob>()) });
}

unsafe extern "C" fn run(
    task: *mut GTask,
    _source_object: gpointer,
    job: gpointer,
    cancellable: *mut GCancellable,
) {
    let job = job.cast::<SchedulerJob>();
    // SAFETY: the task keeps the job.
    let (function, data) = unsafe { ((*job).function, (*job).data.data()) };
    if !cancellable.is_null() {
        current::push(cancellable);
    }
    if let Some(function) = function {
        // SAFETY: `push` was promised that it may be called with the data.
        while unsafe { function(job, cancellable, data) } != GFALSE {}
    }
    if !cancellable.is_null() {
        // What the function has pushed and not popped stays where it is, and is named as in GIO.
        match current::pop(cancellable) {
            Ok(()) => {}
            Err(current::Refused::Empty) => refused(c"g_cancellable_pop_current", c"l != NULL"),
            Err(current::Refused::NotOnTop) => {
                refused(c"g_cancellable_pop_current", c"l->data == cancellable");
            }
        }
    }
    if let Some(task) = instance!(task: Task) {
        if task.begin_return() {
            task.finish_return(Outcome::Empty);
        }
    }
}

/// What a job sends. The data is destroyed while the source is dispatched, as in GIO, else when this is
/// dropped. Then the job goes on if it waits.
struct Sent {
    function: GSourceFunc,
    data: Cell<Option<Owned>>,
    replies: Option<Replies>,
}

// SAFETY: `send` was promised that it may be called, and destroyed, on the thread that iterates the context.
unsafe impl Send for Sent {}

impl IdleWork for Sent {
    fn run(&self) -> bool {
        let (Some(function), Some(data)) = (self.function, self.data.take()) else {
            return false;
        };
        // SAFETY: as above; the data is there until it is dropped, below.
        let answer = unsafe { function(data.data()) };
        drop(data);
        if let Some(Replies(reply)) = &self.replies {
            reply.answer.store(answer, Ordering::Release);
        }
        false
    }
}

/// What the job waits for.
struct Reply {
    answer: AtomicI32,
    waiter: Waiter,
}

/// Lets the waiting job go on when it is dropped.
struct Replies(Arc<Reply>);

impl Drop for Replies {
    fn drop(&mut self) {
        self.0.waiter.complete();
    }
}
