/* GTasks in threads whose cancellation and end race: every task completes once, whoever wins. */
#include "task-helpers.h"

#define ROUNDS 500

typedef struct
{
  GTask *task;
  GCancellable *cancellable;
  Call call;
  gint result_freed;
  gint inside; /* 1 while the function wants no completion */
  gint protected_rounds, cancelled_rounds;
} Round;

static gpointer
cancel_in_thread (gpointer cancellable)
{
  g_cancellable_cancel (cancellable);
  g_object_unref (cancellable);
  return NULL;
}

static gpointer
cancel_on_request (gpointer requests)
{
  GCancellable *cancellable;

  while (G_IS_CANCELLABLE (cancellable = g_async_queue_pop (requests)))
    cancel_in_thread (cancellable);
  g_object_unref (cancellable);
  return NULL;
}

/* A thread that cancels what it is sent, and that ends when it is sent something else. */
static GAsyncQueue *requests;
static GThread *canceller;

static void
canceller_start (void)
{
  requests = g_async_queue_new ();
  canceller = g_thread_new ("canceller", cancel_on_request, requests);
}

static void
canceller_stop (void)
{
  g_async_queue_push (requests, g_object_new (G_TYPE_OBJECT, NULL));
  g_thread_join (canceller);
  g_async_queue_unref (requests);
}

static void
round_begin (Round *round, GTaskThreadFunc function, gboolean return_on_cancel, gboolean cancel_first)
{
  gint protected_rounds = round->protected_rounds, cancelled_rounds = round->cancelled_rounds;

  *round = (Round) { .cancellable = g_cancellable_new () };
  round->protected_rounds = protected_rounds;
  round->cancelled_rounds = cancelled_rounds;
  round->task = g_task_new (NULL, round->cancellable, note_call, &round->call);
  g_task_set_task_data (round->task, round, NULL);
  g_task_set_return_on_cancel (round->task, return_on_cancel);
  if (cancel_first)
    g_async_queue_push (requests, g_object_ref (round->cancellable));
  g_task_run_in_thread (round->task, function);
  if (!cancel_first)
    g_async_queue_push (requests, g_object_ref (round->cancellable));
}

/* Iterates until the callback was called. */
static void
round_wait (Round *round)
{
  wait_for_count (NULL, &round->call.calls, 1);
#ifndef ON_GIO /* there that bit may be lost when the worker sets its neighbour at the same time */
  g_assert_cmpint (g_task_get_completed (round->task), ==, TRUE);
#endif
}

static void
round_end (Round *round)
{
  GError *error = NULL;
  gint finalized = 0;
  gpointer result;

  result = g_task_propagate_pointer (round->task, &error);
  if (error)
    {
      assert_is_cancelled (&error);
      round->cancelled_rounds++;
    }
  else
    count_destroy (result);
  watch (round->task, &finalized);
  watch (round->cancellable, &finalized);
  g_object_unref (round->task);
  g_object_unref (round->cancellable);
  wait_for_count (NULL, &finalized, 2);
  wait_for_count (NULL, &round->result_freed, 1);
  drain (NULL);
  g_assert_cmpint (round->result_freed, ==, 1);
  g_assert_cmpint (round->call.calls, ==, 1);
}

static void
return_pointer (GTask *task, gpointer source G_GNUC_UNUSED, gpointer data, GCancellable *cancellable G_GNUC_UNUSED)
{
  g_task_return_pointer (task, &((Round *) data)->result_freed, count_destroy);
}

/* Cancelled while the function returns: one callback, and the result is freed once. */
static void
test_cancel_and_return (void)
{
  Round round = { 0 };

  canceller_start ();
  for (int i = 0; i < ROUNDS; i++)
    {
      round_begin (&round, return_pointer, TRUE, FALSE);
      round_wait (&round);
      round_end (&round);
    }
  canceller_stop ();
  g_test_message ("%d rounds, %d of them cancelled", ROUNDS, round.cancelled_rounds);
}

/* Cancelled while the task is being queued. */
static void
test_cancel_and_queue (void)
{
  Round round = { 0 };

  canceller_start ();
  for (int i = 0; i < ROUNDS; i++)
    {
      round_begin (&round, return_pointer, TRUE, TRUE);
      round_wait (&round);
      round_end (&round);
    }
  canceller_stop ();
  g_test_message ("%d rounds, %d of them cancelled", ROUNDS, round.cancelled_rounds);
}

/* Cancelled while a thread waits in run_in_thread_sync. */
static void
test_cancel_and_sync (void)
{
  Round round = { 0 };

  canceller_start ();
  for (int i = 0; i < ROUNDS; i++)
    {
      round = (Round) { .cancellable = g_cancellable_new (), .cancelled_rounds = round.cancelled_rounds };
      round.task = g_task_new (NULL, round.cancellable, note_call, &round.call);
      g_task_set_task_data (round.task, &round, NULL);
      g_task_set_return_on_cancel (round.task, TRUE);
      g_async_queue_push (requests, g_object_ref (round.cancellable));
      g_task_run_in_thread_sync (round.task, return_pointer);
#ifndef ON_GIO /* there the waiting thread may wake before that is set */
      g_assert_cmpint (g_task_get_completed (round.task), ==, TRUE);
#endif
      g_assert_cmpint (round.call.calls, ==, 0);
      round.call.calls = 1; /* as round_end() wants it */
      round_end (&round);
    }
  canceller_stop ();
  g_test_message ("%d rounds, %d of them cancelled", ROUNDS, round.cancelled_rounds);
}

static void
protect_then_return (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Round *round = data;

  if (g_task_set_return_on_cancel (task, FALSE))
    {
      g_atomic_int_set (&round->inside, 1);
      while (!g_cancellable_is_cancelled (cancellable))
        g_usleep (20);
      g_usleep (100); /* so that a wrong completion has time to show */
      round->protected_rounds++;
      g_atomic_int_set (&round->inside, 0);
      g_task_set_return_on_cancel (task, TRUE);
    }
  else
    g_assert_true (g_cancellable_is_cancelled (cancellable));
  return_pointer (task, source, data, cancellable);
}

/* Switched off from inside the function, TRUE: no completion before the function allows one. FALSE: too late. */
static void
test_cancel_and_switch (void)
{
  Round round = { 0 };

  canceller_start ();
  for (int i = 0; i < ROUNDS; i++)
    {
      round_begin (&round, protect_then_return, TRUE, FALSE);
      while (round.call.calls == 0)
        {
          if (drain (NULL) == 0)
            g_usleep (20);
          if (round.call.calls > 0)
            g_assert_cmpint (g_atomic_int_get (&round.inside), ==, 0);
        }
      round_wait (&round);
      round_end (&round);
    }
  canceller_stop ();
  g_test_message ("%d rounds, %d of them protected", ROUNDS, round.protected_rounds);
}

static const Case cases[] = {
  { "/task-races/cancel-and-return", test_cancel_and_return, NULL, 0 },
  { "/task-races/cancel-and-queue", test_cancel_and_queue, NULL, 0 },
  { "/task-races/cancel-and-sync", test_cancel_and_sync, NULL, 0 },
  { "/task-races/cancel-and-switch", test_cancel_and_switch, NULL, 60 },
};

HARNESS_MAIN (cases)
