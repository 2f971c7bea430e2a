//! What the library and whoever watches its tasks agree on. This file is part of all: of the library, of
//! the checker in `check/`, and of the recorder in `trace/recorder/`.
#![allow(dead_code, reason = "each of the two uses its part")]

use std::ffi::{c_char, c_int, c_uint, c_void};

/// What happens to an object: to a task, a simple result or a cancellable, told when it happens, without any
/// lock. Beside it: what `detail` is.
#[repr(u32)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Event {
    /// By `g_task_new()`. A [`Describe`].
    Made,
    /// A simple result, by its `new()`. A [`Describe`]. What it has in common with a task is told as of a
    /// task.
    SimpleMade,
    /// It has another name: a string, or NULL.
    Named,
    /// It has another source tag: that.
    Tagged,
    /// It has another priority: that, as a number.
    Prioritized,
    /// For the first time; nobody has seen the result yet. A [`Returned`].
    Returned,
    /// A second time, which is refused.
    ReturnedAgain,
    /// The result was handed to a caller. The [`Kind`] that was asked for, as a number.
    Fetched,
    /// The caller was not handed the result, but an error that says that the task is cancelled.
    Overruled,
    /// A function is about to be queued for a worker. A [`Queued`].
    Queued,
    /// A worker is about to call the function.
    Started,
    /// The function has ended.
    Ended,
    /// A source is about to be made that will deliver the result: its context.
    Deferred,
    /// The callback is about to be called, if there is one.
    CallbackBegun,
    /// It has returned.
    CallbackEnded,
    /// The callback has returned, or the thread that waits for the task goes on.
    Completed,
    /// The source that was to deliver the result gives it up: it was dispatched, removed, or its context
    /// ended. Not NULL: the callback was not called.
    Dropped,
    /// The last reference is gone. A number: 1 if it has returned, else 0; of a simple result, of which that
    /// is not known, 2.
    Finalized,
    /// A call is about to be refused because of this task: [`Hooks::refused`] comes next.
    Refused,
    /// A cancellable.
    CancellableMade,
    /// `g_cancellable_cancel()` of one that is not cancelled begins.
    CancelBegun,
    /// It has ended.
    CancelEnded,
    /// It is not cancelled any more.
    Reset,
    /// This thread is a worker from now on. Why, as a number: see [`Why`]. There is no object.
    WorkerAdded,
    /// It is none any more.
    WorkerGone,
    /// The system has refused a thread for one.
    WorkerRefused,
}

/// Why there is one worker more.
#[repr(u32)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Why {
    WorkCame,
    AllAreBlocked,
    AllCompute,
    OneWaits,
}

#[repr(C)]
pub(crate) struct Queued {
    pub(crate) function: *const c_void,
    pub(crate) cancellable: *const c_void,
    /// The caller waits for it.
    pub(crate) is_waited_for: bool,
}

/// Which of the library's messages about a task [`Hooks::birthplace`] is to end.
#[repr(u32)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Message {
    /// It ends without having returned.
    NeverReturned,
    /// Its thread function returned no result.
    NoResult,
    /// It has lost a reference of the library's.
    Kept,
}

/// What was returned, or is asked for.
#[repr(u32)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Kind {
    Nothing,
    Pointer,
    Int,
    Boolean,
    Value,
    Error,
}

#[repr(C)]
pub(crate) struct Returned {
    pub(crate) kind: Kind,
    /// Of a pointer, or NULL: what it is, and what destroys it.
    pub(crate) pointer: *const c_void,
    pub(crate) destroy: *const c_void,
    /// Of an error; else 0, and NULL.
    pub(crate) code: c_int,
    pub(crate) domain: *const c_char,
    pub(crate) message: *const c_char,
}

/// What a task is at a moment, or a simple result.
#[repr(C)]
pub(crate) struct View {
    pub(crate) callback: *const c_void,
    /// What runs in a worker; NULL if nothing does.
    pub(crate) function: *const c_void,
    pub(crate) data: *const c_void,
    pub(crate) destroy_data: *const c_void,
    /// 0: GObject does not tell.
    pub(crate) references: u32,
    pub(crate) is_cancelled: bool,
    pub(crate) priority: c_int,
    /// NULL: none.
    pub(crate) cancellable: *const c_void,
    /// NULL: the default one.
    pub(crate) context: *const c_void,
    pub(crate) source_tag: *const c_void,
    /// The type of the source object; NULL without.
    pub(crate) source_type: *const c_char,
}

/// Describes a task that is alive.
pub(crate) type Describe = unsafe extern "C" fn(task: *const c_void) -> View;

/// What the library calls.
#[repr(C)]
pub(crate) struct Hooks {
    pub(crate) happened: unsafe extern "C" fn(object: *const c_void, Event, detail: *const c_void),
    /// An assertion of a function has failed. `found`: if the argument had to be an instance, what its class
    /// is called, or GObject's words for none; NULL for other arguments. TRUE: that has been said.
    pub(crate) refused: unsafe extern "C" fn(
        function: *const c_char,
        text: *const c_char,
        found: *const c_char,
    ) -> bool,
    /// What a message about this task ends with, or NULL. Good until this thread asks again.
    pub(crate) birthplace: unsafe extern "C" fn(task: *const c_void, Message) -> *const c_char,
    /// A handler was connected to a cancellable (1), disconnected (-1), or the cancellable has ended (0).
    pub(crate) handlers: unsafe extern "C" fn(cancellable: *const c_void, change: c_int),
    /// The types are libgio's: nothing will be told.
    pub(crate) stepped_back: unsafe extern "C" fn(),
}

/// What the library offers.
#[repr(C)]
pub(crate) struct Core {
    /// Both must be of the same version. To say that they are not, this and the next stay where they are.
    pub(crate) version: *const c_char,
    /// Logs a warning in the library's domain.
    pub(crate) warning: unsafe extern "C" fn(message: *const c_char),
    /// Logs a critical message.
    pub(crate) critical: unsafe extern "C" fn(message: *const c_char),
    /// How many dispatches of sources this thread is in.
    pub(crate) depth: unsafe extern "C" fn() -> c_int,
    pub(crate) glib_version: unsafe extern "C" fn(version: *mut [c_uint; 3]),
}

/// The one function of who watches: reads the words of the variable that asks for it. NULL: nothing is to be
/// watched.
pub(crate) type Start =
    unsafe extern "C" fn(core: *const Core, words: *const c_char) -> *const Hooks;
