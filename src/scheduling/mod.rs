//! When and where things run. Knows jobs, items and contexts, but no class.

pub(crate) mod delivery;
pub(crate) mod growth;
pub(crate) mod handshake;
pub(crate) mod observers;
pub(crate) mod outcome;
pub(crate) mod pool;
pub(crate) mod queue;
pub(crate) mod release;
pub(crate) mod retry;
pub(crate) mod sync;
