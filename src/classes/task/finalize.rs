//! The end of a task: where what it owned is released.

use gobject_sys::GObject;

use super::outcome::Outcome;
use super::{threaded, Task};
use crate::classes::cancellable::Cancellable;
use crate::glib::callback::Owned;
use crate::glib::context::{Context, ContextRef};
use crate::glib::probes::probe;
use crate::gobject::class::Class;
use crate::gobject::object::{ObjectRef, Ref};
use crate::scheduling::release::{self, Grace, Turn};

/// Tasks may be nested in each other by the hundred: this function and those it calls keep little on the
/// stack.
pub(super) unsafe extern "C" fn finalize(object: *mut GObject) {
    let task = object.cast::<Task>();
    // SAFETY: the last reference is gone, so this thread owns the instance. Each field is dropped, or moved
    // out, once.
    unsafe {
        if !(*task).ever_returned() && !(*task).was_named() {
            (*task).complain();
        }
        (*task).was_finalized();
        probe!(asyncresult, task__finalized, task, (*task).ever_returned());
        std::ptr::drop_in_place(&raw mut (*task).name);
        match release::begin((*task).home) {
            Turn::Now => {
                // In the order of GIO.
                std::ptr::drop_in_place(&raw mut (*task).source_object);
                std::ptr::drop_in_place(&raw mut (*task).cancellable);
                std::ptr::drop_in_place(&raw mut (*task).context);
                std::ptr::drop_in_place(&raw mut (*task).task_data);
                match (*task).outcome.get_mut() {
                    // Here, as the task data: a chain of results takes no more stack for each than GIO's.
                    Outcome::Pointer(owned) => std::ptr::drop_in_place(owned),
                    other => drop_outcome(other),
                }
                (*task).drop_thread();
                release::end();
            }
            Turn::Later => put_off(task),
            Turn::Elsewhere => hand_over(task),
        }
        Task::parent_class().finalize(object);
    }
}

/// # Safety
/// The outcome is that of a task that is being finalized, and is dropped once.
#[inline(never)]
unsafe fn drop_outcome(outcome: *mut Outcome) {
    // SAFETY: as the caller ensures.
    unsafe { std::ptr::drop_in_place(outcome) };
}

/// What a task owned, for those who do not release it at once. Dropped in this order, as in GIO.
struct Remains {
    source_object: ObjectRef,
    cancellable: Option<Ref<Cancellable>>,
    context: Option<Context>,
    task_data: Owned,
    outcome: Outcome,
    thread: Option<Box<threaded::Thread>>,
}

// SAFETY: a task may be released where its context is iterated, and by any thread that is no worker.
unsafe impl Send for Remains {}

impl Remains {
    /// Whether no code of a program can notice where they are dropped.
    fn own_nothing_of_a_program(&self) -> bool {
        self.source_object.as_ptr().is_null()
            && self.cancellable.is_none()
            && self.task_data.is_never_destroyed()
            && self.outcome.is_plain()
    }

    /// # Safety
    /// The task is being finalized, and nobody uses or drops these fields any more.
    unsafe fn take(task: *mut Task) -> Self {
        // SAFETY: as the caller ensures.
        unsafe {
            Self {
                source_object: (&raw const (*task).source_object).read(),
                cancellable: (&raw const (*task).cancellable).read(),
                context: (&raw const (*task).context).read(),
                task_data: (&raw const (*task).task_data).read().into_inner(),
                outcome: (&raw const (*task).outcome).read().into_inner(),
                thread: (*task).take_thread(),
            }
        }
    }
}

/// The last reference was dropped on a worker: the task's context releases what it owned.
///
/// # Safety
/// As for `Remains::take`.
#[cold]
#[inline(never)]
unsafe fn hand_over(task: *mut Task) {
    // SAFETY: as the caller ensures. What is read after `take` is not among the remains.
    unsafe {
        let mut remains = Remains::take(task);
        let context = remains.context.take();
        let context = context.unwrap_or_else(|| ContextRef::global_default().retain());
        if remains.own_nothing_of_a_program() && context.as_borrowed().is_global_default() {
            return;
        }
        let grace = (*task).grace(remains.thread.as_deref());
        release::release(remains, context, grace);
    }
}

/// The release is nested too deeply in others.
///
/// # Safety
/// As for `Remains::take`.
#[cold]
#[inline(never)]
unsafe fn put_off(task: *mut Task) {
    // SAFETY: as the caller ensures.
    release::put_off(Box::new(unsafe { Remains::take(task) }));
}

impl Task {
    /// How long the task's context may take to release what a worker must not release: if it is known that
    /// somebody iterates it, he may be busy.
    pub(super) fn grace(&self, thread: Option<&threaded::Thread>) -> Grace {
        let is_iterated = match thread {
            Some(thread) => thread.is_context_iterated(self.completed()),
            None => self.completed(),
        };
        if is_iterated || self.created_in_iteration != 0 {
            Grace::Iterated
        } else {
            Grace::Unknown
        }
    }
}
