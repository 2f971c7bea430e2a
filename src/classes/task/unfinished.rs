//! What is said of a task that is finalized without ever having returned.

use std::ffi::{c_void, CStr};

use super::Task;
use crate::glib::backtrace::Backtrace;
use crate::glib::environment;
use crate::glib::log::{self, Level};
use crate::glib::string::Text;
use crate::gobject::object::Instance;

/// The name under which a task keeps where it was made.
const ORIGIN: &CStr = c"asyncresult-task-origin";

/// With ASYNCRESULT_DEBUG=tasks, notes where the task is made.
pub(super) fn remember_origin(task: &Task) {
    if environment::debugs_tasks() {
        // SAFETY: the task is alive.
        unsafe { Backtrace::capture().attach_to(task.as_object(), ORIGIN) };
    }
}

/// Two spellings of one message: a task has a name, or is called by its address.
const NAMED: &CStr =
    c"GTask %s (source object: %p, source tag: %p) finalized without ever returning (using \
    g_task_return_*()). This potentially indicates a bug in the program.%s";
const NAMELESS: &CStr =
    c"GTask %p (source object: %p, source tag: %p) finalized without ever returning (using \
    g_task_return_*()). This potentially indicates a bug in the program.%s";

impl Task {
    /// The task never returned: a caller that waits for a callback will wait for ever, and should hear of it.
    #[cold]
    #[inline(never)]
    pub(super) fn complain(&self) {
        let (format, name): (_, *const c_void) = if self.name().is_null() {
            (NAMELESS, std::ptr::from_ref(self).cast())
        } else {
            (NAMED, self.name().cast())
        };
        let pointers = [
            name,
            self.source_object().cast_const().cast(),
            self.source_tag().cast_const(),
        ];
        let level = if self.callback.is_some() && !self.is_threaded() {
            Level::Critical
        } else {
            Level::Debug
        };
        let origin = self.describe_origin();
        // SAFETY: the formats take a name or a pointer, two pointers, and a string.
        unsafe { log::formatted(level, format, pointers, CStr::from_ptr(origin.as_ptr())) };
    }

    /// Where the task was made; empty if that was not noted.
    fn describe_origin(&self) -> Text {
        let mut origin = None;
        if environment::debugs_tasks() {
            // SAFETY: the task is alive until its finalizer ends.
            origin = unsafe { Backtrace::of(self.as_object(), ORIGIN) };
        }
        origin.map_or(Text::constant(c"".as_ptr()), |origin| {
            origin.describe(c"\nIt was created here:")
        })
    }
}
