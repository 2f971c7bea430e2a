//! Loops and workers that are kept from their work.

use std::collections::BTreeSet;

use crate::findings::Hit;
use crate::intern::{QuickMap, NONE};
use crate::kinds::{Kind, Limits};
use crate::model::*;
use crate::view::View;

/// Callbacks that keep the default context for long. While a callback iterates a loop of its own, others
/// come to their turn: what counts is the longest time in which none did.
pub(crate) fn loops(view: &View, limits: &Limits, hits: &mut Vec<Hit>) {
    let tasks = &view.trace.tasks;
    let in_default = |task: &Task| {
        view.trace
            .contexts
            .get(task.context as usize)
            .is_some_and(|context| context.address == 0)
    };
    let now = |task: &Task| view.trace.processes[task.process as usize].ended;
    let end = |task: &Task| {
        if task.callback_ended == NEVER {
            now(task)
        } else {
            task.callback_ended
        }
    };
    let mut long: Vec<u32> = numbers(tasks)
        .filter(|index| {
            let task = &tasks[*index as usize];
            task.callback_begun != NEVER
                && end(task).saturating_sub(task.callback_begun) > limits.blocked_loop
                && in_default(task)
        })
        .collect();
    long.sort_by_key(|index| tasks[*index as usize].callback_begun);
    if long.is_empty() {
        return;
    }
    // What runs in a thread, by its beginning.
    let mut slices: QuickMap<u32, Vec<(Time, Time)>> = QuickMap::default();
    for task in tasks.iter().filter(|task| task.callback_begun != NEVER) {
        slices
            .entry(task.callback_by)
            .or_default()
            .push((task.callback_begun, end(task)));
    }
    slices
        .values_mut()
        .for_each(|slices| slices.sort_unstable());
    for index in long {
        let task = &tasks[index as usize];
        let all = &slices[&task.callback_by];
        let (begin, end) = (task.callback_begun, end(task));
        let inside = all[all.partition_point(|(other, _)| *other <= begin)..]
            .iter()
            .take_while(|(other, _)| *other < end);
        let (mut from, mut longest) = (begin, 0);
        for (other_begin, other_end) in inside {
            longest = longest.max(other_begin.saturating_sub(from));
            from = from.max(*other_end);
        }
        longest = longest.max(end.saturating_sub(from));
        if longest > limits.blocked_loop {
            hits.push(Hit {
                kind: Kind::BlockedLoop,
                task: index,
                value: longest,
                details: Vec::new(),
            });
        }
    }
}

/// A function that waits for a task may be woken shortly before that returns.
const NEARLY: u64 = 5_000_000;

/// What a running function waits for: a task that was made in it, and was over when it went on, or nearly so.
struct Wait {
    from: Time,
    to: Time,
    child: u32,
}

fn waits(view: &View) -> QuickMap<u32, Vec<Wait>> {
    let tasks = &view.trace.tasks;
    let mut waits: QuickMap<u32, Vec<Wait>> = QuickMap::default();
    for child in numbers(tasks) {
        let task = &tasks[child as usize];
        let Some(parent) = tasks.get(task.parent as usize) else {
            continue;
        };
        if task.made_by != parent.worker || task.made < parent.started {
            continue;
        }
        let life = view.life(child);
        let to = if life.ready == NEVER {
            life.end
        } else {
            life.ready
        };
        if parent.ended == NEVER || parent.ended + NEARLY >= to {
            let from = if task.queued == NEVER {
                task.made
            } else {
                task.queued
            };
            waits
                .entry(task.parent)
                .or_default()
                .push(Wait { from, to, child });
        }
    }
    waits
}

/// Tasks that are in the queue for long, while every function that runs waits for another task, or the
/// library itself found all workers blocked.
pub(crate) fn workers(view: &View, limits: &Limits, hits: &mut Vec<Hit>) {
    let tasks = &view.trace.tasks;
    let now = |task: &Task| view.trace.processes[task.process as usize].ended;
    let left_queue = |task: &Task| match (task.started, task.returned) {
        (NEVER, NEVER) if task.freed != NEVER => task.freed,
        (NEVER, NEVER) => now(task),
        (NEVER, returned) => returned,
        (started, _) => started,
    };
    // Each with the moment from which on it is there for too long.
    let mut late: Vec<(Time, u32)> = numbers(tasks)
        .filter(|index| tasks[*index as usize].queued != NEVER)
        .map(|index| (tasks[index as usize].queued + limits.blocked_workers, index))
        .filter(|(moment, index)| left_queue(&tasks[*index as usize]) > *moment)
        .collect();
    if late.is_empty() {
        return;
    }
    late.sort_unstable();
    let mut starts: Vec<(Time, u32)> = numbers(tasks)
        .map(|index| (tasks[index as usize].started, index))
        .filter(|(started, _)| *started != NEVER)
        .collect();
    starts.sort_unstable();
    let waits = waits(view);
    let mut found_blocked: Vec<(u32, Time)> = view
        .trace
        .threads
        .iter()
        .filter_map(|thread| Some((thread.process, thread.worker.as_ref()?)))
        .filter(|(_, worker)| worker.why == 1)
        .map(|(process, worker)| (process, worker.added))
        .collect();
    found_blocked.sort_unstable();

    let mut starts = starts.into_iter().peekable();
    let mut running: BTreeSet<(Time, u32)> = BTreeSet::new();
    for (moment, index) in late {
        while let Some((_, started)) = starts.next_if(|(time, _)| *time <= moment) {
            let ended = tasks[started as usize].ended;
            running.insert((if ended == NEVER { Time::MAX } else { ended }, started));
        }
        while running.first().is_some_and(|(ended, _)| *ended <= moment) {
            running.pop_first();
        }
        let task = &tasks[index as usize];
        let mut here = running
            .iter()
            .map(|(_, other)| *other)
            .filter(|other| tasks[*other as usize].process == task.process);
        let blocked_on = |other: u32| {
            let mut waits = waits.get(&other)?.iter();
            waits
                .find(|wait| wait.from <= moment && moment < wait.to)
                .map(|wait| wait.child)
        };
        let told = found_blocked.partition_point(|entry| *entry < (task.process, task.queued));
        let library_says = found_blocked
            .get(told)
            .is_some_and(|(process, added)| *process == task.process && *added < left_queue(task));
        let are_there = here.clone().next().is_some();
        if are_there && (library_says || here.all(|other| blocked_on(other).is_some())) {
            let here: Vec<u32> = running
                .iter()
                .map(|(_, other)| *other)
                .filter(|other| tasks[*other as usize].process == task.process)
                .collect();
            // The first ones explain it; there may be thousands.
            let details = if hits.len() < 1000 {
                explain(view, &here, blocked_on)
            } else {
                Vec::new()
            };
            hits.push(Hit {
                kind: Kind::BlockedWorkers,
                task: index,
                value: left_queue(task) - task.queued,
                details,
            });
        }
    }
}

/// "#1 load waits for #11 parse, which is in the queue".
fn explain(view: &View, running: &[u32], blocked_on: impl Fn(u32) -> Option<u32>) -> Vec<String> {
    const SHOWN: usize = 3;
    let say = |task: u32| format!("#{} “{}”", task + 1, view.shared_label(task));
    let mut lines = vec![format!(
        "{} at that time:",
        crate::words::count(running.len() as u64, "busy worker")
    )];
    let mut sorted = running.to_vec();
    // Those of which it is known what they wait for explain it best.
    sorted.sort_unstable_by_key(|task| (blocked_on(*task).is_none(), *task));
    for task in sorted.iter().take(SHOWN) {
        let mut line = say(*task);
        let mut last = *task;
        while let Some(child) = blocked_on(last).filter(|child| *child > last) {
            line += &format!(" waits for {}", say(child));
            last = child;
        }
        line += match () {
            () if last == *task => " does not go on",
            () if running.contains(&last) => ", which runs",
            () if view.task(last).queued != NEVER => ", which is in the queue",
            () => "",
        };
        let function = view.task(*task).function;
        if function != NONE {
            line += &format!(" [{}]", view.symbols.get(view.trace, function).text());
        }
        lines.push(line);
    }
    if running.len() > SHOWN {
        lines.push(format!("and {} more", running.len() - SHOWN));
    }
    lines
}

fn numbers(tasks: &[Task]) -> impl Iterator<Item = u32> {
    0..u32::try_from(tasks.len()).expect("not so many tasks")
}
