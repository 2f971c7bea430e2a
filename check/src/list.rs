//! The tasks that are alive, and why.

use std::collections::BTreeMap;
use std::io::Write;

use crate::mistakes::title;
use crate::place;
use crate::records::{self, Record};
use crate::table::View;

/// So many lines are enough.
const MOST_LINES: usize = 100;
/// A cancellable with more handlers than that has some that nobody needs.
const MOST_HANDLERS: i64 = 1000;

/// At the end of the program the tasks that are alive are listed. That is no mistake by itself.
pub(crate) fn at_exit() {
    extern "C" fn list() {
        print();
    }
    // SAFETY: a function that stays.
    unsafe { libc::atexit(list) };
}

/// What is copied of a task while it cannot end.
struct Alive {
    title: String,
    record: Record,
    function: usize,
    references: u32,
    is_cancelled: bool,
    is_in_default_context: bool,
    has_callback: bool,
}

impl Alive {
    fn new(task: usize, record: &Record, view: &View) -> Self {
        Self {
            title: title(task, record),
            record: record.clone(),
            function: view.function as usize,
            references: view.references,
            is_cancelled: view.is_cancelled,
            is_in_default_context: view.context.is_null(),
            has_callback: !view.callback.is_null(),
        }
    }

    fn is_running(&self) -> bool {
        let steps = self.record.steps;
        steps.started && !steps.ended && !steps.left_to_parent
    }
}

/// The functions that run, and how many of each.
struct Running(Vec<(usize, usize)>);

impl Running {
    fn new(tasks: &[Alive]) -> Self {
        let mut counts = BTreeMap::new();
        for task in tasks.iter().filter(|task| task.is_running()) {
            *counts.entry(task.function).or_insert(0) += 1;
        }
        let mut counts: Vec<_> = counts.into_iter().collect();
        counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        Self(counts)
    }

    /// "behind 10 workers, which run work()".
    fn describe(&self) -> String {
        let workers: usize = self.0.iter().map(|(_, count)| count).sum();
        let Some((function, count)) = self.0.first() else {
            return "and no worker runs a function".to_owned();
        };
        let function = place::function(*function);
        let plural = if workers == 1 {
            "worker, which runs"
        } else {
            "workers, which run"
        };
        if *count == workers {
            format!("behind {workers} {plural} {function}")
        } else {
            format!("behind {workers} {plural} {function} ({count} of them) and others")
        }
    }
}

/// Why a task is alive.
fn reason(task: &Alive, running: &Running) -> String {
    let steps = task.record.steps;
    let cancelled = if task.is_cancelled { "cancelled, " } else { "" };
    if steps.left_to_parent {
        let what = match task.function {
            _ if steps.in_callback => "its callback ran".to_owned(),
            function if steps.started => {
                format!("its function {} ran", place::function(function))
            }
            _ => "it waited for a worker".to_owned(),
        };
        return format!(
            "{what} in the parent when this process was forked: it does not go on here"
        );
    }
    if steps.in_callback {
        return "its callback runs".to_owned();
    }
    if task.is_running() {
        let function = place::function(task.function);
        if steps.called_back || steps.dropped {
            return format!("completed by its cancellation, its function {function} still runs");
        }
        let still = if task.is_cancelled {
            "still runs"
        } else {
            "runs"
        };
        return format!("{cancelled}its function {function} {still}");
    }
    if steps.queued && !steps.started {
        return format!("{cancelled}queued {}", running.describe());
    }
    if steps.called_back || steps.dropped || (steps.waited_for && steps.ended) {
        let references = match task.references {
            0 => "a reference is".to_owned(),
            1 => "1 reference is".to_owned(),
            count => format!("{count} references are"),
        };
        return format!(
            "finished, but {references} left: is a g_object_unref() missing? g_task_new() gives \
            one reference to its caller"
        );
    }
    if steps.returned || steps.ended {
        let what = if steps.returned {
            "returned"
        } else {
            "its function has ended without a result"
        };
        let callback = if task.has_callback {
            ""
        } else {
            " (it has no callback)"
        };
        let context = if task.is_in_default_context {
            "the global default one: run a main loop there, as g_main_loop_run() does, until the \
            callback was called"
        } else {
            "which is not the global default one: it was the thread-default one where the task was \
            made. Iterate it until the callback was called, or make the task while the context of \
            a loop that runs is the thread-default one"
        };
        return format!("{what}{callback}, but nobody iterated its context, {context}");
    }
    format!("{cancelled}not returned: g_task_return_*() has not been called")
}

/// "for 3 s", if that is long.
fn age(record: &Record) -> String {
    match records::now().saturating_sub(record.since) / 1000 {
        0 => String::new(),
        seconds => format!(", for {seconds} s"),
    }
}

/// Prints the list on standard error, in one piece.
pub(crate) fn print() {
    let mut tasks = Vec::new();
    records::for_each(|task, record, view| tasks.push(Alive::new(task, record, view)));
    // The oldest first.
    tasks.sort_by_key(|task| task.record.since);
    let running = Running::new(&tasks);
    let program = std::env::args_os().next().unwrap_or_default();
    let program = program.to_string_lossy();
    let head = format!("asyncresult: {program} ({})", std::process::id());
    let mut text = match tasks.len() {
        0 => format!("{head}: no task is alive\n"),
        1 => format!("{head}: 1 task is alive:\n"),
        count => format!("{head}: {count} tasks are alive:\n"),
    };

    // Tasks of one name, made in one place and alive for one reason, are one line.
    let mut lines: Vec<(String, usize)> = Vec::new();
    let mut known = BTreeMap::new();
    for task in &tasks {
        let reason = reason(task, &running);
        let made = place::describe(&task.record.made);
        let made = made.map_or(String::new(), |place| format!("; made by {place}"));
        let key = format!(
            "{reason}|{made}|{}",
            if task.title.starts_with("GTask 0x") {
                ""
            } else {
                &task.title
            }
        );
        let place = *known.entry(key).or_insert(lines.len());
        if place == lines.len() {
            let line = format!("{}: {reason}{}{made}", task.title, age(&task.record));
            lines.push((line, 0));
        }
        lines[place].1 += 1;
    }
    for (line, count) in lines.iter().take(MOST_LINES) {
        let more = match count {
            1 => String::new(),
            count => format!(" (and {} more like it)", count - 1),
        };
        text.push_str(&format!("  {line}{more}\n"));
    }
    if lines.len() > MOST_LINES {
        text.push_str(&format!("  and {} more lines\n", lines.len() - MOST_LINES));
    }
    for (cancellable, count) in records::with_more_handlers_than(MOST_HANDLERS) {
        text.push_str(&format!(
            "  GCancellable {cancellable:#x}: g_cancellable_connect() was called {count} times \
            more often than g_cancellable_disconnect()\n"
        ));
    }
    // Standard error may be closed.
    let _ = std::io::stderr().write_all(text.as_bytes());
}
