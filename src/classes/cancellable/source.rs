//! GCancellableSource: a GSource that is dispatched once for each cancellation.
//!
//! Whoever cancels must make the source ready, perhaps while another thread drops the source's last reference:
//! then GLib allows no call with it any more. So what is made ready is a child source, the *alarm*: the observer
//! holds a reference to it, and a child that is ready makes its parent ready. Nobody waits, and nothing leaks.

use std::mem::transmute;
use std::ptr::{addr_of, null_mut};

use glib_sys::{gboolean, gpointer, GSource, GSourceFunc};
use gobject_sys::GObject;

use super::Cancellable;
use crate::glib::log;
use crate::glib::object::{Instance, Ref};
use crate::glib::source::{self, Behaviour, Functions, SourceWith};
use crate::scheduling::observers::Observer;

/// What the user sets: a GCancellableSourceFunc, by its name in C.
type Callback = Option<unsafe extern "C" fn(*mut Cancellable, gpointer) -> gboolean>;

/// A new source, which holds a reference to the cancellable. Without one it never fires by itself.
pub(crate) fn new(cancellable: Option<&Cancellable>) -> *mut GSource {
    let watch = cancellable.map(|cancellable| Watch {
        alarm: SourceWith::create(&ALARM, Alarm).cast(),
        cancellable: Ref::retain(cancellable),
    });
    let observer = Observer::new(ring);
    let this = SourceWith::create(&FUNCTIONS, CancellableSource { observer, watch });
    // SAFETY: the source is new and only this thread has it. The observer is its first field, stays with it, and
    // leaves in the finalizer.
    unsafe {
        if let Some(watch) = &(*this).data.watch {
            source::add_child(this.cast(), watch.alarm);
            if watch.cancellable.join(addr_of!((*this).data).cast()) {
                source::set_ready_time(this.cast(), source::NOW);
            }
        }
    }
    this.cast()
}

#[repr(C)]
struct CancellableSource {
    observer: Observer,
    /// Set with the source, then only read.
    watch: Option<Watch>,
}

struct Watch {
    /// A reference of our own: the child may be destroyed before the source is finalized.
    alarm: *mut GSource,
    cancellable: Ref<Cancellable>,
}

static FUNCTIONS: Functions = Functions::with_closure::<CancellableSource>(call_closure);

/// Tells the source of a cancellation: under the lock of the cancellable, in the cancelling thread.
unsafe fn ring(observer: *const Observer) {
    // SAFETY: the observer is the first field of a source's data, which has not left the list: so it is not freed,
    // nor is the alarm. GLib's lock of a context is never held by it while it calls our code.
    unsafe {
        if let Some(watch) = &(*observer.cast::<CancellableSource>()).watch {
            source::wake(watch.alarm);
        }
    }
}

impl Behaviour for CancellableSource {
    const NAME: &'static std::ffi::CStr = c"GCancellable";

    unsafe fn dispatch(
        source: *mut SourceWith<Self>,
        callback: GSourceFunc,
        user_data: gpointer,
    ) -> bool {
        // SAFETY: alive while it is dispatched. The times are reset before the callback, so that a cancellation
        // from now on is one more.
        let cancellable = unsafe {
            source::set_ready_time(source.cast(), source::ASLEEP);
            match &(*source).data.watch {
                Some(watch) => {
                    source::set_ready_time(watch.alarm, source::ASLEEP);
                    watch.cancellable.as_object().cast()
                }
                None => null_mut(),
            }
        };
        // SAFETY: the user set a function of this type, as g_source_set_callback() is documented to be used.
        let callback = unsafe { transmute::<GSourceFunc, Callback>(callback) };
        let Some(callback) = callback else {
            log::warning(c"A source of a GCancellable has no callback; it is removed");
            return false;
        };
        // SAFETY: the user's callback with its data.
        unsafe { callback(cancellable, user_data) != 0 }
    }
}

impl Drop for CancellableSource {
    fn drop(&mut self) {
        let observer = addr_of!(*self).cast();
        if let Some(watch) = &self.watch {
            // SAFETY: in the list of this cancellable, and never in another.
            unsafe { watch.cancellable.leave(observer) };
        }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        // SAFETY: our own reference; after `leave` nobody rings any more.
        unsafe { source::unref(self.alarm) };
    }
}

/// What dispatching calls for a source that was given a closure.
unsafe extern "C" fn call_closure(cancellable: *mut GObject, closure: gpointer) -> gboolean {
    // SAFETY: the object is NULL or a cancellable, and GLib keeps the closure alive while it is called.
    unsafe { source::invoke_closure(closure.cast(), Cancellable::type_(), cancellable) }.into()
}

/// The child source. It only has to be ready; its parent does the rest.
struct Alarm;

static ALARM: Functions = Functions::new::<Alarm>();

impl Behaviour for Alarm {
    const NAME: &'static std::ffi::CStr = c"GCancellable alarm";

    unsafe fn dispatch(_: *mut SourceWith<Self>, _: GSourceFunc, _: gpointer) -> bool {
        true
    }
}
