/* What users reported to GLib, and to the projects above it: descriptors, threads, time and memory. Each case is named
 * after its report; those that differ fail, hang or hurt on libgio. */
#define _GNU_SOURCE /* mallinfo2 */
#include "reported.h"

#include <malloc.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#define OPERATIONS 50000

/* One operation of each kind on the cancellable, from start to end. */
static void
operate (GCancellable *cancellable)
{
  Call call = { 0 };
  gulong handler = g_cancellable_connect (cancellable, G_CALLBACK (fired), NULL, NULL);
  GSource *source = g_cancellable_source_new (cancellable);
  GTask *task = g_task_new (NULL, cancellable, note_call, &call);

  g_source_set_callback (source, G_SOURCE_FUNC (fired), NULL, NULL);
  g_source_attach (source, NULL);
  g_task_return_boolean (task, TRUE);
  drain (NULL);
  g_assert_cmpint (call.calls, ==, 1);
  g_object_unref (task);
  task = g_task_new (NULL, cancellable, NULL, NULL);
  g_task_run_in_thread_sync (task, return_true);
  g_object_unref (task);
  g_source_destroy (source);
  g_source_unref (source);
  g_cancellable_disconnect (cancellable, handler);
}

/* Operates, and says what a part cost: processor time in nanoseconds, and the growth of the heap in bytes. */
static gint64
operate_often (GCancellable *cancellable, guint times, gint64 *growth)
{
  struct timespec begin, end;
  gint64 used = mallinfo2 ().uordblks;

  clock_gettime (CLOCK_PROCESS_CPUTIME_ID, &begin);
  for (guint i = 0; i < times; i++)
    operate (cancellable);
  clock_gettime (CLOCK_PROCESS_CPUTIME_ID, &end);
  *growth = (gint64) mallinfo2 ().uordblks - used;
  return (end.tv_sec - begin.tv_sec) * G_GINT64_CONSTANT (1000000000) + end.tv_nsec - begin.tv_nsec;
}

/* On libgio a worker may hold a task, and so the cancellable, for a moment longer. */
static void
drop_last_reference (GCancellable *cancellable)
{
  gpointer watched = cancellable;

  g_object_add_weak_pointer (G_OBJECT (cancellable), &watched);
  g_object_unref (cancellable);
  for (guint i = 0; g_atomic_pointer_get (&watched) && i < 5000; i++)
    g_usleep (1000);
  g_assert_null (g_atomic_pointer_get (&watched));
}

/* Bytes of the heap. libgio's own pool keeps more, and not always the same. */
#ifdef ON_GIO
#define GROWTH (1 << 20)
#else
#define GROWTH 65536
#endif

/* One cancellable lives as long as its program, with operation after operation: nothing grows. */
static void
test_gtk_rs_core_2046 (void)
{
  GCancellable *cancellable = g_cancellable_new ();
  guint tenth = MAX (harness_rounds (OPERATIONS) / 4 / 10, 10); /* an operation here is four */
  gint64 first, middle, last, warmed, growth;

  operate_often (cancellable, tenth, &warmed);
  first = operate_often (cancellable, tenth, &warmed);
  middle = operate_often (cancellable, 7 * tenth, &growth);
  last = operate_often (cancellable, tenth, &warmed);
  g_test_message ("%u operations: %" G_GINT64_FORMAT " ns each at first, %" G_GINT64_FORMAT ", %" G_GINT64_FORMAT
                  " in the end; %" G_GINT64_FORMAT " bytes", 40 * tenth, first / tenth / 4, middle / tenth / 28,
                  last / tenth / 4, growth);
  g_assert_cmpint (growth, <, GROWTH);
  drop_last_reference (cancellable);
}

/* With OPERATIONS alone, a fast machine may be done within the limit with libgio, too. */
#ifdef ON_GIO
#define AT_ONCE 2
#else
#define AT_ONCE 1
#endif

/* The same, all at once: they wait in the queue, and one cancellable is for all of them. */
static void
test_gtk_rs_core_2046_at_once (void)
{
  GCancellable *cancellable = g_cancellable_new ();
  guint operations = AT_ONCE * harness_rounds (OPERATIONS);
  Call call = { 0 };
  gint64 begin = g_get_monotonic_time ();

  for (guint i = 0; i < operations; i++)
    start (return_true, cancellable, &call, NULL);
  wait_for_count (NULL, &call.calls, (gint) operations);
  g_test_message ("%u operations in %" G_GINT64_FORMAT " us", operations, g_get_monotonic_time () - begin);
  drop_last_reference (cancellable);
}

static void
close_descriptor (gpointer data)
{
  close (GPOINTER_TO_INT (data));
}

#define KEPT 200

/* Operations that nobody ends hold no descriptor, nor does what ended and was not asked for. */
static void
test_udisks_324 (void)
{
  guint before;
  GCancellable *cancellable = g_cancellable_new ();
  GTask *kept[KEPT], *first = g_task_new (NULL, NULL, NULL, NULL);

  /* What the first task and its thread open may stay. */
  g_task_run_in_thread_sync (first, return_true);
  g_object_unref (first);
  drain (NULL);
  before = count_descriptors ();

  for (gint i = 0; i < KEPT; i++)
    {
      GTask *task = g_task_new (NULL, NULL, NULL, NULL);

      kept[i] = g_task_new (NULL, cancellable, NULL, NULL);
      g_task_return_pointer (task, GINT_TO_POINTER (dup (STDOUT_FILENO)), close_descriptor);
      g_object_unref (task);
      if (i % 2)
        g_task_run_in_thread_sync (kept[i], return_true);
    }
  g_cancellable_cancel (cancellable);
  drain (NULL);
  await_descriptors (before);
  /* Asked for and never given back: it goes with the cancellable. */
  g_assert_cmpint (g_cancellable_get_fd (cancellable), >=, 0);
  await_descriptors (before + 1);
  for (gint i = 0; i < KEPT; i++)
    {
      if (i % 2 == 0)
        g_task_return_boolean (kept[i], TRUE);
      g_object_unref (kept[i]);
    }
  drain (NULL);
  drop_last_reference (cancellable);
  await_descriptors (before);
}

#define HUNDREDS 500
#define THREADS_ENOUGH 20 /* the base of ten; a machine that stops for a moment may add some */

static GMutex seen_lock;
static GHashTable *seen;

static void
note_worker (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  g_mutex_lock (&seen_lock);
  g_hash_table_add (seen, g_thread_self ());
  g_mutex_unlock (&seen_lock);
  return_true (task, source, data, cancellable);
}

/* Hundreds of tasks that do not block do not take hundreds of threads. */
static void
test_rpm_ostree_1317 (void)
{
  Call call = { 0 };

  seen = g_hash_table_new (NULL, NULL);
  for (gint i = 0; i < HUNDREDS; i++)
    start (note_worker, NULL, &call, NULL);
  wait_for_count (NULL, &call.calls, HUNDREDS);
  g_test_message ("%d tasks, %u threads", HUNDREDS, g_hash_table_size (seen));
  g_assert_cmpuint (g_hash_table_size (seen), <=, THREADS_ENOUGH);
  g_hash_table_unref (seen);
}

#define FEW_DESCRIPTORS 16

/* Says what the limit was. */
static struct rlimit
use_up_descriptors (void)
{
  struct rlimit limit, few;

  g_assert_cmpint (getrlimit (RLIMIT_NOFILE, &limit), ==, 0);
  few = limit;
  few.rlim_cur = FEW_DESCRIPTORS;
  g_assert_cmpint (setrlimit (RLIMIT_NOFILE, &few), ==, 0);
  while (dup (STDOUT_FILENO) >= 0)
    continue;
  return limit;
}

/* No descriptor is left: whoever asks for one is told so, and everything else goes on. */
static void
test_liferea_718 (void)
{
  GCancellable *cancellable = g_cancellable_new ();
  Call call = { 0 };
  GPollFD pollfd;
  struct rlimit limit;

  drain (NULL); /* the default context has its own descriptor by now */
  limit = use_up_descriptors ();
  g_assert_cmpint (g_cancellable_get_fd (cancellable), ==, -1);
  g_assert_false (g_cancellable_make_pollfd (cancellable, &pollfd));
  start (return_true, cancellable, &call, NULL);
  wait_for_count (NULL, &call.calls, 1);
  g_cancellable_cancel (cancellable);
  g_assert_cmpint (g_cancellable_get_fd (cancellable), ==, -1);
  drop_last_reference (cancellable);
  g_assert_cmpint (setrlimit (RLIMIT_NOFILE, &limit), ==, 0); /* a checker may want some in the end */
}

/* More than there are addresses to be had. */
#define HUGE_STACK (GLIB_SIZEOF_SIZE_T == 8 ? (gsize) 64 << 40 : (gsize) 3 << 30)

/* From now on a thread that does not ask for a stack size is refused. */
static void
refuse_threads (gboolean refuse)
{
  harness_set_stacks (refuse ? HUGE_STACK : (gsize) 1 << 20);
}

/* No thread is to be had: the tasks wait, the program goes on, and they are run when there is one. */
static void
test_libproxy_250 (void)
{
  Call call = { 0 }, local = { 0 };
  GTask *task;

  /* Valgrind refuses such a thread with a number that the C library does not give, and GLib aborts. */
  if (g_strcmp0 (g_getenv ("HARNESS_QUICK"), "1") == 0)
    return;
  task = g_task_new (NULL, NULL, note_call, &local);
  refuse_threads (TRUE);
  for (gint i = 0; i < 20; i++)
    start (return_true, NULL, &call, NULL);
  g_task_return_boolean (task, TRUE);
  wait_completed (task);
  g_object_unref (task);
  g_assert_cmpint (local.calls, ==, 1);
  g_assert_cmpint (call.calls, ==, 0);
  refuse_threads (FALSE);
  wait_for_count (NULL, &call.calls, 20);
}

#define BASE 10
#define SHORT_TASKS 4

static Gate gate;

static void
block (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  gate_pass (&gate);
  return_true (task, source, data, cancellable);
}

/* Long enough for a pool that looks again by a timer to look while this is all that gets on. */
static void
take_a_moment (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  g_usleep (G_USEC_PER_SEC / 5);
  return_true (task, source, data, cancellable);
}

/* As many tasks as the pool has workers are blocked for good; those behind them get on all the same. */
static void
test_glib_3840 (void)
{
  Call blocked = { 0 }, brief = { 0 };

  gate_init (&gate);
  for (gint i = 0; i < BASE; i++)
    start (block, NULL, &blocked, NULL);
  gate_await (&gate, BASE);
  for (gint i = 1; i <= SHORT_TASKS; i++)
    {
      start (take_a_moment, NULL, &brief, NULL);
      wait_for_count (NULL, &brief.calls, i);
    }
  g_assert_cmpint (blocked.calls, ==, 0);
  gate_let_out (&gate, BASE);
  wait_for_count (NULL, &blocked.calls, BASE);
  gate_clear (&gate);
}

static const Case cases[] = {
  { "/reported/gtk-rs-core-2046", test_gtk_rs_core_2046, NULL, 0 },
  { "/reported/gtk-rs-core-2046/at-once", test_gtk_rs_core_2046_at_once,
    "5.18 (better): no task in the queue is visited, also when all share one cancellable", 5 },
  { "/reported/udisks-324", test_udisks_324, NULL, 30 },
  { "/reported/rpm-ostree-1317", test_rpm_ostree_1317, NULL, 0 },
  { "/reported/liferea-718", test_liferea_718, "6.23 (better): no descriptor to be had is no reason to abort", 5 },
  { "/reported/libproxy-250", test_libproxy_250, "5.21 (better): never aborts when the system refuses a thread", 5 },
  { "/reported/glib-3840", test_glib_3840, "until 2.88: 5.23 (better): one worker is added while nothing finishes", 5 },
};

HARNESS_MAIN (cases)
