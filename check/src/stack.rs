//! Where the program is: the return addresses above the library's own, quickly.
//!
//! To unwind a stack takes as long as several tasks. But how much of the stack a function has when
//! it calls another depends on the call alone, and so on the return address: all but functions with
//! arrays of variable length are like that. So it is kept for each return address how far the next
//! one is, as the unwinder found it once. The next stack with the same addresses is walked by that.
//!
//! What is read lies between the stack pointer and the end of the thread's own stack, where memory
//! is; a stack that the program made itself (a coroutine's) is unwound each time. A call whose frame
//! was of two sizes is marked: there the walk ends, and a message names the function that called,
//! but not its caller. Until then a wrong caller may be found, if by chance one of its addresses lies
//! there; that is looked at nowhere but in a message.

use std::cell::Cell;
use std::ffi::{c_int, c_void};
use std::mem::MaybeUninit;
use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};
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

/// How far behind a return address on the stack the next one is, by that address: 48 bits of it, and
/// 16 of the distance in words. An address has its place in one of the groups.
static DISTANCES: [[AtomicU64; IN_GROUP]; GROUPS] =
    [const { [const { AtomicU64::new(0) }; IN_GROUP] }; GROUPS];
const IN_GROUP: usize = 4;
const GROUPS: usize = 1 << 11;

/// How far the next return address is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Distance {
    Unknown,
    /// There is none.
    Last,
    /// It is not always the same.
    Varies,
    Words(u16),
}

const WORD: usize = size_of::<usize>();
const LAST: u64 = 0;
const VARIES: u64 = 0xffff;

fn group_of(address: usize) -> &'static [AtomicU64; IN_GROUP] {
    let spread = (address as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32;
    &DISTANCES[spread as usize % GROUPS]
}

impl Distance {
    #[inline(always)]
    fn behind(address: usize) -> Self {
        let mut group = group_of(address)
            .iter()
            .map(|place| place.load(Ordering::Relaxed));
        match group.find(|found| found >> 16 == address as u64) {
            None => Self::Unknown,
            Some(found) => match found & 0xffff {
                LAST => Self::Last,
                VARIES => Self::Varies,
                words => Self::Words(words as u16),
            },
        }
    }

    fn between(place: usize, next: usize) -> Self {
        match (next.wrapping_sub(place) / WORD) as u64 {
            words @ 1..VARIES => Self::Words(words as u16),
            _ => Self::Varies,
        }
    }

    /// Keeps it for an address, which the unwinder has met.
    fn note(self, address: usize) {
        let known = Self::behind(address);
        let noted = match self {
            _ if known == self => return,
            Self::Last => LAST,
            Self::Words(words) if known == Self::Unknown => words.into(),
            _ => VARIES,
        };
        let group = group_of(address);
        let is_its_own = |place: &&AtomicU64| {
            let found = place.load(Ordering::Relaxed);
            found == 0 || found >> 16 == address as u64
        };
        // If all are taken, one has to give way: any.
        let any = &group[address / 2 % IN_GROUP];
        let place = group.iter().find(is_its_own).unwrap_or(any);
        place.store(((address as u64) << 16) | noted, Ordering::Relaxed);
    }
}

thread_local! {
    /// Of this thread, once it was asked for: where its own stack is.
    static OWN_STACK: Cell<Option<(usize, usize)>> = const { Cell::new(None) };
}

/// The innermost return addresses of the program.
#[inline(never)]
pub(crate) fn capture<const DEPTH: usize>() -> Stack<DEPTH> {
    let marker = 0_usize;
    let frame = std::hint::black_box(&raw const marker) as usize;
    // What is between the marker and the first return address depends on the function alone: it
    // stands for the address of that.
    let start = (frame, capture::<DEPTH> as *const () as usize);
    walk(start).unwrap_or_else(|| unwind(start))
}

/// By what is known. `None`: that is not enough.
#[inline(always)]
fn walk<const DEPTH: usize>(start: (usize, usize)) -> Option<Stack<DEPTH>> {
    // A thread that ends may have no memory any more.
    let known = OWN_STACK.try_with(Cell::get).ok()?;
    let (lowest, end) = match known {
        Some(stack) => stack,
        None => {
            let stack = own_stack();
            OWN_STACK.set(Some(stack));
            stack
        }
    };
    let (mut place, mut address) = start;
    if !(lowest..end).contains(&place) {
        return None;
    }
    let mut stack = [0; DEPTH];
    let mut count = 0;
    for _ in 0..ALL {
        match Distance::behind(address) {
            Distance::Words(words) => place += usize::from(words) * WORD,
            Distance::Last => break,
            Distance::Varies if count > 0 => break,
            Distance::Varies | Distance::Unknown => return None,
        }
        if place >= end {
            return None;
        }
        // SAFETY: this thread's own stack, outside of the caller's frame.
        address = unsafe { std::ptr::read_volatile(place as *const usize) };
        if count == 0 && is_own(address) {
            continue;
        }
        stack[count] = address;
        count += 1;
        if count == DEPTH {
            break;
        }
    }
    Some(stack)
}

/// By the unwinder; and notes what it says.
#[cold]
fn unwind<const DEPTH: usize>(start: (usize, usize)) -> Stack<DEPTH> {
    struct Unwinding {
        /// The addresses met, and where each lies.
        met: [(usize, usize); ALL + 1],
        count: usize,
        is_whole: bool,
    }
    unsafe extern "C" fn step(context: *mut c_void, unwinding: *mut c_void) -> c_int {
        const GO_ON: c_int = 0;
        const END: c_int = 4;
        // SAFETY: the unwinder passes what it was given, and a context.
        unsafe {
            let unwinding = &mut *unwinding.cast::<Unwinding>();
            let address = _Unwind_GetIP(context);
            let place = _Unwind_GetCFA(context).wrapping_sub(WORD);
            // The frames of this function, and of `capture`, end before what counts.
            if place < unwinding.met[0].0 || address == 0 {
                return GO_ON;
            }
            if unwinding.count == unwinding.met.len() {
                unwinding.is_whole = false;
                return END;
            }
            unwinding.met[unwinding.count] = (place, address);
            unwinding.count += 1;
            GO_ON
        }
    }
    let mut unwinding = Unwinding {
        met: [(0, 0); ALL + 1],
        count: 1,
        is_whole: true,
    };
    unwinding.met[0] = start;
    // SAFETY: the callback gets what it expects.
    unsafe { _Unwind_Backtrace(step, (&raw mut unwinding).cast()) };
    let met = &unwinding.met[..unwinding.count];
    // Elsewhere a return address may lie in a register, or anywhere in the frame.
    if cfg!(any(target_arch = "x86", target_arch = "x86_64")) {
        for pair in met.windows(2) {
            let ((place, address), (next_place, next)) = (pair[0], pair[1]);
            // SAFETY: the unwinder has read it there, or another word of the same stack.
            if unsafe { *(next_place as *const usize) } == next {
                Distance::between(place, next_place).note(address);
            }
        }
        if let (true, Some((_, last))) = (unwinding.is_whole, met.last()) {
            Distance::Last.note(*last);
        }
    }
    let mut stack = [0; DEPTH];
    let programs = met[1..].iter().skip_while(|(_, address)| is_own(*address));
    for (slot, (_, address)) in stack.iter_mut().zip(programs) {
        *slot = *address;
    }
    stack
}
