//! Workers whose results arrive, the loop that looks and dispatches, and others who destroy what they find,
//! at once.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use glib_sys::{gboolean, gpointer, GFALSE};

use super::*;
use crate::glib::context::{Context, ModelContext};
use crate::glib::source;
use crate::glib::source::{Call, Callback, Name};
use crate::scheduling::delivery;
use crate::world::{explore, rest_in_one_order, settle, spawn};

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum End {
    Delivered,
    Dropped,
}

type Log = Rc<RefCell<Vec<(usize, End)>>>;

/// A task as far as this matters: the arrival is part of it, and it keeps its context.
struct Result {
    arrival: Arrival,
    context: Context,
    /// Ten times the worker's, and a place in its order.
    number: usize,
    delivered: bool,
    log: Log,
}

unsafe extern "C" fn deliver(result: gpointer) -> gboolean {
    // SAFETY: the box that `arrive` gave away, which the source has until it calls `drop_result`.
    let result = unsafe { &mut *result.cast::<Result>() };
    result.arrival.ended();
    result.delivered = true;
    result
        .log
        .borrow_mut()
        .push((result.number, End::Delivered));
    GFALSE
}

unsafe extern "C" fn drop_result(result: gpointer) {
    // SAFETY: the box that `arrive` gave away, given back once.
    let result = unsafe { Box::from_raw(result.cast::<Result>()) };
    result.arrival.ended();
    if !result.delivered {
        result.log.borrow_mut().push((result.number, End::Dropped));
    }
}

#[derive(Clone)]
struct Scene {
    context: Arc<ModelContext>,
    log: Log,
}

impl Scene {
    fn new() -> Self {
        Self::of(ModelContext::new())
    }

    /// With the context that never ends.
    fn of_global_default() -> Self {
        Self::of(ModelContext::global_default())
    }

    fn of(context: Arc<ModelContext>) -> Self {
        Self {
            context,
            log: Log::default(),
        }
    }

    /// What its worker does when a result is there. The result's reference to the context was taken when it
    /// was made.
    fn result(&self, number: usize) -> Box<Result> {
        Box::new(Result {
            arrival: Arrival::new(),
            // SAFETY: who makes a result keeps the context alive.
            context: unsafe { Context::retain(self.context.as_ptr()) },
            number,
            delivered: false,
            log: Rc::clone(&self.log),
        })
    }

    /// A worker to which these results come, one after the other. It has no reference to the context but
    /// theirs.
    fn worker(&self, results: &[(usize, c_int)]) {
        let results: Vec<_> = results
            .iter()
            .map(|&(number, priority)| (self.result(number), priority))
            .collect();
        spawn(move || {
            for (result, priority) in results {
                arrive(result, priority);
            }
        });
    }

    /// What is no worker's. The thread keeps the context meanwhile.
    fn defer(&self, number: usize, priority: c_int) {
        // SAFETY: the caller keeps it.
        let context = unsafe { Context::retain(self.context.as_ptr()) };
        let result = Box::into_raw(self.result(number));
        delivery::defer(context.as_borrowed(), deferred(result, priority));
    }

    fn thread(&self, body: impl FnOnce(&Self) + 'static) {
        let scene = self.clone();
        spawn(move || body(&scene));
    }

    fn ended(&self) -> usize {
        self.log.borrow().len()
    }

    /// Each of so many results of each worker has ended once; those that ended in the same way did so in
    /// order.
    fn check_ends(&self, workers: &[usize], each: usize) {
        let log = self.log.borrow();
        for worker in workers {
            let of_worker = |end: End| {
                let of_worker = log.iter().filter(move |(number, _)| number / 10 == *worker);
                let these = of_worker.filter(move |(_, how)| *how == end);
                these.map(|(number, _)| *number)
            };
            assert!(of_worker(End::Delivered).is_sorted(), "{log:?}");
            let mut all: Vec<_> = of_worker(End::Delivered)
                .chain(of_worker(End::Dropped))
                .collect();
            all.sort_unstable();
            let expected: Vec<_> = (0..each).map(|place| worker * 10 + place).collect();
            assert_eq!(all, expected);
        }
    }

    fn all_are_delivered(&self) -> bool {
        let log = self.log.borrow();
        log.iter().all(|(_, end)| *end == End::Delivered)
    }

    /// Nothing is left behind: not in the map, not in the context, not beside it.
    fn check_nothing_is_left(&self) {
        for shard in WAITING.iter() {
            assert!(lock(shard).0.is_empty(), "a place is still in the map");
        }
        assert!(self.context.has_ended() || !self.context.has_sources());
        assert_eq!(source::alive(), 0);
    }
}

fn arrive(result: Box<Result>, priority: c_int) {
    // SAFETY: the result keeps it.
    let context = unsafe { result.context.as_borrowed().unbound() };
    let result = Box::into_raw(result);
    // SAFETY: the result has the arrival and the context, and says when it has ended. It is not touched any more.
    unsafe {
        (*result)
            .arrival
            .arrive(context, deferred(result, priority))
    };
}

fn deferred(result: *mut Result, priority: c_int) -> Deferred {
    let call = Call::Once {
        function: deliver,
        destroy: drop_result,
    };
    Deferred {
        priority,
        name: Name::constant(c"result"),
        // SAFETY: both functions take the box, and the second one gives it back.
        call: unsafe { Callback::new(call, result.cast()) },
    }
}

/// The loop goes round twice while they arrive, and once more for each priority.
fn arriving_while_the_loop_goes_round(scene: &Scene, priorities: [c_int; 2], each: usize) {
    for (worker, priority) in [1, 2].into_iter().zip(priorities) {
        let results: Vec<_> = (0..each)
            .map(|place| (worker * 10 + place, priority))
            .collect();
        scene.worker(&results);
    }
    scene.context.iterate();
    scene.context.iterate();
    settle();
    rest_in_one_order();
    scene.context.iterate();
    if priorities[0] != priorities[1] {
        scene.context.iterate();
    }
    scene.check_ends(&[1, 2], each);
    assert!(scene.all_are_delivered());
    scene.check_nothing_is_left();
}

/// What a thread returns that is no worker, after those of a worker: it does not overtake them.
#[test]
fn in_order_behind_a_worker() {
    explore("arrivals, another thread behind a worker", 4, || {
        let scene = Scene::new();
        scene.thread(|scene| {
            arrive(scene.result(10), 0);
            arrive(scene.result(11), 0);
            scene.defer(12, 0);
        });
        scene.context.iterate();
        settle();
        rest_in_one_order();
        scene.context.iterate();
        scene.context.iterate();
        scene.check_ends(&[1], 3);
        assert!(scene.all_are_delivered());
        scene.check_nothing_is_left();
    });
}

/// A worker whose results come while the loop takes the earlier ones out: none overtakes another.
#[test]
fn in_order_while_the_loop_looks() {
    explore("arrivals, one worker, three results", 5, || {
        let scene = Scene::new();
        scene.worker(&[(10, 0), (11, 0), (12, 0)]);
        scene.context.iterate();
        scene.context.iterate();
        settle();
        rest_in_one_order();
        scene.context.iterate();
        scene.check_ends(&[1], 3);
        scene.check_nothing_is_left();
    });
}

#[test]
fn delivered_once_and_in_order() {
    explore("arrivals, two workers, one priority", 3, || {
        arriving_while_the_loop_goes_round(&Scene::new(), [0, 0], 2);
    });
    explore("arrivals, two workers, two priorities", 3, || {
        arriving_while_the_loop_goes_round(&Scene::new(), [0, 7], 2);
    });
    explore("arrivals, two workers, three results each", 2, || {
        arriving_while_the_loop_goes_round(&Scene::new(), [0, 0], 3);
    });
    explore("arrivals, two workers, the default context", 3, || {
        arriving_while_the_loop_goes_round(&Scene::of_global_default(), [0, 0], 2);
    });
}

/// A loop that sleeps, or is about to, hears of every result, and seldom more than of two between two looks.
fn waking_the_loop(scene: &Scene, workers: &'static [&'static [(usize, c_int)]], places: usize) {
    let results = workers.iter().map(|results| results.len()).sum();
    for results in workers {
        scene.worker(results);
    }
    scene.thread(move |scene| {
        while scene.ended() < results {
            scene.context.iterate_or_sleep();
        }
    });
    settle();
    assert_eq!(scene.ended(), results, "the loop sleeps");
    assert!(scene.all_are_delivered());
    let wake_ups = scene.context.most_wake_ups();
    assert!(wake_ups <= 2 * places, "{wake_ups} wake-ups before a look");
    scene.check_nothing_is_left();
}

#[test]
fn a_sleeping_loop_is_woken_and_not_too_often() {
    explore("arrivals, a loop that sleeps", 4, || {
        waking_the_loop(&Scene::new(), &[&[(10, 0), (11, 0), (12, 0)]], 1);
    });
    explore("arrivals, a loop that sleeps, two workers", 2, || {
        waking_the_loop(
            &Scene::new(),
            &[&[(10, 0), (11, 0)], &[(20, 0), (21, 0)]],
            1,
        );
    });
    explore(
        "arrivals, a loop that sleeps, the default context",
        3,
        || {
            let workers: &[&[_]] = &[&[(10, 0), (11, 0)], &[(20, 0)]];
            waking_the_loop(&Scene::of_global_default(), workers, 1);
        },
    );
    explore("arrivals, a loop that sleeps, two priorities", 3, || {
        waking_the_loop(
            &Scene::new(),
            &[&[(10, 0), (11, 7), (12, 0), (13, 7), (14, 0), (15, 7)]],
            2,
        );
    });
}

/// The loop's thread drops its reference when it has heard of all: the context may end at once. No worker
/// uses it then.
fn ending_with_the_last_result(workers: &'static [&'static [(usize, c_int)]]) {
    let scene = Scene::new();
    let results = workers.iter().map(|results| results.len()).sum();
    for results in workers {
        scene.worker(results);
    }
    // SAFETY: the model's own reference, given away once.
    let own = unsafe { Context::adopt(scene.context.as_ptr()) };
    scene.thread(move |scene| {
        while scene.ended() < results {
            scene.context.iterate_or_sleep();
        }
        drop(own);
        assert!(scene.context.has_ended());
    });
    settle();
    assert_eq!(scene.ended(), results, "the loop sleeps");
    scene.check_nothing_is_left();
}

#[test]
fn no_worker_uses_a_context_that_has_ended() {
    explore("arrivals, the end of a context, one worker", 4, || {
        ending_with_the_last_result(&[&[(10, 0), (11, 0)]]);
    });
    explore("arrivals, the end of a context, two workers", 3, || {
        ending_with_the_last_result(&[&[(10, 0), (11, 0)], &[(20, 0)]]);
    });
    explore("arrivals, the end of a context, two priorities", 3, || {
        ending_with_the_last_result(&[&[(10, 0)], &[(20, 7), (21, 7)]]);
    });
}

/// The context's last reference goes with a result that is destroyed as soon as it is seen: perhaps while its
/// worker is still attaching it.
#[test]
fn a_context_may_end_with_a_result_that_is_destroyed() {
    explore("arrivals, the end of a context, nobody iterates", 4, || {
        let scene = Scene::new();
        // SAFETY: the model's own reference, given away once.
        let mut own = unsafe { Context::adopt(scene.context.as_ptr()) };
        scene.worker(&[(10, 0)]);
        scene.worker(&[(20, 0)]);
        scene.context.destroy_first(false);
        scene.context.destroy_first(true);
        drop(own);
        settle();
        rest_in_one_order();
        while !scene.context.has_ended() {
            // SAFETY: the results that are left keep it alive.
            own = unsafe { Context::retain(scene.context.as_ptr()) };
            scene.context.destroy_first(false);
            scene.context.destroy_first(true);
            drop(own);
        }
        scene.check_ends(&[1, 2], 1);
        scene.check_nothing_is_left();
    });
}

/// Somebody destroys what he finds while results arrive and the loop goes round, and has a result himself.
fn destroying_while_they_arrive(collectors: &'static [bool]) {
    let scene = Scene::new();
    scene.worker(&[(10, 0), (11, 0)]);
    scene.worker(&[(20, 0), (21, 0)]);
    let own = scene.result(30);
    scene.thread(move |scene| {
        for collector in collectors {
            scene.context.destroy_first(*collector);
        }
        arrive(own, 0);
    });
    scene.context.iterate();
    settle();
    rest_in_one_order();
    scene.context.iterate();
    scene.check_ends(&[1, 2], 2);
    let log = scene.log.borrow();
    assert!(
        log.contains(&(30, End::Delivered)),
        "lost with what was destroyed before: {log:?}"
    );
    scene.check_nothing_is_left();
}

#[test]
fn ended_once_whatever_is_destroyed() {
    explore("arrivals, a collector is destroyed", 2, || {
        destroying_while_they_arrive(&[true]);
    });
    explore("arrivals, results are destroyed", 2, || {
        destroying_while_they_arrive(&[false, false]);
    });
    explore(
        "arrivals, a result and its collector are destroyed",
        2,
        || {
            destroying_while_they_arrive(&[false, true]);
        },
    );
}
