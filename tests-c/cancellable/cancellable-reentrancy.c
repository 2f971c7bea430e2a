/* What a handler of `cancelled` may do to its own object while it runs. */
#include "cancellable-helpers.h"

#define AT_ONCE "6.21 (better): from inside a handler every call returns at once and does what it says"
#define LOCKED "from 2.84: 6.9 (better): nothing deadlocks (libgio holds a lock during an emission)"

DEFINE_WATCHED_CANCELLABLE

static gboolean
fd_is_readable (int fd)
{
  GPollFD pollfd = { fd, G_IO_IN, 0 };

  return g_poll (&pollfd, 1, 0) == 1 && (pollfd.revents & G_IO_IN) != 0;
}

typedef struct
{
  Tally tally;
  gulong target; /* the handler to disconnect */
  gint destroyed_inside;
} Disconnecter;

static void
disconnect_target (GCancellable *cancellable, gpointer data)
{
  Disconnecter *self = data;

  self->tally.calls++;
  if (self->target)
    g_cancellable_disconnect (cancellable, self->target);
  self->target = 0;
  self->destroyed_inside = self->tally.destroyed;
}

static void
disconnecter_destroy (gpointer data)
{
  ((Disconnecter *) data)->tally.destroyed++;
}

/* A handler disconnects itself: it is not called again, and its data lives as long as it runs. */
static void
test_disconnect_self (void)
{
  GCancellable *cancellable = g_cancellable_new ();
  Disconnecter self = { 0 };
  Tally next = { 0, 0 };

  self.target = g_cancellable_connect (cancellable, G_CALLBACK (disconnect_target), &self, disconnecter_destroy);
  g_cancellable_connect (cancellable, G_CALLBACK (tally_call), &next, tally_destroy);
  g_cancellable_cancel (cancellable);
  g_assert_cmpint (self.destroyed_inside, ==, 0);
  assert_tally (&self.tally, 1, 1);
  assert_tally (&next, 1, 0);
  g_cancellable_reset (cancellable);
  g_cancellable_cancel (cancellable);
  assert_tally (&self.tally, 1, 1);
  assert_tally (&next, 2, 0);
  g_object_unref (cancellable);
  assert_tally (&self.tally, 1, 1);
  assert_tally (&next, 2, 1);
}

/* A handler disconnects others: one that ran stays called once, one whose turn would come is not called. */
static void
test_disconnect_others (void)
{
  GCancellable *cancellable = g_cancellable_new ();
  Disconnecter takes_earlier = { 0 }, takes_later = { 0 };
  Tally earlier = { 0, 0 }, later = { 0, 0 };

  takes_earlier.target = g_cancellable_connect (cancellable, G_CALLBACK (tally_call), &earlier, tally_destroy);
  g_cancellable_connect (cancellable, G_CALLBACK (disconnect_target), &takes_earlier, disconnecter_destroy);
  g_signal_connect (cancellable, "cancelled", G_CALLBACK (disconnect_target), &takes_later);
  takes_later.target = g_cancellable_connect (cancellable, G_CALLBACK (tally_call), &later, tally_destroy);
  g_cancellable_cancel (cancellable);
  assert_tally (&earlier, 1, 1);
  assert_tally (&later, 0, 1);
  g_assert_cmpint (takes_earlier.tally.calls, ==, 1);
  g_assert_cmpint (takes_later.tally.calls, ==, 1);
  g_object_unref (cancellable);
  assert_tally (&earlier, 1, 1);
  assert_tally (&later, 0, 1);
}

/* The class closure is a handler too. */
static void
test_disconnect_in_class (void)
{
  WatchedCancellable *watched = g_object_new (watched_cancellable_get_type (), NULL);
  Disconnecter closure = { 0 };
  Tally tally = { 0, 0 };

  closure.target = g_cancellable_connect (&watched->parent, G_CALLBACK (tally_call), &tally, tally_destroy);
  watched->on_class_call = disconnect_target;
  watched->data = &closure;
  g_cancellable_cancel (&watched->parent);
  assert_tally (&tally, 1, 1);
  g_cancellable_reset (&watched->parent);
  g_cancellable_cancel (&watched->parent);
  assert_tally (&tally, 1, 1);
  g_assert_cmpint (watched->class_calls, ==, 2);
  g_object_unref (watched);
}

static void
reset_and_look (GCancellable *cancellable, gpointer data)
{
  int fd = g_cancellable_get_fd (cancellable);

  g_assert_true (g_cancellable_is_cancelled (cancellable));
  g_assert_true (fd_is_readable (fd));
  g_cancellable_reset (cancellable);
  g_assert_false (g_cancellable_is_cancelled (cancellable));
  g_assert_false (fd_is_readable (fd));
  g_cancellable_release_fd (cancellable);
  tally_call (cancellable, data);
}

/* reset clears flag and descriptor, the emission goes on, and the next cancellation is a whole one. */
static void
test_reset (void)
{
  WatchedCancellable *watched = g_object_new (watched_cancellable_get_type (), NULL);
  GCancellable *cancellable = &watched->parent;
  Tally resets = { 0, 0 }, next = { 0, 0 };
  int fd = g_cancellable_get_fd (cancellable);

  g_cancellable_connect (cancellable, G_CALLBACK (reset_and_look), &resets, NULL);
  g_cancellable_connect (cancellable, G_CALLBACK (tally_call), &next, NULL);
  for (int turn = 1; turn <= 3; turn++)
    {
      g_cancellable_cancel (cancellable);
      g_assert_false (g_cancellable_is_cancelled (cancellable));
      g_assert_false (fd_is_readable (fd));
      assert_tally (&resets, turn, 0);
      assert_tally (&next, turn, 0);
      g_assert_cmpint (watched->class_calls, ==, turn);
    }
  g_cancellable_release_fd (cancellable);
  g_object_unref (cancellable);
}

typedef struct
{
  Tally tally;
  Tally added;
  gulong id;
} Adder;

static void
reset_and_connect (GCancellable *cancellable, gpointer data)
{
  Adder *self = data;

  if (self->tally.calls++ > 0)
    return;
  g_cancellable_reset (cancellable);
  self->id = g_cancellable_connect (cancellable, G_CALLBACK (tally_call), &self->added, tally_destroy);
  g_assert_cmpuint (self->id, !=, 0);
  assert_tally (&self->added, 0, 0);
}

/* After a reset inside a handler connect waits for the next cancellation, as it would outside. */
static void
test_reset_and_connect (void)
{
  GCancellable *cancellable = g_cancellable_new ();
  Adder self = { 0 };

  g_cancellable_connect (cancellable, G_CALLBACK (reset_and_connect), &self, NULL);
  g_cancellable_cancel (cancellable);
  assert_tally (&self.added, 0, 0);
  g_cancellable_cancel (cancellable);
  assert_tally (&self.added, 1, 0);
  g_cancellable_disconnect (cancellable, self.id);
  assert_tally (&self.added, 1, 1);
  g_object_unref (cancellable);
}

static void
reset_and_cancel_once (GCancellable *cancellable, gpointer data)
{
  Tally *tally = data;

  if (tally->calls++ > 0)
    return;
  g_cancellable_reset (cancellable);
  g_cancellable_cancel (cancellable);
  g_assert_cmpint (tally->calls, ==, 2);
  g_assert_true (g_cancellable_is_cancelled (cancellable));
}

/* After a reset inside a handler cancel is a new cancellation: every handler hears of both. */
static void
test_reset_and_cancel (void)
{
  GCancellable *cancellable = g_cancellable_new ();
  Tally first = { 0, 0 }, second = { 0, 0 };

  g_cancellable_connect (cancellable, G_CALLBACK (reset_and_cancel_once), &first, NULL);
  g_cancellable_connect (cancellable, G_CALLBACK (tally_call), &second, NULL);
  g_cancellable_cancel (cancellable);
  g_assert_true (g_cancellable_is_cancelled (cancellable));
  assert_tally (&first, 2, 0);
  assert_tally (&second, 2, 0);
  g_cancellable_reset (cancellable); /* nothing is left running that it would wait for */
  g_object_unref (cancellable);
}

static void
cancel_again (GCancellable *cancellable, gpointer data)
{
  tally_call (cancellable, data);
  g_cancellable_cancel (cancellable);
}

/* cancel inside a handler finds the object cancelled and does nothing. */
static void
test_cancel (void)
{
  GCancellable *cancellable = g_cancellable_new ();
  Tally first = { 0, 0 }, second = { 0, 0 };

  g_cancellable_connect (cancellable, G_CALLBACK (cancel_again), &first, NULL);
  g_cancellable_connect (cancellable, G_CALLBACK (tally_call), &second, NULL);
  g_cancellable_cancel (cancellable);
  assert_tally (&first, 1, 0);
  assert_tally (&second, 1, 0);
  g_object_unref (cancellable);
}

static void
use_descriptor (GCancellable *cancellable, gpointer data)
{
  GPollFD pollfd;
  int fd = g_cancellable_get_fd (cancellable);

  g_assert_cmpint (fd, >=, 0);
  g_assert_true (fd_is_readable (fd));
  g_assert_true (g_cancellable_make_pollfd (cancellable, &pollfd));
  g_assert_cmpint (pollfd.fd, ==, fd);
  g_cancellable_release_fd (cancellable);
  g_cancellable_release_fd (cancellable);
  tally_call (cancellable, data);
}

/* The descriptor can be made, is readable, and can be released inside a handler. */
static void
test_descriptor (void)
{
  GCancellable *cancellable = g_cancellable_new ();
  Tally tally = { 0, 0 };
  guint before = count_descriptors ();

  g_cancellable_connect (cancellable, G_CALLBACK (use_descriptor), &tally, NULL);
  g_cancellable_cancel (cancellable);
  g_cancellable_connect (cancellable, G_CALLBACK (use_descriptor), &tally, NULL);
  assert_tally (&tally, 2, 0);
  g_assert_cmpuint (count_descriptors (), ==, before);
  g_object_unref (cancellable);
}

static void
connect_two (GCancellable *cancellable, gpointer data)
{
  Adder *self = data;
  Tally late = { 0, 0 };

  if (self->tally.calls++ > 0)
    return;
  g_assert_cmpuint (g_cancellable_connect (cancellable, G_CALLBACK (tally_call), &late, tally_destroy), ==, 0);
  assert_tally (&late, 1, 1);
  self->id = g_signal_connect (cancellable, "cancelled", G_CALLBACK (tally_call), &self->added);
}

/* Inside a handler g_cancellable_connect() calls at once; a plain connect counts from the next cancellation (GLib
 * bug 705395). The same inside a callback that runs because of a late connect. */
static void
test_connect (void)
{
  GCancellable *cancellable = g_cancellable_new ();
  Adder self = { 0 }, late = { 0 };

  g_cancellable_connect (cancellable, G_CALLBACK (connect_two), &self, NULL);
  g_cancellable_cancel (cancellable);
  assert_tally (&self.added, 0, 0);
  g_cancellable_connect (cancellable, G_CALLBACK (connect_two), &late, NULL);
  assert_tally (&late.added, 0, 0);
  g_cancellable_reset (cancellable);
  g_cancellable_cancel (cancellable);
  assert_tally (&self.added, 1, 0);
  assert_tally (&late.added, 1, 0);
  g_object_unref (cancellable);
}

/* The callback of a late connect may disconnect others and reset. */
static void
test_late_callback (void)
{
  GCancellable *cancellable = g_cancellable_new ();
  Tally other = { 0, 0 }, resets = { 0, 0 };
  Disconnecter late = { 0 };

  late.target = g_cancellable_connect (cancellable, G_CALLBACK (tally_call), &other, tally_destroy);
  g_cancellable_cancel (cancellable);
  g_cancellable_connect (cancellable, G_CALLBACK (disconnect_target), &late, disconnecter_destroy);
  assert_tally (&late.tally, 1, 1);
  assert_tally (&other, 1, 1);
  g_cancellable_connect (cancellable, G_CALLBACK (reset_and_look), &resets, tally_destroy);
  assert_tally (&resets, 1, 1);
  g_assert_false (g_cancellable_is_cancelled (cancellable));
  g_cancellable_cancel (cancellable);
  assert_tally (&other, 1, 1);
  assert_tally (&resets, 1, 1);
  g_object_unref (cancellable);
}

typedef struct
{
  Tally tally;
  GCancellable *other;
  gulong id_on_other;
} Crossing;

static void
cancel_other (GCancellable *cancellable, gpointer data)
{
  Crossing *self = data;

  tally_call (cancellable, &self->tally);
  g_cancellable_cancel (self->other);
  g_cancellable_reset (self->other);
}

static void
disconnect_on_other (GCancellable *cancellable, gpointer data)
{
  Crossing *self = data;

  tally_call (cancellable, &self->tally);
  g_cancellable_disconnect (self->other, self->id_on_other);
}

/* A handler may cancel and reset another object. */
static void
test_chain (void)
{
  GCancellable *outer = g_cancellable_new ();
  GCancellable *inner = g_cancellable_new ();
  Crossing crossing = { .other = inner };
  Tally tally = { 0, 0 };

  g_cancellable_connect (outer, G_CALLBACK (cancel_other), &crossing, NULL);
  g_cancellable_connect (inner, G_CALLBACK (tally_call), &tally, NULL);
  g_cancellable_cancel (outer);
  assert_tally (&tally, 1, 0);
  g_assert_true (g_cancellable_is_cancelled (outer));
  g_assert_false (g_cancellable_is_cancelled (inner));
  g_object_unref (outer);
  g_object_unref (inner);
}

/* Deeper inside, a handler of the inner object disconnects the handler of the outer one that is still running. */
static void
test_crossing_disconnect (void)
{
  GCancellable *outer = g_cancellable_new ();
  GCancellable *inner = g_cancellable_new ();
  Crossing on_outer = { .other = inner }, on_inner = { .other = outer };

  on_inner.id_on_other = g_cancellable_connect (outer, G_CALLBACK (cancel_other), &on_outer, tally_destroy);
  g_cancellable_connect (inner, G_CALLBACK (disconnect_on_other), &on_inner, NULL);
  g_cancellable_cancel (outer);
  assert_tally (&on_outer.tally, 1, 1);
  assert_tally (&on_inner.tally, 1, 0);
  g_object_unref (outer);
  g_object_unref (inner);
  assert_tally (&on_outer.tally, 1, 1);
}

static void
use_in_destroy_notify (gpointer data)
{
  Crossing *self = data;

  self->tally.destroyed++;
  g_cancellable_cancel (self->other);
  g_cancellable_get_fd (self->other);
  g_cancellable_release_fd (self->other);
  g_cancellable_reset (self->other);
}

/* A destroy notify that disconnect runs may use the object and any other. */
static void
test_destroy_notify (void)
{
  GCancellable *cancellable = g_cancellable_new ();
  GCancellable *stranger = g_cancellable_new ();
  Crossing same = { .other = cancellable }, other = { .other = stranger };

  g_cancellable_disconnect (cancellable, g_cancellable_connect (cancellable, G_CALLBACK (tally_call), &same,
                                                                use_in_destroy_notify));
  g_cancellable_disconnect (cancellable, g_cancellable_connect (cancellable, G_CALLBACK (tally_call), &other,
                                                                use_in_destroy_notify));
  assert_tally (&same.tally, 0, 1);
  assert_tally (&other.tally, 0, 1);
  g_assert_false (g_cancellable_is_cancelled (cancellable));
  g_object_unref (cancellable);
  g_object_unref (stranger);
}

static const Case cases[] = {
  { "/cancellable/inside/disconnect-self", test_disconnect_self, AT_ONCE, HANGS },
  { "/cancellable/inside/disconnect-others", test_disconnect_others, AT_ONCE, HANGS },
  { "/cancellable/inside/disconnect-in-class", test_disconnect_in_class, AT_ONCE, HANGS },
  { "/cancellable/inside/reset", test_reset, AT_ONCE, HANGS },
  { "/cancellable/inside/reset-and-connect", test_reset_and_connect, AT_ONCE, HANGS },
  { "/cancellable/inside/reset-and-cancel", test_reset_and_cancel, AT_ONCE, HANGS },
  { "/cancellable/inside/crossing-disconnect", test_crossing_disconnect, AT_ONCE, HANGS },
  { "/cancellable/inside/destroy-notify", test_destroy_notify,
    "until 2.84: 6.10 (new): nothing deadlocks (libgio holds a lock during the destroy notify)", HANGS },
  { "/cancellable/inside/cancel", test_cancel, NULL, 0 },
  { "/cancellable/inside/descriptor", test_descriptor, LOCKED, HANGS },
  { "/cancellable/inside/connect", test_connect, LOCKED, HANGS },
  { "/cancellable/inside/late-callback", test_late_callback, LOCKED, HANGS },
  { "/cancellable/inside/chain", test_chain, NULL, 0 },
};

HARNESS_MAIN (cases)
