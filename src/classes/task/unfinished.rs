//! What is said of tasks that end without having returned.

use super::Task;
use crate::glib::hooks;
use crate::glib::hooks::table::Message;
use crate::glib::log::{self, Level};
use crate::glib::string::Text;

impl Task {
    /// The task never returned: a caller that waits for a callback will wait for ever, and should hear of it.
    #[cold]
    #[inline(never)]
    pub(super) fn complain(&self) {
        let level = if self.callback.is_some() && !self.is_threaded() {
            Level::Critical
        } else {
            Level::Debug
        };
        let (called, origin) = (self.called(), self.describe_origin(Message::NeverReturned));
        let arguments = [
            called.as_ptr().cast(),
            self.source_object().cast_const().cast(),
            self.source_tag().cast_const(),
            origin.as_ptr().cast(),
        ];
        // SAFETY: the format takes a string, two pointers, and a string.
        unsafe {
            log::formatted(
                level,
                c"GTask %s (source object: %p, source tag: %p) finalized without ever returning (using \
                g_task_return_*()). This potentially indicates a bug in the program.%s",
                arguments,
            );
        }
    }

    /// The function of the task has ended without a result, which somebody wants to fetch.
    #[cold]
    #[inline(never)]
    pub(super) fn complain_of_function(&self) {
        let (called, origin) = (self.called(), self.describe_origin(Message::NoResult));
        let (called, origin) = (called.as_ptr().cast(), origin.as_ptr().cast());
        // SAFETY: the format takes two strings.
        unsafe {
            log::formatted(
                Level::Critical,
                c"GTask %s: its thread function returned without calling g_task_return_*(). It has to return a \
                result or an error on each of its paths.%s",
                [called, origin, std::ptr::null(), std::ptr::null()],
            );
        }
    }

    /// What messages call the task: its name, or its address if it has none.
    pub(super) fn called(&self) -> Text {
        if self.name().is_null() {
            return log::address(std::ptr::from_ref(self).cast());
        }
        Text::constant(self.name())
    }

    /// Where the task was made; empty if that was not noted. Good until this thread asks again.
    pub(super) fn describe_origin(&self, message: Message) -> Text {
        Text::constant(hooks::birthplace(self, message))
    }
}
