/* Programs that load the library at run time, as a part of a plug-in, and unload it. */
#define _GNU_SOURCE /* dladdr */
#include "harness.h"

#include <dlfcn.h>
#include <string.h>

static char *
library_path (void)
{
  GType (*function) (void) = g_task_get_type;
  gpointer address;
  Dl_info info;

  /* ISO C has no cast from a function pointer to an object pointer. */
  memcpy (&address, &function, sizeof address);
  g_assert_cmpint (dladdr (address, &info), !=, 0);
  return g_strdup (info.dli_fname);
}

/* What this program is linked to it cannot unload: another one does. That and the plug-in are in the same folder, or in
 * the one above. */
static char *
built_file (const char *name)
{
  char *file = g_test_build_filename (G_TEST_BUILT, name, NULL);

  if (!g_file_test (file, G_FILE_TEST_EXISTS))
    {
      g_free (file);
      file = g_test_build_filename (G_TEST_BUILT, "..", name, NULL);
    }
  return file;
}

/* Unloading does nothing: workers and registered types stay behind. Loaded again, it is the same library. */
static void
unload (char *library)
{
  char *program = built_file ("unloading");
  char *arguments[] = { program, library, NULL };
  GError *error = NULL;
  char *output;
  int status;

  g_spawn_sync (NULL, arguments, NULL, G_SPAWN_DEFAULT, NULL, NULL, NULL, &output, &status, &error);
  g_assert_no_error (error);
  if (!g_spawn_check_wait_status (status, &error))
    g_test_fail_printf ("%s: %s", error->message, output);
  g_clear_error (&error);
  g_free (output);
  g_free (program);
  g_free (library);
}

static void
test_unload (void)
{
  unload (library_path ());
}

#ifndef ON_GIO
/* A plug-in with the static library in it. */
static void
test_unload_static (void)
{
  unload (built_file ("libplugin.so"));
}
#endif

static const Case cases[] = {
  { "/unload/shared", test_unload, NULL, 0 },
#ifndef ON_GIO
  { "/unload/static", test_unload_static, NULL, 0 },
#endif
};

HARNESS_MAIN (cases)
