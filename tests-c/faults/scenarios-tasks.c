/* Scenarios about GTask and GSimpleAsyncResult, most of them in threads. */
#include "scenarios.h"

/* A task whose data, source object and end are accounted for. */
static GTask *
new_task (GCancellable *cancellable, GAsyncReadyCallback callback, gpointer data)
{
  GObject *source = g_object_new (G_TYPE_OBJECT, NULL);
  GTask *task = g_task_new (source, cancellable, callback, data);

  lend_object (source);
  lend_object (task);
  g_object_unref (source);
  g_task_set_task_data (task, lend (), give_back);
  return task;
}

static void
return_gift (GTask *task, gpointer source G_GNUC_UNUSED, gpointer data G_GNUC_UNUSED,
             GCancellable *cancellable G_GNUC_UNUSED)
{
  g_task_return_pointer (task, lend (), give_back);
}

static gint calls;

static void
take_gift (GObject *source G_GNUC_UNUSED, GAsyncResult *result, gpointer user_data G_GNUC_UNUSED)
{
  GError *error = NULL;

  give_back (g_task_propagate_pointer (G_TASK (result), &error));
  g_assert_no_error (error);
  calls++;
}

static void
start (GTaskThreadFunc function, GCancellable *cancellable)
{
  GTask *task = new_task (cancellable, take_gift, NULL);

  g_task_run_in_thread (task, function);
  g_object_unref (task);
}

static void
await_calls (gint target)
{
  wait_for_count (NULL, &calls, target);
  drain (NULL);
  g_assert_cmpint (calls, ==, target);
  calls = 0;
}

#define TASKS 30

static void
run_async (void)
{
  for (gint i = 0; i < TASKS; i++)
    start (return_gift, NULL);
  await_calls (TASKS);
}

static void
run_one_sync (GTaskThreadFunc function)
{
  GTask *task = new_task (NULL, NULL, NULL);

  g_task_run_in_thread_sync (task, function);
  g_assert_true (g_task_get_completed (task));
  give_back (g_task_propagate_pointer (task, NULL));
  g_object_unref (task);
}

static void
run_sync (void)
{
  for (gint i = 0; i < 5; i++)
    run_one_sync (return_gift);
}

static gpointer
run_sync_in_thread (gpointer data)
{
  run_sync ();
  return data;
}

#define THREADS 4

static void
run_sync_from_threads (void)
{
  GThread *threads[THREADS];

  for (gint i = 0; i < THREADS; i++)
    threads[i] = g_thread_new ("caller", run_sync_in_thread, NULL);
  for (gint i = 0; i < THREADS; i++)
    g_thread_join (threads[i]);
}

#define DEPTH 15 /* more than the base of the pool */

static gint depth;

static void
descend (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  if (g_atomic_int_add (&depth, 1) < DEPTH)
    run_one_sync (descend);
  return_gift (task, source, data, cancellable);
}

static void
run_nested (void)
{
  depth = 0;
  run_one_sync (descend);
}

static void
run_nested_async (void)
{
  depth = 0;
  start (descend, NULL);
  await_calls (1);
}

static Gate gate;
static gint passed; /* functions that have returned their gift */

static void
pass_gate (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  gate_pass (&gate);
  return_gift (task, source, data, cancellable);
  g_atomic_int_inc (&passed);
}

static void
take_cancellation (GObject *source G_GNUC_UNUSED, GAsyncResult *result, gpointer user_data G_GNUC_UNUSED)
{
  GError *error = NULL;

  g_assert_null (g_task_propagate_pointer (G_TASK (result), &error));
  assert_is_cancelled (&error);
  calls++;
}

#define CANCELLED 12

/* Cancelled while they run, and while they wait in the queue: complete at once; the functions run to their ends. */
static void
run_return_on_cancel (void)
{
  GCancellable *cancellable = g_cancellable_new ();

  lend_object (cancellable);
  gate_init (&gate);
  passed = 0;
  for (gint i = 0; i < CANCELLED; i++)
    {
      GTask *task = new_task (cancellable, take_cancellation, NULL);

      g_task_set_return_on_cancel (task, TRUE);
      g_task_run_in_thread (task, pass_gate);
      g_object_unref (task);
    }
  g_cancellable_cancel (cancellable);
  await_calls (CANCELLED);
  gate_let_out (&gate, CANCELLED);
  /* Who is behind the gate has not lent yet. */
  wait_for_count (NULL, &passed, CANCELLED);
  g_object_unref (cancellable);
}

static gint to_come; /* to the meeting */

static void
meet (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  g_mutex_lock (&gate.mutex);
  to_come--;
  g_cond_broadcast (&gate.came_in);
  while (to_come > 0)
    g_cond_wait (&gate.came_in, &gate.mutex);
  g_mutex_unlock (&gate.mutex);
  return_gift (task, source, data, cancellable);
}

static void
hold_meeting (gint members)
{
  gate_init (&gate);
  to_come = members;
  for (gint i = 0; i < members; i++)
    start (meet, NULL);
  await_calls (members);
}

/* Each waits for all the others; there are no more of them than the base of the pool… */
static void
run_meeting (void)
{
  hold_meeting (5);
}

/* …or more, so that the pool must grow. */
static void
run_large_meeting (void)
{
  hold_meeting (13);
}

static gpointer
meet_in_thread (gpointer data)
{
  run_one_sync (meet);
  return data;
}

/* The same among threads that wait for their tasks, and iterate nothing meanwhile. */
static void
run_sync_meeting (void)
{
  GThread *threads[THREADS];

  gate_init (&gate);
  to_come = THREADS;
  for (gint i = 0; i < THREADS; i++)
    threads[i] = g_thread_new ("caller", meet_in_thread, NULL);
  for (gint i = 0; i < THREADS; i++)
    g_thread_join (threads[i]);
}

/* Nothing in a thread, but delivered through the loop. */
static void
run_local (void)
{
  for (gint i = 0; i < TASKS; i++)
    {
      GTask *task = new_task (NULL, take_gift, NULL);

      return_gift (task, NULL, NULL, NULL);
      g_object_unref (task);
    }
  await_calls (TASKS);
}

static void
note_simple (GObject *source G_GNUC_UNUSED, GAsyncResult *result, gpointer user_data G_GNUC_UNUSED)
{
  GError *error = NULL;

  g_assert_false (g_simple_async_result_propagate_error (G_SIMPLE_ASYNC_RESULT (result), &error));
  g_assert_no_error (error);
  calls++;
}

static void
set_gift (GSimpleAsyncResult *simple, GObject *source G_GNUC_UNUSED, GCancellable *cancellable G_GNUC_UNUSED)
{
  g_simple_async_result_set_op_res_gpointer (simple, lend (), give_back);
}

static void
run_simple (void)
{
  for (gint i = 0; i < TASKS; i++)
    {
      GCancellable *cancellable = g_cancellable_new ();
      GSimpleAsyncResult *simple = g_simple_async_result_new (NULL, note_simple, NULL, NULL);

      lend_object (cancellable);
      lend_object (simple);
      if (i % 3)
        g_simple_async_result_run_in_thread (simple, set_gift, i % 5, cancellable);
      else
        g_simple_async_result_complete_in_idle (simple);
      g_object_unref (simple);
      g_object_unref (cancellable);
    }
  await_calls (TASKS);
}

#define ANYTHING "storm few-descriptors no-descriptors one-worker"

const Scenario task_scenarios[] = {
  { "async", run_async, ANYTHING },
  { "sync", run_sync, ANYTHING " no-worker" },
  { "sync-from-threads", run_sync_from_threads, "storm few-descriptors no-descriptors" },
  { "nested", run_nested, ANYTHING " no-worker" },
  { "nested-async", run_nested_async, ANYTHING },
  { "return-on-cancel", run_return_on_cancel, "storm few-descriptors no-descriptors" },
  { "meeting", run_meeting, "storm few-descriptors no-descriptors" },
  { "large-meeting", run_large_meeting, "few-descriptors no-descriptors" },
  { "sync-meeting", run_sync_meeting, "storm few-descriptors no-descriptors" },
  { "local", run_local, ANYTHING " no-worker" },
  { "simple", run_simple, ANYTHING },
};
const gsize n_task_scenarios = G_N_ELEMENTS (task_scenarios);
