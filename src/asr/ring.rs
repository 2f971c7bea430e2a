//! Lists whose elements are parts of larger structures: an element is appended and taken out at once,
//! wherever it stands. A list is a ring of its head and its elements.

pub(super) struct Ring {
    previous: *mut Ring,
    next: *mut Ring,
}

/// # Safety
/// For all functions: heads and elements are where they were made until they are taken out, and one thread
/// at a time uses a list.
impl Ring {
    pub(super) const fn unset() -> Self {
        Self {
            previous: std::ptr::null_mut(),
            next: std::ptr::null_mut(),
        }
    }

    /// Makes an empty list of a head.
    pub(super) unsafe fn init(head: *mut Self) {
        // SAFETY: see above.
        unsafe {
            (*head).previous = head;
            (*head).next = head;
        }
    }

    pub(super) unsafe fn first(head: *mut Self) -> Option<*mut Self> {
        // SAFETY: see above.
        let first = unsafe { (*head).next };
        (first != head).then_some(first)
    }

    pub(super) unsafe fn last(head: *mut Self) -> Option<*mut Self> {
        // SAFETY: see above.
        let last = unsafe { (*head).previous };
        (last != head).then_some(last)
    }

    /// The element in front of another one.
    pub(super) unsafe fn before(head: *mut Self, element: *mut Self) -> Option<*mut Self> {
        // SAFETY: see above.
        let previous = unsafe { (*element).previous };
        (previous != head).then_some(previous)
    }

    /// The element behind another one.
    pub(super) unsafe fn after(head: *mut Self, element: *mut Self) -> Option<*mut Self> {
        // SAFETY: see above.
        let next = unsafe { (*element).next };
        (next != head).then_some(next)
    }

    /// Behind an element, or in front of all of them: behind the head.
    pub(super) unsafe fn insert_behind(place: *mut Self, element: *mut Self) {
        // SAFETY: see above.
        unsafe {
            let next = (*place).next;
            (*element).previous = place;
            (*element).next = next;
            (*place).next = element;
            (*next).previous = element;
        }
    }

    pub(super) unsafe fn append(head: *mut Self, element: *mut Self) {
        // SAFETY: see above.
        unsafe { Self::insert_behind((*head).previous, element) };
    }

    pub(super) unsafe fn remove(element: *mut Self) {
        // SAFETY: see above.
        unsafe {
            (*(*element).previous).next = (*element).next;
            (*(*element).next).previous = (*element).previous;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Ring;

    /// What stands in the list, by the elements' places in the array.
    unsafe fn list(head: *mut Ring, elements: &[Ring; 3]) -> Vec<usize> {
        let start = elements.as_ptr();
        let mut found = Vec::new();
        // SAFETY: all of them are the test's.
        unsafe {
            let mut next = Ring::first(head);
            while let Some(element) = next {
                found.push(element.cast_const().offset_from(start) as usize);
                next = Ring::after(head, element);
            }
        }
        found
    }

    #[test]
    fn elements_come_and_go_anywhere() {
        let mut head = Ring::unset();
        let mut elements = [Ring::unset(), Ring::unset(), Ring::unset()];
        let head = &raw mut head;
        // SAFETY: none of them moves.
        unsafe {
            Ring::init(head);
            assert_eq!(list(head, &elements), []);
            for element in 0..3 {
                Ring::append(head, (&raw mut elements).cast::<Ring>().add(element));
            }
            assert_eq!(list(head, &elements), [0, 1, 2]);
            Ring::remove((&raw mut elements).cast::<Ring>().add(1));
            assert_eq!(list(head, &elements), [0, 2]);
            Ring::remove((&raw mut elements).cast::<Ring>());
            Ring::append(head, (&raw mut elements).cast::<Ring>());
            assert_eq!(list(head, &elements), [2, 0]);
            Ring::insert_behind(head, (&raw mut elements).cast::<Ring>().add(1));
            assert_eq!(list(head, &elements), [1, 2, 0]);
        }
    }
}
