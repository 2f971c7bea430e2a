//! The floor below, as far as this one uses it, for the models: threads that the system may refuse, sources, contexts.

#[path = "glib/thread.rs"]
pub(crate) mod thread;

pub(crate) mod source {
    use std::ffi::{c_int, CStr};
    use std::time::Duration;

    use glib_sys::{gpointer, GMainContext, GSource, GSourceFunc};
    use loom::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

    use super::context::ModelContext;

    pub(crate) const NOW: i64 = 0;

    /// What stands in for GLib's part of a source.
    pub(super) struct Head {
        pub(super) context: AtomicUsize,
        pub(super) destroyed: AtomicBool,
        pub(super) functions: &'static Functions,
    }

    #[repr(C)]
    pub(crate) struct SourceWith<T> {
        head: Head,
        pub(crate) data: T,
    }

    pub(crate) trait Behaviour: Sized {
        const NAME: &'static CStr;

        /// # Safety
        /// As in the library.
        unsafe fn dispatch(
            source: *mut SourceWith<Self>,
            callback: GSourceFunc,
            user_data: gpointer,
        ) -> bool;
    }

    pub(crate) trait Polled: Behaviour {
        /// # Safety
        /// As in the library.
        unsafe fn prepare(source: *mut SourceWith<Self>) -> bool;

        /// # Safety
        /// As in the library.
        unsafe fn check(source: *mut SourceWith<Self>) -> bool;

        /// # Safety
        /// As in the library.
        unsafe fn let_go(source: *mut SourceWith<Self>);
    }

    pub(super) type Ask = unsafe fn(*mut Head) -> bool;

    pub(crate) struct Functions {
        pub(super) prepare: Ask,
        pub(super) check: Ask,
        pub(super) dispatch: Ask,
        pub(super) let_go: unsafe fn(*mut Head),
        pub(super) finalize: unsafe fn(*mut Head),
    }

    impl Functions {
        /// Models iterate a context when the time has come for all that is attached to it.
        pub(crate) const fn new<T: Behaviour>() -> Self {
            unsafe fn always(_: *mut Head) -> bool {
                true
            }
            unsafe fn ignore(_: *mut Head) {}
            Self {
                prepare: always,
                check: always,
                dispatch: dispatch::<T>,
                let_go: ignore,
                finalize: finalize::<T>,
            }
        }

        pub(crate) const fn polled<T: Polled>() -> Self {
            let mut functions = Self::new::<T>();
            functions.prepare = prepare::<T>;
            functions.check = check::<T>;
            functions.let_go = let_go::<T>;
            functions
        }
    }

    impl<T: Behaviour> SourceWith<T> {
        pub(crate) fn create(functions: &'static Functions, data: T) -> *mut Self {
            Box::into_raw(Box::new(Self {
                head: Head {
                    context: AtomicUsize::new(0),
                    destroyed: AtomicBool::new(false),
                    functions,
                },
                data,
            }))
        }
    }

    unsafe fn prepare<T: Polled>(source: *mut Head) -> bool {
        // SAFETY: made by `create` with a T.
        unsafe { T::prepare(source.cast()) }
    }

    unsafe fn check<T: Polled>(source: *mut Head) -> bool {
        // SAFETY: made by `create` with a T.
        unsafe { T::check(source.cast()) }
    }

    unsafe fn let_go<T: Polled>(source: *mut Head) {
        // SAFETY: made by `create` with a T.
        unsafe { T::let_go(source.cast()) };
    }

    unsafe fn dispatch<T: Behaviour>(source: *mut Head) -> bool {
        // SAFETY: made by `create` with a T.
        unsafe { T::dispatch(source.cast(), None, std::ptr::null_mut()) }
    }

    unsafe fn finalize<T>(source: *mut Head) {
        // SAFETY: made by `create` with a T, and finalized once.
        drop(unsafe { Box::from_raw(source.cast::<SourceWith<T>>()) });
    }

    /// # Safety
    /// As in the library.
    pub(crate) unsafe fn watch<T: Polled>(_: *mut SourceWith<T>) {}

    /// # Safety
    /// As in the library.
    pub(crate) unsafe fn allow_recursion(_: *mut GSource) {}

    /// # Safety
    /// As in the library.
    pub(crate) unsafe fn set_ready_time(_: *mut GSource, _: i64) {}

    /// # Safety
    /// As in the library.
    pub(crate) unsafe fn time(_: *mut GSource) -> i64 {
        NOW
    }

    /// # Safety
    /// As in the library.
    pub(crate) unsafe fn is_destroyed(source: *mut GSource) -> bool {
        // SAFETY: a source of the models, alive as in the library.
        unsafe { &(*source.cast::<Head>()).destroyed }.load(Ordering::Acquire)
    }

    /// # Safety
    /// As in the library.
    pub(crate) unsafe fn is_last(source: *mut GSource) -> bool {
        // SAFETY: a source of the models, attached as in the library.
        unsafe { context_of(source).is_last(source.cast()) }
    }

    /// # Safety
    /// As in the library, and called by the thread that iterates.
    pub(crate) unsafe fn destroy(source: *mut GSource) {
        // SAFETY: a source of the models, attached as in the library.
        unsafe { context_of(source).remove(source.cast()) };
    }

    unsafe fn context_of<'a>(source: *mut GSource) -> &'a ModelContext {
        // SAFETY: as the callers vouch.
        unsafe {
            let context = (*source.cast::<Head>()).context.load(Ordering::Acquire);
            &*(context as *const ModelContext)
        }
    }

    pub(crate) fn after(_: Duration) -> i64 {
        NOW
    }

    /// # Safety
    /// As in the library.
    pub(crate) unsafe fn attach(source: *mut GSource, context: *mut GMainContext, priority: c_int) {
        // SAFETY: the models' sources and contexts, alive as in the library.
        unsafe { (*context.cast::<ModelContext>()).attach(source.cast(), priority) };
    }

    /// # Safety
    /// As in the library.
    pub(crate) unsafe fn is_attached_to(source: *mut GSource, context: *mut GMainContext) -> bool {
        // SAFETY: a source of the models, alive as in the library.
        let attached = unsafe { &(*source.cast::<Head>()).context };
        attached.load(Ordering::Acquire) == context as usize
    }
}

pub(crate) mod context {
    use std::ffi::c_int;
    use std::sync::Arc;

    use glib_sys::{GMainContext, GSource};
    use loom::sync::atomic::Ordering;

    use super::source::Head;
    use crate::scheduling::sync::{lock, wait, Condvar, Mutex};

    type Sources = Vec<(c_int, *mut Head)>;

    /// A context: a list of sources under a lock. It lives as long as the model, but can die as GLib's do.
    pub(crate) struct ModelContext {
        sources: Mutex<Sources>,
        /// Removed, and freed when nobody can be using them any more.
        removed: Mutex<Sources>,
        woken: Mutex<bool>,
        wake_up: Condvar,
    }

    // SAFETY: all threads of a model are one for the system, and take turns.
    unsafe impl Send for ModelContext {}
    // SAFETY: as above.
    unsafe impl Sync for ModelContext {}

    impl ModelContext {
        pub(crate) fn new() -> Arc<Self> {
            Arc::new(Self {
                sources: Mutex::new(Vec::new()),
                removed: Mutex::new(Vec::new()),
                woken: Mutex::new(false),
                wake_up: Condvar::new(),
            })
        }

        pub(crate) fn as_ptr(&self) -> *mut GMainContext {
            std::ptr::from_ref(self).cast_mut().cast()
        }

        pub(super) fn attach(&self, source: *mut Head, priority: c_int) {
            let mut sources = lock(&self.sources);
            sources.push((priority, source));
            sources.sort_by_key(|(priority, _)| *priority);
            // SAFETY: the source is alive.
            unsafe { &(*source).context }.store(self.as_ptr() as usize, Ordering::Release);
            drop(sources);
            self.wake();
        }

        pub(super) fn is_last(&self, source: *mut Head) -> bool {
            let sources = lock(&self.sources);
            let place = sources.iter().position(|(_, other)| *other == source);
            place.is_some_and(|place| {
                let priority = sources[place].0;
                sources.get(place + 1).is_none_or(|next| next.0 != priority)
            })
        }

        pub(super) fn remove(&self, source: *mut Head) {
            // SAFETY: the source is alive.
            unsafe { &(*source).destroyed }.store(true, Ordering::Release);
            let mut sources = lock(&self.sources);
            let removed = sources.extract_if(.., |(_, other)| *other == source);
            lock(&self.removed).extend(removed);
        }

        fn wake(&self) {
            *lock(&self.woken) = true;
            self.wake_up.notify_one();
        }

        fn sleep(&self) {
            let mut woken = lock(&self.woken);
            while !*woken {
                woken = wait(&self.wake_up, woken);
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

        fn iterate_or(&self, sleep: impl FnOnce()) -> bool {
            let ask = |which: fn(&Head) -> super::source::Ask| {
                let mut sources = lock(&self.sources).clone();
                // SAFETY: attached sources are alive; only this thread removes and frees them.
                sources.retain(|(_, source)| unsafe { which(&**source)(*source) });
                sources
            };
            if ask(|head| head.functions.prepare).is_empty() {
                sleep();
            }
            *lock(&self.woken) = false;
            let ready = ask(|head| head.functions.check);
            for (_, source) in &ready {
                CURRENT.with(|current| current.set(self.as_ptr() as usize));
                // SAFETY: as above.
                unsafe {
                    if !((**source).functions.dispatch)(*source) {
                        self.remove(*source);
                    }
                    ((**source).functions.let_go)(*source);
                }
            }
            let removed = std::mem::take(&mut *lock(&self.removed));
            for (_, source) in removed {
                // SAFETY: taken from the list, and so this thread's alone.
                unsafe { ((*source).functions.finalize)(source) };
            }
            !ready.is_empty()
        }

        /// Takes the sources from the context, tells `freed` that its memory may be used anew, and finalizes them.
        pub(crate) fn die(&self, freed: impl FnOnce()) {
            let sources = std::mem::take(&mut *lock(&self.sources));
            for (_, source) in &sources {
                // SAFETY: attached sources are alive.
                unsafe { &(**source).context }.store(0, Ordering::Release);
            }
            freed();
            for (_, source) in sources {
                // SAFETY: taken from the list, and so this thread's alone.
                unsafe { ((*source).functions.finalize)(source) };
            }
        }
    }

    /// # Safety
    /// As in the library.
    pub(crate) unsafe fn wake(context: *mut GMainContext) {
        // SAFETY: a context of the models, alive as in the library.
        unsafe { (*context.cast::<ModelContext>()).wake() };
    }

    /// Whoever defers in these models does so beside the thread that iterates.
    ///
    /// # Safety
    /// As in the library.
    pub(crate) unsafe fn is_owner(_: *mut GMainContext) -> bool {
        false
    }

    loom::thread_local! {
        /// The address of the context that this thread iterates.
        static CURRENT: std::cell::Cell<usize> = std::cell::Cell::new(0);
    }

    pub(crate) struct Context(*mut GMainContext);

    impl Context {
        pub(crate) fn of_dispatched() -> Self {
            Self(CURRENT.with(|current| current.get()) as *mut GMainContext)
        }

        pub(crate) fn as_ptr(&self) -> *mut GMainContext {
            self.0
        }
    }

    pub(crate) struct Dispatching {
        pub(crate) context: *mut GMainContext,
        pub(crate) time: i64,
        pub(crate) source: *mut GSource,
    }

    /// For `deliver_now`, of which there is no model: it decides over plain values.
    pub(crate) fn dispatching() -> Option<Dispatching> {
        None
    }
}
