//! What GIO has not: the functions of `<asyncresult/asr.h>`, `asr_foo_*` in `foo.rs`.
//!
//! This floor stands on the public functions alone, as a program of a user's would: those of GLib, GObject
//! and the C library, and those of our own by their names in C (`public.rs`). So it works on libgio's
//! objects, too, when this library has stepped back. It uses nothing else of the crate; `tests/floors.rs`
//! checks that.
//!
//! `asr.map` lists the names. Comments are in the form of GTK-doc, for introspection.
//!
//! # Safety
//!
//! The rules of [`crate::exports`] hold here, too.

pub mod cancellable;
mod class;
mod heap;
mod links;
mod public;
mod ring;
mod state;
mod timer;
pub mod wait;
