/* No worker ever releases what belongs to a GTask: its source object, its data, its result, its error. */
#include "release-helpers.h"

#define ROUNDS 20000

static Gate gate;

/* Every release has happened, exactly once, and none on a worker. */
static void
end (gint expected)
{
  wait_for_count (NULL, &releases.everywhere, expected);
  drain (NULL);
  g_assert_cmpint (releases.everywhere, ==, expected);
  g_test_message ("%d releases, %d of them on a worker", expected, releases.elsewhere);
  g_assert_cmpint (releases.elsewhere, ==, 0);
}

static void
return_pointer_when_let (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  gate_pass (&gate);
  return_pointer (task, source, data, cancellable);
}

static void
run_rounds (GTaskThreadFunc function)
{
  Call call = { 0 };

  begin (g_thread_self ());
  for (gint i = 0; i < ROUNDS; i++)
    {
      GTask *task = new_watched_task (NULL, note_call, &call);

      g_task_run_in_thread (task, function);
      g_object_unref (task);
      /* The ends of the tasks are to meet their deliveries, so both must be under way. */
      if (i % 4 == 3)
        wait_for_count (NULL, &call.calls, i - 2);
    }
  wait_for_count (NULL, &call.calls, ROUNDS);
  end (3 * ROUNDS);
}

/* A result that nobody propagates. */
static void
test_result (void)
{
  run_rounds (return_pointer);
}

/* An error that nobody propagates. */
static void
test_error (void)
{
  run_rounds (return_error);
}

/* The caller of run_in_thread_sync drops the task as soon as it is back. */
static void
test_sync (void)
{
  begin (g_thread_self ());
  for (gint i = 0; i < ROUNDS; i++)
    {
      GTask *task = new_watched_task (NULL, NULL, NULL);

      g_task_run_in_thread_sync (task, return_pointer);
      g_object_unref (task);
    }
  end (3 * ROUNDS);
}

/* Tasks without a callback. */
static void
test_no_callback (void)
{
  begin (g_thread_self ());
  for (gint i = 0; i < ROUNDS; i++)
    {
      GTask *task = new_watched_task (NULL, NULL, NULL);

      g_task_run_in_thread (task, return_pointer);
      g_object_unref (task);
      if (i % 4 == 3)
        wait_for_count (NULL, &releases.everywhere, 3 * (i - 2));
    }
  end (3 * ROUNDS);
}

#define LATE_ROUNDS 500

/* A late result under return-on-cancel, when everybody else has forgotten the task. */
static void
test_late_result (void)
{
  begin (g_thread_self ());
  gate_init (&gate);
  for (gint i = 0; i < LATE_ROUNDS; i++)
    {
      GCancellable *cancellable = g_cancellable_new ();
      Call call = { 0 };
      GTask *task = new_watched_task (cancellable, note_call, &call);

      g_task_set_return_on_cancel (task, TRUE);
      g_task_run_in_thread (task, return_pointer_when_let);
      g_object_unref (task);
      gate_await (&gate, i + 1);
      g_cancellable_cancel (cancellable);
      wait_for_count (NULL, &call.calls, 1);
      drain (NULL);
      gate_let_out (&gate, 1);
      wait_for_count (NULL, &releases.everywhere, 3 * (i + 1));
      g_object_unref (cancellable);
    }
  end (3 * LATE_ROUNDS);
  gate_clear (&gate);
}

static void
return_and_unref (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  return_pointer (task, source, data, cancellable);
  g_object_unref (task);
}

/* The function drops the reference that it was given by whoever started it. */
static void
test_unref_in_function (void)
{
  Call call = { 0 };

  begin (g_thread_self ());
  for (gint i = 0; i < ROUNDS; i++)
    {
      g_task_run_in_thread (new_watched_task (NULL, note_call, &call), return_and_unref);
      if (i % 4 == 3)
        wait_for_count (NULL, &call.calls, i - 2);
    }
  end (3 * ROUNDS);
  g_assert_cmpint (call.calls, ==, ROUNDS);
}

/* The function drops the very last reference to another task, which was never in a thread. */
static void
test_last_reference (void)
{
  begin (g_thread_self ());
  for (gint i = 0; i < LATE_ROUNDS; i++)
    {
      GTask *done = new_watched_task (NULL, NULL, NULL);
      GTask *task = g_task_new (NULL, NULL, NULL, NULL);

      g_task_return_pointer (done, done, note_release);
      drain (NULL);
      g_task_set_task_data (task, done, NULL);
      g_task_run_in_thread_sync (task, unref_data);
      g_object_unref (task);
    }
  end (3 * LATE_ROUNDS);
}

#define TASKS_ELSEWHERE 200

typedef struct
{
  Call call;
  GTask *tasks[TASKS_ELSEWHERE];
} Elsewhere;

static gboolean
make_tasks (gpointer data)
{
  Elsewhere *elsewhere = data;

  for (gint i = 0; i < TASKS_ELSEWHERE; i++)
    {
      elsewhere->tasks[i] = new_watched_task (NULL, note_call, &elsewhere->call);
      g_task_return_pointer (elsewhere->tasks[i], elsewhere, note_release);
    }
  return G_SOURCE_REMOVE;
}

/* The release is handed to the task's own context, which another thread iterates here. */
static void
test_other_context (void)
{
  ContextThread *thread = context_thread_new ();
  GMainContext *context = context_thread_get_context (thread);
  Elsewhere elsewhere = { 0 };

  begin (context_thread_get_thread (thread));
  call_from_source (context, make_tasks, &elsewhere);
  await_count (&elsewhere.call.calls, TASKS_ELSEWHERE);
  for (gint i = 0; i < TASKS_ELSEWHERE; i++)
    {
      GTask *task = g_task_new (NULL, NULL, NULL, NULL);

      /* Completed, and the context's own reference given back. */
      while (!g_task_get_completed (elsewhere.tasks[i]) || G_OBJECT (elsewhere.tasks[i])->ref_count > 1)
        g_thread_yield ();
      g_task_set_task_data (task, elsewhere.tasks[i], NULL);
      g_task_run_in_thread_sync (task, unref_data);
      g_object_unref (task);
    }
  await_count (&releases.everywhere, 3 * TASKS_ELSEWHERE);
  context_thread_free (thread);
  end (3 * TASKS_ELSEWHERE);
}

#define OWN_TASKS 100

static void
stop_loop (GObject *source G_GNUC_UNUSED, GAsyncResult *result G_GNUC_UNUSED, gpointer loop)
{
  g_main_loop_quit (loop);
}

static void
iterate_own_context (GTask *task, gpointer source G_GNUC_UNUSED, gpointer freed,
                     GCancellable *cancellable G_GNUC_UNUSED)
{
  for (gint i = 0; i < OWN_TASKS; i++)
    {
      GMainContext *context = g_main_context_new ();
      GMainLoop *loop = g_main_loop_new (context, FALSE);
      GTask *own;

      g_main_context_push_thread_default (context);
      own = g_task_new (NULL, NULL, stop_loop, loop);
      g_task_set_task_data (own, freed, count_destroy);
      g_task_return_boolean (own, TRUE);
      g_object_unref (own);
      g_main_loop_run (loop);
      g_main_context_pop_thread_default (context);
      g_main_loop_unref (loop);
      g_main_context_unref (context);
    }
  g_task_return_boolean (task, TRUE);
}

static void
return_true (GTask *task, gpointer source G_GNUC_UNUSED, gpointer data G_GNUC_UNUSED,
             GCancellable *cancellable G_GNUC_UNUSED)
{
  g_task_return_boolean (task, TRUE);
}

static void
start_and_wait (GTask *task, gpointer source G_GNUC_UNUSED, gpointer freed, GCancellable *cancellable G_GNUC_UNUSED)
{
  for (gint i = 0; i < OWN_TASKS; i++)
    {
      GTask *own = g_task_new (NULL, NULL, NULL, NULL);

      g_task_set_task_data (own, freed, count_destroy);
      g_task_run_in_thread_sync (own, return_true);
      g_object_unref (own);
    }
  g_task_return_boolean (task, TRUE);
}

/* Runs `function` on a worker of a program without a main loop: what tasks it makes must be freed all the same. */
static void
assert_frees_its_own (GTaskThreadFunc function)
{
  GTask *task = g_task_new (NULL, NULL, NULL, NULL);
  gint freed = 0;

  g_task_set_task_data (task, &freed, NULL);
  g_task_run_in_thread_sync (task, function);
  await_count (&freed, OWN_TASKS);
  g_assert_cmpint (freed, ==, OWN_TASKS);
  g_object_unref (task);
}

/* A task function with tasks in contexts of its own, which it iterates: nothing of them is left to others. */
static void
test_own_context (void)
{
  assert_frees_its_own (iterate_own_context);
}

/* A task function that starts tasks and waits for them: nothing piles up in a context that nobody iterates. */
static void
test_nobody_iterates (void)
{
  assert_frees_its_own (start_and_wait);
}

static const Case cases[] = {
  { "/task-release/result", test_result, "5.29 (better): no worker ever releases", 60 },
  { "/task-release/error", test_error, "5.29 (better): no worker ever releases", 60 },
  { "/task-release/sync", test_sync, "5.29 (better): no worker ever releases", 60 },
  { "/task-release/no-callback", test_no_callback, "5.29 (better): no worker ever releases", 60 },
  { "/task-release/late-result", test_late_result, "5.29 (better): no worker ever releases", 60 },
  { "/task-release/unref-in-function", test_unref_in_function, "5.29 (better): no worker ever releases", 60 },
  { "/task-release/last-reference", test_last_reference, "5.29 (better): no worker ever releases", 60 },
  { "/task-release/other-context", test_other_context, "5.29 (better): no worker ever releases", 60 },
  { "/task-release/own-context", test_own_context, NULL, 0 },
  { "/task-release/nobody-iterates", test_nobody_iterates, NULL, 0 },
};

HARNESS_MAIN (cases)
