//! Workers that hand over what they may not release, the context that takes it or does not, and the release
//! thread.

use std::cell::Cell as PlainCell;
use std::rc::Rc;
use std::sync::Arc;

use super::*;
use crate::glib::context::ModelContext;
use crate::glib::source;
use crate::scheduling::sync::{per_thread, Cell};
use crate::world::{
    explore, let_time_pass, ran_out_of_threads, rest_in_one_order, settle, spawn, threads_alive,
    will_answer, Gate,
};

per_thread! {
    /// This thread stands for a worker.
    static WORKS: Cell<bool> = const { Cell::new(false) };
}

#[derive(Default)]
struct Dropped {
    in_all: PlainCell<usize>,
    on_workers: PlainCell<usize>,
}

struct Garbage {
    dropped: Rc<Dropped>,
    /// What its destroy notify does.
    notify: Option<Box<dyn Fn()>>,
}

// SAFETY: all threads of a model are one for the system, and take turns.
unsafe impl Send for Garbage {}

impl Drop for Garbage {
    fn drop(&mut self) {
        if std::thread::panicking() {
            // The model has failed. A second panic would hide the first.
            return;
        }
        if let Some(notify) = &self.notify {
            notify();
        }
        let Dropped { in_all, on_workers } = &*self.dropped;
        in_all.set(in_all.get() + 1);
        on_workers.set(on_workers.get() + usize::from(WORKS.get()));
    }
}

type HandedOver = (Garbage, Context, Grace);

#[derive(Clone)]
struct Scene {
    context: Arc<ModelContext>,
    dropped: Rc<Dropped>,
}

impl Scene {
    fn new() -> Self {
        Self::with(ModelContext::new())
    }

    fn with(context: Arc<ModelContext>) -> Self {
        let dropped = Rc::default();
        Self { context, dropped }
    }

    /// The same with another context.
    fn beside(&self) -> Self {
        Self {
            context: ModelContext::new(),
            ..self.clone()
        }
    }

    fn garbage(&self, grace: Grace, notify: Option<Box<dyn Fn()>>) -> HandedOver {
        let dropped = Rc::clone(&self.dropped);
        // SAFETY: the model has a reference.
        let context = unsafe { Context::retain(self.context.as_ptr()) };
        (Garbage { dropped, notify }, context, grace)
    }

    /// A worker that hands something over with each of these graces.
    fn worker(&self, graces: &[Grace]) {
        let garbage = graces.iter().map(|grace| self.garbage(*grace, None));
        Self::worker_with(garbage.collect());
    }

    /// The worker has no reference to a context but those that it gives away.
    fn worker_with(handed_over: Vec<HandedOver>) {
        spawn(move || {
            WORKS.set(true);
            for (garbage, context, grace) in handed_over {
                park(Box::new(garbage), context, grace);
            }
        });
    }

    fn thread(&self, body: impl FnOnce(&Self) + 'static) {
        let scene = self.clone();
        spawn(move || body(&scene));
    }

    /// What is left is released in time, or goes with the context. Then the release thread goes.
    fn let_all_time_pass() {
        settle();
        while threads_alive() > 0 {
            assert!(lock(&PARKED).contexts.is_empty(), "a wake-up was lost");
            // Who computes a time may fall asleep a little later.
            let next = lock(&PARKED).next.max(thread::now());
            let latest = next.saturating_add(Grace::Unknown as i64);
            assert!(let_time_pass(), "somebody stays for ever");
            assert!(thread::now() <= latest, "a wake-up was lost");
            settle();
        }
    }

    /// Time passes, and nothing is left.
    fn end(&self, pieces: usize) {
        settle();
        rest_in_one_order();
        Self::let_all_time_pass();
        assert_eq!(self.dropped.in_all.get(), pieces, "something is parked");
        if !self.context.has_ended() {
            self.context.iterate();
            assert!(!self.context.has_sources());
        }
        let parked = lock(&PARKED);
        assert!(parked.backlogs.is_empty() && parked.contexts.is_empty());
        assert!(!parked.is_in_charge && !parked.has_stand_by);
        assert_eq!(source::alive(), 0);
    }

    fn check_that_workers_dropped_none(&self) {
        let dropped = self.dropped.on_workers.get();
        assert!(dropped == 0 || ran_out_of_threads(), "dropped on a worker");
    }
}

/// The loop takes what it is given just when the release thread loses patience.
#[test]
fn dropped_once_by_the_loop_or_the_release_thread() {
    explore("release, a loop and a grace that ends", 3, || {
        let scene = Scene::new();
        scene.worker(&[Grace::Unknown; 2]);
        scene.thread(|scene| {
            scene.context.iterate();
        });
        let_time_pass();
        scene.end(2);
        scene.check_that_workers_dropped_none();
    });
    explore("release, two workers and a grace that ends", 2, || {
        let scene = Scene::new();
        scene.worker(&[Grace::Unknown]);
        scene.worker(&[Grace::Unknown]);
        let_time_pass();
        scene.context.iterate();
        scene.end(2);
        scene.check_that_workers_dropped_none();
    });
}

/// A grace that ends before one that has begun earlier, in the context that never ends.
#[test]
fn the_release_thread_waits_for_the_first_of_all() {
    explore("release, two graces in the default context", 2, || {
        let scene = Scene::with(ModelContext::global_default());
        scene.worker(&[Grace::Iterated]);
        scene.worker(&[Grace::Unknown, Grace::Iterated]);
        let_time_pass();
        scene.end(3);
        scene.check_that_workers_dropped_none();
    });
}

/// What is due is taken from two contexts, what is not stays in the third.
#[test]
fn each_context_has_its_own_grace() {
    explore("release, three contexts", 2, || {
        let scene = Scene::new();
        let others = [scene.beside(), scene.beside()];
        let mut handed_over = vec![scene.garbage(Grace::Iterated, None)];
        handed_over.extend(
            others
                .each_ref()
                .map(|other| other.garbage(Grace::Unknown, None)),
        );
        Scene::worker_with(handed_over);
        settle();
        let count = || scene.dropped.in_all.get();
        assert!(count() == 0 || ran_out_of_threads());
        while thread::now() < 2 * Grace::Unknown as i64 && let_time_pass() {
            settle();
        }
        assert!(count() == 2 || ran_out_of_threads());
        Scene::let_all_time_pass();
        for other in others {
            other.context.iterate();
        }
        scene.end(3);
        scene.check_that_workers_dropped_none();
    });
}

/// A destroy notify that ends when another one has: a second thread releases that.
#[test]
fn a_destroy_notify_may_wait_for_another() {
    for grace in [Grace::Unknown, Grace::Iterated] {
        explore("release, a destroy notify that waits", 3, move || {
            let scene = Scene::with(ModelContext::global_default());
            let gate = Rc::new(Gate::new());
            let opener = Rc::clone(&gate);
            Scene::worker_with(vec![
                scene.garbage(Grace::Unknown, Some(Box::new(move || gate.pass()))),
                scene.garbage(grace, Some(Box::new(move || opener.open()))),
            ]);
            let_time_pass();
            scene.end(2);
            scene.check_that_workers_dropped_none();
        });
    }
}

/// The context's last references are those that were handed over: it ends in the release thread, or in the
/// loop's.
#[test]
fn a_context_that_nobody_has_ends_too() {
    explore("release, the end of a context", 3, || {
        let scene = Scene::new();
        // SAFETY: the model's own reference, given away once.
        let own = unsafe { Context::adopt(scene.context.as_ptr()) };
        scene.worker(&[Grace::Iterated; 2]);
        scene.thread(move |scene| {
            scene.context.iterate();
            drop(own);
        });
        settle();
        assert!(scene.context.has_ended());
        // No grace had to end.
        assert_eq!(scene.dropped.in_all.get(), 2);
        scene.end(2);
        scene.check_that_workers_dropped_none();
    });
}

/// Somebody destroys the source that would release it.
#[test]
fn dropped_once_though_the_source_is_destroyed() {
    explore("release, the source is destroyed", 2, || {
        let scene = Scene::new();
        scene.worker(&[Grace::Unknown; 2]);
        scene.thread(|scene| scene.context.destroy_first(false));
        scene.context.iterate();
        scene.end(2);
        scene.check_that_workers_dropped_none();
    });
}

/// The release thread has had nothing to do for long, and leaves just when there is something.
#[test]
fn handed_over_while_the_release_thread_leaves() {
    explore("release, a thread that leaves", 4, || {
        let scene = Scene::with(ModelContext::global_default());
        loom::stop_exploring();
        scene.worker(&[Grace::Unknown]);
        settle();
        assert!(let_time_pass());
        settle();
        assert_eq!(scene.dropped.in_all.get(), 1);
        loom::explore();
        scene.worker(&[Grace::Unknown]);
        let_time_pass();
        let_time_pass();
        scene.end(2);
        scene.check_that_workers_dropped_none();
    });
}

/// A thread takes charge just when the one that was busy for long is not any more. Whatever comes then is
/// noticed.
#[test]
fn handed_over_while_another_thread_takes_charge() {
    explore("release, another thread takes charge", 3, || {
        let scene = Scene::with(ModelContext::global_default());
        let gate = Rc::new(Gate::new());
        let inner = Rc::clone(&gate);
        loom::stop_exploring();
        Scene::worker_with(vec![
            scene.garbage(Grace::Unknown, Some(Box::new(move || inner.pass()))),
            scene.garbage(Grace::Unknown, None),
        ]);
        settle();
        while thread::now() < Grace::Unknown as i64 {
            assert!(let_time_pass());
            settle();
        }
        assert!(lock(&PARKED).has_stand_by);
        loom::explore();
        let_time_pass();
        gate.open();
        // This thread is as good as a worker.
        let (garbage, context, grace) = scene.garbage(Grace::Unknown, None);
        park(Box::new(garbage), context, grace);
        scene.end(3);
        scene.check_that_workers_dropped_none();
    });
}

/// The system refuses the thread: workers do what it would do, and the next one asks again.
#[test]
fn dropped_once_though_the_thread_is_refused() {
    for (answers, text) in [([false, true], "ny"), ([false, false], "nn")] {
        let name = format!("release, threads {text}");
        explore(&name, 3, move || {
            let scene = Scene::new();
            will_answer(&answers);
            scene.worker(&[Grace::Unknown]);
            scene.worker(&[Grace::Unknown]);
            scene.context.iterate();
            scene.end(2);
        });
    }
}
