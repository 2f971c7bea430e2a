//! The checks that every exported function makes of its arguments. Each is an expression: what returns, frees
//! or goes on stands in the function itself.

use std::ffi::{c_char, CStr};

use gobject_sys::GTypeInstance;

use crate::glib::hooks;
use crate::glib::log;
use crate::libgio::detect;

/// The typed view of an instance argument: `None` for NULL, and for what is no such instance.
///
/// ```text
/// let Some(task) = instance!(task: Task) else {
///     return forward_or_refuse!(g_task_get_name(task), c"G_IS_TASK (task)", null());
/// };
/// ```
macro_rules! instance {
    ($argument:ident : $class:ty) => {
        // SAFETY: the rule that all exports share: an instance argument is NULL or a live GTypeInstance.
        unsafe { <$class as $crate::gobject::object::Instance>::from_pointer($argument) }
    };
}
pub(crate) use instance;

/// As `instance!`, for an argument that may be NULL: what is no such instance is logged, and counts as NULL.
macro_rules! optional_instance {
    ($function:ident ($argument:ident : $class:ty), $text:literal) => {{
        let instance = $crate::gobject::precondition::instance!($argument: $class);
        if instance.is_none() && !$argument.is_null() {
            $crate::gobject::precondition::refuse_instance!($function($argument), $text);
        }
        instance
    }};
}
pub(crate) use optional_instance;

/// The same for an object of any class.
macro_rules! optional_object {
    ($function:ident ($argument:ident), $text:literal) => {
        // SAFETY: an object argument is NULL or a live GTypeInstance, too.
        if unsafe { $crate::gobject::object::is_null_or_object($argument) } {
            $argument
        } else {
            $crate::gobject::precondition::refuse_instance!($function($argument), $text);
            std::ptr::null_mut()
        }
    };
}
pub(crate) use optional_object;

/// The answer to a call whose first argument is no instance of ours: what libgio's function of the same name
/// answers, if libgio is used; else logs the failed assertion, and evaluates the last expression (`()` if
/// there is none).
macro_rules! forward_or_refuse {
    ($function:ident ($instance:ident $(, $argument:ident)*), $text:literal $(, $answer:expr)?) => {
        match $crate::libgio::forward::forward!($function($instance $(, $argument)*)) {
            Some(answer) => answer,
            None => {
                $crate::gobject::precondition::refuse_instance!($function($instance), $text $(, $answer)?)
            }
        }
    };
}
pub(crate) use forward_or_refuse;

/// For a function that needs no instance of the class. `Some`: the class is libgio's, and this is what
/// libgio's function answers. `None`: the class is ours, and is made if this is the first call.
macro_rules! forward_if_libgios {
    ($class:ty, $function:ident ($($argument:ident),*)) => {
        if <$class as $crate::gobject::object::Instance>::class().exists()
            || $crate::gobject::class::prepare::<$class>()
        {
            None
        } else {
            $crate::libgio::forward::forward!($function($($argument),*))
        }
    };
}
pub(crate) use forward_if_libgios;

/// Logs the failed assertion, then evaluates the last expression (`()` if there is none). Names the function
/// as a value, so that a wrong name does not compile.
macro_rules! refuse {
    ($function:ident, $text:literal $(, $answer:expr)?) => {{
        let _ = $function;
        $crate::gobject::precondition::refused(
            const { $crate::glib::string::literal(concat!(stringify!($function), "\0")) },
            $text,
        );
        $($answer)?
    }};
}
pub(crate) use refuse;

/// As `refuse!`, about an argument that had to be an instance: the checker says what it is instead.
macro_rules! refuse_instance {
    ($function:ident ($instance:ident), $text:literal $(, $answer:expr)?) => {{
        let _ = $function;
        $crate::gobject::precondition::refused_instance(
            const { $crate::glib::string::literal(concat!(stringify!($function), "\0")) },
            $text,
            $instance.cast(),
        );
        $($answer)?
    }};
}
pub(crate) use refuse_instance;

/// Logs that this place should not be reached, then evaluates the last expression.
macro_rules! not_reached {
    ($function:ident, $answer:expr) => {{
        let _ = $function;
        $crate::glib::log::critical(
            const {
                $crate::glib::string::literal(concat!(
                    "file ",
                    file!(),
                    ": line ",
                    line!(),
                    " (",
                    stringify!($function),
                    "): should not be reached\0"
                ))
            },
        );
        $answer
    }};
}
pub(crate) use not_reached;

/// Logs the failed assertion. A refused object may be libgio's, come too late.
#[cold]
pub(crate) fn refused(function: &CStr, text: &CStr) {
    report(function, text, std::ptr::null());
}

/// The same, of an argument that had to be an instance: NULL or a live one, by the rule that all exports share.
#[cold]
pub(crate) fn refused_instance(function: &CStr, text: &CStr, instance: *mut GTypeInstance) {
    let found = if hooks::are_watched() {
        // SAFETY: as the rule says.
        unsafe { gobject_sys::g_type_name_from_instance(instance) }
    } else {
        std::ptr::null()
    };
    report(function, text, found);
}

fn report(function: &CStr, text: &CStr, found: *const c_char) {
    if !hooks::report_refusal(function, text, found) {
        log::assertion_failed(function, text);
    }
    detect::notice_late_arrival();
}
