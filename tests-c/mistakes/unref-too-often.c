/* A task is unref'd once too often while its function runs.
 *
 * Drop only references that you own. g_task_new() gives you one: drop it once, when the task is under way. The library
 * holds one of its own until the callback has been called; neither the thread function nor the callback owns one.
 *
 * The message comes when the last reference goes: the unref that was one too many may have been an earlier one. To see
 * them all, let a debugger watch the reference count: see "Whose reference?" in [debugging.md](debugging.md). */
#include <asyncresult/asyncresult.h>

static void
ready (GObject *source, GAsyncResult *result, gpointer data)
{
  g_print ("called back: %d\n", g_task_propagate_boolean (G_TASK (result), NULL));
}

static void
work (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  g_usleep (2000000);
  g_task_return_boolean (task, TRUE);
}

int
main (void)
{
  GTask *task = g_task_new (NULL, NULL, ready, NULL);

  g_task_set_name (task, "load");
  g_task_run_in_thread (task, work);
  g_object_unref (task);
  g_usleep (1000000);
  g_object_unref (task);
  g_usleep (3000000);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  return 0;
}
