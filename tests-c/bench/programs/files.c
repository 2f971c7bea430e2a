/* Files: asked about, loaded, listed; asked about in vain. */
#include "everyday.h"

static GFile *
file_number (guint number)
{
  char name[16];

  g_snprintf (name, sizeof name, "%u", number % FILES);
  return g_file_get_child (folder, name);
}

/* Query */

static void
queried (GObject *file, GAsyncResult *result, G_GNUC_UNUSED gpointer user_data)
{
  GError *error = NULL;
  GFileInfo *info = g_file_query_info_finish (G_FILE (file), result, &error);

  demand (info != NULL, error);
  g_object_unref (info);
  done ();
}

static void
query (guint number)
{
  GFile *file = file_number (number);

  g_file_query_info_async (file, "standard::type,standard::size,time::modified", G_FILE_QUERY_INFO_NONE,
                           G_PRIORITY_DEFAULT, cancellable, queried, NULL);
  g_object_unref (file);
}

/* Give up: once the last query is queued, all are cancelled */

static void
queried_or_cancelled (GObject *file, GAsyncResult *result, G_GNUC_UNUSED gpointer user_data)
{
  GError *error = NULL;
  GFileInfo *info = g_file_query_info_finish (G_FILE (file), result, &error);

  demand (info != NULL || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED), error);
  g_clear_error (&error);
  g_clear_object (&info);
  done ();
}

static void
give_up (guint number)
{
  GFile *file = file_number (number);

  g_file_query_info_async (file, "standard::type,standard::size,time::modified", G_FILE_QUERY_INFO_NONE,
                           G_PRIORITY_DEFAULT, cancellable, queried_or_cancelled, NULL);
  g_object_unref (file);
  if (number + 1 == how_many)
    g_cancellable_cancel (cancellable);
}

/* Load */

static void
loaded (GObject *file, GAsyncResult *result, G_GNUC_UNUSED gpointer user_data)
{
  GError *error = NULL;
  char *contents;
  gsize length;

  demand (g_file_load_contents_finish (G_FILE (file), result, &contents, &length, NULL, &error), error);
  g_free (contents);
  done ();
}

static void
load (guint number)
{
  GFile *file = file_number (number);

  g_file_load_contents_async (file, cancellable, loaded, NULL);
  g_object_unref (file);
}

/* List: all files of the folder, so many at a time */

enum { AT_A_TIME = 100 };

static void
closed (GObject *enumerator, GAsyncResult *result, G_GNUC_UNUSED gpointer user_data)
{
  GError *error = NULL;

  demand (g_file_enumerator_close_finish (G_FILE_ENUMERATOR (enumerator), result, &error), error);
  g_object_unref (enumerator);
  done ();
}

static void
came (GObject *source, GAsyncResult *result, G_GNUC_UNUSED gpointer user_data)
{
  GFileEnumerator *enumerator = G_FILE_ENUMERATOR (source);
  GError *error = NULL;
  GList *infos = g_file_enumerator_next_files_finish (enumerator, result, &error);

  demand (error == NULL, error);
  if (infos)
    g_file_enumerator_next_files_async (enumerator, AT_A_TIME, G_PRIORITY_DEFAULT, cancellable, came, NULL);
  else
    g_file_enumerator_close_async (enumerator, G_PRIORITY_DEFAULT, cancellable, closed, NULL);
  g_list_free_full (infos, g_object_unref);
}

static void
opened (GObject *file, GAsyncResult *result, G_GNUC_UNUSED gpointer user_data)
{
  GError *error = NULL;
  GFileEnumerator *enumerator = g_file_enumerate_children_finish (G_FILE (file), result, &error);

  demand (enumerator != NULL, error);
  g_file_enumerator_next_files_async (enumerator, AT_A_TIME, G_PRIORITY_DEFAULT, cancellable, came, NULL);
}

static void
list (guint number)
{
  char name[24];
  GFile *subfolder;

  g_snprintf (name, sizeof name, "folders/%u", number % FOLDERS);
  subfolder = g_file_get_child (folder, name);
  g_file_enumerate_children_async (subfolder, "standard::name,standard::type", G_FILE_QUERY_INFO_NONE,
                                   G_PRIORITY_DEFAULT, cancellable, opened, NULL);
  g_object_unref (subfolder);
}

const Operation file_operations[] = {
  { "query", NULL, query, NULL },
  { "load", NULL, load, NULL },
  { "list", NULL, list, NULL },
  { "give-up", NULL, give_up, NULL },
  { 0 }
};
