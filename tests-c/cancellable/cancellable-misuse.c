/* GCancellable: mistakes that libgio does not survive. Here each is a message, and the program goes on. */
#include "task-helpers.h"

#define NO_CANCELLABLE "G_IS_CANCELLABLE (cancellable)"

/* An object of another class: one without what a cancellable has behind its GObject, and one with other things there. */
static gpointer
impostor (gint i)
{
  return i == 0 ? g_object_new (G_TYPE_OBJECT, NULL) : (gpointer) g_task_new (NULL, NULL, NULL, NULL);
}

static void
test_is_cancelled (void)
{
  for (gint i = 0; i < 2; i++)
    {
      gpointer object = impostor (i);

      expect_critical ("g_cancellable_is_cancelled", NO_CANCELLABLE);
      g_assert_cmpint (g_cancellable_is_cancelled (object), ==, FALSE);
      SEEN ();
      g_object_unref (object);
    }
}

static void
test_set_error (void)
{
  for (gint i = 0; i < 2; i++)
    {
      gpointer object = impostor (i);
      GError *error = NULL;

      expect_critical ("g_cancellable_set_error_if_cancelled", NO_CANCELLABLE);
      g_assert_cmpint (g_cancellable_set_error_if_cancelled (object, &error), ==, FALSE);
      SEEN ();
      g_assert_no_error (error);
      g_object_unref (object);
    }
}

static void
test_source_new (void)
{
  for (gint i = 0; i < 2; i++)
    {
      gpointer object = impostor (i);

      expect_critical ("g_cancellable_source_new", NO_CANCELLABLE);
      g_assert_null (g_cancellable_source_new (object));
      SEEN ();
      g_assert_finalize_object ((GObject *) object);
    }
}

static void
expect_release_refused (GCancellable *cancellable)
{
  expect_critical ("g_cancellable_release_fd", "priv->fd_refcount > 0");
  g_cancellable_release_fd (cancellable);
  SEEN ();
}

/* Released without having been asked for, and once too often: nothing is closed that is not ours, and it goes on working. */
static void
test_release_too_often (void)
{
  GCancellable *cancellable = g_cancellable_new ();
  guint before = count_descriptors ();
  GPollFD poll_fd;

  expect_release_refused (cancellable);
  g_assert_true (g_cancellable_make_pollfd (cancellable, &poll_fd));
  g_cancellable_release_fd (cancellable);
  expect_release_refused (cancellable);
  g_assert_cmpuint (count_descriptors (), ==, before);

  g_assert_true (g_cancellable_make_pollfd (cancellable, &poll_fd));
  g_assert_cmpint (g_poll (&poll_fd, 1, 0), ==, 0);
  g_cancellable_cancel (cancellable);
  g_assert_cmpint (g_poll (&poll_fd, 1, 0), ==, 1);
  g_cancellable_release_fd (cancellable);
  g_assert_cmpuint (count_descriptors (), ==, before);
  g_object_unref (cancellable);
}

/* A source that nobody gave a callback says so when it fires, and is gone. */
static void
test_source_without_callback (void)
{
  GCancellable *cancellable = g_cancellable_new ();
  GSource *source = g_cancellable_source_new (cancellable);

  g_source_attach (source, NULL);
  g_assert_cmpuint (drain (NULL), ==, 0);
  g_cancellable_cancel (cancellable);
  g_test_expect_message ("GLib-GIO", G_LOG_LEVEL_WARNING, "*no callback*");
  g_assert_cmpuint (drain (NULL), ==, 1);
  SEEN ();
  g_assert_true (g_source_is_destroyed (source));
  g_source_unref (source);
  g_assert_finalize_object (cancellable);
}

#define WRONG_CLASS "2.8 (better): an object of the wrong class is refused"

static const Case cases[] = {
  { "/cancellable-misuse/is-cancelled", test_is_cancelled, WRONG_CLASS, 0 },
  { "/cancellable-misuse/set-error-if-cancelled", test_set_error, WRONG_CLASS, 0 },
  { "/cancellable-misuse/source-new", test_source_new, WRONG_CLASS, 0 },
  { "/cancellable-misuse/release-fd-too-often", test_release_too_often,
    "2.9 (better): a release too many is a critical and closes nothing", 0 },
  { "/cancellable-misuse/source-without-callback", test_source_without_callback,
    "2.10 (better): a source without a callback is removed", 0 },
};

HARNESS_MAIN (cases)
