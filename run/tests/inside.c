/* What a program on libgio finds in its own process: with "redirected" in EXPECTED that all of the core is ours
 * and nothing else of libgio was touched, with "stock" that nothing was touched at all. */
#include <dlfcn.h>
#include <gio/gio.h>
#include <link.h>
#include <stdio.h>
#include <string.h>

static const char *const names[] = {
#define NAME(name) #name,
#include "names.inc"
#undef NAME
};

static gboolean redirected;

#ifdef EARLY
int early3 (void);
#endif

/* The last part of the path of the library that this address lies in. */
static char *
library_at (gconstpointer address)
{
  Dl_info info;

  g_assert_true (dladdr (address, &info) != 0);
  return g_path_get_basename (info.dli_fname);
}

static void
assert_is_of_the_expected (gconstpointer function)
{
  char *library = library_at (function);

  g_assert_true (g_str_has_prefix (library, redirected ? "libasyncresult.so." : "libgio-2.0.so."));
  g_free (library);
}

static void
assert_implemented_by_the_expected (gpointer class)
{
  assert_is_of_the_expected (*(gpointer *) &G_OBJECT_CLASS (class)->finalize);
}

/* The classes that the program sees are those of the library that is expected. */
static void
test_classes (void)
{
  GType types[] = { G_TYPE_TASK, G_TYPE_SIMPLE_ASYNC_RESULT, G_TYPE_CANCELLABLE };

  for (gsize i = 0; i < G_N_ELEMENTS (types); i++)
    {
      gpointer class = g_type_class_ref (types[i]);

      assert_implemented_by_the_expected (class);
      g_type_class_unref (class);
    }
  {
    GAsyncInitableIface *iface = g_type_default_interface_ref (G_TYPE_ASYNC_INITABLE);

    assert_is_of_the_expected (*(gpointer *) &iface->init_async);
    g_type_default_interface_unref (iface);
  }
}

static void
loaded (GObject *file, GAsyncResult *result, gpointer data)
{
  GMainLoop *loop = data;
  GError *error = NULL;
  char *contents = NULL;

  g_assert_true (G_IS_TASK (result));
  assert_implemented_by_the_expected (G_OBJECT_GET_CLASS (result));
  g_assert_true (g_file_load_contents_finish (G_FILE (file), result, &contents, NULL, NULL, &error));
  g_assert_no_error (error);
  g_assert_nonnull (strstr (contents, "VmRSS"));
  g_free (contents);
  g_main_loop_quit (loop);
}

/* So are the tasks that libgio makes for itself, in its own code. */
static void
test_task_of_gio (void)
{
  GMainLoop *loop = g_main_loop_new (NULL, FALSE);
  GFile *file = g_file_new_for_path ("/proc/self/status");

  g_file_load_contents_async (file, NULL, loaded, loop);
  g_main_loop_run (loop);
  g_object_unref (file);
  g_main_loop_unref (loop);
}

/* libgio's own code asks a cancellable of the program's, and gives back an error that the program knows. */
static void
test_cancelled_read (void)
{
  GFile *file = g_file_new_for_path ("/proc/self/status");
  GCancellable *cancellable = g_cancellable_new ();
  GError *error = NULL;
  char *contents = NULL;

  g_cancellable_cancel (cancellable);
  g_assert_false (g_file_load_contents (file, cancellable, &contents, NULL, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);
  g_object_unref (cancellable);
  g_object_unref (file);
}

/* Arguments of every kind come through the jump, those of a printf-style function too. */
static void
test_arguments (void)
{
  GTask *task = g_task_new (NULL, NULL, NULL, NULL);
  GError *error = NULL;

  g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_BUSY, "%d %s %.2f %d %d %d %.1f %s", 1, "two", 3.25, 4, 5, 6,
                           7.5, "eight");
  g_assert_false (g_task_propagate_boolean (task, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_BUSY);
  g_assert_cmpstr (error->message, ==, "1 two 3.25 4 5 6 7.5 eight");
  g_clear_error (&error);
  g_object_unref (task);
}

/* A line of /proc/self/maps. */
typedef struct
{
  guint8 *start, *end;
  char permissions[5];
  gsize offset;
  const char *path;
} Mapping;

static gboolean
parse_mapping (char *line, Mapping *mapping)
{
  int path = 0;

  if (sscanf (line, "%p-%p %4s %" G_GSIZE_MODIFIER "x %*s %*s %n", (void **) &mapping->start, (void **) &mapping->end,
              mapping->permissions, &mapping->offset, &path) != 4)
    return FALSE;
  mapping->path = line + path;
  return TRUE;
}

/* Whether one of the entries is so near before this address that a jump there reaches it. */
static gboolean
belongs_to_an_entry (gpointer libgio, const guint8 *address)
{
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      const guint8 *entry = dlsym (libgio, names[i]);

      if (entry != NULL && address >= entry && address < entry + 20)
        return TRUE;
    }
  return FALSE;
}

static guint
count_changed_entries (gpointer libgio, const Mapping *mapping, const guint8 *file)
{
  guint n = 0;

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      const guint8 *entry = dlsym (libgio, names[i]);

      if (entry != NULL && entry >= mapping->start && entry < mapping->end)
        n += memcmp (entry, file + mapping->offset + (entry - mapping->start), 14) != 0;
    }
  return n;
}

/* No page of this process is writable and executable; libgio's code is as in its file, but for the entries. */
static void
test_code (void)
{
  gpointer libgio = dlopen ("libgio-2.0.so.0", RTLD_LAZY | RTLD_NOLOAD);
  char *maps, **lines;
  guint n_changed = 0, n_code = 0, n_names = 0;

  g_assert_nonnull (libgio);
  g_assert_true (g_file_get_contents ("/proc/self/maps", &maps, NULL, NULL));
  lines = g_strsplit (maps, "\n", -1);
  for (gsize i = 0; lines[i] != NULL; i++)
    {
      Mapping mapping;
      char *file;

      if (!parse_mapping (lines[i], &mapping))
        continue;
      g_assert_false (strchr (mapping.permissions, 'w') && strchr (mapping.permissions, 'x'));
      if (strstr (mapping.path, "/libgio-2.0.so.") == NULL || strcmp (mapping.permissions, "r-xp") != 0)
        continue;
      n_code++;
      g_assert_true (g_file_get_contents (mapping.path, &file, NULL, NULL));
      n_changed += count_changed_entries (libgio, &mapping, (guint8 *) file);
      for (guint8 *byte = mapping.start; byte < mapping.end; byte++)
        if (*byte != (guint8) file[mapping.offset + (gsize) (byte - mapping.start)])
          g_assert_true (redirected && belongs_to_an_entry (libgio, byte));
      g_free (file);
    }
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    n_names += dlsym (libgio, names[i]) != NULL;
  g_test_message ("%u pieces of code, %u names, %u entries changed", n_code, n_names, n_changed);
  g_assert_cmpuint (n_code, >, 0);
  g_assert_cmpuint (n_names, >=, 80);
  g_assert_cmpuint (n_changed, ==, redirected ? n_names : 0);
  g_strfreev (lines);
  g_free (maps);
  dlclose (libgio);
}

/* What libasyncresult asks to know whether it stands in for libgio. */
static void
test_switch (void)
{
  gpointer *instead = dlsym (RTLD_DEFAULT, "asyncresult_instead_of_gio");
  char *library;

  if (redirected)
    {
      g_assert_nonnull (instead);
      library = library_at (*instead);
      g_assert_true (g_str_has_prefix (library, "libasyncresult.so."));
      g_free (library);
    }
  else
    {
      g_assert_true (instead == NULL || *instead == NULL);
    }
}

/* In a module, for one, this runs right after the constructors of a libgio that came with it. */
static void __attribute__ ((constructor))
use_gio_early (void)
{
  g_type_class_unref (g_type_class_ref (G_TYPE_TASK));
}

int
main (int argc, char **argv)
{
  const char *expected = g_getenv ("EXPECTED");

  g_test_init (&argc, &argv, NULL);
  redirected = g_strcmp0 (expected, "redirected") == 0;
  g_assert_true (redirected || g_strcmp0 (expected, "stock") == 0);
#ifdef EARLY
  g_test_message ("a thread %s the redirection", early3 () ? "after" : "before");
#endif
  g_test_add_func ("/inside/code", test_code);
  g_test_add_func ("/inside/switch", test_switch);
  g_test_add_func ("/inside/classes", test_classes);
  g_test_add_func ("/inside/task-of-gio", test_task_of_gio);
  g_test_add_func ("/inside/cancelled-read", test_cancelled_read);
  g_test_add_func ("/inside/arguments", test_arguments);
  return g_test_run ();
}
