//! Callbacks of cancellables that are running, and who waits for their end.
//!
//! There is one table for all objects, under one lock. The table knows an object by a number: so whoever takes a handler
//! away needs no memory of the object afterwards, as the data of the handler may hold the last reference.
//!
//! *Nobody waits in a circle.* A thread that waits notes in the table what it waits for. Before it waits, it follows these
//! notes, and leaves out the callbacks of threads that wait for it, directly or through others. That is enough: a circle
//! is made of threads that wait; a thread that waits begins no callback; so a circle is closed by the thread that is the
//! last to wait, and that one has looked.

use std::sync::atomic::{AtomicUsize, Ordering};

use super::sync::{
    lock, per_thread, shared, wait, AtomicBool, Cell, Condvar, Mutex, MutexGuard, Rank,
};

shared! {
    static TABLE: Mutex<Table> = Mutex::new(Rank::Callbacks, Table::new());

    /// Whether any callback is running. Written under the table's lock; read without it.
    static ANY: AtomicBool = AtomicBool::new(false);

    /// Somebody waits for nothing any more.
    static RELEASED: Condvar = Condvar::new();
}

/// What the table knows an object by. No two objects have the same number, one after the other neither.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Object(usize);

/// What calls callbacks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Kind {
    /// An emission of the signal: it calls handlers, which somebody may take away meanwhile.
    Emission,
    /// A connect to an object that is cancelled: it calls its one callback, which is no handler.
    Late,
    /// A cancellation, before its emission: it carries out what the observers have noted.
    Observers,
    /// No callback, but a reset that waits for the end of all others. Late callbacks wait for it, or threads that connect
    /// again and again would keep it waiting for ever.
    Reset,
}

/// Ends what `begin` began.
#[must_use]
pub(crate) struct Running(u64);

impl Object {
    pub(crate) fn new() -> Self {
        static MADE: AtomicUsize = AtomicUsize::new(0);
        Self(MADE.fetch_add(1, Ordering::Relaxed))
    }

    /// Notes that this thread begins to call callbacks of the object. To be called under the object's lock.
    #[inline]
    pub(crate) fn begin(self, kind: Kind) -> Running {
        self.begin_in(&mut lock(&TABLE), kind)
    }

    #[inline]
    fn begin_in(self, table: &mut Table, kind: Kind) -> Running {
        ANY.store(true, Ordering::Relaxed);
        Running(table.begin(self, kind, Thread::current()))
    }

    /// Takes a handler away, with `remove`, which may end the object: when this returns, no other thread is running the
    /// handler, and it has been called by all emissions of other threads that had begun before.
    ///
    /// An emission that begins before `remove` and is not seen by the first look may have met the handler; it is seen
    /// by the second. For it looked for handlers before `remove` took this one from the same list, which GObject has a
    /// lock for; and it was noted before it looked.
    pub(crate) fn remove_handler(self, remove: impl FnOnce()) {
        self.wait_for(Kind::Emission);
        remove();
        self.wait_for(Kind::Emission);
    }

    /// Waits until all of that kind have ended that have begun in other threads.
    pub(crate) fn wait_for(self, kind: Kind) {
        // Whoever finds that nothing is running finds all that callbacks have done.
        if ANY.load(Ordering::Acquire) {
            let table = lock(&TABLE);
            let until = Until::Ended(kind, table.begun);
            wait_until(table, self, until);
        }
    }

    /// The object's lock, at a moment when no callback of the object is running in another thread. Those that begin do so
    /// under that lock.
    pub(crate) fn lock_when_quiet<T>(self, mutex: &Mutex<T>) -> MutexGuard<'_, T> {
        let mut reset = None;
        loop {
            let guard = lock(mutex);
            if !ANY.load(Ordering::Acquire) {
                return guard;
            }
            let mut table = lock(&TABLE);
            let callbacks = table.awaited(Thread::current(), self, Until::Quiet);
            if callbacks.is_empty() {
                if let Some(reset) = reset {
                    Running::end_in(reset, &mut table);
                }
                return guard;
            }
            drop(guard);
            // Noted and waited for at one moment, like any callback of a thread that waits: see above.
            reset.get_or_insert_with(|| self.begin_in(&mut table, Kind::Reset));
            wait_until(table, self, Until::Quiet);
        }
    }
}

impl Running {
    #[inline]
    pub(crate) fn end(self) {
        self.end_in(&mut lock(&TABLE));
    }

    #[inline]
    fn end_in(self, table: &mut Table) {
        let released = table.end(self.0);
        ANY.store(!table.running.is_empty(), Ordering::Release);
        if released {
            RELEASED.notify_all();
        }
    }
}

fn wait_until(mut table: MutexGuard<'_, Table>, object: Object, until: Until) {
    let thread = Thread::current();
    loop {
        let callbacks = table.awaited(thread, object, until);
        if callbacks.is_empty() {
            return;
        }
        table.waiting.push(Waiting { thread, callbacks });
        while table.is_waiting(thread) {
            table = wait(&RELEASED, table);
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

/// What a thread waits for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Until {
    /// Those of a kind with a smaller number have ended: those that had begun when this was asked. Later ones cannot make
    /// the waiting longer.
    Ended(Kind, u64),
    /// No callback is running.
    Quiet,
}

/// A thread that calls callbacks of an object.
#[derive(Clone, Copy, Debug)]
struct Call {
    number: u64,
    object: Object,
    kind: Kind,
    thread: Thread,
}

/// A thread that waits for the end of some calls: their numbers, of which there is at least one.
struct Waiting {
    thread: Thread,
    callbacks: Vec<u64>,
}

struct Table {
    /// How many calls have begun.
    begun: u64,
    running: Vec<Call>,
    /// One for each thread that waits.
    waiting: Vec<Waiting>,
}

impl Table {
    const fn new() -> Self {
        Self {
            begun: 0,
            running: Vec::new(),
            waiting: Vec::new(),
        }
    }

    #[inline]
    fn begin(&mut self, object: Object, kind: Kind, thread: Thread) -> u64 {
        let number = self.begun;
        self.begun += 1;
        self.running.push(Call {
            number,
            object,
            kind,
            thread,
        });
        number
    }

    /// Says whether somebody waits for nothing any more.
    fn end(&mut self, number: u64) -> bool {
        self.running.retain(|call| call.number != number);
        let before = self.waiting.len();
        self.waiting.retain_mut(|waiting| {
            waiting.callbacks.retain(|&other| other != number);
            !waiting.callbacks.is_empty()
        });
        self.waiting.len() < before
    }

    fn is_waiting(&self, thread: Thread) -> bool {
        self.waiting.iter().any(|waiting| waiting.thread == thread)
    }

    /// The calls whose end `thread` has to wait for.
    fn awaited(&self, thread: Thread, object: Object, until: Until) -> Vec<u64> {
        let exempt = self.who_waits_for(thread);
        let is_meant = |call: &Call| match until {
            Until::Ended(kind, number) => call.kind == kind && call.number < number,
            Until::Quiet => call.kind != Kind::Reset,
        };
        let calls = self.running.iter().filter(|call| call.object == object);
        calls
            .filter(|call| is_meant(call) && !exempt.contains(&call.thread))
            .map(|call| call.number)
            .collect()
    }

    /// The thread itself, and those that wait for it, directly or through others.
    fn who_waits_for(&self, thread: Thread) -> Vec<Thread> {
        let mut found = vec![thread];
        let mut looked_at = 0;
        while let Some(&one) = found.get(looked_at) {
            looked_at += 1;
            for waiting in &self.waiting {
                if !found.contains(&waiting.thread) && self.waits_for(waiting, one) {
                    found.push(waiting.thread);
                }
            }
        }
        found
    }

    fn waits_for(&self, waiting: &Waiting, thread: Thread) -> bool {
        let mut calls = self.running.iter().filter(|call| call.thread == thread);
        calls.any(|call| waiting.callbacks.contains(&call.number))
    }
}

/// The table's lock, held during a fork.
#[cfg(not(all(test, feature = "loom")))]
pub(crate) struct Held(MutexGuard<'static, Table>);

#[cfg(not(all(test, feature = "loom")))]
pub(crate) fn hold() -> Held {
    Held(lock(&TABLE))
}

#[cfg(not(all(test, feature = "loom")))]
impl Held {
    /// In the child: there are no threads, but for the one that forked.
    pub(crate) fn forget(&mut self) {
        let thread = Thread::current();
        self.0.waiting.clear();
        self.0.running.retain(|call| call.thread == thread);
        ANY.store(!self.0.running.is_empty(), Ordering::Release);
    }
}

#[cfg(all(test, feature = "loom"))]
mod models;

#[cfg(not(feature = "loom"))]
#[cfg(test)]
mod tests;
