/* An error is returned, `return;` is forgotten, and the task is run in a thread all the same.
 *
 * Leave the function after g_task_return_*(): a task has one result. */
#include <asyncresult/asyncresult.h>

static void
ready (GObject *source, GAsyncResult *result, gpointer data)
{
  g_print ("called back: %d\n", g_task_propagate_boolean (G_TASK (result), NULL));
}

static void
work (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  g_task_return_boolean (task, TRUE);
}

int
main (void)
{
  GTask *task = g_task_new (NULL, NULL, ready, NULL);

  g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_BUSY, "busy");
  /* Here a `return` is missing. */
  g_task_run_in_thread (task, work);
  g_object_unref (task);
  g_usleep (1000000);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  return 0;
}
