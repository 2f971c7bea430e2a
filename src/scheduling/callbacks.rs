//! Callbacks of cancellables that are running, and who waits for their end.
//!
//! Each running call is an entry in a list. There are several lists, each with its own lock, and an object
//! belongs to one of them: so threads that use different objects seldom take the same lock. An entry has the
//! number of the object (`ObjectId`), not its address. The data of a handler may hold the last reference to
//! the object: so whoever disconnects the handler must not need the object afterwards.
//!
//! *No threads wait for each other in a circle.* A thread that waits notes the calls that it waits for, and
//! which threads make them (`Waiters`). Before it waits, it follows these notes, and leaves out the calls of
//! threads that wait for it, directly or through others. That is enough: a circle is made of threads that wait;
//! a thread that waits begins no call; so a circle is closed by the thread that is the last to wait, and that
//! one has looked. The locks of the program are not known here. So only those calls wait that wait in GIO, too:
//! disconnecting and resetting.

use std::sync::atomic::{AtomicUsize, Ordering};

#[cfg(not(all(test, feature = "loom")))]
use super::sync::lock_all;
use super::sync::{
    lock, per_thread, shared, wait, AtomicBool, Cell, Condvar, Mutex, MutexGuard, Rank,
};

/// How many lists there are.
const SHARDS: usize = 8;

shared! {
    static LISTS: [CallList; SHARDS] = [const {
        CallList {
            calls: Mutex::new(Rank::Callbacks, Calls::new()),
            any: AtomicBool::new(false),
        }
    }; SHARDS];

    static WAITERS: Mutex<Waiters> = Mutex::new(Rank::Waiters, Waiters::new());

    /// Whether any thread waits. Written under the lock of `WAITERS`. Read under the lock of a list: a thread
    /// that waits for a call in that list has held that lock when it set this.
    static ANYBODY: AtomicBool = AtomicBool::new(false);

    /// Notified when a thread has nothing left to wait for.
    static RELEASED: Condvar = Condvar::new();
}

/// On a cache line of its own.
#[repr(align(64))]
struct CallList {
    calls: Mutex<Calls>,
    /// Whether any callback is running. Written under the lock; read without it.
    any: AtomicBool,
}

/// The number by which the lists know an object. No number is used twice.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct ObjectId(usize);

/// What calls callbacks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum CallbackKind {
    /// An emission of the signal. It calls handlers, which may be disconnected meanwhile.
    Emission,
    /// A connect to an object that is cancelled. It calls the callback itself, which does not become a handler.
    Late,
    /// A cancellation, before its emission. It carries out what the observers have noted.
    Observers,
}

/// A call that `ObjectId::begin` has noted. `end` has to follow.
#[must_use]
pub(crate) struct Running(RunningCall);

impl ObjectId {
    pub(crate) fn new() -> Self {
        static MADE: AtomicUsize = AtomicUsize::new(0);
        Self(MADE.fetch_add(1, Ordering::Relaxed))
    }

    fn list(self) -> &'static CallList {
        &LISTS[self.0 % SHARDS]
    }

    /// Notes that this thread begins to call callbacks of the object. The caller holds the object's lock.
    pub(crate) fn begin(self, kind: CallbackKind) -> Running {
        let mut calls = lock(&self.list().calls);
        self.list().any.store(true, Ordering::Relaxed);
        Running(calls.begin(self, kind, ThreadId::current()))
    }

    /// Disconnects a handler by calling `remove`, which may free the object. When this returns, no other thread
    /// runs the handler, and all emissions of other threads that had begun before have called it.
    ///
    /// The first wait is for those emissions. One that begins between the first wait and `remove` may have found
    /// the handler; the second wait sees it. For it was noted before it looked for handlers, and it looked before
    /// `remove` took this one out of the same list, which GObject has a lock for. The second wait also sees
    /// emissions that begin while `remove` destroys the handler's data. If such an emission holds the handler,
    /// its thread destroys the data.
    pub(crate) fn remove_handler(self, remove: impl FnOnce()) {
        self.wait_for(CallbackKind::Emission);
        remove();
        self.wait_for(CallbackKind::Emission);
    }

    /// Waits until all calls of that kind have ended that other threads have begun. Does not wait for threads
    /// that wait for this one.
    #[inline]
    pub(crate) fn wait_for(self, kind: CallbackKind) {
        // `Running::end` stores with Release: if nothing is running, all that the callbacks did is seen here.
        if self.list().any.load(Ordering::Acquire) {
            self.wait_for_all_that_began(kind);
        }
    }

    #[cold]
    fn wait_for_all_that_began(self, kind: CallbackKind) {
        let calls = lock(&self.list().calls);
        let until = Until::Ended(kind, calls.begun);
        self.wait_until(calls, until);
    }

    /// Takes the object's lock at a moment when no other thread calls a callback of the object. Calls begin
    /// under that lock. Threads that connect to a cancelled object again and again can keep this waiting: if
    /// they waited in their turn, a lock of the program could close a circle that is not seen here.
    pub(crate) fn lock_when_quiet<T>(self, mutex: &Mutex<T>) -> MutexGuard<'_, T> {
        loop {
            let guard = lock(mutex);
            if !self.list().any.load(Ordering::Acquire) {
                return guard;
            }
            let calls = lock(&self.list().calls);
            if self.awaited(&calls, Until::Quiet).is_empty() {
                return guard;
            }
            drop(guard);
            self.wait_until(calls, Until::Quiet);
        }
    }

    /// The calls for whose end this thread has to wait.
    fn awaited(self, calls: &Calls, until: Until) -> Vec<RunningCall> {
        let meant = calls.meant(self, until);
        if meant.is_empty() {
            return meant;
        }
        lock(&WAITERS).without_circles(meant, ThreadId::current())
    }

    fn wait_until(self, mut calls: MutexGuard<'_, Calls>, until: Until) {
        let thread = ThreadId::current();
        loop {
            let meant = calls.meant(self, until);
            if meant.is_empty() {
                return;
            }
            let mut waiters = lock(&WAITERS);
            let awaited = waiters.without_circles(meant, thread);
            if awaited.is_empty() {
                return;
            }
            waiters.add(thread, awaited);
            ANYBODY.store(true, Ordering::Relaxed);
            drop(calls);
            while waiters.is_waiting(thread) {
                waiters = wait(&RELEASED, waiters);
            }
            drop(waiters);
            calls = lock(&self.list().calls);
        }
    }
}

impl Running {
    pub(crate) fn end(self) {
        let list = self.0.object.list();
        let mut calls = lock(&list.calls);
        calls.end(self.0.number);
        list.any.store(!calls.running.is_empty(), Ordering::Release);
        if ANYBODY.load(Ordering::Relaxed) {
            end_waiting_for(&self.0);
        }
    }
}

#[cold]
fn end_waiting_for(call: &RunningCall) {
    let mut waiters = lock(&WAITERS);
    let released = waiters.end(call);
    ANYBODY.store(!waiters.0.is_empty(), Ordering::Relaxed);
    if released {
        RELEASED.notify_all();
    }
}

/// A number of a thread. No other thread has it as long as this one lives.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct ThreadId(usize);

impl ThreadId {
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
    /// All calls of a kind with a smaller number have ended: those that had begun when the wait began. Later
    /// calls do not make it longer.
    Ended(CallbackKind, u64),
    /// No call of the object is running.
    Quiet,
}

/// A running call: a thread that calls callbacks of an object.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct RunningCall {
    /// Counted in the list of the object.
    number: u64,
    object: ObjectId,
    kind: CallbackKind,
    thread: ThreadId,
}

/// The running calls of the objects that belong to one list.
struct Calls {
    /// How many calls have begun.
    begun: u64,
    running: Vec<RunningCall>,
}

impl Calls {
    const fn new() -> Self {
        Self {
            begun: 0,
            running: Vec::new(),
        }
    }

    #[inline]
    fn begin(&mut self, object: ObjectId, kind: CallbackKind, thread: ThreadId) -> RunningCall {
        let call = RunningCall {
            number: self.begun,
            object,
            kind,
            thread,
        };
        self.begun += 1;
        self.running.push(call);
        call
    }

    fn end(&mut self, number: u64) {
        self.running.retain(|call| call.number != number);
    }

    fn meant(&self, object: ObjectId, until: Until) -> Vec<RunningCall> {
        let is_meant = |call: &&RunningCall| match until {
            Until::Ended(kind, number) => call.kind == kind && call.number < number,
            Until::Quiet => true,
        };
        let calls = self.running.iter().filter(|call| call.object == object);
        calls.filter(is_meant).copied().collect()
    }
}

/// A thread that waits for the end of some calls, of which there is at least one.
struct WaitingThread {
    thread: ThreadId,
    calls: Vec<RunningCall>,
}

/// One for each thread that waits.
struct Waiters(Vec<WaitingThread>);

impl Waiters {
    const fn new() -> Self {
        Self(Vec::new())
    }

    fn add(&mut self, thread: ThreadId, calls: Vec<RunningCall>) {
        self.0.push(WaitingThread { thread, calls });
    }

    /// The call has ended. Says whether some thread has nothing left to wait for.
    fn end(&mut self, call: &RunningCall) -> bool {
        let before = self.0.len();
        self.0.retain_mut(|waiting| {
            waiting.calls.retain(|other| other != call);
            !waiting.calls.is_empty()
        });
        self.0.len() < before
    }

    fn is_waiting(&self, thread: ThreadId) -> bool {
        self.0.iter().any(|waiting| waiting.thread == thread)
    }

    /// The calls for whose end `thread` may wait.
    fn without_circles(&self, mut calls: Vec<RunningCall>, thread: ThreadId) -> Vec<RunningCall> {
        let exempt = self.who_waits_for(thread);
        calls.retain(|call| !exempt.contains(&call.thread));
        calls
    }

    /// The thread itself, and those that wait for it, directly or through others.
    fn who_waits_for(&self, thread: ThreadId) -> Vec<ThreadId> {
        let mut found = vec![thread];
        let mut looked_at = 0;
        while let Some(&one) = found.get(looked_at) {
            looked_at += 1;
            for waiting in &self.0 {
                let waits_for_one = waiting.calls.iter().any(|call| call.thread == one);
                if waits_for_one && !found.contains(&waiting.thread) {
                    found.push(waiting.thread);
                }
            }
        }
        found
    }
}

/// The locks, held during a fork.
#[cfg(not(all(test, feature = "loom")))]
pub(crate) struct ForkGuard {
    lists: [MutexGuard<'static, Calls>; SHARDS],
    waiters: MutexGuard<'static, Waiters>,
}

#[cfg(not(all(test, feature = "loom")))]
pub(crate) fn hold() -> ForkGuard {
    ForkGuard {
        lists: lock_all(LISTS.each_ref().map(|list| &list.calls)),
        waiters: lock(&WAITERS),
    }
}

#[cfg(not(all(test, feature = "loom")))]
impl ForkGuard {
    /// In the child, the only thread is the one that forked.
    pub(crate) fn forget(&mut self) {
        let thread = ThreadId::current();
        self.waiters.0.clear();
        ANYBODY.store(false, Ordering::Relaxed);
        for (calls, list) in self.lists.iter_mut().zip(&LISTS) {
            calls.running.retain(|call| call.thread == thread);
            let any = !calls.running.is_empty();
            list.any.store(any, Ordering::Release);
        }
    }
}

#[cfg(all(test, feature = "loom"))]
#[path = "../../tests/models/callbacks.rs"]
mod models;

#[cfg(not(feature = "loom"))]
#[cfg(test)]
mod tests;
