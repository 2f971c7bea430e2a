//! The lowest floor: thin wrappers of functions of GLib, GObject and the C library, and nothing else; and the
//! hooks by which a library of its own watches the others.

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
pub(crate) mod signal;
pub(crate) mod source;
pub(crate) mod string;
pub(crate) mod thread;
pub(crate) mod value;
pub(crate) mod wakeup;
