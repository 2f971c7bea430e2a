//! Calls on a source by its address: sources of the program's, and those that a class gives to the program.

use std::ffi::{c_char, c_int};
use std::sync::atomic::{fence, AtomicBool, AtomicPtr, Ordering};

use glib_sys::{gpointer, GDestroyNotify, GMainContext, GSource, GSourceFunc};

use super::Counted;
use crate::glib::{held, is_tried};

/// A time in the past: the source is ready at once.
pub(crate) const NOW: i64 = 0;
/// Asleep until another time is set.
pub(crate) const ASLEEP: i64 = -1;

/// Sets when the source becomes ready, and wakes its context if need be. From any thread.
///
/// # Safety
/// The caller holds a reference to `source`, or is its dispatcher.
pub(crate) unsafe fn set_ready_time(source: *mut GSource, time: i64) {
    held::assert_none();
    // SAFETY: the source is alive.
    unsafe { glib_sys::g_source_set_ready_time(source, time) };
}

/// When the source becomes ready, by the time that was set last.
///
/// # Safety
/// The source is alive.
pub(crate) unsafe fn ready_time(source: *mut GSource) -> i64 {
    // SAFETY: as the caller ensures.
    unsafe { glib_sys::g_source_get_ready_time(source) }
}

/// Whether a GLib that is newer than those that were tried keeps a source's context in the member of GSource
/// that its header declares, as a private one.
static CONTEXT_WAS_FOUND: AtomicBool = AtomicBool::new(false);

fn context_is_shown() -> bool {
    is_tried() || CONTEXT_WAS_FOUND.load(Ordering::Relaxed)
}

/// Finds out about the member, with a source whose context is alive: only then may one ask GLib for it.
///
/// # Safety
/// The caller is the dispatcher of `source`.
pub(crate) unsafe fn find_context(source: *mut GSource) {
    // SAFETY: as the caller ensures.
    unsafe {
        if !context_is_shown() && glib_sys::g_source_is_destroyed(source) == 0 {
            let (context, shown) = (
                glib_sys::g_source_get_context(source),
                shown_context(source),
            );
            CONTEXT_WAS_FOUND.store(!shown.is_null() && shown == context, Ordering::Relaxed);
        }
    }
}

/// What the member says.
///
/// # Safety
/// The source is alive.
unsafe fn shown_context(source: *mut GSource) -> *mut GMainContext {
    // SAFETY: the member is aligned, lives as long as the source, and GLib writes it as a whole.
    unsafe { AtomicPtr::from_ptr(&raw mut (*source).context).load(Ordering::Relaxed) }
}

/// Makes the source ready at once, and wakes its context if need be: from any thread, also while another
/// thread attaches the source.
///
/// # Safety
/// The caller holds a reference to `source`.
pub(crate) unsafe fn make_ready(source: *mut GSource) {
    // SAFETY: as the caller ensures.
    let attached = context_is_shown() && unsafe { !shown_context(source).is_null() };
    // SAFETY: as the caller ensures.
    unsafe { set_ready_time(source, NOW) };
    if !attached {
        // GLib may have found no context to wake, and another thread may have attached the source since, and
        // gone to sleep before it could see the time. A second, different time finds that context: either it
        // is there by now, or who attaches the source later sees the first. If the source was attached all the
        // time, the context is woken once more.
        fence(Ordering::SeqCst);
        // SAFETY: as above.
        unsafe { set_ready_time(source, NOW + 1) };
    }
}

/// Makes `child` part of `source`: attached, moved and destroyed with it; whenever it is ready, `source` is
/// too.
///
/// # Safety
/// Both are alive and not attached; `child` belongs to no other source.
pub(crate) unsafe fn add_child(source: *mut GSource, child: *mut GSource) {
    // SAFETY: as the caller ensures; `source` takes a reference of its own.
    unsafe { glib_sys::g_source_add_child_source(source, child) };
}

/// Sets what the source calls.
///
/// # Safety
/// `source` is a live source, `callback` of the type that it calls; `destroy` may be called with `data` once.
pub(crate) unsafe fn set_callback(
    source: *mut GSource,
    callback: GSourceFunc,
    data: gpointer,
    destroy: GDestroyNotify,
) {
    held::assert_none();
    // SAFETY: as the caller ensures.
    unsafe { glib_sys::g_source_set_callback(source, callback, data, destroy) };
}

/// Sets what the source calls to what its data says.
///
/// # Safety
/// `source` is a live source, and `counted` knows `data`.
pub(crate) unsafe fn set_counted_callback(
    source: *mut GSource,
    data: gpointer,
    counted: &'static Counted,
) {
    let functions = std::ptr::from_ref(&counted.0).cast_mut();
    // SAFETY: as the caller ensures. GLib only reads the functions.
    unsafe { glib_sys::g_source_set_callback_indirect(source, data, functions) };
}

/// Names the source, if there is a name and the source has none.
///
/// # Safety
/// `source` is a live source, `name` NULL or a valid string.
pub(crate) unsafe fn name_if_unnamed(source: *mut GSource, name: *const c_char) {
    // SAFETY: as the caller ensures; GLib copies the name.
    unsafe {
        if !name.is_null() && glib_sys::g_source_get_name(source).is_null() {
            glib_sys::g_source_set_name(source, name);
        }
    }
}

/// Sets the source's priority.
///
/// # Safety
/// `source` is a live source.
pub(crate) unsafe fn set_priority(source: *mut GSource, priority: c_int) {
    held::assert_none();
    // SAFETY: as the caller ensures.
    unsafe { glib_sys::g_source_set_priority(source, priority) };
}

/// Attaches the source. The caller keeps its reference.
///
/// # Safety
/// `source` is a live source that is not attached; `context` is alive, or NULL for the default one.
pub(crate) unsafe fn attach(source: *mut GSource, context: *mut GMainContext) {
    held::assert_none();
    // SAFETY: as the caller ensures.
    unsafe { glib_sys::g_source_attach(source, context) };
}

/// Takes a reference. Runs no code of a program: so this may be called under a lock.
///
/// # Safety
/// The source is alive.
pub(crate) unsafe fn retain(source: *mut GSource) -> *mut GSource {
    // SAFETY: as the caller ensures.
    unsafe { glib_sys::g_source_ref(source) }
}

/// Drops a reference.
///
/// # Safety
/// The caller owns a reference to `source`.
pub(crate) unsafe fn unref(source: *mut GSource) {
    held::assert_none();
    // SAFETY: as the caller ensures.
    unsafe { glib_sys::g_source_unref(source) };
}
