//! Who follows whom. A link belongs to two lists, its parent's and its child's, and keeps neither alive:
//! when one of them ends, it takes its links out, under the lock.
//!
//! A parent of ours has the list of its children in itself, and its class is told of its cancellation. Any
//! other cancellable has the list in its qdata, and one handler, for all of its children, behind the
//! program's handlers: `links/foreign.rs`.

mod foreign;

use std::cell::Cell;
use std::collections::VecDeque;
use std::mem::offset_of;
use std::ptr::{null, null_mut};
use std::sync::MutexGuard;

use super::public::{self, GCancellable};
use super::ring::Ring;
use super::state::{lock, member_of, Cause, Member, Reference, State, NEVER};

struct Link {
    /// Among its parent's children, and among its child's parents.
    of_parent: Ring,
    of_child: Ring,
    parent: *mut GCancellable,
    /// NULL of the mark of a walk over the parent's children.
    child: *mut Member,
    /// Those that are linked later have higher numbers.
    number: u64,
}

impl Link {
    fn new(parent: *mut GCancellable, child: *mut Member) -> Self {
        Self {
            of_parent: Ring::unset(),
            of_child: Ring::unset(),
            parent,
            child,
            number: 0,
        }
    }

    fn is_mark(&self) -> bool {
        self.child.is_null()
    }

    fn of_parent(ring: *mut Ring) -> *mut Self {
        ring.wrapping_byte_sub(offset_of!(Self, of_parent)).cast()
    }

    fn of_child(ring: *mut Ring) -> *mut Self {
        ring.wrapping_byte_sub(offset_of!(Self, of_child)).cast()
    }

    /// # Safety
    /// The link is in both lists.
    unsafe fn drop(this: *mut Self, _lock: &MutexGuard<'_, State>) {
        // SAFETY: as the caller ensures. It came from a box.
        unsafe {
            Ring::remove(&raw mut (*this).of_parent);
            Ring::remove(&raw mut (*this).of_child);
            drop(Box::from_raw(this));
        }
    }
}

/// Lets a child follow a parent: from now on, or at once if the parent is cancelled.
///
/// # Safety
/// Both are alive.
pub(super) unsafe fn add(child: *mut Member, parent: *mut GCancellable) {
    // SAFETY: both are alive, and so is what belongs to them.
    unsafe {
        let children = match member_of(parent) {
            Some(member) => &raw mut (*member).children,
            None => foreign::children_of(parent),
        };
        let link = Box::into_raw(Box::new(Link::new(parent, child)));
        let mut guard = lock();
        (*link).number = guard.next_serial();
        Ring::append(children, &raw mut (*link).of_parent);
        Ring::append(&raw mut (*child).parents, &raw mut (*link).of_child);
        drop(guard);
        // Looked at after it was linked: a cancellation that does not see the link is seen here.
        if public::is_cancelled(parent) {
            cancel(child, cause_of(parent).of_child());
        }
    }
}

/// Cancels one that the caller keeps, because of that. Its children are cancelled before this returns.
///
/// # Safety
/// It is alive.
pub(super) unsafe fn cancel(member: *mut Member, cause: Cause) {
    let mut guard = lock();
    // SAFETY: as the caller ensures.
    let cancelling = unsafe { Member::begin(member, &mut guard, cause) };
    drop(guard);
    if let Some(cancelling) = cancelling {
        cancelling.cancel();
    }
}

/// Takes back one `add`, the last one. FALSE if there is none.
///
/// # Safety
/// Both are alive.
pub(super) unsafe fn remove(child: *mut Member, parent: *mut GCancellable) -> bool {
    let guard = lock();
    // SAFETY: under the lock, what is linked is there.
    unsafe {
        let parents = &raw mut (*child).parents;
        let mut next = Ring::last(parents);
        while let Some(ring) = next {
            let link = Link::of_child(ring);
            if (*link).parent == parent {
                Link::drop(link, &guard);
                return true;
            }
            next = Ring::before(parents, ring);
        }
    }
    false
}

/// One of ours ends: so do its links and its deadline.
///
/// # Safety
/// It is being disposed of.
pub(super) unsafe fn leave(member: *mut Member) {
    let mut guard = lock();
    // SAFETY: under the lock, what is linked is there.
    unsafe {
        while let Some(ring) = Ring::first(&raw mut (*member).parents) {
            Link::drop(Link::of_child(ring), &guard);
        }
        drop_children(&raw mut (*member).children, &guard);
        guard.deadlines.remove(member);
    }
}

/// # Safety
/// A list of children.
unsafe fn drop_children(children: *mut Ring, guard: &MutexGuard<'_, State>) {
    // SAFETY: under the lock, what is linked is there.
    unsafe {
        let mut next = Ring::first(children);
        while let Some(ring) = next {
            next = Ring::after(children, ring);
            let link = Link::of_parent(ring);
            // A walk takes its mark out itself.
            if !(*link).is_mark() {
                Link::drop(link, guard);
            }
        }
    }
}

/// Why a cancellable is cancelled, or was last.
///
/// # Safety
/// It is alive.
pub(super) unsafe fn cause_of(cancellable: *mut GCancellable) -> Cause {
    // SAFETY: as the caller ensures.
    unsafe {
        let Some(member) = member_of(cancellable) else {
            return Cause::Itself;
        };
        let cause = Member::cause(member);
        // After a reset, the program itself cancels it, and its class has not been told yet.
        if cause == Cause::Itself {
            return cause;
        }
        let guard = lock();
        let is_known = guard.is_being_cancelled(member) || guard.was_left;
        drop(guard);
        if !is_known && is_emitting(cancellable) {
            return Cause::Itself;
        }
        cause
    }
}

/// Whether some thread is emitting the signal of a cancellable.
///
/// # Safety
/// It is alive.
#[cold]
unsafe fn is_emitting(cancellable: *mut GCancellable) -> bool {
    // SAFETY: as the caller ensures. GObject looks for the emission under a lock of its own. The hint may be
    // another thread's, and gone: so nothing is read from it.
    unsafe { !gobject_sys::g_signal_get_invocation_hint(cancellable.cast()).is_null() }
}

/// The earliest of its deadline and those of all that it follows, however indirectly.
///
/// # Safety
/// It is alive.
pub(super) unsafe fn deadline_of(member: *mut Member) -> i64 {
    let mut guard = lock();
    let search = guard.next_serial();
    let mut earliest = NEVER;
    let mut to_look_at = vec![member];
    // SAFETY: under the lock, what is linked is there.
    unsafe {
        while let Some(member) = to_look_at.pop() {
            // There may be several ways to one, and circles.
            if std::mem::replace(&mut (*member).searched, search) == search {
                continue;
            }
            let deadline = (*member).deadline;
            if deadline != NEVER && (earliest == NEVER || deadline < earliest) {
                earliest = deadline;
            }
            let parents = &raw mut (*member).parents;
            let mut next = Ring::first(parents);
            while let Some(ring) = next {
                // Others have no deadlines, and no parents.
                to_look_at.extend(member_of((*Link::of_child(ring)).parent));
                next = Ring::after(parents, ring);
            }
        }
    }
    drop(guard);
    earliest
}

// --- A cancellation goes down.

/// A walk of this thread's, and the child that it is cancelling.
struct Walk {
    child: *mut Member,
    /// The child's class was told of it, and there are children of its own.
    goes_on: Cell<bool>,
    outer: *const Walk,
}

std::thread_local! {
    static INNERMOST: Cell<*const Walk> = const { Cell::new(null()) };
}

/// The class of ours: the handlers of this one have been called.
///
/// # Safety
/// It is alive.
pub(super) unsafe fn cancelled(member: *mut Member) {
    // SAFETY: as the caller ensures. A walk is there until it has been taken back from its place.
    unsafe {
        // Somebody may have emitted the signal by hand.
        if !public::is_cancelled((*member).object) {
            return;
        }
        let children = &raw mut (*member).children;
        let guard = lock();
        if !guard.is_being_cancelled(member) {
            Member::was_cancelled_itself(member);
        }
        let has_children = Ring::first(children).is_some();
        drop(guard);
        match INNERMOST.get().as_ref() {
            // It comes from a walk, which goes on with its children itself: so there is no recursion.
            Some(walk) if walk.child == member => walk.goes_on.set(has_children),
            _ => go_down(children, Member::cause(member)),
        }
    }
}

/// Cancels the children, then theirs, and so on: each generation before the next, in the order in which
/// they were linked. Who is linked later is cancelled by `add`.
///
/// # Safety
/// The parent, whose list it is, is alive until this returns.
unsafe fn go_down(children: *mut Ring, cause: Cause) {
    let mut to_do: VecDeque<Reference> = VecDeque::new();
    // SAFETY: as the caller ensures; those to be done are kept by references.
    unsafe {
        cancel_children(children, cause, &mut to_do);
        while let Some(parent) = to_do.pop_front() {
            let member = parent.member();
            cancel_children(
                &raw mut (*member).children,
                Member::cause(member),
                &mut to_do,
            );
        }
    }
}

/// Cancels those that follow; those that have children themselves are to be done.
///
/// # Safety
/// As for `go_down`.
unsafe fn cancel_children(children: *mut Ring, cause: Cause, to_do: &mut VecDeque<Reference>) {
    let mut guard = lock();
    // SAFETY: under the lock, what is linked is there. The mark is taken out before this returns.
    unsafe {
        if Ring::first(children).is_none() {
            return;
        }
        let last = guard.next_serial();
        // It goes from child to child. So handlers may take away any of them, and several walks may meet.
        // It is not on the stack: if the thread ends in a handler, or is not there in a forked child, the mark
        // stays, and others pass by it.
        let link = Box::into_raw(Box::new(Link::new(null_mut(), null_mut())));
        let mark = &raw mut (*link).of_parent;
        Ring::insert_behind(children, mark);
        while let Some(ring) = Ring::after(children, mark) {
            Ring::remove(mark);
            Ring::insert_behind(ring, mark);
            let link = Link::of_parent(ring);
            if (*link).is_mark() {
                continue;
            }
            // Who came later was cancelled when it was linked.
            if (*link).number > last {
                break;
            }
            let Some(claim) = Member::claim((*link).child, &mut guard, cause.of_child()) else {
                continue;
            };
            drop(guard);
            let held = claim.hold();
            let walk = Walk {
                child: held.member(),
                goes_on: Cell::new(false),
                outer: INNERMOST.get(),
            };
            INNERMOST.set(&walk);
            let child = held.cancel();
            INNERMOST.set(walk.outer);
            if walk.goes_on.get() {
                to_do.push_back(child);
            } else {
                drop(child);
            }
            guard = lock();
        }
        Ring::remove(mark);
        drop(Box::from_raw(link));
    }
}
