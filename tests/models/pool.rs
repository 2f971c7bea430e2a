//! The pool in all interleavings: every job runs once, and no wake-up is lost.

use std::ptr::NonNull;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::Arc;

use super::*;
use crate::glib::context::ModelContext;
use crate::world::{
    explore, let_time_pass, rest_in_one_order, settle, spawn, stir, threads_alive, Gate,
};

mod refusals;

/// A job that counts its runs.
#[repr(C)]
struct Probe {
    job: Job,
    runs: AtomicUsize,
    done: Waiter,
    /// What it does when it runs.
    body: Box<dyn Fn(&Scene)>,
    scene: Scene,
}

#[derive(Clone)]
struct Scene {
    context: Arc<ModelContext>,
}

// SAFETY: all threads of a model are one for the system, and take turns.
unsafe impl Send for Probe {}
// SAFETY: as above.
unsafe impl Sync for Probe {}

// SAFETY: `repr(C)`; the job is its first field, made for this struct.
unsafe impl Work for Probe {
    unsafe fn call(probe: *mut Self) {
        // SAFETY: a probe lives as long as the model.
        let probe = unsafe { &*probe };
        assert_eq!(
            probe.runs.fetch_add(1, Ordering::Relaxed),
            0,
            "a job ran twice"
        );
        (probe.body)(&probe.scene);
    }

    unsafe fn end(probe: *mut Self) {
        // SAFETY: as above.
        unsafe { &*probe }.done.complete();
    }
}

/// So many workers are started without waiting, and so many stay.
fn set_size(base: usize, kept: usize) {
    let mut pool = lock(&POOL);
    pool.counts.base = base;
    pool.counts.kept = kept;
}

impl Scene {
    /// A pool that starts so many workers without waiting.
    fn new(base: usize) -> Self {
        set_size(base, base);
        Self {
            context: ModelContext::new(),
        }
    }

    fn job(&self, body: impl Fn(&Scene) + 'static) -> Arc<Probe> {
        Arc::new(Probe {
            job: Job::new::<Probe>(),
            runs: AtomicUsize::new(0),
            done: Waiter::new(),
            body: Box::new(body),
            scene: self.clone(),
        })
    }

    fn short_job(&self) -> Arc<Probe> {
        self.job(|_| ())
    }

    fn push(&self, probe: &Arc<Probe>) {
        // SAFETY: pushed once, and kept until the end of the model.
        let job = unsafe { Runnable::new(NonNull::from(&**probe)) };
        push(job, 0, self.context.as_borrowed(), Then::GoesOn);
    }

    fn push_and_wait(&self, probe: &Arc<Probe>) {
        self.push(probe);
        wait_for(probe.pin(), &probe.done);
        assert_eq!(probe.runs(), 1, "the wait ended before the job");
    }

    /// A thread of the program that does this.
    fn thread(&self, body: impl FnOnce(&Scene) + 'static) {
        let scene = self.clone();
        spawn(move || body(&scene));
    }

    /// All sleep. What is queued is seen to by somebody, now or when time has passed.
    fn check_rest(&self) {
        settle();
        let pool = lock(&POOL);
        let counts = pool.counts;
        assert_eq!(counts.searching, 0, "somebody is still on the way");
        assert_eq!(counts.idle, pool.parkers.len());
        assert_ne!(counts.monitor, Monitor::Starting);
        if pool.queue.is_empty() || pool.refused {
            return;
        }
        assert_eq!(counts.idle, 0, "a wake-up was lost");
        assert!(
            counts.is_saturated(),
            "a worker was not started: {counts:?}"
        );
        assert_eq!(counts.monitor, Monitor::Watching, "nobody watches");
    }

    /// Lets time pass, and the program iterate its context, until these have run.
    fn finish(&self, probes: &[&Arc<Probe>]) {
        for _ in 0..20 {
            self.check_rest();
            if probes.iter().all(|probe| probe.runs() == 1) && lock(&POOL).queue.is_empty() {
                return self.end();
            }
            let passed = let_time_pass();
            settle();
            let asked = self.context.iterate();
            assert!(
                passed || asked,
                "nobody sees to the queue: {:?}",
                lock(&POOL).counts
            );
        }
        panic!("the jobs never run: {:?}", lock(&POOL).counts);
    }

    /// Sends all threads home, by way of a pool that wants no workers. What they leave behind is in order.
    fn end(&self) {
        rest_in_one_order();
        set_size(0, 0);
        stir();
        settle();
        while threads_alive() > 0 {
            assert!(
                let_time_pass(),
                "somebody stays for ever: {:?}",
                lock(&POOL).counts
            );
            settle();
        }
        while self.context.iterate() {}
        let pool = lock(&POOL);
        assert_eq!(pool.counts, Counts::new(0, 0));
        assert!(pool.parkers.is_empty() && pool.queue.is_empty());
    }
}

impl Probe {
    fn pin(self: &Arc<Self>) -> Pinned<Job> {
        // SAFETY: a probe lives as long as the model.
        unsafe { Job::pin(NonNull::from(&**self)) }
    }

    fn runs(&self) -> usize {
        self.runs.load(Ordering::Relaxed)
    }

    /// Cancelled.
    fn promote(self: &Arc<Self>) {
        promote(self.pin());
    }
}

/// Two threads push, the workers fall asleep and are called again.
#[test]
fn each_job_runs_once() {
    for (base, preemptions) in [(1, 3), (2, 3)] {
        explore(
            &format!("pool of {base}, two pushers"),
            preemptions,
            move || {
                let scene = Scene::new(base);
                let jobs = [(); 3].map(|()| scene.short_job());
                let [a, b, c] = jobs.clone();
                scene.thread(move |scene| {
                    scene.push(&b);
                    scene.push(&c);
                });
                scene.push(&a);
                scene.finish(&jobs.each_ref());
            },
        );
    }
}

/// A thread in the background and another one push: what the first starts leaves, and what the other starts
/// replaces it.
#[test]
fn workers_from_the_background_leave() {
    explore("pool of 1, from the background", 3, || {
        let scene = Scene::new(1);
        let jobs = [(); 3].map(|()| scene.short_job());
        let [_, b, c] = jobs.clone();
        scene.thread(move |scene| {
            thread::go_to_background();
            scene.push(&b);
            scene.push(&c);
        });
        scene.push(&jobs[0]);
        scene.finish(&jobs.each_ref());
    });
}

/// A worker from the background is blocked: another thread gets a worker at once.
#[test]
fn workers_from_the_background_do_not_count_for_others() {
    explore("pool of 1, blocked in the background", 3, || {
        let scene = Scene::new(1);
        let gate = Arc::new(Gate::new());
        let inner = Arc::clone(&gate);
        let blocked = scene.job(move |_| inner.pass());
        let pushed = Arc::clone(&blocked);
        scene.thread(move |scene| {
            thread::go_to_background();
            scene.push(&pushed);
        });
        settle();
        let short = scene.short_job();
        scene.push(&short);
        settle();
        assert_eq!(short.runs(), 1);
        gate.open();
        scene.finish(&[&blocked, &short]);
    });
}

#[test]
fn promoted_while_it_is_pushed_and_taken() {
    explore("pool of 1, promotion", 3, || {
        let scene = Scene::new(1);
        let jobs = [(); 2].map(|()| scene.short_job());
        let [_, b] = jobs.clone();
        let other = Arc::clone(&b);
        scene.thread(move |_| other.promote());
        scene.push(&jobs[0]);
        scene.push(&b);
        scene.finish(&jobs.each_ref());
    });
}

/// Jobs that wait for jobs: the monitor is started, rests, watches, and adds workers.
#[test]
fn the_monitor_adds_a_worker_when_nothing_finishes() {
    explore("pool of 1, blocked", 2, || {
        let scene = Scene::new(1);
        let gate = Arc::new(Gate::new());
        let inner = Arc::clone(&gate);
        let blocked = scene.job(move |_| inner.pass());
        let opener = Arc::clone(&gate);
        let opening = scene.job(move |_| opener.open());
        let last = scene.short_job();
        let other = Arc::clone(&last);
        scene.thread(move |scene| scene.push(&other));
        scene.push(&blocked);
        scene.push(&opening);
        scene.finish(&[&blocked, &opening, &last]);
    });
}

/// A timeout at any moment: a worker that is one too many, or the monitor, goes just when it is wanted.
#[test]
fn called_while_leaving() {
    shrink("pool of 2 that shrinks to 1", 1, 1);
}

/// The same for one that is idle for long.
#[test]
fn called_while_leaving_after_long() {
    shrink("pool of 2 that keeps 1", 2, 1);
}

fn shrink(name: &str, base: usize, kept: usize) {
    explore(name, 2, move || {
        let scene = Scene::new(2);
        let gate = Arc::new(Gate::new());
        let passing = [(); 2].map(|()| {
            let gate = Arc::clone(&gate);
            scene.job(move |_| gate.pass())
        });
        loom::stop_exploring();
        scene.push(&passing[0]);
        scene.push(&passing[1]);
        settle();
        gate.open();
        settle();
        set_size(base, kept);
        stir();
        settle();
        loom::explore();
        let jobs = [(); 2].map(|()| scene.short_job());
        let [_, b] = jobs.clone();
        scene.thread(move |scene| scene.push(&b));
        let_time_pass();
        scene.push(&jobs[0]);
        let_time_pass();
        let [a, b] = &jobs;
        scene.finish(&[a, b, &passing[0], &passing[1]]);
    });
}

#[test]
fn the_monitor_is_woken_while_it_leaves() {
    explore("monitor of a pool of 1", 4, || {
        let scene = Scene::new(1);
        let gates = [(); 2].map(|()| Arc::new(Gate::new()));
        let blocked = gates.clone().map(|gate| scene.job(move |_| gate.pass()));
        let jobs = [(); 2].map(|()| scene.short_job());
        // One job in a worker, one queued: there is an monitor. Then nothing is left, and it rests.
        loom::stop_exploring();
        scene.push(&blocked[0]);
        settle();
        scene.push(&jobs[0]);
        settle();
        gates[0].open();
        settle();
        while lock(&POOL).counts.monitor != Monitor::Resting {
            assert!(let_time_pass());
            settle();
        }
        loom::explore();
        let [a, _] = blocked.clone();
        drop(a);
        let opening = Arc::clone(&gates[1]);
        let [_, short] = jobs.clone();
        let late = Arc::clone(&blocked[1]);
        scene.thread(move |scene| {
            scene.push(&late);
            scene.push(&short);
        });
        let_time_pass();
        scene.check_rest();
        opening.open();
        scene.finish(&[&blocked[0], &blocked[1], &jobs[0], &jobs[1]]);
    });
}

/// A job that pushes another and waits for it, in a pool of one.
#[test]
fn a_worker_that_waits_does_not_count() {
    explore("pool of 1, nested", 2, || {
        let scene = Scene::new(1);
        let inner = scene.short_job();
        let other = Arc::clone(&inner);
        let outer = scene.job(move |scene| scene.push_and_wait(&other));
        let beside = scene.short_job();
        let pushed = Arc::clone(&beside);
        scene.thread(move |scene| scene.push(&pushed));
        scene.push(&outer);
        scene.finish(&[&inner, &outer, &beside]);
    });
}
