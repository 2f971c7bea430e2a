//! A map in a sorted queue. Its code is small. It is fast at both ends, and elsewhere while there are few entries.

use std::collections::VecDeque;

pub(crate) struct Sorted<K, V>(VecDeque<(K, V)>);

impl<K, V> Default for Sorted<K, V> {
    fn default() -> Self {
        Self::new()
    }
}

impl<K, V> Sorted<K, V> {
    pub(crate) const fn new() -> Self {
        Self(VecDeque::new())
    }
}

impl<K: Copy + Ord, V> Sorted<K, V> {
    fn find(&self, key: K) -> Result<usize, usize> {
        self.0.binary_search_by_key(&key, |(key, _)| *key)
    }

    pub(crate) fn get(&mut self, key: K) -> Option<&mut V> {
        let place = self.find(key).ok()?;
        self.0.get_mut(place).map(|(_, value)| value)
    }

    pub(crate) fn get_or_add(&mut self, key: K, make: impl FnOnce() -> V) -> &mut V {
        let place = self.find(key).unwrap_or_else(|place| {
            self.0.insert(place, (key, make()));
            place
        });
        &mut self.0[place].1
    }

    pub(crate) fn remove(&mut self, key: K) -> Option<V> {
        let place = self.find(key).ok()?;
        self.0.remove(place).map(|(_, value)| value)
    }

    pub(crate) fn values(&self) -> impl Iterator<Item = &V> {
        self.0.iter().map(|(_, value)| value)
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    #[cfg(test)]
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(not(feature = "loom"))]
#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    /// All sequences of seven steps; a step adds, changes or removes one of three keys.
    #[test]
    fn it_is_a_map() {
        const STEPS: u32 = 7;
        for sequence in 0..6usize.pow(STEPS) {
            let (mut sorted, mut map) = (Sorted::new(), BTreeMap::new());
            for step in 0..STEPS {
                let choice = sequence / 6usize.pow(step) % 6;
                let key = choice % 3;
                if choice < 3 {
                    *sorted.get_or_add(key, || 10) += step;
                    *map.entry(key).or_insert(10) += step;
                } else {
                    assert_eq!(sorted.remove(key), map.remove(&key));
                }
                assert_eq!(sorted.get(key), map.get_mut(&key));
            }
            assert!(sorted.0.iter().map(|(key, value)| (key, value)).eq(&map));
            assert!(sorted.values().eq(map.values()));
            assert_eq!(sorted.len(), map.len());
            assert_eq!(sorted.is_empty(), map.is_empty());
        }
    }
}
