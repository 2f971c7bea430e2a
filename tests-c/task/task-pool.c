/* The pool of workers: when it starts, how it grows and shrinks, and that its queue may be long. */
#include "task-helpers.h"

#define WORKERS 10

static Gate gate;

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

static void
start (GTaskThreadFunc function, gpointer data, GCancellable *cancellable, Call *call, int priority)
{
  GTask *task = g_task_new (NULL, cancellable, note_call, call);

  g_task_set_priority (task, priority);
  g_task_set_task_data (task, data, NULL);
  g_task_run_in_thread (task, function);
  g_object_unref (task);
}

static void
do_nothing (GTask *task, gpointer source G_GNUC_UNUSED, gpointer data G_GNUC_UNUSED,
            GCancellable *cancellable G_GNUC_UNUSED)
{
  g_task_return_boolean (task, TRUE);
}

static void
block (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  gate_pass (&gate);
  do_nothing (task, source, data, cancellable);
}

static void
block_base_workers (Call *call)
{
  gate_init (&gate);
  for (gint i = 0; i < WORKERS; i++)
    start (block, NULL, NULL, call, G_PRIORITY_DEFAULT);
  gate_await (&gate, WORKERS);
}

static void
let_base_workers_go (Call *call)
{
  gate_let_out (&gate, WORKERS);
  wait_for_count (NULL, &call->calls, WORKERS);
  gate_clear (&gate);
}

/* Making tasks, and returning from them, starts no thread; the first threaded task does. */
static void
test_no_thread_before (void)
{
  guint before = count_threads ();
  Call call = { 0 };
  GTask *task = g_task_new (NULL, NULL, note_call, &call);

  g_task_return_boolean (task, TRUE);
  drain (NULL);
  g_object_unref (task);
  g_assert_cmpint (call.calls, ==, 1);
  g_assert_cmpuint (count_threads (), ==, before);
  gate_init (&gate);
  start (block, NULL, NULL, &call, G_PRIORITY_DEFAULT);
  gate_await (&gate, 1);
  g_assert_cmpuint (count_threads (), >, before);
  gate_let_out (&gate, 1);
  wait_for_count (NULL, &call.calls, 2);
}

/* Ten tasks run at once, without waiting for the pool to grow. */
static void
test_base (void)
{
  Call call = { 0 };

  block_base_workers (&call);
  let_base_workers_go (&call);
}

#define SHORT_TASKS 4

/* Long enough for a pool that grows by a timer to look again while this is the only task that gets on. */
static void
take_a_moment (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  g_usleep (G_USEC_PER_SEC / 5);
  do_nothing (task, source, data, cancellable);
}

/* All base workers blocked for good: short tasks, one after the other, still get through (#3840). */
static void
test_stall (void)
{
  Call blocked = { 0 }, brief = { 0 };

  block_base_workers (&blocked);
  for (gint i = 1; i <= SHORT_TASKS; i++)
    {
      start (take_a_moment, NULL, NULL, &brief, G_PRIORITY_DEFAULT);
      wait_for_count (NULL, &brief.calls, i);
    }
  g_assert_cmpint (blocked.calls, ==, 0);
  let_base_workers_go (&blocked);
}

#define CHAIN 100

static struct
{
  GMutex mutex;
  GCond changed;
  gint lowest_done; /* links CHAIN-1 down to this one are done */
} chain;

static void
wait_for_next_link (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  gint number = GPOINTER_TO_INT (data);

  g_mutex_lock (&chain.mutex);
  while (chain.lowest_done > number + 1)
    g_cond_wait (&chain.changed, &chain.mutex);
  chain.lowest_done = number;
  g_cond_broadcast (&chain.changed);
  g_mutex_unlock (&chain.mutex);
  do_nothing (task, source, data, cancellable);
}

static void
run_chain (void)
{
  Call call = { 0 };

  chain.lowest_done = CHAIN;
  for (gint i = 0; i < CHAIN; i++)
    start (wait_for_next_link, GINT_TO_POINTER (i), NULL, &call, G_PRIORITY_DEFAULT);
  wait_for_count (NULL, &call.calls, CHAIN);
  g_assert_cmpint (chain.lowest_done, ==, 0);
}

static void
assert_shrinks_to (guint threads)
{
  gint64 end = g_get_monotonic_time () + 5 * G_USEC_PER_SEC;

  while (count_threads () > threads && g_get_monotonic_time () < end)
    g_usleep (1000);
  g_assert_cmpuint (count_threads (), <=, threads);
}

/* Ten tasks that are blocked, and a hundred of which each waits for one behind it in the queue: soon over.
 * Then the workers beyond the base leave. */
static void
test_chain (void)
{
  guint before = count_threads ();
  Call blocked = { 0 };

  block_base_workers (&blocked);
  run_chain ();
  let_base_workers_go (&blocked);
  assert_shrinks_to (before + WORKERS);
}

static void
descend (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  gint depth = GPOINTER_TO_INT (data);

  if (depth > 1)
    {
      GTask *inner = g_task_new (NULL, NULL, NULL, NULL);

      g_task_set_task_data (inner, GINT_TO_POINTER (depth - 1), NULL);
      g_task_run_in_thread_sync (inner, descend);
      g_assert_true (g_task_propagate_boolean (inner, NULL));
      g_object_unref (inner);
    }
  do_nothing (task, source, data, cancellable);
}

/* A worker that waits in run_in_thread_sync does not count: a hundred of them, one in the other. */
static void
test_nested_sync (void)
{
  GTask *task = g_task_new (NULL, NULL, NULL, NULL);

  g_task_set_task_data (task, GINT_TO_POINTER (CHAIN), NULL);
  g_task_run_in_thread_sync (task, descend);
  g_assert_true (g_task_propagate_boolean (task, NULL));
  g_object_unref (task);
}

#define LONG_QUEUE 100000

static void
run_long_queue (GCancellable *cancellable, gboolean mixed_priorities, gboolean cancel)
{
  Call blocked = { 0 }, call = { 0 };

  block_base_workers (&blocked);
  for (gint i = 0; i < LONG_QUEUE; i++)
    start (do_nothing, NULL, cancellable, &call, mixed_priorities ? (i * 7919) % 1000 : G_PRIORITY_DEFAULT);
  if (cancel)
    g_cancellable_cancel (cancellable);
  let_base_workers_go (&blocked);
  wait_for_count (NULL, &call.calls, LONG_QUEUE);
  drain (NULL);
  g_assert_cmpint (call.calls, ==, LONG_QUEUE);
}

/* A hundred thousand tasks in the queue, of all priorities. */
static void
test_long_queue (void)
{
  run_long_queue (NULL, TRUE, FALSE);
}

/* The same with one cancellable for all of them, which is cancelled in the end. */
static void
test_long_queue_one_cancellable (void)
{
  GCancellable *cancellable = g_cancellable_new ();

  run_long_queue (cancellable, TRUE, TRUE);
  g_assert_finalize_object (cancellable);
}

#define MANY_HANDLERS 200000

static void
be_called_never (GCancellable *cancellable G_GNUC_UNUSED, gpointer data G_GNUC_UNUSED)
{
  g_assert_not_reached ();
}

/* Tasks whose cancellable has very many handlers. (libgio looks through all of them at the end of each task.) */
static void
test_many_handlers (void)
{
  GCancellable *cancellable = g_cancellable_new ();
  Call call = { 0 };

  for (gint i = 0; i < MANY_HANDLERS; i++)
    g_cancellable_connect (cancellable, G_CALLBACK (be_called_never), NULL, NULL);
  for (gint i = 0; i < LONG_QUEUE; i++)
    start (do_nothing, NULL, cancellable, &call, G_PRIORITY_DEFAULT);
  wait_for_count (NULL, &call.calls, LONG_QUEUE);
  drain (NULL);
  g_object_unref (cancellable);
}

static const Case cases[] = {
  { "/task-pool/no-thread-before", test_no_thread_before, "5.20 (better): no thread before run_in_thread", 10 },
  { "/task-pool/base", test_base, NULL, 0 },
  { "/task-pool/stall", test_stall, "until 2.88: 5.23 (better): one worker is added while nothing finishes", 5 },
  { "/task-pool/chain", test_chain, "5.25 (better): dependency chains finish soon", 8 },
  { "/task-pool/nested-sync", test_nested_sync, "5.22 (better): a waiting worker does not count", 5 },
  { "/task-pool/long-queue", test_long_queue, "5.18 (better): no task in the queue is visited", 5 },
  { "/task-pool/long-queue/one-cancellable", test_long_queue_one_cancellable,
    "5.18 (better): also when all share one cancellable", 5 },
  { "/task-pool/many-handlers", test_many_handlers,
    "6.7 (better): a task leaves its cancellable in constant time, however many handlers it has", 5 },
};

HARNESS_MAIN (cases)
