/* The source of g_cancellable_source_new(): when it fires. */
#include "cancellable-helpers.h"

/* It fires once for each cancellation, neither only once nor as long as the object is cancelled (GLib bug 710691). */
static void
test_each_cancellation (void)
{
  GCancellable *cancellable = g_cancellable_new ();
  Watch watch;
  GSource *source = watch_source_new (&watch, cancellable);

  g_assert_cmpstr (g_source_get_name (source), ==, "GCancellable");
  g_assert_cmpint (g_source_get_priority (source), ==, G_PRIORITY_DEFAULT);
  g_source_attach (source, NULL);
  g_assert_cmpuint (drain (NULL), ==, 0);
  for (int turn = 1; turn <= 5; turn++)
    {
      g_cancellable_cancel (cancellable);
      assert_tally (&watch.tally, turn - 1, 0); /* from the loop only */
      g_assert_cmpuint (drain (NULL), ==, 1);
      assert_tally (&watch.tally, turn, 0);
      g_cancellable_reset (cancellable);
      g_assert_cmpuint (drain (NULL), ==, 0);
    }
  g_assert_cmpint (watch.was_cancelled, ==, 5);
  destroy_source (source);
  assert_tally (&watch.tally, 5, 1);
  g_object_unref (cancellable);
}

/* Also after one that came while the loop polled, as from another thread. */
static void
test_cancelled_while_polling (void)
{
  GCancellable *cancellable = g_cancellable_new ();
  GMainContext *context = g_main_context_default ();
  GPollFD polled[8];
  Watch watch;
  GSource *source = watch_source_new (&watch, cancellable);
  gint priority, timeout, n;

  g_source_attach (source, NULL);
  drain (NULL);
  g_assert_true (g_main_context_acquire (context));
  for (int turn = 1; turn <= 3; turn++)
    {
      g_assert_false (g_main_context_prepare (context, &priority));
      n = g_main_context_query (context, priority, &timeout, polled, G_N_ELEMENTS (polled));
      g_assert_cmpint (n, <=, G_N_ELEMENTS (polled));
      g_cancellable_cancel (cancellable);
      g_poll (polled, (guint) n, 0);
      g_assert_true (g_main_context_check (context, priority, polled, n));
      g_main_context_dispatch (context);
      assert_tally (&watch.tally, turn, 0);
      g_cancellable_reset (cancellable);
    }
  g_main_context_release (context);
  g_cancellable_cancel (cancellable);
  g_assert_cmpuint (drain (NULL), ==, 1);
  assert_tally (&watch.tally, 4, 0);
  destroy_source (source);
  g_object_unref (cancellable);
}

/* A callback that returns FALSE removes the source and destroys its data. */
static void
test_remove (void)
{
  GCancellable *cancellable = g_cancellable_new ();
  Watch watch;
  GSource *source = watch_source_new (&watch, cancellable);

  watch.keep_for = 1;
  g_source_attach (source, NULL);
  g_cancellable_cancel (cancellable);
  drain (NULL);
  assert_tally (&watch.tally, 1, 0);
  g_cancellable_reset (cancellable);
  g_cancellable_cancel (cancellable);
  drain (NULL);
  assert_tally (&watch.tally, 2, 1);
  g_assert_true (g_source_is_destroyed (source));
  g_cancellable_reset (cancellable);
  g_cancellable_cancel (cancellable);
  drain (NULL);
  assert_tally (&watch.tally, 2, 1);
  g_source_unref (source);
  g_object_unref (cancellable);
}

/* A cancellation before the source is made, or between making and attaching, is not lost (GLib bug 701511). */
static void
test_before_attach (void)
{
  for (int already = 0; already <= 1; already++)
    {
      GCancellable *cancellable = g_cancellable_new ();
      Watch watch;
      GSource *source;

      if (already)
        g_cancellable_cancel (cancellable);
      source = watch_source_new (&watch, cancellable);
      g_cancellable_cancel (cancellable);
      g_source_attach (source, NULL);
      g_assert_cmpuint (drain (NULL), ==, 1);
      assert_tally (&watch.tally, 1, 0);
      g_assert_cmpint (watch.was_cancelled, ==, 1);
      destroy_source (source);
      g_object_unref (cancellable);
    }
}

/* cancel and reset before the loop runs still fires once; so do cancel, reset, cancel; attached or not. */
static void
test_cancel_and_reset (void)
{
  for (int attached = 0; attached <= 1; attached++)
    {
      GCancellable *cancellable = g_cancellable_new ();
      Watch watch;
      GSource *source = watch_source_new (&watch, cancellable);

      if (attached)
        g_source_attach (source, NULL);
      g_cancellable_cancel (cancellable);
      g_cancellable_reset (cancellable);
      if (!attached)
        g_source_attach (source, NULL);
      g_assert_cmpuint (drain (NULL), ==, 1);
      assert_tally (&watch.tally, 1, 0);
      g_assert_cmpint (watch.was_cancelled, ==, 0);
      g_cancellable_cancel (cancellable);
      g_cancellable_reset (cancellable);
      g_cancellable_cancel (cancellable);
      g_assert_cmpuint (drain (NULL), ==, 1);
      assert_tally (&watch.tally, 2, 0);
      g_assert_cmpint (watch.was_cancelled, ==, 1);
      destroy_source (source);
      g_object_unref (cancellable);
    }
}

/* A new cancellation inside the callback fires again (GLib !2765). */
static void
test_cancel_in_callback (void)
{
  GCancellable *cancellable = g_cancellable_new ();
  Watch watch;
  GSource *source = watch_source_new (&watch, cancellable);

  watch.cancels_again = 3;
  g_source_attach (source, NULL);
  g_cancellable_cancel (cancellable);
  g_assert_cmpuint (drain (NULL), ==, 4);
  assert_tally (&watch.tally, 4, 0);
  destroy_source (source);
  g_object_unref (cancellable);
}

static gboolean
parent_dispatch (G_GNUC_UNUSED GSource *source, GSourceFunc callback, gpointer data)
{
  return callback (data);
}

static gboolean
parent_call (gpointer data)
{
  ((Tally *) data)->calls++;
  return G_SOURCE_CONTINUE;
}

/* As the child of another source it makes the parent ready, once per cancellation. */
static void
test_child (void)
{
  static GSourceFuncs functions = { .dispatch = parent_dispatch };
  GCancellable *cancellable = g_cancellable_new ();
  GSource *parent = g_source_new (&functions, sizeof (GSource));
  GSource *child = g_cancellable_source_new (cancellable);
  Tally tally = { 0, 0 };
  gint finalized = 0;

  count_finalization (cancellable, &finalized);
  g_source_set_dummy_callback (child);
  g_source_add_child_source (parent, child);
  g_source_unref (child);
  g_source_set_callback (parent, parent_call, &tally, tally_destroy);
  g_source_attach (parent, NULL);
  g_assert_cmpuint (drain (NULL), ==, 0);
  for (int turn = 1; turn <= 3; turn++)
    {
      g_cancellable_cancel (cancellable);
      g_assert_cmpuint (drain (NULL), ==, 1);
      assert_tally (&tally, turn, 0);
      g_cancellable_reset (cancellable);
    }
  g_object_unref (cancellable);
  g_assert_cmpint (finalized, ==, 0);
  destroy_source (parent);
  g_assert_cmpint (finalized, ==, 1);
  assert_tally (&tally, 3, 1);
}

/* The callback may be a closure: it gets the cancellable, and its boolean decides. */
static void
test_closure (void)
{
  GCancellable *cancellable = g_cancellable_new ();
  GSource *source = g_cancellable_source_new (cancellable);
  Watch watch = { .cancellable = cancellable, .keep_for = 1 };
  GClosure *closure = g_cclosure_new (G_CALLBACK (watch_call), &watch, NULL);
  gint closures_gone = 0;

  g_closure_add_finalize_notifier (closure, &closures_gone, (GClosureNotify) (GCallback) count_one);
  g_source_set_closure (source, closure);
  g_source_attach (source, NULL);
  g_cancellable_cancel (cancellable);
  drain (NULL);
  g_assert_cmpint (watch.tally.calls, ==, 1);
  g_assert_false (g_source_is_destroyed (source));
  g_cancellable_reset (cancellable);
  g_cancellable_cancel (cancellable);
  drain (NULL);
  g_assert_cmpint (watch.tally.calls, ==, 2);
  g_assert_true (g_source_is_destroyed (source));
  g_source_unref (source);
  g_assert_cmpint (closures_gone, ==, 1);
  g_object_unref (cancellable);
}

/* Without a cancellable there is a source all the same; it never fires. */
static void
test_null (void)
{
  Watch watch;
  GSource *source = watch_source_new (&watch, NULL);

  g_assert_nonnull (source);
  g_source_attach (source, NULL);
  g_assert_cmpuint (drain (NULL), ==, 0);
  g_assert_cmpint (g_source_get_ready_time (source), ==, -1);
  destroy_source (source);
  assert_tally (&watch.tally, 0, 1);
}

/* No descriptor is opened for it (GLib bug 680121). */
static void
test_no_descriptor (void)
{
  enum { SOURCES = 100 };
  GMainContext *context = g_main_context_new ();
  GCancellable *cancellable = g_cancellable_new ();
  GSource *sources[SOURCES];
  Watch watches[SOURCES];
  guint before = count_descriptors ();

  for (int i = 0; i < SOURCES; i++)
    {
      sources[i] = watch_source_new (&watches[i], cancellable);
      g_source_attach (sources[i], context);
    }
  g_cancellable_cancel (cancellable);
  drain (context);
  g_assert_cmpuint (count_descriptors (), ==, before);
  for (int i = 0; i < SOURCES; i++)
    {
      assert_tally (&watches[i].tally, 1, 0);
      destroy_source (sources[i]);
      assert_tally (&watches[i].tally, 1, 1);
    }
  g_main_context_unref (context);
  g_object_unref (cancellable);
}

static void
make_in_handler (GCancellable *cancellable, gpointer data)
{
  *(GSource **) data = g_cancellable_source_new (cancellable);
}

/* A source made inside a handler fires once. */
static void
test_made_in_handler (void)
{
  GCancellable *cancellable = g_cancellable_new ();
  Watch watch = { .cancellable = cancellable, .keep_for = G_MAXINT };
  GSource *source = NULL;

  g_cancellable_connect (cancellable, G_CALLBACK (make_in_handler), &source, NULL);
  g_cancellable_cancel (cancellable);
  g_source_set_callback (source, G_SOURCE_FUNC (watch_call), &watch, watch_destroy);
  g_source_attach (source, NULL);
  g_assert_cmpuint (drain (NULL), ==, 1);
  destroy_source (source);
  assert_tally (&watch.tally, 1, 1);
  g_object_unref (cancellable);
}

static gboolean
nest (GCancellable *cancellable, gpointer data)
{
  Tally *tally = data;
  gint calls = ++tally->calls;

  g_assert_nonnull (g_main_current_source ());
  g_assert_cmpstr (g_source_get_name (g_main_current_source ()), ==, "nesting");
  if (calls > 3)
    return G_SOURCE_CONTINUE;
  g_cancellable_reset (cancellable);
  g_cancellable_cancel (cancellable);
  drain (NULL); /* comes to an end: this source is being dispatched and does not recurse */
  g_assert_cmpint (tally->calls, ==, calls);
  return G_SOURCE_CONTINUE;
}

/* A nested loop inside the callback does not dispatch the source again; a cancellation meanwhile is not lost. */
static void
test_nested_loop (void)
{
  GCancellable *cancellable = g_cancellable_new ();
  GSource *source = g_cancellable_source_new (cancellable);
  Tally tally = { 0, 0 };

  g_assert_false (g_source_get_can_recurse (source));
  g_source_set_name (source, "nesting");
  g_source_set_callback (source, G_SOURCE_FUNC (nest), &tally, tally_destroy);
  g_source_attach (source, NULL);
  g_cancellable_cancel (cancellable);
  g_assert_cmpuint (drain (NULL), ==, 4);
  assert_tally (&tally, 4, 0);
  destroy_source (source);
  assert_tally (&tally, 4, 1);
  g_object_unref (cancellable);
}

static gboolean
append_priority (G_GNUC_UNUSED GCancellable *cancellable, gpointer order)
{
  g_string_append_printf (order, "%d ", g_source_get_priority (g_main_current_source ()));
  return G_SOURCE_CONTINUE;
}

/* Sources of one cancellation are dispatched by their priority, set before or after attaching. */
static void
test_priority (void)
{
  static const int priorities[] = { 300, -5, 200, 0 };
  GCancellable *cancellable = g_cancellable_new ();
  GSource *sources[G_N_ELEMENTS (priorities)];
  GString *order = g_string_new (NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (priorities); i++)
    {
      sources[i] = g_cancellable_source_new (cancellable);
      g_source_set_callback (sources[i], G_SOURCE_FUNC (append_priority), order, NULL);
      if (i % 2)
        g_source_set_priority (sources[i], priorities[i]);
      g_source_attach (sources[i], NULL);
      g_source_set_priority (sources[i], priorities[i]);
    }
  g_cancellable_cancel (cancellable);
  g_assert_cmpuint (drain (NULL), ==, G_N_ELEMENTS (priorities));
  g_assert_cmpstr (order->str, ==, "-5 0 200 300 ");
  for (gsize i = 0; i < G_N_ELEMENTS (priorities); i++)
    destroy_source (sources[i]);
  g_string_free (order, TRUE);
  g_object_unref (cancellable);
}

static const Case cases[] = {
  { "/cancellable/source/each-cancellation", test_each_cancellation, NULL, 0 },
  { "/cancellable/source/cancelled-while-polling", test_cancelled_while_polling,
    "from 2.84: 6.25 (better): a source fires each time the object is cancelled", 0 },
  { "/cancellable/source/remove", test_remove, NULL, 0 },
  { "/cancellable/source/before-attach", test_before_attach, NULL, 0 },
  { "/cancellable/source/cancel-and-reset", test_cancel_and_reset, NULL, 0 },
  { "/cancellable/source/cancel-in-callback", test_cancel_in_callback, NULL, 0 },
  { "/cancellable/source/child", test_child, NULL, 0 },
  { "/cancellable/source/closure", test_closure, NULL, 0 },
  { "/cancellable/source/null", test_null, NULL, 0 },
  { "/cancellable/source/no-descriptor", test_no_descriptor, NULL, 0 },
  { "/cancellable/source/made-in-handler", test_made_in_handler, NULL, 0 },
  { "/cancellable/source/nested-loop", test_nested_loop, NULL, 0 },
  { "/cancellable/source/priority", test_priority, NULL, 0 },
};

HARNESS_MAIN (cases)
