/* The context of the task ends before the result is delivered.
 *
 * Keep the context, and iterate it, until the callback was called. */
#include <asyncresult/asyncresult.h>

static void
ready (GObject *source, GAsyncResult *result, gpointer data)
{
  g_print ("called back: %d\n", g_task_propagate_boolean (G_TASK (result), NULL));
}

int
main (void)
{
  GMainContext *own = g_main_context_new ();
  GTask *task;

  g_main_context_push_thread_default (own);
  task = g_task_new (NULL, NULL, ready, NULL);
  g_main_context_pop_thread_default (own);
  g_task_return_boolean (task, TRUE);
  g_object_unref (task);
  g_main_context_unref (own);
  return 0;
}
