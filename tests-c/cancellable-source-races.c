/* The source of g_cancellable_source_new() while another thread cancels: how often it fires, and contexts that die. */
#include "cancellable-rounds.h"

#define RACE_ROUNDS 20000

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

static GMainContext *dying;

static void
attach_to_dying (Round *round)
{
  dying = g_main_context_new ();
  make_source (round);
  g_source_attach (round->source, dying);
  g_source_unref (round->source);
}

static void
let_die (G_GNUC_UNUSED Round *round)
{
  g_main_context_unref (dying);
}

static void
check_died (Round *round)
{
  assert_tally (&round->tally, 0, 1);
  g_object_unref (round->cancellable);
}

/* The context of the source dies while another thread cancels. */
static void
test_context_dies (void)
{
  fight (harness_rounds (5 * RACE_ROUNDS), attach_to_dying, let_die, do_cancel, check_died);
}

static void
attach_to_dying_and_keep (Round *round)
{
  attach_to_dying (round);
  g_source_ref (round->source);
}

static void
check_died_but_kept (Round *round)
{
  assert_tally (&round->tally, 0, 1);
  g_source_unref (round->source);
  g_object_unref (round->cancellable);
}

/* The same if somebody else has a reference to the source. */
static void
test_context_dies_before_source (void)
{
  fight (harness_rounds (5 * RACE_ROUNDS), attach_to_dying_and_keep, let_die, do_cancel, check_died_but_kept);
}

static const Case cases[] = {
  { "/cancellable/source/races/attach", test_attach, NULL, 30 },
  { "/cancellable/source/races/dispatch", test_dispatch, NULL, 30 },
  { "/cancellable/source/races/forced", test_forced, NULL, 30 },
  { "/cancellable/source/races/child-of-the-program", test_child_of_the_program, NULL, 5 },
  { "/cancellable/source/races/context-dies", test_context_dies,
    "6 (better): a context may die while its source is woken (libgio up to 2.84 uses freed memory)", 60 },
  { "/cancellable/source/races/context-dies-before-source", test_context_dies_before_source,
    "6 (better): a context may die while its source is woken (libgio up to 2.84 uses freed memory)", 60 },
};

HARNESS_MAIN (cases)
