//! GCancellableSource: a GSource that is dispatched once for each cancellation.
//!
//! Whoever cancels must make the source ready, perhaps while another thread drops the source's last
//! reference: then GLib allows no call with it any more. So what is made ready is a child source:
//! whoever cancels takes a reference to it under the lock of the cancellable, and makes it ready
//! after the lock; a child that is ready makes its parent ready. Nobody waits for a handler, and nothing
//! leaks.
//!
//! One cancellation is one dispatch. But a dispatch may come between the cancellation and the waking of the
//! child, and while the source is being attached the child is woken twice (`make_ready` of
//! `glib/source/pointer.rs`). What is set when the cancellation has been dispatched already is an *echo*: the
//! program does not hear of it.

use std::ffi::c_void;
use std::mem::transmute;
use std::ptr::{null_mut, NonNull};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use glib_sys::{gboolean, gpointer, GSource, GSourceFunc};
use gobject_sys::GObject;

use super::{Cancellable, GCancellable};
use crate::glib::log;
use crate::glib::source::own::{
    invoke_closure, AfterDispatch, CallbackSourceImpl, Functions, Named, NewSource, SourceImpl,
    SourceRef, SourceWith,
};
use crate::glib::source::{pointer as source, Counted};
use crate::gobject::object::{Instance, Ref};
use crate::scheduling::callbacks::{CallbackKind, ObjectId};
use crate::scheduling::list::Pinned;
use crate::scheduling::observers::{Notes, Observer};

/// Called by a source when the cancellable is cancelled; FALSE removes the source.
pub type GCancellableSourceFunc =
    Option<unsafe extern "C" fn(cancellable: *mut GCancellable, data: gpointer) -> gboolean>;

/// A new source, which holds a reference to the cancellable. Without one it never fires by itself.
pub(crate) fn new(cancellable: Option<&Cancellable>) -> *mut GSource {
    let watch = cancellable.map(|cancellable| Watch {
        child: new_child(cancellable.state().id),
        cancellable: Ref::retain(cancellable),
        pending: AtomicBool::new(false),
    });
    let observer = Observer::new(note_cancellation);
    let data = CancellableSource { observer, watch };
    let this = NewSource::create(&FUNCTIONS, data).into_raw();
    let this = this.cast::<SourceWith<CancellableSource>>();
    // SAFETY: the source is new and only this thread has it. The observer is its first field, stays with it,
    // and leaves in the finalizer.
    unsafe {
        if let Some(watch) = &(*this).data.watch {
            source::add_child(this.cast(), watch.child.as_ptr());
            if watch.cancellable.join(pin(&raw const (*this).data)) {
                watch.pending.store(true, Ordering::Release);
                source::set_ready_time(this.cast(), source::NOW);
            }
        }
    }
    this.cast()
}

/// The observer of a source, by the data that it begins.
///
/// # Safety
/// As for `Pinned::new`.
unsafe fn pin(data: *const CancellableSource) -> Pinned<Observer> {
    // SAFETY: as the caller ensures; what is alive is not NULL.
    unsafe { Pinned::new(NonNull::new_unchecked(data.cast_mut()).cast()) }
}

#[repr(C)]
struct CancellableSource {
    observer: Observer,
    /// Set with the source, then only read.
    watch: Option<Watch>,
}

struct Watch {
    /// A reference of our own: the child may be destroyed before the source is finalized.
    child: SourceRef<Child>,
    cancellable: Ref<Cancellable>,
    /// There was a cancellation since the last dispatch began. Set under the lock of the cancellable, before
    /// the child; taken by a dispatch, after it has put the child to sleep.
    pending: AtomicBool,
}

static FUNCTIONS: Functions<CancellableSource> = Functions::with_closure(call_closure);

/// Tells the source of a cancellation. Called under the lock of the cancellable, in the thread that cancels.
unsafe fn note_cancellation(observer: *const Observer, notes: &mut Notes) {
    // SAFETY: the observer is the first field of a source's data, which has not left the list: so it is not
    // freed, nor is the child. The reference is dropped by `wake_child`, which any thread may call.
    unsafe {
        if let Some(watch) = &(*observer.cast::<CancellableSource>()).watch {
            // If it is pending, the source is ready, or whoever noted that is about to wake it.
            if !watch.pending.swap(true, Ordering::AcqRel) {
                notes.add(wake_child, source::retain(watch.child.as_ptr()).cast());
            }
        }
    }
}

/// Wakes the child. Called without the lock: waking may end the context, and so finalize the source, which
/// takes the lock.
unsafe fn wake_child(child: *const c_void) {
    // SAFETY: `note_cancellation` took this reference.
    unsafe {
        let child = child.cast_mut().cast();
        source::make_ready(child);
        source::unref(child);
    }
}

impl Watch {
    /// Puts the source and the child to sleep, so that a cancellation from now on is one more dispatch. Says
    /// whether this dispatch is an echo. It is none if the program has set a ready time of its own, or if the
    /// child sleeps: then another child source, of the program's, is ready.
    ///
    /// # Safety
    /// `source` is the one that has this, and is being dispatched.
    unsafe fn begin_dispatch(&self, source: *mut GSource) -> bool {
        let child = self.child.as_ptr();
        // SAFETY: both are alive.
        unsafe {
            let by_the_child = source::ready_time(source) == source::ASLEEP
                && source::ready_time(child) != source::ASLEEP;
            source::set_ready_time(source, source::ASLEEP);
            source::set_ready_time(child, source::ASLEEP);
            !self.pending.swap(false, Ordering::AcqRel) && by_the_child
        }
    }
}

impl Named for CancellableSource {
    const NAME: &'static std::ffi::CStr = c"GCancellable";
}

impl CallbackSourceImpl for CancellableSource {
    unsafe fn dispatch(
        source: *mut SourceWith<Self>,
        callback: GSourceFunc,
        user_data: gpointer,
    ) -> bool {
        // SAFETY: alive while it is dispatched.
        let cancellable = unsafe {
            match &(*source).data.watch {
                Some(watch) => {
                    if watch.begin_dispatch(source.cast()) {
                        return true;
                    }
                    watch.cancellable.as_object().cast()
                }
                None => {
                    source::set_ready_time(source.cast(), source::ASLEEP);
                    null_mut()
                }
            }
        };
        // SAFETY: the user set a function of this type, as g_source_set_callback() is documented to be used.
        let callback = unsafe { transmute::<GSourceFunc, GCancellableSourceFunc>(callback) };
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
        let data: *const Self = self;
        if let Some(watch) = &self.watch {
            // No cancellation is noted any more when the child and the cancellable are dropped, after this.
            // SAFETY: it is in the list of this cancellable, and was never in another.
            unsafe { watch.cancellable.leave(pin(data)) };
        }
    }
}

/// What dispatching calls for a source that was given a closure.
unsafe extern "C" fn call_closure(cancellable: *mut GObject, closure: gpointer) -> gboolean {
    // SAFETY: the object is NULL or a cancellable, and GLib keeps the closure alive while it is called.
    unsafe { invoke_closure(closure.cast(), Cancellable::type_(), cancellable) }.into()
}

/// The child source. It only has to be ready; its parent does the rest.
struct Child {
    cancellable: ObjectId,
    /// How often GLib holds the callback's data. There is no callback: only the end of its use is of
    /// interest.
    uses: AtomicU32,
}

/// `remove_use` may be called after the finalizer: that must leave the data as it is.
const _: () = assert!(!std::mem::needs_drop::<Child>());

static CHILD: Functions<Child> = Functions::new();
static NO_CALL: Counted = Counted::new(add_use, remove_use, get_no_call);

fn new_child(cancellable: ObjectId) -> SourceRef<Child> {
    let uses = AtomicU32::new(1);
    let child = NewSource::create(&CHILD, Child { cancellable, uses }).into_ref();
    // SAFETY: alive, and the data is the child itself, which GLib keeps until the data is not needed any
    // more.
    unsafe { source::set_counted_callback(child.as_ptr(), child.as_ptr().cast(), &NO_CALL) };
    child
}

/// # Safety
/// `child` is a child whose memory GLib has not freed.
unsafe fn child_data<'a>(child: gpointer) -> &'a Child {
    // SAFETY: as the caller ensures.
    unsafe { &(*child.cast::<SourceWith<Child>>()).data }
}

unsafe extern "C" fn add_use(child: gpointer) {
    // SAFETY: GLib holds the child, which it dispatches.
    unsafe { child_data(child) }
        .uses
        .fetch_add(1, Ordering::Relaxed);
}

/// Called for the last time when the child leaves its context, or is freed without ever having had one. A
/// context that ends calls it before its memory is freed. Before GLib 2.86, whoever sets a ready time uses
/// the context without a reference. So this waits until no other thread is waking the child, and keeps the
/// context until then. No thread begins to wake it any more, as the child has no context from now on.
unsafe extern "C" fn remove_use(child: gpointer) {
    // SAFETY: GLib frees a source after it has given up the source's callback.
    let Child { cancellable, uses } = unsafe { child_data(child) };
    if uses.fetch_sub(1, Ordering::AcqRel) == 1 {
        cancellable.wait_for(CallbackKind::Observers);
    }
}

unsafe extern "C" fn get_no_call(
    child: gpointer,
    _: *mut GSource,
    function: *mut GSourceFunc,
    data: *mut gpointer,
) {
    // SAFETY: GLib gives places for both.
    unsafe {
        function.write(None);
        data.write(child);
    }
}

impl Named for Child {
    const NAME: &'static std::ffi::CStr = c"GCancellable child";
}

impl SourceImpl for Child {
    fn dispatch(&self) -> AfterDispatch {
        AfterDispatch::Keep
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;

    unsafe extern "C" fn count(_: *mut Cancellable, calls: gpointer) -> gboolean {
        // SAFETY: `dispatch` below gives a counter.
        let calls = unsafe { &*calls.cast::<Cell<u32>>() };
        calls.set(calls.get() + 1);
        true.into()
    }

    /// What GLib does with a source that is ready. Answers how often the program's callback was called.
    fn dispatch(source: *mut GSource) -> u32 {
        let calls = Cell::new(0);
        // SAFETY: a source of this file, which is alive; it calls a callback of the type of `count`, with a
        // counter.
        let keep = unsafe {
            let callback = transmute::<GCancellableSourceFunc, GSourceFunc>(Some(count));
            let data = std::ptr::from_ref(&calls).cast_mut().cast();
            CancellableSource::dispatch(source.cast(), callback, data)
        };
        assert!(keep);
        calls.get()
    }

    /// A dispatch between the cancellation and the waking of the child, or between its two steps, serves the
    /// cancellation; whatever is set afterwards is an echo, until the next one.
    #[test]
    fn an_echo_is_not_dispatched() {
        let cancellable = Ref::<Cancellable>::create();
        let source = new(Some(&cancellable));
        // SAFETY: both sources are alive until the end.
        unsafe {
            let watch = (*source.cast::<SourceWith<CancellableSource>>())
                .data
                .watch
                .as_ref();
            let child = watch.map_or(std::ptr::null_mut(), |watch| watch.child.as_ptr());
            for _ in 0..3 {
                cancellable.cancel();
                assert_ne!(source::ready_time(child), source::ASLEEP);
                assert_eq!(dispatch(source), 1);
                for echo in [source::NOW, source::NOW + 1] {
                    source::set_ready_time(child, echo);
                    assert_eq!(dispatch(source), 0);
                    assert_eq!(source::ready_time(child), source::ASLEEP);
                }
                // The program sets a time of its own, with and without an echo; a child source of its own is
                // ready.
                source::set_ready_time(source, source::NOW);
                source::set_ready_time(child, source::NOW);
                assert_eq!(dispatch(source), 1);
                source::set_ready_time(source, source::NOW);
                assert_eq!(dispatch(source), 1);
                assert_eq!(source::ready_time(source), source::ASLEEP);
                assert_eq!(dispatch(source), 1);
                cancellable.reset();
            }
            source::unref(source);
        }
    }
}
