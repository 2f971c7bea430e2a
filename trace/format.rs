//! The trace's file: what the recorder writes and `asyncresult-trace` reads. This file is part of both.
//!
//! A header, then chunks of `CHUNK` bytes. A chunk belongs to one thread, or holds the text of the memory map. All numbers
//! are of the machine that recorded: a reader of another byte order or word size refuses.
#![allow(dead_code, unreachable_pub, reason = "each of the two uses its part")]

use std::sync::atomic::{AtomicU32, AtomicU64};

pub const MAGIC: [u8; 8] = *b"asrtrace";
pub const VERSION: u32 = 1;
pub const HEADER: usize = 8192;
pub const CHUNK: usize = 65536;
pub const BYTE_ORDER: u32 = 0x0102_0304;

#[repr(C)]
pub struct Header {
    pub magic: [u8; 8],
    pub version: u32,
    /// `BYTE_ORDER`, as this machine writes it.
    pub byte_order: u32,
    /// `HEADER` and `CHUNK` of the writer.
    pub header: u32,
    pub chunk: u32,
    pub pid: i32,
    /// The process that forked or started this one.
    pub parent: i32,
    /// When recording began, in nanoseconds: by CLOCK_MONOTONIC, as all times are, and by CLOCK_REALTIME.
    pub began: u64,
    pub began_realtime: u64,
    /// By CLOCK_MONOTONIC; 0 if the process did not end by exit().
    pub ended: AtomicU64,
    /// How many chunks there may be at once.
    pub capacity: u64,
    /// How often one was taken. If more often than `capacity` says, the oldest were written over.
    pub taken: AtomicU64,
    /// Events that found no room.
    pub lost: AtomicU64,
    /// Tasks and simple results that were made, and freed, also those whose events were written over.
    pub made: AtomicU64,
    pub freed: AtomicU64,
    /// Strings, with zeros behind.
    pub library_version: [u8; 32],
    pub glib_version: [u8; 32],
    /// The program's file.
    pub program: [u8; 1024],
    /// Its arguments, with a zero behind each; cut if there are more.
    pub command: [u8; 4096],
}

/// What a chunk holds.
pub const EVENTS: u32 = 1;
/// The text of /proc/self/maps, its executable lines: part `part`, from 0, of `parts`. What is mapped where changes as
/// libraries are loaded. For each address of an event, the newest text counts that was taken before the event and has the
/// address, or else the oldest one that was taken later and has it.
pub const MAPS: u32 = 2;

#[repr(C)]
pub struct ChunkHeader {
    /// The chunk is the `sequence`th that was taken, from 1. 0: never written.
    pub sequence: AtomicU64,
    pub kind: u32,
    /// Bytes that are valid, this header included.
    pub used: AtomicU32,
    /// The thread's number, as gettid() says.
    pub thread: u32,
    pub part: u16,
    pub parts: u16,
    /// When the chunk was taken.
    pub time: u64,
    /// The thread's name when the chunk was taken.
    pub name: [u8; 16],
    /// 1 while a thread writes here, or may yet.
    pub open: AtomicU32,
    pub reserved: u32,
}

/// An event. Behind it: `words` numbers of 64 bits, then `strings` strings, each its length in 16 bits and its bytes, then
/// zeros up to the next multiple of 8. A string NULL has the length 0xffff and no bytes.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Record {
    /// Of all this, a multiple of 8.
    pub size: u16,
    pub event: u8,
    pub words: u8,
    pub strings: u8,
    /// What the event says.
    pub small: u8,
    pub reserved: u16,
    /// What the event says.
    pub number: i64,
    pub time: u64,
    /// The address of the task, simple result, cancellable or context; of a worker's event 0.
    pub object: u64,
}

/// Beside each: what its parts are. A stack is return addresses, the innermost first.
#[repr(u8)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Event {
    /// small: 0 GTask, 1 GSimpleAsyncResult. number: priority. words: cancellable, context (0: the default one), callback, source
    /// tag, then the stack of its birth (at least one address if it is known). strings: the source object's type (NULL without), name.
    Made = 1,
    /// strings: the name, or NULL.
    Named,
    /// words: the tag.
    Tagged,
    /// number: the priority.
    Prioritized,
    /// number: how many wait in the queue with it. small: 1 if the caller waits (_sync). words: the function,
    /// the cancellable.
    Queued,
    /// A worker begins to run the function. number: how many wait in the queue behind it.
    Started,
    /// The function has ended.
    Ended,
    /// small: the kind (0 nothing, 1 pointer, 2 int, 3 boolean, 4 value, 5 error). number: an error's code. words: the stack of the
    /// return. strings, of an error: domain, message.
    Returned,
    /// A second return, which was refused. words: its stack.
    ReturnedAgain,
    CallbackBegun,
    CallbackEnded,
    /// small: the kind that was asked for; 5 if the caller was told instead that the task is cancelled.
    Propagated,
    Completed,
    /// The source that was to deliver the result was destroyed without.
    Dropped,
    /// Its last reference is gone. small: 1 if it ever returned, else 0; of a simple result 2: look for `Returned`.
    Freed,
    /// A cancellable.
    CancellableMade = 32,
    /// `g_cancellable_cancel()` begins; of one that was not cancelled. If two threads begin at once, both are told.
    CancelBegun,
    /// Its handlers have run.
    CancelEnded,
    /// It was cancelled, and is not any more.
    Reset,
    /// number: 1 connected, -1 disconnected.
    Handlers,
    CancellableFreed,
    /// This thread begins as a worker. small: why (see `WHY`).
    WorkerAdded = 48,
    WorkerGone,
    /// The system refused a thread. number: errno, if known.
    WorkerRefused,
    /// A result goes to a context (the object; 0: the default one), and waits there until `CallbackBegun` or `Dropped`.
    /// words: the task.
    Arrived = 64,
    /// Of this thread so many events (number) were lost before here.
    Lost = 96,
    /// The chunk's thread has ended. From here on its records are another's. number: that thread. strings: its name.
    Thread,
}

/// Why a worker was added.
pub const WHY: [&str; 4] = [
    "work came",
    "all workers are blocked",
    "all workers compute",
    "a thread waits for a task",
];
