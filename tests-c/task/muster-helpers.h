/* Waits until workers have done with what they ran, without looking at what they delivered. */
#pragma once

#include "delivery-helpers.h"

#include <unistd.h>

enum { POOL = 10 }; /* workers to begin with, on both libraries */

/* Tasks that occupy all workers at once. */
typedef struct
{
  Gate gate;
  gint workers[POOL]; /* the ids of their threads */
  gint n;
} Muster;

static inline gboolean
has_left (gint thread)
{
  char *path = g_strdup_printf ("/proc/self/task/%d", thread);
  gboolean is_there = g_file_test (path, G_FILE_TEST_EXISTS);

  g_free (path);
  return !is_there;
}

static inline void
stand_in_muster (GTask *task, gpointer source G_GNUC_UNUSED, gpointer data, GCancellable *cancellable G_GNUC_UNUSED)
{
  Muster *muster = data;

  muster->workers[g_atomic_int_add (&muster->n, 1)] = gettid ();
  gate_pass (&muster->gate);
  g_task_return_boolean (task, TRUE);
}

/* Takes those out of `workers` that run something else now, so that they have done with what they ran before, and those
 * that have left: a pool that was held up is larger for a while. */
static inline void
hold_muster (gint *workers, gint n)
{
  GMainContext *context = g_main_context_new ();
  GTask *tasks[POOL];
  Muster muster = { .n = 0 };

  gate_init (&muster.gate);
  g_main_context_push_thread_default (context);
  for (gint i = 0; i < POOL; i++)
    {
      tasks[i] = g_task_new (NULL, NULL, NULL, NULL);
      g_task_set_task_data (tasks[i], &muster, NULL);
      g_task_run_in_thread (tasks[i], stand_in_muster);
    }
  g_main_context_pop_thread_default (context);
  gate_await (&muster.gate, POOL);
  for (gint i = 0; i < n; i++)
    {
      gboolean is_done = has_left (workers[i]);

      for (gint j = 0; j < POOL; j++)
        is_done |= workers[i] == muster.workers[j];
      if (is_done)
        workers[i] = 0;
    }
  gate_let_out (&muster.gate, POOL);
  for (gint i = 0; i < POOL; i++)
    {
      wait_completed (tasks[i]);
      g_object_unref (tasks[i]);
    }
  gate_clear (&muster.gate);
  g_main_context_unref (context);
}

/* Workers' results have reached their contexts, though nobody has looked, when each of these workers has begun
 * something else, or has left. */
static inline void
await_arrived (gint *workers, gint n)
{
  gint64 end = g_get_monotonic_time () + 10 * G_USEC_PER_SEC;
  gint left = n;

  while (left && g_get_monotonic_time () < end)
    {
      hold_muster (workers, n);
      left = 0;
      for (gint i = 0; i < n; i++)
        left += workers[i] != 0;
    }
  g_assert_cmpint (left, ==, 0);
}

/* The task data is where to put the worker. */
static inline void
return_and_note_worker (GTask *task, gpointer source G_GNUC_UNUSED, gpointer worker,
                        GCancellable *cancellable G_GNUC_UNUSED)
{
  g_task_return_boolean (task, TRUE);
  g_atomic_int_set ((gint *) worker, gettid ());
}

/* Runs the task in a worker, until its result has reached its context. Nothing is made to look. */
static inline void
run_until_arrived (GTask *task)
{
  gint64 end = g_get_monotonic_time () + 10 * G_USEC_PER_SEC;
  gint worker = 0;

  g_task_set_task_data (task, &worker, NULL);
  g_task_run_in_thread (task, return_and_note_worker);
  while (!g_atomic_int_get (&worker) && g_get_monotonic_time () < end)
    g_usleep (20);
  g_assert_cmpint (worker, !=, 0);
  await_arrived (&worker, 1);
}
