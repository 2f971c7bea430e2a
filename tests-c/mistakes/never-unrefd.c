/* A task is never unref'd.
 *
 * g_task_new() gives you a reference: drop it when the task is under way, with g_object_unref() or
 * g_autoptr(GTask). */
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

  g_task_return_boolean (task, TRUE);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  return 0;
}
