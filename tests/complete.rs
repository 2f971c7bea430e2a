//! What is easily forgotten when something is added: each file is a module, and each function has a test.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// The compiler does not read a file that no other names.
#[test]
fn each_file_is_a_module() {
    let files = files("src", "rs");
    let lists: BTreeMap<&PathBuf, &String> =
        files.iter().map(|(path, text)| (path, text)).collect();
    let mut left_out = Vec::new();
    for path in lists.keys() {
        let Some((parents, name)) = parents_of(path) else {
            continue;
        };
        let texts = parents.iter().filter_map(|parent| lists.get(parent));
        if !texts.into_iter().any(|text| declares(text, &name)) {
            left_out.push(path.display().to_string());
        }
    }
    assert!(files.len() > 50, "only {} files were found", files.len());
    assert_eq!(left_out, [""; 0], "no module declares these files");
}

#[test]
fn each_function_is_called_by_a_test() {
    let mut called = BTreeSet::new();
    for (_, text) in test_programs() {
        called.extend(calls(&text).map(str::to_owned));
    }
    let map = fs::read_to_string(root().join("src/exports/exports.map")).unwrap();
    let exported: Vec<&str> = map
        .lines()
        .filter_map(|line| Some(line.trim().split_once(';')?.0))
        .filter(|name| name.starts_with("g_"))
        .collect();
    assert!(exported.len() > 80);
    let mut without: Vec<&str> = exported;
    // tests-c/header/types.c calls what answers a type.
    without.retain(|name| !called.contains(*name) && !name.ends_with("_get_type"));
    assert_eq!(without, [""; 0], "no program of tests-c calls these");
}

/// What is refused, and what is logged then, stands in a table (tests-c/harness/preconditions.h).
#[test]
fn each_function_that_refuses_has_a_row() {
    let mut in_rows = BTreeSet::new();
    for (_, text) in test_programs() {
        for row in rows(&text) {
            in_rows.extend(calls(row).map(str::to_owned));
        }
        // A row that calls a function of the program's says who refuses.
        for (at, expected) in text.match_indices("REFUSED_BY (") {
            let name = text[at + expected.len()..].split(',').next();
            in_rows.extend(name.map(str::to_owned));
        }
    }
    let mut refusing = BTreeSet::new();
    for (path, text) in files("src/exports", "rs")
        .into_iter()
        .chain(files("src/exports", "c"))
    {
        // Not what only C calls.
        if !path.ends_with("variadic.rs") {
            refusing.extend(functions_that_refuse(&text));
        }
    }
    assert!(refusing.len() > 60, "only {} were found", refusing.len());
    refusing.retain(|name| !in_rows.contains(name));
    assert!(refusing.is_empty(), "no row calls these: {refusing:?}");
}

/// The checker says what to change, whatever is refused.
#[test]
fn each_refusal_has_advice() {
    let known: String = ["check/src/advice.rs", "check/src/mistakes.rs"]
        .map(|path| fs::read_to_string(root().join(path)).unwrap())
        .concat();
    let mut texts = BTreeSet::new();
    for (_, text) in files("src/exports", "rs") {
        texts.extend(refused_texts(&text, "c\"", "\"").map(str::to_owned));
    }
    for (_, text) in files("src/exports", "c") {
        texts.extend(refused_texts(&text, "REFUSE_UNLESS (", ", return").map(str::to_owned));
    }
    assert!(texts.len() > 15, "only {} were found", texts.len());
    // Of what has to be an instance, the check's name says enough.
    texts.retain(|text| !text.contains("G_IS_") && !known.contains(&format!("\"{text}\"")));
    assert!(
        texts.is_empty(),
        "check/src/advice.rs has nothing for these: {texts:?}"
    );
}

/// Of an argument that has to be an instance, the checker says what it is: so it has to be told the argument.
#[test]
fn what_is_no_instance_is_shown() {
    let mut count = 0;
    let mut offences = Vec::new();
    for (path, text) in files("src", "rs") {
        count += text.matches("refuse_instance!(").count();
        for refusal in text.split("refuse!(").skip(1) {
            let end = refusal.find(");").unwrap_or(refusal.len());
            // Not the macros themselves, whose names begin otherwise, nor calls of them in comments.
            if refusal[..end].contains("G_IS_") && !is_longer_name(&text, refusal) {
                offences.push(format!("{}: {}", path.display(), &refusal[..end]));
            }
        }
    }
    assert!(count > 8, "only {count} were found");
    assert_eq!(offences, [""; 0], "use refuse_instance!");
}

/// Whether the macro in front of a piece is `forward_or_refuse!`.
fn is_longer_name(text: &str, piece: &str) -> bool {
    let at = piece.as_ptr() as usize - text.as_ptr() as usize;
    text[..at].ends_with("forward_or_refuse!(")
}

/// What stands between two marks, and is a condition.
fn refused_texts<'a>(
    text: &'a str,
    begin: &'a str,
    end: &'a str,
) -> impl Iterator<Item = &'a str> + 'a {
    let pieces = text.split(begin).skip(1);
    pieces
        .filter_map(move |piece| Some(piece.split_once(end)?.0))
        .filter(|piece| piece.contains(['=', '!', '>', '|', '(']))
}

#[test]
fn the_readers_see_what_they_should() {
    let refusals = r#"refuse!(f, c"a != NULL"); name(c"f"); refuse!(f, c"!b")"#;
    let found: Vec<&str> = refused_texts(refusals, "c\"", "\"").collect();
    assert_eq!(found, ["a != NULL", "!b"]);
    let parents = |path: &str| parents_of(Path::new(path));
    let expected = |parents: [&str; 2], name: &str| {
        Some((parents.map(PathBuf::from).to_vec(), name.to_owned()))
    };
    assert_eq!(
        parents("src/a/b.rs"),
        expected(["src/a.rs", "src/a/mod.rs"], "b")
    );
    assert_eq!(
        parents("src/a/mod.rs"),
        expected(["src.rs", "src/lib.rs"], "a")
    );
    assert_eq!(parents("src/lib.rs"), None);
    assert!(declares("use x;\n    pub(crate) mod b;\n", "b"));
    assert!(!declares("// mod b;\nmod bb;\nmod c { }\n", "b"));

    let text =
        "f (void) { EACH_ROW (g_a_b (bad, g_c (x)), == 1, \"t\"); g_d (); (g_e) (); /* g_f */ }";
    assert_eq!(
        calls(text).collect::<Vec<_>>(),
        ["g_a_b", "g_c", "g_d", "g_e"]
    );
    assert_eq!(rows(text), ["g_a_b (bad, g_c (x)), == 1, \"t\""]);
    let rust = "pub fn g_a(x: A) { refuse!(g_a, c\"t\"); }\npub fn g_b() {}\n";
    assert_eq!(functions_that_refuse(rust), ["g_a"]);
    let c = "void\ng_a (int x)\n{\n  g_return_if_fail (x);\n}\nvoid\ng_b (void)\n{\n}\n";
    assert_eq!(functions_that_refuse(c), ["g_a"]);
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The files under a folder that end so, by their paths inside the tree, with their texts.
fn files(folder: &str, ending: &str) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|it| it == ending) {
                let inside = path.strip_prefix(root()).unwrap().to_path_buf();
                found.push((inside, fs::read_to_string(&path).unwrap()));
            }
        }
    }
    found
}

/// The programs that run on both libraries.
fn test_programs() -> Vec<(PathBuf, String)> {
    let mut programs = files("tests-c", "c");
    programs.retain(|(_, text)| text.contains("HARNESS_MAIN (") || text.contains("harness_main ("));
    assert!(programs.len() > 40, "only {} were found", programs.len());
    programs
}

/// The files that may declare a file as a module, and the module's name.
fn parents_of(path: &Path) -> Option<(Vec<PathBuf>, String)> {
    let name = path.file_stem()?.to_str()?;
    let folder = path.parent()?;
    match name {
        "lib" => None,
        "mod" => parents_of(&folder.with_extension("rs")),
        _ => {
            let root = if folder == Path::new("src") {
                "lib.rs"
            } else {
                "mod.rs"
            };
            let parents = vec![folder.with_extension("rs"), folder.join(root)];
            Some((parents, name.to_owned()))
        }
    }
}

fn declares(text: &str, module: &str) -> bool {
    let declaration = format!("mod {module};");
    text.lines().any(|line| {
        let words = line.trim();
        !words.starts_with("//")
            && words
                .strip_suffix(&*declaration)
                .is_some_and(|before| before.is_empty() || before.ends_with(' '))
    })
}

/// The names of GLib's style before a parenthesis, also in parentheses of their own.
fn calls(text: &str) -> impl Iterator<Item = &str> {
    text.match_indices(" (").filter_map(|(at, _)| {
        let before = text[..at].trim_end_matches(')');
        let name = before
            .rsplit(|c: char| c != '_' && !c.is_ascii_alphanumeric())
            .next()?;
        name.starts_with("g_").then_some(name)
    })
}

/// What stands in the parentheses of each macro that is a row.
fn rows(text: &str) -> Vec<&str> {
    let mut rows = Vec::new();
    for opening in ["ROW (", "ROW_AFTER ("] {
        for (at, _) in text.match_indices(opening) {
            let inside = &text[at + opening.len()..];
            let mut depth = 1;
            let end = inside.find(|c| {
                depth += i32::from(c == '(') - i32::from(c == ')');
                depth == 0
            });
            rows.push(&inside[..end.unwrap_or(inside.len())]);
        }
    }
    rows
}

/// The exported functions, of Rust or of C, whose bodies refuse something.
fn functions_that_refuse(text: &str) -> Vec<String> {
    let mut function = String::new();
    let mut found = Vec::new();
    for line in text.lines() {
        // Both begin a line, C's with its name.
        let definition = line.split_once(" fn ").map_or(line, |(_, rest)| rest);
        if !line.starts_with([' ', '/', '#']) && definition.starts_with("g_") {
            let end = definition.find(['(', ' ']).unwrap_or(definition.len());
            definition[..end].clone_into(&mut function);
        }
        let refuses = ["refuse!(", "g_return_if_fail (", "g_return_val_if_fail ("];
        if refuses.iter().any(|macro_| line.contains(macro_)) && found.last() != Some(&function) {
            found.push(function.clone());
        }
    }
    found
}
