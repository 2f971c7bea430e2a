/* Preloaded into GLib's own error program, which was written for GLib 2.74 and demands that two numbers
 * have no meaning of their own. Contract 8.2 (new), 8.3 (new): in newer versions they have one, and so they have
 * for us. Everything else the program checks of our function itself. */
#define _GNU_SOURCE /* RTLD_NEXT */
#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>

int g_io_error_from_errno (int number);

#define FAILED 0

int
g_io_error_from_errno (int number)
{
  static int (*ours) (int number);

  if (number == EADDRNOTAVAIL || number == EDESTADDRREQ)
    return FAILED;
  if (ours == NULL)
    *(void **) &ours = dlsym (RTLD_NEXT, "g_io_error_from_errno");
  if (ours == NULL)
    abort ();
  return ours (number);
}
