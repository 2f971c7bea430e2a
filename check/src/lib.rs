//! The checker: a library of its own that libasyncresult loads if ASYNCRESULT_DEBUG is set. It is
//! told what happens to each task, and names the mistakes that are made with them.
//!
//! `records.rs`: what is known of each task that is alive. `stack.rs`: where the program is.
//! `place.rs`: what that is in the program's sources. `mistakes.rs`: what is said. `advice.rs`: what
//! to change where an argument was refused. `list.rs`: the tasks that are alive, at the end of the
//! program or when a debugger asks. `words.rs`: ASYNCRESULT_DEBUG.
//!
//! The library calls from any thread, and holds no lock then. Messages are logged without a lock of
//! ours, as a log handler may be the program's.

mod advice;
mod file;
mod list;
mod mistakes;
mod place;
mod records;
mod stack;
#[path = "../../src/glib/hooks/table.rs"]
mod table;
mod words;

use std::ffi::{c_char, c_int, c_void, CStr, CString};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::OnceLock;

use table::{Core, Event, Hooks, Message, Start};

/// Of the first copy of the library.
static CORE: OnceLock<&'static Core> = OnceLock::new();
static IS_CHECKING: AtomicBool = AtomicBool::new(false);

// SAFETY: functions that any thread may call, and a constant string.
unsafe impl Sync for Core {}

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
unsafe extern "C" fn asyncresult_check_start(
    core: *const Core,
    words: *const c_char,
) -> *const Hooks {
    // SAFETY: as the caller ensures. What is used if it is another version is there in each.
    let (core, version, words) = unsafe {
        let core = &*core;
        (core, CStr::from_ptr(core.version), CStr::from_ptr(words))
    };
    let is_first = CORE.set(core).is_ok();
    let own = env!("CARGO_PKG_VERSION");
    if version.to_bytes() != own.as_bytes() {
        let library = version.to_string_lossy();
        warn(&format!(
            "ASYNCRESULT_DEBUG: the checker is of version {own}, the library of version {library}: \
            install both of one version. Nothing is checked"
        ));
        return std::ptr::null();
    }
    if is_first {
        let words = words::read(&words.to_string_lossy());
        if words.tasks {
            records::survive_forks();
            if words.exit {
                list::at_exit();
            }
            IS_CHECKING.store(true, Ordering::Relaxed);
        }
    }
    if !IS_CHECKING.load(Ordering::Relaxed) {
        return std::ptr::null();
    }
    stack::find_own_code(core.critical as *const c_void);
    &HOOKS
}

const _: Start = asyncresult_check_start;

/// For a debugger: `call asyncresult_list_tasks()`. Prints the tasks that are alive on standard
/// error.
#[no_mangle]
extern "C" fn asyncresult_list_tasks() {
    list::print();
}

unsafe extern "C" fn happened(task: *const c_void, event: Event, detail: *const c_void) {
    // SAFETY: the detail is what the event says, and the task is alive.
    unsafe { mistakes::happened(task, event, detail) };
}

unsafe extern "C" fn refused(
    function: *const c_char,
    text: *const c_char,
    found: *const c_char,
) -> bool {
    // SAFETY: two strings, and a third or NULL.
    let (function, text, found) = unsafe {
        let found = (!found.is_null()).then(|| CStr::from_ptr(found).to_string_lossy());
        let [function, text] = [function, text].map(|it| CStr::from_ptr(it).to_string_lossy());
        (function, text, found)
    };
    mistakes::refused(&function, &text, found.as_deref());
    true
}

unsafe extern "C" fn birthplace(task: *const c_void, message: Message) -> *const c_char {
    mistakes::birthplace(task, message)
}

unsafe extern "C" fn handlers(cancellable: *const c_void, change: c_int) {
    records::count_handlers(cancellable as usize, change);
}

unsafe extern "C" fn stepped_back() {
    warn(
        "ASYNCRESULT_DEBUG: libgio's types are used in this process, not libasyncresult's: its \
        tasks are not checked. Start the program with asyncresult-run --check",
    );
}

/// A critical message in the library's domain.
fn critical(message: &str) {
    if let (Some(core), Ok(message)) = (CORE.get(), CString::new(message)) {
        // SAFETY: a string.
        unsafe { (core.critical)(message.as_ptr()) };
    }
}

/// A warning in the library's domain.
fn warn(message: &str) {
    if let (Some(core), Ok(message)) = (CORE.get(), CString::new(message)) {
        // SAFETY: a string.
        unsafe { (core.warning)(message.as_ptr()) };
    }
}

/// Whether this thread dispatches a source.
fn is_in_loop() -> bool {
    // SAFETY: it may be called anywhere.
    CORE.get().is_some_and(|core| unsafe { (core.depth)() } > 0)
}
