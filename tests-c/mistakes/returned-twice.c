/* A result is returned twice.
 *
 * Leave the function after the first g_task_return_*(). The first result counts. */
#include <asyncresult/asyncresult.h>

static void
ready (GObject *source, GAsyncResult *result, gpointer data)
{
  g_print ("called back: %d\n", (int) g_task_propagate_int (G_TASK (result), NULL));
}

int
main (void)
{
  GTask *task = g_task_new (NULL, NULL, ready, NULL);

  g_task_return_int (task, 1);
  g_task_return_int (task, 2);
  g_object_unref (task);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  return 0;
}
