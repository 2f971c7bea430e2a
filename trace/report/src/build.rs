//! Makes the model of the events: addresses become numbers, and what happened in a callback or function
//! gets its parent.

mod others;

use std::path::Path;

use crate::file::{Item, Reader, TraceFile};
use crate::format::{Event, CHUNK};
use crate::intern::{QuickMap, NONE};
use crate::model::*;
use crate::places::Maps;
use crate::progress::Progress;

impl Trace {
    /// Reads these files, each of one process.
    pub(crate) fn read(paths: &[impl AsRef<Path>]) -> Result<Self, String> {
        let mut files = Vec::new();
        for path in paths {
            files.push(TraceFile::open(path.as_ref())?);
        }
        files.sort_by_key(|file| file.head.began);
        let chunks = files.iter().map(|file| file.head.chunks).sum::<u64>();
        let mut progress = Progress::new("reading", chunks * CHUNK as u64);
        let mut trace = Self::default();
        for file in &mut files {
            trace.add(file, &mut progress)?;
        }
        Ok(trace)
    }

    /// Reads one file, of a process more.
    pub(crate) fn add(
        &mut self,
        file: &mut TraceFile,
        progress: &mut Progress,
    ) -> Result<(), String> {
        let parts = file.maps()?;
        let process = u32::try_from(self.processes.len()).expect("not so many processes");
        let head = file.head.clone();
        self.processes.push(Process {
            began: head.began,
            lost: head.lost,
            head,
            ..Process::default()
        });
        let maps = Maps::new(&parts, &mut self.strings);
        let mut builder = Builder {
            trace: self,
            maps,
            process,
            live_tasks: QuickMap::default(),
            live_cancellables: QuickMap::default(),
            contexts: QuickMap::default(),
            threads: QuickMap::default(),
            running: Vec::new(),
            thread: 0,
            last_time: NEVER,
            lost: 0,
        };
        file.read(&mut builder, progress)?;
        let (last, lost) = (builder.last_time, builder.lost);
        let process = &mut self.processes[process as usize];
        process.lost = process.lost.max(lost);
        process.ended = process.head.ended.max(last).max(process.began);
        self.damage.extend(file.damage.take());
        Ok(())
    }
}

struct Builder<'a> {
    trace: &'a mut Trace,
    maps: Maps,
    process: u32,
    /// By the address, which is used again.
    live_tasks: QuickMap<u64, u32>,
    live_cancellables: QuickMap<u64, u32>,
    contexts: QuickMap<u64, u32>,
    /// By the system's number, which is used again.
    threads: QuickMap<u32, u32>,
    /// For each thread of the trace, the tasks whose callback or function it is in, the innermost last.
    running: Vec<Vec<u32>>,
    /// Whose events are told.
    thread: u32,
    last_time: Time,
    /// Events, as the places say where they are missing.
    lost: u64,
}

impl Reader for Builder<'_> {
    fn thread(&mut self, number: u32, name: Option<&[u8]>) {
        let known = self.threads.get(&number);
        let ended = |thread: &u32| {
            self.trace.threads[*thread as usize]
                .worker
                .as_ref()
                .is_some_and(|worker| worker.gone != NEVER)
        };
        self.thread = match known {
            Some(thread) if name.is_none() || !ended(thread) => *thread,
            _ => self.add_thread(number),
        };
        if let Some(name) = name.filter(|name| !name.is_empty()) {
            self.trace.threads[self.thread as usize].name =
                String::from_utf8_lossy(name).into_owned();
        }
    }

    fn event(&mut self, item: &Item) {
        self.trace.events += 1;
        let process = &mut self.trace.processes[self.process as usize];
        process.events += 1;
        if process.began == NEVER {
            process.began = item.time;
        }
        self.trace.threads[self.thread as usize].events += 1;
        self.last_time = self.last_time.max(item.time);
        if item.event < Event::CancellableMade as u8 {
            self.task_event(item);
        } else if item.event < Event::WorkerAdded as u8 {
            self.cancellable_event(item);
        } else {
            self.other_event(item);
        }
    }
}

impl Builder<'_> {
    fn add_thread(&mut self, number: u32) -> u32 {
        let index = u32::try_from(self.trace.threads.len()).expect("not so many threads");
        self.trace.threads.push(Thread {
            process: self.process,
            number,
            ..Thread::default()
        });
        self.running.resize_with(index as usize + 1, Vec::new);
        self.threads.insert(number, index);
        index
    }

    fn running(&mut self) -> &mut Vec<u32> {
        &mut self.running[self.thread as usize]
    }

    fn new_task(&mut self, address: u64) -> u32 {
        let index = u32::try_from(self.trace.tasks.len()).expect("not so many tasks");
        self.trace.tasks.push(Task::new(self.process));
        self.live_tasks.insert(address, index);
        index
    }

    /// The task that is at this address now. If its beginning was not recorded, it is known from here on.
    fn task_at(&mut self, address: u64) -> u32 {
        if let Some(task) = self.live_tasks.get(&address) {
            return *task;
        }
        let index = self.new_task(address);
        self.trace.tasks[index as usize].is_partial = true;
        index
    }

    fn cancellable_at(&mut self, address: u64) -> u32 {
        if address == 0 {
            return NONE;
        }
        if let Some(cancellable) = self.live_cancellables.get(&address) {
            return *cancellable;
        }
        let index = u32::try_from(self.trace.cancellables.len()).expect("not so many cancellables");
        let new = Cancellable {
            process: self.process,
            last_task: NONE,
            last_connect: NONE,
            birth: NONE,
            ..Cancellable::default()
        };
        self.trace.cancellables.push(new);
        self.live_cancellables.insert(address, index);
        index
    }

    fn context_at(&mut self, address: u64) -> u32 {
        if let Some(context) = self.contexts.get(&address) {
            return *context;
        }
        let index = u32::try_from(self.trace.contexts.len()).expect("not so many contexts");
        let others = self
            .contexts
            .keys()
            .filter(|address| **address != 0)
            .count();
        let number = if address == 0 {
            0
        } else {
            u32::try_from(others).expect("not so many") + 1
        };
        self.trace.contexts.push(Context { address, number });
        self.contexts.insert(address, index);
        index
    }

    fn place(&mut self, address: u64, time: Time) -> u32 {
        self.maps
            .place(address, false, time, &mut self.trace.places)
    }

    fn stack(&mut self, item: &Item, first: usize) -> u32 {
        let stack: Box<[u32]> = item
            .words_from(first)
            .map(|address| {
                self.maps
                    .place(address, true, item.time, &mut self.trace.places)
            })
            .collect();
        if stack.is_empty() {
            NONE
        } else {
            self.trace.stacks.number(stack)
        }
    }

    fn made(&mut self, item: &Item) {
        // Whatever was here before is gone, though that was not recorded.
        if let Some(old) = self.live_tasks.get(&item.object) {
            let old = &mut self.trace.tasks[*old as usize];
            (old.freed, old.is_partial) = (item.time, true);
        }
        let index = self.new_task(item.object);
        let parent = self.running().last().copied().unwrap_or(NONE);
        let cancellable = self.cancellable_at(item.word(0));
        let context = self.context_at(item.word(1));
        let callback = self.place(item.word(2), item.time);
        let tag = self.place(item.word(3), item.time);
        let birth = self.stack(item, 4);
        let source_type = self.trace.strings.number(item.string(0));
        let name = self.trace.strings.number(item.string(1));
        let thread = self.thread;
        let task = &mut self.trace.tasks[index as usize];
        task.is_simple = item.small == 1;
        task.priority = i32::try_from(item.number).unwrap_or(0);
        task.made = item.time;
        task.made_by = thread;
        task.has_callback = item.word(2) != 0;
        (task.parent, task.cancellable, task.context) = (parent, cancellable, context);
        (task.callback, task.tag, task.birth) = (callback, tag, birth);
        (task.source_type, task.name) = (source_type, name);
    }

    /// A function or callback is over: of the innermost one that is this task's.
    fn leave(&mut self, address: u64) -> u32 {
        let by_address = self.live_tasks.get(&address).copied();
        let running = self.running();
        // The task may be freed by now, if its last reference was the one that ended with the callback.
        let at = match by_address {
            Some(task) => running.iter().rposition(|other| *other == task),
            None => running.len().checked_sub(1),
        };
        match at {
            Some(at) => {
                let task = running[at];
                running.truncate(at);
                task
            }
            None => by_address.unwrap_or_else(|| self.task_at(address)),
        }
    }

    fn task_event(&mut self, item: &Item) {
        let time = item.time;
        if item.is(Event::Made) {
            return self.made(item);
        }
        let thread = self.thread;
        let is_end = item.is(Event::Ended) || item.is(Event::CallbackEnded);
        let index = if is_end {
            self.leave(item.object)
        } else {
            self.task_at(item.object)
        };
        // What has to be looked up, before the task is held.
        let place = match () {
            () if item.is(Event::Tagged) || item.is(Event::Queued) => {
                self.place(item.word(0), time)
            }
            () if item.is(Event::Returned) || item.is(Event::ReturnedAgain) => self.stack(item, 0),
            () => NONE,
        };
        let string = match () {
            () if item.is(Event::Named) => self.trace.strings.number(item.string(0)),
            () if item.is(Event::Returned) && item.small == KIND_ERROR => {
                let domain = self.trace.strings.number(item.string(0));
                let message = self.trace.strings.number(item.string(1));
                self.trace.errors.number(TaskError {
                    domain,
                    code: item.number,
                    message,
                })
            }
            () => NONE,
        };
        let cancellable = if item.is(Event::Queued) {
            self.cancellable_at(item.word(1))
        } else {
            NONE
        };
        let is_inside = !self.running().is_empty();
        let begins = item.is(Event::Started) || item.is(Event::CallbackBegun);
        if begins {
            self.running().push(index);
        }
        let task = &mut self.trace.tasks[index as usize];
        match item.event {
            event if event == Event::Named as u8 => task.name = string,
            event if event == Event::Tagged as u8 => task.tag = place,
            event if event == Event::Prioritized as u8 => {
                task.priority = i32::try_from(item.number).unwrap_or(0)
            }
            event if event == Event::Queued as u8 => {
                (task.queued, task.queued_by, task.function) = (time, thread, place);
                task.queue_length = u32::try_from(item.number).unwrap_or(0);
                task.is_sync = item.small == 1;
                task.queued_inside = is_inside;
                if cancellable != NONE {
                    task.cancellable = cancellable;
                }
            }
            event if event == Event::Started as u8 => (task.started, task.worker) = (time, thread),
            event if event == Event::Ended as u8 => task.ended = time,
            event if event == Event::Returned as u8 => {
                (task.returned, task.returned_by, task.kind) = (time, thread, item.small);
                (task.error, task.return_stack) = (string, place);
                task.returned_inside = is_inside;
            }
            event if event == Event::ReturnedAgain as u8 => {
                task.second_returns = task.second_returns.saturating_add(1);
                task.second_return_stack = place;
            }
            event if event == Event::CallbackBegun as u8 => {
                (task.callback_begun, task.callback_by) = (time, thread)
            }
            event if event == Event::CallbackEnded as u8 => task.callback_ended = time,
            event if event == Event::Propagated as u8 => task.propagated = time,
            event if event == Event::Completed as u8 => task.completed = time,
            event if event == Event::Dropped as u8 => task.dropped = time,
            event if event == Event::Freed as u8 => {
                task.freed = time;
                task.freed_unreturned = item.small == 0
                    || item.small == 2 && task.returned == NEVER && !task.is_partial;
                self.live_tasks.remove(&item.object);
            }
            _ => {}
        }
    }
}
