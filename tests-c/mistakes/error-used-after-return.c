/* An error is used after g_task_return_error() took it.
 *
 * The error is the task's from then on. Log it before, or return g_error_copy (error). */
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
  GError *error = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_BUSY, "busy");

  g_task_return_error (task, error);
  g_object_unref (task);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_print ("%s\n", error->message);
  return 0;
}
