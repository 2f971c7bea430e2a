//! The floor below, as far as this one uses it, for the models: threads that the system may refuse, sources, contexts.

pub(crate) mod thread {
    use std::ffi::CStr;

    use crate::scheduling::models::ask_for_thread;

    pub(crate) fn spawn_detached(body: fn()) -> Result<(), ()> {
        ask_for_thread(body).then_some(()).ok_or(())
    }

    pub(crate) fn name_this_thread(_: &CStr) {}
}

pub(crate) mod source {
    use std::ffi::{c_int, CStr};
    use std::time::Duration;

    use glib_sys::{gpointer, GMainContext, GSource, GSourceFunc};
    use loom::sync::atomic::{AtomicUsize, Ordering};

    use super::context::ModelContext;

    pub(crate) const NOW: i64 = 0;
    pub(crate) const ASLEEP: i64 = -1;

    /// What stands in for GLib's part of a source.
    pub(super) struct Head {
        pub(super) context: AtomicUsize,
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

    pub(crate) struct Functions {
        pub(super) dispatch: unsafe fn(*mut Head) -> bool,
        pub(super) finalize: unsafe fn(*mut Head),
    }

    impl Functions {
        pub(crate) const fn new<T: Behaviour>() -> Self {
            Self {
                dispatch: dispatch::<T>,
                finalize: finalize::<T>,
            }
        }
    }

    impl<T: Behaviour> SourceWith<T> {
        pub(crate) fn create(functions: &'static Functions, data: T) -> *mut Self {
            Box::into_raw(Box::new(Self {
                head: Head {
                    context: AtomicUsize::new(0),
                    functions,
                },
                data,
            }))
        }
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
    pub(crate) unsafe fn allow_recursion(_: *mut GSource) {}

    /// Models iterate a context when the time has come for all that is attached to it.
    ///
    /// # Safety
    /// As in the library.
    pub(crate) unsafe fn set_ready_time(_: *mut GSource, _: i64) {}

    /// # Safety
    /// As in the library.
    pub(crate) unsafe fn time(_: *mut GSource) -> i64 {
        NOW
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

    use glib_sys::GMainContext;
    use loom::sync::atomic::Ordering;

    use super::source::Head;
    use crate::scheduling::sync::{lock, Mutex};

    /// A context: a list of sources under a lock. It lives as long as the model, but can die as GLib's do.
    pub(crate) struct ModelContext {
        sources: Mutex<Vec<(c_int, *mut Head)>>,
    }

    // SAFETY: all threads of a model are one for the system, and take turns.
    unsafe impl Send for ModelContext {}
    // SAFETY: as above.
    unsafe impl Sync for ModelContext {}

    impl ModelContext {
        pub(crate) fn new() -> Arc<Self> {
            Arc::new(Self {
                sources: Mutex::new(Vec::new()),
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
        }

        /// Dispatches what is attached at the beginning; one thread at a time does so. FALSE if nothing is.
        pub(crate) fn iterate(&self) -> bool {
            let ready = lock(&self.sources).clone();
            for (_, source) in &ready {
                CURRENT.with(|current| current.set(self.as_ptr() as usize));
                // SAFETY: attached sources are alive; what asks for no more is removed, and then ours alone.
                unsafe {
                    let functions = (**source).functions;
                    assert!(!(functions.dispatch)(*source), "no source here recurs");
                    lock(&self.sources).retain(|(_, other)| other != source);
                    (functions.finalize)(*source);
                }
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
    }

    /// For `deliver_now`, of which there is no model: it decides over plain values.
    pub(crate) fn dispatching() -> Option<Dispatching> {
        None
    }
}
