//! What cites a line of docs/contract.md names one that exists, with its mark; each (new) or (better)
//! line has a test.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

const MARKS: [&str; 3] = ["new", "better", "decided"];

/// What may cite the contract: folders and files.
const CITING: [&str; 8] = [
    "CONTRIBUTING.md",
    "README.md",
    "SECURITY.md",
    "docs",
    "run",
    "scripts",
    "src",
    "tests-c",
];

/// The lines of the contract by their numbers, with their marks; "" for none.
type Lines = BTreeMap<String, String>;

#[test]
fn the_contract_is_well_formed() {
    let (lines, offences) = read_contract(&read("docs/contract.md"));
    assert!(lines.len() > 100, "only {} lines were found", lines.len());
    assert_eq!(offences, [""; 0]);
}

#[test]
fn each_citation_names_a_line_and_its_mark() {
    let (lines, _) = read_contract(&read("docs/contract.md"));
    let mut count = 0;
    let mut offences = Vec::new();
    for (file, text) in citing_files() {
        let (citations, wrong) = citations(&text, &lines);
        count += citations.len();
        offences.extend(
            wrong
                .iter()
                .map(|offence| format!("{}: {offence}", file.display())),
        );
    }
    assert!(count > 100, "only {count} citations were found");
    assert!(offences.is_empty(), "\n{}", offences.join("\n"));
}

/// A case that libgio fails names the line that makes it different.
#[test]
fn each_case_that_differs_names_a_marked_line() {
    let (lines, _) = read_contract(&read("docs/contract.md"));
    for (file, text) in citing_files() {
        if is_test_program(&file) {
            assert_eq!(
                unmarked_labels(&text, &lines),
                [""; 0],
                "{}",
                file.display()
            );
        }
    }
}

#[test]
fn each_new_or_better_line_has_a_test() {
    let (lines, _) = read_contract(&read("docs/contract.md"));
    let mut named = BTreeSet::new();
    for (file, text) in citing_files() {
        if is_test_program(&file) {
            named.extend(
                citations(&text, &lines)
                    .0
                    .into_iter()
                    .filter(|c| c.is_label)
                    .map(|c| c.number),
            );
        }
    }
    assert_eq!(without_test(&lines, &named), [""; 0]);
}

/// Section 1 lists the functions by their prefixes. The linker's map has the same.
#[test]
fn the_contract_lists_the_functions_of_the_map() {
    let promised = functions(&read("docs/contract.md"));
    let map = read("src/exports/exports.map");
    let names: Vec<&str> = map
        .lines()
        .filter_map(|line| line.trim().split_once(';'))
        .map(|(name, _)| name)
        .filter(|name| name.starts_with("g_"))
        .collect();
    let exported: BTreeSet<String> = names.iter().map(ToString::to_string).collect();
    let listed: BTreeSet<String> = promised.iter().cloned().collect();
    let only = |of: &BTreeSet<String>, other: &BTreeSet<String>| -> Vec<String> {
        of.difference(other).cloned().collect()
    };
    assert_eq!(only(&exported, &listed), [""; 0], "section 1 lacks these");
    assert_eq!(only(&listed, &exported), [""; 0], "the map lacks these");
    assert_eq!(promised.len(), exported.len());
}

/// And the types.
#[test]
fn the_contract_names_the_types_of_the_map() {
    let contract = read("docs/contract.md");
    let section = contract.split("\n## 2.").next().unwrap_or_default();
    let words: BTreeSet<&str> = section
        .split(|c: char| !c.is_ascii_alphanumeric())
        .collect();
    let map = read("src/exports/exports.map");
    let types: Vec<&str> = map
        .lines()
        .filter_map(|line| line.trim().strip_prefix("# "))
        .filter(|name| name.starts_with('G'))
        .collect();
    assert!(types.len() >= 5);
    for name in types {
        assert!(words.contains(name), "section 1 does not name {name}");
    }
}

#[test]
fn a_contract_that_is_not_well_formed_is_refused() {
    let good =
        "## 1. One\n\n- <a id=\"1.1\"></a>**1.1** (new) This.\n- <a id=\"1.4\"></a>**1.4** That.\n\
                ## 2. Two\n- <a id=\"2.1\"></a>**2.1** (better) It.\n";
    let (lines, offences) = read_contract(good);
    assert_eq!(offences, [""; 0]);
    assert_eq!(lines, expected());
    for (from, to) in [
        ("**1.4**", "**1.3**"),
        ("\"1.4\"", "\"1.3\""),
        ("1.4", "1.1"),
        ("1.4", "1.0"),
        ("1.4", "2.4"),
        ("1.4", "1.04"),
        ("(new)", "(newer)"),
        ("(new)", "(better) (new)"),
        ("- <a id=\"1.4\"></a>**", "- **"),
        ("- <a id=\"1.4\"></a>**1.4** ", "- "),
        ("- <a id=\"1.4\"></a>", "<a id=\"1.4\"></a>"),
    ] {
        let bad = good.replace(from, to);
        assert_ne!(read_contract(&bad).1, [""; 0], "{bad}");
    }
}

#[test]
fn a_citation_of_what_is_not_there_is_refused() {
    let lines = expected();
    for text in [
        "\"1.1 (new): this\"",
        "\"until 2.84: 1.1 (new): this\"",
        "\"from 2.84: 2.1 (better): it\"",
        "\"1.4: that\"",
        "/* Contract, section 2: it. */",
        "contract 1.4, and contract 2.1 (better)",
        "[it](contract.md#2.1)",
        "\"12: not a line\", \"%u: \", \"2.74.6\", \"0.5\"",
        "call(decided)",
    ] {
        assert_eq!(citations(text, &lines).1, [""; 0], "{text}");
    }
    for text in [
        "\"1.2 (new): no such line\"",
        "\"3.1 (new): no such section\"",
        "\"1.1 (better): another mark\"",
        "\"1.1: no mark\"",
        "\"1.4 (new): has no mark\"",
        "\"1 (new): only a section\"",
        "\"until 2.84: 1 (new): only a section\"",
        "\"until 2.84: 1: only a section\"",
        "\"from 2.84: 1.2: no such line\"",
        "\"from 2.84: just words\"",
        "/* (better): which line? */",
        "/* Contract, section 3: none. */",
        "contract 1.2",
        "[it](contract.md#1.2)",
    ] {
        assert_eq!(citations(text, &lines).1.len(), 1, "{text}");
    }
}

#[test]
fn the_functions_are_read_from_section_one() {
    let text =
        "## 1. One\n- A. After `g_a_`: new, of_it,\n  to…, va (with a `list`). After `g_b_`: c.\n\
                - After it: none.\n## 2. Two\n- After `g_c_`: d.\n";
    assert_eq!(
        functions(text),
        ["g_a_new", "g_a_of_it", "g_a_to", "g_a_va", "g_b_c"]
    );
}

#[test]
fn only_a_label_of_a_test_is_a_test() {
    let lines = expected();
    let named = |text: &str| {
        let labels = citations(text, &lines).0.into_iter();
        labels.filter(|c| c.is_label).map(|c| c.number).collect()
    };
    assert_eq!(
        without_test(&lines, &named("\"1.1 (new): this\", \"2.1 (better): it\"")),
        [""; 0]
    );
    assert_eq!(
        without_test(&lines, &named("\"1.4: that\"")),
        ["1.1", "2.1"]
    );
    assert_eq!(
        without_test(
            &lines,
            &named("\"1.1 (new): this\" /* Contract 2.1 (better): it. */")
        ),
        ["2.1"]
    );
    assert_eq!(
        without_test(&lines, &named("\"2.1 (better): it\"")),
        ["1.1"]
    );
    assert_eq!(unmarked_labels("\"2.1 (better): it\"", &lines), [""; 0]);
    assert_eq!(unmarked_labels("\"1.4: that\"", &lines), ["1.4"]);
    assert!(is_test_program(Path::new("tests-c/task/pool.c")));
    assert!(!is_test_program(Path::new("tests-c/fuzz/rules.py")));
    assert!(!is_test_program(Path::new("tests-c/fuzz/workers.c")));
}

fn expected() -> Lines {
    [("1.1", "new"), ("1.4", ""), ("2.1", "better")]
        .map(|(number, mark)| (number.to_owned(), mark.to_owned()))
        .into()
}

/// The lines of the contract, and what is wrong with its form.
fn read_contract(text: &str) -> (Lines, Vec<String>) {
    let mut lines = Lines::new();
    let mut offences = Vec::new();
    let mut last = (0, 0);
    for line in text.lines() {
        if let Some(title) = line.strip_prefix("## ") {
            last = (leading_number(title).unwrap_or(0), 0);
        } else if last.0 > 0 && (line.starts_with("- ") || line.contains("<a id=")) {
            match read_line(line) {
                Some((number, mark)) if number.0 == last.0 && number.1 > last.1 => {
                    last = number;
                    lines.insert(format!("{}.{}", number.0, number.1), mark);
                }
                _ => offences.push(format!("not a line of section {}: {line}", last.0)),
            }
        }
    }
    (lines, offences)
}

/// `- <a id="4.12"></a>**4.12** (better) Text`: the number and the mark.
fn read_line(line: &str) -> Option<((u32, u32), String)> {
    let (number, rest) = line.strip_prefix("- <a id=\"")?.split_once("\"></a>**")?;
    let text = rest.strip_prefix(number)?.strip_prefix("** ")?;
    let mark = match text.strip_prefix('(') {
        Some(text) => {
            let (mark, text) = text.split_once(") ")?;
            (MARKS.contains(&mark) && !text.starts_with('(')).then_some(mark)?
        }
        None => "",
    };
    let (section, place) = number.split_once('.')?;
    let parsed = (section.parse().ok()?, place.parse().ok()?);
    (number == format!("{}.{}", parsed.0, parsed.1)).then(|| (parsed, mark.to_owned()))
}

/// What section 1 lists: "After `g_task_`: new, report_new_error…, get_type."
fn functions(text: &str) -> Vec<String> {
    let section = text.split("\n## 2.").next().unwrap_or_default();
    let section = section.split("## 1.").nth(1).unwrap_or_default();
    let mut found = Vec::new();
    for list in section.split("After `").skip(1) {
        let (prefix, rest) = list.split_once("`:").unwrap_or_default();
        // The full stop ends the list.
        for name in rest.split('.').next().unwrap_or_default().split(',') {
            let is_part = |c: char| c == '_' || c.is_ascii_alphanumeric();
            let name = name.trim();
            let end = name.find(|c| !is_part(c)).unwrap_or(name.len());
            found.push(format!("{prefix}{}", &name[..end]));
        }
    }
    found
}

/// A line of the contract that a text names.
struct Citation {
    number: String,
    /// It begins a string: why a case differs, or what a rule is for.
    is_label: bool,
}

/// What a text cites, and what of that is wrong.
fn citations(text: &str, lines: &Lines) -> (Vec<Citation>, Vec<String>) {
    let mut found = Vec::new();
    let mut offences = Vec::new();
    let mut judge = |number: &str, mark: &str, is_label: bool| match lines.get(number) {
        Some(true_mark) if true_mark == mark => found.push(Citation {
            number: number.to_owned(),
            is_label,
        }),
        Some(true_mark) => offences.push(format!("{number} is ({true_mark}), not ({mark})")),
        None => offences.push(format!("the contract has no line \"{number} ({mark})\"")),
    };
    // Whatever has a mark has a number.
    for mark in MARKS {
        for (at, matched) in text.match_indices(&format!("({mark})")) {
            let before = text[..at].strip_suffix(' ').unwrap_or_default();
            let start = before.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
            if mark == "decided" && start.len() == before.len() {
                continue; // an everyday word
            }
            let is_label = begins_string(start) && text[at + matched.len()..].starts_with(": ");
            judge(&before[start.len()..], mark, is_label);
        }
    }
    // Labels without a mark.
    for (at, _) in text.match_indices('"') {
        let (versioned, label) = without_version(&text[at + 1..]);
        let number = number_at(label);
        let rest = &label[number.len()..];
        // Behind a version a macro may come, behind a number a mark.
        let is_unfinished = rest.starts_with(" (") || rest.starts_with('"');
        let is_number = rest.starts_with(": ") && number.contains('.');
        if is_number || (versioned && !is_unfinished) {
            judge(number, "", true);
        }
    }
    // What has none, but is called a line or a section of the contract.
    for opening in [
        "ontract ",
        "ontract, section ",
        "ontract, sections ",
        "ontract.md#",
    ] {
        for (at, _) in text.match_indices(opening) {
            let rest = &text[at + opening.len()..];
            let number = number_at(rest);
            let section = format!("{number}.");
            if number.is_empty() || rest[number.len()..].starts_with(" (") {
                continue;
            }
            let of_section = |line: &String| line.starts_with(&section);
            if !number.contains('.') && lines.keys().any(of_section) {
                continue;
            }
            judge(number, lines.get(number).map_or("", String::as_str), false);
        }
    }
    (found, offences)
}

/// Whether a text ends where a label begins: with a quote, or with the version behind one.
fn begins_string(text: &str) -> bool {
    let line = text.rsplit('\n').next().unwrap_or_default();
    let string = line.rsplit('"').next().unwrap_or_default();
    line.contains('"') && (string.is_empty() || without_version(string) == (true, ""))
}

/// A label without "until 2.84: " or "from 2.84: ", and whether it had one.
fn without_version(label: &str) -> (bool, &str) {
    for opening in ["until 2.", "from 2."] {
        if let Some(rest) = label.strip_prefix(opening) {
            let rest = &rest[number_at(rest).len()..];
            if let Some(rest) = rest.strip_prefix(": ") {
                return (true, rest);
            }
        }
    }
    (false, label)
}

/// The number that a text begins with, perhaps with a point in it; not the point that ends a sentence.
fn number_at(text: &str) -> &str {
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.');
    text[..end.unwrap_or(text.len())].trim_end_matches('.')
}

fn leading_number(text: &str) -> Option<u32> {
    text.split_once('.')?.0.parse().ok()
}

/// The lines marked (new) or (better) that no test names.
fn without_test(lines: &Lines, named: &BTreeSet<String>) -> Vec<String> {
    lines
        .iter()
        .filter(|(number, mark)| {
            ["new", "better"].contains(&mark.as_str()) && !named.contains(*number)
        })
        .map(|(number, _)| number.clone())
        .collect()
}

/// The labels of a test program that name a line without a mark.
fn unmarked_labels(text: &str, lines: &Lines) -> Vec<String> {
    let labels = citations(text, lines).0.into_iter();
    labels
        .filter(|c| c.is_label && lines[&c.number].is_empty())
        .map(|c| c.number)
        .collect()
}

/// Whether a file is of a program that runs on both libraries. Where it names a line, it fails on libgio.
fn is_test_program(file: &Path) -> bool {
    let path = file.to_string_lossy();
    path.starts_with("tests-c/") && path.ends_with(".c") && !path.starts_with("tests-c/fuzz/")
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// What may cite the contract, by paths inside the tree. The contract itself is not among it.
fn citing_files() -> Vec<(PathBuf, String)> {
    let mut files = Vec::new();
    for entry in CITING {
        collect(&root().join(entry), &mut files);
    }
    assert!(files.len() > 200, "only {} files were found", files.len());
    files
}

fn collect(path: &Path, files: &mut Vec<(PathBuf, String)>) {
    if path.is_dir() {
        for entry in fs::read_dir(path).unwrap() {
            collect(&entry.unwrap().path(), files);
        }
    } else if let Ok(text) = fs::read_to_string(path) {
        // What is no text cites nothing.
        let inside = path.strip_prefix(root()).unwrap().to_path_buf();
        if inside != Path::new("docs/contract.md") {
            files.push((inside, text));
        }
    }
}
