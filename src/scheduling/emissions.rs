//! Emissions under way: which threads are calling handlers of an object, and who has to wait for them.
//!
//! Beginning, ending and waiting take the object's lock. Finding that nobody is calling does not: so those who take a
//! handler away pay for no lock, unless somebody is.

use std::sync::atomic::Ordering;

use super::sync::{lock, per_thread, wait, AtomicBool, Cell, Condvar, Mutex, MutexGuard, Rank};

/// The lock of an object, with the emissions and whatever else it covers.
pub(crate) struct Emissions<T> {
    /// Whether any is under way. Written under the lock; read with it and without.
    any: AtomicBool,
    shared: Mutex<Shared<T>>,
    ended: Condvar,
}

/// What the lock covers.
pub(crate) struct Shared<T> {
    under_way: UnderWay,
    /// Threads that wait for the end of an emission.
    waiting: u32,
    pub(crate) rest: T,
}

impl<T> Emissions<T> {
    pub(crate) fn new(rest: T) -> Self {
        Self {
            any: AtomicBool::new(false),
            shared: Mutex::new(Rank::Cancellable, Shared::new(rest)),
            ended: Condvar::new(),
        }
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, Shared<T>> {
        lock(&self.shared)
    }

    /// Notes that this thread begins to call handlers. The answer is for `end`.
    pub(crate) fn begin(&self, shared: &mut Shared<T>) -> u64 {
        self.any.store(true, Ordering::Relaxed);
        shared.under_way.begin(Thread::current())
    }

    pub(crate) fn end(&self, emission: u64) {
        let mut shared = self.lock();
        shared.under_way.end(emission);
        // Whoever finds that there is none finds all that handlers have done.
        self.any
            .store(!shared.under_way.is_empty(), Ordering::Release);
        if shared.waiting > 0 {
            self.ended.notify_all();
        }
    }

    /// The lock, at a moment when no other thread is calling handlers; at once if this thread is inside one.
    pub(crate) fn lock_when_quiet(&self) -> MutexGuard<'_, Shared<T>> {
        self.wait(self.lock(), Until::Quiet)
    }

    /// Takes a handler away, with `remove`: when this returns, no other thread is running it. `block` keeps emissions
    /// from calling it that come to it from now on. Waits for nobody if this thread is inside a handler.
    ///
    /// No lock is needed to see that nobody is calling. An emission meets the handler only if it looked for handlers
    /// before `remove` took it away, and those two have an order, as both use the one list of handlers; and it is noted
    /// before it looks.
    pub(crate) fn remove_handler(&self, block: impl FnOnce(), remove: impl FnOnce()) {
        // The data of a handler that is running elsewhere would be destroyed there, by whoever runs it last.
        if self.are_under_way_elsewhere() {
            block();
            self.wait_for_those_under_way();
        }
        remove();
        // An emission that began meanwhile may have met the handler before it was gone; then it destroys the data, too.
        self.wait_for_those_under_way();
    }

    /// Whether another thread is calling handlers, and this one has to wait for that.
    fn are_under_way_elsewhere(&self) -> bool {
        if !self.any.load(Ordering::Acquire) {
            return false;
        }
        let shared = self.lock();
        let until = Until::Ended(shared.under_way.begun);
        shared.under_way.must_wait(Thread::current(), until)
    }

    /// Waits until the emissions have ended that are now under way in other threads.
    fn wait_for_those_under_way(&self) {
        if !self.any.load(Ordering::Acquire) {
            return;
        }
        let shared = self.lock();
        let until = Until::Ended(shared.under_way.begun);
        drop(self.wait(shared, until));
    }

    fn wait<'a>(
        &'a self,
        mut shared: MutexGuard<'a, Shared<T>>,
        until: Until,
    ) -> MutexGuard<'a, Shared<T>> {
        let thread = Thread::current();
        while shared.under_way.must_wait(thread, until) {
            shared.waiting += 1;
            shared = wait(&self.ended, shared);
            shared.waiting -= 1;
        }
        shared
    }
}

impl<T> Shared<T> {
    const fn new(rest: T) -> Self {
        Self {
            under_way: UnderWay::new(),
            waiting: 0,
            rest,
        }
    }
}

/// Tells threads apart, as long as they live.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Thread(usize);

impl Thread {
    fn current() -> Self {
        per_thread!(
            static PLACE: Cell<u8> = const { Cell::new(0) };
        );
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
enum Until {
    /// The emissions with a smaller number: those that had begun when this was asked. Later ones cannot make the
    /// waiting longer.
    Ended(u64),
    /// All of them: until an instant without any.
    Quiet,
}

/// The emissions that are under way.
struct UnderWay {
    /// How many have begun since the object was made.
    begun: u64,
    /// Nearly always there is at most one: it has its place here, so that cancelling allocates nothing.
    first: Option<Emission>,
    /// More of them: nested after a reset inside a handler, or late connects in several threads.
    more: Vec<Emission>,
}

impl UnderWay {
    const fn new() -> Self {
        Self {
            begun: 0,
            first: None,
            more: Vec::new(),
        }
    }

    fn begin(&mut self, thread: Thread) -> u64 {
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

    fn end(&mut self, number: u64) {
        if self.first.is_some_and(|first| first.number == number) {
            self.first = None;
        } else {
            self.more.retain(|emission| emission.number != number);
        }
    }

    fn is_empty(&self) -> bool {
        self.first.is_none() && self.more.is_empty()
    }

    /// Whether `thread` has to wait: not if it is inside a handler itself, since others may wait for that one.
    fn must_wait(&self, thread: Thread, until: Until) -> bool {
        let inside = self.all().any(|emission| emission.thread == thread);
        !inside
            && self.all().any(|emission| match until {
                Until::Ended(number) => emission.number < number,
                Until::Quiet => true,
            })
    }

    fn all(&self) -> impl Iterator<Item = &Emission> {
        self.first.iter().chain(&self.more)
    }
}

#[cfg(all(test, feature = "loom"))]
mod models;

#[cfg(not(feature = "loom"))]
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
        let mut under_way = UnderWay::new();
        let author = |number: u32| THREADS[by / 3usize.pow(number) % 3];
        let has_ended = |number: u32| ended >> number & 1 == 1;
        for number in 0..length {
            assert_eq!(under_way.begun, u64::from(number));
            assert_eq!(under_way.begin(author(number)), u64::from(number));
        }
        for number in (0..length).filter(|&number| has_ended(number)) {
            under_way.end(u64::from(number));
        }
        let running = || (0..length).filter(|&number| !has_ended(number));
        for thread in THREADS {
            let inside = running().any(|number| author(number) == thread);
            let expected = !inside && running().next().is_some();
            assert_eq!(under_way.is_empty(), running().next().is_none());
            assert_eq!(under_way.must_wait(thread, Until::Quiet), expected);
            for moment in 0..=length {
                let expected = !inside && running().any(|number| number < moment);
                let until = Until::Ended(u64::from(moment));
                assert_eq!(under_way.must_wait(thread, until), expected);
            }
        }
    }

    #[test]
    fn the_place_in_front_is_used_again() {
        let mut under_way = UnderWay::new();
        let outer = under_way.begin(THREADS[0]);
        let nested = under_way.begin(THREADS[0]);
        under_way.end(outer);
        let other = under_way.begin(THREADS[1]);
        assert!(!under_way.must_wait(THREADS[0], Until::Quiet));
        under_way.end(nested);
        assert!(under_way.must_wait(THREADS[0], Until::Quiet));
        assert!(!under_way.must_wait(THREADS[0], Until::Ended(other)));
        under_way.end(other);
        assert!(!under_way.must_wait(THREADS[0], Until::Quiet));
    }

    #[test]
    fn cancelling_allocates_nothing() {
        let mut under_way = UnderWay::new();
        for _ in 0..3 {
            let number = under_way.begin(THREADS[0]);
            under_way.end(number);
        }
        assert_eq!(under_way.more.capacity(), 0);
    }

    #[test]
    fn threads_differ() {
        let here = Thread::current();
        assert_eq!(here, Thread::current());
        let there = std::thread::scope(|scope| scope.spawn(Thread::current).join().ok());
        assert_ne!(Some(here), there);
    }
}
