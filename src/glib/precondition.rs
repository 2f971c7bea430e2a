//! The checks that every exported function makes of its arguments.

/// Checks an instance argument and yields the typed reference; on a violation logs the assertion and returns
/// the function's neutral value.
///
/// ```text
/// let task = instance!(g_task_get_name(task: Task), c"G_IS_TASK (task)", null());
/// ```
macro_rules! instance {
    ($function:ident ($argument:ident : $class:ty), $text:literal $(, $neutral:expr)?) => {
        // SAFETY: the rule that all exports share: an instance argument is NULL or a live GTypeInstance.
        match unsafe { <$class as $crate::glib::object::Instance>::from_pointer($argument) } {
            Some(instance) => instance,
            None => $crate::glib::precondition::refuse!($function, $text $(, $neutral)?),
        }
    };
}
pub(crate) use instance;

/// Checks an instance argument that may be NULL and without which the function goes on: what is no such instance is
/// logged, and counts as NULL.
macro_rules! optional_instance {
    ($function:ident ($argument:ident : $class:ty), $text:literal) => {{
        let _ = $function;
        // SAFETY: the rule that all exports share: an instance argument is NULL or a live GTypeInstance.
        let instance = unsafe { <$class as $crate::glib::object::Instance>::from_pointer($argument) };
        if instance.is_none() && !$argument.is_null() {
            $crate::glib::log::assertion_failed(
                $crate::glib::precondition::c_name(concat!(stringify!($function), "\0")),
                $text,
            );
        }
        instance
    }};
}
pub(crate) use optional_instance;

/// Checks a condition; on a violation logs the assertion and returns the function's neutral value.
macro_rules! require {
    ($function:ident, $condition:expr, $text:literal $(, $neutral:expr)?) => {
        if !$condition {
            $crate::glib::precondition::refuse!($function, $text $(, $neutral)?)
        }
    };
}
pub(crate) use require;

/// Logs the assertion and returns. Names the function as a value, so that a wrong name does not compile.
macro_rules! refuse {
    ($function:ident, $text:literal $(, $neutral:expr)?) => {{
        let _ = $function;
        $crate::glib::log::assertion_failed(
            $crate::glib::precondition::c_name(concat!(stringify!($function), "\0")),
            $text,
        );
        return $($neutral)?;
    }};
}
pub(crate) use refuse;

/// Logs that this place should not be reached, and returns.
macro_rules! not_reached {
    ($function:ident $(, $neutral:expr)?) => {{
        let _ = $function;
        $crate::glib::log::critical($crate::glib::precondition::c_name(concat!(
            "file ", file!(), ": line ", line!(), " (", stringify!($function), "): should not be reached\0"
        )));
        return $($neutral)?;
    }};
}
pub(crate) use not_reached;

pub(crate) fn c_name(text: &'static str) -> &'static std::ffi::CStr {
    std::ffi::CStr::from_bytes_until_nul(text.as_bytes()).unwrap_or_default()
}
