//! What is done when the library is loaded.

use super::fork;
use crate::glib::hooks::load::{CHECKER, RECORDER};
use crate::libgio::detect;

/// The dynamic linker calls what this section points to, before a program's own constructors and handlers.
/// In Miri it does not: dladdr(), which is called there, is unknown to it.
#[used]
#[cfg_attr(not(miri), link_section = ".init_array")]
static AT_LOAD: extern "C" fn() = {
    extern "C" fn at_load() {
        detect::at_load();
        fork::prepare();
        for watcher in [&CHECKER, &RECORDER] {
            watcher.load_if_asked(detect::has_dynamic_linker);
        }
    }
    at_load
};
