//! What a place in a module is in the program's sources: function, file and line. What a module's file
//! does not say, its separate file of debugging information may, which is found by the build-id.

use std::cell::RefCell;
use std::collections::HashMap;
use std::path::{Component, Path, PathBuf};
use std::rc::Rc;

use addr2line::Loader;
use object::read::elf::{ElfFile, FileHeader, ProgramHeader};
use object::{Object, ObjectSymbol, ReadRef, SymbolKind};

use crate::intern::NONE;
use crate::model::Trace;
use crate::places::Place;

#[derive(Default, Clone)]
pub(crate) struct Symbol {
    pub(crate) function: Option<String>,
    pub(crate) file: Option<String>,
    pub(crate) line: u32,
    /// The module's file without its folder; empty without one.
    pub(crate) module: String,
    /// In the module, as its symbol table counts.
    pub(crate) offset: u64,
}

impl Symbol {
    /// "load_async() at lost.c:5", or what is known.
    pub(crate) fn text(&self) -> String {
        match (&self.function, &self.file) {
            (Some(function), Some(_)) => format!("{function}() at {}", self.line_text()),
            (None, Some(_)) => self.line_text(),
            (Some(function), None) => format!("{function}() in {}", self.offset_text()),
            (None, None) => self.offset_text(),
        }
    }

    fn line_text(&self) -> String {
        let file = self.file.as_deref().unwrap_or_default();
        if self.line == 0 {
            file.to_owned()
        } else {
            format!("{file}:{}", self.line)
        }
    }

    fn offset_text(&self) -> String {
        if self.module.is_empty() {
            format!("{:#x}", self.offset)
        } else {
            format!("{}+{:#x}", self.module, self.offset)
        }
    }

    /// The function's name, or what there is instead.
    pub(crate) fn name(&self) -> String {
        self.function.clone().unwrap_or_else(|| self.offset_text())
    }

    /// Part of GLib or of this library: it is no answer to who did something, if there is another.
    pub(crate) fn is_in_glib(&self) -> bool {
        const LIBRARIES: [&str; 4] = [
            "libglib-2.0.so",
            "libgobject-2.0.so",
            "libgio-2.0.so",
            "libasyncresult.so",
        ];
        LIBRARIES
            .iter()
            .any(|library| self.module.starts_with(library))
    }
}

/// One module's file, read once.
struct Module {
    /// Offset in the file, length, address.
    segments: Vec<(u64, u64, u64)>,
    /// Functions of the symbol tables: address, size, name; by the address.
    functions: Vec<(u64, u64, String)>,
    /// The file itself, and its separate debugging information.
    loaders: Vec<Loader>,
}

#[derive(Default)]
pub(crate) struct Symbols {
    modules: RefCell<HashMap<u32, Rc<Module>>>,
    known: RefCell<HashMap<u32, Rc<Symbol>>>,
}

impl Symbols {
    /// What the place of this number is; nothing if there is no place.
    pub(crate) fn get(&self, trace: &Trace, number: u32) -> Rc<Symbol> {
        if let Some(symbol) = self.known.borrow().get(&number) {
            return Rc::clone(symbol);
        }
        let symbol = trace
            .places
            .get(number)
            .map(|place| self.find(trace, *place))
            .unwrap_or_default();
        let symbol = Rc::new(symbol);
        self.known.borrow_mut().insert(number, Rc::clone(&symbol));
        symbol
    }

    /// Of a stack, the innermost place that is not GLib's, or else the innermost one.
    pub(crate) fn origin(&self, trace: &Trace, stack: u32) -> Option<Rc<Symbol>> {
        let stack = trace.stacks.get(stack)?;
        let mut symbols = stack.iter().map(|place| self.get(trace, *place));
        symbols
            .find(|symbol| !symbol.is_in_glib())
            .or_else(|| Some(self.get(trace, *stack.first()?)))
    }

    fn find(&self, trace: &Trace, place: Place) -> Symbol {
        let nothing = Symbol {
            offset: place.offset,
            ..Symbol::default()
        };
        if place.module == NONE {
            return nothing;
        }
        let path = trace.strings.get(place.module);
        let name = path.rsplit('/').next().unwrap_or(path).to_owned();
        let module = Rc::clone(
            self.modules
                .borrow_mut()
                .entry(place.module)
                .or_insert_with(|| Rc::new(Module::load(path))),
        );
        let mut symbol = Symbol {
            module: name,
            offset: module.address(place.offset),
            ..Symbol::default()
        };
        // A return address lies behind the call that is meant.
        let probe = if place.is_return {
            symbol.offset.saturating_sub(1)
        } else {
            symbol.offset
        };
        for loader in &module.loaders {
            look_up(loader, probe, place.is_return, &mut symbol);
        }
        if symbol.function.is_none() {
            symbol.function = module.function_at(probe);
        }
        symbol
    }
}

/// Adds what this file knows. A function's beginning is wanted from the outermost function in which the
/// address lies, a call's from the innermost: functions may have been put into others.
fn look_up(loader: &Loader, probe: u64, is_call: bool, symbol: &mut Symbol) {
    if let Ok(mut frames) = loader.find_frames(probe) {
        while let Ok(Some(frame)) = frames.next() {
            if let Some(name) = frame
                .function
                .as_ref()
                .and_then(|name| name.demangle().ok())
            {
                symbol.function = Some(name.into_owned());
            }
            if let Some(location) = frame.location {
                if let Some(file) = location.file {
                    symbol.file = Some(readable(file));
                    symbol.line = location.line.unwrap_or(0);
                }
            }
            if is_call && symbol.function.is_some() {
                break;
            }
        }
    }
}

impl Module {
    fn load(path: &str) -> Self {
        let path = Path::new(path);
        let mut module = Self {
            segments: Vec::new(),
            functions: Vec::new(),
            loaders: Vec::new(),
        };
        // What is mapped may be a device.
        if !path.is_absolute() || !path.metadata().is_ok_and(|metadata| metadata.is_file()) {
            return module;
        }
        let Ok(bytes) = std::fs::read(path) else {
            return module;
        };
        let debug = match object::FileKind::parse(&*bytes) {
            Ok(object::FileKind::Elf64) => {
                module.read::<object::elf::FileHeader64<object::Endianness>>(&*bytes, path)
            }
            Ok(object::FileKind::Elf32) => {
                module.read::<object::elf::FileHeader32<object::Endianness>>(&*bytes, path)
            }
            _ => return module,
        };
        module.loaders.extend(Loader::new(path).ok());
        if let Some((file, supplement)) = debug {
            module
                .loaders
                .extend(Loader::new_with_sup(file, supplement).ok());
        }
        module
    }

    /// Reads where the module's parts lie, and returns its separate debugging information, if there is
    /// some here.
    fn read<'a, H: FileHeader>(
        &mut self,
        bytes: impl ReadRef<'a>,
        path: &Path,
    ) -> Option<(PathBuf, Option<PathBuf>)> {
        let elf = ElfFile::<H, _>::parse(bytes).ok()?;
        let endian = elf.endian();
        for header in elf.elf_program_headers() {
            if header.p_type(endian) == object::elf::PT_LOAD {
                let numbers = [
                    header.p_offset(endian),
                    header.p_filesz(endian),
                    header.p_vaddr(endian),
                ];
                let [offset, length, address] = numbers.map(Into::into);
                self.segments.push((offset, length, address));
            }
        }
        self.add_functions(&elf);
        if elf.section_by_name(".debug_info").is_some()
            || elf.section_by_name(".zdebug_info").is_some()
        {
            return None;
        }
        let by_id = elf.build_id().ok().flatten().and_then(by_build_id);
        let by_link = || {
            let (name, _) = elf.gnu_debuglink().ok().flatten()?;
            let name = String::from_utf8_lossy(name).into_owned();
            let folder = path.parent()?;
            let global = Path::new("/usr/lib/debug").join(folder.strip_prefix("/").ok()?);
            let candidates = [
                folder.join(&name),
                folder.join(".debug").join(&name),
                global.join(&name),
            ];
            candidates
                .into_iter()
                .find(|candidate| candidate != path && candidate.is_file())
        };
        let file = by_id.or_else(by_link)?;
        if let Ok(bytes) = std::fs::read(&file) {
            if let Ok(elf) = ElfFile::<H, _>::parse(&*bytes) {
                self.add_functions(&elf);
            }
        }
        let supplement = supplement_of(&file);
        Some((file, supplement))
    }

    fn add_functions<'a, H: FileHeader, R: ReadRef<'a>>(&mut self, elf: &ElfFile<'a, H, R>) {
        for symbol in elf.symbols().chain(elf.dynamic_symbols()) {
            if symbol.kind() == SymbolKind::Text && symbol.size() > 0 && !symbol.is_undefined() {
                let name = symbol.name().unwrap_or_default().to_owned();
                self.functions.push((symbol.address(), symbol.size(), name));
            }
        }
        self.functions.sort();
    }

    /// The function that this address is in. Of what a library does not export, nothing may be known:
    /// what comes before it in the table is another function.
    fn function_at(&self, address: u64) -> Option<String> {
        let next = self
            .functions
            .partition_point(|(start, ..)| *start <= address);
        let mut before = self.functions[..next].iter().rev().take(4);
        let (_, _, name) = before.find(|(start, size, _)| address - start < *size)?;
        Some(addr2line::demangle_auto(name.into(), None).into_owned())
    }

    /// Where the symbol table has what lies at this offset of the file.
    fn address(&self, offset: u64) -> u64 {
        let inside = |(start, length, _): &&(u64, u64, u64)| {
            (*start..start.saturating_add(*length)).contains(&offset)
        };
        match self.segments.iter().find(inside) {
            Some((start, _, address)) => offset - start + address,
            None => offset,
        }
    }
}

fn by_build_id(id: &[u8]) -> Option<PathBuf> {
    let digits: Vec<_> = id.iter().map(|byte| format!("{byte:02x}")).collect();
    let hex = digits.concat();
    let (folder, rest) = hex.split_at_checked(2)?;
    let file = PathBuf::from(format!("/usr/lib/debug/.build-id/{folder}/{rest}.debug"));
    file.is_file().then_some(file)
}

/// What several files of debugging information have in common may lie in a file of its own.
fn supplement_of(file: &Path) -> Option<PathBuf> {
    let bytes = std::fs::read(file).ok()?;
    let object = object::read::elf::ElfFile64::<object::Endianness>::parse(&*bytes).ok()?;
    let (name, id) = object.gnu_debugaltlink().ok().flatten()?;
    let named = file.parent()?.join(String::from_utf8_lossy(name).as_ref());
    by_build_id(id).or_else(|| named.is_file().then_some(named))
}

/// `build/../src/file.c` is `src/file.c`; what is below the folder one is in, from there.
fn readable(path: &str) -> String {
    let mut direct = PathBuf::new();
    for part in Path::new(path).components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir if direct.file_name().is_some() => {
                direct.pop();
            }
            part => direct.push(part),
        }
    }
    let here = std::env::current_dir().ok();
    let below = here
        .as_ref()
        .and_then(|here| direct.strip_prefix(here).ok());
    below.unwrap_or(&direct).display().to_string()
}

#[cfg(test)]
mod tests {
    use super::Module;

    #[test]
    fn behind_a_function_is_nothing() {
        let functions = vec![(100, 20, "outer".into()), (105, 5, "inner".into())];
        let module = Module {
            functions,
            segments: Vec::new(),
            loaders: Vec::new(),
        };
        let names = [99, 100, 105, 110, 120].map(|address| module.function_at(address));
        let names = names.each_ref().map(Option::as_deref);
        assert_eq!(
            names,
            [None, Some("outer"), Some("inner"), Some("outer"), None]
        );
    }
}
