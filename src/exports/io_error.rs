//! `g_io_error_*`: the error domain of GIO, and its codes.

use std::ffi::c_int;

use glib_sys::{GFileError, GQuark, GType};

use crate::classes::io_error;
use crate::gobject::precondition::not_reached;

pub use crate::classes::io_error::GIOErrorEnum;

/// The type of GIOErrorEnum; registered on the first call.
///
/// Any thread.
#[no_mangle]
pub extern "C" fn g_io_error_enum_get_type() -> GType {
    io_error::type_()
}

/// The error domain of GIO, which libgio's own errors have too.
///
/// Any thread.
#[no_mangle]
pub extern "C" fn g_io_error_quark() -> GQuark {
    io_error::quark()
}

/// The code for a number of `errno`; G_IO_ERROR_FAILED if there is none.
///
/// Does not read `errno` itself. May be called from any thread.
#[no_mangle]
pub extern "C" fn g_io_error_from_errno(err_no: c_int) -> GIOErrorEnum {
    io_error::from_errno(err_no)
}

/// The code for one of GLib's file error codes; G_IO_ERROR_FAILED if there is none.
///
/// A number that is no GFileError is a critical. May be called from any thread.
#[no_mangle]
pub extern "C" fn g_io_error_from_file_error(file_error: GFileError) -> GIOErrorEnum {
    match io_error::from_file_error(file_error) {
        Some(code) => code,
        None => not_reached!(g_io_error_from_file_error, GIOErrorEnum::G_IO_ERROR_FAILED),
    }
}
