//! Sources, as this floor knows them: counted, attached once, destroyed by anybody.

use std::alloc::Layout;
use std::cell::{Cell, RefCell};
use std::ffi::{c_char, c_int, CStr};
use std::ptr::NonNull;
use std::rc::Rc;
use std::time::Duration;

use glib_sys::{gboolean, gpointer, GMainContext, GSource, GSourceFunc};
use loom::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use super::context::ContextRef;
use super::held;

pub(crate) const NOW: i64 = 0;

std::thread_local! {
    /// The sources of an interleaving that have not been finalized.
    static ALIVE: Cell<usize> = const { Cell::new(0) };
    /// The memory of those that have: kept, so that whoever uses one is found out.
    static ENDED: RefCell<Vec<(*mut u8, Layout)>> = const { RefCell::new(Vec::new()) };
}

/// An interleaving begins.
pub(crate) fn begin() {
    ALIVE.set(0);
    for (memory, layout) in ENDED.take() {
        // SAFETY: made as a box with this layout, and dropped when it was finalized.
        unsafe { std::alloc::dealloc(memory, layout) };
    }
}

pub(crate) fn alive() -> usize {
    ALIVE.get()
}

/// What stands in for GLib's part of a source. Where no loom is in the type, it is used under the context's
/// lock, or by the thread that iterates.
pub(super) struct Head {
    references: AtomicUsize,
    destroyed: AtomicBool,
    pub(super) functions: Functions,
    pub(super) context: Cell<*mut GMainContext>,
    pub(super) priority: Cell<c_int>,
    pub(super) ready: Cell<bool>,
    pub(super) callback: Cell<Option<Rc<Callback>>>,
    finalized: Cell<bool>,
}

/// What a source calls.
pub(crate) enum Call {
    Once {
        function: unsafe extern "C" fn(gpointer) -> gboolean,
        destroy: unsafe extern "C" fn(gpointer),
    },
}

/// With its data. Dropping it is the destroy notify.
pub(super) struct Callback {
    call: Call,
    data: gpointer,
}

impl Callback {
    fn call(&self) -> bool {
        let Call::Once { function, .. } = self.call;
        // SAFETY: as the caller of `Source::idle` ensured.
        unsafe { function(self.data) != 0 }
    }
}

impl Drop for Callback {
    fn drop(&mut self) {
        let Call::Once { destroy, .. } = self.call;
        // SAFETY: as the caller of `Source::idle` ensured.
        unsafe { destroy(self.data) };
    }
}

impl Head {
    /// # Safety
    /// The pointer was made by `create`, in this interleaving.
    pub(super) unsafe fn of<'a>(source: *mut Self) -> &'a Self {
        // SAFETY: its memory stays until the next interleaving begins.
        let head = unsafe { &*source };
        assert!(!head.finalized.get(), "a source is used after its end");
        head
    }

    pub(super) fn is_destroyed(&self) -> bool {
        self.destroyed.load(Ordering::Acquire)
    }

    /// Under the context's lock. FALSE if it was destroyed before.
    pub(super) fn mark_destroyed(&self) -> bool {
        !self.destroyed.swap(true, Ordering::AcqRel)
    }

    pub(super) fn retain(&self) {
        let before = self.references.fetch_add(1, Ordering::Relaxed);
        assert_ne!(before, 0, "a source is used after its last reference");
    }

    /// Drops a reference.
    pub(super) fn release(&self) {
        if self.references.fetch_sub(1, Ordering::AcqRel) == 1 {
            drop(self.callback.take());
            // SAFETY: that was the last reference.
            unsafe { (self.functions.finalize)(std::ptr::from_ref(self).cast_mut()) };
        }
    }
}

#[repr(C)]
pub(crate) struct SourceWith<T> {
    head: Head,
    pub(crate) data: T,
}

pub(crate) trait SourceImpl: Sized {
    const NAME: &'static CStr;

    /// # Safety
    /// As in the library.
    unsafe fn dispatch(
        source: *mut SourceWith<Self>,
        callback: GSourceFunc,
        user_data: gpointer,
    ) -> bool;
}

pub(crate) trait PolledSourceImpl: SourceImpl {
    /// # Safety
    /// As in the library.
    unsafe fn look(source: *mut SourceWith<Self>) -> bool;
}

#[derive(Clone, Copy)]
pub(crate) struct Functions {
    pub(super) look: unsafe fn(*mut Head) -> bool,
    pub(super) dispatch: unsafe fn(*mut Head, Option<&Callback>) -> bool,
    finalize: unsafe fn(*mut Head),
    pub(super) is_polled: bool,
}

impl Functions {
    /// In the models the time has come for all that is attached.
    pub(crate) const fn new<T: SourceImpl>() -> Self {
        unsafe fn dispatch<T: SourceImpl>(source: *mut Head, _: Option<&Callback>) -> bool {
            // SAFETY: made by `create` with a T.
            unsafe { T::dispatch(source.cast(), None, std::ptr::null_mut()) }
        }
        Self {
            look: always,
            dispatch: dispatch::<T>,
            finalize: finalize::<T>,
            is_polled: false,
        }
    }

    pub(crate) const fn polled<T: PolledSourceImpl>() -> Self {
        unsafe fn look<T: PolledSourceImpl>(source: *mut Head) -> bool {
            // SAFETY: made by `create` with a T.
            unsafe { T::look(source.cast()) }
        }
        let mut functions = Self::new::<T>();
        functions.look = look::<T>;
        functions.is_polled = true;
        functions
    }

    const fn idle() -> Self {
        unsafe fn dispatch(_: *mut Head, callback: Option<&Callback>) -> bool {
            callback.is_some_and(Callback::call)
        }
        Self {
            look: always,
            dispatch,
            finalize: finalize::<()>,
            is_polled: false,
        }
    }
}

unsafe fn always(_: *mut Head) -> bool {
    true
}

unsafe fn finalize<T>(source: *mut Head) {
    let source = source.cast::<SourceWith<T>>();
    // SAFETY: made by `create` with a T, and finalized once. A finalizer may still use what is GLib's.
    unsafe {
        std::ptr::drop_in_place(&raw mut (*source).data);
        (*source).head.finalized.set(true);
    }
    ALIVE.set(ALIVE.get() - 1);
    let layout = Layout::new::<SourceWith<T>>();
    ENDED.with_borrow_mut(|ended| ended.push((source.cast(), layout)));
}

impl<T> SourceWith<T> {
    fn with_callback(functions: Functions, data: T, callback: Option<Callback>) -> *mut Self {
        held::assert_none();
        ALIVE.set(ALIVE.get() + 1);
        Box::into_raw(Box::new(Self {
            head: Head {
                references: AtomicUsize::new(1),
                destroyed: AtomicBool::new(false),
                functions,
                context: Cell::new(std::ptr::null_mut()),
                priority: Cell::new(0),
                ready: Cell::new(false),
                callback: Cell::new(callback.map(Rc::new)),
                finalized: Cell::new(false),
            },
            data,
        }))
    }

    pub(crate) fn create(functions: &'static Functions, data: T) -> *mut Self {
        Self::with_callback(*functions, data, None)
    }
}

#[derive(Clone, Copy)]
pub(crate) enum Name {
    Static(&'static CStr),
    Copied(*const c_char),
}

impl Name {
    pub(crate) fn keep(self) -> Self {
        self
    }
}

/// A strong reference to a source with a `T`.
pub(crate) struct SourceRef<T>(NonNull<SourceWith<T>>);

// SAFETY: as in the library.
unsafe impl<T> Send for SourceRef<T> {}

impl<T> SourceRef<T> {
    pub(crate) fn create(functions: &'static Functions, data: T) -> Self {
        // SAFETY: a new box.
        Self(unsafe { NonNull::new_unchecked(SourceWith::create(functions, data)) })
    }

    fn head(&self) -> &Head {
        // SAFETY: `self` holds a reference.
        unsafe { Head::of(self.0.as_ptr().cast()) }
    }

    /// # Safety
    /// As in the library.
    pub(crate) unsafe fn when_destroyed(&self, destroy: unsafe extern "C" fn(gpointer)) {
        unsafe extern "C" fn function(_: gpointer) -> i32 {
            0
        }
        let call = Call::Once { function, destroy };
        let data = self.0.as_ptr().cast();
        self.head()
            .callback
            .set(Some(Rc::new(Callback { call, data })));
    }

    pub(crate) fn attach(&self, context: ContextRef<'_>, priority: c_int) {
        held::assert_none();
        self.head().retain();
        self.head().priority.set(priority);
        context.0.attach(self.0.as_ptr().cast());
    }

    pub(crate) fn data(&self) -> &T {
        // SAFETY: `self` holds a reference.
        unsafe { &self.0.as_ref().data }
    }

    pub(crate) fn is_destroyed(&self) -> bool {
        self.head().is_destroyed()
    }
}

impl<T> Drop for SourceRef<T> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            return;
        }
        held::assert_none();
        self.head().release();
    }
}

/// A strong reference to a source.
pub(crate) struct Source(NonNull<Head>);

// SAFETY: as in the library.
unsafe impl Send for Source {}

impl Source {
    /// # Safety
    /// As in the library.
    pub(crate) unsafe fn idle(priority: c_int, _: Name, call: Call, data: gpointer) -> Self {
        let callback = Callback { call, data };
        let source = SourceWith::with_callback(Functions::idle(), (), Some(callback));
        // SAFETY: a new box.
        unsafe {
            (*source).head.priority.set(priority);
            Self(NonNull::new_unchecked(source.cast()))
        }
    }

    fn head(&self) -> &Head {
        // SAFETY: `self` holds a reference.
        unsafe { Head::of(self.0.as_ptr()) }
    }

    pub(crate) fn attach(self, context: ContextRef<'_>) {
        held::assert_none();
        context.0.attach(self.0.as_ptr());
        std::mem::forget(self);
    }
}

impl Drop for Source {
    fn drop(&mut self) {
        if std::thread::panicking() {
            // The model has failed. A second panic would hide the first.
            return;
        }
        held::assert_none();
        self.head().release();
    }
}

/// # Safety
/// As in the library.
pub(crate) unsafe fn attach(source: *mut GSource, context: ContextRef<'_>, priority: c_int) {
    held::assert_none();
    // SAFETY: as the caller ensures.
    unsafe {
        Head::of(source.cast()).priority.set(priority);
    }
    context.0.attach(source.cast());
}

/// # Safety
/// As in the library.
pub(crate) unsafe fn set_ready_time(_: *mut GSource, _: i64) {
    held::assert_none();
}

pub(crate) fn after(_: Duration) -> i64 {
    NOW
}
