/* The source of g_cancellable_source_new() while another thread cancels: how often it fires, and contexts that die. */
#include "cancellable-rounds.h"

#define RACE_ROUNDS 20000
/* On a busy machine, where each turn may take as long as another program is let run. */
#define ENOUGH (10 * G_USEC_PER_SEC)

static gboolean
count_and_keep (G_GNUC_UNUSED GCancellable *cancellable, gpointer data)
{
  g_atomic_int_inc (&((Tally *) data)->calls);
  return G_SOURCE_CONTINUE;
}

static void
make_source (Round *round)
{
  round->source = g_cancellable_source_new (round->cancellable);
  g_source_set_callback (round->source, G_SOURCE_FUNC (count_and_keep), &round->tally, tally_destroy);
}

static void
attach_and_drain (Round *round)
{
  g_source_attach (round->source, NULL);
  drain (NULL);
}

static void
check_fired_once (Round *round)
{
  drain (NULL);
  assert_tally (&round->tally, 1, 0);
  g_assert_cmpuint (drain (NULL), ==, 0);
  g_source_destroy (round->source);
  g_source_unref (round->source);
  g_object_unref (round->cancellable);
}

/* A source that is attached and dispatched while another thread cancels fires once. */
static void
test_attach (void)
{
  fight (harness_rounds (RACE_ROUNDS), make_source, attach_and_drain, do_cancel, check_fired_once);
}

static void
attach_source (Round *round)
{
  make_source (round);
  g_source_attach (round->source, NULL);
}

static void
drain_all (G_GNUC_UNUSED Round *round)
{
  drain (NULL);
}

/* So does one that has been attached before, while the loop looks. */
static void
test_dispatch (void)
{
  fight (harness_rounds (RACE_ROUNDS), attach_source, drain_all, do_cancel, check_fired_once);
}

static void
force (Round *round)
{
  g_source_set_ready_time (round->source, 0);
  drain (NULL);
}

static void
check_fired_once_or_twice (Round *round)
{
  drain (NULL);
  g_assert_cmpint (round->tally.calls, >=, 1);
  g_assert_cmpint (round->tally.calls, <=, 2);
  round->tally.calls = 1;
  g_source_set_ready_time (round->source, 0);
  drain (NULL);
  g_assert_cmpint (round->tally.calls, ==, 2);
  round->tally.calls = 1;
  check_fired_once (round);
}

/* A ready time that the program sets dispatches it all the same, at any moment. */
static void
test_forced (void)
{
  fight (harness_rounds (RACE_ROUNDS), attach_source, force, do_cancel, check_fired_once_or_twice);
}

static gboolean
child_dispatch (GSource *source, G_GNUC_UNUSED GSourceFunc callback, G_GNUC_UNUSED gpointer data)
{
  g_source_set_ready_time (source, -1);
  return G_SOURCE_CONTINUE;
}

/* So does a child source of the program's. */
static void
test_child_of_the_program (void)
{
  static GSourceFuncs functions = { .dispatch = child_dispatch };
  Round round = { .cancellable = g_cancellable_new () };
  GSource *child = g_source_new (&functions, sizeof (GSource));

  make_source (&round);
  g_source_add_child_source (round.source, child);
  g_source_attach (round.source, NULL);
  for (int turn = 1; turn <= 5; turn++)
    {
      g_source_set_ready_time (child, 0);
      drain (NULL);
      assert_tally (&round.tally, 2 * turn - 1, 0);
      g_cancellable_cancel (round.cancellable);
      g_cancellable_reset (round.cancellable);
      drain (NULL);
      assert_tally (&round.tally, 2 * turn, 0);
    }
  g_source_destroy (round.source);
  g_source_unref (round.source);
  g_source_unref (child);
  g_object_unref (round.cancellable);
}

/* A thread that cancels what it is given, as soon as it sees it: nothing else may take time between that and the death of
 * the context. */
typedef struct
{
  GCancellable *cancellable;
  gint given; /* how many it was given */
  gint cancelled;
  gboolean over;
} Canceller;

/* Spins, so as to be on time; gives way only if this takes long. */
static void
await_turn (gint *counter, gint turn)
{
  for (guint i = 1; g_atomic_int_get (counter) < turn; i++)
    if (i % 20000 == 0)
      g_thread_yield ();
}

static gpointer
canceller_run (gpointer data)
{
  Canceller *self = data;

  for (gint turn = 1;; turn++)
    {
      await_turn (&self->given, turn);
      if (self->over)
        return NULL;
      g_cancellable_cancel (self->cancellable);
      g_atomic_int_set (&self->cancelled, turn);
    }
}

static void
assert_context_may_die (gboolean keeps_source, gboolean destroys_source)
{
  gint rounds = (gint) harness_rounds (5 * RACE_ROUNDS), turn;
  gint64 end = g_get_monotonic_time () + ENOUGH;
  Canceller canceller = { NULL, 0, 0, FALSE };
  GThread *thread = g_thread_new ("cancel", canceller_run, &canceller);

  for (turn = 1; turn <= rounds && g_get_monotonic_time () < end; turn++)
    {
      GMainContext *context = g_main_context_new ();
      Round round = { .cancellable = g_cancellable_new () };

      make_source (&round);
      g_source_attach (round.source, context);
      if (!keeps_source)
        g_source_unref (round.source);
      canceller.cancellable = round.cancellable;
      g_atomic_int_set (&canceller.given, turn);
      for (volatile gint i = turn * 7 % 3000; i > 0; i--)
        ;
      if (destroys_source)
        g_source_destroy (round.source);
      g_main_context_unref (context);
      await_turn (&canceller.cancelled, turn);
      assert_tally (&round.tally, 0, 1);
      if (keeps_source)
        g_source_unref (round.source);
      g_object_unref (round.cancellable);
    }
  canceller.over = TRUE;
  g_atomic_int_inc (&canceller.given);
  g_thread_join (thread);
  g_test_message ("%d rounds", turn - 1);
}

/* The context of the source dies while another thread cancels. */
static void
test_context_dies (void)
{
  assert_context_may_die (FALSE, FALSE);
}

/* The same if somebody else has a reference to the source. */
static void
test_context_dies_before_source (void)
{
  assert_context_may_die (TRUE, FALSE);
}

/* The same if the source is destroyed before. */
static void
test_context_dies_after_destroying (void)
{
  assert_context_may_die (TRUE, TRUE);
}

static const Case cases[] = {
  { "/cancellable/source/races/attach", test_attach, NULL, 30 },
  { "/cancellable/source/races/dispatch", test_dispatch, NULL, 30 },
  { "/cancellable/source/races/forced", test_forced, NULL, 30 },
  { "/cancellable/source/races/child-of-the-program", test_child_of_the_program, NULL, 5 },
  { "/cancellable/source/races/context-dies", test_context_dies,
    "until 2.88: 6.29 (new): a context may die while its source is woken (libgio uses freed memory)", 30 },
  { "/cancellable/source/races/context-dies-before-source", test_context_dies_before_source,
    "until 2.88: 6.29 (new): a context may die while its source is woken (libgio uses freed memory)", 30 },
  { "/cancellable/source/races/context-dies-after-destroying", test_context_dies_after_destroying,
    "until 2.88: 6.29 (new): a context may die while its source is woken (libgio uses freed memory)", 30 },
};

HARNESS_MAIN (cases)
