/* A library to preload beside ours that makes the trouble which TROUBLE names, before ours begins:
 * "thread" starts one, "types" has libgio register its types, "mprotect N" lets the N-th call of mprotect fail,
 * "mprotect N+" that call and all later ones. */
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

int mprotect (void *address, size_t length, int protection);

static const char *
trouble (void)
{
  const char *text = getenv ("TROUBLE");

  return text != NULL ? text : "";
}

int
mprotect (void *address, size_t length, int protection)
{
  static int calls;

  if (strncmp (trouble (), "mprotect ", 9) == 0)
    {
      char *rest;
      long failing = strtol (trouble () + 9, &rest, 10);

      calls++;
      if (calls == failing || (*rest == '+' && calls > failing))
        {
          errno = EACCES;
          return -1;
        }
    }
  return (int) syscall (SYS_mprotect, address, length, protection);
}

static void *
wait_for_ever (void *data)
{
  for (;;)
    pause ();
  return data;
}

static void __attribute__ ((constructor))
make_trouble (void)
{
  unsigned long (*get_type) (void);
  pthread_t thread;

  if (strcmp (trouble (), "thread") == 0 && pthread_create (&thread, NULL, wait_for_ever, NULL) != 0)
    abort ();
  *(void **) &get_type = dlsym (RTLD_DEFAULT, "g_task_get_type");
  if (strcmp (trouble (), "types") == 0 && get_type != NULL)
    get_type ();
}
