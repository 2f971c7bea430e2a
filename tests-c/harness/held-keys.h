/* Holds up the thread in which the library makes a key for thread-specific data, so that another one forks meanwhile. This
 * pthread_key_create() is in front of the C library's. */
#pragma once

#include <dlfcn.h>
#include <glib.h>
#include <pthread.h>
#include <string.h>

static gint hold_keys, keys_held;

int
pthread_key_create (pthread_key_t *key, void (*destroy) (void *))
{
  int (*real) (pthread_key_t *, void (*) (void *));
  Dl_info caller;

  *(void **) &real = dlsym (RTLD_NEXT, "pthread_key_create");
  if (g_atomic_int_get (&hold_keys) && dladdr (__builtin_return_address (0), &caller) != 0 &&
      strstr (caller.dli_fname, "libasyncresult") != NULL)
    {
      g_atomic_int_inc (&keys_held);
      while (g_atomic_int_get (&hold_keys))
        g_usleep (100);
    }
  return real (key, destroy);
}

/* `start` has another thread make a key. When it has begun to, the caller may fork: the child has no such thread. */
static void
hold_up_who_makes_a_key (void (*start) (void))
{
  g_atomic_int_set (&hold_keys, TRUE);
  start ();
  while (g_atomic_int_get (&keys_held) == 0)
    g_usleep (100);
}

static void
let_keys_be_made (void)
{
  g_atomic_int_set (&hold_keys, FALSE);
}
