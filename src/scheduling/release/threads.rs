//! The threads that release what contexts do not: one is in charge, and one may stand by.

use std::time::Duration;

use super::{Parked, PARKED, WORK};
use crate::glib::thread;
use crate::scheduling::sync::{lock, shared, wait_timeout, Condvar, MutexGuard};

/// How long a release thread stays without work.
const KEEP_ALIVE: Duration = Duration::from_secs(1);
/// After this long in one destroy notify another thread takes charge. In microseconds.
const STUCK: u64 = 20_000;

/// The most release threads: as many as GIO has workers at first.
pub(super) const MOST: usize = 10;

shared! {
    /// Never notified. The thread that stands by waits for it with a limit.
    static STAND_BY: Condvar = Condvar::new();
}

/// Starts a thread that takes charge. If the system refuses it, the calling worker releases all, as in GIO.
pub(super) fn start(mut parked: MutexGuard<'static, Parked>) {
    parked.is_in_charge = true;
    parked.threads += 1;
    drop(parked);
    if thread::start(c"release-asyncre", live) {
        return;
    }
    let mut parked = lock(&PARKED);
    parked.threads -= 1;
    // What is released may hand over more. That is parked, and taken out by this loop.
    while let Some(due) = parked.take_due(i64::MAX - 1) {
        drop(parked);
        drop(due);
        parked = lock(&PARKED);
    }
    parked.is_in_charge = false;
}

/// Starts a thread that stands by. If the system refuses it, what waits has to wait longer.
pub(super) fn start_stand_by(
    mut parked: MutexGuard<'static, Parked>,
) -> MutexGuard<'static, Parked> {
    parked.has_stand_by = true;
    parked.threads += 1;
    drop(parked);
    let started = thread::start(c"release-standby", stand_by);
    let mut parked = lock(&PARKED);
    if !started {
        parked.has_stand_by = false;
        parked.threads -= 1;
    }
    parked
}

/// The life of a release thread.
fn live() {
    take_charge(lock(&PARKED)).threads -= 1;
}

/// Takes charge, and releases what is due until another thread takes charge or there is nothing to do. The
/// thread that was in charge before is busy or has ended.
fn take_charge(mut parked: MutexGuard<'static, Parked>) -> MutexGuard<'static, Parked> {
    parked.charge += 1;
    parked.busy_since = 0;
    let charge = parked.charge;
    while parked.charge == charge {
        let now = thread::now();
        if let Some(due) = parked.take_due(now) {
            parked.busy_since = now;
            if parked.needs_stand_by() {
                parked = start_stand_by(parked);
            }
            drop(parked);
            drop(due);
            parked = lock(&PARKED);
            continue;
        }
        parked.busy_since = 0;
        let left = match parked.next {
            i64::MAX => KEEP_ALIVE,
            next => Duration::from_micros((next - now) as u64),
        };
        let timed_out;
        (parked, timed_out) = wait_timeout(&WORK, parked, left);
        if timed_out && parked.is_empty() {
            parked.is_in_charge = false;
            break;
        }
    }
    parked
}

/// The life of a thread that stands by. A destroy notify may be slow, or wait for another one. In GIO that holds
/// up one worker; here this thread takes charge.
fn stand_by() {
    let mut parked = lock(&PARKED);
    let mut quiet = Duration::ZERO;
    let look = Duration::from_micros(STUCK);
    while quiet < KEEP_ALIVE {
        parked = wait_timeout(&STAND_BY, parked, look).0;
        if parked.is_empty() {
            quiet += look;
            continue;
        }
        quiet = Duration::ZERO;
        if parked.busy_since != 0 && thread::now() - parked.busy_since >= STUCK as i64 {
            parked.has_stand_by = false;
            take_charge(parked).threads -= 1;
            return;
        }
    }
    parked.has_stand_by = false;
    parked.threads -= 1;
}
