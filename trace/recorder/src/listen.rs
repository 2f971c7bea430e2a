//! For `asyncresult-trace list`: a thread that hands the file's descriptor to whoever asks for it, if that is the same
//! user. The socket is PID.sock in a folder that only that user can open.

use std::fs::{self, DirBuilder};
use std::io;
use std::mem::MaybeUninit;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::PathBuf;
use std::thread;

use crate::recording::Recording;
use crate::settings;

const STACK: usize = 128 << 10;

fn folder() -> Option<PathBuf> {
    let runtime = settings::get()?.runtime_folder.as_ref()?;
    Some(runtime.join("asyncresult"))
}

fn socket() -> Option<PathBuf> {
    Some(folder()?.join(format!("{}.sock", std::process::id())))
}

/// Starts the thread, if there is a place for the socket. It takes none of the program's signals.
pub(crate) fn start(recording: &'static Recording) {
    let Some(Ok(listener)) = folder().map(open) else {
        return;
    };
    let (mut all, mut before) = (MaybeUninit::uninit(), MaybeUninit::uninit());
    // SAFETY: places for both, of which the second is written by the first call.
    unsafe {
        libc::sigfillset(all.as_mut_ptr());
        libc::pthread_sigmask(libc::SIG_SETMASK, all.as_ptr(), before.as_mut_ptr());
    }
    let builder = thread::Builder::new()
        .name("asyncresult-tra".to_owned())
        .stack_size(STACK);
    let started = builder.spawn(move || serve(&listener, recording));
    if started.is_err() {
        end();
    }
    // SAFETY: what the thread had before.
    unsafe { libc::pthread_sigmask(libc::SIG_SETMASK, before.as_ptr(), std::ptr::null_mut()) };
}

/// Nobody listens any more.
pub(crate) fn end() {
    if let Some(path) = socket() {
        let _ = fs::remove_file(path);
    }
}

fn open(folder: PathBuf) -> io::Result<UnixListener> {
    let refused = || io::Error::from(io::ErrorKind::PermissionDenied);
    match DirBuilder::new().mode(0o700).create(&folder) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
        _ => {}
    }
    let metadata = fs::symlink_metadata(&folder)?;
    // SAFETY: it may be called anywhere.
    let is_own = metadata.uid() == unsafe { libc::geteuid() } && metadata.mode() & 0o077 == 0;
    if !metadata.is_dir() || !is_own {
        return Err(refused());
    }
    let path = socket().ok_or_else(refused)?;
    // In another namespace there may be a process of the same number.
    if UnixStream::connect(&path).is_ok() {
        return Err(refused());
    }
    let _ = fs::remove_file(&path);
    let listener = UnixListener::bind(&path)?;
    // Out of the way of a program that counts on small numbers.
    // SAFETY: an open descriptor; the new one is ours.
    unsafe {
        let high = libc::fcntl(listener.as_raw_fd(), libc::F_DUPFD_CLOEXEC, 200);
        if high < 0 {
            return Ok(listener);
        }
        Ok(OwnedFd::from_raw_fd(high).into())
    }
}

fn serve(listener: &UnixListener, recording: &Recording) {
    let Some(identity) = identity(listener.as_raw_fd()) else {
        return;
    };
    // The program may close what it has not opened, and use the number again.
    while self::identity(listener.as_raw_fd()) == Some(identity) {
        match listener.accept() {
            Ok((stream, _)) if is_same_user(&stream) => {
                recording.with_descriptor(|descriptor| send(&stream, descriptor));
            }
            Err(error) if error.kind() != io::ErrorKind::Interrupted => {
                // There may be no descriptor left.
                thread::sleep(std::time::Duration::from_millis(100));
            }
            _ => {}
        }
    }
}

fn identity(descriptor: i32) -> Option<(u64, u64)> {
    // SAFETY: zeros are valid, and a place for the answer.
    unsafe {
        let mut found = std::mem::zeroed::<libc::stat64>();
        let is_there = libc::fstat64(descriptor, &mut found) == 0;
        is_there.then_some((found.st_dev, found.st_ino))
    }
}

fn is_same_user(stream: &UnixStream) -> bool {
    let mut peer = libc::ucred {
        pid: 0,
        uid: 0,
        gid: 0,
    };
    let mut size = size_of::<libc::ucred>() as libc::socklen_t;
    // SAFETY: a place for the answer, of that size.
    unsafe {
        let descriptor = stream.as_raw_fd();
        let place = (&raw mut peer).cast();
        libc::getsockopt(
            descriptor,
            libc::SOL_SOCKET,
            libc::SO_PEERCRED,
            place,
            &mut size,
        ) == 0
            && peer.uid == libc::geteuid()
    }
}

/// One byte, and the descriptor.
fn send(stream: &UnixStream, descriptor: i32) {
    #[repr(align(8))]
    struct Room([u8; 64]);
    let (mut byte, mut room) = (b'\n', Room([0; 64]));
    let mut part = libc::iovec {
        iov_base: (&raw mut byte).cast(),
        iov_len: 1,
    };
    // SAFETY: zeros are valid; the message has one part, and room for one descriptor behind its header.
    unsafe {
        let size = size_of::<i32>() as u32;
        let mut message = std::mem::zeroed::<libc::msghdr>();
        message.msg_iov = &raw mut part;
        message.msg_iovlen = 1;
        message.msg_control = room.0.as_mut_ptr().cast();
        message.msg_controllen = libc::CMSG_SPACE(size) as _;
        let header = libc::CMSG_FIRSTHDR(&message);
        (*header).cmsg_level = libc::SOL_SOCKET;
        (*header).cmsg_type = libc::SCM_RIGHTS;
        (*header).cmsg_len = libc::CMSG_LEN(size) as _;
        libc::CMSG_DATA(header)
            .cast::<i32>()
            .write_unaligned(descriptor);
        libc::sendmsg(
            stream.as_raw_fd(),
            &message,
            libc::MSG_NOSIGNAL | libc::MSG_DONTWAIT,
        );
    }
}
