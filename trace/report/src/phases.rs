//! What follows from a task's events: how long it waited, was in the queue, ran, was delivered, and was
//! in its callback.

use crate::model::*;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Phase {
    /// For something that is no function of the library's: a file, a timer, another task.
    Waiting,
    Queue,
    Running,
    /// From the return to the callback.
    Delivery,
    Callback,
}

pub(crate) const PHASES: [&str; 5] = ["waiting", "in queue", "running", "delivery", "callback"];

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum State {
    Waiting,
    Queued,
    Running,
    /// It has a result that its callback did not get yet.
    Returned,
    InCallback,
    Done,
    Failed,
    Cancelled,
    /// The source that was to deliver it was destroyed.
    Dropped,
    NeverReturned,
}

pub(crate) const STATES: [&str; 10] = [
    "waiting",
    "queued",
    "running",
    "returned",
    "in callback",
    "done",
    "failed",
    "cancelled",
    "dropped",
    "never returned",
];

/// A task's life as intervals that follow each other without gaps.
#[derive(Clone, Default)]
pub(crate) struct Life {
    pub(crate) begin: Time,
    pub(crate) end: Time,
    /// It was not over when the trace ended.
    pub(crate) is_open: bool,
    /// When the result could have been delivered; or never.
    pub(crate) ready: Time,
    parts: [(u8, Time, Time); 6],
    count: usize,
}

impl Life {
    pub(crate) fn parts(&self) -> impl Iterator<Item = (Phase, Time, Time)> + '_ {
        const ALL: [Phase; 5] = [
            Phase::Waiting,
            Phase::Queue,
            Phase::Running,
            Phase::Delivery,
            Phase::Callback,
        ];
        self.parts[..self.count]
            .iter()
            .map(|(phase, from, to)| (ALL[usize::from(*phase)], *from, *to))
    }

    pub(crate) fn spent(&self, phase: Phase) -> u64 {
        self.parts()
            .filter(|(other, ..)| *other == phase)
            .map(|(_, from, to)| to - from)
            .sum()
    }

    pub(crate) fn total(&self) -> u64 {
        self.end - self.begin
    }

    /// The part before this moment was of this phase. Nothing if that is in the past: events of two
    /// threads may overlap.
    fn until(&mut self, phase: Phase, time: Time) {
        let from = self.end;
        if time > from {
            self.parts[self.count] = (phase as u8, from, time);
            self.count += 1;
            self.end = time;
        }
    }
}

/// When the result can be delivered: it was returned, and the function has ended, unless the callback
/// does not wait for that.
fn ready(task: &Task) -> Time {
    let waits_for_end = task.started != NEVER
        && (task.callback_begun == NEVER || task.ended <= task.callback_begun);
    match task.returned {
        NEVER => NEVER,
        returned if waits_for_end => returned.max(task.ended),
        returned => returned,
    }
}

/// `now` is the end of the trace of its process.
pub(crate) fn life(task: &Task, now: Time) -> Life {
    let times = [
        task.made,
        task.queued,
        task.started,
        task.ended,
        task.returned,
        task.arrived,
        task.callback_begun,
    ];
    let others = [
        task.callback_ended,
        task.propagated,
        task.completed,
        task.dropped,
        task.freed,
    ];
    let known = times
        .into_iter()
        .chain(others)
        .filter(|time| *time != NEVER);
    let begin = if task.made != NEVER {
        task.made
    } else {
        known.min().unwrap_or(now)
    };
    let ready = ready(task);
    let mut life = Life {
        begin,
        end: begin,
        ready,
        ..Life::default()
    };
    let over = if task.freed != NEVER { task.freed } else { now };
    let stop = |time: Time| if time == NEVER { over } else { time };
    if task.queued != NEVER {
        life.until(Phase::Waiting, task.queued);
        life.until(
            Phase::Queue,
            if task.started != NEVER {
                task.started
            } else {
                stop(ready)
            },
        );
    }
    if task.started != NEVER {
        if task.queued == NEVER {
            life.until(Phase::Waiting, task.started);
        }
        let end = if ready != NEVER && (task.ended == NEVER || task.ended > ready) {
            ready
        } else {
            stop(task.ended)
        };
        life.until(Phase::Running, end);
    }
    life.until(Phase::Waiting, stop(ready));
    life.is_open = ready == NEVER && task.freed == NEVER;
    if ready != NEVER {
        let delivered = [task.callback_begun, task.completed, task.dropped]
            .into_iter()
            .find(|time| *time != NEVER);
        match delivered {
            Some(time) => life.until(Phase::Delivery, time),
            None if task.has_callback => {
                life.until(Phase::Delivery, over);
                life.is_open = task.freed == NEVER;
            }
            None => {}
        }
        if task.callback_begun != NEVER {
            life.until(
                Phase::Callback,
                if task.callback_ended != NEVER {
                    task.callback_ended
                } else {
                    now
                },
            );
            life.is_open = task.callback_ended == NEVER;
        }
    }
    life
}

/// What became of it. `cancelled`: its error is that of a cancellation.
pub(crate) fn state(task: &Task, cancelled: bool) -> State {
    let is_delivered = task.callback_ended != NEVER || task.completed != NEVER;
    let is_in_callback = task.callback_begun != NEVER && !is_delivered;
    if task.freed_unreturned {
        State::NeverReturned
    } else if is_in_callback {
        State::InCallback
    } else if task.returned != NEVER
        && (is_delivered || !task.has_callback || task.freed != NEVER && task.dropped == NEVER)
    {
        match task.kind {
            KIND_ERROR if cancelled => State::Cancelled,
            KIND_ERROR => State::Failed,
            _ => State::Done,
        }
    } else if task.dropped != NEVER {
        State::Dropped
    } else if task.returned != NEVER {
        State::Returned
    } else if task.freed != NEVER || is_delivered {
        // Of a task whose beginning is not known.
        State::Done
    } else if task.started != NEVER && task.ended == NEVER {
        State::Running
    } else if task.queued != NEVER && task.started == NEVER {
        State::Queued
    } else {
        State::Waiting
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn task() -> Task {
        Task {
            made: 100,
            has_callback: true,
            ..Task::new(0)
        }
    }

    fn parts(task: &Task) -> Vec<(Phase, Time, Time)> {
        life(task, 1000).parts().collect()
    }

    #[test]
    fn a_threaded_task_has_all_phases() {
        let done = Task {
            queued: 110,
            started: 150,
            returned: 180,
            ended: 200,
            callback_begun: 260,
            callback_ended: 300,
            freed: 310,
            kind: 1,
            ..task()
        };
        let expected = [
            (Phase::Waiting, 100, 110),
            (Phase::Queue, 110, 150),
            (Phase::Running, 150, 200),
            (Phase::Delivery, 200, 260),
            (Phase::Callback, 260, 300),
        ];
        assert_eq!(parts(&done), expected);
        assert_eq!(state(&done, false), State::Done);
        assert!(!life(&done, 1000).is_open);
    }

    #[test]
    fn a_return_on_cancel_does_not_wait_for_the_function() {
        let left = Task {
            queued: 100,
            started: 150,
            returned: 180,
            callback_begun: 200,
            callback_ended: 210,
            ended: 900,
            ..task()
        };
        let expected = [
            (Phase::Queue, 100, 150),
            (Phase::Running, 150, 180),
            (Phase::Delivery, 180, 200),
            (Phase::Callback, 200, 210),
        ];
        assert_eq!(parts(&left), expected);
    }

    #[test]
    fn what_is_returned_later_waits_again() {
        let late = Task {
            queued: 100,
            started: 150,
            ended: 160,
            returned: 400,
            callback_begun: 410,
            callback_ended: 420,
            ..task()
        };
        assert_eq!(life(&late, 1000).spent(Phase::Waiting), 240);
        assert_eq!(life(&late, 1000).total(), 320);
    }

    #[test]
    fn a_task_that_is_alive_lasts_until_the_end() {
        let waiting = task();
        assert_eq!(parts(&waiting), [(Phase::Waiting, 100, 1000)]);
        assert!(life(&waiting, 1000).is_open);
        assert_eq!(state(&waiting, false), State::Waiting);
        let returned = Task {
            returned: 200,
            kind: 1,
            ..task()
        };
        assert_eq!(
            parts(&returned),
            [(Phase::Waiting, 100, 200), (Phase::Delivery, 200, 1000)]
        );
        assert_eq!(state(&returned, false), State::Returned);
    }

    #[test]
    fn events_that_overlap_give_no_negative_time() {
        // The worker was quicker than the thread that queued.
        let quick = Task {
            queued: 130,
            started: 120,
            returned: 125,
            ended: 126,
            callback_begun: 140,
            callback_ended: 150,
            ..task()
        };
        assert_eq!(life(&quick, 1000).total(), 50);
        assert_eq!(
            parts(&quick)
                .iter()
                .map(|(_, from, to)| to - from)
                .sum::<u64>(),
            50
        );
    }
}
