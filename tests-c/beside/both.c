/* both FILE: a program that needs GIO, and the core beside it. Which library is first is the linker's affair. */
#include "exercise.h"

#include <gio/gio.h>
#include <stdio.h>

typedef struct
{
  GMainLoop *loop;
  char *path;
} Loading;

static void
loaded (GObject *source, GAsyncResult *result, gpointer data)
{
  Loading *loading = data;
  char *contents = NULL;
  GError *error = NULL;

  if (g_file_load_contents_finish (G_FILE (source), result, &contents, NULL, NULL, &error))
    printf ("file: %s", contents);
  else
    printf ("file: %s\n", error->message);
  g_clear_error (&error);
  g_free (contents);
  g_main_loop_quit (loading->loop);
}

/* libgio's own asynchronous code, with a cancellable from whoever provides the core. */
static void
load (Loading *loading, GCancellable *cancellable)
{
  GFile *file = g_file_new_for_path (loading->path);

  g_file_load_contents_async (file, cancellable, loaded, loading);
  g_main_loop_run (loading->loop);
  g_object_unref (file);
}

int
main (int argc, char **argv)
{
  Loading loading = { g_main_loop_new (NULL, FALSE), argc > 1 ? argv[1] : "/dev/null" };
  GCancellable *cancellable;

  exercise ();
  cancellable = g_cancellable_new ();
  load (&loading, cancellable);
  g_cancellable_cancel (cancellable);
  load (&loading, cancellable);
  g_object_unref (cancellable);
  g_main_loop_unref (loading.loop);
  return 0;
}
