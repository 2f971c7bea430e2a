/* asr_cancellable_*: cancellables with parents. */
#include "asr-helpers.h"

#include <string.h>

/* One that no function of asr.h made. */
static void
test_plain_one (void)
{
  GCancellable *cancellable = g_cancellable_new ();
  GError *error = NULL;

  assert_reason (NULL, NONE);
  assert_reason (cancellable, NONE);
  g_assert_cmpint (asr_cancellable_get_deadline (NULL), ==, -1);
  g_assert_cmpint (asr_cancellable_get_deadline (cancellable), ==, -1);
  g_assert_false (asr_cancellable_set_error (NULL, &error));
  g_assert_false (asr_cancellable_set_error (cancellable, &error));
  g_assert_no_error (error);
  g_cancellable_cancel (cancellable);
  assert_reason (cancellable, ITSELF);
  g_assert_true (asr_cancellable_set_error (cancellable, NULL));
  assert_error (cancellable, G_IO_ERROR_CANCELLED);
  g_cancellable_reset (cancellable);
  assert_reason (cancellable, NONE);
  g_object_unref (cancellable);
}

/* GIO's functions take it. */
static void
test_is_a_cancellable (void)
{
  GCancellable *child = asr_cancellable_new_child (NULL);
  GError *error = NULL;
  GTask *task;
  GSource *source;
  GPollFD fd;

  g_assert_true (G_IS_CANCELLABLE (child));
  g_assert_cmpuint (G_OBJECT (child)->ref_count, ==, 1);
  g_assert_false (g_object_is_floating (child));
  g_assert_false (g_cancellable_is_cancelled (child));
  task = g_task_new (NULL, child, NULL, NULL);
  source = g_cancellable_source_new (child);
  g_assert_true (g_cancellable_make_pollfd (child, &fd));
  g_assert_cmpint (g_poll (&fd, 1, 0), ==, 0);
  g_cancellable_cancel (child);
  g_assert_cmpint (g_poll (&fd, 1, 0), ==, 1);
  g_cancellable_release_fd (child);
  assert_reason (child, ITSELF);
  g_assert_true (g_task_return_error_if_cancelled (task));
  g_assert_false (g_task_propagate_boolean (task, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);
  g_source_unref (source);
  g_object_unref (task);
  drain (NULL);
  assert_finalized (child);
}

/* A parent's cancellation is the child's, and not the other way round. Parents of both kinds. */
static void
check_follows (GCancellable *parent)
{
  GCancellable *child = asr_cancellable_new_child (parent);
  GCancellable *other = asr_cancellable_new_child (parent);

  assert_reason (child, NONE);
  g_cancellable_cancel (other);
  g_assert_false (g_cancellable_is_cancelled (parent));
  g_assert_false (g_cancellable_is_cancelled (child));
  assert_reason (other, ITSELF);
  g_cancellable_cancel (parent);
  g_assert_true (g_cancellable_is_cancelled (child));
  assert_reason (parent, ITSELF);
  assert_reason (child, PARENT);
  assert_reason (other, ITSELF);
  assert_error (child, G_IO_ERROR_CANCELLED);
  assert_finalized (child);
  assert_finalized (other);
  child = asr_cancellable_new_child (parent);
  g_assert_true (g_cancellable_is_cancelled (child));
  assert_reason (child, PARENT);
  assert_finalized (child);
  assert_finalized (parent);
}

static void
test_follows (void)
{
  check_follows (g_cancellable_new ());
  check_follows (asr_cancellable_new_child (NULL));
}

/* Links are weak both ways. */
static void
check_ends (GCancellable *parent)
{
  GCancellable *child = asr_cancellable_new_child (parent);
  GCancellable *second = asr_cancellable_new_child (parent);

  g_assert_cmpuint (G_OBJECT (parent)->ref_count, ==, 1);
  assert_finalized (child);
  assert_finalized (parent);
  g_assert_false (g_cancellable_is_cancelled (second));
  g_cancellable_cancel (second);
  assert_finalized (second);
}

static void
test_ends (void)
{
  check_ends (g_cancellable_new ());
  check_ends (asr_cancellable_new_child (NULL));
}

static void
test_linked (void)
{
  GCancellable *parents[] = { g_cancellable_new (), NULL, asr_cancellable_new_child (NULL), g_cancellable_new () };

  for (guint i = 0; i < G_N_ELEMENTS (parents); i++)
    {
      GCancellable *child = asr_cancellable_new_linked (parents, G_N_ELEMENTS (parents));

      if (parents[i] == NULL)
        {
          g_object_unref (child);
          continue;
        }
      g_cancellable_cancel (parents[i]);
      assert_reason (child, PARENT);
      g_object_unref (child);
      child = asr_cancellable_new_linked (parents, G_N_ELEMENTS (parents));
      assert_reason (child, PARENT);
      g_object_unref (child);
      g_cancellable_reset (parents[i]);
    }
  for (guint i = 0; i < G_N_ELEMENTS (parents); i++)
    g_clear_object (&parents[i]);
  parents[0] = asr_cancellable_new_linked (NULL, 0);
  assert_reason (parents[0], NONE);
  g_object_unref (parents[0]);
}

static void
test_add_and_remove (void)
{
  GCancellable *first = g_cancellable_new (), *second = asr_cancellable_new_child (NULL);
  GCancellable *child = asr_cancellable_new_child (NULL);

  asr_cancellable_add_parent (child, NULL);
  g_assert_false (asr_cancellable_remove_parent (child, NULL));
  g_assert_false (asr_cancellable_remove_parent (child, first));
  asr_cancellable_add_parent (child, first);
  asr_cancellable_add_parent (child, second);
  asr_cancellable_add_parent (child, first);
  g_assert_true (asr_cancellable_remove_parent (child, first));
  g_assert_true (asr_cancellable_remove_parent (child, second));
  g_cancellable_cancel (second);
  assert_reason (child, NONE);
  g_cancellable_cancel (first);
  assert_reason (child, PARENT);
  g_cancellable_reset (child);
  g_assert_true (asr_cancellable_remove_parent (child, first));
  g_assert_false (asr_cancellable_remove_parent (child, first));
  assert_reason (child, NONE);
  /* Of a cancelled one. */
  asr_cancellable_add_parent (child, second);
  assert_reason (child, PARENT);
  g_object_unref (first);
  g_object_unref (second);
  g_object_unref (child);
}

/* A reset concerns one object. */
static void
test_reset (void)
{
  GCancellable *parent = g_cancellable_new ();
  GCancellable *child = asr_cancellable_new_child (parent);
  GCancellable *grandchild = asr_cancellable_new_child (child);

  g_cancellable_cancel (parent);
  g_cancellable_reset (child);
  assert_reason (child, NONE);
  assert_reason (grandchild, PARENT);
  /* It is cancelled already. */
  g_cancellable_cancel (parent);
  assert_reason (child, NONE);
  g_cancellable_reset (grandchild);
  g_cancellable_cancel (child);
  assert_reason (child, ITSELF);
  assert_reason (grandchild, PARENT);
  g_cancellable_reset (parent);
  assert_reason (child, ITSELF);
  g_cancellable_reset (child);
  g_cancellable_reset (grandchild);
  g_cancellable_cancel (parent);
  assert_reason (child, PARENT);
  assert_reason (grandchild, PARENT);
  g_object_unref (grandchild);
  g_object_unref (child);
  g_object_unref (parent);
}

/* The order of the handlers, by the numbers that they append. */

static GArray *order;

static void
append (GCancellable *cancellable, gpointer number)
{
  gint value = GPOINTER_TO_INT (number);

  g_assert_true (g_cancellable_is_cancelled (cancellable));
  g_array_append_val (order, value);
}

static void
watch (GCancellable *cancellable, gint number)
{
  g_cancellable_connect (cancellable, G_CALLBACK (append), GINT_TO_POINTER (number), NULL);
}

static void
assert_order (const char *expected)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < order->len; i++)
    g_string_append_printf (text, i == 0 ? "%d" : " %d", g_array_index (order, gint, i));
  g_assert_cmpstr (text->str, ==, expected);
  g_string_free (text, TRUE);
  g_array_set_size (order, 0);
}

/* Outermost first: all handlers of a parent, also those that were connected when it had children; then one generation
 * after the other. */
static void
check_order (GCancellable *parent)
{
  GCancellable *children[2], *grandchildren[4];

  order = g_array_new (FALSE, FALSE, sizeof (gint));
  for (guint i = 0; i < 2; i++)
    {
      children[i] = asr_cancellable_new_child (parent);
      watch (children[i], 10 + (gint) i);
    }
  for (guint i = 0; i < 4; i++)
    {
      grandchildren[i] = asr_cancellable_new_child (children[i / 2]);
      watch (grandchildren[i], 100 + (gint) i);
    }
  watch (parent, 1);
  watch (parent, 2);
  g_cancellable_cancel (parent);
  assert_order ("1 2 10 11 100 101 102 103");
  for (guint i = 0; i < 4; i++)
    assert_finalized (grandchildren[i]);
  for (guint i = 0; i < 2; i++)
    assert_finalized (children[i]);
  assert_finalized (parent);
  g_array_unref (order);
}

static void
test_order (void)
{
  check_order (g_cancellable_new ());
  check_order (asr_cancellable_new_child (NULL));
}

/* What a handler cancels itself is cancelled, with all of its children, when that call returns. */
static GCancellable *others[3];

static void
cancel_other (GCancellable *cancellable, gpointer data)
{
  append (cancellable, data);
  g_cancellable_cancel (others[0]);
  assert_order ("1 20 21 22");
}

static void
test_nested (void)
{
  GCancellable *parent = asr_cancellable_new_child (NULL), *child = asr_cancellable_new_child (parent);

  order = g_array_new (FALSE, FALSE, sizeof (gint));
  for (gint i = 0; i < 3; i++)
    {
      others[i] = asr_cancellable_new_child (i == 0 ? NULL : others[i - 1]);
      watch (others[i], 20 + i);
    }
  g_cancellable_connect (child, G_CALLBACK (cancel_other), GINT_TO_POINTER (1), NULL);
  g_cancellable_cancel (parent);
  g_assert_true (g_cancellable_is_cancelled (others[2]));
  g_object_unref (child);
  g_object_unref (parent);
  for (guint i = 0; i < 3; i++)
    assert_finalized (others[i]);
  g_array_unref (order);
}

/* The reason is known in the handlers, too; also after a reset. */
static AsrCancelReason seen;

static void
see (GCancellable *cancellable, G_GNUC_UNUSED gpointer data)
{
  seen = asr_cancellable_get_reason (cancellable);
}

static void
test_reason_in_handlers (void)
{
  GCancellable *parent = g_cancellable_new (), *child = asr_cancellable_new_child (parent);

  g_signal_connect (child, "cancelled", G_CALLBACK (see), NULL);
  g_cancellable_cancel (parent);
  g_assert_cmpint (seen, ==, ASR_CANCEL_REASON_PARENT);
  g_cancellable_reset (child);
  g_cancellable_cancel (child);
  g_assert_cmpint (seen, ==, ASR_CANCEL_REASON_ITSELF);
  assert_reason (child, ITSELF);
  g_cancellable_reset (child);
  g_cancellable_reset (parent);
  g_cancellable_cancel (parent);
  g_assert_cmpint (seen, ==, ASR_CANCEL_REASON_PARENT);
  assert_reason (child, PARENT);
  g_object_unref (child);
  g_object_unref (parent);
}

/* A signal that is emitted by hand cancels nothing. */
static void
test_emitted_by_hand (void)
{
  GCancellable *plain = g_cancellable_new (), *child = asr_cancellable_new_child (plain);
  GCancellable *grandchild = asr_cancellable_new_child (child);

  g_signal_emit_by_name (plain, "cancelled");
  g_signal_emit_by_name (child, "cancelled");
  assert_reason (plain, NONE);
  assert_reason (child, NONE);
  assert_reason (grandchild, NONE);
  g_object_unref (grandchild);
  g_object_unref (child);
  g_object_unref (plain);
}

/* A handler may unlink, drop, make. */

static GCancellable *siblings[6], *the_parent;

static void
change_the_family (G_GNUC_UNUSED GCancellable *cancellable, G_GNUC_UNUSED gpointer data)
{
  /* The third is left alone, the fourth ends, the sixth is new and cancelled. */
  g_assert_true (asr_cancellable_remove_parent (siblings[2], the_parent));
  assert_finalized (g_steal_pointer (&siblings[3]));
  siblings[5] = asr_cancellable_new_child (the_parent);
  assert_reason (siblings[5], PARENT);
}

static void
check_changes (GCancellable *parent)
{
  the_parent = parent;
  for (guint i = 0; i < 5; i++)
    siblings[i] = asr_cancellable_new_child (parent);
  g_cancellable_connect (siblings[1], G_CALLBACK (change_the_family), NULL, NULL);
  g_cancellable_cancel (parent);
  for (guint i = 0; i < 6; i++)
    if (siblings[i] != NULL)
      {
        g_assert_cmpint (g_cancellable_is_cancelled (siblings[i]), ==, i != 2);
        assert_finalized (siblings[i]);
      }
  assert_finalized (parent);
}

static void
drop_all (G_GNUC_UNUSED GCancellable *cancellable, gpointer parent)
{
  for (guint i = 0; i < 3; i++)
    g_clear_object (&siblings[i]);
  if (parent != NULL)
    g_object_unref (parent);
}

static void
test_changes_in_handlers (void)
{
  GCancellable *parent;

  check_changes (g_cancellable_new ());
  check_changes (asr_cancellable_new_child (NULL));
  /* Everything, with the child whose handler it is, and the parent. */
  for (guint kind = 0; kind < 4; kind++)
    {
      gpointer alive;

      parent = kind % 2 == 0 ? g_cancellable_new () : asr_cancellable_new_child (NULL);
      alive = parent;
      g_object_add_weak_pointer (alive, &alive);
      for (guint i = 0; i < 3; i++)
        siblings[i] = asr_cancellable_new_child (i == 2 ? siblings[1] : parent);
      g_cancellable_connect (kind / 2 == 0 ? siblings[0] : siblings[2], G_CALLBACK (drop_all), parent, NULL);
      g_cancellable_cancel (parent);
      g_assert_null (siblings[0]);
      g_assert_null (alive);
    }
}

static void
test_circle (void)
{
  for (guint first = 0; first < 3; first++)
    {
      GCancellable *circle[3];

      for (guint i = 0; i < 3; i++)
        circle[i] = asr_cancellable_new_child (i == 0 ? NULL : circle[i - 1]);
      asr_cancellable_add_parent (circle[0], circle[2]);
      asr_cancellable_set_deadline (circle[1], G_MAXINT64 - 5);
      for (guint i = 0; i < 3; i++)
        g_assert_cmpint (asr_cancellable_get_deadline (circle[i]), ==, G_MAXINT64 - 5);
      g_cancellable_cancel (circle[first]);
      for (guint i = 0; i < 3; i++)
        {
          g_assert_cmpint (asr_cancellable_get_reason (circle[i]), ==,
                           i == first ? ASR_CANCEL_REASON_ITSELF : ASR_CANCEL_REASON_PARENT);
          assert_finalized (circle[i]);
        }
    }
}

/* A long chain costs no stack: with a frame of only 100 bytes for each, this one would be too long. */
enum { GENERATIONS = 100000 };

static gpointer
cancel_chain (gpointer first)
{
  g_cancellable_cancel (first);
  return NULL;
}

static void
test_chain (void)
{
  guint n = harness_rounds (GENERATIONS);
  GCancellable **chain = g_new (GCancellable *, n);

  for (guint i = 0; i < n; i++)
    chain[i] = asr_cancellable_new_child (i == 0 ? NULL : chain[i - 1]);
  asr_cancellable_set_deadline (chain[0], G_MAXINT64 - 7);
  g_assert_cmpint (asr_cancellable_get_deadline (chain[n - 1]), ==, G_MAXINT64 - 7);
  cancel_chain (chain[0]);
  for (guint i = 0; i < n; i++)
    g_assert_true (g_cancellable_is_cancelled (chain[i]));
  for (guint i = 0; i < n; i++)
    g_object_unref (chain[i]);
  g_free (chain);
}

/* Many children of one parent; and nothing is left behind at it, however many there have been. */
static void
check_many (GCancellable *parent)
{
  guint n = harness_rounds (1000000);
  GCancellable **children = g_new (GCancellable *, n);
  guint n_handlers;

  g_object_unref (asr_cancellable_new_child (parent));
  n_handlers = count_handlers (parent);
  g_assert_cmpuint (n_handlers, <=, 1);
  for (guint i = 0; i < n; i++)
    children[i] = asr_cancellable_new_child (parent);
  /* In an order of its own. */
  for (guint i = 0; i < n; i += 3)
    g_clear_object (&children[i]);
  g_assert_cmpuint (count_handlers (parent), ==, n_handlers);
  g_assert_cmpuint (G_OBJECT (parent)->ref_count, ==, 1);
  g_cancellable_cancel (parent);
  for (guint i = 0; i < n; i++)
    if (children[i] != NULL)
      {
        assert_reason (children[i], PARENT);
        g_assert_cmpuint (G_OBJECT (children[i])->ref_count, ==, 1);
      }
  /* Half of them end before it, half of them after it. */
  for (guint i = 0; i < n; i += 2)
    g_clear_object (&children[i]);
  assert_finalized (parent);
  for (guint i = 0; i < n; i++)
    g_clear_object (&children[i]);
  g_free (children);
}

static void
test_many (void)
{
  check_many (g_cancellable_new ());
  check_many (asr_cancellable_new_child (NULL));
}

/* What has been disposed of follows nobody, and nobody follows it. */
static void
test_disposed (void)
{
  GCancellable *parent = asr_cancellable_new_child (NULL), *child = asr_cancellable_new_child (parent);
  GCancellable *grandchild = asr_cancellable_new_child (child);

  g_object_run_dispose (G_OBJECT (child));
  g_cancellable_cancel (parent);
  assert_reason (child, NONE);
  g_cancellable_cancel (child);
  assert_reason (grandchild, NONE);
  g_object_unref (parent);
  g_object_unref (grandchild);
  g_object_unref (child);
}

/* The program disconnects handlers of a foreign parent, by their data or whichever it finds; or disposes of it. */
static void
test_disconnected (void)
{
  GCancellable *parent = g_cancellable_new (), *child = asr_cancellable_new_child (parent), *next;
  guint id = g_signal_lookup ("cancelled", G_TYPE_CANCELLABLE);

  g_assert_cmpuint (count_handlers (parent), ==, 1);
  g_assert_cmpuint (g_signal_handlers_disconnect_by_data (parent, NULL), ==, 0);
  g_cancellable_cancel (parent);
  assert_reason (child, PARENT);
  for (guint i = 0; i < 2; i++)
    {
      g_cancellable_reset (parent);
      g_cancellable_reset (child);
      if (i == 0)
        g_object_run_dispose (G_OBJECT (parent));
      else
        g_signal_handler_disconnect (parent,
                                     g_signal_handler_find (parent, G_SIGNAL_MATCH_ID, id, 0, NULL, NULL, NULL));
      next = asr_cancellable_new_child (parent);
      g_object_unref (asr_cancellable_new_child (parent));
      g_assert_cmpuint (count_handlers (parent), ==, 1);
      g_cancellable_cancel (parent);
      assert_reason (child, PARENT);
      assert_reason (next, PARENT);
      assert_finalized (next);
    }
  assert_finalized (child);
  assert_finalized (parent);
}

/* What is not as it has to be is one critical. */
static void
test_refused (void)
{
  GCancellable *other = g_object_new (G_TYPE_OBJECT, NULL), *child = asr_cancellable_new_child (NULL);
  GCancellable *plain = g_cancellable_new (), *parents[] = { child, other };

#define REFUSED(call, condition) \
  G_STMT_START { \
    const char *name_ = #call; \
    char *text_ = g_strdup_printf ("%.*s: assertion '" condition "' failed", (int) strcspn (name_, " "), name_); \
    expect_refusal (text_); \
    (void) (call); \
    g_test_assert_expected_messages (); \
    g_free (text_); \
  } G_STMT_END

  REFUSED (asr_cancellable_get_reason (other), "cancellable == NULL || G_IS_CANCELLABLE (cancellable)");
  REFUSED (asr_cancellable_set_error (other, NULL), "cancellable == NULL || G_IS_CANCELLABLE (cancellable)");
  REFUSED (asr_cancellable_get_deadline (other), "cancellable == NULL || G_IS_CANCELLABLE (cancellable)");
  REFUSED (asr_cancellable_new_child (other), "parent == NULL || G_IS_CANCELLABLE (parent)");
  REFUSED (asr_cancellable_new_linked (NULL, 1), "parents != NULL || n_parents == 0");
  REFUSED (asr_cancellable_new_linked (parents, 2), "parents?i? == NULL || G_IS_CANCELLABLE (parents?i?)");
  REFUSED (asr_cancellable_add_parent (child, other), "parent == NULL || G_IS_CANCELLABLE (parent)");
  REFUSED (asr_cancellable_add_parent (child, child), "parent != cancellable");
  REFUSED (asr_cancellable_remove_parent (child, other), "parent == NULL || G_IS_CANCELLABLE (parent)");
  for (guint i = 0; i < 3; i++)
    {
      GCancellable *bad = i == 0 ? NULL : i == 1 ? other : plain;

      REFUSED (asr_cancellable_add_parent (bad, child), "cancellable was made by asr_cancellable_new_?()");
      REFUSED (asr_cancellable_remove_parent (bad, child), "cancellable was made by asr_cancellable_new_?()");
      REFUSED (asr_cancellable_set_deadline (bad, -1), "cancellable was made by asr_cancellable_new_?()");
    }
  g_object_unref (plain);
  assert_finalized (child);
  g_object_unref (other);
}

static const Case cases[] = {
  { "/asr-cancellable/plain-one", test_plain_one, NULL, 0 },
  { "/asr-cancellable/is-a-cancellable", test_is_a_cancellable, NULL, 0 },
  { "/asr-cancellable/follows", test_follows, NULL, 0 },
  { "/asr-cancellable/ends", test_ends, NULL, 0 },
  { "/asr-cancellable/linked", test_linked, NULL, 0 },
  { "/asr-cancellable/add-and-remove", test_add_and_remove, NULL, 0 },
  { "/asr-cancellable/reset", test_reset, NULL, 0 },
  { "/asr-cancellable/order", test_order, NULL, 0 },
  { "/asr-cancellable/nested", test_nested, NULL, 0 },
  { "/asr-cancellable/reason-in-handlers", test_reason_in_handlers, NULL, 0 },
  { "/asr-cancellable/emitted-by-hand", test_emitted_by_hand, NULL, 0 },
  { "/asr-cancellable/changes-in-handlers", test_changes_in_handlers, NULL, 0 },
  { "/asr-cancellable/circle", test_circle, NULL, 0 },
  { "/asr-cancellable/chain", test_chain, NULL, 0 },
  { "/asr-cancellable/many", test_many, NULL, 0 },
  { "/asr-cancellable/disposed", test_disposed, NULL, 0 },
  { "/asr-cancellable/disconnected", test_disconnected, NULL, 0 },
  { "/asr-cancellable/refused", test_refused, NULL, 0 },
};

HARNESS_MAIN (cases)
