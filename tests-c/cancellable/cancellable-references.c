/* References to a GCancellable that a program can count, or hear of through a toggle reference. */
#include "cancellable-helpers.h"

static void
note_references (GCancellable *cancellable, gpointer data)
{
  *(guint *) data = ((GObject *) cancellable)->ref_count;
}

/* One of them is the caller's. */
static void
test_count (void)
{
  GCancellable *cancellable = g_cancellable_new ();
  guint in_handler = 0, in_late_callback = 0;

  g_cancellable_connect (cancellable, G_CALLBACK (note_references), &in_handler, NULL);
  g_cancellable_cancel (cancellable);
  g_cancellable_connect (cancellable, G_CALLBACK (note_references), &in_late_callback, NULL);
  g_assert_cmpuint (in_handler, ==, 4);
  g_assert_cmpuint (in_late_callback, ==, 3);
  g_assert_cmpuint (((GObject *) cancellable)->ref_count, ==, 1);
  g_object_unref (cancellable);
}

/* Disconnects a handler whenever it hears something: so each call that toggles makes it call g_cancellable_disconnect(). */
typedef struct
{
  gulong id;
  gboolean when_last; /* not before the toggle reference is the only one */
  gint depth;
  gint notifications;
  gint disconnected;
} Disconnecting;

static void
disconnect_when_toggled (gpointer data, GObject *object, gboolean is_last_ref)
{
  Disconnecting *self = data;
  gulong id = self->when_last && !is_last_ref ? 0 : self->id;

  g_assert_cmpint (self->depth++, ==, 0);
  self->notifications++;
  if (id)
    {
      self->id = 0;
      g_cancellable_disconnect (G_CANCELLABLE (object), id);
      self->disconnected++;
    }
  self->depth--;
}

static GCancellable *
disconnecting_new (Disconnecting *self, Tally *tally, GDestroyNotify destroy)
{
  GCancellable *cancellable = g_cancellable_new ();

  *self = (Disconnecting) { 0 };
  *tally = (Tally) { 0 };
  g_object_add_toggle_ref (G_OBJECT (cancellable), disconnect_when_toggled, self);
  g_object_unref (cancellable);
  g_assert_cmpint (self->notifications, ==, 1);
  self->id = g_cancellable_connect (cancellable, G_CALLBACK (tally_call), tally, destroy);
  g_assert_cmpint (self->notifications, ==, 1);
  return cancellable;
}

static void
disconnecting_free (Disconnecting *self, GCancellable *cancellable)
{
  g_object_remove_toggle_ref (G_OBJECT (cancellable), disconnect_when_toggled, self);
}

/* disconnect takes no reference, whether there is something to destroy or not: a toggle notify may call it. */
static void
test_disconnect_in_toggle (void)
{
  for (int variant = 0; variant < 4; variant++)
    {
      gboolean destroys = variant % 2, when_last = variant / 2;
      Disconnecting self;
      Tally tally;
      GCancellable *cancellable = disconnecting_new (&self, &tally, destroys ? tally_destroy : NULL);

      self.when_last = when_last;
      g_object_ref (cancellable);
      g_assert_cmpint (self.notifications, ==, 2);
      g_assert_cmpint (self.disconnected, ==, !when_last);
      g_object_unref (cancellable);
      g_assert_cmpint (self.notifications, ==, 3);
      g_assert_cmpint (self.disconnected, ==, 1);
      assert_tally (&tally, 0, destroys);
      disconnecting_free (&self, cancellable);
    }
}

/* So does a late connect cause such a notification. */
static void
test_disconnect_in_toggle_of_late_connect (void)
{
  Disconnecting self;
  Tally tally, late = { 0, 0 };
  GCancellable *cancellable = disconnecting_new (&self, &tally, tally_destroy);
  gulong id = self.id;

  self.id = 0;
  g_cancellable_cancel (cancellable);
  self.id = id;
  g_cancellable_connect (cancellable, G_CALLBACK (note_references), &late.calls, NULL);
  if (self.id) /* libgio 2.74 takes no reference */
    g_object_unref (g_object_ref (cancellable));
  g_assert_cmpint (self.disconnected, ==, 1);
  assert_tally (&tally, 1, 1);
  disconnecting_free (&self, cancellable);
}

/* And a cancellation, before its handlers. */
static void
test_disconnect_in_toggle_of_cancel (void)
{
  Disconnecting self;
  Tally tally;
  GCancellable *cancellable = disconnecting_new (&self, &tally, tally_destroy);

  g_cancellable_cancel (cancellable);
  g_assert_cmpint (self.disconnected, ==, 1);
  assert_tally (&tally, 0, 1);
  disconnecting_free (&self, cancellable);
}

static void
drop_object (gpointer object)
{
  g_object_unref (object);
}

typedef struct
{
  GCancellable *cancellable;
  gulong id;
} Dropped;

static void
disconnect_and_cancel_another (G_GNUC_UNUSED GCancellable *cancellable, gpointer data)
{
  Dropped *dropped = data;

  g_cancellable_disconnect (dropped->cancellable, dropped->id);
}

/* The destroy notify that disconnect runs drops the last reference: outside, and inside a handler of another object. */
static void
test_last_reference_in_disconnect (void)
{
  for (int inside = 0; inside <= 1; inside++)
    {
      GCancellable *other = g_cancellable_new ();
      Dropped dropped = { g_cancellable_new (), 0 };
      gint finalized = 0;

      count_finalization (dropped.cancellable, &finalized);
      dropped.id = g_cancellable_connect (dropped.cancellable, G_CALLBACK (g_cancellable_is_cancelled),
                                          dropped.cancellable, drop_object);
      g_cancellable_connect (other, G_CALLBACK (disconnect_and_cancel_another), &dropped, NULL);
      if (inside)
        g_cancellable_cancel (other);
      else
        g_cancellable_disconnect (dropped.cancellable, dropped.id);
      g_assert_cmpint (finalized, ==, 1);
      g_object_unref (other);
    }
}

#define TOGGLES "from 2.84: 6.17 (better): connect and disconnect take no reference"

static const Case cases[] = {
  { "/cancellable/references/count", test_count,
    "until 2.84: 6.4 (new): references that a callback can count are those of GLib 2.84", 0 },
  { "/cancellable/references/disconnect-in-toggle", test_disconnect_in_toggle, TOGGLES, 0 },
  { "/cancellable/references/disconnect-in-toggle-of-late-connect", test_disconnect_in_toggle_of_late_connect, TOGGLES, 0 },
  { "/cancellable/references/disconnect-in-toggle-of-cancel", test_disconnect_in_toggle_of_cancel,
    "6.5 (better): a toggle notification during cancel may disconnect", HANGS },
  { "/cancellable/references/last-in-disconnect", test_last_reference_in_disconnect, NULL, 5 },
};

HARNESS_MAIN (cases)
