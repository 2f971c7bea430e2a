/* GCancellable used from several threads at once, in counted rounds. */
#include "cancellable-rounds.h"

#define RACE_ROUNDS 4000

static void
do_nothing (G_GNUC_UNUSED Round *round)
{
}

static void
finish_round (Round *round, gint calls)
{
  g_assert_cmpint (round->tally.calls, ==, calls);
  g_object_unref (round->cancellable);
  g_assert_cmpint (round->tally.calls, ==, calls);
  g_assert_cmpint (round->tally.destroyed, ==, 1);
}

static void
check_cancelled_once (Round *round)
{
  g_assert_true (g_cancellable_is_cancelled (round->cancellable));
  finish_round (round, 1);
}

/* Two threads cancel: one emission (GLib bug of 2.25.0). */
static void
test_cancel_cancel (void)
{
  fight (RACE_ROUNDS, do_connect, do_cancel, do_cancel, check_cancelled_once);
}

static void
connect_and_get_fd (Round *round)
{
  do_connect (round);
  g_cancellable_get_fd (round->cancellable);
}

static void
check_flag_and_fd (Round *round)
{
  GPollFD pollfd = { g_cancellable_get_fd (round->cancellable), G_IO_IN, 0 };

  g_assert_cmpint (g_poll (&pollfd, 1, 0), ==, g_cancellable_is_cancelled (round->cancellable));
  g_cancellable_reset (round->cancellable);
  g_assert_cmpint (g_poll (&pollfd, 1, 0), ==, 0);
  finish_round (round, 1);
}

/* cancel against reset: the handler is called once, and flag and descriptor agree afterwards (GLib #2703). */
static void
test_cancel_reset (void)
{
  fight (RACE_ROUNDS, connect_and_get_fd, do_cancel, do_reset, check_flag_and_fd);
}

/* cancel against connect: the handler is called, once, late or not (GLib bug 572844). */
static void
test_cancel_connect (void)
{
  fight (RACE_ROUNDS, do_nothing, do_cancel, do_connect, check_cancelled_once);
}

static gint cancelled_first;

static void
check_disconnected (Round *round)
{
  gint calls = round->tally.calls;

  cancelled_first += calls;
  g_assert_cmpint (calls, <=, 1);
  g_assert_cmpint (round->tally.destroyed, ==, 1);
  g_cancellable_reset (round->cancellable);
  g_cancellable_cancel (round->cancellable);
  finish_round (round, calls);
}

/* cancel against disconnect: after disconnect the handler does not run, and its data is gone (GLib bug 572844). */
static void
test_cancel_disconnect (void)
{
  fight (RACE_ROUNDS, do_connect, do_cancel, do_disconnect, check_disconnected);
  g_test_message ("cancel was first in %d", cancelled_first);
}

static void
connect_and_share (Round *round)
{
  do_connect (round);
  g_object_ref (round->cancellable);
}

static void
cancel_and_drop (Round *round)
{
  g_cancellable_cancel (round->cancellable);
  g_object_unref (round->cancellable);
}

static void
drop (Round *round)
{
  g_object_unref (round->cancellable);
}

static void
check_gone (Round *round)
{
  g_assert_cmpint (round->tally.calls, ==, 1);
  g_assert_cmpint (round->tally.destroyed, ==, 1);
}

/* cancel against the last unref but one (GLib bug 791754). */
static void
test_cancel_drop (void)
{
  fight (RACE_ROUNDS, connect_and_share, cancel_and_drop, drop, check_gone);
}

/* All at once: each of several threads connects, cancels, resets and disconnects one shared object. */
enum { STORM_THREADS = 4, STORM_ROUNDS = 5000 };

static gpointer
storm (gpointer cancellable)
{
  for (int i = 0; i < STORM_ROUNDS; i++)
    {
      Round round = { .cancellable = cancellable };

      do_connect (&round);
      g_cancellable_cancel (cancellable);
      g_cancellable_reset (cancellable); /* waits for whoever was first to cancel */
      g_assert_cmpint (g_atomic_int_get (&round.tally.calls), >=, 1);
      do_disconnect (&round);
      g_assert_cmpint (g_atomic_int_get (&round.tally.destroyed), ==, 1);
    }
  return NULL;
}

/* Nobody's cancellation is lost, nobody is called after disconnect, all data is destroyed once (GLib bug 572844). */
static void
test_storm (void)
{
  GCancellable *cancellable = g_cancellable_new ();
  GThread *threads[STORM_THREADS];
  gint finalized = 0;

#ifdef ON_GIO
  /* So seldom that a case which must fail there would not always. */
  if (glib_minor_version >= 84)
    {
      harness_skip ("libgio from 2.84: at times disconnect returns before the handler's data is destroyed");
      g_object_unref (cancellable);
      return;
    }
#endif
  count_finalization (cancellable, &finalized);
  for (int i = 0; i < STORM_THREADS; i++)
    threads[i] = g_thread_new ("storm", storm, cancellable);
  for (int i = 0; i < STORM_THREADS; i++)
    g_thread_join (threads[i]);
  g_test_message ("%d rounds in each of %d threads", STORM_ROUNDS, STORM_THREADS);
  g_object_unref (cancellable);
  g_assert_cmpint (finalized, ==, 1);
}

static const Case cases[] = {
  { "/cancellable/races/cancel-cancel", test_cancel_cancel, NULL, 0 },
  { "/cancellable/races/cancel-reset", test_cancel_reset, NULL, 0 },
  { "/cancellable/races/cancel-connect", test_cancel_connect, NULL, 0 },
  { "/cancellable/races/cancel-disconnect", test_cancel_disconnect, NULL, 0 },
  { "/cancellable/races/cancel-drop", test_cancel_drop, NULL, 0 },
  { "/cancellable/races/storm", test_storm, NULL, 0 },
};

HARNESS_MAIN (cases)
