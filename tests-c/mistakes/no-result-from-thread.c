/* A thread function returns without calling g_task_return_*().
 *
 * Call g_task_return_*() on every path of the thread function: also where there is nothing to return, and where it
 * fails. */
#include <asyncresult/asyncresult.h>

static void
ready (GObject *source, GAsyncResult *result, gpointer data)
{
  g_print ("called back: %d\n", g_task_propagate_boolean (G_TASK (result), NULL));
}

static void
work (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  if (data != NULL)
    g_task_return_boolean (task, TRUE);
}

int
main (void)
{
  GTask *task = g_task_new (NULL, NULL, ready, NULL);

  g_task_set_name (task, "load");
  g_task_run_in_thread (task, work);
  while (!g_task_get_completed (task))
    g_main_context_iteration (NULL, TRUE);
  g_object_unref (task);
  return 0;
}
