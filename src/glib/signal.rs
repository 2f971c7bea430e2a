//! GObject signals: the one of ours, and property notification.

use std::ffi::{c_uint, c_ulong, CStr};

use glib_sys::{gpointer, GDestroyNotify, GType};
use gobject_sys::{GCallback, GClosureNotify, GObject, GParamSpec, G_SIGNAL_RUN_LAST};

/// Registers a signal without parameters or result, whose class handler stands at `class_offset`.
pub(crate) fn register(name: &CStr, type_: GType, class_offset: usize) -> c_uint {
    // SAFETY: no parameters follow; the offset lies in the class structure of `type_`.
    unsafe {
        gobject_sys::g_signal_new(
            name.as_ptr(),
            type_,
            G_SIGNAL_RUN_LAST,
            class_offset as c_uint,
            None,
            std::ptr::null_mut(),
            None,
            gobject_sys::G_TYPE_NONE,
            0,
        )
    }
}

/// Emits such a signal.
///
/// # Safety
/// `object` is alive and has the signal.
pub(crate) unsafe fn emit(object: *mut GObject, signal: c_uint) {
    // SAFETY: the signal has no detail and no parameters.
    unsafe { gobject_sys::g_signal_emit(object, signal, 0) };
}

/// Connects a handler; `destroy` runs once, when the handler is gone and does not run any more.
///
/// # Safety
/// `object` is alive; `callback` may be called with (object, data) as long as the handler is connected.
pub(crate) unsafe fn connect(
    object: *mut GObject,
    signal: c_uint,
    callback: GCallback,
    data: gpointer,
    destroy: GDestroyNotify,
) -> c_ulong {
    // SAFETY: a GClosureNotify is called with (data, closure); a C function that takes only the first argument
    // may be called with one more, which is how GDestroyNotify is documented to be used for closures.
    unsafe {
        let notify = std::mem::transmute::<GDestroyNotify, GClosureNotify>(destroy);
        let closure = gobject_sys::g_cclosure_new(callback, data, notify);
        gobject_sys::g_signal_connect_closure_by_id(object, signal, 0, closure, 0)
    }
}

/// What GObject says to a program that connects no function: a critical line of its own.
///
/// # Safety
/// `object` is alive and has a signal of that name.
#[cold]
pub(crate) unsafe fn refuse_missing_handler(object: *mut GObject, signal: &CStr) {
    // SAFETY: as the caller vouches; without a function GObject connects nothing.
    unsafe {
        gobject_sys::g_signal_connect_data(
            object,
            signal.as_ptr(),
            None,
            std::ptr::null_mut(),
            None,
            0,
        )
    };
}

/// Keeps a handler from being called by emissions from now on. Nothing happens if there is no such handler.
///
/// # Safety
/// `object` is alive.
pub(crate) unsafe fn block(object: *mut GObject, handler: c_ulong) {
    // SAFETY: asking and blocking are allowed for any number.
    unsafe {
        if gobject_sys::g_signal_handler_is_connected(object, handler) != 0 {
            gobject_sys::g_signal_handler_block(object, handler);
        }
    }
}

/// Disconnects a handler.
///
/// # Safety
/// `object` is alive.
pub(crate) unsafe fn disconnect(object: *mut GObject, handler: c_ulong) {
    // SAFETY: an unknown handler is refused by GObject with a warning.
    unsafe { gobject_sys::g_signal_handler_disconnect(object, handler) };
}

/// Tells listeners that a property changed.
///
/// # Safety
/// `object` is alive and `property` is one of its class's.
pub(crate) unsafe fn notify(object: *mut GObject, property: *mut GParamSpec) {
    // SAFETY: as the caller vouches.
    unsafe { gobject_sys::g_object_notify_by_pspec(object, property) };
}
