/* Contract, section 7: where and when a GSimpleAsyncResult is delivered, from the loop and from threads. */
#include "counted-error.h"

static char tag, user_data;

/* What the callback saw, the last time. Written in the thread of the delivery, read after n_calls. */
static struct
{
  gint n_calls;
  GAsyncResult *result;
  GObject *source_object;
  gpointer user_data;
  GError *error;
  GThread *thread;
  GMainContext *context;
  int priority;
} seen;

static void
on_ready (GObject *source_object, GAsyncResult *result, gpointer data)
{
  GSource *source = g_main_current_source ();

  g_clear_error (&seen.error);
  g_simple_async_result_propagate_error (G_SIMPLE_ASYNC_RESULT (result), &seen.error);
  seen.result = result;
  seen.source_object = source_object;
  seen.user_data = data;
  seen.thread = g_thread_self ();
  seen.context = g_main_context_get_thread_default ();
  seen.priority = source ? g_source_get_priority (source) : G_MAXINT;
  g_atomic_int_inc (&seen.n_calls);
}

static void
forget (void)
{
  g_clear_error (&seen.error);
  seen.n_calls = 0;
}

static GSimpleAsyncResult *
new_simple (void)
{
  return g_simple_async_result_new (NULL, on_ready, &user_data, &tag);
}

static GSimpleAsyncResult *
new_simple_in (GMainContext *context)
{
  GSimpleAsyncResult *simple;

  g_main_context_push_thread_default (context);
  simple = new_simple ();
  g_main_context_pop_thread_default (context);
  return simple;
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

/* complete() calls at once, with what the constructor was given. */
static void
test_complete (void)
{
  GObject *source = g_object_new (G_TYPE_OBJECT, NULL);
  GSimpleAsyncResult *simple = g_simple_async_result_new (source, on_ready, &user_data, NULL);

  forget ();
  g_simple_async_result_complete (simple);
  g_assert_cmpint (seen.n_calls, ==, 1);
  g_assert_true (seen.result == G_ASYNC_RESULT (simple));
  g_assert_true (seen.source_object == source);
  g_assert_true (seen.user_data == &user_data);
  g_assert_no_error (seen.error);
  drain (NULL);
  g_assert_cmpint (seen.n_calls, ==, 1);
  finalize (simple);
  g_object_unref (source);
}

/* #653484: without a callback nothing is called, and all is released. */
static void
test_no_callback (void)
{
  GSimpleAsyncResult *simple = g_simple_async_result_new (NULL, NULL, NULL, NULL);

  g_simple_async_result_complete (simple);
  g_simple_async_result_complete_in_idle (simple);
  g_assert_cmpuint (drain (NULL), ==, 1);
  finalize (simple);
  g_simple_async_report_error_in_idle (NULL, NULL, NULL, G_IO_ERROR, G_IO_ERROR_BUSY, "text");
  g_assert_cmpuint (drain (NULL), ==, 1);
}

/* #646957: the context of the creation is the thread-default one during the callback, and only then. */
static void
test_complete_pushes_context (void)
{
  GMainContext *context = g_main_context_new ();
  GSimpleAsyncResult *simple = new_simple_in (context);

  forget ();
  g_simple_async_result_complete (simple);
  g_assert_cmpint (seen.n_calls, ==, 1);
  g_assert_true (seen.context == context);
  g_assert_null (g_main_context_get_thread_default ());
  finalize (simple);
  g_main_context_unref (context);
}

/* complete() from the dispatch of a source, which may have been destroyed meanwhile. */
typedef struct
{
  GSimpleAsyncResult *simple;
  gboolean destroy_first;
} CompleteInSource;

static gboolean
complete_in_source (gpointer data)
{
  CompleteInSource *call = data;

  if (call->destroy_first)
    g_source_destroy (g_main_current_source ());
  g_simple_async_result_complete (call->simple);
  return G_SOURCE_REMOVE;
}

static void
complete_from (GMainContext *context, GSimpleAsyncResult *simple, gboolean destroy_first)
{
  CompleteInSource call = { simple, destroy_first };
  GSource *source = g_idle_source_new ();

  forget ();
  g_source_set_callback (source, complete_in_source, &call, NULL);
  g_source_attach (source, context);
  g_source_unref (source);
  drain (context);
  g_assert_cmpint (seen.n_calls, ==, 1);
}

static void
on_ready_warned (GObject *source_object, GAsyncResult *result, gpointer data)
{
  g_test_assert_expected_messages ();
  on_ready (source_object, result, data);
}

/* From a source of another context: a warning first, and the callback all the same. */
static void
test_wrong_context (void)
{
  GMainContext *context = g_main_context_new ();
  GSimpleAsyncResult *simple;

  g_main_context_push_thread_default (context);
  simple = g_simple_async_result_new (NULL, on_ready_warned, NULL, NULL);
  g_main_context_pop_thread_default (context);
  g_test_expect_message ("GLib-GIO", G_LOG_LEVEL_WARNING,
                         "g_simple_async_result_complete() called from wrong context!");
  complete_from (NULL, simple, FALSE);
  g_assert_true (seen.context == context);
  g_main_context_unref (context);
  finalize (simple);

  simple = g_simple_async_result_new (NULL, on_ready_warned, NULL, NULL);
  context = g_main_context_new ();
  g_test_expect_message ("GLib-GIO", G_LOG_LEVEL_WARNING,
                         "g_simple_async_result_complete() called from wrong context!");
  complete_from (context, simple, FALSE);
  finalize (simple);
  g_main_context_unref (context);
}

/* From a source of its own context, or outside any loop, there is no warning. */
static void
test_right_context (void)
{
  GMainContext *context = g_main_context_new ();
  GSimpleAsyncResult *simple = new_simple_in (context);

  complete_from (context, simple, FALSE);
  g_assert_true (seen.context == context);
  finalize (simple);
  simple = new_simple ();
  complete_from (NULL, simple, FALSE);
  finalize (simple);
  g_main_context_unref (context);
}

/* #596748: a current source that is destroyed already has no context to compare, and nothing is logged. */
static void
test_destroyed_source (void)
{
  GMainContext *context = g_main_context_new ();
  GSimpleAsyncResult *simple = new_simple_in (context);

  complete_from (NULL, simple, TRUE);
  g_assert_true (seen.context == context);
  complete_from (context, simple, TRUE);
  finalize (simple);
  g_main_context_unref (context);
}

/* #579984: complete_in_idle() delivers in the context of the creation, later, at the default priority, and
 * holds a reference until then. */
static void
test_complete_in_idle (void)
{
  GMainContext *context = g_main_context_new ();
  GSimpleAsyncResult *simple = new_simple_in (context);
  gpointer weak = simple;

  forget ();
  g_object_add_weak_pointer (G_OBJECT (simple), &weak);
  g_simple_async_result_complete_in_idle (simple);
  g_object_unref (simple);
  g_assert_nonnull (weak);
  g_assert_cmpuint (drain (NULL), ==, 0);
  g_assert_cmpint (seen.n_calls, ==, 0);
  g_assert_cmpuint (drain (context), ==, 1);
  g_assert_cmpint (seen.n_calls, ==, 1);
  g_assert_true (seen.context == context);
  g_assert_cmpint (seen.priority, ==, G_PRIORITY_DEFAULT);
  g_assert_null (weak);
  g_main_context_unref (context);
}

static gpointer
iterate_until_called (gpointer context)
{
  wait_for_count (context, &seen.n_calls, 1);
  return NULL;
}

/* The callback comes in the thread that runs the context. */
static void
test_complete_in_idle_elsewhere (void)
{
  GMainContext *context = g_main_context_new ();
  GSimpleAsyncResult *simple = new_simple_in (context);
  GThread *thread;

  forget ();
  g_simple_async_result_complete_in_idle (simple);
  thread = g_thread_new ("context", iterate_until_called, context);
  g_thread_join (thread);
  g_assert_true (seen.thread == thread);
  g_assert_true (seen.context == context);
  finalize (simple);
  g_main_context_unref (context);
}

static GString *order;

static void
note_order (GObject *source_object G_GNUC_UNUSED, GAsyncResult *result G_GNUC_UNUSED, gpointer data)
{
  g_string_append (order, data);
}

static gboolean
note_source (gpointer data)
{
  g_string_append (order, data);
  return G_SOURCE_REMOVE;
}

/* Results come in the order of their completion, among the sources of the default priority. */
static void
test_order (void)
{
  char *names[] = { "a", "b", "c", "d" };
  GSimpleAsyncResult *simples[4];

  order = g_string_new (NULL);
  for (guint i = 0; i < 4; i++)
    simples[i] = g_simple_async_result_new (NULL, note_order, names[i], NULL);
  g_idle_add_full (G_PRIORITY_HIGH_IDLE, note_source, "-", NULL);
  for (guint i = 4; i > 0; i--)
    {
      g_simple_async_result_complete_in_idle (simples[i - 1]);
      g_object_unref (simples[i - 1]);
    }
  g_idle_add_full (G_PRIORITY_HIGH, note_source, "+", NULL);
  drain (NULL);
  g_assert_cmpstr (order->str, ==, "+dcba-");
  g_string_free (order, TRUE);
}

static void
report_one (guint kind, GObject *source, GError *error)
{
  switch (kind)
    {
    case 0:
      g_simple_async_report_error_in_idle (source, on_ready, &user_data, counted_error_quark (), 1, "%s %d%%",
                                           "counted", 1);
      break;
    case 1:
      g_simple_async_report_gerror_in_idle (source, on_ready, &user_data, error);
      break;
    default:
      g_simple_async_report_take_gerror_in_idle (source, on_ready, &user_data, error);
    }
}

static void
assert_reported (guint kind, GObject *source, GError *error)
{
  g_assert_cmpint (seen.n_calls, ==, 1);
  g_assert_true (seen.source_object == source);
  g_assert_true (seen.user_data == &user_data);
  g_assert_cmpint (seen.priority, ==, G_PRIORITY_DEFAULT);
  g_assert_error (seen.error, counted_error_quark (), 1);
  g_assert_cmpstr (seen.error->message, ==, kind == 0 ? "counted 1%" : "counted 1");
  g_assert_cmpint (seen.error == error, ==, kind == 2);
}

/* The three reports: later, in the thread-default context of now, with the source object held; #636673:
 * or none. #633686: the second copies the error, the third takes it. */
static void
test_report (gconstpointer with_source)
{
  for (guint kind = 0; kind < 3; kind++)
    {
      GMainContext *context = g_main_context_new ();
      GObject *source = with_source ? g_object_new (G_TYPE_OBJECT, NULL) : NULL;
      GError *error = counted_error_new (1);
      gpointer weak = source;

      forget ();
      g_main_context_push_thread_default (context);
      report_one (kind, source, error);
      g_main_context_pop_thread_default (context);
      if (source)
        {
          g_object_add_weak_pointer (source, &weak);
          g_object_unref (source);
          g_assert_nonnull (weak);
        }
      g_assert_cmpuint (drain (NULL), ==, 0);
      g_assert_cmpint (seen.n_calls, ==, 0);
      drain (context);
      assert_reported (kind, source, error);
      g_assert_true (seen.context == context);
      g_assert_null (weak);
      if (kind != 2)
        g_error_free (error);
      forget ();
      g_assert_cmpint (count_errors (), ==, 0);
      g_main_context_unref (context);
    }
}

static void
test_report_with_source (void)
{
  test_report (&tag);
}

static void
test_report_without_source (void)
{
  test_report (NULL);
}

/* What was reported is a simple result without a tag; its error is freed when nobody fetches it. */
static void
ignore_error (GObject *source_object, GAsyncResult *result, gpointer data G_GNUC_UNUSED)
{
  g_assert_true (g_simple_async_result_is_valid (result, source_object, &tag));
  g_assert_null (g_simple_async_result_get_source_tag (G_SIMPLE_ASYNC_RESULT (result)));
  g_atomic_int_inc (&seen.n_calls);
}

static void
test_report_ignored (void)
{
  forget ();
  g_simple_async_report_take_gerror_in_idle (NULL, ignore_error, NULL, counted_error_new (1));
  g_assert_cmpint (count_errors (), ==, 1);
  drain (NULL);
  g_assert_cmpint (seen.n_calls, ==, 1);
  g_assert_cmpint (count_errors (), ==, 0);
}

#define PATH "/simple-async-result/"

static const Case cases[] = {
  { PATH "complete", test_complete, NULL, 0 },
  { PATH "complete/no-callback", test_no_callback, NULL, 0 },
  { PATH "complete/pushes-context", test_complete_pushes_context, NULL, 0 },
  { PATH "complete/wrong-context", test_wrong_context, NULL, 0 },
  { PATH "complete/right-context", test_right_context, NULL, 0 },
  { PATH "complete/destroyed-source", test_destroyed_source, NULL, 0 },
  { PATH "in-idle", test_complete_in_idle, NULL, 0 },
  { PATH "in-idle/elsewhere", test_complete_in_idle_elsewhere, NULL, 0 },
  { PATH "in-idle/order", test_order, NULL, 0 },
  { PATH "report", test_report_with_source, NULL, 0 },
  { PATH "report/no-source", test_report_without_source, NULL, 0 },
  { PATH "report/ignored", test_report_ignored, NULL, 0 },
};

HARNESS_MAIN (cases)
