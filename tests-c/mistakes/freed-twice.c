/* One pointer is the task data and the result, and is freed as both.
 *
 * Say for one of them that it is not freed, or give the result memory of its own. */
#include <asyncresult/asyncresult.h>

static void
free_text (gpointer text)
{
  g_print ("free_text\n"); /* and g_free (text) */
}

static void
ready (GObject *source, GAsyncResult *result, gpointer data)
{
}

int
main (void)
{
  GTask *task = g_task_new (NULL, NULL, ready, NULL);
  char *text = g_strdup ("text");

  g_task_set_name (task, "load");
  g_task_set_task_data (task, text, free_text);
  g_task_return_pointer (task, text, free_text);
  g_object_unref (task);
  g_main_context_iteration (NULL, FALSE);
  return 0;
}
