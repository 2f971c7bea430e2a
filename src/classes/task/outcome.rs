//! What a task returned.

use std::ffi::c_void;
use std::mem::replace;

use glib_sys::{gboolean, gpointer};
use gobject_sys::GValue;

use crate::glib::callback::Owned;
use crate::glib::error::Error;
use crate::glib::value::OwnedValue;

/// The result of a task. What nobody takes out of it is freed with it.
pub(crate) enum Outcome {
    Empty,
    Pointer(Owned),
    Int(isize),
    /// As the task got it: C's truth has many values, and callers get back the one they gave.
    Boolean(gboolean),
    Value(OwnedValue),
    Error(Error),
}

// SAFETY: as the task, what it returned may be used and released by any thread that has it.
unsafe impl Send for Outcome {}

/// What a truth value and a number share.
union Bits {
    whole: isize,
    truth: gboolean,
}

impl Outcome {
    /// Moves the pointer out: it is the caller's now. Other kinds answer the bits they are made of.
    pub(crate) fn take_pointer(&mut self) -> gpointer {
        match replace(self, Self::Empty) {
            Self::Pointer(owned) => owned.into_data(),
            Self::Value(value) => value.into_raw().cast(),
            other => {
                *self = other;
                self.bits() as gpointer
            }
        }
    }

    pub(crate) fn take_int(&mut self) -> isize {
        self.bits()
    }

    pub(crate) fn take_boolean(&mut self) -> gboolean {
        let bits = Bits { whole: self.bits() };
        // SAFETY: all bytes are set, and every pattern is a number.
        unsafe { bits.truth }
    }

    /// Moves the value to the caller's place. Says whether there was one.
    ///
    /// # Safety
    /// `destination` is a place for a GValue, and holds nothing that needs freeing.
    pub(crate) unsafe fn take_value(&mut self, destination: *mut GValue) -> bool {
        match replace(self, Self::Empty) {
            Self::Value(value) => {
                // SAFETY: as the caller ensures.
                unsafe { value.move_to(destination) };
                true
            }
            other => {
                *self = other;
                false
            }
        }
    }

    /// Whether no code of a program runs when it is dropped.
    pub(crate) fn is_plain(&self) -> bool {
        match self {
            Self::Pointer(owned) => owned.is_never_destroyed(),
            Self::Value(_) | Self::Error(_) => false,
            Self::Empty | Self::Int(_) | Self::Boolean(_) => true,
        }
    }

    /// Where what it owns is; NULL if it owns nothing that a program could hold as well.
    pub(crate) fn address(&self) -> *mut c_void {
        match self {
            Self::Pointer(owned) => owned.data(),
            Self::Error(error) => error.as_ptr().cast(),
            _ => std::ptr::null_mut(),
        }
    }

    /// A program that asks for another type than was returned gets what a C union of these types holds: a
    /// truth value is its first bytes, and the others are zero. What the outcome owns stays with it.
    #[inline]
    fn bits(&self) -> isize {
        match self {
            Self::Pointer(owned) => owned.data() as isize,
            Self::Int(number) => *number,
            Self::Boolean(truth) => {
                let mut bits = Bits { whole: 0 };
                bits.truth = *truth;
                // SAFETY: all bytes are set, and every pattern is a number.
                unsafe { bits.whole }
            }
            Self::Value(value) => value.as_ptr() as isize,
            Self::Empty | Self::Error(_) => 0,
        }
    }
}
