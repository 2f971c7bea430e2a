//! GMainContext: references, the thread-default one, and what the thread is dispatching.

use std::marker::PhantomData;
use std::ptr::NonNull;

use glib_sys::{GMainContext, GSource};

use super::held;

/// A strong reference to a main context. Never NULL.
pub(crate) struct Context(NonNull<GMainContext>);

// SAFETY: GLib's references are counted atomically.
unsafe impl Send for Context {}

impl Context {
    /// The context in which results of operations started now, on this thread, are delivered.
    pub(crate) fn thread_default() -> Self {
        // SAFETY: always answers a new reference, if need be to the global default context.
        Self(unsafe { NonNull::new_unchecked(glib_sys::g_main_context_ref_thread_default()) })
    }

    /// The context, for as long as this reference is there.
    #[inline]
    pub(crate) fn as_borrowed(&self) -> ContextRef<'_> {
        ContextRef(self.0, PhantomData)
    }

    pub(crate) fn as_ptr(&self) -> *mut GMainContext {
        self.0.as_ptr()
    }
}

impl Clone for Context {
    fn clone(&self) -> Self {
        self.as_borrowed().retain()
    }
}

impl Drop for Context {
    fn drop(&mut self) {
        held::assert_none();
        // SAFETY: `self` owns the reference that is dropped here.
        unsafe { glib_sys::g_main_context_unref(self.0.as_ptr()) };
    }
}

/// A main context that something keeps alive for as long as `'a`. Never NULL.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct ContextRef<'a>(NonNull<GMainContext>, PhantomData<&'a Context>);

impl ContextRef<'_> {
    /// The global default context. It lives as long as the program.
    pub(crate) fn global_default() -> ContextRef<'static> {
        // SAFETY: may be called at any time; never NULL.
        let context = unsafe { NonNull::new_unchecked(glib_sys::g_main_context_default()) };
        ContextRef(context, PhantomData)
    }

    /// The context of a source that GLib is asking or dispatching; `None` if it has none.
    ///
    /// # Safety
    /// `source` is alive and attached; its context stays alive as long as the answer is used.
    pub(super) unsafe fn of_source<'a>(source: *mut GSource) -> Option<ContextRef<'a>> {
        // SAFETY: as the caller ensures.
        let context = NonNull::new(unsafe { glib_sys::g_source_get_context(source) })?;
        Some(ContextRef(context, PhantomData))
    }

    /// The same context, for longer than the borrow.
    ///
    /// # Safety
    /// Something keeps the context alive as long as the answer is used.
    pub(crate) unsafe fn unbound<'a>(self) -> ContextRef<'a> {
        ContextRef(self.0, PhantomData)
    }

    /// Adds a reference.
    pub(crate) fn retain(self) -> Context {
        // SAFETY: alive.
        unsafe { glib_sys::g_main_context_ref(self.as_ptr()) };
        Context(self.0)
    }

    pub(crate) fn is_global_default(self) -> bool {
        self == Self::global_default()
    }

    /// Whether this thread owns the context: iterates it, or may.
    pub(crate) fn is_owner(self) -> bool {
        // SAFETY: alive.
        unsafe { glib_sys::g_main_context_is_owner(self.as_ptr()) != 0 }
    }

    /// Runs `body` with the context pushed as the thread-default one. If `body` pops it, or this thread cannot
    /// acquire it, GLib says so.
    #[inline(always)]
    pub(crate) fn with_thread_default(self, body: impl FnOnce()) {
        self.push_thread_default();
        body();
        self.pop_thread_default();
    }

    #[inline(always)]
    pub(crate) fn push_thread_default(self) {
        held::assert_none();
        // SAFETY: alive; GLib keeps a reference. What cannot be pushed is refused with a message.
        unsafe { glib_sys::g_main_context_push_thread_default(self.as_ptr()) };
    }

    #[inline(always)]
    pub(crate) fn pop_thread_default(self) {
        // SAFETY: alive. What cannot be popped is refused with a message.
        unsafe { glib_sys::g_main_context_pop_thread_default(self.as_ptr()) };
    }

    /// Runs `body` with the context as the thread-default one, which it may be already.
    #[inline(always)]
    pub(crate) fn ensure_thread_default(self, body: impl FnOnce()) {
        // SAFETY: may be called at any time.
        let current = unsafe { glib_sys::g_main_context_get_thread_default() };
        // NULL stands for the global default context.
        if current == self.as_ptr() || (current.is_null() && self.is_global_default()) {
            body();
        } else {
            self.with_thread_default(body);
        }
    }

    /// For tables: no other context has this number as long as this one lives.
    pub(crate) fn address(self) -> usize {
        self.as_ptr() as usize
    }

    pub(super) fn as_ptr(self) -> *mut GMainContext {
        self.0.as_ptr()
    }
}

/// What this thread is dispatching at the moment.
pub(crate) struct Dispatching {
    /// The context of the source. Only for comparison.
    context: *mut GMainContext,
    /// That source's time, in microseconds of the monotonic clock.
    pub(crate) time: i64,
}

impl Dispatching {
    /// Whether the source that is being dispatched is one of this context.
    pub(crate) fn is_in(&self, context: ContextRef<'_>) -> bool {
        self.context == context.as_ptr()
    }
}

/// The source that this thread is dispatching, if it is dispatching one.
#[inline]
pub(crate) fn dispatching() -> Option<Dispatching> {
    // SAFETY: the current source and its context are alive while it is dispatched, which is now.
    unsafe {
        let source = glib_sys::g_main_current_source();
        if source.is_null() {
            return None;
        }
        Some(Dispatching {
            context: glib_sys::g_source_get_context(source),
            time: glib_sys::g_source_get_time(source),
        })
    }
}

/// Whether the source that this thread is dispatching has been destroyed meanwhile. FALSE if there is none.
pub(crate) fn is_current_source_destroyed() -> bool {
    // SAFETY: the current source is alive while it is dispatched, which is now.
    unsafe {
        let source = glib_sys::g_main_current_source();
        !source.is_null() && glib_sys::g_source_is_destroyed(source) != 0
    }
}
