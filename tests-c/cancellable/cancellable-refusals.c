/* GCancellable given what it must refuse: what is said, and that nothing else happens. */
#include "cancellable-helpers.h"

/* An error that is there already is kept: GLib warns and drops the new one. */
static void
test_error_over_error (void)
{
  GCancellable *cancellable = g_cancellable_new ();
  GError *error = g_error_new_literal (G_FILE_ERROR, G_FILE_ERROR_IO, "first");

  g_assert_false (g_cancellable_set_error_if_cancelled (cancellable, &error));
  g_cancellable_cancel (cancellable);
  g_test_expect_message ("GLib", G_LOG_LEVEL_WARNING, "GError set over the top of a previous GError*");
  g_assert_true (g_cancellable_set_error_if_cancelled (cancellable, &error));
  g_test_assert_expected_messages ();
  g_assert_error (error, G_FILE_ERROR, G_FILE_ERROR_IO);
  g_clear_error (&error);
  g_object_unref (cancellable);
}

/* An id that is not connected (any more) is GObject's complaint; nothing else happens. */
static void
test_disconnect_unknown (void)
{
  GCancellable *cancellable = g_cancellable_new ();
  Tally tally = { 0, 0 };
  gulong id = g_cancellable_connect (cancellable, G_CALLBACK (tally_call), &tally, tally_destroy);

  g_cancellable_disconnect (cancellable, 0);
  g_cancellable_disconnect (cancellable, id);
  g_test_expect_message ("GLib-GObject", glib_minor_version >= 84 ? G_LOG_LEVEL_CRITICAL : G_LOG_LEVEL_WARNING,
                         "*instance '*' has no handler with id '*'");
  g_cancellable_disconnect (cancellable, id);
  g_test_assert_expected_messages ();
  assert_tally (&tally, 0, 1);
  g_object_unref (cancellable);
}

static void
expect_refusal (const char *function)
{
  char *text = g_strdup_printf ("%s: assertion 'G_IS_CANCELLABLE (cancellable)' failed", function);

  g_test_expect_message ("GLib-GIO", G_LOG_LEVEL_CRITICAL, text);
  g_free (text);
}

/* reset, connect, make_pollfd and release_fd refuse what is no cancellable, and touch nothing. */
static void
test_wrong_object (void)
{
  GObject *object = g_object_new (G_TYPE_OBJECT, NULL);
  gpointer wrong[] = { NULL, object };
  Tally tally = { 0, 0 };
  GPollFD pollfd = { -5, 7, 9 };

  for (gsize i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      expect_refusal ("g_cancellable_reset");
      g_cancellable_reset (wrong[i]);
      expect_refusal ("g_cancellable_connect");
      g_assert_cmpuint (g_cancellable_connect (wrong[i], G_CALLBACK (tally_call), &tally, tally_destroy), ==, 0);
      g_test_assert_expected_messages ();
    }
  expect_refusal ("g_cancellable_make_pollfd");
  g_assert_false (g_cancellable_make_pollfd ((gpointer) object, &pollfd));
  g_assert_true (pollfd.fd == -5 && pollfd.events == 7 && pollfd.revents == 9);
  expect_refusal ("g_cancellable_release_fd");
  g_cancellable_release_fd ((gpointer) object);
  g_test_assert_expected_messages ();
  assert_tally (&tally, 0, 0);
  g_object_unref (object);
}

/* The pollfd is checked before the object. */
static void
test_pollfd_null (void)
{
  GCancellable *cancellable = g_cancellable_new ();
  GCancellable *objects[] = { NULL, cancellable };

  for (gsize i = 0; i < G_N_ELEMENTS (objects); i++)
    {
      g_test_expect_message ("GLib-GIO", G_LOG_LEVEL_CRITICAL,
                             "g_cancellable_make_pollfd: assertion 'pollfd != NULL' failed");
      g_assert_false (g_cancellable_make_pollfd (objects[i], NULL));
      g_test_assert_expected_messages ();
    }
  g_object_unref (cancellable);
}

/* A NULL callback is refused by GObject; the data stays with the caller. */
static void
test_connect_null_callback (void)
{
  GCancellable *cancellable = g_cancellable_new ();
  Tally tally = { 0, 0 };

#ifdef ON_GIO
  /* Newer libgio makes a closure of the callback first. */
  if (glib_minor_version >= 84)
    {
      g_test_expect_message ("GLib-GObject", G_LOG_LEVEL_CRITICAL, "*assertion 'callback_func != NULL' failed");
      g_test_expect_message ("GLib-GObject", G_LOG_LEVEL_CRITICAL, "*assertion 'closure != NULL' failed");
    }
  else
#endif
    g_test_expect_message ("GLib-GObject", G_LOG_LEVEL_CRITICAL, "*assertion 'c_handler != NULL' failed");
  g_assert_cmpuint (g_cancellable_connect (cancellable, NULL, &tally, tally_destroy), ==, 0);
  g_test_assert_expected_messages ();
  g_cancellable_cancel (cancellable);
  g_object_unref (cancellable);
  assert_tally (&tally, 0, 0);
}

/* get_fd of what is no cancellable is refused and answers -1. */
static void
test_get_fd_of_wrong_object (void)
{
  GObject *object = g_object_new (G_TYPE_OBJECT, NULL);

  g_test_expect_message ("GLib-GIO", G_LOG_LEVEL_CRITICAL, "*: assertion 'G_IS_CANCELLABLE (cancellable)' failed");
  g_assert_cmpint (g_cancellable_get_fd ((gpointer) object), ==, -1);
  g_test_assert_expected_messages ();
  g_object_unref (object);
}

static const Case cases[] = {
  { "/cancellable/refusals/error-over-error", test_error_over_error, NULL, 0 },
  { "/cancellable/refusals/disconnect-unknown", test_disconnect_unknown, NULL, 0 },
  { "/cancellable/refusals/wrong-object", test_wrong_object, NULL, 0 },
  { "/cancellable/refusals/pollfd-null", test_pollfd_null, NULL, 0 },
  { "/cancellable/refusals/connect-null-callback", test_connect_null_callback, NULL, 0 },
  { "/cancellable/refusals/get-fd-of-wrong-object", test_get_fd_of_wrong_object,
    "2.8 (better): a refused call returns its neutral value and the process goes on (libgio aborts)", 0 },
};

HARNESS_MAIN (cases)
