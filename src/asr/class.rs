//! The class of the cancellables that this floor makes: one like any other, that is told when it is
//! cancelled and when it ends. Programs see a GCancellable.

use std::mem::MaybeUninit;
use std::ptr::null_mut;
use std::sync::atomic::{AtomicPtr, Ordering};

use glib_sys::{gpointer, GType};
use gobject_sys::{GObject, GObjectClass, GTypeInstance};

use super::links;
use super::public::{self, GCancellable};
use super::state::{member_of, Member, OFFSET, TYPE};

/// The beginning of GCancellableClass.
#[repr(C)]
struct CancellableClass {
    parent_class: GObjectClass,
    cancelled: Option<unsafe extern "C" fn(cancellable: *mut GCancellable)>,
}

/// A new one, not cancelled. The caller owns it.
pub(super) fn create() -> (*mut GCancellable, *mut Member) {
    // SAFETY: the type is of the class below, and has no properties.
    unsafe {
        let object: *mut GCancellable =
            gobject_sys::g_object_new_with_properties(type_(), 0, null_mut(), null_mut()).cast();
        match member_of(object) {
            Some(member) => (object, member),
            None => unreachable!(),
        }
    }
}

fn type_() -> GType {
    let known = TYPE.load(Ordering::Acquire);
    if known != 0 {
        return known;
    }
    // SAFETY: GLib's way to do something once.
    unsafe {
        let once = TYPE.as_ptr().cast();
        if glib_sys::g_once_init_enter(once) != glib_sys::GFALSE {
            glib_sys::g_once_init_leave(once, register());
        }
    }
    TYPE.load(Ordering::Acquire)
}

static PARENT_CLASS: AtomicPtr<GObjectClass> = AtomicPtr::new(null_mut());

fn register() -> GType {
    // SAFETY: the functions are those of such a class, and the sizes are the parent's.
    unsafe {
        let parent = public::g_cancellable_get_type();
        let mut query = MaybeUninit::uninit();
        gobject_sys::g_type_query(parent, query.as_mut_ptr());
        let query = query.assume_init();
        let type_ = gobject_sys::g_type_register_static_simple(
            parent,
            c"AsrCancellable".as_ptr(),
            query.class_size,
            Some(class_init),
            query.instance_size,
            Some(instance_init),
            gobject_sys::G_TYPE_FLAG_FINAL,
        );
        let offset = gobject_sys::g_type_add_instance_private(type_, size_of::<Member>());
        OFFSET.store(offset as isize, Ordering::Relaxed);
        // So the class is there, which settles the offset, before the first instance; and stays.
        gobject_sys::g_type_class_ref(type_);
        type_
    }
}

unsafe extern "C" fn class_init(class: gpointer, _data: gpointer) {
    // SAFETY: called once, with the class.
    unsafe {
        let mut offset = OFFSET.load(Ordering::Relaxed) as i32;
        gobject_sys::g_type_class_adjust_private_offset(class, &mut offset);
        OFFSET.store(offset as isize, Ordering::Relaxed);
        let parent = gobject_sys::g_type_class_peek_parent(class);
        PARENT_CLASS.store(parent.cast(), Ordering::Relaxed);
        let class: *mut CancellableClass = class.cast();
        (*class).cancelled = Some(cancelled);
        (*class).parent_class.dispose = Some(dispose);
    }
}

unsafe extern "C" fn instance_init(instance: *mut GTypeInstance, _class: gpointer) {
    // SAFETY: the memory is there, and the class is the last one of the instance.
    unsafe {
        let offset = OFFSET.load(Ordering::Relaxed);
        Member::init(instance.byte_offset(offset).cast(), instance.cast());
    }
}

/// Called behind the handlers of the program.
unsafe extern "C" fn cancelled(cancellable: *mut GCancellable) {
    // SAFETY: an instance of the class, which the emission keeps.
    unsafe {
        if let Some(member) = member_of(cancellable) {
            links::cancelled(member);
        }
    }
}

/// The parent's comes first: it ends the handlers, which could still link something.
unsafe extern "C" fn dispose(object: *mut GObject) {
    // SAFETY: GObject calls this with a reference of its own, which is the last one.
    unsafe {
        if let Some(dispose) = (*PARENT_CLASS.load(Ordering::Relaxed)).dispose {
            dispose(object);
        }
        if let Some(member) = member_of(object.cast()) {
            links::leave(member);
            Member::await_claims(member);
        }
    }
}
