//! What stands at the beginning of a trace.

use crate::format::{Header, BYTE_ORDER, CHUNK, HEADER, MAGIC, VERSION};
use crate::settings::Settings;
use crate::time;

pub(crate) fn write(header: &mut Header, settings: &Settings, began: u64) {
    fn put(place: &mut [u8], text: &[u8]) {
        let length = text.len().min(place.len() - 1);
        place[..length].copy_from_slice(&text[..length]);
    }
    header.version = VERSION;
    header.byte_order = BYTE_ORDER;
    header.header = HEADER as u32;
    header.chunk = CHUNK as u32;
    // SAFETY: they may be called anywhere.
    (header.pid, header.parent) = unsafe { (libc::getpid(), libc::getppid()) };
    header.began = began;
    header.began_realtime = time::realtime();
    header.capacity = settings.capacity;
    put(
        &mut header.library_version,
        env!("CARGO_PKG_VERSION").as_bytes(),
    );
    let glib = settings.glib_version.map(|number| number.to_string());
    put(&mut header.glib_version, glib.join(".").as_bytes());
    if let Ok(program) = std::fs::read_link("/proc/self/exe") {
        put(&mut header.program, program.as_os_str().as_encoded_bytes());
    }
    if let Ok(command) = std::fs::read("/proc/self/cmdline") {
        put(&mut header.command, &command);
    }
    // Last: without it the file is no trace.
    header.magic = MAGIC;
}
