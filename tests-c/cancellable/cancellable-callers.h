/* Calls that may wait, made in threads of their own. */
#pragma once

#include "cancellable-rounds.h"

#include <string.h>
#include <unistd.h>

#define WAIT_ROUNDS 20

/* A call made in a thread of its own, that can be seen to wait. */
typedef struct
{
  Move call;
  Round *round;
  gint tid;
  gint returned;
  gint calls_on_return;
  GThread *thread;
} Caller;

static inline gpointer
caller_run (gpointer data)
{
  Caller *caller = data;

  g_atomic_int_set (&caller->tid, gettid ());
  caller->call (caller->round);
  caller->calls_on_return = g_atomic_int_get (&caller->round->tally.calls);
  g_atomic_int_set (&caller->returned, 1);
  return NULL;
}

static inline gboolean
is_asleep (gint tid)
{
  char *path = g_strdup_printf ("/proc/self/task/%d/stat", tid);
  char *text = NULL;
  const char *after_name;
  gboolean asleep = FALSE;

  if (g_file_get_contents (path, &text, NULL, NULL) && (after_name = strrchr (text, ')')))
    asleep = after_name[1] == ' ' && after_name[2] == 'S';
  g_free (text);
  g_free (path);
  return asleep;
}

/* Starts the call and comes back when it has returned, or sleeps because it waits for something. */
static inline void
caller_start (Caller *caller, Move call, Round *round)
{
  *caller = (Caller) { .call = call, .round = round };
  caller->thread = g_thread_new ("caller", caller_run, caller);
  while (!g_atomic_int_get (&caller->returned)
         && !(g_atomic_int_get (&caller->tid) && is_asleep (caller->tid)))
    g_usleep (50);
}

/* The call has returned, or returns soon. */
static inline void
caller_join (Caller *caller)
{
  g_thread_join (caller->thread);
  g_assert_cmpint (g_atomic_int_get (&caller->returned), ==, 1);
}

/* The caller waits, and goes on waiting when nothing happens for a moment. */
static inline void
assert_caller_waits (Caller *caller)
{
  g_assert_cmpint (g_atomic_int_get (&caller->returned), ==, 0);
  g_usleep (1000);
  g_assert_cmpint (g_atomic_int_get (&caller->returned), ==, 0);
}
