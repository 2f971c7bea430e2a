//! The pool in a system that refuses threads: they are asked for again, and somebody runs every job.

use std::sync::Arc;

use super::{wait_for, Scene};
use crate::world::{explore, will_answer, Gate};

/// Every pattern of refusals of the first three requests.
fn each_pattern(mut each: impl FnMut([bool; 3], String)) {
    for pattern in 1..8 {
        let answers = [0, 1, 2].map(|place| (pattern >> place) & 1 == 0);
        let text = answers.map(|granted| if granted { 'y' } else { 'n' });
        each(answers, text.iter().collect());
    }
}

#[test]
fn refused_threads_are_asked_for_again() {
    each_pattern(|answers, text| {
        explore(
            &format!("pool of 1, threads {text}, pushed"),
            2,
            move || {
                let scene = Scene::new(1);
                will_answer(&answers);
                let jobs = [(); 2].map(|()| scene.short_job());
                let [_, b] = jobs.clone();
                scene.thread(move |scene| scene.push(&b));
                scene.push(&jobs[0]);
                scene.finish(&jobs.each_ref());
            },
        );
    });
}

#[test]
fn one_refused_thread_is_asked_for_again() {
    each_pattern(|answers, text| {
        explore(
            &format!("pool of 1, threads {text}, one job"),
            4,
            move || {
                let scene = Scene::new(1);
                will_answer(&answers);
                let job = scene.short_job();
                scene.push(&job);
                scene.finish(&[&job]);
            },
        );
    });
}

/// A job that ends only when the next one, of another thread, has run: somebody must run that.
fn blocked_until_the_next(base: usize, text: &str, answers: [bool; 3], waits: bool) {
    let name = format!("pool of {base}, threads {text}, blocked, waited for: {waits}");
    explore(&name, 2, move || {
        let scene = Scene::new(base);
        will_answer(&answers);
        let gate = Arc::new(Gate::new());
        let opener = Arc::clone(&gate);
        let blocked = scene.job(move |_| gate.pass());
        let opening = scene.job(move |_| opener.open());
        let other = Arc::clone(&opening);
        scene.thread(move |scene| {
            if waits {
                scene.push_and_wait(&other);
            } else {
                scene.push(&other);
            }
        });
        scene.push(&blocked);
        scene.finish(&[&blocked, &opening]);
    });
}

#[test]
fn a_blocked_pool_grows_whatever_is_refused() {
    each_pattern(|answers, text| blocked_until_the_next(1, &text, answers, false));
    each_pattern(|answers, text| blocked_until_the_next(2, &text, answers, false));
}

/// A context asks again, with success, just when another thread is refused and leaves its job to that
/// context, too.
#[test]
fn a_job_is_not_left_to_a_retry_that_is_over() {
    explore("pool of 2, threads nnynn, retry", 3, || {
        let scene = Scene::new(2);
        will_answer(&[false, false, true, false, false]);
        let gate = Arc::new(Gate::new());
        let opener = Arc::clone(&gate);
        let blocked = scene.job(move |_| gate.pass());
        let opening = scene.job(move |_| opener.open());
        scene.push(&blocked);
        let other = Arc::clone(&opening);
        scene.thread(move |scene| scene.push(&other));
        scene.context.iterate();
        scene.finish(&[&blocked, &opening]);
    });
}

#[test]
fn a_wait_ends_though_the_pool_is_blocked_whatever_is_refused() {
    each_pattern(|answers, text| blocked_until_the_next(1, &text, answers, true));
    each_pattern(|answers, text| blocked_until_the_next(2, &text, answers, true));
}

#[test]
fn a_job_that_is_waited_for_runs_whatever_is_refused() {
    each_pattern(|answers, text| {
        explore(
            &format!("pool of 1, threads {text}, waited for"),
            2,
            move || {
                let scene = Scene::new(1);
                will_answer(&answers);
                let jobs = [(); 2].map(|()| scene.short_job());
                for job in jobs.clone() {
                    scene.thread(move |scene| scene.push_and_wait(&job));
                }
                scene.finish(&jobs.each_ref());
            },
        );
    });
}

/// The system has no thread to give, ever.
#[test]
fn a_job_that_is_waited_for_runs_without_any_thread() {
    explore("no threads, waited for", 5, || {
        let scene = Scene::new(1);
        will_answer(&[false; 100]);
        let jobs = [(); 2].map(|()| scene.short_job());
        for job in jobs.clone() {
            scene.thread(move |scene| {
                scene.push(&job);
                wait_for(job.pin(), &job.done);
            });
        }
        scene.finish(&jobs.each_ref());
    });
}
