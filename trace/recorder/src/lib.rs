//! The recorder: a library of its own that libasyncresult loads if ASYNCRESULT_TRACE is set. It is
//! told what happens to each task, and writes it down. `asyncresult-trace` reads that.
//!
//! `recording.rs`: the file of this process, and who writes to which chunk of it, of which
//! `books.rs` keeps the books. `chunk.rs`: what a thread writes. `output.rs`: the file itself.
//! `header.rs`: what stands first in it; `../format.rs`: its layout. `maps.rs`: which code is where.
//! `events.rs`: what is written of each event. `settings.rs`: what the environment asks for.
//! `listen.rs`: who asks for the file while it is written. The checker's `stack.rs` finds where the
//! program is.
//!
//! The library calls from any thread, and holds no lock then. Nothing of the program's is called, and
//! no function of GLib's: it may be told of an event inside of one.

mod books;
mod chunk;
mod events;
#[path = "../../../check/src/file.rs"]
#[allow(dead_code, reason = "the checker uses more of it")]
mod file;
#[path = "../../format.rs"]
mod format;
mod header;
mod listen;
mod maps;
mod output;
mod recording;
mod settings;
#[path = "../../../check/src/stack.rs"]
mod stack;
#[path = "../../../src/glib/hooks/table.rs"]
mod table;
mod time;

use std::ffi::{c_char, c_int, c_void, CStr};
use std::sync::Once;

use table::{Core, Event, Hooks, Message, Start};

static HOOKS: Hooks = Hooks {
    happened,
    refused,
    birthplace,
    handlers,
    stepped_back,
};

/// Called while the library is loaded; by each copy of it that is in the process.
///
/// # Safety
/// `core` is a table that stays, `words` a string.
#[no_mangle]
unsafe extern "C" fn asyncresult_trace_start(
    core: *const Core,
    words: *const c_char,
) -> *const Hooks {
    static FIRST: Once = Once::new();
    // SAFETY: as the caller ensures. What is used if it is another version is there in each.
    let (core, version, words) = unsafe {
        let core = &*core;
        (core, CStr::from_ptr(core.version), CStr::from_ptr(words))
    };
    let own = env!("CARGO_PKG_VERSION");
    if version.to_bytes() != own.as_bytes() {
        let library = version.to_string_lossy();
        say(&format!(
            "the recorder is of version {own}, the library of version {library}: install both of \
            one version. Nothing is recorded"
        ));
        return std::ptr::null();
    }
    FIRST.call_once(|| {
        let mut glib_version = [0; 3];
        // SAFETY: a place for the answer.
        unsafe { (core.glib_version)(&mut glib_version) };
        settings::read(words, glib_version);
        if recording::prepare() {
            chunk::prepare();
            // SAFETY: a function that stays. Without memory it is not called.
            unsafe { libc::atexit(at_exit) };
        } else {
            say("this system's kernel is too old. Nothing is recorded");
        }
    });
    if recording::active().is_none() {
        return std::ptr::null();
    }
    stack::find_own_code(core.critical as *const c_void);
    &HOOKS
}

const _: Start = asyncresult_trace_start;

extern "C" fn at_exit() {
    if let Some(recording) = recording::page() {
        recording.end();
    }
}

unsafe extern "C" fn happened(object: *const c_void, event: Event, detail: *const c_void) {
    if let Some(recording) = recording::active() {
        // SAFETY: the detail is what the event says, and the object is alive.
        unsafe { events::happened(recording, object, event, detail) };
    }
}

unsafe extern "C" fn refused(_: *const c_char, _: *const c_char, _: *const c_char) -> bool {
    false
}

unsafe extern "C" fn birthplace(_: *const c_void, _: Message) -> *const c_char {
    std::ptr::null()
}

unsafe extern "C" fn handlers(cancellable: *const c_void, change: c_int) {
    if let Some(recording) = recording::active() {
        events::handlers(recording, cancellable as usize, change);
    }
}

unsafe extern "C" fn stepped_back() {
    say(
        "libgio's types are used in this process, not libasyncresult's: its tasks are not recorded. \
        Start the program with asyncresult-run --trace",
    );
    if let Some(recording) = recording::page() {
        recording.give_up();
    }
}

/// A line on standard error. It is not logged: a log handler is the program's, and a warning may end it.
fn say(message: &str) {
    let line = format!("ASYNCRESULT_TRACE: {message}\n");
    // SAFETY: as many bytes as there are.
    unsafe { libc::write(libc::STDERR_FILENO, line.as_ptr().cast(), line.len()) };
}
