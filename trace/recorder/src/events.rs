//! What is written of each event.

use std::ffi::{c_char, c_int, c_void, CStr};
use std::sync::atomic::Ordering;

use crate::chunk::Entry;
use crate::format::Event as Written;
use crate::recording::Recording;
use crate::stack::{self, capture, DEEPEST};
use crate::table::{Describe, Event, Kind, Queued, Returned};
use crate::{maps, settings};

/// # Safety
/// The object is alive, and the detail is what the event says.
pub(crate) unsafe fn happened(
    recording: &'static Recording,
    object: *const c_void,
    event: Event,
    detail: *const c_void,
) {
    let (address, value) = (object as usize, detail as usize);
    let entry = |event| Entry::new(event, address);
    match event {
        // SAFETY: as the caller ensures.
        Event::Made => unsafe { made(recording, object, 0, detail) },
        // SAFETY: as the caller ensures.
        Event::SimpleMade => unsafe { made(recording, object, 1, detail) },
        Event::Named => {
            // SAFETY: as the caller ensures.
            let name = [unsafe { text(detail.cast()) }];
            entry(Written::Named).strings(&name).write(recording);
        }
        Event::Tagged => entry(Written::Tagged).words(&[value]).write(recording),
        Event::Prioritized => {
            let number = value as isize as i64;
            entry(Written::Prioritized).number(number).write(recording);
        }
        // SAFETY: as the caller ensures.
        Event::Returned => returned(recording, address, unsafe { &*detail.cast() }),
        Event::ReturnedAgain => here(recording, entry(Written::ReturnedAgain)),
        Event::Fetched => {
            let kind = value as u8;
            entry(Written::Propagated).small(kind).write(recording);
        }
        Event::Overruled => entry(Written::Propagated)
            .small(Kind::Error as u8)
            .write(recording),
        // SAFETY: as the caller ensures.
        Event::Queued => queued(recording, address, unsafe { &*detail.cast() }),
        Event::Started => {
            let before = recording.waiting.fetch_sub(1, Ordering::Relaxed);
            let number = (before - 1).max(0);
            entry(Written::Started).number(number).write(recording);
        }
        Event::Ended => entry(Written::Ended).write(recording),
        Event::Deferred => {
            let arrived = Entry::new(Written::Arrived, value);
            arrived.words(&[address]).write(recording);
        }
        Event::CallbackBegun => entry(Written::CallbackBegun).write(recording),
        Event::CallbackEnded => entry(Written::CallbackEnded).write(recording),
        Event::Completed => entry(Written::Completed).write(recording),
        Event::Dropped if value != 0 => entry(Written::Dropped).write(recording),
        Event::Dropped | Event::Refused => {}
        Event::Finalized => {
            count(&recording.header().freed);
            entry(Written::Freed).small(value as u8).write(recording);
        }
        Event::CancellableMade => here(recording, entry(Written::CancellableMade)),
        Event::CancelBegun => entry(Written::CancelBegun).write(recording),
        Event::CancelEnded => entry(Written::CancelEnded).write(recording),
        Event::Reset => entry(Written::Reset).write(recording),
        Event::WorkerAdded => {
            let why = value as u8;
            entry(Written::WorkerAdded).small(why).write(recording);
        }
        Event::WorkerGone => entry(Written::WorkerGone).write(recording),
        Event::WorkerRefused => entry(Written::WorkerRefused).write(recording),
    }
}

/// Of a cancellable: a handler more or less, or its end.
pub(crate) fn handlers(recording: &'static Recording, cancellable: usize, change: c_int) {
    let entry = Entry::new(Written::Handlers, cancellable).number(change.into());
    match change {
        0 => Entry::new(Written::CancellableFreed, cancellable).write(recording),
        1 => here(recording, entry),
        _ => entry.write(recording),
    }
}

/// # Safety
/// As for `happened`.
unsafe fn made(
    recording: &'static Recording,
    object: *const c_void,
    small: u8,
    describe: *const c_void,
) {
    // SAFETY: as the caller ensures.
    let view = unsafe { std::mem::transmute::<*const c_void, Describe>(describe)(object) };
    let callback = view.callback as usize;
    count(&recording.header().made);
    maps::note(recording, callback);
    let mut words = [0; 4 + DEEPEST];
    words[0] = view.cancellable as usize;
    words[1] = view.context as usize;
    words[2] = callback;
    words[3] = view.source_tag as usize;
    let depth = whereabouts(recording, &mut words[4..]);
    // SAFETY: a string, or NULL.
    let strings = [unsafe { text(view.source_type) }, None];
    Entry::new(Written::Made, object as usize)
        .small(small)
        .number(view.priority.into())
        .words(&words[..4 + depth])
        .strings(&strings)
        .write(recording);
}

fn returned(recording: &'static Recording, object: usize, returned: &Returned) {
    let mut words = [0; DEEPEST];
    let depth = whereabouts(recording, &mut words);
    let entry = Entry::new(Written::Returned, object)
        .small(returned.kind as u8)
        .words(&words[..depth]);
    if returned.message.is_null() {
        return entry.write(recording);
    }
    // SAFETY: strings, or NULL.
    let strings = unsafe { [text(returned.domain), text(returned.message)] };
    let entry = entry.number(returned.code.into()).strings(&strings);
    entry.write(recording);
}

fn queued(recording: &'static Recording, object: usize, queued: &Queued) {
    let function = queued.function as usize;
    maps::note(recording, function);
    let before = recording.waiting.fetch_add(1, Ordering::Relaxed);
    Entry::new(Written::Queued, object)
        .small(queued.is_waited_for.into())
        .number(before + 1)
        .words(&[function, queued.cancellable as usize])
        .write(recording);
}

/// Writes an entry with where the program is.
fn here(recording: &'static Recording, entry: Entry) {
    let mut words = [0; DEEPEST];
    let depth = whereabouts(recording, &mut words);
    entry.words(&words[..depth]).write(recording);
}

/// Where the program is, and how many addresses that takes: the innermost one outside of the library; if that is
/// GLib's, also the innermost one outside of both. Or all of them, if that is asked for, or if the library is part
/// of a program.
fn whereabouts(recording: &'static Recording, words: &mut [usize]) -> usize {
    let stack = capture::<DEEPEST>();
    let depth = stack.iter().take_while(|address| **address != 0).count();
    let stack = &stack[..depth];
    let Some(innermost) = stack.first() else {
        return 0;
    };
    let is_whole = settings::get().is_some_and(|settings| settings.has_stacks);
    if is_whole || !stack::library_is_apart() {
        for (word, address) in words.iter_mut().zip(stack) {
            maps::note(recording, *address);
            *word = *address;
        }
        return depth;
    }
    words[0] = *innermost;
    if !maps::note(recording, *innermost) {
        return 1;
    }
    let is_outside = |address: &&usize| !maps::is_glib(**address) && !stack::is_own(**address);
    let Some(outside) = stack.iter().find(is_outside) else {
        return 1;
    };
    maps::note(recording, *outside);
    words[1] = *outside;
    2
}

fn count(counter: &std::sync::atomic::AtomicU64) {
    counter.fetch_add(1, Ordering::Relaxed);
}

/// # Safety
/// A string that outlives the answer, or NULL.
unsafe fn text<'a>(string: *const c_char) -> Option<&'a [u8]> {
    // SAFETY: as the caller ensures.
    (!string.is_null()).then(|| unsafe { CStr::from_ptr(string) }.to_bytes())
}
