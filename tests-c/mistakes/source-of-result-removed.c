/* Something removes the source that was to deliver a result.
 *
 * Remove sources by the number or the pointer that you got for them, and forget it when they are gone: numbers that are
 * guessed, or kept too long, are those of others. */
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
  g_task_return_boolean (task, TRUE);
  g_object_unref (task);
  g_source_remove (1);
  g_main_context_iteration (NULL, FALSE);
  return 0;
}
