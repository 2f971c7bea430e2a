/* Contract, section 7: GSimpleAsyncResult, what it holds. Where and when it is delivered:
 * simple-async-result-delivery.c. */
#include "counted-error.h"

static char tag, other_tag, user_data;

static void
on_ready (GObject *source_object G_GNUC_UNUSED, GAsyncResult *result G_GNUC_UNUSED, gpointer data G_GNUC_UNUSED)
{
  g_assert_not_reached ();
}

static gint n_destroyed;
static gpointer last_destroyed;

static void
count_destroy (gpointer data)
{
  n_destroyed++;
  last_destroyed = data;
}

static GSimpleAsyncResult *
new_simple (void)
{
  return g_simple_async_result_new (NULL, on_ready, &user_data, &tag);
}

/* Drops the last reference; the result must be gone. */
static void
finalize (GSimpleAsyncResult *simple)
{
  gpointer weak = simple;

  g_object_add_weak_pointer (G_OBJECT (simple), &weak);
  g_object_unref (simple);
  g_assert_null (weak);
}

static void
test_type (void)
{
  GType type = g_simple_async_result_get_type ();

  g_assert_cmpstr (g_type_name (type), ==, "GSimpleAsyncResult");
  g_assert_true (g_type_parent (type) == G_TYPE_OBJECT);
  g_assert_true (g_type_is_a (type, G_TYPE_ASYNC_RESULT));
}

/* What was given to the constructor, and empty otherwise. #571598: no source object. */
static void
test_new (void)
{
  GSimpleAsyncResult *simple = new_simple ();

  g_assert_true (g_simple_async_result_get_source_tag (simple) == &tag);
  g_assert_null (g_simple_async_result_get_op_res_gpointer (simple));
  g_assert_cmpint (g_simple_async_result_get_op_res_gssize (simple), ==, 0);
  g_assert_cmpint (g_simple_async_result_get_op_res_gboolean (simple), ==, FALSE);
  g_assert_false (g_simple_async_result_propagate_error (simple, NULL));
  finalize (simple);
}

/* The source object lives as long as the result. */
static void
test_source_object (void)
{
  GObject *source = g_object_new (G_TYPE_OBJECT, NULL);
  GSimpleAsyncResult *simple = g_simple_async_result_new (source, NULL, NULL, NULL);
  gpointer weak = source;

  g_object_add_weak_pointer (source, &weak);
  g_object_unref (source);
  g_assert_nonnull (weak);
  finalize (simple);
  g_assert_null (weak);
}

/* #602417, #626208, #721458: the source object must be the same; the tags, or one of them NULL. */
static void
test_is_valid (void)
{
  GObject *source = g_object_new (G_TYPE_OBJECT, NULL), *other = g_object_new (G_TYPE_OBJECT, NULL);
  GObject *sources[] = { source, other, NULL };
  gpointer tags[] = { &tag, &other_tag, NULL };
  guint n_valid = 0;

  for (guint i = 0; i < 9; i++)
    {
      GSimpleAsyncResult *simple = g_simple_async_result_new (sources[i / 3], NULL, NULL, tags[i % 3]);

      for (guint j = 0; j < 9; j++)
        {
          gboolean same_tag = tags[i % 3] == tags[j % 3] || i % 3 == 2 || j % 3 == 2;
          gboolean valid = g_simple_async_result_is_valid (G_ASYNC_RESULT (simple), sources[j / 3], tags[j % 3]);

          g_assert_cmpint (valid, ==, i / 3 == j / 3 && same_tag);
          n_valid += valid;
        }
      finalize (simple);
    }
  g_assert_cmpuint (n_valid, ==, 3 * 7);
  g_object_unref (source);
  g_object_unref (other);
}

/* #579272: a new pointer frees the old one; the last goes with the result. Each once. */
static void
test_op_res_pointer (void)
{
  GSimpleAsyncResult *simple = new_simple ();
  char first, second;

  n_destroyed = 0;
  g_simple_async_result_set_op_res_gpointer (simple, &first, count_destroy);
  g_assert_true (g_simple_async_result_get_op_res_gpointer (simple) == &first);
  g_simple_async_result_set_op_res_gpointer (simple, &second, count_destroy);
  g_assert_cmpint (n_destroyed, ==, 1);
  g_assert_true (last_destroyed == &first);
  g_assert_true (g_simple_async_result_get_op_res_gpointer (simple) == &second);
  finalize (simple);
  g_assert_cmpint (n_destroyed, ==, 2);
  g_assert_true (last_destroyed == &second);
}

/* The other setters free a pointer too, and a pointer without a notify is left alone. */
static void
test_op_res_replaced (void)
{
  GSimpleAsyncResult *simple = new_simple ();

  n_destroyed = 0;
  g_simple_async_result_set_op_res_gpointer (simple, &user_data, count_destroy);
  g_simple_async_result_set_op_res_gssize (simple, 5);
  g_assert_cmpint (n_destroyed, ==, 1);
  g_simple_async_result_set_op_res_gpointer (simple, &user_data, count_destroy);
  g_assert_cmpint (n_destroyed, ==, 1);
  g_simple_async_result_set_op_res_gboolean (simple, TRUE);
  g_assert_cmpint (n_destroyed, ==, 2);
  g_simple_async_result_set_op_res_gpointer (simple, &user_data, NULL);
  g_simple_async_result_set_op_res_gpointer (simple, NULL, NULL);
  finalize (simple);
  g_assert_cmpint (n_destroyed, ==, 2);
}

static void
test_op_res_numbers (void)
{
  const gssize sizes[] = { 0, 1, -1, G_MAXSSIZE, G_MINSSIZE };
  const gboolean truths[] = { TRUE, 5, -1, G_MININT, 256 };
  GSimpleAsyncResult *simple = new_simple ();

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_simple_async_result_set_op_res_gssize (simple, sizes[i]);
      g_assert_cmpint (g_simple_async_result_get_op_res_gssize (simple), ==, sizes[i]);
    }
  for (guint i = 0; i < G_N_ELEMENTS (truths); i++)
    {
      g_simple_async_result_set_op_res_gboolean (simple, truths[i]);
      g_assert_cmpint (g_simple_async_result_get_op_res_gboolean (simple), ==, 1);
      g_simple_async_result_set_op_res_gboolean (simple, FALSE);
      g_assert_cmpint (g_simple_async_result_get_op_res_gboolean (simple), ==, 0);
    }
  finalize (simple);
}

/* What is asked for as a boolean is 0 or 1, also if it was set as a number. */
static void
test_op_res_number_as_boolean (void)
{
  GSimpleAsyncResult *simple = new_simple ();

  g_simple_async_result_set_op_res_gssize (simple, 5);
  g_assert_cmpint (g_simple_async_result_get_op_res_gboolean (simple), ==, 1);
  finalize (simple);
}

/* An error leaves the value beside it alone. */
static void
test_op_res_beside_error (void)
{
  GSimpleAsyncResult *simple = new_simple ();

  g_simple_async_result_set_op_res_gssize (simple, 7);
  g_simple_async_result_set_error (simple, G_IO_ERROR, G_IO_ERROR_EXISTS, "text");
  g_assert_cmpint (g_simple_async_result_get_op_res_gssize (simple), ==, 7);
  g_assert_true (g_simple_async_result_propagate_error (simple, NULL));
  g_assert_cmpint (g_simple_async_result_get_op_res_gssize (simple), ==, 7);
  finalize (simple);
}

/* #633686: take_error keeps the very error, set_from_error a copy of it. */
static void
test_take_and_copy (void)
{
  GSimpleAsyncResult *simple = new_simple ();
  GError *taken = counted_error_new (1), *original = counted_error_new (2), *error = NULL;

  g_simple_async_result_take_error (simple, taken);
  g_assert_true (g_simple_async_result_propagate_error (simple, &error));
  g_assert_true (error == taken);
  g_clear_error (&error);
  g_simple_async_result_set_from_error (simple, original);
  g_assert_true (g_simple_async_result_propagate_error (simple, &error));
  g_assert_true (error != original);
  g_assert_error (error, original->domain, 2);
  g_assert_cmpstr (error->message, ==, original->message);
  g_clear_error (&error);
  g_error_free (original);
  finalize (simple);
  g_assert_cmpint (count_errors (), ==, 0);
}

/* A later error replaces an earlier one, which is freed; so is one that nobody fetched, and one whose
 * receiver wants to know only that there is one. */
static void
test_errors_are_freed (void)
{
  GSimpleAsyncResult *simple = new_simple ();
  GError *copied = counted_error_new (3), *error = NULL;

  g_simple_async_result_take_error (simple, counted_error_new (1));
  g_simple_async_result_take_error (simple, counted_error_new (2));
  g_assert_cmpint (count_errors (), ==, 2);
  g_simple_async_result_set_from_error (simple, copied);
  g_assert_cmpint (count_errors (), ==, 2);
  g_simple_async_result_set_error (simple, counted_error_quark (), 4, "number %d, 100%%", 4);
  g_assert_cmpint (count_errors (), ==, 2);
  g_assert_true (g_simple_async_result_propagate_error (simple, &error));
  g_assert_error (error, counted_error_quark (), 4);
  g_assert_cmpstr (error->message, ==, "number 4, 100%");
  g_clear_error (&error);
  g_simple_async_result_take_error (simple, counted_error_new (5));
  g_assert_true (g_simple_async_result_propagate_error (simple, NULL));
  g_assert_cmpint (count_errors (), ==, 1);
  g_simple_async_result_take_error (simple, copied);
  finalize (simple);
  g_assert_cmpint (count_errors (), ==, 0);
}

static void
set_error_va (GSimpleAsyncResult *simple, const char *format, ...) G_GNUC_PRINTF (2, 3);

static void
set_error_va (GSimpleAsyncResult *simple, const char *format, ...)
{
  va_list args;

  va_start (args, format);
  g_simple_async_result_set_error_va (simple, G_IO_ERROR, G_IO_ERROR_BUSY, format, args);
  va_end (args);
}

static void
test_set_error_va (void)
{
  GSimpleAsyncResult *simple = new_simple ();
  GError *error = NULL;

  set_error_va (simple, "%s %5.2f %" G_GINT64_FORMAT " %c", "words", 2.5, G_MAXINT64, 'x');
  g_assert_true (g_simple_async_result_propagate_error (simple, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_BUSY);
  g_assert_cmpstr (error->message, ==, "words  2.50 9223372036854775807 x");
  g_clear_error (&error);
  finalize (simple);
}

/* Takes the one error of a freshly made result, whose tag is NULL. */
static GError *
error_of_new (GSimpleAsyncResult *simple, GObject *source)
{
  GError *error = NULL;

  g_assert_null (g_simple_async_result_get_source_tag (simple));
  g_assert_true (g_simple_async_result_is_valid (G_ASYNC_RESULT (simple), source, &tag));
  g_assert_true (g_async_result_get_user_data (G_ASYNC_RESULT (simple)) == &user_data);
  g_assert_true (g_simple_async_result_propagate_error (simple, &error));
  finalize (simple);
  return error;
}

/* The three constructors with an error. */
static void
test_new_with_error (void)
{
  GObject *source = g_object_new (G_TYPE_OBJECT, NULL);
  GError *original = counted_error_new (1), *error;

  error = error_of_new (g_simple_async_result_new_error (source, on_ready, &user_data, G_IO_ERROR,
                                                         G_IO_ERROR_CLOSED, "%s %d%%", "at", 50), source);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CLOSED);
  g_assert_cmpstr (error->message, ==, "at 50%");
  g_clear_error (&error);
  error = error_of_new (g_simple_async_result_new_from_error (source, on_ready, &user_data, original), source);
  g_assert_true (error != original);
  g_assert_error (error, original->domain, 1);
  g_clear_error (&error);
  error = error_of_new (g_simple_async_result_new_take_error (NULL, on_ready, &user_data, original), NULL);
  g_assert_true (error == original);
  g_clear_error (&error);
  g_assert_cmpint (count_errors (), ==, 0);
  g_object_unref (source);
}

/* #672013: the check-cancellable goes before the stored error and regardless of handle-cancellation; what
 * was stored is still there when the cancellable has been reset. */
static void
test_check_cancellable (void)
{
  GSimpleAsyncResult *simple = new_simple ();
  GCancellable *cancellable = g_cancellable_new ();
  GError *error = NULL;

  g_simple_async_result_set_handle_cancellation (simple, FALSE);
  g_simple_async_result_set_check_cancellable (simple, cancellable);
  g_assert_false (g_simple_async_result_propagate_error (simple, &error));
  g_simple_async_result_set_error (simple, G_IO_ERROR, G_IO_ERROR_BUSY, "own");
  g_cancellable_cancel (cancellable);
  for (guint i = 0; i < 2; i++)
    {
      g_assert_true (g_simple_async_result_propagate_error (simple, &error));
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
      g_assert_cmpstr (error->message, ==, "Operation was cancelled");
      g_clear_error (&error);
    }
  g_cancellable_reset (cancellable);
  g_assert_true (g_simple_async_result_propagate_error (simple, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_BUSY);
  g_clear_error (&error);
  finalize (simple);
  g_object_unref (cancellable);
}

/* The result keeps the cancellable alive, until another one or NULL is set. */
static void
test_check_cancellable_references (void)
{
  GSimpleAsyncResult *simple = new_simple ();
  gpointer first = g_cancellable_new (), second = g_cancellable_new ();
  gpointer first_weak = first, second_weak = second;

  g_object_add_weak_pointer (first, &first_weak);
  g_object_add_weak_pointer (second, &second_weak);
  g_simple_async_result_set_check_cancellable (simple, first);
  g_simple_async_result_set_check_cancellable (simple, first);
  g_cancellable_cancel (first);
  g_object_unref (first);
  g_assert_nonnull (first_weak);
  g_simple_async_result_set_check_cancellable (simple, second);
  g_assert_null (first_weak);
  g_assert_false (g_simple_async_result_propagate_error (simple, NULL));
  g_simple_async_result_set_check_cancellable (simple, NULL);
  g_assert_cmpuint (G_OBJECT (second)->ref_count, ==, 1);
  g_simple_async_result_set_check_cancellable (simple, second);
  g_object_unref (second);
  finalize (simple);
  g_assert_null (second_weak);
}

#define PATH "/simple-async-result/"

static const Case cases[] = {
  { PATH "type", test_type, NULL, 0 },
  { PATH "new", test_new, NULL, 0 },
  { PATH "new/with-error", test_new_with_error, NULL, 0 },
  { PATH "source-object", test_source_object, NULL, 0 },
  { PATH "is-valid", test_is_valid, NULL, 0 },
  { PATH "op-res/pointer", test_op_res_pointer, NULL, 0 },
  { PATH "op-res/replaced", test_op_res_replaced, NULL, 0 },
  { PATH "op-res/numbers", test_op_res_numbers, NULL, 0 },
  { PATH "op-res/number-as-boolean", test_op_res_number_as_boolean,
    "1.22 (better): every getter of a boolean returns exactly 0 or 1", 0 },
  { PATH "op-res/beside-error", test_op_res_beside_error, NULL, 0 },
  { PATH "error/take-and-copy", test_take_and_copy, NULL, 0 },
  { PATH "error/freed", test_errors_are_freed, NULL, 0 },
  { PATH "error/va", test_set_error_va, NULL, 0 },
  { PATH "check-cancellable", test_check_cancellable, NULL, 0 },
  { PATH "check-cancellable/references", test_check_cancellable_references, NULL, 0 },
};

HARNESS_MAIN (cases)
