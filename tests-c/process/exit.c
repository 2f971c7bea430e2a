/* The end of a process that has tasks under way: it neither waits for them nor falls over them. */
#include "task-helpers.h"

#include "exit/last.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#define CHILD_SECONDS 8
#define STATUS 42
#define TASKS 30

static Gate gate;

static void
block (GTask *task, gpointer source G_GNUC_UNUSED, gpointer data G_GNUC_UNUSED, GCancellable *cancellable G_GNUC_UNUSED)
{
  gate_pass (&gate);
  g_task_return_boolean (task, TRUE);
}

static void
return_true (GTask *task, gpointer source G_GNUC_UNUSED, gpointer data G_GNUC_UNUSED,
             GCancellable *cancellable G_GNUC_UNUSED)
{
  g_task_return_boolean (task, TRUE);
}

static void
start (GTaskThreadFunc function, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer data)
{
  GTask *task = g_task_new (NULL, cancellable, callback, data);

  g_task_run_in_thread (task, function);
  g_object_unref (task);
}

static void
run_sync (GTaskThreadFunc function)
{
  GTask *task = g_task_new (NULL, NULL, NULL, NULL);

  g_task_run_in_thread_sync (task, function);
  g_assert_true (g_task_propagate_boolean (task, NULL));
  g_object_unref (task);
}

/* Some tasks are running, others wait for a worker, and some results for an iteration. */
static void
be_busy (void)
{
  GCancellable *cancellable = g_cancellable_new ();
  GSource *source = g_cancellable_source_new (cancellable);

  gate_init (&gate);
  g_source_attach (source, NULL);
  g_cancellable_get_fd (cancellable);
  run_sync (return_true);
  for (gint i = 0; i < TASKS; i++)
    {
      GTask *task = g_task_new (NULL, cancellable, NULL, NULL);

      g_task_return_boolean (task, TRUE);
      g_object_unref (task);
      start (return_true, cancellable, NULL, NULL);
    }
  for (gint i = 0; i < TASKS; i++)
    start (block, cancellable, NULL, NULL);
  gate_await (&gate, 1);
}

/* Runs `body`, which ends the process with STATUS, in a child. */
static void
assert_ends (void (*body) (void))
{
  int status;
  pid_t child = fork ();

  g_assert_cmpint (child, >=, 0);
  if (child == 0)
    {
      signal (SIGALRM, SIG_DFL);
      alarm (harness_rounds (100) == 100 ? CHILD_SECONDS : 20 * CHILD_SECONDS);
      body ();
      _exit (1);
    }
  while (waitpid (child, &status, 0) != child)
    continue;
  if (WIFSIGNALED (status))
    g_test_message ("ended by signal %d", WTERMSIG (status));
  g_assert_true (WIFEXITED (status));
  g_assert_cmpint (WEXITSTATUS (status), ==, STATUS);
}

static void
exit_while_busy (void)
{
  be_busy ();
  exit (STATUS);
}

/* Nobody waits for what runs. */
static void
test_while_busy (void)
{
  assert_ends (exit_while_busy);
}

static void
exit_here (GTask *task G_GNUC_UNUSED, gpointer source G_GNUC_UNUSED, gpointer data G_GNUC_UNUSED,
           GCancellable *cancellable G_GNUC_UNUSED)
{
  exit (STATUS);
}

static void
exit_from_function (void)
{
  run_sync (exit_here);
}

/* A task function ends the process, while its caller waits for it. */
static void
test_from_function (void)
{
  assert_ends (exit_from_function);
}

static void
exit_in_callback (GObject *source G_GNUC_UNUSED, GAsyncResult *result G_GNUC_UNUSED, gpointer data G_GNUC_UNUSED)
{
  exit (STATUS);
}

static void
exit_from_callback (void)
{
  GTask *task;

  be_busy ();
  task = g_task_new (NULL, NULL, exit_in_callback, NULL);
  g_task_set_priority (task, G_PRIORITY_HIGH);
  g_task_return_boolean (task, TRUE);
  while (TRUE)
    g_main_context_iteration (NULL, TRUE);
}

/* A callback ends the process, with other results behind it. */
static void
test_from_callback (void)
{
  assert_ends (exit_from_callback);
}

static void
exit_in_handler (GCancellable *cancellable G_GNUC_UNUSED, gpointer data G_GNUC_UNUSED)
{
  exit (STATUS);
}

static void
exit_from_handler (void)
{
  GCancellable *cancellable = g_cancellable_new ();

  be_busy ();
  g_cancellable_connect (cancellable, G_CALLBACK (exit_in_handler), NULL, NULL);
  g_cancellable_cancel (cancellable);
}

/* A handler of `cancelled` does. */
static void
test_from_handler (void)
{
  assert_ends (exit_from_handler);
}

static void
use_tasks_at_exit (void)
{
  Call call = { 0 };

  gate_let_out (&gate, TASKS); /* on libgio all its workers are taken */
  run_sync (return_true);
  start (return_true, NULL, note_call, &call);
  wait_for_count (NULL, &call.calls, 1);
  _exit (STATUS);
}

static void
exit_and_use_tasks (void)
{
  be_busy ();
  atexit (use_tasks_at_exit);
  exit (1);
}

/* Functions registered with atexit() may still use tasks. */
static void
test_atexit (void)
{
  assert_ends (exit_and_use_tasks);
}

static void
use_first_task (void)
{
  run_sync (return_true);
  _exit (STATUS);
}

static void
exit_before_first_task (void)
{
  call_last (use_first_task);
  exit (1);
}

/* The first task of all is made when GObject and GLib, as the dynamic linker sees it, have ended. */
static void
test_after_gobject (void)
{
  assert_ends (exit_before_first_task);
}

static guint moment;

static gpointer
use_tasks_for_ever (gpointer data G_GNUC_UNUSED)
{
  GMainContext *context = g_main_context_new ();
  GCancellable *cancellable = g_cancellable_new ();
  Call call = { 0 };

  g_main_context_push_thread_default (context);
  while (TRUE)
    {
      for (gint i = 0; i < 10; i++)
        start (return_true, cancellable, note_call, &call);
      g_cancellable_cancel (cancellable);
      g_cancellable_reset (cancellable);
      run_sync (return_true);
      while (g_main_context_iteration (context, FALSE))
        continue;
    }
  return NULL;
}

static void
exit_after_a_moment (void)
{
  for (gint i = 0; i < 3; i++)
    g_thread_unref (g_thread_new ("user", use_tasks_for_ever, NULL));
  g_usleep (moment);
  exit (STATUS);
}

/* Whatever other threads are doing with tasks at that moment. */
static void
test_at_any_moment (void)
{
  guint rounds = harness_rounds (100);

  for (guint i = 0; i < rounds; i++)
    {
      moment = i * 97 % 5000;
      assert_ends (exit_after_a_moment);
    }
  g_test_message ("%u rounds", rounds);
}

static const Case cases[] = {
  { "/exit/while-busy", test_while_busy, NULL, 20 },
  { "/exit/from-function", test_from_function, NULL, 20 },
  { "/exit/from-callback", test_from_callback, NULL, 20 },
  { "/exit/from-handler", test_from_handler, NULL, 20 },
  { "/exit/atexit", test_atexit, NULL, 20 },
  { "/exit/after-gobject", test_after_gobject, NULL, 20 },
  { "/exit/at-any-moment", test_at_any_moment, NULL, 60 },
};

HARNESS_MAIN (cases)
