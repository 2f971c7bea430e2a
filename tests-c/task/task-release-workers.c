/* Releases on workers, and of what workers leave behind: at home, without end, and beside other work. */
#include "task-helpers.h"

#define ROUNDS 300
#define CHAIN 1000

static void
return_true (GTask *task, gpointer source G_GNUC_UNUSED, gpointer data G_GNUC_UNUSED,
             GCancellable *cancellable G_GNUC_UNUSED)
{
  g_task_return_boolean (task, TRUE);
}

/* --- a worker that has a context of its own --- */

typedef struct
{
  GThread *home;
  gboolean freed;
  gboolean at_home;
} Owned;

static void
free_owned (gpointer data)
{
  Owned *owned = data;

  owned->freed = TRUE;
  owned->at_home = g_thread_self () == owned->home;
}

static void
set_flag (GObject *source G_GNUC_UNUSED, GAsyncResult *result G_GNUC_UNUSED, gpointer flag)
{
  *(gboolean *) flag = TRUE;
}

static gboolean
never (gpointer data G_GNUC_UNUSED)
{
  g_assert_not_reached ();
}

/* What many programs do: an asynchronous operation, made synchronous. */
static void
wrap (GTask *task, gpointer source G_GNUC_UNUSED, gpointer unref_after_pop, GCancellable *cancellable G_GNUC_UNUSED)
{
  for (guint i = 0; i < ROUNDS; i++)
    {
      GMainContext *context = g_main_context_new ();
      Owned of_task = { .home = g_thread_self () }, of_source = of_task;
      GSource *other = g_timeout_source_new_seconds (1000);
      gboolean called = FALSE;
      GTask *inner;

      g_source_set_callback (other, never, &of_source, free_owned);
      g_source_attach (other, context);
      g_source_unref (other);
      g_main_context_push_thread_default (context);
      inner = g_task_new (NULL, NULL, set_flag, &called);
      g_task_set_task_data (inner, &of_task, free_owned);
      g_task_return_boolean (inner, TRUE);
      while (!called)
        g_main_context_iteration (context, TRUE);
      if (!unref_after_pop)
        g_object_unref (inner);
      g_main_context_pop_thread_default (context);
      if (unref_after_pop)
        g_object_unref (inner);
      g_assert_true (of_task.freed && of_task.at_home);
      g_main_context_unref (context);
      g_assert_true (of_source.freed && of_source.at_home);
    }
  g_task_return_boolean (task, TRUE);
}

static void
run_wrap (gpointer unref_after_pop)
{
  guint descriptors = count_descriptors ();
  GTask *task = g_task_new (NULL, NULL, NULL, NULL);

  g_task_set_task_data (task, unref_after_pop, NULL);
  g_task_run_in_thread_sync (task, wrap);
  g_object_unref (task);
  g_assert_cmpuint (count_descriptors (), <=, descriptors + 2);
}

/* The task goes where its unref is, and the context with its other sources. */
static void
test_own_context (void)
{
  run_wrap (NULL);
  run_wrap (GINT_TO_POINTER (TRUE));
}

/* --- tasks that workers drop --- */

static gint made, freed, most;

static void
free_slowly (gpointer data G_GNUC_UNUSED)
{
  gint64 end = g_get_monotonic_time () + 100;

  while (g_get_monotonic_time () < end)
    ;
  g_atomic_int_inc (&freed);
}

static void
make_and_drop (GTask *task, gpointer source G_GNUC_UNUSED, gpointer data G_GNUC_UNUSED,
               GCancellable *cancellable G_GNUC_UNUSED)
{
  for (guint i = 0; i < 4000; i++)
    {
      GTask *inner = g_task_new (NULL, NULL, NULL, NULL);
      gint alive;

      g_task_set_task_data (inner, inner, free_slowly);
      g_task_run_in_thread_sync (inner, return_true);
      alive = g_atomic_int_add (&made, 1) + 1 - g_atomic_int_get (&freed);
      if (alive > g_atomic_int_get (&most))
        g_atomic_int_set (&most, alive);
      g_object_unref (inner);
    }
  g_task_return_boolean (task, TRUE);
}

/* What waits for its release stays little, though it is slow: here a few thousand would do for any reason but growth. */
static void
test_bounded (void)
{
  GTask *tasks[3];

  made = freed = most = 0;
  for (guint i = 0; i < G_N_ELEMENTS (tasks); i++)
    {
      tasks[i] = g_task_new (NULL, NULL, NULL, NULL);
      g_task_run_in_thread (tasks[i], make_and_drop);
    }
  for (guint i = 0; i < G_N_ELEMENTS (tasks); i++)
    {
      while (!g_task_get_completed (tasks[i]))
        g_main_context_iteration (NULL, TRUE);
      g_object_unref (tasks[i]);
    }
  wait_for_count (NULL, &freed, made);
  g_test_message ("at most %d of %d tasks waited", most, made);
  g_assert_cmpint (most, <, 2000);
}

/* --- a long destroy notify within which chains are released --- */

static gint chain_freed;

static void
free_link (gpointer next)
{
  chain_freed++;
  if (next)
    g_object_unref (next);
}

static void
release_chains (gpointer data G_GNUC_UNUSED)
{
  for (guint round = 0; round < 3; round++)
    {
      GTask *first = NULL;

      chain_freed = 0;
      for (guint i = 0; i < CHAIN; i++)
        {
          GTask *task = g_task_new (NULL, NULL, NULL, NULL);

          g_task_set_task_data (task, first ? (gpointer) first : (gpointer) task, first ? free_link : NULL);
          first = task;
        }
      g_object_unref (first);
      g_assert_cmpint (chain_freed, ==, CHAIN - 1);
    }
}

/* A chain is released when its unref returns, also from inside of another release. */
static void
test_chains_within (void)
{
  GTask *task = g_task_new (NULL, NULL, NULL, NULL);

  g_task_set_task_data (task, task, release_chains);
  g_object_unref (task);
}

static const Case cases[] = {
  { "/task-release-workers/own-context", test_own_context, NULL, 0 },
  { "/task-release-workers/bounded", test_bounded, NULL, 60 },
  { "/task-release-workers/chains-within", test_chains_within, NULL, 0 },
};

HARNESS_MAIN (cases)
