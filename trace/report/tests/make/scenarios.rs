//! Traces that tests make: what is in them is known.

use std::io;
use std::path::Path;

use super::{Maker, Say};
use asyncresult_trace_report::format::Event;

const MS: u64 = 1_000_000;
pub(crate) const BEGAN: u64 = 1_000 * MS;
const MAIN: u32 = 1;
const WORKER: u32 = 2;

/// Where code lies in these traces: a module that is no file.
pub(crate) const MAPS: &str = "10000-20000 r-xp 00001000 00:00 1 /made-up/program\n\
                        30000-40000 r-xp 00000000 00:00 2 /made-up/libgio-2.0.so.0 (deleted)\n";

/// Seven tasks: one of each kind of life. Times are in milliseconds after the beginning.
pub(crate) fn small(path: &Path) -> io::Result<()> {
    let mut maker = Maker::create(path)?;
    maker.times(BEGAN, BEGAN + 5_000 * MS);
    maker.maps(BEGAN + 4_000 * MS, MAPS)?;
    maker.hole();
    let say = |thread, time: u64, event, object| Say::new(thread, BEGAN + time * MS, event, object);
    let name = |name| [Some("GFile"), Some(name)];

    // #1: a worker runs it; all goes well.
    maker.say(Say {
        words: &[0xc0, 0, 0x11000, 0, 0x10100],
        strings: &name("load"),
        ..say(MAIN, 0, Event::Made, 0xa0)
    })?;
    maker.say(Say {
        number: 1,
        words: &[0x12000, 0xc0],
        ..say(MAIN, 10, Event::Queued, 0xa0)
    })?;
    maker.say(Say {
        small: 0,
        ..say(WORKER, 15, Event::WorkerAdded, 0)
    })?;
    maker.say(say(WORKER, 20, Event::Started, 0xa0))?;
    // #2: made in the function of #1; fails, and nobody fetches the error.
    maker.say(Say {
        words: &[0, 0, 0x11000, 0, 0x10200],
        strings: &name("parse"),
        ..say(WORKER, 25, Event::Made, 0xa1)
    })?;
    let error = [Some("g-io-error-quark"), Some("No such\nfile")];
    maker.say(Say {
        small: 5,
        number: 1,
        words: &[0x10210],
        strings: &error,
        ..say(WORKER, 30, Event::Returned, 0xa1)
    })?;
    maker.say(Say {
        small: 1,
        words: &[0x12100],
        ..say(WORKER, 50, Event::Returned, 0xa0)
    })?;
    maker.say(say(WORKER, 60, Event::Ended, 0xa0))?;
    maker.say(Say {
        words: &[0xa1],
        ..say(WORKER, 61, Event::Arrived, 0)
    })?;
    maker.say(Say {
        words: &[0xa0],
        ..say(WORKER, 62, Event::Arrived, 0)
    })?;
    maker.say(say(MAIN, 70, Event::CallbackBegun, 0xa1))?;
    maker.say(say(MAIN, 71, Event::CallbackEnded, 0xa1))?;
    maker.say(say(MAIN, 71, Event::Completed, 0xa1))?;
    maker.say(Say {
        small: 1,
        ..say(MAIN, 72, Event::Freed, 0xa1)
    })?;
    // The callback of #1 takes 30 ms, 5 of them in a loop of its own, which runs the callback of #3.
    maker.say(say(MAIN, 80, Event::CallbackBegun, 0xa0))?;
    maker.say(Say {
        small: 1,
        ..say(MAIN, 81, Event::Propagated, 0xa0)
    })?;
    // #3: where #2 was; its parent is #1.
    maker.say(Say {
        words: &[0, 0, 0x11000, 0, 0x10300],
        strings: &[None, None],
        ..say(MAIN, 82, Event::Made, 0xa1)
    })?;
    maker.say(Say {
        small: 3,
        words: &[0x10310],
        ..say(MAIN, 83, Event::Returned, 0xa1)
    })?;
    maker.say(say(MAIN, 84, Event::CallbackBegun, 0xa1))?;
    maker.say(Say {
        small: 3,
        ..say(MAIN, 85, Event::Propagated, 0xa1)
    })?;
    maker.say(say(MAIN, 89, Event::CallbackEnded, 0xa1))?;
    maker.say(Say {
        small: 1,
        ..say(MAIN, 90, Event::Freed, 0xa1)
    })?;
    maker.say(say(MAIN, 110, Event::CallbackEnded, 0xa0))?;
    maker.say(Say {
        small: 1,
        ..say(MAIN, 111, Event::Freed, 0xa0)
    })?;
    // #4: freed without a result. Made where #1 was.
    maker.say(Say {
        words: &[0, 0, 0x11000, 0, 0x10400],
        strings: &name("lost"),
        ..say(MAIN, 200, Event::Made, 0xa0)
    })?;
    maker.say(say(MAIN, 300, Event::Freed, 0xa0))?;
    // #5: its context is iterated by nobody. Returned twice.
    maker.say(Say {
        words: &[0, 0xc7, 0x11000, 0, 0x10500],
        strings: &name("stuck"),
        ..say(MAIN, 400, Event::Made, 0xa0)
    })?;
    maker.say(Say {
        small: 2,
        words: &[0x10510],
        ..say(MAIN, 410, Event::Returned, 0xa0)
    })?;
    maker.say(Say {
        words: &[0xa0],
        ..say(MAIN, 411, Event::Arrived, 0xc7)
    })?;
    maker.say(Say {
        words: &[0x10520],
        ..say(MAIN, 420, Event::ReturnedAgain, 0xa0)
    })?;
    // #6: a function that does not hear of its cancellation.
    maker.say(Say {
        words: &[0xc1, 0, 0, 0, 0x10600],
        strings: &name("deaf"),
        ..say(MAIN, 500, Event::Made, 0xa2)
    })?;
    maker.say(Say {
        number: 1,
        words: &[0x12200, 0xc1],
        ..say(MAIN, 500, Event::Queued, 0xa2)
    })?;
    maker.say(say(WORKER, 501, Event::Started, 0xa2))?;
    maker.say(say(MAIN, 600, Event::CancelBegun, 0xc1))?;
    maker.say(say(MAIN, 601, Event::CancelEnded, 0xc1))?;
    // Twelve handlers on the other cancellable, and one that is disconnected in time.
    for handler in 0..13 {
        maker.say(Say {
            number: 1,
            words: &[0x10700],
            ..say(MAIN, 700 + handler, Event::Handlers, 0xc0)
        })?;
        if handler == 0 {
            maker.say(Say {
                number: -1,
                ..say(MAIN, 700, Event::Handlers, 0xc0)
            })?;
        }
    }
    maker.say(Say {
        small: 0,
        ..say(WORKER, 2600, Event::Returned, 0xa2)
    })?;
    maker.say(say(WORKER, 2600, Event::Ended, 0xa2))?;
    maker.say(Say {
        small: 1,
        ..say(WORKER, 2601, Event::Freed, 0xa2)
    })?;
    // #7: alive at the end, and its beginning is not known.
    maker.say(say(MAIN, 3000, Event::Tagged, 0xa9))?;
    maker.say(say(WORKER, 4000, Event::WorkerGone, 0))?;
    maker.finish()
}

/// So many events at least: tasks that workers run, in four families, some with children and errors.
pub(crate) fn large(path: &Path, events: u64) -> io::Result<()> {
    const WORKERS: u64 = 12;
    let mut maker = Maker::create(path)?;
    maker.maps(BEGAN, MAPS)?;
    let names = ["load file", "query info", "parse", "thumbnail"];
    for worker in 0..WORKERS {
        let added = Say {
            small: u8::from(worker >= 10),
            ..Say::new(10 + worker as u32, BEGAN + worker, Event::WorkerAdded, 0)
        };
        maker.say(added)?;
    }
    // A small generator of numbers that look random: the same at each run.
    let mut state = 1_u64;
    let mut random = move |below: u64| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    };
    let mut free_at = [BEGAN; WORKERS as usize];
    let mut main_at = BEGAN;
    let mut delivered: std::collections::VecDeque<(u64, u64, u64)> =
        std::collections::VecDeque::new();
    let mut number = 0_u64;
    let mut last = BEGAN;
    while maker.events < events || !delivered.is_empty() {
        let is_over = maker.events >= events;
        // The main thread delivers what is ready, and makes a task when nothing is.
        let is_ready = delivered
            .front()
            .is_some_and(|(ready, ..)| *ready <= main_at || is_over || delivered.len() > 200);
        if is_ready {
            let (ready, object, kind) = delivered.pop_front().expect("it is there");
            main_at = main_at.max(ready) + 300 + random(500);
            let spent = 1_000 + random(if object % 997 == 0 { 40 * MS } else { 9_000 });
            maker.say(Say::new(MAIN, main_at, Event::CallbackBegun, object))?;
            maker.say(Say {
                small: kind as u8,
                ..Say::new(MAIN, main_at + 200, Event::Propagated, object)
            })?;
            main_at += spent;
            maker.say(Say::new(MAIN, main_at, Event::CallbackEnded, object))?;
            main_at += 100;
            maker.say(Say::new(MAIN, main_at, Event::Completed, object))?;
            main_at += 100;
            maker.say(Say {
                small: 1,
                ..Say::new(MAIN, main_at, Event::Freed, object)
            })?;
        } else {
            main_at += 500 + random(2_000);
            number += 1;
            let object = 0x10_0000 + number * 0x100;
            let family = random(4) as usize;
            let words = [
                0x50,
                0,
                0x11000 + family as u64 * 16,
                0,
                0x10100 + family as u64 * 16,
            ];
            let strings = [Some("GLocalFile"), Some(names[family])];
            maker.say(Say {
                words: &words,
                strings: &strings,
                ..Say::new(MAIN, main_at, Event::Made, object)
            })?;
            main_at += 200;
            let waiting = free_at.iter().filter(|free| **free > main_at).count() as i64;
            let function = [0x12000 + family as u64 * 16, 0x50];
            maker.say(Say {
                number: waiting,
                words: &function,
                ..Say::new(MAIN, main_at, Event::Queued, object)
            })?;
            let worker = (0..free_at.len())
                .min_by_key(|worker| free_at[*worker])
                .expect("there are some");
            let started = free_at[worker].max(main_at + 800);
            let spent = (2_000 + random(20_000)) * (1 + family as u64);
            let thread = 10 + worker as u32;
            maker.say(Say::new(thread, started, Event::Started, object))?;
            let kind = if random(20) == 0 { 5 } else { 1 };
            let message = format!(
                "Error opening file /some/folder/{}: No such file or directory",
                number % 5000
            );
            let error = [Some("g-io-error-quark"), Some(message.as_str())];
            let returned = Say {
                small: kind,
                words: &[0x12100],
                ..Say::new(thread, started + spent, Event::Returned, object)
            };
            maker.say(if kind == 5 {
                Say {
                    number: 1,
                    strings: &error,
                    ..returned
                }
            } else {
                returned
            })?;
            maker.say(Say::new(
                thread,
                started + spent + 100,
                Event::Ended,
                object,
            ))?;
            maker.say(Say {
                words: &[object],
                ..Say::new(thread, started + spent + 200, Event::Arrived, 0)
            })?;
            free_at[worker] = started + spent + 300;
            delivered.push_back((started + spent + 400, object, kind.into()));
        }
        last = last.max(main_at);
    }
    maker.times(
        BEGAN,
        last.max(*free_at.iter().max().expect("there are some")) + 1000,
    );
    maker.finish()
}
