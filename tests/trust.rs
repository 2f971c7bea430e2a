//! Each line of docs/trust.md has a command that can be given, and what came of it.

use std::fs;
use std::path::{Path, PathBuf};

const NOT_RUN: &str = "not run yet";

struct Line<'a> {
    claim: &'a str,
    command: &'a str,
    result: &'a str,
    date: &'a str,
    takes: &'a str,
}

#[test]
fn each_claim_has_a_command_that_exists() {
    let page = fs::read_to_string(root().join("docs/trust.md")).unwrap();
    let lines = lines(&page).unwrap();
    assert!(lines.len() > 20, "only {} lines were found", lines.len());
    let offences: Vec<String> = lines.iter().flat_map(offences).collect();
    assert!(offences.is_empty(), "\n{}", offences.join("\n"));
    for (at, line) in lines.iter().enumerate() {
        let twice = lines[..at]
            .iter()
            .any(|other| other.command == line.command);
        assert!(!twice, "{} has two lines", line.command);
    }
}

#[test]
fn what_is_wrong_in_a_line_is_seen() {
    let good = "| a | `scripts/test 20-build` | 1 passed | 2026-11-27 | 3 s |\n";
    for (from, to) in [
        ("", ""),
        ("test 20-build", "stress --minutes 3"),
        ("test 20-build", "fuzz --seeds 5"),
        ("test 20-build", "test-on trixie --quick"),
        ("scripts/test 20-build", "cargo test --test trust"),
        ("1 passed | 2026-11-27 | 3 s", "not run yet | – | –"),
        ("3 s", "75 min"),
        ("3 s", "not measured"),
    ] {
        let page = good.replace(from, to);
        assert_eq!(offences(&lines(&page).unwrap()[0]), [""; 0], "{page}");
    }
    for (from, to) in [
        ("| a |", "| |"),
        ("20-build", "21-build"),
        (" 20-build", ""),
        ("scripts/test", "scripts/tests"),
        ("test 20-build", "stress --hours 3"),
        ("test 20-build", "test-on nowhere"),
        ("test 20-build", "test-on"),
        ("scripts/test 20-build", "cargo test --test nothing"),
        ("scripts/test 20-build", "true"),
        ("scripts/test 20-build", "docs/trust.md"),
        ("1 passed", ""),
        ("2026-11-27", "–"),
        ("2026-11-27", "today"),
        ("3 s", "long"),
        ("1 passed", "not run yet"),
    ] {
        let page = good.replace(from, to);
        assert_ne!(offences(&lines(&page).unwrap()[0]), [""; 0], "{page}");
    }
    for bad in [good.replace('`', ""), good.replace("| 3 s |", "|")] {
        assert!(lines(&bad).is_err(), "{bad}");
    }
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The rows of the table without its head; or the first that is not one.
fn lines(page: &str) -> Result<Vec<Line<'_>>, String> {
    let rows = page.lines().filter(|line| line.starts_with('|'));
    rows.filter(|row| !row.starts_with("| claim |") && !row.starts_with("| --- |"))
        .map(|row| {
            let row = row.trim_matches('|');
            let cells: Vec<&str> = row.split('|').map(str::trim).collect();
            let [claim, command, result, date, takes] = cells[..] else {
                return Err(format!("{} cells: {row}", cells.len()));
            };
            let command = command
                .strip_prefix('`')
                .and_then(|rest| rest.strip_suffix('`'));
            Ok(Line {
                claim,
                command: command.ok_or_else(|| format!("no command: {row}"))?,
                result,
                date,
                takes,
            })
        })
        .collect()
}

fn offences(line: &Line<'_>) -> Vec<String> {
    let mut found = Vec::new();
    if line.claim.is_empty() || line.result.is_empty() {
        found.push("a cell is empty".to_owned());
    }
    found.extend(wrong_command(line.command));
    let never = line.result == NOT_RUN;
    let is_date = line.date.len() == 10
        && line.date.split('-').map(str::len).eq([4, 2, 2])
        && line.date.chars().all(|c| c.is_ascii_digit() || c == '-');
    if is_date == never || (never && line.date != "–") {
        found.push(format!("\"{}\" is no date of it", line.date));
    }
    let number = line
        .takes
        .strip_suffix(" s")
        .or(line.takes.strip_suffix(" min"));
    let is_time =
        number.is_some_and(|number| number.parse::<u32>().is_ok()) || line.takes == "not measured";
    if is_time == never || (never && line.takes != "–") {
        found.push(format!("\"{}\" is no time that it took", line.takes));
    }
    found
        .into_iter()
        .map(|offence| format!("{}: {offence}", line.command))
        .collect()
}

/// Why the command cannot be given, if it cannot.
fn wrong_command(command: &str) -> Option<String> {
    let words: Vec<&str> = command.split_whitespace().collect();
    match words[..] {
        ["cargo", "test", "--test", test] => missing(format!("tests/{test}.rs")),
        ["scripts/test", ref checks @ ..] if !checks.is_empty() => checks
            .iter()
            .find_map(|check| missing(format!("scripts/checks/{check}.sh"))),
        ["scripts/test-on", system, ..] => {
            let script = fs::read_to_string(root().join("scripts/test-on")).unwrap();
            let (_, systems) = script.split_once("\nsystems='").unwrap();
            let mut systems = systems.split('\'').next().unwrap().lines();
            let is_one = systems.any(|line| line.split_whitespace().next() == Some(system));
            (!is_one).then(|| format!("there is no system {system}"))
        }
        ["scripts/test" | "scripts/test-on"] => Some("names nothing".to_owned()),
        [script, ref arguments @ ..] if script.starts_with("scripts/") => {
            let text = fs::read_to_string(root().join(script)).unwrap_or_default();
            let mut options = arguments.iter().filter(|word| word.starts_with("--"));
            missing(script).or_else(|| {
                let option = options.find(|option| !text.contains(**option))?;
                Some(format!("{script} has no {option}"))
            })
        }
        _ => Some("is neither a script nor a test".to_owned()),
    }
}

fn missing(path: impl AsRef<Path>) -> Option<String> {
    let path = path.as_ref();
    (!root().join(path).is_file()).then(|| format!("there is no {}", path.display()))
}
