/* The source of g_cancellable_source_new(): what it holds, and how it goes. */
#include "cancellable-rounds.h"

#define RACE_ROUNDS 4000

/* The source keeps the object alive, cancelled or not, and lets it go with itself. */
static void
test_reference (void)
{
  for (int cancelled = 0; cancelled <= 1; cancelled++)
    {
      GCancellable *cancellable = g_cancellable_new ();
      gint finalized = 0;
      Watch watch;
      GSource *source;

      count_finalization (cancellable, &finalized);
      source = watch_source_new (&watch, cancellable);
      g_object_unref (cancellable);
      g_assert_cmpint (finalized, ==, 0);
      if (cancelled)
        g_cancellable_cancel (cancellable);
      g_source_unref (source);
      g_assert_cmpint (finalized, ==, 1);
      assert_tally (&watch.tally, 0, 1);
    }
}

/* When the context dies the source and its reference go too. */
static void
test_context_dies (void)
{
  GMainContext *context = g_main_context_new ();
  GCancellable *cancellable = g_cancellable_new ();
  gint finalized = 0;
  Watch watch;
  GSource *source = watch_source_new (&watch, cancellable);

  count_finalization (cancellable, &finalized);
  g_source_attach (source, context);
  g_source_unref (source);
  g_object_unref (cancellable);
  g_cancellable_cancel (cancellable);
  g_assert_cmpint (finalized, ==, 0);
  g_main_context_unref (context);
  g_assert_cmpint (finalized, ==, 1);
  assert_tally (&watch.tally, 0, 1);
}

static void
do_nothing (G_GNUC_UNUSED GCancellable *cancellable, G_GNUC_UNUSED gpointer data)
{
}

static gboolean
keep_source (G_GNUC_UNUSED GSource *source, G_GNUC_UNUSED GSourceFunc function, G_GNUC_UNUSED gpointer data)
{
  return G_SOURCE_CONTINUE;
}

/* A context that ends gives up what it was about to dispatch, perhaps with the last reference to it. GLib 2.90 holds a
 * lock then that whoever drops a source takes: the source's finalizer may not. */
static void
end_while_pending (gboolean handler_first, gboolean within_another, gboolean destroyed, gboolean object_first)
{
  static GSourceFuncs functions = { .dispatch = keep_source };
  GMainContext *context = g_main_context_new ();
  GCancellable *cancellable = g_cancellable_new ();
  gint finalized = 0;
  Watch watch;
  GSource *source, *attached;

  count_finalization (cancellable, &finalized);
  if (handler_first)
    g_cancellable_connect (cancellable, G_CALLBACK (do_nothing), NULL, NULL);
  source = attached = watch_source_new (&watch, cancellable);
  if (within_another)
    {
      attached = g_source_new (&functions, sizeof *attached);
      g_source_add_child_source (attached, source);
      g_source_unref (source);
    }
  g_source_attach (attached, context);
  g_cancellable_cancel (cancellable);
  g_assert_true (g_main_context_pending (context));
  if (destroyed)
    g_source_destroy (attached);
  assert_tally (&watch.tally, 0, destroyed);
  g_source_unref (attached);
  if (object_first)
    g_object_unref (cancellable);
  g_assert_cmpint (finalized, ==, 0);
  g_main_context_unref (context);
  g_assert_cmpint (finalized, ==, object_first);
  assert_tally (&watch.tally, 0, 1);
  if (!object_first)
    g_object_unref (cancellable);
  g_assert_cmpint (finalized, ==, 1);
}

static void
test_context_dies_while_pending (void)
{
  for (int which = 0; which < 16; which++)
    end_while_pending (which & 1, (which >> 1) & 1, (which >> 2) & 1, (which >> 3) & 1);
}

/* A destroyed source does not fire, whether it was destroyed before the cancellation or after it. */
static void
test_destroyed (void)
{
  for (int cancelled_first = 0; cancelled_first <= 1; cancelled_first++)
    {
      GCancellable *cancellable = g_cancellable_new ();
      Watch watch;
      GSource *source = watch_source_new (&watch, cancellable);

      g_source_attach (source, NULL);
      if (cancelled_first)
        g_cancellable_cancel (cancellable);
      g_source_destroy (source);
      g_cancellable_cancel (cancellable);
      g_assert_cmpuint (drain (NULL), ==, 0);
      assert_tally (&watch.tally, 0, 1);
      g_source_unref (source);
      g_object_unref (cancellable);
    }
}

/* Nor does it wake its loop. */
static void
test_destroyed_wakes_nobody (void)
{
  GMainContext *context = g_main_context_new ();
  GCancellable *cancellable = g_cancellable_new ();
  Watch watch;
  GSource *source = watch_source_new (&watch, cancellable);
  GPollFD polled[8];
  gint priority, timeout, n;

  g_source_attach (source, context);
  drain (context);
  g_source_destroy (source);
  g_assert_true (g_main_context_acquire (context));
  g_main_context_prepare (context, &priority);
  n = g_main_context_query (context, priority, &timeout, polled, G_N_ELEMENTS (polled));
  g_assert_cmpint (n, <=, G_N_ELEMENTS (polled));
  g_assert_cmpint (timeout, ==, -1);
  g_assert_cmpint (g_poll (polled, (guint) n, 0), ==, 0);
  g_cancellable_cancel (cancellable);
  g_assert_cmpint (g_poll (polled, (guint) n, 0), ==, 0);
  g_main_context_release (context);
  g_source_unref (source);
  g_object_unref (cancellable);
  g_main_context_unref (context);
}

static void
destroy_in_handler (G_GNUC_UNUSED GCancellable *cancellable, gpointer data)
{
  g_source_destroy (*(GSource **) data);
}

static void
drop_in_handler (G_GNUC_UNUSED GCancellable *cancellable, gpointer source)
{
  g_source_unref (source);
}

/* A handler may destroy the source, whether it was connected before the source was made or after. */
static void
test_destroy_in_handler (void)
{
  for (int handler_first = 0; handler_first <= 1; handler_first++)
    {
      GCancellable *cancellable = g_cancellable_new ();
      GSource *source = NULL;
      Watch watch;

      if (handler_first)
        g_cancellable_connect (cancellable, G_CALLBACK (destroy_in_handler), &source, NULL);
      source = watch_source_new (&watch, cancellable);
      if (!handler_first)
        g_cancellable_connect (cancellable, G_CALLBACK (destroy_in_handler), &source, NULL);
      g_source_attach (source, NULL);
      g_cancellable_cancel (cancellable);
      g_assert_cmpuint (drain (NULL), ==, 0);
      assert_tally (&watch.tally, 0, 1);
      g_source_unref (source);
      g_object_unref (cancellable);
    }
}

/* A handler may drop the last reference to the source: nothing leaks (GLib #774). */
static void
test_drop_in_handler (void)
{
  GCancellable *cancellable = g_cancellable_new ();
  gint finalized = 0;
  Watch watch;
  GSource *source = watch_source_new (&watch, cancellable);

  count_finalization (cancellable, &finalized);
  g_cancellable_connect (cancellable, G_CALLBACK (drop_in_handler), source, NULL);
  g_cancellable_cancel (cancellable);
  assert_tally (&watch.tally, 0, 1);
  g_object_unref (cancellable);
  g_assert_cmpint (finalized, ==, 1);
}

static gboolean
drop_cancellable (GCancellable *cancellable, gpointer data)
{
  tally_call (cancellable, data);
  g_object_unref (cancellable);
  return G_SOURCE_REMOVE;
}

/* The callback may drop the last outside reference to the object. */
static void
test_drop_in_callback (void)
{
  GCancellable *cancellable = g_cancellable_new ();
  GSource *source = g_cancellable_source_new (cancellable);
  Tally tally = { 0, 0 };
  gint finalized = 0;

  count_finalization (cancellable, &finalized);
  g_source_set_callback (source, G_SOURCE_FUNC (drop_cancellable), &tally, tally_destroy);
  g_source_attach (source, NULL);
  g_source_unref (source);
  g_cancellable_cancel (cancellable);
  g_assert_cmpuint (drain (NULL), ==, 1);
  assert_tally (&tally, 1, 1);
  g_assert_cmpint (finalized, ==, 1);
}

/* While a handler runs in another thread the source's last reference goes: no waiting for that handler, no leak, no
 * call; whether the source's own turn in that cancellation is over or to come (GLib #774, #3448). */
static void
test_drop_during_handler (void)
{
  for (int handler_first = 0; handler_first <= 1; handler_first++)
    {
      GCancellable *cancellable = g_cancellable_new ();
      GSource *source = NULL;
      GThread *canceller;
      gint finalized = 0;
      Watch watch;
      Stall stall;

      count_finalization (cancellable, &finalized);
      stall_init (&stall);
      if (!handler_first)
        source = watch_source_new (&watch, cancellable);
      g_cancellable_connect (cancellable, G_CALLBACK (stall_call), &stall, NULL);
      if (handler_first)
        source = watch_source_new (&watch, cancellable);
      canceller = g_thread_new ("cancel", cancel_in_thread, cancellable);
      gate_await (&stall.entered);
      g_source_unref (source);
      assert_tally (&stall.tally, 0, 0);
      gate_open (&stall.leave);
      g_thread_join (canceller);
      assert_tally (&watch.tally, 0, 1);
      g_object_unref (cancellable);
      g_assert_cmpint (finalized, ==, 1);
      stall_clear (&stall);
    }
}

static gboolean
count_and_keep (G_GNUC_UNUSED GCancellable *cancellable, gpointer data)
{
  g_atomic_int_inc (&((Tally *) data)->calls);
  return G_SOURCE_CONTINUE;
}

static void
attach_source (Round *round)
{
  round->source = g_cancellable_source_new (round->cancellable);
  g_source_set_callback (round->source, G_SOURCE_FUNC (count_and_keep), &round->tally, tally_destroy);
  g_source_attach (round->source, NULL);
}

static void
destroy_round_source (Round *round)
{
  destroy_source (round->source);
}

static void
check_source_gone (Round *round)
{
  g_assert_cmpuint (drain (NULL), ==, 0);
  assert_tally (&round->tally, 0, 1);
  g_object_unref (round->cancellable);
}

/* Destroying the source while another thread cancels (GLib #1841, #3448). */
static void
test_destroy_against_cancel (void)
{
  fight (RACE_ROUNDS, attach_source, destroy_round_source, do_cancel, check_source_gone);
}

/* A cancellation wakes the loop of another thread, every time. */
static void
test_wakes_loop (void)
{
  ContextThread *loop = context_thread_new ();
  GCancellable *cancellable = g_cancellable_new ();
  GSource *source = g_cancellable_source_new (cancellable);
  Tally tally = { 0, 0 };

  g_source_set_callback (source, G_SOURCE_FUNC (count_and_keep), &tally, tally_destroy);
  g_source_attach (source, context_thread_get_context (loop));
  for (int turn = 1; turn <= 200; turn++)
    {
      g_cancellable_cancel (cancellable);
      wait_for_count (NULL, &tally.calls, turn);
      g_cancellable_reset (cancellable);
    }
  g_source_destroy (source);
  context_thread_free (loop);
  g_source_unref (source);
  assert_tally (&tally, 200, 1);
  g_object_unref (cancellable);
}

/* Sources that come and go in one thread's loop while another thread cancels and resets: each fires at most as
 * often as there were cancellations, and each lets go of its data once. */
static void
test_sources_come_and_go (void)
{
  enum { SOURCES = 500 };
  ContextThread *loop = context_thread_new ();
  GCancellable *cancellable = g_cancellable_new ();
  Tally tally = { 0, 0 };
  gint finalized = 0;

  count_finalization (cancellable, &finalized);
  for (int i = 0; i < SOURCES; i++)
    {
      GSource *source = g_cancellable_source_new (cancellable);
      gint calls_before = g_atomic_int_get (&tally.calls);

      g_source_set_callback (source, G_SOURCE_FUNC (count_and_keep), &tally, tally_destroy);
      g_source_attach (source, context_thread_get_context (loop));
      g_cancellable_cancel (cancellable);
      if (i % 2)
        g_cancellable_reset (cancellable);
      if (i % 5 == 0)
        wait_for_count (NULL, &tally.calls, calls_before + 1);
      destroy_source (source);
      g_cancellable_reset (cancellable);
    }
  context_thread_free (loop); /* after this no dispatch is under way */
  g_assert_cmpint (tally.calls, <=, SOURCES);
  g_assert_cmpint (tally.destroyed, ==, SOURCES);
  g_object_unref (cancellable);
  g_assert_cmpint (finalized, ==, 1);
  g_test_message ("%d rounds, %d calls", SOURCES, tally.calls);
}

static const Case cases[] = {
  { "/cancellable/source/reference", test_reference, NULL, 0 },
  { "/cancellable/source/context-dies", test_context_dies, NULL, 0 },
  { "/cancellable/source/context-dies-while-pending", test_context_dies_while_pending, NULL, 10 },
  { "/cancellable/source/destroyed", test_destroyed, NULL, 0 },
  { "/cancellable/source/destroyed-wakes-nobody", test_destroyed_wakes_nobody,
    "6.35 (better): a source that was destroyed does not wake its context", 0 },
  { "/cancellable/source/destroy-in-handler", test_destroy_in_handler, NULL, 0 },
  { "/cancellable/source/drop-in-handler", test_drop_in_handler,
    "until 2.84: 6.28 (new): a handler may drop the last reference to the source", 0 },
  { "/cancellable/source/drop-in-callback", test_drop_in_callback, NULL, 0 },
  { "/cancellable/source/drop-during-handler", test_drop_during_handler,
    "until 2.84: 6.28 (new): a source dropped while a handler runs in another thread is not leaked", 0 },
  { "/cancellable/source/destroy-against-cancel", test_destroy_against_cancel, NULL, 0 },
  { "/cancellable/source/wakes-loop", test_wakes_loop,
    "from 2.84: 6.9 (better): nothing deadlocks (libgio holds a lock during an emission)", 20 },
  { "/cancellable/source/come-and-go", test_sources_come_and_go, NULL, 0 },
};

HARNESS_MAIN (cases)
