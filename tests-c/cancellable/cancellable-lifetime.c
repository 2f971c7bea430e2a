/* Who keeps a GCancellable alive: handlers and destroy notifies that drop the last reference, toggle references. */
#include "cancellable-helpers.h"

typedef struct
{
  Tally tally;
  gulong id;
} Dropper;

static void
drop_reference (GCancellable *cancellable, gpointer data)
{
  Dropper *self = data;

  self->tally.calls++;
  g_object_unref (cancellable);
}

static void
dropper_destroy (gpointer data)
{
  ((Dropper *) data)->tally.destroyed++;
}

/* A handler may drop the last reference: the later handlers still run, then the object goes (GLib #3643). */
static void
test_drop_in_cancel (void)
{
  GCancellable *cancellable = g_cancellable_new ();
  Dropper dropper = { 0 };
  Tally later = { 0, 0 };
  gint finalized = 0;

  count_finalization (cancellable, &finalized);
  g_cancellable_get_fd (cancellable);
  g_cancellable_connect (cancellable, G_CALLBACK (drop_reference), &dropper, dropper_destroy);
  g_cancellable_connect (cancellable, G_CALLBACK (tally_call), &later, tally_destroy);
  g_cancellable_cancel (cancellable);
  g_assert_cmpint (finalized, ==, 1);
  assert_tally (&dropper.tally, 1, 1);
  assert_tally (&later, 1, 1);
}

static void
disconnect_and_drop (GCancellable *cancellable, gpointer data)
{
  Dropper *self = data;

  g_cancellable_disconnect (cancellable, self->id);
  g_cancellable_reset (cancellable);
  drop_reference (cancellable, data);
}

/* The same after it has disconnected itself and reset. */
static void
test_disconnect_and_drop_in_cancel (void)
{
  GCancellable *cancellable = g_cancellable_new ();
  Dropper dropper = { 0 };
  gint finalized = 0;

  count_finalization (cancellable, &finalized);
  dropper.id = g_cancellable_connect (cancellable, G_CALLBACK (disconnect_and_drop), &dropper, dropper_destroy);
  g_cancellable_cancel (cancellable);
  g_assert_cmpint (finalized, ==, 1);
  assert_tally (&dropper.tally, 1, 1);
}

/* The callback of a late connect may drop the last reference (GLib #3643). */
static void
test_drop_in_late_connect (void)
{
  GCancellable *cancellable = g_cancellable_new ();
  Dropper dropper = { 0 };
  gint finalized = 0;

  count_finalization (cancellable, &finalized);
  g_cancellable_cancel (cancellable);
  g_assert_cmpuint (g_cancellable_connect (cancellable, G_CALLBACK (drop_reference), &dropper, dropper_destroy), ==, 0);
  g_assert_cmpint (finalized, ==, 1);
  assert_tally (&dropper.tally, 1, 1);
}

typedef struct
{
  Tally tally;
  GCancellable *cancellable;
} Owner;

static void
owner_call (GCancellable *cancellable, gpointer data)
{
  g_assert_true (((Owner *) data)->cancellable == cancellable);
  ((Owner *) data)->tally.calls++;
}

static void
owner_reset (gpointer data)
{
  Owner *self = data;

  self->tally.destroyed++;
  g_cancellable_reset (self->cancellable);
}

static void
owner_drop (gpointer data)
{
  Owner *self = data;

  self->tally.destroyed++;
  g_object_unref (self->cancellable);
}

/* The destroy notify of a late connect may reset the object (GLib !4573). */
static void
test_reset_in_late_destroy (void)
{
  GCancellable *cancellable = g_cancellable_new ();
  Owner owner = { .cancellable = cancellable };

  g_cancellable_cancel (cancellable);
  g_assert_cmpuint (g_cancellable_connect (cancellable, G_CALLBACK (owner_call), &owner, owner_reset), ==, 0);
  assert_tally (&owner.tally, 1, 1);
  g_assert_false (g_cancellable_is_cancelled (cancellable));
  g_object_unref (cancellable);
}

/* The destroy notify of a late connect may drop the last reference (GLib !4573). */
static void
test_drop_in_late_destroy (void)
{
  GCancellable *cancellable = g_cancellable_new ();
  Owner owner = { .cancellable = cancellable };
  gint finalized = 0;

  count_finalization (cancellable, &finalized);
  g_cancellable_cancel (cancellable);
  g_assert_cmpuint (g_cancellable_connect (cancellable, G_CALLBACK (owner_call), &owner, owner_drop), ==, 0);
  g_assert_cmpint (finalized, ==, 1);
  assert_tally (&owner.tally, 1, 1);
}

/* The destroy notify that disconnect runs may drop the last reference. */
static void
test_drop_in_disconnect (void)
{
  GCancellable *cancellable = g_cancellable_new ();
  Owner owner = { .cancellable = cancellable };
  gint finalized = 0;
  gulong id = g_cancellable_connect (cancellable, G_CALLBACK (owner_call), &owner, owner_drop);

  count_finalization (cancellable, &finalized);
  g_cancellable_disconnect (cancellable, id);
  g_assert_cmpint (finalized, ==, 1);
  assert_tally (&owner.tally, 0, 1);
}

static void
owner_drop_with_closure (gpointer data, G_GNUC_UNUSED GClosure *closure)
{
  owner_drop (data);
}

/* So may the one of a plain handler, whatever was connected in between. */
static void
test_drop_in_disconnect_plain (void)
{
  GCancellable *cancellable = g_cancellable_new ();
  Owner owner = { .cancellable = cancellable };
  Tally before = { 0, 0 }, after = { 0, 0 };
  gint finalized = 0;
  gulong id;

  g_cancellable_connect (cancellable, G_CALLBACK (tally_call), &before, NULL);
  id = g_signal_connect_data (cancellable, "cancelled", G_CALLBACK (owner_call), &owner, owner_drop_with_closure, 0);
  g_cancellable_connect (cancellable, G_CALLBACK (tally_call), &after, NULL);
  count_finalization (cancellable, &finalized);
  g_cancellable_disconnect (cancellable, id);
  g_assert_cmpint (finalized, ==, 1);
  assert_tally (&owner.tally, 0, 1);
}

/* A handler that owns the object it is connected to is a circle that disconnect opens. */
static void
test_handler_owns_object (void)
{
  GCancellable *cancellable = g_cancellable_new ();
  gint finalized = 0;
  gulong id = g_cancellable_connect (cancellable, G_CALLBACK (g_cancellable_is_cancelled),
                                     g_object_ref (cancellable), g_object_unref);

  count_finalization (cancellable, &finalized);
  g_cancellable_cancel (cancellable);
  g_cancellable_disconnect (cancellable, id);
  g_assert_cmpint (finalized, ==, 0);
  g_object_unref (cancellable);
  g_assert_cmpint (finalized, ==, 1);
}

typedef struct
{
  gint became_last;
  gint became_shared;
  gboolean uses_object;
  gboolean resets_when_shared;
} Toggle;

/* None of these calls may wait for the one that caused the notification. */
static void
use_object (GCancellable *cancellable, gboolean resets)
{
  Tally tally = { 0, 0 };
  gboolean late;

  if (resets)
    g_cancellable_reset (cancellable);
  late = g_cancellable_is_cancelled (cancellable);
  g_assert_false (resets && late);
  g_assert_cmpint (g_cancellable_get_fd (cancellable), >=, 0);
  g_cancellable_release_fd (cancellable);
  g_cancellable_disconnect (cancellable, g_cancellable_connect (cancellable, G_CALLBACK (tally_call), &tally,
                                                                tally_destroy));
  assert_tally (&tally, late, 1);
}

static void
toggled (gpointer data, GObject *object, gboolean is_last_ref)
{
  Toggle *toggle = data;

  if (is_last_ref)
    toggle->became_last++;
  else
    toggle->became_shared++;
  if (!toggle->uses_object)
    return;
  toggle->uses_object = FALSE; /* the calls may take references of their own */
  use_object (G_CANCELLABLE (object), is_last_ref || toggle->resets_when_shared);
  toggle->uses_object = TRUE;
}

static GCancellable *
toggled_cancellable_new (Toggle *toggle, gint *finalized)
{
  GCancellable *cancellable = g_cancellable_new ();

  count_finalization (cancellable, finalized);
  g_object_add_toggle_ref (G_OBJECT (cancellable), toggled, toggle);
  g_object_unref (cancellable);
  return cancellable;
}

static void
ref_and_unref (GCancellable *cancellable, gpointer data)
{
  g_object_unref (g_object_ref (cancellable));
  tally_call (cancellable, data);
}

/* Under a toggle reference every up is followed by a down, through cancel and late connect (GLib !4573). */
static void
test_toggle (void)
{
  Toggle toggle = { 0, 0, FALSE, FALSE };
  gint finalized = 0;
  Tally tally = { 0, 0 };
  GCancellable *cancellable = toggled_cancellable_new (&toggle, &finalized);

  g_assert_cmpint (toggle.became_last, ==, 1);
  g_cancellable_connect (cancellable, G_CALLBACK (ref_and_unref), &tally, tally_destroy);
  g_cancellable_cancel (cancellable);
  assert_tally (&tally, 1, 0);
  g_cancellable_connect (cancellable, G_CALLBACK (ref_and_unref), &tally, tally_destroy);
  assert_tally (&tally, 2, 1);
  g_cancellable_reset (cancellable);
  g_assert_cmpint (toggle.became_shared, >=, 1);
  g_assert_cmpint (toggle.became_last, ==, toggle.became_shared + 1);
  g_assert_cmpint (finalized, ==, 0);
  g_object_remove_toggle_ref (G_OBJECT (cancellable), toggled, &toggle);
  g_assert_cmpint (finalized, ==, 1);
  assert_tally (&tally, 2, 2);
}

/* A toggle notification during cancel, up or down, may use the object (GLib !4573). */
static void
test_toggle_uses_object_in_cancel (void)
{
  Toggle toggle = { 0, 0, TRUE, TRUE };
  gint finalized = 0;
  Tally tally = { 0, 0 };
  GCancellable *cancellable = toggled_cancellable_new (&toggle, &finalized);

  g_cancellable_connect (cancellable, G_CALLBACK (tally_call), &tally, tally_destroy);
  g_cancellable_cancel (cancellable);
  assert_tally (&tally, 1, 0);
  g_assert_cmpint (toggle.became_shared, >=, 1);
  g_assert_cmpint (toggle.became_last, ==, toggle.became_shared + 1);
  g_assert_false (g_cancellable_is_cancelled (cancellable)); /* the last notification has reset it */
  toggle.uses_object = FALSE;
  g_object_remove_toggle_ref (G_OBJECT (cancellable), toggled, &toggle);
  g_assert_cmpint (finalized, ==, 1);
  assert_tally (&tally, 1, 1);
}

/* The same during a late connect (GLib !4573). */
static void
test_toggle_uses_object_in_late_connect (void)
{
  Toggle toggle = { 0, 0, FALSE, FALSE };
  gint finalized = 0;
  Tally tally = { 0, 0 };
  GCancellable *cancellable = toggled_cancellable_new (&toggle, &finalized);

  g_cancellable_cancel (cancellable);
  toggle.uses_object = TRUE;
  g_cancellable_connect (cancellable, G_CALLBACK (ref_and_unref), &tally, tally_destroy);
  assert_tally (&tally, 1, 1);
  g_assert_cmpint (toggle.became_shared, >=, 1);
  g_assert_cmpint (toggle.became_last, ==, toggle.became_shared + 1);
  g_assert_false (g_cancellable_is_cancelled (cancellable));
  toggle.uses_object = FALSE;
  g_object_remove_toggle_ref (G_OBJECT (cancellable), toggled, &toggle);
  g_assert_cmpint (finalized, ==, 1);
}

/* Connecting and disconnecting a handler that has nothing to destroy takes no reference. */
static void
test_toggle_in_disconnect (void)
{
  Toggle toggle = { 0, 0, FALSE, FALSE };
  gint finalized = 0;
  Tally tally = { 0, 0 };
  GCancellable *cancellable = toggled_cancellable_new (&toggle, &finalized);

  g_cancellable_disconnect (cancellable, g_cancellable_connect (cancellable, G_CALLBACK (tally_call), &tally, NULL));
  g_assert_cmpint (toggle.became_shared, ==, 0);
  g_object_remove_toggle_ref (G_OBJECT (cancellable), toggled, &toggle);
  g_assert_cmpint (finalized, ==, 1);
}

static void
cancel_elsewhere (gpointer data, GObject *object, gboolean is_last_ref)
{
  gboolean *done = data;

  if (is_last_ref || *done)
    return;
  *done = TRUE;
  g_thread_join (g_thread_new ("cancel", cancel_in_thread, object));
}

/* Another thread cancels during the notification that this cancel causes: there is one emission. */
static void
test_toggle_during_two_cancels (void)
{
  GCancellable *cancellable = g_cancellable_new ();
  gboolean done = FALSE;
  Tally tally = { 0, 0 };

  g_cancellable_connect (cancellable, G_CALLBACK (tally_call), &tally, tally_destroy);
  g_object_add_toggle_ref (G_OBJECT (cancellable), cancel_elsewhere, &done);
  g_object_unref (cancellable);
  g_cancellable_cancel (cancellable);
  g_assert_true (done);
  assert_tally (&tally, 1, 0);
  g_object_remove_toggle_ref (G_OBJECT (cancellable), cancel_elsewhere, &done);
  assert_tally (&tally, 1, 1);
}

static const Case cases[] = {
  { "/cancellable/lifetime/drop-in-cancel", test_drop_in_cancel, NULL, 0 },
  { "/cancellable/lifetime/disconnect-and-drop-in-cancel", test_disconnect_and_drop_in_cancel,
    "6.21 (better): from inside a handler every call returns at once and does what it says", HANGS },
  { "/cancellable/lifetime/drop-in-late-connect", test_drop_in_late_connect, NULL, 0 },
  { "/cancellable/lifetime/reset-in-late-destroy", test_reset_in_late_destroy, NULL, 0 },
  { "/cancellable/lifetime/drop-in-late-destroy", test_drop_in_late_destroy, NULL, 0 },
  { "/cancellable/lifetime/drop-in-disconnect", test_drop_in_disconnect, NULL, 0 },
  { "/cancellable/lifetime/drop-in-disconnect-plain", test_drop_in_disconnect_plain, NULL, 0 },
  { "/cancellable/lifetime/handler-owns-object", test_handler_owns_object, NULL, 0 },
  { "/cancellable/lifetime/toggle", test_toggle, NULL, 0 },
  { "/cancellable/lifetime/toggle-uses-object-in-cancel", test_toggle_uses_object_in_cancel,
    "until 2.84: 6.3 (new): a toggle notification during cancel may use the object", HANGS },
  { "/cancellable/lifetime/toggle-uses-object-in-late-connect", test_toggle_uses_object_in_late_connect, NULL, 0 },
  { "/cancellable/lifetime/toggle-in-disconnect", test_toggle_in_disconnect,
    "from 2.84: 6.17 (better): connect and disconnect take no reference", 0 },
  { "/cancellable/lifetime/toggle-during-two-cancels", test_toggle_during_two_cancels, NULL, 5 },
};

HARNESS_MAIN (cases)
