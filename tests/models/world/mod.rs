//! The world in which the models of this floor run: loom's threads, locks that loom knows, a clock of its
//! own, and a system that gives threads or refuses them.
//!
//! A model's first thread sets the scene and then plays the clock: time passes only when it says so. It waits
//! until all others sleep (`settle`): a wake-up that was lost shows then, before any timeout can hide it.

pub(crate) mod sync;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use loom::thread::{self, Thread};

use sync::Condvar;

std::thread_local! {
    // All of loom's threads share this: for the system they are one.
    static WORLD: RefCell<World> = RefCell::new(World::default());
}

#[derive(Default)]
struct World {
    numbers: usize,
    now: Duration,
    asleep: Vec<Asleep>,
    woken: BTreeMap<usize, Woken>,
    /// Threads that were started, but for the first one; those that are alive; and those of them that do not
    /// sleep.
    begun: usize,
    alive: usize,
    running: usize,
    /// The first thread, while it waits for the others to sleep.
    settling: Option<Thread>,
    /// Whether the system gives a thread, for the next times that it is asked. Afterwards it always does.
    answers: Vec<bool>,
    asked: usize,
    /// It refused one because loom has no more.
    ran_out: bool,
}

struct Asleep {
    number: usize,
    condvar: usize,
    thread: Thread,
    until: Option<Duration>,
    counted: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Woken {
    Notified,
    InTime,
    ForNothing,
}

fn world<R>(look: impl FnOnce(&mut World) -> R) -> R {
    WORLD.with_borrow_mut(look)
}

pub(crate) fn new_number() -> usize {
    world(|world| {
        world.numbers += 1;
        world.numbers
    })
}

impl World {
    fn wake(&mut self, place: usize, why: Woken) {
        let asleep = self.asleep.remove(place);
        self.woken.insert(asleep.number, why);
        self.running += usize::from(asleep.counted);
        asleep.thread.unpark();
    }

    fn stopped_running(&mut self) {
        self.running -= 1;
        if self.running == 0 {
            if let Some(first) = self.settling.take() {
                first.unpark();
            }
        }
    }

    /// The sleeper whose time comes first.
    fn next_timeout(&self) -> Option<usize> {
        let timed = self.asleep.iter().enumerate();
        let timed = timed.filter_map(|(place, asleep)| Some((asleep.until?, place)));
        timed.min().map(|(_, place)| place)
    }
}

fn wake_one(condvar: usize) {
    world(|world| {
        let mut asleep = world.asleep.iter();
        if let Some(place) = asleep.position(|asleep| asleep.condvar == condvar) {
            world.wake(place, Woken::Notified);
        }
    });
}

fn wake_all(condvar: usize) {
    world(|world| {
        let is_meant = |asleep: &Asleep| asleep.condvar == condvar;
        while let Some(place) = world.asleep.iter().position(is_meant) {
            world.wake(place, Woken::Notified);
        }
    });
}

fn sleep(condvar: usize, limit: Option<Duration>, unlock: impl FnOnce()) -> Woken {
    if limit.is_some() {
        the_clock().notify_one();
    }
    let number = new_number();
    let counted = COUNTED.with(|counted| counted.get());
    let thread = thread::current();
    unlock();
    world(|world| {
        let until = limit.map(|limit| world.now + limit);
        world.asleep.push(Asleep {
            number,
            condvar,
            thread,
            until,
            counted,
        });
        if counted {
            world.stopped_running();
        }
    });
    loop {
        if let Some(why) = world(|world| world.woken.remove(&number)) {
            return why;
        }
        thread::park();
    }
}

loom::thread_local! {
    /// Whether this thread is one of those that `settle` waits for.
    static COUNTED: std::cell::Cell<bool> = std::cell::Cell::new(false);
}

loom::lazy_static! {
    /// Lets loom see that a timeout and a wait with a limit depend on each other.
    static ref CLOCK: loom::sync::Condvar = loom::sync::Condvar::new();
}

fn the_clock() -> &'static loom::sync::Condvar {
    &CLOCK
}

/// Runs a model in all its interleavings, with at most so many preemptions in each, and says how many there
/// were. `LOOM_MAX_PREEMPTIONS` in the environment goes first.
pub(crate) fn explore(name: &str, preemptions: usize, model: impl Fn() + Send + Sync + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.max_branches = 20_000;
    let bound = *builder.preemption_bound.get_or_insert(preemptions);
    let count = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let counter = std::sync::Arc::clone(&count);
    let start = Instant::now();
    builder.check(move || {
        counter.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        world(|world| *world = World::default());
        crate::glib::source::begin();
        the_clock();
        model();
        world(|world| {
            assert_eq!(world.alive, 0, "the model left threads behind");
            assert!(world.asleep.is_empty());
        });
    });
    let count = count.load(std::sync::atomic::Ordering::Relaxed);
    let time = start.elapsed();
    println!("{name}: {count} interleavings with at most {bound} preemptions, {time:.1?}");
}

/// Starts a thread, as the system would; `false` if it refuses.
pub(crate) fn ask_for_thread(body: impl FnOnce() + 'static) -> bool {
    let granted = world(|world| {
        let room = world.begun + 1 < loom::MAX_THREADS;
        let granted = room && world.answers.get(world.asked).copied().unwrap_or(true);
        world.asked += 1;
        world.ran_out |= !room;
        granted
    });
    if granted {
        spawn(body);
    }
    granted
}

/// Starts a thread of the model itself.
pub(crate) fn spawn(body: impl FnOnce() + 'static) {
    world(|world| {
        world.begun += 1;
        world.alive += 1;
        world.running += 1;
    });
    thread::spawn(move || {
        COUNTED.with(|counted| counted.set(true));
        body();
        world(|world| {
            world.alive -= 1;
            world.stopped_running();
        });
    });
}

/// The answers of the system when it is asked for threads; afterwards it gives what it is asked for,
/// up to the number of threads that loom allows.
pub(crate) fn will_answer(answers: &[bool]) {
    world(|world| world.answers = answers.to_vec());
}

/// The world's clock.
pub(crate) fn now() -> Duration {
    world(|world| world.now)
}

/// A thread was refused only because loom has no more.
pub(crate) fn ran_out_of_threads() -> bool {
    world(|world| world.ran_out)
}

pub(crate) fn threads_alive() -> usize {
    world(|world| world.alive)
}

/// Waits until all other threads sleep or have ended.
pub(crate) fn settle() {
    let this = thread::current();
    while world(|world| {
        let busy = world.running > 0;
        world.settling = busy.then(|| this.clone());
        busy
    }) {
        thread::park();
    }
}

/// Lets the time come for which some thread waits. FALSE if none does.
pub(crate) fn let_time_pass() -> bool {
    the_clock().notify_one();
    world(|world| {
        let Some(place) = world.next_timeout() else {
            return false;
        };
        world.now = world.asleep[place].until.unwrap_or_default().max(world.now);
        world.wake(place, Woken::InTime);
        true
    })
}

/// Wakes all sleepers without a reason, which condition variables may do.
pub(crate) fn stir() {
    world(|world| {
        while !world.asleep.is_empty() {
            world.wake(0, Woken::ForNothing);
        }
    });
}

/// From here on loom tries no other interleavings: what follows is not what the model is about.
pub(crate) fn rest_in_one_order() {
    loom::stop_exploring();
}

/// Something to wait for.
pub(crate) struct Gate {
    open: sync::Mutex<bool>,
    opened: Condvar,
}

impl Gate {
    pub(crate) fn new() -> Self {
        Self {
            open: sync::Mutex::new(false),
            opened: Condvar::new(),
        }
    }

    pub(crate) fn open(&self) {
        *self.open.locked() = true;
        self.opened.notify_one();
    }

    pub(crate) fn pass(&self) {
        let mut open = self.open.locked();
        while !*open {
            open = self.opened.wait_locked(open);
        }
        drop(open);
        self.opened.notify_one();
    }
}
