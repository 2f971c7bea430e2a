//! An intrusive list: the links are part of the members, so joining and leaving allocate nothing, and take the
//! same time however many members there are. The list has no lock: that of its owner covers the links, too.

use std::ops::Deref;
use std::ptr::NonNull;

use super::sync::Cell;

/// A pointer to something that stays where it is for as long as the pointer is used.
pub(crate) struct Pinned<T>(NonNull<T>);

impl<T> Clone for Pinned<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Pinned<T> {}

impl<T> PartialEq for Pinned<T> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

impl<T> Pinned<T> {
    /// # Safety
    /// `target` is alive, and stays where it is, whenever this pointer or a copy of it is used: so in
    /// particular while it is in a list.
    pub(crate) unsafe fn new(target: NonNull<T>) -> Self {
        Self(target)
    }

    pub(crate) fn as_ptr(self) -> *mut T {
        self.0.as_ptr()
    }
}

impl<T> Deref for Pinned<T> {
    type Target = T;

    fn deref(&self) -> &T {
        // SAFETY: `new` was promised that the target is there.
        unsafe { self.0.as_ref() }
    }
}

/// The neighbours of a member. The members form a ring. Something that is in no list has none.
pub(crate) struct Links<T> {
    next: Cell<Option<Pinned<T>>>,
    previous: Cell<Option<Pinned<T>>>,
}

impl<T> Links<T> {
    pub(crate) fn new() -> Self {
        Self {
            next: Cell::new(None),
            previous: Cell::new(None),
        }
    }

    pub(crate) fn are_used(&self) -> bool {
        self.next.get().is_some()
    }
}

/// What can be a member of one list at a time.
pub(crate) trait Member: Sized {
    fn links(&self) -> &Links<Self>;
}

/// Members in the order in which they came.
pub(crate) struct List<T> {
    first: Option<Pinned<T>>,
}

impl<T: Member> List<T> {
    pub(crate) const fn new() -> Self {
        Self { first: None }
    }

    pub(crate) fn first(&self) -> Option<Pinned<T>> {
        self.first
    }

    /// Appends what is in no list.
    #[inline]
    pub(crate) fn append(&mut self, member: Pinned<T>) {
        debug_assert!(!member.links().are_used());
        let first = *self.first.get_or_insert(member);
        let last = first.links().previous.get().unwrap_or(member);
        member.links().next.set(Some(first));
        member.links().previous.set(Some(last));
        last.links().next.set(Some(member));
        first.links().previous.set(Some(member));
    }

    /// Takes a member of this list out. Nothing happens to what is in no list.
    #[inline]
    pub(crate) fn remove(&mut self, member: Pinned<T>) {
        let links = member.links();
        let (Some(next), Some(previous)) = (links.next.take(), links.previous.take()) else {
            return;
        };
        if next == member {
            self.first = None;
            return;
        }
        previous.links().next.set(Some(next));
        next.links().previous.set(Some(previous));
        if self.first == Some(member) {
            self.first = Some(next);
        }
    }

    /// The members, in the order in which they came. The list must not change meanwhile.
    pub(crate) fn iter(&self) -> impl Iterator<Item = Pinned<T>> {
        let first = self.first;
        std::iter::successors(first, move |member| {
            member
                .links()
                .next
                .get()
                .filter(|next| Some(*next) != first)
        })
    }
}
