/* fork() in a process that has workers. The child has none of them, only the thread that forked. */
#define _GNU_SOURCE /* RTLD_NEXT */
#include "held-keys.h"
#include "task-helpers.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#define CHILD_SECONDS 5
#define BASE 10 /* workers */

static Gate gate;

static void
return_true (GTask *task, gpointer source G_GNUC_UNUSED, gpointer data G_GNUC_UNUSED,
             GCancellable *cancellable G_GNUC_UNUSED)
{
  g_task_return_boolean (task, TRUE);
}

static gint blocked_runs; /* in this process */

static void
block (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  g_atomic_int_inc (&blocked_runs);
  gate_pass (&gate);
  return_true (task, source, data, cancellable);
}

static void
start (GTaskThreadFunc function, GCancellable *cancellable, Call *call)
{
  GTask *task = g_task_new (NULL, cancellable, note_call, call);

  g_task_run_in_thread (task, function);
  g_object_unref (task);
}

static void
run_sync (void)
{
  GTask *task = g_task_new (NULL, NULL, NULL, NULL);

  g_task_run_in_thread_sync (task, return_true);
  g_assert_true (g_task_propagate_boolean (task, NULL));
  g_object_unref (task);
}

#define TASKS 30

/* Tasks in threads of this process, in the context that is thread-default. */
static void
use_tasks (void)
{
  GMainContext *context = g_main_context_get_thread_default ();
  Call call = { 0 };

  run_sync ();
  for (gint i = 0; i < TASKS; i++)
    start (return_true, NULL, &call);
  wait_for_count (context, &call.calls, TASKS);
}

/* The same in a context that no other process shares: its descriptor would be shared, too. */
static void
use_tasks_in_child (void)
{
  GMainContext *context = g_main_context_new ();

  g_main_context_push_thread_default (context);
  use_tasks ();
  g_main_context_pop_thread_default (context);
  g_main_context_unref (context);
}

/* Runs `body` in a child; says how the child ended. One that hangs is ended by SIGALRM. */
static int
fork_and (void (*body) (void))
{
  int status = 0;
  pid_t child = fork ();

  g_assert_cmpint (child, >=, 0);
  if (child == 0)
    {
      signal (SIGALRM, SIG_DFL);
      alarm (CHILD_SECONDS);
      body ();
      _exit (0);
    }
  while (waitpid (child, &status, 0) != child)
    continue;
  if (WIFSIGNALED (status))
    g_test_message ("the child was ended by signal %d (%s)", WTERMSIG (status), g_strsignal (WTERMSIG (status)));
  return status;
}

static void
execute (void)
{
  execl ("/bin/true", "true", NULL);
  _exit (1);
}

/* As many tasks as there are workers are running, and some more wait. */
static void
fill_pool (Call *call, GCancellable *cancellable)
{
  gate_init (&gate);
  for (gint i = 0; i < BASE; i++)
    start (block, NULL, call);
  gate_await (&gate, BASE);
  for (gint i = 0; i < BASE; i++)
    start (block, cancellable, call);
}

/* The parent has noticed nothing. */
static void
empty_pool (Call *call)
{
  gate_let_out (&gate, 2 * BASE);
  wait_for_count (NULL, &call->calls, 2 * BASE);
  drain (NULL);
  g_assert_cmpint (call->calls, ==, 2 * BASE);
  g_assert_cmpint (blocked_runs, ==, 2 * BASE);
  use_tasks ();
}

/* A child that only executes another program is not concerned. */
static void
test_exec (void)
{
  Call call = { 0 };

  fill_pool (&call, NULL);
  g_assert_cmpint (fork_and (execute), ==, 0);
  empty_pool (&call);
}

/* The parent's workers are idle: the child has workers of its own. */
static void
test_idle (void)
{
  use_tasks ();
  g_assert_cmpint (fork_and (use_tasks_in_child), ==, 0);
  use_tasks ();
}

/* Before the parent has any, there is nothing to go wrong. */
static void
test_before (void)
{
  g_assert_cmpint (fork_and (use_tasks_in_child), ==, 0);
  use_tasks ();
}

/* What the parent has queued is the parent's: the child does not do it once more. */
static void
use_tasks_but_not_the_parents (void)
{
  gint runs = g_atomic_int_get (&blocked_runs);

  use_tasks_in_child ();
  g_assert_cmpint (g_atomic_int_get (&blocked_runs), ==, runs);
}

/* The parent's workers are busy, and work waits. */
static void
test_busy (void)
{
  Call call = { 0 };

  fill_pool (&call, NULL);
  g_assert_cmpint (fork_and (use_tasks_but_not_the_parents), ==, 0);
  empty_pool (&call);
}

static GCancellable *queued;

static void
cancel_and_use_tasks (void)
{
  g_cancellable_cancel (queued);
  g_cancellable_reset (queued);
  use_tasks_in_child ();
  g_cancellable_cancel (queued);
}

/* The child cancels its copy of what the parent has queued. */
static void
test_cancel (void)
{
  Call call = { 0 };

  queued = g_cancellable_new ();
  fill_pool (&call, queued);
  g_assert_cmpint (fork_and (cancel_and_use_tasks), ==, 0);
  g_assert_false (g_cancellable_is_cancelled (queued));
  empty_pool (&call);
  g_object_unref (queued);
}

static void
use_tasks_and_fork (void)
{
  use_tasks_in_child ();
  g_assert_cmpint (fork_and (use_tasks_in_child), ==, 0);
  use_tasks_in_child ();
}

/* A child's child. */
static void
test_twice (void)
{
  use_tasks ();
  g_assert_cmpint (fork_and (use_tasks_and_fork), ==, 0);
}

static void
fork_in_worker (GTask *task, gpointer source G_GNUC_UNUSED, gpointer data G_GNUC_UNUSED,
                GCancellable *cancellable G_GNUC_UNUSED)
{
  g_task_return_int (task, fork_and (use_tasks_in_child));
}

/* A task function forks: in the child, a worker is all there is. */
static void
test_in_worker (void)
{
  GTask *task = g_task_new (NULL, NULL, NULL, NULL);

  g_task_run_in_thread_sync (task, fork_in_worker);
  g_assert_cmpint (g_task_propagate_int (task, NULL), ==, 0);
  g_object_unref (task);
  use_tasks ();
}

static void
start_one (void)
{
  static Call call;

  start (return_true, NULL, &call);
}

static void
make_keys_and_use_tasks (void)
{
  let_keys_be_made ();
  use_tasks_in_child ();
}

/* The first worker has just been started, and makes something that is made once. The child's do not wait for it. */
static void
test_starting (void)
{
  gint status;

  hold_up_who_makes_a_key (start_one);
  status = fork_and (make_keys_and_use_tasks);
  let_keys_be_made ();
  g_assert_cmpint (status, ==, 0);
}

static gint round; /* of starting tasks; below 0: no more */

#define TASKS_IN_ROUND 200

/* From GLib 2.90 on, attaching a source takes a lock that all contexts share, and so does destroying one. A child waits
 * for it for ever if another thread held it: that is GLib's, and happens without tasks, too. */
static gboolean
contexts_share_a_lock (void)
{
  return glib_minor_version >= 90;
}

static void
use_task_in_context (GPtrArray *kept, Call *call)
{
  GTask *task = g_task_new (NULL, NULL, note_call, call);

  g_ptr_array_add (kept, task);
  g_task_run_in_thread (task, return_true);
}

static void
use_task_without_context (GPtrArray *kept, Call *call)
{
  GTask *task = g_task_new (NULL, NULL, NULL, NULL);

  g_ptr_array_add (kept, task);
  g_task_run_in_thread_sync (task, return_true);
  call->calls++;
}

/* Keeps the locks of the pool and, where the child can have sources then, of the deliveries busy, and no global lock of
 * GLib's, which the child may need: finalizing an object takes some, so that is left for the end. */
static gpointer
use_tasks_until_over (gpointer context)
{
  void (*use_task) (GPtrArray *, Call *) = contexts_share_a_lock () ? use_task_without_context : use_task_in_context;
  GPtrArray *kept = g_ptr_array_new_with_free_func (g_object_unref);
  Call call = { 0 };
  gint now = 0, before = 0;

  g_main_context_push_thread_default (context);
  while (now >= 0)
    {
      for (gint i = 0; i < TASKS_IN_ROUND; i++)
        use_task (kept, &call);
      while (g_atomic_int_get (&call.calls) < (gint) kept->len)
        g_main_context_iteration (context, TRUE);
      while ((now = g_atomic_int_get (&round)) == before)
        g_usleep (20);
      before = now;
    }
  g_main_context_pop_thread_default (context);
  return kept;
}

#define THREADS 2
#define FORKS 200

/* Whatever lock of the library another thread holds at the moment, the child does not wait for it for ever. */
static void
test_at_any_moment (void)
{
  GMainContext *contexts[THREADS + 1]; /* one is for the children, in which the others' locks may be held */
  GThread *threads[THREADS];
  guint forks = harness_rounds (FORKS), failed = 0, tasks = 0;

  run_sync (); /* what is made once is made */
  for (gint i = 0; i <= THREADS; i++)
    contexts[i] = g_main_context_new ();
  for (gint i = 0; i < THREADS; i++)
    threads[i] = g_thread_new ("user", use_tasks_until_over, contexts[i]);
  g_main_context_push_thread_default (contexts[THREADS]);
  for (guint i = 0; i < forks && failed == 0; i++)
    {
      g_atomic_int_inc (&round);
      g_usleep ((i % 10) * 50);
      failed += fork_and (use_tasks) != 0;
    }
  g_main_context_pop_thread_default (contexts[THREADS]);
  g_atomic_int_set (&round, -1);
  for (gint i = 0; i < THREADS; i++)
    {
      GPtrArray *kept = g_thread_join (threads[i]);

      tasks += kept->len;
      g_ptr_array_unref (kept);
    }
  for (gint i = 0; i <= THREADS; i++)
    g_main_context_unref (contexts[i]);
  g_test_message ("%u forks, while others started %u tasks", forks, tasks);
  g_assert_cmpuint (failed, ==, 0);
}

static const Case cases[] = {
  { "/fork/exec", test_exec, NULL, 10 },
  { "/fork/before", test_before, NULL, 10 },
  { "/fork/idle", test_idle, NULL, 10 },
  { "/fork/busy", test_busy, NULL, 10 },
  { "/fork/cancel", test_cancel, NULL, 10 },
  { "/fork/twice", test_twice, NULL, 10 },
  { "/fork/in-worker", test_in_worker, NULL, 10 },
  { "/fork/starting", test_starting, NULL, 10 },
  { "/fork/at-any-moment", test_at_any_moment, NULL, 60 },
};

HARNESS_MAIN (cases)
