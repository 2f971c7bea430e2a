//! Reads a trace's file: its header, its chunks, and the events of all of them in the order of time.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::fs::File;
use std::mem::{offset_of, size_of};
use std::path::Path;

use crate::bytes::{i32_at, read_up_to, split_command, text, u16_at, u32_at, u64_at};
use crate::format::{
    ChunkHeader, Event, Header, Record, CHUNK, EVENTS, HEADER, MAGIC, MAPS, VERSION,
};
use crate::progress::Progress;

/// What the header says.
#[derive(Default, Clone)]
pub(crate) struct Head {
    pub(crate) pid: i32,
    pub(crate) parent: i32,
    pub(crate) began: u64,
    pub(crate) began_realtime: u64,
    /// 0 if the process did not end by exit().
    pub(crate) ended: u64,
    /// How many chunks there are, and how many were written over.
    pub(crate) chunks: u64,
    pub(crate) overwritten: u64,
    pub(crate) lost: u64,
    pub(crate) made: u64,
    pub(crate) freed: u64,
    pub(crate) library_version: String,
    pub(crate) glib_version: String,
    pub(crate) program: String,
    pub(crate) command: Vec<String>,
}

/// One part of the text of /proc/self/maps.
pub(crate) struct MapsPart {
    pub(crate) sequence: u64,
    pub(crate) time: u64,
    pub(crate) part: u16,
    pub(crate) text: String,
}

pub(crate) struct TraceFile {
    file: File,
    name: String,
    pub(crate) head: Head,
    chunks: Vec<Chunk>,
    /// What is wrong with the file, though much of it can be read.
    pub(crate) damage: Option<String>,
}

/// A chunk of events that has at least one.
#[derive(Clone, Copy)]
struct Chunk {
    at: u64,
    sequence: u64,
    used: usize,
    first_time: u64,
}

/// An event as it stands in the file.
pub(crate) struct Item<'a> {
    pub(crate) event: u8,
    pub(crate) small: u8,
    pub(crate) number: i64,
    pub(crate) time: u64,
    pub(crate) object: u64,
    words: &'a [u8],
    strings: &'a [u8],
    string_count: u8,
}

impl Item<'_> {
    pub(crate) fn is(&self, event: Event) -> bool {
        self.event == event as u8
    }

    /// The `index`th word; 0 if there are not so many.
    pub(crate) fn word(&self, index: usize) -> u64 {
        self.words
            .get(index * 8..index * 8 + 8)
            .map_or(0, |word| u64_at(word, 0))
    }

    pub(crate) fn words_from(&self, first: usize) -> impl Iterator<Item = u64> + '_ {
        (first..self.words.len() / 8)
            .map(|index| self.word(index))
            .filter(|word| *word != 0)
    }

    /// The `index`th string; `None` if it is NULL.
    pub(crate) fn string(&self, index: usize) -> Option<&[u8]> {
        let mut rest = self.strings;
        for position in 0..usize::from(self.string_count) {
            let length = u16::from_ne_bytes([*rest.first()?, *rest.get(1)?]);
            rest = &rest[2..];
            let here = if length == 0xffff {
                None
            } else {
                Some(rest.get(..usize::from(length))?)
            };
            if position == index {
                return here;
            }
            rest = &rest[here.map_or(0, <[u8]>::len)..];
        }
        None
    }
}

/// What a reader is told: whose events follow, and each event.
pub(crate) trait Reader {
    fn thread(&mut self, thread: u32, name: Option<&[u8]>);
    fn event(&mut self, item: &Item);
}

fn parse_head(bytes: &[u8]) -> Head {
    let number = |at| u64_at(bytes, at);
    let string = |at, length| text(&bytes[at..at + length]);
    let command = &bytes[offset_of!(Header, command)..offset_of!(Header, command) + 4096];
    let capacity = number(offset_of!(Header, capacity));
    let taken = number(offset_of!(Header, taken));
    Head {
        pid: i32_at(bytes, offset_of!(Header, pid)),
        parent: i32_at(bytes, offset_of!(Header, parent)),
        began: number(offset_of!(Header, began)),
        began_realtime: number(offset_of!(Header, began_realtime)),
        ended: number(offset_of!(Header, ended)),
        chunks: taken.min(capacity),
        overwritten: taken.saturating_sub(capacity),
        lost: number(offset_of!(Header, lost)),
        made: number(offset_of!(Header, made)),
        freed: number(offset_of!(Header, freed)),
        library_version: string(offset_of!(Header, library_version), 32),
        glib_version: string(offset_of!(Header, glib_version), 32),
        program: string(offset_of!(Header, program), 1024),
        command: split_command(command),
    }
}

impl TraceFile {
    pub(crate) fn open(path: &Path) -> Result<Self, String> {
        let name = path.display().to_string();
        let file = File::open(path)
            .map_err(|error| format!("{name}: {}", crate::words::system(&error)))?;
        Self::from_file(file, name)
    }

    /// What is in the file now: its process may be alive and go on writing.
    pub(crate) fn from_file(file: File, name: String) -> Result<Self, String> {
        let system = |error: std::io::Error| format!("{name}: {}", crate::words::system(&error));
        let metadata = file.metadata().map_err(system)?;
        if metadata.is_dir() {
            return Err(format!("{name}: Is a directory"));
        }
        let mut bytes = vec![0; HEADER];
        let length = read_up_to(&file, &mut bytes, 0).map_err(system)?;
        if length < MAGIC.len() || bytes[..8] != MAGIC {
            return Err(format!("{name}: not a trace of asyncresult"));
        }
        if length < HEADER {
            return Err(format!("{name}: truncated: it ends within its header"));
        }
        match u32_at(&bytes, offset_of!(Header, byte_order)) {
            0x0102_0304 => {}
            0x0403_0201 => {
                return Err(format!(
                    "{name}: recorded on a machine of another byte order"
                ))
            }
            _ => return Err(format!("{name}: damaged: its header has no byte order")),
        }
        let version = u32_at(&bytes, offset_of!(Header, version));
        if version != VERSION {
            return Err(format!(
                "{name}: a trace of version {version}; this program reads version {VERSION}"
            ));
        }
        let sizes = [offset_of!(Header, header), offset_of!(Header, chunk)]
            .map(|at| u32_at(&bytes, at) as usize);
        if sizes != [HEADER, CHUNK] {
            return Err(format!(
                "{name}: damaged: its header names sizes of {} and {} bytes",
                sizes[0], sizes[1]
            ));
        }
        let mut trace = Self {
            file,
            name,
            head: parse_head(&bytes),
            chunks: Vec::new(),
            damage: None,
        };
        trace.find_chunks(metadata.len())?;
        Ok(trace)
    }

    fn system(&self, error: &std::io::Error) -> String {
        format!("{}: {}", self.name, crate::words::system(error))
    }

    fn find_chunks(&mut self, size: u64) -> Result<(), String> {
        const LENGTH: usize = size_of::<ChunkHeader>() + size_of::<Record>();
        let mut at = HEADER as u64;
        while at < size {
            let mut bytes = [0; LENGTH];
            let there =
                read_up_to(&self.file, &mut bytes, at).map_err(|error| self.system(&error))?;
            let sequence = u64_at(&bytes, offset_of!(ChunkHeader, sequence));
            let used = u32_at(&bytes, offset_of!(ChunkHeader, used)) as usize;
            let kind = u32_at(&bytes, offset_of!(ChunkHeader, kind));
            let rest = usize::try_from(size - at).unwrap_or(usize::MAX);
            if there >= size_of::<ChunkHeader>() && sequence != 0 && used > size_of::<ChunkHeader>()
            {
                if used > CHUNK {
                    self.note_damage(format!(
                        "damaged: the chunk at byte {at} claims to be longer than a chunk"
                    ));
                } else {
                    if used > rest {
                        self.note_damage(format!(
                            "truncated: it ends within the chunk at byte {at}"
                        ));
                    }
                    let first_time =
                        u64_at(&bytes, size_of::<ChunkHeader>() + offset_of!(Record, time));
                    if kind == EVENTS || kind == MAPS {
                        // Of a part of the map `first_time` is no time, and not used.
                        let chunk = Chunk {
                            at,
                            sequence,
                            used: used.min(rest),
                            first_time,
                        };
                        self.chunks.push(chunk);
                    }
                }
            }
            at += CHUNK as u64;
        }
        Ok(())
    }

    fn note_damage(&mut self, what: String) {
        let name = &self.name;
        self.damage.get_or_insert_with(|| format!("{name}: {what}"));
    }

    /// Reads a chunk of this kind. `None` if it was written over in the meantime, or is another.
    fn load(&self, chunk: &Chunk, kind: u32) -> Result<Option<Vec<u8>>, String> {
        let mut bytes = vec![0; chunk.used];
        let length =
            read_up_to(&self.file, &mut bytes, chunk.at).map_err(|error| self.system(&error))?;
        bytes.truncate(length);
        if length < size_of::<ChunkHeader>() {
            return Ok(None);
        }
        let mut again = [0; 8];
        read_up_to(&self.file, &mut again, chunk.at).map_err(|error| self.system(&error))?;
        let is_same = u64_at(&bytes, 0) == chunk.sequence && u64_at(&again, 0) == chunk.sequence;
        Ok((is_same && u32_at(&bytes, offset_of!(ChunkHeader, kind)) == kind).then_some(bytes))
    }

    /// The parts of all memory maps, in the order in which they were written.
    pub(crate) fn maps(&self) -> Result<Vec<MapsPart>, String> {
        let mut parts = Vec::new();
        for chunk in &self.chunks {
            let Some(bytes) = self.load(chunk, MAPS)? else {
                continue;
            };
            parts.push(MapsPart {
                sequence: chunk.sequence,
                time: u64_at(&bytes, offset_of!(ChunkHeader, time)),
                part: u16_at(&bytes, offset_of!(ChunkHeader, part)),
                text: text(&bytes[size_of::<ChunkHeader>()..]),
            });
        }
        parts.sort_by_key(|part| part.sequence);
        Ok(parts)
    }

    /// Tells all events, in the order of time.
    pub(crate) fn read(
        &mut self,
        reader: &mut impl Reader,
        progress: &mut Progress,
    ) -> Result<(), String> {
        // Whose turn it is: by the time of the next event, then by age. A chunk is loaded when its first
        // event comes.
        let mut turns: BinaryHeap<Reverse<(u64, u64, usize)>> = self
            .chunks
            .iter()
            .enumerate()
            .map(|(index, chunk)| Reverse((chunk.first_time, chunk.sequence, index)))
            .collect();
        let mut cursors: Vec<Option<Cursor>> = self.chunks.iter().map(|_| None).collect();
        while let Some(Reverse((_, sequence, index))) = turns.pop() {
            if cursors[index].is_none() {
                progress.advance(CHUNK as u64);
                let Some(bytes) = self.load(&self.chunks[index], EVENTS)? else {
                    continue;
                };
                cursors[index] = Some(Cursor::new(bytes));
            }
            let Some(cursor) = &mut cursors[index] else {
                continue;
            };
            let until = turns.peek().map_or(u64::MAX, |Reverse((time, ..))| *time);
            match cursor.tell(reader, until) {
                Ok(Some(time)) => turns.push(Reverse((time, sequence, index))),
                Ok(None) => cursors[index] = None,
                Err(at) => {
                    let at = self.chunks[index].at + at as u64;
                    self.note_damage(format!("damaged: there is no event at byte {at}"));
                    cursors[index] = None;
                }
            }
        }
        Ok(())
    }
}

/// How far a chunk has been read.
struct Cursor {
    bytes: Vec<u8>,
    at: usize,
    thread: u32,
    name: Vec<u8>,
}

impl Cursor {
    fn new(bytes: Vec<u8>) -> Self {
        let name = &bytes[offset_of!(ChunkHeader, name)..offset_of!(ChunkHeader, name) + 16];
        let name = name
            .split(|byte| *byte == 0)
            .next()
            .unwrap_or_default()
            .to_vec();
        let thread = u32_at(&bytes, offset_of!(ChunkHeader, thread));
        Self {
            bytes,
            at: size_of::<ChunkHeader>(),
            thread,
            name,
        }
    }

    /// Tells the events until this time; returns the time of the next one. An error is where no event is.
    fn tell(&mut self, reader: &mut impl Reader, until: u64) -> Result<Option<u64>, usize> {
        const START: usize = size_of::<Record>();
        // The name is told once, at the chunk's first event.
        reader.thread(
            self.thread,
            (self.at == size_of::<ChunkHeader>()).then_some(&self.name),
        );
        while self.at < self.bytes.len() {
            let rest = &self.bytes[self.at..];
            if rest.len() < START {
                return Err(self.at);
            }
            let size = usize::from(u16_at(rest, offset_of!(Record, size)));
            let words = usize::from(rest[offset_of!(Record, words)]) * 8;
            if size < START + words || size > rest.len() || size % 8 != 0 {
                return Err(self.at);
            }
            let item = Item {
                event: rest[offset_of!(Record, event)],
                small: rest[offset_of!(Record, small)],
                number: u64_at(rest, offset_of!(Record, number)) as i64,
                time: u64_at(rest, offset_of!(Record, time)),
                object: u64_at(rest, offset_of!(Record, object)),
                words: &rest[START..START + words],
                strings: &rest[START + words..size],
                string_count: rest[offset_of!(Record, strings)],
            };
            if item.time > until {
                return Ok(Some(item.time));
            }
            if item.is(Event::Thread) {
                self.thread = u32::try_from(item.number).unwrap_or(0);
                reader.thread(self.thread, Some(item.string(0).unwrap_or_default()));
            } else {
                reader.event(&item);
            }
            self.at += size;
        }
        Ok(None)
    }
}
