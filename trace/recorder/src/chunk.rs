//! What a thread writes: records, one behind the other, into a chunk of its own.

use std::cell::Cell;
use std::sync::atomic::{AtomicU32, Ordering};

use crate::format::{ChunkHeader, Event, Record, CHUNK};
use crate::recording::{self, Given, Recording};
use crate::time;

/// An event, as it is to be written.
#[derive(Clone, Copy)]
pub(crate) struct Entry<'a> {
    event: Event,
    small: u8,
    number: i64,
    object: usize,
    words: &'a [usize],
    /// `None` is NULL.
    strings: &'a [Option<&'a [u8]>],
}

/// The longest string that is written.
const LONGEST: usize = 255;
const NO_STRING: u16 = 0xffff;

/// A chunk that is left with less room than this is done with.
const LEAST_ROOM: usize = CHUNK / 8;

/// What this thread writes to.
struct Own {
    /// Of which recording the chunk is: another one is a parent's.
    recording: Cell<u64>,
    /// NULL: none.
    chunk: Cell<*mut ChunkHeader>,
    index: Cell<u32>,
    /// Events that found no room since the last that did.
    lost: Cell<i64>,
}

thread_local! {
    static OWN: Own = const {
        Own {
            recording: Cell::new(0),
            chunk: Cell::new(std::ptr::null_mut()),
            index: Cell::new(0),
            lost: Cell::new(0),
        }
    };
}

/// The key whose destructor is called when a thread ends that has a chunk, plus one.
static KEY: AtomicU32 = AtomicU32::new(0);

/// Has chunks of threads that end given back. Called once.
pub(crate) fn prepare() {
    unsafe extern "C" fn thread_ends(_: *mut libc::c_void) {
        OWN.with(Own::leave);
    }
    let mut key = 0;
    // SAFETY: a place for the key, and a function that stays.
    if unsafe { libc::pthread_key_create(&mut key, Some(thread_ends)) } == 0 {
        KEY.store(key + 1, Ordering::Release);
    }
}

impl<'a> Entry<'a> {
    pub(crate) fn new(event: Event, object: usize) -> Self {
        Self {
            event,
            small: 0,
            number: 0,
            object,
            words: &[],
            strings: &[],
        }
    }

    pub(crate) fn small(self, small: u8) -> Self {
        Self { small, ..self }
    }

    pub(crate) fn number(self, number: i64) -> Self {
        Self { number, ..self }
    }

    pub(crate) fn words(self, words: &'a [usize]) -> Self {
        Self { words, ..self }
    }

    pub(crate) fn strings(self, strings: &'a [Option<&'a [u8]>]) -> Self {
        Self { strings, ..self }
    }

    /// Writes it. In place, where it is known what an event has: most have no words and no strings.
    #[inline(always)]
    pub(crate) fn write(&self, recording: &'static Recording) {
        let own = OWN.with(std::ptr::from_ref);
        // SAFETY: this thread's, which has no destructor.
        unsafe { (*own).write(recording, self) };
    }

    #[inline(always)]
    fn size(&self) -> usize {
        let strings: usize = self.strings.iter().map(|text| 2 + cut(*text).len()).sum();
        size_of::<Record>() + 8 * self.words.len() + strings.next_multiple_of(8)
    }

    /// # Safety
    /// There is room for `size` bytes, at a multiple of 8.
    #[inline(always)]
    unsafe fn put(&self, place: *mut u8, size: usize) {
        // SAFETY: as the caller ensures. All that is written lies within `size`.
        unsafe {
            place.cast::<Record>().write(Record {
                size: size as u16,
                event: self.event as u8,
                words: self.words.len() as u8,
                strings: self.strings.len() as u8,
                small: self.small,
                reserved: 0,
                number: self.number,
                time: time::now(),
                object: self.object as u64,
            });
            let mut next = place.add(size_of::<Record>());
            for word in self.words {
                next.cast::<u64>().write(*word as u64);
                next = next.add(8);
            }
            if self.strings.is_empty() {
                return;
            }
            // The zeros behind the strings.
            place.add(size - 8).cast::<u64>().write(0);
            for text in self.strings {
                let bytes = cut(*text);
                let length = text.map_or(NO_STRING, |_| bytes.len() as u16);
                next.cast::<u16>().write_unaligned(length);
                next = next.add(2);
                next.copy_from_nonoverlapping(bytes.as_ptr(), bytes.len());
                next = next.add(bytes.len());
            }
        }
    }
}

/// At most `LONGEST` bytes, and no half of a character.
fn cut(text: Option<&[u8]>) -> &[u8] {
    let text = text.unwrap_or_default();
    let Some(next) = text.get(LONGEST) else {
        return text;
    };
    let mut end = LONGEST;
    if next & 0xc0 == 0x80 {
        while end > LONGEST - 3 && text[end] & 0xc0 == 0x80 {
            end -= 1;
        }
    }
    &text[..end]
}

impl Own {
    #[inline(always)]
    fn write(&self, recording: &'static Recording, entry: &Entry) {
        let id = recording.current();
        if self.recording.get() != id {
            self.recording.set(id);
            self.chunk.set(std::ptr::null_mut());
            self.lost.set(0);
        }
        let size = entry.size();
        if !self.has_room(size) && !self.change(recording) {
            self.lost.set(self.lost.get() + 1);
            recording.header().lost.fetch_add(1, Ordering::Relaxed);
            return;
        }
        self.append(entry, size);
    }

    #[inline]
    fn used(&self) -> usize {
        // SAFETY: this thread's own chunk.
        unsafe { (*self.chunk.get()).used.load(Ordering::Relaxed) as usize }
    }

    #[inline]
    fn has_room(&self, size: usize) -> bool {
        !self.chunk.get().is_null() && self.used() + size <= CHUNK
    }

    #[inline(always)]
    fn append(&self, entry: &Entry, size: usize) {
        let (chunk, used) = (self.chunk.get(), self.used());
        // SAFETY: this thread's own chunk, with room.
        unsafe {
            entry.put(chunk.cast::<u8>().add(used), size);
            // What a reader sees up to here is whole.
            (*chunk).used.store((used + size) as u32, Ordering::Release);
        }
    }

    /// Takes another chunk. FALSE if there is none.
    #[cold]
    #[inline(never)]
    fn change(&self, recording: &'static Recording) -> bool {
        if !self.chunk.get().is_null() {
            self.chunk.set(std::ptr::null_mut());
            recording.leave_chunk(self.index.get(), false);
        }
        let Some(Given {
            index,
            chunk,
            is_spare,
        }) = recording.take_chunk()
        else {
            return false;
        };
        self.chunk.set(chunk);
        self.index.set(index);
        if let Some(key) = KEY.load(Ordering::Acquire).checked_sub(1) {
            // SAFETY: the key exists. Any value but NULL.
            unsafe { libc::pthread_setspecific(key, chunk.cast()) };
        }
        if is_spare {
            // SAFETY: it may be called anywhere.
            let number = unsafe { libc::gettid() }.into();
            let name = recording::thread_name();
            let length = name.iter().take_while(|byte| **byte != 0).count();
            let name = [Some(&name[..length])];
            self.note(Entry::new(Event::Thread, 0).number(number).strings(&name));
        }
        let number = self.lost.take();
        if number > 0 {
            self.note(Entry::new(Event::Lost, 0).number(number));
        }
        true
    }

    /// A chunk that is given out has room for two of these and the longest record.
    fn note(&self, entry: Entry) {
        let size = entry.size();
        self.append(&entry, size);
    }

    /// The thread ends: another one goes on with its chunk, if there is room.
    fn leave(&self) {
        let chunk = self.chunk.get();
        let Some(recording) = recording::page() else {
            return;
        };
        // The chunk may be of a parent's file.
        if chunk.is_null() || self.recording.get() != recording.begun() {
            return;
        }
        let has_room = CHUNK - self.used() >= LEAST_ROOM;
        self.chunk.set(std::ptr::null_mut());
        recording.leave_chunk(self.index.get(), has_room);
    }
}

#[cfg(test)]
mod tests {
    use super::cut;

    #[test]
    fn no_character_is_cut() {
        let text = "ä".repeat(200);
        assert_eq!(cut(Some(text.as_bytes())).len(), 254);
        assert_eq!(cut(Some(&text.as_bytes()[1..])).len(), 255);
        assert_eq!(cut(Some(&[b'x'; 300])).len(), 255);
        assert_eq!(cut(Some(b"short")), b"short");
        // No text, but cut all the same.
        assert_eq!(cut(Some(&[0x80; 300])).len(), 252);
    }
}
