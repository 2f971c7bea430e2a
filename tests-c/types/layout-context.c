/* GSource.context, which GLib's header declares as private, and the library reads: on a GLib that was tried, and on one that
 * is newer, as far as the library can see, and keeps the context there or elsewhere. The functions here are in front of
 * GLib's. */
#define _GNU_SOURCE /* RTLD_NEXT */
#include "cancellable-helpers.h"
#include "newer-glib.h"

static gboolean is_elsewhere;
static guint wakings;
static gboolean loop_is_fast;
static GSource *attached_meanwhile;

/* Not what the member says. */
GMainContext *
g_source_get_context (GSource *source)
{
  static gchar other;

  REAL (g_source_get_context);
  return is_elsewhere ? (GMainContext *) &other : real (source);
}

void
g_source_set_ready_time (GSource *source, gint64 time)
{
  REAL (g_source_set_ready_time);
  wakings += time >= 0;
  if (attached_meanwhile != NULL)
    {
      g_source_attach (g_steal_pointer (&attached_meanwhile), NULL);
      g_assert_cmpuint (drain (NULL), ==, 0);
    }
  else
    real (source, time);
  if (loop_is_fast && time >= 0)
    drain (NULL);
}

/* How often a source's context is woken for each of some cancellations. Each of them is one dispatch. */
static void
assert_wakings (const guint *expected, guint turns)
{
  GCancellable *cancellable = g_cancellable_new ();
  Watch watch;
  GSource *source = watch_source_new (&watch, cancellable);

  g_source_attach (source, NULL);
  drain (NULL);
  for (guint turn = 0; turn < turns; turn++)
    {
      wakings = 0;
      g_cancellable_cancel (cancellable);
      g_assert_cmpuint (wakings, ==, expected[turn]);
      g_assert_cmpuint (drain (NULL), ==, 1);
      assert_tally (&watch.tally, (gint) turn + 1, 0);
      g_cancellable_reset (cancellable);
      g_assert_cmpuint (drain (NULL), ==, 0);
    }
  destroy_source (source);
  assert_tally (&watch.tally, (gint) turns, 1);
  g_object_unref (cancellable);
}

/* A source that is attached is woken once. */
static void
test_tried (void)
{
  assert_wakings ((const guint[]) { 1, 1 }, 2);
}

static gboolean
count_dispatch (GSource *source G_GNUC_UNUSED, GSourceFunc callback G_GNUC_UNUSED, gpointer data)
{
  (*(gint *) data)++;
  return G_SOURCE_CONTINUE;
}

/* A source of the program's that contains one is dispatched once, too, however soon the loop is there. */
static void
test_parent (void)
{
  static GSourceFuncs functions = { .dispatch = count_dispatch };
  GSource *parent = g_source_new (&functions, sizeof (GSource));
  GCancellable *cancellable = g_cancellable_new ();
  Watch watch;
  GSource *source = watch_source_new (&watch, cancellable);
  gint dispatches = 0;

  g_source_set_callback (parent, G_SOURCE_FUNC (count_dispatch), &dispatches, NULL);
  g_source_add_child_source (parent, source);
  g_source_attach (parent, NULL);
  drain (NULL);
  loop_is_fast = TRUE;
  for (gint turn = 1; turn <= 3; turn++)
    {
      g_cancellable_cancel (cancellable);
      drain (NULL);
      g_assert_cmpint (dispatches, ==, turn);
      assert_tally (&watch.tally, turn, 0);
      g_cancellable_reset (cancellable);
    }
  destroy_source (parent);
  g_source_unref (source);
  g_object_unref (cancellable);
}

/* What the first dispatch shows is known afterwards. */
static void
test_newer (void)
{
  is_newer = TRUE;
  assert_wakings ((const guint[]) { 2, 1, 1 }, 3);
  assert_wakings ((const guint[]) { 1, 1 }, 2);
}

/* Nothing tells whether the source is attached: each time it is woken as one that perhaps is not. */
static void
test_elsewhere (void)
{
  is_newer = is_elsewhere = TRUE;
  assert_wakings ((const guint[]) { 2, 2, 2 }, 3);
}

/* A source gets its context while it is woken, and the loop has looked at it before it saw the time. */
static void
test_attached_meanwhile (void)
{
  GCancellable *cancellable = g_cancellable_new ();
  Watch watch;
  GSource *source = watch_source_new (&watch, cancellable);

  attached_meanwhile = source;
  g_cancellable_cancel (cancellable);
  g_assert_null (attached_meanwhile);
  g_assert_cmpuint (drain (NULL), ==, 1);
  assert_tally (&watch.tally, 1, 0);
  destroy_source (source);
  g_object_unref (cancellable);
}

static const Case cases[] = {
  { "/layout/context", test_tried, NULL, 30 },
  { "/layout/context/parent", test_parent, NULL, 30 },
  { "/layout/context/newer", test_newer, "1.30 (new): until its first dispatch, a source is woken twice", 30 },
  { "/layout/context/elsewhere", test_elsewhere, "1.30 (new): a source is woken twice", 30 },
  { "/layout/context/attached-meanwhile", test_attached_meanwhile,
    "1.30 (new): a source that may not be attached is woken twice", 30 },
};

HARNESS_MAIN (cases)
