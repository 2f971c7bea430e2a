/* The thread function drops a reference that it does not own.
 *
 * The thread function owns no reference to its task. Take the g_object_unref() out of it. */
#include <asyncresult/asyncresult.h>

static void
ready (GObject *source, GAsyncResult *result, gpointer data)
{
  g_print ("called back: %d\n", g_task_propagate_boolean (G_TASK (result), NULL));
}

static void
work (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  g_usleep (1000000);
  g_task_return_boolean (task, TRUE);
  g_object_unref (task);
}

int
main (void)
{
  GTask *task = g_task_new (NULL, NULL, ready, NULL);

  g_task_set_name (task, "load");
  g_task_run_in_thread (task, work);
  g_object_unref (task);
  g_usleep (2000000);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  return 0;
}
