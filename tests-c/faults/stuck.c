/* Task functions that never return, more of them than the pool ever has workers: the program goes on. */
#include "task-helpers.h"

#define BOUND 512 /* of the pool */
#define STUCK 600
#define GROWTH_SECONDS 60 /* far more than the pool needs */

static Gate gate;

static void
get_stuck (GTask *task, gpointer source G_GNUC_UNUSED, gpointer data G_GNUC_UNUSED,
           GCancellable *cancellable G_GNUC_UNUSED)
{
  gate_pass (&gate);
  g_task_return_boolean (task, TRUE);
}

static void
start_stuck (guint tasks, Call *call)
{
  for (guint i = 0; i < tasks; i++)
    {
      GTask *task = g_task_new (NULL, NULL, note_call, call);

      g_task_run_in_thread (task, get_stuck);
      g_object_unref (task);
    }
}

/* A task of this context that needs no worker. */
static gboolean
run_local (gpointer counter)
{
  Call call = { 0 };
  GTask *task = g_task_new (NULL, NULL, note_call, &call);

  g_task_return_boolean (task, TRUE);
  wait_completed (task);
  g_assert_cmpint (call.calls, ==, 1);
  g_object_unref (task);
  g_atomic_int_inc ((gint *) counter);
  return G_SOURCE_REMOVE;
}

/* A task in the queue that returns on cancel does so. */
static void
run_cancelled (void)
{
  GCancellable *cancellable = g_cancellable_new ();
  Call call = { 0 };
  GTask *task = g_task_new (NULL, cancellable, note_call, &call);

  g_task_set_return_on_cancel (task, TRUE);
  g_task_run_in_thread (task, get_stuck);
  g_cancellable_cancel (cancellable);
  wait_completed (task);
  g_assert_cmpint (call.calls, ==, 1);
  g_assert_true (call.had_error);
  g_object_unref (task);
  g_object_unref (cancellable);
}

static gint
count_inside (void)
{
  gint inside;

  g_mutex_lock (&gate.mutex);
  inside = gate.inside;
  g_mutex_unlock (&gate.mutex);
  return inside;
}

static guint
count_threads (void)
{
  GDir *dir = g_dir_open ("/proc/self/task", 0, NULL);
  guint n = 0;

  g_assert_nonnull (dir);
  while (g_dir_read_name (dir))
    n++;
  g_dir_close (dir);
  return n;
}

/* Everything that needs no worker of its own, here and in another context. */
static void
go_on (ContextThread *other)
{
  gint done = 0;

  run_local (&done);
  call_from_source (context_thread_get_context (other), run_local, &done);
  await_count (&done, 2);
  run_cancelled ();
}

/* 600 of them: the pool grows to its bound, the others wait, and all else goes on meanwhile and afterwards. Let go,
 * they all end; those that are stuck when the program ends do not keep it. */
static void
test_stuck (void)
{
  ContextThread *other = context_thread_new ();
  gint64 end = g_get_monotonic_time () + GROWTH_SECONDS * G_USEC_PER_SEC;
  Call call = { 0 };
  guint threads = count_threads ();
  guint cancelled = 0;

  harness_set_stacks (SMALL_STACK);
  gate_init (&gate);
  start_stuck (STUCK, &call);
  while (count_inside () < BOUND && g_get_monotonic_time () < end)
    {
      go_on (other);
      cancelled++;
      g_usleep (100000);
    }
  for (gint i = 0; i < 10; i++, cancelled++)
    go_on (other);
  g_assert_cmpint (count_inside (), ==, BOUND);
  g_assert_cmpuint (count_threads (), <=, threads + BOUND + 1); /* one more may oversee them */
  g_assert_cmpint (call.calls, ==, 0);
  g_test_message ("%u rounds of other work", cancelled);

  gate_let_out (&gate, STUCK + (gint) cancelled);
  wait_for_count (NULL, &call.calls, STUCK);
  wait_for_count (NULL, &gate.inside, STUCK + (gint) cancelled);
  start_stuck (STUCK / 30, &call);
  gate_await (&gate, STUCK + (gint) cancelled + 1);
  context_thread_free (other);
}

static const Case cases[] = {
  { "/stuck/more-than-the-bound", test_stuck, NULL, GROWTH_SECONDS + 20 },
};

HARNESS_MAIN (cases)
