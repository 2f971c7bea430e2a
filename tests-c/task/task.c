/* GTask as an object: its type, its properties, its names, its data, and bad arguments. */
#include "task-helpers.h"

static GTask *
finish (GTask *task)
{
  g_task_return_boolean (task, TRUE);
  drain (g_task_get_context (task));
  return task;
}

/* The type: name, parent, interface. */
static void
test_type (void)
{
  g_assert_cmpstr (g_type_name (G_TYPE_TASK), ==, "GTask");
  g_assert_cmpuint (g_type_parent (G_TYPE_TASK), ==, G_TYPE_OBJECT);
  g_assert_true (g_type_is_a (G_TYPE_TASK, G_TYPE_ASYNC_RESULT));
  g_assert_false (G_TYPE_IS_ABSTRACT (G_TYPE_TASK));
}

static GParamSpecBoolean *
find_completed (void)
{
  GObjectClass *class = g_type_class_ref (G_TYPE_TASK);
  GParamSpec *property = g_object_class_find_property (class, "completed");

  g_assert_true (G_IS_PARAM_SPEC_BOOLEAN (property));
  g_type_class_unref (class);
  return G_PARAM_SPEC_BOOLEAN (property);
}

/* The property `completed`: boolean, FALSE at first, readable only (743636). */
static void
test_completed_property (void)
{
  GParamSpecBoolean *property = find_completed ();

  g_assert_false (property->default_value);
  g_assert_cmpint (G_PARAM_SPEC (property)->flags, ==, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
}

/* `completed` has neither nick nor blurb (#2991). */
static void
test_completed_strings (void)
{
  GParamSpec *property = G_PARAM_SPEC (find_completed ());

  g_assert_cmpstr (g_param_spec_get_nick (property), ==, "completed");
  g_assert_null (g_param_spec_get_blurb (property));
}

/* What a new task answers, without and with everything given. */
static void
test_defaults (void)
{
  GObject *source = g_object_new (G_TYPE_OBJECT, NULL);
  GCancellable *cancellable = g_cancellable_new ();
  GTask *bare = g_task_new (NULL, NULL, NULL, NULL);
  GTask *full = g_task_new (source, cancellable, NULL, &bare);

  g_assert_null (g_task_get_source_object (bare));
  g_assert_null (g_task_get_cancellable (bare));
  g_assert_null (g_task_get_task_data (bare));
  g_assert_null (g_task_get_source_tag (bare));
  g_assert_null (g_task_get_name (bare));
  g_assert_cmpint (g_task_get_priority (bare), ==, G_PRIORITY_DEFAULT);
  g_assert_true (g_task_get_context (bare) == g_main_context_default ());
  g_assert_cmpint (g_task_get_check_cancellable (bare), ==, TRUE);
  g_assert_cmpint (g_task_get_return_on_cancel (bare), ==, FALSE);
  g_assert_cmpint (g_task_get_completed (bare), ==, FALSE);
  g_assert_cmpint (g_task_had_error (bare), ==, FALSE);

  g_assert_true (g_task_get_source_object (full) == (gpointer) source);
  g_assert_true (g_task_get_cancellable (full) == cancellable);
  g_assert_true (g_async_result_get_user_data (G_ASYNC_RESULT (full)) == &bare);

  g_object_unref (finish (bare));
  g_object_unref (finish (full));
  g_assert_finalize_object (source);
  g_assert_finalize_object (cancellable);
}

/* Setters store; booleans are answered as exactly 0 or 1 (#1636). */
static void
test_setters (void)
{
  GTask *task = g_task_new (NULL, NULL, NULL, NULL);

  g_task_set_priority (task, -17);
  g_assert_cmpint (g_task_get_priority (task), ==, -17);
  g_task_set_check_cancellable (task, FALSE);
  g_assert_cmpint (g_task_get_check_cancellable (task), ==, FALSE);
  g_task_set_check_cancellable (task, TRUE);
  g_assert_cmpint (g_task_get_check_cancellable (task), ==, TRUE);
  g_assert_cmpint (g_task_set_return_on_cancel (task, TRUE), ==, TRUE);
  g_assert_cmpint (g_task_get_return_on_cancel (task), ==, TRUE);
  g_assert_cmpint (g_task_set_return_on_cancel (task, FALSE), ==, TRUE);
  g_assert_cmpint (g_task_get_return_on_cancel (task), ==, FALSE);
  g_assert_finalize_object (finish (task));
}

/* return-on-cancel needs check-cancellable: setting one against the other is refused. */
static void
test_return_on_cancel_needs_check (void)
{
  GTask *task = g_task_new (NULL, NULL, NULL, NULL);

  g_assert_true (g_task_set_return_on_cancel (task, TRUE));
  expect_critical ("g_task_set_check_cancellable", "check_cancellable || !task->return_on_cancel");
  g_task_set_check_cancellable (task, FALSE);
  SEEN ();
  g_assert_true (g_task_get_check_cancellable (task));

  g_assert_true (g_task_set_return_on_cancel (task, FALSE));
  g_task_set_check_cancellable (task, FALSE);
  expect_critical ("g_task_set_return_on_cancel", "task->check_cancellable || !return_on_cancel");
  g_assert_false (g_task_set_return_on_cancel (task, TRUE));
  SEEN ();
  g_assert_false (g_task_get_return_on_cancel (task));
  g_assert_true (g_task_set_return_on_cancel (task, FALSE));
  g_assert_finalize_object (finish (task));
}

/* Tags: only their addresses count. */
static char first_tag[1], second_tag[1];

/* The macro names an unnamed task after the tag; the function and a second tag do not (!1576). */
static void
test_source_tag (void)
{
  GTask *task = g_task_new (NULL, NULL, NULL, NULL);

  (g_task_set_source_tag) (task, first_tag);
  g_assert_true (g_task_get_source_tag (task) == first_tag);
  g_assert_true (g_async_result_is_tagged (G_ASYNC_RESULT (task), first_tag));
  g_assert_false (g_async_result_is_tagged (G_ASYNC_RESULT (task), second_tag));
  g_assert_null (g_task_get_name (task));

  g_task_set_source_tag (task, second_tag);
  g_assert_true (g_task_get_source_tag (task) == second_tag);
  g_assert_cmpstr (g_task_get_name (task), ==, "second_tag");

  g_task_set_source_tag (task, first_tag);
  g_assert_true (g_async_result_is_tagged (G_ASYNC_RESULT (task), first_tag));
  g_assert_cmpstr (g_task_get_name (task), ==, "second_tag");
  g_assert_finalize_object (finish (task));
}

/* A name is copied, may be the task's own, and NULL takes it away (!384). */
static void
test_name (void)
{
  GTask *task = g_task_new (NULL, NULL, NULL, NULL);
  char changing[] = "first";

  (g_task_set_name) (task, changing);
  changing[0] = 'X';
  g_assert_cmpstr (g_task_get_name (task), ==, "first");
  (g_task_set_name) (task, g_task_get_name (task));
  g_assert_cmpstr (g_task_get_name (task), ==, "first");
  g_task_set_name (task, "second");
  g_assert_cmpstr (g_task_get_name (task), ==, "second");
  g_task_set_name (task, NULL);
  g_assert_null (g_task_get_name (task));
  g_assert_finalize_object (finish (task));
}

#ifndef ON_GIO
static const char *
name_with_constant (GTask *task)
{
  g_task_set_name (task, "one and the same constant");
  return g_task_get_name (task);
}
#endif

/* A static name is kept, not copied; the g_task_set_name() macro does so with constants (#2805). */
static void
test_static_name (void)
{
#ifdef ON_GIO
  g_test_message ("libgio 2.74.6 has no g_task_set_static_name()");
  g_test_fail ();
#else
  static const char lasting[] = "lasting";
  char passing[] = "passing";
  GTask *task = g_task_new (NULL, NULL, NULL, NULL);
  GTask *other = g_task_new (NULL, NULL, NULL, NULL);

  (g_task_set_name) (task, "copied");
  g_task_set_static_name (task, lasting);
  g_assert_true (g_task_get_name (task) == lasting);
  g_assert_true (name_with_constant (task) == name_with_constant (other));
  g_task_set_name (task, passing);
  g_assert_true (g_task_get_name (task) != passing);
  g_assert_cmpstr (g_task_get_name (task), ==, "passing");
  g_task_set_static_name (task, NULL);
  g_assert_null (g_task_get_name (task));
  g_assert_finalize_object (finish (task));
  g_assert_finalize_object (finish (other));

  expect_critical ("g_task_set_static_name", "G_IS_TASK (task)");
  g_task_set_static_name (NULL, lasting);
  SEEN ();
#endif
}

/* Task data: the old one goes when a new one comes, the last one with the task, each once, even NULL. */
static void
test_task_data (void)
{
  GTask *task = g_task_new (NULL, NULL, NULL, NULL);
  gint first = 0, second = 0;

  g_task_set_task_data (task, &first, count_destroy);
  g_assert_true (g_task_get_task_data (task) == &first);
  g_task_set_task_data (task, &first, count_destroy);
  g_assert_cmpint (first, ==, 1);
  g_task_set_task_data (task, &second, NULL);
  g_assert_cmpint (first, ==, 2);
  g_task_set_task_data (task, NULL, NULL);
  g_assert_cmpint (second, ==, 0);
  finish (task);
  g_task_set_task_data (task, &second, count_destroy);
  g_assert_cmpint (second, ==, 0);
  g_assert_finalize_object (task);
  g_assert_cmpint (first, ==, 2);
  g_assert_cmpint (second, ==, 1);
}

static gint null_destroys;

static void
destroy_null (gpointer data)
{
  g_assert_null (data);
  null_destroys++;
}

/* Task data that is NULL is destroyed like any other. */
static void
test_null_task_data (void)
{
  GTask *task = g_task_new (NULL, NULL, NULL, NULL);

  null_destroys = 0;
  g_task_set_task_data (task, NULL, destroy_null);
  g_assert_cmpint (null_destroys, ==, 0);
  g_task_set_task_data (task, NULL, destroy_null);
  g_assert_cmpint (null_destroys, ==, 1);
  g_assert_finalize_object (finish (task));
  g_assert_cmpint (null_destroys, ==, 2);
}

/* is_valid: a GTask with that source object, NULL matching NULL; never a message. */
static void
test_is_valid (void)
{
  GObject *source = g_object_new (G_TYPE_OBJECT, NULL);
  GObject *other = g_object_new (G_TYPE_OBJECT, NULL);
  GTask *bare = g_task_new (NULL, NULL, NULL, NULL);
  GTask *task = g_task_new (source, NULL, NULL, NULL);

  g_assert_cmpint (g_task_is_valid (task, source), ==, TRUE);
  g_assert_cmpint (g_task_is_valid (bare, NULL), ==, TRUE);
  g_assert_false (g_task_is_valid (task, other));
  g_assert_false (g_task_is_valid (task, NULL));
  g_assert_false (g_task_is_valid (bare, source));
  g_assert_false (g_task_is_valid (source, source));
  g_assert_false (g_task_is_valid (NULL, NULL));
  g_object_unref (finish (bare));
  g_object_unref (finish (task));
  g_object_unref (source);
  g_object_unref (other);
}

/* Finalized before it returned: its data, source and cancellable go all the same. */
static void
test_never_returned (void)
{
  GObject *source = g_object_new (G_TYPE_OBJECT, NULL);
  GCancellable *cancellable = g_cancellable_new ();
  gint data = 0;
  GTask *task = g_task_new (source, cancellable, NULL, NULL);

  g_task_set_task_data (task, &data, count_destroy);
  g_assert_finalize_object (task);
  g_assert_cmpint (data, ==, 1);
  g_assert_finalize_object (source);
  g_assert_finalize_object (cancellable);
}

#define NEVER_RETURNED "finalized without ever returning (using g_task_return_*()). " \
                       "This potentially indicates a bug in the program."

/* A task with a callback that never returned is a critical when it goes (!385). */
static void
test_never_returned_critical (void)
{
  GObject *source = g_object_new (G_TYPE_OBJECT, NULL);
  GTask *named = g_task_new (source, NULL, note_call, NULL);
  GTask *unnamed = g_task_new (NULL, NULL, note_call, NULL);
  char *text;

  g_task_set_source_tag (named, first_tag);
  text = g_strdup_printf ("GTask first_tag (source object: %p, source tag: %p) " NEVER_RETURNED,
                          (gpointer) source, (gpointer) first_tag);
  g_test_expect_message ("GLib-GIO", G_LOG_LEVEL_CRITICAL, text);
  g_object_unref (named);
  SEEN ();
  g_free (text);

  text = g_strdup_printf ("GTask %p (source object: %p, source tag: %p) " NEVER_RETURNED, (gpointer) unnamed, NULL, NULL);
  g_test_expect_message ("GLib-GIO", G_LOG_LEVEL_CRITICAL, text);
  g_object_unref (unnamed);
  SEEN ();
  g_free (text);
  g_assert_finalize_object (source);
}

/* Without a callback the same text is a debug message, for whoever wants to see those (!385). */
static void
test_never_returned_debug (void)
{
  GTask *task = g_task_new (NULL, NULL, NULL, NULL);

  g_setenv ("G_MESSAGES_DEBUG", "all", TRUE);
  g_task_set_name (task, "silent one");
  g_test_expect_message ("GLib-GIO", G_LOG_LEVEL_DEBUG, "GTask silent one (source object: *) " NEVER_RETURNED);
  g_object_unref (task);
  SEEN ();
}

/* Vala compares with TRUE: a getter answers 0 or 1, whatever was set. */
static void
test_booleans (void)
{
  const gboolean truths[] = { TRUE, 2, 4, -1, G_MININT };

  for (guint i = 0; i < G_N_ELEMENTS (truths); i++)
    {
      GTask *task = g_task_new (NULL, NULL, NULL, NULL);

      g_task_set_check_cancellable (task, truths[i]);
      g_assert_cmpint (g_task_get_check_cancellable (task), ==, 1);
      g_assert_cmpint (g_task_set_return_on_cancel (task, truths[i]), ==, 1);
      g_assert_cmpint (g_task_get_return_on_cancel (task), ==, 1);
      g_object_unref (task);
    }
}

static const Case cases[] = {
  { "/task/type", test_type, NULL, 0 },
  { "/task/completed-property", test_completed_property, NULL, 0 },
  { "/task/completed-strings", test_completed_strings,
    "until 2.84: 1.17 (new): GTask:completed has no nick, no blurb", 0 },
  { "/task/defaults", test_defaults, NULL, 0 },
  { "/task/setters", test_setters, NULL, 0 },
  { "/task/booleans", test_booleans, "1.22 (better): every getter of a boolean returns exactly 0 or 1", 0 },
  { "/task/return-on-cancel-needs-check", test_return_on_cancel_needs_check, NULL, 0 },
  { "/task/source-tag", test_source_tag, NULL, 0 },
  { "/task/name", test_name, NULL, 0 },
  { "/task/static-name", test_static_name, "1.8 (new): g_task_set_static_name", 0 },
  { "/task/task-data", test_task_data, NULL, 0 },
  { "/task/null-task-data", test_null_task_data, NULL, 0 },
  { "/task/is-valid", test_is_valid, NULL, 0 },
  { "/task/never-returned", test_never_returned, NULL, 0 },
  { "/task/never-returned/critical", test_never_returned_critical,
    "until 2.84: 4.36 (new): finalized without ever returning", 0 },
  { "/task/never-returned/debug", test_never_returned_debug,
    "until 2.84: 4.36 (new): finalized without ever returning", 10 },
};

HARNESS_MAIN (cases)
