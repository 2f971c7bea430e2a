/* The result is there, but no main loop runs.
 *
 * The callback runs in a main context: somebody has to iterate it, mostly by g_main_loop_run(). */
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
  g_object_unref (task);
  return 0;
}
