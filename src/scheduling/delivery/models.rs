//! Batches: appending, dispatching and the death of contexts, at once.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::Arc;

use super::batch::SPARE_ITERATIONS;
use super::*;
use crate::glib::context::ModelContext;
use crate::scheduling::models::{explore, rest_in_one_order, settle, spawn, Gate};

/// Items that are deferred, and what became of them, in order.
struct Results {
    ended: std::sync::Mutex<Vec<(usize, Step)>>,
}

struct Result {
    number: usize,
    results: Arc<Results>,
}

unsafe fn record(object: *mut c_void, step: Step) {
    let result = object.cast::<Result>();
    // SAFETY: the box made by `Results::defer`, dropped in the last step; loom finds a second time as a double free.
    unsafe {
        if step != Step::Release {
            let Result { number, results } = &*result;
            let mut ended = results.ended.lock().expect("no panic before");
            ended.push((*number, step));
        }
        if step != Step::Deliver {
            drop(Box::from_raw(result));
        }
    }
}

impl Results {
    fn new() -> Arc<Self> {
        Arc::new(Self {
            ended: std::sync::Mutex::new(Vec::new()),
        })
    }

    fn defer(self: &Arc<Self>, context: &ModelContext, priority: c_int, number: usize) {
        let results = Arc::clone(self);
        let item = Item {
            object: Box::into_raw(Box::new(Result { number, results })).cast(),
            finish: record,
        };
        // SAFETY: the context's memory stays until the end of the model; results may be used anywhere.
        unsafe { defer(context.as_ptr(), priority, item) };
    }

    fn count(&self) -> usize {
        self.ended.lock().expect("no panic before").len()
    }

    /// What has ended since this was asked.
    fn take(&self) -> Vec<(usize, Step)> {
        std::mem::take(&mut self.ended.lock().expect("no panic before"))
    }
}

/// A batch that has nothing to deliver goes after a while.
fn check_nothing_stays_open(context: &ModelContext) {
    for _ in 0..=SPARE_ITERATIONS {
        assert!(!context.iterate());
    }
    for shard in OPEN.iter() {
        assert!(lock(shard).is_empty(), "a batch that ended is in the map");
    }
}

fn numbers(ended: &[(usize, Step)], ending: Step, from: usize) -> Vec<usize> {
    let these = ended.iter().filter(|(_, how)| *how == ending);
    let numbers = these.map(|(number, _)| *number);
    numbers.filter(|number| number / 10 == from).collect()
}

/// Two threads append, one of them at two priorities, while the context is iterated: each result is delivered once, and
/// those of one thread and priority in their order.
fn appending_while_dispatching(second_priority: c_int) {
    let (context, results) = (ModelContext::new(), Results::new());
    for (thread, priority) in [(1, 0), (2, second_priority)] {
        let (context, results) = (Arc::clone(&context), Arc::clone(&results));
        spawn(move || {
            for number in 0..3 {
                results.defer(&context, priority, thread * 10 + number);
            }
        });
    }
    context.iterate();
    context.iterate();
    settle();
    rest_in_one_order();
    // One iteration is enough: who appended attached a batch, or found one that is attached.
    context.iterate();
    let ended = results.take();
    assert_eq!(ended.len(), 6);
    assert_eq!(numbers(&ended, Step::Deliver, 1), [10, 11, 12]);
    assert_eq!(numbers(&ended, Step::Deliver, 2), [20, 21, 22]);
    check_nothing_stays_open(&context);
}

#[test]
fn delivered_once_and_in_order() {
    explore("batch, two appenders, one priority", 4, || {
        appending_while_dispatching(0);
    });
    explore("batch, two appenders, two priorities", 3, || {
        appending_while_dispatching(7);
    });
}

/// A loop that sleeps, and one that is about to, hears of every result: also at two priorities.
fn waking_the_loop(priorities: &'static [c_int]) {
    let (context, results) = (ModelContext::new(), Results::new());
    let deferred = priorities.len();
    {
        let (context, results) = (Arc::clone(&context), Arc::clone(&results));
        spawn(move || {
            while results.count() < deferred {
                context.iterate_or_sleep();
            }
        });
    }
    {
        let (context, results) = (Arc::clone(&context), Arc::clone(&results));
        spawn(move || {
            for (number, priority) in priorities.iter().enumerate() {
                results.defer(&context, *priority, number);
            }
        });
    }
    settle();
    rest_in_one_order();
    assert_eq!(results.count(), deferred, "the loop sleeps");
    check_nothing_stays_open(&context);
}

#[test]
fn a_sleeping_loop_is_woken() {
    explore("batch, a loop that sleeps", 6, || {
        waking_the_loop(&[0, 0, 0]);
    });
    explore("batch, a loop that sleeps, two priorities", 5, || {
        waking_the_loop(&[0, 7, 0]);
    });
}

/// Everybody who defers keeps the context alive meanwhile; the last to let go destroys it, and what is left is abandoned.
#[test]
fn ended_once_though_the_context_dies() {
    explore("batch, two owners of a context", 6, || {
        let (context, results) = (ModelContext::new(), Results::new());
        let owners = Arc::new(AtomicUsize::new(3));
        let let_go = |context: &ModelContext, owners: &AtomicUsize| {
            // A point where loom switches, as at GLib's own count of references.
            loom::sync::atomic::fence(Ordering::SeqCst);
            if owners.fetch_sub(1, Ordering::AcqRel) == 1 {
                context.die(|| ());
            }
        };
        for thread in [1, 2] {
            let (context, results, owners) = (
                Arc::clone(&context),
                Arc::clone(&results),
                Arc::clone(&owners),
            );
            spawn(move || {
                results.defer(&context, 0, thread * 10);
                results.defer(&context, 0, thread * 10 + 1);
                let_go(&context, &owners);
            });
        }
        context.iterate();
        let_go(&context, &owners);
        settle();
        let ended = results.take();
        assert_eq!(ended.len(), 4);
        for thread in [1, 2] {
            let mut order = numbers(&ended, Step::Deliver, thread);
            order.extend(numbers(&ended, Step::Abandon, thread));
            assert_eq!(order, [thread * 10, thread * 10 + 1]);
        }
        check_nothing_stays_open(&context);
    });
}

/// A context dies, and a new one gets its address before the old one's sources are finalized.
#[test]
fn a_new_context_at_an_old_address_gets_its_own_batch() {
    explore("batch, an address used anew", 6, || {
        let (context, results) = (ModelContext::new(), Results::new());
        let freed = Arc::new(Gate::new());
        results.defer(&context, 0, 10);
        {
            let (context, results, freed) = (
                Arc::clone(&context),
                Arc::clone(&results),
                Arc::clone(&freed),
            );
            spawn(move || {
                freed.pass();
                results.defer(&context, 0, 20);
                results.defer(&context, 0, 21);
                check_open_batch(&context);
                context.iterate();
                results.defer(&context, 0, 22);
            });
        }
        context.die(|| freed.open());
        settle();
        check_open_batch(&context);
        context.iterate();
        let ended = results.take();
        assert_eq!(numbers(&ended, Step::Abandon, 1), [10]);
        assert_eq!(numbers(&ended, Step::Deliver, 2), [20, 21, 22]);
        assert_eq!(ended.len(), 4);
        check_nothing_stays_open(&context);
    });
}

/// What is deferred next to a context that has results waiting joins them.
fn check_open_batch(context: &ModelContext) {
    let key = Key {
        context: context.as_ptr() as usize,
        priority: 0,
    };
    let open = lock(key.shard());
    let batch = open.get(&key).expect("nobody has dispatched it");
    // SAFETY: batches in the map are alive, and used under its lock.
    assert!(unsafe { (*batch.0).data.is_open() });
}
