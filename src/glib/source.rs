//! Event sources: idle ones, what they call, and what they are called. `source/own.rs` has the sources of the
//! library's own kinds, `source/pointer.rs` what is done with any source by its address.

pub(crate) mod own;
pub(crate) mod pointer;

use std::ffi::{c_char, c_int, CStr};
use std::ptr::NonNull;

use glib_sys::{gboolean, gpointer, GSource, GSourceCallbackFuncs, GSourceFunc};

use super::context::ContextRef;
use super::held;
use super::string::Text;

/// A new idle source, which is not attached.
pub(crate) struct Source(NonNull<GSource>);

impl Source {
    /// A source that makes the call in the next iteration that reaches its priority.
    #[inline]
    pub(crate) fn idle(priority: c_int, name: Name, callback: Callback) -> Self {
        held::assert_none();
        let Callback { call, data } = callback;
        // SAFETY: the source is new. `Callback::new` was promised that the call may be made, and `Name::of` that
        // the name is a string. GLib only reads the functions of `counted`.
        unsafe {
            let source = glib_sys::g_idle_source_new();
            glib_sys::g_source_set_priority(source, priority);
            match call {
                Call::Once { function, destroy } => {
                    glib_sys::g_source_set_callback(source, Some(function), data, Some(destroy));
                }
                Call::Counted(counted) => pointer::set_counted_callback(source, data, counted),
            }
            match name.0 {
                Spelling::Constant(name) => {
                    glib_sys::g_source_set_static_name(source, name.as_ptr());
                }
                Spelling::Borrowed(name) => glib_sys::g_source_set_name(source, name),
                Spelling::Kept(name) => glib_sys::g_source_set_name(source, name.as_ptr()),
            }
            Self(NonNull::new_unchecked(source))
        }
    }

    /// The same for work of the library's own.
    pub(crate) fn idle_work<T: IdleWork>(priority: c_int, name: &'static CStr, work: T) -> Self {
        Self::idle(priority, Name::constant(name), Callback::of_work(work))
    }

    /// Attaches the source, and gives it to its context.
    pub(crate) fn attach(self, context: ContextRef<'_>) {
        held::assert_none();
        // SAFETY: both are alive. The context takes a reference of its own.
        unsafe { glib_sys::g_source_attach(self.0.as_ptr(), context.as_ptr()) };
    }
}

impl Drop for Source {
    fn drop(&mut self) {
        held::assert_none();
        // SAFETY: `self` owns the reference.
        unsafe { glib_sys::g_source_unref(self.0.as_ptr()) };
    }
}

/// What an idle source of the library's own does. It is dropped when the source is destroyed.
pub(crate) trait IdleWork: Send {
    /// Called in each iteration that reaches the source's priority, until it answers FALSE.
    fn run(&self) -> bool;
}

/// What a source calls, with its data. If no source is made of it, the data is leaked.
#[must_use]
pub(crate) struct Callback {
    call: Call,
    data: gpointer,
}

// SAFETY: the call may be made on any thread, as `new` was promised.
unsafe impl Send for Callback {}

impl Callback {
    /// # Safety
    /// The call may be made with `data`, on whichever thread iterates, or ends, the context of the source.
    pub(crate) unsafe fn new(call: Call, data: gpointer) -> Self {
        Self { call, data }
    }

    /// Does work of the library's own.
    pub(crate) fn of_work<T: IdleWork>(work: T) -> Self {
        unsafe extern "C" fn run<T: IdleWork>(work: gpointer) -> gboolean {
            // SAFETY: the box made below, which the source has until it is destroyed.
            unsafe { &*work.cast::<T>() }.run().into()
        }
        unsafe extern "C" fn free<T: IdleWork>(work: gpointer) {
            // SAFETY: the box made below, which the source gives back once.
            drop(unsafe { Box::from_raw(work.cast::<T>()) });
        }
        let call = Call::Once {
            function: run::<T>,
            destroy: free::<T>,
        };
        let data = Box::into_raw(Box::new(work)).cast();
        // SAFETY: both functions take that box, and a T may be used and dropped on any thread.
        unsafe { Self::new(call, data) }
    }
}

/// Which functions a source calls.
pub(crate) enum Call {
    /// The function when the source is dispatched, `destroy` when the source is destroyed.
    Once {
        function: unsafe extern "C" fn(gpointer) -> gboolean,
        destroy: unsafe extern "C" fn(gpointer),
    },
    /// What the data says. The data counts who needs it: GLib allocates nothing for that.
    Counted(&'static Counted),
}

/// How data counts who needs it, and says which function is called.
pub(crate) struct Counted(GSourceCallbackFuncs);

// SAFETY: function pointers, which are never written.
unsafe impl Sync for Counted {}

impl Counted {
    /// The source begins with one. `add` and `get` may be called under the context's lock, `remove` is called
    /// without it.
    pub(crate) const fn new(
        add: unsafe extern "C" fn(gpointer),
        remove: unsafe extern "C" fn(gpointer),
        get: unsafe extern "C" fn(gpointer, *mut GSource, *mut GSourceFunc, *mut gpointer),
    ) -> Self {
        Self(GSourceCallbackFuncs {
            ref_: Some(add),
            unref: Some(remove),
            get: Some(get),
        })
    }
}

/// What debuggers and profilers call a source.
pub(crate) struct Name(Spelling);

enum Spelling {
    Constant(&'static CStr),
    /// A valid string, of which the source gets a copy.
    Borrowed(*const c_char),
    /// Our own copy, of which the source gets another.
    Kept(Text),
}

// SAFETY: any thread may read a valid string, and free our copy.
unsafe impl Send for Name {}

impl Name {
    pub(crate) fn constant(name: &'static CStr) -> Self {
        Self(Spelling::Constant(name))
    }

    /// # Safety
    /// `name` is a valid string until the source is made, or `keep` is called.
    pub(crate) unsafe fn of(name: *const c_char) -> Self {
        Self(Spelling::Borrowed(name))
    }

    /// The same name, whatever becomes of the string.
    pub(crate) fn keep(self) -> Self {
        match self.0 {
            // SAFETY: a valid string, as `of` was promised.
            Spelling::Borrowed(name) => Self(Spelling::Kept(unsafe { Text::copy(name) })),
            _ => self,
        }
    }
}
