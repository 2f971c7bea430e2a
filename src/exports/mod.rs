//! The C ABI: one function per symbol, `g_task_foo` in `task.rs` or in a file in `task/`. A function here
//! checks its arguments, converts them, and makes one call into the class. The printf-style ones, which
//! stable Rust cannot define, are in `variadic.c`, and what those call is in `variadic.rs`. Those that make
//! objects with properties are in `construction.c`. `exports.map`
//! lists all names.
//!
//! # Safety
//!
//! All functions share these rules; what a function adds to them stands at the function.
//!
//! - An instance argument is NULL or a live GTypeInstance. An instance of a wrong type is refused, not
//!   followed.
//! - A string is NULL or ends in a zero byte; an array, value or structure is NULL or valid for the call.
//! - A `GError **` is NULL or points to an error variable, by GLib's custom one that holds NULL.
//! - A callback that is handed over may be called with its data until its destroy notify has run, and a
//!   destroy notify may be called once with its data: on the thread that the function documents.
//! - What is handed over with "transfer full" is no longer the caller's, not even when the call is refused.

pub mod async_initable;
pub mod async_result;
pub mod cancellable;
pub mod initable;
pub mod io_error;
pub mod io_scheduler;
pub mod simple_async_result;
pub mod task;
pub mod variadic;
