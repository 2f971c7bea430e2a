//! The tasks as columns of numbers, for the page: small, as most numbers are.

use crate::intern::{QuickMap, NONE};
use crate::model::*;
use crate::phases::Phase;
use crate::view::View;

/// Numbers of 7 bits a byte; the upper bit says that more follow.
fn put(bytes: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}

/// Small numbers of either sign become small ones without.
fn signed(number: i64) -> u64 {
    ((number << 1) ^ (number >> 63)) as u64
}

/// Texts that come often.
#[derive(Default)]
pub(crate) struct Texts {
    pub(crate) all: Vec<String>,
    numbers: QuickMap<String, u64>,
}

impl Texts {
    /// From 1.
    fn number(&mut self, text: String) -> u64 {
        let all = &mut self.all;
        *self.numbers.entry(text).or_insert_with_key(|text| {
            all.push(text.clone());
            all.len() as u64
        })
    }
}

/// The names of the columns. Times are nanoseconds. Where a number names something, 0 is nothing.
pub(crate) const NAMES: [&str; 27] = [
    "begin",
    "waiting",
    "queue",
    "running",
    "late",
    "delivery",
    "callback",
    "ranOn",
    "freed",
    "state",
    "label",
    "place",
    "parent",
    "cancellable",
    "context",
    "madeBy",
    "worker",
    "callbackBy",
    "error",
    "length",
    "priority",
    "flags",
    "process",
    "function",
    "callbackPlace",
    "stack",
    "type",
];

#[derive(Default)]
pub(crate) struct Columns {
    pub(crate) bytes: Vec<u8>,
    /// Where each ends.
    pub(crate) ends: Vec<usize>,
    pub(crate) labels: Texts,
    pub(crate) places: Texts,
    pub(crate) types: Texts,
    /// Each the numbers of places.
    pub(crate) stacks: Vec<Vec<u64>>,
}

/// Bits of the column "flags".
const SIMPLE: u64 = 1;
const PARTIAL: u64 = 2;
const SYNC: u64 = 4;
const OPEN: u64 = 8;
const HAS_CALLBACK: u64 = 16;
const RETURNED_AGAIN: u64 = 32;

pub(crate) fn make(view: &View) -> Columns {
    let mut columns = Columns::default();
    let mut parts: Vec<Vec<u8>> = NAMES.iter().map(|_| Vec::new()).collect();
    let mut stacks: QuickMap<u32, u64> = QuickMap::default();
    let began = view.began();
    let mut last_begin = 0;
    let known = |number: u32| {
        if number == NONE {
            0
        } else {
            u64::from(number) + 1
        }
    };
    for (index, task) in view.trace.tasks.iter().enumerate() {
        let index = u32::try_from(index).expect("a task's number");
        let life = view.life(index);
        let begin = life.begin.saturating_sub(began);
        let spent = spent(view, index);
        let running_until = life.begin + spent[..3].iter().sum::<u64>();
        let now = view.trace.processes[task.process as usize].ended;
        let ended = if task.started == NEVER {
            NEVER
        } else if task.ended == NEVER {
            now
        } else {
            task.ended
        };
        let flags = [
            (task.is_simple, SIMPLE),
            (task.is_partial, PARTIAL),
            (task.is_sync, SYNC),
            (life.is_open, OPEN),
            (task.has_callback, HAS_CALLBACK),
            (task.second_returns > 0, RETURNED_AGAIN),
        ];
        let mut text = |place: u32| {
            if place == NONE {
                0
            } else {
                columns
                    .places
                    .number(view.symbols.get(view.trace, place).text())
            }
        };
        let (function, callback) = (text(task.function), text(task.callback));
        let place = view
            .origin(index)
            .map_or(0, |origin| columns.places.number(origin.text()));
        let stack = view
            .trace
            .stacks
            .get(task.birth)
            .filter(|stack| stack.len() > 1)
            .map_or(0, |stack| {
                *stacks.entry(task.birth).or_insert_with(|| {
                    let places = stack.iter().map(|place| {
                        columns
                            .places
                            .number(view.symbols.get(view.trace, *place).text())
                    });
                    columns.stacks.push(places.collect());
                    columns.stacks.len() as u64
                })
            });
        let source_type = if task.source_type == NONE {
            0
        } else {
            columns
                .types
                .number(view.trace.strings.get(task.source_type).into())
        };
        let numbers = [
            signed(begin as i64 - last_begin as i64),
            spent[0],
            spent[1],
            spent[2],
            spent[3],
            spent[4],
            spent[5],
            ended.saturating_sub(running_until),
            if task.freed == NEVER {
                0
            } else {
                task.freed.saturating_sub(life.end) + 1
            },
            view.state(index) as u64,
            columns.labels.number(view.label(index)),
            place,
            if task.parent < index {
                u64::from(index - task.parent)
            } else {
                0
            },
            known(task.cancellable),
            known(task.context),
            known(task.made_by),
            known(task.worker),
            known(task.callback_by),
            known(task.error),
            task.queue_length.into(),
            signed(task.priority.into()),
            flags
                .iter()
                .filter(|(is_so, _)| *is_so)
                .map(|(_, flag)| flag)
                .sum(),
            task.process.into(),
            function,
            callback,
            stack,
            source_type,
        ];
        last_begin = begin;
        for (part, number) in parts.iter_mut().zip(numbers) {
            put(part, number);
        }
    }
    for part in parts {
        columns.bytes.extend_from_slice(&part);
        columns.ends.push(columns.bytes.len());
    }
    columns
}

/// Waiting, in the queue, running, waiting again, delivery, callback: in this order they follow each other.
fn spent(view: &View, index: u32) -> [u64; 6] {
    let mut spent = [0; 6];
    let mut last = 0;
    for (phase, from, to) in view.life(index).parts() {
        let slot = match phase {
            Phase::Waiting if last == 0 => 0,
            Phase::Queue => 1,
            Phase::Running => 2,
            Phase::Waiting => 3,
            Phase::Delivery => 4,
            Phase::Callback => 5,
        };
        last = slot;
        spent[slot] += to - from;
    }
    spent
}

/// As a page's script decodes it by atob().
pub(crate) fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for three in bytes.chunks(3) {
        let number = three
            .iter()
            .fold(0_u32, |number, byte| (number << 8) | u32::from(*byte))
            << (8 * (3 - three.len()));
        for position in 0..4 {
            let letter = LETTERS[(number >> (18 - 6 * position)) as usize & 63];
            text.push(if position <= three.len() {
                letter.into()
            } else {
                '='
            });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_what_others_make() {
        for (bytes, text) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob\u{7f}", "Zm9vYn8="),
        ] {
            assert_eq!(base64(bytes.as_bytes()), text);
        }
    }

    #[test]
    fn numbers_are_as_long_as_they_need() {
        let mut bytes = Vec::new();
        for number in [0, 127, 128, signed(-1), signed(1), signed(-64)] {
            put(&mut bytes, number);
        }
        assert_eq!(bytes, [0, 127, 0x80, 1, 1, 2, 127]);
    }
}
