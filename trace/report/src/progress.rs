//! How far a long conversion is: one line on a terminal, which is written over and wiped in the end.

use std::io::{IsTerminal, Write};
use std::time::{Duration, Instant};

pub(crate) struct Progress {
    what: &'static str,
    total: u64,
    done: u64,
    next: Instant,
    is_on: bool,
    was_shown: bool,
}

impl Progress {
    /// Nothing is shown in the first half second, nor where nobody looks.
    pub(crate) fn new(what: &'static str, total: u64) -> Self {
        let is_on = std::io::stderr().is_terminal();
        let next = Instant::now() + Duration::from_millis(500);
        Self {
            what,
            total: total.max(1),
            done: 0,
            next,
            is_on,
            was_shown: false,
        }
    }

    pub(crate) fn advance(&mut self, by: u64) {
        self.done += by;
        if self.is_on && Instant::now() >= self.next {
            self.next = Instant::now() + Duration::from_millis(100);
            self.was_shown = true;
            let percent = (self.done * 100 / self.total).min(100);
            // It is no matter if that fails.
            _ = write!(
                std::io::stderr(),
                "\rasyncresult-trace: {} … {percent} % ",
                self.what
            );
            _ = std::io::stderr().flush();
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if self.was_shown {
            _ = write!(std::io::stderr(), "\r\x1b[K");
        }
    }
}
