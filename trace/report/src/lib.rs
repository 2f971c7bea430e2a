//! asyncresult-trace: shows what a program's tasks did, from a trace that libasyncresult recorded.
//!
//! `file.rs` reads a trace's file, `build.rs` makes the model (`model.rs`) of its events, `phases.rs`
//! says what follows for each task. `places.rs` and `symbols.rs` find the sources. `findings.rs` points
//! out what is wrong. What is written: `text.rs`, `chrome.rs`, `syscap.rs`, `html.rs`. `list.rs` asks a
//! process that is alive. `options.rs` is the command line.

mod blocked;
mod build;
mod bytes;
mod chrome;
mod columns;
mod file;
mod findings;
#[path = "../../format.rs"]
pub mod format;
mod html;
mod intern;
mod json;
mod kinds;
mod list;
mod model;
mod options;
mod phases;
mod places;
mod progress;
mod slices;
mod summary;
mod symbols;
mod syscap;
mod text;
mod view;
mod words;

use std::ffi::{c_char, c_int, CStr, OsString};
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};

use kinds::Limits;
use model::Trace;
use options::{Command, Format, Report, HELP, NAME};
use view::View;

const FAILED: c_int = 1;
const WRONG_USE: c_int = 2;

/// What the C function `main` calls.
///
/// # Safety
/// `argv` holds `argc` strings.
#[no_mangle]
pub unsafe extern "C" fn asyncresult_trace_main(argc: c_int, argv: *const *const c_char) -> c_int {
    let words = (1..usize::try_from(argc).unwrap_or(0)).map(|index| {
        // SAFETY: as the caller ensures.
        let word = unsafe { CStr::from_ptr(*argv.add(index)) };
        OsString::from_vec(word.to_bytes().to_vec())
    });
    run(words)
}

/// Does what the words say; returns the exit status.
pub fn run(words: impl IntoIterator<Item = OsString>) -> c_int {
    let command = match options::parse(words) {
        Ok(command) => command,
        Err(error) => {
            eprintln!("{NAME}: {error}\nTry '{NAME} --help' for more information.");
            return WRONG_USE;
        }
    };
    let done = match command {
        Command::Help => print(HELP),
        Command::Version => print(&format!(
            "{NAME} (libasyncresult) {}\n",
            env!("CARGO_PKG_VERSION")
        )),
        Command::Report(report) => write_report(&report),
        Command::Top {
            input,
            rows,
            limits,
        } => top(&input, rows, &limits),
        Command::List { pid } => list::list(&mut io::stdout(), pid).map(|()| 0),
    };
    done.unwrap_or_else(|error| {
        eprintln!("{NAME}: {error}");
        FAILED
    })
}

fn print(text: &str) -> Result<c_int, String> {
    written("standard output", io::stdout().write_all(text.as_bytes()))?;
    Ok(0)
}

/// An error as it is said of a file.
fn written(name: &str, result: io::Result<()>) -> Result<(), String> {
    result.map_err(|error| format!("{name}: {}", words::system(&error)))
}

/// A folder stands for the traces in it.
fn files(input: &[PathBuf]) -> Result<Vec<PathBuf>, String> {
    let mut files = Vec::new();
    for path in input {
        if !path.is_dir() {
            files.push(path.clone());
            continue;
        }
        let name = path.display();
        let entries = path
            .read_dir()
            .map_err(|error| format!("{name}: {}", words::system(&error)))?;
        let inside = entries.flatten().map(|entry| entry.path());
        let mut traces: Vec<PathBuf> = inside
            .filter(|file| file.extension().is_some_and(|ending| ending == "asrtrace"))
            .collect();
        if traces.is_empty() {
            return Err(format!("{name}: no trace is in this folder"));
        }
        traces.sort();
        files.append(&mut traces);
    }
    Ok(files)
}

/// What was wrong with the files, though they could be read.
fn tell_damage(trace: &Trace) -> c_int {
    for line in &trace.damage {
        eprintln!("{NAME}: {line}");
    }
    if trace.damage.is_empty() {
        0
    } else {
        FAILED
    }
}

fn top(input: &[PathBuf], rows: usize, limits: &Limits) -> Result<c_int, String> {
    let trace = Trace::read(&files(input)?)?;
    let view = View::new(&trace);
    let findings = findings::find(&view, limits);
    let mut out = BufWriter::new(io::stdout().lock());
    written(
        "standard output",
        text::top(&mut out, &view, &findings, limits, rows).and_then(|()| out.flush()),
    )?;
    Ok(tell_damage(&trace))
}

fn write_report(report: &Report) -> Result<c_int, String> {
    let trace = Trace::read(&files(&report.input)?)?;
    let view = View::new(&trace);
    let findings = findings::find(&view, &report.limits);
    let write = |out: &mut dyn Write| match report.format {
        Format::Text => text::report(out, &view, &findings, &report.limits),
        Format::Json => chrome::write(out, &view, &findings),
        Format::Syscap => syscap::write(out, &view, &findings),
        Format::Html => html::write(out, &view, &findings, &report.limits),
    };
    let name = report.output.display().to_string();
    written(&name, write_file(&report.output, write))?;
    let mut status = tell_damage(&trace);
    for kind in &report.fail_on {
        let count: u64 = findings
            .iter()
            .filter(|finding| finding.kind == *kind)
            .map(|finding| finding.count)
            .sum();
        if count > 0 {
            eprintln!("{NAME}: {}: {}", kind.name(), words::number(count));
            status = FAILED;
        }
    }
    Ok(status)
}

/// "-" is the standard output.
fn write_file(path: &Path, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    if path == Path::new("-") {
        let mut out = BufWriter::new(io::stdout().lock());
        write(&mut out)?;
        return out.flush();
    }
    let mut out = BufWriter::with_capacity(1 << 18, File::create(path)?);
    write(&mut out)?;
    out.flush()
}
