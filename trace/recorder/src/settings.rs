//! What the environment asks for, besides ASYNCRESULT_TRACE itself.

use std::ffi::{CStr, OsStr};
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;
use std::sync::OnceLock;

use crate::format::CHUNK;
use crate::say;

/// Where traces go.
pub(crate) enum Target {
    /// To this file, or to one beside it if it is in use.
    File(PathBuf),
    /// Into this folder, each to a file of its own.
    Folder(PathBuf),
}

pub(crate) struct Settings {
    pub(crate) target: Target,
    /// How many chunks a file has at most.
    pub(crate) capacity: u64,
    /// Whole stacks, and not only where the program called.
    pub(crate) has_stacks: bool,
    pub(crate) glib_version: [u32; 3],
    /// The user's, for sockets.
    pub(crate) runtime_folder: Option<PathBuf>,
}

static SETTINGS: OnceLock<Settings> = OnceLock::new();

const DEFAULT_LIMIT: u64 = 256 << 20;
/// Below this there is no room for a few threads.
const LEAST_CHUNKS: u64 = 16;

/// `words`: what ASYNCRESULT_TRACE says. Later calls change nothing.
pub(crate) fn read(words: &CStr, glib_version: [u32; 3]) {
    SETTINGS.get_or_init(|| {
        let words = words.to_bytes();
        let path = std::path::absolute(OsStr::from_bytes(words)).unwrap_or_default();
        let target = match words.ends_with(b"/") {
            true => Target::Folder(path),
            false => Target::File(path),
        };
        let limit = match std::env::var("ASYNCRESULT_TRACE_LIMIT") {
            Ok(text) if !text.is_empty() => bytes(&text).unwrap_or_else(|| {
                say(&format!(
                    "ASYNCRESULT_TRACE_LIMIT={text} is no number of bytes such as 256M: 256M is meant"
                ));
                DEFAULT_LIMIT
            }),
            _ => DEFAULT_LIMIT,
        };
        let stacks = std::env::var_os("ASYNCRESULT_TRACE_STACKS");
        Settings {
            target,
            capacity: (limit / CHUNK as u64).clamp(LEAST_CHUNKS, u32::MAX.into()),
            has_stacks: stacks.is_some_and(|word| word == "1"),
            glib_version,
            runtime_folder: std::env::var_os("XDG_RUNTIME_DIR")
                .map(PathBuf::from)
                .filter(|folder| folder.is_absolute()),
        }
    });
}

/// None before `read`.
pub(crate) fn get() -> Option<&'static Settings> {
    SETTINGS.get()
}

/// "4096", "64K", "256M", "1G".
fn bytes(text: &str) -> Option<u64> {
    let (digits, shift) = match text.as_bytes().last()? {
        b'K' => (&text[..text.len() - 1], 10),
        b'M' => (&text[..text.len() - 1], 20),
        b'G' => (&text[..text.len() - 1], 30),
        _ => (text, 0),
    };
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    let number: u64 = is_number.then(|| digits.parse().ok())??;
    number
        .checked_mul(1 << shift)
        .filter(|bytes| *bytes >> 40 == 0 && *bytes > 0)
}

#[cfg(test)]
mod tests {
    use super::bytes;

    #[test]
    fn sizes_are_read() {
        assert_eq!(bytes("4096"), Some(4096));
        assert_eq!(bytes("64K"), Some(65536));
        assert_eq!(bytes("3M"), Some(3 << 20));
        assert_eq!(bytes("1G"), Some(1 << 30));
        for wrong in [
            "",
            "M",
            "0",
            "-1",
            "+1",
            "1T",
            "1 M",
            "1.5M",
            "1m",
            "9999999999999G",
        ] {
            assert_eq!(bytes(wrong), None, "{wrong}");
        }
    }
}
