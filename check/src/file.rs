//! The files whose code is in the process. This is part of the checker and of the recorder.

use std::ffi::{c_int, c_void, CStr};
use std::ops::Range;

/// A file that the dynamic linker has mapped.
pub(crate) struct File {
    /// Its path; empty for the program.
    pub(crate) name: String,
    /// What its addresses are added to.
    pub(crate) base: usize,
    pub(crate) range: Range<usize>,
}

impl File {
    pub(crate) fn around(address: usize) -> Option<Self> {
        struct Search {
            address: usize,
            found: Option<File>,
        }
        unsafe extern "C" fn look(
            file: *mut libc::dl_phdr_info,
            _size: usize,
            search: *mut c_void,
        ) -> c_int {
            // SAFETY: the dynamic linker passes a file that it knows, and what it was given.
            unsafe {
                let search = &mut *search.cast::<Search>();
                let base = (*file).dlpi_addr as usize;
                let count = (*file).dlpi_phnum.into();
                let headers = std::slice::from_raw_parts((*file).dlpi_phdr, count);
                let segments = headers
                    .iter()
                    .filter(|header| header.p_type == libc::PT_LOAD)
                    .map(|header| {
                        let start = base + header.p_vaddr as usize;
                        start..start + header.p_memsz as usize
                    });
                let mut all = segments.clone();
                if !all.any(|segment| segment.contains(&search.address)) {
                    return 0;
                }
                let start = segments.clone().map(|segment| segment.start).min();
                let end = segments.map(|segment| segment.end).max();
                search.found = Some(File {
                    name: CStr::from_ptr((*file).dlpi_name)
                        .to_string_lossy()
                        .into_owned(),
                    base,
                    range: start.unwrap_or(0)..end.unwrap_or(0),
                });
                1
            }
        }
        let mut search = Search {
            address,
            found: None,
        };
        // SAFETY: the callback gets what it expects.
        unsafe { libc::dl_iterate_phdr(Some(look), (&raw mut search).cast()) };
        search.found
    }
}
