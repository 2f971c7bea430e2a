//! Event sources of our own.

use std::ffi::{c_char, c_int, c_uint, c_void, CStr};
use std::mem::MaybeUninit;
use std::ptr::NonNull;
use std::sync::atomic::{fence, AtomicPtr, Ordering};

use glib_sys::{
    gboolean, gpointer, GMainContext, GSource, GSourceCallbackFuncs, GSourceFunc, GSourceFuncs,
    GType, GFALSE, GTRUE,
};
use gobject_sys::{GClosure, GObject, GValue};

use super::context::ContextRef;
use super::held;
use super::string::Text;

/// A source whose memory continues with a `T`.
///
/// GLib allocates the memory, zeroed; `T` is written by `new` and dropped by the source's finalizer,
/// on the thread where the last reference goes.
#[repr(C)]
pub(crate) struct SourceWith<T> {
    source: GSource,
    pub(crate) data: T,
}

/// What a source with a `T` does.
pub(crate) trait SourceImpl: Sized {
    /// Shown by debuggers and profilers.
    const NAME: &'static CStr;

    /// Runs when the source is ready. FALSE destroys the source.
    ///
    /// # Safety
    /// Called by GLib: `source` is being dispatched by this thread; the rest is what the user set.
    unsafe fn dispatch(
        source: *mut SourceWith<Self>,
        callback: GSourceFunc,
        user_data: gpointer,
    ) -> bool;
}

/// A source that is asked in each iteration of its context.
pub(crate) trait PolledSourceImpl: SourceImpl {
    /// Before the loop sleeps and after it: whether this iteration dispatches the source.
    ///
    /// # Safety
    /// Called by GLib, in the thread that iterates the source's context.
    unsafe fn look(source: *mut SourceWith<Self>) -> bool;
}

/// The table that GLib wants for each kind of source; it must outlive the sources.
pub(crate) struct Functions(GSourceFuncs);

// SAFETY: the table is never written by us; GLib writes only its marshaller slots, never after a source
// exists.
unsafe impl Sync for Functions {}

impl Functions {
    /// The table for sources that are ready by their ready time only.
    pub(crate) const fn new<T: SourceImpl>() -> Self {
        Self(GSourceFuncs {
            prepare: None,
            check: None,
            dispatch: Some(dispatch::<T>),
            finalize: Some(finalize::<T>),
            closure_callback: None,
            closure_marshal: None,
        })
    }

    /// The same for sources that are asked.
    pub(crate) const fn polled<T: PolledSourceImpl>() -> Self {
        let mut functions = Self::new::<T>();
        functions.0.prepare = Some(prepare::<T>);
        functions.0.check = Some(check::<T>);
        functions
    }

    /// The table for sources to which g_source_set_closure() can be applied. `callback` is then what
    /// `dispatch` gets as the callback, with the closure as its data.
    pub(crate) const fn with_closure<T: SourceImpl>(
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
        let mut functions = Self::new::<T>();
        // SAFETY: function pointers, stored as the types that stand for "some function". GLib hands the first
        // to `dispatch`, which knows its type, and casts the second back.
        unsafe {
            functions.0.closure_callback = Some(std::mem::transmute::<
                unsafe extern "C" fn(*mut GObject, gpointer) -> gboolean,
                unsafe extern "C" fn(gpointer) -> gboolean,
            >(callback));
            functions.0.closure_marshal =
                Some(std::mem::transmute::<Marshal, unsafe extern "C" fn()>(
                    gobject_sys::g_cclosure_marshal_generic,
                ));
        }
        functions
    }
}

impl<T: SourceImpl> SourceWith<T> {
    /// A new source, asleep. The caller owns its one reference.
    pub(crate) fn create(functions: &'static Functions, data: T) -> *mut Self {
        // SAFETY: GLib allocates the size it is told and writes only its own part, the beginning.
        unsafe {
            let source = glib_sys::g_source_new(
                std::ptr::from_ref(&functions.0).cast_mut(),
                size_of::<Self>() as u32,
            );
            glib_sys::g_source_set_static_name(source, T::NAME.as_ptr());
            let this = source.cast::<Self>();
            std::ptr::addr_of_mut!((*this).data).write(data);
            this
        }
    }
}

unsafe extern "C" fn dispatch<T: SourceImpl>(
    source: *mut GSource,
    callback: GSourceFunc,
    user_data: gpointer,
) -> gboolean {
    // SAFETY: GLib dispatches a source that `create` made.
    if unsafe { T::dispatch(source.cast(), callback, user_data) } {
        GTRUE
    } else {
        GFALSE
    }
}

unsafe extern "C" fn prepare<T: PolledSourceImpl>(
    source: *mut GSource,
    timeout: *mut c_int,
) -> gboolean {
    // SAFETY: GLib asks a source that `create` made, and gives a place for the milliseconds to sleep at most.
    unsafe {
        let ready = T::look(source.cast());
        *timeout = if ready { 0 } else { -1 };
        ready.into()
    }
}

unsafe extern "C" fn check<T: PolledSourceImpl>(source: *mut GSource) -> gboolean {
    // SAFETY: GLib asks a source that `create` made.
    unsafe { T::look(source.cast()) }.into()
}

unsafe extern "C" fn finalize<T: SourceImpl>(source: *mut GSource) {
    // SAFETY: GLib calls this once for each source that `create` made, and reads none of `data`.
    unsafe {
        std::ptr::drop_in_place(std::ptr::addr_of_mut!(
            (*source.cast::<SourceWith<T>>()).data
        ))
    };
}

/// A time in the past: the source is ready at once.
pub(crate) const NOW: i64 = 0;
/// Asleep until somebody sets another time.
pub(crate) const ASLEEP: i64 = -1;

/// Sets when the source becomes ready, and wakes its context if need be. From any thread.
///
/// # Safety
/// The caller holds a reference to `source`, or is its dispatcher.
pub(crate) unsafe fn set_ready_time(source: *mut GSource, time: i64) {
    held::assert_none();
    // SAFETY: the source is alive.
    unsafe { glib_sys::g_source_set_ready_time(source, time) };
}

/// When the source becomes ready, by the time that was set last.
///
/// # Safety
/// The source is alive.
pub(crate) unsafe fn ready_time(source: *mut GSource) -> i64 {
    // SAFETY: as the caller ensures.
    unsafe { glib_sys::g_source_get_ready_time(source) }
}

/// Makes the source ready at once, and wakes its context if need be: from any thread, also while another
/// thread attaches the source.
///
/// # Safety
/// The caller holds a reference to `source`.
pub(crate) unsafe fn wake(source: *mut GSource) {
    // The header declares `context`, as a private member: g_source_get_context() may only be called while the
    // context lives, which nobody here can tell. tests-c/types/abi.c looks whether the member is what it is
    // here. If it were not, a wake-up could be lost as in GIO, or one dispatch more be made. SAFETY: the
    // source is alive; its context pointer is aligned, and read as a whole.
    let context = unsafe { AtomicPtr::from_ptr(std::ptr::addr_of_mut!((*source).context)) };
    let attached = !context.load(Ordering::Relaxed).is_null();
    // SAFETY: as the caller ensures.
    unsafe { set_ready_time(source, NOW) };
    if !attached {
        // GLib may have found no context to wake, and another thread may have attached the source since, and
        // gone to sleep before it could see the time. A second, different time finds that context: either it
        // is there by now, or who attaches the source later sees the first.
        fence(Ordering::SeqCst);
        // SAFETY: as above.
        unsafe { set_ready_time(source, NOW + 1) };
    }
}

/// Makes `child` part of `source`: attached, moved and destroyed with it; whenever it is ready, `source` is
/// too.
///
/// # Safety
/// Both are alive and not attached; `child` belongs to no other source.
pub(crate) unsafe fn add_child(source: *mut GSource, child: *mut GSource) {
    // SAFETY: as the caller ensures; `source` takes a reference of its own.
    unsafe { glib_sys::g_source_add_child_source(source, child) };
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

/// A strong reference to a source with a `T`.
pub(crate) struct SourceRef<T>(NonNull<SourceWith<T>>);

// SAFETY: as for `Source`; whoever uses the `T` holds the lock that covers it.
unsafe impl<T> Send for SourceRef<T> {}

impl<T: SourceImpl> SourceRef<T> {
    /// A new source.
    pub(crate) fn create(functions: &'static Functions, data: T) -> Self {
        // SAFETY: GLib makes a source.
        Self(unsafe { NonNull::new_unchecked(SourceWith::create(functions, data)) })
    }

    /// Has `destroyed` called with the source when it is destroyed, or freed.
    ///
    /// # Safety
    /// The source is new.
    pub(crate) unsafe fn when_destroyed(&self, destroyed: unsafe extern "C" fn(gpointer)) {
        let source = self.0.as_ptr();
        // SAFETY: alive; the function is called once, before the source's end. The datum is the source
        // itself, which no other source has.
        unsafe { set_callback(source.cast(), None, source.cast(), Some(destroyed)) };
    }

    /// Attaches the source. One that is attached already is refused, with a message.
    pub(crate) fn attach(&self, context: ContextRef<'_>, priority: c_int) {
        // SAFETY: both are alive.
        unsafe {
            set_priority(self.0.as_ptr().cast(), priority);
            attach_borrowed(self.0.as_ptr().cast(), context.as_ptr());
        }
    }
}

impl<T> SourceRef<T> {
    pub(crate) fn data(&self) -> &T {
        // SAFETY: the reference keeps the source.
        unsafe { &self.0.as_ref().data }
    }

    pub(crate) fn is_destroyed(&self) -> bool {
        // SAFETY: the reference keeps the source.
        unsafe { is_destroyed(self.0.as_ptr().cast()) }
    }
}

impl<T> Drop for SourceRef<T> {
    fn drop(&mut self) {
        // SAFETY: `self` owns the reference.
        unsafe { unref(self.0.as_ptr().cast()) };
    }
}

/// A strong reference to a source.
pub(crate) struct Source(NonNull<GSource>);

// SAFETY: GLib's references are counted atomically, and sources may be attached and destroyed by any thread.
unsafe impl Send for Source {}

impl Source {
    /// An idle source that makes `call` with `data` in the next iteration that comes to its priority.
    ///
    /// # Safety
    /// The call may be made with `data`, on the thread that iterates the context or ends it. `name` is a
    /// valid string, and is copied.
    #[inline]
    pub(crate) unsafe fn idle(priority: c_int, name: Name, call: Call, data: gpointer) -> Self {
        held::assert_none();
        // SAFETY: the source is new; the rest as the caller ensures.
        unsafe {
            let source = glib_sys::g_idle_source_new();
            glib_sys::g_source_set_priority(source, priority);
            match call {
                Call::Once { function, destroy } => {
                    glib_sys::g_source_set_callback(source, Some(function), data, Some(destroy));
                }
                Call::Counted(counted) => set_counted_callback(source, data, counted),
            }
            match name {
                Name::Static(name) => glib_sys::g_source_set_static_name(source, name.as_ptr()),
                Name::Copied(name) => glib_sys::g_source_set_name(source, name),
                Name::Kept(name) => glib_sys::g_source_set_name(source, name.as_ptr()),
            }
            Self(NonNull::new_unchecked(source))
        }
    }

    /// Attaches the source, and gives the reference to its context.
    pub(crate) fn attach(self, context: ContextRef<'_>) {
        held::assert_none();
        // SAFETY: both are alive.
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

/// What a source calls.
pub(crate) enum Call {
    /// First the function, if it comes to that, and then `destroy`.
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
pub(crate) enum Name {
    Static(&'static CStr),
    /// A valid string, of which the source gets a copy.
    Copied(*const c_char),
    /// The same, for a source that is made later.
    Kept(Text),
}

impl Name {
    /// The same name, whatever becomes of the string.
    pub(crate) fn keep(self) -> Self {
        match self {
            // SAFETY: a valid string, as it was when this was made.
            Self::Copied(name) => Self::Kept(unsafe { Text::copy(name) }),
            other => other,
        }
    }
}

/// Attaches a new source and gives the caller's reference away: the context keeps it until it is destroyed.
///
/// # Safety
/// The caller owns a reference to `source`, which is not attached.
pub(crate) unsafe fn attach(source: *mut GSource, context: ContextRef<'_>, priority: c_int) {
    held::assert_none();
    // SAFETY: as the caller ensures.
    unsafe {
        glib_sys::g_source_set_priority(source, priority);
        glib_sys::g_source_attach(source, context.as_ptr());
        glib_sys::g_source_unref(source);
    }
}

/// Takes a reference. Runs no code of a program: so this may be called under a lock.
///
/// # Safety
/// The source is alive.
pub(crate) unsafe fn retain(source: *mut GSource) -> *mut GSource {
    // SAFETY: as the caller ensures.
    unsafe { glib_sys::g_source_ref(source) }
}

/// Drops a reference.
///
/// # Safety
/// The caller owns a reference to `source`.
pub(crate) unsafe fn unref(source: *mut GSource) {
    held::assert_none();
    // SAFETY: as the caller ensures.
    unsafe { glib_sys::g_source_unref(source) };
}

/// A ready time that is `delay` from now.
pub(crate) fn after(delay: std::time::Duration) -> i64 {
    // SAFETY: reads a clock.
    unsafe { glib_sys::g_get_monotonic_time() + delay.as_micros() as i64 }
}

/// Sets what somebody else's source calls.
///
/// # Safety
/// `source` is a live source, `callback` of the type that it calls; `destroy` may be called with `data` once.
pub(crate) unsafe fn set_callback(
    source: *mut GSource,
    callback: GSourceFunc,
    data: glib_sys::gpointer,
    destroy: glib_sys::GDestroyNotify,
) {
    held::assert_none();
    // SAFETY: as the caller ensures.
    unsafe { glib_sys::g_source_set_callback(source, callback, data, destroy) };
}

/// Sets what a source calls to what its data says.
///
/// # Safety
/// `source` is a live source, and `counted` knows `data`.
pub(crate) unsafe fn set_counted_callback(
    source: *mut GSource,
    data: gpointer,
    counted: &'static Counted,
) {
    let functions = std::ptr::from_ref(&counted.0).cast_mut();
    // SAFETY: as the caller ensures. GLib only reads the functions.
    unsafe { glib_sys::g_source_set_callback_indirect(source, data, functions) };
}

/// Names a source, if there is a name and the source has none.
///
/// # Safety
/// `source` is a live source, `name` NULL or a valid string.
pub(crate) unsafe fn name_if_unnamed(source: *mut GSource, name: *const c_char) {
    // SAFETY: as the caller ensures; GLib copies the name.
    unsafe {
        if !name.is_null() && glib_sys::g_source_get_name(source).is_null() {
            glib_sys::g_source_set_name(source, name);
        }
    }
}

/// Sets a source's priority.
///
/// # Safety
/// `source` is a live source.
pub(crate) unsafe fn set_priority(source: *mut GSource, priority: c_int) {
    held::assert_none();
    // SAFETY: as the caller ensures.
    unsafe { glib_sys::g_source_set_priority(source, priority) };
}

/// Attaches somebody else's source.
///
/// # Safety
/// `source` is a live source that is not attached; `context` is alive, or NULL for the default one.
pub(crate) unsafe fn attach_borrowed(source: *mut GSource, context: *mut GMainContext) {
    held::assert_none();
    // SAFETY: as the caller ensures.
    unsafe { glib_sys::g_source_attach(source, context) };
}

/// # Safety
/// The source's memory is valid.
unsafe fn is_destroyed(source: *mut GSource) -> bool {
    // SAFETY: as the caller ensures.
    unsafe { glib_sys::g_source_is_destroyed(source) != 0 }
}
