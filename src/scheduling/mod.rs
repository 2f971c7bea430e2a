//! When and where things run. Knows jobs, results and contexts, but no class.

pub(crate) mod callbacks;
pub(crate) mod completion_race;
pub(crate) mod delivery;
#[cfg(not(all(test, feature = "loom")))]
pub(crate) mod fork;
pub(crate) mod growth;
pub(crate) mod list;
#[cfg(not(all(test, feature = "loom")))]
mod load;
pub(crate) mod observers;
pub(crate) mod pool;
pub(crate) mod queue;
pub(crate) mod release;
mod sorted;
pub(crate) mod sync;
pub(crate) mod together;
