/* The stack of current cancellables: one per thread. */
#include "cancellable-helpers.h"

/* Without a push there is no current cancellable; the last one pushed is the current one. */
static void
test_nesting (void)
{
  GCancellable *outer = g_cancellable_new ();
  GCancellable *inner = g_cancellable_new ();

  g_assert_null (g_cancellable_get_current ());
  g_cancellable_push_current (outer);
  g_assert_true (g_cancellable_get_current () == outer);
  g_cancellable_push_current (inner);
  g_assert_true (g_cancellable_get_current () == inner);
  g_cancellable_pop_current (inner);
  g_assert_true (g_cancellable_get_current () == outer);
  g_cancellable_pop_current (outer);
  g_assert_null (g_cancellable_get_current ());

  g_object_unref (outer);
  g_object_unref (inner);
}

/* The same object may be pushed again; every push needs its own pop. */
static void
test_same_twice (void)
{
  GCancellable *cancellable = g_cancellable_new ();

  g_cancellable_push_current (cancellable);
  g_cancellable_push_current (cancellable);
  g_cancellable_pop_current (cancellable);
  g_assert_true (g_cancellable_get_current () == cancellable);
  g_cancellable_pop_current (cancellable);
  g_assert_null (g_cancellable_get_current ());
  g_object_unref (cancellable);
}

/* A deep stack is taken down in reverse order. */
static void
test_deep (void)
{
  enum { DEPTH = 1000 };
  GCancellable *objects[DEPTH];

  for (int i = 0; i < DEPTH; i++)
    {
      objects[i] = g_cancellable_new ();
      g_cancellable_push_current (objects[i]);
    }
  for (int i = DEPTH - 1; i >= 0; i--)
    {
      g_assert_true (g_cancellable_get_current () == objects[i]);
      g_cancellable_pop_current (objects[i]);
      g_object_unref (objects[i]);
    }
  g_assert_null (g_cancellable_get_current ());
}

static gpointer
thread_with_own_stack (gpointer data)
{
  GCancellable *own = g_cancellable_new ();

  g_assert_null (g_cancellable_get_current ());
  g_cancellable_push_current (own);
  g_assert_true (g_cancellable_get_current () == own);
  g_assert_true (g_cancellable_get_current () != data);
  g_cancellable_pop_current (own);
  g_assert_null (g_cancellable_get_current ());
  g_object_unref (own);
  return NULL;
}

/* What one thread pushes, another does not see. */
static void
test_per_thread (void)
{
  GCancellable *cancellable = g_cancellable_new ();

  g_cancellable_push_current (cancellable);
  g_thread_join (g_thread_new ("stack", thread_with_own_stack, cancellable));
  g_assert_true (g_cancellable_get_current () == cancellable);
  g_cancellable_pop_current (cancellable);
  g_object_unref (cancellable);
}

static gpointer
thread_that_never_pops (gpointer data)
{
  g_cancellable_push_current (data);
  return NULL;
}

/* A thread may end with a stack that is not empty. */
static void
test_thread_ends_without_pop (void)
{
  GCancellable *cancellable = g_cancellable_new ();
  gint finalized = 0;

  count_finalization (cancellable, &finalized);
  g_thread_join (g_thread_new ("stack", thread_that_never_pops, cancellable));
  g_assert_null (g_cancellable_get_current ());
  g_object_unref (cancellable);
  g_assert_cmpint (finalized, ==, 1);
}

/* The stack is a note, not an owner: pushing takes no reference. */
static void
test_no_reference (void)
{
  GCancellable *cancellable = g_cancellable_new ();

  g_cancellable_push_current (cancellable);
  g_assert_cmpuint (G_OBJECT (cancellable)->ref_count, ==, 1);
  g_assert_true (g_cancellable_get_current () == cancellable);
  g_assert_cmpuint (G_OBJECT (cancellable)->ref_count, ==, 1);
  g_cancellable_pop_current (cancellable);
  g_assert_cmpuint (G_OBJECT (cancellable)->ref_count, ==, 1);
  g_object_unref (cancellable);
}

/* Pushing and cancelling have nothing to do with each other. */
static void
test_cancelled_current (void)
{
  GCancellable *cancellable = g_cancellable_new ();

  g_cancellable_cancel (cancellable);
  g_cancellable_push_current (cancellable);
  g_assert_true (g_cancellable_is_cancelled (g_cancellable_get_current ()));
  g_cancellable_pop_current (cancellable);
  g_assert_true (g_cancellable_is_cancelled (cancellable));
  g_object_unref (cancellable);
}

/* NULL cannot be pushed (GLib bug 575013). */
static void
test_push_null (void)
{
  g_test_expect_message ("GLib-GIO", G_LOG_LEVEL_CRITICAL,
                         "g_cancellable_push_current: assertion 'cancellable != NULL' failed");
  g_cancellable_push_current (NULL);
  g_test_assert_expected_messages ();
  g_assert_null (g_cancellable_get_current ());
}

/* Popping an empty stack is refused. */
static void
test_pop_empty (void)
{
  GCancellable *cancellable = g_cancellable_new ();

  g_test_expect_message ("GLib-GIO", G_LOG_LEVEL_CRITICAL,
                         "g_cancellable_pop_current: assertion 'l != NULL' failed");
  g_cancellable_pop_current (cancellable);
  g_test_assert_expected_messages ();
  g_object_unref (cancellable);
}

/* Popping what is not on top is refused and leaves the stack as it was. */
static void
test_pop_wrong (void)
{
  GCancellable *outer = g_cancellable_new ();
  GCancellable *inner = g_cancellable_new ();
  GCancellable *wrong[] = { outer, NULL };

  g_cancellable_push_current (outer);
  g_cancellable_push_current (inner);
  for (gsize i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      g_test_expect_message ("GLib-GIO", G_LOG_LEVEL_CRITICAL,
                             "g_cancellable_pop_current: assertion 'l->data == cancellable' failed");
      g_cancellable_pop_current (wrong[i]);
      g_test_assert_expected_messages ();
      g_assert_true (g_cancellable_get_current () == inner);
    }
  g_cancellable_pop_current (inner);
  g_cancellable_pop_current (outer);
  g_assert_null (g_cancellable_get_current ());
  g_object_unref (outer);
  g_object_unref (inner);
}

static void
push_another (GSimpleAsyncResult *simple G_GNUC_UNUSED, GObject *source G_GNUC_UNUSED, GCancellable *cancellable)
{
  g_cancellable_push_current (g_object_get_data (G_OBJECT (cancellable), "another"));
}

static void
pop_own (GSimpleAsyncResult *simple G_GNUC_UNUSED, GObject *source G_GNUC_UNUSED, GCancellable *cancellable)
{
  g_cancellable_pop_current (cancellable);
}

static void
check_current (GSimpleAsyncResult *simple, GObject *source G_GNUC_UNUSED, GCancellable *cancellable)
{
  g_simple_async_result_set_op_res_gboolean (simple, g_cancellable_get_current () == cancellable);
}

static void
count_call (GObject *source G_GNUC_UNUSED, GAsyncResult *result, gpointer data)
{
  *(gint *) data += 1 + g_simple_async_result_get_op_res_gboolean (G_SIMPLE_ASYNC_RESULT (result));
}

static void
run_simple (GSimpleAsyncThreadFunc function, GCancellable *cancellable, gint expected)
{
  gint called = 0;
  GSimpleAsyncResult *simple = g_simple_async_result_new (NULL, count_call, &called, NULL);

  g_simple_async_result_run_in_thread (simple, function, G_PRIORITY_DEFAULT, cancellable);
  g_object_unref (simple);
  wait_for_count (NULL, &called, 1);
  drain (NULL);
  g_assert_cmpint (called, ==, expected);
}

/* Counts the critical that says `condition`; it may come from a worker. */
typedef struct
{
  const char *condition;
  gint seen;
} Complaint;

static void
note_complaint (const char *domain G_GNUC_UNUSED, GLogLevelFlags level G_GNUC_UNUSED, const char *message, gpointer data)
{
  Complaint *complaint = data;
  char *expected = g_strdup_printf ("g_cancellable_pop_current: assertion '%s' failed", complaint->condition);

  g_assert_cmpstr (message, ==, expected);
  g_free (expected);
  g_atomic_int_inc (&complaint->seen);
}

/* A function of a GSimpleAsyncResult that pushes without popping, or pops what it has not pushed: one critical, the
 * result arrives, and the next function has its own cancellable as the current one. */
static void
assert_unbalanced (GSimpleAsyncThreadFunc function, const char *condition)
{
  GCancellable *cancellable = g_cancellable_new ();
  GCancellable *another = g_cancellable_new ();
  Complaint complaint = { condition, 0 };

  g_object_set_data (G_OBJECT (cancellable), "another", another);
  g_log_set_always_fatal (G_LOG_LEVEL_ERROR);
  g_log_set_handler ("GLib-GIO", G_LOG_LEVEL_CRITICAL, note_complaint, &complaint);
  run_simple (function, cancellable, 1);
  wait_for_count (NULL, &complaint.seen, 1); /* on libgio it may come after the result */
  run_simple (check_current, cancellable, 2);
  g_assert_cmpint (complaint.seen, ==, 1);
  g_assert_null (g_cancellable_get_current ());
  g_object_unref (another);
  g_object_unref (cancellable);
}

static void
test_function_pushes (void)
{
  assert_unbalanced (push_another, "l->data == cancellable");
}

static void
test_function_pops (void)
{
  assert_unbalanced (pop_own, "l != NULL");
}

/* What a destructor of thread-specific data finds: the stack works, whatever its thread did before. */
typedef struct
{
  GCancellable *cancellable;
  enum { NEVER_USED, READ_ONLY, USED, LEFT_OVER } body;
  gint destroyed;
} Destroyed;

static void
use_in_destructor (gpointer data)
{
  Destroyed *self = data;
  GCancellable *before = g_cancellable_get_current ();

  g_assert_true (before == (self->body == LEFT_OVER ? self->cancellable : NULL));
  for (int i = 1; i <= 3; i++)
    {
      g_cancellable_push_current (self->cancellable);
      g_assert_true (g_cancellable_get_current () == self->cancellable);
    }
  for (int i = 1; i <= 3; i++)
    g_cancellable_pop_current (self->cancellable);
  g_assert_true (g_cancellable_get_current () == before);
  if (before)
    g_cancellable_pop_current (before);
  self->destroyed++;
}

static GPrivate early_key = G_PRIVATE_INIT (use_in_destructor);
static GPrivate late_key = G_PRIVATE_INIT (use_in_destructor);

static gpointer
leave_to_destructor (gpointer data)
{
  Destroyed *self = data;

  g_private_set (&early_key, self);
  if (self->body == READ_ONLY)
    g_assert_null (g_cancellable_get_current ());
  if (self->body >= USED)
    g_cancellable_push_current (self->cancellable);
  if (self->body == USED)
    g_cancellable_pop_current (self->cancellable);
  if (self->body != LEFT_OVER)
    g_private_set (&late_key, self);
  return NULL;
}

static void
test_in_destructor (void)
{
  GCancellable *cancellable = g_cancellable_new ();

  for (int body = NEVER_USED; body <= LEFT_OVER; body++)
    {
      Destroyed destroyed = { .cancellable = cancellable, .body = body };

      g_thread_join (g_thread_new ("destructor", leave_to_destructor, &destroyed));
      g_assert_cmpint (destroyed.destroyed, ==, body == LEFT_OVER ? 1 : 2);
    }
  g_object_unref (cancellable);
}

static const Case cases[] = {
  { "/cancellable/current/nesting", test_nesting, NULL, 0 },
  { "/cancellable/current/same-twice", test_same_twice, NULL, 0 },
  { "/cancellable/current/deep", test_deep, NULL, 0 },
  { "/cancellable/current/per-thread", test_per_thread, NULL, 0 },
  { "/cancellable/current/thread-ends-without-pop", test_thread_ends_without_pop, NULL, 0 },
  { "/cancellable/current/in-destructor", test_in_destructor, NULL, 5 },
  { "/cancellable/current/no-reference", test_no_reference, NULL, 0 },
  { "/cancellable/current/cancelled", test_cancelled_current, NULL, 0 },
  { "/cancellable/current/push-null", test_push_null, NULL, 0 },
  { "/cancellable/current/pop-empty", test_pop_empty, NULL, 0 },
  { "/cancellable/current/pop-wrong", test_pop_wrong, NULL, 0 },
  { "/cancellable/current/function-pushes", test_function_pushes, NULL, 20 },
  { "/cancellable/current/function-pops", test_function_pops, NULL, 20 },
};

HARNESS_MAIN (cases)
