//! GIOErrorEnum: the error codes of GIO's error domain, and how the system's numbers map to them.

use std::ffi::{c_int, CStr};

use glib_sys::{GFileError, GQuark, GType};

use crate::glib::enumeration;
use crate::glib::error::Error;
use crate::glib::once::Once;
use crate::glib::string::literal;
use crate::libgio::detect;

use GIOErrorEnum::*;

/// What went wrong: the codes of the error domain `G_IO_ERROR`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(
    non_camel_case_types,
    clippy::enum_variant_names,
    clippy::upper_case_acronyms,
    reason = "these are the names that C sees"
)]
pub enum GIOErrorEnum {
    /// Something that no other code describes.
    G_IO_ERROR_FAILED = 0,
    /// There is no such file.
    G_IO_ERROR_NOT_FOUND = 1,
    /// A file of that name is there already.
    G_IO_ERROR_EXISTS = 2,
    /// It is a directory, and a file was wanted.
    G_IO_ERROR_IS_DIRECTORY = 3,
    /// It is no directory, and one was wanted.
    G_IO_ERROR_NOT_DIRECTORY = 4,
    /// The directory still has entries.
    G_IO_ERROR_NOT_EMPTY = 5,
    /// It is something other than a regular file.
    G_IO_ERROR_NOT_REGULAR_FILE = 6,
    /// It is no symbolic link.
    G_IO_ERROR_NOT_SYMBOLIC_LINK = 7,
    /// It cannot be mounted.
    G_IO_ERROR_NOT_MOUNTABLE_FILE = 8,
    /// The name has too many bytes.
    G_IO_ERROR_FILENAME_TOO_LONG = 9,
    /// The name is empty, or has bytes that names may not have.
    G_IO_ERROR_INVALID_FILENAME = 10,
    /// Too many symbolic links on the way, or too many names of one file.
    G_IO_ERROR_TOO_MANY_LINKS = 11,
    /// The device is full, or memory is.
    G_IO_ERROR_NO_SPACE = 12,
    /// An argument makes no sense.
    G_IO_ERROR_INVALID_ARGUMENT = 13,
    /// The user may not do that.
    G_IO_ERROR_PERMISSION_DENIED = 14,
    /// The operation, or one of its parameters, is not provided here.
    G_IO_ERROR_NOT_SUPPORTED = 15,
    /// It is not mounted.
    G_IO_ERROR_NOT_MOUNTED = 16,
    /// It is mounted already.
    G_IO_ERROR_ALREADY_MOUNTED = 17,
    /// It was closed before.
    G_IO_ERROR_CLOSED = 18,
    /// Its GCancellable was cancelled.
    G_IO_ERROR_CANCELLED = 19,
    /// Another operation on the same thing has not finished.
    G_IO_ERROR_PENDING = 20,
    /// It can be read only.
    G_IO_ERROR_READ_ONLY = 21,
    /// No backup copy could be made.
    G_IO_ERROR_CANT_CREATE_BACKUP = 22,
    /// The file's entity tag is not the expected one.
    G_IO_ERROR_WRONG_ETAG = 23,
    /// It took too long.
    G_IO_ERROR_TIMED_OUT = 24,
    /// It would have to descend into directories.
    G_IO_ERROR_WOULD_RECURSE = 25,
    /// Somebody else uses it.
    G_IO_ERROR_BUSY = 26,
    /// It cannot be done without waiting.
    G_IO_ERROR_WOULD_BLOCK = 27,
    /// No host has that name.
    G_IO_ERROR_HOST_NOT_FOUND = 28,
    /// It would have to merge directories.
    G_IO_ERROR_WOULD_MERGE = 29,
    /// It failed, and the user has been told.
    G_IO_ERROR_FAILED_HANDLED = 30,
    /// The process, or the system, has no descriptor left.
    G_IO_ERROR_TOO_MANY_OPEN_FILES = 31,
    /// It has not been set up.
    G_IO_ERROR_NOT_INITIALIZED = 32,
    /// The network address is taken.
    G_IO_ERROR_ADDRESS_IN_USE = 33,
    /// The input ends in the middle.
    G_IO_ERROR_PARTIAL_INPUT = 34,
    /// The input is malformed.
    G_IO_ERROR_INVALID_DATA = 35,
    /// The other side of D-Bus answered with an error that has no code here.
    G_IO_ERROR_DBUS_ERROR = 36,
    /// No way leads to the host.
    G_IO_ERROR_HOST_UNREACHABLE = 37,
    /// No way leads to the network.
    G_IO_ERROR_NETWORK_UNREACHABLE = 38,
    /// Nobody accepts connections there.
    G_IO_ERROR_CONNECTION_REFUSED = 39,
    /// The proxy failed, or refused.
    G_IO_ERROR_PROXY_FAILED = 40,
    /// The proxy does not accept the credentials.
    G_IO_ERROR_PROXY_AUTH_FAILED = 41,
    /// The proxy asks for credentials.
    G_IO_ERROR_PROXY_NEED_AUTH = 42,
    /// The proxy's rules do not allow it.
    G_IO_ERROR_PROXY_NOT_ALLOWED = 43,
    /// The other end is closed.
    G_IO_ERROR_BROKEN_PIPE = 44,
    /// The socket is not connected.
    G_IO_ERROR_NOT_CONNECTED = 45,
    /// The datagram is too long.
    G_IO_ERROR_MESSAGE_TOO_LARGE = 46,
    /// The device is not there (any more).
    G_IO_ERROR_NO_SUCH_DEVICE = 47,
    /// The socket has no destination address, and none was given.
    G_IO_ERROR_DESTINATION_UNSET = 48,
}

/// Rows of the registered type: the value and its name. `ALIAS = VALUE` is a second name for a value.
macro_rules! rows {
    ($($name:ident $(= $value:ident)?),* $(,)?) => {
        [$((value_of!($name $(, $value)?) as c_int, literal(concat!(stringify!($name), "\0")))),*]
    };
}
macro_rules! value_of {
    ($name:ident) => {
        $name
    };
    ($name:ident, $value:ident) => {
        $value
    };
}

const VALUES: [(c_int, &CStr); 50] = rows![
    G_IO_ERROR_FAILED,
    G_IO_ERROR_NOT_FOUND,
    G_IO_ERROR_EXISTS,
    G_IO_ERROR_IS_DIRECTORY,
    G_IO_ERROR_NOT_DIRECTORY,
    G_IO_ERROR_NOT_EMPTY,
    G_IO_ERROR_NOT_REGULAR_FILE,
    G_IO_ERROR_NOT_SYMBOLIC_LINK,
    G_IO_ERROR_NOT_MOUNTABLE_FILE,
    G_IO_ERROR_FILENAME_TOO_LONG,
    G_IO_ERROR_INVALID_FILENAME,
    G_IO_ERROR_TOO_MANY_LINKS,
    G_IO_ERROR_NO_SPACE,
    G_IO_ERROR_INVALID_ARGUMENT,
    G_IO_ERROR_PERMISSION_DENIED,
    G_IO_ERROR_NOT_SUPPORTED,
    G_IO_ERROR_NOT_MOUNTED,
    G_IO_ERROR_ALREADY_MOUNTED,
    G_IO_ERROR_CLOSED,
    G_IO_ERROR_CANCELLED,
    G_IO_ERROR_PENDING,
    G_IO_ERROR_READ_ONLY,
    G_IO_ERROR_CANT_CREATE_BACKUP,
    G_IO_ERROR_WRONG_ETAG,
    G_IO_ERROR_TIMED_OUT,
    G_IO_ERROR_WOULD_RECURSE,
    G_IO_ERROR_BUSY,
    G_IO_ERROR_WOULD_BLOCK,
    G_IO_ERROR_HOST_NOT_FOUND,
    G_IO_ERROR_WOULD_MERGE,
    G_IO_ERROR_FAILED_HANDLED,
    G_IO_ERROR_TOO_MANY_OPEN_FILES,
    G_IO_ERROR_NOT_INITIALIZED,
    G_IO_ERROR_ADDRESS_IN_USE,
    G_IO_ERROR_PARTIAL_INPUT,
    G_IO_ERROR_INVALID_DATA,
    G_IO_ERROR_DBUS_ERROR,
    G_IO_ERROR_HOST_UNREACHABLE,
    G_IO_ERROR_NETWORK_UNREACHABLE,
    G_IO_ERROR_CONNECTION_REFUSED,
    G_IO_ERROR_PROXY_FAILED,
    G_IO_ERROR_PROXY_AUTH_FAILED,
    G_IO_ERROR_PROXY_NEED_AUTH,
    G_IO_ERROR_PROXY_NOT_ALLOWED,
    G_IO_ERROR_BROKEN_PIPE,
    G_IO_ERROR_CONNECTION_CLOSED = G_IO_ERROR_BROKEN_PIPE,
    G_IO_ERROR_NOT_CONNECTED,
    G_IO_ERROR_MESSAGE_TOO_LARGE,
    G_IO_ERROR_NO_SUCH_DEVICE,
    G_IO_ERROR_DESTINATION_UNSET,
];

pub(crate) fn type_() -> GType {
    static TYPE: Once = Once::new();
    if let Some(type_) = TYPE.get() {
        return type_;
    }
    let gios = detect::type_(c"g_io_error_enum_get_type");
    TYPE.get_or_find(|| {
        gios.unwrap_or_else(|| enumeration::register(c"GIOErrorEnum", c"G_IO_ERROR_", &VALUES))
    })
}

/// The error domain. GIO's own, so that errors match whichever library made them.
pub(crate) fn quark() -> GQuark {
    static QUARK: Once = Once::new();
    QUARK.get_or_find(|| enumeration::quark(c"g-io-error-quark") as usize) as GQuark
}

/// The error of an operation whose cancellable was cancelled.
pub(crate) fn cancelled() -> Error {
    Error::translated(
        quark(),
        G_IO_ERROR_CANCELLED as c_int,
        c"Operation was cancelled",
    )
}

/// The code for a number of the system's `errno`: what GLib's file-error code says, else our own table.
pub(crate) fn from_errno(errno: c_int) -> GIOErrorEnum {
    match from_file_error(enumeration::file_error_from_errno(errno)) {
        None | Some(G_IO_ERROR_FAILED) => from_other_errno(errno),
        Some(code) => code,
    }
}

/// Numbers that GLib has no file-error code for.
fn from_other_errno(errno: c_int) -> GIOErrorEnum {
    match errno {
        libc::EMLINK => G_IO_ERROR_TOO_MANY_LINKS,
        libc::ENOTEMPTY => G_IO_ERROR_NOT_EMPTY,
        libc::EBUSY => G_IO_ERROR_BUSY,
        libc::ETIMEDOUT => G_IO_ERROR_TIMED_OUT,
        libc::ECANCELED => G_IO_ERROR_CANCELLED,
        libc::ENOMSG | libc::ENODATA | libc::EBADMSG => G_IO_ERROR_INVALID_DATA,
        libc::ENOTSOCK => G_IO_ERROR_INVALID_ARGUMENT,
        libc::EOPNOTSUPP
        | libc::EPROTONOSUPPORT
        | libc::ESOCKTNOSUPPORT
        | libc::EPFNOSUPPORT
        | libc::EAFNOSUPPORT => G_IO_ERROR_NOT_SUPPORTED,
        libc::EADDRINUSE => G_IO_ERROR_ADDRESS_IN_USE,
        libc::ENETDOWN | libc::ENETUNREACH => G_IO_ERROR_NETWORK_UNREACHABLE,
        libc::EHOSTUNREACH => G_IO_ERROR_HOST_UNREACHABLE,
        libc::ECONNREFUSED | libc::EADDRNOTAVAIL => G_IO_ERROR_CONNECTION_REFUSED,
        libc::ECONNRESET => G_IO_ERROR_BROKEN_PIPE,
        libc::ENOTCONN => G_IO_ERROR_NOT_CONNECTED,
        libc::EMSGSIZE => G_IO_ERROR_MESSAGE_TOO_LARGE,
        libc::EDESTADDRREQ => G_IO_ERROR_DESTINATION_UNSET,
        _ => G_IO_ERROR_FAILED,
    }
}

/// The code for GLib's file-error code; `None` for a number that is none.
pub(crate) fn from_file_error(file_error: GFileError) -> Option<GIOErrorEnum> {
    Some(match file_error {
        glib_sys::G_FILE_ERROR_EXIST => G_IO_ERROR_EXISTS,
        glib_sys::G_FILE_ERROR_ISDIR => G_IO_ERROR_IS_DIRECTORY,
        glib_sys::G_FILE_ERROR_ACCES | glib_sys::G_FILE_ERROR_PERM => G_IO_ERROR_PERMISSION_DENIED,
        glib_sys::G_FILE_ERROR_NAMETOOLONG => G_IO_ERROR_FILENAME_TOO_LONG,
        glib_sys::G_FILE_ERROR_NOENT => G_IO_ERROR_NOT_FOUND,
        glib_sys::G_FILE_ERROR_NOTDIR => G_IO_ERROR_NOT_DIRECTORY,
        glib_sys::G_FILE_ERROR_NXIO => G_IO_ERROR_NOT_REGULAR_FILE,
        glib_sys::G_FILE_ERROR_NODEV => G_IO_ERROR_NO_SUCH_DEVICE,
        glib_sys::G_FILE_ERROR_ROFS => G_IO_ERROR_READ_ONLY,
        glib_sys::G_FILE_ERROR_TXTBSY => G_IO_ERROR_BUSY,
        glib_sys::G_FILE_ERROR_LOOP => G_IO_ERROR_TOO_MANY_LINKS,
        glib_sys::G_FILE_ERROR_NOSPC | glib_sys::G_FILE_ERROR_NOMEM => G_IO_ERROR_NO_SPACE,
        glib_sys::G_FILE_ERROR_MFILE | glib_sys::G_FILE_ERROR_NFILE => {
            G_IO_ERROR_TOO_MANY_OPEN_FILES
        }
        glib_sys::G_FILE_ERROR_INVAL => G_IO_ERROR_INVALID_ARGUMENT,
        glib_sys::G_FILE_ERROR_PIPE => G_IO_ERROR_BROKEN_PIPE,
        glib_sys::G_FILE_ERROR_AGAIN => G_IO_ERROR_WOULD_BLOCK,
        glib_sys::G_FILE_ERROR_NOSYS => G_IO_ERROR_NOT_SUPPORTED,
        glib_sys::G_FILE_ERROR_FAULT
        | glib_sys::G_FILE_ERROR_BADF
        | glib_sys::G_FILE_ERROR_INTR
        | glib_sys::G_FILE_ERROR_IO
        | glib_sys::G_FILE_ERROR_FAILED => G_IO_ERROR_FAILED,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Linux's numbers and the codes of GIO 2.74.6, each measured; the last two are newer.
    const MEASURED: [(c_int, c_int); 44] = [
        (libc::EPERM, 14),
        (libc::ENOENT, 1),
        (libc::ENXIO, 6),
        (libc::EAGAIN, 27),
        (libc::ENOMEM, 12),
        (libc::EACCES, 14),
        (libc::EBUSY, 26),
        (libc::EEXIST, 2),
        (libc::ENODEV, 47),
        (libc::ENOTDIR, 4),
        (libc::EISDIR, 3),
        (libc::EINVAL, 13),
        (libc::ENFILE, 31),
        (libc::EMFILE, 31),
        (libc::ETXTBSY, 26),
        (libc::ENOSPC, 12),
        (libc::EROFS, 21),
        (libc::EMLINK, 11),
        (libc::EPIPE, 44),
        (libc::ENAMETOOLONG, 9),
        (libc::ENOSYS, 15),
        (libc::ENOTEMPTY, 5),
        (libc::ELOOP, 11),
        (libc::ENOMSG, 35),
        (libc::ENODATA, 35),
        (libc::EBADMSG, 35),
        (libc::ENOTSOCK, 13),
        (libc::EMSGSIZE, 46),
        (libc::EPROTONOSUPPORT, 15),
        (libc::ESOCKTNOSUPPORT, 15),
        (libc::EOPNOTSUPP, 15),
        (libc::EPFNOSUPPORT, 15),
        (libc::EAFNOSUPPORT, 15),
        (libc::EADDRINUSE, 33),
        (libc::ENETDOWN, 38),
        (libc::ENETUNREACH, 38),
        (libc::ECONNRESET, 44),
        (libc::ENOTCONN, 45),
        (libc::ETIMEDOUT, 24),
        (libc::ECONNREFUSED, 39),
        (libc::EHOSTUNREACH, 37),
        (libc::ECANCELED, 19),
        (libc::EADDRNOTAVAIL, 39),
        (libc::EDESTADDRREQ, 48),
    ];

    #[test]
    fn every_errno_has_its_measured_code() {
        for errno in -3..4096 {
            let expected = MEASURED
                .iter()
                .find(|row| row.0 == errno)
                .map_or(0, |row| row.1);
            assert_eq!(from_errno(errno) as c_int, expected, "errno {errno}");
        }
    }

    #[test]
    fn every_file_error_has_its_measured_code() {
        const MEASURED: [c_int; 25] = [
            2, 3, 14, 9, 1, 4, 6, 47, 21, 26, 0, 11, 12, 12, 31, 31, 0, 13, 44, 27, 0, 0, 14, 15, 0,
        ];
        for (file_error, expected) in (0..).zip(MEASURED) {
            let code = from_file_error(file_error).map(|code| code as c_int);
            assert_eq!(code, Some(expected), "file error {file_error}");
        }
        assert_eq!(from_file_error(-1), None);
        assert_eq!(from_file_error(25), None);
    }

    #[test]
    fn the_type_lists_every_value_once_and_44_twice() {
        let values: Vec<c_int> = VALUES.iter().map(|row| row.0).collect();
        let expected: Vec<c_int> = (0..=44).chain(44..=48).collect();
        assert_eq!(values, expected);
    }
}
