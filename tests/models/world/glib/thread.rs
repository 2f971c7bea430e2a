//! Threads, which the system may refuse, with what they inherit, and clocks.

use std::ffi::CStr;

use crate::scheduling::sync::{per_thread, Cell};
use crate::world;

per_thread! {
    /// Whether this thread has another scheduling than the process, which it passes on, and cannot get rid
    /// of.
    static IN_BACKGROUND: Cell<bool> = const { Cell::new(false) };
}
per_thread! {
    /// 0: none yet.
    static NUMBER: Cell<usize> = const { Cell::new(0) };
}

pub(crate) fn start(_: &CStr, body: fn()) -> bool {
    super::held::assert_none();
    let in_background = IN_BACKGROUND.get();
    world::ask_for_thread(move || {
        IN_BACKGROUND.set(in_background);
        body();
    })
}

pub(crate) fn go_to_background() {
    IN_BACKGROUND.set(true);
}

pub(crate) fn has_process_scheduling() -> bool {
    !IN_BACKGROUND.get()
}

pub(crate) fn adopt_process_scheduling() -> bool {
    has_process_scheduling()
}

/// Never 0, as GLib's.
pub(crate) fn now() -> i64 {
    world::now().as_micros() as i64 + 1
}

/// Workers of the models never compute.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct CpuClock(usize);

impl CpuClock {
    pub(crate) fn of_this_thread() -> Self {
        if NUMBER.get() == 0 {
            NUMBER.set(world::new_number());
        }
        Self(NUMBER.get())
    }

    pub(crate) fn used(self) -> i64 {
        0
    }
}

pub(crate) struct ExitHook;

impl ExitHook {
    pub(crate) const fn new() -> Self {
        Self
    }

    pub(crate) fn set(&self, _: Option<fn()>) {}
}
