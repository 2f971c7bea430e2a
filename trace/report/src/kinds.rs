//! The kinds of what is pointed out: names, titles, what helps, and from where on.

use crate::words;

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Kind {
    NeverReturned,
    ReturnedTwice,
    ErrorNotFetched,
    BlockedLoop,
    BlockedWorkers,
    RanOn,
    HandlersGrow,
    IdleContext,
    StillAlive,
    NoName,
}

pub(crate) const ALL: [Kind; 10] = [
    Kind::NeverReturned,
    Kind::ReturnedTwice,
    Kind::ErrorNotFetched,
    Kind::BlockedLoop,
    Kind::BlockedWorkers,
    Kind::RanOn,
    Kind::HandlersGrow,
    Kind::IdleContext,
    Kind::StillAlive,
    Kind::NoName,
];

impl Kind {
    /// As --fail-on knows it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Kind::NeverReturned => "never-returned",
            Kind::ReturnedTwice => "returned-twice",
            Kind::ErrorNotFetched => "error-not-fetched",
            Kind::BlockedLoop => "blocked-loop",
            Kind::BlockedWorkers => "blocked-workers",
            Kind::RanOn => "ran-on",
            Kind::HandlersGrow => "handlers-grow",
            Kind::IdleContext => "idle-context",
            Kind::StillAlive => "still-alive",
            Kind::NoName => "no-name",
        }
    }

    /// Nothing is wrong by itself.
    pub(crate) fn is_hint(self) -> bool {
        matches!(self, Kind::StillAlive | Kind::NoName)
    }

    /// What it is, with its limit.
    pub(crate) fn title(self, limits: &Limits) -> String {
        let time = words::duration;
        match self {
            Kind::NeverReturned => "Freed without ever returning a result".into(),
            Kind::ReturnedTwice => "Returned a second time".into(),
            Kind::ErrorNotFetched => "Failed with an error that nobody fetched".into(),
            Kind::BlockedLoop => format!(
                "Callbacks longer than {} in the default context",
                time(limits.blocked_loop)
            ),
            Kind::BlockedWorkers => {
                format!(
                    "More than {} in the queue while every worker was blocked",
                    time(limits.blocked_workers)
                )
            }
            Kind::RanOn => format!(
                "Ran on for more than {} after the cancellation",
                time(limits.ran_on)
            ),
            Kind::HandlersGrow => format!(
                "Handlers that only grow on one cancellable, to {} or more",
                limits.handlers_grow
            ),
            Kind::IdleContext => {
                format!(
                    "Results that wait for more than {} in a context that nobody iterates",
                    time(limits.idle_context)
                )
            }
            Kind::StillAlive => "Still alive at the end".into(),
            Kind::NoName => "Tasks without a name".into(),
        }
    }

    /// What helps.
    pub(crate) fn advice(self) -> &'static str {
        match self {
            Kind::NeverReturned => "Every path of the operation has to return exactly once, also the ones that fail.",
            Kind::ReturnedTwice => "Only the first return counts. The caller of the second does not know of the first.",
            Kind::ErrorNotFetched => "The callback calls the operation's _finish() function, also if it ignores the error.",
            Kind::BlockedLoop => {
                "While a callback of the default context runs, no event is handled and nothing is drawn. \
                 Move the work to g_task_run_in_thread()."
            }
            Kind::BlockedWorkers => {
                "A function that a worker runs must not wait for another task that needs a worker: \
                 chain them by callbacks, or give long jobs threads of their own."
            }
            Kind::RanOn => "The function asks g_cancellable_is_cancelled() now and then, or uses the cancellable for its own waits.",
            Kind::HandlersGrow => {
                "Every g_cancellable_connect() needs its g_cancellable_disconnect() when the operation is over."
            }
            Kind::IdleContext => {
                "The result goes to the context that was thread-default where the task was made: \
                 somebody has to iterate that one until it came."
            }
            Kind::StillAlive => "Somebody holds a reference, or the operation is not over.",
            Kind::NoName => "g_task_set_name(), or a source tag, tells the operations apart here and in a profiler.",
        }
    }
}

/// From where on something is pointed out.
#[derive(Clone)]
pub(crate) struct Limits {
    pub(crate) blocked_loop: u64,
    pub(crate) blocked_workers: u64,
    pub(crate) ran_on: u64,
    pub(crate) handlers_grow: u64,
    pub(crate) idle_context: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            blocked_loop: 16_000_000,
            blocked_workers: 100_000_000,
            ran_on: 1_000_000_000,
            handlers_grow: 10,
            idle_context: 1_000_000_000,
        }
    }
}
