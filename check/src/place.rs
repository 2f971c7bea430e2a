//! What an address is in the program's sources.

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::ffi::{c_int, c_void};
use std::path::{Component, Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::file::File;
use crate::stack;

/// Held while the dynamic linker is asked and debugging information is read: a fork waits for that.
static READING: Mutex<Read> = Mutex::new(Read {
    changes: (0, 0),
    described: BTreeMap::new(),
});

/// What is known of the files that are there.
pub(crate) struct Read {
    /// How many the dynamic linker had opened and closed when this was noted.
    changes: (u64, u64),
    /// What was said of a stack: the same few make messages that nobody sees.
    described: BTreeMap<Box<[usize]>, Option<String>>,
}

/// So many stacks are remembered.
const MOST_DESCRIBED: usize = 1000;

pub(crate) type Reading = MutexGuard<'static, Read>;

pub(crate) fn hold() -> Reading {
    READING.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Holds the lock, and forgets what was read if files have come or gone.
fn read() -> Reading {
    unsafe extern "C" fn look(
        file: *mut libc::dl_phdr_info,
        _size: usize,
        changes: *mut c_void,
    ) -> c_int {
        // SAFETY: the dynamic linker passes a file that it knows, and what it was given.
        unsafe { *changes.cast::<(u64, u64)>() = ((*file).dlpi_adds, (*file).dlpi_subs) };
        1
    }
    let mut reading = hold();
    let mut changes = (0_u64, 0_u64);
    // SAFETY: the callback gets what it expects.
    unsafe { libc::dl_iterate_phdr(Some(look), (&raw mut changes).cast()) };
    if reading.changes != changes {
        reading.changes = changes;
        reading.described.clear();
        backtrace::clear_symbol_cache();
    }
    reading
}

/// One function in which an address lies: several, if functions were put into others.
struct Frame {
    function: Option<String>,
    line: Option<String>,
}

/// "load_async() at lost.c:5"; of several functions the innermost.
fn describe_frame(frame: Option<&Frame>, address: usize) -> String {
    match frame {
        Some(Frame {
            function: Some(function),
            line: Some(line),
        }) => format!("{function}() at {line}"),
        Some(Frame {
            function: None,
            line: Some(line),
        }) => line.clone(),
        Some(Frame {
            function: Some(function),
            line: None,
        }) => {
            format!("{function}() in {}", file_and_command(address))
        }
        _ => file_and_command(address),
    }
}

/// For a file without debugging information: how to find the line on a machine that has it.
fn file_and_command(address: usize) -> String {
    let (file, offset) = file_of(address);
    format!("{file}+{offset:#x} (addr2line -Cfe {file} {offset:#x})")
}

/// What the instruction at `address` lies in, from the innermost function. The caller holds the
/// lock.
fn frames(address: usize) -> Vec<Frame> {
    let here = std::env::current_dir().ok();
    let mut frames = Vec::new();
    // It is taken for a return address, which is behind the call.
    backtrace::resolve((address + 1) as *mut c_void, |symbol| {
        let line = symbol.filename().map(|path| {
            let path = without_detours(path);
            let path = here
                .as_ref()
                .and_then(|here| path.strip_prefix(here).ok())
                .unwrap_or(&path);
            match symbol.lineno() {
                Some(line) => format!("{}:{line}", path.display()),
                None => path.display().to_string(),
            }
        });
        frames.push(Frame {
            function: symbol.name().map(|name| format!("{name:#}")),
            line,
        });
    });
    frames
}

/// `build/../src/file.c` is `src/file.c`; a link to a folder is not thought of.
fn without_detours(path: &Path) -> PathBuf {
    let mut direct = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir if direct.file_name().is_some() => {
                direct.pop();
            }
            part => direct.push(part),
        }
    }
    direct
}

/// The function that begins at an address: "work()", or what is known.
pub(crate) fn function(address: usize) -> String {
    let _reading = read();
    beginning_at(address).map_or_else(
        || file_and_command(address),
        |function| format!("{function}()"),
    )
}

/// The name of the function that begins at an address, if it has one.
pub(crate) fn name(address: usize) -> Option<String> {
    let _reading = read();
    beginning_at(address)
}

/// Functions that the compiler put into it come first.
fn beginning_at(address: usize) -> Option<String> {
    let Frame { function, line } = frames(address).pop()?;
    // A table of symbols is searched for the function that ends here, too: for what has no name, that
    // would be the one before.
    let goes_on = || frames(address + 1).pop().and_then(|next| next.function) == function;
    if line.is_some() || goes_on() {
        function
    } else {
        None
    }
}

/// A return address of a stack, and what it lies in. To read the debugging information of a file
/// takes time: so that is done for what is shown, and not for all.
struct Step {
    address: usize,
    file: String,
    frames: OnceCell<Vec<Frame>>,
}

impl Step {
    fn new(address: usize) -> Self {
        // A return address is behind the call.
        let address = address - 1;
        Self {
            address,
            file: file_of(address).0,
            frames: OnceCell::new(),
        }
    }

    fn frames(&self) -> &[Frame] {
        self.frames.get_or_init(|| frames(self.address))
    }

    /// What is part of a program lies beside the program's own code: its functions have names of
    /// ours.
    fn is_own(&self) -> bool {
        if stack::library_is_apart() {
            return stack::is_own(self.address);
        }
        stack::is_own(self.address) || self.frames().iter().any(is_the_librarys)
    }

    fn is_in(&self, library: &str) -> bool {
        let name = self.file.rsplit('/').next();
        name.is_some_and(|name| name.starts_with(library))
    }

    /// From there it was called back, or a thread began.
    fn is_in_glib(&self) -> bool {
        self.is_in("libglib-2.0.so") || self.is_in("libgobject-2.0.so")
    }

    fn is_main(&self) -> bool {
        let mut frames = self.frames().iter();
        frames.any(|frame| frame.function.as_deref() == Some("main"))
    }

    fn describe(&self) -> String {
        describe_frame(self.frames().first(), self.address)
    }
}

/// Where a stack is: the innermost function of the program's, and who called it if that is in the
/// same file. Of what libgio does, who called libgio. `None` if it is not known.
pub(crate) fn describe(stack: &[usize]) -> Option<String> {
    let described = &mut read().described;
    if let Some(known) = described.get(stack) {
        return known.clone();
    }
    let description = describe_anew(stack);
    if described.len() == MOST_DESCRIBED {
        described.clear();
    }
    described.insert(stack.into(), description.clone());
    description
}

/// The caller holds the lock.
fn describe_anew(stack: &[usize]) -> Option<String> {
    let steps = stack.iter().take_while(|address| **address != 0);
    let steps: Vec<Step> = steps.map(|address| Step::new(*address)).collect();
    let mut steps = &steps[..];
    while let [first, rest @ ..] = steps {
        // g_object_unref() and the like are no answer, if there is another.
        let others_follow = || rest.iter().any(|step| !step.is_in_glib());
        if !(first.is_own() || first.is_in_glib() && others_follow()) {
            break;
        }
        steps = rest;
    }
    let [first, rest @ ..] = steps else {
        return None;
    };
    if !stack::library_is_apart() && first.frames().is_empty() {
        return Some(one_of(steps));
    }
    // Functions that the compiler put into others are steps of their own.
    if let [inner, outer, ..] = first.frames() {
        let (inner, outer) = (Some(inner), Some(outer));
        let described = [inner, outer].map(|frame| describe_frame(frame, first.address));
        return Some(described.join(", called by "));
    }
    let mut callers = rest.iter();
    let caller = if first.is_in("libgio-2.0.so") {
        let mut until_glib = callers.take_while(|step| !step.is_own() && !step.is_in_glib());
        until_glib.find(|step| step.file != first.file)
    } else if first.is_main() {
        None
    } else {
        callers
            .next()
            .filter(|step| step.file == first.file && !step.is_own())
    };
    let described = [Some(first), caller]
        .into_iter()
        .flatten()
        .map(Step::describe);
    Some(described.collect::<Vec<_>>().join(", called by "))
}

/// Of a program without names that the library is part of: which of the addresses are the library's is
/// seen when they are looked up elsewhere.
fn one_of(steps: &[Step]) -> String {
    let file = &steps[0].file;
    let its_own = steps.iter().filter(|step| step.file == *file);
    let offsets: Vec<_> = its_own
        .map(|step| format!("{:#x}", file_of(step.address).1))
        .collect();
    format!(
        "{file}, the first that is not libasyncresult's of: addr2line -Cfpe {file} {}",
        offsets.join(" ")
    )
}

fn is_the_librarys(frame: &Frame) -> bool {
    let is_named_so = frame.function.as_ref().is_some_and(|function| {
        let begins_with = |prefix: &&str| function.starts_with(prefix);
        ["g_task_", "asyncresult::", "<asyncresult::"]
            .iter()
            .any(begins_with)
    });
    let lies_there = frame.line.as_ref().is_some_and(|line| {
        const FLOORS: [&str; 6] = [
            "exports",
            "classes",
            "scheduling",
            "gobject",
            "libgio",
            "glib",
        ];
        line.contains(".rs:")
            && FLOORS
                .iter()
                .any(|floor| line.starts_with(&format!("src/{floor}/")))
    });
    is_named_so || lies_there
}

/// The file that an address is in, and where it is there.
fn file_of(address: usize) -> (String, usize) {
    match File::around(address) {
        Some(file) if file.name.is_empty() => (program(), address - file.base),
        Some(file) => (file.name, address - file.base),
        None => ("[unknown code]".to_owned(), address),
    }
}

fn program() -> String {
    std::env::current_exe().map_or("[program]".to_owned(), |path| path.display().to_string())
}

#[cfg(test)]
mod tests {
    use super::name;

    std::arch::global_asm!(
        ".pushsection .text",
        ".globl asyncresult_has_a_name",
        ".type asyncresult_has_a_name, %function",
        "asyncresult_has_a_name:",
        ".4byte 0",
        ".size asyncresult_has_a_name, 4",
        ".4byte 0",
        ".popsection",
    );

    extern "C" {
        fn asyncresult_has_a_name();
    }

    #[test]
    fn what_follows_a_function_has_not_its_name() {
        let address = asyncresult_has_a_name as *const () as usize;
        let names = [address, address + 4, address + 5].map(name);
        let expected = [Some("asyncresult_has_a_name".to_owned()), None, None];
        assert_eq!(names, expected);
    }
}
