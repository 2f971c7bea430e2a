/* Tasks in one thread: made, returned, delivered by the main loop. */
#include "bench.h"

static void
return_new_task (int priority)
{
  GTask *task = g_task_new (NULL, NULL, count_result, NULL);

  if (priority != G_PRIORITY_DEFAULT)
    g_task_set_priority (task, priority);
  g_task_return_boolean (task, TRUE);
  g_object_unref (task);
}

/* Created and dropped, never returned. */

static guint finalized;

static void
count_finalized (G_GNUC_UNUSED gpointer data)
{
  finalized++;
}

static void
drop_tasks (guint size)
{
  for (guint i = 0; i + 1 < size; i++)
    g_object_unref (g_task_new (NULL, NULL, NULL, NULL));

  /* The last one tells that dropping frees a task. */
  GTask *last = g_task_new (NULL, NULL, NULL, NULL);
  g_task_set_task_data (last, &finalized, count_finalized);
  g_object_unref (last);
}

static void
demand_dropped (G_GNUC_UNUSED guint size)
{
  demand (finalized == 1, "freeing a dropped task");
  finalized = 0;
}

/* Created in one iteration, returned and delivered in a later one. */

enum { TASKS_AT_ONCE = 100 };

static GTask *underway[TASKS_AT_ONCE];
static guint n_underway, n_created, n_to_create;

static gboolean
return_and_create (G_GNUC_UNUSED gpointer data)
{
  for (guint i = 0; i < n_underway; i++)
    {
      g_task_return_boolean (underway[i], TRUE);
      g_object_unref (underway[i]);
    }
  for (n_underway = 0; n_underway < TASKS_AT_ONCE && n_created < n_to_create; n_created++)
    underway[n_underway++] = g_task_new (NULL, NULL, count_result, NULL);
  return n_underway > 0;
}

static void
complete_in_loop (guint size)
{
  n_created = 0;
  n_to_create = size;
  g_idle_add (return_and_create, NULL);
  iterate_until_results (NULL, size);
  g_main_context_iteration (NULL, FALSE); /* the idle source ends */
}

/* Each result's callback starts and returns the next task: one result in an iteration. */

static guint n_started;

static void
count_and_start_next (GObject *source, GAsyncResult *result, gpointer size)
{
  GTask *next;

  count_result (source, result, NULL);
  if (n_started == GPOINTER_TO_UINT (size))
    return;
  n_started++;
  next = g_task_new (NULL, NULL, count_and_start_next, size);
  g_task_return_boolean (next, TRUE);
  g_object_unref (next);
}

static void
one_at_a_time (guint size)
{
  GTask *first = g_task_new (NULL, NULL, count_and_start_next, GUINT_TO_POINTER (size));

  n_started = 1;
  g_task_return_boolean (first, TRUE);
  g_object_unref (first);
  iterate_until_results (NULL, size);
}

/* Many results at once. */

static GMainContext *context;

static void
return_at_once (guint size)
{
  for (guint i = 0; i < size; i++)
    return_new_task (G_PRIORITY_DEFAULT);
}

static void
burst (guint size)
{
  return_at_once (size);
  iterate_until_results (context, size);
}

static void
burst_with_priorities (guint size)
{
  static const int priorities[] = { G_PRIORITY_HIGH, G_PRIORITY_LOW, G_PRIORITY_DEFAULT, G_PRIORITY_DEFAULT_IDLE };

  for (guint i = 0; i < size; i++)
    return_new_task (priorities[i % G_N_ELEMENTS (priorities)]);
  iterate_until_results (NULL, size);
}

/* The priorities come in no order. */
static void
burst_with_own_priorities (guint size)
{
  for (guint i = 0; i < size; i++)
    return_new_task ((int) ((guint64) i * 7919 % size));
  iterate_until_results (NULL, size);
}

static void
drain (guint size)
{
  iterate_until_results (NULL, size);
  demand_results (size);
}

/* In a context of their own. */

static void
push_own_context (G_GNUC_UNUSED guint size)
{
  context = g_main_context_new ();
  g_main_context_push_thread_default (context);
}

static void
pop_own_context (guint size)
{
  demand_results (size);
  g_main_context_pop_thread_default (context);
  g_clear_pointer (&context, g_main_context_unref);
}

static void
one_by_one_in_own_context (guint size)
{
  for (guint i = 0; i < size; i++)
    {
      return_new_task (G_PRIORITY_DEFAULT);
      g_main_context_iteration (context, FALSE);
    }
}

/* Beside sources that are not ready, and come after the results. */

enum { TIMEOUTS = 1000, HOUR = 3600 };

static guint timeouts[TIMEOUTS];

static gboolean
never_reached (G_GNUC_UNUSED gpointer data)
{
  demand (FALSE, "sleeping for an hour");
  return G_SOURCE_REMOVE;
}

static void
add_timeouts (G_GNUC_UNUSED guint size)
{
  for (guint i = 0; i < TIMEOUTS; i++)
    timeouts[i] = g_timeout_add_seconds_full (G_PRIORITY_LOW, HOUR, never_reached, NULL, NULL);
}

static void
remove_timeouts (guint size)
{
  demand_results (size);
  for (guint i = 0; i < TIMEOUTS; i++)
    g_source_remove (timeouts[i]);
}

/* In many contexts, in turns. */

static void
burst_in_many_contexts (guint size)
{
  for (guint i = 0; i < size; i++)
    {
      g_main_context_push_thread_default (many_contexts[i % MANY_CONTEXTS]);
      return_new_task (G_PRIORITY_DEFAULT);
      g_main_context_pop_thread_default (many_contexts[i % MANY_CONTEXTS]);
    }
  iterate_many_contexts (size);
}

const Row loop_rows[] = {
  { "task-drop", NULL, drop_tasks, demand_dropped, 100000, 100, 9, EACH_NANOSECONDS, FALSE },
  { "task-own-context", push_own_context, one_by_one_in_own_context, pop_own_context,
    50000, 100, 9, EACH_NANOSECONDS, FALSE },
  { "task-in-loop", NULL, complete_in_loop, demand_results, 50000, 200, 9, EACH_NANOSECONDS, FALSE },
  { "task-one-at-a-time", NULL, one_at_a_time, demand_results, 50000, 100, 9, EACH_NANOSECONDS, FALSE },
  { "burst", NULL, burst, demand_results, 10000, 100, 15, EACH_NANOSECONDS, FALSE },
  { "burst-own-context", push_own_context, burst, pop_own_context, 10000, 100, 15, EACH_NANOSECONDS, FALSE },
  { "burst-priorities", NULL, burst_with_priorities, demand_results, 10000, 100, 15, EACH_NANOSECONDS, FALSE },
  { "burst-own-priorities", NULL, burst_with_own_priorities, demand_results, 20000, 100, 1, EACH_NANOSECONDS, FALSE },
  { "burst-many-contexts", make_many_contexts, burst_in_many_contexts, drop_many_contexts,
    20000, 100, 5, EACH_NANOSECONDS, FALSE },
  { "task-among-timeouts", add_timeouts, one_at_a_time, remove_timeouts, 3000, 100, 15, EACH_NANOSECONDS, FALSE },
  { "memory-pending", NULL, return_at_once, drain, 1000000, 5000, 1, EACH_BYTES, TRUE },
  { .name = NULL }
};
