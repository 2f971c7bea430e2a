//! GCancellable: a flag that one part of a program sets. Others look at it, poll its descriptor, or are
//! called.
//!
//! Each object has one lock, under which no code of the program runs: no handler, no destroy notify, no
//! toggle notify, and so no reference is taken or dropped. What the internal observers want to be done is
//! noted under the lock, and done after it. `places.rs`: where the observers stand among the handlers.

pub(crate) mod current;
mod descriptor;
mod places;
pub(crate) mod source;

pub use source::GCancellableSourceFunc;

use std::ffi::{c_int, c_ulong};
use std::mem::transmute;
use std::ptr::drop_in_place;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use glib_sys::{gpointer, GDestroyNotify, GType};
use gobject_sys::{GCallback, GObject, GObjectClass};

use crate::glib::held;
use crate::glib::hooks;
use crate::glib::hooks::table::Event;
use crate::glib::once::Once;
use crate::glib::probes::probe;
use crate::glib::signal::{self, Handler};
use crate::gobject::class::{instance_of_own_class, Class, ParentClass};
use crate::gobject::object::{Instance, Ref};
use crate::gobject::private::PrivatePart;
use crate::scheduling::callbacks::{CallbackKind, ObjectId, Running};
use crate::scheduling::observers::{Notes, Observers};
use crate::scheduling::sync::{lock, Mutex, MutexGuard, Rank};

use descriptor::Descriptor;

/// Through which an operation is told to stop.
pub type GCancellable = Cancellable;
pub type GCancellableClass = CancellableClass;
pub type GCancellablePrivate = State;

#[repr(C)]
pub struct Cancellable {
    pub parent_instance: GObject,
    /// Set with the instance, then only read. The state is part of the same allocation.
    private: *mut GCancellablePrivate,
}

#[repr(C)]
pub struct CancellableClass {
    pub parent_class: GObjectClass,
    cancelled: Option<unsafe extern "C" fn(cancellable: *mut Cancellable)>,
    reserved: [Option<unsafe extern "C" fn()>; 5],
}

const _: () = assert!(size_of::<Cancellable>() == size_of::<GObject>() + size_of::<usize>());
#[cfg(target_pointer_width = "64")]
const _: () = assert!(size_of::<Cancellable>() == 32 && size_of::<CancellableClass>() == 184);

pub struct State {
    /// Written under the lock, by cancel and reset; read without it.
    cancelled: AtomicBool,
    /// Its number in the table of running callbacks.
    id: ObjectId,
    shared: Mutex<Shared>,
}

/// What the lock of the object covers, beside the flag and the beginning of callbacks.
struct Shared {
    descriptor: Descriptor,
    observers: Observers,
    /// A handler was connected by `connect`; it may be gone.
    had_handlers: bool,
}

/// A cancellation that has begun.
struct Cancellation {
    noted: Option<Noted>,
    /// There are observers with places: the emission comes by there.
    any_due: bool,
    emission: Running,
}

/// What observers have noted.
#[must_use]
struct Noted {
    notes: Notes,
    call: Running,
}

impl Noted {
    fn carry_out(self) {
        self.notes.carry_out();
        self.call.end();
    }
}

instance_of_own_class!(Cancellable);

static PRIVATE: PrivatePart<State> = PrivatePart::new();
static CANCELLED: AtomicU32 = AtomicU32::new(0);

// SAFETY: `repr(C)`, and the class structure begins with GObject's.
unsafe impl Class for Cancellable {
    const NAME: &'static std::ffi::CStr = c"GCancellable";
    const GET_TYPE: &'static std::ffi::CStr = c"g_cancellable_get_type";
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
    type ClassStruct = CancellableClass;

    fn type_registered(type_: GType) {
        PRIVATE.reserve(type_);
    }

    fn class_init(class: &mut CancellableClass) {
        PRIVATE.settle(class);
        class.parent_class.finalize = Some(finalize);
        let type_ = class.parent_class.g_type_class.g_type;
        let offset = std::mem::offset_of!(CancellableClass, cancelled);
        let signal = signal::register(c"cancelled", type_, offset);
        CANCELLED.store(signal, Ordering::Relaxed);
    }

    unsafe fn instance_init(this: *mut Self) {
        // SAFETY: the memory is there, zeroed, and nobody else sees the instance yet.
        unsafe {
            let state = PRIVATE.of(this);
            state.write(State::new());
            (*this).private = state;
            (*this).happened(Event::CancellableMade);
        }
    }
}

unsafe extern "C" fn finalize(object: *mut GObject) {
    // SAFETY: GObject finalizes an instance once. Nobody waits and no observer is left: they hold references.
    unsafe {
        hooks::handlers_changed(object, 0);
        drop_in_place((*object.cast::<Cancellable>()).private);
        Cancellable::parent_class().finalize(object);
    }
}

impl State {
    fn new() -> Self {
        Self {
            cancelled: AtomicBool::new(false),
            id: ObjectId::new(),
            shared: Mutex::new(
                Rank::Cancellable,
                Shared {
                    descriptor: Descriptor::new(),
                    observers: Observers::new(),
                    had_handlers: false,
                },
            ),
        }
    }
}

impl Cancellable {
    pub(crate) fn is_cancelled(&self) -> bool {
        self.state().cancelled.load(Ordering::Acquire)
    }

    /// Sets the flag, notifies the observers and emits the signal. Does nothing if the flag is set.
    pub(crate) fn cancel(&self) {
        if self.is_cancelled() {
            return;
        }
        let [this, _other] = self.keep();
        // Before anybody can see that it is cancelled.
        this.happened(Event::CancelBegun);
        if let Some(cancellation) = this.begin_cancellation() {
            probe!(asyncresult, cancellable__cancel, self.as_object());
            if let Some(noted) = cancellation.noted {
                noted.carry_out();
            }
            // SAFETY: alive, and an instance of the class that has the signal.
            unsafe { signal::emit(this.as_object(), CANCELLED.load(Ordering::Relaxed)) };
            if cancellation.any_due {
                this.notify(Observers::notify_last);
            }
            cancellation.emission.end();
        }
        this.happened(Event::CancelEnded);
    }

    /// Sets the flag, makes the descriptor readable and notifies the observers that are before all handlers.
    /// `None` if the flag was set.
    fn begin_cancellation(&self) -> Option<Cancellation> {
        let shared = self.lock();
        if self.is_cancelled() {
            return None;
        }
        // The emission begins before the flag is set: a thread that sees the flag, and then disconnects a
        // handler, waits for the emission.
        let emission = self.state().id.begin(CallbackKind::Emission);
        self.state().cancelled.store(true, Ordering::Release);
        shared.descriptor.set();
        let (notes, any_due) = shared.observers.notify_first();
        Some(Cancellation {
            noted: self.noted(notes),
            any_due,
            emission,
        })
    }

    /// Notifies some observers, under the lock, and does what they note, after it.
    fn notify(&self, notify: impl FnOnce(&Observers) -> Notes) {
        let shared = self.lock();
        let noted = self.noted(notify(&shared.observers));
        drop(shared);
        if let Some(noted) = noted {
            noted.carry_out();
        }
    }

    /// The caller holds the lock.
    fn noted(&self, notes: Notes) -> Option<Noted> {
        (!notes.is_empty()).then(|| Noted {
            notes,
            call: self.state().id.begin(CallbackKind::Observers),
        })
    }

    /// Clears the flag, at a moment when no other thread is calling handlers or a late callback.
    pub(crate) fn reset(&self) {
        let state = self.state();
        let shared = state.id.lock_when_quiet(&state.shared);
        let was_cancelled = self.is_cancelled();
        if was_cancelled {
            state.cancelled.store(false, Ordering::Release);
            shared.descriptor.clear();
        }
        drop(shared);
        if was_cancelled {
            self.happened(Event::Reset);
        }
    }

    /// Connects a handler; if the object is cancelled, calls it instead, destroys the data, and answers 0.
    ///
    /// # Safety
    /// `callback` may be called with (cancellable, data) until `destroy`, which may be called with `data`,
    /// has run.
    pub(crate) unsafe fn connect(
        &self,
        callback: GCallback,
        data: gpointer,
        destroy: GDestroyNotify,
    ) -> c_ulong {
        let Some(function) = callback else {
            // SAFETY: alive, and the name is the signal's.
            unsafe { signal::refuse_missing_handler(self.as_object(), c"cancelled") };
            return 0;
        };
        // SAFETY: as the caller ensures.
        let handler = unsafe { Handler::new(callback, data, destroy) };
        let mut shared = self.lock();
        if !self.is_cancelled() {
            shared.had_handlers = true;
            let signal = CANCELLED.load(Ordering::Relaxed);
            // Under the lock: a cancellation between the look at the flag and the connection would be lost.
            // It would neither call the handler nor be seen here.
            // SAFETY: alive, and as the caller ensures.
            let id = held::excepted(|| unsafe { handler.connect(self.as_object(), signal) });
            drop(shared);
            hooks::handlers_changed(self, 1);
            return id;
        }
        // A reset by another thread waits until this call has ended.
        let call = self.state().id.begin(CallbackKind::Late);
        drop(shared);
        let [this, _other] = self.keep();
        // SAFETY: the callback may be called with these arguments, as the caller ensures.
        unsafe {
            let function = transmute::<
                unsafe extern "C" fn(),
                unsafe extern "C" fn(*mut Cancellable, gpointer),
            >(function);
            function(this.as_object().cast(), data);
        }
        call.end();
        drop(handler);
        0
    }

    /// Disconnects a handler. When this returns, no other thread is running it, its data is destroyed, and a
    /// cancellation that had begun has called it.
    ///
    /// The data may hold the last reference to the object, so nothing of the object is used afterwards. No
    /// reference is taken either: a toggle notification would be called, which may itself disconnect.
    ///
    /// # Safety
    /// `this` is alive.
    pub(crate) unsafe fn disconnect(this: *const Self, handler: c_ulong) {
        // SAFETY: alive until the handler is gone.
        unsafe {
            let id = (*this).state().id;
            hooks::handlers_changed(this, -1);
            id.remove_handler(|| signal::disconnect(this.cast_mut().cast(), handler));
        }
    }

    /// A descriptor that is readable while the object is cancelled; `None` when none can be made.
    pub(crate) fn acquire_fd(&self) -> Option<c_int> {
        let mut shared = self.lock();
        shared.descriptor.acquire(self.is_cancelled())
    }

    /// Gives back what `acquire_fd` gave. FALSE if nothing is to be given back.
    pub(crate) fn release_fd(&self) -> bool {
        self.lock().descriptor.release()
    }

    /// Keeps the object while its callbacks run, which may drop every other reference. One reference would
    /// do. But a callback can count them, and newer GIO has two, which its own test program checks.
    fn keep(&self) -> [Ref<Self>; 2] {
        [Ref::retain(self), Ref::retain(self)]
    }

    #[inline(always)]
    fn happened(&self, event: Event) {
        hooks::happened(self, event, std::ptr::null());
    }

    #[inline]
    fn lock(&self) -> MutexGuard<'_, Shared> {
        lock(&self.state().shared)
    }

    fn state(&self) -> &State {
        // SAFETY: set with the instance, and dropped with it.
        unsafe { &*self.private }
    }
}
