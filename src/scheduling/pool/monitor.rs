//! The monitor's life.

use std::time::Duration;

use super::{lock, thread, Monitor, Planned, Pool, Then, MONITOR, POOL, RETRY};
use crate::glib::hooks::table::Why;
use crate::scheduling::growth::{Growth, Sight};
use crate::scheduling::sync::wait_timeout;

/// How long a monitor with nothing to watch stays.
const KEEP_ALIVE: Duration = Duration::from_secs(1);

pub(super) fn live() {
    // The workers that it starts inherit its scheduling. If this is refused, they are transient.
    thread::adopt_process_scheduling();
    let mut growth = Growth::default();
    let mut pool = lock(&POOL);
    loop {
        if pool.queue.is_empty() {
            pool.refused = false;
        }
        if pool.refused {
            pool = wait_timeout(&MONITOR, pool, RETRY).0;
            pool.refused = false;
        }
        // This also asks for what was refused to another thread.
        let step = pool.next_step(Then::GoesOn, Why::WorkCame);
        if !matches!(step, Planned::Nothing) {
            step.perform(pool);
            pool = lock(&POOL);
            continue;
        }
        let timed_out;
        if pool.queue.is_empty() || !pool.counts.is_saturated() || !pool.counts.may_grow() {
            pool.counts.monitor = Monitor::Resting;
            (pool, timed_out) = wait_timeout(&MONITOR, pool, KEEP_ALIVE);
            let unneeded = pool.queue.is_empty() && pool.counts.monitor == Monitor::Resting;
            if timed_out && unneeded {
                pool.counts.monitor = Monitor::None;
                return;
            }
            continue;
        }
        let delay = growth.begin(pool.finished, || pool.sight());
        let delay = Duration::from_micros(delay.unsigned_abs());
        (pool, timed_out) = wait_timeout(&MONITOR, pool, delay);
        let starving = pool.counts.is_saturated() && growth.is_current(pool.finished);
        if timed_out && starving && growth.look(pool.sight()) {
            pool.add_worker(growth.why()).perform(pool);
            pool = lock(&POOL);
        }
    }
}

impl Pool {
    /// Reads a clock for each worker, under the pool's lock: while all are busy and nothing finishes, few
    /// threads want it.
    fn sight(&self) -> Sight {
        Sight {
            now: thread::now(),
            used: self.clocks.iter().map(|clock| clock.used()).sum(),
            extra: self.counts.extra(),
        }
    }
}
