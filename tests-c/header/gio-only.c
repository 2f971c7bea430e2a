/* Knows nothing of our header, and is linked with nothing but our library. */
#include <gio/gio.h>

static void
work (GTask *task, gpointer source_object, gpointer task_data, GCancellable *cancellable)
{
  (void) source_object;
  (void) cancellable;
  g_task_return_int (task, *(int *) task_data + 1);
}

static void
on_ready (GObject *source_object, GAsyncResult *result, gpointer data)
{
  GError *error = NULL;

  g_assert_true (g_task_is_valid (result, source_object));
  g_assert_cmpint (g_task_propagate_int (G_TASK (result), &error), ==, 42);
  g_assert_no_error (error);
  g_main_loop_quit (data);
}

int
main (void)
{
  int number = 41;
  GMainLoop *loop = g_main_loop_new (NULL, FALSE);
  GTask *task = g_task_new (NULL, NULL, on_ready, loop);

  g_task_set_source_tag (task, main);
  g_assert_cmpstr (g_task_get_name (task), ==, "main");
  g_task_set_task_data (task, &number, NULL);
  g_task_run_in_thread (task, work);
  g_object_unref (task);
  g_main_loop_run (loop);
  g_main_loop_unref (loop);
  return 0;
}
