//! Sources, as this floor knows them: counted, attached once, destroyed by anybody.

#[path = "own.rs"]
pub(crate) mod own;

use std::alloc::Layout;
use std::cell::{Cell, RefCell};
use std::ffi::{c_int, CStr};
use std::ptr::NonNull;
use std::rc::Rc;

use glib_sys::{gboolean, gpointer, GMainContext};
use loom::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use super::context::ContextRef;
use super::held;

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
    pub(super) functions: Table,
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
pub(crate) struct Callback {
    call: Call,
    data: gpointer,
}

// SAFETY: as in the library.
unsafe impl Send for Callback {}

impl Callback {
    /// # Safety
    /// As in the library.
    pub(crate) unsafe fn new(call: Call, data: gpointer) -> Self {
        Self { call, data }
    }

    fn call(&self) -> bool {
        let Call::Once { function, .. } = self.call;
        // SAFETY: as the caller of `new` ensured.
        unsafe { function(self.data) != 0 }
    }
}

impl Drop for Callback {
    fn drop(&mut self) {
        let Call::Once { destroy, .. } = self.call;
        // SAFETY: as the caller of `new` ensured.
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

/// What is called of a source.
#[derive(Clone, Copy)]
pub(super) struct Table {
    pub(super) look: unsafe fn(*mut Head) -> bool,
    pub(super) dispatch: unsafe fn(*mut Head, Option<&Callback>) -> bool,
    finalize: unsafe fn(*mut Head),
    pub(super) is_polled: bool,
}

impl Table {
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
    fn with_callback(functions: Table, data: T, callback: Option<Callback>) -> *mut Self {
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
}

pub(crate) struct Name;

impl Name {
    pub(crate) fn constant(_: &'static CStr) -> Self {
        Self
    }

    pub(crate) fn keep(self) -> Self {
        self
    }
}

/// A strong reference to a source.
pub(crate) struct Source(NonNull<Head>);

impl Source {
    pub(crate) fn idle(priority: c_int, _: Name, callback: Callback) -> Self {
        let source = SourceWith::with_callback(Table::idle(), (), Some(callback));
        // SAFETY: a new box.
        unsafe {
            (*source).head.priority.set(priority);
            Self(NonNull::new_unchecked(source.cast()))
        }
    }

    pub(crate) fn idle_work<T: IdleWork>(priority: c_int, name: &'static CStr, work: T) -> Self {
        unsafe extern "C" fn run<T: IdleWork>(work: gpointer) -> gboolean {
            // SAFETY: the box made below.
            unsafe { &*work.cast::<T>() }.run().into()
        }
        unsafe extern "C" fn free<T: IdleWork>(work: gpointer) {
            // SAFETY: the box made below, given back once.
            drop(unsafe { Box::from_raw(work.cast::<T>()) });
        }
        let call = Call::Once {
            function: run::<T>,
            destroy: free::<T>,
        };
        let data = Box::into_raw(Box::new(work)).cast();
        // SAFETY: both functions take that box.
        let callback = unsafe { Callback::new(call, data) };
        Self::idle(priority, Name::constant(name), callback)
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

/// As in the library.
pub(crate) trait IdleWork: Send {
    fn run(&self) -> bool;
}
