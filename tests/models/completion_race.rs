//! Every interleaving of those who may complete a task, and of the thread that waits for it.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::Arc;
use std::time::Duration;

use super::*;
use crate::scheduling::sync::Cell;
use crate::world::{explore, settle, spawn};

// SAFETY: all threads of a model are one for the system, and take turns.
unsafe impl Send for Task {}
// SAFETY: as above.
unsafe impl Sync for Task {}

/// A task as far as this matters.
struct Task {
    completion_race: CompletionRace,
    waiter: Waiter,
    completions: AtomicUsize,
    early: AtomicUsize,
    /// What the worker's reference keeps alive. Used by whoever completes the task early and by the worker;
    /// taken by who drops the reference: loom sees if these meet.
    kept: Cell<bool>,
    drops: AtomicUsize,
}

impl Task {
    fn new(returns_on_cancel: bool) -> Arc<Self> {
        let task = Self {
            completion_race: CompletionRace::new(),
            waiter: Waiter::new(),
            completions: AtomicUsize::new(0),
            early: AtomicUsize::new(0),
            kept: Cell::new(true),
            drops: AtomicUsize::new(0),
        };
        if returns_on_cancel {
            assert_eq!(
                task.completion_race.switch_return_on_cancel(true),
                Switched::Done
            );
        }
        Arc::new(task)
    }

    fn complete(&self, early: bool) {
        self.completions.fetch_add(1, Ordering::Relaxed);
        self.early.fetch_add(usize::from(early), Ordering::Relaxed);
        self.waiter.complete();
        if early {
            self.done();
        }
    }

    /// What the worker, or who completed the task early, does at last.
    fn done(&self) {
        assert!(self.kept.get());
        if self.completion_race.done() {
            self.drop_reference();
        }
    }

    fn drop_reference(&self) {
        assert!(self.kept.replace(false));
        self.drops.fetch_add(1, Ordering::Relaxed);
    }

    fn cancel(&self) {
        if self.completion_race.cancelled() {
            self.complete(true);
        }
    }

    fn end(&self) {
        if self.completion_race.function_ended() {
            self.complete(false);
            self.drop_reference();
        } else {
            self.done();
        }
    }

    fn switch(&self, on: bool) {
        if self.completion_race.switch_return_on_cancel(on) == Switched::CompleteNow {
            self.complete(true);
        }
    }

    fn check(&self) {
        assert_eq!(self.completions.load(Ordering::Relaxed), 1);
        assert_eq!(self.drops.load(Ordering::Relaxed), 1);
        let early = self.early.load(Ordering::Relaxed) == 1;
        assert_eq!(self.completion_race.ended_early(), early);
    }
}

fn run(task: &Arc<Task>, action: impl FnOnce(&Task) + 'static) {
    let task = Arc::clone(task);
    spawn(move || action(&task));
}

/// Cancellation, function's end and a switch from a third thread, at once, while a fourth waits.
#[test]
fn completed_once_and_the_waiter_is_told() {
    for before in [false, true] {
        for after in [false, true] {
            explore(
                &format!("completion race, return-on-cancel {before} then {after}"),
                3,
                move || {
                    let task = Task::new(before);
                    run(&task, Task::cancel);
                    run(&task, Task::end);
                    run(&task, move |task| task.switch(after));
                    task.waiter.wait();
                    assert!(task.waiter.wait_at_most(Duration::ZERO));
                    settle();
                    task.check();
                },
            );
        }
    }
}

/// The same for a function that switches back and forth itself, against two cancellations (with a reset
/// between).
#[test]
fn completed_once_if_the_function_switches() {
    explore("completion race, the function switches", 2, || {
        let task = Task::new(false);
        run(&task, Task::cancel);
        run(&task, Task::cancel);
        run(&task, |task| {
            task.switch(true);
            task.switch(false);
            task.switch(true);
            task.end();
        });
        task.waiter.wait();
        settle();
        task.check();
    });
}

/// A limit that is reached just when the completion comes.
#[test]
fn a_completion_is_seen_whenever_the_limit_is_reached() {
    explore("waiter with a limit", 5, || {
        let task = Task::new(false);
        run(&task, Task::end);
        run(&task, |task| {
            if !task.waiter.wait_at_most(Duration::from_millis(1)) {
                task.waiter.wait();
            }
            task.check();
        });
        crate::world::let_time_pass();
        settle();
        if crate::world::let_time_pass() {
            panic!("the completion did not wake the waiter");
        }
    });
}
