//! What becomes of a panic: one line, and the end of the process.
//!
//! Rust's standard library would unwind, or print a backtrace: a third of a megabyte of code for what must
//! never happen. So its entry points for a panic, and for memory that is refused, are replaced when the
//! library is linked (`scripts/meson/panic-entries`), and what they needed is left out.

use core::panic::PanicInfo;
use std::ffi::{c_char, c_int, CStr};

extern "C" {
    /// The C library's: nothing is allocated.
    fn dprintf(descriptor: c_int, format: *const c_char, ...) -> c_int;
}

const STDERR: c_int = 2;

/// Stands in for the standard library's panic entry. Only messages that are constant are shown: the code that
/// formats values is left out, too.
#[no_mangle]
extern "C" fn asyncresult_panicked(info: &PanicInfo<'_>) -> ! {
    let said = info.message().as_str().unwrap_or("a check failed");
    let (file, line) = match info.location() {
        Some(location) => (location.file(), location.line()),
        None => ("unknown place", 0),
    };
    // SAFETY: `%.*s` takes a length and as many bytes. abort() does not return.
    unsafe {
        dprintf(
            STDERR,
            c"libasyncresult: %.*s:%u: %.*s\n".as_ptr(),
            file.len() as c_int,
            file.as_ptr(),
            line,
            said.len() as c_int,
            said.as_ptr(),
        );
        libc::abort()
    }
}

/// Stands in for the standard library's handler of refused memory.
#[no_mangle]
extern "C" fn asyncresult_out_of_memory(size: usize, _align: usize) -> ! {
    // SAFETY: `%zu` takes a size. abort() does not return.
    unsafe {
        dprintf(
            STDERR,
            c"libasyncresult: %zu bytes of memory were refused\n".as_ptr(),
            size,
        );
        libc::abort()
    }
}

/// Stands in for what only unwinding would call.
#[no_mangle]
extern "C" fn asyncresult_unwound() -> ! {
    never_called(c"libasyncresult: an exception came out of a callback\n")
}

/// Stands in for what formats values or counts panics: only panics would need it.
#[no_mangle]
extern "C" fn asyncresult_never_used() -> ! {
    never_called(c"libasyncresult: a part of Rust's library that was left out was called\n")
}

fn never_called(words: &CStr) -> ! {
    // SAFETY: no argument but the text. abort() does not return.
    unsafe {
        dprintf(STDERR, words.as_ptr());
        libc::abort()
    }
}
