//! The floor below, as far as this one uses it, for the models: threads that the system may refuse, sources,
//! contexts. Like the wrappers that they stand in for, they assert that no lock of the library is held.

/// The library's own file keeps its books with this: for each thread of loom.
macro_rules! thread_local {
    ($($(#[$meta:meta])* static $name:ident: $type:ty = const $value:block;)*) => {
        $($crate::scheduling::sync::per_thread! { $(#[$meta])* static $name: $type = const $value; })*
    };
}

#[path = "glib/context.rs"]
pub(crate) mod context;
#[path = "../../../src/glib/held.rs"]
pub(crate) mod held;
#[path = "glib/hooks.rs"]
pub(crate) mod hooks;
#[path = "../../../src/glib/probes.rs"]
pub(crate) mod probes;
#[path = "glib/source.rs"]
pub(crate) mod source;

#[path = "glib/thread.rs"]
pub(crate) mod thread;
