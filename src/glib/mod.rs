//! The lowest floor: thin wrappers of functions of GLib, GObject and the C library, and nothing else; and the
//! hooks and probes by which the others are watched.

pub(crate) mod callback;
pub(crate) mod context;
pub(crate) mod enumeration;
pub(crate) mod environment;
pub(crate) mod error;
pub(crate) mod held;
pub(crate) mod hooks;
pub(crate) mod log;
pub(crate) mod once;
mod panic;
pub(crate) mod probes;
pub(crate) mod signal;
pub(crate) mod source;
pub(crate) mod string;
pub(crate) mod thread;
pub(crate) mod value;
pub(crate) mod wakeup;

/// Whether the running GLib is one of those in which tests-c/types/abi.c has found the members that its
/// headers declare as private, and this library reads. A GLib that was released does not change any more.
pub(crate) fn is_tried() -> bool {
    // SAFETY: it only compares numbers.
    unsafe { !glib_sys::glib_check_version(2, 91, 0).is_null() }
}
