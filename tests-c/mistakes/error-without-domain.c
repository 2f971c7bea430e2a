/* An error is returned whose domain is 0.
 *
 * Pass G_IO_ERROR, or a domain of your own, made by G_DEFINE_QUARK(). The error is returned all the same, and
 * matches none. */
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

  g_task_return_new_error (task, 0, 1, "busy");
  g_object_unref (task);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  return 0;
}
