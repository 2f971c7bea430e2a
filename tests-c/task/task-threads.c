/* GTask in threads: who calls what where, run_in_thread_sync, nesting, and the order of the queue. */
#include "task-helpers.h"

static Gate gate;

typedef struct
{
  Call call;
  gint notifications;
  GThread *notified_by;
} Story;

static void
note_completion (GObject *task G_GNUC_UNUSED, GParamSpec *property G_GNUC_UNUSED, gpointer data)
{
  Story *story = data;

  story->notifications++;
  story->notified_by = g_thread_self ();
}

static GTask *
new_task (GObject *source, GCancellable *cancellable, Story *story)
{
  GTask *task = g_task_new (source, cancellable, note_call, &story->call);

  g_signal_connect (task, "notify::completed", G_CALLBACK (note_completion), story);
  return task;
}

/* What a task function was given, as its task data. */
typedef struct
{
  GTask *task;
  gpointer source;
  gpointer task_data;
  GCancellable *cancellable;
  GThread *thread;
  gboolean cancelled;
  gint calls;
} Visit;

static void
note_visit (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  Visit *visit = task_data;

  visit->task = task;
  visit->source = source;
  visit->task_data = task_data;
  visit->cancellable = cancellable;
  visit->thread = g_thread_self ();
  visit->cancelled = g_cancellable_is_cancelled (cancellable);
  visit->calls++;
  g_task_return_int (task, 5);
}

/* A worker calls the function once with what the task has; the callback comes where the task was made. */
static void
test_run_in_thread (void)
{
  GObject *source = g_object_new (G_TYPE_OBJECT, NULL);
  GCancellable *cancellable = g_cancellable_new ();
  Story story = { 0 };
  Visit visit = { 0 };
  GTask *task = new_task (source, cancellable, &story);

  g_task_set_task_data (task, &visit, NULL);
  g_task_run_in_thread (task, note_visit);
  g_assert_cmpint (g_task_get_completed (task), ==, FALSE);
  wait_completed (task);
  g_assert_cmpint (visit.calls, ==, 1);
  g_assert_true (visit.task == task && visit.source == source && visit.cancellable == cancellable);
  g_assert_true (visit.task_data == &visit);
  g_assert_true (visit.thread != g_thread_self ());
  g_assert_cmpint (story.call.calls, ==, 1);
  g_assert_cmpint (story.call.completed, ==, FALSE);
  g_assert_cmpint (story.notifications, ==, 1);
  g_assert_true (story.call.thread == g_thread_self () && story.notified_by == g_thread_self ());
  g_assert_cmpint (g_task_propagate_int (task, NULL), ==, 5);
  g_object_unref (task);
  g_object_unref (source);
  g_object_unref (cancellable);
}

/* The function runs although the cancellable is cancelled; the answer is CANCELLED. */
static void
test_cancelled_before (void)
{
  GCancellable *cancellable = g_cancellable_new ();
  GError *error = NULL;
  Story story = { 0 };
  Visit visit = { 0 };
  GTask *task = new_task (NULL, cancellable, &story);

  g_cancellable_cancel (cancellable);
  g_task_set_task_data (task, &visit, NULL);
  g_task_run_in_thread (task, note_visit);
  wait_completed (task);
  g_assert_cmpint (visit.calls, ==, 1);
  g_assert_true (visit.cancelled);
  g_assert_cmpint (g_task_propagate_int (task, &error), ==, -1);
  assert_is_cancelled (&error);
  g_object_unref (task);
  g_object_unref (cancellable);
}

static void
return_then_wait (GTask *task, gpointer source G_GNUC_UNUSED, gpointer data G_GNUC_UNUSED,
                  GCancellable *cancellable G_GNUC_UNUSED)
{
  g_task_return_int (task, 5);
  gate_pass (&gate);
}

/* The result is delivered when the function is over, not when it returned its result. */
static void
test_delivered_when_over (void)
{
  Story story = { 0 };
  GTask *task = new_task (NULL, NULL, &story);

  gate_init (&gate);
  g_task_run_in_thread (task, return_then_wait);
  gate_await (&gate, 1);
  drain (NULL);
  g_assert_cmpint (story.call.calls, ==, 0);
  g_assert_cmpint (g_task_get_completed (task), ==, FALSE);
  gate_let_out (&gate, 1);
  wait_completed (task);
  g_assert_cmpint (story.call.calls, ==, 1);
  g_object_unref (task);
  gate_clear (&gate);
}

static void
wait_without_result (GTask *task G_GNUC_UNUSED, gpointer source G_GNUC_UNUSED, gpointer data G_GNUC_UNUSED,
                     GCancellable *cancellable G_GNUC_UNUSED)
{
  gate_pass (&gate);
}

/* A result returned from outside while the function runs counts; it too waits for the function. */
static void
test_returned_from_outside (void)
{
  Story story = { 0 };
  GTask *task = new_task (NULL, NULL, &story);

  gate_init (&gate);
  g_task_run_in_thread (task, wait_without_result);
  gate_await (&gate, 1);
  g_task_return_int (task, 6);
  drain (NULL);
  g_assert_cmpint (story.call.calls, ==, 0);
  gate_let_out (&gate, 1);
  wait_completed (task);
  g_assert_cmpint (story.call.calls, ==, 1);
  g_assert_cmpint (g_task_propagate_int (task, NULL), ==, 6);
  g_object_unref (task);
  gate_clear (&gate);
}

static void
return_nothing (GTask *task G_GNUC_UNUSED, gpointer source G_GNUC_UNUSED, gpointer data G_GNUC_UNUSED,
                GCancellable *cancellable G_GNUC_UNUSED)
{
}

/* A function that returns no result completes the task all the same; there is nothing to propagate. (That it is named
 * is a matter of task-no-result.c.) */
static void
test_no_result (void)
{
  Story story = { 0 };
  GTask *task = new_task (NULL, NULL, &story);

  g_task_run_in_thread (task, return_nothing);
  wait_completed (task);
  g_assert_cmpint (story.call.calls, ==, 1);
  g_assert_cmpint (story.notifications, ==, 1);
  expect_no_result ();
  assert_refuses_to_propagate (task);
  g_object_unref (task);
}

/* _sync: the function on a worker, no callback, completed and notified by the caller when it returns (743636). */
static void
test_sync (void)
{
  Story story = { 0 };
  Visit visit = { 0 };
  GTask *task = new_task (NULL, NULL, &story);

  g_task_set_task_data (task, &visit, NULL);
  g_task_run_in_thread_sync (task, note_visit);
  g_assert_cmpint (visit.calls, ==, 1);
  g_assert_true (visit.thread != g_thread_self ());
  g_assert_cmpint (g_task_get_completed (task), ==, TRUE);
  g_assert_cmpint (story.notifications, ==, 1);
  g_assert_true (story.notified_by == g_thread_self ());
  g_assert_cmpint (g_task_propagate_int (task, NULL), ==, 5);
  drain (NULL);
  g_assert_cmpint (story.call.calls, ==, 0);
  g_assert_cmpint (story.notifications, ==, 1);
  g_object_unref (task);
}

/* _sync waits for the result even if cancelled, unless return-on-cancel is set. */
static void
test_sync_cancelled (void)
{
  GCancellable *cancellable = g_cancellable_new ();
  GError *error = NULL;
  Story story = { 0 };
  Visit visit = { 0 };
  GTask *task = new_task (NULL, cancellable, &story);

  g_cancellable_cancel (cancellable);
  g_task_set_task_data (task, &visit, NULL);
  g_task_run_in_thread_sync (task, note_visit);
  g_assert_cmpint (visit.calls, ==, 1);
  g_assert_cmpint (g_task_propagate_int (task, &error), ==, -1);
  assert_is_cancelled (&error);
  g_object_unref (task);
  g_object_unref (cancellable);
}

#define DEPTH 8 /* below the ten workers of old */

static void
descend (GTask *task, gpointer source G_GNUC_UNUSED, gpointer data, GCancellable *cancellable G_GNUC_UNUSED)
{
  gint depth = GPOINTER_TO_INT (data);

  if (depth > 0)
    {
      GTask *inner = g_task_new (NULL, NULL, NULL, NULL);

      g_task_set_task_data (inner, GINT_TO_POINTER (depth - 1), NULL);
      g_task_run_in_thread_sync (inner, descend);
      g_assert_cmpint (g_task_propagate_int (inner, NULL), ==, depth - 1);
      g_object_unref (inner);
    }
  g_task_return_int (task, depth);
}

/* Workers may wait for tasks of their own (687223). */
static void
test_nested (void)
{
  GTask *task = g_task_new (NULL, NULL, NULL, NULL);

  g_task_set_task_data (task, GINT_TO_POINTER (DEPTH), NULL);
  g_task_run_in_thread_sync (task, descend);
  g_assert_cmpint (g_task_propagate_int (task, NULL), ==, DEPTH);
  g_object_unref (task);
}

#define STARTERS 8
#define TASKS_EACH 250

static void
count_up (GTask *task, gpointer source G_GNUC_UNUSED, gpointer counter, GCancellable *cancellable G_GNUC_UNUSED)
{
  g_atomic_int_inc ((gint *) counter);
  g_task_return_boolean (task, TRUE);
}

static gpointer
start_many (gpointer runs)
{
  GMainContext *context = g_main_context_new ();
  Call call = { 0 };

  g_main_context_push_thread_default (context);
  for (int i = 0; i < TASKS_EACH; i++)
    {
      GTask *task = g_task_new (NULL, NULL, note_call, &call);

      g_task_set_task_data (task, runs, NULL);
      g_task_run_in_thread (task, count_up);
      g_object_unref (task);
    }
  wait_for_count (context, &call.calls, TASKS_EACH);
  drain (context);
  g_assert_cmpint (call.calls, ==, TASKS_EACH);
  g_main_context_pop_thread_default (context);
  g_main_context_unref (context);
  return NULL;
}

/* Many threads start many tasks: every function runs once, every callback comes once, to its own context. */
static void
test_many_starters (void)
{
  GThread *threads[STARTERS];
  gint runs = 0;

  for (int i = 0; i < STARTERS; i++)
    threads[i] = g_thread_new ("starter", start_many, &runs);
  for (int i = 0; i < STARTERS; i++)
    g_thread_join (threads[i]);
  g_assert_cmpint (runs, ==, STARTERS * TASKS_EACH);
  g_test_message ("%d tasks from %d threads", STARTERS * TASKS_EACH, STARTERS);
}

/* A task runs in a thread once: a second start is refused, while the first runs and after it. */
static void
test_started_twice (void)
{
  Visit visit = { 0 };
  Story story = { 0 };
  GTask *task = new_task (NULL, NULL, &story);

  g_task_set_task_data (task, &visit, NULL);
  g_task_run_in_thread (task, note_visit);
  expect_critical ("g_task_run_in_thread", "!task->in_thread");
  g_task_run_in_thread (task, note_visit);
  SEEN ();
  wait_completed (task);
  expect_critical ("g_task_run_in_thread_sync", "!task->in_thread");
  g_task_run_in_thread_sync (task, note_visit);
  SEEN ();
  drain (NULL);
  g_assert_cmpint (visit.calls, ==, 1);
  g_assert_cmpint (story.call.calls, ==, 1);
  g_assert_cmpint (story.notifications, ==, 1);
  g_object_unref (task);
}

static const Case cases[] = {
  { "/task-threads/run-in-thread", test_run_in_thread, NULL, 0 },
  { "/task-threads/cancelled-before", test_cancelled_before, NULL, 0 },
  { "/task-threads/delivered-when-over", test_delivered_when_over, NULL, 0 },
  { "/task-threads/returned-from-outside", test_returned_from_outside, NULL, 0 },
  { "/task-threads/no-result", test_no_result, NULL, 0 },
  { "/task-threads/sync", test_sync, NULL, 0 },
  { "/task-threads/sync/cancelled", test_sync_cancelled, NULL, 0 },
  { "/task-threads/nested", test_nested, NULL, 0 },
  { "/task-threads/started-twice", test_started_twice, "5.4 (better): a task runs in a thread once", 5 },
  { "/task-threads/many-starters", test_many_starters, NULL, 0 },
};

HARNESS_MAIN (cases)
