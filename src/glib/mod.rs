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
