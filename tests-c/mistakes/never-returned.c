/* A task with a callback is dropped without a result.
 *
 * Call g_task_return_*() on every path of the operation: else the callback is never called. */
#include <asyncresult/asyncresult.h>

static void
ready (GObject *source, GAsyncResult *result, gpointer data)
{
  g_print ("called back: %d\n", g_task_propagate_boolean (G_TASK (result), NULL));
}

int
main (void)
{
  GTask *task = g_task_new (NULL, NULL, ready, NULL);

  g_task_set_name (task, "load");
  g_object_unref (task);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  return 0;
}
