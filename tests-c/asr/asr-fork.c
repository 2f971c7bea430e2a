/* asr_cancellable_*: deadlines in a process that forks. A child has memory that only threads of its parent know of, so
 * this is a program of its own. */
#define _GNU_SOURCE /* RTLD_NEXT */
#include "asr-deadline-helpers.h"
#include "held-keys.h"

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

/* Forks while another thread has the lock most of the time. Once it has begun, it does nothing that takes locks of
 * GLib's or of an allocator: a child would find them held. AddressSanitizer's allocator knows nothing of forks. */

static gint n_set, stop_setting;

static gpointer
set_often (gpointer cancellable)
{
  while (!g_atomic_int_get (&stop_setting))
    {
      asr_cancellable_set_deadline (cancellable, g_get_monotonic_time () + LATER);
      g_atomic_int_set (&n_set, 1);
    }
  return NULL;
}

static void
test_fork_busy (void)
{
  GCancellable *set = asr_cancellable_new_timeout (LATER);
  GThread *busy;

  wait_until_it_sleeps ();
  busy = g_thread_new ("busy", set_often, set);
  await_count (&n_set, 1);
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

static void
set_a_deadline (void)
{
  g_object_unref (asr_cancellable_new_timeout (LATER));
}

/* The thread of the deadlines has just been started, and makes something that is made once. The child's own does not
 * wait for it. */
static void
test_fork_starting (void)
{
  int status;
  pid_t child;

  hold_up_who_makes_a_key (set_a_deadline);
  child = fork ();
  g_assert_cmpint (child, >=, 0);
  if (child == 0)
    {
      GCancellable *cancellable;

      alarm (20);
      let_keys_be_made ();
      cancellable = asr_cancellable_new_deadline (soon ());
      wait_for_cancelled (cancellable);
      _exit (7);
    }
  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  let_keys_be_made ();
  g_assert_true (WIFEXITED (status) && WEXITSTATUS (status) == 7);
}

/* Forks while another thread is about to take a reference: in a toggle notification, where it has none of GLib's
 * locks. */

static gint is_within, may_go_on;

static void
stay_within (G_GNUC_UNUSED gpointer data, G_GNUC_UNUSED GObject *object, gboolean is_last)
{
  if (is_last)
    return;
  g_atomic_int_set (&is_within, TRUE);
  while (!g_atomic_int_get (&may_go_on))
    g_usleep (100);
}

static void
hold_up (GCancellable *cancellable)
{
  is_within = may_go_on = FALSE;
  g_object_add_toggle_ref (G_OBJECT (cancellable), stay_within, NULL);
  g_object_unref (cancellable);
}

static void
await_hold_up (void)
{
  while (!g_atomic_int_get (&is_within))
    g_usleep (100);
}

static void
let_go_on (pid_t child)
{
  int status;

  g_assert_cmpint (child, >=, 0);
  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  g_atomic_int_set (&may_go_on, TRUE);
  g_assert_true (WIFEXITED (status));
  g_assert_cmpint (WEXITSTATUS (status), ==, 7);
}

static gpointer
cancel (gpointer cancellable)
{
  g_cancellable_cancel (cancellable);
  return NULL;
}

/* Where a thread that is gone had its stack. */
static gpointer
write_on_the_stack (G_GNUC_UNUSED gpointer data)
{
  volatile guint8 bytes[200000];

  for (gsize i = 0; i < sizeof bytes; i++)
    bytes[i] = 0xa5;
  return GUINT_TO_POINTER ((guint) bytes[77]);
}

/* In the child nobody takes that reference, and nobody ends the walk. */
static void
check_fork_in_walk (GCancellable *parent)
{
  GCancellable *children[3];
  GThread *walker;
  pid_t child;

  for (guint i = 0; i < 3; i++)
    children[i] = asr_cancellable_new_child (parent);
  hold_up (children[1]);
  walker = g_thread_new ("walker", cancel, parent);
  await_hold_up ();
  child = fork ();
  if (child == 0)
    {
      alarm (20);
      for (guint i = 0; i < 4; i++)
        g_thread_join (g_thread_new ("writer", write_on_the_stack, NULL));
      g_object_run_dispose (G_OBJECT (children[1]));
      g_object_unref (children[2]);
      g_object_unref (children[0]);
      g_object_unref (asr_cancellable_new_child (parent));
      if (asr_cancellable_get_reason (parent) != ASR_CANCEL_REASON_ITSELF)
        _exit (3);
      _exit (7);
    }
  let_go_on (child);
  g_thread_join (walker);
  for (guint i = 0; i < 3; i++)
    assert_reason (children[i], PARENT);
  g_object_remove_toggle_ref (G_OBJECT (children[1]), stay_within, NULL);
  g_object_unref (children[0]);
  g_object_unref (children[2]);
  g_object_unref (parent);
}

static void
test_fork_in_walk (void)
{
  check_fork_in_walk (g_cancellable_new ());
  check_fork_in_walk (asr_cancellable_new_child (NULL));
}

/* A deadline that the thread was about to pass is to come, in the child. */
static void
test_fork_in_deadline (void)
{
  GCancellable *passing = asr_cancellable_new_timeout (LATER), *next;
  pid_t child;

  hold_up (passing);
  asr_cancellable_set_deadline (passing, to_come ());
  await_hold_up ();
  child = fork ();
  if (child == 0)
    {
      alarm (20);
      g_assert_false (g_cancellable_is_cancelled (passing));
      next = asr_cancellable_new_timeout (0);
      wait_for_cancelled (passing);
      _exit (asr_cancellable_get_reason (passing) == ASR_CANCEL_REASON_DEADLINE ? 7 : 3);
    }
  let_go_on (child);
  wait_for_cancelled (passing);
  /* The handlers have ended, too. */
  next = asr_cancellable_new_deadline (to_come ());
  wait_for_cancelled (next);
  g_object_unref (next);
  g_object_remove_toggle_ref (G_OBJECT (passing), stay_within, NULL);
}

/* A handler forks: the child goes on with the walk. */

static pid_t forked;

static void
fork_here (GCancellable *cancellable, G_GNUC_UNUSED gpointer data)
{
  forked = fork ();
  assert_reason (cancellable, PARENT);
}

static void
test_fork_in_handler (void)
{
  GCancellable *parent = g_cancellable_new (), *first = asr_cancellable_new_child (parent);
  GCancellable *second = asr_cancellable_new_child (parent), *below = asr_cancellable_new_child (first);

  g_cancellable_connect (first, G_CALLBACK (fork_here), NULL, NULL);
  g_cancellable_cancel (parent);
  assert_reason (first, PARENT);
  assert_reason (second, PARENT);
  assert_reason (below, PARENT);
  assert_finalized (below);
  assert_finalized (second);
  assert_finalized (first);
  assert_finalized (parent);
  if (forked == 0)
    _exit (7);
  let_go_on (forked);
}

/* A thread that the child has not was calling handlers. */

static void
stay_in_handler (G_GNUC_UNUSED GCancellable *cancellable, gpointer object)
{
  stay_within (NULL, object, FALSE);
}

static void
test_fork_beside_handler (void)
{
  GCancellable *passing = asr_cancellable_new_timeout (LATER);
  pid_t child;

  is_within = may_go_on = FALSE;
  g_signal_connect (passing, "cancelled", G_CALLBACK (stay_in_handler), passing);
  asr_cancellable_set_deadline (passing, to_come ());
  await_hold_up ();
  child = fork ();
  if (child == 0)
    _exit (asr_cancellable_get_reason (passing) == ASR_CANCEL_REASON_DEADLINE ? 7 : 3);
  let_go_on (child);
  g_object_unref (passing);
}

static const Case cases[] = {
  { "/asr-fork/idle", test_fork, NULL, 0 },
  { "/asr-fork/busy", test_fork_busy, NULL, 0 },
  { "/asr-fork/starting", test_fork_starting, NULL, 30 },
  { "/asr-fork/in-walk", test_fork_in_walk, NULL, 0 },
  { "/asr-fork/in-deadline", test_fork_in_deadline, NULL, 0 },
  { "/asr-fork/in-handler", test_fork_in_handler, NULL, 0 },
  { "/asr-fork/beside-handler", test_fork_beside_handler, NULL, 0 },
};

HARNESS_MAIN (cases)
