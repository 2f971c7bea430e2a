//! docs/unsafe.md counts the unsafe code of each file, so that none is added unseen.
//!
//! `ASYNCRESULT_BLESS=1 cargo test --test unsafe_code` writes its tables anew.

use std::fmt::Write;
use std::fs;
use std::ops::AddAssign;
use std::path::{Path, PathBuf};

use proc_macro2::{Delimiter, TokenStream, TokenTree};

const PAGE: &str = "docs/unsafe.md";

/// From here to its end the page is written by this test.
const HEADING: &str = "## Where it stands\n";

const PACKAGES: [&str; 4] = [".", "check", "trace/recorder", "trace/report"];

/// What the first table has a row for. Each file is in one of them.
const PARTS: [&str; 12] = [
    "src/asr/",
    "src/exports/",
    "src/classes/",
    "src/scheduling/",
    "src/gobject/",
    "src/libgio/",
    "src/glib/",
    "src/lib.rs",
    "check/src/",
    "trace/format.rs",
    "trace/recorder/src/",
    "trace/report/src/",
];

/// What the compiler or clippy has to refuse in each package.
const DENIED: [&str; 2] = [
    "unsafe_op_in_unsafe_fn = \"deny\"",
    "undocumented_unsafe_blocks = \"deny\"",
];

#[test]
fn the_inventory_is_up_to_date() {
    let files = files();
    assert!(files.len() > 100, "only {} were found", files.len());
    let page = fs::read_to_string(root().join(PAGE)).unwrap();
    let (text, committed) = page.split_once(HEADING).expect("the page has its tables");
    let generated = tables(&files);
    if std::env::var_os("ASYNCRESULT_BLESS").is_some() {
        let page = format!("{text}{HEADING}{generated}");
        return fs::write(root().join(PAGE), page).expect("the page can be written");
    }
    let differs = generated
        .lines()
        .find(|line| !committed.lines().any(|old| old == *line));
    assert!(
        committed == generated,
        "{PAGE} is out of date: {}\nIs what is new needed, and does the page still say what it rests on? \
         ASYNCRESULT_BLESS=1 cargo test --test unsafe_code writes it",
        differs.unwrap_or("a line is too many")
    );
}

/// A block or an `impl` without a comment is an error of clippy's, which `scripts/test 10-rust` runs.
#[test]
fn nothing_switches_off_what_asks_for_reasons() {
    for package in PACKAGES {
        let manifest = root().join(package).join("Cargo.toml");
        let manifest = fs::read_to_string(manifest).unwrap();
        for lint in DENIED {
            assert!(
                manifest.lines().any(|line| line == lint),
                "{package}: {lint}"
            );
        }
    }
    let lints = DENIED.map(|lint| lint.split(' ').next().unwrap());
    for (path, source) in files() {
        let named = lints.iter().find(|lint| source.contains(**lint));
        assert_eq!(named, None, "{path}");
    }
}

#[test]
fn what_is_unsafe_is_counted() {
    let source = r#"
        //! unsafe {}
        /// unsafe { }
        unsafe fn a() { unsafe { b(unsafe { c() }) } }
        pub(crate) unsafe extern "C" fn d(f: unsafe fn(u8), g: Option<unsafe extern "C" fn()>) {}
        extern "C" fn e() { let _ = "unsafe {"; }
        unsafe impl Send for X {}
        unsafe trait Y { unsafe fn z(); }
        extern "C" { fn h(); }
        unsafe extern "C" { fn i(); }
        macro_rules! m { ($f:ident) => { unsafe extern "C" fn $f() { unsafe {} } }; }
        #[cfg(test)]
        mod tests { fn j() { unsafe {} } }
        #[cfg(test)]
        mod more_tests;
        fn k() { /* unsafe {} */ unsafe {} }
    "#;
    let expected = Counts {
        blocks: 4,
        functions: 4,
        called_by_c: 2,
        impls: 1,
        traits: 1,
        foreign: 2,
    };
    assert_eq!(count(source), expected);
}

#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Counts {
    blocks: usize,
    functions: usize,
    /// Of the functions.
    called_by_c: usize,
    impls: usize,
    traits: usize,
    foreign: usize,
}

impl Counts {
    fn cells(&self) -> String {
        let numbers = [
            self.blocks,
            self.functions,
            self.called_by_c,
            self.impls,
            self.traits,
            self.foreign,
        ];
        numbers.map(|number| format!(" {number} |")).concat()
    }
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.blocks += other.blocks;
        self.functions += other.functions;
        self.called_by_c += other.called_by_c;
        self.impls += other.impls;
        self.traits += other.traits;
        self.foreign += other.foreign;
    }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The sources of all packages, with their paths, sorted. Not those of tests.
fn files() -> Vec<(String, String)> {
    let mut paths = vec![root().join("trace/format.rs")];
    for package in PACKAGES {
        collect(&root().join(package).join("src"), &mut paths);
    }
    let mut files: Vec<_> = paths
        .into_iter()
        .filter(|path| !path.ends_with("tests.rs"))
        .map(|path| {
            let source = fs::read_to_string(&path).unwrap();
            let path = path.strip_prefix(root()).unwrap();
            (path.to_str().unwrap().to_owned(), source)
        })
        .collect();
    files.sort();
    files
}

fn collect(folder: &Path, paths: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, paths);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            paths.push(path);
        }
    }
}

fn tables(files: &[(String, String)]) -> String {
    let counted: Vec<(&str, Counts)> = files
        .iter()
        .map(|(path, source)| (&**path, count(source)))
        .collect();
    let head = "blocks | functions | of them called by C | impls | traits | blocks of foreign functions |\n";
    let rule = " ---: |".repeat(6);
    let mut text = format!(
        "\n`ASYNCRESULT_BLESS=1 cargo test --test unsafe_code` writes what follows.\n\n\
         | part | files | without any | {head}| --- | ---: | ---: |{rule}\n"
    );
    let (mut seen, mut all) = (0, Counts::default());
    for part in PARTS {
        let files = || counted.iter().filter(|(path, _)| path.starts_with(part));
        let mut sum = Counts::default();
        for (_, counts) in files() {
            sum += *counts;
        }
        let number = files().count();
        assert!(number > 0, "there is no {part}");
        let free = files().filter(|(_, counts)| *counts == Counts::default());
        let free = free.count();
        writeln!(text, "| `{part}` | {number} | {free} |{}", sum.cells()).unwrap();
        seen += number;
        all += sum;
    }
    assert_eq!(seen, files.len(), "a file is in no part, or in two");
    let free = counted.iter().filter(|file| file.1 == Counts::default());
    let free = free.count();
    writeln!(text, "| all | {seen} | {free} |{}", all.cells()).unwrap();
    write!(text, "\n### By file\n\n| file | {head}| --- |{rule}\n").unwrap();
    for (path, counts) in counted {
        if counts != Counts::default() {
            writeln!(text, "| `{path}` |{}", counts.cells()).unwrap();
        }
    }
    text
}

fn count(source: &str) -> Counts {
    let mut counts = Counts::default();
    count_tokens(source.parse().expect("a source is Rust"), &mut counts);
    counts
}

/// Also what stands in macros; not in the modules of unit tests.
fn count_tokens(stream: TokenStream, counts: &mut Counts) {
    let tokens: Vec<TokenTree> = stream.into_iter().collect();
    let is = |at: usize, word: &str| tokens.get(at).is_some_and(|it| it.to_string() == word);
    let begins = |at: usize, wanted: Delimiter| {
        let token = tokens.get(at);
        matches!(token, Some(TokenTree::Group(group)) if group.delimiter() == wanted)
    };
    // Behind `extern "C"`, or `extern` alone.
    let behind_abi = |at: usize| match tokens.get(at + 1) {
        Some(TokenTree::Literal(_)) => at + 2,
        _ => at + 1,
    };
    let mut at = 0;
    while at < tokens.len() {
        if is(at, "#") && is(at + 1, "[cfg (test)]") && is(at + 2, "mod") {
            at += 5;
            continue;
        }
        match &tokens[at] {
            TokenTree::Group(group) => count_tokens(group.stream(), counts),
            TokenTree::Ident(word) if word == "extern" => {
                counts.foreign += usize::from(begins(behind_abi(at), Delimiter::Brace));
            }
            TokenTree::Ident(word) if word == "unsafe" => {
                let next = at + 1;
                let is_foreign = is(next, "extern");
                let item = if is_foreign { behind_abi(next) } else { next };
                if begins(item, Delimiter::Brace) {
                    // Foreign functions are counted at the next word.
                    counts.blocks += usize::from(!is_foreign);
                } else if is(item, "fn") {
                    // Else it is a type.
                    let has_name = !begins(item + 1, Delimiter::Parenthesis);
                    counts.functions += usize::from(has_name);
                    counts.called_by_c += usize::from(has_name && is_foreign);
                } else if is(item, "impl") {
                    counts.impls += 1;
                } else if is(item, "trait") {
                    counts.traits += 1;
                } else {
                    panic!("unsafe stands before {:?}", tokens.get(item));
                }
            }
            _ => {}
        }
        at += 1;
    }
}
