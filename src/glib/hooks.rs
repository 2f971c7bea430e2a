//! Hooks: points of the library at which somebody may watch what becomes of tasks. Whoever watches is a library
//! of its own, such as the checker, which is loaded only if it is asked for: see `check/`.
//!
//! A point is one look at a pointer, which is NULL while nobody watches; what follows is out of line. No
//! lock is held at a point, and a watcher calls nothing of the program's.

pub(crate) mod table;

use std::ffi::{c_char, c_int, c_void, CStr};
use std::sync::atomic::{AtomicPtr, Ordering};

use super::held;
use super::log;
use super::string::literal;
use table::{Core, Event, Hooks, Start, START};

/// Written once, while the library is loaded.
static HOOKS: AtomicPtr<Hooks> = AtomicPtr::new(std::ptr::null_mut());

/// Whether anybody watches.
#[inline(always)]
pub(crate) fn are_watched() -> bool {
    !HOOKS.load(Ordering::Relaxed).is_null()
}

fn hooks() -> Option<&'static Hooks> {
    // SAFETY: NULL, or the table of a library that stays loaded.
    unsafe { HOOKS.load(Ordering::Acquire).as_ref() }
}

/// Tells that something happened to a task.
#[inline(always)]
pub(crate) fn happened<T>(task: &T, event: Event, detail: *const c_void) {
    if are_watched() {
        tell(std::ptr::from_ref(task).cast(), event, detail);
    }
}

#[cold]
#[inline(never)]
pub(crate) fn tell(task: *const c_void, event: Event, detail: *const c_void) {
    held::assert_none();
    if let Some(hooks) = hooks() {
        // SAFETY: the detail is what the event says.
        unsafe { (hooks.happened)(task, event, detail) };
    }
}

/// Whether the watcher has reported a failed assertion.
pub(crate) fn report_refusal(function: &CStr, text: &CStr) -> bool {
    // SAFETY: two strings.
    hooks().is_some_and(|hooks| unsafe { (hooks.refused)(function.as_ptr(), text.as_ptr()) })
}

/// What a message about a task ends with: where it was made, if that is known.
pub(crate) fn birthplace<T>(task: &T) -> *const c_char {
    hooks().map_or(c"".as_ptr(), |hooks| {
        // SAFETY: the task is only compared.
        unsafe { (hooks.birthplace)(std::ptr::from_ref(task).cast()) }
    })
}

/// Tells that the handlers of a cancellable have changed.
#[inline(always)]
pub(crate) fn handlers_changed<T>(cancellable: *const T, change: c_int) {
    if are_watched() {
        tell_of_handlers(cancellable.cast(), change);
    }
}

#[cold]
#[inline(never)]
fn tell_of_handlers(cancellable: *const c_void, change: c_int) {
    if let Some(hooks) = hooks() {
        // SAFETY: the cancellable is only compared.
        unsafe { (hooks.handlers)(cancellable, change) };
    }
}

/// Tells that there will be nothing to tell.
pub(crate) fn stepped_back() {
    if let Some(hooks) = hooks() {
        // SAFETY: it takes nothing.
        unsafe { (hooks.stepped_back)() };
    }
}

const CHECKER: &CStr = c"libasyncresult-check.so";

/// Where the checker is installed; not known if the library was not built by meson.
const INSTALLED: Option<&str> = option_env!("ASYNCRESULT_CHECKER");

/// Loads the checker, which reads the words. To be called while this library is loaded: then no other thread
/// of the program waits for the dynamic linker and for us.
#[cold]
pub(crate) fn load_checker(words: &CStr, has_dynamic_linker: bool) {
    if !has_dynamic_linker {
        return log::warning(
            c"ASYNCRESULT_DEBUG: a program that is linked statically loads no checker",
        );
    }
    // SAFETY: the function of this name is of this type.
    let hooks = unsafe {
        let Some(start) = find_start() else {
            return log::warning(
                c"ASYNCRESULT_DEBUG: the checker, libasyncresult-check.so, cannot be loaded from the folder \
                \"asyncresult\" beside libasyncresult: install it with the library, or unset the variable",
            );
        };
        start(&OFFERED.0, words.as_ptr())
    };
    HOOKS.store(hooks.cast_mut(), Ordering::Release);
}

/// The checker's function: from the folder `asyncresult` beside this library; in a folder where both were
/// built, from there. If this library is part of a program, which may be anywhere, from where the checker is installed.
fn find_start() -> Option<Start> {
    // SAFETY: the name is NULL or a string, and what is made of it is freed here. The checker is loaded like
    // every library, and never closed.
    unsafe {
        let mut info = std::mem::zeroed::<libc::Dl_info>();
        libc::dladdr(find_start as *const c_void, &mut info);
        let own = info.dli_fname;
        let mut handle = std::ptr::null_mut::<c_void>();
        if !own.is_null() && !libc::strchr(own, b'/'.into()).is_null() {
            let folder = glib_sys::g_path_get_dirname(own);
            for inside in [c"asyncresult", c"."] {
                if handle.is_null() {
                    handle = open(glib_sys::g_build_filename(
                        folder,
                        inside.as_ptr(),
                        CHECKER.as_ptr(),
                        std::ptr::null::<c_char>(),
                    ));
                }
            }
            glib_sys::g_free(folder.cast());
        }
        let is_part = own.is_null() || libc::strstr(own, c"/libasyncresult.so".as_ptr()).is_null();
        if let (true, true, Some(path)) = (handle.is_null(), is_part, INSTALLED) {
            handle = open(glib_sys::g_strndup(path.as_ptr().cast(), path.len()));
        }
        if handle.is_null() {
            return None;
        }
        let start = libc::dlsym(handle, START.as_ptr());
        std::mem::transmute::<*mut c_void, Option<Start>>(start)
    }
}

/// # Safety
/// The path is a string of GLib's, which is freed.
unsafe fn open(path: *mut c_char) -> *mut c_void {
    // SAFETY: as the caller ensures.
    unsafe {
        let handle = libc::dlopen(
            path,
            libc::RTLD_NOW | libc::RTLD_LOCAL | libc::RTLD_NODELETE,
        );
        glib_sys::g_free(path.cast());
        handle
    }
}

struct Offered(Core);

// SAFETY: functions, and a constant string.
unsafe impl Sync for Offered {}

static OFFERED: Offered = Offered(Core {
    version: literal(concat!(env!("CARGO_PKG_VERSION"), "\0")).as_ptr(),
    warning,
    critical,
    depth,
});

unsafe extern "C" fn critical(message: *const c_char) {
    // SAFETY: the watcher gives a string.
    log::critical(unsafe { CStr::from_ptr(message) });
}

unsafe extern "C" fn warning(message: *const c_char) {
    // SAFETY: as above.
    log::warning(unsafe { CStr::from_ptr(message) });
}

unsafe extern "C" fn depth() -> c_int {
    // SAFETY: it may be called anywhere.
    unsafe { glib_sys::g_main_depth() }
}
