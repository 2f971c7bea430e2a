/* The cancellable is another object.
 *
 * Give a GCancellable or NULL: look at the order of the arguments. */
#include <asyncresult/asyncresult.h>

static void
ready (GObject *source, GAsyncResult *result, gpointer data)
{
  g_print ("called back: %d\n", g_task_propagate_boolean (G_TASK (result), NULL));
}

int
main (void)
{
  GObject *object = g_object_new (G_TYPE_OBJECT, NULL);
  GTask *task = g_task_new (NULL, (GCancellable *) object, ready, NULL);

  g_task_return_boolean (task, TRUE);
  g_object_unref (task);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_object_unref (object);
  return 0;
}
