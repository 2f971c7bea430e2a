//! What the library and whoever watches its tasks agree on. This file is part of both: of the library, and of
//! the checker in `check/`.
#![allow(dead_code, reason = "each of the two uses its part")]

use std::ffi::{c_char, c_int, c_void};

/// What happens to a task, told when it happens, without any lock. Beside it: what `detail` is.
#[repr(u32)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Event {
    /// By `g_task_new()`. A [`Describe`].
    Made,
    /// It has another name: a string, or NULL.
    Named,
    /// For the first time; nobody has seen the result yet. A [`Returned`].
    Returned,
    /// The result was handed to a caller. The [`Kind`] that was asked for, as a number.
    Fetched,
    /// A function is about to be queued for a worker. Not NULL: the caller waits for it.
    Queued,
    /// A worker is about to call the function.
    Started,
    /// The function has ended.
    Ended,
    /// The callback is about to be called, if there is one.
    CallbackBegun,
    /// The callback has returned, or the thread that waits for the task goes on.
    Completed,
    /// The source that was to deliver the result gives it up: it was dispatched, removed, or its context ended.
    Dropped,
    /// The last reference is gone.
    Finalized,
    /// A call is about to be refused because of this task: [`Hooks::refused`] comes next, or [`Hooks::birthplace`].
    Refused,
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
}

/// What a task is at a moment.
#[repr(C)]
pub(crate) struct View {
    pub(crate) callback: *const c_void,
    /// What runs in a worker; NULL if nothing does.
    pub(crate) function: *const c_void,
    pub(crate) data: *const c_void,
    pub(crate) destroy_data: *const c_void,
    pub(crate) references: u32,
    pub(crate) is_cancelled: bool,
}

/// Describes a task that is alive.
pub(crate) type Describe = unsafe extern "C" fn(task: *const c_void) -> View;

/// What the library calls.
#[repr(C)]
pub(crate) struct Hooks {
    pub(crate) happened: unsafe extern "C" fn(task: *const c_void, Event, detail: *const c_void),
    /// An assertion of a function has failed. TRUE: that has been said.
    pub(crate) refused: unsafe extern "C" fn(function: *const c_char, text: *const c_char) -> bool,
    /// What a message about this task ends with. Good until this thread asks again.
    pub(crate) birthplace: unsafe extern "C" fn(task: *const c_void) -> *const c_char,
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
}

/// The checker's one function: reads the words of ASYNCRESULT_DEBUG. NULL: nothing is to be watched.
pub(crate) type Start =
    unsafe extern "C" fn(core: *const Core, words: *const c_char) -> *const Hooks;

pub(crate) const START: &std::ffi::CStr = c"asyncresult_check_start";
