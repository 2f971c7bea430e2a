//! `asr_cancellable_*`: cancellables that follow others, and end at a time.

use std::ptr::null_mut;

use glib_sys::{gboolean, GError, GFALSE, GTRUE};

use super::public::{self, GCancellable};
use super::state::{member_of, Cause, Member, NEVER};
use super::{class, links, timer};

use AsrCancelReason::*;

/// GLib's names for these types, which the header has.
#[allow(non_camel_case_types)]
pub type gint64 = i64;
#[allow(non_camel_case_types)]
pub type gsize = usize;

/// AsrCancelReason:
/// @ASR_CANCEL_REASON_NONE: it is not cancelled
/// @ASR_CANCEL_REASON_ITSELF: by g_cancellable_cancel()
/// @ASR_CANCEL_REASON_PARENT: a parent was cancelled, for whatever reason
/// @ASR_CANCEL_REASON_DEADLINE: its own deadline passed
///
/// Why a cancellable is cancelled. Later versions may have more.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(
    non_camel_case_types,
    clippy::enum_variant_names,
    reason = "these are the names that C sees"
)]
pub enum AsrCancelReason {
    ASR_CANCEL_REASON_NONE = 0,
    ASR_CANCEL_REASON_ITSELF = 1,
    ASR_CANCEL_REASON_PARENT = 2,
    ASR_CANCEL_REASON_DEADLINE = 3,
}

/// Refuses what is not as it has to be: one critical, and the answer.
macro_rules! require {
    ($function:literal, $condition:expr, $text:literal $(, $answer:expr)?) => {
        if !$condition {
            public::refuse($function, $text);
            return $($answer)?;
        }
    };
}

/// What belongs to an argument, if that is a cancellable that this library made.
fn ours(cancellable: *mut GCancellable) -> Option<*mut Member> {
    // SAFETY: NULL or a live instance: the exports' rules.
    unsafe {
        if cancellable.is_null() {
            None
        } else {
            member_of(cancellable)
        }
    }
}

/// Whether an argument is NULL or a cancellable.
fn is_optional(cancellable: *mut GCancellable) -> bool {
    cancellable.is_null() || ours(cancellable).is_some() || public::is_cancellable(cancellable)
}

/// A deadline that the program gives. One before the clock began has passed, as its beginning has.
fn time_of(deadline: gint64) -> i64 {
    if deadline == NEVER {
        NEVER
    } else {
        deadline.max(0)
    }
}

/// asr_cancellable_new_child:
/// @parent: (nullable) (transfer none): any cancellable, or %NULL for none
///
/// Makes a cancellable that is cancelled when @parent is. Nothing that happens to it happens to @parent.
/// With %NULL it is a plain one, whose parents and deadline come later.
///
/// g_cancellable_cancel() of @parent cancels all its children before it returns, when the handlers of
/// @parent itself have been called; then their children, each generation before the next one, and in a
/// generation in the order in which they were linked. However many generations there are, there is no
/// recursion. A child that a handler unlinks before its turn has come is left alone. If @parent is
/// cancelled already, the child is, too.
///
/// What another thread is cancelling at the same time is left to it, with all that follows it: that may
/// still be on its way when this one's g_cancellable_cancel() returns. In a child process that was forked
/// meanwhile, what another thread had not reached stays as it is.
///
/// Handlers that were connected with %G_CONNECT_AFTER are called behind the children. One that stops the
/// emission of "cancelled" of a @parent keeps the cancellation from the children. g_object_run_dispose() of a
/// @parent that this header did not make takes away what tells its children; the next child that is linked
/// brings it back.
///
/// Neither keeps the other alive: the child follows until one of them ends. Nothing has to be undone, and
/// of a child nothing is left behind at its parent. Both can be dropped in handlers, and on any thread.
///
/// g_cancellable_reset() concerns one object alone. A child that is reset is not cancelled again by a
/// parent that is cancelled already, and still follows: the next cancellation of a parent cancels it. A
/// parent that is reset leaves its children as they are. A handler that resets its own cancellable, while
/// a parent is cancelling it, and cancels it anew, gets the children cancelled when it has returned, and the
/// reason stays the parent.
///
/// Any thread.
///
/// Returns: (transfer full) (not nullable): a new cancellable
#[no_mangle]
pub unsafe extern "C" fn asr_cancellable_new_child(parent: *mut GCancellable) -> *mut GCancellable {
    require!(
        c"asr_cancellable_new_child",
        is_optional(parent),
        c"parent == NULL || G_IS_CANCELLABLE (parent)",
        null_mut()
    );
    let (child, member) = class::create();
    if !parent.is_null() {
        // SAFETY: both are alive.
        unsafe { links::add(member, parent) };
    }
    child
}

/// asr_cancellable_new_linked:
/// @parents: (array length=n_parents) (nullable) (transfer none): cancellables; %NULL in it is none
/// @n_parents: how many
///
/// Makes a cancellable that is cancelled when any of @parents is. Otherwise like
/// asr_cancellable_new_child(). @parents may be %NULL if @n_parents is 0. Any thread.
///
/// Returns: (transfer full) (not nullable): a new cancellable
#[no_mangle]
pub unsafe extern "C" fn asr_cancellable_new_linked(
    parents: *const *mut GCancellable,
    n_parents: gsize,
) -> *mut GCancellable {
    require!(
        c"asr_cancellable_new_linked",
        !parents.is_null() || n_parents == 0,
        c"parents != NULL || n_parents == 0",
        null_mut()
    );
    let parents = if n_parents == 0 {
        &[]
    } else {
        // SAFETY: as many as the caller says.
        unsafe { std::slice::from_raw_parts(parents, n_parents) }
    };
    require!(
        c"asr_cancellable_new_linked",
        parents.iter().all(|parent| is_optional(*parent)),
        c"parents[i] == NULL || G_IS_CANCELLABLE (parents[i])",
        null_mut()
    );
    let (child, member) = class::create();
    for parent in parents.iter().filter(|parent| !parent.is_null()) {
        // SAFETY: both are alive.
        unsafe { links::add(member, *parent) };
    }
    child
}

/// asr_cancellable_add_parent:
/// @cancellable: (not nullable): one that a function of this header made
/// @parent: (nullable) (transfer none): any other cancellable, or %NULL for none
///
/// Lets @cancellable follow one parent more, as asr_cancellable_new_child() says. If @parent is cancelled,
/// so is @cancellable, before this returns. One that is added twice is a parent until it is removed twice.
/// In a circle, each is cancelled when any of them is. Any thread.
#[no_mangle]
pub unsafe extern "C" fn asr_cancellable_add_parent(
    cancellable: *mut GCancellable,
    parent: *mut GCancellable,
) {
    let member = ours(cancellable);
    require!(
        c"asr_cancellable_add_parent",
        member.is_some(),
        c"cancellable was made by asr_cancellable_new_*()"
    );
    require!(
        c"asr_cancellable_add_parent",
        is_optional(parent),
        c"parent == NULL || G_IS_CANCELLABLE (parent)"
    );
    require!(
        c"asr_cancellable_add_parent",
        parent != cancellable,
        c"parent != cancellable"
    );
    if let (Some(member), false) = (member, parent.is_null()) {
        // SAFETY: both are alive.
        unsafe { links::add(member, parent) };
    }
}

/// asr_cancellable_remove_parent:
/// @cancellable: (not nullable): one that a function of this header made
/// @parent: (nullable) (transfer none): any cancellable, or %NULL
///
/// Lets @cancellable follow @parent no more, however it came to be a parent. What has been cancelled stays
/// so. A cancellation that another thread has begun may still reach it. It costs as much as @cancellable
/// has parents. Any thread.
///
/// Returns: %FALSE if @parent was no parent
#[no_mangle]
pub unsafe extern "C" fn asr_cancellable_remove_parent(
    cancellable: *mut GCancellable,
    parent: *mut GCancellable,
) -> gboolean {
    let member = ours(cancellable);
    require!(
        c"asr_cancellable_remove_parent",
        member.is_some(),
        c"cancellable was made by asr_cancellable_new_*()",
        GFALSE
    );
    require!(
        c"asr_cancellable_remove_parent",
        is_optional(parent),
        c"parent == NULL || G_IS_CANCELLABLE (parent)",
        GFALSE
    );
    match member {
        // SAFETY: both are alive.
        Some(member) if !parent.is_null() => unsafe { links::remove(member, parent) }.into(),
        _ => GFALSE,
    }
}

/// asr_cancellable_new_timeout:
/// @timeout: microseconds from now, as 30 * %G_USEC_PER_SEC; -1 for none
///
/// Makes a cancellable that is cancelled after a time. Like asr_cancellable_new_deadline() with the time
/// from now. With 0 it is cancelled already, and with less, but for -1, too: the time has passed.
///
/// Any thread.
///
/// Returns: (transfer full) (not nullable): a new cancellable
#[no_mangle]
pub unsafe extern "C" fn asr_cancellable_new_timeout(timeout: gint64) -> *mut GCancellable {
    let deadline = if timeout == NEVER {
        NEVER
    } else {
        timer::now().saturating_add(timeout).max(0)
    };
    let (cancellable, member) = class::create();
    // SAFETY: it is alive.
    unsafe { timer::set(member, deadline) };
    cancellable
}

/// asr_cancellable_new_deadline:
/// @deadline: microseconds of the clock of g_get_monotonic_time(), as g_get_monotonic_time () + 30 *
///   %G_USEC_PER_SEC; -1 for none
///
/// Makes a cancellable that is cancelled at a time. If that has passed, it is cancelled already. Otherwise
/// its handlers, and those of its children, are called on a thread of the library's.
///
/// That one thread is there for the whole process, so no main loop has to run. What ends with the last
/// reference does so there, too. A handler that takes long delays the deadlines behind it; it must not wait
/// for another deadline, which would never pass. Like a timeout of GLib, the clock stands still while the
/// machine is suspended.
///
/// The thread has the scheduling and the processors of the main thread when it starts, as far as the system
/// allows it, and the blocked signals of the thread that set the first deadline, as every thread inherits
/// them; so have processes that a handler starts.
///
/// A child process that was forked, also by daemon(), has no such thread until it sets a deadline itself:
/// those that were set before stand still until then. If the system refuses a thread, that is one warning,
/// and the next deadline asks again.
///
/// Any thread.
///
/// Returns: (transfer full) (not nullable): a new cancellable
#[no_mangle]
pub unsafe extern "C" fn asr_cancellable_new_deadline(deadline: gint64) -> *mut GCancellable {
    let (cancellable, member) = class::create();
    // SAFETY: it is alive.
    unsafe { timer::set(member, time_of(deadline)) };
    cancellable
}

/// asr_cancellable_set_deadline:
/// @cancellable: (not nullable): one that a function of this header made
/// @deadline: microseconds of the clock of g_get_monotonic_time(), as g_get_monotonic_time () + 30 *
///   %G_USEC_PER_SEC; -1 for none
///
/// Sets the deadline of @cancellable, in place of the one that it has. Those of its parents stay. If the
/// time has passed, @cancellable is cancelled before this returns. A deadline passes once:
/// g_cancellable_reset() does not bring it back, and does not stop one that is to come. Any thread.
#[no_mangle]
pub unsafe extern "C" fn asr_cancellable_set_deadline(
    cancellable: *mut GCancellable,
    deadline: gint64,
) {
    let member = ours(cancellable);
    require!(
        c"asr_cancellable_set_deadline",
        member.is_some(),
        c"cancellable was made by asr_cancellable_new_*()"
    );
    if let Some(member) = member {
        // SAFETY: it is alive.
        unsafe { timer::set(member, time_of(deadline)) };
    }
}

/// asr_cancellable_get_deadline:
/// @cancellable: (nullable): any cancellable, or %NULL
///
/// Says when @cancellable will be cancelled, or was to be: the earliest of its own deadline and of those of
/// its parents, and theirs. One that has passed counts, too, also if what it cancelled was reset. It costs as
/// much as there are of them. Any thread.
///
/// Returns: microseconds of the clock of g_get_monotonic_time(); -1 if there is no deadline
#[no_mangle]
pub unsafe extern "C" fn asr_cancellable_get_deadline(cancellable: *mut GCancellable) -> gint64 {
    require!(
        c"asr_cancellable_get_deadline",
        is_optional(cancellable),
        c"cancellable == NULL || G_IS_CANCELLABLE (cancellable)",
        NEVER
    );
    match ours(cancellable) {
        // SAFETY: it is alive.
        Some(member) => unsafe { links::deadline_of(member) },
        None => NEVER,
    }
}

/// asr_cancellable_get_reason:
/// @cancellable: (nullable): any cancellable, or %NULL
///
/// Says why @cancellable is cancelled: what came first, also in its handlers. Of %NULL, that it is not; of
/// one that this library did not make, that it was cancelled itself. Any thread.
///
/// Returns: the reason
#[no_mangle]
pub unsafe extern "C" fn asr_cancellable_get_reason(
    cancellable: *mut GCancellable,
) -> AsrCancelReason {
    require!(
        c"asr_cancellable_get_reason",
        is_optional(cancellable),
        c"cancellable == NULL || G_IS_CANCELLABLE (cancellable)",
        ASR_CANCEL_REASON_NONE
    );
    // SAFETY: a live cancellable.
    unsafe {
        if cancellable.is_null() || !public::is_cancelled(cancellable) {
            return ASR_CANCEL_REASON_NONE;
        }
        match links::cause_of(cancellable) {
            Cause::Itself => ASR_CANCEL_REASON_ITSELF,
            Cause::Parent | Cause::ParentInTime => ASR_CANCEL_REASON_PARENT,
            Cause::Deadline => ASR_CANCEL_REASON_DEADLINE,
        }
    }
}

/// asr_cancellable_set_error:
/// @cancellable: (nullable): any cancellable, or %NULL
/// @error: (out) (optional) (nullable): where to store the error; %NULL to ignore it
///
/// Sets the error of an operation that ends because of @cancellable, if that is cancelled:
/// %G_IO_ERROR_TIMED_OUT if the cause is a deadline, its own or that of a parent, however many generations
/// above; otherwise %G_IO_ERROR_CANCELLED, as g_cancellable_set_error_if_cancelled(), which GIO and GTask
/// use, says of both. Any thread.
///
/// Returns: %TRUE if @cancellable is cancelled, and the error is set
#[no_mangle]
pub unsafe extern "C" fn asr_cancellable_set_error(
    cancellable: *mut GCancellable,
    error: *mut *mut GError,
) -> gboolean {
    require!(
        c"asr_cancellable_set_error",
        is_optional(cancellable),
        c"cancellable == NULL || G_IS_CANCELLABLE (cancellable)",
        GFALSE
    );
    // SAFETY: a live cancellable; the caller's place for an error.
    unsafe {
        if cancellable.is_null() || !public::is_cancelled(cancellable) {
            return GFALSE;
        }
        if links::cause_of(cancellable).is_deadline() {
            glib_sys::g_set_error_literal(
                error,
                public::g_io_error_quark(),
                public::TIMED_OUT,
                c"Operation timed out".as_ptr(),
            );
            return GTRUE;
        }
        public::g_cancellable_set_error_if_cancelled(cancellable, error)
    }
}
