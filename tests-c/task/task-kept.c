/* One g_object_unref() too many, while the library still needs the task: it is said once, the task is kept, and the
 * operation goes on to its one callback. Each case has a process of its own. */
#include "task-helpers.h"

#define WORKERS 10
#define MANY 200 /* for which workers are added for some seconds */

static Gate gate;
static gint calls;
static gint finalized;

static void
pass_gate (GTask *task, gpointer source G_GNUC_UNUSED, gpointer data G_GNUC_UNUSED,
           GCancellable *cancellable G_GNUC_UNUSED)
{
  gate_pass (&gate);
  g_task_return_int (task, 7);
}

static void
expect_seven (GObject *source G_GNUC_UNUSED, GAsyncResult *result, gpointer data G_GNUC_UNUSED)
{
  g_assert_cmpint (g_task_propagate_int (G_TASK (result), NULL), ==, 7);
  calls++;
}

static GTask *
new_task (GCancellable *cancellable, GAsyncReadyCallback callback)
{
  GTask *task = g_task_new (NULL, cancellable, callback, NULL);

  g_task_set_name (task, "load");
  g_task_set_task_data (task, &finalized, count_destroy);
  return task;
}

static void
expect_kept (const char *state)
{
  char *text = g_strdup_printf ("GTask load: g_object_unref() was called once too often while the task %s. "
                                "Remove one: who called g_task_new() drops its reference, once; the thread function "
                                "and the task's callback drop none. The task is kept.", state);

  g_test_expect_message ("GLib-GIO", G_LOG_LEVEL_CRITICAL, text);
  g_free (text);
}

static void
unref_too_often (GTask *task, const char *state)
{
  g_object_unref (task);
  expect_kept (state);
  g_object_unref (task);
  SEEN ();
}

/* The operation ends as if nothing had happened, and the task goes with it. */
static void
assert_ends (void)
{
  wait_for_count (NULL, &finalized, 1);
  drain (NULL);
  g_assert_cmpint (calls, ==, 1);
  g_assert_cmpint (finalized, ==, 1);
}

#define IN_WORKER "runs in a worker"
#define QUEUED "waits for a worker"
#define RESULT_WAITS "has a result that waits for its context"
#define IN_CALLBACK "is in its callback"
#define NOTIFIES "notifies of its completion"
#define ATTACHED "is the data of a source that it was attached to"

static void
test_running (void)
{
  GTask *task = new_task (NULL, expect_seven);

  gate_init (&gate);
  g_task_run_in_thread (task, pass_gate);
  gate_await (&gate, 1);
  unref_too_often (task, IN_WORKER);
  gate_let_out (&gate, 1);
  assert_ends ();
}

static void
start_at_gate (int priority)
{
  GTask *task = g_task_new (NULL, NULL, NULL, NULL);

  g_task_set_priority (task, priority);
  g_task_run_in_thread (task, pass_gate);
  g_object_unref (task);
}

/* Each one too many is one. */
static void
test_twice_too_often (void)
{
  GTask *task = new_task (NULL, expect_seven);

  gate_init (&gate);
  g_task_run_in_thread (task, pass_gate);
  gate_await (&gate, 1);
  unref_too_often (task, IN_WORKER);
  expect_kept (IN_WORKER);
  g_object_unref (task);
  SEEN ();
  gate_let_out (&gate, 1);
  assert_ends ();
}

static void
test_queued (void)
{
  GTask *task = new_task (NULL, expect_seven);

  gate_init (&gate);
  for (gint i = 0; i < WORKERS; i++)
    start_at_gate (G_PRIORITY_DEFAULT);
  gate_await (&gate, WORKERS);
  /* After 50 ms workers are added. They take these, which go first. */
  for (gint i = 0; i < MANY; i++)
    start_at_gate (G_PRIORITY_HIGH);
  g_task_run_in_thread (task, pass_gate);
  unref_too_often (task, QUEUED);
  gate_let_out (&gate, WORKERS + MANY + 1);
  assert_ends ();
}

static void
test_result_of_worker_waits (void)
{
  GTask *task = new_task (NULL, expect_seven);

  gate_init (&gate);
  g_task_run_in_thread (task, pass_gate);
  gate_let_out (&gate, 1);
  while (!g_main_context_pending (NULL))
    g_usleep (100);
  unref_too_often (task, RESULT_WAITS);
  assert_ends ();
}

static void
test_result_waits (void)
{
  GTask *task = new_task (NULL, expect_seven);

  g_task_return_int (task, 7);
  unref_too_often (task, RESULT_WAITS);
  assert_ends ();
}

/* The task ends with the context that was to deliver it. */
static void
test_context_ends (void)
{
  GMainContext *context = g_main_context_new ();
  GTask *task;

  g_main_context_push_thread_default (context);
  task = new_task (NULL, expect_seven);
  g_main_context_pop_thread_default (context);
  g_task_return_int (task, 7);
  unref_too_often (task, RESULT_WAITS);
  g_source_destroy (g_main_context_find_source_by_user_data (context, task));
  g_main_context_unref (context);
  g_assert_cmpint (finalized, ==, 1);
  g_assert_cmpint (calls, ==, 0);
}

static void
test_source_removed (void)
{
  GTask *task = new_task (NULL, expect_seven);

  g_task_return_int (task, 7);
  unref_too_often (task, RESULT_WAITS);
  g_assert_true (g_idle_remove_by_data (task));
  g_assert_cmpint (finalized, ==, 1);
  drain (NULL);
  g_assert_cmpint (calls, ==, 0);
}

static void
unref_in_callback (GObject *source, GAsyncResult *result, gpointer data)
{
  expect_kept (IN_CALLBACK);
  g_object_unref (result);
  SEEN ();
  expect_seven (source, result, data);
}

static void
test_in_callback (void)
{
  GTask *task = new_task (NULL, unref_in_callback);

  g_task_return_int (task, 7);
  g_object_unref (task);
  assert_ends ();
}

static void
test_in_callback_of_worker (void)
{
  GTask *task = new_task (NULL, unref_in_callback);

  gate_init (&gate);
  gate_let_out (&gate, 1);
  g_task_run_in_thread (task, pass_gate);
  g_object_unref (task);
  assert_ends ();
}

/* The callback is called by g_task_return_int(), and drops the reference of its caller, too. */
static void
unref_all (GObject *source, GAsyncResult *result, gpointer data)
{
  g_object_unref (result);
  unref_in_callback (source, result, data);
}

static gboolean
return_now (gpointer task)
{
  g_task_return_int (task, 7);
  g_assert_cmpint (calls, ==, 1);
  g_assert_cmpint (finalized, ==, 1);
  return G_SOURCE_REMOVE;
}

static void
test_in_immediate_callback (void)
{
  GTask *task = new_task (NULL, unref_all);

  let_time_move ();
  call_from_source (NULL, return_now, task);
  assert_ends ();
}

static void
unref_at_completion (GObject *task, GParamSpec *property G_GNUC_UNUSED, gpointer data G_GNUC_UNUSED)
{
  g_object_unref (task);
}

/* GObject has a reference during the emission: the last one goes after it. */
static void
test_in_notification (void)
{
  GTask *task = new_task (NULL, expect_seven);

  g_signal_connect (task, "notify::completed", G_CALLBACK (unref_at_completion), NULL);
  g_task_return_int (task, 7);
  g_object_unref (task);
  expect_kept (NOTIFIES);
  assert_ends ();
  SEEN ();
}

static void
test_in_notification_of_sync (void)
{
  GTask *task = new_task (NULL, NULL);

  g_signal_connect (task, "notify::completed", G_CALLBACK (unref_at_completion), NULL);
  g_signal_connect (task, "notify::completed", G_CALLBACK (unref_at_completion), NULL);
  expect_kept (NOTIFIES);
  gate_init (&gate);
  gate_let_out (&gate, 1);
  g_task_run_in_thread_sync (task, pass_gate);
  SEEN ();
  g_assert_cmpint (finalized, ==, 1);
}

static gboolean
return_seven (gpointer task)
{
  g_task_return_int (task, 7);
  return G_SOURCE_REMOVE;
}

static GSource *
attach (GTask *task)
{
  GSource *source = g_idle_source_new ();

  g_task_attach_source (task, source, return_seven);
  return source;
}

/* Only the source has a reference left. */
static void
test_attached (void)
{
  GTask *task = new_task (NULL, expect_seven);

  g_source_unref (attach (task));
  unref_too_often (task, ATTACHED);
  assert_ends ();
}

/* The source outlives the delivery. */
static void
test_attached_still (void)
{
  GTask *task = new_task (NULL, expect_seven);
  GSource *source = attach (task);

  g_source_set_ready_time (source, G_MAXINT64);
  g_source_set_priority (source, G_PRIORITY_LOW);
  g_task_return_int (task, 7);
  while (calls == 0)
    g_main_context_iteration (NULL, FALSE);
  unref_too_often (task, ATTACHED);
  g_source_destroy (source);
  g_source_unref (source);
  assert_ends ();
}

static void
unref_in_function (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  pass_gate (task, source, data, cancellable);
  g_object_unref (task);
}

static void
test_in_function (void)
{
  GTask *task = new_task (NULL, expect_seven);

  gate_init (&gate);
  g_task_run_in_thread (task, unref_in_function);
  gate_await (&gate, 1);
  g_object_unref (task);
  expect_kept (IN_WORKER);
  gate_let_out (&gate, 1);
  assert_ends ();
  SEEN ();
}

/* The thread that waits has a reference, too: one of the three is the program's. */
static void
unref_twice_in_function (GTask *task, gpointer source G_GNUC_UNUSED, gpointer data G_GNUC_UNUSED,
                         GCancellable *cancellable G_GNUC_UNUSED)
{
  g_task_return_int (task, 7);
  g_object_unref (task);
  g_object_unref (task);
}

static void
test_sync (void)
{
  GTask *task = new_task (NULL, NULL);

  expect_kept (IN_WORKER);
  g_task_run_in_thread_sync (task, unref_twice_in_function);
  SEEN ();
  g_assert_cmpint (finalized, ==, 1);
}

static void
count_call (GObject *source G_GNUC_UNUSED, GAsyncResult *result G_GNUC_UNUSED, gpointer data G_GNUC_UNUSED)
{
  calls++;
}

/* It was completed by the cancellation, and its function goes on. */
static void
test_returned_on_cancel (void)
{
  GCancellable *cancellable = g_cancellable_new ();
  GTask *task = new_task (cancellable, count_call);

  gate_init (&gate);
  g_task_set_return_on_cancel (task, TRUE);
  g_task_run_in_thread (task, pass_gate);
  gate_await (&gate, 1);
  g_cancellable_cancel (cancellable);
  wait_completed (task);
  drain (NULL);
  unref_too_often (task, IN_WORKER);
  gate_let_out (&gate, 1);
  assert_ends ();
  g_object_unref (cancellable);
}

static void
test_returned_on_cancel_result_waits (void)
{
  GCancellable *cancellable = g_cancellable_new ();
  GTask *task = new_task (cancellable, count_call);

  gate_init (&gate);
  g_task_set_return_on_cancel (task, TRUE);
  g_task_run_in_thread (task, pass_gate);
  gate_await (&gate, 1);
  g_cancellable_cancel (cancellable);
  g_object_unref (task);
  /* Two references are the library's: that of the function, and that of the result. */
  g_object_unref (task);
  expect_kept (IN_WORKER);
  drain (NULL);
  SEEN ();
  g_assert_cmpint (calls, ==, 1);
  g_assert_cmpint (finalized, ==, 0);
  gate_let_out (&gate, 1);
  assert_ends ();
  g_object_unref (cancellable);
}

/* So it was, and nobody waits for it any more. */
static void
test_sync_returned_on_cancel (void)
{
  GCancellable *cancellable = g_cancellable_new ();
  GTask *task = new_task (cancellable, NULL);

  gate_init (&gate);
  g_cancellable_cancel (cancellable);
  g_task_set_return_on_cancel (task, TRUE);
  g_task_run_in_thread_sync (task, pass_gate);
  gate_await (&gate, 1);
  unref_too_often (task, IN_WORKER);
  g_assert_cmpint (finalized, ==, 0);
  gate_let_out (&gate, 1);
  wait_for_count (NULL, &finalized, 1);
  g_object_unref (cancellable);
}

/* Disposing of a task drops no reference. */
static void
test_run_dispose (void)
{
  GTask *task = new_task (NULL, expect_seven);

  g_object_run_dispose (G_OBJECT (task));
  gate_init (&gate);
  g_task_run_in_thread (task, pass_gate);
  gate_await (&gate, 1);
  g_object_run_dispose (G_OBJECT (task));
  g_object_unref (task);
  g_object_run_dispose (G_OBJECT (task));
  gate_let_out (&gate, 1);
  assert_ends ();
}

#define PATH "/task-kept/"
#define KEPT "5.37 (better): one unref too many is named, and the task is kept"

static const Case cases[] = {
  { PATH "running", test_running, KEPT, 10 },
  { PATH "twice-too-often", test_twice_too_often, KEPT, 10 },
  { PATH "queued", test_queued, KEPT, 10 },
  { PATH "result-of-worker-waits", test_result_of_worker_waits, KEPT, 10 },
  { PATH "result-waits", test_result_waits, KEPT, 10 },
  { PATH "source-removed", test_source_removed, KEPT, 10 },
  { PATH "context-ends", test_context_ends, KEPT, 10 },
  { PATH "in-callback", test_in_callback, KEPT, 10 },
  { PATH "in-callback-of-worker", test_in_callback_of_worker, KEPT, 10 },
  { PATH "in-immediate-callback", test_in_immediate_callback, KEPT, 10 },
  { PATH "in-notification", test_in_notification, KEPT, 10 },
  { PATH "in-notification/sync", test_in_notification_of_sync, KEPT, 10 },
  { PATH "attached", test_attached, KEPT, 10 },
  { PATH "attached/still", test_attached_still, KEPT, 10 },
  { PATH "in-function", test_in_function, KEPT, 10 },
  { PATH "sync", test_sync, KEPT, 10 },
  { PATH "returned-on-cancel", test_returned_on_cancel, KEPT, 10 },
  { PATH "returned-on-cancel/result-waits", test_returned_on_cancel_result_waits, KEPT, 10 },
  { PATH "returned-on-cancel/sync", test_sync_returned_on_cancel, KEPT, 10 },
  { PATH "run-dispose", test_run_dispose, NULL, 10 },
};

HARNESS_MAIN (cases)
