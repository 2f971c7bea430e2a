//! What is told to whoever watches: see `glib/hooks.rs`.

use std::ffi::c_void;

use glib_sys::{gboolean, gpointer, GDestroyNotify};

use super::outcome::Outcome;
use super::Task;
use crate::glib::hooks;
use crate::glib::hooks::table::{Describe, Event, Kind, Returned, View};

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

    /// The outcome is there, and nobody else looks for it yet.
    #[inline(always)]
    pub(super) fn returns(&self) {
        if hooks::are_watched() {
            self.tell_what_returns();
        }
    }

    #[cold]
    #[inline(never)]
    fn tell_what_returns(&self) {
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
        let mut returned = Returned {
            kind,
            pointer: outcome.address(),
            destroy: std::ptr::null(),
        };
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

    fn address(&self) -> *const c_void {
        std::ptr::from_ref(self).cast()
    }
}

fn address(destroy: GDestroyNotify) -> *const c_void {
    destroy.map_or(std::ptr::null(), |function| function as *const c_void)
}

/// For the watcher.
unsafe extern "C" fn describe(task: *const c_void) -> View {
    // SAFETY: the watcher gives a task that it was told of, and that has not ended.
    unsafe {
        let task = &*task.cast::<Task>();
        let data = &*task.task_data.get();
        View {
            callback: task
                .callback
                .map_or(std::ptr::null(), |it| it as *const c_void),
            function: task.function(),
            data: data.data(),
            destroy_data: address(data.destroy()),
            references: task.parent.ref_count,
            is_cancelled: task.is_cancelled(),
        }
    }
}
