//! What ends an iteration of a wait's context: a time, and a cancellation.

use std::ffi::{c_int, c_uint, c_ulong};
use std::ptr::{null_mut, NonNull};

use glib_sys::{
    gboolean, gpointer, GMainContext, GSource, GSourceFunc, GSourceFuncs, GFALSE, GTRUE,
};

use crate::asr::public::{self, GCancellable};

/// A source that ends an iteration at a time, and does nothing else. Nothing comes after it, in the order of
/// priorities: once its time has come it is always ready, and an iteration dispatches nothing that comes
/// after such.
pub(super) struct Alarm(NonNull<GSource>);

impl Alarm {
    pub(super) fn new(time: i64, context: NonNull<GMainContext>) -> Self {
        unsafe extern "C" fn ring(_: gpointer) -> gboolean {
            GTRUE
        }
        let source = timer_source();
        // SAFETY: a new source, which is given what it may be given, and a live context.
        unsafe {
            glib_sys::g_source_set_priority(source.as_ptr(), c_int::MAX);
            glib_sys::g_source_set_ready_time(source.as_ptr(), time);
            glib_sys::g_source_set_callback(source.as_ptr(), Some(ring), null_mut(), None);
            glib_sys::g_source_attach(source.as_ptr(), context.as_ptr());
        }
        Self(source)
    }
}

impl Drop for Alarm {
    fn drop(&mut self) {
        // SAFETY: our own reference.
        unsafe {
            glib_sys::g_source_destroy(self.0.as_ptr());
            glib_sys::g_source_unref(self.0.as_ptr());
        }
    }
}

/// A handler that ends an iteration when a cancellable is cancelled. Not a source of the cancellable's:
/// libgio 2.74 loses one that is destroyed while another thread cancels.
pub(super) struct Watch {
    cancellable: NonNull<GCancellable>,
    handler: c_ulong,
}

impl Watch {
    pub(super) fn new(cancellable: NonNull<GCancellable>, context: NonNull<GMainContext>) -> Self {
        unsafe extern "C" fn wake(_: *mut GCancellable, context: gpointer) {
            // SAFETY: the handler's own reference.
            unsafe { glib_sys::g_main_context_wakeup(context.cast()) };
        }
        unsafe extern "C" fn unref(context: gpointer) {
            // SAFETY: that reference.
            unsafe { glib_sys::g_main_context_unref(context.cast()) };
        }
        type Wake = unsafe extern "C" fn(*mut GCancellable, gpointer);
        // SAFETY: both are live. A handler of "cancelled" is called as a `Wake`.
        let handler = unsafe {
            let wake = std::mem::transmute::<Wake, unsafe extern "C" fn()>(wake);
            let context = glib_sys::g_main_context_ref(context.as_ptr());
            public::g_cancellable_connect(
                cancellable.as_ptr(),
                Some(wake),
                context.cast(),
                Some(unref),
            )
        };
        Self {
            cancellable,
            handler,
        }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        // 0: it was cancelled at that moment.
        if self.handler != 0 {
            // SAFETY: the caller's cancellable, and our handler. It need not be waited for: it has a
            // reference of its own.
            unsafe {
                gobject_sys::g_signal_handler_disconnect(
                    self.cancellable.as_ptr().cast(),
                    self.handler,
                );
            }
        }
    }
}

/// A source that calls its callback when its ready time has come.
pub(super) fn timer_source() -> NonNull<GSource> {
    let functions = (&raw const TIMER.0).cast_mut();
    // SAFETY: the functions last for ever, and GLib only reads them; a source is at least as large as
    // GSource.
    unsafe {
        NonNull::new_unchecked(glib_sys::g_source_new(
            functions,
            size_of::<GSource>() as c_uint,
        ))
    }
}

struct Functions(GSourceFuncs);

// SAFETY: function pointers, which are never written.
unsafe impl Sync for Functions {}

static TIMER: Functions = Functions(GSourceFuncs {
    prepare: None,
    check: None,
    dispatch: Some(dispatch),
    finalize: None,
    closure_callback: None,
    closure_marshal: None,
});

unsafe extern "C" fn dispatch(_: *mut GSource, callback: GSourceFunc, data: gpointer) -> gboolean {
    // SAFETY: the source's own callback and data.
    callback.map_or(GFALSE, |callback| unsafe { callback(data) })
}
