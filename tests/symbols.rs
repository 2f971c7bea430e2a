//! The library's names stand in the linker's map. The header, the Rust and the C sources must agree with it.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

type Names = BTreeSet<String>;

#[test]
fn a_name_stands_once_in_the_map() {
    let map = read("src/exports/exports.map");
    let names = names_of_the_map(&map);
    let set: Names = names.iter().map(ToString::to_string).collect();
    assert_eq!(names.len(), set.len());
    assert!(set.len() > 80, "only {} names were found", set.len());
}

#[test]
fn rust_and_c_together_define_exactly_the_promised_names() {
    let mut rust = Names::new();
    for file in rust_files(&root().join("src/exports")) {
        rust.extend(no_mangle_functions(&fs::read_to_string(file).unwrap()));
    }
    let c = c_definitions(&read("src/exports/variadic.c"));
    assert_eq!(
        c.len(),
        7,
        "six printf-style functions and a vprintf-style one: {c:?}"
    );
    assert!(rust.is_disjoint(&c), "defined twice");
    assert_eq!(rust.union(&c).cloned().collect::<Names>(), surface());
}

#[test]
fn the_headers_declare_exactly_the_promised_names() {
    let generated = declarations(&read("include/asyncresult/asyncresult.h"));
    let by_hand = declarations(&read("include/asyncresult/macros.h"));
    assert!(generated.is_disjoint(&by_hand), "declared twice");
    assert_eq!(
        generated.union(&by_hand).cloned().collect::<Names>(),
        surface()
    );
    assert_eq!(by_hand, c_definitions(&read("src/exports/variadic.c")));
}

#[test]
fn nothing_else_is_exported_from_rust() {
    for file in rust_files(&root().join("src")) {
        if !file.starts_with(root().join("src/exports")) {
            let source = fs::read_to_string(&file).unwrap();
            for mark in ["no_mangle", "export_name", "#[used"] {
                // The constructor: a pointer in a section of its own, without a name. And what panic.c calls,
                // which the map keeps inside the library.
                let is_allowed = (mark == "#[used" && file.ends_with("scheduling/load.rs"))
                    || (mark == "no_mangle" && file.ends_with("glib/panic.rs"));
                assert!(
                    is_allowed || !source.contains(mark),
                    "{}: {mark}",
                    file.display()
                );
            }
        }
    }
}

#[test]
fn the_readers_see_what_they_should() {
    let rust =
        "#[no_mangle]\n/// Old.\npub unsafe extern \"C\" fn g_a(x: A) -> B {\n}\nfn g_b() {}\n";
    assert_eq!(no_mangle_functions(rust), set(&["g_a"]));
    assert_eq!(
        names_of_the_map("{\n  # g_x;\n  g_a; # since 2.76\n  g_b;\n  local: *;"),
        ["g_a", "g_b"]
    );
    let c = "void\ng_a (int x)\n{\n  g_b (x);\n}\nstatic int\ng_c (void)\n{\n}\n";
    assert_eq!(c_definitions(c), set(&["g_a"]));
    let header =
        "/* g_a (x) */\n#define g_b(x) \\\n  g_c (x)\nint g_d(int x,\n  int y) G_E (1, 2);\nX (g_f)\nY *g_g (void);\n";
    assert_eq!(declarations(header), set(&["g_d", "g_g"]));
}

fn set(names: &[&str]) -> Names {
    names.iter().map(ToString::to_string).collect()
}

/// What the library promises.
fn surface() -> Names {
    let map = read("src/exports/exports.map");
    names_of_the_map(&map)
        .into_iter()
        .map(str::to_owned)
        .collect()
}

fn names_of_the_map(map: &str) -> Vec<&str> {
    map.lines()
        .filter_map(|line| Some(line.trim().split_once(';')?.0))
        .filter(|name| is_name(name))
        .collect()
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
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
    assert!(!files.is_empty(), "{}", folder.display());
    files
}

fn is_name(text: &str) -> bool {
    text.starts_with("g_")
        && text
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
}

/// The name right before the first parenthesis.
fn called(line: &str) -> Option<&str> {
    let before = line.split_once('(')?.0.trim_end();
    let name = before.rsplit([' ', '*', '(']).next()?;
    is_name(name).then_some(name)
}

fn no_mangle_functions(source: &str) -> Names {
    source
        .split("#[no_mangle]")
        .skip(1)
        .filter_map(|after| called(after.split_once(" fn ")?.1))
        .map(str::to_owned)
        .collect()
}

/// In GLib's style a definition's name begins a line, after a line with its type.
fn c_definitions(source: &str) -> Names {
    let lines: Vec<&str> = source.lines().collect();
    lines
        .windows(2)
        .filter(|pair| !pair[0].starts_with("static"))
        .filter(|pair| is_name(pair[1].split(' ').next().unwrap_or_default()))
        .filter_map(|pair| called(pair[1]))
        .map(str::to_owned)
        .collect()
}

/// Prototypes: what is neither comment nor preprocessor.
fn declarations(header: &str) -> Names {
    let mut code = String::new();
    let mut rest = header;
    while let Some((before, comment)) = rest.split_once("/*") {
        code.push_str(before);
        rest = comment.split_once("*/").map_or("", |(_, after)| after);
    }
    code.push_str(rest);
    let mut in_directive = false;
    code.lines()
        .filter(|line| {
            let directive = in_directive || line.starts_with('#');
            in_directive = directive && line.ends_with('\\');
            !directive
        })
        .filter_map(called)
        .map(str::to_owned)
        .collect()
}
