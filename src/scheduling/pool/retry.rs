//! Asking again for a thread that the system refused, from contexts that somebody iterates.

use std::ffi::CStr;

use glib_sys::{gpointer, GSourceFunc, G_PRIORITY_DEFAULT};

use super::{look_again, RETRY};
use crate::glib::context::ContextRef;
use crate::glib::source::{self, Functions, SourceImpl, SourceWith};

/// Asks again, after a while and as often as needed, in iterations of `context`.
pub(super) fn later(context: ContextRef<'_>) {
    let retry = SourceWith::create(&FUNCTIONS, Retry);
    // SAFETY: the new source's one reference is ours to give away.
    unsafe {
        source::set_ready_time(retry.cast(), source::after(RETRY));
        source::attach(retry.cast(), context, G_PRIORITY_DEFAULT);
    }
}

struct Retry;

static FUNCTIONS: Functions = Functions::new::<Retry>();

impl SourceImpl for Retry {
    const NAME: &'static CStr = c"[asyncresult] waiting for a thread";

    unsafe fn dispatch(source: *mut SourceWith<Self>, _: GSourceFunc, _: gpointer) -> bool {
        let again = !look_again();
        // SAFETY: GLib keeps the source alive while it is dispatched.
        unsafe { source::set_ready_time(source.cast(), source::after(RETRY)) };
        again
    }
}
