/* An error is returned whose message is NULL.
 *
 * Pass a format; "%s" for a text that comes from elsewhere, and something instead of that if it is NULL. */
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
  const char *text = NULL;

  g_task_set_name (task, "load");
  g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_BUSY, text, 0);
  g_object_unref (task);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  return 0;
}
