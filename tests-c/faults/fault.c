/* A library to be preloaded: it makes system calls of the library under test fail, and those of nobody else. GLib makes
 * the same calls for itself, and may end the process when they fail. Threads are made by GLib for the library.
 *
 * FAULTS in the environment says which: CALL:FIRST:COUNT:ERRNO, with commas between. CALL fails with the number ERRNO
 * from the FIRST time (counted from 1) that the library makes it, COUNT times. Calls are counted without it, too. */
#define _GNU_SOURCE
#include "fault.h"

#include <dlfcn.h>
#include <errno.h>
#include <link.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define LIBRARY "libasyncresult.so"
#define EXPORTED __attribute__ ((visibility ("default")))

typedef struct
{
  const char *name;
  unsigned first; /* 0: never */
  unsigned count;
  int error;
  atomic_uint calls;
  atomic_uint injected;
} Call;

enum { THREAD, EVENTFD, PIPE, WRITE, READ, N_CALLS };

static Call calls[N_CALLS] = {
  [THREAD] = { .name = "pthread_create" },
  [EVENTFD] = { .name = "eventfd" },
  [PIPE] = { .name = "pipe2" },
  [WRITE] = { .name = "write" },
  [READ] = { .name = "read" },
};

/* The code of the library under test. */
static uintptr_t begin, end;

static Call *
find_call (const char *name, size_t length)
{
  for (int i = 0; i < N_CALLS; i++)
    if (strlen (calls[i].name) == length && strncmp (calls[i].name, name, length) == 0)
      return &calls[i];
  fprintf (stderr, "FAULTS names a call that is not known: %s\n", name);
  abort ();
}

static int
note_code (struct dl_phdr_info *info, size_t size, void *data)
{
  (void) size;
  (void) data;
  if (!strstr (info->dlpi_name, LIBRARY))
    return 0;
  for (int i = 0; i < info->dlpi_phnum; i++)
    if (info->dlpi_phdr[i].p_type == PT_LOAD && (info->dlpi_phdr[i].p_flags & PF_X))
      {
        begin = info->dlpi_addr + info->dlpi_phdr[i].p_vaddr;
        end = begin + info->dlpi_phdr[i].p_memsz;
      }
  return 1;
}

__attribute__ ((constructor)) static void
start (void)
{
  const char *text = getenv ("FAULTS");

  dl_iterate_phdr (note_code, NULL);
  while (text && *text)
    {
      Call *call = find_call (text, strcspn (text, ":"));

      if (sscanf (strchr (text, ':'), ":%u:%u:%d", &call->first, &call->count, &call->error) != 3)
        abort ();
      text += strcspn (text, ",");
      text += *text == ',';
    }
}

static bool
is_library (const void *caller)
{
  return (uintptr_t) caller >= begin && (uintptr_t) caller < end;
}

/* Counts a call made at `caller`, and says whether it is to fail. */
static bool
fails (Call *call, const void *caller)
{
  unsigned number;

  if (!is_library (caller))
    return false;
  number = atomic_fetch_add (&call->calls, 1) + 1;
  if (call->first == 0 || number < call->first || number - call->first >= call->count)
    return false;
  atomic_fetch_add (&call->injected, 1);
  return true;
}

/* The function that would have been called. */
static void
find_next (const char *name, void *function)
{
  void *found = dlsym (RTLD_NEXT, name);

  if (!found)
    abort ();
  memcpy (function, &found, sizeof found);
}

EXPORTED unsigned
fault_calls (const char *call)
{
  return atomic_load (&find_call (call, strlen (call))->calls);
}

EXPORTED unsigned
fault_injected (const char *call)
{
  return atomic_load (&find_call (call, strlen (call))->injected);
}

EXPORTED unsigned
fault_refused (const char *call)
{
  Call *found = find_call (call, strlen (call));

  return found->error == EINTR ? 0 : atomic_load (&found->injected);
}

/* Whether GLib makes this thread's calls for the library. */
static _Thread_local bool for_library;

EXPORTED void *
g_thread_try_new (const char *name, void *(*function) (void *), void *data, void **error)
{
  void *(*next) (const char *, void *(*) (void *), void *, void **);
  void *thread;

  find_next ("g_thread_try_new", &next);
  for_library = is_library (__builtin_return_address (0));
  thread = next (name, function, data, error);
  for_library = false;
  return thread;
}

EXPORTED int
pthread_create (pthread_t *thread, const pthread_attr_t *attributes, void *(*function) (void *), void *data)
{
  int (*next) (pthread_t *, const pthread_attr_t *, void *(*) (void *), void *);

  if (fails (&calls[THREAD], for_library ? (const void *) begin : __builtin_return_address (0)))
    return calls[THREAD].error;
  find_next ("pthread_create", &next);
  return next (thread, attributes, function, data);
}

EXPORTED int
eventfd (unsigned value, int flags)
{
  int (*next) (unsigned, int);

  if (fails (&calls[EVENTFD], __builtin_return_address (0)))
    {
      errno = calls[EVENTFD].error;
      return -1;
    }
  find_next ("eventfd", &next);
  return next (value, flags);
}

EXPORTED int
pipe2 (int ends[2], int flags)
{
  int (*next) (int *, int);

  if (fails (&calls[PIPE], __builtin_return_address (0)))
    {
      errno = calls[PIPE].error;
      return -1;
    }
  find_next ("pipe2", &next);
  return next (ends, flags);
}

EXPORTED ssize_t
write (int fd, const void *bytes, size_t length)
{
  ssize_t (*next) (int, const void *, size_t);

  if (fails (&calls[WRITE], __builtin_return_address (0)))
    {
      errno = calls[WRITE].error;
      return -1;
    }
  find_next ("write", &next);
  return next (fd, bytes, length);
}

EXPORTED ssize_t
read (int fd, void *bytes, size_t length)
{
  ssize_t (*next) (int, void *, size_t);

  if (fails (&calls[READ], __builtin_return_address (0)))
    {
      errno = calls[READ].error;
      return -1;
    }
  find_next ("read", &next);
  return next (fd, bytes, length);
}
