/* Uses every part of the header by name. Built as C and C++, with our header alone and after GIO's. */
#ifdef WITH_GIO
#include <gio/gio.h>
#endif
#include <asyncresult/asyncresult.h>
#include <asyncresult/asr.h>

static void
on_ready (GObject *source_object, GAsyncResult *result, gpointer data)
{
  GAsyncResultIface *iface = G_ASYNC_RESULT_GET_IFACE (result);

  (void) source_object;
  g_assert (iface->get_user_data (result) == data);
  g_assert (G_IS_ASYNC_RESULT (result));
  g_assert (G_IS_TASK (result));
  g_assert (!G_IS_SIMPLE_ASYNC_RESULT (result));
  g_assert (G_TYPE_FROM_CLASS (G_TASK_GET_CLASS (G_TASK (result))) == G_TYPE_TASK);
}

static int tag;

static gboolean
is_callable (GCancellable *cancellable, gpointer data)
{
  return G_IS_CANCELLABLE_CLASS (G_CANCELLABLE_GET_CLASS (cancellable)) && data == NULL;
}

static void
check_task_names (void)
{
  char name[] = "in an array";
  GTask *task = g_task_new (NULL, NULL, on_ready, NULL);
  void (*set_name) (GTask *, const char *) = g_task_set_name;
  void (*set_source_tag) (GTask *, gpointer) = g_task_set_source_tag;

  g_task_set_source_tag (task, &tag);
  g_assert_cmpstr (g_task_get_name (task), ==, "&tag");
  g_task_set_source_tag (task, NULL); /* named already */
  g_assert_cmpstr (g_task_get_name (task), ==, "&tag");

  g_task_set_name (task, name);
  name[0] = 'I';
  g_assert_cmpstr (g_task_get_name (task), ==, "in an array");
  (g_task_set_name) (task, name);
  name[0] = 'i';
  g_assert_cmpstr (g_task_get_name (task), ==, "In an array");
  g_task_set_name (task, "constant");
  g_assert_cmpstr (g_task_get_name (task), ==, "constant");
  g_task_set_name (task, NULL);
  g_assert (g_task_get_name (task) == NULL);

  set_name (task, "through a pointer");
  (g_task_set_source_tag) (task, name);
  set_source_tag (task, name);
  g_assert (g_task_get_source_tag (task) == name);
  g_assert_cmpstr (g_task_get_name (task), ==, "through a pointer");

  g_task_return_boolean (task, TRUE);
  g_assert (g_task_propagate_boolean (task, NULL));
  g_object_unref (task);
}

/* A constant name is kept, not copied: the pointer is the same one. */
static void
check_constant_name (void)
{
  static const char *const constant = "kept as it is";
  GTask *task = g_task_new (NULL, NULL, NULL, NULL);

  g_task_set_static_name (task, constant);
  g_assert (g_task_get_name (task) == constant);
  (g_task_set_name) (task, constant);
  g_assert (g_task_get_name (task) != constant);
#ifdef __GNUC__
  {
    const char *kept;
    g_task_set_name (task, "kept as it is, too");
    kept = g_task_get_name (task);
    g_task_set_name (task, NULL);
    g_assert_cmpstr (kept, ==, "kept as it is, too"); /* not freed with the name */
  }
#endif
  g_task_return_new_error_literal (task, G_IO_ERROR, G_IO_ERROR_DESTINATION_UNSET, "100%");
  g_object_unref (task);
}

static void
check_errors (void)
{
  GIOErrorEnum code = g_io_error_from_errno (-1);
  GTask *task = g_task_new (NULL, NULL, NULL, NULL);
  GError *error = NULL;

  g_assert (code == G_IO_ERROR_FAILED);
  g_assert (G_IO_ERROR_DESTINATION_UNSET == 48);
  g_assert (G_IO_ERROR_CONNECTION_CLOSED == G_IO_ERROR_BROKEN_PIPE);
  g_assert (G_TYPE_IS_ENUM (G_TYPE_IO_ERROR_ENUM));

  g_task_return_prefixed_error (task, g_error_new_literal (G_IO_ERROR, G_IO_ERROR_BUSY, "engaged"), "line %d: ", 7);
  g_assert (g_task_propagate_int (task, &error) == -1);
  g_assert (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_BUSY));
  g_assert_cmpstr (error->message, ==, "line 7: engaged");
  g_error_free (error);
  g_object_unref (task);
}

static void
check_autoptr (void)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, NULL, NULL);
  g_autoptr (GAsyncResult) result = G_ASYNC_RESULT (g_object_ref (task));
  g_autoptr (GSimpleAsyncResult) simple = NULL;
  GCancellableSourceFunc function = is_callable;

  g_assert (function (cancellable, NULL));
  g_assert (!G_IS_TASK (cancellable));
  g_assert (!G_IS_ASYNC_RESULT (cancellable));
  g_assert (!G_IS_CANCELLABLE (task));
  g_assert (!G_IS_TASK_CLASS (G_CANCELLABLE_GET_CLASS (cancellable)));
  g_assert (G_IS_CANCELLABLE (cancellable));
  g_assert (!G_IS_SIMPLE_ASYNC_RESULT (simple));
  g_assert (g_task_is_valid (result, NULL));
  g_task_return_pointer (task, NULL, NULL);
}

static gboolean
run_once (GIOSchedulerJob *job, GCancellable *cancellable, gpointer data)
{
  g_assert (job != NULL && cancellable == NULL);
  g_atomic_int_inc ((int *) data);
  return FALSE;
}

static void
check_initable (void)
{
  g_autoptr (GInitable) initable = NULL;
  g_autoptr (GAsyncInitable) async_initable = NULL;
  GInitableIface *iface = (GInitableIface *) g_type_default_interface_ref (G_TYPE_INITABLE);
  GAsyncInitableIface *async_iface =
    (GAsyncInitableIface *) g_type_default_interface_ref (G_TYPE_ASYNC_INITABLE);
  GIOSchedulerJobFunc function = run_once;
  int runs = 0;

  g_assert (iface->init == NULL);
  g_assert (async_iface->init_async != NULL && async_iface->init_finish != NULL);
  g_assert (!G_IS_INITABLE (initable) && !G_IS_ASYNC_INITABLE (async_initable));
  g_assert (!G_TYPE_IS_INITABLE (G_TYPE_TASK) && !G_TYPE_IS_ASYNC_INITABLE (G_TYPE_TASK));
  G_GNUC_BEGIN_IGNORE_DEPRECATIONS
  g_io_scheduler_push_job (function, &runs, NULL, G_PRIORITY_DEFAULT, NULL);
  G_GNUC_END_IGNORE_DEPRECATIONS
  while (g_atomic_int_get (&runs) == 0)
    g_usleep (1000);
}

int
main (void)
{
  check_task_names ();
  check_constant_name ();
  check_errors ();
  check_autoptr ();
  check_initable ();
  while (g_main_context_iteration (NULL, FALSE))
    continue;
  return 0;
}
