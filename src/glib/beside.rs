//! libgio in the same process. Two libraries cannot register the same type names, so if libgio is there when our types
//! are first needed, ours *steps back*: its functions become libgio's. Decided once per process.

use std::ffi::{c_int, c_void, CStr};
use std::ptr::{null_mut, NonNull};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::OnceLock;

use glib_sys::GType;

use super::environment;
use super::log;

const LIBGIO: &CStr = c"libgio-2.0.so.0";
/// A pointer to a function of the copy of this library that was put in the place of libgio's functions; NULL if that
/// could not be done. That copy has nothing to step back for, any other has.
const INSTEAD: &CStr = c"asyncresult_instead_of_gio";

/// Functions that libgio may be too old for, and what comes nearest.
const OLDER: [(&CStr, &CStr); 1] = [(c"g_task_set_static_name", c"g_task_set_name")];

/// libgio, to which we stepped back.
struct Gio {
    /// NULL if its types are there, but no library to be found: it is part of the program.
    handle: *mut c_void,
}

// SAFETY: a library's handle may be used by any thread.
unsafe impl Send for Gio {}
// SAFETY: as above.
unsafe impl Sync for Gio {}

fn decision() -> Option<&'static Gio> {
    static DECISION: OnceLock<Option<Gio>> = OnceLock::new();
    DECISION.get_or_init(decide).as_ref()
}

fn decide() -> Option<Gio> {
    if stands_in_for_gio() {
        return None;
    }
    let load = environment::loads_gio();
    let handle = find(if load { 0 } else { libc::RTLD_NOLOAD });
    if load && handle.is_none() {
        log::warning(c"ASYNCRESULT_GIO=load: libgio-2.0.so.0 cannot be loaded");
    }
    if let Some(handle) = handle {
        return Some(Gio {
            handle: handle.as_ptr(),
        });
    }
    // SAFETY: a constant name.
    let registered = unsafe { gobject_sys::g_type_from_name(c"GCancellable".as_ptr()) } != 0;
    if !registered {
        return None;
    }
    log::critical(
        c"GIO's types are registered, but libgio-2.0.so.0 is not loaded: libasyncresult cannot be used in this process",
    );
    Some(Gio { handle: null_mut() })
}

/// Whether libgio's functions lead to this very library.
fn stands_in_for_gio() -> bool {
    // SAFETY: a constant name; what defines it defines a pointer.
    let function = unsafe {
        let instead = libc::dlsym(libc::RTLD_DEFAULT, INSTEAD.as_ptr()).cast::<*const c_void>();
        instead.as_ref().copied()
    };
    function.is_some_and(|function| {
        !function.is_null() && base_of(function) == base_of(stands_in_for_gio as *const c_void)
    })
}

/// A handle of libgio, unless that name is ours.
fn find(flags: c_int) -> Option<NonNull<c_void>> {
    // SAFETY: constant names; the handle is kept for ever, as libgio itself is never unloaded.
    unsafe {
        let handle = NonNull::new(libc::dlopen(LIBGIO.as_ptr(), libc::RTLD_LAZY | flags))?;
        let function = libc::dlsym(handle.as_ptr(), c"g_task_get_type".as_ptr());
        (!function.is_null() && base_of(function) != base_of(find as *const c_void))
            .then_some(handle)
    }
}

/// Where the library is loaded that contains an address.
fn base_of(address: *const c_void) -> *mut c_void {
    let mut info = std::mem::MaybeUninit::<libc::Dl_info>::zeroed();
    // SAFETY: dladdr() fills `info`, or leaves it zeroed, which is valid as well.
    unsafe {
        libc::dladdr(address, info.as_mut_ptr());
        info.assume_init().dli_fbase
    }
}

/// libgio's function of that name, if we step back and it has one.
#[cold]
pub(crate) fn function(name: &'static CStr) -> Option<NonNull<c_void>> {
    let gio = decision()?;
    let find = |name: &CStr| {
        if gio.handle.is_null() {
            return None;
        }
        // SAFETY: the handle stays valid.
        NonNull::new(unsafe { libc::dlsym(gio.handle, name.as_ptr()) })
    };
    find(name).or_else(|| {
        let (_, older) = OLDER.iter().find(|(newer, _)| *newer == name)?;
        find(older)
    })
}

/// libgio's type, by the name of the function that answers it, if we step back.
pub(crate) fn type_(get_type: &'static CStr) -> Option<GType> {
    decision()?;
    let function = function(get_type)?;
    // SAFETY: functions of these names take nothing and answer a type.
    let get_type = unsafe {
        std::mem::transmute::<*mut c_void, unsafe extern "C" fn() -> GType>(function.as_ptr())
    };
    // SAFETY: as above.
    Some(unsafe { get_type() })
}

/// Whether our own types are never registered in this process.
pub(crate) fn has_stepped_back() -> bool {
    decision().is_some()
}

/// Says so, once, if libgio has come into the process after our types: it will not work there.
#[cold]
pub(crate) fn notice_late_arrival() {
    static NOTICED: AtomicBool = AtomicBool::new(false);
    if decision().is_some() || NOTICED.load(Ordering::Relaxed) {
        return;
    }
    if stands_in_for_gio()
        || find(libc::RTLD_NOLOAD).is_none()
        || NOTICED.swap(true, Ordering::AcqRel)
    {
        return;
    }
    log::critical(
        c"libgio was loaded after libasyncresult had registered its types, and cannot register its own: load libgio \
         first, or set ASYNCRESULT_GIO=load in the environment",
    );
}
