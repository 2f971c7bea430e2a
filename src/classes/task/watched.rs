//! What is told to whoever watches: see `glib/hooks.rs`.

use std::ffi::c_void;
use std::sync::atomic::Ordering;

use glib_sys::{gboolean, gpointer, GDestroyNotify};

use super::outcome::Outcome;
use super::{Task, NOT_CALLED};
use crate::glib::context::ContextRef;
use crate::glib::error::Error;
use crate::glib::hooks;
use crate::glib::hooks::table::{Describe, Event, Kind, Queued, Returned, View};
use crate::gobject::object::{type_name, Instance};

/// The types in which results are fetched.
pub(crate) trait Fetched {
    const KIND: Kind;
}

impl Fetched for gpointer {
    const KIND: Kind = Kind::Pointer;
}

impl Fetched for isize {
    const KIND: Kind = Kind::Int;
}

impl Fetched for gboolean {
    const KIND: Kind = Kind::Boolean;
}

/// Whether there was a GValue.
impl Fetched for bool {
    const KIND: Kind = Kind::Value;
}

impl Task {
    #[inline(always)]
    pub(super) fn happened(&self, event: Event) {
        hooks::happened(self, event, std::ptr::null());
    }

    /// A function is about to say what is wrong with a call about this task.
    #[cold]
    #[inline(never)]
    pub(super) fn will_be_refused(&self) {
        self.happened(Event::Refused);
    }

    #[inline(always)]
    pub(super) fn was_made(&self) {
        if hooks::are_watched() {
            hooks::tell(
                self.address(),
                Event::Made,
                describe as Describe as *const c_void,
            );
        }
    }

    /// The outcome is there, and nobody else looks for it yet. Out of line: what is told is not on the stack of
    /// the callback.
    #[inline(never)]
    pub(super) fn tell_what_returns(&self) {
        // SAFETY: only the thread that returns comes here, before anybody reads or takes the outcome.
        let outcome = unsafe { &*self.outcome.get() };
        let kind = match outcome {
            Outcome::Empty => Kind::Nothing,
            Outcome::Pointer(_) => Kind::Pointer,
            Outcome::Int(_) => Kind::Int,
            Outcome::Boolean(_) => Kind::Boolean,
            Outcome::Value(_) => Kind::Value,
            Outcome::Error(_) => Kind::Error,
        };
        let mut returned = match outcome {
            Outcome::Error(error) => error_returned(error),
            _ => returned(kind),
        };
        returned.pointer = outcome.address();
        if let Outcome::Pointer(owned) = outcome {
            returned.destroy = address(owned.destroy());
        }
        hooks::tell(
            self.address(),
            Event::Returned,
            (&raw const returned).cast(),
        );
    }

    #[inline(always)]
    pub(super) fn was_fetched(&self, kind: Kind) {
        hooks::happened(self, Event::Fetched, kind as usize as *const c_void);
    }

    /// The task is about to be queued. `function` is what a worker will call.
    #[inline(always)]
    pub(super) fn is_queued_now(&self, is_waited_for: bool) {
        if hooks::are_watched() {
            self.tell_what_is_queued(is_waited_for);
        }
    }

    #[cold]
    #[inline(never)]
    fn tell_what_is_queued(&self, is_waited_for: bool) {
        let queued = Queued {
            function: self.function(),
            cancellable: self.cancellable().cast(),
            is_waited_for,
        };
        hooks::tell(self.address(), Event::Queued, (&raw const queued).cast());
    }

    /// The result is about to wait in its context.
    #[inline(always)]
    pub(super) fn is_deferred(&self) {
        if hooks::are_watched() {
            self.tell_where_it_waits();
        }
    }

    #[cold]
    #[inline(never)]
    fn tell_where_it_waits(&self) {
        let context = context_address(self.delivery_context());
        hooks::tell(self.address(), Event::Deferred, context);
    }

    #[inline(always)]
    pub(super) fn was_dropped(&self) {
        if hooks::are_watched() {
            let is_undelivered = self.completed.load(Ordering::Relaxed) == NOT_CALLED;
            hooks::tell(self.address(), Event::Dropped, flag(is_undelivered));
        }
    }

    #[inline(always)]
    pub(super) fn was_finalized(&self) {
        if hooks::are_watched() {
            let has_returned = flag(self.ever_returned());
            hooks::tell(self.address(), Event::Finalized, has_returned);
        }
    }

    pub(super) fn address(&self) -> *const c_void {
        std::ptr::from_ref(self).cast()
    }

    pub(super) fn callback_address(&self) -> *const c_void {
        self.callback
            .map_or(std::ptr::null(), |function| function as *const c_void)
    }
}

/// NULL is FALSE.
pub(crate) fn flag(is: bool) -> *const c_void {
    usize::from(is) as *const c_void
}

pub(crate) fn returned(kind: Kind) -> Returned {
    Returned {
        kind,
        pointer: std::ptr::null(),
        destroy: std::ptr::null(),
        code: 0,
        domain: std::ptr::null(),
        message: std::ptr::null(),
    }
}

pub(crate) fn error_returned(error: &Error) -> Returned {
    let (domain, code, message) = error.parts();
    Returned {
        code,
        domain,
        message,
        ..returned(Kind::Error)
    }
}

/// What watchers are told of a context: NULL for the default one.
pub(crate) fn context_address(context: ContextRef<'_>) -> *const c_void {
    if context.is_global_default() {
        std::ptr::null()
    } else {
        context.address() as *const c_void
    }
}

pub(super) fn address(destroy: GDestroyNotify) -> *const c_void {
    destroy.map_or(std::ptr::null(), |function| function as *const c_void)
}

/// For the watcher.
unsafe extern "C" fn describe(task: *const c_void) -> View {
    // SAFETY: the watcher gives a task that it was told of, and that has not ended.
    unsafe {
        let task = &*task.cast::<Task>();
        let data = &*task.task_data.get();
        View {
            callback: task.callback_address(),
            function: task.function(),
            data: data.data(),
            destroy_data: address(data.destroy()),
            references: task.references().unwrap_or(0),
            is_cancelled: task.is_cancelled(),
            priority: task.priority(),
            cancellable: task.cancellable().cast(),
            context: context_address(task.delivery_context()),
            source_tag: task.source_tag(),
            source_type: type_name(task.source_object()),
        }
    }
}
