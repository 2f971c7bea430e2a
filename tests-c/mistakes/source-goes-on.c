/* The callback of a source returns a result, and asks to be called again.
 *
 * Return G_SOURCE_REMOVE after g_task_return_*(), from each callback that returns the result. */
#include <asyncresult/asyncresult.h>

static gboolean
poll_device (gpointer task)
{
  g_task_return_int (task, 5);
  return G_SOURCE_CONTINUE;
}

int
main (void)
{
  GTask *task = g_task_new (NULL, NULL, NULL, NULL);
  GSource *source = g_idle_source_new ();

  g_task_set_name (task, "poll_device");
  g_task_attach_source (task, source, poll_device);
  for (int i = 0; i < 4; i++)
    g_main_context_iteration (NULL, FALSE);
  g_source_destroy (source);
  g_source_unref (source);
  g_object_unref (task);
  return 0;
}
