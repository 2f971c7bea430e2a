//! What the objects are: their state, and what their methods do to it.

pub(crate) mod async_initable;
pub(crate) mod async_result;
pub(crate) mod cancellable;
pub(crate) mod initable;
pub(crate) mod io_error;
pub(crate) mod io_scheduler;
pub(crate) mod simple_async_result;
pub(crate) mod task;
