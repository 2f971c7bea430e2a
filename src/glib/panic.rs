//! What becomes of a panic: one line, and the end of the process.
//!
//! Rust's standard library would unwind, or print a backtrace: a third of a megabyte of code for what must never happen. So
//! its entry points for a panic, and for memory that is refused, are replaced when the library is linked
//! (`scripts/meson/panic-entries`), and what they needed is left out.

use core::panic::PanicInfo;
use std::ffi::c_int;
use std::fmt::{self, Write};

/// Standard error, without a buffer and without an allocation.
struct Stderr;

impl Write for Stderr {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        const STDERR: c_int = 2;
        // SAFETY: the text is readable. Nothing can be done about an error.
        unsafe { libc::write(STDERR, text.as_ptr().cast(), text.len()) };
        Ok(())
    }
}

fn end(what: fmt::Arguments<'_>) -> ! {
    let _ = Stderr.write_fmt(what);
    // SAFETY: it does not return.
    unsafe { libc::abort() }
}

/// Stands in for the standard library's panic entry.
#[no_mangle]
extern "C" fn asyncresult_panicked(info: &PanicInfo<'_>) -> ! {
    end(format_args!("libasyncresult: {info}\n"))
}

/// Stands in for the standard library's handler of refused memory.
#[no_mangle]
extern "C" fn asyncresult_out_of_memory(size: usize, _align: usize) -> ! {
    end(format_args!(
        "libasyncresult: {size} bytes of memory were refused\n"
    ))
}

/// Stands in for what only unwinding would call.
#[no_mangle]
extern "C" fn asyncresult_unwound() -> ! {
    end(format_args!(
        "libasyncresult: an exception came out of a callback\n"
    ))
}
