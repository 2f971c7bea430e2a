//! GCancellable: a flag that one part of a program sets and others look at, poll for, or are called about.
//!
//! Each object has one lock. It is never held while foreign code runs: handlers, destroy notifies, and also
//! references taken or dropped, of which a toggle notify may hear.

pub(crate) mod current;
mod descriptor;
pub(crate) mod source;

use std::ffi::{c_int, c_ulong};
use std::mem::transmute;
use std::ptr::drop_in_place;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicUsize, Ordering};
use std::sync::OnceLock;

use glib_sys::{gpointer, GDestroyNotify, GType};
use gobject_sys::{GCallback, GObject, GObjectClass};

use crate::glib::callback::Owned;
use crate::glib::class::{instance_of_own_class, Class, ParentClass};
use crate::glib::object::{Instance, Ref};
use crate::glib::private::PrivatePart;
use crate::glib::signal;
use crate::scheduling::emissions::Emissions;
use crate::scheduling::observers::{Observer, Observers};

use descriptor::Descriptor;

#[repr(C)]
pub struct Cancellable {
    parent_instance: GObject,
    /// Set with the instance, then only read. The state is part of the same allocation.
    private: *mut State,
}

#[repr(C)]
pub struct CancellableClass {
    parent_class: GObjectClass,
    cancelled: Option<unsafe extern "C" fn(cancellable: *mut Cancellable)>,
    reserved: [Option<unsafe extern "C" fn()>; 5],
}

const _: () = assert!(size_of::<Cancellable>() == size_of::<GObject>() + size_of::<usize>());
#[cfg(target_pointer_width = "64")]
const _: () = assert!(size_of::<Cancellable>() == 32 && size_of::<CancellableClass>() == 184);

struct State {
    /// Written under the lock, by cancel and reset; read without it.
    cancelled: AtomicBool,
    /// The handler that was connected last of those without a destroy notify; 0 if none was, or it has been disconnected.
    /// Ids are not used again, so what is read here stays true of the id.
    without_destroy: AtomicUsize,
    emissions: Emissions<Listeners>,
}

/// What the lock of the object covers, beside its emissions.
struct Listeners {
    descriptor: Descriptor,
    observers: Observers,
}

instance_of_own_class!(Cancellable);

static PRIVATE: PrivatePart<State> = PrivatePart::new();
static CANCELLED: AtomicU32 = AtomicU32::new(0);

// SAFETY: `repr(C)`, and the class structure begins with GObject's.
unsafe impl Class for Cancellable {
    const NAME: &'static std::ffi::CStr = c"GCancellable";
    const GET_TYPE: &'static std::ffi::CStr = c"g_cancellable_get_type";
    const TYPE: &'static OnceLock<GType> = {
        static TYPE: OnceLock<GType> = OnceLock::new();
        &TYPE
    };
    const PARENT_CLASS: &'static ParentClass = {
        static PARENT_CLASS: ParentClass = ParentClass::new();
        &PARENT_CLASS
    };
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
        }
    }
}

unsafe extern "C" fn finalize(object: *mut GObject) {
    // SAFETY: GObject finalizes an instance once. Nobody waits and no observer is left: they hold references.
    unsafe {
        drop_in_place((*object.cast::<Cancellable>()).private);
        Cancellable::PARENT_CLASS.finalize(object);
    }
}

impl State {
    fn new() -> Self {
        Self {
            cancelled: AtomicBool::new(false),
            without_destroy: AtomicUsize::new(0),
            emissions: Emissions::new(Listeners {
                descriptor: Descriptor::new(),
                observers: Observers::new(),
            }),
        }
    }
}

impl Cancellable {
    pub(crate) fn is_cancelled(&self) -> bool {
        self.state().cancelled.load(Ordering::Acquire)
    }

    /// Sets the flag and tells everybody. Nothing happens if it is set.
    pub(crate) fn cancel(&self) {
        if self.is_cancelled() {
            return;
        }
        let this = Ref::retain(self);
        if let Some(emission) = this.begin_cancellation() {
            // SAFETY: alive, and an instance of the class that has the signal.
            unsafe { signal::emit(this.as_object(), CANCELLED.load(Ordering::Relaxed)) };
            this.state().emissions.end(emission);
        }
    }

    /// Sets the flag, for everybody who looks at it and for internal observers. `None` if it was set.
    fn begin_cancellation(&self) -> Option<u64> {
        let state = self.state();
        let mut shared = state.emissions.lock();
        if self.is_cancelled() {
            return None;
        }
        state.cancelled.store(true, Ordering::Release);
        shared.rest.descriptor.set();
        shared.rest.observers.notify_all();
        Some(state.emissions.begin(&mut shared))
    }

    /// Clears the flag, at a moment when no other thread is calling handlers.
    pub(crate) fn reset(&self) {
        let shared = self.state().emissions.lock_when_quiet();
        if self.is_cancelled() {
            self.state().cancelled.store(false, Ordering::Release);
            shared.rest.descriptor.clear();
        }
    }

    /// Connects a handler; if the object is cancelled, calls it instead, destroys the data, and answers 0.
    ///
    /// # Safety
    /// `callback` may be called with (cancellable, data) until `destroy`, which may be called with `data`, has run.
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
        let state = self.state();
        let mut shared = state.emissions.lock();
        if !self.is_cancelled() {
            let signal = CANCELLED.load(Ordering::Relaxed);
            // SAFETY: alive, and as the caller vouches. Connecting runs no code of the program.
            let handler =
                unsafe { signal::connect(self.as_object(), signal, callback, data, destroy) };
            if destroy.is_none() {
                state
                    .without_destroy
                    .store(handler as usize, Ordering::Relaxed);
            }
            return handler;
        }
        // Being noted as an emission keeps other threads from resetting before the callback has returned.
        let emission = state.emissions.begin(&mut shared);
        drop(shared);
        let this = Ref::retain(self);
        // SAFETY: the caller vouches for the callback with these arguments, and for the destroy notify.
        let data = unsafe {
            let function = transmute::<
                unsafe extern "C" fn(),
                unsafe extern "C" fn(*mut Cancellable, gpointer),
            >(function);
            let data = Owned::new(data, destroy);
            function(this.as_object().cast(), data.data());
            data
        };
        this.state().emissions.end(emission);
        drop(data);
        0
    }

    /// Disconnects a handler: when this returns, no other thread is running it, and its data is destroyed.
    /// Inside a handler of this object nothing is waited for: the data of a running handler goes when it returns.
    pub(crate) fn disconnect(&self, handler: c_ulong) {
        let state = self.state();
        // Destroying the data may drop the caller's reference. Without a destroy notify nothing of the program runs here.
        // That is known of a handler once: when it is gone already, GObject says so, and log functions run.
        let without_destroy = state.without_destroy.compare_exchange(
            handler as usize,
            0,
            Ordering::Relaxed,
            Ordering::Relaxed,
        );
        let _this = without_destroy.is_err().then(|| Ref::retain(self));
        state.emissions.remove_handler(
            // SAFETY: alive.
            || unsafe { signal::block(self.as_object(), handler) },
            // SAFETY: alive.
            || unsafe { signal::disconnect(self.as_object(), handler) },
        );
    }

    /// A descriptor that is readable while the object is cancelled; `None` when none can be made.
    pub(crate) fn acquire_fd(&self) -> Option<c_int> {
        let mut shared = self.state().emissions.lock();
        shared.rest.descriptor.acquire(self.is_cancelled())
    }

    /// Gives up what `acquire_fd` gave. FALSE if it gave nothing.
    pub(crate) fn release_fd(&self) -> bool {
        self.state().emissions.lock().rest.descriptor.release()
    }

    /// Adds an internal observer, and says whether the object was cancelled at that moment: if so, it will be
    /// notified of later cancellations only.
    ///
    /// # Safety
    /// As for `Observers::join`. The object outlives the membership.
    pub(crate) unsafe fn join(&self, observer: *const Observer) -> bool {
        let mut shared = self.state().emissions.lock();
        // SAFETY: as the caller vouches.
        unsafe { shared.rest.observers.join(observer) };
        self.is_cancelled()
    }

    /// Removes an observer, if it is there: when this returns it is not being notified, and will not be.
    ///
    /// # Safety
    /// As for `Observers::leave`. Not called from a notification.
    pub(crate) unsafe fn leave(&self, observer: *const Observer) {
        let mut shared = self.state().emissions.lock();
        // SAFETY: as the caller vouches.
        unsafe { shared.rest.observers.leave(observer) };
    }

    fn state(&self) -> &State {
        // SAFETY: set with the instance, and dropped with it.
        unsafe { &*self.private }
    }
}
