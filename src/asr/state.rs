//! What this floor knows of a cancellable that it made, and the one lock over all of it.
//!
//! Under the lock nothing of a program's is called: no handler, and no reference is taken or dropped, since
//! a toggle notification or a finalizer would run. What is asked of GIO under it is only whether something
//! is cancelled.

use std::cell::{Cell, UnsafeCell};
use std::sync::atomic::{AtomicIsize, AtomicU32, AtomicU8, AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use super::heap::{Heap, Placed};
use super::public::{self, GCancellable};
use super::ring::Ring;

/// What belongs to a cancellable of ours: the private part of the instance. Pointers to it are valid until it
/// is disposed of: then, under the lock, everything that holds one lets it go.
pub(super) struct Member {
    /// Set with the instance.
    pub(super) object: *mut GCancellable,
    /// The links in which this is the parent, and those in which it is the child. Under the lock.
    pub(super) children: Ring,
    pub(super) parents: Ring,
    /// Its own deadline; `NEVER` without one. Under the lock.
    pub(super) deadline: i64,
    /// Where it stands among the deadlines that are to come. Under the lock.
    place: Option<usize>,
    /// The search of deadlines that came by last. Under the lock.
    pub(super) searched: u64,
    /// A `Cause`: why it is cancelled, or was last. Set before the flag.
    cause: AtomicU8,
    /// How many of its cancellations are claims. Changed under the lock.
    claims: AtomicU32,
}

impl Placed for Member {
    fn place(&mut self) -> &mut Option<usize> {
        &mut self.place
    }
}

/// The type of ours, 0 before there is one, and where its members are in an instance. `class.rs` writes both,
/// the type last.
pub(super) static TYPE: AtomicUsize = AtomicUsize::new(0);
pub(super) static OFFSET: AtomicIsize = AtomicIsize::new(0);

/// What belongs to a cancellable, if it is one of ours.
///
/// # Safety
/// A live cancellable, or one whose end has not yet come by here.
pub(super) unsafe fn member_of(cancellable: *mut GCancellable) -> Option<*mut Member> {
    // SAFETY: as the caller ensures. Nothing has the type 0. An instance of the class has its member there.
    unsafe {
        (GCancellable::type_of(cancellable) == TYPE.load(Ordering::Acquire)).then(|| {
            cancellable
                .byte_offset(OFFSET.load(Ordering::Relaxed))
                .cast::<Member>()
        })
    }
}

/// No deadline.
pub(super) const NEVER: i64 = -1;

/// Why something is cancelled.
#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Cause {
    Itself,
    Parent,
    /// A parent, whose deadline or whose parent's deadline passed.
    ParentInTime,
    Deadline,
}

impl Cause {
    const ALL: [Self; 4] = [
        Self::Itself,
        Self::Parent,
        Self::ParentInTime,
        Self::Deadline,
    ];

    /// Of a child that is cancelled because of a parent with this cause.
    pub(super) fn of_child(self) -> Self {
        match self {
            Self::Itself | Self::Parent => Self::Parent,
            Self::ParentInTime | Self::Deadline => Self::ParentInTime,
        }
    }

    pub(super) fn is_deadline(self) -> bool {
        matches!(self, Self::ParentInTime | Self::Deadline)
    }
}

/// # Safety
/// For all functions: the member is alive, or (under the lock) still linked or among the deadlines.
impl Member {
    pub(super) unsafe fn init(this: *mut Self, object: *mut GCancellable) {
        // SAFETY: nobody else sees it yet.
        unsafe {
            this.write(Self {
                object,
                children: Ring::unset(),
                parents: Ring::unset(),
                deadline: NEVER,
                place: None,
                searched: 0,
                cause: AtomicU8::new(Cause::Itself as u8),
                claims: AtomicU32::new(0),
            });
            Ring::init(&raw mut (*this).children);
            Ring::init(&raw mut (*this).parents);
        }
    }

    /// What was noted last. It says why, if the object is cancelled.
    pub(super) unsafe fn cause(this: *mut Self) -> Cause {
        // SAFETY: see above.
        Cause::ALL[usize::from(unsafe { &*this }.cause.load(Ordering::Relaxed)) & 3]
    }

    /// The program itself is cancelling it: its handlers have been called.
    pub(super) unsafe fn was_cancelled_itself(this: *mut Self) {
        // SAFETY: see above.
        unsafe { &*this }
            .cause
            .store(Cause::Itself as u8, Ordering::Relaxed);
    }

    /// Notes the cause before the flag is set: who sees the flag sees it. `None` if it is cancelled already.
    pub(super) unsafe fn begin(
        this: *mut Self,
        state: &mut State,
        cause: Cause,
    ) -> Option<Cancelling> {
        // SAFETY: see above. Asking runs nothing.
        unsafe {
            if public::is_cancelled((*this).object) {
                return None;
            }
            (*this).cause.store(cause as u8, Ordering::Relaxed);
        }
        state.cancellations.push(Cancellation {
            member: this,
            thread: this_thread(),
            cause,
            is_claim: false,
        });
        Some(Cancelling(this))
    }

    /// As `begin`, for a thread that has no reference: it takes one, by `Claim::hold`, without the lock.
    pub(super) unsafe fn claim(this: *mut Self, state: &mut State, cause: Cause) -> Option<Claim> {
        // SAFETY: see above. It is not disposed of yet, as disposing takes it from where it was found.
        let cancelling = unsafe { Self::begin(this, state, cause)? };
        state.cancellation_of(this).is_claim = true;
        // SAFETY: see above.
        unsafe { (*this).claims.fetch_add(1, Ordering::Relaxed) };
        Some(Claim(cancelling))
    }

    /// Waits until nobody is about to take a reference. To be called by the class's dispose: until that
    /// returns, the last reference is there, and others may be taken. Then it lives on. It takes no lock:
    /// GObject bears it ill if the others are dropped just when it sees that they are there.
    pub(super) unsafe fn await_claims(this: *mut Self) {
        // SAFETY: see above.
        while unsafe { &*this }.claims.load(Ordering::Acquire) != 0 {
            std::thread::yield_now();
        }
    }
}

/// Somebody who is about to take a reference.
#[must_use]
pub(super) struct Claim(Cancelling);

impl Claim {
    pub(super) fn hold(self) -> Held {
        let member = self.0 .0;
        // SAFETY: claimed, so not finalized.
        unsafe { gobject_sys::g_object_ref((*member).object.cast()) };
        let mut state = lock();
        state.cancellation_of(member).is_claim = false;
        // SAFETY: referenced.
        unsafe { (*member).claims.fetch_sub(1, Ordering::Release) };
        drop(state);
        Held(self.0)
    }
}

/// A cancellation that this floor makes, of something that somebody keeps.
#[must_use]
pub(super) struct Cancelling(*mut Member);

impl Cancelling {
    pub(super) fn cancel(self) {
        // SAFETY: whoever calls this keeps it.
        unsafe { public::g_cancellable_cancel((*self.0).object) };
        let mut state = lock();
        let place = state.place_of(self.0);
        state.cancellations.remove(place);
    }
}

/// One with a reference of its own.
#[must_use]
pub(super) struct Held(Cancelling);

impl Held {
    pub(super) fn member(&self) -> *mut Member {
        self.0 .0
    }

    pub(super) fn cancel(self) -> Reference {
        let reference = Reference(self.0 .0);
        self.0.cancel();
        reference
    }
}

/// A reference to a cancellable of ours.
pub(super) struct Reference(*mut Member);

impl Reference {
    pub(super) fn member(&self) -> *mut Member {
        self.0
    }
}

impl Drop for Reference {
    fn drop(&mut self) {
        // SAFETY: it is this one's.
        unsafe { gobject_sys::g_object_unref((*self.0).object.cast()) };
    }
}

/// A cancellation that a thread is making because of a parent or a deadline.
struct Cancellation {
    member: *mut Member,
    thread: Thread,
    cause: Cause,
    /// The thread is about to take a reference. The member is not finalized before it has.
    is_claim: bool,
}

/// Which thread something is of: as long as that runs, no other one is equal.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Thread(usize);

fn this_thread() -> Thread {
    std::thread_local!(static OWN: Cell<u8> = const { Cell::new(0) });
    OWN.with(|own| Thread(std::ptr::from_ref(own).addr()))
}

/// What the lock covers, beside the members.
pub(super) struct State {
    pub(super) deadlines: Heap<Member>,
    pub(super) timer: Timer,
    /// Those that threads are making: few. Those of one thread are in the order in which it began them.
    cancellations: Vec<Cancellation>,
    /// A thread that is gone was emitting a signal. GObject keeps emissions on the stack, and does not know
    /// that this one is over: so it cannot be asked any more who is emitting.
    pub(super) was_left: bool,
    /// Numbers of links, walks over children, and searches of deadlines.
    serial: u64,
}

// SAFETY: what is behind the pointers is used under the lock.
unsafe impl Send for State {}

impl State {
    pub(super) fn next_serial(&mut self) -> u64 {
        self.serial += 1;
        self.serial
    }

    /// Whether some thread is cancelling it because of a parent or a deadline.
    pub(super) fn is_being_cancelled(&self, member: *mut Member) -> bool {
        self.cancellations.iter().any(|it| it.member == member)
    }

    /// Where this thread's cancellation of a member stands: the innermost one.
    fn place_of(&self, member: *mut Member) -> usize {
        let thread = this_thread();
        let mut all = self.cancellations.iter();
        let place = all.rposition(|it| it.member == member && it.thread == thread);
        place.unwrap_or_else(|| unreachable!())
    }

    fn cancellation_of(&mut self, member: *mut Member) -> &mut Cancellation {
        let place = self.place_of(member);
        &mut self.cancellations[place]
    }

    /// The thread of the deadlines ends: this one.
    pub(super) fn timer_ends(&mut self) {
        let own = this_thread();
        self.forget_threads(|thread| thread == own);
        self.timer = Timer::Absent;
    }

    /// Ends what threads were doing that are there no more. A deadline that one of them was to pass is one
    /// that is to come again.
    fn forget_threads(&mut self, is_gone: impl Fn(Thread) -> bool) {
        // SAFETY: what is being cancelled is not finalized.
        unsafe {
            for it in &self.cancellations {
                let member = it.member;
                if !is_gone(it.thread) {
                    continue;
                }
                self.was_left = true;
                if it.is_claim {
                    (*member).claims.fetch_sub(1, Ordering::Relaxed);
                }
                if it.cause == Cause::Deadline
                    && (*member).place.is_none()
                    && (*member).deadline != NEVER
                    && !public::is_cancelled((*member).object)
                {
                    self.deadlines.insert((*member).deadline, member);
                }
            }
        }
        self.cancellations.retain(|it| !is_gone(it.thread));
    }
}

/// What the thread of the deadlines does.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Timer {
    /// There is none.
    Absent,
    Starting,
    /// It looks at the deadlines before it sleeps. It was woken for this time.
    Awake(i64),
    /// It sleeps until this time.
    Asleep(i64),
}

static STATE: Mutex<State> = Mutex::new(State {
    deadlines: Heap::new(),
    timer: Timer::Absent,
    cancellations: Vec::new(),
    was_left: false,
    serial: 0,
});

/// Where the thread of the deadlines sleeps.
pub(super) static WAKE_UP: Condvar = Condvar::new();

/// It is never poisoned: a panic aborts the process.
pub(super) fn lock() -> MutexGuard<'static, State> {
    STATE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What the forking thread holds during the fork.
struct DuringFork(UnsafeCell<Option<MutexGuard<'static, State>>>);

// SAFETY: only the thread that has the lock uses it.
unsafe impl Sync for DuringFork {}

static DURING_FORK: DuringFork = DuringFork(UnsafeCell::new(None));

extern "C" fn before_fork() {
    let guard = lock();
    // SAFETY: this thread has the lock.
    unsafe { *DURING_FORK.0.get() = Some(guard) };
}

extern "C" fn in_parent() {
    // SAFETY: this thread has the lock, until the guard is dropped, when it is out of its place.
    let guard = unsafe { (*DURING_FORK.0.get()).take() };
    drop(guard);
}

/// The child has the forking thread alone, so none for deadlines: its next one starts it.
extern "C" fn in_child() {
    // SAFETY: this thread has the lock, until the guard is dropped, when it is out of its place.
    let guard = unsafe { (*DURING_FORK.0.get()).take() };
    if let Some(mut state) = guard {
        let own = this_thread();
        state.forget_threads(|thread| thread != own);
        state.timer = Timer::Absent;
    }
}

/// Called while the library is loaded, as in `src/scheduling/fork.rs`, and for the same reason.
/// Not in Miri.
#[used]
#[cfg_attr(not(miri), link_section = ".init_array")]
static AT_LOAD: extern "C" fn() = {
    extern "C" fn at_load() {
        // SAFETY: the functions stay where they are.
        unsafe { libc::pthread_atfork(Some(before_fork), Some(in_parent), Some(in_child)) };
    }
    at_load
};
