/* GCancellable: flag, signal, connect and disconnect, in one thread. */
#include "cancellable-helpers.h"

DEFINE_WATCHED_CANCELLABLE

/* The type is what GIO's headers and programs rely on: public, derivable, one run-last signal, no properties. */
static void
test_type (void)
{
  GCancellable *cancellable = g_cancellable_new ();
  GTypeQuery type;
  GSignalQuery signal;
  guint n_signals, n_properties;
  guint *signals = g_signal_list_ids (G_TYPE_CANCELLABLE, &n_signals);

  g_type_query (G_TYPE_CANCELLABLE, &type);
  g_assert_cmpstr (type.type_name, ==, "GCancellable");
  g_assert_cmpuint (type.instance_size, ==, sizeof (GCancellable));
  g_assert_cmpuint (type.class_size, ==, sizeof (GCancellableClass));
  g_assert_true (g_type_parent (G_TYPE_CANCELLABLE) == G_TYPE_OBJECT);
  g_assert_true (G_TYPE_IS_DERIVABLE (G_TYPE_CANCELLABLE));
  g_assert_false (G_TYPE_IS_ABSTRACT (G_TYPE_CANCELLABLE));
  g_assert_cmpuint (n_signals, ==, 1);
  g_signal_query (signals[0], &signal);
  g_assert_cmpstr (signal.signal_name, ==, "cancelled");
  g_assert_cmpint (signal.signal_flags, ==, G_SIGNAL_RUN_LAST);
  g_assert_true (signal.return_type == G_TYPE_NONE);
  g_assert_cmpuint (signal.n_params, ==, 0);
  g_free (g_object_class_list_properties (G_OBJECT_GET_CLASS (cancellable), &n_properties));
  g_assert_cmpuint (n_properties, ==, 0);
  g_assert_null (G_CANCELLABLE_GET_CLASS (cancellable)->cancelled);
  g_assert_true (G_IS_CANCELLABLE (cancellable));
  g_free (signals);
  g_object_unref (cancellable);
}

typedef struct
{
  GCancellable *expected;
  GThread *thread;
  gint calls;
} Witness;

static void
witness_call (GCancellable *cancellable, gpointer data)
{
  Witness *witness = data;

  g_assert_true (cancellable == witness->expected);
  g_assert_true (g_thread_self () == witness->thread);
  g_assert_cmpint (g_cancellable_is_cancelled (cancellable), ==, TRUE);
  g_assert_true (g_cancellable_set_error_if_cancelled (cancellable, NULL));
  witness->calls++;
}

/* cancel sets the flag first, then calls every handler, in the cancelling thread; a second cancel does nothing. */
static void
test_cancel (void)
{
  GCancellable *cancellable = g_cancellable_new ();
  Witness witness = { cancellable, g_thread_self (), 0 };
  gulong id = g_cancellable_connect (cancellable, G_CALLBACK (witness_call), &witness, NULL);

  g_assert_cmpuint (id, !=, 0);
  g_signal_connect (cancellable, "cancelled", G_CALLBACK (witness_call), &witness);
  g_assert_cmpint (g_cancellable_is_cancelled (cancellable), ==, FALSE);
  g_cancellable_cancel (cancellable);
  g_assert_cmpint (g_cancellable_is_cancelled (cancellable), ==, TRUE);
  g_assert_cmpint (witness.calls, ==, 2);
  g_cancellable_cancel (cancellable);
  g_assert_cmpint (witness.calls, ==, 2);
  g_object_unref (cancellable);
}

/* NULL stands for "cannot be cancelled" wherever a caller may have none (GLib #1710). */
static void
test_null (void)
{
  GError *error = NULL;
  GPollFD pollfd = { -5, 7, 9 };

  g_cancellable_cancel (NULL);
  g_assert_cmpint (g_cancellable_is_cancelled (NULL), ==, FALSE);
  g_assert_cmpint (g_cancellable_set_error_if_cancelled (NULL, &error), ==, FALSE);
  g_assert_no_error (error);
  g_assert_cmpint (g_cancellable_get_fd (NULL), ==, -1);
  g_assert_cmpint (g_cancellable_make_pollfd (NULL, &pollfd), ==, FALSE);
  g_assert_true (pollfd.fd == -5 && pollfd.events == 7 && pollfd.revents == 9);
  g_cancellable_release_fd (NULL);
  g_cancellable_disconnect (NULL, 0);
  g_cancellable_disconnect (NULL, 5);
}

/* The error of a cancelled object is G_IO_ERROR_CANCELLED; where nobody wants it, the answer is enough. */
static void
test_error (void)
{
  GCancellable *cancellable = g_cancellable_new ();
  GError *error = NULL;

  g_assert_cmpint (g_cancellable_set_error_if_cancelled (cancellable, &error), ==, FALSE);
  g_assert_no_error (error);
  g_assert_cmpint (g_cancellable_set_error_if_cancelled (cancellable, NULL), ==, FALSE);
  g_cancellable_cancel (cancellable);
  g_assert_cmpint (g_cancellable_set_error_if_cancelled (cancellable, NULL), ==, TRUE);
  g_assert_cmpint (g_cancellable_set_error_if_cancelled (cancellable, &error), ==, TRUE);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpstr (error->message, ==, "Operation was cancelled");
  g_clear_error (&error);
  g_cancellable_reset (cancellable);
  g_assert_cmpint (g_cancellable_set_error_if_cancelled (cancellable, &error), ==, FALSE);
  g_assert_no_error (error);
  g_object_unref (cancellable);
}

static void
destroy_after_call (gpointer data)
{
  Tally *tally = data;

  g_assert_cmpint (tally->calls, ==, 1);
  tally->destroyed++;
}

/* Connecting to an object that is cancelled calls now, in this thread, then destroys the data, and leaves nothing
 * connected (GLib bug 572844). */
static void
test_late_connect (void)
{
  GCancellable *cancellable = g_cancellable_new ();
  Witness witness = { cancellable, g_thread_self (), 0 };
  Tally tally = { 0, 0 };

  g_cancellable_cancel (cancellable);
  g_assert_cmpuint (g_cancellable_connect (cancellable, G_CALLBACK (witness_call), &witness, NULL), ==, 0);
  g_assert_cmpint (witness.calls, ==, 1);
  g_assert_cmpuint (g_cancellable_connect (cancellable, G_CALLBACK (tally_call), &tally, destroy_after_call), ==, 0);
  assert_tally (&tally, 1, 1);
  g_cancellable_reset (cancellable);
  g_cancellable_cancel (cancellable);
  g_assert_cmpint (witness.calls, ==, 1);
  assert_tally (&tally, 1, 1);
  g_cancellable_disconnect (cancellable, 0);
  g_object_unref (cancellable);
  assert_tally (&tally, 1, 1);
}

/* After disconnect the handler is not called, and its data was destroyed once, before disconnect returned. */
static void
test_disconnect (void)
{
  GCancellable *cancellable = g_cancellable_new ();
  Tally gone = { 0, 0 }, stays = { 0, 0 };
  gulong id = g_cancellable_connect (cancellable, G_CALLBACK (tally_call), &gone, tally_destroy);

  g_cancellable_connect (cancellable, G_CALLBACK (tally_call), &stays, tally_destroy);
  g_cancellable_disconnect (cancellable, id);
  assert_tally (&gone, 0, 1);
  g_cancellable_cancel (cancellable);
  assert_tally (&gone, 0, 1);
  assert_tally (&stays, 1, 0);
  g_object_unref (cancellable);
  assert_tally (&gone, 0, 1);
  assert_tally (&stays, 1, 1);
}

/* A handler of g_signal_connect() can be disconnected the same way. */
static void
test_disconnect_plain (void)
{
  GCancellable *cancellable = g_cancellable_new ();
  Tally tally = { 0, 0 };
  gulong id = g_signal_connect (cancellable, "cancelled", G_CALLBACK (tally_call), &tally);

  g_cancellable_disconnect (cancellable, id);
  g_assert_false (g_signal_handler_is_connected (cancellable, id));
  g_cancellable_cancel (cancellable);
  assert_tally (&tally, 0, 0);
  g_object_unref (cancellable);
}

/* Each cancellation after a reset calls the handlers again; reset itself calls nothing. */
static void
test_reset (void)
{
  enum { TURNS = 100 };
  GCancellable *cancellable = g_cancellable_new ();
  Tally tally = { 0, 0 };

  g_cancellable_connect (cancellable, G_CALLBACK (tally_call), &tally, tally_destroy);
  g_cancellable_reset (cancellable);
  g_assert_false (g_cancellable_is_cancelled (cancellable));
  for (int turn = 1; turn <= TURNS; turn++)
    {
      g_cancellable_cancel (cancellable);
      assert_tally (&tally, turn, 0);
      g_cancellable_reset (cancellable);
      g_assert_cmpint (g_cancellable_is_cancelled (cancellable), ==, FALSE);
      assert_tally (&tally, turn, 0);
    }
  g_object_unref (cancellable);
  assert_tally (&tally, TURNS, 1);
}

static void
append (GCancellable *cancellable, gpointer text)
{
  GString *log = g_object_get_data (G_OBJECT (cancellable), "log");

  g_string_append (log, text);
  g_string_append_c (log, ' ');
}

/* Handlers in the order of connecting, both kinds mixed; then the class's; then those connected "after". */
static void
test_order (void)
{
  WatchedCancellable *watched = g_object_new (watched_cancellable_get_type (), NULL);
  GCancellable *cancellable = &watched->parent;
  GString *log = g_string_new (NULL);

  g_object_set_data (G_OBJECT (cancellable), "log", log);
  watched->on_class_call = append;
  watched->data = (gpointer) "class";
  g_signal_connect_after (cancellable, "cancelled", G_CALLBACK (append), (gpointer) "after");
  g_cancellable_connect (cancellable, G_CALLBACK (append), (gpointer) "1", NULL);
  g_signal_connect (cancellable, "cancelled", G_CALLBACK (append), (gpointer) "2");
  g_cancellable_connect (cancellable, G_CALLBACK (append), (gpointer) "3", NULL);
  g_cancellable_cancel (cancellable);
  g_assert_cmpstr (log->str, ==, "1 2 3 class after ");
  g_object_unref (cancellable);
  g_string_free (log, TRUE);
}

/* A subclass is told of every cancellation, without any handler; a late connect is no cancellation. */
static void
test_subclass (void)
{
  WatchedCancellable *watched = g_object_new (watched_cancellable_get_type (), NULL);
  GCancellable *cancellable = &watched->parent;
  Tally tally = { 0, 0 };

  g_cancellable_cancel (cancellable);
  g_cancellable_cancel (cancellable);
  g_assert_cmpint (watched->class_calls, ==, 1);
  g_cancellable_connect (cancellable, G_CALLBACK (tally_call), &tally, tally_destroy);
  assert_tally (&tally, 1, 1);
  g_assert_cmpint (watched->class_calls, ==, 1);
  g_cancellable_reset (cancellable);
  g_assert_cmpint (watched->class_calls, ==, 1);
  g_cancellable_cancel (cancellable);
  g_assert_cmpint (watched->class_calls, ==, 2);
  g_object_unref (cancellable);
}

/* A handler of g_signal_connect() follows GObject's rules: not called late, not called while blocked. */
static void
test_plain_handler (void)
{
  GCancellable *cancellable = g_cancellable_new ();
  Tally tally = { 0, 0 };
  gulong id;

  g_cancellable_cancel (cancellable);
  id = g_signal_connect (cancellable, "cancelled", G_CALLBACK (tally_call), &tally);
  assert_tally (&tally, 0, 0);
  g_cancellable_reset (cancellable);
  g_cancellable_cancel (cancellable);
  assert_tally (&tally, 1, 0);
  g_signal_handler_block (cancellable, id);
  g_cancellable_reset (cancellable);
  g_cancellable_cancel (cancellable);
  assert_tally (&tally, 1, 0);
  g_signal_handler_unblock (cancellable, id);
  g_cancellable_reset (cancellable);
  g_cancellable_cancel (cancellable);
  assert_tally (&tally, 2, 0);
  g_object_unref (cancellable);
}

/* Emitting the signal by hand calls the handlers and does not cancel. */
static void
test_emit_by_hand (void)
{
  WatchedCancellable *watched = g_object_new (watched_cancellable_get_type (), NULL);
  GCancellable *cancellable = &watched->parent;
  Tally tally = { 0, 0 };

  g_cancellable_connect (cancellable, G_CALLBACK (tally_call), &tally, NULL);
  g_signal_emit_by_name (cancellable, "cancelled");
  assert_tally (&tally, 1, 0);
  g_assert_cmpint (watched->class_calls, ==, 1);
  g_assert_false (g_cancellable_is_cancelled (cancellable));
  g_object_unref (cancellable);
}

static gboolean
hook (G_GNUC_UNUSED GSignalInvocationHint *hint, guint n_values, const GValue *values, gpointer data)
{
  g_assert_cmpuint (n_values, ==, 1);
  tally_call (g_value_get_object (values), data);
  return TRUE;
}

/* An emission hook hears of each cancellation, even if nobody else listens. */
static void
test_emission_hook (void)
{
  GCancellable *cancellable = g_cancellable_new ();
  guint signal = g_signal_lookup ("cancelled", G_TYPE_CANCELLABLE);
  Tally tally = { 0, 0 };
  gulong id = g_signal_add_emission_hook (signal, 0, hook, &tally, tally_destroy);

  g_cancellable_cancel (cancellable);
  g_cancellable_cancel (cancellable);
  assert_tally (&tally, 1, 0);
  g_cancellable_reset (cancellable);
  g_cancellable_cancel (cancellable);
  assert_tally (&tally, 2, 0);
  g_signal_remove_emission_hook (signal, id);
  assert_tally (&tally, 2, 1);
  g_object_unref (cancellable);
}

/* Handlers left on an object are destroyed with it, each once. */
static void
test_finalize (void)
{
  enum { HANDLERS = 1000 };
  GCancellable *cancellable = g_cancellable_new ();
  Tally tally = { 0, 0 };
  gint finalized = 0;

  count_finalization (cancellable, &finalized);
  for (int i = 0; i < HANDLERS; i++)
    g_cancellable_connect (cancellable, G_CALLBACK (tally_call), &tally, tally_destroy);
  g_cancellable_cancel (cancellable);
  assert_tally (&tally, HANDLERS, 0);
  g_object_unref (cancellable);
  g_assert_cmpint (finalized, ==, 1);
  assert_tally (&tally, HANDLERS, HANDLERS);
}

/* Disposal by hand drops the handlers and leaves an object that can still be cancelled. */
static void
test_dispose (void)
{
  GCancellable *cancellable = g_cancellable_new ();
  Tally tally = { 0, 0 };

  g_cancellable_connect (cancellable, G_CALLBACK (tally_call), &tally, tally_destroy);
  g_object_run_dispose (G_OBJECT (cancellable));
  assert_tally (&tally, 0, 1);
  g_cancellable_cancel (cancellable);
  g_assert_true (g_cancellable_is_cancelled (cancellable));
  assert_tally (&tally, 0, 1);
  g_object_unref (cancellable);
}

static const Case cases[] = {
  { "/cancellable/type", test_type, NULL, 0 },
  { "/cancellable/cancel", test_cancel, NULL, 0 },
  { "/cancellable/null", test_null, NULL, 0 },
  { "/cancellable/error", test_error, NULL, 0 },
  { "/cancellable/late-connect", test_late_connect, NULL, 0 },
  { "/cancellable/disconnect", test_disconnect, NULL, 0 },
  { "/cancellable/disconnect-plain", test_disconnect_plain, NULL, 0 },
  { "/cancellable/reset", test_reset, NULL, 0 },
  { "/cancellable/order", test_order, NULL, 0 },
  { "/cancellable/subclass", test_subclass, NULL, 0 },
  { "/cancellable/plain-handler", test_plain_handler, NULL, 0 },
  { "/cancellable/emit-by-hand", test_emit_by_hand, NULL, 0 },
  { "/cancellable/emission-hook", test_emission_hook, NULL, 0 },
  { "/cancellable/finalize", test_finalize, NULL, 0 },
  { "/cancellable/dispose", test_dispose, NULL, 0 },
};

HARNESS_MAIN (cases)
