/* Contract, section 2: the rest of the table, the proof that the table can fail, how the line reaches the
 * log, and who frees what a refused call was given. */
#define _GNU_SOURCE /* sys/wait.h */
#include "counted-error.h"
#include "preconditions.h"

#include <signal.h>
#include <string.h>
#include <sys/wait.h>

#define NO_RESULT "G_IS_ASYNC_RESULT (res)"

static void
test_async_result (void)
{
  table_begin ();
  EACH_ROW (g_async_result_get_user_data (bad), == NULL, NO_RESULT);
  EACH_ROW (g_async_result_get_source_object (bad), == NULL, NO_RESULT);
  EACH_ROW (g_async_result_is_tagged (bad, &data), == FALSE, NO_RESULT);
  EACH_ROW (g_async_result_is_tagged (bad, NULL), == FALSE, NO_RESULT);
  EACH_ROW (g_async_result_legacy_propagate_error (bad, &error), == FALSE && error == NULL, SILENT);
  EACH_ROW (g_async_result_legacy_propagate_error (bad, &stale), == FALSE && is_stale (), SILENT);
  ROW (g_async_result_legacy_propagate_error (G_ASYNC_RESULT (simple), NULL), == FALSE, SILENT);
  ROW (g_async_result_legacy_propagate_error (G_ASYNC_RESULT (simple), &stale), == FALSE && is_stale (), SILENT);
  ROW_AFTER (g_simple_async_result_set_from_error (simple, fresh),
             g_async_result_legacy_propagate_error (G_ASYNC_RESULT (simple), &stale), == TRUE && is_stale (),
             "GLib-WARNING: GError set over the top of a previous GError*");
  table_end ();
}

static void
test_io_error (void)
{
  const char *line = "GLib-GIO-CRITICAL: file *: line * (g_io_error_from_file_error): should not be reached";

  table_begin ();
  ROW (g_io_error_from_file_error ((GFileError) 25), == G_IO_ERROR_FAILED, line);
  ROW (g_io_error_from_file_error ((GFileError) -1), == G_IO_ERROR_FAILED, line);
  ROW (g_io_error_from_errno (-1), == G_IO_ERROR_FAILED, SILENT);
  table_end ();
}

/* A table that cannot fail proves nothing: each kind of wrong row is seen. */
static void
test_table_can_fail (void)
{
  table_begin ();
  table_must_fail (TRUE);
  ROW (g_task_get_name (NULL), == NULL, SILENT);
  ROW (g_task_get_name (NULL), == NULL, "G_IS_TASK (result)");
  ROW (g_task_get_name (NULL), == NULL, "G_IS_TASK (task) ");
  ROW (g_task_get_name (NULL), == NULL, REFUSED_BY (g_task_get_priority, "G_IS_TASK (task)"));
  ROW (g_task_get_name (NULL), == NULL, "G_IS_TASK (task)", "G_IS_TASK (task)");
  ROW (g_task_get_name (NULL), != NULL, "G_IS_TASK (task)");
  ROW (g_task_get_name (task), == NULL, "G_IS_TASK (task)");
  ROW (g_task_get_name (task), == NULL, SOME_CRITICALS);
  ROW_AFTER (g_task_get_name (NULL), g_task_get_name (NULL), == NULL, "G_IS_TASK (task)");
  ROW_AFTER (g_warning ("text"), g_task_get_name (NULL), == NULL, SOME_CRITICALS);
  VOID_ROW (raise (SIGKILL), SILENT);
  table_must_fail (FALSE);
  ROW (g_task_get_name (NULL), == NULL, "G_IS_TASK (task)");
  table_end ();
}

/* The message goes through g_log: expectations see it. */
static void
test_expect_message (void)
{
  g_test_expect_message ("GLib-GIO", G_LOG_LEVEL_CRITICAL, "g_task_get_priority: assertion 'G_IS_TASK (task)' failed");
  g_assert_cmpint (g_task_get_priority (NULL), ==, G_PRIORITY_DEFAULT);
  g_test_assert_expected_messages ();
}

static void
collect_message (const char *log_domain, GLogLevelFlags level, const char *message, gpointer lines)
{
  g_ptr_array_add (lines, g_strdup_printf ("%s %d %s", log_domain, level, message));
}

/* A handler for the domain and the level gets the line, once. */
static void
test_log_handler (void)
{
  GPtrArray *lines = g_ptr_array_new_with_free_func (g_free);
  GLogLevelFlags fatal = g_log_set_always_fatal (G_LOG_FATAL_MASK);
  guint handler = g_log_set_handler ("GLib-GIO", G_LOG_LEVEL_CRITICAL, collect_message, lines);

  g_assert_null (g_cancellable_get_current ());
  g_cancellable_push_current (NULL);
  g_log_remove_handler ("GLib-GIO", handler);
  g_log_set_always_fatal (fatal);
  g_assert_cmpuint (lines->len, ==, 1);
  g_assert_cmpstr (lines->pdata[0], ==,
                   "GLib-GIO 8 g_cancellable_push_current: assertion 'cancellable != NULL' failed");
  g_ptr_array_unref (lines);
}

#define REFUSED_CALL "--refused-call"

/* Runs this program as a plain one, outside the test framework: one refused call, and the end of main. */
static int
run_refused_call (const char *debug, char **output)
{
  /* Read, not executed as it is: under valgrind it is another program's name. */
  char *self = g_file_read_link ("/proc/self/exe", NULL);
  char *argv[] = { self, REFUSED_CALL, NULL };
  char **environment = g_environ_unsetenv (g_environ_unsetenv (g_get_environ (), "G_DEBUG"), "G_MESSAGES_DEBUG");
  GError *spawn_error = NULL;
  int status;

  if (debug)
    environment = g_environ_setenv (environment, "G_DEBUG", debug, TRUE);
  g_spawn_sync (NULL, argv, environment, 0, NULL, NULL, NULL, output, &status, &spawn_error);
  g_assert_no_error (spawn_error);
  g_strfreev (environment);
  g_free (self);
  return status;
}

static void
assert_line_with_time (const char *output)
{
  const char *pattern = "*(process:*): GLib-GIO-CRITICAL **: *: "
                        "g_task_get_name: assertion 'G_IS_TASK (task)' failed\n*";

  if (!g_pattern_match_simple (pattern, output))
    g_test_fail_printf ("unexpected line: %s", output);
}

/* Without G_DEBUG the program goes on, and the terminal has the line. */
static void
test_goes_on (void)
{
  char *output;
  int status = run_refused_call (NULL, &output);

  g_assert_true (WIFEXITED (status));
  g_assert_cmpint (WEXITSTATUS (status), ==, 0);
  assert_line_with_time (output);
  g_free (output);
}

/* With G_DEBUG=fatal-criticals it stops, after the line: in a trap, or since 2.90 by aborting. */
static void
test_fatal_criticals (void)
{
  char *output;
  int status = run_refused_call ("fatal-criticals", &output);

  g_assert_true (WIFSIGNALED (status));
  g_assert_cmpint (WTERMSIG (status), ==, glib_minor_version >= 88 ? SIGABRT : SIGTRAP);
  assert_line_with_time (output);
  g_free (output);
}

/* A task that has returned 7, its line of refusal expected once from `function`. */
static GTask *
returned_task (const char *function)
{
  GTask *returned = g_task_new (NULL, NULL, on_ready, NULL);
  char *line = g_strdup_printf ("%s: assertion '!task->ever_returned' failed", function);

  n_errors_made = n_errors_freed = n_destroyed = n_called = 0;
  g_task_return_int (returned, 7);
  g_test_expect_message ("GLib-GIO", G_LOG_LEVEL_CRITICAL, line);
  g_free (line);
  return returned;
}

/* The first result is delivered, once, and the task goes. */
static void
finish_returned_task (GTask *returned)
{
  GError *none = NULL;
  gpointer weak = returned;

  g_test_assert_expected_messages ();
  g_assert_cmpint (g_task_propagate_int (returned, &none), ==, 7);
  g_assert_no_error (none);
  g_object_add_weak_pointer (G_OBJECT (returned), &weak);
  g_object_unref (returned);
  drain (NULL);
  g_assert_null (weak);
  g_assert_cmpint (n_called, ==, 1);
}

static void
test_refused_error (void)
{
  GTask *returned = returned_task ("g_task_return_error");

  g_task_return_error (returned, counted_error_new (1));
  finish_returned_task (returned);
  g_assert_cmpint (n_errors_made, ==, 1);
  g_assert_cmpint (count_errors (), ==, 0);
}

static void
test_refused_new_error (void)
{
  GTask *returned = returned_task ("g_task_return_error");

  g_task_return_new_error (returned, counted_error_quark (), 1, "number %d", 1);
  finish_returned_task (returned);
  g_assert_cmpint (n_errors_made, ==, 1);
  g_assert_cmpint (count_errors (), ==, 0);
}

static void
test_refused_newer_errors (void)
{
#ifdef ON_GIO
  g_test_fail_printf ("libgio 2.74.6 has no such functions");
#else
  GTask *returned = returned_task ("g_task_return_error");

  g_task_return_new_error_literal (returned, counted_error_quark (), 1, "text");
  finish_returned_task (returned);
  g_assert_cmpint (n_errors_made, ==, 1);
  g_assert_cmpint (count_errors (), ==, 0);

  returned = returned_task ("g_task_return_prefixed_error");
  g_task_return_prefixed_error (returned, counted_error_new (1), "prefix: ");
  finish_returned_task (returned);
  g_assert_cmpint (n_errors_made, ==, 1);
  g_assert_cmpint (count_errors (), ==, 0);
#endif
}

static void
test_refused_pointer (void)
{
  GTask *returned = returned_task ("g_task_return_pointer");

  g_task_return_pointer (returned, &data, count_destroy);
  finish_returned_task (returned);
  g_assert_cmpint (n_destroyed, ==, 1);
}

static gint n_boxes_made, n_boxes_freed;

static gpointer
box_copy (gpointer box)
{
  n_boxes_made++;
  return box;
}

static void
box_free (gpointer box G_GNUC_UNUSED)
{
  n_boxes_freed++;
}

/* return_value copies; the caller's own value stays his, also when the call is refused. */
static void
test_refused_value (void)
{
  GTask *returned = returned_task ("g_task_return_value");
  GValue boxed = G_VALUE_INIT;

  g_value_init (&boxed, g_boxed_type_register_static ("Box", box_copy, box_free));
  g_value_set_static_boxed (&boxed, &data);
  g_task_return_value (returned, &boxed);
  finish_returned_task (returned);
  g_assert_true (g_value_get_boxed (&boxed) == &data);
  g_value_unset (&boxed);
  g_assert_cmpint (n_boxes_made, ==, n_boxes_freed);
}

#define PATH "/preconditions/"
#define FREED "2.7 (better): what was handed over with a refused result is freed"

static const Case cases[] = {
  { PATH "async-result", test_async_result, NULL, 0 },
  { PATH "io-error", test_io_error, NULL, 0 },
  { PATH "table-can-fail", test_table_can_fail, NULL, 0 },
  { PATH "expect-message", test_expect_message, NULL, 0 },
  { PATH "log-handler", test_log_handler, NULL, 0 },
  { PATH "goes-on", test_goes_on, NULL, 0 },
  { PATH "fatal-criticals", test_fatal_criticals, NULL, 0 },
  { PATH "refused/error", test_refused_error, FREED, 0 },
  { PATH "refused/new-error", test_refused_new_error, FREED, 0 },
  { PATH "refused/newer-errors", test_refused_newer_errors, FREED, 0 },
  { PATH "refused/pointer", test_refused_pointer, FREED, 0 },
  { PATH "refused/value", test_refused_value, NULL, 0 },
};

int
main (int argc, char **argv)
{
  if (argc == 2 && strcmp (argv[1], REFUSED_CALL) == 0)
    {
      g_task_get_name (NULL);
      return 0;
    }
  return harness_main (argc, argv, cases, G_N_ELEMENTS (cases));
}
