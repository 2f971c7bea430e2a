//! The library's own kinds of sources. In the models the time has come for all that is attached.

use std::ffi::{c_int, CStr};
use std::marker::PhantomData;
use std::ptr::NonNull;
use std::rc::Rc;

use glib_sys::{gboolean, gpointer, GFALSE};

use super::{always, finalize, Call, Callback, Head, SourceWith, Table};
use crate::glib::context::ContextRef;
use crate::glib::held;

pub(crate) trait Named: Sized {
    const NAME: &'static CStr;
}

pub(crate) trait SourceImpl: Named {
    fn dispatch(&self) -> AfterDispatch;
}

pub(crate) enum AfterDispatch {
    Destroy,
    Keep,
    SleepUntil(i64),
}

pub(crate) trait PolledSourceImpl: SourceImpl {
    fn look(&self, context: ContextRef<'_>) -> bool;

    fn destroyed(&self);
}

pub(crate) struct Functions<T> {
    table: Table,
    data: PhantomData<fn() -> T>,
}

/// # Safety
/// Made by `create` with a T.
unsafe fn data_of<'a, T>(source: *mut Head) -> &'a T {
    // SAFETY: its memory stays until the next interleaving begins.
    unsafe { &(*source.cast::<SourceWith<T>>()).data }
}

impl<T: SourceImpl> Functions<T> {
    pub(crate) const fn new() -> Self {
        unsafe fn dispatch<T: SourceImpl>(source: *mut Head, _: Option<&Callback>) -> bool {
            // SAFETY: made by `create` with a T.
            let after = unsafe { data_of::<T>(source) }.dispatch();
            !matches!(after, AfterDispatch::Destroy)
        }
        let table = Table {
            look: always,
            dispatch: dispatch::<T>,
            finalize: finalize::<T>,
            is_polled: false,
        };
        Self {
            table,
            data: PhantomData,
        }
    }
}

impl<T: PolledSourceImpl> Functions<T> {
    pub(crate) const fn polled() -> Self {
        unsafe fn look<T: PolledSourceImpl>(source: *mut Head) -> bool {
            // SAFETY: made by `create` with a T, and attached.
            unsafe {
                let context = ContextRef::of_source(source);
                data_of::<T>(source).look(context)
            }
        }
        let mut functions = Self::new();
        functions.table.look = look::<T>;
        functions.table.is_polled = true;
        functions
    }
}

pub(crate) struct NewSource<T>(SourceRef<T>);

impl<T> NewSource<T> {
    pub(crate) fn create(functions: &'static Functions<T>, data: T) -> Self {
        let source = SourceWith::with_callback(functions.table, data, None);
        // SAFETY: a new box.
        Self(SourceRef(unsafe { NonNull::new_unchecked(source) }))
    }

    pub(crate) fn set_ready_time(&self, _: i64) {
        held::assert_none();
    }

    pub(crate) fn attach(self, context: ContextRef<'_>, priority: c_int) -> SourceRef<T> {
        held::assert_none();
        self.0.head().retain();
        self.0.head().priority.set(priority);
        context.0.attach(self.0 .0.as_ptr().cast());
        self.0
    }
}

impl<T: PolledSourceImpl> NewSource<T> {
    pub(crate) fn polled(functions: &'static Functions<T>, data: T) -> Self {
        unsafe extern "C" fn function(_: gpointer) -> gboolean {
            GFALSE
        }
        unsafe extern "C" fn destroy<T: PolledSourceImpl>(source: gpointer) {
            // SAFETY: made by `create` with a T.
            unsafe { data_of::<T>(source.cast()) }.destroyed();
        }
        let this = Self::create(functions, data);
        let call = Call::Once {
            function,
            destroy: destroy::<T>,
        };
        let data = this.0 .0.as_ptr().cast();
        // SAFETY: the data is the source.
        let callback = unsafe { Callback::new(call, data) };
        this.0.head().callback.set(Some(Rc::new(callback)));
        this
    }
}

/// A strong reference to a source with a `T`.
pub(crate) struct SourceRef<T>(NonNull<SourceWith<T>>);

// SAFETY: as in the library.
unsafe impl<T: Send + Sync> Send for SourceRef<T> {}

impl<T> SourceRef<T> {
    fn head(&self) -> &Head {
        // SAFETY: `self` holds a reference.
        unsafe { Head::of(self.0.as_ptr().cast()) }
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
