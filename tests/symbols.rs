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
    for mark in map.lines().filter_map(|line| line.split_once("# since ")) {
        let minor = mark.1.strip_prefix("2.").map(str::parse::<u32>);
        assert!(matches!(minor, Some(Ok(75..))), "{}", mark.0);
    }
}

#[test]
fn rust_and_c_together_define_exactly_the_promised_names() {
    let mut rust = Names::new();
    for file in rust_files(&root().join("src/exports")) {
        rust.extend(no_mangle_functions(&fs::read_to_string(file).unwrap()));
    }
    let c = defined_in_c();
    assert_eq!(
        c.len(),
        13,
        "six printf-style functions and a vprintf-style one, and six that take properties: {c:?}"
    );
    assert!(rust.is_disjoint(&c), "defined twice");
    same(
        &rust.union(&c).cloned().collect(),
        "the sources",
        &surface(),
        "exports.map",
    );
}

#[test]
fn the_headers_declare_exactly_the_promised_names() {
    let generated = declarations(&read("include/asyncresult/asyncresult.h"));
    let by_hand = declarations(&read("include/asyncresult/macros.h"));
    assert!(generated.is_disjoint(&by_hand), "declared twice");
    same(
        &generated.union(&by_hand).cloned().collect(),
        "the header",
        &surface(),
        "exports.map",
    );
    assert_eq!(by_hand, defined_in_c());
}

/// The names that GIO has not, in a map of their own.
#[test]
fn what_gio_has_not_is_defined_and_declared() {
    let map = read("src/asr/asr.map");
    let lines = map
        .lines()
        .filter_map(|line| Some(line.trim().split_once(';')?.0));
    let names: Vec<&str> = lines.filter(|name| name.starts_with("asr_")).collect();
    let surface = set(&names);
    assert_eq!(names.len(), surface.len(), "a name stands twice");
    assert!(!surface.is_empty());
    let mut rust = Names::new();
    for file in rust_files(&root().join("src/asr")) {
        // The readers below know names of GIO's.
        let source = fs::read_to_string(file)
            .unwrap()
            .replace(" asr_", " g_asr_");
        rust.extend(no_mangle_functions(&source));
    }
    let declared = read("include/asyncresult/asr.h").replace("asr_", "g_asr_");
    let with_g = surface.iter().map(|name| format!("g_{name}")).collect();
    same(&rust, "the sources", &with_g, "asr.map");
    same(&declarations(&declared), "the header", &with_g, "asr.map");
}

fn defined_in_c() -> Names {
    let files = ["src/exports/variadic.c", "src/exports/construction.c"];
    files
        .iter()
        .flat_map(|file| c_definitions(&read(file)))
        .collect()
}

/// A function that checks another one's argument under that one's name, as in GIO.
const UNDER_ANOTHER_NAME: [(&str, &str); 1] = [("g_task_report_error", "g_task_return_error")];

/// A critical, or a call that goes on to libgio, bears the name of the function it stands in.
#[test]
fn functions_speak_under_their_own_name() {
    let mut count = 0;
    for file in rust_files(&root().join("src/exports")) {
        for (function, spoken) in names_spoken(&fs::read_to_string(&file).unwrap()) {
            // What is no function of the ABI says under whose name it speaks.
            if function.is_empty() {
                continue;
            }
            count += 1;
            assert!(
                function == spoken || UNDER_ANOTHER_NAME.contains(&(&*function, &*spoken)),
                "{}: {function} speaks as {spoken}",
                file.display()
            );
        }
    }
    assert!(count > 100, "only {count} were found");
}

/// For each check or forwarding: the function it stands in, and the name that it gives.
fn names_spoken(source: &str) -> Vec<(String, String)> {
    let mut spoken = Vec::new();
    let mut function = String::new();
    let dense: String = source.split_whitespace().collect::<Vec<_>>().join(" ");
    let name = |text: &str| -> String {
        let start = text.trim_start_matches(['(', ' ']);
        start
            .chars()
            .take_while(|c| c.is_ascii_alphanumeric() || *c == '_')
            .collect()
    };
    for (at, _) in dense.match_indices(['f', 'r', 'o']) {
        let rest = &dense[at..];
        if let Some(rest) = rest.strip_prefix("fn g_") {
            function = format!("g_{}", name(rest));
        }
        for call in [
            "forward_or_refuse!(",
            "refuse!(",
            "refuse_instance!(",
            "forward!(",
            "optional_instance!(",
        ] {
            let is_whole = !dense[..at].ends_with(|c: char| c == '_' || c.is_alphanumeric());
            if let Some(rest) = rest.strip_prefix(call).filter(|_| is_whole) {
                spoken.push((function.clone(), name(rest)));
            }
        }
        if let Some(rest) = rest.strip_prefix("forward_if_libgios!(") {
            let of_call = rest.split_once(',').map(|(_, call)| name(call));
            spoken.push((function.clone(), of_call.unwrap_or_default()));
        }
    }
    spoken
}

#[test]
fn nothing_else_is_exported_from_rust() {
    for file in rust_files(&root().join("src")) {
        let is_surface = ["src/exports", "src/asr"]
            .iter()
            .any(|it| file.starts_with(root().join(it)));
        if !is_surface {
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

/// The library, asyncresult-run and the header have the types from the map. It names each right before the
/// function that answers it.
#[test]
fn the_map_names_each_type_before_its_functions() {
    let map = read("src/exports/exports.map");
    let lines: Vec<&str> = map.lines().map(str::trim).collect();
    let of_type = |line: &str| line.starts_with("# G");
    for pair in lines.windows(2).filter(|pair| of_type(pair[0])) {
        let group = lines.iter().skip_while(|line| **line != pair[0]).skip(1);
        let functions: Vec<&&str> = group.take_while(|line| !of_type(line)).collect();
        let get_types = functions
            .iter()
            .filter_map(|line| line.split_once("_get_type;"));
        let names: Vec<String> = get_types.map(|(name, _)| name.replace('_', "")).collect();
        let expected = pair[0][2..].to_ascii_lowercase();
        assert_eq!(names, [expected], "{}", pair[0]);
    }
    let count = |suffix: &str| lines.iter().filter(|line| line.contains(suffix)).count();
    assert_eq!(
        count("_get_type;"),
        lines.iter().filter(|line| of_type(line)).count()
    );
}

/// ThreadSanitizer's suppressions name types that exist: one that was renamed is reported again, in a long
/// check.
#[test]
fn what_is_suppressed_exists() {
    let text = read("tests-c/stress/tsan.supp");
    let types: Vec<&str> = text
        .split("Arc<asyncresult::")
        .skip(1)
        .filter_map(|rest| Some(rest.split_once('>')?.0))
        .collect();
    assert_eq!(types.len(), text.matches("drop_slow").count());
    for path in types {
        let (module, name) = path.rsplit_once("::").expect("a type in a module");
        let file = format!("src/{}.rs", module.replace("::", "/"));
        assert!(
            read(&file).contains(&format!("struct {name} {{")),
            "{file} has no {name}"
        );
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
    let spoken = names_spoken(
        "fn g_a() { forward_or_refuse!( g_a(x), t) }\nfn g_b() { return refuse!(g_c, t); refuse_instance!(g_e(x), t); forward_if_libgios!(T, g_d(y)) }",
    );
    let pairs: Vec<_> = spoken.iter().map(|(a, b)| (&**a, &**b)).collect();
    assert_eq!(
        pairs,
        [
            ("g_a", "g_a"),
            ("g_b", "g_c"),
            ("g_b", "g_e"),
            ("g_b", "g_d")
        ]
    );
    let c = "void\ng_a (int x)\n{\n  g_b (x);\n}\nstatic int\ng_c (void)\n{\n}\n";
    assert_eq!(c_definitions(c), set(&["g_a"]));
    let header =
        "/* g_a (x) */\n#define g_b(x) \\\n  g_c (x)\nint g_d(int x,\n  int y) G_E (1, 2);\nX (g_f)\nY *g_g (void);\n";
    assert_eq!(declarations(header), set(&["g_d", "g_g"]));
}

/// What differs, and only that.
fn same(left: &Names, left_place: &str, right: &Names, right_place: &str) {
    let only = |of: &Names, other: &Names| of.difference(other).cloned().collect::<Vec<_>>();
    assert!(
        left == right,
        "only in {left_place}: {:?}; only in {right_place}: {:?}",
        only(left, right),
        only(right, left)
    );
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
