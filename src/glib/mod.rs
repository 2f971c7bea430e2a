//! The lowest floor: thin wrappers over GLib, GObject and the C library. Only this floor calls C.

pub(crate) mod backtrace;
pub(crate) mod beside;
pub(crate) mod callback;
pub(crate) mod class;
pub(crate) mod context;
pub(crate) mod enumeration;
pub(crate) mod environment;
pub(crate) mod error;
pub(crate) mod held;
pub(crate) mod interface;
pub(crate) mod log;
pub(crate) mod object;
pub(crate) mod once;
mod panic;
pub(crate) mod precondition;
pub(crate) mod private;
pub(crate) mod property;
pub(crate) mod signal;
pub(crate) mod source;
pub(crate) mod string;
pub(crate) mod thread;
pub(crate) mod value;
pub(crate) mod wakeup;
