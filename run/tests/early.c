/* A library that does not depend on libgio and whose constructor starts a thread, as one of WebKit's does. */
#include <dlfcn.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

static int is_redirected;

/* Whether libgio was redirected already when the thread was started. */
int early0 (void);

int
early0 (void)
{
  return is_redirected;
}

static void *
wait_for_ever (void *data)
{
  for (;;)
    pause ();
  return data;
}

static void __attribute__ ((constructor))
start_early (void)
{
  void **instead = dlsym (RTLD_DEFAULT, "asyncresult_instead_of_gio");
  pthread_t thread;

  is_redirected = instead != NULL && *instead != NULL;
  if (pthread_create (&thread, NULL, wait_for_ever, NULL) != 0)
    abort ();
}
