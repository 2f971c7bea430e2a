/* A plugin that needs libgio. */
#include <gio/gio.h>
#include <stdio.h>

static void
loaded (GObject *source, GAsyncResult *result, gpointer loop)
{
  char *contents = NULL;
  GError *error = NULL;

  if (g_file_load_contents_finish (G_FILE (source), result, &contents, NULL, NULL, &error))
    printf ("plugin: %s", contents);
  else
    printf ("plugin: %s\n", error->message);
  g_clear_error (&error);
  g_free (contents);
  g_main_loop_quit (loop);
}

void
plugin_load (const char *path, gpointer cancellable)
{
  GMainLoop *loop = g_main_loop_new (NULL, FALSE);
  GFile *file = g_file_new_for_path (path);

  g_file_load_contents_async (file, cancellable, loaded, loop);
  g_main_loop_run (loop);
  g_object_unref (file);
  g_main_loop_unref (loop);
}
