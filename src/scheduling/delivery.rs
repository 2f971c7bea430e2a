//! When a result reaches its callback: now, or in a later iteration of its context.
//!
//! A deferred result is an idle source whose data is the result. A program can find it, remove it, or change it
//! while it is dispatched, like any other source. The results of workers may wait for the loop before they get
//! their sources: see `arrivals.rs`.

pub(crate) mod arrivals;

use std::ffi::c_int;

use crate::glib::context::{self, ContextRef};
use crate::glib::source::{Callback, Name, Source};

/// What decides whether a result is delivered before `g_task_return_*()` returns.
#[derive(Clone, Copy)]
struct Situation {
    /// This thread is dispatching a source of the task's context.
    in_context: bool,
    /// This iteration is a later one than that in which the task was made.
    later_iteration: bool,
    /// The task's cancellable is cancelled, perhaps by a function that is still running: the callback must not
    /// run inside it.
    cancelled: bool,
}

fn is_deliverable_now(situation: Situation) -> bool {
    situation.in_context && situation.later_iteration && !situation.cancelled
}

/// The time of the source that this thread is dispatching; 0 if it is dispatching none.
pub(crate) fn current_time() -> i64 {
    context::dispatching().map_or(0, |current| current.time)
}

/// Whether this thread is dispatching a source of another context, which has not been destroyed meanwhile.
pub(crate) fn is_dispatching_elsewhere(context: ContextRef<'_>) -> bool {
    context::dispatching()
        .is_some_and(|current| !current.is_in(context) && !context::is_current_source_destroyed())
}

/// Whether a result for `context`, of a task that was made in the iteration of that time, may be delivered in
/// this very call.
pub(crate) fn may_deliver_now(
    context: Option<ContextRef<'_>>,
    created_in_iteration: i64,
    cancelled: bool,
) -> bool {
    context::dispatching().is_some_and(|current| {
        is_deliverable_now(Situation {
            in_context: context.is_some_and(|context| current.is_in(context)),
            later_iteration: current.time > created_in_iteration,
            cancelled,
        })
    })
}

/// A result on its way to its callback.
pub(crate) struct Deferred {
    pub(crate) priority: c_int,
    pub(crate) name: Name,
    /// Calls the callback of an object, of which it owns a reference. Drops the reference afterwards, or without
    /// that if the source or its context is destroyed.
    pub(crate) call: Callback,
}

impl Deferred {
    /// The same with a copy of the name: the object may have another one when the source is made.
    fn keep_name(self) -> Self {
        let name = self.name.keep();
        Self { name, ..self }
    }

    fn into_source(self) -> Source {
        Source::idle(self.priority, self.name, self.call)
    }
}

/// Delivers in a later iteration of `context`, after the results of workers that have arrived there.
pub(crate) fn defer(context: ContextRef<'_>, result: Deferred) {
    arrivals::show_unseen(context, result.priority);
    result.into_source().attach(context);
}

#[cfg(not(feature = "loom"))]
#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delivered_now_only_in_a_later_iteration_of_its_own_context_and_not_cancelled() {
        for bits in 0..8 {
            let situation = Situation {
                in_context: bits & 1 != 0,
                later_iteration: bits & 2 != 0,
                cancelled: bits & 4 != 0,
            };
            assert_eq!(is_deliverable_now(situation), bits == 3);
        }
    }
}
