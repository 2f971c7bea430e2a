//! What is said of a task that is finalized without ever having returned.

use std::ffi::{CStr, CString};
use std::fmt::Write;

use super::Task;
use crate::glib::backtrace::Backtrace;
use crate::glib::environment;
use crate::glib::log;
use crate::glib::object::Instance;

/// The name under which a task keeps where it was made.
const ORIGIN: &CStr = c"asyncresult-task-origin";

/// With ASYNCRESULT_DEBUG=tasks, notes where the task is made.
pub(super) fn remember_origin(task: &Task) {
    if environment::debugs_tasks() {
        // SAFETY: the task is alive.
        unsafe { Backtrace::capture().attach_to(task.as_object(), ORIGIN) };
    }
}

impl Task {
    /// A caller that waits for a callback will wait for ever, and should hear of it.
    pub(super) fn complain_if_unfinished(&self) {
        if self.ever_returned() {
            return;
        }
        let message = CString::new(self.describe_unfinished()).unwrap_or_default();
        if self.callback.is_some() && !self.is_threaded() {
            log::critical(&message);
        } else {
            log::debug(&message);
        }
    }

    fn describe_unfinished(&self) -> String {
        let name = self.name();
        let name = if name.is_null() {
            format!("{self:p}")
        } else {
            // SAFETY: a name is a valid string.
            unsafe { CStr::from_ptr(name) }
                .to_string_lossy()
                .into_owned()
        };
        let mut text = format!(
            "GTask {name} (source object: {}, source tag: {}) finalized without ever returning (using \
             g_task_return_*()). This potentially indicates a bug in the program.",
            pointer(self.source_object().cast()),
            pointer(self.source_tag().cast()),
        );
        // SAFETY: the task is alive until its finalizer ends.
        if let Some(origin) = unsafe { Backtrace::of(self.as_object(), ORIGIN) } {
            let _ = write!(text, "\nIt was created here:\n{origin}");
        }
        text
    }
}

/// As C's "%p" prints it.
fn pointer(pointer: *const u8) -> String {
    if pointer.is_null() {
        "(nil)".to_owned()
    } else {
        format!("{pointer:p}")
    }
}
