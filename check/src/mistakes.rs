//! What is noted when something happens to a task, and what is said if that was a mistake.

use std::cell::{Cell, RefCell};
use std::ffi::{c_char, c_void, CStr, CString};

use crate::records::{self, this_thread, Record, STEP};
use crate::stack::{capture, Stack};
use crate::table::{Describe, Event, Kind, Message, Queued, Returned, View};
use crate::{advice, critical, is_in_loop, place};

/// So many places of a task are silent after their first message.
const MOST_PLACES: usize = 32;

thread_local! {
    /// The task that a function is about to refuse; 0: none.
    static REFUSED: Cell<usize> = const { Cell::new(0) };
    /// The last answer of `birthplace`.
    static BIRTHPLACE: RefCell<CString> = RefCell::new(CString::default());
}

/// # Safety
/// The task is alive, and the detail is what the event says.
pub(crate) unsafe fn happened(task: *const c_void, event: Event, detail: *const c_void) {
    let task = task as usize;
    match event {
        Event::Made => {
            // SAFETY: as the caller ensures.
            records::describe_by(unsafe { std::mem::transmute::<*const c_void, Describe>(detail) });
            records::add(task, Record::new(capture()));
        }
        Event::Named => {
            // SAFETY: as the caller ensures: a string, or NULL.
            let name = (!detail.is_null()).then(|| unsafe { CStr::from_ptr(detail.cast()) });
            let name = name.map(|name| name.to_string_lossy().into());
            records::change(task, |record| record.name = name);
        }
        // SAFETY: as the caller ensures.
        Event::Returned => returned(task, unsafe { &*detail.cast::<Returned>() }),
        Event::Fetched => fetched(task, kind_of_number(detail as usize)),
        Event::Queued => step(task, |record| {
            record.steps.queued = true;
            // SAFETY: as the caller ensures.
            record.steps.waited_for = unsafe { (*detail.cast::<Queued>()).is_waited_for };
        }),
        Event::Started => step(task, |record| {
            record.steps.started = true;
            record.thread = this_thread();
        }),
        Event::Ended => step(task, |record| record.steps.ended = true),
        Event::CallbackBegun => step(task, |record| {
            record.steps.in_callback = true;
            record.thread = this_thread();
        }),
        Event::Completed => step(task, |record| {
            record.steps.in_callback = false;
            record.steps.called_back = true;
        }),
        Event::Dropped => dropped(task),
        Event::Finalized => drop(records::remove(task)),
        Event::Refused => REFUSED.set(task),
        _ => {}
    }
}

fn step(task: usize, change: impl FnOnce(&mut Record)) {
    records::change(task, |record| {
        record.since = records::now();
        change(record);
    });
}

fn kind_of_number(number: usize) -> Kind {
    let kinds = [
        Kind::Pointer,
        Kind::Int,
        Kind::Boolean,
        Kind::Value,
        Kind::Error,
    ];
    kinds
        .into_iter()
        .find(|kind| *kind as usize == number)
        .unwrap_or(Kind::Nothing)
}

/// "pointer", as functions are named.
fn word(kind: Kind) -> &'static str {
    match kind {
        Kind::Pointer => "pointer",
        Kind::Int => "int",
        Kind::Boolean => "boolean",
        Kind::Value => "value",
        Kind::Error | Kind::Nothing => "error",
    }
}

/// "GTask load_async", or its address.
pub(crate) fn title(task: usize, record: &Record) -> String {
    match &record.name {
        Some(name) => format!("GTask {name}"),
        None => format!("GTask {task:#x}"),
    }
}

/// "GTask load_async (made by start() at lost.c:5)".
fn subject(task: usize, record: &Record) -> String {
    let title = title(task, record);
    match place::describe(&record.made) {
        Some(place) => format!("{title} (made by {place})"),
        None => title,
    }
}

/// " by start() at lost.c:5", or nothing.
fn by(stack: &[usize]) -> String {
    place::describe(stack).map_or(String::new(), |place| format!(" by {place}"))
}

fn by_this_call() -> String {
    let here: Stack<STEP> = capture();
    by(&here)
}

/// What a message of the library's ends with.
pub(crate) fn birthplace(task: *const c_void, message: Message) -> *const c_char {
    let task = task as usize;
    let mut text = String::new();
    if let Some(record) = records::get(task) {
        if let Some(place) = place::describe(&record.made) {
            text = format!("\nIt was created here: {place}");
        }
        if let Some(view) = records::view(task) {
            text.push_str(&more(message, &view));
        }
    }
    let kept = BIRTHPLACE.try_with(|kept| {
        *kept.borrow_mut() = CString::new(text).unwrap_or_default();
        kept.borrow().as_ptr()
    });
    kept.unwrap_or(c"".as_ptr())
}

/// What is known beside the birthplace.
fn more(message: Message, view: &View) -> String {
    match message {
        Message::Kept => format!(". This call was made{}", by_this_call()),
        Message::NoResult => {
            let function = place::function(view.function as usize);
            format!(". The function is {function}")
        }
        // A debug message, which is seldom seen, and not to cost much.
        Message::NeverReturned if view.callback.is_null() => String::new(),
        Message::NeverReturned => format!(
            ". The last g_object_unref() was called{}. Its callback will never be called: call \
            g_task_return_*() on each path that leads there, also where the operation fails",
            by_this_call()
        ),
    }
}

fn returned(task: usize, returned: &Returned) {
    let stack = capture();
    let record = records::change(task, |record| {
        record.since = records::now();
        record.steps.returned = true;
        record.kind = returned.kind;
        record.returned = stack;
        let runs = record.steps.started && !record.steps.ended;
        record.steps.returned_elsewhere = runs && record.thread != this_thread();
        (!returned.destroy.is_null()).then(|| record.clone())
    });
    if let (Some(Some(record)), Some(view)) = (record, records::view(task)) {
        if is_freed_twice(returned, &view) {
            let destroy = place::function(returned.destroy as usize);
            critical(&format!(
                "g_task_return_pointer: {} returns the pointer that is its task data, too, and \
                both are destroyed by {destroy}: it would be freed twice (returned{}). Return a \
                copy; or set the task data with NULL for its destroy function, and free it \
                yourself where an error is returned",
                subject(task, &record),
                by(&record.returned),
            ));
        }
    }
}

/// Whether a pointer is the task's data and its result, and the same function frees it both times.
/// One that drops a reference may be called twice: so the function's name decides.
fn is_freed_twice(returned: &Returned, view: &View) -> bool {
    !returned.pointer.is_null()
        && returned.pointer == view.data
        && returned.destroy == view.destroy_data
        && place::name(returned.destroy as usize)
            .is_some_and(|name| name.split('_').any(|word| word == "free"))
}

fn fetched(task: usize, asked: Kind) {
    let stack = capture();
    let record = records::change(task, |record| {
        record.steps.fetched = true;
        record.fetched = stack;
        record.asked = asked;
        are_mixed_up(record.kind, asked).then(|| record.clone())
    });
    if let Some(Some(record)) = record {
        critical(&format!(
            "g_task_propagate_{asked}: {} was returned with g_task_return_{returned}(){}, and is \
            fetched with g_task_propagate_{asked}(){}: a result is fetched as what it was \
            returned as. Use g_task_propagate_{returned}() or g_task_return_{asked}()",
            subject(task, &record),
            by(&record.returned),
            by(&record.fetched),
            asked = word(asked),
            returned = word(record.kind),
        ));
    }
}

/// A truth value may be fetched as a number, and the other way round: the answer is what was meant.
fn are_mixed_up(returned: Kind, asked: Kind) -> bool {
    let is_number = |kind| matches!(kind, Kind::Int | Kind::Boolean);
    !matches!(returned, Kind::Error | Kind::Nothing)
        && returned != asked
        && !(is_number(returned) && is_number(asked))
}

/// The assertion `text` of a function has failed: that is said, with what is known of the task.
pub(crate) fn refused(function: &str, text: &str, found: Option<&str>) {
    let task = REFUSED.replace(0);
    let Some(record) = (task != 0).then(|| records::get(task)).flatten() else {
        return refused_argument(function, text, found);
    };
    let explanation = match text {
        "!task->ever_returned" => returned_again(task, &record, function),
        "task->result_set" => Some(not_there(&record)),
        "task->result_destroy == value_free" => Some(no_value(&record)),
        "!task->in_thread" => Some(
            "runs its function in a thread already, or did so: a task does that once. Make a new \
            task for each run"
                .to_owned(),
        ),
        _ => return refused_argument(function, text, found),
    };
    if let Some(explanation) = explanation {
        critical(&format!(
            "{function}: assertion '{text}' failed: {} {explanation} (this call was made{})",
            subject(task, &record),
            by_this_call(),
        ));
    }
}

/// Says what is wrong with an argument, and where the call was made.
fn refused_argument(function: &str, text: &str, found: Option<&str>) {
    let advice = advice::of(function, text, found).map_or(String::new(), |it| format!(": {it}"));
    let place = match by_this_call() {
        place if place.is_empty() => place,
        place => format!(" (this call was made{place})"),
    };
    critical(&format!(
        "{function}: assertion '{text}' failed{advice}{place}"
    ));
}

/// `None`: it has been said.
fn returned_again(task: usize, record: &Record, function: &str) -> Option<String> {
    let here: Stack<STEP> = capture();
    // The innermost addresses may be of the library.
    let is_at_same_place = here == record.returned;
    let key = here
        .iter()
        .fold(0_usize, |sum, address| sum.rotate_left(7) ^ address);
    let is_repeated = is_in_loop() && record.again.contains(&key);
    if !record.again.contains(&key) && record.again.len() < MOST_PLACES {
        records::change(task, |record| record.again.push(key));
    }
    if is_repeated {
        return None;
    }
    let first = match record.kind {
        Kind::Nothing => "it is returning right now in another thread".to_owned(),
        Kind::Error => format!("g_task_return_error() was called{}", by(&record.returned)),
        kind => format!(
            "g_task_return_{}() was called{}",
            word(kind),
            by(&record.returned)
        ),
    };
    let advice = if function.starts_with("g_task_run_in_thread") {
        "The function is not run: return a result, or run a function, not both. Is a \"return\" \
        (and before it g_object_unref()) missing after the first call?"
    } else if record.steps.returned_elsewhere
        && !record.steps.ended
        && !record.steps.called_back
        && !record.steps.waited_for
    {
        "The first result counts, but the callback is called only when the thread function has \
        ended. To end such a task early, give g_task_new() a cancellable, call \
        g_task_set_return_on_cancel(), and cancel it: the caller gets G_IO_ERROR_CANCELLED"
    } else if is_at_same_place && is_in_loop() {
        "This is the same call once more. Stop calling it after the first result: in a source's \
        callback, return G_SOURCE_REMOVE; in a loop, break; disconnect a signal handler. Further \
        calls from here are refused without a message"
    } else {
        "A task returns exactly once, and this call is without effect: remove one of the two calls, \
        or see to it that only one is reached. Is a \"return\" (and before it g_object_unref()) \
        missing after the first?"
    };
    Some(format!("has returned already: {first}. {advice}"))
}

/// Why there is no result to fetch.
fn not_there(record: &Record) -> String {
    let steps = record.steps;
    if steps.fetched {
        let place = by(&record.fetched);
        let asked = word(record.asked);
        return format!(
            "has been finished already: g_task_propagate_{asked}() was called{place}. That call \
            handed the result over, and no other is left: call the finish function once, in the \
            callback"
        );
    }
    if steps.ended || steps.in_callback || steps.called_back {
        return "never returned: its thread function has ended without g_task_return_*(). Return a \
        result or an error on each way through that function"
            .to_owned();
    }
    "has not returned yet: the finish function is called before the result is there. Call it in \
    the callback that was given to g_task_new(), and nowhere else"
        .to_owned()
}

/// A GValue is asked for, and there is none.
fn no_value(record: &Record) -> String {
    let returned = word(record.kind);
    let place = by(&record.returned);
    format!(
        "was returned with g_task_return_{returned}(){place}: fetch it with \
        g_task_propagate_{returned}(), or return it with g_task_return_value()"
    )
}

/// The source of the result is gone: was the callback called? (The context does not end before: the
/// task keeps it.)
fn dropped(task: usize) {
    let record = records::change(task, |record| {
        record.steps.dropped = true;
        record.since = records::now();
        record.clone()
    });
    let (Some(record), Some(view)) = (record, records::view(task)) else {
        return;
    };
    if record.steps.called_back || record.steps.in_callback || view.callback.is_null() {
        return;
    }
    critical(&format!(
        "{} has returned, but its callback will never be called: the source that was to call it \
        was removed{}. The library had added that source: the number was wrong, or of a source that \
        has ended. Remove only numbers that g_timeout_add(), g_idle_add() and the like gave you, and \
        set the variable to 0 when the source has ended",
        subject(task, &record),
        by_this_call(),
    ));
}
