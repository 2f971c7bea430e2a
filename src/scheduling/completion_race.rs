//! Who completes a task that runs in a thread: its function by ending, or its cancellable by being cancelled.
//!
//! Both may happen at once, and the program may switch return-on-cancel meanwhile. The state is one byte,
//! changed by compare-and-swap through the pure functions of [`Flags`]: so exactly one of them is told to
//! complete the task.
//!
//! If a cancellation completes the task, two threads still use it: the worker, and the one that completes it.
//! The latter is told under the cancellable's lock, where it can take no reference to an object. So from then
//! on the worker's reference belongs to both: each says when it is `done` with the task, and the second of them
//! drops the reference.

use std::sync::atomic::Ordering;

use super::sync::{lock, wait, wait_timeout, AtomicU8, Condvar, Mutex, Rank};

/// A value of the state. Only the first bit is ever cleared.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Flags(u8);

impl Flags {
    /// Cancelling completes the task at once. Set and cleared by the program, until a cancellation was seen.
    const RETURN_ON_CANCEL: u8 = 1;
    /// The cancellable was cancelled while the task was in its thread, or before. Stays, also after a reset.
    const CANCEL_SEEN: u8 = 2;
    /// A thread has been told to complete the task. No other will be.
    const COMPLETED: u8 = 4;
    /// The cancellation completed the task: the function's result does not count.
    const EARLY: u8 = 8;
    /// After an early completion: one of the two threads that use the task is done with it.
    const ONE_DONE: u8 = 16;

    fn has(self, bit: u8) -> bool {
        self.0 & bit != 0
    }

    fn with(self, bits: u8) -> Self {
        Self(self.0 | bits)
    }

    /// If the task is to return on cancel and is not complete, the cancellation completes it.
    fn cancelled(self) -> (Self, bool) {
        let early = self.has(Self::RETURN_ON_CANCEL) && !self.has(Self::COMPLETED);
        let next = self.with(Self::CANCEL_SEEN);
        if early {
            return (next.with(Self::COMPLETED | Self::EARLY), true);
        }
        (next, false)
    }

    /// If the cancellation has not completed the task, the function's end does.
    fn function_ended(self) -> (Self, bool) {
        (self.with(Self::COMPLETED), !self.has(Self::COMPLETED))
    }

    /// Of the two threads that use a task that was completed early, the second drops the reference.
    fn done(self) -> (Self, bool) {
        debug_assert!(self.has(Self::EARLY));
        (self.with(Self::ONE_DONE), self.has(Self::ONE_DONE))
    }

    fn switched(self, on: bool) -> (Self, Switched) {
        // If a cancellation was seen, the switch stays as it is; switching it on completes the task instead.
        if self.has(Self::CANCEL_SEEN) {
            if on && !self.has(Self::COMPLETED) {
                return (
                    self.with(Self::COMPLETED | Self::EARLY),
                    Switched::CompleteNow,
                );
            }
            return (self, Switched::TooLate);
        }
        let cleared = self.0 & !Self::RETURN_ON_CANCEL;
        (Self(cleared | u8::from(on)), Switched::Done)
    }
}

/// What came of switching return-on-cancel.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Switched {
    Done,
    TooLate,
    /// Too late, and the caller completes the task.
    CompleteNow,
}

/// The state that a task's owner, its worker and the thread that cancels share.
pub(crate) struct CompletionRace(AtomicU8);

impl CompletionRace {
    pub(crate) fn new() -> Self {
        Self(AtomicU8::new(0))
    }

    /// The cancellable was cancelled. TRUE: the caller completes the task.
    pub(crate) fn cancelled(&self) -> bool {
        self.change(Flags::cancelled)
    }

    /// The task function has ended. TRUE: the caller completes the task.
    pub(crate) fn function_ended(&self) -> bool {
        self.change(Flags::function_ended)
    }

    /// After an early completion: the calling thread, which is the worker or has completed the task, does not
    /// use the task any more. TRUE: the other one is done, too, and the caller drops the worker's reference.
    pub(crate) fn done(&self) -> bool {
        self.change(Flags::done)
    }

    pub(crate) fn switch_return_on_cancel(&self, on: bool) -> Switched {
        self.change(|state| state.switched(on))
    }

    pub(crate) fn returns_on_cancel(&self) -> bool {
        self.load().has(Flags::RETURN_ON_CANCEL)
    }

    /// Whether a cancellation completed the task before its function ended.
    pub(crate) fn ended_early(&self) -> bool {
        self.load().has(Flags::EARLY)
    }

    fn load(&self) -> Flags {
        Flags(self.0.load(Ordering::Acquire))
    }

    fn change<R>(&self, transition: impl Fn(Flags) -> (Flags, R)) -> R {
        let mut current = self.load();
        loop {
            let (next, answer) = transition(current);
            let swapped = self.0.compare_exchange_weak(
                current.0,
                next.0,
                Ordering::AcqRel,
                Ordering::Acquire,
            );
            match swapped {
                Ok(_) => return answer,
                Err(actual) => current = Flags(actual),
            }
        }
    }
}

/// Where a thread waits for a task to complete.
pub(crate) struct Waiter {
    completed: Mutex<bool>,
    changed: Condvar,
}

impl Waiter {
    pub(crate) fn new() -> Self {
        Self {
            completed: Mutex::new(Rank::Waiter, false),
            changed: Condvar::new(),
        }
    }

    pub(crate) fn complete(&self) {
        *lock(&self.completed) = true;
        self.changed.notify_one();
    }

    pub(crate) fn wait(&self) {
        let mut completed = lock(&self.completed);
        while !*completed {
            completed = wait(&self.changed, completed);
        }
    }

    /// Waits for at most `limit`. Says whether the task is complete.
    pub(crate) fn wait_at_most(&self, limit: std::time::Duration) -> bool {
        let completed = lock(&self.completed);
        if *completed {
            return true;
        }
        *wait_timeout(&self.changed, completed, limit).0
    }
}

#[cfg(all(test, feature = "loom"))]
#[path = "../../tests/models/completion_race.rs"]
mod models;

#[cfg(not(feature = "loom"))]
#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Clone, Copy, Debug)]
    enum Event {
        Cancel,
        End,
        Switch(bool),
    }

    const EVENTS: [Event; 4] = [
        Event::Cancel,
        Event::End,
        Event::Switch(true),
        Event::Switch(false),
    ];

    /// Runs the events and counts who was told to complete the task.
    fn completions(events: &[Event]) -> (usize, bool) {
        let completion_race = CompletionRace::new();
        let mut told = 0;
        for event in events {
            let complete = match event {
                Event::Cancel => completion_race.cancelled(),
                Event::End => completion_race.function_ended(),
                Event::Switch(on) => {
                    completion_race.switch_return_on_cancel(*on) == Switched::CompleteNow
                }
            };
            told += usize::from(complete);
        }
        (told, completion_race.ended_early())
    }

    fn each_sequence(length: u32, mut check: impl FnMut(&[Event])) {
        for number in 0..EVENTS.len().pow(length) {
            let sequence: Vec<Event> = (0..length)
                .map(|place| EVENTS[number / EVENTS.len().pow(place) % EVENTS.len()])
                .collect();
            check(&sequence);
        }
    }

    #[test]
    fn never_completed_twice() {
        for length in 0..=7 {
            each_sequence(length, |events| {
                assert!(completions(events).0 <= 1, "{events:?}");
            });
        }
    }

    #[test]
    fn completed_once_when_the_function_ends() {
        for length in 0..=6 {
            each_sequence(length, |events| {
                let ended: Vec<Event> = events.iter().copied().chain([Event::End]).collect();
                assert_eq!(completions(&ended).0, 1, "{ended:?}");
            });
        }
    }

    /// Early exactly if, before the function ended, the task was to return on cancel at a cancellation, or
    /// was switched to it after one.
    #[test]
    fn early_only_by_cancellation_with_return_on_cancel() {
        each_sequence(7, |events| {
            let (mut on, mut seen, mut ended, mut early) = (false, false, false, false);
            for event in events {
                match event {
                    Event::Cancel => {
                        seen = true;
                        early |= on && !ended;
                    }
                    Event::End => ended |= !early,
                    Event::Switch(to) if seen => early |= *to && !ended,
                    Event::Switch(to) => on = *to,
                }
            }
            assert_eq!(completions(events).1, early, "{events:?}");
        });
    }

    /// In every sequence, with the function's end at any place: if the task is completed early, the worker
    /// and who completed it are done once each, in either order, and the second drops the reference; else
    /// nobody is asked.
    #[test]
    fn the_second_of_two_drops_the_reference() {
        each_sequence(6, |events| {
            let completion_race = CompletionRace::new();
            let mut drops = Vec::new();
            let mut ended = false;
            for event in events {
                let early = match event {
                    Event::Cancel => completion_race.cancelled(),
                    Event::End if ended => false,
                    Event::End => {
                        ended = true;
                        !completion_race.function_ended()
                    }
                    Event::Switch(on) => {
                        completion_race.switch_return_on_cancel(*on) == Switched::CompleteNow
                    }
                };
                if early {
                    drops.push(completion_race.done());
                }
            }
            if completion_race.ended_early() && !ended {
                drops.push(completion_race.done());
            }
            let expected: &[bool] = if completion_race.ended_early() {
                &[false, true]
            } else {
                &[]
            };
            assert_eq!(drops, expected, "{events:?}");
        });
    }

    #[test]
    fn a_switch_after_a_cancellation_is_too_late_and_changes_nothing() {
        for before in [false, true] {
            for after in [false, true] {
                let completion_race = CompletionRace::new();
                assert_eq!(
                    completion_race.switch_return_on_cancel(before),
                    Switched::Done
                );
                completion_race.cancelled();
                assert_ne!(
                    completion_race.switch_return_on_cancel(after),
                    Switched::Done
                );
                assert_eq!(completion_race.returns_on_cancel(), before);
            }
        }
    }

    #[test]
    fn a_waiter_sees_a_completion_before_and_after_it_waits() {
        let before = Waiter::new();
        before.complete();
        before.wait();

        let after = Waiter::new();
        assert!(!after.wait_at_most(std::time::Duration::from_millis(1)));
        std::thread::scope(|scope| {
            scope.spawn(|| after.complete());
            after.wait();
        });
        assert!(after.wait_at_most(std::time::Duration::ZERO));
    }
}
