//! How many chunks there are, and which are free. Used under the recording's lock.

use std::io;

use crate::format::{CHUNK, HEADER};
use crate::output::Output;

/// Room is made for so many chunks at once, if there is as much: file systems are quicker then.
const AT_ONCE: u32 = 16;

/// How many chunks are kept for other threads to go on with.
pub(crate) const SPARES: usize = 32;

pub(crate) struct Books {
    /// How many chunks there may be, for how many there is room, and how many there are.
    pub(crate) capacity: u32,
    pub(crate) reserved: u32,
    pub(crate) allocated: u32,
    /// Where to look for the oldest one.
    pub(crate) oldest: u32,
    /// How many hold memory maps. These are kept.
    pub(crate) maps: u32,
    /// Chunks with room that threads have left which ended.
    pub(crate) spares: [u32; SPARES],
    pub(crate) spare_count: u32,
}

impl Books {
    pub(crate) fn new(capacity: u32) -> Self {
        Self {
            capacity,
            reserved: 0,
            allocated: 0,
            oldest: 0,
            maps: 0,
            spares: [0; SPARES],
            spare_count: 0,
        }
    }

    /// Room for one chunk more.
    pub(crate) fn make_room(&mut self, output: &mut Output) -> io::Result<()> {
        if self.allocated < self.reserved {
            return Ok(());
        }
        let from = (HEADER + self.reserved as usize * CHUNK) as u64;
        let mut reserve = |count: u32| {
            output.reserve(from, u64::from(count) * CHUNK as u64)?;
            self.reserved += count;
            Ok(())
        };
        // A file that stays small is small.
        let most = self.allocated.clamp(1, AT_ONCE);
        let most = most.min(self.capacity - self.allocated);
        reserve(most).or_else(|_: io::Error| reserve(1))
    }
}
