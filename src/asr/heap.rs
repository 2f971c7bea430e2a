//! The deadlines that are to come: a binary heap whose elements know where they stand, so that one is taken
//! out of the middle as cheaply as from the front.

pub(super) struct Heap<T>(Vec<Entry<T>>);

struct Entry<T> {
    time: i64,
    member: *mut T,
}

/// What knows where it stands in a heap.
pub(super) trait Placed {
    fn place(&mut self) -> &mut Option<usize>;
}

/// Those in the heap are alive, and nobody else uses their places.
impl<T: Placed> Heap<T> {
    pub(super) const fn new() -> Self {
        Self(Vec::new())
    }

    /// The earliest deadline.
    pub(super) fn first(&self) -> Option<(i64, *mut T)> {
        self.0.first().map(|entry| (entry.time, entry.member))
    }

    /// # Safety
    /// The member is alive, and not in the heap.
    pub(super) unsafe fn insert(&mut self, time: i64, member: *mut T) {
        self.0.push(Entry { time, member });
        self.rise(self.0.len() - 1);
    }

    /// Does nothing for one that is not in the heap.
    ///
    /// # Safety
    /// The member is alive.
    pub(super) unsafe fn remove(&mut self, member: *mut T) {
        // SAFETY: as the caller ensures.
        let Some(place) = (unsafe { (*member).place().take() }) else {
            return;
        };
        self.0.swap_remove(place);
        if place < self.0.len() {
            // What was last may belong further up or further down.
            self.rise(place);
            self.sink(place);
        }
    }

    fn rise(&mut self, mut place: usize) {
        while place > 0 {
            let above = (place - 1) / 2;
            if self.0[above].time <= self.0[place].time {
                break;
            }
            self.0.swap(above, place);
            self.note(place);
            place = above;
        }
        self.note(place);
    }

    fn sink(&mut self, mut place: usize) {
        loop {
            let left = 2 * place + 1;
            let below = [left, left + 1].into_iter().filter(|at| *at < self.0.len());
            let Some(earliest) = below.min_by_key(|at| self.0[*at].time) else {
                break;
            };
            if self.0[place].time <= self.0[earliest].time {
                break;
            }
            self.0.swap(place, earliest);
            self.note(place);
            place = earliest;
        }
        self.note(place);
    }

    fn note(&mut self, place: usize) {
        // SAFETY: what is in the heap is alive.
        unsafe { *(*self.0[place].member).place() = Some(place) };
    }
}

#[cfg(test)]
mod tests {
    use super::{Heap, Placed};

    struct Member(Option<usize>);

    impl Placed for Member {
        fn place(&mut self) -> &mut Option<usize> {
            &mut self.0
        }
    }

    /// Against a sorted list: with some numbers made, one in the middle of them is taken out.
    #[test]
    fn the_earliest_is_always_first() {
        const COUNT: usize = 200;
        let mut memory: Vec<Member> = (0..COUNT).map(|_| Member(None)).collect();
        let members: Vec<*mut Member> = memory.iter_mut().map(|it| &raw mut *it).collect();
        let mut heap = Heap::new();
        let mut times = [None; COUNT];
        let mut random: u64 = 1;
        // Miri is slow.
        for _ in 0..if cfg!(miri) { 300 } else { 20_000 } {
            random = random
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            let at = (random >> 33) as usize % COUNT;
            // SAFETY: they stay where they are, and nobody else has them.
            unsafe {
                if times[at].take().is_some() {
                    heap.remove(members[at]);
                } else {
                    let time = (random >> 20) as i64 % 50;
                    times[at] = Some(time);
                    heap.insert(time, members[at]);
                }
            }
            let earliest = times.iter().flatten().min().copied();
            assert_eq!(heap.first().map(|first| first.0), earliest);
        }
        let mut in_order = Vec::new();
        while let Some((time, member)) = heap.first() {
            in_order.push(time);
            // SAFETY: as above.
            unsafe { heap.remove(member) };
        }
        let mut sorted: Vec<i64> = times.iter().flatten().copied().collect();
        sorted.sort_unstable();
        assert_eq!(in_order, sorted);
        assert!(in_order.len() > COUNT / 4);
    }
}
