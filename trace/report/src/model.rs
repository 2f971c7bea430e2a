//! What is known of a traced program: its processes, threads, contexts, tasks and cancellables.

use crate::file::Head;
use crate::intern::{Strings, Table, NONE};
use crate::places::Places;

/// Nanoseconds by CLOCK_MONOTONIC.
pub(crate) type Time = u64;
/// Did not happen, or is not known.
pub(crate) const NEVER: Time = 0;

#[derive(Default)]
pub(crate) struct Trace {
    pub(crate) processes: Vec<Process>,
    pub(crate) threads: Vec<Thread>,
    pub(crate) contexts: Vec<Context>,
    pub(crate) tasks: Vec<Task>,
    pub(crate) cancellables: Vec<Cancellable>,
    pub(crate) strings: Strings,
    pub(crate) errors: Table<TaskError>,
    /// Each the numbers of places, the innermost first.
    pub(crate) stacks: Table<Box<[u32]>>,
    pub(crate) places: Places,
    pub(crate) refused_workers: u64,
    pub(crate) events: u64,
    /// What could not be read, a line each.
    pub(crate) damage: Vec<String>,
}

#[derive(Default)]
pub(crate) struct Process {
    pub(crate) head: Head,
    /// Its first and last moment.
    pub(crate) began: Time,
    pub(crate) ended: Time,
    pub(crate) events: u64,
    pub(crate) lost: u64,
}

#[derive(Default)]
pub(crate) struct Thread {
    pub(crate) process: u32,
    /// As gettid() says.
    pub(crate) number: u32,
    pub(crate) name: String,
    pub(crate) worker: Option<Worker>,
    pub(crate) events: u64,
}

pub(crate) struct Worker {
    pub(crate) added: Time,
    pub(crate) gone: Time,
    /// As in `WHY` of the format.
    pub(crate) why: u8,
}

/// Where callbacks run.
pub(crate) struct Context {
    /// 0: the default one.
    pub(crate) address: u64,
    /// Among those of its process, from 1; the default one has 0.
    pub(crate) number: u32,
}

#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct TaskError {
    pub(crate) domain: u32,
    pub(crate) code: i64,
    pub(crate) message: u32,
}

/// What a task returned, by the format's numbers.
pub(crate) const KIND_ERROR: u8 = 5;
pub(crate) const NOT_RETURNED: u8 = 0xff;

#[derive(Clone)]
pub(crate) struct Task {
    pub(crate) process: u32,
    pub(crate) is_simple: bool,
    /// Its beginning was not recorded.
    pub(crate) is_partial: bool,
    pub(crate) has_callback: bool,
    /// Queued by _sync: the caller waits.
    pub(crate) is_sync: bool,
    /// When its last reference went, the task said that it had never returned.
    pub(crate) freed_unreturned: bool,
    /// Queued, and returned, in a callback or function.
    pub(crate) queued_inside: bool,
    pub(crate) returned_inside: bool,
    pub(crate) kind: u8,
    pub(crate) second_returns: u8,
    pub(crate) priority: i32,
    pub(crate) made: Time,
    pub(crate) queued: Time,
    pub(crate) started: Time,
    /// Of the function.
    pub(crate) ended: Time,
    pub(crate) returned: Time,
    pub(crate) arrived: Time,
    pub(crate) callback_begun: Time,
    pub(crate) callback_ended: Time,
    pub(crate) propagated: Time,
    pub(crate) completed: Time,
    /// The source that was to deliver it was destroyed.
    pub(crate) dropped: Time,
    pub(crate) freed: Time,
    pub(crate) made_by: u32,
    pub(crate) queued_by: u32,
    pub(crate) worker: u32,
    pub(crate) returned_by: u32,
    pub(crate) callback_by: u32,
    pub(crate) queue_length: u32,
    /// The task in whose callback or function this one was made.
    pub(crate) parent: u32,
    pub(crate) name: u32,
    pub(crate) source_type: u32,
    pub(crate) error: u32,
    pub(crate) cancellable: u32,
    pub(crate) context: u32,
    pub(crate) tag: u32,
    pub(crate) callback: u32,
    pub(crate) function: u32,
    pub(crate) birth: u32,
    pub(crate) return_stack: u32,
    pub(crate) second_return_stack: u32,
}

impl Task {
    pub(crate) fn new(process: u32) -> Self {
        Self {
            process,
            is_simple: false,
            is_partial: false,
            has_callback: false,
            is_sync: false,
            freed_unreturned: false,
            queued_inside: false,
            returned_inside: false,
            kind: NOT_RETURNED,
            second_returns: 0,
            priority: 0,
            made: NEVER,
            queued: NEVER,
            started: NEVER,
            ended: NEVER,
            returned: NEVER,
            arrived: NEVER,
            callback_begun: NEVER,
            callback_ended: NEVER,
            propagated: NEVER,
            completed: NEVER,
            dropped: NEVER,
            freed: NEVER,
            made_by: NONE,
            queued_by: NONE,
            worker: NONE,
            returned_by: NONE,
            callback_by: NONE,
            queue_length: 0,
            parent: NONE,
            name: NONE,
            source_type: NONE,
            error: NONE,
            cancellable: NONE,
            context: NONE,
            tag: NONE,
            callback: NONE,
            function: NONE,
            birth: NONE,
            return_stack: NONE,
            second_return_stack: NONE,
        }
    }
}

#[derive(Default)]
pub(crate) struct Cancellable {
    pub(crate) process: u32,
    pub(crate) made: Time,
    pub(crate) freed: Time,
    pub(crate) cancels: Vec<Cancel>,
    pub(crate) resets: u32,
    pub(crate) handlers: i64,
    pub(crate) most_handlers: i64,
    pub(crate) connected: u64,
    pub(crate) disconnected: u64,
    /// The task in whose callback or function a handler was connected last, and where that was.
    pub(crate) last_task: u32,
    pub(crate) last_connect: u32,
    /// Where it was made.
    pub(crate) birth: u32,
}

pub(crate) struct Cancel {
    pub(crate) begun: Time,
    pub(crate) ended: Time,
    pub(crate) thread: u32,
    pub(crate) handlers: i64,
}
