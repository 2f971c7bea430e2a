//! The checks that every exported function makes of its arguments.

use std::ffi::{c_void, CStr};
use std::ptr::NonNull;
use std::sync::atomic::{AtomicPtr, Ordering};

/// Checks an instance argument and yields the typed reference; on a violation logs the assertion and returns
/// the function's neutral value. An object of libgio's, to which we stepped back, is handed to libgio's function of the
/// same name, with all the other arguments. What was handed over to a refused call is freed by the last expression.
///
/// ```text
/// let task = instance!(g_task_set_name(task: Task, name), c"G_IS_TASK (task)");
/// let task = instance!(g_task_get_name(task: Task), c"G_IS_TASK (task)", null());
/// let task = instance!(g_task_return_error(task: Task, error), c"G_IS_TASK (task)"; drop(Error::adopt(error)));
/// ```
macro_rules! instance {
    (
        $function:ident ($argument:ident : $class:ty $(, $other:ident)* $(,)?),
        $text:literal $(, $neutral:expr)? $(; $free:expr)? $(,)?
    ) => {
        // SAFETY: the rule that all exports share: an instance argument is NULL or a live GTypeInstance.
        match unsafe { <$class as $crate::glib::object::Instance>::from_pointer($argument) } {
            Some(instance) => instance,
            None => {
                $crate::glib::precondition::forward!($function($argument $(, $other)*));
                $($free;)?
                $crate::glib::precondition::refuse!($function, $text $(, $neutral)?)
            }
        }
    };
}
pub(crate) use instance;

/// In a function that needs no instance of the class: if the class is libgio's, hands the call to libgio's function.
/// Otherwise makes the class, if it is the first call.
macro_rules! unless_beside_gio {
    ($class:ty, $function:ident ($($argument:ident),* $(,)?)) => {
        if !<$class as $crate::glib::object::Instance>::class().exists()
            && !$crate::glib::class::prepare::<$class>()
        {
            $crate::glib::precondition::forward!($function($($argument),*));
        }
    };
}
pub(crate) use unless_beside_gio;

/// Returns what libgio's function of the same name returns, if we stepped back to libgio.
macro_rules! forward {
    ($function:ident ($($argument:ident),*)) => {
        static FUNCTION: $crate::glib::precondition::Forward =
            $crate::glib::precondition::Forward::new($crate::glib::precondition::c_name(
                concat!(stringify!($function), "\0"),
            ));
        if let Some(function) = FUNCTION.get() {
            // SAFETY: libgio's function of this name takes and returns the same types.
            return unsafe {
                std::mem::transmute::<
                    *mut std::ffi::c_void,
                    unsafe extern "C" fn($($crate::glib::precondition::inferred!($argument)),*) -> _,
                >(function.as_ptr())($($argument),*)
            };
        }
    };
}
pub(crate) use forward;

macro_rules! inferred {
    ($argument:ident) => {
        _
    };
}
pub(crate) use inferred;

/// Checks an instance argument that may be NULL and without which the function goes on: what is no such instance is
/// logged, and counts as NULL.
macro_rules! optional_instance {
    ($function:ident ($argument:ident : $class:ty), $text:literal) => {{
        let _ = $function;
        // SAFETY: the rule that all exports share: an instance argument is NULL or a live GTypeInstance.
        let instance = unsafe { <$class as $crate::glib::object::Instance>::from_pointer($argument) };
        if instance.is_none() && !$argument.is_null() {
            $crate::glib::precondition::refused(
                const { $crate::glib::precondition::c_name(concat!(stringify!($function), "\0")) },
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
        $crate::glib::precondition::refused(
                const { $crate::glib::precondition::c_name(concat!(stringify!($function), "\0")) },
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
        $crate::glib::log::critical(const { $crate::glib::precondition::c_name(concat!(
            "file ", file!(), ": line ", line!(), " (", stringify!($function), "): should not be reached\0"
        )) });
        return $($neutral)?;
    }};
}
pub(crate) use not_reached;

/// A text that ends with a zero, as C has it. Found out when it is compiled.
pub(crate) const fn c_name(text: &'static str) -> &'static CStr {
    match CStr::from_bytes_with_nul(text.as_bytes()) {
        Ok(name) => name,
        Err(_) => panic!("a name ends with a zero"),
    }
}

/// Logs the assertion. A refused object may be libgio's, come too late.
#[cold]
pub(crate) fn refused(function: &'static CStr, text: &'static CStr) {
    super::log::assertion_failed(function, text);
    super::beside::notice_late_arrival();
}

/// A function of libgio's, looked for until it is found.
pub(crate) struct Forward {
    name: &'static CStr,
    found: AtomicPtr<c_void>,
}

impl Forward {
    pub(crate) const fn new(name: &'static CStr) -> Self {
        Self {
            name,
            found: AtomicPtr::new(std::ptr::null_mut()),
        }
    }

    #[cold]
    pub(crate) fn get(&self) -> Option<NonNull<c_void>> {
        NonNull::new(self.found.load(Ordering::Acquire)).or_else(|| {
            let function = super::beside::function(self.name)?;
            self.found.store(function.as_ptr(), Ordering::Release);
            Some(function)
        })
    }
}
