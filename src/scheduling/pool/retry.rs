//! Asking again for a thread that the system refused, in iterations of a context.

use std::ffi::CStr;

use glib_sys::G_PRIORITY_DEFAULT;

use super::{look_again, RETRY};
use crate::glib::context::ContextRef;
use crate::glib::source::own::{AfterDispatch, Functions, Named, NewSource, SourceImpl};
use crate::glib::thread;

/// Asks again, after a while and as often as needed, in iterations of `context`.
pub(super) fn later(context: ContextRef<'_>) {
    let retry = NewSource::create(&FUNCTIONS, Retry);
    retry.set_ready_time(next_time());
    drop(retry.attach(context, G_PRIORITY_DEFAULT));
}

fn next_time() -> i64 {
    thread::now() + RETRY.as_micros() as i64
}

struct Retry;

static FUNCTIONS: Functions<Retry> = Functions::new();

impl Named for Retry {
    const NAME: &'static CStr = c"[asyncresult] waiting for a thread";
}

impl SourceImpl for Retry {
    fn dispatch(&self) -> AfterDispatch {
        if look_again() {
            AfterDispatch::Destroy
        } else {
            AfterDispatch::SleepUntil(next_time())
        }
    }
}
