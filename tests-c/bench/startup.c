/* The smallest program that completes a task in the main loop. Built twice, as a program of each library. */
#ifdef ON_GIO
#include <gio/gio.h>
#else
#include <asyncresult/asyncresult.h>
#endif

static void
ready (G_GNUC_UNUSED GObject *source, GAsyncResult *result, gpointer answer)
{
  *(gssize *) answer = g_task_propagate_int (G_TASK (result), NULL);
}

int
main (void)
{
  gssize answer = 0;
  GTask *task = g_task_new (NULL, NULL, ready, &answer);

  g_task_return_int (task, 42);
  g_object_unref (task);
  while (answer == 0)
    g_main_context_iteration (NULL, TRUE);
  return answer == 42 ? 0 : 1;
}
