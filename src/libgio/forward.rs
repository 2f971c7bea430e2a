//! Calling libgio's function of the same name.

use std::ffi::{c_void, CStr};
use std::ptr::NonNull;
use std::sync::atomic::{AtomicPtr, Ordering};

use super::detect;

/// What libgio's function of the same name answers; `None` if libgio is not used, or has no such function.
macro_rules! forward {
    ($function:ident ($($argument:ident),*)) => {{
        static FUNCTION: $crate::libgio::forward::Function = $crate::libgio::forward::Function::new(
            $crate::glib::string::literal(concat!(stringify!($function), "\0")),
        );
        FUNCTION.get().map(|function| {
            // SAFETY: libgio's function of this name takes and returns the same types.
            unsafe {
                std::mem::transmute::<
                    *mut std::ffi::c_void,
                    unsafe extern "C" fn($($crate::libgio::forward::inferred!($argument)),*) -> _,
                >(function.as_ptr())($($argument),*)
            }
        })
    }};
}
pub(crate) use forward;

macro_rules! inferred {
    ($argument:ident) => {
        _
    };
}
pub(crate) use inferred;

/// A function of libgio's, looked for until it is found.
pub(crate) struct Function {
    name: &'static CStr,
    found: AtomicPtr<c_void>,
}

impl Function {
    pub(crate) const fn new(name: &'static CStr) -> Self {
        Self {
            name,
            found: AtomicPtr::new(std::ptr::null_mut()),
        }
    }

    #[cold]
    pub(crate) fn get(&self) -> Option<NonNull<c_void>> {
        NonNull::new(self.found.load(Ordering::Acquire)).or_else(|| {
            let function = detect::function(self.name)?;
            self.found.store(function.as_ptr(), Ordering::Release);
            Some(function)
        })
    }
}
