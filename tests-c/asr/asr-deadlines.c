/* asr_cancellable_*: deadlines, and the one thread that is for all of them. */
#define _GNU_SOURCE /* RTLD_NEXT, cpu_set_t */
#include "asr-deadline-helpers.h"

#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Within 10 ms, on a machine that has time for it. */
static void
test_passes (void)
{
  gint64 best = G_MAXINT64;

  for (guint round = 0; round < 200 && best > 10000; round++)
    {
      gint64 deadline = g_get_monotonic_time () + 5000;
      GCancellable *cancellable = asr_cancellable_new_deadline (deadline);
      AsrCancelReason reason = asr_cancellable_get_reason (cancellable);

      if (g_get_monotonic_time () < deadline)
        g_assert_cmpint (reason, ==, ASR_CANCEL_REASON_NONE);
      g_assert_cmpint (asr_cancellable_get_deadline (cancellable), ==, deadline);
      wait_for_cancelled (cancellable);
      best = MIN (best, g_get_monotonic_time () - deadline);
      g_assert_cmpint (g_get_monotonic_time (), >=, deadline);
      assert_reason (cancellable, DEADLINE);
      assert_error (cancellable, G_IO_ERROR_TIMED_OUT);
      g_assert_cmpint (asr_cancellable_get_deadline (cancellable), ==, deadline);
      g_object_unref (cancellable);
    }
  g_assert_cmpint (best, <=, 10000);
}

static void
test_timeout (void)
{
  gint64 before = g_get_monotonic_time ();
  GCancellable *cancellable = asr_cancellable_new_timeout (2000);

  g_assert_cmpint (asr_cancellable_get_deadline (cancellable), >=, before + 2000);
  g_assert_cmpint (asr_cancellable_get_deadline (cancellable), <=, g_get_monotonic_time () + 2000);
  wait_for_cancelled (cancellable);
  assert_reason (cancellable, DEADLINE);
  g_object_unref (cancellable);

  cancellable = asr_cancellable_new_timeout (G_MAXINT64);
  assert_reason (cancellable, NONE);
  g_assert_cmpint (asr_cancellable_get_deadline (cancellable), ==, G_MAXINT64);
  assert_finalized (cancellable);
}

/* What has passed is cancelled at once, by who says so. */
static void
test_passed_already (void)
{
  GCancellable *made[] = {
    asr_cancellable_new_timeout (0),
    asr_cancellable_new_deadline (0),
    asr_cancellable_new_deadline (g_get_monotonic_time ()),
    asr_cancellable_new_child (NULL),
    asr_cancellable_new_timeout (-2),
    asr_cancellable_new_timeout (G_MININT64),
    asr_cancellable_new_timeout (-1 - g_get_monotonic_time ()),
    asr_cancellable_new_deadline (-7),
    asr_cancellable_new_deadline (G_MININT64),
  };

  asr_cancellable_set_deadline (made[3], g_get_monotonic_time () - 1);
  for (guint i = 0; i < G_N_ELEMENTS (made); i++)
    {
      assert_reason (made[i], DEADLINE);
      assert_error (made[i], G_IO_ERROR_TIMED_OUT);
      g_assert_cmpint (asr_cancellable_get_deadline (made[i]), >=, 0);
      g_assert_cmpint (asr_cancellable_get_deadline (made[i]), <=, g_get_monotonic_time ());
      assert_finalized (made[i]);
    }
}

static void
test_none (void)
{
  GCancellable *made[] = {
    asr_cancellable_new_timeout (-1),
    asr_cancellable_new_deadline (-1),
    asr_cancellable_new_timeout (LATER),
  };

  asr_cancellable_set_deadline (made[2], -1);
  for (guint i = 0; i < G_N_ELEMENTS (made); i++)
    {
      assert_reason (made[i], NONE);
      g_assert_cmpint (asr_cancellable_get_deadline (made[i]), ==, -1);
      assert_finalized (made[i]);
    }
}

static void
test_changed (void)
{
  GCancellable *cancellable = asr_cancellable_new_timeout (LATER), *witness;

  /* Earlier. */
  asr_cancellable_set_deadline (cancellable, soon ());
  wait_for_cancelled (cancellable);
  /* Later, and none: a deadline that comes behind it passes first. */
  for (guint round = 0; round < 2; round++)
    {
      g_cancellable_reset (cancellable);
      asr_cancellable_set_deadline (cancellable, soon ());
      asr_cancellable_set_deadline (cancellable, round == 0 ? g_get_monotonic_time () + LATER : -1);
      witness = asr_cancellable_new_deadline (soon () + 1000);
      wait_for_cancelled (witness);
      g_object_unref (witness);
      /* Or this thread slept for long between the first two lines. */
      if (asr_cancellable_get_reason (cancellable) != ASR_CANCEL_REASON_NONE)
        g_test_message ("the deadline passed before it was changed");
    }
  assert_finalized (cancellable);
}

/* The children's reason is the parent; their error is that of the first cause. */
static void
test_of_parent (void)
{
  GCancellable *parent = asr_cancellable_new_deadline (soon ());
  GCancellable *child = asr_cancellable_new_child (parent), *grandchild = asr_cancellable_new_child (child);
  GCancellable *late;

  wait_for_cancelled (grandchild);
  assert_reason (parent, DEADLINE);
  assert_reason (child, PARENT);
  assert_reason (grandchild, PARENT);
  assert_error (grandchild, G_IO_ERROR_TIMED_OUT);
  late = asr_cancellable_new_child (grandchild);
  assert_reason (late, PARENT);
  assert_error (late, G_IO_ERROR_TIMED_OUT);
  g_object_unref (late);
  g_object_unref (grandchild);
  g_object_unref (child);
  g_object_unref (parent);
  /* The parent came first. */
  parent = g_cancellable_new ();
  child = asr_cancellable_new_child (parent);
  asr_cancellable_set_deadline (child, g_get_monotonic_time () + LATER);
  g_cancellable_cancel (parent);
  assert_error (child, G_IO_ERROR_CANCELLED);
  asr_cancellable_set_deadline (child, 0);
  assert_reason (child, PARENT);
  assert_error (child, G_IO_ERROR_CANCELLED);
  g_object_unref (child);
  g_object_unref (parent);
}

static void
test_earliest (void)
{
  gint64 now = g_get_monotonic_time ();
  GCancellable *first = asr_cancellable_new_deadline (now + LATER), *second = asr_cancellable_new_child (first);
  GCancellable *third = asr_cancellable_new_child (second), *plain = g_cancellable_new ();

  g_assert_cmpint (asr_cancellable_get_deadline (third), ==, now + LATER);
  asr_cancellable_add_parent (third, plain);
  asr_cancellable_set_deadline (third, now + 2 * LATER);
  g_assert_cmpint (asr_cancellable_get_deadline (third), ==, now + LATER);
  asr_cancellable_set_deadline (second, now + LATER / 2);
  g_assert_cmpint (asr_cancellable_get_deadline (third), ==, now + LATER / 2);
  asr_cancellable_set_deadline (third, now + LATER / 4);
  g_assert_cmpint (asr_cancellable_get_deadline (third), ==, now + LATER / 4);
  g_assert_cmpint (asr_cancellable_get_deadline (second), ==, now + LATER / 2);
  asr_cancellable_remove_parent (third, second);
  asr_cancellable_set_deadline (third, -1);
  g_assert_cmpint (asr_cancellable_get_deadline (third), ==, -1);
  assert_finalized (first);
  g_assert_cmpint (asr_cancellable_get_deadline (second), ==, now + LATER / 2);
  assert_finalized (third);
  assert_finalized (second);
  assert_finalized (plain);
}

/* A deadline passes once, whatever is reset. */
static void
test_reset (void)
{
  GCancellable *cancellable = asr_cancellable_new_timeout (0), *witness;
  gint64 lead = 100000, deadline;

  g_cancellable_reset (cancellable);
  witness = asr_cancellable_new_deadline (soon ());
  wait_for_cancelled (witness);
  g_object_unref (witness);
  assert_reason (cancellable, NONE);
  /* Once more if it could pass before the reset. */
  do
    {
      lead *= 2;
      deadline = g_get_monotonic_time () + lead;
      asr_cancellable_set_deadline (cancellable, deadline);
      g_cancellable_cancel (cancellable);
      g_cancellable_reset (cancellable);
    }
  while (g_get_monotonic_time () >= deadline);
  wait_for_cancelled (cancellable);
  assert_reason (cancellable, DEADLINE);
  g_object_unref (cancellable);
}

/* In the order of their times, whatever that of their making. */

enum { MANY = 300 };

static gint n_passed;

static void
note_number (G_GNUC_UNUSED GCancellable *cancellable, gpointer number)
{
  *(gint *) number = g_atomic_int_get (&n_passed);
  g_atomic_int_inc (&n_passed); /* Then whoever waits may read it. */
}

/* Waits for MANY that begin to pass after `lead` microseconds. Answers FALSE if the first of them could pass before the
 * last was made. */
static gboolean
pass_in_order (gint *numbers, gint64 lead)
{
  GCancellable *made[MANY];
  gint64 start = g_get_monotonic_time () + lead;
  gboolean in_time;

  n_passed = 0;
  for (guint i = 0; i < MANY; i++)
    {
      made[i] = asr_cancellable_new_deadline (start + (i * 7) % MANY * 10);
      g_cancellable_connect (made[i], G_CALLBACK (note_number), &numbers[i], NULL);
    }
  in_time = g_get_monotonic_time () < start;
  while (g_atomic_int_get (&n_passed) < MANY)
    g_usleep (100);
  for (guint i = 0; i < MANY; i++)
    g_object_unref (made[i]);
  return in_time;
}

static void
test_in_order (void)
{
  gint numbers[MANY];
  gint64 lead = 100000;

  while (!pass_in_order (numbers, lead))
    lead *= 2;
  for (guint i = 0; i < MANY; i++)
    g_assert_cmpint (numbers[i], ==, (i * 7) % MANY);
}

/* The last reference may go in the handler, on the thread of the deadlines. */

static gint n_ended;

static void
note_end (G_GNUC_UNUSED gpointer data, G_GNUC_UNUSED GObject *where)
{
  g_atomic_int_inc (&n_ended);
}

static void
drop (GCancellable *cancellable, G_GNUC_UNUSED gpointer data)
{
  g_object_unref (cancellable);
}

static void
test_dropped_in_handler (void)
{
  n_ended = 0;
  for (guint i = 0; i < 20; i++)
    {
      GCancellable *cancellable = asr_cancellable_new_timeout (LATER);

      g_object_weak_ref (G_OBJECT (cancellable), note_end, NULL);
      g_signal_connect (cancellable, "cancelled", G_CALLBACK (drop), NULL);
      asr_cancellable_set_deadline (cancellable, soon ());
    }
  while (g_atomic_int_get (&n_ended) < 20)
    g_usleep (100);
}

/* Of the thread of the deadlines, while others come and go. */
static int
switches_meanwhile (guint n)
{
  GCancellable **made = g_new (GCancellable *, n);
  GCancellable *stays = asr_cancellable_new_timeout (3 * LATER);
  char *before, *after;
  int switches;

  g_object_unref (asr_cancellable_new_timeout (2 * LATER));
  wait_until_it_sleeps ();
  before = thread_says ("voluntary_ctxt_switches:\t");
  for (guint i = 0; i < n; i++)
    g_object_unref (asr_cancellable_new_timeout (LATER + i));
  for (guint i = 0; i < n; i++)
    made[i] = asr_cancellable_new_timeout (LATER + i);
  for (guint i = 0; i < n; i++)
    g_object_unref (made[i]);
  for (guint i = 0; i < n / 10; i++)
    {
      g_object_unref (asr_cancellable_new_timeout (0));
      if (i % 100 == 0)
        g_usleep (100); /* the thread would have time to wake up, and to sleep again */
    }
  g_object_unref (stays);
  after = thread_says ("voluntary_ctxt_switches:\t");
  switches = atoi (after) - atoi (before);
  g_free (before);
  g_free (after);
  g_free (made);
  return switches;
}

/* One thread, however many deadlines there are; and those that come and go do not wake it, earlier than a deadline that
 * stays or later, nor those that have passed. Under valgrind a switch may also be a wait for valgrind's lock: now and
 * then, so the least of three counts. */
static void
test_one_thread (void)
{
  guint n = harness_rounds (100000);
  int least = G_MAXINT;

  for (guint i = 0; i < 3 && least > 20; i++)
    least = MIN (least, switches_meanwhile (n));
  g_test_message ("%d switches", least);
  g_assert_cmpint (least, <=, 20);
}

/* The thread is like the main one, whoever sets the first deadline; and there is another one when a handler ends it. */

static gint n_seen;

static void
see_the_thread (G_GNUC_UNUSED GCancellable *cancellable, gpointer data)
{
  cpu_set_t mains, own;
  sigset_t blocked;

  g_assert_cmpint (sched_getaffinity (getpid (), sizeof mains, &mains), ==, 0);
  g_assert_cmpint (sched_getaffinity (0, sizeof own, &own), ==, 0);
  g_assert_true (CPU_EQUAL (&mains, &own));
  g_assert_cmpint (sched_getscheduler (0), ==, sched_getscheduler (getpid ()));
  /* Processes that a handler starts inherit it. */
  g_assert_cmpint (pthread_sigmask (SIG_BLOCK, NULL, &blocked), ==, 0);
  g_assert_false (sigismember (&blocked, SIGTERM));
  g_atomic_int_inc (&n_seen);
  if (data != NULL)
    g_thread_exit (NULL);
}

static gpointer
set_first (gpointer cancellable)
{
  struct sched_param none = { 0 };
  cpu_set_t all, one;

  g_assert_cmpint (sched_getaffinity (0, sizeof all, &all), ==, 0);
  CPU_ZERO (&one);
  for (int cpu = 0; cpu < CPU_SETSIZE && CPU_COUNT (&one) == 0; cpu++)
    if (CPU_ISSET (cpu, &all))
      CPU_SET (cpu, &one);
  g_assert_cmpint (sched_setaffinity (0, sizeof one, &one), ==, 0);
  g_assert_cmpint (sched_setscheduler (0, SCHED_BATCH, &none), ==, 0);
  asr_cancellable_set_deadline (cancellable, to_come ());
  return NULL;
}

static void
test_thread_of_the_process (void)
{
  if (g_test_subprocess ())
    {
      GCancellable *first = asr_cancellable_new_child (NULL), *waits = asr_cancellable_new_child (NULL), *child;

      child = asr_cancellable_new_child (first);
      g_signal_connect (child, "cancelled", G_CALLBACK (see_the_thread), first);
      g_signal_connect (waits, "cancelled", G_CALLBACK (see_the_thread), NULL);
      g_thread_join (g_thread_new ("first", set_first, first));
      asr_cancellable_set_deadline (waits, g_get_monotonic_time () + 300000);
      wait_for_cancelled (waits);
      for (guint i = 0; g_atomic_int_get (&n_seen) < 2 && i < 100000; i++)
        g_usleep (100);
      g_assert_cmpint (n_seen, ==, 2);
      assert_reason (waits, DEADLINE);
      return;
    }
  g_test_trap_subprocess (NULL, 0, 0);
  g_test_trap_assert_passed ();
}

/* The process ends while deadlines pass, handlers run, and others wait. */
static void
stay (G_GNUC_UNUSED GCancellable *cancellable, G_GNUC_UNUSED gpointer data)
{
  g_usleep (300);
}

/* Not lost. */
static GCancellable *volatile until_the_end[2000];

static void
test_exit (void)
{
  if (g_test_subprocess ())
    {
      for (guint i = 0; i < G_N_ELEMENTS (until_the_end); i++)
        {
          until_the_end[i] = asr_cancellable_new_timeout (1000 + i * 10);
          g_cancellable_connect (until_the_end[i], G_CALLBACK (stay), NULL, NULL);
        }
      g_usleep (3000);
      exit (0);
    }
  for (guint i = 0; i < 5; i++)
    {
      g_test_trap_subprocess (NULL, 0, 0);
      g_test_trap_assert_passed ();
    }
}

/* A system that refuses the thread: one warning, and the next deadline asks again. */

static gboolean refusing;

/* The libraries find this one before the C library's. */
int
pthread_create (pthread_t *thread, const pthread_attr_t *attributes, void *(*run) (void *), void *data)
{
  int (*create) (pthread_t *, const pthread_attr_t *, void *(*) (void *), void *);
  gpointer next = dlsym (RTLD_NEXT, "pthread_create");

  if (refusing)
    return EAGAIN;
  /* ISO C has no cast from an object pointer to a function pointer. */
  memcpy (&create, &next, sizeof create);
  return create (thread, attributes, run, data);
}

static void
test_refused_thread (void)
{
  if (g_test_subprocess ())
    {
      GCancellable *waits, *next;

      refusing = TRUE;
      g_test_expect_message ("asyncresult", G_LOG_LEVEL_WARNING, "No thread for deadlines can be started: *");
      waits = asr_cancellable_new_timeout (300000);
      g_test_assert_expected_messages ();
      /* Said once. */
      g_object_unref (asr_cancellable_new_timeout (LATER));
      /* What has passed needs none. */
      next = asr_cancellable_new_timeout (0);
      assert_reason (next, DEADLINE);
      g_object_unref (next);
      g_usleep (310000);
      assert_reason (waits, NONE);
      refusing = FALSE;
      next = asr_cancellable_new_timeout (LATER);
      wait_for_cancelled (waits);
      assert_reason (waits, DEADLINE);
      g_object_unref (next);
      g_object_unref (waits);
      return;
    }
  g_test_trap_subprocess (NULL, 0, 0);
  g_test_trap_assert_passed ();
}

static const Case cases[] = {
  { "/asr-deadlines/refused-thread", test_refused_thread, NULL, 0 },
  { "/asr-deadlines/passes", test_passes, NULL, 0 },
  { "/asr-deadlines/timeout", test_timeout, NULL, 0 },
  { "/asr-deadlines/passed-already", test_passed_already, NULL, 0 },
  { "/asr-deadlines/none", test_none, NULL, 0 },
  { "/asr-deadlines/changed", test_changed, NULL, 0 },
  { "/asr-deadlines/of-parent", test_of_parent, NULL, 0 },
  { "/asr-deadlines/earliest", test_earliest, NULL, 0 },
  { "/asr-deadlines/reset", test_reset, NULL, 0 },
  { "/asr-deadlines/in-order", test_in_order, NULL, 0 },
  { "/asr-deadlines/dropped-in-handler", test_dropped_in_handler, NULL, 0 },
  { "/asr-deadlines/one-thread", test_one_thread, NULL, 0 },
  { "/asr-deadlines/thread-of-the-process", test_thread_of_the_process, NULL, 0 },
  { "/asr-deadlines/exit", test_exit, NULL, 0 },
};

HARNESS_MAIN (cases)
