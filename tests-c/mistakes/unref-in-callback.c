/* The callback drops a reference that it does not have.
 *
 * Whoever called g_task_new() drops one reference, once; the callback has none of its own. */
#include <asyncresult/asyncresult.h>

static void
ready (GObject *source, GAsyncResult *result, gpointer data)
{
  g_print ("called back: %d\n", g_task_propagate_boolean (G_TASK (result), NULL));
  g_object_unref (result);
}

int
main (void)
{
  GTask *task = g_task_new (NULL, NULL, ready, NULL);

  g_task_set_name (task, "load");
  g_task_return_boolean (task, TRUE);
  g_object_unref (task);
  g_main_context_iteration (NULL, FALSE);
  return 0;
}
