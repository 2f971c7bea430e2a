//! GObject signals: the one of ours, and property notification.

use std::ffi::{c_uint, c_ulong, CStr};
use std::mem::ManuallyDrop;

use glib_sys::{gpointer, GDestroyNotify, GType, GFALSE, GTRUE};
use gobject_sys::{GCallback, GClosure, GClosureNotify, GObject, GParamSpec, G_SIGNAL_RUN_LAST};

use super::held;

/// Registers a signal without parameters or result, whose class handler stands at `class_offset`.
pub(crate) fn register(name: &CStr, type_: GType, class_offset: usize) -> c_uint {
    held::assert_none();
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

/// Emits a signal that `register` has made.
///
/// # Safety
/// `object` is alive and has the signal.
pub(crate) unsafe fn emit(object: *mut GObject, signal: c_uint) {
    held::assert_none();
    // SAFETY: the signal has no detail and no parameters.
    unsafe { gobject_sys::g_signal_emit(object, signal, 0) };
}

/// A callback with its data, to be connected. The data is destroyed once: with the handler, or with this.
pub(crate) struct Handler(*mut GClosure);

impl Handler {
    /// # Safety
    /// `destroy` may be called with `data`, once, on any thread.
    pub(crate) unsafe fn new(callback: GCallback, data: gpointer, destroy: GDestroyNotify) -> Self {
        held::assert_none();
        // SAFETY: a GClosureNotify is called with (data, closure); a C function that takes only the first
        // argument may be called with one more, which is how GDestroyNotify is documented to be used for
        // closures.
        Self(unsafe {
            let notify = std::mem::transmute::<GDestroyNotify, GClosureNotify>(destroy);
            gobject_sys::g_cclosure_new(callback, data, notify)
        })
    }

    /// Connects it. Runs no code of the program: so this may be called under a lock, if there is a reason to.
    ///
    /// # Safety
    /// `object` is alive and has the signal; the callback may be called with (object, data) as long as the
    /// handler is connected.
    pub(crate) unsafe fn connect(self, object: *mut GObject, signal: c_uint) -> c_ulong {
        let closure = ManuallyDrop::new(self).0;
        // SAFETY: as the caller ensures. The handler takes over the closure, which nobody has owned yet.
        unsafe { gobject_sys::g_signal_connect_closure_by_id(object, signal, 0, closure, 0) }
    }
}

impl Drop for Handler {
    fn drop(&mut self) {
        held::assert_none();
        // SAFETY: nobody has owned the closure yet; taking it over and dropping it is one call.
        unsafe { gobject_sys::g_closure_sink(self.0) };
    }
}

/// Has GObject refuse a handler without a function, with a critical message of its own.
///
/// # Safety
/// `object` is alive and has a signal of that name.
#[cold]
pub(crate) unsafe fn refuse_missing_handler(object: *mut GObject, signal: &CStr) {
    held::assert_none();
    // SAFETY: as the caller ensures; without a function GObject connects nothing.
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

/// Whether there are handlers, also blocked ones. Runs no code of the program: so this may be called under a
/// lock, if there is a reason to.
///
/// # Safety
/// `object` is alive and has the signal.
pub(crate) unsafe fn has_handlers(object: *mut GObject, signal: c_uint) -> bool {
    held::assert_none();
    // SAFETY: as the caller ensures.
    unsafe { gobject_sys::g_signal_has_handler_pending(object, signal, 0, GTRUE) != GFALSE }
}

/// Disconnects a handler that others may have disconnected already.
///
/// # Safety
/// `object` is alive.
pub(crate) unsafe fn disconnect_if_connected(object: *mut GObject, handler: c_ulong) {
    held::assert_none();
    // SAFETY: as the caller ensures.
    unsafe {
        if gobject_sys::g_signal_handler_is_connected(object, handler) != GFALSE {
            disconnect(object, handler);
        }
    }
}

/// Disconnects a handler.
///
/// # Safety
/// `object` is alive.
pub(crate) unsafe fn disconnect(object: *mut GObject, handler: c_ulong) {
    held::assert_none();
    // SAFETY: an unknown handler is refused by GObject with a warning.
    unsafe { gobject_sys::g_signal_handler_disconnect(object, handler) };
}

/// Tells listeners that a property changed.
///
/// # Safety
/// `object` is alive and `property` is one of its class's.
pub(crate) unsafe fn notify(object: *mut GObject, property: *mut GParamSpec) {
    held::assert_none();
    // SAFETY: as the caller ensures.
    unsafe { gobject_sys::g_object_notify_by_pspec(object, property) };
}
