//! The command line.

use std::ffi::OsString;
use std::path::PathBuf;

use crate::kinds::{Kind, Limits, ALL};
use crate::words::parse_duration;

pub(crate) const NAME: &str = "asyncresult-trace";

pub(crate) enum Command {
    Help,
    Version,
    Report(Report),
    Top {
        input: Vec<PathBuf>,
        rows: usize,
        limits: Limits,
    },
    List {
        pid: i32,
    },
}

pub(crate) struct Report {
    pub(crate) input: Vec<PathBuf>,
    pub(crate) output: PathBuf,
    pub(crate) format: Format,
    pub(crate) limits: Limits,
    pub(crate) fail_on: Vec<Kind>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Format {
    Html,
    Json,
    Syscap,
    Text,
}

pub(crate) const HELP: &str = "\
Usage: asyncresult-trace report FILE... -o OUT.{html,json,syscap,txt} [OPTION]...
  or:  asyncresult-trace top FILE... [OPTION]...
  or:  asyncresult-trace list --pid PID
Show what the tasks of a program did, from what libasyncresult recorded.

  report                     write a report; its format is that of the ending:
                               .html    a page that any browser opens
                               .json    for https://ui.perfetto.dev and chrome://tracing
                               .syscap  for sysprof
                               .txt     text
  top                        print the slowest names, and what is wrong
  list                       print the tasks that are alive in a traced process

FILE is a trace, or a folder with one for each process. A trace is recorded by
  asyncresult-run --trace OUT.html PROGRAM [ARGUMENT]...   (that writes the report, too)
  ASYNCRESULT_TRACE=FILE PROGRAM [ARGUMENT]...             (a program that uses libasyncresult)

  -o, --output=OUT           where the report goes
  -f, --format=FORMAT        html, json, syscap or txt, whatever the ending is
  -n, --rows=N               how many names top prints (20)
  -p, --pid=PID              the process that list asks
      --fail-on=FINDING,...  exit with status 1 if one of these is found; 'all' means each
                               but still-alive and no-name

What is found, and from where on (a time without a unit is in milliseconds):
      never-returned         freed without ever returning a result
      returned-twice         returned a second time
      error-not-fetched      failed with an error that nobody fetched
      blocked-loop           --blocked-loop=16ms      a task's callback in the default context
      blocked-workers        --blocked-workers=100ms  in the queue, every worker blocked
      ran-on                 --ran-on=1s              a function, after its cancellation
      handlers-grow          --handlers-grow=10       handlers that nobody disconnects
      idle-context           --idle-context=1s        results where nobody iterates
      still-alive            not freed at the end
      no-name                neither a name nor a tag

  -h, --help                 display this help and exit
  -V, --version              output version information and exit

Exit status: 0 if all is well, 1 if something was found that --fail-on names or a file could
not be read or written, 2 if the command line is wrong.
";

/// The words behind the program's name. An error is what is wrong with them.
pub(crate) fn parse(words: impl IntoIterator<Item = OsString>) -> Result<Command, String> {
    let mut given = Given::default();
    let mut words = words.into_iter();
    let mut only_operands = false;
    while let Some(word) = words.next() {
        let text = word.to_string_lossy().into_owned();
        match text.as_str() {
            _ if only_operands => given.operands.push(word),
            "--" => only_operands = true,
            "-h" | "--help" => return Ok(Command::Help),
            "-V" | "--version" => return Ok(Command::Version),
            _ if text.starts_with("--") => {
                let (name, value) = match text.split_once('=') {
                    Some((name, value)) => (name.to_owned(), Some(value.to_owned().into())),
                    None => (text, None),
                };
                given.option(&name, value, &mut words)?;
            }
            _ if text.len() > 1 && text.starts_with('-') => {
                let end = text.char_indices().nth(2).map_or(text.len(), |(at, _)| at);
                let value = (end < text.len()).then(|| text[end..].into());
                given.option(&text[..end], value, &mut words)?;
            }
            _ => given.operands.push(word),
        }
    }
    given.command()
}

#[derive(Default)]
struct Given {
    operands: Vec<OsString>,
    output: Option<PathBuf>,
    format: Option<Format>,
    rows: Option<usize>,
    pid: Option<i32>,
    limits: Limits,
    fail_on: Option<Vec<Kind>>,
    /// The first limit that was named.
    limit: Option<String>,
}

impl Given {
    fn option(
        &mut self,
        name: &str,
        value: Option<OsString>,
        rest: &mut impl Iterator<Item = OsString>,
    ) -> Result<(), String> {
        const KNOWN: [&str; 15] = [
            "-o",
            "--output",
            "-f",
            "--format",
            "-n",
            "--rows",
            "-p",
            "--pid",
            "--fail-on",
            "--blocked-loop",
            "--blocked-workers",
            "--ran-on",
            "--handlers-grow",
            "--idle-context",
            "",
        ];
        if !KNOWN.contains(&name) {
            let kind = if name.starts_with("--") {
                "unrecognized option"
            } else {
                "invalid option --"
            };
            let name = if name.starts_with("--") {
                name
            } else {
                &name[1..]
            };
            return Err(format!("{kind} '{name}'"));
        }
        let Some(value) = value.or_else(|| rest.next()) else {
            return Err(format!("option '{name}' requires an argument"));
        };
        let text = value.to_string_lossy().into_owned();
        let invalid = || format!("invalid argument '{text}' for '{name}'");
        let time = || parse_duration(&text).ok_or_else(invalid);
        match name {
            "-o" | "--output" => self.output = Some(value.into()),
            "-f" | "--format" => self.format = Some(format_named(&text).ok_or_else(invalid)?),
            "-n" | "--rows" => self.rows = Some(text.parse().map_err(|_| invalid())?),
            "-p" | "--pid" => {
                self.pid = Some(
                    text.parse()
                        .ok()
                        .filter(|pid| *pid > 0)
                        .ok_or_else(invalid)?,
                )
            }
            "--fail-on" => self.fail_on = Some(kinds(&text)?),
            "--blocked-loop" => self.limits.blocked_loop = time()?,
            "--blocked-workers" => self.limits.blocked_workers = time()?,
            "--ran-on" => self.limits.ran_on = time()?,
            "--idle-context" => self.limits.idle_context = time()?,
            _ => {
                self.limits.handlers_grow = text
                    .parse()
                    .ok()
                    .filter(|many| *many > 0)
                    .ok_or_else(invalid)?
            }
        }
        let is_limit = [
            "--blocked-loop",
            "--blocked-workers",
            "--ran-on",
            "--idle-context",
            "--handlers-grow",
        ]
        .contains(&name);
        if is_limit && self.limit.is_none() {
            self.limit = Some(name.to_owned());
        }
        Ok(())
    }

    fn command(mut self) -> Result<Command, String> {
        if self.operands.is_empty() {
            return Err("missing command".into());
        }
        let command = self.operands.remove(0);
        let command = command.to_string_lossy();
        let is_report = command == "report";
        let alien = [
            ("--output", self.output.is_some() && !is_report),
            ("--format", self.format.is_some() && !is_report),
            ("--fail-on", self.fail_on.is_some() && !is_report),
            ("--rows", self.rows.is_some() && command != "top"),
            ("--pid", self.pid.is_some() && command != "list"),
            (
                self.limit.as_deref().unwrap_or_default(),
                self.limit.is_some() && command == "list",
            ),
        ];
        match &*command {
            "report" | "top" | "list" => {}
            other => return Err(format!("unknown command '{other}'")),
        }
        if let Some((option, _)) = alien.iter().find(|(_, is_alien)| *is_alien) {
            return Err(format!("option '{option}' does not go with '{command}'"));
        }
        let input: Vec<PathBuf> = self.operands.iter().map(PathBuf::from).collect();
        if &*command == "list" {
            if let Some(extra) = input.first() {
                return Err(format!("extra operand '{}'", extra.display()));
            }
            return self
                .pid
                .map(|pid| Command::List { pid })
                .ok_or_else(|| "list needs --pid".into());
        }
        if input.is_empty() {
            return Err("missing file operand".into());
        }
        if &*command == "top" {
            return Ok(Command::Top {
                input,
                rows: self.rows.unwrap_or(20),
                limits: self.limits,
            });
        }
        let output = self.output.ok_or("report needs -o OUT")?;
        let by_ending = output
            .extension()
            .and_then(|ending| format_named(&ending.to_string_lossy()));
        let Some(format) = self.format.or(by_ending) else {
            return Err(format!(
                "'{}': unknown ending; known are .html, .json, .syscap and .txt",
                output.display()
            ));
        };
        Ok(Command::Report(Report {
            input,
            output,
            format,
            limits: self.limits,
            fail_on: self.fail_on.unwrap_or_default(),
        }))
    }
}

fn format_named(name: &str) -> Option<Format> {
    match name {
        "html" | "htm" => Some(Format::Html),
        "json" => Some(Format::Json),
        "syscap" => Some(Format::Syscap),
        "txt" | "text" => Some(Format::Text),
        _ => None,
    }
}

fn kinds(text: &str) -> Result<Vec<Kind>, String> {
    let mut kinds = Vec::new();
    for name in text.split(',') {
        match ALL.iter().find(|kind| kind.name() == name) {
            Some(kind) => kinds.push(*kind),
            None if name == "all" => kinds.extend(ALL.iter().filter(|kind| !kind.is_hint())),
            None => return Err(format!("invalid argument '{name}' for '--fail-on'")),
        }
    }
    Ok(kinds)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> Result<Command, String> {
        parse(line.split_whitespace().map(OsString::from))
    }

    fn report(line: &str) -> Report {
        match parsed(line) {
            Ok(Command::Report(report)) => report,
            Ok(_) => panic!("{line}: another command"),
            Err(error) => panic!("{line}: {error}"),
        }
    }

    #[test]
    fn the_ending_says_the_format() {
        for (ending, format) in [
            ("html", Format::Html),
            ("json", Format::Json),
            ("syscap", Format::Syscap),
            ("txt", Format::Text),
        ] {
            assert_eq!(
                report(&format!("report trace -o out.{ending}")).format,
                format
            );
        }
        assert_eq!(
            report("report -f txt trace --output=out").format,
            Format::Text
        );
    }

    #[test]
    fn options_stand_anywhere_and_in_both_forms() {
        let given = report(
            "report --blocked-loop 5 a -oout.txt --fail-on=never-returned,ran-on b --ran-on=2s",
        );
        assert_eq!(given.input, [PathBuf::from("a"), PathBuf::from("b")]);
        assert_eq!(
            (given.limits.blocked_loop, given.limits.ran_on),
            (5_000_000, 2_000_000_000)
        );
        assert_eq!(given.fail_on, [Kind::NeverReturned, Kind::RanOn]);
        assert_eq!(
            report("report a -o b.txt --fail-on all").fail_on.len(),
            ALL.len() - 2
        );
    }

    #[test]
    fn what_is_wrong_is_said() {
        let wrong = [
            ("", "missing command"),
            ("show x", "unknown command 'show'"),
            ("report", "missing file operand"),
            ("report x", "report needs -o OUT"),
            (
                "report x -o y",
                "'y': unknown ending; known are .html, .json, .syscap and .txt",
            ),
            ("report x -o", "option '-o' requires an argument"),
            (
                "report x -o y.txt --colour",
                "unrecognized option '--colour'",
            ),
            ("report x -o y.txt -z", "invalid option -- 'z'"),
            (
                "report x -o y.txt --fail-on lost",
                "invalid argument 'lost' for '--fail-on'",
            ),
            (
                "report x -o y.txt --ran-on=long",
                "invalid argument 'long' for '--ran-on'",
            ),
            ("top x -o y.txt", "option '--output' does not go with 'top'"),
            ("list", "list needs --pid"),
            ("list --pid=0", "invalid argument '0' for '--pid'"),
            ("list --pid=1 x", "extra operand 'x'"),
        ];
        for (line, said) in wrong {
            assert_eq!(parsed(line).err().as_deref(), Some(said), "{line}");
        }
    }
}
