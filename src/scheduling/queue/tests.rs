//! The order of the queue, compared with sorting.

use super::*;

/// The tests only look at the order.
// SAFETY: a job begins with itself, and is made for no other struct.
unsafe impl Work for Job {
    unsafe fn call(_: *mut Self) {
        unreachable!();
    }

    unsafe fn end(_: *mut Self) {
        unreachable!();
    }
}

fn job() -> Box<Job> {
    Box::new(Job::new::<Job>())
}

/// For a queue that the job outlives.
fn pin(job: &Job) -> Pinned<Job> {
    // SAFETY: the tests keep their jobs where they are, and alive for as long as the queue.
    unsafe { Pinned::new(NonNull::from(job)) }
}

/// Every combination of the three properties, each twice, queued in every rotation.
#[test]
fn order_is_worker_then_cancelled_then_priority_then_arrival() {
    let kinds: Vec<(bool, bool, c_int)> = (0..16)
        .map(|n| (n & 1 != 0, n & 2 != 0, [-5, 0, 7, 300][n >> 2]))
        .collect();
    for rotation in 0..kinds.len() {
        let mut order = kinds.clone();
        order.rotate_left(rotation);
        order.extend(order.clone());
        let jobs: Vec<Box<Job>> = order.iter().map(|_| job()).collect();
        let mut queue = Queue::new();
        for (job, (from_worker, cancelled, priority)) in jobs.iter().zip(&order) {
            queue.insert(Runnable(pin(job)), *priority, *from_worker);
            if *cancelled {
                queue.promote(pin(job));
            }
        }
        let mut expected: Vec<usize> = (0..order.len()).collect();
        expected.sort_by_key(|&place| {
            let (from_worker, cancelled, priority) = order[place];
            (!from_worker, !cancelled, priority, place)
        });
        for place in expected {
            let taken = queue.take_first().expect("as many as were queued");
            assert!(taken.0 == pin(&jobs[place]));
        }
        assert!(queue.is_empty());
    }
}

/// All sequences of six steps; a step queues one of three jobs, or takes it if it is queued, or promotes it,
/// or takes the first. What the FIFOs make of it is what sorting all of them would.
#[test]
fn in_order_whoever_leaves_and_is_promoted_when() {
    // Miri is slow.
    const STEPS: u32 = if cfg!(miri) { 3 } else { 6 };
    const ACTIONS: usize = 7;
    // Two of one priority, and one from a worker.
    const KINDS: [(c_int, bool); 3] = [(0, false), (0, false), (5, true)];
    for sequence in 0..ACTIONS.pow(STEPS) {
        let jobs = [(); 3].map(|()| Job::new::<Job>());
        let mut queue = Queue::new();
        // The numbers of those that are queued, in the order in which they came.
        let mut expected: Vec<usize> = Vec::new();
        let mut promoted = [false; 3];
        for step in 0..STEPS {
            let action = sequence / ACTIONS.pow(step) % ACTIONS;
            let number = action % 3;
            let (job, (priority, from_worker)) = (pin(&jobs[number]), KINDS[number]);
            let is_queued = expected.contains(&number);
            match action / 3 {
                0 if is_queued => {
                    assert!(queue.take(job).is_some());
                    expected.retain(|&other| other != number);
                }
                0 => {
                    queue.insert(Runnable(job), priority, from_worker);
                    expected.push(number);
                }
                1 => {
                    queue.promote(job);
                    promoted[number] = true;
                }
                _ => {
                    // Of equals it is the one that came first.
                    let key = |&&number: &&usize| {
                        let (priority, from_worker) = KINDS[number];
                        (!from_worker, !promoted[number], priority)
                    };
                    let first = expected.iter().min_by_key(key).copied();
                    let taken = queue.take_first().map(|taken| taken.0);
                    assert!(taken == first.map(|first| pin(&jobs[first])));
                    expected.retain(|&other| Some(other) != first);
                }
            }
            assert_eq!(queue.len(), expected.len(), "sequence {sequence}");
        }
    }
}

#[test]
fn many_priorities_leave_few_fifos_behind() {
    let jobs: Vec<Box<Job>> = (0..100).map(|_| job()).collect();
    let mut queue = Queue::new();
    for (job, priority) in jobs.iter().zip(0..) {
        queue.insert(Runnable(pin(job)), priority, false);
    }
    while queue.take_first().is_some() {}
    assert!(queue.fifos.len() <= KEPT_FIFOS);
}

#[test]
fn promoted_before_it_is_queued() {
    let (first, second) = (job(), job());
    let mut queue = Queue::new();
    queue.promote(pin(&second));
    queue.insert(Runnable(pin(&first)), 0, false);
    queue.insert(Runnable(pin(&second)), 0, false);
    let taken = queue.take_first().expect("two were queued");
    assert!(taken.0 == pin(&second));
}

#[test]
fn taken_once() {
    let only = job();
    let mut queue = Queue::new();
    queue.insert(Runnable(pin(&only)), 0, false);
    assert!(queue.take(pin(&only)).is_some());
    assert!(queue.take(pin(&only)).is_none());
    queue.promote(pin(&only));
    assert!(queue.take_first().is_none());
}
