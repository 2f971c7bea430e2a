/* What a GTask returns and what propagates: each kind of result, and errors. */
#include "counted-error.h"
#include "task-helpers.h"

static void
never_destroy (gpointer data G_GNUC_UNUSED)
{
  g_assert_not_reached ();
}

/* A pointer moves to the caller, who alone frees it; unpropagated, it goes with the task, once. */
static void
test_pointer (void)
{
  GError *error = NULL;
  gint freed = 0;
  GTask *task = g_task_new (NULL, NULL, NULL, NULL);

  g_task_return_pointer (task, &freed, count_destroy);
  drain (NULL);
  g_assert_true (g_task_propagate_pointer (task, &error) == &freed);
  g_assert_no_error (error);
  g_assert_finalize_object (task);
  g_assert_cmpint (freed, ==, 0);

  task = g_task_new (NULL, NULL, NULL, NULL);
  g_task_return_pointer (task, &freed, count_destroy);
  drain (NULL);
  g_assert_cmpint (freed, ==, 0);
  g_assert_finalize_object (task);
  g_assert_cmpint (freed, ==, 1);

  /* NULL is a result like any other, but there is nothing to free. */
  task = g_task_new (NULL, NULL, NULL, NULL);
  g_task_return_pointer (task, NULL, never_destroy);
  drain (NULL);
  g_assert_finalize_object (task);
}

/* Numbers and booleans, their ends included. */
static void
test_numbers (void)
{
  static const gssize numbers[] = { 0, 1, -1, 5, G_MAXSSIZE, G_MINSSIZE };
  GError *error = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (numbers); i++)
    {
      GTask *task = g_task_new (NULL, NULL, NULL, NULL);

      g_task_return_int (task, numbers[i]);
      drain (NULL);
      g_assert_cmpint (g_task_propagate_int (task, &error), ==, numbers[i]);
      g_assert_no_error (error);
      g_assert_finalize_object (task);
    }
  for (gboolean answer = FALSE; answer <= TRUE; answer++)
    {
      GTask *task = g_task_new (NULL, NULL, NULL, NULL);

      g_task_return_boolean (task, answer);
      drain (NULL);
      g_assert_cmpint (g_task_propagate_boolean (task, &error), ==, answer);
      g_assert_no_error (error);
      g_assert_finalize_object (task);
    }
}

/* A GValue is copied when returned, moved when propagated; NULL stands for a NULL pointer (#668). */
static void
test_value (void)
{
  GError *error = NULL;
  GValue given = G_VALUE_INIT, got = G_VALUE_INIT, none = G_VALUE_INIT;
  GObject *object = g_object_new (G_TYPE_OBJECT, NULL);
  GTask *task = g_task_new (NULL, NULL, NULL, NULL);

  g_value_init (&given, G_TYPE_OBJECT);
  g_value_set_object (&given, object);
  g_task_return_value (task, &given);
  g_value_unset (&given);
  drain (NULL);
  g_assert_cmpint (object->ref_count, ==, 2);
  g_assert_true (g_task_propagate_value (task, &got, &error));
  g_assert_no_error (error);
  g_assert_true (g_value_get_object (&got) == object);
  g_assert_cmpint (object->ref_count, ==, 2);
  assert_refuses_to_propagate (task);
  g_assert_finalize_object (task);
  g_value_unset (&got);
  g_assert_cmpint (object->ref_count, ==, 1);

  task = g_task_new (NULL, NULL, NULL, NULL);
  g_task_return_value (task, NULL);
  drain (NULL);
  g_assert_true (g_task_propagate_value (task, &none, &error));
  g_assert_true (G_VALUE_HOLDS_POINTER (&none));
  g_assert_null (g_value_get_pointer (&none));
  g_assert_finalize_object (task);

  /* Never propagated: freed with the task. */
  task = g_task_new (NULL, NULL, NULL, NULL);
  g_value_init (&given, G_TYPE_OBJECT);
  g_value_set_object (&given, object);
  g_task_return_value (task, &given);
  g_value_unset (&given);
  drain (NULL);
  g_assert_finalize_object (task);
  g_assert_finalize_object (object);
}

/* propagate_value is for what return_value returned; refused, it leaves the result where it is. */
static void
test_value_of_other_kind (void)
{
  GValue value = G_VALUE_INIT;
  GError *error = NULL;
  GTask *task = g_task_new (NULL, NULL, NULL, NULL);

  g_task_return_int (task, 5);
  drain (NULL);
  expect_critical ("g_task_propagate_value", "task->result_destroy == value_free");
  g_assert_false (g_task_propagate_value (task, &value, &error));
  SEEN ();
  g_assert_no_error (error);
  g_assert_cmpuint (G_VALUE_TYPE (&value), ==, G_TYPE_INVALID);
  g_assert_cmpint (g_task_propagate_int (task, &error), ==, 5);
  g_assert_finalize_object (task);

  /* An error comes before what kind of result it is. */
  task = g_task_new (NULL, NULL, NULL, NULL);
  g_task_return_error (task, counted_error_new (7));
  drain (NULL);
  g_assert_false (g_task_propagate_value (task, &value, &error));
  g_assert_error (error, counted_error_quark (), 7);
  g_clear_error (&error);
  g_assert_finalize_object (task);
}

/* A result asked for as another kind is the same bits, without a word. */
static void
test_mixed_kinds (void)
{
  GTask *task = g_task_new (NULL, NULL, NULL, NULL);
  gint freed = 0;

  g_task_return_int (task, 1);
  drain (NULL);
  g_assert_cmpint (g_task_propagate_boolean (task, NULL), ==, TRUE);
  g_assert_finalize_object (task);

  task = g_task_new (NULL, NULL, NULL, NULL);
  g_task_return_boolean (task, TRUE);
  drain (NULL);
  g_assert_cmpint (g_task_propagate_int (task, NULL), ==, 1);
  g_assert_finalize_object (task);

  task = g_task_new (NULL, NULL, NULL, NULL);
  g_task_return_int (task, 4711);
  drain (NULL);
  g_assert_true (g_task_propagate_pointer (task, NULL) == GSIZE_TO_POINTER (4711));
  g_assert_finalize_object (task);

  /* As a number the pointer has not been taken: it is still freed. */
  task = g_task_new (NULL, NULL, NULL, NULL);
  g_task_return_pointer (task, &freed, count_destroy);
  drain (NULL);
  g_assert_true (g_task_propagate_int (task, NULL) == (gssize) (gsize) &freed);
  g_assert_finalize_object (task);
  g_assert_cmpint (freed, ==, 1);
}

/* What a C union of the three kinds holds, when one was written into zeros. */
typedef union
{
  gpointer pointer;
  gssize number;
  gboolean truth;
} Bits;

typedef enum
{
  POINTER,
  NUMBER,
  TRUTH,
  N_KINDS
} Kind;

/* Returned as one kind, asked for as each. */
static void
assert_same_bits (Kind returned, Bits bits)
{
  for (Kind asked = POINTER; asked < N_KINDS; asked++)
    {
      GTask *task = g_task_new (NULL, NULL, NULL, NULL);

      if (returned == POINTER)
        g_task_return_pointer (task, bits.pointer, NULL);
      else if (returned == NUMBER)
        g_task_return_int (task, bits.number);
      else
        g_task_return_boolean (task, bits.truth);
      if (asked == POINTER)
        g_assert_true (g_task_propagate_pointer (task, NULL) == bits.pointer);
      else if (asked == NUMBER)
        g_assert_cmpint (g_task_propagate_int (task, NULL), ==, bits.number);
      else
        g_assert_cmpint (g_task_propagate_boolean (task, NULL), ==, bits.truth);
      drain (NULL);
      g_assert_finalize_object (task);
    }
}

/* All pairs of kinds, with numbers that do not fit the other kind: a truth value is no wider than an int. */
static void
test_all_kinds (void)
{
  static const gssize numbers[] = { 0, 1, -1, 4711, G_MAXSSIZE, G_MINSSIZE, G_MAXSSIZE / 7, G_MAXUINT16 + (gssize) 1 };
  static const gboolean truths[] = { 0, 1, -1, 2, G_MAXINT, G_MININT };

  for (gsize i = 0; i < G_N_ELEMENTS (numbers); i++)
    {
      Bits bits = { NULL };

      bits.number = numbers[i];
      assert_same_bits (NUMBER, bits);
      assert_same_bits (POINTER, bits);
    }
  for (gsize i = 0; i < G_N_ELEMENTS (truths); i++)
    {
      Bits bits = { NULL };

      bits.truth = truths[i];
      assert_same_bits (TRUTH, bits);
    }
}

/* An error moves to the caller as it is; had_error stays (764163); unpropagated it is freed (696652). */
static void
test_error (void)
{
  GTask *task = g_task_new (NULL, NULL, NULL, NULL);
  GError *given = counted_error_new (7), *error = NULL;

  g_assert_cmpint (g_task_had_error (task), ==, FALSE);
  g_task_return_error (task, given);
  g_assert_cmpint (g_task_had_error (task), ==, TRUE);
  drain (NULL);
  g_assert_cmpint (g_task_propagate_int (task, &error), ==, -1);
  g_assert_true (error == given);
  g_assert_cmpint (g_task_had_error (task), ==, TRUE);
  assert_refuses_to_propagate (task);
  g_assert_cmpint (g_task_had_error (task), ==, TRUE);
  g_assert_finalize_object (task);
  g_assert_cmpint (count_errors (), ==, 1);
  g_clear_error (&error);

  task = g_task_new (NULL, NULL, NULL, NULL);
  g_task_return_error (task, counted_error_new (7));
  drain (NULL);
  g_assert_finalize_object (task);
  g_assert_cmpint (count_errors (), ==, 0);

  /* Asked without a place for it, the error is freed at once. */
  task = g_task_new (NULL, NULL, NULL, NULL);
  g_task_return_error (task, counted_error_new (7));
  drain (NULL);
  g_assert_false (g_task_propagate_boolean (task, NULL));
  g_assert_cmpint (count_errors (), ==, 0);
  assert_refuses_to_propagate (task);
  g_assert_finalize_object (task);
}

/* The formatting forms. */
static void
test_new_error (void)
{
  GTask *task = g_task_new (NULL, NULL, NULL, NULL);
  GError *error = NULL;

  g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "no %s in %d", "needle", 12);
  drain (NULL);
  g_assert_null (g_task_propagate_pointer (task, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
  g_assert_cmpstr (error->message, ==, "no needle in 12");
  g_clear_error (&error);
  g_assert_finalize_object (task);
}

/* A literal message is copied without looking at percent signs (!3771). */
static void
test_new_error_literal (void)
{
#ifdef ON_GIO
  g_test_message ("libgio 2.74.6 has no g_task_return_new_error_literal()");
  g_test_fail ();
#else
  GTask *task = g_task_new (NULL, NULL, NULL, NULL);
  GError *error = NULL;

  g_task_return_new_error_literal (task, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "100%s");
  g_assert_cmpint (g_task_had_error (task), ==, TRUE);
  drain (NULL);
  g_assert_cmpint (g_task_propagate_int (task, &error), ==, -1);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
  g_assert_cmpstr (error->message, ==, "100%s");
  g_clear_error (&error);
  g_assert_finalize_object (task);
#endif
}

/* A prefix goes before the message of an error that is taken over; domain and code stay (!3674). */
static void
test_prefixed_error (void)
{
#ifdef ON_GIO
  g_test_message ("libgio 2.74.6 has no g_task_return_prefixed_error()");
  g_test_fail ();
#else
  GTask *task = g_task_new (NULL, NULL, NULL, NULL);
  GError *error = NULL;

  g_task_return_prefixed_error (task, counted_error_new (7), "task %s: ", "failed");
  drain (NULL);
  g_assert_cmpint (g_task_propagate_int (task, &error), ==, -1);
  g_assert_cmpint (count_errors (), ==, 1);
  g_assert_cmpstr (error->message, ==, "task failed: counted 7");
  g_assert_cmpint (error->code, ==, 7);
  g_assert_finalize_object (task);
  g_clear_error (&error);
  g_assert_cmpint (count_errors (), ==, 0);
#endif
}

static const Case cases[] = {
  { "/task-results/pointer", test_pointer, NULL, 0 },
  { "/task-results/numbers", test_numbers, NULL, 0 },
  { "/task-results/value", test_value, NULL, 0 },
  { "/task-results/value/of-other-kind", test_value_of_other_kind, NULL, 0 },
  { "/task-results/mixed-kinds", test_mixed_kinds, NULL, 0 },
  { "/task-results/mixed-kinds/all", test_all_kinds, NULL, 0 },
  { "/task-results/error", test_error, NULL, 0 },
  { "/task-results/new-error", test_new_error, NULL, 0 },
  { "/task-results/new-error-literal", test_new_error_literal, "1.9 (new): g_task_return_new_error_literal", 0 },
  { "/task-results/prefixed-error", test_prefixed_error, "1.10 (new): g_task_return_prefixed_error", 0 },
};

HARNESS_MAIN (cases)
