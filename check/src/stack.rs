//! Where the program is: the return addresses above the library's own, quickly. This is part of the
//! checker and of the recorder.
//!
//! To unwind a stack takes as long as several tasks. But a program makes its tasks in few places.
//! So each thread keeps the stacks that it met last: for each return address, where on the stack it
//! lies. If the stack pointer is the same again, and each of these places holds what it held, from
//! the innermost outwards, then it is the same stack: for what a frame looks like is decided by
//! where its function stands. A function whose frame varies (`alloca`) might have a caller that is
//! the wrong one; that is looked at nowhere but in a message. All of these places lie between the
//! stack pointer and the end of the thread's own stack, where memory is; a stack that the program
//! made itself (a coroutine's) is unwound each time.

use std::cell::UnsafeCell;
use std::ffi::{c_int, c_void};
use std::mem::MaybeUninit;
use std::ops::Range;
use std::sync::OnceLock;

use crate::file::File;

/// How many return addresses a task keeps.
pub(crate) const DEEPEST: usize = 8;
/// With those of ours, which come first.
const ALL: usize = DEEPEST + 8;

/// Return addresses, the innermost first; 0 behind the last.
pub(crate) type Stack<const DEPTH: usize> = [usize; DEPTH];

extern "C" {
    fn _Unwind_Backtrace(
        step: unsafe extern "C" fn(*mut c_void, *mut c_void) -> c_int,
        data: *mut c_void,
    ) -> c_int;
    fn _Unwind_GetIP(context: *mut c_void) -> usize;
    fn _Unwind_GetCFA(context: *mut c_void) -> usize;
}

/// The code of who watches, and of the copies of the library that are in the process: one, but for
/// odd programs. Of a library that is part of a program, there is nothing that only is the
/// library's.
static WATCHER: OnceLock<Range<usize>> = OnceLock::new();
static LIBRARIES: [OnceLock<Range<usize>>; 2] = [const { OnceLock::new() }; 2];

/// `inside`: a function of the library.
pub(crate) fn find_own_code(inside: *const c_void) {
    WATCHER.get_or_init(|| code_of(find_own_code as *const c_void, "libasyncresult-"));
    let library = code_of(inside, "libasyncresult.so");
    let _ = LIBRARIES
        .iter()
        .any(|place| place.set(library.clone()).is_ok());
}

fn libraries() -> impl Iterator<Item = &'static Range<usize>> {
    LIBRARIES.iter().filter_map(OnceLock::get)
}

/// Whether the library is a file of its own.
pub(crate) fn library_is_apart() -> bool {
    libraries().all(|library| !library.is_empty())
}

pub(crate) fn is_own(address: usize) -> bool {
    let mut code = WATCHER.get().into_iter().chain(libraries());
    code.any(|range| range.contains(&address))
}

/// The stack that the system gave to the calling thread: from where to where. Twice the same if
/// that cannot be told.
fn own_stack() -> (usize, usize) {
    let mut attributes = MaybeUninit::<libc::pthread_attr_t>::uninit();
    let (mut lowest, mut size) = (std::ptr::null_mut(), 0);
    // SAFETY: places for the answers; the attributes are used only if they were given.
    unsafe {
        if libc::pthread_getattr_np(libc::pthread_self(), attributes.as_mut_ptr()) == 0 {
            if libc::pthread_attr_getstack(attributes.as_ptr(), &mut lowest, &mut size) != 0 {
                size = 0;
            }
            libc::pthread_attr_destroy(attributes.as_mut_ptr());
        }
    }
    (lowest as usize, lowest as usize + size)
}

/// What is mapped of the file that a function is in, if that has such a name.
fn code_of(function: *const c_void, name: &str) -> Range<usize> {
    let has_name = |file: &File| {
        let last = file.name.rsplit('/').next();
        last.is_some_and(|last| last.starts_with(name))
    };
    let file = File::around(function as usize).filter(has_name);
    file.map_or(0..0, |file| file.range)
}

/// A stack that was met.
#[derive(Clone, Copy)]
struct Met {
    /// Where the frame of `capture` was; 0: none was met.
    frame: usize,
    /// How many addresses there are, and how many of them are ours.
    count: u16,
    own: u16,
    /// Where each lies, and what it is.
    places: [(usize, usize); ALL],
}

const NONE: Met = Met {
    frame: 0,
    count: 0,
    own: 0,
    places: [(0, 0); ALL],
};

/// In each group are stacks of which the frame of `capture` may be the same.
const GROUPS: usize = 8;
const IN_GROUP: usize = 4;

struct Memory {
    /// Of this thread, once it was asked for.
    stack: Option<(usize, usize)>,
    met: [[Met; IN_GROUP]; GROUPS],
    /// Which is to be replaced next.
    next: [u8; GROUPS],
}

thread_local! {
    static MEMORY: UnsafeCell<Memory> = const {
        UnsafeCell::new(Memory { stack: None, met: [[NONE; IN_GROUP]; GROUPS], next: [0; GROUPS] })
    };
}

impl Met {
    /// Whether the stack is this one. Each place is looked at only if those inside it hold what
    /// they held: so the frame that it belongs to is there.
    #[inline]
    fn is_here(&self, frame: usize) -> bool {
        self.frame == frame
            && self.places[..self.count.into()]
                .iter()
                .all(|(place, address)| {
                    // SAFETY: `capture` is on this thread's own stack, and keeps only what lies
                    // farther out there.
                    let found = unsafe { std::ptr::read_volatile(*place as *const usize) };
                    found == *address
                })
    }

    fn stack<const DEPTH: usize>(&self) -> Stack<DEPTH> {
        let mut stack = [0; DEPTH];
        let programs = &self.places[self.own.into()..self.count.into()];
        for (slot, (_, address)) in stack.iter_mut().zip(programs) {
            *slot = *address;
        }
        stack
    }
}

/// The innermost return addresses of the program.
#[inline(never)]
pub(crate) fn capture<const DEPTH: usize>() -> Stack<DEPTH> {
    let marker = 0_u8;
    let frame = std::hint::black_box(&raw const marker) as usize;
    let group = (frame >> 4) % GROUPS;
    let mut stack = None;
    // A thread that ends may have no memory any more.
    let _ = MEMORY.try_with(|memory| {
        // SAFETY: this thread's own, and nothing in here comes back here.
        let memory = unsafe { &mut *memory.get() };
        let (lowest, end) = *memory.stack.get_or_insert_with(own_stack);
        if !(lowest..end).contains(&frame) {
            return;
        }
        let met = memory.met[group].iter().find(|met| met.is_here(frame));
        let met = match met {
            Some(met) => *met,
            None => {
                let (met, all_found) = unwind(frame);
                let places = &met.places[..met.count.into()];
                if all_found && places.iter().all(|(place, _)| *place < end) {
                    let next = &mut memory.next[group];
                    memory.met[group][usize::from(*next)] = met;
                    *next = (*next + 1) % IN_GROUP as u8;
                }
                met
            }
        };
        stack = Some(met.stack());
    });
    stack.unwrap_or_else(|| unwind(frame).0.stack())
}

/// The stack, and whether it is known where each of its addresses lies.
#[cold]
fn unwind(frame: usize) -> (Met, bool) {
    struct Walk {
        met: Met,
        all_found: bool,
    }
    unsafe extern "C" fn step(context: *mut c_void, walk: *mut c_void) -> c_int {
        const GO_ON: c_int = 0;
        const END: c_int = 4;
        // SAFETY: the unwinder passes what it was given, and a context.
        unsafe {
            let walk = &mut *walk.cast::<Walk>();
            let address = _Unwind_GetIP(context);
            let place = _Unwind_GetCFA(context).wrapping_sub(size_of::<usize>());
            // The frames of this function, and of `capture`, end below the frame that counts.
            if place < walk.met.frame || address == 0 {
                return GO_ON;
            }
            let count = usize::from(walk.met.count);
            if count == ALL || count >= usize::from(walk.met.own) + DEEPEST {
                return END;
            }
            if is_own(address) && walk.met.own == walk.met.count {
                walk.met.own += 1;
            }
            walk.all_found &= cfg!(any(target_arch = "x86", target_arch = "x86_64"))
                && *(place as *const usize) == address;
            walk.met.places[count] = (place, address);
            walk.met.count += 1;
            GO_ON
        }
    }
    let mut walk = Walk {
        met: Met { frame, ..NONE },
        all_found: true,
    };
    // SAFETY: the callback gets what it expects.
    unsafe { _Unwind_Backtrace(step, (&raw mut walk).cast()) };
    (walk.met, walk.all_found)
}
