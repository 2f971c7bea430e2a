//! Coexistence: what becomes of this library in a process that has libgio, too.

pub(crate) mod detect;
pub(crate) mod forward;
