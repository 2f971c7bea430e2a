//! Where something happened: the return addresses, resolved only when they are shown.

#[cfg(not(target_env = "gnu"))]
use std::ffi::c_char;
use std::ffi::{c_int, c_void, CStr};

use glib_sys::{gpointer, GFALSE};
use gobject_sys::GObject;

use super::string::Text;

#[cfg(target_env = "gnu")]
use libc::{backtrace, backtrace_symbols};

const DEPTH: usize = 24;

pub(crate) struct Backtrace {
    frames: [*mut c_void; DEPTH],
    depth: usize,
}

impl Backtrace {
    pub(crate) fn capture() -> Self {
        let mut frames = [std::ptr::null_mut(); DEPTH];
        // SAFETY: there is room for as many frames as are asked for.
        let depth = unsafe { backtrace(frames.as_mut_ptr(), DEPTH as c_int) };
        Self {
            frames,
            depth: depth.try_into().unwrap_or(0),
        }
    }

    /// Gives the backtrace to an object to keep.
    ///
    /// # Safety
    /// `object` is alive.
    pub(crate) unsafe fn attach_to(self, object: *mut GObject, name: &'static CStr) {
        unsafe extern "C" fn free(backtrace: gpointer) {
            // SAFETY: the box made below, freed once.
            drop(unsafe { Box::from_raw(backtrace.cast::<Backtrace>()) });
        }
        let boxed = Box::into_raw(Box::new(self));
        // SAFETY: the object is alive; it frees the box at its end.
        unsafe {
            gobject_sys::g_object_set_qdata_full(object, quark(name), boxed.cast(), Some(free));
        }
    }

    /// The backtrace that was given to an object.
    ///
    /// # Safety
    /// `object` is alive while the answer is used.
    pub(crate) unsafe fn of<'a>(object: *mut GObject, name: &'static CStr) -> Option<&'a Self> {
        // SAFETY: what is kept under this name is a box of this type.
        unsafe {
            gobject_sys::g_object_get_qdata(object, quark(name))
                .cast::<Self>()
                .as_ref()
        }
    }
}

fn quark(name: &'static CStr) -> glib_sys::GQuark {
    // SAFETY: a constant string.
    unsafe { glib_sys::g_quark_from_static_string(name.as_ptr()) }
}

impl Backtrace {
    /// One line for each frame, below a title.
    pub(crate) fn describe(&self, title: &CStr) -> Text {
        // SAFETY: the frames come from backtrace(), and the answer is one block with as many strings.
        unsafe {
            let lines = backtrace_symbols(self.frames.as_ptr(), self.depth as c_int);
            let text = glib_sys::g_string_new(title.as_ptr());
            if cfg!(not(target_env = "gnu")) {
                glib_sys::g_string_append(text, c"\n  (only glibc can tell)".as_ptr());
            }
            for place in 0..self.depth {
                let line = if lines.is_null() {
                    c"(out of memory)".as_ptr()
                } else {
                    *lines.add(place)
                };
                glib_sys::g_string_append(text, c"\n  ".as_ptr());
                glib_sys::g_string_append(text, line);
            }
            libc::free(lines.cast());
            Text::Copy(glib_sys::g_string_free(text, GFALSE))
        }
    }
}

/// No frame: of the C libraries, only glibc finds them.
#[cfg(not(target_env = "gnu"))]
unsafe fn backtrace(_frames: *mut *mut c_void, _depth: c_int) -> c_int {
    0
}

/// The names of no frame.
#[cfg(not(target_env = "gnu"))]
unsafe fn backtrace_symbols(_frames: *const *mut c_void, _depth: c_int) -> *mut *mut c_char {
    std::ptr::null_mut()
}
