/* Contract, section 11: GAsyncInitable. */
#include <string.h>

#include "task-helpers.h"
#include "thing.h"

/* What became of one initialization. */
typedef struct
{
  gboolean called;
  GObject *made;
  GError *error;
  gpointer source_object;
  GAsyncResult *result;
} Made;

static void
on_made (GObject *source_object, GAsyncResult *result, gpointer data)
{
  Made *made = data;

  g_assert_false (made->called);
  made->called = TRUE;
  made->source_object = source_object;
  made->result = g_object_ref (result);
  made->made = g_async_initable_new_finish (G_ASYNC_INITABLE (source_object), result, &made->error);
}

static void
made_clear (Made *made)
{
  g_clear_object (&made->made);
  g_clear_error (&made->error);
  g_clear_object (&made->result);
  drain (NULL);
  memset (made, 0, sizeof *made);
}

static void
test_types (void)
{
  GAsyncInitableIface *iface = g_type_default_interface_ref (G_TYPE_ASYNC_INITABLE);
  guint n;
  GType *wanted = g_type_interface_prerequisites (G_TYPE_ASYNC_INITABLE, &n);

  g_assert_cmpuint (n, ==, 1);
  g_assert_true (wanted[0] == G_TYPE_OBJECT);
  g_free (wanted);
  g_assert_cmpstr (g_type_name (G_TYPE_ASYNC_INITABLE), ==, "GAsyncInitable");
  g_assert_nonnull (iface->init_async);
  g_assert_nonnull (iface->init_finish);
  g_assert_true (G_TYPE_IS_ASYNC_INITABLE (thing_get_type ()));
  g_assert_false (G_IS_ASYNC_INITABLE (NULL));
}

/* Each of the functions that make an object, in one form. */
typedef void Make (Mode mode, int priority, GCancellable *cancellable, Made *made);

static void
make_plainly (Mode mode, int priority, GCancellable *cancellable, Made *made)
{
  g_async_initable_new_async (thing_get_type (), priority, cancellable, on_made, made, "mode", mode, NULL);
}

static void
make_by_array (Mode mode, int priority, GCancellable *cancellable, Made *made)
{
  GParameter parameters[] = PARAMETER (mode);

  g_async_initable_newv_async (thing_get_type (), 1, parameters, priority, cancellable, on_made, made);
}

static void
make_by_list (int priority, GCancellable *cancellable, Made *made, const char *first, ...)
{
  va_list properties;

  va_start (properties, first);
  g_async_initable_new_valist_async (thing_get_type (), first, properties, priority, cancellable, on_made, made);
  va_end (properties);
}

static void
make_listed (Mode mode, int priority, GCancellable *cancellable, Made *made)
{
  make_by_list (priority, cancellable, made, "mode", mode, NULL);
}

static void
check_making (Make *make)
{
  GCancellable *cancellable = g_cancellable_new ();
  Made made = { 0 };
  GTask *task;

  forget_what_was_seen ();
  make (SUCCEEDS, 7, cancellable, &made);
  g_assert_false (made.called);
  wait_until (NULL, &made.called);
  g_assert_no_error (made.error);
  g_assert_nonnull (made.made);
  g_assert_true (made.made == made.source_object);
  g_assert_true (g_object_is_floating (made.made));
  g_assert_true (seen.initable == (gpointer) made.made);
  g_assert_true (seen.cancellable == cancellable);
  g_assert_true (seen.wants_error);
  g_assert_true (seen.thread != g_thread_self ());
  task = G_TASK (made.result);
  g_assert_true (g_task_is_valid (task, made.source_object));
  g_assert_cmpint (g_task_get_priority (task), ==, 7);
  g_assert_cmpstr (g_task_get_name (task), ==, "g_async_initable_real_init_async");
  g_assert_nonnull (g_task_get_source_tag (task));
  g_assert_null (g_task_get_task_data (task));
  g_assert_true (g_task_get_check_cancellable (task));
  g_assert_false (g_task_get_return_on_cancel (task));
  made_clear (&made);
  wait_for_count (NULL, &seen.finalized, 1);

  make (FAILS, 0, cancellable, &made);
  wait_until (NULL, &made.called);
  g_assert_error (made.error, G_IO_ERROR, G_IO_ERROR_BUSY);
  g_assert_null (made.made);
  made_clear (&made);
  wait_for_count (NULL, &seen.finalized, 2);

  make (ANSWERS_SEVENTEEN, 0, NULL, &made);
  wait_until (NULL, &made.called);
  g_assert_nonnull (made.made);
  made_clear (&made);

  make (WAITS_FOR_CANCELLATION, 0, cancellable, &made);
  wait_for_count (NULL, &seen.calls, 4);
  g_cancellable_cancel (cancellable);
  wait_until (NULL, &made.called);
  g_assert_error (made.error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  made_clear (&made);

  /* Cancelled before: the method is called all the same. */
  make (SUCCEEDS, 0, cancellable, &made);
  wait_until (NULL, &made.called);
  g_assert_error (made.error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_null (made.made);
  made_clear (&made);
  g_assert_cmpint (seen.calls, ==, 5);
  wait_for_count (NULL, &seen.finalized, 5);
  g_object_unref (cancellable);
}

static void
test_new (void)
{
  check_making (make_plainly);
}

static void
test_newv (void)
{
  check_making (make_by_array);
}

static void
test_new_valist (void)
{
  check_making (make_listed);
}

static void
test_no_callback (void)
{
  forget_what_was_seen ();
  g_async_initable_new_async (thing_get_type (), 0, NULL, NULL, NULL, NULL);
  wait_for_count (NULL, &seen.finalized, 1);
  g_assert_cmpint (seen.calls, ==, 1);
}

/* FALSE without an error leaves the task without a result. */
static void
test_fails_silently (void)
{
  Made made = { 0 };

  forget_what_was_seen ();
  expect_critical ("g_task_return_error", "error != NULL");
  expect_no_result ();
  expect_critical ("g_task_propagate_boolean", "task->result_set");
  g_async_initable_new_async (thing_get_type (), 0, NULL, on_made, &made, "mode", FAILS_SILENTLY, NULL);
  wait_until (NULL, &made.called);
  SEEN ();
  g_assert_null (made.made);
  g_assert_no_error (made.error);
  made_clear (&made);
}

/* A result that comes with an error is TRUE all the same, and the error is freed with the thread's. */
static void
test_succeeds_with_error (void)
{
  Made made = { 0 };

  g_async_initable_new_async (thing_get_type (), 0, NULL, on_made, &made, "mode", SUCCEEDS_WITH_ERROR, NULL);
  wait_until (NULL, &made.called);
  g_assert_nonnull (made.made);
  g_assert_no_error (made.error);
  made_clear (&made);
}

/* The callback comes in the context in which the initialization began. */
static void
test_context (void)
{
  GMainContext *context = g_main_context_new ();
  Made made = { 0 };

  g_main_context_push_thread_default (context);
  g_async_initable_new_async (thing_get_type (), 0, NULL, on_made, &made, NULL);
  g_main_context_pop_thread_default (context);
  g_usleep (20000);
  drain (NULL);
  g_assert_false (made.called);
  wait_until (context, &made.called);
  made_clear (&made);
  drain (context);
  g_main_context_unref (context);
}

/* What a finish function is given that no initialization has made. */
static void
test_finish (void)
{
  GAsyncInitable *thing = g_object_ref_sink (g_object_new (thing_get_type (), NULL));
  GSimpleAsyncResult *simple = g_simple_async_result_new (G_OBJECT (thing), NULL, NULL, NULL);
  GTask *own = g_task_new (thing, NULL, NULL, NULL);
  GTask *foreign = g_task_new (NULL, NULL, NULL, NULL);
  GError *error = NULL;

  g_task_return_boolean (own, 5);
  g_assert_cmpint (g_async_initable_init_finish (thing, G_ASYNC_RESULT (own), &error), ==, 5);
  g_task_return_boolean (foreign, TRUE);
  expect_critical ("g_async_initable_real_init_finish", "g_task_is_valid (res, initable)");
  g_assert_false (g_async_initable_init_finish (thing, G_ASYNC_RESULT (foreign), &error));
  SEEN ();
  g_assert_true (g_async_initable_init_finish (thing, G_ASYNC_RESULT (simple), &error));
  g_assert_true (g_async_initable_new_finish (thing, G_ASYNC_RESULT (simple), &error) == G_OBJECT (thing));
  g_assert_cmpuint (G_OBJECT (thing)->ref_count, ==, 4);
  g_object_unref (thing);
  g_assert_no_error (error);
  g_simple_async_result_set_error (simple, G_IO_ERROR, G_IO_ERROR_BUSY, "busy");
  g_assert_false (g_async_initable_init_finish (thing, G_ASYNC_RESULT (simple), &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_BUSY);
  g_clear_error (&error);
  drain (NULL);
  g_assert_finalize_object (own);
  g_assert_finalize_object (foreign);
  g_assert_finalize_object (simple);
  g_assert_finalize_object (thing);
}

/* A class with methods of its own, and without GInitable. */
typedef GObject Own;
typedef GObjectClass OwnClass;

static struct
{
  gint begun, finished;
  gpointer initable;
  int priority;
  GCancellable *cancellable;
  GAsyncReadyCallback callback;
  gpointer data;
  GAsyncResult *result;
  GError **error;
} own_seen;

static GType own_get_type (void);
static void own_async_initable_init (GAsyncInitableIface *iface);
G_DEFINE_TYPE_WITH_CODE (Own, own, G_TYPE_OBJECT,
                         G_IMPLEMENT_INTERFACE (G_TYPE_ASYNC_INITABLE, own_async_initable_init))

static void
own_init_async (GAsyncInitable *initable, int priority, GCancellable *cancellable, GAsyncReadyCallback callback,
                gpointer data)
{
  own_seen.begun++;
  own_seen.initable = initable;
  own_seen.priority = priority;
  own_seen.cancellable = cancellable;
  own_seen.callback = callback;
  own_seen.data = data;
}

static gboolean
own_init_finish (GAsyncInitable *initable G_GNUC_UNUSED, GAsyncResult *result, GError **error)
{
  own_seen.finished++;
  own_seen.result = result;
  own_seen.error = error;
  return 33;
}

static void
own_async_initable_init (GAsyncInitableIface *iface)
{
  iface->init_async = own_init_async;
  iface->init_finish = own_init_finish;
}

static void
own_class_init (OwnClass *class G_GNUC_UNUSED)
{
}

static void
own_init (Own *self G_GNUC_UNUSED)
{
}

static void
test_own_methods (void)
{
  GAsyncInitable *own = g_object_new (own_get_type (), NULL);
  GSimpleAsyncResult *simple = g_simple_async_result_new (NULL, NULL, NULL, NULL);
  GCancellable *cancellable = g_cancellable_new ();
  GError *error = NULL;

  g_async_initable_init_async (own, -3, cancellable, on_made, &error);
  g_assert_cmpint (own_seen.begun, ==, 1);
  g_assert_true (own_seen.initable == (gpointer) own);
  g_assert_cmpint (own_seen.priority, ==, -3);
  g_assert_true (own_seen.cancellable == cancellable);
  g_assert_true (own_seen.callback == on_made);
  g_assert_true (own_seen.data == (gpointer) &error);
  g_assert_cmpint (g_async_initable_init_finish (own, G_ASYNC_RESULT (simple), &error), ==, 33);
  g_assert_true (own_seen.result == G_ASYNC_RESULT (simple));
  g_assert_true (own_seen.error == &error);

  /* It has failed: nobody is asked. */
  g_simple_async_result_set_error (simple, G_IO_ERROR, G_IO_ERROR_BUSY, "busy");
  g_assert_false (g_async_initable_init_finish (own, G_ASYNC_RESULT (simple), &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_BUSY);
  g_clear_error (&error);
  g_assert_cmpint (own_seen.finished, ==, 1);
  g_assert_finalize_object (simple);
  g_assert_finalize_object (own);
  g_object_unref (cancellable);
}

/* A class that has neither methods nor GInitable, or that takes the methods away. */
typedef GObject Hollow;
typedef GObjectClass HollowClass;

static gboolean takes_methods_away;
static GType hollow_get_type (void);
static void hollow_async_initable_init (GAsyncInitableIface *iface);
G_DEFINE_TYPE_WITH_CODE (Hollow, hollow, G_TYPE_OBJECT,
                         G_IMPLEMENT_INTERFACE (G_TYPE_ASYNC_INITABLE, hollow_async_initable_init))

static void
hollow_async_initable_init (GAsyncInitableIface *iface)
{
  if (!takes_methods_away)
    return;
  iface->init_async = NULL;
  iface->init_finish = NULL;
}

static void
hollow_class_init (HollowClass *class G_GNUC_UNUSED)
{
}

static void
hollow_init (Hollow *self G_GNUC_UNUSED)
{
}

static void
test_not_initable (void)
{
  Made made = { 0 };

  expect_critical ("g_async_initable_real_init_async", "G_IS_INITABLE (initable)");
  g_async_initable_new_async (hollow_get_type (), 0, NULL, on_made, &made, NULL);
  SEEN ();
  g_usleep (10000);
  drain (NULL);
  g_assert_false (made.called);
}

static void
test_no_methods (void)
{
  GAsyncInitable *hollow;
  GTask *task;

  takes_methods_away = TRUE;
  hollow = g_object_new (hollow_get_type (), NULL);
  task = g_task_new (hollow, NULL, NULL, NULL);
  g_task_return_boolean (task, TRUE);
  expect_critical ("g_async_initable_init_async", "iface->init_async != NULL");
  g_async_initable_init_async (hollow, 0, NULL, NULL, NULL);
  expect_critical ("g_async_initable_init_finish", "iface->init_finish != NULL");
  g_assert_false (g_async_initable_init_finish (hollow, G_ASYNC_RESULT (task), NULL));
  SEEN ();
  drain (NULL);
  g_assert_finalize_object (task);
  g_assert_finalize_object (hollow);
}

/* A class with an older operation, and one that calls its parent's methods itself. */
typedef GObject Older;
typedef GObjectClass OlderClass;

static GType older_get_type (void);
static void older_async_initable_init (GAsyncInitableIface *iface);
G_DEFINE_TYPE_WITH_CODE (Older, older, G_TYPE_OBJECT,
                         G_IMPLEMENT_INTERFACE (G_TYPE_ASYNC_INITABLE, older_async_initable_init))

static void
older_init_async (GAsyncInitable *initable, int priority G_GNUC_UNUSED, GCancellable *cancellable G_GNUC_UNUSED,
                  GAsyncReadyCallback callback, gpointer data)
{
  g_simple_async_report_error_in_idle (G_OBJECT (initable), callback, data, G_IO_ERROR, G_IO_ERROR_BUSY, "busy");
}

static void
older_async_initable_init (GAsyncInitableIface *iface)
{
  iface->init_async = older_init_async;
}

static void
older_class_init (OlderClass *class G_GNUC_UNUSED)
{
}

static void
older_init (Older *self G_GNUC_UNUSED)
{
}

typedef Older Newer;
typedef OlderClass NewerClass;

static GType newer_get_type (void);
static GAsyncInitableIface *parents_table;
static void newer_async_initable_init (GAsyncInitableIface *iface);
G_DEFINE_TYPE_WITH_CODE (Newer, newer, older_get_type (),
                         G_IMPLEMENT_INTERFACE (G_TYPE_ASYNC_INITABLE, newer_async_initable_init))

static void
parent_is_ready (GObject *source_object, GAsyncResult *result, gpointer task)
{
  GError *error = NULL;

  if (parents_table->init_finish (G_ASYNC_INITABLE (source_object), result, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
  g_object_unref (task);
}

static void
newer_init_async (GAsyncInitable *initable, int priority, GCancellable *cancellable, GAsyncReadyCallback callback,
                  gpointer data)
{
  parents_table->init_async (initable, priority, cancellable, parent_is_ready,
                             g_task_new (initable, cancellable, callback, data));
}

static gboolean
newer_init_finish (GAsyncInitable *initable G_GNUC_UNUSED, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

static void
newer_async_initable_init (GAsyncInitableIface *iface)
{
  parents_table = g_type_interface_peek_parent (iface);
  iface->init_async = newer_init_async;
  iface->init_finish = newer_init_finish;
}

static void
newer_class_init (NewerClass *class G_GNUC_UNUSED)
{
}

static void
newer_init (Newer *self G_GNUC_UNUSED)
{
}

/* The parent's failure, in a result that only the method is given. */
static void
test_chain_up (void)
{
  Made made = { 0 };

  g_async_initable_new_async (newer_get_type (), 0, NULL, on_made, &made, NULL);
  wait_until (NULL, &made.called);
  g_assert_error (made.error, G_IO_ERROR, G_IO_ERROR_BUSY);
  g_assert_null (made.made);
  made_clear (&made);
}

static void
test_wrong_cancellable (void)
{
  GObject *object = g_object_new (G_TYPE_OBJECT, NULL);
  Made made = { 0 };

  forget_what_was_seen ();
  expect_critical ("g_async_initable_real_init_async", "!cancellable || G_IS_CANCELLABLE (cancellable)");
  g_async_initable_new_async (thing_get_type (), 0, (gpointer) object, on_made, &made, NULL);
  SEEN ();
  wait_until (NULL, &made.called);
  g_assert_nonnull (made.made);
  g_assert_null (seen.cancellable);
  made_clear (&made);
  g_assert_finalize_object (object);
}

static void
test_no_array (void)
{
  Made made = { 0 };

  expect_no_array ();
  g_async_initable_newv_async (thing_get_type (), 1, NULL, 0, NULL, on_made, &made);
  g_test_assert_expected_messages ();
  drain (NULL);
  g_assert_false (made.called);
}

/* The object goes with the operation. */
static void
test_leaves_thread (void)
{
  Made made = { 0 };

  forget_what_was_seen ();
  g_test_expect_message ("GLib-GIO", G_LOG_LEVEL_CRITICAL,
                         "*g_async_initable_real_init_async: its thread function returned without calling*");
  expect_critical ("g_task_propagate_boolean", "task->result_set");
  g_async_initable_new_async (thing_get_type (), 0, NULL, on_made, &made, "mode", LEAVES_THREAD, NULL);
  wait_until (NULL, &made.called);
  SEEN ();
  g_assert_null (made.made);
  g_assert_no_error (made.error);
  made_clear (&made);
  g_assert_cmpint (seen.finalized, ==, 1);
}

/* The functions that take properties are ours beside libgio, too. */
#ifdef BESIDE_GIO
#define ONE_CRITICAL NULL
#else
#define ONE_CRITICAL "11.13 (better): a missing array is one critical"
#endif

static const Case cases[] = {
  { "/async-initable/types", test_types, NULL, 0 },
  { "/async-initable/new", test_new, NULL, 0 },
  { "/async-initable/newv", test_newv, NULL, 0 },
  { "/async-initable/no-array", test_no_array, ONE_CRITICAL, 20 },
  { "/async-initable/leaves-thread", test_leaves_thread,
    "11.14 (better): an init that leaves its worker ends the operation", 20 },
  { "/async-initable/new-valist", test_new_valist, NULL, 0 },
  { "/async-initable/no-callback", test_no_callback, NULL, 0 },
  { "/async-initable/fails-silently", test_fails_silently, NULL, 0 },
  { "/async-initable/succeeds-with-error", test_succeeds_with_error, NULL, 0 },
  { "/async-initable/context", test_context, NULL, 0 },
  { "/async-initable/finish", test_finish, NULL, 0 },
  { "/async-initable/own-methods", test_own_methods, NULL, 0 },
  { "/async-initable/chain-up", test_chain_up, NULL, 0 },
  { "/async-initable/wrong-cancellable", test_wrong_cancellable,
    "11.12 (better): a wrong cancellable counts as none", 20 },
  { "/async-initable/not-initable", test_not_initable, NULL, 0 },
  { "/async-initable/no-methods", test_no_methods, "11.11 (better): a class without methods is refused", 20 },
};

HARNESS_MAIN (cases)
