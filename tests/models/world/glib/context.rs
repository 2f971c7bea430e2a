//! A context: sources under a lock, and somebody who iterates. It is counted; its memory stays until the
//! model ends, and whoever uses it after its end is found out.

use std::cell::Cell;
use std::ffi::c_int;
use std::rc::Rc;
use std::sync::Arc;

use glib_sys::GMainContext;
use loom::sync::atomic::{AtomicUsize, Ordering};

use super::held;
use super::source::{Callback, Head};
use crate::scheduling::sync::per_thread;
use crate::world::sync::{Condvar, Mutex, MutexGuard};

per_thread! {
    /// The address of the context that this thread iterates.
    static ITERATED: Cell<usize> = const { Cell::new(0) };
}

pub(crate) struct ModelContext {
    references: AtomicUsize,
    is_global_default: bool,
    inner: Mutex<Inner>,
    wake_up: Condvar,
}

#[derive(Default)]
struct Inner {
    /// In the order of their priorities, and then of their attaching.
    sources: Vec<(Key, *mut Head)>,
    attached: usize,
    is_iterated: bool,
    woken: bool,
    has_ended: bool,
    /// What other threads than the one that iterates have attached since the last look, each with a wake-up;
    /// and the most that this ever was.
    attached_by_others: usize,
    most_by_others: usize,
}

type Key = (c_int, usize);

// SAFETY: all threads of a model are one for the system, and take turns.
unsafe impl Send for ModelContext {}
// SAFETY: as above.
unsafe impl Sync for ModelContext {}

impl ModelContext {
    /// With one reference, which is the model's.
    pub(crate) fn new() -> Arc<Self> {
        Self::new_or_default(false)
    }

    pub(crate) fn global_default() -> Arc<Self> {
        Self::new_or_default(true)
    }

    fn new_or_default(is_global_default: bool) -> Arc<Self> {
        Arc::new(Self {
            references: AtomicUsize::new(1),
            is_global_default,
            inner: Mutex::new(Inner::default()),
            wake_up: Condvar::new(),
        })
    }

    pub(crate) fn as_ptr(&self) -> *mut GMainContext {
        std::ptr::from_ref(self).cast_mut().cast()
    }

    pub(crate) fn as_borrowed(&self) -> ContextRef<'_> {
        ContextRef(self)
    }

    /// # Safety
    /// A context of this interleaving.
    pub(super) unsafe fn of<'a>(context: *mut GMainContext) -> &'a Self {
        // SAFETY: its memory stays until the model ends.
        unsafe { &*context.cast::<Self>() }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        let inner = self.inner.locked();
        assert!(!inner.has_ended, "a context is used after its end");
        inner
    }

    /// With the reference that is given away.
    pub(super) fn attach(&self, source: *mut Head) {
        let mut inner = self.lock();
        // SAFETY: the caller has a reference.
        let head = unsafe { Head::of(source) };
        head.context.set(self.as_ptr());
        let key = (head.priority.get(), inner.attached);
        inner.attached += 1;
        inner.sources.push((key, source));
        inner.sources.sort_by_key(|(key, _)| *key);
        if inner.is_iterated && ITERATED.get() != self.as_ptr() as usize {
            inner.attached_by_others += 1;
            inner.most_by_others = inner.most_by_others.max(inner.attached_by_others);
        }
        drop(inner);
        // The source may be gone by now, but not the context.
        let mut inner = self.lock();
        if inner.is_iterated && ITERATED.get() != self.as_ptr() as usize {
            inner.woken = true;
            drop(inner);
            self.wake_up.notify_one();
        }
    }

    /// Gives back a callback, and destroys the source if it is to be.
    fn finish(&self, source: *mut Head, call: Option<Rc<Callback>>, destroy: bool) {
        let mut inner = self.lock();
        // SAFETY: the caller has a reference.
        let head = unsafe { Head::of(source) };
        let destroyed = destroy && head.mark_destroyed();
        let own = head.callback.take();
        let own = if destroyed {
            inner.sources.retain(|(_, other)| *other != source);
            own
        } else {
            head.callback.set(own);
            None
        };
        let ended = [call, own].map(|callback| callback.and_then(Rc::into_inner));
        drop(inner);
        drop(ended);
        if destroyed {
            head.release();
        }
    }

    /// Destroys the first source that this holds for: one of ours that is asked, or not.
    pub(crate) fn destroy_first(&self, polled: bool) {
        let inner = self.lock();
        let mut sources = inner.sources.iter().map(|(_, source)| *source);
        let found = sources.find(|source| {
            // SAFETY: attached sources are alive while the lock is held.
            let head = unsafe { Head::of(*source) };
            head.functions.is_polled == polled
        });
        // SAFETY: as above.
        let found = found.inspect(|source| unsafe { Head::of(*source) }.retain());
        drop(inner);
        if let Some(source) = found {
            self.finish(source, None, true);
            // SAFETY: the reference that was taken above.
            unsafe { Head::of(source) }.release();
        }
    }

    /// Dispatches what is ready; one thread at a time does so. FALSE if nothing is.
    pub(crate) fn iterate(&self) -> bool {
        self.iterate_or(|| ())
    }

    /// The same, but sleeps if nothing is ready, until somebody wakes the context.
    pub(crate) fn iterate_or_sleep(&self) -> bool {
        self.iterate_or(|| self.sleep())
    }

    fn sleep(&self) {
        let mut inner = self.lock();
        while !inner.woken {
            inner = self.wake_up.wait_locked(inner);
        }
    }

    fn iterate_or(&self, sleep: impl FnOnce()) -> bool {
        self.set_iterated(true);
        if !self.look() {
            sleep();
        }
        self.lock().woken = false;
        let any = self.look();
        self.dispatch_ready();
        self.set_iterated(false);
        any
    }

    fn set_iterated(&self, on: bool) {
        let mut inner = self.lock();
        assert_ne!(inner.is_iterated, on, "one thread at a time iterates");
        inner.is_iterated = on;
        ITERATED.set(if on { self.as_ptr() as usize } else { 0 });
    }

    /// Asks each source, also those that are attached meanwhile behind it; but none of a lower priority than
    /// one that is ready. Whether any is.
    fn look(&self) -> bool {
        let mut last = None;
        let mut ready: Option<c_int> = None;
        self.lock().attached_by_others = 0;
        while let Some((key, source)) = self.next(last, ready) {
            last = Some(key);
            // SAFETY: `next` has taken a reference.
            let head = unsafe { Head::of(source) };
            if head.functions.is_polled {
                self.lock().attached_by_others = 0;
            }
            // SAFETY: as above.
            if head.ready.get() || unsafe { (head.functions.look)(source) } {
                head.ready.set(true);
                ready = Some(key.0);
            }
            head.release();
        }
        ready.is_some()
    }

    fn next(&self, last: Option<Key>, lowest: Option<c_int>) -> Option<(Key, *mut Head)> {
        let inner = self.lock();
        let mut sources = inner.sources.iter();
        let is_next = |key: Key| last.is_none_or(|last| key > last);
        let found = *sources.find(|(key, _)| is_next(*key))?;
        if lowest.is_some_and(|lowest| found.0 .0 > lowest) {
            return None;
        }
        // SAFETY: attached sources are alive while the lock is held.
        unsafe { Head::of(found.1) }.retain();
        Some(found)
    }

    fn dispatch_ready(&self) {
        let mut ready = Vec::new();
        let mut last = None;
        while let Some((key, source)) = self.next(last, None) {
            last = Some(key);
            // SAFETY: `next` has taken a reference.
            let head = unsafe { Head::of(source) };
            if head.ready.replace(false) {
                ready.push(source);
            } else {
                head.release();
            }
        }
        for source in ready {
            // SAFETY: as above.
            let head = unsafe { Head::of(source) };
            let inner = self.lock();
            let call = head.callback.take();
            head.callback.set(call.clone());
            let destroyed = head.is_destroyed();
            drop(inner);
            // SAFETY: as above.
            let again = destroyed || unsafe { (head.functions.dispatch)(source, call.as_deref()) };
            self.finish(source, call, !again);
            head.release();
        }
    }

    pub(crate) fn has_sources(&self) -> bool {
        !self.lock().sources.is_empty()
    }

    pub(crate) fn has_ended(&self) -> bool {
        self.inner.locked().has_ended
    }

    /// So often at the most was the thread that iterates woken by others for what they attached between two
    /// looks.
    pub(crate) fn most_wake_ups(&self) -> usize {
        self.lock().most_by_others
    }

    fn retain(&self) {
        let before = self.references.fetch_add(1, Ordering::Relaxed);
        assert_ne!(before, 0, "a context is used after its last reference");
    }

    /// Drops a reference. The last one destroys all sources.
    fn release(&self) {
        if self.references.fetch_sub(1, Ordering::AcqRel) != 1 {
            return;
        }
        let sources = std::mem::take(&mut self.lock().sources);
        for (_, source) in &sources {
            // SAFETY: attached sources are alive.
            let head = unsafe { Head::of(*source) };
            head.mark_destroyed();
            drop(head.callback.take());
        }
        for (_, source) in sources {
            // SAFETY: as above; the context's reference goes.
            unsafe { Head::of(source) }.release();
        }
        self.lock().has_ended = true;
    }
}

/// A strong reference to a context.
pub(crate) struct Context(*mut GMainContext);

// SAFETY: as in the library.
unsafe impl Send for Context {}

impl Context {
    /// # Safety
    /// As in the library.
    pub(crate) unsafe fn retain(context: *mut GMainContext) -> Self {
        // SAFETY: as the caller ensures.
        unsafe { ModelContext::of(context) }.retain();
        Self(context)
    }

    /// # Safety
    /// As in the library.
    pub(crate) unsafe fn adopt(context: *mut GMainContext) -> Self {
        Self(context)
    }

    pub(crate) fn as_borrowed(&self) -> ContextRef<'_> {
        // SAFETY: `self` holds a reference.
        ContextRef(unsafe { ModelContext::of(self.0) })
    }
}

impl Drop for Context {
    fn drop(&mut self) {
        if std::thread::panicking() {
            // The model has failed. A second panic would hide the first.
            return;
        }
        held::assert_none();
        // SAFETY: `self` holds a reference.
        unsafe { ModelContext::of(self.0) }.release();
    }
}

/// As in the library.
#[derive(Clone, Copy)]
pub(crate) struct ContextRef<'a>(pub(super) &'a ModelContext);

impl ContextRef<'_> {
    /// # Safety
    /// As in the library.
    pub(super) unsafe fn of_source<'a>(source: *mut Head) -> ContextRef<'a> {
        // SAFETY: as the caller ensures.
        ContextRef(unsafe { ModelContext::of(Head::of(source).context.get()) })
    }

    /// # Safety
    /// As in the library.
    pub(crate) unsafe fn unbound<'a>(self) -> ContextRef<'a> {
        // SAFETY: the memory of a context stays until the model ends.
        ContextRef(unsafe { ModelContext::of(self.0.as_ptr()) })
    }

    pub(crate) fn is_global_default(self) -> bool {
        self.0.is_global_default
    }

    pub(crate) fn address(self) -> usize {
        self.0.as_ptr() as usize
    }

    pub(crate) fn is_owner(self) -> bool {
        ITERATED.get() == self.address()
    }
}

pub(crate) struct Dispatching {
    pub(crate) time: i64,
}

impl Dispatching {
    pub(crate) fn is_in(&self, _: ContextRef<'_>) -> bool {
        false
    }
}

/// For `may_deliver_now`, of which there is no model: it decides over plain values.
pub(crate) fn dispatching() -> Option<Dispatching> {
    None
}

pub(crate) fn is_current_source_destroyed() -> bool {
    false
}
