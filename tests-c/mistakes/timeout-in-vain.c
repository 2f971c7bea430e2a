/* A timeout of the operation's own returns an error while the thread function runs.
 *
 * The result is delivered when the function has ended. To be called back earlier, set return-on-cancel
 * (g_task_set_return_on_cancel()), and let the timeout cancel the cancellable. */
#include <asyncresult/asyncresult.h>

static void
ready (GObject *source, GAsyncResult *result, gpointer data)
{
  g_print ("called back: %d\n", g_task_propagate_boolean (G_TASK (result), NULL));
}

static void
work (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  g_usleep (2000000);
  g_print ("the function ends\n");
  g_task_return_boolean (task, TRUE);
}

static gboolean
time_is_over (gpointer task)
{
  g_print ("the time is over\n");
  g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_TIMED_OUT, "too slow");
  return G_SOURCE_REMOVE;
}

int
main (void)
{
  GTask *task = g_task_new (NULL, NULL, ready, NULL);

  g_task_run_in_thread (task, work);
  g_timeout_add (100, time_is_over, task);
  while (!g_task_get_completed (task))
    g_main_context_iteration (NULL, TRUE);
  g_object_unref (task);
  return 0;
}
