//! Makes traces, for tests: small ones whose events are known, and large ones.
#![allow(dead_code, reason = "each test uses its part")]

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Seek, SeekFrom, Write};
use std::mem::{offset_of, size_of};
use std::path::Path;

use asyncresult_trace_report::format::*;

pub(crate) mod scenarios;

/// A trace that is being written.
pub(crate) struct Maker {
    file: File,
    head: Vec<u8>,
    open: BTreeMap<u32, Chunk>,
    taken: u64,
    made: u64,
    freed: u64,
    pub(crate) events: u64,
}

struct Chunk {
    bytes: Vec<u8>,
    index: u64,
}

fn put(bytes: &mut [u8], at: usize, value: &[u8]) {
    bytes[at..at + value.len()].copy_from_slice(value);
}

/// An event as it is written.
#[derive(Clone, Copy)]
pub(crate) struct Say<'a> {
    pub(crate) thread: u32,
    pub(crate) time: u64,
    pub(crate) event: Event,
    pub(crate) object: u64,
    pub(crate) small: u8,
    pub(crate) number: i64,
    pub(crate) words: &'a [u64],
    pub(crate) strings: &'a [Option<&'a str>],
}

impl Say<'_> {
    pub(crate) fn new(thread: u32, time: u64, event: Event, object: u64) -> Self {
        Self {
            thread,
            time,
            event,
            object,
            small: 0,
            number: 0,
            words: &[],
            strings: &[],
        }
    }
}

impl Maker {
    pub(crate) fn create(path: &Path) -> io::Result<Self> {
        let mut file = File::create(path)?;
        file.seek(SeekFrom::Start(HEADER as u64))?;
        let mut head = vec![0; HEADER];
        put(&mut head, 0, &MAGIC);
        put(
            &mut head,
            offset_of!(Header, version),
            &VERSION.to_ne_bytes(),
        );
        put(
            &mut head,
            offset_of!(Header, byte_order),
            &0x0102_0304_u32.to_ne_bytes(),
        );
        put(
            &mut head,
            offset_of!(Header, header),
            &(HEADER as u32).to_ne_bytes(),
        );
        put(
            &mut head,
            offset_of!(Header, chunk),
            &(CHUNK as u32).to_ne_bytes(),
        );
        put(&mut head, offset_of!(Header, pid), &4711_i32.to_ne_bytes());
        put(
            &mut head,
            offset_of!(Header, capacity),
            &1_000_000_u64.to_ne_bytes(),
        );
        put(&mut head, offset_of!(Header, library_version), b"1.0.0");
        put(&mut head, offset_of!(Header, glib_version), b"2.74.6");
        put(&mut head, offset_of!(Header, program), b"/usr/bin/made-up");
        put(
            &mut head,
            offset_of!(Header, command),
            b"made-up\0--of\0nothing",
        );
        let mut maker = Self {
            file,
            head,
            open: BTreeMap::new(),
            taken: 0,
            made: 0,
            freed: 0,
            events: 0,
        };
        maker.times(1_000_000_000, 0);
        Ok(maker)
    }

    /// When recording began and ended.
    pub(crate) fn times(&mut self, began: u64, ended: u64) {
        put(
            &mut self.head,
            offset_of!(Header, began),
            &began.to_ne_bytes(),
        );
        let realtime = 1_790_000_000_000_000_000 + began;
        put(
            &mut self.head,
            offset_of!(Header, began_realtime),
            &realtime.to_ne_bytes(),
        );
        put(
            &mut self.head,
            offset_of!(Header, ended),
            &ended.to_ne_bytes(),
        );
    }

    pub(crate) fn lost(&mut self, lost: u64) {
        put(
            &mut self.head,
            offset_of!(Header, lost),
            &lost.to_ne_bytes(),
        );
    }

    pub(crate) fn pid(&mut self, pid: i32) {
        put(&mut self.head, offset_of!(Header, pid), &pid.to_ne_bytes());
    }

    fn take(&mut self, kind: u32, thread: u32, time: u64) -> Chunk {
        self.taken += 1;
        let mut bytes = vec![0; size_of::<ChunkHeader>()];
        put(
            &mut bytes,
            offset_of!(ChunkHeader, sequence),
            &self.taken.to_ne_bytes(),
        );
        put(
            &mut bytes,
            offset_of!(ChunkHeader, kind),
            &kind.to_ne_bytes(),
        );
        put(
            &mut bytes,
            offset_of!(ChunkHeader, thread),
            &thread.to_ne_bytes(),
        );
        put(
            &mut bytes,
            offset_of!(ChunkHeader, parts),
            &1_u16.to_ne_bytes(),
        );
        put(
            &mut bytes,
            offset_of!(ChunkHeader, time),
            &time.to_ne_bytes(),
        );
        let name = if thread < 2 { "main" } else { "pool" };
        put(&mut bytes, offset_of!(ChunkHeader, name), name.as_bytes());
        Chunk {
            bytes,
            index: self.taken - 1,
        }
    }

    fn write(&mut self, mut chunk: Chunk) -> io::Result<()> {
        let used = chunk.bytes.len() as u32;
        put(
            &mut chunk.bytes,
            offset_of!(ChunkHeader, used),
            &used.to_ne_bytes(),
        );
        chunk.bytes.resize(CHUNK, 0);
        self.file.seek(SeekFrom::Start(
            (HEADER + CHUNK * chunk.index as usize) as u64,
        ))?;
        self.file.write_all(&chunk.bytes)
    }

    /// The text of a memory map.
    pub(crate) fn maps(&mut self, time: u64, text: &str) -> io::Result<()> {
        let mut chunk = self.take(MAPS, 0, time);
        chunk.bytes.extend_from_slice(text.as_bytes());
        self.write(chunk)
    }

    /// A chunk that nothing was written to.
    pub(crate) fn hole(&mut self) {
        self.taken += 1;
    }

    pub(crate) fn say(&mut self, what: Say) -> io::Result<()> {
        let mut bytes = vec![0; size_of::<Record>()];
        bytes.extend(what.words.iter().flat_map(|word| word.to_ne_bytes()));
        for string in what.strings {
            let length = string.map_or(0xffff, |string| string.len() as u16);
            bytes.extend_from_slice(&length.to_ne_bytes());
            bytes.extend_from_slice(string.unwrap_or("").as_bytes());
        }
        bytes.resize(bytes.len().next_multiple_of(8), 0);
        let size = bytes.len() as u16;
        put(&mut bytes, offset_of!(Record, size), &size.to_ne_bytes());
        bytes[offset_of!(Record, event)] = what.event as u8;
        bytes[offset_of!(Record, words)] = what.words.len() as u8;
        bytes[offset_of!(Record, strings)] = what.strings.len() as u8;
        bytes[offset_of!(Record, small)] = what.small;
        put(
            &mut bytes,
            offset_of!(Record, number),
            &what.number.to_ne_bytes(),
        );
        put(
            &mut bytes,
            offset_of!(Record, time),
            &what.time.to_ne_bytes(),
        );
        put(
            &mut bytes,
            offset_of!(Record, object),
            &what.object.to_ne_bytes(),
        );
        self.events += 1;
        self.made += u64::from(what.event == Event::Made);
        self.freed += u64::from(what.event == Event::Freed);
        let is_full = self
            .open
            .get(&what.thread)
            .is_some_and(|chunk| chunk.bytes.len() + bytes.len() > CHUNK);
        if is_full {
            let full = self.open.remove(&what.thread).expect("it is there");
            self.write(full)?;
        }
        let has_chunk = self.open.contains_key(&what.thread);
        if !has_chunk {
            let chunk = self.take(EVENTS, what.thread, what.time);
            self.open.insert(what.thread, chunk);
        }
        self.open
            .get_mut(&what.thread)
            .expect("it is there")
            .bytes
            .extend_from_slice(&bytes);
        Ok(())
    }

    pub(crate) fn finish(mut self) -> io::Result<()> {
        while let Some((_, chunk)) = self.open.pop_first() {
            self.write(chunk)?;
        }
        put(
            &mut self.head,
            offset_of!(Header, taken),
            &self.taken.to_ne_bytes(),
        );
        put(
            &mut self.head,
            offset_of!(Header, made),
            &self.made.to_ne_bytes(),
        );
        put(
            &mut self.head,
            offset_of!(Header, freed),
            &self.freed.to_ne_bytes(),
        );
        self.file.seek(SeekFrom::Start(0))?;
        self.file.write_all(&self.head)?;
        self.file
            .set_len((HEADER + CHUNK * self.taken as usize) as u64)
    }
}
