/* There is no function to run in the thread.
 *
 * Pass the function. The task was not started: it can be, or it can return an error. */
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
  g_task_run_in_thread (task, NULL);
  g_object_unref (task);
  g_usleep (1000000);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  return 0;
}
