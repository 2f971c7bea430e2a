//! When a worker is added to a pool whose workers are all busy, with work queued: decided over plain numbers.
//!
//! Workers that are *blocked* (they wait, sleep, or do I/O) may wait for jobs that are still queued: then the
//! pool grows soon, and ever faster. Workers that *compute* need processors, not more threads: then it grows no
//! faster than GIO's. The processor time that the workers used tells which of the two it is. In both cases
//! the pool grows only while no job finishes. Times are microseconds.

use crate::glib::hooks::table::Why;

/// Before the first worker is added, all have been blocked, and no job has finished, for this long…
const FIRST_DELAY: i64 = 50_000;
/// …and for this long before each of the next few: a burst of jobs that are merely slow, or about to be
/// cancelled, should not get a thread for each. GLib's own tests count the jobs that were started within half a
/// second…
const CAUTIOUS_DELAY: i64 = 100_000;
const CAUTIOUS_STEPS: u32 = 8;
/// …then for this long, and a little longer for each worker that was added: by now the workers probably wait for
/// jobs that are still queued.
const NEXT_DELAY: i64 = 10_000;

/// GIO starts a worker this long after the last one, and 3 % later for each beyond the base: measured.
const COMPUTING_DELAY: f64 = 100_000.0;
const COMPUTING_FACTOR: f64 = 1.03;

/// The workers are blocked if together they use at most one such part of one processor…
const BLOCKED_PART: i64 = 10;
/// …over so long at most: a worker that starts, and others that it wakes, compute for a moment.
const LONGEST_WINDOW: i64 = 100_000;

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
    /// When the window began over which it asks whether the workers compute, and how much processor time they
    /// had used by then.
    window: i64,
    used: i64,
    /// How long to wait from the last look to the next.
    wait: i64,
    /// What the last look saw: all were blocked, or some computed.
    blocked: bool,
}

impl Growth {
    /// Begins anew, if something has finished. Says how long to wait until the next look.
    pub(crate) fn begin(&mut self, finished: u64, see: impl FnOnce() -> Sight) -> i64 {
        if self.finished != Some(finished) {
            let sight = see();
            *self = Self {
                finished: Some(finished),
                added: 0,
                since: sight.now,
                window: sight.now,
                used: sight.used,
                wait: FIRST_DELAY,
                blocked: false,
            };
        }
        self.wait
    }

    /// Whether nothing has finished since the last call of `begin`.
    pub(crate) fn is_current(&self, finished: u64) -> bool {
        self.finished == Some(finished)
    }

    /// Why one is added.
    pub(crate) fn why(&self) -> Why {
        if self.blocked {
            Why::AllAreBlocked
        } else {
            Why::AllCompute
        }
    }

    /// Says whether a worker is to be added.
    pub(crate) fn look(&mut self, sight: Sight) -> bool {
        let elapsed = sight.now - self.window;
        // They would be blocked if they used no more until this long after the window began.
        let blocked_after = (sight.used - self.used) * BLOCKED_PART;
        let blocked = blocked_after <= elapsed;
        self.blocked = blocked;
        let adds = blocked || sight.now >= self.since + delay_while_computing(sight.extra);
        if adds {
            self.added = if blocked { self.added + 1 } else { 1 };
            self.since = sight.now;
        } else if elapsed >= LONGEST_WINDOW {
            self.added = 1;
        }
        let mut next = self.window + blocked_after.min(LONGEST_WINDOW);
        if adds || elapsed >= LONGEST_WINDOW {
            self.window = sight.now;
            self.used = sight.used;
            next = sight.now + delay_while_blocked(self.added);
        }
        let due = self.since + delay_while_computing(sight.extra + usize::from(adds));
        self.wait = next.min(due) - sight.now;
        adds
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: i64 = 1_000_000;

    /// When each worker is added, if nothing finishes and the workers have used what `used` says by a time,
    /// when so many were added.
    fn grow(until: i64, used: impl Fn(i64, i64) -> i64) -> Vec<i64> {
        let mut growth = Growth::default();
        let mut times = Vec::new();
        let mut now = 0;
        while times.len() < 502 {
            let sight = |now, extra: usize| Sight {
                now,
                used: used(now, extra as i64),
                extra,
            };
            let wait = growth.begin(0, || sight(now, 0));
            assert!(wait > 0);
            now += wait;
            if now > until {
                break;
            }
            if growth.look(sight(now, times.len())) {
                times.push(now);
            }
        }
        times
    }

    fn gaps(times: &[i64]) -> Vec<i64> {
        times.windows(2).map(|pair| pair[1] - pair[0]).collect()
    }

    #[test]
    fn a_blocked_pool_grows_late_then_fast() {
        let times = grow(60 * SECOND, |_, _| 0);
        assert_eq!(times[0], FIRST_DELAY);
        assert!(times[6] > SECOND / 2);
        assert!(times[29] < SECOND);
        assert!(times[501] < 12 * SECOND);
        let fast = &gaps(&times)[CAUTIOUS_STEPS as usize..];
        assert!(fast.windows(2).all(|pair| pair[0] <= pair[1]));
    }

    /// What other threads of the program use is not seen, and a little work of the workers is no matter.
    #[test]
    fn a_little_work_is_no_computing() {
        let blocked = grow(9 * SECOND, |_, _| 0);
        assert_eq!(grow(9 * SECOND, |now, _| now / 20), blocked);
    }

    /// A worker that starts, and wakes the others, uses a few milliseconds on a slow machine.
    #[test]
    fn a_start_delays_the_next_but_is_no_computing() {
        let times = grow(60 * SECOND, |_, added| added * 5_000);
        let fast = &gaps(&times)[CAUTIOUS_STEPS as usize..];
        assert_eq!(times.len(), 502);
        assert!(fast.iter().all(|gap| *gap == 50_000));
    }

    /// GIO adds its n-th worker beyond the base after the sum of n delays.
    #[test]
    fn a_computing_pool_grows_as_gios() {
        for processors in [1, 2, 64] {
            let times = grow(100 * SECOND, |now, _| processors * now);
            let mut gios = 0;
            for (n, time) in times.iter().enumerate() {
                gios += delay_while_computing(n);
                assert_eq!(*time, gios, "worker {n}");
            }
            assert!(times.len() > 100, "it grows all the same");
        }
    }

    /// Workers that computed for a while are blocked from now on: the cautious delays come first.
    #[test]
    fn the_fast_delays_begin_again_after_computing() {
        for begins in (0..20).map(|n| n * SECOND / 10) {
            let ends = begins + SECOND / 4;
            let times = grow(9 * SECOND, |now, _| now.clamp(begins, ends) - begins);
            let later: Vec<i64> = times.into_iter().filter(|time| *time >= ends).collect();
            let gaps = gaps(&later);
            let (cautious, fast) = gaps.split_at(CAUTIOUS_STEPS as usize - 2);
            assert!(
                cautious.iter().all(|gap| *gap >= CAUTIOUS_DELAY),
                "{begins}"
            );
            assert!(
                fast[2..].iter().all(|gap| *gap < CAUTIOUS_DELAY),
                "{begins}"
            );
        }
    }

    /// However they change between the two, it grows no slower than GIO's.
    #[test]
    fn it_never_grows_slower_than_gios() {
        for period in (1..30).map(|n| n * 7_000) {
            let times = grow(30 * SECOND, |now, _| {
                now / period * (period / 2) + (now % period).min(period / 2)
            });
            let mut gios = 0;
            for (n, time) in times.iter().enumerate() {
                gios += delay_while_computing(n);
                assert!(*time <= gios, "worker {n} comes at {time}, period {period}");
            }
            let last = delay_while_computing(times.len());
            assert!(
                times.len() == 502 || gios + last > 30 * SECOND,
                "period {period}"
            );
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
