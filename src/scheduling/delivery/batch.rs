//! A batch: the event source that brings the results of one context and priority to their callbacks.

use std::collections::VecDeque;
use std::ffi::CStr;
use std::sync::atomic::Ordering;

use glib_sys::{gpointer, GMainContext, GSource, GSourceFunc};

use super::{Item, Key, OpenBatch, OpenBatches, Step};
use crate::glib::context;
use crate::glib::source::{self, Behaviour, Functions, Polled, SourceWith};
use crate::scheduling::sync::{lock, per_thread, AtomicBool, Cell};

/// In how many iterations in a row a batch may be without results before it goes.
pub(super) const SPARE_ITERATIONS: u8 = 4;
/// For how many results it keeps the memory meanwhile.
const SPARE_ITEMS: usize = 256;

pub(super) struct Batch {
    key: Key,

    // Under the map's lock.
    /// In the map.
    open: Cell<bool>,
    /// What the next iteration delivers.
    incoming: Cell<VecDeque<Item>>,
    /// What the current iteration delivers.
    ready: Cell<VecDeque<Item>>,
    /// An iteration has found nothing here, and may be about to sleep. If it is FALSE, the thread that owns the context
    /// looks here before it sleeps, if it appends itself; for others that is not certain, as there are loops that
    /// sleep without looking.
    asleep: Cell<bool>,
    /// Since it last looked here, the loop has been told to look again.
    woken: Cell<bool>,
    /// How many iterations in a row have found nothing here.
    unused: Cell<u8>,

    /// This iteration's results are settled, and it has not dispatched the batch yet. Written by the thread that
    /// iterates the context; others may read an old value, and will have the same right to either place.
    settled: AtomicBool,

    // Of the thread that iterates the context, or finalizes the batch.
    /// How often it is being dispatched: once, and once more in each nested main loop.
    depth: Cell<u32>,
    /// How often iterations have looked here.
    looks: Cell<u32>,
    /// What this dispatch has delivered last: it goes when GLib says that the dispatch is over.
    leaving: Cell<Option<Item>>,
}

/// Makes a batch, and attaches it under the map's lock: who dispatches it has to wait for that lock first, and so ends
/// no item before that.
///
/// # Safety
/// The context is alive, or kept alive by the items.
pub(super) unsafe fn open(open: &mut OpenBatches, key: Key, items: VecDeque<Item>) {
    let batch = SourceWith::create(&BATCH_FUNCTIONS, Batch::new(key, items));
    open.insert(key, OpenBatch(batch));
    // SAFETY: the new source's one reference is ours; the context is alive, as the caller vouches.
    unsafe {
        source::allow_recursion(batch.cast());
        source::watch(batch);
        source::attach(batch.cast(), key.context as *mut GMainContext, key.priority);
    }
}

/// Whether a result can be appended to a batch and have the place that a source of its own would get.
pub(super) enum Standing {
    Last,
    /// Another source of its priority has been attached since, or this iteration's results are settled already; or the
    /// context died, and another has got its address.
    NotLast,
    /// Somebody is destroying it, a callback its current source or whoever kept that.
    Destroyed,
}

static BATCH_FUNCTIONS: Functions = Functions::polled::<Batch>();

impl Batch {
    fn new(key: Key, items: VecDeque<Item>) -> Self {
        Self {
            key,
            open: Cell::new(true),
            incoming: Cell::new(items),
            asleep: Cell::new(false),
            woken: Cell::new(false),
            unused: Cell::new(0),
            settled: AtomicBool::new(false),
            ready: Cell::new(VecDeque::new()),
            depth: Cell::new(0),
            looks: Cell::new(0),
            leaving: Cell::new(None),
        }
    }

    /// # Safety
    /// `source` is the batch's own, and the caller holds its map's lock.
    pub(super) unsafe fn standing(
        &self,
        source: *mut GSource,
        context: *mut GMainContext,
    ) -> Standing {
        // SAFETY: as the caller vouches.
        unsafe {
            if !source::is_attached_to(source, context) {
                Standing::NotLast
            } else if source::is_destroyed(source) {
                Standing::Destroyed
            } else if self.settled.load(Ordering::Relaxed) || !source::is_last(source) {
                Standing::NotLast
            } else {
                Standing::Last
            }
        }
    }

    /// # Safety
    /// The batch is open and attached to `context`, and the caller holds its map's lock.
    pub(super) unsafe fn append(&self, item: Item, context: *mut GMainContext) {
        change(&self.incoming, |incoming| incoming.push_back(item));
        // SAFETY: alive, as the item has not ended yet: that needs the lock.
        unsafe {
            if !self.woken.get() && (self.asleep.get() || !context::is_owner(context)) {
                self.woken.set(true);
                context::wake(context);
            }
        }
    }

    /// An iteration begins: is there anything to deliver, or shall the batch go?
    fn look(&self) -> Look {
        self.looks.set(self.looks.get().wrapping_add(1));
        let mut open = lock(self.key.shard());
        let holds_some = |items| change(items, |items: &mut VecDeque<Item>| !items.is_empty());
        if holds_some(&self.ready) || holds_some(&self.incoming) {
            return Look::Ready;
        }
        self.unused.set(self.unused.get().saturating_add(1));
        let is_spare = !self.open.get() || self.unused.get() > SPARE_ITERATIONS;
        // During a dispatch it is the current source of a callback.
        if is_spare && self.depth.get() == 0 {
            self.close(&mut open);
            return Look::Spare;
        }
        self.asleep.set(true);
        self.woken.set(false);
        Look::Empty
    }

    /// An iteration takes what it will deliver. FALSE if there is nothing.
    fn settle(&self) -> bool {
        self.looks.set(self.looks.get().wrapping_add(1));
        let _open = lock(self.key.shard());
        self.asleep.set(false);
        self.woken.set(false);
        let mut incoming = self.incoming.take();
        let is_ready = change(&self.ready, |ready| {
            if ready.is_empty() {
                std::mem::swap(ready, &mut incoming);
            } else {
                ready.append(&mut incoming);
            }
            !ready.is_empty()
        });
        self.incoming.set(incoming);
        if is_ready {
            self.unused.set(0);
            self.settled.store(true, Ordering::Relaxed);
        }
        is_ready
    }

    /// Takes out what comes next, and says whether it is the last. Whoever destroys the source may take the rest.
    fn take_first(&self) -> Option<(Item, bool)> {
        let _open = lock(self.key.shard());
        change(&self.ready, |ready| {
            let first = ready.pop_front()?;
            let is_last = ready.is_empty();
            if is_last && ready.capacity() > SPARE_ITEMS {
                *ready = VecDeque::new();
            }
            Some((first, is_last))
        })
    }

    /// Drops the reference to what has been delivered, as if the dispatch were over. In GIO it is, and a destroy notify may
    /// return from other tasks.
    ///
    /// # Safety
    /// The caller dispatches the batch, took the item out of it, and has delivered it.
    unsafe fn release(source: *mut SourceWith<Self>, item: &Item) {
        RELEASING.with(|releasing| releasing.set(source as usize));
        // SAFETY: as the caller vouches.
        unsafe { item.take(Step::Release) };
        RELEASING.with(|releasing| releasing.set(0));
    }

    /// From now on nobody appends. The caller holds the map's lock, and takes the batch out of it.
    pub(super) fn shut(&self) {
        self.open.set(false);
    }

    /// The same, and takes what the next iteration would deliver.
    pub(super) fn shut_and_empty(&self) -> VecDeque<Item> {
        self.shut();
        self.incoming.take()
    }

    #[cfg(all(test, feature = "loom"))]
    pub(super) fn is_open(&self) -> bool {
        self.open.get()
    }

    fn close(&self, open: &mut OpenBatches) {
        if self.open.replace(false) {
            open.remove(&self.key);
        }
    }

    /// # Safety
    /// Called by the thread that dispatched the batch.
    unsafe fn drop_leaving(&self) {
        if let Some(item) = self.leaving.take() {
            // SAFETY: it was delivered, and this is its end.
            unsafe { item.take(Step::Release) };
        }
    }

    /// The source is destroyed, but not its context: another batch delivers what is left.
    ///
    /// # Safety
    /// The batch was attached to the context, which is alive.
    unsafe fn hand_on(&self) {
        let mut open = lock(self.key.shard());
        self.close(&mut open);
        let mut items = self.all_items();
        match open.get(&self.key) {
            _ if items.is_empty() => {}
            Some(next) => {
                // SAFETY: a batch in the map is alive, and under the map's lock what others write there is ours.
                let next = unsafe { &(*next.0).data };
                let is_settled = change(&next.ready, |ready| !ready.is_empty());
                let later = if is_settled {
                    &next.ready
                } else {
                    &next.incoming
                };
                change(later, |later| {
                    items.append(later);
                    *later = items;
                });
            }
            // SAFETY: as the caller vouches.
            None => unsafe { self::open(&mut open, self.key, items) },
        }
    }

    /// Takes out what is left, in order.
    fn all_items(&self) -> VecDeque<Item> {
        let mut items = self.ready.take();
        items.append(&mut self.incoming.take());
        items
    }
}

per_thread! {
    /// The source of the batch that this thread is dispatching, while it drops the reference to something that has been
    /// delivered; else 0.
    static RELEASING: Cell<usize> = const { Cell::new(0) };
}

/// Whether a source is a batch that is dropping the reference to something that it has delivered.
pub(super) fn is_releasing(source: *mut GSource) -> bool {
    RELEASING.with(Cell::get) == source as usize
}

/// What an iteration that begins finds.
enum Look {
    Ready,
    Empty,
    /// Nothing for so long that the batch had better go.
    Spare,
}

/// Changes what a cell holds, in place.
fn change<T: Default, R>(cell: &Cell<T>, change: impl FnOnce(&mut T) -> R) -> R {
    let mut value = cell.take();
    let answer = change(&mut value);
    cell.set(value);
    answer
}

impl Behaviour for Batch {
    const NAME: &'static CStr = c"[asyncresult] results";

    unsafe fn dispatch(
        source: *mut SourceWith<Self>,
        _callback: GSourceFunc,
        _user_data: gpointer,
    ) -> bool {
        // SAFETY: GLib keeps the source alive while it is dispatched, also if a callback destroys it.
        let batch = unsafe { &(*source).data };
        batch.settled.store(false, Ordering::Relaxed);
        batch.depth.set(batch.depth.get() + 1);
        let outer = RELEASING.with(|releasing| releasing.replace(0));
        // SAFETY: this thread dispatches the source.
        let now = || (batch.looks.get(), unsafe { source::time(source.cast()) });
        // Of a single result there is nothing left to be put off: the clock need not be asked.
        let mut begun = None;
        // A nested main loop may come back here and take what is left; then this loop finds nothing more.
        while let Some((item, is_last)) = batch.take_first() {
            if !is_last && begun.is_none() {
                begun = Some(now());
            }
            // SAFETY: this thread dispatches the batch, and has taken the item out.
            unsafe { item.take(Step::Deliver) };
            if is_last {
                // SAFETY: as above.
                unsafe { batch.drop_leaving() };
                batch.leaving.set(Some(item));
                break;
            }
            // SAFETY: as above.
            unsafe { Self::release(source, &item) };
            // If the context was iterated meanwhile, what is left waits for the next iteration, in which sources of
            // higher priority go first.
            if Some(now()) != begun {
                break;
            }
        }
        RELEASING.with(|releasing| releasing.set(outer));
        batch.depth.set(batch.depth.get() - 1);
        true
    }
}

impl Polled for Batch {
    unsafe fn prepare(source: *mut SourceWith<Self>) -> bool {
        // SAFETY: GLib keeps the source alive while it looks at it; it may be destroyed by whoever has it.
        unsafe {
            let look = (*source).data.look();
            if let Look::Spare = look {
                source::destroy(source.cast());
            }
            matches!(look, Look::Ready)
        }
    }

    unsafe fn check(source: *mut SourceWith<Self>) -> bool {
        // SAFETY: as above.
        unsafe { &(*source).data }.settle()
    }

    unsafe fn let_go(source: *mut SourceWith<Self>) {
        // SAFETY: GLib keeps the source alive meanwhile. A context that the source is still attached to is alive.
        unsafe {
            let batch = &(*source).data;
            let context = batch.key.context as *mut GMainContext;
            if !source::is_destroyed(source.cast()) {
                batch.drop_leaving();
            } else if source::is_attached_to(source.cast(), context) {
                batch.hand_on();
                if context::is_owner(context) {
                    batch.drop_leaving();
                }
            }
        }
    }
}

impl Drop for Batch {
    fn drop(&mut self) {
        self.close(&mut lock(self.key.shard()));
        // SAFETY: the source is being finalized, so its dispatches are over, whether GLib said so or not.
        unsafe { self.drop_leaving() };
        // Closed, and the source is being finalized: nobody else has it.
        for item in self.all_items() {
            // SAFETY: the item was taken out, so this is its only end.
            unsafe { item.take(Step::Abandon) };
        }
    }
}
