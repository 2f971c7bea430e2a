//! When a pool whose workers are all busy, with work queued, gets one more: decided over plain numbers.
//!
//! Workers that are *blocked* (they wait, sleep, or do I/O) may wait for jobs that are still queued: then the pool grows
//! soon, and ever faster. Workers that *compute* need processors, not company: then it grows no faster than GIO's. The
//! processor time that the workers used tells which of the two it is. In both cases the pool grows only while nothing
//! finishes. Times are microseconds.

/// This long all must be blocked, and nothing finish, before one worker is added…
const FIRST_DELAY: i64 = 50_000;
/// …and this long before each of the next few: a burst that is merely slow, or about to be cancelled, should not
/// get a thread for each of its jobs. GLib's own tests count those that were started within half a second…
const CAUTIOUS_DELAY: i64 = 100_000;
const CAUTIOUS_STEPS: u32 = 8;
/// …then this long before each further one, a little longer the more there are: by now the workers probably wait
/// for jobs that are still queued.
const NEXT_DELAY: i64 = 10_000;

/// Between two workers that compute, GIO lets at least this pass, and 3 % more for each beyond the base: measured.
const COMPUTING_DELAY: f64 = 100_000.0;
const COMPUTING_FACTOR: f64 = 1.03;

/// Blocked workers use less than one such part of one processor.
const BLOCKED_PART: i64 = 10;

fn delay_while_blocked(added: u32) -> i64 {
    match added {
        0 => FIRST_DELAY,
        1..CAUTIOUS_STEPS => CAUTIOUS_DELAY,
        _ => NEXT_DELAY + NEXT_DELAY * i64::from(added - CAUTIOUS_STEPS) / 256,
    }
}

fn delay_while_computing(extra: usize) -> i64 {
    (COMPUTING_DELAY * COMPUTING_FACTOR.powi(extra as i32)) as i64
}

/// What the monitor sees when it looks.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sight {
    pub(crate) now: i64,
    /// Processor time that the workers have used since they exist.
    pub(crate) used: i64,
    /// Workers beyond the base.
    pub(crate) extra: usize,
}

/// What the monitor remembers.
#[derive(Default)]
pub(crate) struct Growth {
    finished: Option<u64>,
    /// The workers that it has added in a row while all were blocked.
    added: u32,
    /// Since when nothing has finished, and no worker was added.
    since: i64,
    /// When it last looked, and how much processor time the workers had used by then.
    looked: i64,
    used: i64,
}

impl Growth {
    /// Begins a window, if the last one is of no use because something has finished. Says how long to wait until the next
    /// look.
    pub(crate) fn begin(&mut self, finished: u64, see: impl FnOnce() -> Sight) -> i64 {
        if self.finished != Some(finished) {
            let sight = see();
            *self = Self {
                finished: Some(finished),
                added: 0,
                since: sight.now,
                looked: sight.now,
                used: sight.used,
            };
        }
        delay_while_blocked(self.added)
    }

    /// Whether nothing has finished since the window began.
    pub(crate) fn is_current(&self, finished: u64) -> bool {
        self.finished == Some(finished)
    }

    /// Ends a window, and begins the next one. Says whether a worker is to be added.
    pub(crate) fn look(&mut self, sight: Sight) -> bool {
        let blocked = (sight.used - self.used) * BLOCKED_PART < sight.now - self.looked;
        self.looked = sight.now;
        self.used = sight.used;
        let adds = blocked || sight.now - self.since >= delay_while_computing(sight.extra);
        self.added = if blocked { self.added + 1 } else { 1 };
        if adds {
            self.since = sight.now;
        }
        adds
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: i64 = 1_000_000;

    /// When each worker is added, if nothing finishes and the workers use what `used` says by a time.
    fn grow(until: i64, used: impl Fn(i64) -> i64) -> Vec<i64> {
        let mut growth = Growth::default();
        let mut times = Vec::new();
        let mut now = 0;
        while now < until && times.len() < 502 {
            let sight = |now, extra| Sight {
                now,
                used: used(now),
                extra,
            };
            now += growth.begin(0, || sight(now, 0));
            if growth.look(sight(now, times.len())) {
                times.push(now);
            }
        }
        times
    }

    #[test]
    fn a_blocked_pool_grows_late_then_fast() {
        let times = grow(60 * SECOND, |_| 0);
        assert_eq!(times[0], FIRST_DELAY);
        assert!(times[6] > SECOND / 2);
        assert!(times[29] < SECOND);
        assert!(times[501] < 12 * SECOND);
        let gaps: Vec<i64> = times.windows(2).map(|pair| pair[1] - pair[0]).collect();
        let fast = &gaps[CAUTIOUS_STEPS as usize..];
        assert!(fast.windows(2).all(|pair| pair[0] <= pair[1]));
    }

    /// What other threads of the program use is not seen, and a little work of the workers is no matter.
    #[test]
    fn a_little_work_is_no_computing() {
        assert_eq!(grow(9 * SECOND, |now| now / 20), grow(9 * SECOND, |_| 0));
    }

    /// GIO adds its n-th worker beyond the base after the sum of n delays.
    #[test]
    fn a_computing_pool_grows_no_faster_than_gios() {
        for processors in [1, 2, 64] {
            let times = grow(100 * SECOND, |now| processors * now);
            let mut gios = 0;
            for (n, time) in times.iter().enumerate() {
                gios += delay_while_computing(n);
                assert!(*time >= gios, "worker {n} comes at {time}");
            }
            assert!(times.len() > 100, "it grows all the same");
        }
    }

    /// Whenever a window is blocked, the cautious delays come first.
    #[test]
    fn the_fast_delays_begin_again_after_computing() {
        for busy in 0..40 {
            let mut growth = Growth::default();
            let mut sight = Sight {
                now: 0,
                used: 0,
                extra: 0,
            };
            for window in 0..40 {
                sight.now += growth.begin(0, || sight);
                if window == busy {
                    sight.used = sight.now;
                }
                growth.look(sight);
            }
            let in_a_row = 39 - busy;
            let fast = growth.begin(0, || sight) < CAUTIOUS_DELAY;
            assert_eq!(fast, in_a_row + 1 >= CAUTIOUS_STEPS, "{busy}");
        }
    }

    #[test]
    fn what_finishes_begins_anew() {
        let mut growth = Growth::default();
        let sight = |now| Sight {
            now,
            used: 0,
            extra: 0,
        };
        assert_eq!(growth.begin(0, || sight(0)), FIRST_DELAY);
        assert!(growth.look(sight(FIRST_DELAY)));
        assert_eq!(growth.begin(0, || unreachable!()), CAUTIOUS_DELAY);
        assert_eq!(growth.begin(1, || sight(60_000)), FIRST_DELAY);
    }
}
