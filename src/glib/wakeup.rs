//! A descriptor that is readable while a flag is set.

use std::ffi::c_int;

use libc::{EFD_CLOEXEC, EFD_NONBLOCK, EINTR, O_CLOEXEC, O_NONBLOCK};

/// An eventfd, or a pipe where the system has no eventfd to give. Close-on-exec, never blocking.
pub(crate) struct Wakeup {
    read: c_int,
    write: c_int,
}

impl Wakeup {
    /// `None` when no descriptor can be made.
    pub(crate) fn new() -> Option<Self> {
        // SAFETY: no pointer is involved.
        let fd = unsafe { libc::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK) };
        if fd >= 0 {
            return Some(Self {
                read: fd,
                write: fd,
            });
        }
        let mut pipe = [-1; 2];
        // SAFETY: `pipe` has room for the two descriptors.
        let made = unsafe { libc::pipe2(pipe.as_mut_ptr(), O_CLOEXEC | O_NONBLOCK) } == 0;
        made.then_some(Self {
            read: pipe[0],
            write: pipe[1],
        })
    }

    /// The descriptor to poll for reading.
    pub(crate) fn fd(&self) -> c_int {
        self.read
    }

    /// Makes the descriptor readable. The caller does so once, until it calls `clear`.
    pub(crate) fn set(&self) {
        let one = 1u64;
        retry_interrupted(|| {
            // SAFETY: eight readable bytes; what an eventfd demands, and what a pipe takes as well.
            unsafe { libc::write(self.write, std::ptr::from_ref(&one).cast(), 8) }
        });
    }

    /// Makes the descriptor unreadable.
    pub(crate) fn clear(&self) {
        let mut value = 0u64;
        retry_interrupted(|| {
            // SAFETY: eight writable bytes: the whole count of an eventfd, or the one note in the pipe.
            unsafe { libc::read(self.read, std::ptr::from_mut(&mut value).cast(), 8) }
        });
    }
}

impl Drop for Wakeup {
    fn drop(&mut self) {
        // SAFETY: both descriptors are ours, and this is their only close.
        unsafe {
            libc::close(self.read);
            if self.write != self.read {
                libc::close(self.write);
            }
        }
    }
}

fn retry_interrupted(mut call: impl FnMut() -> isize) {
    // SAFETY: the thread's errno is always readable.
    while call() < 0 && unsafe { *libc::__errno_location() } == EINTR {}
}
