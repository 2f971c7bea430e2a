/* A program that never iterates a main loop: everything is freed all the same, once, and soon. */
#include "release-helpers.h"

static Gate gate;

/* All of it is freed, once, though nobody iterates anything. */
static void
end_without_loop (gint expected)
{
  await_count (&releases.everywhere, expected);
  g_assert_cmpint (releases.everywhere, ==, expected);
}

static void
return_object (GTask *task, gpointer source G_GNUC_UNUSED, gpointer data G_GNUC_UNUSED,
               GCancellable *cancellable G_GNUC_UNUSED)
{
  GObject *object = g_object_new (G_TYPE_OBJECT, NULL);
  GValue value = G_VALUE_INIT;

  g_object_weak_ref (object, note_object_release, NULL);
  g_value_init (&value, G_TYPE_OBJECT);
  g_value_take_object (&value, object);
  g_task_return_value (task, &value);
  g_value_unset (&value);
}

/* Each kind of result that is freed with its task; each makes one release. */
static const GTaskThreadFunc functions[] = { return_pointer, return_error, return_object };

#define SYNC_ROUNDS 2000

/* Results that nobody propagates; the caller may drop its reference before the worker does. */
static void
test_sync (void)
{
  gint rounds = harness_rounds (SYNC_ROUNDS);

  begin (NULL);
  for (gint i = 0; i < rounds; i++)
    {
      GTask *task = new_watched_task (NULL, NULL, NULL);

      g_task_run_in_thread_sync (task, functions[i % 3]);
      g_object_unref (task);
    }
  end_without_loop (3 * rounds);
}

static void
return_late (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  gate_pass (&gate);
  functions[GPOINTER_TO_INT (g_task_get_source_tag (task))](task, source, data, cancellable);
}

/* The next one must find the gate shut. */
static void
let_out_and_shut (void)
{
  gboolean shut = FALSE;

  gate_let_out (&gate, 1);
  while (!shut)
    {
      g_mutex_lock (&gate.mutex);
      shut = gate.passes == 0;
      g_mutex_unlock (&gate.mutex);
    }
}

static gpointer
cancel_when_inside (gpointer cancellable)
{
  gate_await (&gate, 1);
  g_cancellable_cancel (cancellable);
  return NULL;
}

#define LATE_ROUNDS 200

/* Runs return_late() under return-on-cancel; the cancellation comes before or while it runs. */
static void
run_and_cancel (gint kind, gboolean before)
{
  GCancellable *cancellable = g_cancellable_new ();
  GTask *task = new_watched_task (cancellable, NULL, NULL);
  GThread *thread = NULL;
  GError *error = NULL;

  g_task_set_source_tag (task, GINT_TO_POINTER (kind));
  g_task_set_return_on_cancel (task, TRUE);
  gate.inside = 0;
  if (before)
    g_cancellable_cancel (cancellable);
  else
    thread = g_thread_new ("cancel", cancel_when_inside, cancellable);
  g_task_run_in_thread_sync (task, return_late);
  g_assert_false (g_task_propagate_boolean (task, &error));
  assert_is_cancelled (&error);
  g_clear_pointer (&thread, g_thread_join);
  gate_await (&gate, 1);
  g_object_unref (task);
  g_object_unref (cancellable);
  let_out_and_shut ();
}

/* The caller came back early and has forgotten the task, whose last reference goes on the worker, for certain. */
static void
test_return_on_cancel (void)
{
  gint rounds = harness_rounds (LATE_ROUNDS);

  begin (NULL);
  gate_init (&gate);
  for (gint i = 0; i < rounds; i++)
    run_and_cancel (i % 3, i % 2);
  end_without_loop (3 * rounds);
  gate_clear (&gate);
}

static void
pass_gate (GTask *task, gpointer source G_GNUC_UNUSED, gpointer data G_GNUC_UNUSED,
           GCancellable *cancellable G_GNUC_UNUSED)
{
  gate_pass (&gate);
  g_task_return_boolean (task, TRUE);
}

static gpointer
occupy_worker (gpointer unused G_GNUC_UNUSED)
{
  GTask *task = g_task_new (NULL, NULL, NULL, NULL);

  g_task_run_in_thread_sync (task, pass_gate);
  g_object_unref (task);
  return NULL;
}

#define WORKERS 10
#define QUEUED 50

/* The same while the task is still queued. */
static void
test_queued (void)
{
  GThread *threads[WORKERS];

  begin (NULL);
  gate_init (&gate);
  for (gint i = 0; i < WORKERS; i++)
    threads[i] = g_thread_new ("occupy", occupy_worker, NULL);
  gate_await (&gate, WORKERS);
  for (gint i = 0; i < QUEUED; i++)
    {
      GCancellable *cancellable = g_cancellable_new ();
      GTask *task = new_watched_task (cancellable, NULL, NULL);

      g_task_set_return_on_cancel (task, TRUE);
      g_cancellable_cancel (cancellable);
      g_task_run_in_thread_sync (task, functions[i % 3]);
      g_object_unref (task);
      g_object_unref (cancellable);
    }
  gate_let_out (&gate, WORKERS);
  end_without_loop (3 * QUEUED);
  for (gint i = 0; i < WORKERS; i++)
    g_thread_join (threads[i]);
  gate_clear (&gate);
}

#define DEPTH 4
#define CHILDREN 3
#define TREE 121 /* 1 + 3 + 9 + 27 + 81 tasks */
#define TREES 5

static void
grow_tree (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  gint depth = GPOINTER_TO_INT (g_task_get_source_tag (task));

  for (gint i = 0; depth < DEPTH && i < CHILDREN; i++)
    {
      GTask *child = new_watched_task (NULL, NULL, NULL);

      g_task_set_source_tag (child, GINT_TO_POINTER (depth + 1));
      g_task_run_in_thread_sync (child, grow_tree);
      g_object_unref (child);
    }
  functions[depth % 3](task, source, data, cancellable);
}

static gpointer
grow_trees (gpointer unused G_GNUC_UNUSED)
{
  for (gint i = 0; i < TREES; i++)
    {
      GTask *task = new_watched_task (NULL, NULL, NULL);

      g_task_run_in_thread_sync (task, grow_tree);
      g_object_unref (task);
    }
  return NULL;
}

/* Tasks that workers make, and wait for, and drop. */
static void
test_nested (void)
{
  GThread *threads[2]; /* together no more workers than libgio has at once */

  begin (NULL);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("trees", grow_trees, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);
  end_without_loop (3 * TREE * TREES * (gint) G_N_ELEMENTS (threads));
}

#define GIVEN 20000
#define FEW 1000

/* A task function drops the last reference to another task; what waits for its release stays little. */
static void
test_last_reference (void)
{
  gint rounds = harness_rounds (GIVEN);

  begin (NULL);
  for (gint i = 0; i < rounds; i++)
    {
      give_to_worker (new_done_task (functions[i % 3]));
      /* Those before the last few are released meanwhile. */
      await_count (&releases.everywhere, 3 * (i + 1 - FEW));
    }
  end_without_loop (3 * rounds);
}

static gpointer
unref_and_check (gpointer done)
{
  gint before = releases.everywhere;

  releases.home = g_thread_self ();
  g_object_unref (done);
  g_assert_cmpint (releases.everywhere, ==, before + 3);
  return NULL;
}

/* On a thread that is no worker the release is over when the unref returns, and happened there. */
static void
test_other_thread (void)
{
  gint rounds = harness_rounds (LATE_ROUNDS);

  begin (NULL);
  for (gint i = 0; i < rounds; i++)
    {
      GTask *done = new_done_task (functions[i % 3]);

      if (i % 2)
        unref_and_check (done);
      else
        g_thread_join (g_thread_new ("unref", unref_and_check, done));
    }
  g_assert_cmpint (releases.everywhere, ==, 3 * rounds);
  g_assert_cmpint (releases.elsewhere, ==, 0);
}

#define OWNED 50

/* Runs the cases of a task's end on a worker while this thread owns `context` and does not iterate it. */
static void
release_beside_owner (GMainContext *context)
{
  begin (NULL);
  gate_init (&gate);
  g_assert_true (g_main_context_acquire (context));
  g_main_context_push_thread_default (context);
  for (gint i = 0; i < OWNED; i++)
    {
      give_to_worker (new_done_task (functions[i % 3]));
      run_and_cancel (i % 3, i % 2);
    }
  g_main_context_pop_thread_default (context);
  end_without_loop (6 * OWNED);
  g_main_context_release (context);
  gate_clear (&gate);
}

/* Somebody owns the context, as if it were being iterated, and does not iterate it. */
static void
test_owned_context (void)
{
  GMainContext *context = g_main_context_new ();

  release_beside_owner (context);
  g_main_context_unref (context);
  release_beside_owner (g_main_context_default ());
}

/* Somebody is inside an iteration of the context, and stays there. */
static gboolean
release_inside_source (gpointer unused G_GNUC_UNUSED)
{
  begin (NULL);
  gate_init (&gate);
  for (gint i = 0; i < OWNED; i++)
    {
      give_to_worker (new_done_task (functions[i % 3]));
      run_and_cancel (i % 3, i % 2);
    }
  end_without_loop (6 * OWNED);
  gate_clear (&gate);
  return G_SOURCE_REMOVE;
}

static void
test_stuck_in_callback (void)
{
  GMainContext *context = g_main_context_new ();

  g_main_context_push_thread_default (context);
  call_from_source (context, release_inside_source, NULL);
  g_main_context_iteration (context, FALSE);
  g_main_context_pop_thread_default (context);
  g_main_context_unref (context);
}

static void
run_more (gpointer unused)
{
  GTask *task = new_watched_task (NULL, NULL, NULL);

  g_task_run_in_thread_sync (task, return_pointer);
  g_object_unref (task);
  give_to_worker (new_done_task (return_pointer));
  note_release (unused);
}

/* A destroy notify that uses tasks itself. */
static void
test_release_runs_tasks (void)
{
  begin (NULL);
  for (gint i = 0; i < OWNED; i++)
    {
      GTask *done = new_done_task (return_error);

      g_task_set_task_data (done, done, run_more); /* one release now, one later, and six by that one */
      give_to_worker (done);
    }
  end_without_loop (10 * OWNED);
}

static void
wait_for_other (gpointer other)
{
  await_count (other, 1);
  note_release (NULL);
}

static GTask *
new_task_with_data (gpointer data, GDestroyNotify destroy)
{
  GTask *done = g_task_new (NULL, NULL, NULL, NULL);

  g_task_run_in_thread_sync (done, return_error);
  await_alone (done);
  g_task_set_task_data (done, data, destroy);
  return done;
}

static gpointer
give_in_thread (gpointer done)
{
  give_to_worker (done);
  return NULL;
}

/* A destroy notify that waits for another one, which comes later. */
static void
test_release_waits (void)
{
  begin (NULL);
  for (gint i = 0; i < 5; i++)
    {
      gint other = 0;
      /* Where workers release, the first one stays in the notify. */
      GThread *first = g_thread_new ("first", give_in_thread, new_task_with_data (&other, wait_for_other));

      give_to_worker (new_task_with_data (&other, count_destroy));
      g_thread_join (first);
      await_count (&releases.everywhere, 3 * (i + 1)); /* with two errors */
    }
  end_without_loop (15);
}

/* The process ends while releases are still to come. */
static void
test_exit_meanwhile (void)
{
  begin (NULL);
  gate_init (&gate);
  for (gint i = 0; i < OWNED; i++)
    run_and_cancel (i % 3, i % 2);
}

static const Case cases[] = {
  { "/task-release-no-loop/sync", test_sync, NULL, 0 },
  { "/task-release-no-loop/return-on-cancel", test_return_on_cancel, NULL, 0 },
  { "/task-release-no-loop/queued", test_queued, NULL, 0 },
  { "/task-release-no-loop/nested", test_nested, NULL, 0 },
  { "/task-release-no-loop/last-reference", test_last_reference, NULL, 0 },
  { "/task-release-no-loop/other-thread", test_other_thread, NULL, 0 },
  { "/task-release-no-loop/owned-context", test_owned_context, NULL, 0 },
  { "/task-release-no-loop/stuck-in-callback", test_stuck_in_callback, NULL, 0 },
  { "/task-release-no-loop/release-runs-tasks", test_release_runs_tasks, NULL, 0 },
  { "/task-release-no-loop/release-waits", test_release_waits, NULL, 0 },
  { "/task-release-no-loop/exit-meanwhile", test_exit_meanwhile, NULL, 10 },
};

HARNESS_MAIN (cases)
