/* Contract, sections 5 and 7: GSimpleAsyncResults that wait for a worker. */
#include "harness.h"

/* A crowd in the queue: every function waits until it is let out. */
#define WORKERS 10
#define CROWD 60
#define ABOUT 30 /* workers that the pool may add while the test is under way */

static struct
{
  GMutex mutex;
  GCond changed;
  gint started;
  gint passes;
  gint cancelled_started; /* its number in the order of starting; 0: not yet */
} crowd;

static gint n_crowd_calls;

static void
wait_in_crowd (GSimpleAsyncResult *simple G_GNUC_UNUSED, GObject *source_object G_GNUC_UNUSED,
               GCancellable *cancellable)
{
  g_mutex_lock (&crowd.mutex);
  crowd.started++;
  if (cancellable)
    crowd.cancelled_started = crowd.started;
  g_cond_broadcast (&crowd.changed);
  while (crowd.passes == 0)
    g_cond_wait (&crowd.changed, &crowd.mutex);
  crowd.passes--;
  g_mutex_unlock (&crowd.mutex);
}

static void
let_out (gint how_many)
{
  g_mutex_lock (&crowd.mutex);
  crowd.passes += how_many;
  g_cond_broadcast (&crowd.changed);
  g_mutex_unlock (&crowd.mutex);
}

/* How many have started, when at least `n` have, and the cancelled one too if that is asked for. */
static gint
await_started (gint n, gboolean cancelled)
{
  gint64 end = g_get_monotonic_time () + 10 * G_USEC_PER_SEC;
  gboolean in_time = TRUE;
  gint started;

  g_mutex_lock (&crowd.mutex);
  while (in_time && (crowd.started < n || (cancelled && crowd.cancelled_started == 0)))
    in_time = g_cond_wait_until (&crowd.changed, &crowd.mutex, end);
  started = crowd.started;
  g_mutex_unlock (&crowd.mutex);
  g_assert_true (in_time);
  return started;
}

static void
count_crowd_call (GObject *source_object G_GNUC_UNUSED, GAsyncResult *result G_GNUC_UNUSED,
                  gpointer data G_GNUC_UNUSED)
{
  n_crowd_calls++;
}

static void
join_crowd (GCancellable *cancellable)
{
  GSimpleAsyncResult *simple = g_simple_async_result_new (NULL, count_crowd_call, NULL, NULL);

  /* Its function is to be called although it is cancelled. */
  g_simple_async_result_set_handle_cancellation (simple, FALSE);
  g_simple_async_result_run_in_thread (simple, wait_in_crowd, G_PRIORITY_DEFAULT, cancellable);
  g_object_unref (simple);
}

/* Cancelling what is queued moves it forward: it starts next. */
static void
test_cancelled (void)
{
  GCancellable *cancellable = g_cancellable_new ();
  gint started;

  for (gint i = 0; i < WORKERS; i++)
    join_crowd (NULL);
  await_started (WORKERS, FALSE);
  for (gint i = 0; i < CROWD; i++)
    join_crowd (NULL);
  join_crowd (cancellable);
  g_cancellable_cancel (cancellable);
  started = await_started (WORKERS, FALSE);
  let_out (1);
  await_started (WORKERS, TRUE);
  g_test_message ("started as number %d, cancelled after %d", crowd.cancelled_started, started);
  g_assert_cmpint (crowd.cancelled_started, <=, started + ABOUT);
  let_out (WORKERS + CROWD);
  while (n_crowd_calls < WORKERS + CROWD + 1)
    g_main_context_iteration (NULL, TRUE);
  g_object_unref (cancellable);
}

static const Case cases[] = {
  { "/simple-async-result/queue/cancelled", test_cancelled, NULL, 0 },
};

HARNESS_MAIN (cases)
