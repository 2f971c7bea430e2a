//! What is pointed out: tasks and cancellables with which something is wrong, those of one kind and one
//! origin together.

use std::collections::BTreeMap;

use crate::blocked;
use crate::intern::NONE;
use crate::kinds::{Kind, Limits};
use crate::model::*;
use crate::phases::{State, STATES};
use crate::view::View;
use crate::words;

/// Of one kind, about tasks of one name that were made at one place; or about one cancellable.
pub(crate) struct Finding {
    pub(crate) kind: Kind,
    /// How often.
    pub(crate) count: u64,
    /// The one that is worst first.
    pub(crate) tasks: Vec<u32>,
    /// Of the worst one.
    pub(crate) text: String,
    /// Where in the program's sources.
    pub(crate) place: Option<String>,
    /// What explains it, a line each.
    pub(crate) details: Vec<String>,
}

/// One task with which something is wrong: how much so.
pub(crate) struct Hit {
    pub(crate) kind: Kind,
    pub(crate) task: u32,
    pub(crate) value: u64,
    pub(crate) details: Vec<String>,
}

pub(crate) fn find(view: &View, limits: &Limits) -> Vec<Finding> {
    let mut hits = Vec::new();
    let last_callbacks = last_callbacks(view.trace);
    for index in 0..view.trace.tasks.len() {
        look_at(view, limits, index, &last_callbacks, &mut hits);
    }
    blocked::loops(view, limits, &mut hits);
    blocked::workers(view, limits, &mut hits);
    let mut findings = group(view, hits);
    handlers(view, limits, &mut findings);
    findings.sort_by_key(|finding| finding.kind);
    findings
}

/// When a callback began last, for each context.
fn last_callbacks(trace: &Trace) -> Vec<Time> {
    let mut last = vec![NEVER; trace.contexts.len()];
    for task in &trace.tasks {
        if let Some(last) = last.get_mut(task.context as usize) {
            *last = (*last).max(task.callback_begun);
        }
    }
    last
}

/// What can be said of a task by itself.
fn look_at(
    view: &View,
    limits: &Limits,
    index: usize,
    last_callbacks: &[Time],
    hits: &mut Vec<Hit>,
) {
    let task = &view.trace.tasks[index];
    let process = &view.trace.processes[task.process as usize];
    let now = process.ended;
    // What is missing may have been lost.
    let is_whole = process.lost == 0 && !task.is_partial;
    let index = u32::try_from(index).expect("a task's number");
    let mut hit = |kind, value| {
        hits.push(Hit {
            kind,
            task: index,
            value,
            details: Vec::new(),
        })
    };
    if task.freed_unreturned {
        hit(Kind::NeverReturned, task.freed - view.life(index).begin);
    }
    if task.second_returns > 0 {
        hit(Kind::ReturnedTwice, task.second_returns.into());
    }
    // As long as the callback may come, nobody is late.
    let is_over = task.freed != NEVER
        || task.callback_ended != NEVER
        || task.completed != NEVER && !task.has_callback;
    if task.kind == KIND_ERROR
        && task.propagated == NEVER
        && is_over
        && task.dropped == NEVER
        && is_whole
    {
        hit(Kind::ErrorNotFetched, 0);
    }
    let cancelled = view
        .trace
        .cancellables
        .get(task.cancellable as usize)
        .map(|cancellable| &cancellable.cancels);
    if let (Some(cancels), true) = (cancelled, task.started != NEVER) {
        let ended = if task.ended == NEVER { now } else { task.ended };
        let heard = cancels
            .iter()
            .map(|cancel| cancel.begun)
            .find(|begun| *begun < ended && *begun >= task.started);
        if let Some(heard) = heard.filter(|heard| ended - heard > limits.ran_on) {
            hit(Kind::RanOn, ended - heard);
        }
    }
    let life = view.life(index);
    let is_waiting = task.has_callback
        && life.ready != NEVER
        && [
            task.callback_begun,
            task.completed,
            task.dropped,
            task.freed,
        ]
        .iter()
        .all(|time| *time == NEVER);
    let nobody_came = last_callbacks
        .get(task.context as usize)
        .is_some_and(|last| *last < life.ready);
    if is_waiting && is_whole && nobody_came && now - life.ready > limits.idle_context {
        hit(Kind::IdleContext, now - life.ready);
    }
    if task.freed == NEVER {
        hit(Kind::StillAlive, now - life.begin);
    }
    if task.name == NONE && task.tag == NONE && !task.is_partial {
        // Who writes the program cannot name what libgio makes.
        if view.origin(index).is_none_or(|origin| !origin.is_in_glib()) {
            hit(Kind::NoName, life.total());
        }
    }
}

/// Puts together what has the same kind, name and origin.
fn group(view: &View, mut hits: Vec<Hit>) -> Vec<Finding> {
    hits.sort_by_key(|hit| std::cmp::Reverse(hit.value));
    // By the first task, so that what happened first stands first.
    let mut groups: BTreeMap<(Kind, u32, String), Vec<Hit>> = BTreeMap::new();
    for hit in hits {
        let task = &view.trace.tasks[hit.task as usize];
        groups
            .entry((hit.kind, task.birth, view.label(hit.task)))
            .or_default()
            .push(hit);
    }
    let mut findings: Vec<Finding> = groups
        .into_iter()
        .map(|((kind, _, label), mut hits)| {
            let worst = &mut hits[0];
            let details = std::mem::take(&mut worst.details);
            let mut finding = Finding {
                kind,
                count: 0,
                text: text(view, kind, &label, worst),
                place: place(view, kind, worst.task),
                details,
                tasks: Vec::new(),
            };
            finding.details.extend(more_details(view, kind, worst.task));
            finding.count = if kind == Kind::ReturnedTwice {
                hits.iter().map(|hit| hit.value).sum()
            } else {
                hits.len() as u64
            };
            finding.tasks = hits.iter().map(|hit| hit.task).collect();
            finding
        })
        .collect();
    findings.sort_by_key(|finding| std::cmp::Reverse(finding.count));
    findings
}

fn text(view: &View, kind: Kind, label: &str, hit: &Hit) -> String {
    let value = words::duration(hit.value);
    let task = &view.trace.tasks[hit.task as usize];
    match kind {
        Kind::NeverReturned => format!("“{label}” was freed after {value} without a result"),
        Kind::ReturnedTwice => format!("“{label}” returned again after its result"),
        Kind::ErrorNotFetched => {
            format!("“{label}” failed: {}", view.error(task).unwrap_or_default())
        }
        Kind::BlockedLoop => format!("the callback of “{label}” kept the main loop for {value}"),
        Kind::BlockedWorkers => format!("“{label}” was in the queue for {value}"),
        Kind::RanOn => format!("the function of “{label}” ran for {value} after its cancellation"),
        Kind::IdleContext => format!(
            "the result of “{label}” waits since {value} in {}",
            view.context(task.context)
        ),
        Kind::StillAlive if view.state(hit.task) == State::Waiting => {
            format!("“{label}” waits since {value}")
        }
        Kind::StillAlive => format!(
            "“{label}” is {} and not freed, {value} old",
            STATES[view.state(hit.task) as usize]
        ),
        Kind::NoName => format!("“{label}” has neither a name nor a tag"),
        Kind::HandlersGrow => String::new(),
    }
}

/// The line that made the fault.
fn place(view: &View, kind: Kind, index: u32) -> Option<String> {
    let task = &view.trace.tasks[index as usize];
    let symbol = |place| Some(view.symbols.get(view.trace, place).text());
    match kind {
        Kind::BlockedLoop => symbol(task.callback),
        Kind::RanOn => symbol(task.function),
        Kind::ReturnedTwice => view
            .symbols
            .origin(view.trace, task.second_return_stack)
            .map(|symbol| symbol.text()),
        _ => view.origin(index).map(|symbol| symbol.text()),
    }
}

fn more_details(view: &View, kind: Kind, index: u32) -> Vec<String> {
    let task = &view.trace.tasks[index as usize];
    let mut details = Vec::new();
    let mut say = |what: &str, symbol: Option<String>| {
        details.extend(symbol.map(|text| format!("{what} {text}")))
    };
    let returned = view
        .symbols
        .origin(view.trace, task.return_stack)
        .map(|symbol| symbol.text());
    match kind {
        Kind::ReturnedTwice => {
            say("the first return:", returned);
            say("made by", view.origin(index).map(|symbol| symbol.text()));
        }
        Kind::ErrorNotFetched => say("returned by", returned),
        Kind::BlockedLoop | Kind::RanOn => {
            say("made by", view.origin(index).map(|symbol| symbol.text()))
        }
        _ => {}
    }
    details
}

fn handlers(view: &View, limits: &Limits, findings: &mut Vec<Finding>) {
    for (index, cancellable) in view.trace.cancellables.iter().enumerate() {
        let left = u64::try_from(cancellable.handlers).unwrap_or(0);
        if left < limits.handlers_grow || cancellable.handlers < cancellable.most_handlers {
            continue;
        }
        let index = u32::try_from(index).expect("a cancellable's number");
        let with_it = view
            .trace
            .tasks
            .iter()
            .enumerate()
            .filter(|(_, task)| task.cancellable == index);
        let place = view
            .symbols
            .origin(view.trace, cancellable.last_connect)
            .map(|symbol| symbol.text());
        let made = view
            .symbols
            .origin(view.trace, cancellable.birth)
            .map(|symbol| symbol.text());
        let counts = [cancellable.connected, cancellable.disconnected].map(words::number);
        let mut details = vec![format!(
            "{} were connected, {} disconnected",
            counts[0], counts[1]
        )];
        details.extend(made.map(|made| format!("the cancellable was made by {made}")));
        let mut tasks: Vec<u32> = with_it
            .map(|(task, _)| u32::try_from(task).expect("a task's number"))
            .collect();
        if tasks.is_empty() && cancellable.last_task != NONE {
            tasks.push(cancellable.last_task);
        }
        findings.push(Finding {
            kind: Kind::HandlersGrow,
            count: left,
            text: format!(
                "cancellable {} has {} handlers, and never had more",
                index + 1,
                words::number(left)
            ),
            place: place.or_else(|| view.origin(*tasks.last()?).map(|symbol| symbol.text())),
            details,
            tasks,
        });
    }
}
