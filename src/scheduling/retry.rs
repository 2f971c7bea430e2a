//! Asking again for a thread that the system refused, from a context that somebody iterates.

use std::cell::Cell;
use std::collections::BTreeSet;
use std::ffi::CStr;

use glib_sys::{gpointer, GSourceFunc, G_PRIORITY_DEFAULT};

use super::pool::{self, Outlook};
use super::sync::{lock, Mutex};
use crate::glib::context::Context;
use crate::glib::source::{self, Behaviour, Functions, SourceWith};

/// Contexts, by their addresses, in which a retry is attached: one is enough for each.
static CONTEXTS: Mutex<BTreeSet<usize>> = Mutex::new(BTreeSet::new());

/// Asks again, after a while and as often as needed, in iterations of `context`.
pub(crate) fn later(context: &Context) {
    let retry = Retry {
        context: context.as_ptr() as usize,
        entered: Cell::new(false),
    };
    if !retry.enter() {
        return;
    }
    let retry = SourceWith::create(&FUNCTIONS, retry);
    // SAFETY: the new source's one reference is ours to give away, and the context is alive.
    unsafe {
        source::set_ready_time(retry.cast(), source::after(pool::RETRY));
        source::attach(retry.cast(), context.as_ptr(), G_PRIORITY_DEFAULT);
    }
}

/// Whether somebody asks again at the moment: a thread was refused not long ago.
pub(crate) fn is_pending() -> bool {
    !lock(&CONTEXTS).is_empty()
}

struct Retry {
    context: usize,
    /// Whether the entry in the list is this one's.
    entered: Cell<bool>,
}

impl Retry {
    /// FALSE if there is another one for the context.
    fn enter(&self) -> bool {
        self.entered.set(lock(&CONTEXTS).insert(self.context));
        self.entered.get()
    }

    fn leave(&self) {
        if self.entered.replace(false) {
            lock(&CONTEXTS).remove(&self.context);
        }
    }
}

static FUNCTIONS: Functions = Functions::new::<Retry>();

impl Behaviour for Retry {
    const NAME: &'static CStr = c"[asyncresult] waiting for a thread";

    unsafe fn dispatch(
        source: *mut SourceWith<Self>,
        _callback: GSourceFunc,
        _user_data: gpointer,
    ) -> bool {
        // SAFETY: GLib keeps the source alive while it is dispatched.
        let retry = unsafe { &(*source).data };
        // Leave the list first: whoever is refused from now on, and is not seen by this look, makes a new retry.
        retry.leave();
        let again = pool::look_again() == Outlook::Refused && retry.enter();
        if again {
            // SAFETY: this thread dispatches the source.
            unsafe { source::set_ready_time(source.cast(), source::after(pool::RETRY)) };
        }
        again
    }
}

impl Drop for Retry {
    fn drop(&mut self) {
        self.leave();
    }
}
