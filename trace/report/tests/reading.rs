//! Traces whose events are known give exactly the expected report; files that are no traces give one line.

use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use asyncresult_trace_report::format::{Event, Header, CHUNK, HEADER};
use make::{Maker, Say};

mod make;

/// A folder that is removed with its owner.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path =
            std::env::temp_dir().join(format!("asyncresult-report-{}-{name}", std::process::id()));
        fs::create_dir_all(&path).expect("a folder");
        Self(path)
    }

    fn file(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        _ = fs::remove_dir_all(&self.0);
    }
}

/// Runs the command as a process of its own: the example that cargo has built beside this test.
fn command(words: &[&Path]) -> Output {
    let own = std::env::current_exe().expect("it is known");
    let built = own.ancestors().nth(2).expect("a folder of the profile");
    let words: Vec<OsString> = words
        .iter()
        .map(|word| word.as_os_str().to_owned())
        .collect();
    Command::new(built.join("examples/asyncresult-trace"))
        .args(words)
        .output()
        .expect("the example is built")
}

fn small(folder: &Folder) -> PathBuf {
    let file = folder.file("small.asrtrace");
    make::scenarios::small(&file).expect("it can be written");
    file
}

#[test]
fn the_small_trace_is_reported_to_the_letter() {
    let folder = Folder::new("small");
    let (trace, out) = (small(&folder), folder.file("out.txt"));
    let done = command(&["report".as_ref(), &trace, "-o".as_ref(), &out]);
    assert_eq!(
        (
            done.status.code(),
            String::from_utf8_lossy(&done.stderr).as_ref()
        ),
        (Some(0), "")
    );
    let report = fs::read_to_string(&out).expect("the report");
    assert_eq!(report, include_str!("expected/small.txt"));
}

#[test]
fn what_is_found_can_fail() {
    let folder = Folder::new("fail-on");
    let (trace, out) = (small(&folder), folder.file("out.txt"));
    let report = |option: &str| {
        let done = command(&[
            "report".as_ref(),
            &trace,
            "-o".as_ref(),
            &out,
            option.as_ref(),
        ]);
        (
            done.status.code(),
            String::from_utf8_lossy(&done.stderr).into_owned(),
        )
    };
    assert_eq!(
        report("--fail-on=blocked-workers"),
        (Some(0), String::new())
    );
    assert_eq!(
        report("--fail-on=never-returned"),
        (Some(1), "asyncresult-trace: never-returned: 1\n".into())
    );
    assert_eq!(report("--fail-on=lost").0, Some(2));
    // With another limit nothing is too long.
    let other = command(&[
        "report".as_ref(),
        &trace,
        "-o".as_ref(),
        &out,
        "--fail-on=blocked-loop".as_ref(),
        "--blocked-loop=22".as_ref(),
    ]);
    assert_eq!(other.status.code(), Some(0));
}

#[test]
fn several_processes_are_one_report() {
    let folder = Folder::new("several");
    for name in ["1.asrtrace", "2.asrtrace", "other.txt"] {
        make::scenarios::small(&folder.file(name)).expect("it can be written");
    }
    let done = command(&[
        "report".as_ref(),
        &folder.0,
        "-o".as_ref(),
        "-".as_ref(),
        "-ftxt".as_ref(),
    ]);
    let report = String::from_utf8_lossy(&done.stdout);
    assert_eq!(report.matches("process 4711").count(), 2);
    assert!(
        report.contains("#14 waiting") && !report.contains("#15 "),
        "{report}"
    );
}

/// What `top` says of a file that was changed, on the error output, and its exit status.
fn top(file: &Path) -> (String, Option<i32>) {
    let done = command(&["top".as_ref(), file]);
    let name = file.display().to_string();
    let said = String::from_utf8_lossy(&done.stderr).replace(&name, "FILE");
    (said, done.status.code())
}

fn changed(folder: &Folder, change: impl FnOnce(&fs::File)) -> (String, Option<i32>) {
    let file = small(folder);
    change(
        &fs::File::options()
            .write(true)
            .open(&file)
            .expect("it is there"),
    );
    top(&file)
}

fn line(said: &str) -> (String, Option<i32>) {
    (format!("asyncresult-trace: FILE: {said}\n"), Some(1))
}

#[test]
fn bad_files_are_one_line() {
    let folder = Folder::new("bad");
    let write = |at: u64, bytes: Vec<u8>| {
        move |file: &fs::File| file.write_all_at(&bytes, at).expect("written")
    };
    let cut = |size: u64| move |file: &fs::File| file.set_len(size).expect("cut");
    assert_eq!(
        changed(&folder, write(0, b"\x7fELF".to_vec())),
        line("not a trace of asyncresult")
    );
    assert_eq!(changed(&folder, cut(0)), line("not a trace of asyncresult"));
    assert_eq!(
        changed(&folder, cut(100)),
        line("truncated: it ends within its header")
    );
    assert_eq!(
        changed(&folder, write(8, 2_u32.to_ne_bytes().to_vec())),
        line("a trace of version 2; this program reads version 1")
    );
    let swapped = 0x0102_0304_u32.swap_bytes().to_ne_bytes();
    let file = small(&folder);
    fs::File::options()
        .write(true)
        .open(&file)
        .and_then(|file| file.write_all_at(&swapped, 12))
        .expect("written");
    assert_eq!(
        top(&file),
        line("recorded on a machine of another byte order")
    );
    assert_eq!(
        changed(&folder, write(20, 4096_u32.to_ne_bytes().to_vec())),
        line("damaged: its header names sizes of 8192 and 4096 bytes")
    );
    // The second chunk is a hole, the third holds the events of the main thread.
    let third = (HEADER + 2 * CHUNK) as u64;
    assert_eq!(
        changed(&folder, cut(third + 100)),
        line(&format!(
            "truncated: it ends within the chunk at byte {third}"
        ))
    );
    assert_eq!(
        changed(&folder, write(third + 56, vec![0; 2])),
        line(&format!(
            "damaged: there is no event at byte {}",
            third + 56
        ))
    );
    assert_eq!(
        changed(&folder, write(third + 12, vec![0xff; 4])),
        line(&format!(
            "damaged: the chunk at byte {third} claims to be longer than a chunk"
        ))
    );
    assert_eq!(
        top(&folder.0.join("missing")),
        line("No such file or directory")
    );
    fs::create_dir(folder.file("empty")).expect("a folder");
    assert_eq!(
        top(&folder.file("empty")),
        line("no trace is in this folder")
    );
    let unwritable = command(&[
        "report".as_ref(),
        &small(&folder),
        "-o".as_ref(),
        "/missing/out.txt".as_ref(),
    ]);
    let said = String::from_utf8_lossy(&unwritable.stderr).into_owned();
    assert_eq!(
        (said.as_str(), unwritable.status.code()),
        (
            "asyncresult-trace: /missing/out.txt: No such file or directory\n",
            Some(1)
        )
    );
}

#[test]
fn any_damage_leaves_a_report() {
    let folder = Folder::new("any");
    let whole = fs::read(small(&folder)).expect("the trace");
    let file = folder.file("damaged.asrtrace");
    // Every byte of the second thread's chunk and of the header, each in turn.
    let chunk = HEADER + 3 * CHUNK;
    for at in (0..280).chain(chunk..chunk + 700) {
        let mut damaged = whole.clone();
        damaged[at] ^= 0xff;
        fs::write(&file, damaged).expect("written");
        let status = top(&file).1;
        assert!(matches!(status, Some(0 | 1)), "byte {at}: {status:?}");
    }
}

fn top_text(file: &Path) -> String {
    let done = command(&["top".as_ref(), file]);
    assert_eq!(done.status.code(), Some(0));
    String::from_utf8_lossy(&done.stdout).into_owned()
}

#[test]
fn what_may_have_been_lost_is_not_judged() {
    let folder = Folder::new("lost");
    let file = small(&folder);
    let kinds = ["[idle-context]", "[error-not-fetched]"];
    let whole = top_text(&file);
    assert!(kinds.iter().all(|kind| whole.contains(kind)), "{whole}");
    let at = std::mem::offset_of!(Header, lost) as u64;
    fs::File::options()
        .write(true)
        .open(&file)
        .and_then(|file| file.write_all_at(&3_u64.to_ne_bytes(), at))
        .expect("written");
    let lost = top_text(&file);
    assert!(lost.contains("54 events, 3 lost;"), "{lost}");
    assert!(!kinds.iter().any(|kind| lost.contains(kind)), "{lost}");
    assert!(lost.contains("[never-returned]"), "{lost}");
}

#[test]
fn an_address_that_is_used_again_is_another_task() {
    let folder = Folder::new("again");
    let file = folder.file("again.asrtrace");
    let mut maker = Maker::create(&file).expect("created");
    for time in [10, 20] {
        let words = [0, 0, 0, 0, 0x10100];
        let made = Say {
            words: &words,
            strings: &[None, Some("twin")],
            ..Say::new(1, time, Event::Made, 0xa0)
        };
        maker.say(made).expect("said");
    }
    maker.finish().expect("written");
    let text = top_text(&file);
    // The first is gone, though nobody saw it go: it is not alive.
    assert!(
        text.contains("[still-alive]") && text.contains("      task #2\n"),
        "{text}"
    );
    assert!(!text.contains("#1"), "{text}");
}

#[test]
fn a_chunk_may_go_to_another_thread() {
    let folder = Folder::new("handed");
    let file = folder.file("handed.asrtrace");
    let mut maker = Maker::create(&file).expect("created");
    maker
        .say(Say::new(7, 10, Event::WorkerAdded, 0))
        .expect("said");
    maker
        .say(Say {
            words: &[0; 4],
            ..Say::new(7, 20, Event::Made, 0xa0)
        })
        .expect("said");
    maker
        .say(Say {
            words: &[1, 0],
            ..Say::new(7, 30, Event::Queued, 0xa0)
        })
        .expect("said");
    maker
        .say(Say::new(7, 31, Event::WorkerGone, 0))
        .expect("said");
    // What follows in the chunk is of thread 8.
    let handed = Say {
        number: 8,
        strings: &[Some("heir")],
        ..Say::new(7, 40, Event::Thread, 0)
    };
    maker.say(handed).expect("said");
    maker
        .say(Say::new(7, 41, Event::WorkerAdded, 0))
        .expect("said");
    maker
        .say(Say::new(7, 50, Event::Started, 0xa0))
        .expect("said");
    maker
        .say(Say::new(7, 60, Event::Ended, 0xa0))
        .expect("said");
    maker.finish().expect("written");
    let done = command(&[
        "report".as_ref(),
        &file,
        "-fjson".as_ref(),
        "-o".as_ref(),
        "-".as_ref(),
    ]);
    let json = String::from_utf8_lossy(&done.stdout);
    let slice =
        "\"ph\":\"X\",\"pid\":4711,\"tid\":8,\"ts\":0.050,\"dur\":0.010,\"cat\":\"function\"";
    assert!(json.contains(slice), "{json}");
}
