//! What is wrong with an argument that was refused, and what to change: for each assertion of the
//! library's that is not about what happened to a task before. tests/complete.rs looks that none is
//! missing.

/// In words that can follow "assertion 'TEXT' failed: ". `found`: what class an argument has that
/// had to be an instance. `None`: the text is unknown.
pub(crate) fn of(function: &str, text: &str, found: Option<&str>) -> Option<String> {
    match Wanted::read(text) {
        Some(wanted) => Some(wanted.advice(function, found.unwrap_or("<unknown>"))),
        None => of_text(function, text).map(str::to_owned),
    }
}

/// "G_IS_TASK (task)" and the like: what an argument has to be.
struct Wanted<'a> {
    class: &'static str,
    argument: &'a str,
    is_optional: bool,
}

impl<'a> Wanted<'a> {
    fn read(text: &'a str) -> Option<Self> {
        let (before, check) = text.split_at(text.find("G_IS_")?);
        let (name, argument) = check.split_once(" (")?;
        let class = match name {
            "G_IS_TASK" => "GTask",
            "G_IS_CANCELLABLE" => "GCancellable",
            "G_IS_SIMPLE_ASYNC_RESULT" => "GSimpleAsyncResult",
            "G_IS_ASYNC_RESULT" => "GAsyncResult",
            "G_IS_INITABLE" => "GInitable",
            "G_IS_ASYNC_INITABLE" => "GAsyncInitable",
            _ => "GObject",
        };
        Some(Self {
            class,
            argument: argument.trim_end_matches(')'),
            is_optional: !before.is_empty(),
        })
    }

    fn advice(&self, function: &str, found: &str) -> String {
        let Self {
            class, argument, ..
        } = self;
        let is = match found {
            "<NULL-instance>" => format!("\"{argument}\" is NULL"),
            found if found.starts_with('<') => {
                format!("\"{argument}\" points to no object: it was freed, or never was one")
            }
            found if found == *class => {
                format!("\"{argument}\" is a {found} of another library")
            }
            found => format!("\"{argument}\" is of type {found}, and not a {class}"),
        };
        let counts = if self.is_optional && function == "g_task_new" {
            ", and counts as NULL"
        } else {
            ""
        };
        format!("{is}{counts}. {}", self.remedy(function))
    }

    fn remedy(&self, function: &str) -> &'static str {
        let is_of_finish = ["_propagate_", "_get_", "_is_", "_had_"]
            .iter()
            .any(|word| function.contains(word));
        match self.class {
            "GObject" => {
                "Pass a GObject, or NULL. To hand over anything else, use the last argument of \
                g_task_new(), which the callback gets, or g_task_set_task_data()"
            }
            "GCancellable" if self.is_optional => {
                "Pass a GCancellable, or NULL: look at the order of the arguments"
            }
            "GCancellable" => "Pass what g_cancellable_new() returned",
            "GInitable" | "GAsyncInitable" => "Pass an object whose class implements the interface",
            "GTask" if !is_of_finish => "Pass what g_task_new() returned",
            "GSimpleAsyncResult" if !is_of_finish => {
                "Pass what g_simple_async_result_new() returned"
            }
            _ => {
                "In a callback, pass its second argument, the result; the third is the data that \
                was given with the callback"
            }
        }
    }
}

fn of_text(function: &str, text: &str) -> Option<&'static str> {
    Some(match text {
        "func != NULL" if function.starts_with("g_io_scheduler_") => {
            "there is no function to call in the main loop, and nothing was sent. Pass one"
        }
        "job_func != NULL" => "there is no function to run, and nothing was queued. Pass one",
        "job != NULL" => {
            "there is no job. Call this in a job's function, with the job that the function got"
        }
        "G_TYPE_IS_INITABLE (object_type)" => {
            "the class does not implement GInitable. Declare it with G_IMPLEMENT_INTERFACE \
            (G_TYPE_INITABLE, ...), or make the object with g_object_new()"
        }
        "G_TYPE_IS_ASYNC_INITABLE (object_type)" => {
            "the class does not implement GAsyncInitable, and the callback is not called. Declare it \
            with G_IMPLEMENT_INTERFACE (G_TYPE_ASYNC_INITABLE, NULL); if it implements GInitable, \
            too, that is all"
        }
        "iface->init != NULL" => {
            "the class implements GInitable, and has no method \"init\". Set it in the function that \
            is given to G_IMPLEMENT_INTERFACE()"
        }
        "iface->init_async != NULL" | "iface->init_finish != NULL" => {
            "the class has taken a method of GAsyncInitable away. Leave the table as it is, or set \
            both methods, in the function that is given to G_IMPLEMENT_INTERFACE()"
        }
        "task_func != NULL" | "func != NULL" => {
            "there is no function to run, and nothing was started. Pass one; or return a result \
            or an error without it"
        }
        "domain != 0" if function == "g_task_return_new_error_literal" => {
            "the domain of the error is 0, and nothing was returned. Pass G_IO_ERROR, or what \
            the function of your own domain returns: G_DEFINE_QUARK() makes one"
        }
        "domain != 0" if function.starts_with("g_task_") => {
            "the domain of the error is 0: it is returned all the same, and g_error_matches() \
            will never find it. Pass G_IO_ERROR, or what the function of your own domain \
            returns: G_DEFINE_QUARK() makes one"
        }
        "domain != 0" => {
            "the domain of the error is 0. Pass G_IO_ERROR, or what the function of your own \
            domain returns: G_DEFINE_QUARK() makes one"
        }
        "format != NULL" => {
            "the format of the error's text is NULL. If the text comes from elsewhere, pass \
            \"%s\" as the format, and behind it the text, or another where that is NULL"
        }
        "message != NULL" => {
            "the text of the error is NULL. Pass another where the one that is wanted is missing"
        }
        "error != NULL" => {
            "there is no error. Look where the pointer comes from: a function that has failed \
            without an error, or a GError that was given away or cleared before. Where nothing \
            has failed, return a result"
        }
        "error == NULL || *error == NULL" => {
            "the place for the error holds one already. Set it to NULL before it is used, and \
            again after an error was handled: g_clear_error() does that"
        }
        "value != NULL" => {
            "there is no place for the value. Pass the address of a GValue that is G_VALUE_INIT"
        }
        "pollfd != NULL" => "there is no place for the answer. Pass the address of a GPollFD",
        "cancellable != NULL" => {
            "there is no object to push. Push nothing where there is no cancellable, and then pop \
            nothing"
        }
        "l != NULL" => {
            "this thread has pushed no object that is not popped yet. Call \
            g_cancellable_pop_current() once for each g_cancellable_push_current(), in the same \
            thread"
        }
        "l->data == cancellable" => {
            "another object was pushed after this one. Pop them in the opposite order"
        }
        "priv->fd_refcount > 0" => {
            "no descriptor is left to release. Call g_cancellable_release_fd() once for each \
            g_cancellable_get_fd() that gave one, and each g_cancellable_make_pollfd() that \
            returned TRUE"
        }
        "check_cancellable || !task->return_on_cancel" => {
            "the task returns on cancel, which needs its cancellable. Call \
            g_task_set_return_on_cancel (task, FALSE) before"
        }
        "task->check_cancellable || !return_on_cancel" => {
            "the task was told not to look at its cancellable. Call \
            g_task_set_check_cancellable (task, TRUE) before"
        }
        "!task->ever_returned" => "a task returns once. Is a \"return\" missing after the first?",
        "task->result_set" => {
            "there is no result: it was fetched before, or is not there yet. Fetch it once, in the \
            callback"
        }
        _ => return None,
    })
}
