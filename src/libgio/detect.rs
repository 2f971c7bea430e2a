//! libgio in the same process. Two libraries cannot register the same type names, so if libgio is there when
//! our types are first needed, ours *steps back*: its functions become libgio's. Decided once per process.

use std::ffi::{c_int, c_void, CStr};
use std::ptr::{null_mut, NonNull};
use std::sync::atomic::{AtomicBool, AtomicPtr, Ordering};

use glib_sys::GType;

use crate::glib::environment::{self, GioWord};
use crate::glib::hooks;
use crate::glib::log;

#[cfg(target_pointer_width = "32")]
use libc::Elf32_Phdr as ElfHeader;
#[cfg(target_pointer_width = "64")]
use libc::Elf64_Phdr as ElfHeader;

const LIBGIO: &CStr = c"libgio-2.0.so.0";
/// The name of a pointer, in a library that libgio depends on if our functions were put in the place of its own:
/// to a function of the copy of this library that they belong to; NULL if that could not be done. That copy does
/// not step back, any other does.
const INSTEAD: &CStr = c"asyncresult_instead_of_gio";

/// Functions that libgio may be too old for, and what comes nearest.
fn older(name: &CStr) -> Option<&'static CStr> {
    (name == c"g_task_set_static_name").then_some(c"g_task_set_name")
}

/// The linker's map. A line like `# GTask` names a type, and stands before its functions.
const MAP: &[u8] = include_bytes!("../exports/exports.map");

/// The names that GIO and we would register, each with the zero at its end. One literal needs no relocation
/// when the library is loaded.
static TYPES: [u8; copy_types(&mut [])] = {
    let mut names = [0; copy_types(&mut [])];
    copy_types(&mut names);
    names
};

/// Copies the types' names from the map, as far as there is room. Answers how much room is needed.
const fn copy_types(names: &mut [u8]) -> usize {
    let (mut at, mut length) = (0, 0);
    while at + 3 < MAP.len() {
        if MAP[at] == b'#' && MAP[at + 1] == b' ' && MAP[at + 2] == b'G' {
            at += 2;
            while MAP[at] != b'\n' {
                if length < names.len() {
                    names[length] = MAP[at];
                }
                length += 1;
                at += 1;
            }
            // The zero, which is there.
            length += 1;
        }
        at += 1;
    }
    length
}

/// What was decided. NULL: nothing yet. ALONE and NO_LIBRARY: addresses that no library has. Others: libgio's
/// handle. Written once, by compare-and-swap: no lock is held while the dynamic linker, or a log handler, takes
/// its own.
static DECISION: AtomicPtr<c_void> = AtomicPtr::new(null_mut());

/// The handle of a libgio that was there before us; NULL if none was. While a process ends, dlopen() runs the
/// constructors of libraries again that have ended, and GObject's abort then; so it is not called for these.
static AT_LOAD: AtomicPtr<c_void> = AtomicPtr::new(null_mut());

/// There is no libgio: the types are ours.
const ALONE: *mut c_void = std::ptr::without_provenance_mut(1);
/// GIO's types are there, but no library to be found: it is part of the program.
const NO_LIBRARY: *mut c_void = std::ptr::without_provenance_mut(2);

#[derive(Clone, Copy, PartialEq, Eq)]
enum Question {
    /// Our types are about to be registered: the answer stands.
    Final,
    /// Anything else. If libgio is not there, that may still change.
    Preliminary,
}

/// libgio's handle, or NO_LIBRARY, if we step back.
fn decision(question: Question) -> Option<*mut c_void> {
    let mut decided = DECISION.load(Ordering::Acquire);
    if decided.is_null() {
        let (answer, complaint) = decide();
        if answer == ALONE && question == Question::Preliminary {
            return None;
        }
        let first =
            DECISION.compare_exchange(null_mut(), answer, Ordering::AcqRel, Ordering::Acquire);
        decided = first.map_or_else(|other| other, |_| answer);
        if let (Ok(_), Some(complaint)) = (first, complaint) {
            complaint();
        }
        if first.is_ok() && answer != ALONE {
            hooks::stepped_back();
        }
    }
    (decided != ALONE).then_some(decided)
}

/// The answer, and a message about it.
fn decide() -> (*mut c_void, Option<fn()>) {
    let word = environment::gio();
    let load = word == GioWord::Load && has_dynamic_linker();
    if load || is_loaded() {
        if let Some(handle) = find(if load { 0 } else { libc::RTLD_NOLOAD }) {
            if stands_in_for(handle) {
                return (ALONE, None);
            }
            return (handle.as_ptr(), complaint_about(word, true));
        }
    }
    let registered = TYPES.split_inclusive(|byte| *byte == 0).any(|name| {
        // SAFETY: each name has its zero.
        unsafe { gobject_sys::g_type_from_name(name.as_ptr().cast()) != 0 }
    });
    if registered {
        return (NO_LIBRARY, Some(complain_of_no_library));
    }
    (ALONE, complaint_about(word, false))
}

/// Whether the program asks for a dynamic linker. One that is linked fully statically does not, and the C
/// library that a shared libgio brings along would crash in it.
pub(crate) fn has_dynamic_linker() -> bool {
    // SAFETY: the kernel, or the dynamic linker that was started as a program, says where the program's
    // headers are.
    unsafe {
        let headers = libc::getauxval(libc::AT_PHDR) as *const ElfHeader;
        let count = libc::getauxval(libc::AT_PHNUM) as usize;
        (0..count).any(|place| (*headers.add(place)).p_type == libc::PT_INTERP)
    }
}

fn complaint_about(word: GioWord, found: bool) -> Option<fn()> {
    match word {
        GioWord::Unknown => {
            Some(|| log::warning(c"ASYNCRESULT_GIO: the only word known is \"load\""))
        }
        GioWord::Load if !found => {
            Some(|| log::warning(c"ASYNCRESULT_GIO=load: libgio-2.0.so.0 cannot be loaded"))
        }
        GioWord::Load | GioWord::None => None,
    }
}

fn complain_of_no_library() {
    log::critical(
        c"GIO's types are registered, but libgio-2.0.so.0 is not loaded: libasyncresult cannot be used in this process",
    );
}

/// Whether the functions of this libgio lead to this very library.
fn stands_in_for(gio: NonNull<c_void>) -> bool {
    // SAFETY: libgio's handle and a constant name, also looked for in what libgio depends on; what defines it
    // defines a pointer.
    let function = unsafe {
        let instead = libc::dlsym(gio.as_ptr(), INSTEAD.as_ptr()).cast::<*const c_void>();
        instead.as_ref().copied()
    };
    function.is_some_and(|function| {
        !function.is_null() && base_of(function) == base_of(stands_in_for as *const c_void)
    })
}

/// Whether a library with libgio's name is loaded; it may be ours. Does not wait while a library is being loaded,
/// as the functions of the `dl` family do: its constructor may wait for us.
fn is_loaded() -> bool {
    unsafe extern "C" fn look(
        library: *mut libc::dl_phdr_info,
        _size: usize,
        _data: *mut c_void,
    ) -> c_int {
        // SAFETY: the dynamic linker passes a library it knows, whose name is a string or NULL.
        let name = unsafe {
            let name = (*library).dlpi_name;
            if name.is_null() {
                return 0;
            }
            CStr::from_ptr(name).to_bytes()
        };
        let file = name.rsplit(|byte| *byte == b'/').next().unwrap_or_default();
        c_int::from(file.starts_with(LIBGIO.to_bytes()))
    }
    // SAFETY: the callback is as demanded.
    unsafe { libc::dl_iterate_phdr(Some(look), null_mut()) != 0 }
}

/// A handle of libgio, unless that name is ours.
fn find(flags: c_int) -> Option<NonNull<c_void>> {
    // SAFETY: constant names; the handle is kept for ever, as libgio itself is never unloaded.
    unsafe {
        let handle = NonNull::new(AT_LOAD.load(Ordering::Acquire))
            .or_else(|| NonNull::new(libc::dlopen(LIBGIO.as_ptr(), libc::RTLD_LAZY | flags)))?;
        let function = libc::dlsym(handle.as_ptr(), c"g_task_get_type".as_ptr());
        (!function.is_null() && base_of(function) != base_of(find as *const c_void))
            .then_some(handle)
    }
}

/// Where the library is loaded that contains an address.
fn base_of(address: *const c_void) -> *mut c_void {
    whereabouts(address).dli_fbase
}

fn whereabouts(address: *const c_void) -> libc::Dl_info {
    let mut info = std::mem::MaybeUninit::<libc::Dl_info>::zeroed();
    // SAFETY: dladdr() fills `info`, or leaves it zeroed, which is valid as well.
    unsafe {
        libc::dladdr(address, info.as_mut_ptr());
        info.assume_init()
    }
}

/// Has to be called while the library is loaded. Later, this thread might wait for one that loads another library,
/// and whose constructor waits for us.
///
/// Keeps the library's code in memory, as GObject keeps its types: a static library may be part of a plug-in that
/// is closed. If that fails, the library is part of the program.
///
/// Gets the handle of a libgio that is there.
pub(crate) fn at_load() {
    let name = whereabouts(at_load as *const c_void).dli_fname;
    // SAFETY: a name that the dynamic linker gave, and a constant one. Nothing is loaded by this.
    unsafe {
        if !name.is_null() {
            let flags = libc::RTLD_LAZY | libc::RTLD_NOLOAD | libc::RTLD_NODELETE;
            libc::dlopen(name, flags);
        }
        if is_loaded() {
            let libgio = libc::dlopen(LIBGIO.as_ptr(), libc::RTLD_LAZY | libc::RTLD_NOLOAD);
            AT_LOAD.store(libgio, Ordering::Release);
        }
    }
}

/// libgio's function of that name, if we step back and it has one.
#[cold]
pub(crate) fn function(name: &'static CStr) -> Option<NonNull<c_void>> {
    function_for(name, Question::Preliminary)
}

fn function_for(name: &'static CStr, question: Question) -> Option<NonNull<c_void>> {
    let handle = decision(question)?;
    let find = |name: &CStr| {
        if handle == NO_LIBRARY {
            return None;
        }
        // SAFETY: the handle stays valid.
        NonNull::new(unsafe { libc::dlsym(handle, name.as_ptr()) })
    };
    find(name).or_else(|| find(older(name)?))
}

/// libgio's type, by the name of the function that answers it, if we step back. Otherwise ours is about to be
/// registered.
#[cold]
pub(crate) fn type_(get_type: &'static CStr) -> Option<GType> {
    let Some(function) = function_for(get_type, Question::Final) else {
        notice_late_arrival();
        return None;
    };
    // SAFETY: functions of these names take nothing and answer a type.
    let get_type = unsafe {
        std::mem::transmute::<*mut c_void, unsafe extern "C" fn() -> GType>(function.as_ptr())
    };
    // SAFETY: as above.
    Some(unsafe { get_type() })
}

/// Whether our own types are never registered in this process.
pub(crate) fn has_stepped_back() -> bool {
    decision(Question::Final).is_some()
}

/// Logs, once, if libgio has come into the process after our types were registered: it does not work there.
#[cold]
pub(crate) fn notice_late_arrival() {
    static NOTICED: AtomicBool = AtomicBool::new(false);
    if DECISION.load(Ordering::Acquire) != ALONE || NOTICED.load(Ordering::Relaxed) {
        return;
    }
    if !is_loaded()
        || find(libc::RTLD_NOLOAD).is_none_or(stands_in_for)
        || NOTICED.swap(true, Ordering::AcqRel)
    {
        return;
    }
    log::critical(
        c"libgio was loaded after libasyncresult had registered its types, and cannot register its own: load libgio \
         first, or set ASYNCRESULT_GIO=load in the environment",
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_types_are_those_of_the_map() {
        let map = std::str::from_utf8(MAP).unwrap_or_default();
        let named = map
            .lines()
            .filter_map(|line| line.trim().strip_prefix("# "));
        let types = named.filter(|name| name.starts_with('G'));
        let expected = types.flat_map(|name| [name, "\0"]).collect::<String>();
        assert!(expected.contains("GTask\0"));
        assert_eq!(std::str::from_utf8(&TYPES), Ok(&*expected));
    }
}
