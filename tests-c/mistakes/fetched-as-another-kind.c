/* A number is returned, and a pointer is fetched.
 *
 * Return and fetch with functions of the same name: g_task_return_int() and g_task_propagate_int(). */
#include <asyncresult/asyncresult.h>

static void
ready (GObject *source, GAsyncResult *result, gpointer data)
{
  g_print ("fetched: %p\n", g_task_propagate_pointer (G_TASK (result), NULL));
}

int
main (void)
{
  GTask *task = g_task_new (NULL, NULL, ready, NULL);

  g_task_set_name (task, "load");
  g_task_return_int (task, 5);
  g_object_unref (task);
  g_main_context_iteration (NULL, FALSE);
  return 0;
}
