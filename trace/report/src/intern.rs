//! Things that come often and are kept once: each has a number.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hash, Hasher};

/// No number.
pub(crate) const NONE: u32 = u32::MAX;

/// Numbers and addresses of a trace are no attack: so a multiplication is enough to spread them.
#[derive(Default)]
pub(crate) struct QuickHasher(u64);

impl Hasher for QuickHasher {
    fn finish(&self) -> u64 {
        self.0 ^ (self.0 >> 32)
    }
    fn write(&mut self, bytes: &[u8]) {
        for part in bytes.chunks(8) {
            let mut word = [0; 8];
            word[..part.len()].copy_from_slice(part);
            self.write_u64(u64::from_ne_bytes(word));
        }
    }
    fn write_u64(&mut self, word: u64) {
        self.0 = (self.0.rotate_left(5) ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }
    fn write_u32(&mut self, word: u32) {
        self.write_u64(word.into());
    }
    fn write_usize(&mut self, word: usize) {
        self.write_u64(word as u64);
    }
    fn write_u8(&mut self, byte: u8) {
        self.write_u64(byte.into());
    }
}

pub(crate) type QuickMap<K, V> = HashMap<K, V, BuildHasherDefault<QuickHasher>>;

pub(crate) struct Table<T> {
    items: Vec<T>,
    numbers: QuickMap<T, u32>,
}

impl<T> Default for Table<T> {
    fn default() -> Self {
        Self {
            items: Vec::new(),
            numbers: QuickMap::default(),
        }
    }
}

impl<T: Hash + Eq + Clone> Table<T> {
    pub(crate) fn number(&mut self, item: T) -> u32 {
        if let Some(number) = self.numbers.get(&item) {
            return *number;
        }
        let number = u32::try_from(self.items.len()).expect("fewer than 4,000 million");
        self.items.push(item.clone());
        self.numbers.insert(item, number);
        number
    }

    pub(crate) fn get(&self, number: u32) -> Option<&T> {
        self.items.get(number as usize)
    }

    pub(crate) fn items(&self) -> &[T] {
        &self.items
    }
}

#[derive(Default)]
pub(crate) struct Strings {
    table: Table<std::rc::Rc<str>>,
}

impl Strings {
    pub(crate) fn number(&mut self, bytes: Option<&[u8]>) -> u32 {
        let Some(bytes) = bytes else { return NONE };
        let text = String::from_utf8_lossy(bytes);
        if let Some(number) = self.table.numbers.get(&*text) {
            return *number;
        }
        self.table.number(text.into())
    }

    /// The number of a string that may be known; `NONE` if it is not.
    pub(crate) fn find(&self, text: &str) -> u32 {
        self.table.numbers.get(text).copied().unwrap_or(NONE)
    }

    /// The empty string if there is none.
    pub(crate) fn get(&self, number: u32) -> &str {
        self.table.get(number).map_or("", |text| text)
    }
}
