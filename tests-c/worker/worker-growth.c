/* The pool grows when its workers wait for others, not when they compete for processors. */
#include "task-helpers.h"

#define WORKERS 10
#define JOBS 400
#define SECONDS 4
#define CHAIN 60

static struct
{
  GMutex mutex;
  GCond changed;
  gint lowest_done; /* links down to this one are done */
} chain;

static gint stop; /* computing */
static gint inside, most;

static void
return_true (GTask *task, gpointer source G_GNUC_UNUSED, gpointer data G_GNUC_UNUSED,
             GCancellable *cancellable G_GNUC_UNUSED)
{
  g_task_return_boolean (task, TRUE);
}

static void
compute (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  gint now = g_atomic_int_add (&inside, 1) + 1;

  /* Who comes next sees more. */
  while (!g_atomic_int_get (&stop) && now > g_atomic_int_get (&most))
    g_atomic_int_set (&most, now);
  while (!g_atomic_int_get (&stop))
    continue;
  return_true (task, source, data, cancellable);
}

static void
start (GTaskThreadFunc function, gint number, Call *call)
{
  GTask *task = g_task_new (NULL, NULL, note_call, call);

  g_task_set_task_data (task, GINT_TO_POINTER (number), NULL);
  g_task_run_in_thread (task, function);
  g_object_unref (task);
}

static gdouble
seconds_since (gint64 begin)
{
  return (gdouble) (g_get_monotonic_time () - begin) / G_USEC_PER_SEC;
}

/* How many workers GIO has by then, at most: each comes 3 % later after the last than that one did, the first after 0.1
 * seconds. */
static gint
workers_of_gio (gdouble seconds)
{
  gdouble delay = 0.1;
  gint n = WORKERS;

  for (gdouble time = delay; time <= seconds; time += delay)
    {
      delay *= 1.03;
      n++;
    }
  return n;
}

/* Never more than GIO at that moment, and some more than at first. */
static void
test_computing (void)
{
  gint64 begin = g_get_monotonic_time ();
  Call call = { 0 };
  gint seen = 0;

  for (gint i = 0; i < JOBS; i++)
    start (compute, 0, &call);
  while (seconds_since (begin) < SECONDS)
    {
      seen = g_atomic_int_get (&inside);
      g_assert_cmpint (seen, <=, workers_of_gio (seconds_since (begin)) + 1);
      g_usleep (10000);
    }
  g_test_message ("%d at once after %.1f seconds", seen, seconds_since (begin));
  g_assert_cmpint (seen, >, WORKERS);
  g_atomic_int_set (&stop, TRUE);
  wait_for_count (NULL, &call.calls, JOBS);
}

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
  return_true (task, source, data, cancellable);
}

static void
run_chain (void)
{
  Call call = { 0 };

  chain.lowest_done = CHAIN;
  for (gint i = 0; i < CHAIN; i++)
    start (wait_for_next_link, i, &call);
  wait_for_count (NULL, &call.calls, CHAIN);
  g_assert_cmpint (chain.lowest_done, ==, 0);
}

static gpointer
compute_in_thread (gpointer data G_GNUC_UNUSED)
{
  while (!g_atomic_int_get (&stop))
    continue;
  return NULL;
}

/* Threads of the program's own compute, as many as there are processors: what the workers do is told from that. */
static void
test_chain_beside_computing (void)
{
  guint n = g_get_num_processors ();
  GThread **threads = g_new (GThread *, n);

  for (guint i = 0; i < n; i++)
    threads[i] = g_thread_new ("computing", compute_in_thread, NULL);
  run_chain ();
  g_atomic_int_set (&stop, TRUE);
  for (guint i = 0; i < n; i++)
    g_thread_join (threads[i]);
  g_free (threads);
}

static void
compute_then_wait (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  gint64 begin = g_get_monotonic_time ();

  while (seconds_since (begin) < 0.5)
    continue;
  wait_for_next_link (task, source, data, cancellable);
}

/* What computed at first may wait later: then the pool grows. */
static void
test_computing_then_chain (void)
{
  Call call = { 0 };

  chain.lowest_done = CHAIN;
  for (gint i = 0; i < CHAIN; i++)
    start (i < WORKERS ? compute_then_wait : wait_for_next_link, i, &call);
  wait_for_count (NULL, &call.calls, CHAIN);
}

#define CHAINS_FINISH "5.25 (better): dependency chains finish soon"

static const Case cases[] = {
  { "/worker-growth/computing", test_computing, NULL, 20 },
  { "/worker-growth/chain-beside-computing", test_chain_beside_computing, CHAINS_FINISH, 5 },
  { "/worker-growth/computing-then-chain", test_computing_then_chain, CHAINS_FINISH, 6 },
};

HARNESS_MAIN (cases)
