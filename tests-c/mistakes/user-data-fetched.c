/* The callback passes its data, not its result, to the finish function.
 *
 * The result is the second argument of the callback; the data, which is yours, is the third. */
#include <asyncresult/asyncresult.h>

static void
ready (GObject *source, GAsyncResult *result, gpointer data)
{
  g_print ("called back: %d\n", g_task_propagate_boolean (data, NULL));
}

int
main (void)
{
  GObject *object = g_object_new (G_TYPE_OBJECT, NULL);
  GTask *task = g_task_new (NULL, NULL, ready, object);

  g_task_return_boolean (task, TRUE);
  g_object_unref (task);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_object_unref (object);
  return 0;
}
