/* What is promised to be taken as it is, is: names and messages are never formats. Read as one, this text would crash. */
#include "task-helpers.h"

#define TEXT "%n%s%n%s %1$*2$s 100%"

static GError *
new_error (void)
{
  return g_error_new_literal (G_IO_ERROR, G_IO_ERROR_BUSY, TEXT);
}

static void
assert_message (GError *error, const char *message)
{
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_BUSY);
  g_assert_cmpstr (error->message, ==, message);
  g_error_free (error);
}

static void
assert_failed (GTask *task, const char *message)
{
  GError *error = NULL;

  g_assert_false (g_task_propagate_boolean (task, &error));
  assert_message (error, message);
  drain (NULL);
  g_object_unref (task);
}

static void
test_names (void)
{
  static GSourceFuncs functions; /* GLib gives no name to a source of these */
  GTask *task = g_task_new (NULL, NULL, NULL, NULL);
  GSource *source = g_source_new (&functions, sizeof (GSource));

  (g_task_set_name) (task, TEXT);
  g_assert_cmpstr (g_task_get_name (task), ==, TEXT);
  g_task_set_static_name (task, TEXT);
  g_assert_cmpstr (g_task_get_name (task), ==, TEXT);
  g_task_attach_source (task, source, G_SOURCE_FUNC (g_object_unref));
  g_assert_cmpstr (g_source_get_name (source), ==, TEXT);
  g_source_destroy (source);
  g_source_unref (source);
  g_task_return_boolean (task, TRUE);
  drain (NULL);
  g_object_unref (task);
}

static void
keep_message (const char *domain G_GNUC_UNUSED, GLogLevelFlags level G_GNUC_UNUSED, const char *message, gpointer kept)
{
  *(char **) kept = g_strdup (message);
}

/* The name appears in a message of the library. */
static void
test_unfinished (void)
{
  GTask *task = g_task_new (NULL, NULL, note_call, NULL);
  char *message = NULL;
  guint handler;

  (g_task_set_name) (task, TEXT);
  g_log_set_always_fatal (G_LOG_LEVEL_ERROR);
  handler = g_log_set_handler ("GLib-GIO", G_LOG_LEVEL_CRITICAL, keep_message, &message);
  g_object_unref (task);
  g_log_remove_handler ("GLib-GIO", handler);
  g_assert_nonnull (message);
  g_assert_true (g_str_has_prefix (message, "GTask " TEXT " (source object: "));
  g_free (message);
}

static void
test_errors (void)
{
  GTask *task = g_task_new (NULL, NULL, NULL, NULL);

  g_task_return_error (task, new_error ());
  assert_failed (task, TEXT);
  task = g_task_new (NULL, NULL, NULL, NULL);
  g_task_return_new_error_literal (task, G_IO_ERROR, G_IO_ERROR_BUSY, TEXT);
  assert_failed (task, TEXT);
  task = g_task_new (NULL, NULL, NULL, NULL);
  g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_BUSY, "%d %s", 1, TEXT);
  assert_failed (task, "1 " TEXT);
}

/* The prefix is a format; what it makes, and the message behind it, are not. */
static void
test_prefix (void)
{
  GTask *task = g_task_new (NULL, NULL, NULL, NULL);

  g_task_return_prefixed_error (task, new_error (), "%s: ", TEXT);
  assert_failed (task, TEXT ": " TEXT);
}

static void
keep_error (GObject *source G_GNUC_UNUSED, GAsyncResult *result, gpointer error)
{
  if (G_IS_TASK (result))
    g_assert_false (g_task_propagate_boolean (G_TASK (result), error));
  else
    g_assert_true (g_simple_async_result_propagate_error (G_SIMPLE_ASYNC_RESULT (result), error));
}

static void
assert_reported (GError **error, const char *message)
{
  drain (NULL);
  assert_message (*error, message);
  *error = NULL;
}

static void
test_reports (void)
{
  GError *error = NULL, *copied = new_error ();

  g_task_report_error (NULL, keep_error, &error, NULL, new_error ());
  assert_reported (&error, TEXT);
  g_task_report_new_error (NULL, keep_error, &error, NULL, G_IO_ERROR, G_IO_ERROR_BUSY, "%s", TEXT);
  assert_reported (&error, TEXT);
  g_simple_async_report_gerror_in_idle (NULL, keep_error, &error, copied);
  assert_reported (&error, TEXT);
  g_simple_async_report_take_gerror_in_idle (NULL, keep_error, &error, copied);
  assert_reported (&error, TEXT);
  g_simple_async_report_error_in_idle (NULL, keep_error, &error, G_IO_ERROR, G_IO_ERROR_BUSY, "%s", TEXT);
  assert_reported (&error, TEXT);
}

static void
assert_simple_failed (GSimpleAsyncResult *simple)
{
  GError *error = NULL;

  g_assert_true (g_simple_async_result_propagate_error (simple, &error));
  assert_message (error, TEXT);
  g_object_unref (simple);
}

static void
test_simple (void)
{
  GError *error = new_error ();
  GSimpleAsyncResult *simple;

  assert_simple_failed (g_simple_async_result_new_from_error (NULL, NULL, NULL, error));
  assert_simple_failed (g_simple_async_result_new_take_error (NULL, NULL, NULL, error));
  assert_simple_failed (g_simple_async_result_new_error (NULL, NULL, NULL, G_IO_ERROR, G_IO_ERROR_BUSY, "%s", TEXT));
  simple = g_simple_async_result_new (NULL, NULL, NULL, NULL);
  g_simple_async_result_set_error (simple, G_IO_ERROR, G_IO_ERROR_BUSY, "%s", TEXT);
  assert_simple_failed (simple);
}

static const Case cases[] = {
  { "/literal/names", test_names, NULL, 5 },
  { "/literal/unfinished", test_unfinished, NULL, 5 },
  { "/literal/errors", test_errors, NULL, 5 },
  { "/literal/prefix", test_prefix, NULL, 5 },
  { "/literal/reports", test_reports, NULL, 5 },
  { "/literal/simple", test_simple, NULL, 5 },
};

HARNESS_MAIN (cases)
