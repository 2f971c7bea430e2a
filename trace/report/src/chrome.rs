//! The report as Chrome's trace events: for Perfetto's page and chrome://tracing.

use std::fmt::{self, Display};
use std::io::{self, Write};

use crate::findings::Finding;
use crate::json::Text;
use crate::model::*;
use crate::phases::{PHASES, STATES};
use crate::progress::Progress;
use crate::slices::{self, Slice, COUNTERS};
use crate::view::View;

/// Microseconds, with three decimals.
struct Micros(u64);

impl Display for Micros {
    fn fmt(&self, to: &mut fmt::Formatter) -> fmt::Result {
        write!(to, "{}.{:03}", self.0 / 1000, self.0 % 1000)
    }
}

struct Events<'a> {
    out: &'a mut dyn Write,
    view: &'a View<'a>,
    is_first: bool,
}

pub(crate) fn write(out: &mut dyn Write, view: &View, findings: &[Finding]) -> io::Result<()> {
    out.write_all(b"{\"displayTimeUnit\":\"ms\",\"traceEvents\":[")?;
    let mut events = Events {
        out,
        view,
        is_first: true,
    };
    events.names()?;
    let slices = slices::slices(view.trace);
    let total = (view.trace.tasks.len() + slices.len()) as u64;
    let mut progress = Progress::new("writing", total);
    for slice in &slices {
        progress.advance(1);
        events.slice(slice)?;
    }
    for index in 0..view.trace.tasks.len() {
        progress.advance(1);
        events.task(u32::try_from(index).expect("a task's number"))?;
    }
    events.counters()?;
    events.findings(findings)?;
    out.write_all(b"\n]}\n")
}

impl Events<'_> {
    /// One event: what `rest` says, after what all have.
    fn event(
        &mut self,
        phase: &str,
        process: u32,
        thread: u32,
        rest: fmt::Arguments,
    ) -> io::Result<()> {
        let separator = if self.is_first { "\n" } else { ",\n" };
        self.is_first = false;
        let pid = self.view.trace.processes[process as usize].head.pid;
        let tid = self
            .view
            .trace
            .threads
            .get(thread as usize)
            .map_or(0, |thread| thread.number);
        write!(
            self.out,
            "{separator}{{\"ph\":\"{phase}\",\"pid\":{pid},\"tid\":{tid},{rest}}}"
        )
    }

    fn names(&mut self) -> io::Result<()> {
        for (index, process) in self.view.trace.processes.iter().enumerate() {
            let index = u32::try_from(index).expect("a process's number");
            let name = process.head.program.rsplit('/').next().unwrap_or_default();
            self.event(
                "M",
                index,
                u32::MAX,
                format_args!(
                    "\"name\":\"process_name\",\"args\":{{\"name\":{}}}",
                    Text(name)
                ),
            )?;
        }
        for (index, thread) in self.view.trace.threads.iter().enumerate() {
            let index = u32::try_from(index).expect("a thread's number");
            let name = match (&thread.worker, thread.name.as_str()) {
                (Some(_), _) => "worker",
                (None, "") => "thread",
                (None, name) => name,
            };
            self.event(
                "M",
                thread.process,
                index,
                format_args!(
                    "\"name\":\"thread_name\",\"args\":{{\"name\":{}}}",
                    Text(name)
                ),
            )?;
        }
        Ok(())
    }

    fn slice(&mut self, slice: &Slice) -> io::Result<()> {
        let task = self.view.task(slice.task);
        let category = if slice.is_callback {
            "callback"
        } else {
            "function"
        };
        let code = self.view.symbols.get(
            self.view.trace,
            if slice.is_callback {
                task.callback
            } else {
                task.function
            },
        );
        let label = self.view.shared_label(slice.task);
        self.event(
            "X",
            task.process,
            slice.thread,
            format_args!(
                "\"ts\":{},\"dur\":{},\"cat\":\"{category}\",\"name\":{},\"args\":{{\"task\":{},\"code\":{}}}",
                Micros(slice.begin),
                Micros(slice.end - slice.begin),
                Text(&label),
                slice.task + 1,
                Text(&code.text())
            ),
        )?;
        if !slice.is_callback && task.queued != NEVER && task.queued <= slice.begin {
            let from = (task.queued_by, task.queued, task.queued_inside);
            self.arrow(slice, from, "queued", u64::from(slice.task) * 2 + 1)?;
        } else if slice.is_callback && task.returned != NEVER && task.returned <= slice.begin {
            let from = (task.returned_by, task.returned, task.returned_inside);
            self.arrow(slice, from, "returned", u64::from(slice.task) * 2 + 2)?;
        }
        Ok(())
    }

    /// From where something was begun to where it went on. Where an arrow begins there has to be a
    /// slice: where there is no callback and no function, one of a nanosecond.
    fn arrow(
        &mut self,
        to: &Slice,
        from: (u32, Time, bool),
        name: &str,
        id: u64,
    ) -> io::Result<()> {
        let (thread, time, is_inside) = from;
        let process = self.view.task(to.task).process;
        if !is_inside {
            self.event(
                "X",
                process,
                thread,
                format_args!(
                    "\"ts\":{},\"dur\":0.001,\"cat\":\"point\",\"name\":\"{name}\"",
                    Micros(time)
                ),
            )?;
        }
        let of = |time| {
            format!(
                "\"ts\":{},\"cat\":\"arrow\",\"name\":\"{name}\",\"id\":{id}",
                Micros(time)
            )
        };
        self.event("s", process, thread, format_args!("{}", of(time)))?;
        self.event(
            "f",
            process,
            to.thread,
            format_args!("{},\"bp\":\"e\"", of(to.begin)),
        )
    }

    fn task(&mut self, index: u32) -> io::Result<()> {
        let view = self.view;
        let task = view.task(index);
        let life = view.life(index);
        let label = view.shared_label(index);
        let thread = task.made_by;
        let of = |time, name: &str| {
            format!(
                "\"ts\":{},\"cat\":\"task\",\"id\":\"{:#x}\",\"name\":{}",
                Micros(time),
                index + 1,
                Text(name)
            )
        };
        let origin = view
            .origin(index)
            .map(|origin| origin.text())
            .unwrap_or_default();
        let mut arguments = format!(
            "\"task\":{},\"state\":\"{}\",\"made by\":{}",
            index + 1,
            STATES[view.state(index) as usize],
            Text(&origin)
        );
        if (task.parent as usize) < view.trace.tasks.len() {
            arguments += &format!(",\"parent\":{}", task.parent + 1);
        }
        if let Some(error) = view.error(task) {
            arguments += &format!(",\"error\":{}", Text(&error));
        }
        self.event(
            "b",
            task.process,
            thread,
            format_args!("{},\"args\":{{{arguments}}}", of(life.begin, &label)),
        )?;
        let points = [(task.returned, "returned"), (task.propagated, "propagated")];
        let mut points = points
            .into_iter()
            .filter(|(time, _)| (life.begin..=life.end).contains(time))
            .peekable();
        for (phase, from, to) in life.parts() {
            let name = PHASES[phase as usize];
            self.event(
                "b",
                task.process,
                thread,
                format_args!("{}", of(from, name)),
            )?;
            while let Some((time, point)) = points.next_if(|(time, _)| *time < to) {
                self.event(
                    "n",
                    task.process,
                    thread,
                    format_args!("{}", of(time.max(from), point)),
                )?;
            }
            self.event("e", task.process, thread, format_args!("{}", of(to, name)))?;
        }
        self.event(
            "e",
            task.process,
            thread,
            format_args!("{}", of(life.end, &label)),
        )
    }

    fn counters(&mut self) -> io::Result<()> {
        for process in 0..self.view.trace.processes.len() {
            let process = u32::try_from(process).expect("a process's number");
            for (counter, name) in COUNTERS.iter().enumerate() {
                let changes = slices::changes(self.view.trace, process, counter);
                for (time, value) in slices::values(&changes) {
                    self.event(
                        "C",
                        process,
                        u32::MAX,
                        format_args!(
                            "\"ts\":{},\"name\":\"{name}\",\"args\":{{\"value\":{value}}}",
                            Micros(time)
                        ),
                    )?;
                }
            }
        }
        Ok(())
    }

    /// Marks over all of a process, where the task of each began.
    fn findings(&mut self, findings: &[Finding]) -> io::Result<()> {
        for finding in findings.iter().filter(|finding| !finding.kind.is_hint()) {
            let Some(task) = finding.tasks.first() else {
                continue;
            };
            let process = self.view.task(*task).process;
            let time = Micros(self.view.life(*task).begin);
            let place = finding.place.clone().unwrap_or_default();
            self.event(
                "i",
                process,
                self.view.task(*task).made_by,
                format_args!(
                    "\"ts\":{time},\"s\":\"p\",\"cat\":\"finding\",\"name\":{},\"args\":{{\"what\":{},\"by\":{}}}",
                    Text(finding.kind.name()),
                    Text(&finding.text),
                    Text(&place)
                ),
            )?;
        }
        Ok(())
    }
}
