/* Thread functions that end without g_task_return_*(): what is said when somebody wants the result, and when nothing is.
 * Each case has a process of its own. */
#include "task-helpers.h"

#include <string.h>

#define SAID \
  "its thread function returned without calling g_task_return_*(). It has to return a result or an error on each of " \
  "its paths."

static gint n_said;
static gint n_other;
static GThread *said_by;
static char *said;

static void
note_message (const char *domain G_GNUC_UNUSED, GLogLevelFlags level, const char *message, gpointer data G_GNUC_UNUSED)
{
  if ((level & G_LOG_LEVEL_CRITICAL) && strstr (message, SAID) != NULL)
    {
      n_said++;
      said_by = g_thread_self ();
      g_free (said);
      said = g_strdup (message);
    }
  else
    n_other++;
}

static void
watch_messages (void)
{
  g_log_set_always_fatal (G_LOG_LEVEL_ERROR);
  g_log_set_handler ("GLib-GIO", G_LOG_LEVEL_MASK, note_message, NULL);
}

static void
return_nothing (GTask *task G_GNUC_UNUSED, gpointer source G_GNUC_UNUSED, gpointer data G_GNUC_UNUSED,
                GCancellable *cancellable G_GNUC_UNUSED)
{
}

static void
exit_thread (GTask *task G_GNUC_UNUSED, gpointer source G_GNUC_UNUSED, gpointer data G_GNUC_UNUSED,
             GCancellable *cancellable G_GNUC_UNUSED)
{
  g_thread_exit (NULL);
}

static void
cancel (GTask *task G_GNUC_UNUSED, gpointer source G_GNUC_UNUSED, gpointer data G_GNUC_UNUSED, GCancellable *cancellable)
{
  g_cancellable_cancel (cancellable);
}

static gint calls;

static void
fetch (GObject *source G_GNUC_UNUSED, GAsyncResult *result, gpointer data G_GNUC_UNUSED)
{
  calls++;
  g_task_propagate_boolean (G_TASK (result), NULL);
}

static void
fetch_nothing (GObject *source G_GNUC_UNUSED, GAsyncResult *result G_GNUC_UNUSED, gpointer data G_GNUC_UNUSED)
{
  calls++;
}

/* Runs it to its end, and beyond. */
static void
run (GTask *task, GTaskThreadFunc function)
{
  g_task_run_in_thread (task, function);
  wait_completed (task);
#ifdef ON_GIO
  await_alone (task); /* its worker may be the last */
#endif
  g_assert_finalize_object (task);
}

/* Besides, that there is no result; nothing more when the task goes. */
static void
test_named (void)
{
  GTask *task = g_task_new (NULL, NULL, fetch, NULL);

  watch_messages ();
  g_task_set_name (task, "load");
  run (task, return_nothing);
  g_assert_cmpint (calls, ==, 1);
  g_assert_cmpint (n_said, ==, 1);
  g_assert_cmpint (n_other, ==, 1);
  g_assert_true (said_by == g_thread_self ());
  g_assert_cmpstr (said, ==, "GTask load: " SAID);
}

static void
test_address (void)
{
  GTask *task = g_task_new (NULL, NULL, fetch, NULL);
  char *expected = g_strdup_printf ("GTask %p: " SAID, (gpointer) task);

  watch_messages ();
  run (task, return_nothing);
  g_assert_cmpstr (said, ==, expected);
  g_free (expected);
}

static void
test_once (void)
{
  GTask *task = g_task_new (NULL, NULL, fetch, NULL);
  GValue value = G_VALUE_INIT;

  watch_messages ();
  g_task_run_in_thread (task, return_nothing);
  wait_completed (task);
  g_task_propagate_int (task, NULL);
  g_task_propagate_value (task, &value, NULL);
  g_assert_cmpint (n_said, ==, 1);
  g_assert_cmpint (n_other, ==, 3);
  g_object_unref (task);
}

static void
test_thread_exit (void)
{
  watch_messages ();
  run (g_task_new (NULL, NULL, fetch, NULL), exit_thread);
  g_assert_cmpint (calls, ==, 1);
  g_assert_cmpint (n_said, ==, 1);
}

/* An unchecked cancellation is no result. */
static void
test_unchecked (void)
{
  GCancellable *cancellable = g_cancellable_new ();
  GTask *task = g_task_new (NULL, cancellable, fetch, NULL);

  watch_messages ();
  g_task_set_check_cancellable (task, FALSE);
  run (task, cancel);
  g_assert_cmpint (n_said, ==, 1);
  g_object_unref (cancellable);
}

static void
test_sync (void)
{
  GTask *task = g_task_new (NULL, NULL, NULL, NULL);

  watch_messages ();
  g_task_run_in_thread_sync (task, return_nothing);
  g_assert_cmpint (n_said, ==, 0);
  g_task_propagate_boolean (task, NULL);
  g_assert_cmpint (n_said, ==, 1);
  g_assert_finalize_object (task);
  g_assert_cmpint (n_other, ==, 1);
}

/* propagate answers that the task was cancelled: that is the result. */
static void
test_cancelled (void)
{
  GCancellable *cancellable = g_cancellable_new ();
  GError *error = NULL;
  GTask *task = g_task_new (NULL, cancellable, fetch, NULL);

  watch_messages ();
  g_task_run_in_thread (task, cancel);
  wait_completed (task);
  g_task_propagate_boolean (task, &error);
  assert_is_cancelled (&error);
  g_assert_cmpint (calls, ==, 1);
  g_assert_cmpint (n_said, ==, 0);
  g_assert_cmpint (n_other, ==, 0);
  g_object_unref (task);
  g_object_unref (cancellable);
}

static Gate gate;

static void
wait_at_gate (GTask *task G_GNUC_UNUSED, gpointer source G_GNUC_UNUSED, gpointer data G_GNUC_UNUSED,
              GCancellable *cancellable G_GNUC_UNUSED)
{
  gate_pass (&gate);
}

/* The cancellation completed the task: nobody needs what the function returns. */
static void
test_return_on_cancel (void)
{
  GCancellable *cancellable = g_cancellable_new ();
  GTask *task = g_task_new (NULL, cancellable, fetch, NULL);

  watch_messages ();
  gate_init (&gate);
  g_task_set_return_on_cancel (task, TRUE);
  g_task_run_in_thread (task, wait_at_gate);
  gate_await (&gate, 1);
  g_cancellable_cancel (cancellable);
  wait_completed (task);
  gate_let_out (&gate, 1);
  g_assert_cmpint (calls, ==, 1);
  g_assert_cmpint (n_said, ==, 0);
  g_object_unref (task);
  g_object_unref (cancellable);
}

/* The function may still return one. */
static void
test_fetched_too_early (void)
{
  GTask *task = g_task_new (NULL, NULL, fetch_nothing, NULL);

  watch_messages ();
  gate_init (&gate);
  g_task_run_in_thread (task, wait_at_gate);
  gate_await (&gate, 1);
  g_task_propagate_boolean (task, NULL);
  g_assert_cmpint (n_said, ==, 0);
  g_assert_cmpint (n_other, ==, 1);
  gate_let_out (&gate, 1);
  wait_completed (task);
  g_object_unref (task);
}

/* Another thread returns it in time. */
static void
test_returned_in_time (void)
{
  GTask *task = g_task_new (NULL, NULL, fetch, NULL);

  watch_messages ();
  gate_init (&gate);
  g_task_run_in_thread (task, wait_at_gate);
  gate_await (&gate, 1);
  gate_let_out (&gate, 1);
  while (!g_main_context_pending (NULL))
    g_usleep (100);
  g_task_return_boolean (task, TRUE);
  wait_completed (task);
  g_object_unref (task);
  g_assert_cmpint (calls, ==, 1);
  g_assert_cmpint (n_said, ==, 0);
  g_assert_cmpint (n_other, ==, 0);
}

/* Nobody misses the result: a debug message, as newer GIO has it. */
static void
test_not_fetched (void)
{
  watch_messages ();
  run (g_task_new (NULL, NULL, fetch_nothing, NULL), return_nothing);
  run (g_task_new (NULL, NULL, NULL, NULL), return_nothing);
  g_assert_cmpint (calls, ==, 1);
  g_assert_cmpint (n_said, ==, 0);
}

#define PATH "/task-no-result/"
#define NAMED "5.36 (better): a task whose function ended without a result is named"

static const Case cases[] = {
  { PATH "named", test_named, NAMED, 10 },
  { PATH "address", test_address, NAMED, 10 },
  { PATH "once", test_once, NAMED, 10 },
  { PATH "thread-exit", test_thread_exit, NAMED, 10 },
  { PATH "unchecked", test_unchecked, NAMED, 10 },
  { PATH "sync", test_sync, NAMED, 10 },
  { PATH "cancelled", test_cancelled, NULL, 10 },
  { PATH "return-on-cancel", test_return_on_cancel, NULL, 10 },
  { PATH "returned-in-time", test_returned_in_time, NULL, 10 },
  { PATH "fetched-too-early", test_fetched_too_early, NULL, 10 },
  { PATH "not-fetched", test_not_fetched, NULL, 10 },
};

HARNESS_MAIN (cases)
