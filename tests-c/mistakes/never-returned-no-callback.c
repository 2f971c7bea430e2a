/* A task without a callback is dropped without a result.
 *
 * Nobody waits for it, so this is a debug message: G_MESSAGES_DEBUG=GLib-GIO shows it. Return a result all the
 * same. */
#include <asyncresult/asyncresult.h>

int
main (void)
{
  GTask *task = g_task_new (NULL, NULL, NULL, NULL);

  g_task_set_name (task, "load");
  g_object_unref (task);
  return 0;
}
