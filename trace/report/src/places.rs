//! Addresses of code, each as the module it lay in and the offset there.

use std::collections::BTreeMap;

use crate::file::MapsPart;
use crate::intern::{QuickMap, Strings, Table, NONE};

/// An address in a module's file, or without a module.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Place {
    /// The string of its path; `NONE` if no file is mapped there.
    pub(crate) module: u32,
    /// In the file; without a module the address itself.
    pub(crate) offset: u64,
    /// A return address lies behind the call that it is of.
    pub(crate) is_return: bool,
}

#[derive(Default)]
pub(crate) struct Places {
    table: Table<Place>,
}

impl Places {
    pub(crate) fn get(&self, number: u32) -> Option<&Place> {
        self.table.get(number)
    }
    pub(crate) fn number(&mut self, place: Place) -> u32 {
        self.table.number(place)
    }
}

struct Range {
    end: u64,
    /// From an address to the offset in the file.
    shift: u64,
    module: u32,
}

struct Map {
    time: u64,
    ranges: BTreeMap<u64, Range>,
}

impl Map {
    fn find(&self, address: u64) -> Option<&Range> {
        self.ranges
            .range(..=address)
            .next_back()
            .map(|(_, range)| range)
            .filter(|range| address < range.end)
    }
}

/// What was mapped where in one process, and when.
#[derive(Default)]
pub(crate) struct Maps {
    maps: Vec<Map>,
    /// By the address, whether it is a return address, and which maps were to come.
    known: QuickMap<(u64, bool, usize), u32>,
}

impl Maps {
    /// Parts follow each other; a part 0 begins a new text.
    pub(crate) fn new(parts: &[MapsPart], strings: &mut Strings) -> Self {
        let mut texts: Vec<(u64, String)> = Vec::new();
        for part in parts {
            match texts.last_mut() {
                Some((_, text)) if part.part != 0 => text.push_str(&part.text),
                _ => texts.push((part.time, part.text.clone())),
            }
        }
        let maps = texts
            .iter()
            .map(|(time, text)| Map {
                time: *time,
                ranges: parse(text, strings),
            })
            .collect();
        Self {
            maps,
            known: QuickMap::default(),
        }
    }

    /// The place of an address that was seen at this time; `NONE` of address 0.
    pub(crate) fn place(
        &mut self,
        address: u64,
        is_return: bool,
        time: u64,
        places: &mut Places,
    ) -> u32 {
        if address == 0 {
            return NONE;
        }
        let next = self.maps.partition_point(|map| map.time < time);
        if let Some(number) = self.known.get(&(address, is_return, next)) {
            return *number;
        }
        // A library may have been loaded since: the oldest text that was taken later and has the
        // address, or else the newest.
        let inside = if is_return { address - 1 } else { address };
        let later = self.maps[next..].iter().find_map(|map| map.find(inside));
        let range = later.or_else(|| {
            self.maps[..next]
                .iter()
                .rev()
                .find_map(|map| map.find(inside))
        });
        let place = match range {
            Some(range) => Place {
                module: range.module,
                offset: address.wrapping_add(range.shift),
                is_return,
            },
            None => Place {
                module: NONE,
                offset: address,
                is_return,
            },
        };
        let number = places.number(place);
        self.known.insert((address, is_return, next), number);
        number
    }
}

/// "7f00-7f10 r-xp 00001000 08:01 1234    /usr/lib/libfoo.so (deleted)"
fn parse(text: &str, strings: &mut Strings) -> BTreeMap<u64, Range> {
    let hex = |word: &str| u64::from_str_radix(word, 16).ok();
    let mut ranges = BTreeMap::new();
    for line in text.lines() {
        let mut words = line.splitn(6, ' ');
        let range = words.next().and_then(|range| range.split_once('-'));
        let offset = words.nth(1).and_then(hex);
        let path = words.nth(2).unwrap_or_default().trim_start();
        let path = path.strip_suffix(" (deleted)").unwrap_or(path);
        let (Some((start, end)), Some(offset)) = (range, offset) else {
            continue;
        };
        let (Some(start), Some(end)) = (hex(start), hex(end)) else {
            continue;
        };
        let module = if path.is_empty() {
            NONE
        } else {
            strings.number(Some(path.as_bytes()))
        };
        if module != NONE {
            ranges.insert(
                start,
                Range {
                    end,
                    shift: offset.wrapping_sub(start),
                    module,
                },
            );
        }
    }
    ranges
}
