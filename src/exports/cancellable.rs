//! `g_cancellable_*`: a request to stop, seen by all who look.

use std::ffi::{c_int, c_ulong};
use std::ptr::null_mut;

use glib_sys::{
    gboolean, gpointer, GDestroyNotify, GError, GPollFD, GSource, GType, GFALSE, GTRUE,
};
use gobject_sys::GCallback;

use crate::classes::cancellable::{current, source, Cancellable};
use crate::classes::io_error;
use crate::gobject::object::{Instance, Ref};
use crate::gobject::precondition::{
    forward_if_libgios, forward_or_refuse, instance, refuse, refuse_instance,
};

pub use crate::classes::cancellable::{
    GCancellable, GCancellableClass, GCancellablePrivate, GCancellableSourceFunc,
};

/// The type of GCancellable; registered on the first call.
///
/// Any thread.
#[no_mangle]
pub extern "C" fn g_cancellable_get_type() -> GType {
    Cancellable::type_()
}

/// A new cancellable, not cancelled.
///
/// The caller owns the one reference ("transfer full"); the answer is never NULL. Give it to the operations
/// that should be stopped together, and call g_cancellable_cancel() to stop them. Any thread.
#[no_mangle]
pub extern "C" fn g_cancellable_new() -> *mut GCancellable {
    if let Some(answer) = forward_if_libgios!(Cancellable, g_cancellable_new()) {
        return answer;
    }
    Ref::<Cancellable>::create().into_raw()
}

/// Whether the object is cancelled. FALSE for NULL.
///
/// Takes no lock, so it can be called inside a loop. Any thread.
#[no_mangle]
pub unsafe extern "C" fn g_cancellable_is_cancelled(cancellable: *mut GCancellable) -> gboolean {
    if cancellable.is_null() {
        return GFALSE;
    }
    let Some(cancellable) = instance!(cancellable: Cancellable) else {
        return forward_or_refuse!(
            g_cancellable_is_cancelled(cancellable),
            c"G_IS_CANCELLABLE (cancellable)",
            GFALSE
        );
    };
    cancellable.is_cancelled().into()
}

/// Sets the error of a cancelled operation if the object is cancelled, and says whether it is.
///
/// `cancellable` may be NULL, which is never cancelled. The error is G_IO_ERROR_CANCELLED; it belongs to the
/// caller, who passes NULL for `error` if only the answer matters. Any thread.
#[no_mangle]
pub unsafe extern "C" fn g_cancellable_set_error_if_cancelled(
    cancellable: *mut GCancellable,
    error: *mut *mut GError,
) -> gboolean {
    if cancellable.is_null() {
        return GFALSE;
    }
    let Some(cancellable) = instance!(cancellable: Cancellable) else {
        return forward_or_refuse!(
            g_cancellable_set_error_if_cancelled(cancellable, error),
            c"G_IS_CANCELLABLE (cancellable)",
            GFALSE
        );
    };
    if !cancellable.is_cancelled() {
        return GFALSE;
    }
    if !error.is_null() {
        // SAFETY: a place for an error, as all exports demand.
        unsafe { io_error::cancelled().propagate(error) };
    }
    GTRUE
}

/// A descriptor to poll for reading: it is readable exactly while the object is cancelled.
///
/// All users of the object share the descriptor, which is close-on-exec; poll it, but neither read nor close
/// it. To be released with g_cancellable_release_fd(). -1 for NULL, and when the system has no descriptor
/// left: then nothing is to be released. Any thread.
#[no_mangle]
pub unsafe extern "C" fn g_cancellable_get_fd(cancellable: *mut GCancellable) -> c_int {
    if cancellable.is_null() {
        return -1;
    }
    let Some(cancellable) = instance!(cancellable: Cancellable) else {
        return forward_or_refuse!(
            g_cancellable_get_fd(cancellable),
            c"G_IS_CANCELLABLE (cancellable)",
            -1
        );
    };
    cancellable.acquire_fd().unwrap_or(-1)
}

/// Fills a GPollFD that is ready for reading exactly while the object is cancelled.
///
/// `pollfd` is the caller's, and must not be NULL. FALSE, with `pollfd` unchanged and nothing to be released,
/// for no cancellable, and when the system has no descriptor left. Otherwise like g_cancellable_get_fd(), and
/// to be released the same way.
#[no_mangle]
pub unsafe extern "C" fn g_cancellable_make_pollfd(
    cancellable: *mut GCancellable,
    pollfd: *mut GPollFD,
) -> gboolean {
    if pollfd.is_null() {
        return refuse!(g_cancellable_make_pollfd, c"pollfd != NULL", GFALSE);
    }
    if cancellable.is_null() {
        return GFALSE;
    }
    let Some(cancellable) = instance!(cancellable: Cancellable) else {
        return forward_or_refuse!(
            g_cancellable_make_pollfd(cancellable, pollfd),
            c"G_IS_CANCELLABLE (cancellable)",
            GFALSE
        );
    };
    let Some(fd) = cancellable.acquire_fd() else {
        return GFALSE;
    };
    // SAFETY: not NULL, so a place for a GPollFD. As in GIO `revents` stays as it is.
    unsafe {
        (*pollfd).fd = fd;
        (*pollfd).events = glib_sys::G_IO_IN as u16;
    }
    GTRUE
}

/// Releases what g_cancellable_get_fd() or g_cancellable_make_pollfd() gave.
///
/// The descriptor is closed with the last of its users, or else with the object. NULL is accepted. Any
/// thread.
#[no_mangle]
pub unsafe extern "C" fn g_cancellable_release_fd(cancellable: *mut GCancellable) {
    if cancellable.is_null() {
        return;
    }
    let Some(cancellable) = instance!(cancellable: Cancellable) else {
        return forward_or_refuse!(
            g_cancellable_release_fd(cancellable),
            c"G_IS_CANCELLABLE (cancellable)"
        );
    };
    if !cancellable.release_fd() {
        refuse!(g_cancellable_release_fd, c"priv->fd_refcount > 0");
    }
}

/// A source that is dispatched once for each cancellation, also if that happened before it was attached.
///
/// Its callback is a GCancellableSourceFunc, or a closure: called with the cancellable, it returns FALSE to
/// remove the source. The caller owns the source, which holds a reference to the cancellable until it is
/// freed. NULL makes a source that never fires. Several cancellations, or one and a reset, before the source
/// is dispatched count as one. The answer is never NULL. Any thread.
#[no_mangle]
pub unsafe extern "C" fn g_cancellable_source_new(cancellable: *mut GCancellable) -> *mut GSource {
    if cancellable.is_null() {
        return source::new(None);
    }
    let Some(cancellable) = instance!(cancellable: Cancellable) else {
        return forward_or_refuse!(
            g_cancellable_source_new(cancellable),
            c"G_IS_CANCELLABLE (cancellable)",
            null_mut()
        );
    };
    source::new(Some(cancellable))
}

/// What this thread pushed last with g_cancellable_push_current(), or NULL.
///
/// The caller gets no reference.
#[no_mangle]
pub extern "C" fn g_cancellable_get_current() -> *mut GCancellable {
    if let Some(answer) = forward_if_libgios!(Cancellable, g_cancellable_get_current()) {
        return answer;
    }
    current::get()
}

/// Makes an object the current one of this thread, for code that has no parameter for it.
///
/// g_cancellable_pop_current() undoes it. No reference is taken: the caller keeps the object alive until
/// then. NULL, and what is no cancellable, is a critical, and is not pushed: so it must not be popped.
#[no_mangle]
pub unsafe extern "C" fn g_cancellable_push_current(cancellable: *mut GCancellable) {
    if let Some(answer) = forward_if_libgios!(Cancellable, g_cancellable_push_current(cancellable))
    {
        return answer;
    }
    if cancellable.is_null() {
        return refuse!(g_cancellable_push_current, c"cancellable != NULL");
    }
    if instance!(cancellable: Cancellable).is_none() {
        return refuse_instance!(
            g_cancellable_push_current(cancellable),
            c"G_IS_CANCELLABLE (cancellable)"
        );
    }
    current::push(cancellable);
}

/// Undoes the last g_cancellable_push_current() of this thread, which must have been for this object.
///
/// Must not be NULL.
#[no_mangle]
pub unsafe extern "C" fn g_cancellable_pop_current(cancellable: *mut GCancellable) {
    if let Some(answer) = forward_if_libgios!(Cancellable, g_cancellable_pop_current(cancellable)) {
        return answer;
    }
    match current::pop(cancellable) {
        Ok(()) => {}
        Err(current::Refused::Empty) => refuse!(g_cancellable_pop_current, c"l != NULL"),
        Err(current::Refused::NotOnTop) => {
            refuse!(g_cancellable_pop_current, c"l->data == cancellable")
        }
    }
}

/// Clears the flag and the descriptor of a cancelled object.
///
/// Must not be NULL. Any thread. Waits while another thread is calling handlers of the object, or a callback
/// that g_cancellable_connect() called at once. Does not wait for a thread that is itself waiting for this
/// one; so a handler may call it. Do not reset an object that an operation uses: the operation may never hear
/// of the cancellation.
#[no_mangle]
pub unsafe extern "C" fn g_cancellable_reset(cancellable: *mut GCancellable) {
    let Some(cancellable) = instance!(cancellable: Cancellable) else {
        return forward_or_refuse!(
            g_cancellable_reset(cancellable),
            c"G_IS_CANCELLABLE (cancellable)"
        );
    };
    cancellable.reset();
}

/// Connects a callback to "cancelled"; if the object is cancelled already, calls it now.
///
/// Neither the object nor `callback` may be NULL. No cancellation is lost in between. The callback is called
/// as `callback (cancellable, data)`, in the thread that cancels, or in this one if it is called now.
/// `data_destroy_func` (or NULL) is called with `data` once the callback cannot be called any more: by
/// g_cancellable_disconnect(), with the object, or right after a callback that is called now. Answers the
/// handler's id for g_cancellable_disconnect(), or 0 if the callback was called now.
#[no_mangle]
pub unsafe extern "C" fn g_cancellable_connect(
    cancellable: *mut GCancellable,
    callback: GCallback,
    data: gpointer,
    data_destroy_func: GDestroyNotify,
) -> c_ulong {
    let Some(cancellable) = instance!(cancellable: Cancellable) else {
        return forward_or_refuse!(
            g_cancellable_connect(cancellable, callback, data, data_destroy_func),
            c"G_IS_CANCELLABLE (cancellable)",
            0
        );
    };
    // SAFETY: the rules that all exports share are those of the method.
    unsafe { cancellable.connect(callback, data, data_destroy_func) }
}

/// Disconnects a handler: when this returns, no other thread is running it, and it is not called again.
///
/// So what the handler uses may be freed afterwards. Waits for handlers of the object that other threads are
/// running, but not for a thread that is itself waiting for this one. So it may be called by a handler, even
/// for its own id. A cancellation that had begun has called the handler. The data is destroyed when this
/// returns: by this thread, or by one that was just emitting the signal. NULL, or 0 as the id, is fine. Any
/// thread.
#[no_mangle]
pub unsafe extern "C" fn g_cancellable_disconnect(
    cancellable: *mut GCancellable,
    handler_id: c_ulong,
) {
    if cancellable.is_null() || handler_id == 0 {
        return;
    }
    let Some(cancellable) = instance!(cancellable: Cancellable) else {
        return forward_or_refuse!(
            g_cancellable_disconnect(cancellable, handler_id),
            c"G_IS_CANCELLABLE (cancellable)"
        );
    };
    // SAFETY: alive, as it was checked.
    unsafe { Cancellable::disconnect(cancellable, handler_id) };
}

/// Cancels: sets the flag, makes the descriptor readable, and emits "cancelled" in this thread.
///
/// Returns when all handlers have returned. Of several calls, at once or one after the other, only the first
/// does anything until the object is reset. NULL is accepted. May be called by any thread, which needs a
/// reference of its own if another thread may drop the last one. An operation that is cancelled still
/// completes in its usual way, with the error G_IO_ERROR_CANCELLED.
#[no_mangle]
pub unsafe extern "C" fn g_cancellable_cancel(cancellable: *mut GCancellable) {
    if cancellable.is_null() {
        return;
    }
    let Some(cancellable) = instance!(cancellable: Cancellable) else {
        return forward_or_refuse!(
            g_cancellable_cancel(cancellable),
            c"G_IS_CANCELLABLE (cancellable)"
        );
    };
    cancellable.cancel();
}
