//! Which code is where: what the system says of it is written down when recording begins, and again if there is
//! an address that is in nothing known. Addresses of events are written as they are.

use std::sync::atomic::{AtomicBool, AtomicPtr, AtomicU32, AtomicU64, Ordering};

use crate::recording::Recording;
use crate::time;

struct Range {
    start: usize,
    end: usize,
    /// Of GLib, GObject or GIO.
    is_glib: bool,
}

struct Known {
    /// By their addresses.
    ranges: Vec<Range>,
    /// GLib's, of which there are three or so.
    glib: Vec<std::ops::Range<usize>>,
}

/// What was read last. Never freed: there are few.
static KNOWN: AtomicPtr<Known> = AtomicPtr::new(std::ptr::null_mut());

/// How often it may be read again: a program may use addresses that are no code, or make code as it runs.
const MOST: u32 = 64;
static READ: AtomicU32 = AtomicU32::new(0);
/// When it was read last, and how soon it may be read again.
static LAST: AtomicU64 = AtomicU64::new(0);
const PAUSE: u64 = 50_000_000;
/// An address was met that is in nothing known.
static LACKS: AtomicBool = AtomicBool::new(false);

#[inline]
fn known() -> Option<&'static Known> {
    // SAFETY: NULL, or what stays.
    unsafe { KNOWN.load(Ordering::Acquire).as_ref() }
}

fn is_known(address: usize) -> bool {
    known().is_some_and(|known| {
        let behind = known.ranges.partition_point(|range| range.start <= address);
        behind > 0 && address < known.ranges[behind - 1].end
    })
}

/// Sees to it that it can be told what lies at an address. Says whether that is GLib's.
#[inline]
pub(crate) fn note(recording: &Recording, address: usize) -> bool {
    if address == 0 {
        return false;
    }
    if !is_known(address) {
        look_again(recording);
        return false;
    }
    is_glib(address)
}

#[inline]
pub(crate) fn is_glib(address: usize) -> bool {
    known().is_some_and(|known| known.glib.iter().any(|code| code.contains(&address)))
}

#[cold]
fn look_again(recording: &Recording) {
    LACKS.store(true, Ordering::Relaxed);
    let (last, now) = (LAST.load(Ordering::Relaxed), time::now());
    if READ.load(Ordering::Relaxed) >= MOST || now.saturating_sub(last) < PAUSE {
        return;
    }
    // Of several threads, one does it.
    let order = Ordering::Relaxed;
    if LAST.compare_exchange(last, now, order, order).is_ok() {
        READ.fetch_add(1, order);
        read(recording);
    }
}

/// Recording begins.
pub(crate) fn begin(recording: &Recording) {
    READ.store(0, Ordering::Relaxed);
    LAST.store(time::now(), Ordering::Relaxed);
    read(recording);
}

/// The process ends.
pub(crate) fn end(recording: &Recording) {
    if LACKS.load(Ordering::Relaxed) {
        read(recording);
    }
}

fn read(recording: &Recording) {
    LACKS.store(false, Ordering::Relaxed);
    let Ok(text) = std::fs::read("/proc/self/maps") else {
        return;
    };
    let (mut code, mut ranges, mut glib) = (Vec::new(), Vec::new(), Vec::new());
    for line in text.split_inclusive(|byte| *byte == b'\n') {
        if let Some(range) = code_range(line) {
            code.extend_from_slice(line);
            if range.is_glib {
                glib.push(range.start..range.end);
            }
            ranges.push(range);
        }
    }
    recording.write_maps(&code);
    let known = Box::new(Known { ranges, glib });
    KNOWN.store(Box::into_raw(known), Ordering::Release);
}

/// "7f00-7f10 r-xp 00001000 08:01 42   /usr/lib/libfoo.so".
fn code_range(line: &[u8]) -> Option<Range> {
    let mut parts = line.splitn(3, |byte| *byte == b' ');
    let (range, access, rest) = (parts.next()?, parts.next()?, parts.next()?);
    if access.get(2) != Some(&b'x') {
        return None;
    }
    let (start, end) = std::str::from_utf8(range).ok()?.split_once('-')?;
    let name = rest.rsplit(|byte| *byte == b'/').next()?;
    let names = ["libglib-2.0.so", "libgobject-2.0.so", "libgio-2.0.so"];
    Some(Range {
        start: usize::from_str_radix(start, 16).ok()?,
        end: usize::from_str_radix(end, 16).ok()?,
        is_glib: names.iter().any(|glib| name.starts_with(glib.as_bytes())),
    })
}

#[cfg(test)]
mod tests {
    use super::code_range;

    #[test]
    fn lines_are_read() {
        let line = b"7f00-7f10 r-xp 00001000 08:01 42    /usr/lib/libgio-2.0.so.0.1\n";
        let range = code_range(line).unwrap();
        assert_eq!(
            (range.start, range.end, range.is_glib),
            (0x7f00, 0x7f10, true)
        );
        let line = b"7f00-7f10 r-xp 00000000 00:00 0 \n";
        assert!(!code_range(line).unwrap().is_glib);
        assert!(code_range(b"7f00-7f10 r--p 00000000 00:00 0 \n").is_none());
        assert!(code_range(b"").is_none());
    }
}
