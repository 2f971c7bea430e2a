/* Contract, section 2: every check of every g_task_ function, as a table. How to read a row: preconditions.h */
#include "preconditions.h"

#include <string.h>

#define NO_TASK "G_IS_TASK (task)"
/* The macro calls another function, where there is one. */
#define NAME_NO_TASK "GLib-GIO-CRITICAL: g_task_set*_name: assertion 'G_IS_TASK (task)' failed"
#define RETURNED "!task->ever_returned"
#define NO_RESULT "task->result_set"

#define GERROR_OVERWRITTEN "GLib-WARNING: GError set over the top of a previous GError*"
#define NO_DOMAIN "domain != 0"
#define NO_FORMAT "format != NULL"
#define NO_OBJECT "source_object == NULL || G_IS_OBJECT (source_object)"

#define WRONG_SOURCE "2.8 (better): an object of the wrong class is refused"

static void
task_func (GTask *t G_GNUC_UNUSED, gpointer s G_GNUC_UNUSED, gpointer d G_GNUC_UNUSED,
           GCancellable *c G_GNUC_UNUSED)
{
}

/* What libgio leaves to GLib, whose functions then have their say. Printf-style functions are ours beside libgio, too. */
static void
own_check (void)
{
#ifndef BESIDE_GIO
  row_differs ("2.11 (better): checked by the function that was called");
#endif
}

static void
begin (void)
{
  table_begin ();
  another_class = simple;
}

/* A wrong cancellable counts as none. libgio takes it, and looks for its flag in the memory of what it is. */
#define NO_CANCELLABLE REFUSED_BY (g_task_new, "!cancellable || G_IS_CANCELLABLE (cancellable)")
#define WRONG_IS_NONE "2.8 (better): a wrong cancellable counts as none"

static GTask *made;

static gboolean
works_without_cancellable (void)
{
  g_task_return_int (made, 5);
  drain (NULL);
  return g_task_get_cancellable (made) == NULL && n_called == 1 && g_task_propagate_int (made, NULL) == 5;
}

static gboolean
callback_comes (void)
{
  drain (NULL);
  return n_called == 1;
}

static void
test_wrong_cancellable (void)
{
  begin ();
  row_differs (WRONG_IS_NONE);
  VOID_ROW_AFTER ((void) 0, made = g_task_new (NULL, object, on_ready, NULL), works_without_cancellable (),
                  NO_CANCELLABLE);
  row_differs (WRONG_IS_NONE);
  VOID_ROW_AFTER ((void) 0, made = g_task_new (NULL, not_an_object, on_ready, NULL), works_without_cancellable (),
                  NO_CANCELLABLE);
  table_end ();
}

/* A wrong source object counts as none, up to the callback. */
static void
test_wrong_source_object (void)
{
  begin ();
  row_differs (WRONG_SOURCE);
  VOID_ROW_AFTER ((void) 0, made = g_task_new (not_an_object, NULL, on_ready, NULL),
                  g_task_get_source_object (made) == NULL && g_task_is_valid (made, NULL)
                    && works_without_cancellable (),
                  REFUSED_BY (g_task_new, NO_OBJECT));
  row_differs (WRONG_SOURCE);
  VOID_ROW_AFTER ((void) 0, made = g_task_new (not_an_object, object, on_ready, NULL), works_without_cancellable (),
                  REFUSED_BY (g_task_new, NO_OBJECT), NO_CANCELLABLE);
  row_differs (WRONG_SOURCE);
  VOID_ROW_AFTER ((void) 0, g_task_report_error (not_an_object, on_ready, NULL, &data, fresh), callback_comes (),
                  NO_OBJECT);
  table_end ();
}

/* Making a task, and the short cuts that make one and return an error at once. */
static void
test_creation (void)
{
  begin ();
  row_differs (WRONG_SOURCE);
  ROW (g_task_new (not_an_object, NULL, on_ready, NULL), != NULL, NO_OBJECT);
  /* Without a callback: else the task, which is dropped without a result, has its own line (section 4, new). */
  row_differs (WRONG_SOURCE);
  VOID_ROW (g_task_report_error (not_an_object, NULL, NULL, &data, NULL),
            REFUSED_BY (g_task_report_error, NO_OBJECT), REFUSED_BY (g_task_return_error, "error != NULL"));
  VOID_ROW (g_task_report_error (object, NULL, NULL, &data, NULL),
            REFUSED_BY (g_task_return_error, "error != NULL"));
  row_differs (WRONG_SOURCE);
  VOID_ROW_AFTER ((void) 0, g_task_report_new_error (not_an_object, on_ready, NULL, &data, domain, 1, "text"),
                  callback_comes (), REFUSED_BY (g_task_report_error, NO_OBJECT));
  own_check ();
  VOID_ROW_AFTER ((void) 0, g_task_report_new_error (object, on_ready, NULL, &data, 0, 1, "text"), callback_comes (),
                  NO_DOMAIN);
  own_check ();
  VOID_ROW_AFTER ((void) 0, g_task_report_new_error (object, on_ready, NULL, &data, domain, 1, no_format, 0),
                  callback_comes (), NO_FORMAT);
  table_end ();
}

static void
test_setters (void)
{
  begin ();
  EACH_VOID_ROW (g_task_set_task_data (bad, &data, count_destroy), NO_TASK);
  EACH_VOID_ROW (g_task_set_priority (bad, 5), NO_TASK);
  EACH_VOID_ROW (g_task_set_check_cancellable (bad, FALSE), NO_TASK);
  VOID_ROW_AFTER (g_task_set_return_on_cancel (task, TRUE),
                  g_task_set_check_cancellable (task, FALSE), g_task_get_check_cancellable (task),
                  "check_cancellable || !task->return_on_cancel");
  VOID_ROW_AFTER (g_task_set_return_on_cancel (task, TRUE),
                  g_task_set_check_cancellable (task, TRUE), g_task_get_return_on_cancel (task), SILENT);
  row_differs ("2.12 (better): one critical, also as the macro");
  VOID_ROW (g_task_set_source_tag (NULL, &data), REFUSED_BY (g_task_set_source_tag, NO_TASK));
  row_differs ("2.12 (better): one critical, also as the macro");
  VOID_ROW (g_task_set_source_tag (object, &data), REFUSED_BY (g_task_set_source_tag, NO_TASK));
  VOID_ROW (g_task_set_name (NULL, "name"), NAME_NO_TASK);
  /* In parentheses: the functions, not the macros of the same names. */
  EACH_VOID_ROW ((g_task_set_source_tag) (bad, &data), NO_TASK);
  EACH_VOID_ROW ((g_task_set_name) (bad, "name"), NO_TASK);
  VOID_ROW ((g_task_set_name) (task, NULL), SILENT);
  EACH_ROW (g_task_set_return_on_cancel (bad, TRUE), == FALSE, NO_TASK);
  ROW_AFTER (g_task_set_check_cancellable (task, FALSE),
             g_task_set_return_on_cancel (task, TRUE), == FALSE && !g_task_get_return_on_cancel (task),
             "task->check_cancellable || !return_on_cancel");
  ROW_AFTER (g_task_set_check_cancellable (task, FALSE),
             g_task_set_return_on_cancel (task, FALSE), == TRUE, SILENT);
  table_end ();
}

static void
test_getters (void)
{
  begin ();
  EACH_ROW (g_task_get_source_object (bad), == NULL, NO_TASK);
  EACH_ROW (g_task_get_task_data (bad), == NULL, NO_TASK);
  EACH_ROW (g_task_get_priority (bad), == G_PRIORITY_DEFAULT, NO_TASK);
  EACH_ROW (g_task_get_context (bad), == NULL, NO_TASK);
  EACH_ROW (g_task_get_cancellable (bad), == NULL, NO_TASK);
  EACH_ROW (g_task_get_check_cancellable (bad), == FALSE, NO_TASK);
  EACH_ROW (g_task_get_source_tag (bad), == NULL, NO_TASK);
  EACH_ROW (g_task_get_name (bad), == NULL, NO_TASK);
  EACH_ROW (g_task_get_return_on_cancel (bad), == FALSE, NO_TASK);
  EACH_ROW (g_task_had_error (bad), == FALSE, NO_TASK);
  EACH_ROW (g_task_get_completed (bad), == FALSE, NO_TASK);
  EACH_ROW (g_task_is_valid (bad, NULL), == FALSE, SILENT);
  ROW (g_task_is_valid (task, object), == FALSE, SILENT);
  ROW (g_task_is_valid (task, not_an_object), == FALSE, SILENT);
  table_end ();
}

static void
test_running (void)
{
  begin ();
  EACH_VOID_ROW (g_task_run_in_thread (bad, task_func), NO_TASK);
  EACH_VOID_ROW (g_task_run_in_thread_sync (bad, task_func), NO_TASK);
  EACH_VOID_ROW (g_task_attach_source (bad, source, on_source), NO_TASK);
  VOID_ROW (g_task_attach_source (task, NULL, on_source), SOME_CRITICALS);
  VOID_ROW_AFTER (g_source_attach (source, NULL),
                  g_task_attach_source (task, source, on_source), TRUE,
                  "GLib-CRITICAL: g_source_attach: assertion 'source->context == NULL' failed");
  VOID_ROW_AFTER (g_source_destroy (source),
                  g_task_attach_source (task, source, on_source), TRUE,
                  "GLib-CRITICAL: g_source_attach: assertion '!SOURCE_DESTROYED (source)' failed");
  table_end ();
}

static void
test_returning_from_no_task (void)
{
  begin ();
  EACH_VOID_ROW (g_task_return_pointer (bad, &data, NULL), NO_TASK);
  EACH_VOID_ROW (g_task_return_boolean (bad, TRUE), NO_TASK);
  EACH_VOID_ROW (g_task_return_int (bad, 5), NO_TASK);
  EACH_VOID_ROW (g_task_return_value (bad, &value), NO_TASK);
  EACH_VOID_ROW (g_task_return_error (bad, fresh), NO_TASK);
  VOID_ROW (g_task_return_error (NULL, NULL), NO_TASK);
  EACH_VOID_ROW (g_task_return_new_error (bad, domain, 1, "text"), REFUSED_BY (g_task_return_error, NO_TASK));
  own_check ();
  VOID_ROW (g_task_return_new_error (NULL, 0, 1, "text"), REFUSED_BY (g_task_return_error, NO_TASK));
  own_check ();
  VOID_ROW (g_task_return_new_error (object, domain, 1, no_format, 0), REFUSED_BY (g_task_return_error, NO_TASK));
  EACH_ROW (g_task_return_error_if_cancelled (bad), == FALSE, NO_TASK);
  table_end ();
}

static void
test_returning_badly (void)
{
  begin ();
  VOID_ROW_AFTER ((void) 0, g_task_return_error (task, NULL), !g_task_had_error (task), "error != NULL");
  VOID_ROW_AFTER (g_task_return_error (task, NULL), g_task_return_int (task, 5),
                  g_task_propagate_int (task, NULL) == 5,
                  REFUSED_BY (g_task_return_error, "error != NULL"));
  own_check ();
  VOID_ROW_AFTER ((void) 0, g_task_return_new_error (task, 0, 1, "text"),
                  g_task_propagate_int (task, &error) == -1 && error->domain == 0 && strcmp (error->message, "text") == 0,
                  NO_DOMAIN);
  own_check ();
  VOID_ROW_AFTER ((void) 0, g_task_return_new_error (task, domain, 1, no_format, 0),
                  g_task_propagate_int (task, &error) == -1 && error->domain == domain && error->message != NULL,
                  NO_FORMAT);
  table_end ();
}

#define FIRST g_task_return_int (task, 7)
#define FIRST_STAYS (!g_task_had_error (task) && g_task_propagate_int (task, NULL) == 7)

/* #1525: a task that has returned refuses the second result and keeps the first. */
static void
test_returning_twice (void)
{
  begin ();
  VOID_ROW_AFTER (FIRST, g_task_return_pointer (task, &data, NULL), FIRST_STAYS, RETURNED);
  VOID_ROW_AFTER (FIRST, g_task_return_boolean (task, TRUE), FIRST_STAYS, RETURNED);
  VOID_ROW_AFTER (FIRST, g_task_return_int (task, 5), FIRST_STAYS, RETURNED);
  VOID_ROW_AFTER (FIRST, g_task_return_value (task, &value), FIRST_STAYS, RETURNED);
  VOID_ROW_AFTER (FIRST, g_task_return_value (task, NULL), FIRST_STAYS, RETURNED);
  VOID_ROW_AFTER (FIRST, g_task_return_error (task, fresh), FIRST_STAYS, RETURNED);
  VOID_ROW_AFTER (FIRST, g_task_return_error (task, NULL), FIRST_STAYS, RETURNED);
  VOID_ROW_AFTER (FIRST, g_task_return_new_error (task, domain, 1, "text"), FIRST_STAYS,
                  REFUSED_BY (g_task_return_error, RETURNED));
  ROW_AFTER (FIRST, g_task_return_error_if_cancelled (task), == FALSE && FIRST_STAYS, RETURNED);
  ROW_AFTER (FIRST; g_cancellable_cancel (cancellable),
             g_task_return_error_if_cancelled (task), == FALSE, RETURNED);
  /* After an error, and after propagation. */
  VOID_ROW_AFTER (g_task_return_error (task, fresh), g_task_return_int (task, 5),
                  g_task_had_error (task) && g_task_propagate_int (task, &error) == -1 && error == fresh,
                  RETURNED);
  VOID_ROW_AFTER (FIRST; g_task_propagate_int (task, NULL), g_task_return_int (task, 5),
                  !g_task_had_error (task), RETURNED);
  table_end ();
}

#define NEITHER_ERROR (error == NULL && is_stale ())

static void
test_propagating_from_no_task (void)
{
  begin ();
  EACH_ROW (g_task_propagate_pointer (bad, &error), == NULL && NEITHER_ERROR, NO_TASK);
  EACH_ROW (g_task_propagate_boolean (bad, &error), == FALSE && NEITHER_ERROR, NO_TASK);
  EACH_ROW (g_task_propagate_int (bad, &error), == -1 && NEITHER_ERROR, NO_TASK);
  EACH_ROW (g_task_propagate_value (bad, &unset, &error), == FALSE && NEITHER_ERROR, NO_TASK);
  ROW (g_task_propagate_value (NULL, NULL, &stale), == FALSE && NEITHER_ERROR, NO_TASK);
  table_end ();
}

/* Nothing returned yet, or already propagated. */
static void
test_propagating_nothing (void)
{
  begin ();
  ROW (g_task_propagate_pointer (task, &error), == NULL && NEITHER_ERROR, NO_RESULT);
  ROW (g_task_propagate_pointer (task, &stale), == NULL && NEITHER_ERROR, NO_RESULT);
  ROW (g_task_propagate_boolean (task, &error), == FALSE && NEITHER_ERROR, NO_RESULT);
  ROW (g_task_propagate_int (task, &error), == -1 && NEITHER_ERROR, NO_RESULT);
  ROW (g_task_propagate_value (task, &unset, &error), == FALSE && NEITHER_ERROR && !G_IS_VALUE (&unset), NO_RESULT);
  ROW_AFTER (g_task_return_pointer (task, &data, count_destroy); g_task_propagate_pointer (task, NULL),
             g_task_propagate_pointer (task, &error), == NULL && NEITHER_ERROR && n_destroyed == 0, NO_RESULT);
  ROW_AFTER (g_task_return_boolean (task, TRUE); g_task_propagate_boolean (task, NULL),
             g_task_propagate_boolean (task, &error), == FALSE && NEITHER_ERROR, NO_RESULT);
  ROW_AFTER (FIRST; g_task_propagate_int (task, NULL),
             g_task_propagate_int (task, &error), == -1 && NEITHER_ERROR, NO_RESULT);
  ROW_AFTER (g_task_return_error (task, fresh); g_task_propagate_int (task, NULL),
             g_task_propagate_int (task, &error), == -1 && NEITHER_ERROR, NO_RESULT);
  ROW_AFTER (g_task_return_value (task, &value); g_task_propagate_value (task, &unset, NULL),
             g_task_propagate_value (task, &value, &error),
             == FALSE && NEITHER_ERROR && g_value_get_int (&value) == 5, NO_RESULT);
  table_end ();
}

static void
test_propagating_badly (void)
{
  begin ();
  ROW_AFTER (g_task_return_value (task, &value), g_task_propagate_value (task, NULL, &error),
             == FALSE && NEITHER_ERROR, "value != NULL");
  ROW_AFTER (g_task_return_value (task, &value), g_task_propagate_value (task, NULL, &stale),
             == FALSE && NEITHER_ERROR, "value != NULL");
  /* Refused calls leave the result for a better one. */
  ROW_AFTER (g_task_return_value (task, &value); g_task_propagate_value (task, NULL, &error),
             g_task_propagate_value (task, &unset, &error), == TRUE && g_value_get_int (&unset) == 5,
             "value != NULL");
  ROW_AFTER (g_task_return_value (task, &value), g_task_propagate_value (task, &unset, &stale),
             == FALSE && NEITHER_ERROR, "error == NULL || *error == NULL");
  ROW (g_task_propagate_value (task, &unset, &stale), == FALSE && NEITHER_ERROR,
       "error == NULL || *error == NULL");
  ROW_AFTER (g_task_return_int (task, 5), g_task_propagate_value (task, &unset, &error), == FALSE,
             "task->result_destroy == value_free");
  ROW_AFTER (g_task_return_pointer (task, &data, NULL), g_task_propagate_value (task, &unset, &error), == FALSE,
             "task->result_destroy == value_free");
  /* Only propagate_value looks at the error variable first. With an error to give, GLib itself warns. */
  ROW_AFTER (g_task_return_int (task, 5), g_task_propagate_int (task, &stale), == 5 && is_stale (), SILENT);
  ROW_AFTER (g_task_return_pointer (task, &data, NULL),
             g_task_propagate_pointer (task, &stale), == &data && is_stale (), SILENT);
  ROW_AFTER (g_task_return_boolean (task, TRUE),
             g_task_propagate_boolean (task, &stale), == TRUE && is_stale (), SILENT);
  ROW_AFTER (g_task_return_error (task, fresh),
             g_task_propagate_int (task, &stale), == -1 && is_stale (), GERROR_OVERWRITTEN);
  table_end ();
}

/* The functions of newer GLib, in the manner of their elders. */
static void
test_new_functions (void)
{
#ifdef ON_GIO
  g_test_fail_printf ("libgio 2.74.6 has no such functions");
#else
  begin ();
  EACH_VOID_ROW (g_task_set_static_name (bad, "name"), NO_TASK);
  EACH_VOID_ROW (g_task_return_new_error_literal (bad, domain, 1, "text"),
                 REFUSED_BY (g_task_return_error, NO_TASK));
  VOID_ROW_AFTER (FIRST, g_task_return_new_error_literal (task, domain, 1, "text"), FIRST_STAYS,
                  REFUSED_BY (g_task_return_error, RETURNED));
  EACH_VOID_ROW (g_task_return_prefixed_error (bad, fresh, "prefix: "), NO_TASK);
  EACH_VOID_ROW (g_task_return_prefixed_error (bad, NULL, no_format, 0), NO_TASK);
  VOID_ROW_AFTER (FIRST, g_task_return_prefixed_error (task, fresh, "prefix: "), FIRST_STAYS, RETURNED);
  VOID_ROW_AFTER (FIRST, g_task_return_prefixed_error (task, NULL, "prefix: "), FIRST_STAYS, RETURNED);
  VOID_ROW_AFTER (FIRST, g_task_return_prefixed_error (task, fresh, no_format, 0), FIRST_STAYS, RETURNED);
  VOID_ROW_AFTER ((void) 0, g_task_return_prefixed_error (task, NULL, "prefix: "), !g_task_had_error (task),
                  "error != NULL");
  VOID_ROW_AFTER ((void) 0, g_task_return_prefixed_error (task, fresh, no_format, 0), !g_task_had_error (task),
                  "format != NULL");
  table_end ();
#endif
}

#define PATH "/preconditions/task/"

static const Case cases[] = {
  { PATH "creation", test_creation, NULL, 0 },
  { PATH "creation/wrong-cancellable", test_wrong_cancellable, NULL, 0 },
  { PATH "creation/wrong-source-object", test_wrong_source_object, NULL, 0 },
  { PATH "setters", test_setters, NULL, 0 },
  { PATH "getters", test_getters, NULL, 0 },
  { PATH "running", test_running, NULL, 0 },
  { PATH "returning-from-no-task", test_returning_from_no_task, NULL, 0 },
  { PATH "returning-badly", test_returning_badly, NULL, 0 },
  { PATH "returning-twice", test_returning_twice, NULL, 0 },
  { PATH "propagating-from-no-task", test_propagating_from_no_task, NULL, 0 },
  { PATH "propagating-nothing", test_propagating_nothing, NULL, 0 },
  { PATH "propagating-badly", test_propagating_badly, NULL, 0 },
  { PATH "new-functions", test_new_functions, "1.8 (new): g_task_set_static_name, and 1.9 (new), 1.10 (new)", 0 },
};

HARNESS_MAIN (cases)
