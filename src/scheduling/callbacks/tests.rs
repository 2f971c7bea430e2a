use super::*;

const THREADS: [ThreadId; 3] = [ThreadId(1), ThreadId(2), ThreadId(3)];
const OBJECTS: [ObjectId; 2] = [ObjectId(1), ObjectId(2)];
const KINDS: [CallbackKind; 3] = [
    CallbackKind::Emission,
    CallbackKind::Late,
    CallbackKind::Observers,
];

/// A list, and those who wait for something in it.
struct Table {
    calls: Calls,
    waiters: Waiters,
}

impl Table {
    fn new() -> Self {
        Self {
            calls: Calls::new(),
            waiters: Waiters::new(),
        }
    }

    fn begin(&mut self, object: ObjectId, kind: CallbackKind, thread: ThreadId) -> RunningCall {
        self.calls.begin(object, kind, thread)
    }

    fn end(&mut self, call: &RunningCall) -> bool {
        self.calls.end(call.number);
        self.waiters.end(call)
    }

    fn awaited(&self, thread: ThreadId, object: ObjectId, until: Until) -> Vec<RunningCall> {
        let meant = self.calls.meant(object, until);
        self.waiters.without_circles(meant, thread)
    }

    fn ended_before_now(&self, kind: CallbackKind) -> Until {
        Until::Ended(kind, self.calls.begun)
    }
}

/// One digit of a number that stands for a combination.
fn digit(combination: &mut usize, base: usize) -> usize {
    let digit = *combination % base;
    *combination /= base;
    digit
}

/// Every combination: up to three calls by any of three threads, of any of two objects, of any kind, each of
/// which has ended or not; each thread asks, about each object, about quiet and about every moment there was.
/// Nobody waits.
#[test]
fn who_waits() {
    for length in 0..=3u32 {
        for combination in 0..36usize.pow(length) {
            check_one(length, combination);
        }
    }
}

fn check_one(length: u32, mut combination: usize) {
    let mut table = Table::new();
    let mut calls = Vec::new();
    let mut ended = Vec::new();
    for number in 0..u64::from(length) {
        let thread = THREADS[digit(&mut combination, 3)];
        let object = OBJECTS[digit(&mut combination, 2)];
        let kind = KINDS[digit(&mut combination, 3)];
        let call = table.begin(object, kind, thread);
        assert_eq!(call.number, number);
        if digit(&mut combination, 2) == 1 {
            ended.push(call);
        } else {
            calls.push(call);
        }
    }
    for call in &ended {
        assert!(!table.end(call));
    }
    for thread in THREADS {
        for object in OBJECTS {
            let theirs = |call: &&RunningCall| call.thread != thread && call.object == object;
            let others = calls.iter().filter(theirs).copied();
            assert!(others
                .clone()
                .eq(table.awaited(thread, object, Until::Quiet)));
            for combination in 0..3 * (length as usize + 1) {
                let (kind, moment) = (KINDS[combination % 3], (combination / 3) as u64);
                let begun = others
                    .clone()
                    .filter(|call| call.kind == kind && call.number < moment);
                let awaited = table.awaited(thread, object, Until::Ended(kind, moment));
                assert!(begun.eq(awaited));
            }
        }
    }
}

/// A step of a thread that is not waiting: it begins or ends a call, or begins to wait.
#[derive(Clone, Copy)]
enum Step {
    Begin(ObjectId),
    End,
    Disconnect(ObjectId),
    Reset(ObjectId),
}

const STEPS: [Step; 7] = [
    Step::Begin(OBJECTS[0]),
    Step::Begin(OBJECTS[1]),
    Step::End,
    Step::Disconnect(OBJECTS[0]),
    Step::Disconnect(OBJECTS[1]),
    Step::Reset(OBJECTS[0]),
    Step::Reset(OBJECTS[1]),
];

impl Table {
    /// What the calling thread does on its way into sleep. Whoever waits once is let go by the end of what it
    /// waits for.
    fn begin_to_wait(&mut self, thread: ThreadId, object: ObjectId, until: Until) {
        let awaited = self.awaited(thread, object, until);
        if !awaited.is_empty() {
            self.waiters.add(thread, awaited);
        }
    }

    fn take(&mut self, thread: ThreadId, step: Step) {
        match step {
            Step::Begin(object) => {
                self.begin(object, CallbackKind::Emission, thread);
            }
            Step::End => {
                let running = &self.calls.running;
                let last = running.iter().rfind(|call| call.thread == thread);
                if let Some(call) = last.copied() {
                    self.end(&call);
                }
            }
            Step::Disconnect(object) => {
                self.begin_to_wait(
                    thread,
                    object,
                    self.ended_before_now(CallbackKind::Emission),
                );
            }
            Step::Reset(object) => self.begin_to_wait(thread, object, Until::Quiet),
        }
    }

    /// Whether some thread waits for itself, directly or through others.
    fn has_a_circle(&self) -> bool {
        self.waiters.0.iter().any(|waiting| {
            let waiters = self.waiters.who_waits_for(waiting.thread);
            let is_waited_for = |thread| waiting.calls.iter().any(|call| call.thread == thread);
            waiters[1..].iter().any(|&waiter| is_waited_for(waiter))
        })
    }

    fn copy(&self) -> Self {
        let mut waiters = Waiters::new();
        for waiting in &self.waiters.0 {
            waiters.add(waiting.thread, waiting.calls.clone());
        }
        let calls = Calls {
            begun: self.calls.begun,
            running: self.calls.running.clone(),
        };
        Self { calls, waiters }
    }
}

/// All sequences of steps of three threads with two objects: there is never a circle, and never do all of
/// them wait.
#[test]
fn nobody_waits_in_a_circle() {
    fn explore(table: &Table, depth: u32, waits: &mut usize) {
        assert!(!table.has_a_circle());
        assert!(table.waiters.0.len() < THREADS.len());
        *waits += table.waiters.0.len();
        if depth == 0 {
            return;
        }
        for thread in THREADS {
            if table.waiters.is_waiting(thread) {
                continue;
            }
            for step in STEPS {
                let mut next = table.copy();
                next.take(thread, step);
                explore(&next, depth - 1, waits);
            }
        }
    }
    let mut waits = 0;
    explore(&Table::new(), 5, &mut waits);
    assert!(waits > 0);
}

/// Three threads, each inside a callback of an object of its own, disconnect from the next one's: the third
/// would close the circle. It still waits for a fourth thread, which waits for nobody.
#[test]
fn only_those_are_exempt_that_wait_for_this_one() {
    let mut table = Table::new();
    let objects = [ObjectId(1), ObjectId(2), ObjectId(3)];
    let calls = [0, 1, 2].map(|i| table.begin(objects[i], CallbackKind::Emission, THREADS[i]));
    let free = table.begin(objects[0], CallbackKind::Emission, ThreadId(4));
    let until = table.ended_before_now(CallbackKind::Emission);
    table.begin_to_wait(THREADS[0], objects[1], until);
    table.begin_to_wait(THREADS[1], objects[2], until);
    assert_eq!(table.waiters.0[0].calls, [calls[1]]);
    assert_eq!(table.waiters.0[1].calls, [calls[2]]);
    assert_eq!(
        table.waiters.who_waits_for(THREADS[2]),
        [THREADS[2], THREADS[1], THREADS[0]]
    );
    assert_eq!(table.awaited(THREADS[2], objects[0], until), [free]);
    // From outside all of them are waited for.
    let outside = table.awaited(ThreadId(5), objects[0], until);
    assert_eq!(outside, [calls[0], free]);
    assert!(table.end(&calls[2]));
    assert!(!table.waiters.is_waiting(THREADS[1]));
    assert!(!table.end(&free));
    assert!(table.end(&calls[1]));
    assert!(table.waiters.0.is_empty());
}

#[test]
fn threads_and_objects_differ() {
    let here = ThreadId::current();
    assert_eq!(here, ThreadId::current());
    let there = std::thread::scope(|scope| scope.spawn(ThreadId::current).join().ok());
    assert_ne!(Some(here), there);
    assert_ne!(ObjectId::new(), ObjectId::new());
}
