/* Contract, section 3: GAsyncResult as an interface that anyone may implement. */
#include "harness.h"

static char tag, other_tag, user_data;

/* A result by hand. The class answers everything but whose it is: it has no is_tagged. */
typedef struct
{
  GObject parent_instance;
  GObject *source_object;
  gpointer user_data;
  guint n_questions;
} PlainResult;

typedef GObjectClass PlainResultClass;

static GType plain_result_get_type (void);
static void plain_result_iface_init (GAsyncResultIface *iface);
G_DEFINE_TYPE_WITH_CODE (PlainResult, plain_result, G_TYPE_OBJECT,
                         G_IMPLEMENT_INTERFACE (G_TYPE_ASYNC_RESULT, plain_result_iface_init))

static gpointer
plain_result_get_user_data (GAsyncResult *result)
{
  PlainResult *self = (PlainResult *) result;

  self->n_questions++;
  return self->user_data;
}

static GObject *
plain_result_get_source_object (GAsyncResult *result)
{
  PlainResult *self = (PlainResult *) result;

  self->n_questions++;
  return self->source_object ? g_object_ref (self->source_object) : NULL;
}

static void
plain_result_iface_init (GAsyncResultIface *iface)
{
  iface->get_user_data = plain_result_get_user_data;
  iface->get_source_object = plain_result_get_source_object;
}

static void
plain_result_dispose (GObject *object)
{
  g_clear_object (&((PlainResult *) object)->source_object);
  G_OBJECT_CLASS (plain_result_parent_class)->dispose (object);
}

static void
plain_result_class_init (PlainResultClass *class)
{
  class->dispose = plain_result_dispose;
}

static void
plain_result_init (PlainResult *self G_GNUC_UNUSED)
{
}

/* A class derived from it that implements the interface anew, now with is_tagged. */
typedef PlainResult TaggedResult;
typedef PlainResultClass TaggedResultClass;

static GType tagged_result_get_type (void);
static void tagged_result_iface_init (GAsyncResultIface *iface);
G_DEFINE_TYPE_WITH_CODE (TaggedResult, tagged_result, plain_result_get_type (),
                         G_IMPLEMENT_INTERFACE (G_TYPE_ASYNC_RESULT, tagged_result_iface_init))

static gboolean
tagged_result_is_tagged (GAsyncResult *result, gpointer source_tag)
{
  PlainResult *self = (PlainResult *) result;

  self->n_questions++;
  return source_tag == &tag;
}

static void
tagged_result_iface_init (GAsyncResultIface *iface)
{
  iface->is_tagged = tagged_result_is_tagged;
}

static void
tagged_result_class_init (TaggedResultClass *class G_GNUC_UNUSED)
{
}

static void
tagged_result_init (TaggedResult *self G_GNUC_UNUSED)
{
}

static PlainResult *
hand_made (GType type, GObject *source_object)
{
  PlainResult *result = g_object_new (type, NULL);

  g_set_object (&result->source_object, source_object);
  result->user_data = &user_data;
  return result;
}

/* The type: its name, its prerequisite, and its table: three functions behind the header (40 bytes). */
static void
test_type (void)
{
  guint n;
  GType *prerequisites = g_type_interface_prerequisites (G_TYPE_ASYNC_RESULT, &n);

  g_assert_cmpstr (g_type_name (g_async_result_get_type ()), ==, "GAsyncResult");
  g_assert_true (G_TYPE_IS_INTERFACE (G_TYPE_ASYNC_RESULT));
  g_assert_cmpuint (n, ==, 1);
  g_assert_true (prerequisites[0] == G_TYPE_OBJECT);
  g_free (prerequisites);
  g_assert_cmpuint (sizeof (GAsyncResultIface), ==, sizeof (GTypeInterface) + 3 * sizeof (gpointer));
  g_assert_cmpuint (G_STRUCT_OFFSET (GAsyncResultIface, get_user_data), ==, sizeof (GTypeInterface));
  g_assert_cmpuint (G_STRUCT_OFFSET (GAsyncResultIface, is_tagged), ==,
                    sizeof (GTypeInterface) + 2 * sizeof (gpointer));
}

static gpointer
type_in_thread (gpointer unused G_GNUC_UNUSED)
{
  return GSIZE_TO_POINTER (g_async_result_get_type ());
}

/* #543504: threads that ask for the type at once get the same one. */
static void
test_type_in_threads (void)
{
  GThread *threads[8];

  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("type", type_in_thread, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    g_assert_true (g_thread_join (threads[i]) == GSIZE_TO_POINTER (G_TYPE_ASYNC_RESULT));
}

/* Each question goes to the implementation, with the instance it was asked of. */
static void
test_hand_made (void)
{
  GObject *source = g_object_new (G_TYPE_OBJECT, NULL);
  PlainResult *result = hand_made (tagged_result_get_type (), source);
  GObject *answer;

  g_assert_true (G_IS_ASYNC_RESULT (result));
  g_assert_true (g_async_result_get_user_data (G_ASYNC_RESULT (result)) == &user_data);
  g_assert_cmpuint (result->n_questions, ==, 1);
  answer = g_async_result_get_source_object (G_ASYNC_RESULT (result));
  g_assert_true (answer == source);
  g_assert_cmpuint (source->ref_count, ==, 3);
  g_object_unref (answer);
  g_assert_cmpuint (result->n_questions, ==, 2);
  g_assert_cmpint (g_async_result_is_tagged (G_ASYNC_RESULT (result), &tag), ==, TRUE);
  g_assert_cmpint (g_async_result_is_tagged (G_ASYNC_RESULT (result), &other_tag), ==, FALSE);
  g_assert_cmpint (g_async_result_is_tagged (G_ASYNC_RESULT (result), NULL), ==, FALSE);
  g_assert_cmpuint (result->n_questions, ==, 5);
  g_object_unref (result);
  g_assert_cmpuint (source->ref_count, ==, 1);
  g_object_unref (source);
}

/* An implementation may have nothing to say. */
static void
test_hand_made_empty (void)
{
  PlainResult *result = hand_made (plain_result_get_type (), NULL);

  result->user_data = NULL;
  g_assert_null (g_async_result_get_user_data (G_ASYNC_RESULT (result)));
  g_assert_null (g_async_result_get_source_object (G_ASYNC_RESULT (result)));
  g_assert_cmpuint (result->n_questions, ==, 2);
  g_object_unref (result);
}

/* #661767: without is_tagged the answer is FALSE, for any tag. */
static void
test_no_is_tagged (void)
{
  PlainResult *result = hand_made (plain_result_get_type (), NULL);
  GAsyncResultIface *iface = G_ASYNC_RESULT_GET_IFACE (result);

  g_assert_null (iface->is_tagged);
  g_assert_cmpint (g_async_result_is_tagged (G_ASYNC_RESULT (result), &tag), ==, FALSE);
  g_assert_cmpint (g_async_result_is_tagged (G_ASYNC_RESULT (result), NULL), ==, FALSE);
  g_assert_cmpuint (result->n_questions, ==, 0);
  g_object_unref (result);
}

/* A third party's result is neither a task nor a simple result. */
static void
test_hand_made_is_not_ours (void)
{
  PlainResult *result = hand_made (tagged_result_get_type (), NULL);

  g_assert_false (g_task_is_valid (result, NULL));
  g_assert_false (g_simple_async_result_is_valid (G_ASYNC_RESULT (result), NULL, NULL));
  g_assert_false (G_IS_TASK (result));
  g_assert_false (G_IS_SIMPLE_ASYNC_RESULT (result));
  g_object_unref (result);
}

static void
assert_answers (GAsyncResult *result, GObject *source)
{
  guint references = source->ref_count;
  GObject *answer = g_async_result_get_source_object (result);

  g_assert_true (answer == source);
  g_assert_cmpuint (source->ref_count, ==, references + 1);
  g_object_unref (answer);
  g_assert_true (g_async_result_get_user_data (result) == &user_data);
  g_assert_cmpint (g_async_result_is_tagged (result, &tag), ==, TRUE);
  g_assert_cmpint (g_async_result_is_tagged (result, &other_tag), ==, FALSE);
  g_assert_cmpint (g_async_result_is_tagged (result, NULL), ==, FALSE);
}

/* #596748: the library's own classes through the interface; the source object comes with a new reference. */
static void
test_own_classes (void)
{
  GObject *source = g_object_new (G_TYPE_OBJECT, NULL);
  GTask *task = g_task_new (source, NULL, NULL, &user_data);
  GSimpleAsyncResult *simple = g_simple_async_result_new (source, NULL, &user_data, &tag);

  g_task_set_source_tag (task, &tag);
  assert_answers (G_ASYNC_RESULT (task), source);
  assert_answers (G_ASYNC_RESULT (simple), source);
  g_task_return_boolean (task, TRUE);
  drain (NULL);
  g_object_unref (task);
  g_object_unref (simple);
  g_assert_cmpuint (source->ref_count, ==, 1);
  g_object_unref (source);
}

/* Without source, data and tag: NULL, NULL, and tagged with NULL. */
static void
test_own_classes_empty (void)
{
  GTask *task = g_task_new (NULL, NULL, NULL, NULL);
  GSimpleAsyncResult *simple = g_simple_async_result_new (NULL, NULL, NULL, NULL);
  GAsyncResult *results[] = { G_ASYNC_RESULT (task), G_ASYNC_RESULT (simple) };

  for (guint i = 0; i < G_N_ELEMENTS (results); i++)
    {
      g_assert_null (g_async_result_get_source_object (results[i]));
      g_assert_null (g_async_result_get_user_data (results[i]));
      g_assert_cmpint (g_async_result_is_tagged (results[i], NULL), ==, TRUE);
      g_assert_cmpint (g_async_result_is_tagged (results[i], &tag), ==, FALSE);
    }
  g_task_return_boolean (task, TRUE);
  drain (NULL);
  g_object_unref (task);
  g_object_unref (simple);
}

/* /gtask/legacy-error: a simple result hands over its error itself, no copy. */
static void
test_legacy_simple (void)
{
  GSimpleAsyncResult *simple = g_simple_async_result_new (NULL, NULL, NULL, NULL);
  GError *original = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_EXISTS, "text"), *error = NULL;

  g_assert_cmpint (g_async_result_legacy_propagate_error (G_ASYNC_RESULT (simple), &error), ==, FALSE);
  g_assert_no_error (error);
  g_simple_async_result_take_error (simple, original);
  g_assert_cmpint (g_async_result_legacy_propagate_error (G_ASYNC_RESULT (simple), &error), ==, TRUE);
  g_assert_true (error == original);
  g_clear_error (&error);
  g_object_unref (simple);
}

/* What the simple result says of its check-cancellable counts here too; no variable is needed. */
static void
test_legacy_simple_cancelled (void)
{
  GSimpleAsyncResult *simple = g_simple_async_result_new (NULL, NULL, NULL, NULL);
  GCancellable *cancellable = g_cancellable_new ();
  GError *error = NULL;

  g_simple_async_result_set_check_cancellable (simple, cancellable);
  g_assert_cmpint (g_async_result_legacy_propagate_error (G_ASYNC_RESULT (simple), &error), ==, FALSE);
  g_cancellable_cancel (cancellable);
  g_assert_cmpint (g_async_result_legacy_propagate_error (G_ASYNC_RESULT (simple), &error), ==, TRUE);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);
  g_assert_cmpint (g_async_result_legacy_propagate_error (G_ASYNC_RESULT (simple), NULL), ==, TRUE);
  g_object_unref (simple);
  g_object_unref (cancellable);
}

/* A task keeps its error for its own propagate function, also when it is cancelled. */
static void
test_legacy_task (void)
{
  GCancellable *cancellable = g_cancellable_new ();
  GTask *task = g_task_new (NULL, cancellable, NULL, NULL);
  GError *original = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_EXISTS, "text"), *error = NULL;

  g_task_return_error (task, original);
  g_cancellable_cancel (cancellable);
  g_assert_cmpint (g_async_result_legacy_propagate_error (G_ASYNC_RESULT (task), &error), ==, FALSE);
  g_assert_no_error (error);
  g_cancellable_reset (cancellable);
  g_assert_cmpint (g_task_propagate_int (task, &error), ==, -1);
  g_assert_true (error == original);
  g_clear_error (&error);
  drain (NULL);
  g_object_unref (task);
  g_object_unref (cancellable);
}

/* FALSE for a third party, which is not even asked. */
static void
test_legacy_hand_made (void)
{
  PlainResult *result = hand_made (tagged_result_get_type (), NULL);
  GError *error = NULL;

  g_assert_cmpint (g_async_result_legacy_propagate_error (G_ASYNC_RESULT (result), &error), ==, FALSE);
  g_assert_no_error (error);
  g_assert_cmpint (g_async_result_legacy_propagate_error (G_ASYNC_RESULT (result), NULL), ==, FALSE);
  g_assert_cmpuint (result->n_questions, ==, 0);
  g_object_unref (result);
}

#define PATH "/async-result/"

static const Case cases[] = {
  { PATH "type", test_type, NULL, 0 },
  { PATH "type/threads", test_type_in_threads, NULL, 0 },
  { PATH "hand-made", test_hand_made, NULL, 0 },
  { PATH "hand-made/empty", test_hand_made_empty, NULL, 0 },
  { PATH "hand-made/no-is-tagged", test_no_is_tagged, NULL, 0 },
  { PATH "hand-made/not-ours", test_hand_made_is_not_ours, NULL, 0 },
  { PATH "own-classes", test_own_classes, NULL, 0 },
  { PATH "own-classes/empty", test_own_classes_empty, NULL, 0 },
  { PATH "legacy/simple", test_legacy_simple, NULL, 0 },
  { PATH "legacy/simple/cancelled", test_legacy_simple_cancelled, NULL, 0 },
  { PATH "legacy/task", test_legacy_task, NULL, 0 },
  { PATH "legacy/hand-made", test_legacy_hand_made, NULL, 0 },
};

HARNESS_MAIN (cases)
