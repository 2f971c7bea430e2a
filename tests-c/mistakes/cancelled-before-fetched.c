/* The callback cancels its own cancellable before it fetches the result.
 *
 * Fetch first, cancel then: while the cancellable is cancelled, that is the result of every operation with it. Or
 * tell the task with g_task_set_check_cancellable (task, FALSE) that what it returned counts. */
#include <asyncresult/asyncresult.h>

static void
ready (GObject *source, GAsyncResult *result, gpointer cancellable)
{
  GError *error = NULL;

  /* The others are not needed any more. */
  g_cancellable_cancel (cancellable);
  if (!g_task_propagate_boolean (G_TASK (result), &error))
    g_print ("called back: %s\n", error->message);
  g_clear_error (&error);
}

int
main (void)
{
  GCancellable *cancellable = g_cancellable_new ();
  GTask *task = g_task_new (NULL, cancellable, ready, cancellable);

  g_task_return_boolean (task, TRUE);
  g_object_unref (task);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_object_unref (cancellable);
  return 0;
}
