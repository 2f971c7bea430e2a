/* GTasks when the system gives no thread: nothing is lost, nothing aborts. Needs root, to become a user with a limit. */
#define _DEFAULT_SOURCE /* setgroups, setitimer */
#include "task-helpers.h"

#include <grp.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <unistd.h>

#define NOBODY 65534
#define TASKS 50

static struct rlimit unlimited;

/* As a user whose processes and threads count, and who may have no more than this one. */
static void
forbid_threads (void)
{
  struct rlimit limit;

  g_assert_cmpint (getrlimit (RLIMIT_NPROC, &unlimited), ==, 0);
  limit = unlimited;
  limit.rlim_cur = 1;
  g_assert_cmpint (setrlimit (RLIMIT_NPROC, &limit), ==, 0);
  g_assert_cmpint (setgroups (0, NULL), ==, 0);
  g_assert_cmpint (setgid (NOBODY), ==, 0);
  g_assert_cmpint (setuid (NOBODY), ==, 0);
}

/* Also a signal handler. */
static void
allow_threads (int signal_number G_GNUC_UNUSED)
{
  setrlimit (RLIMIT_NPROC, &unlimited);
}

static gpointer
nothing (gpointer data)
{
  return data;
}

static void
assert_no_thread_to_be_had (void)
{
  GError *error = NULL;

  g_assert_null (g_thread_try_new ("probe", nothing, NULL, &error));
  g_assert_error (error, G_THREAD_ERROR, G_THREAD_ERROR_AGAIN);
  g_clear_error (&error);
}

static void
count_run (GTask *task, gpointer source G_GNUC_UNUSED, gpointer counter, GCancellable *cancellable G_GNUC_UNUSED)
{
  g_atomic_int_inc ((gint *) counter);
  g_task_return_boolean (task, TRUE);
}

static void
start (gint *runs, Call *call)
{
  GTask *task = g_task_new (NULL, NULL, note_call, call);

  g_task_set_task_data (task, runs, NULL);
  g_task_run_in_thread (task, count_run);
  g_object_unref (task);
}

/* Not even the first worker can be had: the tasks wait, and are run when one can. */
static void
test_no_worker (void)
{
  Call call = { 0 };
  gint runs = 0;

  forbid_threads ();
  assert_no_thread_to_be_had ();
  for (gint i = 0; i < TASKS; i++)
    start (&runs, &call);
  /* Not until nothing is ready: on a slow machine the next attempt is due when the last one is over. */
  for (gint i = 0; i < TASKS; i++)
    g_main_context_iteration (NULL, FALSE);
  g_assert_cmpint (g_atomic_int_get (&runs), ==, 0);
  assert_no_thread_to_be_had ();
  allow_threads (0);
  wait_for_count (NULL, &call.calls, TASKS);
  g_assert_cmpint (runs, ==, TASKS);
}

/* The same for a thread that waits in run_in_thread_sync; it cannot help itself, a timer does. */
static void
test_no_worker_sync (void)
{
  struct itimerval soon = { .it_value = { .tv_usec = 100000 } };
  GTask *task;
  gint runs = 0;

  forbid_threads ();
  assert_no_thread_to_be_had ();
  task = g_task_new (NULL, NULL, NULL, NULL);
  signal (SIGALRM, allow_threads);
  g_task_set_task_data (task, &runs, NULL);
  setitimer (ITIMER_REAL, &soon, NULL);
  g_task_run_in_thread_sync (task, count_run);
  g_assert_cmpint (runs, ==, 1);
  g_assert_true (g_task_get_completed (task));
  g_object_unref (task);
}

/* One worker exists and no other can be had: it does all the work. */
static void
test_one_worker (void)
{
  Call call = { 0 };
  gint runs = 0;

  start (&runs, &call);
  wait_for_count (NULL, &call.calls, 1);
  forbid_threads ();
  assert_no_thread_to_be_had ();
  for (gint i = 0; i < TASKS; i++)
    start (&runs, &call);
  wait_for_count (NULL, &call.calls, TASKS + 1);
  assert_no_thread_to_be_had ();
  g_assert_cmpint (runs, ==, TASKS + 1);
}

static Gate gate;

static void
block (GTask *task, gpointer source, gpointer counter, GCancellable *cancellable)
{
  gate_pass (&gate);
  count_run (task, source, counter, cancellable);
}

/* The one worker is blocked for good: when threads can be had again, others do the work. */
static void
test_blocked_worker (void)
{
  Call blocked = { 0 }, call = { 0 };
  gint runs = 0;
  GTask *blocker = g_task_new (NULL, NULL, note_call, &blocked);

  gate_init (&gate);
  g_task_set_task_data (blocker, &runs, NULL);
  g_task_run_in_thread (blocker, block);
  gate_await (&gate, 1);
  forbid_threads ();
  for (gint i = 0; i < TASKS; i++)
    start (&runs, &call);
  for (gint i = 0; i < TASKS; i++)
    g_main_context_iteration (NULL, FALSE);
  assert_no_thread_to_be_had ();
  allow_threads (0);
  wait_for_count (NULL, &call.calls, TASKS);
  g_assert_cmpint (blocked.calls, ==, 0);
  gate_let_out (&gate, 1);
  wait_completed (blocker);
  g_object_unref (blocker);
}

static const Case cases[] = {
  { "/task-limits/no-worker", test_no_worker, "5.21 (better): never aborts when the system refuses a thread", 5 },
  { "/task-limits/no-worker/sync", test_no_worker_sync,
    "5.21 (better): never aborts when the system refuses a thread", 5 },
  { "/task-limits/one-worker", test_one_worker, NULL, 10 },
  { "/task-limits/blocked-worker", test_blocked_worker,
    "5.21 (better): if the system refuses a thread, the library retries", 5 },
};

int
main (int argc, char **argv)
{
  /* Asked before the cases begin: a case that skips in its subprocess would count as failed. */
  if (getuid () != 0)
    {
      puts ("1..0 # SKIP only root can become a user with a limit of processes");
      return 0;
    }
  return harness_main (argc, argv, cases, G_N_ELEMENTS (cases));
}
