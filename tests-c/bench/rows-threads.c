/* Tasks in threads: the queue, the workers, and the way back. */
#include "bench.h"

static void
return_true (GTask *task, G_GNUC_UNUSED gpointer source, G_GNUC_UNUSED gpointer data,
             G_GNUC_UNUSED GCancellable *cancellable)
{
  g_task_return_boolean (task, TRUE);
}

static void
queue_task (GCancellable *cancellable, GAsyncReadyCallback callback, int priority, GTaskThreadFunc function)
{
  GTask *task = g_task_new (NULL, cancellable, callback, NULL);

  g_task_set_priority (task, priority);
  g_task_run_in_thread (task, function);
  g_object_unref (task);
}

/* All queued, then all results on the loop. */

static GCancellable *cancellable;

static void
make_cancellable (G_GNUC_UNUSED guint size)
{
  cancellable = g_cancellable_new ();
}

static void
queue_all_and_drain (guint size)
{
  for (guint i = 0; i < size; i++)
    queue_task (cancellable, count_result, G_PRIORITY_DEFAULT, return_true);
  iterate_until_results (NULL, size);
}

static void
demand_and_drop_cancellable (guint size)
{
  demand_results (size);
  g_clear_object (&cancellable);
}

/* So many under way: the callback of each result queues the next task. */

static guint n_queued, n_to_queue;

static void
count_and_queue_next (GObject *source, GAsyncResult *result, gpointer user_data)
{
  count_result (source, result, user_data);
  if (n_queued == n_to_queue)
    return;
  n_queued++;
  queue_task (NULL, count_and_queue_next, G_PRIORITY_DEFAULT, return_true);
}

static void
keep_in_flight (guint in_flight, guint size)
{
  n_to_queue = size;
  for (n_queued = 0; n_queued < MIN (in_flight, size); n_queued++)
    queue_task (NULL, count_and_queue_next, G_PRIORITY_DEFAULT, return_true);
  iterate_until_results (NULL, size);
}

static void
keep_one_in_flight (guint size)
{
  keep_in_flight (1, size);
}

static void
keep_hundred_in_flight (guint size)
{
  keep_in_flight (100, size);
}

/* Results in many contexts. */

static void
queue_for_many_contexts (guint size)
{
  for (guint i = 0; i < size; i++)
    {
      g_main_context_push_thread_default (many_contexts[i % MANY_CONTEXTS]);
      queue_task (NULL, count_result, G_PRIORITY_DEFAULT, return_true);
      g_main_context_pop_thread_default (many_contexts[i % MANY_CONTEXTS]);
    }
  iterate_many_contexts (size);
}

/* Workers that are blocked. More tasks wait than the pool has workers: should it grow, they take the new ones. */

enum { BLOCKING_TASKS = 100, BASE_WORKERS = 10 };

static GMutex mutex;
static GCond condition;
static guint n_blocked, n_ran;
static gboolean released;

static void
block (GTask *task, G_GNUC_UNUSED gpointer source, G_GNUC_UNUSED gpointer data,
       G_GNUC_UNUSED GCancellable *task_cancellable)
{
  g_mutex_lock (&mutex);
  n_blocked++;
  g_cond_broadcast (&condition);
  while (!released)
    g_cond_wait (&condition, &mutex);
  g_mutex_unlock (&mutex);
  g_task_return_boolean (task, TRUE);
}

static void
block_workers (G_GNUC_UNUSED guint size)
{
  released = FALSE;
  n_blocked = 0;
  for (guint i = 0; i < BLOCKING_TASKS; i++)
    queue_task (NULL, count_result, -1000000, block);
  g_mutex_lock (&mutex);
  while (n_blocked < BASE_WORKERS)
    g_cond_wait (&condition, &mutex);
  g_mutex_unlock (&mutex);
}

static void
release_workers (void)
{
  g_mutex_lock (&mutex);
  released = TRUE;
  g_cond_broadcast (&condition);
  g_mutex_unlock (&mutex);
}

static void
count_run (GTask *task, G_GNUC_UNUSED gpointer source, G_GNUC_UNUSED gpointer data,
           G_GNUC_UNUSED GCancellable *task_cancellable)
{
  g_atomic_int_inc (&n_ran);
  g_task_return_boolean (task, TRUE);
}

static void
demand_drained (guint size)
{
  demand_results (size + BLOCKING_TASKS);
  demand ((guint) g_atomic_int_get (&n_ran) == size, "running each queued function once");
  g_atomic_int_set (&n_ran, 0);
}

/* Urgent tasks behind ordinary ones. The size is how many there are of both kinds together. */

static void
queue_urgent_last_and_drain (guint size)
{
  for (guint i = 0; i < size; i++)
    queue_task (NULL, count_result, i < size / 2 ? G_PRIORITY_DEFAULT : G_PRIORITY_HIGH, count_run);
  demand (g_atomic_int_get (&n_ran) == 0, "blocking all workers until everything is queued");
  release_workers ();
  iterate_until_results (NULL, size + BLOCKING_TASKS);
}

/* Tasks that are cancelled while they are queued. */

static void
count_cancelled (G_GNUC_UNUSED GObject *source, GAsyncResult *result, G_GNUC_UNUSED gpointer data)
{
  GError *error = NULL;

  g_task_propagate_boolean ((GTask *) result, &error);
  demand (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED), "cancelling each task");
  g_clear_error (&error);
  results++;
}

static void
block_workers_and_queue (guint size)
{
  block_workers (size);
  make_cancellable (size);
  for (guint i = 0; i < size; i++)
    queue_task (cancellable, count_cancelled, G_PRIORITY_DEFAULT, count_run);
  demand (g_atomic_int_get (&n_ran) == 0, "blocking all workers until everything is queued");
}

static void
cancel_all (G_GNUC_UNUSED guint size)
{
  g_cancellable_cancel (cancellable);
}

static void
drain_cancelled (guint size)
{
  demand (results == 0, "blocking all workers until everything is cancelled");
  release_workers ();
  iterate_until_results (NULL, size + BLOCKING_TASKS);
  demand_drained (size);
  g_clear_object (&cancellable);
}

/* There and back, waiting. */

static void
run_and_wait (guint size)
{
  for (guint i = 0; i < size; i++)
    {
      GTask *task = g_task_new (NULL, NULL, NULL, NULL);

      g_task_run_in_thread_sync (task, return_true);
      count_result (NULL, G_ASYNC_RESULT (task), NULL);
      g_object_unref (task);
    }
}

/* A chain in which each task waits for one that it queued. */

typedef struct
{
  guint links_left;
  GMutex mutex;
  GCond condition;
  gboolean done;
} Link;

static void queue_link (Link *link);

static void
run_link (GTask *task, G_GNUC_UNUSED gpointer source, gpointer data, G_GNUC_UNUSED GCancellable *task_cancellable)
{
  Link *link = data;

  if (link->links_left > 1)
    {
      Link next = { .links_left = link->links_left - 1 };

      g_mutex_init (&next.mutex);
      g_cond_init (&next.condition);
      queue_link (&next);
      g_mutex_lock (&next.mutex);
      while (!next.done)
        g_cond_wait (&next.condition, &next.mutex);
      g_mutex_unlock (&next.mutex);
      g_mutex_clear (&next.mutex);
      g_cond_clear (&next.condition);
    }
  g_mutex_lock (&link->mutex);
  link->done = TRUE;
  g_cond_signal (&link->condition);
  g_mutex_unlock (&link->mutex);
  g_task_return_boolean (task, TRUE);
}

static void
queue_link (Link *link)
{
  GTask *task = g_task_new (NULL, NULL, count_result, NULL);

  g_task_set_task_data (task, link, NULL);
  g_task_run_in_thread (task, run_link);
  g_object_unref (task);
}

static void
run_chain (guint size)
{
  Link first = { .links_left = size };

  g_mutex_init (&first.mutex);
  g_cond_init (&first.condition);
  queue_link (&first);
  iterate_until_results (NULL, size);
  g_mutex_clear (&first.mutex);
  g_cond_clear (&first.condition);
}

const Row thread_rows[] = {
  { "threads", NULL, queue_all_and_drain, demand_results, 100000, 200, 3, EACH_NANOSECONDS, FALSE },
  { "threads-one-at-a-time", NULL, keep_one_in_flight, demand_results, 10000, 50, 5, EACH_NANOSECONDS, FALSE },
  { "threads-in-flight", NULL, keep_hundred_in_flight, demand_results, 50000, 200, 3, EACH_NANOSECONDS, FALSE },
  { "threads-in-flight-writes", NULL, keep_hundred_in_flight, demand_results, 50000, 200, 3, EACH_WRITES, FALSE },
  { "threads-many-contexts", make_many_contexts, queue_for_many_contexts, drop_many_contexts,
    50000, 200, 3, EACH_NANOSECONDS, FALSE },
  { "threads-one-cancellable", make_cancellable, queue_all_and_drain, demand_and_drop_cancellable,
    16000, 100, 1, EACH_NANOSECONDS, FALSE },
  { "queue-urgent-last", block_workers, queue_urgent_last_and_drain, demand_drained,
    32000, 100, 1, EACH_NANOSECONDS, FALSE },
  { "cancel-queued", block_workers_and_queue, cancel_all, drain_cancelled, 8000, 100, 3, EACH_NANOSECONDS, FALSE },
  { "thread-round-trip", NULL, run_and_wait, demand_results, 5000, 50, 5, EACH_NANOSECONDS, FALSE },
  { "chain", NULL, run_chain, demand_results, 40, 11, 1, EACH_NANOSECONDS, TRUE },
  { .name = NULL }
};
