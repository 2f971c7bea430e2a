//! The pages name files and functions of the tree that exist.

use std::fs;
use std::path::{Path, PathBuf};

/// What a path in a page begins with, if it is one of the tree.
const FOLDERS: [&str; 8] = [
    "docs/",
    "examples/",
    "include/",
    "run/",
    "scripts/",
    "src/",
    "tests-c/",
    "tests/",
];

/// How the name of a file ends that stands in a page alone. C programs may be the reader's.
const ENDINGS: [&str; 8] = [".h", ".ini", ".map", ".md", ".py", ".rs", ".sh", ".toml"];

#[test]
fn what_the_pages_name_exists() {
    let mut count = 0;
    let mut missing = Vec::new();
    for page in pages() {
        let text = fs::read_to_string(root().join(&page)).unwrap();
        for path in paths(&text, page.parent().unwrap()) {
            count += 1;
            if !root().join(&path).exists() {
                missing.push(format!("{}: {}", page.display(), path.display()));
            }
        }
    }
    assert!(count > 50, "only {count} paths were found");
    assert!(missing.is_empty(), "\n{}", missing.join("\n"));
}

#[test]
fn the_functions_of_the_walks_are_where_they_are_said_to_be() {
    let text = fs::read_to_string(root().join("docs/architecture.md")).unwrap();
    let hops = hops(&text);
    assert!(hops.len() > 30, "only {} hops were found", hops.len());
    for (file, function) in hops {
        let source = fs::read_to_string(root().join(&file)).unwrap_or_default();
        assert!(defines(&source, &function), "{file} has no {function}()");
    }
}

/// A term that the sources do not use any more is no term.
#[test]
fn the_sources_use_the_terms_of_the_glossary() {
    let text = fs::read_to_string(root().join("docs/architecture.md")).unwrap();
    let terms = terms(&text);
    assert!((10..=15).contains(&terms.len()), "{terms:?}");
    let sources = sources(&root().join("src")).to_lowercase();
    for term in terms {
        assert!(sources.contains(&term), "\"{term}\" is not in src/");
    }
}

#[test]
fn the_readers_see_what_they_should() {
    let text = "In `src/lib.rs`, `tests-c/task/`, [there](testing.md#x)\n`deny.toml`, [here](../run/a.c).\n\
                Not `build/x.c`, `g_task_new (x.c)`, `NAME.md`, `src/*.rs`,\n\
                [that](https://a.b/c.md), [it](#y).\nSave this as `x.h`:\n```c\n`src/none.rs`\n```\n";
    let found = paths(text, Path::new("docs"));
    let expected = [
        "src/lib.rs",
        "tests-c/task/",
        "deny.toml",
        "docs/testing.md",
        "docs/../run/a.c",
    ];
    assert_eq!(found, expected.map(PathBuf::from));

    let table = "| 1 | `src/a.rs` | `foo`, `bar` | calls `no`, see `src/b.rs` |\n\
                 | x | `src/c.rs` is | `no` |\n";
    let expected = [("src/a.rs", "foo"), ("src/a.rs", "bar")];
    assert_eq!(
        hops(table),
        expected.map(|(file, function)| (file.into(), function.into()))
    );
    assert!(defines("pub fn foo<T>(x: T) {}", "foo"));
    assert!(defines("unsafe extern \"C\" fn foo(x: T) {}", "foo"));
    assert!(!defines("foo(); fn foo_bar() {}", "foo"));

    let glossary = "| no | x |\n## Glossary\n\n| term | meaning |\n| --- | --- |\n\
                    | Two words | x |\n## Next\n| no | x |\n";
    assert_eq!(terms(glossary), ["two words"]);
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// By their places in the tree.
fn pages() -> Vec<PathBuf> {
    let is_page = |path: &PathBuf| path.extension().is_some_and(|ending| ending == "md");
    let folder = fs::read_dir(root().join("docs")).unwrap();
    let mut pages: Vec<PathBuf> = folder
        .map(|entry| Path::new("docs").join(entry.unwrap().file_name()))
        .filter(is_page)
        .collect();
    assert!(pages.len() >= 4, "{pages:?}");
    pages.extend(["CONTRIBUTING.md", "NEWS.md", "README.md", "SECURITY.md"].map(PathBuf::from));
    pages
}

/// The paths that a page in `folder` names: in code, from the root of the tree; in links, from its folder.
fn paths(text: &str, folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut links = Vec::new();
    let mut in_block = false;
    for line in text.lines() {
        in_block ^= line.starts_with("```");
        // What a reader saves is no file of the tree.
        if in_block || line.contains("Save this as `") {
            continue;
        }
        let code = line.split('`').skip(1).step_by(2);
        found.extend(code.filter(|code| is_path(code)).map(PathBuf::from));
        for (_, rest) in line
            .match_indices("](")
            .map(|(at, found)| line.split_at(at + found.len()))
        {
            let target = rest.split([')', '#']).next().unwrap_or_default();
            if !target.is_empty() && !target.contains("://") {
                links.push(folder.join(target));
            }
        }
    }
    found.extend(links);
    found
}

fn is_path(code: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./".contains(c);
    let in_tree = FOLDERS.iter().any(|folder| code.starts_with(folder));
    // A name in capitals stands for any.
    let alone = !code.contains('/')
        && ENDINGS.iter().any(|ending| code.ends_with(ending))
        && code.starts_with(|c: char| c.is_ascii_lowercase());
    code.chars().all(is_plain) && (in_tree || alone)
}

/// In a table: a cell that is nothing but a source file, and the functions in the next cell.
fn hops(text: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for line in text.lines().filter(|line| line.starts_with('|')) {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        for pair in cells.windows(2) {
            let file = pair[0].trim_matches('`');
            if file.starts_with("src/") && pair[0] == format!("`{file}`") && file.ends_with(".rs") {
                let functions = pair[1].split('`').skip(1).step_by(2);
                found.extend(functions.map(|function| (file.to_owned(), function.to_owned())));
            }
        }
    }
    found
}

fn defines(source: &str, function: &str) -> bool {
    let definition = format!("fn {function}");
    source
        .match_indices(&definition)
        .any(|(at, found)| source[at + found.len()..].starts_with(['(', '<']))
}

/// The first cells of the glossary's rows.
fn terms(text: &str) -> Vec<String> {
    let glossary = text.split("## Glossary\n").nth(1).unwrap_or_default();
    let rows = glossary
        .lines()
        .take_while(|line| !line.starts_with('#'))
        .filter(|line| line.starts_with("| "))
        .skip(2);
    rows.filter_map(|row| row.split('|').nth(1))
        .map(|term| term.trim().to_lowercase())
        .collect()
}

/// All sources in one text.
fn sources(folder: &Path) -> String {
    let mut text = String::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            text += &sources(&path);
        } else {
            text += &fs::read_to_string(path).unwrap();
        }
    }
    text
}
