//! The library's own kinds of sources: memory of GLib's that continues with data of ours.

use std::cell::UnsafeCell;
use std::ffi::{c_int, c_uint, c_void, CStr};
use std::marker::PhantomData;
use std::mem::{ManuallyDrop, MaybeUninit};
use std::ptr::NonNull;

use glib_sys::{gboolean, gpointer, GSource, GSourceFunc, GSourceFuncs, GType, GFALSE, GTRUE};
use gobject_sys::{GClosure, GObject, GValue};

use super::pointer;
use crate::glib::context::ContextRef;

/// A source whose memory continues with a `T`.
///
/// GLib allocates the memory, zeroed; `T` is written when the source is made, and dropped by the source's
/// finalizer, on the thread where the last reference is dropped.
///
/// The finalizer may be called while GLib holds a lock (2.90, when a context ends that was about to dispatch
/// the source). A thread that then drops a reference to any source, destroys one, or sets a ready time, waits
/// for itself: a `T` does nothing of that when it is dropped. The end of a source's callback comes without
/// that lock.
#[repr(C)]
pub(crate) struct SourceWith<T> {
    /// GLib writes to it at any time.
    header: UnsafeCell<GSource>,
    pub(crate) data: T,
}

/// What debuggers and profilers call a source with a `T`.
pub(crate) trait Named: Sized {
    const NAME: &'static CStr;
}

/// What a source with a `T` does.
pub(crate) trait SourceImpl: Named {
    /// Runs when the source is ready.
    fn dispatch(&self) -> AfterDispatch;
}

/// What becomes of a source that was dispatched.
pub(crate) enum AfterDispatch {
    Destroy,
    Keep,
    /// Keep it, asleep until this time.
    SleepUntil(i64),
}

/// A source that is asked in each iteration of its context.
pub(crate) trait PolledSourceImpl: SourceImpl {
    /// Before the loop sleeps and after it: whether this iteration dispatches the source.
    fn look(&self, context: ContextRef<'_>) -> bool;

    /// The source is destroyed: after it was dispatched, with its context, or by a program.
    fn destroyed(&self);
}

/// A source that calls a function of the program.
pub(crate) trait CallbackSourceImpl: Named {
    /// Runs when the source is ready. FALSE destroys the source.
    ///
    /// # Safety
    /// Called by GLib: `source` is being dispatched by this thread; the rest is what the program set.
    unsafe fn dispatch(
        source: *mut SourceWith<Self>,
        callback: GSourceFunc,
        user_data: gpointer,
    ) -> bool;
}

/// The table that GLib wants for each kind of source; it must outlive the sources.
pub(crate) struct Functions<T> {
    table: GSourceFuncs,
    data: PhantomData<fn() -> T>,
}

// SAFETY: the table is never written by us; GLib writes only its marshaller slots, never after a source
// exists.
unsafe impl<T> Sync for Functions<T> {}

type Dispatch = unsafe extern "C" fn(*mut GSource, GSourceFunc, gpointer) -> gboolean;

impl<T> Functions<T> {
    const fn with_dispatch(dispatch: Dispatch) -> Self {
        Self {
            table: GSourceFuncs {
                prepare: None,
                check: None,
                dispatch: Some(dispatch),
                finalize: Some(finalize::<T>),
                closure_callback: None,
                closure_marshal: None,
            },
            data: PhantomData,
        }
    }
}

impl<T: SourceImpl> Functions<T> {
    /// The table for sources that are ready by their ready time only.
    pub(crate) const fn new() -> Self {
        Self::with_dispatch(dispatch::<T>)
    }
}

impl<T: PolledSourceImpl> Functions<T> {
    /// The table for sources that are asked.
    pub(crate) const fn polled() -> Self {
        let mut functions = Self::new();
        functions.table.prepare = Some(prepare::<T>);
        functions.table.check = Some(check::<T>);
        functions
    }
}

impl<T: CallbackSourceImpl> Functions<T> {
    /// The table for sources to which g_source_set_callback() and g_source_set_closure() can be applied.
    /// After the latter, `callback` is what `dispatch` gets as the callback, with the closure as its data.
    pub(crate) const fn with_closure(
        callback: unsafe extern "C" fn(*mut GObject, gpointer) -> gboolean,
    ) -> Self {
        type Marshal = unsafe extern "C" fn(
            *mut GClosure,
            *mut GValue,
            c_uint,
            *const GValue,
            gpointer,
            gpointer,
        );
        let mut functions = Self::with_dispatch(dispatch_callback::<T>);
        // SAFETY: function pointers, stored as the types that stand for "some function". GLib hands the first
        // to `dispatch`, which knows its type, and casts the second back.
        unsafe {
            functions.table.closure_callback = Some(std::mem::transmute::<
                unsafe extern "C" fn(*mut GObject, gpointer) -> gboolean,
                unsafe extern "C" fn(gpointer) -> gboolean,
            >(callback));
            functions.table.closure_marshal =
                Some(std::mem::transmute::<Marshal, unsafe extern "C" fn()>(
                    gobject_sys::g_cclosure_marshal_generic,
                ));
        }
        functions
    }
}

unsafe extern "C" fn dispatch<T: SourceImpl>(
    source: *mut GSource,
    _: GSourceFunc,
    _: gpointer,
) -> gboolean {
    // SAFETY: GLib dispatches a source that was made with a T, and keeps it alive meanwhile, with its context.
    unsafe {
        match data_of::<T>(source).dispatch() {
            AfterDispatch::Destroy => GFALSE,
            AfterDispatch::Keep => GTRUE,
            AfterDispatch::SleepUntil(time) => {
                pointer::set_ready_time(source, time);
                GTRUE
            }
        }
    }
}

unsafe extern "C" fn dispatch_callback<T: CallbackSourceImpl>(
    source: *mut GSource,
    callback: GSourceFunc,
    user_data: gpointer,
) -> gboolean {
    // SAFETY: GLib dispatches a source that was made with a T.
    unsafe { T::dispatch(source.cast(), callback, user_data) }.into()
}

unsafe extern "C" fn prepare<T: PolledSourceImpl>(
    source: *mut GSource,
    timeout: *mut c_int,
) -> gboolean {
    // SAFETY: GLib gives a place for the milliseconds to sleep at most. The rest as for `check`.
    unsafe {
        let ready = check::<T>(source);
        *timeout = if ready == GFALSE { -1 } else { 0 };
        ready
    }
}

unsafe extern "C" fn check<T: PolledSourceImpl>(source: *mut GSource) -> gboolean {
    // SAFETY: GLib asks a source that was made with a T, and keeps it alive meanwhile, with its context.
    unsafe {
        ContextRef::of_source(source)
            .is_some_and(|context| data_of::<T>(source).look(context))
            .into()
    }
}

unsafe extern "C" fn destroyed<T: PolledSourceImpl>(source: gpointer) {
    // SAFETY: GLib frees a source after it has given up the source's callback.
    unsafe { data_of::<T>(source.cast()) }.destroyed();
}

unsafe extern "C" fn finalize<T>(source: *mut GSource) {
    // SAFETY: GLib calls this once for each source that was made with a T, and reads none of `data`.
    unsafe { std::ptr::drop_in_place(&raw mut (*source.cast::<SourceWith<T>>()).data) };
}

/// # Safety
/// The source was made with a T, and is alive as long as the answer is used.
unsafe fn data_of<'a, T>(source: *mut GSource) -> &'a T {
    // SAFETY: as the caller ensures.
    unsafe { &(*source.cast::<SourceWith<T>>()).data }
}

/// A source that is not attached, and that nobody else has.
pub(crate) struct NewSource<T>(SourceRef<T>);

impl<T: Named> NewSource<T> {
    /// A source that is asleep.
    pub(crate) fn create(functions: &'static Functions<T>, data: T) -> Self {
        // SAFETY: GLib allocates the size it is told, and writes only its own part, the beginning.
        unsafe {
            let source = glib_sys::g_source_new(
                std::ptr::from_ref(&functions.table).cast_mut(),
                size_of::<SourceWith<T>>() as u32,
            );
            glib_sys::g_source_set_static_name(source, T::NAME.as_ptr());
            let this = source.cast::<SourceWith<T>>();
            (&raw mut (*this).data).write(data);
            Self(SourceRef(NonNull::new_unchecked(this)))
        }
    }

    /// Sets when the source becomes ready.
    pub(crate) fn set_ready_time(&self, time: i64) {
        // SAFETY: alive, and without a context.
        unsafe { pointer::set_ready_time(self.0.as_ptr(), time) };
    }

    /// Attaches the source. The context has a reference of its own until the source is destroyed.
    pub(crate) fn attach(self, context: ContextRef<'_>, priority: c_int) -> SourceRef<T> {
        let source = self.0.as_ptr();
        // SAFETY: both are alive, and the source is not attached.
        unsafe {
            pointer::set_priority(source, priority);
            pointer::attach(source, context.as_ptr());
        }
        self.0
    }

    /// Gives the reference away.
    pub(crate) fn into_raw(self) -> *mut GSource {
        ManuallyDrop::new(self.0).as_ptr()
    }
}

impl<T: PolledSourceImpl> NewSource<T> {
    /// A source that is asked, and told when it is destroyed. If it never was attached, it is told after its
    /// finalizer: that leaves a T as it is.
    pub(crate) fn polled(functions: &'static Functions<T>, data: T) -> Self {
        const { assert!(!std::mem::needs_drop::<T>()) };
        let this = Self::create(functions, data);
        let source = this.0.as_ptr();
        // SAFETY: alive; the function is called once, before the source's end. The data is the source itself,
        // which no other source has.
        unsafe { pointer::set_callback(source, None, source.cast(), Some(destroyed::<T>)) };
        this
    }
}

/// A strong reference to a source with a `T`.
pub(crate) struct SourceRef<T>(NonNull<SourceWith<T>>);

// SAFETY: GLib's references are counted atomically; the T may be used and dropped on any thread.
unsafe impl<T: Send + Sync> Send for SourceRef<T> {}

impl<T> SourceRef<T> {
    pub(crate) fn as_ptr(&self) -> *mut GSource {
        self.0.as_ptr().cast()
    }

    pub(crate) fn data(&self) -> &T {
        // SAFETY: the reference keeps the source.
        unsafe { &self.0.as_ref().data }
    }

    pub(crate) fn is_destroyed(&self) -> bool {
        // SAFETY: the reference keeps the source.
        unsafe { glib_sys::g_source_is_destroyed(self.as_ptr()) != GFALSE }
    }
}

impl<T> Drop for SourceRef<T> {
    fn drop(&mut self) {
        // SAFETY: `self` owns the reference.
        unsafe { pointer::unref(self.as_ptr()) };
    }
}

/// Calls a closure that was given to g_source_set_closure() with one object, and yields its boolean result.
///
/// # Safety
/// `closure` is alive; `object` is NULL or an instance of `type_`, which is an object type.
pub(crate) unsafe fn invoke_closure(
    closure: *mut GClosure,
    type_: GType,
    object: *mut GObject,
) -> bool {
    let mut result = MaybeUninit::<GValue>::zeroed();
    let mut argument = MaybeUninit::<GValue>::zeroed();
    let (result, argument) = (result.as_mut_ptr(), argument.as_mut_ptr());
    // SAFETY: zeroed values are what g_value_init() wants; both are unset again, once.
    unsafe {
        gobject_sys::g_value_init(result, gobject_sys::G_TYPE_BOOLEAN);
        gobject_sys::g_value_init(argument, type_);
        gobject_sys::g_value_set_object(argument, object);
        gobject_sys::g_closure_invoke(closure, result, 1, argument, std::ptr::null_mut::<c_void>());
        let answer = gobject_sys::g_value_get_boolean(result) != GFALSE;
        gobject_sys::g_value_unset(argument);
        gobject_sys::g_value_unset(result);
        answer
    }
}
