/* A program that uses one of Debian's libraries, as it is, and prints what becomes of it: the same on libgio and on this
 * library. The check 94-without-gio compares, and looks at what was mapped. */
#pragma once

#include <gio/gio.h>

typedef struct
{
  GMainContext *context;
  GAsyncResult *result;
} Wait;

/* For operations that take a GAsyncReadyCallback; its data is the Wait. */
static void
wait_done (GObject *source G_GNUC_UNUSED, GAsyncResult *result, gpointer data)
{
  Wait *wait = data;

  wait->result = g_object_ref (result);
}

/* The result, once it is there. It is the caller's. */
static GAsyncResult *
wait_for_result (Wait *wait)
{
  GAsyncResult *result;

  while (wait->result == NULL)
    g_main_context_iteration (wait->context, TRUE);
  result = wait->result;
  wait->result = NULL;
  return result;
}

/* Frees the error. */
static void
print_outcome (const char *what, gboolean good, GError *error)
{
  if (error != NULL)
    g_print ("%s: %s, error %s %d: %s\n", what, good ? "good" : "bad", g_quark_to_string (error->domain), error->code,
             error->message);
  else
    g_print ("%s: %s\n", what, good ? "good" : "bad");
  g_clear_error (&error);
}

/* The file that MAPS names gets what is mapped now. */
static int
finish (void)
{
  char *maps;

  g_assert_true (g_file_get_contents ("/proc/self/maps", &maps, NULL, NULL));
  g_assert_true (g_file_set_contents (g_getenv ("MAPS"), maps, -1, NULL));
  g_free (maps);
  return 0;
}
