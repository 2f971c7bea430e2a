//! Loading those who watch.

use std::ffi::{c_char, c_int, c_uint, c_void, CStr};
use std::sync::atomic::{AtomicPtr, Ordering};

use super::table::{Core, Hooks, Start};
use super::{WATCHED, WATCHERS};
use crate::glib::environment::with_variable;
use crate::glib::log::{self, Level};
use crate::glib::string::literal;

/// A library that watches.
pub(crate) struct Watcher {
    /// Its place among those that there may be.
    table: &'static AtomicPtr<Hooks>,
    /// The variable that asks for it.
    variable: &'static CStr,
    /// What messages call it, and its file.
    name: &'static CStr,
    file: &'static CStr,
    /// Its one function, a [`Start`].
    start: &'static CStr,
}

pub(crate) static CHECKER: Watcher = Watcher {
    table: &WATCHERS[0],
    variable: c"ASYNCRESULT_DEBUG",
    name: c"checker",
    file: c"libasyncresult-check.so",
    start: c"asyncresult_check_start",
};

pub(crate) static RECORDER: Watcher = Watcher {
    table: &WATCHERS[1],
    variable: c"ASYNCRESULT_TRACE",
    name: c"recorder",
    file: c"libasyncresult-trace.so",
    start: c"asyncresult_trace_start",
};

/// Where both are installed; not known if the library was not built by meson.
const FOLDER: Option<&str> = option_env!("ASYNCRESULT_FOLDER");

impl Watcher {
    /// Loads it if its variable has words, which it gets. To be called while this library is loaded: then no
    /// other thread of the program waits for the dynamic linker and for us.
    pub(crate) fn load_if_asked(&self, has_dynamic_linker: fn() -> bool) {
        with_variable(self.variable, |words| self.load(words, has_dynamic_linker));
    }

    #[cold]
    #[inline(never)]
    fn load(&self, words: &CStr, has_dynamic_linker: fn() -> bool) {
        if !has_dynamic_linker() {
            return self.complain(c"%s: a program that is linked statically loads no %s");
        }
        // SAFETY: the function of this name is of this type.
        let hooks = unsafe {
            let Some(start) = self.find_start() else {
                return self.complain(
                    c"%s: the %s, %s, cannot be loaded from the folder \"asyncresult\" beside libasyncresult: \
                    install it with the library, or unset the variable",
                );
            };
            start(&OFFERED.0, words.as_ptr())
        };
        self.table.store(hooks.cast_mut(), Ordering::Release);
        if !hooks.is_null() {
            // SAFETY: as `load_if_asked` demands.
            unsafe { WATCHED.set() };
        }
    }

    fn complain(&self, format: &CStr) {
        let parts = [
            self.variable.as_ptr(),
            self.name.as_ptr(),
            self.file.as_ptr(),
            std::ptr::null(),
        ];
        // SAFETY: the formats above take these strings.
        unsafe { log::formatted(Level::Warning, format, parts.map(<*const c_char>::cast)) };
    }

    /// Its function: from the folder `asyncresult` beside this library; in a folder where both were built,
    /// from there. If this library is part of a program, which may be anywhere, from where it is installed.
    fn find_start(&self) -> Option<Start> {
        // SAFETY: what is made of the names is freed here. What is loaded is loaded like every library, and
        // never closed.
        unsafe {
            let mut info = std::mem::zeroed::<libc::Dl_info>();
            libc::dladdr(std::ptr::from_ref(&CHECKER).cast(), &mut info);
            let own = info.dli_fname;
            let mut handle = std::ptr::null_mut::<c_void>();
            if !own.is_null() && !libc::strchr(own, b'/'.into()).is_null() {
                let folder = glib_sys::g_path_get_dirname(own);
                for inside in [c"asyncresult", c"."] {
                    if handle.is_null() {
                        handle = self.open_in(folder, inside.as_ptr());
                    }
                }
                glib_sys::g_free(folder.cast());
            }
            let is_part =
                own.is_null() || libc::strstr(own, c"/libasyncresult.so".as_ptr()).is_null();
            if let (true, true, Some(path)) = (handle.is_null(), is_part, FOLDER) {
                let folder = glib_sys::g_strndup(path.as_ptr().cast(), path.len());
                handle = self.open_in(folder, c".".as_ptr());
                glib_sys::g_free(folder.cast());
            }
            if handle.is_null() {
                return None;
            }
            let start = libc::dlsym(handle, self.start.as_ptr());
            std::mem::transmute::<*mut c_void, Option<Start>>(start)
        }
    }

    /// # Safety
    /// Two strings.
    unsafe fn open_in(&self, folder: *const c_char, inside: *const c_char) -> *mut c_void {
        // SAFETY: as the caller ensures; the path is ours.
        unsafe {
            let end = std::ptr::null::<c_char>();
            let path = glib_sys::g_build_filename(folder, inside, self.file.as_ptr(), end);
            let flags = libc::RTLD_NOW | libc::RTLD_LOCAL | libc::RTLD_NODELETE;
            let handle = libc::dlopen(path, flags);
            glib_sys::g_free(path.cast());
            handle
        }
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
    glib_version,
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

unsafe extern "C" fn glib_version(version: *mut [c_uint; 3]) {
    extern "C" {
        static glib_major_version: c_uint;
        static glib_minor_version: c_uint;
        static glib_micro_version: c_uint;
    }
    // SAFETY: GLib's constants, and a place for them.
    unsafe { *version = [glib_major_version, glib_minor_version, glib_micro_version] }
}
