/* The source object is no GObject.
 *
 * Give NULL, and the pointer as the data of the callback or of the task. */
#include <asyncresult/asyncresult.h>

static void
ready (GObject *source, GAsyncResult *result, gpointer data)
{
  g_print ("called back: %d\n", g_task_propagate_boolean (G_TASK (result), NULL));
}

int
main (void)
{
  gpointer spec = g_param_spec_ref_sink (g_param_spec_boolean ("name", NULL, NULL, FALSE, 0));
  GTask *task = g_task_new (spec, NULL, ready, NULL);

  g_task_return_boolean (task, TRUE);
  g_object_unref (task);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_param_spec_unref (spec);
  return 0;
}
