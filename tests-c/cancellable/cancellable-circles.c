/* Threads that wait for handlers of GCancellables while they are inside of some themselves. */
#define _GNU_SOURCE /* gettid */
#include "cancellable-callers.h"

#define CIRCLES "6.16 (better): nobody waits for a thread that waits for him, libgio hangs"
#define AT_ONCE "6.21 (better): reset may be called inside a handler, libgio hangs"
#define LOCKED "from 2.84: 6.9 (better): nothing deadlocks (libgio holds a lock during an emission)"

/* What a callback does to the object of another round. */
typedef struct
{
  Round *target;
  Move move;
} Inside;

static void
move_inside (G_GNUC_UNUSED GCancellable *cancellable, gpointer data)
{
  Inside *inside = data;

  inside->move (inside->target);
}

/* How a thread comes to be inside a callback. */
typedef enum
{
  HANDLER_OF_ANOTHER, /* an emission of another object */
  LATE_OF_ANOTHER,    /* a connect to another object, which is cancelled */
  LATE_OF_THE_SAME,   /* a connect to the very object that is being cancelled */
  N_WAYS
} Way;

static Move move_to_make;
static Way way_to_go;

static void
make_move_inside (Round *round)
{
  Inside inside = { round, move_to_make };
  GCancellable *other = g_cancellable_new ();

  if (way_to_go == LATE_OF_ANOTHER)
    g_cancellable_cancel (other);
  g_cancellable_connect (way_to_go == LATE_OF_THE_SAME ? round->cancellable : other, G_CALLBACK (move_inside), &inside,
                         NULL);
  g_cancellable_cancel (other);
  g_object_unref (other);
}

/* While `stall` runs in another thread, a callback makes its move on the object, and has to wait. The handler that is
 * disconnected is the running one, or one that comes after it. */
static void
assert_waits_inside (Move move, Way way, gboolean the_running_one)
{
  move_to_make = move;
  way_to_go = way;
  for (int i = 0; i < WAIT_ROUNDS; i++)
    {
      Round round = { .cancellable = g_cancellable_new () };
      Stall stall;
      GThread *canceller;
      Caller caller;
      gulong running;

      stall_init (&stall);
      running = g_cancellable_connect (round.cancellable, G_CALLBACK (stall_call), &stall, NULL);
      do_connect (&round);
      if (the_running_one)
        round.id = running;
      canceller = g_thread_new ("cancel", cancel_in_thread, round.cancellable);
      gate_await (&stall.entered);
      caller_start (&caller, make_move_inside, &round);
      assert_caller_waits (&caller);
      gate_open (&stall.leave);
      caller_join (&caller);
      g_thread_join (canceller);
      g_assert_cmpint (caller.calls_on_return, ==, 1);
      assert_tally (&stall.tally, 1, 0);
      g_object_unref (round.cancellable);
      assert_tally (&round.tally, 1, 1);
      stall_clear (&stall);
    }
  g_test_message ("%d rounds", WAIT_ROUNDS);
}

static void
disconnect_without_mark (Round *round)
{
  g_cancellable_disconnect (round->cancellable, round->id);
}

static void
test_disconnect_running (void)
{
  for (Way way = 0; way < N_WAYS; way++)
    assert_waits_inside (disconnect_without_mark, way, TRUE);
}

static void
test_disconnect_next (void)
{
  for (Way way = 0; way < N_WAYS; way++)
    assert_waits_inside (disconnect_without_mark, way, FALSE);
}

static void
test_reset_of_another (void)
{
  assert_waits_inside (do_reset, HANDLER_OF_ANOTHER, TRUE);
  assert_waits_inside (do_reset, LATE_OF_ANOTHER, TRUE);
}

/* A late callback of the object resets it while another thread is inside a handler: it waits for that one. */
static void
test_reset_in_late_callback (void)
{
  assert_waits_inside (do_reset, LATE_OF_THE_SAME, TRUE);
}

/* Moves on one object while a late callback of it runs in another thread. */
typedef struct
{
  GCancellable *cancellable;
  Stall *stall;
} LateConnect;

static gpointer
connect_late (gpointer data)
{
  LateConnect *late = data;

  g_cancellable_connect (late->cancellable, G_CALLBACK (stall_call), late->stall, NULL);
  return NULL;
}

/* A late callback is no handler: who disconnects one does not wait for it. Who resets does. */
static void
test_late_callback_elsewhere (void)
{
  for (int i = 0; i < WAIT_ROUNDS; i++)
    {
      Round round = { .cancellable = g_cancellable_new () };
      Stall stall;
      LateConnect late = { round.cancellable, &stall };
      Caller resetter;
      GThread *connecter;

      stall_init (&stall);
      do_connect (&round);
      g_cancellable_cancel (round.cancellable);
      connecter = g_thread_new ("late", connect_late, &late);
      gate_await (&stall.entered);
      do_disconnect (&round);
      assert_tally (&round.tally, 1, 1);
      assert_tally (&stall.tally, 0, 0);
      caller_start (&resetter, do_reset, &round);
      assert_caller_waits (&resetter);
      g_assert_true (g_cancellable_is_cancelled (round.cancellable));
      gate_open (&stall.leave);
      caller_join (&resetter);
      g_assert_false (g_cancellable_is_cancelled (round.cancellable));
      g_thread_join (connecter);
      stall_clear (&stall);
      g_object_unref (round.cancellable);
    }
  g_test_message ("%d rounds", WAIT_ROUNDS);
}

/* Several threads, each inside a handler of an object of its own, each of which makes a move on the next one's object. */
enum { MOST = 3, CIRCLE_ROUNDS = 200 };

typedef struct
{
  Round round;
  Inside inside;
  Gate entered;
  Gate *go;
  gint done; /* its handler has made its move */
} Link;

static void
link_call (G_GNUC_UNUSED GCancellable *cancellable, gpointer data)
{
  Link *link = data;

  g_atomic_int_inc (&link->round.tally.calls);
  gate_open (&link->entered);
  gate_await (link->go);
  if (link->inside.move)
    link->inside.move (link->inside.target);
  g_atomic_int_set (&link->done, 1);
}

static void
link_destroy (gpointer data)
{
  g_atomic_int_inc (&((Link *) data)->round.tally.destroyed);
}

static GThread *
link_start (Link *link, Round *target, Move move, Gate *go)
{
  *link = (Link) { .inside = { target, move }, .go = go };
  gate_init (&link->entered);
  link->round.cancellable = g_cancellable_new ();
  link->round.id = g_cancellable_connect (link->round.cancellable, G_CALLBACK (link_call), link, link_destroy);
  return g_thread_new ("link", cancel_in_thread, link->round.cancellable);
}

static void
assert_circle_ends (guint length, Move move)
{
  guint rounds = harness_rounds (CIRCLE_ROUNDS);

  for (guint i = 0; i < rounds; i++)
    {
      Link links[MOST];
      GThread *threads[MOST];
      Gate go;

      gate_init (&go);
      for (guint k = 0; k < length; k++)
        threads[k] = link_start (&links[k], &links[(k + 1) % length].round, move, &go);
      for (guint k = 0; k < length; k++)
        gate_await (&links[k].entered);
      gate_open (&go);
      for (guint k = 0; k < length; k++)
        g_thread_join (threads[k]);
      for (guint k = 0; k < length; k++)
        {
          g_object_unref (links[k].round.cancellable);
          assert_tally (&links[k].round.tally, 1, 1);
          gate_clear (&links[k].entered);
        }
      gate_clear (&go);
    }
  g_test_message ("%u rounds", rounds);
}

/* Two threads, each of which disconnects the handler that the other is running. */
static void
test_circle_of_two (void)
{
  assert_circle_ends (2, disconnect_without_mark);
}

static void
test_circle_of_three (void)
{
  assert_circle_ends (3, disconnect_without_mark);
}

static void
test_circle_of_resets (void)
{
  assert_circle_ends (2, do_reset);
  assert_circle_ends (3, do_reset);
}

/* The last of a chain waits for nobody: the others wait for the next one, to its end. */
static void
test_chain_of_three (void)
{
  for (int i = 0; i < WAIT_ROUNDS; i++)
    {
      Link links[MOST];
      GThread *threads[MOST];
      Gate go[MOST];

      for (int k = 0; k < MOST; k++)
        {
          gate_init (&go[k]);
          threads[k] = link_start (&links[k], k + 1 < MOST ? &links[k + 1].round : NULL,
                                   k + 1 < MOST ? disconnect_without_mark : NULL, &go[k]);
        }
      for (int k = 0; k < MOST; k++)
        gate_await (&links[k].entered);
      gate_open (&go[0]);
      gate_open (&go[1]);
      g_usleep (1000);
      g_assert_cmpint (g_atomic_int_get (&links[0].done), ==, 0);
      g_assert_cmpint (g_atomic_int_get (&links[1].done), ==, 0);
      gate_open (&go[2]);
      for (int k = 0; k < MOST; k++)
        g_thread_join (threads[k]);
      for (int k = 0; k < MOST; k++)
        {
          g_object_unref (links[k].round.cancellable);
          assert_tally (&links[k].round.tally, 1, 1);
          gate_clear (&links[k].entered);
          gate_clear (&go[k]);
        }
    }
  g_test_message ("%d rounds", WAIT_ROUNDS);
}

/* A handler that resets and then stalls, for the first cancellation; the second cancellation stalls in another gate. */
typedef struct
{
  gint calls;
  Stall first, second;
} TwoStalls;

static void
reset_and_stall (GCancellable *cancellable, gpointer data)
{
  TwoStalls *stalls = data;

  if (g_atomic_int_add (&stalls->calls, 1) == 0)
    {
      g_cancellable_reset (cancellable);
      stall_call (cancellable, &stalls->first);
    }
  else
    stall_call (cancellable, &stalls->second);
}

/* Two threads emit after a reset in a handler: who disconnects a later handler waits for both, which have called it. */
static void
test_two_emissions (void)
{
  for (int i = 0; i < 2 * WAIT_ROUNDS; i++)
    {
      Round round = { .cancellable = g_cancellable_new () };
      TwoStalls stalls = { 0 };
      GThread *cancellers[2];
      Caller caller;

      stall_init (&stalls.first);
      stall_init (&stalls.second);
      g_cancellable_connect (round.cancellable, G_CALLBACK (reset_and_stall), &stalls, NULL);
      do_connect (&round);
      cancellers[0] = g_thread_new ("cancel", cancel_in_thread, round.cancellable);
      gate_await (&stalls.first.entered);
      cancellers[1] = g_thread_new ("cancel", cancel_in_thread, round.cancellable);
      gate_await (&stalls.second.entered);
      caller_start (&caller, disconnect_without_mark, &round);
      assert_caller_waits (&caller);
      gate_open (i % 2 ? &stalls.first.leave : &stalls.second.leave);
      g_thread_join (cancellers[i % 2 ? 0 : 1]);
      g_assert_cmpint (round.tally.calls, ==, 1);
      assert_caller_waits (&caller);
      gate_open (i % 2 ? &stalls.second.leave : &stalls.first.leave);
      caller_join (&caller);
      g_thread_join (cancellers[i % 2 ? 1 : 0]);
      g_assert_cmpint (caller.calls_on_return, ==, 2);
      assert_tally (&round.tally, 2, 1);
      stall_clear (&stalls.first);
      stall_clear (&stalls.second);
      g_object_unref (round.cancellable);
    }
  g_test_message ("%d rounds", 2 * WAIT_ROUNDS);
}

static const Case cases[] = {
  { "/cancellable/circles/disconnect-running", test_disconnect_running, LOCKED, 5 },
  { "/cancellable/circles/disconnect-next", test_disconnect_next, LOCKED, 5 },
  { "/cancellable/circles/reset-of-another", test_reset_of_another, NULL, 20 },
  { "/cancellable/circles/reset-in-late-callback", test_reset_in_late_callback, LOCKED, 5 },
  { "/cancellable/circles/late-callback-elsewhere", test_late_callback_elsewhere,
    "6.19 (better): reset waits for the callback of a late connect, and disconnect does not", 20 },
  { "/cancellable/circles/two", test_circle_of_two, CIRCLES, HANGS },
  { "/cancellable/circles/three", test_circle_of_three, CIRCLES, HANGS },
  { "/cancellable/circles/resets", test_circle_of_resets, CIRCLES, HANGS },
  { "/cancellable/circles/chain", test_chain_of_three, NULL, 20 },
  { "/cancellable/circles/two-emissions", test_two_emissions, AT_ONCE, HANGS },
};

HARNESS_MAIN (cases)
