//! What GIO has not, from Rust: a cancellable that ends at a time and follows another. So this program does
//! not run on GIO.

use std::future::pending;

use gio::prelude::*;
use gio::{ffi, glib, Cancellable, CancellableFuture, IOErrorEnum};
use glib::translate::{from_glib_full, ToGlibPtr};

// As in <asyncresult/asr.h>.
extern "C" {
    fn asr_cancellable_new_child(parent: *mut ffi::GCancellable) -> *mut ffi::GCancellable;
    fn asr_cancellable_set_deadline(cancellable: *mut ffi::GCancellable, deadline: i64);
    fn asr_cancellable_set_error(
        cancellable: *mut ffi::GCancellable,
        error: *mut *mut glib::ffi::GError,
    ) -> glib::ffi::gboolean;
}

/// A child of `parent` that is cancelled after so many microseconds, too.
fn child_with_timeout(parent: &Cancellable, timeout: i64) -> Cancellable {
    // SAFETY: It is a new cancellable, whose reference is ours.
    let child: Cancellable =
        unsafe { from_glib_full(asr_cancellable_new_child(parent.to_glib_none().0)) };
    // SAFETY: asr_cancellable_new_child() made it.
    unsafe {
        asr_cancellable_set_deadline(child.to_glib_none().0, glib::monotonic_time() + timeout)
    };
    child
}

/// Why it is cancelled, as an error: `IOErrorEnum::TimedOut` after a deadline.
fn error_of(cancellable: &Cancellable) -> Option<glib::Error> {
    let mut error = std::ptr::null_mut();
    // SAFETY: The error, if there is one, is the caller's.
    unsafe {
        let cancelled = asr_cancellable_set_error(cancellable.to_glib_none().0, &mut error);
        (cancelled != 0).then(|| from_glib_full(error))
    }
}

fn main() {
    let parent = Cancellable::new();
    let child = child_with_timeout(&parent, 10_000);
    let waiting = CancellableFuture::new(pending::<()>(), child.clone());
    assert!(glib::MainContext::default().block_on(waiting).is_err());
    println!("{:?}", error_of(&child).unwrap().kind::<IOErrorEnum>());
    println!("the parent: {:?}", error_of(&parent));

    let child = child_with_timeout(&parent, 3_600_000_000);
    parent.cancel();
    println!("{:?}", error_of(&child).unwrap().kind::<IOErrorEnum>());
}
