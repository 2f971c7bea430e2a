//! GCancellableSource: a GSource that is dispatched once for each cancellation.
//!
//! Whoever cancels must make the source ready, perhaps while another thread drops the source's last
//! reference: then GLib allows no call with it any more. So what is made ready is a child source:
//! whoever cancels takes a reference to it under the lock of the cancellable, and makes it ready
//! after the lock; a child that is ready makes its parent ready. Nobody waits for a handler, and nothing
//! leaks.
//!
//! Our own reference to the child ends when the child leaves its context. GLib holds no lock then. A context
//! that ends may finalize the source much later, and GLib 2.90 then holds a lock that whoever drops a source,
//! or sets a ready time, takes: the thread would wait for itself. So the finalizer of a source calls no
//! function on a source, but for a child that never had a context.
//!
//! One cancellation is one dispatch. But a dispatch may come between the cancellation and the waking of the
//! child, and a child that may not be attached yet is woken twice (`make_ready` of
//! `glib/source/pointer.rs`). What is set when the cancellation has been dispatched already is an *echo*: the
//! program does not hear of it.

use std::ffi::c_void;
use std::mem::transmute;
use std::ptr::{null_mut, NonNull};
use std::sync::atomic::{AtomicBool, AtomicPtr, AtomicU32, Ordering};
use std::sync::Arc;

use glib_sys::{gboolean, gpointer, GSource, GSourceFunc};
use gobject_sys::GObject;

use super::{Cancellable, GCancellable};
use crate::glib::log;
use crate::glib::source::own::{
    invoke_closure, AfterDispatch, CallbackSourceImpl, Functions, Named, NewSource, SourceImpl,
    SourceWith,
};
use crate::glib::source::{pointer as source, Counted};
use crate::gobject::object::{Instance, Ref};
use crate::scheduling::callbacks::CallbackKind;
use crate::scheduling::list::Pinned;
use crate::scheduling::observers::{Notes, Observer};

/// Called by a source when the cancellable is cancelled; FALSE removes the source.
pub type GCancellableSourceFunc =
    Option<unsafe extern "C" fn(cancellable: *mut GCancellable, data: gpointer) -> gboolean>;

/// A new source, which holds a reference to the cancellable. Without one it never fires by itself.
pub(crate) fn new(cancellable: Option<&Cancellable>) -> *mut GSource {
    let data = CancellableSource(cancellable.map(Watch::new));
    let this = NewSource::create(&FUNCTIONS, data).into_raw();
    // SAFETY: both sources are new and only this thread has them. The observer is in no list. It leaves
    // before the watch goes: its last share is dropped by `remove_use`, or by the finalizer.
    unsafe {
        if let Some(watch) = &(*this.cast::<SourceWith<CancellableSource>>()).data.0 {
            source::add_child(this, watch.child.load(Ordering::Relaxed));
            if watch.cancellable.join(watch.pinned()) {
                watch.pending.store(true, Ordering::Release);
                source::set_ready_time(this, source::NOW);
            }
        }
    }
    this
}

/// The data of a source.
struct CancellableSource(Option<Arc<Watch>>);

/// What a source and its child share.
#[repr(C)]
struct Watch {
    observer: Observer,
    cancellable: Ref<Cancellable>,
    /// The child, with a reference of our own; NULL when that is given up. The observer leaves its list
    /// before.
    child: AtomicPtr<GSource>,
    /// How often the child is used: by GLib, until the child leaves its context, and by each dispatch. After
    /// the last use none begins.
    uses: AtomicU32,
    /// There was a cancellation since the last dispatch began. Set under the lock of the cancellable, before
    /// the child; taken by a dispatch, after it has put the child to sleep.
    pending: AtomicBool,
}

// SAFETY: the observer is used under the lock of the cancellable only; any thread may use the rest.
unsafe impl Send for Watch {}
// SAFETY: as above.
unsafe impl Sync for Watch {}

static FUNCTIONS: Functions<CancellableSource> = Functions::with_closure(call_closure);

/// Tells the source of a cancellation. Called under the lock of the cancellable, in the thread that cancels.
unsafe fn note_cancellation(observer: *const Observer, notes: &mut Notes) {
    // SAFETY: the observer is the first field of a watch. It has not left the list, so neither the watch nor
    // our reference to the child is given up. The reference is dropped by `wake_child`, which any thread may
    // call.
    unsafe {
        let watch = &*observer.cast::<Watch>();
        // If it is pending, the source is ready, or whoever noted that is about to wake it.
        if !watch.pending.swap(true, Ordering::AcqRel) {
            let child = watch.child.load(Ordering::Relaxed);
            notes.add(wake_child, source::retain(child).cast());
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
    /// With a new child, which has a share.
    fn new(cancellable: &Cancellable) -> Arc<Self> {
        let child = NewSource::create(&CHILD, Child).into_raw();
        let this = Arc::new(Self {
            observer: Observer::new(note_cancellation),
            cancellable: Ref::retain(cancellable),
            child: AtomicPtr::new(child),
            uses: AtomicU32::new(1),
            pending: AtomicBool::new(false),
        });
        let share = Arc::into_raw(Arc::clone(&this)).cast_mut();
        // SAFETY: the child is alive. The last `remove_use` drops the share.
        unsafe { source::set_counted_callback(child, share.cast(), &NO_CALL) };
        this
    }

    fn pinned(&self) -> Pinned<Observer> {
        // SAFETY: the observer is the first field. The watch stays where it is until its last share is
        // dropped, and the observer has left its list by then.
        unsafe { Pinned::new(NonNull::from(self).cast()) }
    }

    /// Begins to use the child. FALSE if it is given up.
    fn add_use(&self) -> bool {
        let one_more = |uses| (uses > 0).then_some(uses + 1);
        let added = self
            .uses
            .fetch_update(Ordering::AcqRel, Ordering::Relaxed, one_more);
        added.is_ok()
    }

    /// Ends a use. The last one gives up the child, and drops its share. Before GLib 2.86, whoever sets a
    /// ready time uses the context without a reference. So this waits until no other thread is waking the
    /// child, and keeps the context until then. No thread begins to wake it any more, as no cancellation is
    /// noted.
    ///
    /// # Safety
    /// `add_use` has been called for this, or this is for the first use. Afterwards `this` may be gone.
    unsafe fn remove_use(this: *const Self) {
        // SAFETY: the child's share is there until the last use has ended, which is in here.
        unsafe {
            if (*this).uses.fetch_sub(1, Ordering::AcqRel) == 1 {
                (*this).give_up_child();
                let cancellable = (*this).cancellable.state().id;
                cancellable.wait_for(CallbackKind::Observers);
                drop(Arc::from_raw(this));
            }
        }
    }

    /// From now on no cancellation is noted. Nothing happens if the child is given up.
    fn give_up_child(&self) {
        // SAFETY: the observer is in the list of this cancellable, or in none. Our reference to the child is
        // taken out once. Nobody needs it any more: a notification comes to those in the list, and a dispatch
        // calls `add_use` before.
        unsafe {
            self.cancellable.leave(self.pinned());
            let child = self.child.swap(null_mut(), Ordering::AcqRel);
            if !child.is_null() {
                source::unref(child);
            }
        }
    }

    /// Puts the source and the child to sleep, so that a cancellation from now on is one more dispatch. Says
    /// whether there is nothing to tell the program: this dispatch is an echo, or the source has been
    /// destroyed meanwhile. It is no echo if the program has set a ready time of its own, or if the child
    /// sleeps: then another child source, of the program's, is ready.
    ///
    /// # Safety
    /// `source` is the one that has this, and is being dispatched.
    unsafe fn begin_dispatch(self: &Arc<Self>, source: *mut GSource) -> bool {
        if !self.add_use() {
            return true;
        }
        let child = self.child.load(Ordering::Relaxed);
        // SAFETY: both are alive, the child until this use has ended.
        unsafe {
            let by_the_child = source::ready_time(source) == source::ASLEEP
                && source::ready_time(child) != source::ASLEEP;
            source::find_context(source);
            source::set_ready_time(source, source::ASLEEP);
            source::set_ready_time(child, source::ASLEEP);
            Self::remove_use(Arc::as_ptr(self));
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
            match &(*source).data.0 {
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
    /// In the finalizer. Only a source that never was attached still has its child.
    fn drop(&mut self) {
        if let Some(watch) = &self.0 {
            watch.give_up_child();
        }
    }
}

/// What dispatching calls for a source that was given a closure.
unsafe extern "C" fn call_closure(cancellable: *mut GObject, closure: gpointer) -> gboolean {
    // SAFETY: the object is NULL or a cancellable, and GLib keeps the closure alive while it is called.
    unsafe { invoke_closure(closure.cast(), Cancellable::type_(), cancellable) }.into()
}

/// The child source. It only has to be ready; its parent does the rest. It has no callback. The data of one
/// is a share of the watch: only the end of its use is of interest.
struct Child;

static CHILD: Functions<Child> = Functions::new();
static NO_CALL: Counted = Counted::new(add_use, remove_use, get_no_call);

unsafe extern "C" fn add_use(watch: gpointer) {
    // SAFETY: GLib dispatches the child, which has its share.
    let has_child = unsafe { (*watch.cast::<Watch>()).add_use() };
    debug_assert!(has_child);
}

/// Called for the last time when the child leaves its context, or is freed without ever having had one. GLib
/// holds no lock then. A context that ends calls it before its memory is freed.
unsafe extern "C" fn remove_use(watch: gpointer) {
    // SAFETY: GLib calls this once more than `add_use`.
    unsafe { Watch::remove_use(watch.cast()) };
}

unsafe extern "C" fn get_no_call(
    watch: gpointer,
    _: *mut GSource,
    function: *mut GSourceFunc,
    data: *mut gpointer,
) {
    // SAFETY: GLib gives places for both.
    unsafe {
        function.write(None);
        data.write(watch);
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
            let data = &(*source.cast::<SourceWith<CancellableSource>>()).data;
            let watch = data.0.as_ref();
            let child = watch.map_or(null_mut(), |watch| watch.child.load(Ordering::Relaxed));
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

    /// A dispatch may have begun before the source is destroyed, by another thread: our reference to the
    /// child is given up then, and the program is not called.
    #[test]
    fn what_is_destroyed_is_not_dispatched() {
        let cancellable = Ref::<Cancellable>::create();
        let source = new(Some(&cancellable));
        // SAFETY: the source is alive until the end, and is attached once.
        unsafe {
            let data = &(*source.cast::<SourceWith<CancellableSource>>()).data;
            let is_given_up = || {
                let is_null = |watch: &Arc<Watch>| watch.child.load(Ordering::Relaxed).is_null();
                data.0.as_ref().is_some_and(is_null)
            };
            let context = glib_sys::g_main_context_new();
            source::attach(source, context);
            cancellable.cancel();
            assert!(!is_given_up());
            glib_sys::g_source_destroy(source);
            assert!(is_given_up());
            assert_eq!(dispatch(source), 0);
            cancellable.reset();
            cancellable.cancel();
            assert_eq!(dispatch(source), 0);
            glib_sys::g_main_context_unref(context);
            source::unref(source);
        }
    }
}
