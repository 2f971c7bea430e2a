//! `g_initable_*`: objects whose initialization may fail. Making them with properties: `construction.c`.

use glib_sys::{gboolean, GError, GType, GFALSE};

use crate::classes::cancellable::GCancellable;
use crate::classes::initable::Initable;
use crate::gobject::object::Instance;
use crate::gobject::precondition::{instance, refuse, refuse_instance};
use crate::libgio::forward::forward;

pub use crate::classes::initable::{GInitable, GInitableIface};

/// The type of the interface; registered on the first call.
///
/// Any thread.
#[no_mangle]
pub extern "C" fn g_initable_get_type() -> GType {
    Initable::type_()
}

/// Initializes an object, and says whether that succeeded; it may block.
///
/// Calls the method of the class of `initable`, in this thread. `cancellable` may be NULL, and is the
/// method's to watch. If it fails, `error`, which may be NULL, gets an error that belongs to the caller, and
/// the object can only be dropped. A class says whether it may be called twice. Whoever makes objects with
/// g_initable_new() need not call it.
#[no_mangle]
pub unsafe extern "C" fn g_initable_init(
    initable: *mut GInitable,
    cancellable: *mut GCancellable,
    error: *mut *mut GError,
) -> gboolean {
    if let Some(answer) = forward!(g_initable_init(initable, cancellable, error)) {
        return answer;
    }
    let Some(initable) = instance!(initable: Initable) else {
        return refuse_instance!(
            g_initable_init(initable),
            c"G_IS_INITABLE (initable)",
            GFALSE
        );
    };
    // SAFETY: the caller's own arguments, by the rules that all exports share.
    let succeeded = unsafe { initable.init(cancellable, error) };
    succeeded.unwrap_or_else(|| refuse!(g_initable_init, c"iface->init != NULL", GFALSE))
}
