/* The task was made while another context was the thread-default one than that which is iterated.
 *
 * The callback runs in the context that was the thread-default one when the task was made: make it while that is
 * the one which the loop iterates, or give the context to g_main_loop_new(). */
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
  while (g_main_context_iteration (NULL, FALSE))
    ;
  return 0;
}
