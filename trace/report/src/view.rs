//! The model with what is looked up when it is shown: lives, names, places.

use std::cell::RefCell;
use std::rc::Rc;

use crate::intern::{QuickMap, NONE};
use crate::model::*;
use crate::phases::{self, Life, State};
use crate::symbols::{Symbol, Symbols};
use crate::words;

pub(crate) struct View<'a> {
    pub(crate) trace: &'a Trace,
    pub(crate) symbols: Symbols,
    /// By what a task's label is made of.
    labels: RefCell<QuickMap<[u32; 5], Rc<str>>>,
    origins: RefCell<QuickMap<u32, Option<Rc<Symbol>>>>,
    cancelled_domain: u32,
}

impl<'a> View<'a> {
    pub(crate) fn new(trace: &'a Trace) -> Self {
        Self {
            trace,
            symbols: Symbols::default(),
            labels: RefCell::default(),
            origins: RefCell::default(),
            cancelled_domain: trace.strings.find("g-io-error-quark"),
        }
    }

    pub(crate) fn task(&self, index: u32) -> &'a Task {
        &self.trace.tasks[index as usize]
    }

    pub(crate) fn life(&self, index: u32) -> Life {
        let task = self.task(index);
        phases::life(task, self.trace.processes[task.process as usize].ended)
    }

    pub(crate) fn state(&self, index: u32) -> State {
        const G_IO_ERROR_CANCELLED: i64 = 19;
        let task = self.task(index);
        let error = self.trace.errors.get(task.error);
        let cancelled = error.is_some_and(|error| {
            error.domain == self.cancelled_domain && error.code == G_IO_ERROR_CANCELLED
        });
        phases::state(task, cancelled)
    }

    /// The task's name or, without one, its tag, function, callback or source's type.
    pub(crate) fn label(&self, index: u32) -> String {
        self.shared_label(index).to_string()
    }

    pub(crate) fn shared_label(&self, index: u32) -> Rc<str> {
        let task = self.task(index);
        let key = if task.name != NONE {
            [task.name, NONE, NONE, NONE, NONE]
        } else {
            [
                NONE,
                task.tag,
                task.function,
                task.callback,
                task.source_type,
            ]
        };
        if let Some(label) = self.labels.borrow().get(&key) {
            return Rc::clone(label);
        }
        let label: Rc<str> = self.make_label(task).into();
        self.labels.borrow_mut().insert(key, Rc::clone(&label));
        label
    }

    fn make_label(&self, task: &Task) -> String {
        if task.name != NONE && !self.trace.strings.get(task.name).is_empty() {
            return words::one_line(self.trace.strings.get(task.name));
        }
        for place in [task.tag, task.function, task.callback] {
            if let Some(function) = &self.symbols.get(self.trace, place).function {
                return format!("{function}()");
            }
        }
        if task.source_type != NONE {
            return format!(
                "of a {}",
                words::one_line(self.trace.strings.get(task.source_type))
            );
        }
        for place in [task.function, task.callback] {
            if place != NONE {
                return self.symbols.get(self.trace, place).name();
            }
        }
        "unnamed".into()
    }

    /// Where it was made.
    pub(crate) fn origin(&self, index: u32) -> Option<Rc<Symbol>> {
        let birth = self.task(index).birth;
        let known = self.origins.borrow().get(&birth).cloned();
        known.unwrap_or_else(|| {
            let origin = self.symbols.origin(self.trace, birth);
            self.origins.borrow_mut().insert(birth, origin.clone());
            origin
        })
    }

    /// "g-io-error-quark 1: No such file".
    pub(crate) fn error(&self, task: &Task) -> Option<String> {
        let error = self.trace.errors.get(task.error)?;
        let domain = self.trace.strings.get(error.domain);
        let message = words::one_line(self.trace.strings.get(error.message));
        Some(format!("{domain} {}: {message}", error.code))
    }

    pub(crate) fn context(&self, index: u32) -> String {
        match self.trace.contexts.get(index as usize) {
            None => "an unknown context".into(),
            Some(context) if context.address == 0 => "the default context".into(),
            Some(context) => format!("context {}", context.number),
        }
    }

    /// "worker 12345", "main 12344".
    pub(crate) fn thread(&self, index: u32) -> String {
        match self.trace.threads.get(index as usize) {
            None => "an unknown thread".into(),
            Some(thread) if thread.worker.is_some() => format!("worker {}", thread.number),
            Some(thread) if thread.name.is_empty() => format!("thread {}", thread.number),
            Some(thread) => format!("{} {}", words::one_line(&thread.name), thread.number),
        }
    }

    /// The first moment of all processes.
    pub(crate) fn began(&self) -> Time {
        self.trace
            .processes
            .iter()
            .map(|process| process.began)
            .min()
            .unwrap_or(NEVER)
    }

    pub(crate) fn ended(&self) -> Time {
        self.trace
            .processes
            .iter()
            .map(|process| process.ended)
            .max()
            .unwrap_or(NEVER)
    }
}
