//! GTask: an operation and its result.
//!
//! This file: what a task is made of, and its plain properties. `result.rs`: returning, delivering,
//! propagating. `threaded.rs`: running a function on a worker. `unfinished.rs`: what is said of tasks that
//! never returned. `kept.rs`: one unref too many. `finalize.rs`: the end. `watched.rs`: what is told to whoever
//! watches.

mod finalize;
mod kept;
pub(crate) mod outcome;
mod result;
mod threaded;
mod unfinished;
pub(super) mod watched;

use std::cell::{Cell, UnsafeCell};
use std::ffi::{c_char, c_int, c_void, CStr};
use std::sync::atomic::{AtomicBool, AtomicPtr, AtomicU32, AtomicU8, Ordering};

use glib_sys::{gpointer, GMainContext, GSource, GSourceFunc, GType};
use gobject_sys::{GObject, GParamSpec, GValue};

use outcome::Outcome;
pub(crate) use result::Unpropagated;
pub use threaded::GTaskThreadFunc;

use super::async_result::{self, GAsyncReadyCallback};
use super::cancellable::Cancellable;
use crate::glib::callback::Owned;
use crate::glib::context::Context;
use crate::glib::error::Error;
use crate::glib::hooks;
use crate::glib::hooks::table::Event;
use crate::glib::once::Once;
use crate::glib::probes::probe;
use crate::glib::source::pointer as source;
use crate::glib::string::Text;
use crate::glib::thread;
use crate::gobject::class::{instance_of_own_class, Class, ParentClass, PlainClass};
use crate::gobject::object::{Instance, ObjectRef, Ref};
use crate::gobject::property;
use crate::scheduling::completion_race::CompletionRace;
use crate::scheduling::delivery;
use crate::scheduling::pool;
use crate::scheduling::release;

/// An operation with its result.
pub type GTask = Task;

/// Three kinds of fields. *Fixed*: set while the task is made, before anybody else has it. *Owner's*: written
/// by whoever started the operation, before it runs elsewhere, as GLib demands of callers; read later by the
/// thread that the task was handed to. *Shared*: several threads at once, each in a memory location of its
/// own.
#[repr(C)]
pub struct Task {
    parent: GObject,

    // Fixed.
    source_object: ObjectRef,
    cancellable: Option<Ref<Cancellable>>,
    /// None only in a task made by g_object_new(), which then uses the default context.
    context: Option<Context>,
    /// The time of the iteration in which the task was made; 0 if in none.
    created_in_iteration: i64,
    callback: GAsyncReadyCallback,
    callback_data: gpointer,
    /// The worker that made the task in a context of its own, and so may release what the task owned; 0 if no
    /// worker did.
    home: usize,

    // Owner's.
    task_data: UnsafeCell<Owned>,
    name: UnsafeCell<Text>,
    source_tag: Cell<gpointer>,
    priority: Cell<c_int>,
    check_cancellable: Cell<bool>,

    // Shared.
    /// Written once, by whoever moved `returned` to RETURNING; read and taken from after RETURNED was seen.
    outcome: UnsafeCell<Outcome>,
    /// NOT_RETURNED, RETURNING, RETURNED: how far the first `return_*` is.
    returned: AtomicU8,
    /// Where what was returned is, if it is a pointer or an error. Written with the outcome, only compared.
    returned_address: AtomicPtr<c_void>,
    /// An error was returned. Written with the outcome.
    failed: AtomicBool,
    /// The result was handed to a caller. Written by that caller, in whichever thread it propagates.
    propagated: AtomicBool,
    /// NOT_CALLED, IN_CALLBACK, COMPLETED: whether the callback has been called. Written by the thread that
    /// delivers.
    completed: AtomicU8,
    /// The worker's part of a task that runs in a thread. Written once, by the thread that starts it.
    thread: AtomicPtr<threaded::Thread>,
    completion_race: CompletionRace,
    /// The delivery's reference to the task. 0: none yet. DELIVERY, and the number of its uses: how often the
    /// source of the result needs the task, or 1 during a delivery without a source. DELIVERY alone: it was
    /// given back, or is about to be. A task that a thread waits for has the reference of that thread instead.
    /// SHARED in addition: the task was completed early, and the worker's reference belongs to two threads.
    delivery: AtomicU32,
    /// How many sources have a reference by `attach_source`.
    attached: AtomicU32,
}

const DELIVERY: u32 = 1 << 31;
const SHARED: u32 = 1 << 30;

const NOT_CALLED: u8 = 0;
const COMPLETED: u8 = 1;
const IN_CALLBACK: u8 = 2;

const NOT_RETURNED: u8 = 0;
const RETURNING: u8 = 1;
const RETURNED: u8 = 2;

instance_of_own_class!(Task);

static COMPLETED_PROPERTY: AtomicPtr<GParamSpec> = AtomicPtr::new(std::ptr::null_mut());
const COMPLETED_ID: u32 = 1;

// SAFETY: Task begins with GObject and PlainClass with GObjectClass; `instance_init` leaves no field unset
// whose zeroes would be invalid.
unsafe impl Class for Task {
    const NAME: &'static CStr = c"GTask";
    const GET_TYPE: &'static std::ffi::CStr = c"g_task_get_type";
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
        thread::note_process_scheduling();
    }

    fn class_init(class: &mut PlainClass) {
        class.parent_class.dispose = Some(dispose);
        class.parent_class.finalize = Some(finalize::finalize);
        class.parent_class.get_property = Some(get_property);
        let completed =
            property::install_boolean(&mut class.parent_class, COMPLETED_ID, c"completed");
        COMPLETED_PROPERTY.store(completed, Ordering::Release);
    }

    unsafe fn instance_init(this: *mut Self) {
        // SAFETY: the fields are written, not assigned: there is nothing in them to drop. All others are
        // valid as zeroes: no reference, no callback, FALSE, NOT_RETURNED.
        unsafe {
            std::ptr::addr_of_mut!((*this).task_data).write(UnsafeCell::new(Owned::EMPTY));
            std::ptr::addr_of_mut!((*this).name).write(UnsafeCell::new(Text::None));
            std::ptr::addr_of_mut!((*this).outcome).write(UnsafeCell::new(Outcome::Empty));
            std::ptr::addr_of_mut!((*this).check_cancellable).write(Cell::new(true));
            std::ptr::addr_of_mut!((*this).completion_race).write(CompletionRace::new());
        }
    }
}

impl Task {
    /// A task whose result goes to `callback`, in the context that is thread-default now.
    ///
    /// # Safety
    /// `source_object` is NULL or an object; `callback` may be called with it and `callback_data`, once.
    pub(crate) unsafe fn new(
        source_object: *mut GObject,
        cancellable: Option<&Cancellable>,
        callback: GAsyncReadyCallback,
        callback_data: gpointer,
    ) -> Ref<Self> {
        let task = Ref::<Self>::create().into_raw();
        // SAFETY: nobody else has the new task yet; the fields hold nothing that needs dropping.
        unsafe {
            (*task).source_object = ObjectRef::retain(source_object);
            (*task).cancellable = cancellable.map(Ref::retain);
            (*task).context = Some(Context::thread_default());
            (*task).created_in_iteration = delivery::current_time();
            if pool::is_worker() {
                (*task).home = Self::home_on_worker((*task).context.as_ref());
            }
            (*task).callback = callback;
            (*task).callback_data = callback_data;
            (*task).was_made();
            probe!(
                gio,
                task__new,
                task,
                (*task).source_object(),
                (*task).cancellable(),
                (*task).callback_address(),
                (*task).callback_data
            );
            Ref::adopt(task)
        }
    }

    /// Whoever has pushed a context owns it. The global default one is seldom a worker's.
    #[cold]
    fn home_on_worker(context: Option<&Context>) -> usize {
        match context {
            Some(context) if !context.as_borrowed().is_global_default() => release::this_thread(),
            _ => 0,
        }
    }

    /// Delivers an error to `callback` without an operation.
    ///
    /// # Safety
    /// As for `new`.
    pub(crate) unsafe fn report_error(
        source_object: *mut GObject,
        callback: GAsyncReadyCallback,
        callback_data: gpointer,
        source_tag: gpointer,
        error: Error,
    ) {
        // SAFETY: as the caller ensures.
        let task = unsafe { Self::new(source_object, None, callback, callback_data) };
        task.set_source_tag(source_tag);
        task.replace_name(Text::constant(c"g_task_report_error".as_ptr()));
        if task.begin_return() {
            task.finish_return(Outcome::Error(error));
        }
    }

    pub(crate) fn set_task_data(&self, data: Owned) {
        let destroy = watched::address(data.destroy());
        probe!(
            gio,
            task__set_task_data,
            self.address(),
            data.data(),
            destroy
        );
        // While the old data is destroyed it is still what the task has, as in GIO; but not to be destroyed
        // again. SAFETY: the owner's field; no borrow is kept.
        unsafe {
            let old = self.task_data.get();
            drop(old.replace(Owned::new((*old).data(), None)));
            drop(old.replace(data));
        }
    }

    pub(crate) fn task_data(&self) -> gpointer {
        // SAFETY: the owner's field; no borrow is kept.
        unsafe { (*self.task_data.get()).data() }
    }

    /// Keeps a copy of the name; NULL clears it.
    ///
    /// # Safety
    /// `name` is NULL or a valid string.
    pub(crate) unsafe fn set_name(&self, name: *const c_char) {
        // SAFETY: as the caller ensures. The copy is made before the old name, which it may be, is dropped.
        unsafe { self.replace_name(Text::copy(name)) };
    }

    /// Keeps the name itself.
    ///
    /// # Safety
    /// `name` is NULL or a string that is valid as long as the program runs.
    pub(crate) unsafe fn set_static_name(&self, name: *const c_char) {
        self.replace_name(Text::constant(name));
    }

    fn replace_name(&self, name: Text) {
        // SAFETY: the owner's field; no borrow is kept.
        drop(unsafe { self.name.get().replace(name) });
        hooks::happened(self, Event::Named, self.name().cast());
    }

    pub(crate) fn name(&self) -> *const c_char {
        // SAFETY: the owner's field; no borrow is kept.
        unsafe { (*self.name.get()).as_ptr() }
    }

    /// Out of line, so that there is one place with the probe.
    #[inline(never)]
    pub(crate) fn set_priority(&self, priority: c_int) {
        probe!(gio, task__set_priority, self.address(), priority);
        self.priority.set(priority);
        hooks::happened(self, Event::Prioritized, priority as isize as *const c_void);
    }

    pub(crate) fn priority(&self) -> c_int {
        self.priority.get()
    }

    pub(crate) fn set_check_cancellable(&self, check: bool) {
        self.check_cancellable.set(check);
    }

    pub(crate) fn check_cancellable(&self) -> bool {
        self.check_cancellable.get()
    }

    /// Out of line, as `set_priority`.
    #[inline(never)]
    pub(crate) fn set_source_tag(&self, tag: gpointer) {
        probe!(gio, task__set_source_tag, self.address(), tag);
        self.source_tag.set(tag);
        hooks::happened(self, Event::Tagged, tag);
    }

    pub(crate) fn source_tag(&self) -> gpointer {
        self.source_tag.get()
    }

    pub(crate) fn source_object(&self) -> *mut GObject {
        self.source_object.as_ptr()
    }

    pub(crate) fn context(&self) -> *mut GMainContext {
        self.context
            .as_ref()
            .map_or(std::ptr::null_mut(), Context::as_ptr)
    }

    pub(crate) fn cancellable(&self) -> *mut Cancellable {
        self.cancellable
            .as_deref()
            .map_or(std::ptr::null_mut(), |c| std::ptr::from_ref(c).cast_mut())
    }

    fn is_cancelled(&self) -> bool {
        self.cancellable
            .as_ref()
            .is_some_and(|cancellable| cancellable.is_cancelled())
    }

    /// Whether `result` is a task of `source_object`. Says nothing about it if it is not.
    ///
    /// # Safety
    /// `result` is NULL or a live GTypeInstance.
    pub(crate) unsafe fn is_valid(result: gpointer, source_object: gpointer) -> bool {
        // SAFETY: as the caller ensures.
        unsafe { Self::from_pointer(result.cast()) }
            .is_some_and(|task| task.source_object().cast() == source_object)
    }

    /// Lets `source` belong to the task: its context, its priority, and a reference to it as user data.
    ///
    /// # Safety
    /// `source` is a source that is not attached; `callback` is of the type that it calls.
    pub(crate) unsafe fn attach_source(&self, source: *mut GSource, callback: GSourceFunc) {
        let task = Ref::retain(self).into_raw();
        self.attached.fetch_add(1, Ordering::Relaxed);
        // SAFETY: as the caller ensures; the reference is dropped by the source, on the task's type of
        // thread.
        unsafe {
            source::set_callback(source, callback, task.cast(), Some(detach));
            source::set_priority(source, self.priority());
            source::name_if_unnamed(source, self.name());
            source::attach(source, self.context());
        }
    }

    /// The property: whether the callback has been called.
    pub(crate) fn completed(&self) -> bool {
        self.completed.load(Ordering::Acquire) == COMPLETED
    }
}

/// A source gives back the reference that `attach_source` gave it.
unsafe extern "C" fn detach(task: gpointer) {
    // SAFETY: the source has it.
    let task = unsafe { Ref::<Task>::adopt(task.cast()) };
    task.attached.fetch_sub(1, Ordering::Release);
}

unsafe extern "C" fn get_property(
    object: *mut GObject,
    id: u32,
    value: *mut GValue,
    _property: *mut GParamSpec,
) {
    debug_assert_eq!(id, COMPLETED_ID);
    // SAFETY: GObject asks an instance of this class for its only property, with a value of its type.
    unsafe { property::set_boolean(value, (*object.cast::<Task>()).completed()) };
}

unsafe extern "C" fn dispose(object: *mut GObject) {
    // SAFETY: GObject disposes of a live instance of this class.
    let task = unsafe { &*object.cast::<Task>() };
    if task.is_held() && task.references() == Some(1) {
        return task.keep();
    }
    // SAFETY: passed on.
    unsafe { Task::parent_class().dispose(object) };
}

impl async_result::Implementation for Task {
    fn user_data(&self) -> gpointer {
        self.callback_data
    }

    fn source_object_full(&self) -> *mut GObject {
        self.source_object.to_full()
    }

    fn is_tagged(&self, source_tag: gpointer) -> bool {
        self.source_tag() == source_tag
    }
}
