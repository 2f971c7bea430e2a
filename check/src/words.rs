//! The words of ASYNCRESULT_DEBUG.

use std::io::Write;

pub(crate) struct Words {
    pub(crate) tasks: bool,
    pub(crate) exit: bool,
}

const HELP: &str = "\
Words for ASYNCRESULT_DEBUG, with commas between:
  tasks  name each mistake that is made with a task: which task, where it was made, and what to do
  exit   with tasks: at the end of the program, list the tasks that are alive, and why
  help   print this
";

/// Says once which words are unknown.
pub(crate) fn read(text: &str) -> Words {
    let mut words = Words {
        tasks: false,
        exit: false,
    };
    let mut unknown = Vec::new();
    for word in text.split([',', ':', ';', ' ']) {
        match word {
            "" => {}
            "tasks" => words.tasks = true,
            "exit" => words.exit = true,
            "help" => {
                // Standard error may be closed.
                let _ = std::io::stderr().write_all(HELP.as_bytes());
            }
            _ => unknown.push(format!("\"{word}\"")),
        }
    }
    if !unknown.is_empty() {
        let unknown = unknown.join(", ");
        crate::warn(&format!(
            "ASYNCRESULT_DEBUG: {unknown}: unknown; the words are tasks, exit, help"
        ));
    } else if words.exit && !words.tasks {
        crate::warn("ASYNCRESULT_DEBUG: exit: needs the word tasks, too: tasks,exit");
    }
    words
}
