//! What is done when the library is loaded.

use super::fork;
use crate::glib::{environment, hooks};
use crate::libgio::detect;

/// The dynamic linker calls what this section points to, before a program's own constructors and handlers.
#[used]
#[link_section = ".init_array"]
static AT_LOAD: extern "C" fn() = {
    extern "C" fn at_load() {
        detect::at_load();
        fork::prepare();
        if let Some(words) = environment::debug() {
            hooks::load_checker(&words, detect::has_dynamic_linker());
        }
    }
    at_load
};
