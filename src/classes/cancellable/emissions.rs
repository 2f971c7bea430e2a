//! Which threads are running handlers of a cancellable, and who has to wait for them.

/// Tells threads apart, as long as they live.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Thread(usize);

impl Thread {
    pub(super) fn current() -> Self {
        thread_local!(static PLACE: std::cell::Cell<u8> = const { std::cell::Cell::new(0) });
        PLACE.with(|place| Self(std::ptr::from_ref(place).addr()))
    }
}

/// One thread calling handlers: an emission of the signal, or the callback of a late connect.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Emission {
    thread: Thread,
    number: u64,
}

/// Whose end somebody waits for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Until {
    /// The emissions with a smaller number: those that had begun when [`Emissions::begun`] said so. Later ones
    /// cannot make the waiting longer.
    Ended(u64),
    /// All of them: until an instant without any.
    Quiet,
}

/// The emissions of one cancellable that are under way.
pub(super) struct Emissions {
    begun: u64,
    /// Nearly always there is at most one: it has its place here, so that cancelling allocates nothing.
    first: Option<Emission>,
    /// More of them: nested after a reset inside a handler, or late connects in several threads.
    more: Vec<Emission>,
}

impl Emissions {
    pub(super) const fn new() -> Self {
        Self {
            begun: 0,
            first: None,
            more: Vec::new(),
        }
    }

    /// Notes that `thread` begins to call handlers. The answer is for `end`.
    pub(super) fn begin(&mut self, thread: Thread) -> u64 {
        let number = self.begun;
        let emission = Emission { thread, number };
        self.begun += 1;
        if self.first.is_none() {
            self.first = Some(emission);
        } else {
            self.more.push(emission);
        }
        number
    }

    pub(super) fn end(&mut self, number: u64) {
        if self.first.is_some_and(|first| first.number == number) {
            self.first = None;
        } else {
            self.more.retain(|emission| emission.number != number);
        }
    }

    /// How many emissions have begun since the object was made.
    pub(super) fn begun(&self) -> u64 {
        self.begun
    }

    /// Whether `thread` has to wait: not if it is inside a handler itself, since others may wait for that one.
    pub(super) fn must_wait(&self, thread: Thread, until: Until) -> bool {
        let inside = self.under_way().any(|emission| emission.thread == thread);
        !inside
            && self.under_way().any(|emission| match until {
                Until::Ended(number) => emission.number < number,
                Until::Quiet => true,
            })
    }

    fn under_way(&self) -> impl Iterator<Item = &Emission> {
        self.first.iter().chain(&self.more)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const THREADS: [Thread; 3] = [Thread(1), Thread(2), Thread(3)];

    /// Every combination: up to three emissions by any of three threads, any of which has ended; each thread asks,
    /// about quiet and about every moment there was.
    #[test]
    fn who_waits() {
        for length in 0..=3u32 {
            for by in 0..3usize.pow(length) {
                for ended in 0..2u32.pow(length) {
                    check_one(length, by, ended);
                }
            }
        }
    }

    fn check_one(length: u32, by: usize, ended: u32) {
        let mut emissions = Emissions::new();
        let author = |number: u32| THREADS[by / 3usize.pow(number) % 3];
        let has_ended = |number: u32| ended >> number & 1 == 1;
        for number in 0..length {
            assert_eq!(emissions.begun(), u64::from(number));
            assert_eq!(emissions.begin(author(number)), u64::from(number));
        }
        for number in (0..length).filter(|&number| has_ended(number)) {
            emissions.end(u64::from(number));
        }
        let running = || (0..length).filter(|&number| !has_ended(number));
        for thread in THREADS {
            let inside = running().any(|number| author(number) == thread);
            let expected = !inside && running().next().is_some();
            assert_eq!(emissions.must_wait(thread, Until::Quiet), expected);
            for moment in 0..=length {
                let expected = !inside && running().any(|number| number < moment);
                let until = Until::Ended(u64::from(moment));
                assert_eq!(emissions.must_wait(thread, until), expected);
            }
        }
    }

    #[test]
    fn the_place_in_front_is_used_again() {
        let mut emissions = Emissions::new();
        let outer = emissions.begin(THREADS[0]);
        let nested = emissions.begin(THREADS[0]);
        emissions.end(outer);
        let other = emissions.begin(THREADS[1]);
        assert!(!emissions.must_wait(THREADS[0], Until::Quiet));
        emissions.end(nested);
        assert!(emissions.must_wait(THREADS[0], Until::Quiet));
        assert!(!emissions.must_wait(THREADS[0], Until::Ended(other)));
        emissions.end(other);
        assert!(!emissions.must_wait(THREADS[0], Until::Quiet));
    }

    #[test]
    fn cancelling_allocates_nothing() {
        let mut emissions = Emissions::new();
        for _ in 0..3 {
            let number = emissions.begin(THREADS[0]);
            emissions.end(number);
        }
        assert_eq!(emissions.more.capacity(), 0);
    }

    #[test]
    fn threads_differ() {
        let here = Thread::current();
        assert_eq!(here, Thread::current());
        let there = std::thread::scope(|scope| scope.spawn(Thread::current).join().ok());
        assert_ne!(Some(here), there);
    }
}
