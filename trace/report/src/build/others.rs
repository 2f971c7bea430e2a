//! Events of cancellables, workers and contexts.

use super::Builder;
use crate::file::Item;
use crate::format::Event;
use crate::intern::NONE;
use crate::model::*;

impl Builder<'_> {
    pub(super) fn cancellable_event(&mut self, item: &Item) {
        if item.is(Event::CancellableMade) {
            self.live_cancellables.remove(&item.object);
        }
        let index = self.cancellable_at(item.object);
        if index == NONE {
            return;
        }
        let thread = self.thread;
        let inside = self.running().last().copied().unwrap_or(NONE);
        let stack = self.stack(item, 0);
        let cancellable = &mut self.trace.cancellables[index as usize];
        match item.event {
            event if event == Event::CancellableMade as u8 => {
                (cancellable.made, cancellable.birth) = (item.time, stack)
            }
            event if event == Event::CancelBegun as u8 => {
                let handlers = cancellable.handlers;
                cancellable.cancels.push(Cancel {
                    begun: item.time,
                    ended: NEVER,
                    thread,
                    handlers,
                });
            }
            event if event == Event::CancelEnded as u8 => {
                let mut open = cancellable.cancels.iter_mut().rev();
                if let Some(cancel) =
                    open.find(|cancel| cancel.thread == thread && cancel.ended == NEVER)
                {
                    cancel.ended = item.time;
                }
            }
            event if event == Event::Reset as u8 => cancellable.resets += 1,
            event if event == Event::Handlers as u8 => {
                cancellable.handlers += item.number;
                cancellable.most_handlers = cancellable.most_handlers.max(cancellable.handlers);
                if item.number > 0 {
                    cancellable.connected += 1;
                    (cancellable.last_task, cancellable.last_connect) = (inside, stack);
                } else {
                    cancellable.disconnected += 1;
                }
            }
            event if event == Event::CancellableFreed as u8 => {
                cancellable.freed = item.time;
                self.live_cancellables.remove(&item.object);
            }
            _ => {}
        }
    }

    pub(super) fn other_event(&mut self, item: &Item) {
        match item.event {
            event if event == Event::WorkerAdded as u8 => {
                let number = self.trace.threads[self.thread as usize].number;
                if self.trace.threads[self.thread as usize].worker.is_some() {
                    self.thread = self.add_thread(number);
                }
                let worker = Worker {
                    added: item.time,
                    gone: NEVER,
                    why: item.small,
                };
                self.trace.threads[self.thread as usize].worker = Some(worker);
            }
            event if event == Event::WorkerGone as u8 => {
                if let Some(worker) = &mut self.trace.threads[self.thread as usize].worker {
                    worker.gone = item.time;
                }
            }
            event if event == Event::WorkerRefused as u8 => self.trace.refused_workers += 1,
            event if event == Event::Arrived as u8 => {
                let context = self.context_at(item.object);
                let index = self.task_at(item.word(0));
                let task = &mut self.trace.tasks[index as usize];
                (task.arrived, task.context) = (item.time, context);
            }
            event if event == Event::Lost as u8 => {
                let lost = u64::try_from(item.number).unwrap_or(0);
                self.lost += lost;
                // The thread may have left a callback or function unseen.
                self.running().clear();
            }
            _ => {}
        }
    }
}
