/* asr_cancellable_*: deadlines in a process that forks. A child has memory that only threads of its parent know of, so
 * this is a program of its own. */
#include "asr-deadline-helpers.h"

#include <sys/wait.h>
#include <unistd.h>

/* A forked child has the deadlines, and no thread until it sets one. */
static void
test_fork (void)
{
  GCancellable *before = asr_cancellable_new_timeout (LATER), *after;
  pid_t child;
  int status;

  /* The thread sleeps: while it starts, or passes a deadline, it has locks of GLib's. */
  after = asr_cancellable_new_deadline (soon ());
  wait_for_cancelled (after);
  g_object_unref (after);
  wait_until_it_sleeps ();
  asr_cancellable_set_deadline (before, g_get_monotonic_time () + 200000);
  child = fork ();
  g_assert_cmpint (child, >=, 0);
  if (child == 0)
    {
      alarm (20);
      after = asr_cancellable_new_deadline (soon ());
      wait_for_cancelled (after);
      wait_for_cancelled (before);
      if (asr_cancellable_get_reason (before) != ASR_CANCEL_REASON_DEADLINE)
        _exit (3);
      g_object_unref (after);
      g_object_unref (before);
      _exit (7);
    }
  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  g_assert_true (WIFEXITED (status));
  g_assert_cmpint (WEXITSTATUS (status), ==, 7);
  wait_for_cancelled (before);
  g_object_unref (before);
}

/* Forks while another thread has the lock most of the time. It does nothing that takes GLib's locks, which a child
 * would find held. */

static gint stop_setting;

static gpointer
set_and_get (gpointer cancellable)
{
  while (!g_atomic_int_get (&stop_setting))
    {
      asr_cancellable_set_deadline (cancellable, g_get_monotonic_time () + LATER);
      asr_cancellable_get_deadline (cancellable);
    }
  return NULL;
}

static void
test_fork_busy (void)
{
  GCancellable *set = asr_cancellable_new_timeout (LATER);
  GThread *busy = g_thread_new ("busy", set_and_get, set);

  for (guint i = 0; i < 50; i++)
    {
      pid_t child = fork ();
      int status;

      g_assert_cmpint (child, >=, 0);
      if (child == 0)
        {
          GCancellable *parent, *cancellable;

          alarm (20);
          parent = asr_cancellable_new_child (NULL);
          cancellable = asr_cancellable_new_child (parent);
          asr_cancellable_set_deadline (parent, soon ());
          wait_for_cancelled (cancellable);
          _exit (7);
        }
      g_assert_cmpint (waitpid (child, &status, 0), ==, child);
      g_assert_true (WIFEXITED (status) && WEXITSTATUS (status) == 7);
    }
  g_atomic_int_set (&stop_setting, TRUE);
  g_thread_join (busy);
  g_object_unref (set);
}

static const Case cases[] = {
  { "/asr-fork/idle", test_fork, NULL, 0 },
  { "/asr-fork/busy", test_fork_busy, NULL, 0 },
};

HARNESS_MAIN (cases)
