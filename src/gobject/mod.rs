//! What every class of ours is built with: its registration, its private data, its interfaces, and the checks
//! that its functions make of their arguments.

pub(crate) mod class;
pub(crate) mod interface;
pub(crate) mod object;
pub(crate) mod precondition;
pub(crate) mod private;
pub(crate) mod property;
