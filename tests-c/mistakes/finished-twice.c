/* The finish function is called twice.
 *
 * Keep what the first call returned: it is yours since then. */
#include <asyncresult/asyncresult.h>

static char *
load_finish (GAsyncResult *result)
{
  return g_task_propagate_pointer (G_TASK (result), NULL);
}

static void
ready (GObject *source, GAsyncResult *result, gpointer data)
{
  g_free (load_finish (result));
  g_print ("second call: %s\n", load_finish (result) == NULL ? "NULL" : "a text");
}

int
main (void)
{
  GTask *task = g_task_new (NULL, NULL, ready, NULL);

  g_task_set_name (task, "load_finish");
  g_task_return_pointer (task, g_strdup ("text"), g_free);
  g_object_unref (task);
  g_main_context_iteration (NULL, FALSE);
  return 0;
}
