//! When a result reaches its callback: now, or in a later iteration of its context.
//!
//! Results that are deferred to one context at one priority share a *batch*: one event source, one wake-up. The first
//! result makes the batch and attaches it; later ones are appended, as long as no other source of that priority stands
//! behind it: so each result keeps the place that a source of its own would have. An iteration delivers what is there
//! when it looks for sources that are ready; what arrives from then on goes into a later one. The batch then stays with
//! its context for a few iterations, as the next result often follows soon. The source itself is in `batch.rs`.

mod batch;

use std::collections::{BTreeMap, VecDeque};
use std::ffi::{c_int, c_void};

use glib_sys::GMainContext;

use super::sync::{lock, shared, Mutex, Rank};
use crate::glib::context;
use crate::glib::source::{self, SourceWith};
use batch::{Batch, Standing};

/// What decides whether a result is delivered before `g_task_return_*()` returns.
#[derive(Clone, Copy)]
struct Situation {
    /// This thread is dispatching a source of the task's context.
    in_context: bool,
    /// That source became ready after the task was created: this is a later iteration.
    later_iteration: bool,
    /// The task's cancellable is cancelled, perhaps by the function that calls us: it must not be re-entered.
    cancelled: bool,
}

fn is_deliverable_now(situation: Situation) -> bool {
    situation.in_context && situation.later_iteration && !situation.cancelled
}

/// What this thread is dispatching. When a batch drops the references to what it has delivered, nothing is being
/// dispatched any more: with a source for each result, that one would be gone by then.
fn dispatching() -> Option<context::Dispatching> {
    context::dispatching().filter(|current| !batch::is_releasing(current.source))
}

/// The time of the source that this thread is dispatching; 0 if it is dispatching none.
pub(crate) fn current_time() -> i64 {
    dispatching().map_or(0, |current| current.time)
}

/// Whether this thread is dispatching a source of another context, one that has not been destroyed meanwhile.
pub(crate) fn is_dispatching_elsewhere(context: *mut GMainContext) -> bool {
    dispatching().is_some_and(|current| {
        // SAFETY: the current source is alive.
        current.context != context && !unsafe { source::is_destroyed(current.source) }
    })
}

/// Whether a result for `context`, of a task created at `creation_time`, is delivered in this very call.
pub(crate) fn deliver_now(context: *mut GMainContext, creation_time: i64, cancelled: bool) -> bool {
    dispatching().is_some_and(|current| {
        is_deliverable_now(Situation {
            in_context: current.context == context,
            later_iteration: current.time > creation_time,
            cancelled,
        })
    })
}

/// What is to be done with an item: first the one and then the other, or only the last.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Step {
    /// In a later iteration of the context, on the thread that iterates it: call whoever waits, keep the reference.
    Deliver,
    /// Right after that: drop the reference.
    Release,
    /// The batch was destroyed before that: drop the reference, call nobody.
    Abandon,
}

/// Something to finish in a context: a strong reference as a raw pointer, and what to do with it.
pub(crate) struct Item {
    pub(crate) object: *mut c_void,
    pub(crate) finish: unsafe fn(*mut c_void, Step),
}

impl Item {
    /// # Safety
    /// Called by whoever took the item out of its batch, for the steps in their order.
    unsafe fn take(&self, step: Step) {
        // SAFETY: `defer` was promised that this call is allowed.
        unsafe { (self.finish)(self.object, step) };
    }
}

/// Finishes `item` in a later iteration of `context`, at `priority`, in the order of these calls.
///
/// # Safety
/// The item's object may be used and released on whichever thread iterates, or destroys, the context. The context is
/// alive until this returns, or until the item has ended: a reference that the item itself holds will do.
pub(crate) unsafe fn defer(context: *mut GMainContext, priority: c_int, item: Item) {
    let key = Key {
        context: context as usize,
        priority,
    };
    let mut open = lock(key.shard());
    let mut items = VecDeque::new();
    if let Some(&OpenBatch(batch)) = open.get(&key) {
        // SAFETY: a batch in the map is alive, and under the map's lock what others write there is ours.
        unsafe {
            let data = &(*batch).data;
            match data.standing(batch.cast(), context) {
                Standing::Last => return data.append(item, context),
                Standing::NotLast => data.shut(),
                Standing::Destroyed => items = data.shut_and_empty(),
            }
        }
    }
    items.push_back(item);
    // SAFETY: the context is alive, as the caller vouches.
    unsafe { batch::open(&mut open, key, items) };
}

/// Where sources are attached of which there is one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Key {
    /// The context's address.
    pub(crate) context: usize,
    pub(crate) priority: c_int,
}

impl Key {
    fn shard(self) -> &'static Mutex<OpenBatches> {
        // The lowest bits of an address tell nothing.
        &OPEN[(self.context >> 6) % SHARDS]
    }
}

/// A batch to which results are still appended, not owned. Removed when another takes its place, when it has not been
/// used for a while, or when it is finalized.
struct OpenBatch(*mut SourceWith<Batch>);

// SAFETY: the pointer is used under the lock of the map that holds it.
unsafe impl Send for OpenBatch {}

type OpenBatches = BTreeMap<Key, OpenBatch>;

/// Threads that deliver to different contexts seldom meet at one lock.
const SHARDS: usize = 16;
shared! {
    static OPEN: [Mutex<OpenBatches>; SHARDS] = [const { Mutex::new(Rank::Arrivals, BTreeMap::new()) }; SHARDS];
}

/// The maps' locks, held during a fork.
#[cfg(not(all(test, feature = "loom")))]
pub(crate) struct Held([super::sync::MutexGuard<'static, OpenBatches>; SHARDS]);

#[cfg(not(all(test, feature = "loom")))]
pub(crate) fn hold() -> Held {
    Held(super::sync::lock_all(&OPEN))
}

#[cfg(not(all(test, feature = "loom")))]
impl Held {
    /// In the child: a context that another thread was iterating may never be iterated again, so nothing is appended
    /// to what it has.
    pub(crate) fn forget(&mut self) {
        for open in &mut self.0 {
            for batch in std::mem::take(&mut **open).into_values() {
                // SAFETY: alive while it was in the map, whose lock is held.
                unsafe { (*batch.0).data.shut() };
            }
        }
    }
}

#[cfg(all(test, feature = "loom"))]
mod models;

#[cfg(not(feature = "loom"))]
#[cfg(test)]
mod tests {
    use super::*;
    use crate::glib::context::Context;

    #[test]
    fn delivered_now_only_in_a_later_iteration_of_its_own_context_and_not_cancelled() {
        for bits in 0..8 {
            let situation = Situation {
                in_context: bits & 1 != 0,
                later_iteration: bits & 2 != 0,
                cancelled: bits & 4 != 0,
            };
            assert_eq!(is_deliverable_now(situation), bits == 3);
        }
    }

    fn item(number: usize, finish: unsafe fn(*mut c_void, Step)) -> Item {
        Item {
            object: number as *mut c_void,
            finish,
        }
    }

    thread_local! {
        static ENDED: std::cell::RefCell<Vec<(usize, Step)>> = const { std::cell::RefCell::new(Vec::new()) };
    }

    unsafe fn record(object: *mut c_void, step: Step) {
        ENDED.with_borrow_mut(|ended| ended.push((object as usize, step)));
    }

    fn iterate(context: &Context) -> bool {
        // SAFETY: the context is alive, and no other thread iterates it.
        unsafe { glib_sys::g_main_context_iteration(context.as_ptr(), 0) != 0 }
    }

    fn new_context() -> Context {
        // SAFETY: the new context's reference is ours.
        unsafe { Context::adopt(glib_sys::g_main_context_new()) }
    }

    #[test]
    fn one_iteration_delivers_a_batch_in_order_and_what_it_defers_comes_later() {
        unsafe fn record_and_defer(object: *mut c_void, step: Step) {
            // SAFETY: the tests' items are numbers.
            unsafe { record(object, step) };
            if step != Step::Deliver {
                return;
            }
            CONTEXT.with_borrow(|context| {
                let context = context.as_ref().expect("set by the test");
                // SAFETY: a number may be used anywhere.
                unsafe { defer(context.as_ptr(), 0, item(object as usize + 10, record)) };
            });
        }
        thread_local! {
            static CONTEXT: std::cell::RefCell<Option<Context>> = const { std::cell::RefCell::new(None) };
        }
        let context = new_context();
        // SAFETY: numbers may be used anywhere; the context is alive.
        unsafe {
            CONTEXT.set(Some(Context::retain(context.as_ptr())));
            defer(context.as_ptr(), 0, item(1, record_and_defer));
            defer(context.as_ptr(), 0, item(2, record));
            defer(context.as_ptr(), -1, item(3, record));
        }
        assert!(iterate(&context));
        assert_eq!(ENDED.take(), [(3, Step::Deliver), (3, Step::Release)]);
        assert!(iterate(&context));
        let both = [1, 2].map(|number| [(number, Step::Deliver), (number, Step::Release)]);
        assert_eq!(ENDED.take(), both.concat());
        assert!(iterate(&context));
        assert_eq!(ENDED.take(), [(11, Step::Deliver), (11, Step::Release)]);
        assert!(!iterate(&context));
    }

    #[test]
    fn a_context_that_dies_abandons_its_items() {
        let context = new_context();
        // SAFETY: numbers may be used anywhere.
        unsafe {
            defer(context.as_ptr(), 0, item(1, record));
            defer(context.as_ptr(), 5, item(2, record));
        }
        drop(context);
        let mut ended = ENDED.take();
        ended.sort_by_key(|(number, _)| *number);
        assert_eq!(ended, [(1, Step::Abandon), (2, Step::Abandon)]);
    }
}
