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

/* This program is linked to the library, and so cannot unload it: another one does, from the same folder or the one
 * above. */
static char *
unloading_program (void)
{
  char *program = g_test_build_filename (G_TEST_BUILT, "unloading", NULL);

  if (!g_file_test (program, G_FILE_TEST_EXISTS))
    {
      g_free (program);
      program = g_test_build_filename (G_TEST_BUILT, "..", "unloading", NULL);
    }
  return program;
}

/* Unloading does nothing: workers and registered types stay behind. Loaded again, it is the same library. */
static void
test_unload (void)
{
  char *library = library_path ();
  char *program = unloading_program ();
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

static const Case cases[] = {
  { "/unload", test_unload, NULL, 0 },
};

HARNESS_MAIN (cases)
