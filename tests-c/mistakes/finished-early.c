/* The finish function is called before the result is there.
 *
 * Call it in the callback, with the result that the callback was given. */
#include <asyncresult/asyncresult.h>

static void
ready (GObject *source, GAsyncResult *result, gpointer data)
{
  g_print ("called back: %d\n", (int) g_task_propagate_int (G_TASK (result), NULL));
}

static gboolean
measure (gpointer task)
{
  g_task_return_int (task, 5);
  return G_SOURCE_REMOVE;
}

int
main (void)
{
  GTask *task = g_task_new (NULL, NULL, ready, NULL);

  g_task_set_name (task, "measure");
  g_idle_add (measure, task);
  g_print ("at once: %d\n", (int) g_task_propagate_int (task, NULL));
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_object_unref (task);
  return 0;
}
