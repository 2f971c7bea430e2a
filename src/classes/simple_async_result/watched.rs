//! What is told to whoever watches: see `glib/hooks.rs`.

use std::ffi::c_void;
use std::ptr::null;

use super::{Failure, GSimpleAsyncThreadFunc, SimpleAsyncResult};
use crate::classes::cancellable::Cancellable;
use crate::classes::task::watched::{context_address, error_returned, flag, returned};
use crate::glib::hooks;
use crate::glib::hooks::table::{Describe, Event, Kind, Queued, View};
use crate::gobject::object::{type_name, Instance};

impl SimpleAsyncResult {
    #[inline(always)]
    pub(super) fn happened(&self, event: Event) {
        hooks::happened(self, event, null());
    }

    #[inline(always)]
    pub(super) fn was_made(&self) {
        let describe = describe as Describe as *const c_void;
        hooks::happened(self, Event::SimpleMade, describe);
    }

    /// The operation is complete, as far as is known.
    #[inline(always)]
    pub(super) fn returns(&self) {
        if hooks::are_watched() {
            self.tell_what_returns();
        }
    }

    #[cold]
    #[inline(never)]
    fn tell_what_returns(&self) {
        // SAFETY: the one thread that uses the result is here, and changes nothing meanwhile.
        let failure = unsafe { &*self.result.failure.as_ptr() };
        let returned = match failure {
            Failure::Stored(error) => error_returned(error),
            _ if self.pointer().is_null() => returned(Kind::Nothing),
            _ => returned(Kind::Pointer),
        };
        hooks::happened(self, Event::Returned, (&raw const returned).cast());
    }

    #[inline(always)]
    pub(super) fn error_was_fetched(&self) {
        hooks::happened(self, Event::Fetched, Kind::Error as usize as *const c_void);
    }

    #[inline(always)]
    pub(super) fn is_queued(
        &self,
        function: GSimpleAsyncThreadFunc,
        cancellable: Option<&Cancellable>,
    ) {
        if hooks::are_watched() {
            let queued = Queued {
                function: function.map_or(null(), |function| function as *const c_void),
                cancellable: cancellable.map_or(null(), |it| std::ptr::from_ref(it).cast()),
                is_waited_for: false,
            };
            hooks::happened(self, Event::Queued, (&raw const queued).cast());
        }
    }

    /// The result is about to wait in its context.
    #[inline(always)]
    pub(super) fn is_deferred(&self) {
        if hooks::are_watched() {
            let context = context_address(self.origin.context.as_borrowed());
            hooks::happened(self, Event::Deferred, context);
        }
    }

    #[inline(always)]
    pub(super) fn was_finalized(&self) {
        hooks::happened(self, Event::Finalized, 2 as *const c_void);
    }

    /// The source that was to deliver the result was destroyed.
    #[cold]
    pub(super) fn was_dropped(&self) {
        hooks::happened(self, Event::Dropped, flag(true));
    }
}

/// For the watcher.
unsafe extern "C" fn describe(simple: *const c_void) -> View {
    // SAFETY: the watcher gives a result that it was told of, and that has not ended.
    unsafe {
        let simple = &*simple.cast::<SimpleAsyncResult>();
        let origin = &simple.origin;
        let callback = origin.callback;
        View {
            callback: callback.map_or(null(), |callback| callback as *const c_void),
            function: null(),
            data: null(),
            destroy_data: null(),
            references: simple.references().unwrap_or(0),
            is_cancelled: false,
            priority: 0,
            cancellable: null(),
            context: context_address(origin.context.as_borrowed()),
            source_tag: origin.source_tag,
            source_type: type_name(origin.source_object.as_ptr()),
        }
    }
}
