//! GMainContext: references, the thread-default one, and what the thread is dispatching.

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
        // SAFETY: always returns a new reference, if need be to the global default context.
        unsafe { Self::adopt(glib_sys::g_main_context_ref_thread_default()) }
    }

    /// Adds a reference.
    ///
    /// # Safety
    /// `context` is alive.
    pub(crate) unsafe fn retain(context: *mut GMainContext) -> Self {
        // SAFETY: the caller ensures that it is alive.
        unsafe { Self::adopt(glib_sys::g_main_context_ref(context)) }
    }

    /// Takes over a reference that the caller owns.
    ///
    /// # Safety
    /// `context` is alive and one of its references is the caller's to give away.
    pub(crate) unsafe fn adopt(context: *mut GMainContext) -> Self {
        // SAFETY: a live context is never NULL.
        Self(unsafe { NonNull::new_unchecked(context) })
    }

    /// Whether this is the global default context.
    pub(crate) fn is_global_default(&self) -> bool {
        is_global_default(self.as_ptr())
    }

    /// The global default context.
    pub(crate) fn global_default() -> Self {
        // SAFETY: never NULL, and never freed.
        unsafe { Self::retain(global_default()) }
    }

    pub(crate) fn as_ptr(&self) -> *mut GMainContext {
        self.0.as_ptr()
    }
}

impl Clone for Context {
    fn clone(&self) -> Self {
        // SAFETY: `self` keeps it alive.
        unsafe { Self::retain(self.as_ptr()) }
    }
}

impl Drop for Context {
    fn drop(&mut self) {
        held::assert_none();
        // SAFETY: `self` owns the reference that is dropped here.
        unsafe { glib_sys::g_main_context_unref(self.0.as_ptr()) };
    }
}

/// The global default context. It lives as long as the program, so no reference is needed.
pub(crate) fn global_default() -> *mut GMainContext {
    // SAFETY: may be called at any time.
    unsafe { glib_sys::g_main_context_default() }
}

pub(crate) fn is_global_default(context: *mut GMainContext) -> bool {
    context == global_default()
}

/// Runs `body` with `context` pushed as the thread-default one. If `body` pops it, GLib says so.
///
/// # Safety
/// `context` is alive until this returns. A thread that cannot acquire it is told so by GLib.
#[inline(always)]
pub(crate) unsafe fn with_thread_default(context: *mut GMainContext, body: impl FnOnce()) {
    held::assert_none();
    // SAFETY: the caller ensures that the context is alive; push and pop are balanced because panics abort.
    unsafe {
        glib_sys::g_main_context_push_thread_default(context);
        body();
        glib_sys::g_main_context_pop_thread_default(context);
    }
}

/// Runs `body` with `context` as the thread-default one, which it may be already.
///
/// # Safety
/// As for `with_thread_default`.
#[inline(always)]
pub(crate) unsafe fn ensure_thread_default(context: *mut GMainContext, body: impl FnOnce()) {
    // SAFETY: asking is always allowed; NULL stands for the global default context. The rest as the caller
    // ensures.
    unsafe {
        let current = glib_sys::g_main_context_get_thread_default();
        if current == context || (current.is_null() && context == global_default()) {
            body();
        } else {
            with_thread_default(context, body);
        }
    }
}

/// Whether this thread owns the context: iterates it, or may.
///
/// # Safety
/// `context` is alive.
pub(crate) unsafe fn is_owner(context: *mut GMainContext) -> bool {
    // SAFETY: as the caller ensures.
    unsafe { glib_sys::g_main_context_is_owner(context) != 0 }
}

/// The context that a source is attached to. Only as long as something keeps it alive.
///
/// # Safety
/// `source` is alive, and has not been destroyed.
pub(crate) unsafe fn of_source(source: *mut GSource) -> *mut GMainContext {
    // SAFETY: as the caller ensures.
    unsafe { glib_sys::g_source_get_context(source) }
}

/// What this thread is dispatching at the moment.
pub(crate) struct Dispatching {
    /// The context of the source being dispatched. Only for comparison.
    pub(crate) context: *mut GMainContext,
    /// That source's time, in microseconds of the monotonic clock.
    pub(crate) time: i64,
    /// Only for comparison, and alive now.
    pub(crate) source: *mut GSource,
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
        let context = glib_sys::g_source_get_context(source);
        Some(Dispatching {
            context,
            time: glib_sys::g_source_get_time(source),
            source,
        })
    }
}
