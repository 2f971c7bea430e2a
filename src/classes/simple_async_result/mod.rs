//! GSimpleAsyncResult: the predecessor of GTask. It holds a result, and calls back when it is told to
//! (`completing.rs`). `watched.rs`: what is told to whoever watches.

mod completing;
mod watched;

use std::cell::Cell;
use std::ffi::{c_int, CStr};

use glib_sys::{gpointer, GDestroyNotify, GError, GType};
use gobject_sys::GObject;

use super::async_result::{self, GAsyncReadyCallback};
use super::cancellable::{Cancellable, GCancellable};
use super::io_error;
use crate::glib::context::Context;
use crate::glib::error::{self, Error};
use crate::glib::once::Once;
use crate::gobject::class::{instance_of_own_class, Class, ParentClass, PlainClass};
use crate::gobject::object::{Instance, ObjectRef, Ref};
use crate::scheduling::release::{self, Turn};

/// The result of an operation, of the older kind.
pub type GSimpleAsyncResult = SimpleAsyncResult;

/// Does the work of an older result in a worker thread.
pub type GSimpleAsyncThreadFunc = Option<
    unsafe extern "C" fn(
        res: *mut GSimpleAsyncResult,
        object: *mut GObject,
        cancellable: *mut GCancellable,
    ),
>;

#[repr(C)]
pub struct SimpleAsyncResult {
    parent: GObject,
    origin: Origin,
    result: OperationResult,
}

/// Who started the operation. Written before anybody else knows the object, then only read.
struct Origin {
    source_object: ObjectRef,
    callback: GAsyncReadyCallback,
    user_data: gpointer,
    source_tag: gpointer,
    context: Context,
}

/// What became of the operation. Used by one thread at a time: the one that starts it, then the worker, then
/// the one that iterates the context. The worker's queue and the delivery hand it on.
struct OperationResult {
    /// The operation's result: a pointer, or a number or boolean in a pointer's place.
    op_res: Cell<gpointer>,
    destroy_op_res: Cell<GDestroyNotify>,
    failure: Cell<Failure>,
    check_cancellable: Cell<Option<Ref<Cancellable>>>,
    handle_cancellation: Cell<bool>,
}

#[derive(Default)]
enum Failure {
    #[default]
    None,
    Stored(Error),
    /// The error has been moved to a caller; the operation still failed.
    Propagated,
}

instance_of_own_class!(SimpleAsyncResult);

// SAFETY: the struct is `repr(C)` and begins with GObject, as PlainClass begins with GObjectClass.
unsafe impl Class for SimpleAsyncResult {
    const NAME: &'static CStr = c"GSimpleAsyncResult";
    const GET_TYPE: &'static std::ffi::CStr = c"g_simple_async_result_get_type";
    #[inline]
    fn once() -> &'static Once {
        static TYPE: Once = Once::new();
        &TYPE
    }
    #[inline]
    fn parent_class() -> &'static ParentClass {
        static PARENT_CLASS: ParentClass = ParentClass::new();
        &PARENT_CLASS
    }
    type ClassStruct = PlainClass;

    fn type_registered(type_: GType) {
        async_result::implement::<Self>(type_);
    }

    fn class_init(class: &mut PlainClass) {
        class.parent_class.finalize = Some(finalize);
    }

    unsafe fn instance_init(this: *mut Self) {
        // SAFETY: the instance's memory is ours to fill, and nobody else knows it.
        unsafe {
            let nothing = ObjectRef::retain(std::ptr::null_mut());
            std::ptr::addr_of_mut!((*this).origin).write(Origin {
                source_object: nothing,
                callback: None,
                user_data: std::ptr::null_mut(),
                source_tag: std::ptr::null_mut(),
                context: Context::thread_default(),
            });
            std::ptr::addr_of_mut!((*this).result).write(OperationResult {
                op_res: Cell::new(std::ptr::null_mut()),
                destroy_op_res: Cell::new(None),
                failure: Cell::default(),
                check_cancellable: Cell::new(None),
                handle_cancellation: Cell::new(true),
            });
        }
    }
}

/// Results may be nested in each other by the hundred: this function and those it calls keep little on the
/// stack.
unsafe extern "C" fn finalize(object: *mut GObject) {
    let this = object.cast::<SimpleAsyncResult>();
    // SAFETY: GObject calls this once, when nobody else knows the instance; `instance_init` filled it. Each
    // field is dropped, or moved out, once.
    unsafe {
        (*this).was_finalized();
        if release::begin_here() == Turn::Now {
            std::ptr::drop_in_place(&raw mut (*this).origin.source_object);
            std::ptr::drop_in_place(&raw mut (*this).origin.context);
            (*this).result.release();
            release::end();
        } else {
            put_off(this);
        }
        SimpleAsyncResult::parent_class().finalize(object);
    }
}

/// Hands on what the result owned: this release is nested too deeply in others.
///
/// # Safety
/// The result is being finalized, and nobody uses or drops its fields any more.
#[cold]
#[inline(never)]
unsafe fn put_off(this: *mut SimpleAsyncResult) {
    // SAFETY: as the caller ensures.
    let remains = unsafe {
        (
            (&raw const (*this).origin).read(),
            (&raw const (*this).result).read(),
        )
    };
    release::put_off(Box::new(remains));
}

impl async_result::Implementation for SimpleAsyncResult {
    fn user_data(&self) -> gpointer {
        self.origin.user_data
    }

    fn source_object_full(&self) -> *mut GObject {
        self.origin.source_object.to_full()
    }

    fn is_tagged(&self, source_tag: gpointer) -> bool {
        self.origin.source_tag == source_tag
    }
}

impl SimpleAsyncResult {
    /// # Safety
    /// `source_object` is NULL or a live object; `callback` may be called with `user_data`.
    pub(crate) unsafe fn new(
        source_object: *mut GObject,
        callback: GAsyncReadyCallback,
        user_data: gpointer,
        source_tag: gpointer,
    ) -> Ref<Self> {
        let this = Ref::<Self>::create().into_raw();
        // SAFETY: nobody else knows the new instance, whose one reference is ours.
        unsafe {
            let origin = &mut (*this).origin;
            origin.source_object = ObjectRef::retain(source_object);
            origin.callback = callback;
            origin.user_data = user_data;
            origin.source_tag = source_tag;
            (*this).was_made();
            Ref::adopt(this)
        }
    }

    pub(crate) fn source_tag(&self) -> gpointer {
        self.origin.source_tag
    }

    /// Whether `result` is of this class and belongs to that operation. A NULL tag on either side matches
    /// every tag.
    ///
    /// # Safety
    /// `result` is NULL or a live GTypeInstance.
    pub(crate) unsafe fn is_valid(
        result: *mut Self,
        source: *mut GObject,
        source_tag: gpointer,
    ) -> bool {
        // SAFETY: as the caller ensures.
        let Some(simple) = (unsafe { Self::from_pointer(result) }) else {
            return false;
        };
        let own_tag = simple.source_tag();
        simple.origin.source_object.as_ptr() == source
            && (source_tag.is_null() || own_tag.is_null() || own_tag == source_tag)
    }
}

/// The result.
impl SimpleAsyncResult {
    pub(crate) fn pointer(&self) -> gpointer {
        self.result.op_res.get()
    }

    pub(crate) fn number(&self) -> isize {
        self.result.op_res.get() as isize
    }

    pub(crate) fn boolean(&self) -> bool {
        self.number() as c_int != 0
    }

    /// # Safety
    /// `destroy` may be called with `data`, once, on any thread that replaces or releases the result.
    pub(crate) unsafe fn set_pointer(&self, data: gpointer, destroy: GDestroyNotify) {
        // SAFETY: as the caller ensures.
        unsafe { self.result.replace_op_res(data, destroy) };
    }

    pub(crate) fn set_number(&self, number: isize) {
        // SAFETY: there is nothing to free.
        unsafe { self.result.replace_op_res(number as gpointer, None) };
    }

    pub(crate) fn set_boolean(&self, boolean: bool) {
        self.set_number(boolean.into());
    }

    /// Replaces an earlier error.
    pub(crate) fn set_error(&self, error: Error) {
        self.result.failure.set(Failure::Stored(error));
    }

    /// Says whether the operation failed, and moves the error to the caller. A cancelled check-cancellable
    /// comes before the error that is stored.
    ///
    /// # Safety
    /// `destination` is NULL or points to a place for an error.
    pub(crate) unsafe fn propagate_error(&self, destination: *mut *mut GError) -> bool {
        if self.result.is_check_cancelled() {
            // SAFETY: as the caller ensures.
            unsafe { io_error::cancelled().propagate(destination) };
            return true;
        }
        match self.result.failure.take() {
            Failure::None => return false,
            // SAFETY: as the caller ensures.
            Failure::Stored(error) => unsafe { error.propagate(destination) },
            // SAFETY: as the caller ensures.
            Failure::Propagated => unsafe { error::propagate_again(destination) },
        }
        self.result.failure.set(Failure::Propagated);
        self.error_was_fetched();
        true
    }

    pub(crate) fn set_handle_cancellation(&self, handle_cancellation: bool) {
        self.result.handle_cancellation.set(handle_cancellation);
    }

    pub(crate) fn set_check_cancellable(&self, check_cancellable: Option<&Cancellable>) {
        let check_cancellable = check_cancellable.map(Ref::retain);
        self.result.check_cancellable.set(check_cancellable);
    }
}

impl OperationResult {
    /// # Safety
    /// `destroy` may be called with `data`, once, on any thread that replaces or releases the result.
    #[inline(always)]
    unsafe fn replace_op_res(&self, data: gpointer, destroy: GDestroyNotify) {
        while let Some(destroy_old) = self.destroy_op_res.take() {
            // SAFETY: `set_pointer` was promised that it may be called. It was taken out, so it is called
            // once. As in GIO it is called for NULL, too, and the old result can be read meanwhile.
            unsafe { destroy_old(self.op_res.get()) };
        }
        self.op_res.set(data);
        self.destroy_op_res.set(destroy);
    }

    /// Frees what it owns. Inlined: results may be nested, and a frame of its own would take stack at each
    /// level.
    #[inline(always)]
    fn release(&self) {
        // In the order of GIO.
        drop(self.check_cancellable.take());
        // SAFETY: there is nothing to free later.
        unsafe { self.replace_op_res(std::ptr::null_mut(), None) };
        self.failure.set(Failure::None);
    }

    fn is_check_cancelled(&self) -> bool {
        let cancellable = self.check_cancellable.take();
        let is_cancelled = cancellable.as_ref().is_some_and(|it| it.is_cancelled());
        self.check_cancellable.set(cancellable);
        is_cancelled
    }
}

impl Drop for OperationResult {
    fn drop(&mut self) {
        self.release();
    }
}
