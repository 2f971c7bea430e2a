//! Parents of other classes: a plain GCancellable, libgio's, a program's own.

use std::ffi::c_ulong;
use std::ptr::null_mut;
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};

use glib_sys::{gpointer, GQuark, GFALSE};
use gobject_sys::GObject;

use super::{drop_children, go_down};
use crate::asr::public::{self, GCancellable};
use crate::asr::ring::Ring;
use crate::asr::state::{lock, Cause};

/// What belongs to a parent of another class, as long as it lives.
struct Family {
    children: Ring,
    /// The number of the handler. The program may have disconnected it, with others of the parent's.
    handler: AtomicUsize,
}

/// Under which an object has its family. This floor's alone.
fn quark() -> GQuark {
    static QUARK: AtomicU32 = AtomicU32::new(0);
    let known = QUARK.load(Ordering::Relaxed);
    if known != 0 {
        return known;
    }
    // SAFETY: the string stays.
    let quark = unsafe { glib_sys::g_quark_from_static_string(c"asr-children".as_ptr()) };
    QUARK.store(quark, Ordering::Relaxed);
    quark
}

/// The list of a parent's children. Its handler is connected.
///
/// # Safety
/// It is alive, and none of ours.
pub(super) unsafe fn children_of(parent: *mut GCancellable) -> *mut Ring {
    let object: *mut GObject = parent.cast();
    // SAFETY: as the caller ensures.
    unsafe {
        let mut family: *mut Family = gobject_sys::g_object_get_qdata(object, quark()).cast();
        if family.is_null() {
            family = make_family(object);
        } else if !is_told(object, family) {
            tell_again(object, family);
        }
        &raw mut (*family).children
    }
}

/// # Safety
/// The parent is alive, and has no family yet, or another thread is making one, too.
#[cold]
unsafe fn make_family(object: *mut GObject) -> *mut Family {
    let family = Box::into_raw(Box::new(Family {
        children: Ring::unset(),
        handler: AtomicUsize::new(0),
    }));
    // SAFETY: as the caller ensures. The function gets what it expects.
    unsafe {
        // Whoever finds it takes this lock, too.
        let guard = lock();
        Ring::init(&raw mut (*family).children);
        drop(guard);
        // Connected before anybody can find it: so nobody is linked to a parent that does not tell.
        let handler = connect(object, family);
        (*family).handler.store(handler, Ordering::Relaxed);
        let installed = gobject_sys::g_object_replace_qdata(
            object,
            quark(),
            null_mut(),
            family.cast(),
            Some(parent_ended),
            null_mut(),
        );
        if installed == GFALSE {
            // Another thread was faster.
            gobject_sys::g_signal_handler_disconnect(object, handler as c_ulong);
            drop(Box::from_raw(family));
            return gobject_sys::g_object_get_qdata(object, quark()).cast();
        }
    }
    family
}

/// The number of a new handler.
///
/// # Safety
/// The parent is alive.
unsafe fn connect(object: *mut GObject, family: *mut Family) -> usize {
    // SAFETY: as the caller ensures. The function gets what it expects. It does not use the data, which is
    // this family's alone: so nobody disconnects it with the handlers of some data of his own, as of NULL.
    let handler = unsafe {
        gobject_sys::g_signal_connect_data(
            object,
            c"cancelled".as_ptr(),
            Some(std::mem::transmute::<
                unsafe extern "C" fn(*mut GCancellable, gpointer),
                unsafe extern "C" fn(),
            >(parent_cancelled)),
            family.cast(),
            None,
            gobject_sys::G_CONNECT_AFTER,
        )
    };
    handler as usize
}

/// Whether the handler is still there.
///
/// # Safety
/// The parent is alive.
unsafe fn is_told(object: *mut GObject, family: *mut Family) -> bool {
    // SAFETY: as the caller ensures.
    unsafe {
        // Whoever finds a family takes this lock, which its maker has had.
        let guard = lock();
        let handler = (*family).handler.load(Ordering::Relaxed) as c_ulong;
        drop(guard);
        gobject_sys::g_signal_handler_is_connected(object, handler) != GFALSE
    }
}

/// # Safety
/// The parent is alive.
#[cold]
unsafe fn tell_again(object: *mut GObject, family: *mut Family) {
    // SAFETY: as the caller ensures.
    unsafe {
        let before = (*family).handler.load(Ordering::Relaxed);
        if is_told(object, family) {
            return;
        }
        let handler = connect(object, family);
        let known = &(*family).handler;
        let order = Ordering::Relaxed;
        if known
            .compare_exchange(before, handler, order, order)
            .is_err()
        {
            // Another thread was faster.
            gobject_sys::g_signal_handler_disconnect(object, handler as c_ulong);
        }
    }
}

unsafe extern "C" fn parent_cancelled(parent: *mut GCancellable, _data: gpointer) {
    // SAFETY: the emission keeps the parent, and so its family.
    unsafe {
        let family: *mut Family = gobject_sys::g_object_get_qdata(parent.cast(), quark()).cast();
        // Somebody may have emitted the signal by hand.
        if !family.is_null() && public::is_cancelled(parent) {
            go_down(&raw mut (*family).children, Cause::Itself);
        }
    }
}

unsafe extern "C" fn parent_ended(family: gpointer) {
    let family: *mut Family = family.cast();
    let guard = lock();
    // SAFETY: called once. Under the lock, what is linked is there.
    unsafe {
        drop_children(&raw mut (*family).children, &guard);
        drop(guard);
        drop(Box::from_raw(family));
    }
}
