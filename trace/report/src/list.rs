//! `list`: the tasks that are alive in a process. Its recorder gives the descriptor of the trace to
//! whoever connects; what is in it now is read as any trace.

use std::fs::File;
use std::io::{self, Write};
use std::mem::{size_of, zeroed};
use std::os::fd::{AsRawFd, FromRawFd};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::time::Duration;

use crate::file::TraceFile;
use crate::model::{Trace, NEVER};
use crate::phases::STATES;
use crate::progress::Progress;
use crate::view::View;
use crate::words::{self, count, duration};

const PATIENCE: Duration = Duration::from_secs(5);

/// Prints the tasks that are alive in this process, the oldest first.
pub(crate) fn list(out: &mut dyn Write, pid: i32) -> Result<(), String> {
    let file = trace_of(pid)?;
    let name = format!("the trace of process {pid}");
    let mut file = TraceFile::from_file(file, name.clone())?;
    if file.head.pid != pid {
        return Err(format!("process {pid} is not traced"));
    }
    let mut trace = Trace::default();
    trace.add(&mut file, &mut Progress::new("reading", u64::MAX))?;
    let now = now();
    trace.processes[0].ended = trace.processes[0].ended.max(now);
    write(out, &View::new(&trace))
        .map_err(|error| format!("standard output: {}", words::system(&error)))
}

fn write(out: &mut dyn Write, view: &View) -> io::Result<()> {
    let tasks = &view.trace.tasks;
    let alive: Vec<u32> = (0..)
        .zip(tasks)
        .filter(|(_, task)| task.freed == NEVER)
        .map(|(index, _)| index)
        .collect();
    writeln!(
        out,
        "{} alive, of {}",
        count(alive.len() as u64, "task"),
        words::number(tasks.len() as u64)
    )?;
    if !alive.is_empty() {
        writeln!(
            out,
            "{:>9} {:<14} {:>9}  name, where made",
            "number", "state", "age"
        )?;
    }
    let now = view.ended();
    for index in alive {
        let origin = view
            .origin(index)
            .map(|origin| format!(", {}", origin.text()))
            .unwrap_or_default();
        let age = now.saturating_sub(view.life(index).begin);
        let number = format!("#{}", index + 1);
        let state = STATES[view.state(index) as usize];
        writeln!(
            out,
            "{number:>9} {state:<14} {:>9}  {}{origin}",
            duration(age),
            view.shared_label(index)
        )?;
    }
    Ok(())
}

fn now() -> u64 {
    // SAFETY: the clock writes into a structure of its own.
    let time = unsafe {
        let mut time = zeroed::<libc::timespec>();
        libc::clock_gettime(libc::CLOCK_MONOTONIC, &mut time);
        time
    };
    // Both are small, and never below 0. On some machines they are of another type.
    #[allow(clippy::unnecessary_cast, reason = "not everywhere")]
    let nanoseconds = time.tv_sec as u64 * 1_000_000_000 + time.tv_nsec as u64;
    nanoseconds
}

/// The file that the process records into: from its recorder or, where there is no folder for its
/// socket, from the system.
fn trace_of(pid: i32) -> Result<File, String> {
    // SAFETY: nothing is sent; it is only asked whether that could be.
    let is_there = unsafe { libc::kill(pid, 0) } == 0;
    if !is_there && io::Error::last_os_error().raw_os_error() == Some(libc::ESRCH) {
        return Err(format!(
            "process {pid}: {}",
            words::system(&io::Error::last_os_error())
        ));
    }
    let folder = std::env::var_os("XDG_RUNTIME_DIR").filter(|folder| !folder.is_empty());
    let folder = folder.map(|folder| PathBuf::from(folder).join("asyncresult"));
    if let Some(folder) = folder.filter(|folder| is_ours(folder)) {
        let socket = folder.join(format!("{pid}.sock"));
        if let Ok(file) = receive(&socket) {
            return Ok(file);
        }
    }
    opened_by(pid)
}

/// Only what the user has made, and nobody else may write to, is believed.
fn is_ours(folder: &std::path::Path) -> bool {
    // SAFETY: it takes nothing.
    let user = unsafe { libc::geteuid() };
    folder
        .symlink_metadata()
        .is_ok_and(|folder| folder.is_dir() && folder.uid() == user && folder.mode() & 0o022 == 0)
}

/// One byte comes, and with it the descriptor.
fn receive(socket: &std::path::Path) -> io::Result<File> {
    let stream = UnixStream::connect(socket)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    let mut byte = [0_u8];
    // Room for one descriptor and its head, aligned as that wants it.
    let mut control = [0_u64; 8];
    // SAFETY: all that is pointed to lives until the call returns.
    unsafe {
        let mut part = libc::iovec {
            iov_base: byte.as_mut_ptr().cast(),
            iov_len: 1,
        };
        let mut message = zeroed::<libc::msghdr>();
        message.msg_iov = &mut part;
        message.msg_iovlen = 1;
        message.msg_control = control.as_mut_ptr().cast();
        message.msg_controllen = size_of::<[u64; 8]>() as _;
        if libc::recvmsg(stream.as_raw_fd(), &mut message, libc::MSG_CMSG_CLOEXEC) < 0 {
            return Err(io::Error::last_os_error());
        }
        let head = libc::CMSG_FIRSTHDR(&message);
        if head.is_null()
            || (*head).cmsg_level != libc::SOL_SOCKET
            || (*head).cmsg_type != libc::SCM_RIGHTS
        {
            return Err(io::ErrorKind::InvalidData.into());
        }
        let descriptor = libc::CMSG_DATA(head).cast::<libc::c_int>().read_unaligned();
        Ok(File::from_raw_fd(descriptor))
    }
}

/// Of the files that the process has open, the one that is a trace.
fn opened_by(pid: i32) -> Result<File, String> {
    let not_traced = || format!("process {pid} is not traced");
    let folder = PathBuf::from(format!("/proc/{pid}/fd"));
    let entries = folder.read_dir().map_err(|error| match error.kind() {
        io::ErrorKind::PermissionDenied => format!("process {pid}: {}", words::system(&error)),
        _ => not_traced(),
    })?;
    for entry in entries.flatten() {
        // Only a file has a beginning that can be looked at without taking it from anybody.
        let target = entry.path().read_link().unwrap_or_default();
        if !target.as_os_str().as_bytes().starts_with(b"/")
            || !entry.path().metadata().is_ok_and(|file| file.is_file())
        {
            continue;
        }
        let Ok(file) = File::open(entry.path()) else {
            continue;
        };
        if file.try_clone().is_ok_and(|copy| {
            TraceFile::from_file(copy, String::new()).is_ok_and(|trace| trace.head.pid == pid)
        }) {
            return Ok(file);
        }
    }
    Err(not_traced())
}
