/* A program with fork handlers of its own, that calls the library while it holds the lock that they take. */
#include "task-helpers.h"

#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

#define FORKS 1000

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static gint stop, turns;

static void
lock (void)
{
  pthread_mutex_lock (&mutex);
}

static void
unlock (void)
{
  pthread_mutex_unlock (&mutex);
}

static void
return_true (GTask *task, gpointer source G_GNUC_UNUSED, gpointer data G_GNUC_UNUSED,
             GCancellable *cancellable G_GNUC_UNUSED)
{
  g_task_return_boolean (task, TRUE);
}

static void
run_sync (void)
{
  GTask *task = g_task_new (NULL, NULL, NULL, NULL);

  g_task_run_in_thread_sync (task, return_true);
  g_assert_true (g_task_propagate_boolean (task, NULL));
  g_object_unref (task);
}

/* What the thread does while it holds the lock. */
static void
do_return (GTask *task, Call *call G_GNUC_UNUSED)
{
  g_task_return_boolean (task, TRUE);
}

static void
do_run_in_thread (GTask *task, Call *call G_GNUC_UNUSED)
{
  g_task_run_in_thread (task, return_true);
}

static void
do_cancel (GTask *task, Call *call G_GNUC_UNUSED)
{
  g_cancellable_cancel (g_task_get_cancellable (task));
  g_task_return_boolean (task, TRUE);
}

static void (*doing) (GTask *task, Call *call);

static gpointer
live (gpointer data G_GNUC_UNUSED)
{
  GMainContext *context = g_main_context_new ();
  Call call = { 0 };

  g_main_context_push_thread_default (context);
  for (gint i = 1; !g_atomic_int_get (&stop); i++)
    {
      GCancellable *cancellable = g_cancellable_new ();
      GTask *task = g_task_new (NULL, cancellable, note_call, &call);

      lock ();
      doing (task, &call);
      unlock ();
      g_object_unref (task);
      g_object_unref (cancellable);
      wait_for_count (context, &call.calls, i);
      g_atomic_int_inc (&turns);
    }
  g_main_context_pop_thread_default (context);
  g_main_context_unref (context);
  return NULL;
}

/* A deadlock is ended by the limit of the case. */
static void
fork_often (void (*what) (GTask *, Call *))
{
  guint rounds = harness_rounds (FORKS);
  GThread *thread;

  g_assert_cmpint (pthread_atfork (lock, unlock, unlock), ==, 0);
  doing = what;
  run_sync ();
  thread = g_thread_new ("busy", live, NULL);
  for (guint i = 0; i < rounds; i++)
    {
      pid_t child = fork ();
      int status;

      if (child == 0)
        _exit (0);
      g_assert_cmpint (waitpid (child, &status, 0), ==, child);
      g_assert_cmpint (status, ==, 0);
    }
  g_atomic_int_set (&stop, TRUE);
  g_thread_join (thread);
  g_test_message ("%u forks, %d turns", rounds, turns);
}

static void
test_return (void)
{
  fork_often (do_return);
}

static void
test_run_in_thread (void)
{
  fork_often (do_run_in_thread);
}

static void
test_cancel (void)
{
  fork_often (do_cancel);
}

static const Case cases[] = {
  { "/fork-order/return", test_return, NULL, 20 },
  { "/fork-order/run-in-thread", test_run_in_thread, NULL, 20 },
  { "/fork-order/cancel", test_cancel, NULL, 20 },
};

HARNESS_MAIN (cases)
