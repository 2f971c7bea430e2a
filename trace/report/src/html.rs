//! The report as one page: what a browser shows of it is in `page/`.

use std::io::{self, Write};

use crate::columns::{self, Texts};
use crate::findings::Finding;
use crate::format::WHY;
use crate::json::Text;
use crate::kinds::Limits;
use crate::model::*;
use crate::phases::STATES;
use crate::progress::Progress;
use crate::view::View;

const PAGE: &str = include_str!("../page/page.html");
const STYLE: &str = include_str!("../page/style.css");
/// In the order in which they use each other.
const SCRIPTS: [&str; 9] = [
    include_str!("../page/data.js"),
    include_str!("../page/words.js"),
    include_str!("../page/list.js"),
    include_str!("../page/lanes.js"),
    include_str!("../page/timeline.js"),
    include_str!("../page/tasks.js"),
    include_str!("../page/panels.js"),
    include_str!("../page/details.js"),
    include_str!("../page/main.js"),
];
/// Tasks that a finding of the page names, and cancellables that it lists.
const NAMED: usize = 1000;
const CANCELLABLES: usize = 5000;

pub(crate) fn write(
    out: &mut dyn Write,
    view: &View,
    findings: &[Finding],
    limits: &Limits,
) -> io::Result<()> {
    let mut rest = PAGE;
    for (mark, put) in [("STYLE", 0), ("DATA", 1), ("SCRIPT", 2)] {
        let mark = format!("<!--{mark}-->");
        let (before, after) = rest.split_once(&mark).expect("the page has all marks");
        out.write_all(before.as_bytes())?;
        match put {
            0 => write!(out, "<style>\n{STYLE}</style>")?,
            1 => data(out, view, findings, limits)?,
            _ => {
                for script in SCRIPTS {
                    write!(out, "<script>\n\"use strict\";\n{script}</script>\n")?;
                }
            }
        }
        rest = after;
    }
    out.write_all(rest.as_bytes())
}

/// A list in JSON.
fn list<T>(
    out: &mut dyn Write,
    name: &str,
    items: &[T],
    mut write: impl FnMut(&mut dyn Write, &T) -> io::Result<()>,
) -> io::Result<()> {
    write!(out, ",\n\"{name}\":[")?;
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            out.write_all(b",")?;
        }
        write(out, item)?;
    }
    out.write_all(b"]")
}

fn texts(out: &mut dyn Write, name: &str, texts: &Texts) -> io::Result<()> {
    list(out, name, &texts.all, |out, text| {
        write!(out, "{}", Text(text))
    })
}

fn data(out: &mut dyn Write, view: &View, findings: &[Finding], limits: &Limits) -> io::Result<()> {
    let trace = view.trace;
    let began = view.began();
    let since = |time: Time| {
        if time == NEVER {
            "-1".into()
        } else {
            time.saturating_sub(began).to_string()
        }
    };
    let mut progress = Progress::new("writing", 2);
    let columns = columns::make(view);
    progress.advance(1);
    out.write_all(b"<script type=\"application/json\" id=\"data\">{")?;
    write!(
        out,
        "\"span\":{},\"tasks\":{},\"events\":{}",
        view.ended() - began,
        trace.tasks.len(),
        trace.events
    )?;
    write!(
        out,
        ",\"refused\":{},\"version\":{}",
        trace.refused_workers,
        Text(env!("CARGO_PKG_VERSION"))
    )?;
    list(out, "names", &columns::NAMES, |out, name| {
        write!(out, "{}", Text(name))
    })?;
    list(out, "ends", &columns.ends, |out, end| write!(out, "{end}"))?;
    list(out, "states", &STATES, |out, state| {
        write!(out, "{}", Text(state))
    })?;
    texts(out, "labels", &columns.labels)?;
    texts(out, "places", &columns.places)?;
    texts(out, "types", &columns.types)?;
    list(out, "stacks", &columns.stacks, |out, stack| {
        write!(out, "{stack:?}")
    })?;
    list(out, "errors", trace.errors.items(), |out, error| {
        let texts = [error.domain, error.message].map(|text| trace.strings.get(text));
        write!(
            out,
            "[{},{},{}]",
            Text(texts[0]),
            error.code,
            Text(texts[1])
        )
    })?;
    list(out, "threads", &trace.threads, |out, thread| {
        write!(
            out,
            "{{\"process\":{},\"number\":{},\"name\":{}",
            thread.process,
            thread.number,
            Text(&thread.name)
        )?;
        if let Some(worker) = &thread.worker {
            let why = WHY.get(usize::from(worker.why)).copied().unwrap_or("");
            write!(
                out,
                ",\"added\":{},\"gone\":{},\"why\":{}",
                since(worker.added),
                since(worker.gone),
                Text(why)
            )?;
        }
        write!(out, "}}")
    })?;
    list(out, "contexts", &trace.contexts, |out, context| {
        write!(out, "{}", context.number)
    })?;
    processes(out, view)?;
    cancellables(out, view)?;
    list(out, "findings", findings, |out, finding| {
        let tasks: Vec<u32> = finding
            .tasks
            .iter()
            .take(NAMED)
            .map(|task| task + 1)
            .collect();
        let place = finding.place.as_deref().unwrap_or_default();
        write!(
            out,
            "{{\"kind\":\"{}\",\"title\":{}",
            finding.kind.name(),
            Text(&finding.kind.title(limits))
        )?;
        write!(
            out,
            ",\"advice\":{},\"hint\":{}",
            Text(finding.kind.advice()),
            finding.kind.is_hint()
        )?;
        write!(
            out,
            ",\"count\":{},\"all\":{},\"text\":{}",
            finding.count,
            finding.tasks.len(),
            Text(&finding.text)
        )?;
        write!(out, ",\"place\":{},\"tasks\":{tasks:?}", Text(place))?;
        list(out, "details", &finding.details, |out, detail| {
            write!(out, "{}", Text(detail))
        })?;
        write!(out, "}}")
    })?;
    out.write_all(b"}</script>\n<script type=\"text/plain\" id=\"columns\">")?;
    out.write_all(columns::base64(&columns.bytes).as_bytes())?;
    out.write_all(b"</script>")
}

fn processes(out: &mut dyn Write, view: &View) -> io::Result<()> {
    let began = view.began();
    list(out, "processes", &view.trace.processes, |out, process| {
        let head = &process.head;
        let command = if head.command.is_empty() {
            head.program.clone()
        } else {
            head.command.join(" ")
        };
        write!(
            out,
            "{{\"pid\":{},\"parent\":{},\"command\":{}",
            head.pid,
            head.parent,
            Text(&command)
        )?;
        write!(
            out,
            ",\"program\":{},\"library\":{}",
            Text(&head.program),
            Text(&head.library_version)
        )?;
        write!(
            out,
            ",\"glib\":{},\"date\":{}",
            Text(&head.glib_version),
            Text(&crate::syscap::iso8601(head.began_realtime / 1_000_000_000))
        )?;
        write!(
            out,
            ",\"began\":{},\"ended\":{}",
            process.began - began,
            process.ended - began
        )?;
        write!(
            out,
            ",\"events\":{},\"lost\":{},\"overwritten\":{}",
            process.events, process.lost, head.overwritten
        )?;
        write!(
            out,
            ",\"made\":{},\"freed\":{},\"exited\":{}}}",
            head.made,
            head.freed,
            head.ended != 0
        )
    })
}

/// Those that were cancelled or have many handlers, and not all of a program that makes one for each task.
fn cancellables(out: &mut dyn Write, view: &View) -> io::Result<()> {
    let began = view.began();
    let shown: Vec<(usize, &Cancellable)> = view
        .trace
        .cancellables
        .iter()
        .enumerate()
        .filter(|(_, cancellable)| !cancellable.cancels.is_empty() || cancellable.most_handlers > 1)
        .take(CANCELLABLES)
        .collect();
    write!(
        out,
        ",\n\"allCancellables\":{}",
        view.trace.cancellables.len()
    )?;
    list(out, "cancellables", &shown, |out, (index, cancellable)| {
        let made = view
            .symbols
            .origin(view.trace, cancellable.birth)
            .map(|symbol| symbol.text())
            .unwrap_or_default();
        write!(
            out,
            "{{\"number\":{},\"process\":{},\"by\":{}",
            index + 1,
            cancellable.process,
            Text(&made)
        )?;
        write!(
            out,
            ",\"handlers\":{},\"most\":{},\"resets\":{}",
            cancellable.handlers, cancellable.most_handlers, cancellable.resets
        )?;
        write!(
            out,
            ",\"connected\":{},\"alive\":{}",
            cancellable.connected,
            cancellable.freed == NEVER
        )?;
        list(out, "cancels", &cancellable.cancels, |out, cancel| {
            let took = cancel.ended.saturating_sub(cancel.begun);
            write!(
                out,
                "[{},{took},{},{}]",
                cancel.begun.saturating_sub(began),
                cancel.thread,
                cancel.handlers
            )
        })?;
        write!(out, "}}")
    })
}
