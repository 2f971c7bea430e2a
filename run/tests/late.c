/* late KIND MODULE ARGUMENT...: a program without libgio that starts a thread, then opens a module which brings
 * libgio, and ends as the module's main function says. KIND is local, global, or namespace for one of its own.
 * With OURS it has used libasyncresult before. */
#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#ifdef OURS
unsigned long g_task_get_type (void);
#endif

static void *
wait_for_ever (void *data)
{
  for (;;)
    pause ();
  return data;
}

int
main (int argc, char **argv)
{
  int (*module_main) (int, char **) = NULL;
  pthread_t thread;
  void *module;

  if (argc < 3 || pthread_create (&thread, NULL, wait_for_ever, NULL) != 0)
    return 99;
#ifdef OURS
  if (g_task_get_type () == 0)
    return 99;
#endif
  module = strcmp (argv[1], "namespace") == 0 ? dlmopen (LM_ID_NEWLM, argv[2], RTLD_NOW)
           : dlopen (argv[2], RTLD_NOW | (strcmp (argv[1], "global") == 0 ? RTLD_GLOBAL : RTLD_LOCAL));
  if (module != NULL)
    *(void **) &module_main = dlsym (module, "main");
  if (module_main == NULL)
    {
      fprintf (stderr, "%s\n", dlerror ());
      return 99;
    }
  return module_main (argc - 2, argv + 2);
}
