/* Private contexts that die, with tasks that run, wait or were delivered there: all of it is freed, once. */
#include "release-helpers.h"

static Gate gate;
static gint contexts_freed;

/* A context that counts when it is freed. */
static GMainContext *
new_watched_context (void)
{
  GMainContext *context = g_main_context_new ();
  GSource *source = g_timeout_source_new_seconds (10000);

  g_source_set_callback (source, NULL, &contexts_freed, count_destroy);
  g_source_attach (source, context);
  g_source_unref (source);
  return context;
}

static void
begin_contexts (void)
{
  begin (NULL);
  contexts_freed = 0;
  gate_init (&gate);
}

static void
end_contexts (gint expected, gint contexts)
{
  await_count (&releases.everywhere, expected);
  await_count (&contexts_freed, contexts);
  g_assert_cmpint (releases.everywhere, ==, expected);
  g_assert_cmpint (contexts_freed, ==, contexts);
  gate_clear (&gate);
}

static void
return_when_let (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  gate_pass (&gate);
  if (cancellable)
    return_error (task, source, data, cancellable);
  else
    return_pointer (task, source, data, cancellable);
}

#define ROUNDS 200

/* The task is all that holds its context, and goes on a worker. */
static void
test_sync_runs_on (void)
{
  begin_contexts ();
  for (gint i = 0; i < ROUNDS; i++)
    {
      GMainContext *context = new_watched_context ();
      GCancellable *cancellable = g_cancellable_new ();
      GTask *task;

      g_cancellable_cancel (cancellable);
      g_main_context_push_thread_default (context);
      task = new_watched_task (cancellable, NULL, NULL);
      g_task_set_return_on_cancel (task, TRUE);
      g_task_run_in_thread_sync (task, return_when_let);
      g_main_context_pop_thread_default (context);
      g_object_unref (cancellable);
      /* Either of the two may be the last but one. */
      if (i % 2)
        g_main_context_unref (context);
      g_object_unref (task);
      if (i % 2 == 0)
        g_main_context_unref (context);
      /* Sometimes the task is still queued, sometimes it runs. */
      if (i % 4 < 2)
        gate_await (&gate, i + 1);
      gate_let_out (&gate, 1);
    }
  end_contexts (3 * ROUNDS, ROUNDS);
}

/* The same after the cancellation was delivered. */
static void
test_delivered_and_runs_on (void)
{
  begin_contexts ();
  for (gint i = 0; i < ROUNDS; i++)
    {
      GMainContext *context = new_watched_context ();
      GCancellable *cancellable = g_cancellable_new ();
      Call call = { 0 };
      GTask *task;

      g_main_context_push_thread_default (context);
      task = new_watched_task (cancellable, note_call, &call);
      g_main_context_pop_thread_default (context);
      g_task_set_return_on_cancel (task, TRUE);
      g_task_run_in_thread (task, return_when_let);
      g_object_unref (task);
      gate_await (&gate, i + 1);
      g_cancellable_cancel (cancellable);
      g_object_unref (cancellable);
      wait_for_count (context, &call.calls, 1);
      drain (context);
      g_main_context_unref (context);
      gate_let_out (&gate, 1);
    }
  end_contexts (3 * ROUNDS, ROUNDS);
}

#define MANY_ROUNDS 5000

/* The owner of the context drops it right after the callback: the end of the task meets the end of the context. */
static void
test_dropped_after_callback (void)
{
  gint rounds = harness_rounds (MANY_ROUNDS);

  begin_contexts ();
  for (gint i = 0; i < rounds; i++)
    {
      GMainContext *context = new_watched_context ();
      Call call = { 0 };
      GTask *task;

      g_main_context_push_thread_default (context);
      task = new_watched_task (NULL, note_call, &call);
      g_main_context_pop_thread_default (context);
      g_task_run_in_thread (task, i % 2 ? return_pointer : return_error);
      g_object_unref (task);
      wait_for_count (context, &call.calls, 1);
      g_main_context_unref (context);
    }
  end_contexts (3 * rounds, rounds);
}

/* A task that has returned in a context of its own, which the task alone holds. */
static GTask *
new_delivered_task (void)
{
  GMainContext *context = new_watched_context ();
  GTask *done;

  g_main_context_push_thread_default (context);
  done = new_watched_task (NULL, NULL, NULL);
  g_task_return_pointer (done, done, note_release);
  drain (context);
  g_main_context_pop_thread_default (context);
  g_main_context_unref (context);
  g_assert_true (g_task_get_completed (done));
  return done;
}

static gpointer
unref_and_check (gpointer done)
{
  gint before = releases.everywhere;

  releases.home = g_thread_self ();
  g_object_unref (done);
  g_assert_cmpint (releases.everywhere, ==, before + 3);
  g_assert_cmpint (contexts_freed, ==, releases.everywhere / 3);
  return NULL;
}

/* On a thread that is no worker all is over when the unref returns. */
static void
test_other_thread (void)
{
  begin_contexts ();
  for (gint i = 0; i < ROUNDS; i++)
    if (i % 2)
      unref_and_check (new_delivered_task ());
    else
      g_thread_join (g_thread_new ("unref", unref_and_check, new_delivered_task ()));
  g_assert_cmpint (releases.elsewhere, ==, 0);
  end_contexts (3 * ROUNDS, ROUNDS);
}

/* On a worker, whether it is given the task or has made it. */
static void
test_worker (void)
{
  begin_contexts ();
  for (gint i = 0; i < ROUNDS; i++)
    give_to_worker (new_delivered_task ());
  end_contexts (3 * ROUNDS, ROUNDS);
}

static void
make_and_drop (GTask *task, gpointer source G_GNUC_UNUSED, gpointer data G_GNUC_UNUSED,
               GCancellable *cancellable G_GNUC_UNUSED)
{
  GMainContext *context = new_watched_context ();
  GTask *own;

  g_object_unref (new_delivered_task ());
  g_main_context_push_thread_default (context);
  own = new_watched_task (NULL, NULL, NULL);
  g_task_run_in_thread_sync (own, return_pointer);
  g_object_unref (own);
  g_main_context_pop_thread_default (context);
  g_main_context_unref (context);
  g_task_return_boolean (task, TRUE);
}

static void
test_made_by_worker (void)
{
  begin_contexts ();
  for (gint i = 0; i < ROUNDS; i++)
    {
      GTask *task = g_task_new (NULL, NULL, NULL, NULL);

      g_task_run_in_thread_sync (task, make_and_drop);
      g_object_unref (task);
    }
  end_contexts (6 * ROUNDS, 2 * ROUNDS);
}

#define TASKS 50

/* A thread iterates a context that it alone holds, and stops while its tasks go on workers. */
typedef struct
{
  GMainContext *context;
  GMainLoop *loop;
  GTask *tasks[TASKS];
  gint made; /* and delivered */
  gint stop; /* the callback returns, and the loop ends */
  gboolean iterates_once_more;
} Owner;

static gboolean
stop_when_told (gpointer data)
{
  Owner *owner = data;

  g_atomic_int_set (&owner->made, 1);
  await_count (&owner->stop, 1);
  g_main_loop_quit (owner->loop);
  return G_SOURCE_REMOVE;
}

static gpointer
run_owner (gpointer data)
{
  Owner *owner = data;

  g_main_context_push_thread_default (owner->context);
  for (gint i = 0; i < TASKS; i++)
    {
      owner->tasks[i] = new_watched_task (NULL, NULL, NULL);
      g_task_return_pointer (owner->tasks[i], owner, note_release);
    }
  drain (owner->context);
  call_from_source (owner->context, stop_when_told, owner);
  g_main_loop_run (owner->loop);
  if (owner->iterates_once_more)
    g_main_context_iteration (owner->context, FALSE);
  g_main_context_pop_thread_default (owner->context);
  g_main_loop_unref (owner->loop);
  g_main_context_unref (owner->context);
  return NULL;
}

/* `early`: the owner ends while they go. Else afterwards; it has been inside one callback all the time. */
static void
run_owner_rounds (gboolean early)
{
  gint rounds = harness_rounds (100);

  begin_contexts ();
  for (gint i = 0; i < rounds; i++)
    {
      Owner owner = { .context = new_watched_context (), .iterates_once_more = i % 2 };
      GThread *thread;

      owner.loop = g_main_loop_new (owner.context, FALSE);
      thread = g_thread_new ("owner", run_owner, &owner);
      await_count (&owner.made, 1);
      for (gint j = 0; j < TASKS; j++)
        {
          if (early && j == TASKS / 2)
            g_atomic_int_set (&owner.stop, 1);
          give_to_worker (owner.tasks[j]);
        }
      g_atomic_int_set (&owner.stop, 1);
      g_thread_join (thread);
    }
  end_contexts (3 * TASKS * rounds, rounds);
}

static void
test_owner_ends_meanwhile (void)
{
  run_owner_rounds (TRUE);
}

static void
test_owner_ends_afterwards (void)
{
  run_owner_rounds (FALSE);
}

static const Case cases[] = {
  { "/task-release-contexts/sync-runs-on", test_sync_runs_on, NULL, 0 },
  { "/task-release-contexts/delivered-and-runs-on", test_delivered_and_runs_on, NULL, 0 },
  { "/task-release-contexts/dropped-after-callback", test_dropped_after_callback, NULL, 0 },
  { "/task-release-contexts/other-thread", test_other_thread, NULL, 0 },
  { "/task-release-contexts/worker", test_worker, NULL, 0 },
  { "/task-release-contexts/made-by-worker", test_made_by_worker, NULL, 0 },
  { "/task-release-contexts/owner-ends/meanwhile", test_owner_ends_meanwhile, NULL, 0 },
  { "/task-release-contexts/owner-ends/afterwards", test_owner_ends_afterwards, NULL, 0 },
};

HARNESS_MAIN (cases)
