/* GCancellable while a handler runs in another thread: who waits for it and who does not. */
#define _GNU_SOURCE /* gettid */
#include "cancellable-callers.h"

/* `call` is made while a handler runs in another thread; it must wait until that handler is done. */
static void
assert_waits_for_handler (Move call)
{
  for (int i = 0; i < WAIT_ROUNDS; i++)
    {
      Round round = { .cancellable = g_cancellable_new () };
      Stall stall;
      GThread *canceller;
      Caller caller;

      stall_init (&stall);
      round.id = g_cancellable_connect (round.cancellable, G_CALLBACK (stall_call), &stall, NULL);
      canceller = g_thread_new ("cancel", cancel_in_thread, round.cancellable);
      gate_await (&stall.entered);
      caller_start (&caller, call, &round);
      g_assert_cmpint (g_atomic_int_get (&caller.returned), ==, 0);
      gate_open (&stall.leave);
      g_thread_join (caller.thread);
      g_assert_cmpint (g_atomic_int_get (&stall.tally.calls), ==, 1);
      g_thread_join (canceller);
      stall_clear (&stall);
      g_object_unref (round.cancellable);
    }
  g_test_message ("%d rounds", WAIT_ROUNDS);
}

/* reset waits for a handler that runs in another thread (GLib bug 585189). */
static void
test_reset_waits (void)
{
  assert_waits_for_handler (do_reset);
}

/* disconnect waits for its handler when that runs in another thread (GLib bug 572844). */
static void
test_disconnect_waits (void)
{
  assert_waits_for_handler (do_disconnect);
}

/* A handler disconnected while an earlier one runs elsewhere has been called by that cancellation when disconnect returns,
 * and is not called any more. */
static void
test_disconnect_next (void)
{
  for (int i = 0; i < WAIT_ROUNDS; i++)
    {
      Round round = { .cancellable = g_cancellable_new () };
      Stall stall;
      GThread *canceller;
      Caller caller;

      stall_init (&stall);
      g_cancellable_connect (round.cancellable, G_CALLBACK (stall_call), &stall, NULL);
      do_connect (&round);
      canceller = g_thread_new ("cancel", cancel_in_thread, round.cancellable);
      gate_await (&stall.entered);
      caller_start (&caller, do_disconnect, &round);
      gate_open (&stall.leave);
      g_thread_join (caller.thread);
      g_thread_join (canceller);
      g_assert_cmpint (caller.calls_on_return, ==, 1);
      g_assert_cmpint (round.tally.calls, ==, 1);
      g_assert_cmpint (round.tally.destroyed, ==, 1);
      stall_clear (&stall);
      g_object_unref (round.cancellable);
    }
  g_test_message ("%d rounds", WAIT_ROUNDS);
}

/* While a handler runs in one thread, another may connect, cancel and use the descriptor without waiting for it. */
static void
test_others_do_not_wait (void)
{
  Round round = { .cancellable = g_cancellable_new () };
  Stall stall;
  GThread *canceller;

  stall_init (&stall);
  g_cancellable_connect (round.cancellable, G_CALLBACK (stall_call), &stall, NULL);
  canceller = g_thread_new ("cancel", cancel_in_thread, round.cancellable);
  gate_await (&stall.entered);
  do_connect (&round);
  g_assert_cmpuint (round.id, ==, 0);
  assert_tally (&round.tally, 1, 1);
  do_cancel (&round);
  g_assert_cmpint (g_cancellable_get_fd (round.cancellable), >=, 0);
  g_cancellable_release_fd (round.cancellable);
  assert_tally (&stall.tally, 0, 0);
  gate_open (&stall.leave);
  g_thread_join (canceller);
  assert_tally (&stall.tally, 1, 0);
  stall_clear (&stall);
  g_object_unref (round.cancellable);
}

static void
late_call (GCancellable *cancellable, gpointer data)
{
  Caller *resetter = data;
  Round *round = resetter->round;

  caller_start (resetter, do_reset, round);
  g_assert_true (g_cancellable_is_cancelled (cancellable));
  g_assert_true (g_cancellable_set_error_if_cancelled (cancellable, NULL));
  round->tally.calls++;
}

/* In the callback of a late connect the object is cancelled, even if another thread resets it (GLib !2764). */
static void
test_late_call_sees_cancelled (void)
{
  for (int i = 0; i < WAIT_ROUNDS; i++)
    {
      Round round = { .cancellable = g_cancellable_new () };
      Caller resetter = { .round = &round };

      g_cancellable_cancel (round.cancellable);
      g_cancellable_connect (round.cancellable, G_CALLBACK (late_call), &resetter, NULL);
      g_thread_join (resetter.thread);
      g_assert_cmpint (round.tally.calls, ==, 1);
      g_assert_false (g_cancellable_is_cancelled (round.cancellable));
      g_object_unref (round.cancellable);
    }
  g_test_message ("%d rounds", WAIT_ROUNDS);
}

static gpointer
reset_in_thread (gpointer cancellable)
{
  g_cancellable_reset (cancellable);
  return NULL;
}

/* In a handler: another thread resets, and so waits for the handler; a third one connects, and is not held up by that. */
static void
let_others_reset_and_connect (GCancellable *cancellable, gpointer data)
{
  GThread **resetter = data;
  Round round = { .cancellable = cancellable };
  Caller connecter;

  *resetter = g_thread_new ("reset", reset_in_thread, cancellable);
  g_usleep (20000); /* until it waits */
  caller_start (&connecter, do_connect, &round);
  g_thread_join (connecter.thread);
  assert_tally (&round.tally, 1, 1);
}

static void
test_connect_while_a_reset_waits (void)
{
  GCancellable *cancellable = g_cancellable_new ();
  GThread *resetter;

  g_cancellable_connect (cancellable, G_CALLBACK (let_others_reset_and_connect), &resetter, NULL);
  g_cancellable_cancel (cancellable);
  g_thread_join (resetter);
  g_assert_false (g_cancellable_is_cancelled (cancellable));
  g_object_unref (cancellable);
}

static void
use_all (Round *round)
{
  g_cancellable_get_fd (round->cancellable);
  do_connect (round);
  do_cancel (round);
  do_reset (round);
  do_disconnect (round);
  g_cancellable_release_fd (round->cancellable);
}

static void
stall_destroy (gpointer data)
{
  stall_call (NULL, data);
}

static gpointer
connect_and_disconnect (gpointer stall)
{
  GCancellable *cancellable = g_cancellable_new ();
  gulong id = g_cancellable_connect (cancellable, G_CALLBACK (stall_call), stall, stall_destroy);

  g_cancellable_disconnect (cancellable, id);
  g_object_unref (cancellable);
  return NULL;
}

/* Two objects never wait for each other: not while a handler, nor while a destroy notify of one of them runs. */
static void
test_two_objects (void)
{
  Round round = { .cancellable = g_cancellable_new () };
  GCancellable *busy = g_cancellable_new ();
  Stall in_handler, in_destroy;
  GThread *canceller, *disconnecter;

  stall_init (&in_handler);
  stall_init (&in_destroy);
  g_cancellable_connect (busy, G_CALLBACK (stall_call), &in_handler, NULL);
  canceller = g_thread_new ("cancel", cancel_in_thread, busy);
  gate_await (&in_handler.entered);
  disconnecter = g_thread_new ("disconnect", connect_and_disconnect, &in_destroy);
  gate_await (&in_destroy.entered);
  use_all (&round);
  assert_tally (&round.tally, 1, 1);
  gate_open (&in_handler.leave);
  gate_open (&in_destroy.leave);
  g_thread_join (canceller);
  g_thread_join (disconnecter);
  assert_tally (&in_handler.tally, 1, 0);
  assert_tally (&in_destroy.tally, 1, 0);
  stall_clear (&in_handler);
  stall_clear (&in_destroy);
  g_object_unref (busy);
  g_object_unref (round.cancellable);
}

static gpointer
use_all_in_thread (gpointer round)
{
  use_all (round);
  return NULL;
}

/* Waits for a thread that uses the object. */
static void
destroy_and_wait (gpointer data)
{
  Round other = *(Round *) data;

  ((Round *) data)->tally.destroyed++;
  g_thread_join (g_thread_new ("other", use_all_in_thread, &other));
}

/* The destroy notify of a late connect may wait for another thread that uses the object. */
static void
test_late_destroy_waits (void)
{
  Round round = { .cancellable = g_cancellable_new () };

  g_cancellable_cancel (round.cancellable);
  g_cancellable_connect (round.cancellable, G_CALLBACK (round_call), &round, destroy_and_wait);
  assert_tally (&round.tally, 1, 1);
  g_object_unref (round.cancellable);
}

/* So may the destroy notify that disconnect runs. */
static void
test_destroy_waits (void)
{
  Round round = { .cancellable = g_cancellable_new () };

  round.id = g_cancellable_connect (round.cancellable, G_CALLBACK (round_call), &round, destroy_and_wait);
  do_disconnect (&round);
  assert_tally (&round.tally, 0, 1);
  g_object_unref (round.cancellable);
}

#define LOCKED "from 2.84: 6.9 (better): nothing deadlocks (libgio holds a lock during an emission)"

static const Case cases[] = {
  { "/cancellable/waits/reset-waits", test_reset_waits, NULL, 0 },
  { "/cancellable/waits/disconnect-waits", test_disconnect_waits, NULL, 0 },
  { "/cancellable/waits/disconnect-next", test_disconnect_next, NULL, 0 },
  { "/cancellable/waits/others-do-not-wait", test_others_do_not_wait, LOCKED, 20 },
  { "/cancellable/waits/late-call-sees-cancelled", test_late_call_sees_cancelled,
    "until 2.84: 6.13 (new): in the callback of a late connect is_cancelled is TRUE even if another thread resets", 5 },
  { "/cancellable/waits/connect-while-a-reset-waits", test_connect_while_a_reset_waits, LOCKED, 5 },
  { "/cancellable/waits/two-objects", test_two_objects,
    "until 2.84: 6.8 (new): locks are per object, two cancellables never wait for each other", HANGS },
  { "/cancellable/waits/late-destroy-waits", test_late_destroy_waits, NULL, 5 },
  { "/cancellable/waits/destroy-waits", test_destroy_waits,
    "until 2.84: 6.10 (new): nothing deadlocks (libgio holds a lock during the destroy notify)", HANGS },
};

HARNESS_MAIN (cases)
