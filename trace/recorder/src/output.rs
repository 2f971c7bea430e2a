//! The file of a trace: which it is, and how it grows.
//!
//! No file is ever made shorter, as another process may have mapped it. A trace that is replaced is removed, and
//! a new file gets its name.

use std::ffi::{c_int, OsString};
use std::fs;
use std::io;
use std::os::fd::{AsRawFd, FromRawFd, IntoRawFd, OwnedFd, RawFd};
use std::os::unix::fs::{DirBuilderExt, FileExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use crate::format::{Header, MAGIC};
use crate::settings::Target;

/// A file that is open.
pub(crate) struct Output {
    pub(crate) path: PathBuf,
    descriptor: RawFd,
    /// Device and inode: a program may close descriptors that are not its own, and their numbers are
    /// used again.
    identity: (u64, u64),
}

/// What a file is that is there already.
enum Found {
    /// There was none, or nothing is in it.
    Nothing,
    /// A trace that nobody writes to any more.
    Old,
    /// Some process is writing to it, or this one did, before it became another program.
    InUse,
    Foreign,
}

/// How often a name is tried while other processes come and go.
const ATTEMPTS: u32 = 1000;

impl Output {
    /// Opens a new trace of this process. `is_child`: its parent recorded, too.
    pub(crate) fn open(target: &Target, is_child: bool) -> io::Result<Self> {
        match target {
            Target::Folder(folder) => Self::open_in(folder),
            Target::File(path) => Self::open_beside(path, is_child),
        }
    }

    fn open_in(folder: &Path) -> io::Result<Self> {
        match fs::DirBuilder::new().mode(0o700).create(folder) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
            _ => {}
        }
        let pid = std::process::id();
        let mut error = io::Error::from(io::ErrorKind::AlreadyExists);
        for number in 1..ATTEMPTS {
            let path = folder.join(format!("{pid}.{number}.asrtrace"));
            match options().create_new(true).open(&path) {
                Ok(file) => return Self::new(path, file),
                Err(other) if other.kind() == io::ErrorKind::AlreadyExists => error = other,
                Err(other) => return Err(other),
            }
        }
        Err(error)
    }

    /// FILE, or FILE.PID, or FILE.PID.1 and so on.
    fn open_beside(path: &Path, is_child: bool) -> io::Result<Self> {
        let pid = std::process::id();
        for number in u32::from(is_child)..ATTEMPTS {
            let mut name = OsString::from(path);
            match number {
                0 => {}
                1 => name.push(format!(".{pid}")),
                _ => name.push(format!(".{pid}.{}", number - 1)),
            }
            if let Some(output) = Self::claim(name.into())? {
                return Ok(output);
            }
        }
        Err(io::ErrorKind::AlreadyExists.into())
    }

    /// The file of this name, unless somebody uses it.
    fn claim(path: PathBuf) -> io::Result<Option<Self>> {
        for _ in 0..ATTEMPTS {
            let file = options().create(true).open(&path)?;
            // Of several processes that begin at once, one gets it.
            // SAFETY: an open descriptor.
            if unsafe { libc::flock(file.as_raw_fd(), libc::LOCK_EX | libc::LOCK_NB) } != 0
                && io::Error::last_os_error().kind() == io::ErrorKind::WouldBlock
            {
                return Ok(None);
            }
            match look(&file)? {
                Found::Nothing => {
                    // Else it was removed meanwhile.
                    let (there, own) = (fs::metadata(&path), file.metadata()?);
                    if there.is_ok_and(|there| identity(&there) == identity(&own)) {
                        return Self::new(path, file).map(Some);
                    }
                }
                Found::Old => fs::remove_file(&path)?,
                Found::InUse => return Ok(None),
                Found::Foreign => {
                    let text = "something else is there already, and is left as it is";
                    return Err(io::Error::new(io::ErrorKind::AlreadyExists, text));
                }
            }
        }
        Err(io::ErrorKind::AlreadyExists.into())
    }

    fn new(path: PathBuf, file: fs::File) -> io::Result<Self> {
        let identity = identity(&file.metadata()?);
        // Out of the way of a program that counts on small numbers.
        // SAFETY: an open descriptor; the new one is ours.
        let descriptor = unsafe {
            let high = libc::fcntl(file.as_raw_fd(), libc::F_DUPFD_CLOEXEC, 200);
            if high < 0 {
                file.into_raw_fd()
            } else {
                high
            }
        };
        Ok(Self {
            path,
            descriptor,
            identity,
        })
    }

    /// Makes room for so many bytes from there on: if this succeeds, what is mapped there can be written to.
    pub(crate) fn reserve(&mut self, from: u64, bytes: u64) -> io::Result<()> {
        let mut limit = libc::rlimit {
            rlim_cur: 0,
            rlim_max: 0,
        };
        // SAFETY: a place for the answer.
        let has_limit = unsafe { libc::getrlimit(libc::RLIMIT_FSIZE, &mut limit) } == 0;
        if has_limit && (from + bytes) as libc::rlim_t > limit.rlim_cur {
            // The system would send a signal, which ends most programs.
            return Err(io::Error::from_raw_os_error(libc::EFBIG));
        }
        let descriptor = self.descriptor()?;
        loop {
            // SAFETY: an open descriptor.
            match unsafe { libc::posix_fallocate64(descriptor, from as i64, bytes as i64) } {
                0 => return Ok(()),
                libc::EINTR => {}
                error => return Err(io::Error::from_raw_os_error(error)),
            }
        }
    }

    /// The descriptor, opened again if the program has closed it.
    pub(crate) fn descriptor(&mut self) -> io::Result<c_int> {
        if !self.is_there() {
            let file = options().open(&self.path)?;
            if identity(&file.metadata()?) != self.identity {
                return Err(io::ErrorKind::NotFound.into());
            }
            *self = Self::new(std::mem::take(&mut self.path), file)?;
        }
        Ok(self.descriptor)
    }

    fn is_there(&self) -> bool {
        // SAFETY: zeros are valid, and a place for the answer. Not an error if the descriptor is closed.
        unsafe {
            let mut found = std::mem::zeroed::<libc::stat64>();
            libc::fstat64(self.descriptor, &mut found) == 0
                && (found.st_dev, found.st_ino) == self.identity
        }
    }

    /// For a process that was forked from the one that writes to it.
    pub(crate) fn leave(self) {
        if self.is_there() {
            // SAFETY: it is ours.
            drop(unsafe { OwnedFd::from_raw_fd(self.descriptor) });
        }
    }

    /// Nothing will be recorded.
    pub(crate) fn remove(&mut self) {
        let there = fs::symlink_metadata(&self.path);
        if there.is_ok_and(|there| identity(&there) == self.identity) {
            let _ = fs::remove_file(&self.path);
        }
    }

    pub(crate) fn mapped(&mut self, bytes: usize) -> io::Result<*mut u8> {
        let (descriptor, access) = (self.descriptor()?, libc::PROT_READ | libc::PROT_WRITE);
        let flags = libc::MAP_SHARED | libc::MAP_NORESERVE;
        // SAFETY: a new mapping.
        let map = unsafe { libc::mmap(std::ptr::null_mut(), bytes, access, flags, descriptor, 0) };
        if map == libc::MAP_FAILED {
            return Err(io::Error::last_os_error());
        }
        Ok(map.cast())
    }
}

fn options() -> fs::OpenOptions {
    let mut options = fs::OpenOptions::new();
    options.read(true).write(true).mode(0o600);
    // A pipe without a reader would be waited for.
    options.custom_flags(libc::O_NONBLOCK | libc::O_NOCTTY);
    options
}

fn identity(file: &fs::Metadata) -> (u64, u64) {
    (file.dev(), file.ino())
}

fn look(file: &fs::File) -> io::Result<Found> {
    let metadata = file.metadata()?;
    if !metadata.is_file() {
        return Ok(Found::Foreign);
    }
    if metadata.len() == 0 {
        return Ok(Found::Nothing);
    }
    const PID: usize = std::mem::offset_of!(Header, pid);
    let mut beginning = [0; PID + 4];
    let has_magic = file.read_exact_at(&mut beginning, 0).is_ok() && beginning.starts_with(&MAGIC);
    if !has_magic {
        return Ok(Found::Foreign);
    }
    let pid = i32::from_ne_bytes(std::array::from_fn(|i| beginning[PID + i]));
    let is_alive = pid > 0 && {
        // SAFETY: no signal is sent.
        let answer = unsafe { libc::kill(pid, 0) };
        answer == 0 || io::Error::last_os_error().raw_os_error() == Some(libc::EPERM)
    };
    Ok(if is_alive { Found::InUse } else { Found::Old })
}
