/* A library to preload that makes the trouble which TROUBLE names: "mprotect N" lets the N-th call of mprotect fail,
 * "mprotect N+" that call and all later ones. */
#include <errno.h>
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
