//! What ran in a thread, and how many there were of something at each time.

use crate::intern::NONE;
use crate::model::*;

/// A function or a callback of a task.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Slice {
    pub(crate) thread: u32,
    pub(crate) begin: Time,
    pub(crate) end: Time,
    pub(crate) task: u32,
    pub(crate) is_callback: bool,
}

/// By thread and time. In each thread they are properly nested, and at least a nanosecond long.
pub(crate) fn slices(trace: &Trace) -> Vec<Slice> {
    let mut slices = Vec::new();
    for (index, task) in trace.tasks.iter().enumerate() {
        let now = trace.processes[task.process as usize].ended;
        let index = u32::try_from(index).expect("a task's number");
        let runs = [
            (task.worker, task.started, task.ended, false),
            (
                task.callback_by,
                task.callback_begun,
                task.callback_ended,
                true,
            ),
        ];
        for (thread, begin, end, is_callback) in runs {
            if begin != NEVER && thread != NONE {
                let end = if end == NEVER { now } else { end };
                slices.push(Slice {
                    thread,
                    begin,
                    end: end.max(begin + 1),
                    task: index,
                    is_callback,
                });
            }
        }
    }
    slices.sort_by_key(|slice| (slice.thread, slice.begin, std::cmp::Reverse(slice.end)));
    // Where events were lost, one may seem to end after the one that it is part of.
    let mut open: Vec<Slice> = Vec::new();
    for slice in &mut slices {
        open.retain(|outer| outer.thread == slice.thread && outer.end > slice.begin);
        if let Some(outer) = open.last() {
            slice.end = slice.end.min(outer.end);
        }
        open.push(*slice);
    }
    slices
}

/// What is counted over time.
pub(crate) const COUNTERS: [&str; 3] = ["tasks in the queue", "tasks alive", "workers"];

/// The changes of a counter in one process, by time.
pub(crate) fn changes(trace: &Trace, process: u32, counter: usize) -> Vec<(Time, i32)> {
    let mut changes = Vec::new();
    let mut from_to = |from: Time, to: Time| {
        if from != NEVER {
            changes.push((from, 1));
            if to != NEVER {
                changes.push((to.max(from), -1));
            }
        }
    };
    if counter == 2 {
        for thread in trace
            .threads
            .iter()
            .filter(|thread| thread.process == process)
        {
            if let Some(worker) = &thread.worker {
                from_to(worker.added, worker.gone);
            }
        }
    }
    for task in trace
        .tasks
        .iter()
        .filter(|task| task.process == process && counter < 2)
    {
        if counter == 0 {
            let left = [task.started, task.freed]
                .into_iter()
                .find(|time| *time != NEVER);
            from_to(task.queued, left.unwrap_or(NEVER));
        } else {
            from_to(task.made, task.freed);
        }
    }
    changes.sort_unstable();
    changes
}

/// The values at each time, one of each moment.
pub(crate) fn values(changes: &[(Time, i32)]) -> impl Iterator<Item = (Time, i64)> + '_ {
    let mut value = 0_i64;
    changes
        .iter()
        .enumerate()
        .filter_map(move |(index, (time, change))| {
            value += i64::from(*change);
            let is_last = changes.get(index + 1).is_none_or(|(next, _)| next != time);
            is_last.then_some((*time, value))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trace(tasks: Vec<Task>) -> Trace {
        let process = Process {
            began: 1,
            ended: 1000,
            ..Process::default()
        };
        Trace {
            processes: vec![process],
            tasks,
            ..Trace::default()
        }
    }

    #[test]
    fn slices_are_nested_though_an_end_was_lost() {
        let callback = |begun, ended| Task {
            callback_begun: begun,
            callback_ended: ended,
            callback_by: 0,
            ..Task::new(0)
        };
        let tasks = vec![
            callback(100, 200),
            callback(150, NEVER),
            callback(160, 170),
            callback(200, 200),
        ];
        let ends: Vec<(Time, Time)> = slices(&trace(tasks))
            .iter()
            .map(|slice| (slice.begin, slice.end))
            .collect();
        assert_eq!(ends, [(100, 200), (150, 200), (160, 170), (200, 201)]);
    }

    #[test]
    fn a_queue_is_counted() {
        let queued = |queued, started| Task {
            queued,
            started,
            ..Task::new(0)
        };
        let trace = trace(vec![queued(10, 30), queued(10, 20), queued(20, NEVER)]);
        let changes = changes(&trace, 0, 0);
        assert_eq!(
            values(&changes).collect::<Vec<_>>(),
            [(10, 2), (20, 2), (30, 1)]
        );
    }
}
