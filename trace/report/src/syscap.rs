//! The report as a capture of sysprof: marks, counters, and the findings as a log. Numbers are little endian.

use std::io::{self, Write};

use crate::findings::Finding;
use crate::phases::PHASES;
use crate::progress::Progress;
use crate::slices::{self, COUNTERS};
use crate::view::View;
use crate::words::{duration, one_line};

const MARK: u8 = 10;
const COUNTER_DEFINITIONS: u8 = 8;
const COUNTER_VALUES: u8 = 9;
const LOG: u8 = 12;
const FRAME_HEAD: usize = 24;
/// As in GLib.
const LEVEL_WARNING: u16 = 1 << 4;
const LEVEL_MESSAGE: u16 = 1 << 5;

/// What stands at one time: a part of a task's life, or a counter's value.
enum What {
    Part {
        task: u32,
        part: u8,
    },
    Value {
        process: u32,
        counter: u32,
        value: i64,
    },
}

pub(crate) fn write(out: &mut dyn Write, view: &View, findings: &[Finding]) -> io::Result<()> {
    let (began, ended) = (view.began(), view.ended());
    let realtime = view
        .trace
        .processes
        .first()
        .map_or(0, |process| process.head.began_realtime);
    out.write_all(&header(began, ended, realtime))?;
    for process in 0..view.trace.processes.len() {
        let pid = view.trace.processes[process].head.pid;
        out.write_all(&frame(
            COUNTER_DEFINITIONS,
            pid,
            began,
            &definitions(process),
        ))?;
    }
    let mut all = collect(view);
    all.sort_by_key(|(time, _)| *time);
    let mut progress = Progress::new("writing", all.len() as u64);
    for (time, what) in &all {
        progress.advance(1);
        match what {
            What::Part { task, part } => out.write_all(&mark(view, *task, usize::from(*part)))?,
            What::Value {
                process,
                counter,
                value,
            } => {
                let pid = view.trace.processes[*process as usize].head.pid;
                out.write_all(&frame(
                    COUNTER_VALUES,
                    pid,
                    *time,
                    &counter_value(counter_id(*process as usize, *counter as usize), *value),
                ))?;
            }
        }
    }
    for finding in findings {
        let place = finding
            .place
            .as_ref()
            .map(|place| format!(" by {place}"))
            .unwrap_or_default();
        let text = format!("[{}] {}{place}", finding.kind.name(), finding.text);
        let mut body = Vec::new();
        let level = if finding.kind.is_hint() {
            LEVEL_MESSAGE
        } else {
            LEVEL_WARNING
        };
        body.extend_from_slice(&level.to_le_bytes());
        body.extend_from_slice(&[0; 6]);
        fixed(&mut body, "asyncresult", 32);
        string(&mut body, &text);
        let pid = finding
            .tasks
            .first()
            .map_or(0, |task| view.task(*task).process as usize);
        out.write_all(&frame(
            LOG,
            view.trace.processes[pid].head.pid,
            ended,
            &body,
        ))?;
    }
    Ok(())
}

fn collect(view: &View) -> Vec<(u64, What)> {
    let mut all = Vec::new();
    for task in 0..view.trace.tasks.len() {
        let task = u32::try_from(task).expect("a task's number");
        for (part, (_, from, _)) in (0..).zip(view.life(task).parts()) {
            all.push((from, What::Part { task, part }));
        }
    }
    for process in 0..view.trace.processes.len() {
        let process = u32::try_from(process).expect("a process's number");
        for counter in 0..COUNTERS.len() {
            let changes = slices::changes(view.trace, process, counter);
            let counter = u32::try_from(counter).expect("a counter's number");
            all.extend(slices::values(&changes).map(|(time, value)| {
                (
                    time,
                    What::Value {
                        process,
                        counter,
                        value,
                    },
                )
            }));
        }
    }
    all
}

fn header(began: u64, ended: u64, realtime: u64) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(256);
    bytes.extend_from_slice(&0xFDCA_975E_u32.to_le_bytes());
    // The version, and the bit that says "little endian".
    bytes.extend_from_slice(&[1, 1, 0, 0]);
    fixed(&mut bytes, &iso8601(realtime / 1_000_000_000), 64);
    bytes.extend_from_slice(&began.to_le_bytes());
    bytes.extend_from_slice(&ended.to_le_bytes());
    bytes.resize(256, 0);
    bytes
}

/// A frame: its length counts the head, and is a multiple of 8.
fn frame(kind: u8, pid: i32, time: u64, body: &[u8]) -> Vec<u8> {
    let length = (FRAME_HEAD + body.len()).next_multiple_of(8);
    let mut bytes = Vec::with_capacity(length);
    bytes.extend_from_slice(&u16::try_from(length).expect("texts are cut").to_le_bytes());
    bytes.extend_from_slice(&(-1_i16).to_le_bytes());
    bytes.extend_from_slice(&pid.to_le_bytes());
    bytes.extend_from_slice(&time.to_le_bytes());
    bytes.extend_from_slice(&[kind, 0, 0, 0, 0, 0, 0, 0]);
    bytes.extend_from_slice(body);
    bytes.resize(length, 0);
    bytes
}

fn mark(view: &View, index: u32, part: usize) -> Vec<u8> {
    let task = view.task(index);
    let life = view.life(index);
    let Some((phase, from, to)) = life.parts().nth(part) else {
        return Vec::new();
    };
    let thread = match phase {
        crate::phases::Phase::Running => task.worker,
        crate::phases::Phase::Callback => task.callback_by,
        _ => task.made_by,
    };
    let origin = view
        .origin(index)
        .map(|origin| format!(", made by {}", origin.text()))
        .unwrap_or_default();
    let message = format!(
        "task {} on {}, {}{origin}",
        index + 1,
        view.thread(thread),
        duration(to - from)
    );
    let mut body = Vec::new();
    body.extend_from_slice(&(to - from).to_le_bytes());
    fixed(&mut body, &format!("tasks: {}", PHASES[phase as usize]), 24);
    fixed(&mut body, &view.shared_label(index), 40);
    string(&mut body, &message);
    frame(
        MARK,
        view.trace.processes[task.process as usize].head.pid,
        from,
        &body,
    )
}

/// Counters of several processes are several.
fn counter_id(process: usize, counter: usize) -> u32 {
    u32::try_from(process * COUNTERS.len() + counter + 1).expect("not so many counters")
}

fn definitions(process: usize) -> Vec<u8> {
    let mut body = Vec::new();
    let count = u16::try_from(COUNTERS.len()).expect("a few");
    body.extend_from_slice(&count.to_le_bytes());
    body.extend_from_slice(&[0; 6]);
    for (counter, name) in COUNTERS.iter().enumerate() {
        fixed(&mut body, "libasyncresult", 32);
        fixed(&mut body, name, 32);
        fixed(&mut body, "", 52);
        // The type, in the upper 8 bits, is 0: an integer of 64 bits.
        body.extend_from_slice(&counter_id(process, counter).to_le_bytes());
        body.extend_from_slice(&0_i64.to_le_bytes());
    }
    body
}

/// Room is for eight values: the others have the id 0.
fn counter_value(id: u32, value: i64) -> Vec<u8> {
    let mut body = Vec::with_capacity(104);
    body.extend_from_slice(&1_u16.to_le_bytes());
    body.extend_from_slice(&[0; 6]);
    body.extend_from_slice(&id.to_le_bytes());
    body.extend_from_slice(&[0; 28]);
    body.extend_from_slice(&value.to_le_bytes());
    body.extend_from_slice(&[0; 56]);
    body
}

/// A text in a field of this length, cut at a character, with at least one zero behind.
fn fixed(bytes: &mut Vec<u8>, text: &str, length: usize) {
    let mut end = text.len().min(length - 1);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let start = bytes.len();
    bytes.extend_from_slice(&text.as_bytes()[..end]);
    bytes.resize(start + length, 0);
}

/// A text with its zero; no frame gets longer than its length can say.
fn string(bytes: &mut Vec<u8>, text: &str) {
    let text = one_line(text);
    let mut end = text.len().min(60_000);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    bytes.extend_from_slice(&text.as_bytes()[..end]);
    bytes.push(0);
}

/// "2026-11-26T17:00:00Z".
pub(crate) fn iso8601(seconds: u64) -> String {
    let (days, rest) = (seconds / 86_400, seconds % 86_400);
    // Years begin in March: so the day that some years have more is the last.
    let shifted = days + 719_468;
    let (era, day_of_era) = (shifted / 146_097, shifted % 146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 {
        month_from_march + 3
    } else {
        month_from_march - 9
    };
    let year = year_of_era + era * 400 + u64::from(month <= 2);
    format!(
        "{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}Z",
        rest / 3600,
        rest / 60 % 60,
        rest % 60
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_those_of_the_calendar() {
        let known = [
            (0, "1970-01-01T00:00:00Z"),
            (951_782_400, "2000-02-29T00:00:00Z"),
            (1_709_251_199, "2024-02-29T23:59:59Z"),
            (4_102_444_800, "2100-01-01T00:00:00Z"),
        ];
        for (seconds, text) in known {
            assert_eq!(iso8601(seconds), text);
        }
    }

    #[test]
    fn a_text_is_cut_at_a_character() {
        let mut bytes = Vec::new();
        fixed(&mut bytes, "aé", 3);
        assert_eq!(bytes, [b'a', 0, 0]);
    }
}
