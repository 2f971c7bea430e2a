//! A file uses only its own floor and those below; only the lowest three call C, and scheduling has no
//! pointers of GLib's. The floor above all others uses none of them: only functions that are public in C.
//! Within a floor, rooms (a file, with the folder of the same name) use each other in one direction.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// From the lowest to the highest.
const FLOORS: [&str; 6] = [
    "glib",
    "libgio",
    "gobject",
    "scheduling",
    "classes",
    "exports",
];

/// How many of them may call C.
const CALL_C: usize = 3;

/// The crates whose functions are C's.
const C: [&str; 3] = ["glib_sys", "gobject_sys", "libc"];

/// The floor that has no pointers of GLib's: contexts, sources and what they call are types of the lowest
/// floor.
const WITHOUT_POINTERS: &str = "scheduling";

/// The floor of what GIO has not. It is a user of the library.
const USER: &str = "asr";

#[test]
fn what_gio_has_not_uses_only_what_is_public() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("src")
        .join(USER);
    let mut offences = Vec::new();
    let files = rust_files(&folder);
    for file in &files {
        let depth = file.strip_prefix(&folder).unwrap().components().count();
        let source = fs::read_to_string(file).unwrap();
        for offence in check_user(depth, &source) {
            offences.push(format!("{}: {offence}", file.display()));
        }
    }
    assert!(files.len() >= 3, "only {} files were found", files.len());
    assert_eq!(offences, [""; 0]);

    let allowed =
        "//! See [`crate::exports`].\nuse crate::asr::public;\nuse super::public::GCancellable;";
    assert_eq!(check_user(1, allowed), [""; 0]);
    let forbidden = [
        "use crate::exports::cancellable::g_cancellable_new;",
        "use crate::{asr, glib::source};",
        "use super::super::glib;",
        "crate::asr::f(crate::scheduling::sync::lock())",
    ];
    for source in forbidden {
        assert_eq!(check_user(1, source).len(), 1, "{source}");
    }
}

/// What a file of that floor does that it must not.
fn check_user(depth: usize, source: &str) -> Vec<String> {
    let dense = without_comments_and_spaces(source);
    let mut offences: Vec<String> = paths(&dense, "crate")
        .into_iter()
        .filter(|name| *name != USER)
        .map(|name| format!("uses crate::{name}"))
        .collect();
    if dense.contains(&"super::".repeat(depth + 1)) {
        offences.push("leaves its floor through super".to_owned());
    }
    offences
}

#[test]
fn no_file_looks_up() {
    let mut count = 0;
    let mut offences = Vec::new();
    for (floor, name) in FLOORS.iter().enumerate() {
        let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
            .join("src")
            .join(name);
        for file in rust_files(&folder) {
            count += 1;
            let depth = file.strip_prefix(&folder).unwrap().components().count();
            let source = fs::read_to_string(&file).unwrap();
            for offence in check(floor, depth, &source) {
                offences.push(format!("{}: {offence}", file.display()));
            }
        }
    }
    assert!(count >= 20, "only {count} files were found");
    assert!(offences.is_empty(), "\n{}", offences.join("\n"));
}

#[test]
fn no_rooms_use_each_other_in_a_circle() {
    for name in FLOORS.into_iter().chain([USER]) {
        let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
            .join("src")
            .join(name);
        let mut rooms = Rooms::new();
        for file in rust_files(&folder) {
            let inside = file.strip_prefix(&folder).unwrap();
            if let Some((room, depth)) = room(inside) {
                let source = fs::read_to_string(&file).unwrap();
                rooms
                    .entry(room)
                    .or_default()
                    .extend(neighbours(name, depth, &source));
            }
        }
        assert_eq!(circle(&rooms), None, "in src/{name}");
    }
}

#[test]
fn a_circle_is_seen() {
    let uses = |list: &[(&str, &[&str])]| -> Rooms {
        let names = |names: &[&str]| names.iter().map(ToString::to_string).collect();
        list.iter()
            .map(|(room, used)| (room.to_string(), names(used)))
            .collect()
    };
    assert_eq!(
        circle(&uses(&[
            ("a", &["b", "c"]),
            ("b", &["c"]),
            ("c", &["c", "x"])
        ])),
        None
    );
    let circles = uses(&[("a", &["b"]), ("b", &["c"]), ("c", &["b"])]);
    assert_eq!(circle(&circles), Some("b -> c -> b".to_owned()));

    assert_eq!(room(Path::new("a.rs")), Some(("a".to_owned(), 1)));
    assert_eq!(room(Path::new("a/mod.rs")), Some(("a".to_owned(), 1)));
    assert_eq!(room(Path::new("a/b.rs")), Some(("a".to_owned(), 2)));
    assert_eq!(room(Path::new("mod.rs")), None);

    let of = |depth, source| neighbours("glib", depth, source);
    let set = |names: &[&str]| {
        names
            .iter()
            .map(ToString::to_string)
            .collect::<BTreeSet<_>>()
    };
    assert_eq!(
        of(1, "use super::a;\nuse crate::glib::b as C; // super::d"),
        set(&["a", "b"])
    );
    assert_eq!(
        of(1, "use super::{a::B, c};\nuse crate::libgio::d;"),
        set(&["a", "c"])
    );
    assert_eq!(of(2, "use super::a;\nuse super::super::b;"), set(&["b"]));
}

#[test]
fn the_map_is_the_only_file_outside_the_floors() {
    let source = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src");
    for entry in fs::read_dir(source).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let is_floor = name == USER || FLOORS.contains(&&*name);
        assert!(name == "lib.rs" || is_floor, "{name}");
    }
}

/// Each rule catches what it forbids, and lets pass what it allows.
#[test]
fn the_check_sees_what_it_should() {
    let allowed = [
        (4, "use crate::gobject::object::Ref;\nuse super::other;"),
        (4, "use crate::{glib, scheduling::pool};"),
        (3, "//! See crate::exports.\nfn f() {} // crate::classes::x"),
        (4, "use glib_sys::{gpointer, GError, G_PRIORITY_DEFAULT};"),
        (4, "let x: libc::c_int = libc::EINVAL;"),
        (0, "unsafe { glib_sys::g_free(p) }"),
        (4, "libc::EBUSY => 1, glib_sys::gboolean::from(x)"),
        (3, "use glib_sys::G_PRIORITY_DEFAULT;"),
    ];
    for (floor, source) in allowed {
        assert_eq!(check(floor, 2, source), [""; 0], "{source}");
    }
    let forbidden = [
        (0, "use crate::scheduling::pool;"),
        (3, "let x = crate::classes::task::Task::new();"),
        (4, "use crate::{glib, exports::types};"),
        (4, "use crate::{\n    glib,\n    exports,\n};"),
        (3, "use crate::glib::{self, object};\nuse crate :: classes;"),
        (3, "use super::super::super::classes::task;"),
        (4, "unsafe { glib_sys::g_free(p) }"),
        (4, "Some(gobject_sys::g_object_unref)"),
        (4, "use glib_sys::{gpointer, g_free};"),
        (3, "unsafe { libc::poll(p, 1, 0) }"),
        (3, "use libc::{c_int, poll};"),
        (3, "use glib_sys::GMainContext;"),
        (3, "fn f(context: *mut glib_sys::GMainContext) {}"),
        (5, "extern \"C\" {\n    fn abort();\n}"),
        (4, "unsafe extern \"C\" {\n    fn abort();\n}"),
    ];
    for (floor, source) in forbidden {
        assert_eq!(check(floor, 2, source).len(), 1, "{source}");
    }
}

/// Which rooms of the floor each room uses.
type Rooms = BTreeMap<String, BTreeSet<String>>;

/// The room of a file, given by its path inside the floor, and how many `super` lead to the floor.
fn room(inside: &Path) -> Option<(String, usize)> {
    let parts: Vec<_> = inside.iter().map(|part| part.to_str().unwrap()).collect();
    let is_root = parts.last() == Some(&"mod.rs");
    let name = parts[0].trim_end_matches(".rs");
    let depth = parts.len() - usize::from(is_root);
    (depth > 0).then(|| (name.to_owned(), depth))
}

/// The names that a file takes from the root of its floor; not all of them need be rooms.
fn neighbours(floor: &str, depth: usize, source: &str) -> BTreeSet<String> {
    let dense = without_comments_and_spaces(source);
    let tested = dense.split("#[cfg(test)]mod").next().unwrap_or_default();
    let up = ["super"; 8][..depth].join("::");
    let farther = format!("super::{up}");
    let mut names: BTreeSet<String> = paths(tested, &format!("crate::{floor}"))
        .into_iter()
        .map(str::to_owned)
        .collect();
    for name in paths(&tested.replace(&farther, ""), &up) {
        names.insert(name.to_owned());
    }
    names.remove("super");
    names
}

/// One circle, if there is any. A room that uses itself is none.
fn circle(rooms: &Rooms) -> Option<String> {
    fn visit<'a>(
        rooms: &'a Rooms,
        way: &mut Vec<&'a str>,
        done: &mut BTreeSet<&'a str>,
    ) -> Option<String> {
        let here = *way.last()?;
        for next in rooms.get(here)? {
            if next == here || done.contains(next.as_str()) {
                continue;
            }
            if let Some(at) = way.iter().position(|room| room == next) {
                return Some(format!("{} -> {next}", way[at..].join(" -> ")));
            }
            way.push(next);
            if let Some(found) = visit(rooms, way, done) {
                return Some(found);
            }
            way.pop();
        }
        done.insert(here);
        None
    }
    let mut done = BTreeSet::new();
    rooms
        .keys()
        .find_map(|room| visit(rooms, &mut vec![room], &mut done))
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files
}

/// What a file does that it must not; `depth`: how many `super` lead out of its floor.
fn check(floor: usize, depth: usize, source: &str) -> Vec<String> {
    let dense = without_comments_and_spaces(source);
    let mut offences = Vec::new();
    for name in paths(&dense, "crate") {
        if FLOORS[floor + 1..].contains(&name) {
            offences.push(format!("uses crate::{name}, a floor above"));
        }
    }
    if dense.contains(&"super::".repeat(depth + 1)) {
        offences.push("leaves its floor through super".to_owned());
    }
    if floor >= CALL_C {
        // Unit tests, at a file's end, may set up what they need.
        let tested = dense.split("#[cfg(test)]mod").next().unwrap_or_default();
        for library in C {
            for name in paths(tested, library) {
                if is_function(library, name) {
                    offences.push(format!("calls {library}::{name}()"));
                }
            }
        }
        if dense.contains("extern\"C\"{") {
            offences.push("declares functions of C".to_owned());
        }
        if FLOORS[floor] == WITHOUT_POINTERS {
            for name in paths(tested, "glib_sys") {
                if !name.starts_with("G_") && !is_function("glib_sys", name) {
                    offences.push(format!("uses GLib's {name}"));
                }
            }
        }
    }
    offences
}

/// Without spaces, paths are easy to find; what separates words otherwise does not matter here.
fn without_comments_and_spaces(source: &str) -> String {
    source
        .lines()
        .map(|line| line.split("//").next().unwrap_or_default())
        .map(|line| line.replace(" as ", ";"))
        .flat_map(|line| line.chars().collect::<Vec<_>>())
        .filter(|c| !c.is_whitespace())
        .collect()
}

/// The names that follow `root::`, also those of a list in braces; of longer paths, the first.
fn paths<'a>(dense: &'a str, root: &str) -> Vec<&'a str> {
    let mut names = Vec::new();
    for (at, matched) in dense.match_indices(&format!("{root}::")) {
        let rest = &dense[at + matched.len()..];
        match rest.strip_prefix('{') {
            Some(list) => names.extend(list_items(list)),
            None => names.push(identifier(rest)),
        }
    }
    names
}

/// The first name of each item of a list, up to its closing brace; nested lists are the items' own.
fn list_items(list: &str) -> Vec<&str> {
    let mut names = vec![identifier(list)];
    let mut nesting = 0;
    for (at, c) in list.char_indices() {
        match c {
            '{' => nesting += 1,
            '}' if nesting == 0 => break,
            '}' => nesting -= 1,
            ',' if nesting == 0 => names.push(identifier(&list[at + 1..])),
            _ => {}
        }
    }
    names
}

fn identifier(text: &str) -> &str {
    let end = text.find(|c: char| c != '_' && !c.is_alphanumeric());
    &text[..end.unwrap_or(text.len())]
}

/// GLib's functions begin with `g_`; libc's are in small letters, as are a few types.
fn is_function(library: &str, name: &str) -> bool {
    if library != "libc" {
        return name.starts_with("g_");
    }
    let small = name.starts_with(|c: char| c.is_ascii_lowercase());
    let c_type = name.starts_with("c_") || name.ends_with("_t") || name == "pollfd";
    small && !c_type
}
