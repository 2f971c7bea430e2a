//! `g_io_scheduler_*`: jobs in workers, as they were before GTask.

use std::ffi::c_int;

use glib_sys::{gboolean, gpointer, GDestroyNotify, GSourceFunc, GFALSE};

use crate::classes::cancellable::{Cancellable, GCancellable};
use crate::classes::io_scheduler::{self, SchedulerJob};
use crate::classes::task::Task;
use crate::glib::callback::Owned;
use crate::gobject::precondition::{forward_if_libgios, optional_instance, refuse};

pub use crate::classes::io_scheduler::{GIOSchedulerJob, GIOSchedulerJobFunc};

/// Runs a function in a worker, again and again until it returns FALSE.
///
/// `job_func` must not be NULL. It gets `cancellable`, which may be NULL and is the function's to watch;
/// while it runs, that is the current one of its thread, too. What is no cancellable is a critical, and
/// counts as NULL. Jobs are queued by `io_priority`; low numbers go first. Takes `user_data` over: `notify`,
/// which may be NULL, destroys it in the main context that is thread-default now, when that is iterated after
/// the end of the job; at once if the call is refused. Any thread.
#[no_mangle]
pub unsafe extern "C" fn g_io_scheduler_push_job(
    job_func: GIOSchedulerJobFunc,
    user_data: gpointer,
    notify: GDestroyNotify,
    io_priority: c_int,
    cancellable: *mut GCancellable,
) {
    if let Some(answer) = forward_if_libgios!(
        Task,
        g_io_scheduler_push_job(job_func, user_data, notify, io_priority, cancellable)
    ) {
        return answer;
    }
    // SAFETY: the caller hands the data over, with the function that destroys it.
    let data = unsafe { Owned::new(user_data, notify) };
    if job_func.is_none() {
        drop(data);
        return refuse!(g_io_scheduler_push_job, c"job_func != NULL");
    }
    let cancellable = optional_instance!(
        g_io_scheduler_push_job(cancellable: Cancellable),
        c"!cancellable || G_IS_CANCELLABLE (cancellable)"
    );
    // SAFETY: the caller's function, which takes this data.
    unsafe { SchedulerJob::push(job_func, data, io_priority, cancellable) };
}

/// Cancels the cancellables of all jobs that have not been released.
///
/// Any thread.
#[no_mangle]
pub extern "C" fn g_io_scheduler_cancel_all_jobs() {
    if let Some(answer) = forward_if_libgios!(Task, g_io_scheduler_cancel_all_jobs()) {
        return answer;
    }
    io_scheduler::cancel_all();
}

/// Calls a function in the main context of a job, and waits for its answer.
///
/// That is the context that was thread-default where the job was pushed.
/// In a job's function, with its `job`; neither that nor `func` may be NULL. Takes `user_data` over:
/// `notify`, which may be NULL, destroys it in that context, before this call returns. FALSE if the context
/// ends, or the source is destroyed, before the function was called. If nobody iterates the context, this
/// waits for ever.
#[no_mangle]
pub unsafe extern "C" fn g_io_scheduler_job_send_to_mainloop(
    job: *mut GIOSchedulerJob,
    func: GSourceFunc,
    user_data: gpointer,
    notify: GDestroyNotify,
) -> gboolean {
    if let Some(answer) = forward_if_libgios!(
        Task,
        g_io_scheduler_job_send_to_mainloop(job, func, user_data, notify)
    ) {
        return answer;
    }
    // SAFETY: the caller hands the data over, with the function that destroys it; a job is NULL or valid.
    let (data, job) = unsafe { (Owned::new(user_data, notify), job.as_ref()) };
    let Some(job) = job else {
        drop(data);
        return refuse!(g_io_scheduler_job_send_to_mainloop, c"job != NULL", GFALSE);
    };
    if func.is_none() {
        drop(data);
        return refuse!(g_io_scheduler_job_send_to_mainloop, c"func != NULL", GFALSE);
    }
    // SAFETY: the caller's function, which takes this data.
    unsafe { job.send(func, data) }
}

/// Like g_io_scheduler_job_send_to_mainloop(), without waiting.
///
/// In a job's function, with its `job`; neither that nor `func` may be NULL. Takes `user_data` over:
/// `notify`, which may be NULL, destroys it in the context where `func` is called.
#[no_mangle]
pub unsafe extern "C" fn g_io_scheduler_job_send_to_mainloop_async(
    job: *mut GIOSchedulerJob,
    func: GSourceFunc,
    user_data: gpointer,
    notify: GDestroyNotify,
) {
    if let Some(answer) = forward_if_libgios!(
        Task,
        g_io_scheduler_job_send_to_mainloop_async(job, func, user_data, notify)
    ) {
        return answer;
    }
    // SAFETY: the caller hands the data over, with the function that destroys it; a job is NULL or valid.
    let (data, job) = unsafe { (Owned::new(user_data, notify), job.as_ref()) };
    let Some(job) = job else {
        drop(data);
        return refuse!(g_io_scheduler_job_send_to_mainloop_async, c"job != NULL");
    };
    if func.is_none() {
        drop(data);
        return refuse!(g_io_scheduler_job_send_to_mainloop_async, c"func != NULL");
    }
    // SAFETY: the caller's function, which takes this data.
    unsafe { job.send_async(func, data) };
}
