/* What the programs with deadlines share. */
#pragma once

#include "asr-helpers.h"

#include <string.h>

#define LATER (3600 * (gint64) G_USEC_PER_SEC)

/* Waits for the flag alone: nobody iterates a context. */
static inline void
wait_for_cancelled (GCancellable *cancellable)
{
  gint64 limit = g_get_monotonic_time () + 10 * G_USEC_PER_SEC;

  while (!g_cancellable_is_cancelled (cancellable))
    {
      g_assert_cmpint (g_get_monotonic_time (), <, limit);
      g_usleep (100);
    }
}

static inline gint64
soon (void)
{
  return g_get_monotonic_time () + 2000;
}

/* A deadline that has passed when it is set cancels in the thread that sets it. This is for another thread to pass. */
static inline gint64
to_come (void)
{
  return g_get_monotonic_time () + 200000;
}

/* The line of a file of /proc that begins so, for the thread of the deadlines. */
static inline char *
thread_says (const char *field)
{
  GDir *threads = g_dir_open ("/proc/self/task", 0, NULL);
  const char *number;
  char *found = NULL;

  while ((number = g_dir_read_name (threads)) != NULL)
    {
      char *path = g_strdup_printf ("/proc/self/task/%s/status", number), *text, *line;

      if (g_file_get_contents (path, &text, NULL, NULL))
        {
          if (g_str_has_prefix (text, "Name:\tasr-timer\n"))
            {
              g_assert_null (found);
              line = strstr (text, field);
              g_assert_nonnull (line);
              found = g_strndup (line + strlen (field), strcspn (line, "\n") - strlen (field));
            }
          g_free (text);
        }
      g_free (path);
    }
  g_dir_close (threads);
  return found;
}

/* Whatever it did last has ended then. */
static inline void
wait_until_it_sleeps (void)
{
  char *state = NULL;

  g_usleep (50000);
  do
    {
      g_free (state);
      state = thread_says ("State:\t");
    }
  while (state == NULL || state[0] != 'S');
  g_free (state);
}
