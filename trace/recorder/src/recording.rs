//! The recording of this process: its file, and who writes to which chunk of it.
//!
//! What is known of it lies in a page of its own, which the system clears in a forked child, however that was
//! forked. So a child finds that nothing was begun, no lock is held, and no chunk is anybody's: its first event
//! begins a file of its own.
//!
//! An event needs no lock, as each thread has a chunk of its own (`chunk.rs`). A chunk is given out under a lock,
//! once for some hundreds of events. Until the limit is reached, the file grows by a chunk; then the one that
//! was taken first is taken again, except for those that threads still write to.

use std::cell::UnsafeCell;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicPtr, AtomicU32, AtomicU64, Ordering};
use std::time::Duration;

use crate::books::{Books, SPARES};
use crate::format::{ChunkHeader, Header, CHUNK, EVENTS, HEADER, MAPS};
use crate::output::Output;
use crate::settings::{self, Settings};
use crate::{header, listen, maps, say, time};

/// Begins as zeros, in each process.
#[repr(C)]
pub(crate) struct Recording {
    /// When it began, so that no two are the same. 0: it has not. `NEVER`: it will not.
    id: AtomicU64,
    lock: AtomicU32,
    map: AtomicPtr<u8>,
    /// There is a thread that listens, or will be.
    is_listening: AtomicBool,
    /// Functions that wait for a worker.
    pub(crate) waiting: AtomicI64,
    /// Used under the lock.
    books: UnsafeCell<Books>,
}

// SAFETY: the books are used under the lock.
unsafe impl Sync for Recording {}

const NEVER: u64 = u64::MAX;

/// The page, once there is one.
static RECORDING: AtomicPtr<Recording> = AtomicPtr::new(std::ptr::null_mut());

/// The file of this process, or in a child that has recorded nothing yet, its parent's. Used under the lock.
static FILE: File = File(UnsafeCell::new(None));

struct File(UnsafeCell<Option<(Output, *mut u8, usize)>>);

// SAFETY: used under the lock.
unsafe impl Sync for File {}

/// Sets up the page. FALSE if the system does not do what is needed.
pub(crate) fn prepare() -> bool {
    let size = size_of::<Recording>();
    // SAFETY: a new mapping. Its zeros are a valid Recording.
    unsafe {
        let access = libc::PROT_READ | libc::PROT_WRITE;
        let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS;
        let page = libc::mmap(std::ptr::null_mut(), size, access, flags, -1, 0);
        if page == libc::MAP_FAILED || libc::madvise(page, size, libc::MADV_WIPEONFORK) != 0 {
            return false;
        }
        RECORDING.store(page.cast(), Ordering::Release);
    }
    true
}

/// The recording of this process, which begins if it has not. `None`: there is none, and will not be.
#[inline]
pub(crate) fn active() -> Option<&'static Recording> {
    page().filter(|recording| recording.current() != NEVER)
}

/// The same, but it may not have begun.
#[inline]
pub(crate) fn page() -> Option<&'static Recording> {
    // SAFETY: NULL, or the page, which stays.
    unsafe { RECORDING.load(Ordering::Acquire).as_ref() }
}

/// A chunk that was given to a thread.
pub(crate) struct Given {
    pub(crate) index: u32,
    pub(crate) chunk: *mut ChunkHeader,
    /// Another thread has written to it before.
    pub(crate) is_spare: bool,
}

impl Recording {
    /// Which recording this is; begins it, if that was not done in this process.
    #[inline]
    pub(crate) fn current(&self) -> u64 {
        match self.id.load(Ordering::Acquire) {
            0 => self.begin_once(),
            id => id,
        }
    }

    /// The same, but begins nothing: 0 if that was not done.
    pub(crate) fn begun(&self) -> u64 {
        self.id.load(Ordering::Acquire)
    }

    pub(crate) fn header(&self) -> &'static Header {
        // SAFETY: called only of what has begun, and what is mapped stays.
        unsafe { &*self.map.load(Ordering::Acquire).cast::<Header>() }
    }

    fn chunk(&self, index: u32) -> *mut ChunkHeader {
        let place = HEADER + index as usize * CHUNK;
        // SAFETY: inside of what is mapped.
        unsafe { self.map.load(Ordering::Acquire).add(place).cast() }
    }

    /// Waits for the lock. It is held for some microseconds, once for hundreds of events; a thread that sleeps lets others
    /// run, whatever their priorities are.
    fn locked<R>(
        &self,
        body: impl FnOnce(&mut Books, &mut Option<(Output, *mut u8, usize)>) -> R,
    ) -> R {
        while self.lock.swap(1, Ordering::Acquire) != 0 {
            std::thread::sleep(Duration::from_micros(20));
        }
        // SAFETY: this thread has the lock, and nothing in here comes back here.
        let answer = unsafe { body(&mut *self.books.get(), &mut *FILE.0.get()) };
        self.lock.store(0, Ordering::Release);
        answer
    }

    #[cold]
    fn begin_once(&self) -> u64 {
        let id = self.locked(|books, file| {
            let id = self.id.load(Ordering::Acquire);
            if id != 0 {
                return id;
            }
            let id = settings::get().map_or(NEVER, |settings| {
                self.open(settings, books, file)
                    .unwrap_or_else(|complaint| {
                        say(&format!("{complaint}. Nothing is recorded"));
                        NEVER
                    })
            });
            self.id.store(id, Ordering::Release);
            id
        });
        if id != NEVER {
            maps::begin(self);
        }
        id
    }

    fn open(
        &self,
        settings: &Settings,
        books: &mut Books,
        file: &mut Option<(Output, *mut u8, usize)>,
    ) -> Result<u64, String> {
        let parents = file.take();
        let is_child = parents.is_some();
        let target = match &settings.target {
            settings::Target::File(path) | settings::Target::Folder(path) => path.display(),
        };
        let opened = Output::open(&settings.target, is_child);
        if let Some((output, map, size)) = parents {
            output.leave();
            // SAFETY: the parent's mapping, which nobody in this process uses any more: the page was cleared.
            unsafe { libc::munmap(map.cast(), size) };
        }
        let mut output = opened.map_err(|error| format!("{target}: {error}"))?;
        let path = output.path.display().to_string();
        let complain = |error: std::io::Error| format!("{path}: {error}");
        output.reserve(0, HEADER as u64).map_err(complain)?;
        let size = HEADER + settings.capacity as usize * CHUNK;
        let map = output.mapped(size).map_err(complain)?;
        let began = time::now();
        // SAFETY: the room was reserved, and nobody else has the new file.
        unsafe { header::write(&mut *map.cast(), settings, began) };
        self.map.store(map, Ordering::Release);
        *books = Books::new(settings.capacity as u32);
        *file = Some((output, map, size));
        Ok(began)
    }

    /// A chunk for the calling thread. `None`: there is no room.
    #[cold]
    pub(crate) fn take_chunk(&'static self) -> Option<Given> {
        if !self.is_listening.swap(true, Ordering::Relaxed) {
            // At the first event, and not while libraries are loaded.
            listen::start(self);
        }
        self.locked(|books, file| {
            if books.spare_count > 0 {
                books.spare_count -= 1;
                let index = books.spares[books.spare_count as usize];
                return Some(Given {
                    index,
                    chunk: self.chunk(index),
                    is_spare: true,
                });
            }
            self.take(books, file, EVENTS)
        })
    }

    /// One more chunk, or the oldest one.
    fn take(
        &self,
        books: &mut Books,
        file: &mut Option<(Output, *mut u8, usize)>,
        kind: u32,
    ) -> Option<Given> {
        let index = self.grow(books, file).or_else(|| self.oldest(books))?;
        let chunk = self.chunk(index);
        let header = self.header();
        let sequence = header.taken.fetch_add(1, Ordering::Relaxed) + 1;
        // A reader that looks meanwhile sees that the chunk is none, or that its number has changed.
        // SAFETY: nobody writes to the chunk, and there is room.
        unsafe {
            (*chunk).sequence.store(0, Ordering::SeqCst);
            (*chunk)
                .used
                .store(size_of::<ChunkHeader>() as u32, Ordering::Relaxed);
            (*chunk)
                .open
                .store(u32::from(kind == EVENTS), Ordering::Relaxed);
            (*chunk).kind = kind;
            (*chunk).thread = libc::gettid() as u32;
            (*chunk).part = 0;
            (*chunk).parts = 0;
            (*chunk).time = time::now();
            (*chunk).name = thread_name();
            (*chunk).sequence.store(sequence, Ordering::SeqCst);
        }
        Some(Given {
            index,
            chunk,
            is_spare: false,
        })
    }

    fn grow(&self, books: &mut Books, file: &mut Option<(Output, *mut u8, usize)>) -> Option<u32> {
        if books.allocated == books.capacity {
            return None;
        }
        let (output, ..) = file.as_mut()?;
        if let Err(error) = books.make_room(output) {
            let path = output.path.display();
            say(&format!(
                "{path}: {error}. From now on the oldest events are written over"
            ));
            books.capacity = books.allocated;
            return None;
        }
        books.allocated += 1;
        Some(books.allocated - 1)
    }

    fn oldest(&self, books: &mut Books) -> Option<u32> {
        for _ in 0..books.allocated {
            let index = books.oldest;
            books.oldest = (index + 1) % books.allocated;
            // SAFETY: its kind is changed only under the lock.
            let chunk = unsafe { &*self.chunk(index) };
            if chunk.kind == EVENTS && chunk.open.load(Ordering::Acquire) == 0 {
                return Some(index);
            }
        }
        None
    }

    /// A thread has ended, or is done with its chunk, which has room or not.
    pub(crate) fn leave_chunk(&self, index: u32, has_room: bool) {
        self.locked(|books, _| {
            let kept = SPARES.min(books.capacity as usize / 4);
            if has_room && (books.spare_count as usize) < kept {
                books.spares[books.spare_count as usize] = index;
                books.spare_count += 1;
            } else {
                // SAFETY: the chunk was the thread's.
                unsafe { (*self.chunk(index)).open.store(0, Ordering::Release) };
            }
        });
    }

    /// Writes a text that is kept, in as many chunks as it needs.
    pub(crate) fn write_maps(&self, text: &[u8]) {
        let room = CHUNK - size_of::<ChunkHeader>();
        let parts = text.len().div_ceil(room);
        self.locked(|books, file| {
            for (part, piece) in text.chunks(room).enumerate() {
                if books.maps >= books.capacity / 4 {
                    return;
                }
                let Some(given) = self.take(books, file, MAPS) else {
                    return;
                };
                books.maps += 1;
                // SAFETY: a chunk that nobody else writes to, with room for the piece.
                unsafe {
                    let place = given.chunk.cast::<u8>().add(size_of::<ChunkHeader>());
                    place.copy_from_nonoverlapping(piece.as_ptr(), piece.len());
                    (*given.chunk).part = part as u16;
                    (*given.chunk).parts = parts as u16;
                    let used = size_of::<ChunkHeader>() + piece.len();
                    (*given.chunk).used.store(used as u32, Ordering::Release);
                }
            }
        });
    }

    /// There will be nothing to record: the file is removed.
    pub(crate) fn give_up(&self) {
        self.locked(|_, file| {
            if let Some((output, ..)) = file {
                output.remove();
            }
            self.id.store(NEVER, Ordering::Release);
        });
    }

    /// Uses the file's descriptor.
    pub(crate) fn with_descriptor(&self, body: impl FnOnce(i32)) {
        self.locked(|_, file| {
            if let Some(Ok(descriptor)) = file.as_mut().map(|(output, ..)| output.descriptor()) {
                body(descriptor);
            }
        });
    }

    /// The process ends by exit().
    pub(crate) fn end(&self) {
        let id = self.id.load(Ordering::Acquire);
        if id != 0 && id != NEVER {
            maps::end(self);
            if self.is_listening.load(Ordering::Relaxed) {
                listen::end();
            }
            self.header().ended.store(time::now(), Ordering::Release);
        }
    }
}

pub(crate) fn thread_name() -> [u8; 16] {
    let mut name = [0; 16];
    // SAFETY: a place for sixteen bytes.
    unsafe { libc::prctl(libc::PR_GET_NAME, name.as_mut_ptr()) };
    name
}
