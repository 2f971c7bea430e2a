//! The report as text, and `top`.

use std::io::{self, Write};

use crate::findings::Finding;
use crate::kinds::Limits;
use crate::model::NEVER;
use crate::phases::{Phase, STATES};
use crate::summary::{self, Group};
use crate::view::View;
use crate::words::{count, duration, number, one_line};

/// Tasks that the whole report lists; more than this nobody reads.
const LISTED: usize = 10_000;
/// Tasks that a finding names.
const NAMED: usize = 8;

pub(crate) fn report(
    out: &mut dyn Write,
    view: &View,
    findings: &[Finding],
    limits: &Limits,
) -> io::Result<()> {
    head(out, view)?;
    write_findings(out, findings, limits)?;
    names(out, view, usize::MAX)?;
    errors(out, view)?;
    cancellations(out, view)?;
    tasks(out, view)?;
    tree(out, view)
}

pub(crate) fn top(
    out: &mut dyn Write,
    view: &View,
    findings: &[Finding],
    limits: &Limits,
    rows: usize,
) -> io::Result<()> {
    head(out, view)?;
    names(out, view, rows)?;
    write_findings(out, findings, limits)
}

fn head(out: &mut dyn Write, view: &View) -> io::Result<()> {
    for process in &view.trace.processes {
        let head = &process.head;
        let command = if head.command.is_empty() {
            head.program.clone()
        } else {
            head.command.join(" ")
        };
        let has_parent = view
            .trace
            .processes
            .iter()
            .any(|other| other.head.pid == head.parent);
        let parent = if has_parent {
            format!(", child of {}", head.parent)
        } else {
            String::new()
        };
        writeln!(out, "{}", one_line(&command))?;
        writeln!(
            out,
            "  process {}{}, libasyncresult {}, GLib {}, recorded for {}",
            head.pid,
            parent,
            head.library_version,
            head.glib_version,
            duration(process.ended - process.began)
        )?;
        let lost = match (process.lost, head.overwritten) {
            (0, 0) => "none lost".into(),
            (lost, 0) => format!("{} lost", number(lost)),
            (lost, chunks) => format!(
                "{} lost, and those of {} that were written over",
                number(lost),
                count(chunks, "chunk")
            ),
        };
        let how = if head.ended == 0 {
            "; it did not end by exit()"
        } else {
            ""
        };
        writeln!(
            out,
            "  {}, {lost}; {} made, {} freed{how}",
            count(process.events, "event"),
            count(head.made, "task"),
            number(head.freed)
        )?;
    }
    if view.trace.refused_workers > 0 {
        writeln!(
            out,
            "The system refused {}.",
            count(view.trace.refused_workers, "worker")
        )?;
    }
    Ok(())
}

fn write_findings(out: &mut dyn Write, findings: &[Finding], limits: &Limits) -> io::Result<()> {
    writeln!(out, "\nFindings")?;
    if findings.is_empty() {
        return writeln!(out, "  none");
    }
    let mut last = None;
    for finding in findings {
        if last != Some(finding.kind) {
            last = Some(finding.kind);
            let all: u64 = findings
                .iter()
                .filter(|other| other.kind == finding.kind)
                .map(|other| other.count)
                .sum();
            writeln!(
                out,
                "\n  {}: {} [{}]",
                finding.kind.title(limits),
                number(all),
                finding.kind.name()
            )?;
            writeln!(out, "    {}", finding.kind.advice())?;
        }
        let times = if finding.count > 1 {
            format!("{} × ", number(finding.count))
        } else {
            String::new()
        };
        writeln!(out, "    {times}{}", finding.text)?;
        if let Some(place) = &finding.place {
            writeln!(out, "      by {place}")?;
        }
        for detail in &finding.details {
            writeln!(out, "      {detail}")?;
        }
        if !finding.tasks.is_empty() {
            let named: Vec<String> = finding
                .tasks
                .iter()
                .take(NAMED)
                .map(|task| format!("#{}", task + 1))
                .collect();
            let more = finding.tasks.len().saturating_sub(NAMED);
            let more = if more > 0 {
                format!(" and {} more", number(more as u64))
            } else {
                String::new()
            };
            let what = if finding.tasks.len() == 1 {
                "task"
            } else {
                "tasks"
            };
            writeln!(out, "      {what} {}{more}", named.join(" "))?;
        }
    }
    Ok(())
}

fn names(out: &mut dyn Write, view: &View, rows: usize) -> io::Result<()> {
    let groups = summary::groups(view);
    let all = groups.len();
    writeln!(out, "\nNames, by the time that all their tasks took")?;
    writeln!(
        out,
        "  {:>9} {:>8} | {:>8} {:>8} {:>8} {:>8} | {:>8} {:>8} {:>8} {:>8}  name",
        "tasks", "sum", "p50", "p90", "p99", "max", "queue", "running", "delivery", "callback"
    )?;
    for group in groups.iter().take(rows) {
        let Group {
            label,
            count,
            sum,
            total,
            queue,
            running,
            delivery,
            callback,
        } = group;
        let times = [
            *sum,
            total.p50,
            total.p90,
            total.p99,
            total.max,
            queue.p50,
            running.p50,
            delivery.p50,
            callback.p50,
        ];
        let [sum, p50, p90, p99, max, queue, running, delivery, callback] = times.map(duration);
        let count = number(*count);
        writeln!(
            out,
            "  {count:>9} {sum:>8} | {p50:>8} {p90:>8} {p99:>8} {max:>8} | {queue:>8} {running:>8} {delivery:>8} {callback:>8}  {label}"
        )?;
    }
    if all > rows {
        writeln!(out, "  and {}", count((all - rows) as u64, "name"))?;
    }
    writeln!(out, "  (behind the second line: the median of each phase)")
}

fn errors(out: &mut dyn Write, view: &View) -> io::Result<()> {
    let errors = summary::errors(view);
    if errors.is_empty() {
        return Ok(());
    }
    writeln!(out, "\nErrors")?;
    for error in errors {
        writeln!(
            out,
            "  {:>9} × {} {}: {}",
            number(error.count),
            one_line(&error.domain),
            error.code,
            error.message
        )?;
    }
    Ok(())
}

fn tasks(out: &mut dyn Write, view: &View) -> io::Result<()> {
    writeln!(out, "\nTasks")?;
    writeln!(
        out,
        "  {:>8} {:<14} {:>8} {:>8} {:>8} {:>8} {:>8} {:>8}  name, where made",
        "number", "state", "total", "waiting", "queue", "running", "delivery", "callback"
    )?;
    for index in 0..view.trace.tasks.len().min(LISTED) {
        let index = u32::try_from(index).expect("a task's number");
        let life = view.life(index);
        let spent = [
            Phase::Waiting,
            Phase::Queue,
            Phase::Running,
            Phase::Delivery,
            Phase::Callback,
        ]
        .map(|phase| match life.spent(phase) {
            0 => "-".into(),
            time => duration(time),
        });
        let [waiting, queue, running, delivery, callback] = spent;
        let origin = view
            .origin(index)
            .map(|origin| format!(", {}", origin.text()))
            .unwrap_or_default();
        writeln!(
            out,
            "  {:>8} {:<14} {:>8} {waiting:>8} {queue:>8} {running:>8} {delivery:>8} {callback:>8}  {}{origin}",
            format!("#{}", index + 1),
            STATES[view.state(index) as usize],
            duration(life.total()),
            view.shared_label(index),
        )?;
    }
    let more = view.trace.tasks.len().saturating_sub(LISTED);
    if more > 0 {
        writeln!(out, "  and {}", count(more as u64, "more task"))?;
    }
    Ok(())
}

fn cancellations(out: &mut dyn Write, view: &View) -> io::Result<()> {
    let cancellables = &view.trace.cancellables;
    if cancellables
        .iter()
        .all(|cancellable| cancellable.cancels.is_empty())
    {
        return Ok(());
    }
    writeln!(out, "\nCancellations")?;
    for (index, cancellable) in cancellables.iter().enumerate() {
        let process = &view.trace.processes[cancellable.process as usize];
        for cancel in &cancellable.cancels {
            let handlers = u64::try_from(cancel.handlers).unwrap_or(0);
            let took = match cancel.ended {
                NEVER => "did not end".into(),
                ended => format!("took {}", duration(ended - cancel.begun)),
            };
            writeln!(
                out,
                "  after {}: cancellable {}, by {}; with {} it {took}",
                duration(cancel.begun.saturating_sub(process.began)),
                index + 1,
                view.thread(cancel.thread),
                count(handlers, "handler")
            )?;
        }
    }
    Ok(())
}

/// Who made whom.
fn tree(out: &mut dyn Write, view: &View) -> io::Result<()> {
    let tasks = &view.trace.tasks[..view.trace.tasks.len().min(LISTED)];
    let mut children: Vec<Vec<u32>> = vec![Vec::new(); tasks.len()];
    let mut roots = Vec::new();
    for (index, task) in tasks.iter().enumerate() {
        let index_number = u32::try_from(index).expect("a task's number");
        match children.get_mut(task.parent as usize) {
            Some(children) if (task.parent as usize) < index => children.push(index_number),
            _ => roots.push(index_number),
        }
    }
    if children.iter().all(Vec::is_empty) {
        return Ok(());
    }
    writeln!(
        out,
        "\nTree: a task stands below the one in whose callback or function it was made"
    )?;
    // Chains may be long: no recursion.
    let mut open: Vec<(u32, usize)> = roots
        .into_iter()
        .rev()
        .filter(|root| !children[*root as usize].is_empty())
        .map(|root| (root, 1))
        .collect();
    while let Some((task, depth)) = open.pop() {
        let depth_shown = depth.min(40);
        writeln!(
            out,
            "{:width$}#{} {}",
            "",
            task + 1,
            view.shared_label(task),
            width = depth_shown * 2
        )?;
        open.extend(
            children[task as usize]
                .iter()
                .rev()
                .map(|child| (*child, depth + 1)),
        );
    }
    Ok(())
}
