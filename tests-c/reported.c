/* What users reported to GLib, and to the projects above it. Each case is named after its report; those that differ
 * fail, hang or hurt on libgio. */
#define _GNU_SOURCE /* pthread_setattr_default_np, mallinfo2 */
#include "counted-error.h"
#include "task-helpers.h"

#include <malloc.h>
#include <pthread.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

static void
return_true (GTask *task, gpointer source G_GNUC_UNUSED, gpointer data G_GNUC_UNUSED,
             GCancellable *cancellable G_GNUC_UNUSED)
{
  g_task_return_boolean (task, TRUE);
}

/* A task in a thread, its data watched by `destroyed` if that is not NULL. */
static void
start (GTaskThreadFunc function, GCancellable *cancellable, Call *call, gint *destroyed)
{
  GTask *task = g_task_new (NULL, cancellable, note_call, call);

  if (destroyed)
    g_task_set_task_data (task, destroyed, count_destroy);
  g_task_run_in_thread (task, function);
  g_object_unref (task);
}

typedef struct
{
  GCancellable *cancellable;
  gulong handler;
  gint calls;
  gint destroyed;
} Subscription;

static void
disconnect_myself (GCancellable *cancellable, gpointer data)
{
  Subscription *self = data;

  self->calls++;
  g_cancellable_disconnect (cancellable, self->handler);
}

static void
count_subscription_end (gpointer data)
{
  ((Subscription *) data)->destroyed++;
}

/* A client's handler of `cancelled` disconnects itself. */
static void
test_packagekit_665 (void)
{
  Subscription self = { .cancellable = g_cancellable_new () };

  self.handler = g_cancellable_connect (self.cancellable, G_CALLBACK (disconnect_myself), &self,
                                        count_subscription_end);
  g_cancellable_cancel (self.cancellable);
  g_assert_cmpint (self.calls, ==, 1);
  g_assert_cmpint (self.destroyed, ==, 1);
  g_cancellable_reset (self.cancellable);
  g_cancellable_cancel (self.cancellable);
  g_assert_cmpint (self.calls, ==, 1);
  g_assert_finalize_object (self.cancellable);
}

static void
return_cancelled (GCancellable *cancellable G_GNUC_UNUSED, gpointer task)
{
  g_assert_true (g_task_return_error_if_cancelled (task));
}

/* A handler of `cancelled` returns the error of a task; the callback runs later, once. */
static GTask *
cancel_from_handler (Call *call)
{
  GCancellable *cancellable = g_cancellable_new ();
  GTask *task = g_task_new (NULL, cancellable, note_call, call);

  g_cancellable_connect (cancellable, G_CALLBACK (return_cancelled), task, NULL);
  g_cancellable_cancel (cancellable);
  g_assert_cmpint (call->calls, ==, 0);
  g_object_unref (cancellable);
  return task;
}

/* The daemon's error arrives after the cancellation was reported: refused, and not leaked. */
static void
test_packagekit_723 (void)
{
  Call call = { 0 };
  GTask *task = cancel_from_handler (&call);
  gint before = count_errors ();

  expect_critical ("g_task_return_error", "!task->ever_returned");
  g_task_return_error (task, counted_error_new (1));
  SEEN ();
  g_assert_cmpint (count_errors (), ==, before);
  wait_completed (task);
  expect_critical ("g_task_return_error", "!task->ever_returned");
  g_task_return_error (task, counted_error_new (2));
  SEEN ();
  g_assert_cmpint (count_errors (), ==, before);
  drain (NULL);
  g_assert_cmpint (call.calls, ==, 1);
  g_assert_finalize_object (task);
}

/* The portal's answer arrives after the cancellation was reported: refused, and what was reported stands. */
static void
test_libportal_76 (void)
{
  Call call = { 0 };
  GTask *task = cancel_from_handler (&call);
  GError *error = NULL;

  expect_critical ("g_task_return_boolean", "!task->ever_returned");
  g_task_return_boolean (task, TRUE);
  SEEN ();
  wait_completed (task);
  drain (NULL);
  g_assert_cmpint (call.calls, ==, 1);
  g_assert_false (g_task_propagate_boolean (task, &error));
  assert_is_cancelled (&error);
  g_assert_finalize_object (task);
}

static G_GNUC_NO_INLINE GTask *
begin_and_forget (void)
{
  return g_task_new (NULL, NULL, note_call, NULL);
}

#define FORGETFUL_BYTES 256 /* more than the code of begin_and_forget() has */

/* Keeps a critical that says so, for its test; anything else goes to GLib. */
static GLogWriterOutput
keep_message (GLogLevelFlags level, const GLogField *fields, gsize n_fields, gpointer message)
{
  if (!(level & G_LOG_LEVEL_CRITICAL))
    return g_log_writer_default (level, fields, n_fields, NULL);
  for (gsize i = 0; i < n_fields; i++)
    if (g_str_equal (fields[i].key, "MESSAGE"))
      *(char **) message = g_strdup (fields[i].value);
  return G_LOG_WRITER_HANDLED;
}

static gboolean
names_forgetful_function (const char *message)
{
  GTask *(*function) (void) = begin_and_forget;
  gboolean found = FALSE;
  char **words = g_strsplit_set (message, "[]", -1);
  guintptr begin;

  memcpy (&begin, &function, sizeof begin);
  for (char **word = words; *word; word++)
    {
      guint64 address = g_str_has_prefix (*word, "0x") ? g_ascii_strtoull (*word, NULL, 16) : 0;

      found |= address > begin && address < begin + FORGETFUL_BYTES;
    }
  g_strfreev (words);
  return found;
}

/* "finalized without ever returning", and where the task was made. */
static void
test_packagekit_905 (void)
{
  char *message = NULL;

  g_setenv ("ASYNCRESULT_DEBUG", "tasks", TRUE);
  g_log_set_writer_func (keep_message, &message, NULL);
  g_log_set_always_fatal (G_LOG_LEVEL_ERROR);
  g_object_unref (begin_and_forget ());
  g_assert_nonnull (message);
  g_assert_nonnull (strstr (message, "finalized without ever returning"));
  g_assert_true (names_forgetful_function (message));
  g_free (message);
}

#define OPERATIONS 50000

static gboolean
fired (GCancellable *cancellable G_GNUC_UNUSED, gpointer data G_GNUC_UNUSED)
{
  g_assert_not_reached ();
}

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

/* One cancellable lives as long as its program, with operation after operation: nothing grows, nothing slows down. */
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
  g_assert_cmpint (last, <, 5 * first);
  g_assert_cmpint (growth, <, 65536);
  g_assert_finalize_object (cancellable);
}

/* The same, all at once: they wait in the queue, and one cancellable is for all of them. */
static void
test_gtk_rs_core_2046_at_once (void)
{
  GCancellable *cancellable = g_cancellable_new ();
  guint operations = harness_rounds (OPERATIONS);
  Call call = { 0 };
  gint64 begin = g_get_monotonic_time ();

  for (guint i = 0; i < operations; i++)
    start (return_true, cancellable, &call, NULL);
  wait_for_count (NULL, &call.calls, (gint) operations);
  g_test_message ("%u operations in %" G_GINT64_FORMAT " us", operations, g_get_monotonic_time () - begin);
  g_assert_finalize_object (cancellable);
}

#define ROUNDS 20000

/* When the callback's iteration is over the task data is freed: nobody has to iterate once more. */
static void
test_gtk_rs_core_2011 (void)
{
  guint rounds = harness_rounds (ROUNDS), late = 0;

  for (guint i = 0; i < rounds; i++)
    {
      Call call = { 0 };
      gint destroyed = 0;

      start (return_true, NULL, &call, &destroyed);
      while (call.calls == 0)
        g_main_context_iteration (NULL, TRUE);
      late += g_atomic_int_get (&destroyed) != 1;
      await_count (&destroyed, 1);
    }
  g_test_message ("%u of %u late", late, rounds);
  g_assert_cmpuint (late, ==, 0);
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
  guint before = count_descriptors ();
  GCancellable *cancellable = g_cancellable_new ();
  GTask *kept[KEPT];

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
  g_assert_cmpuint (count_descriptors (), ==, before);
  /* Asked for and never given back: it goes with the cancellable. */
  g_assert_cmpint (g_cancellable_get_fd (cancellable), >=, 0);
  g_assert_cmpuint (count_descriptors (), ==, before + 1);
  for (gint i = 0; i < KEPT; i++)
    {
      if (i % 2 == 0)
        g_task_return_boolean (kept[i], TRUE);
      g_object_unref (kept[i]);
    }
  drain (NULL);
  g_assert_finalize_object (cancellable);
  g_assert_cmpuint (count_descriptors (), ==, before);
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

static void
use_up_descriptors (void)
{
  struct rlimit few = { FEW_DESCRIPTORS, FEW_DESCRIPTORS };

  g_assert_cmpint (setrlimit (RLIMIT_NOFILE, &few), ==, 0);
  while (dup (STDOUT_FILENO) >= 0)
    continue;
}

/* No descriptor is left: whoever asks for one is told so, and everything else goes on. */
static void
test_liferea_718 (void)
{
  GCancellable *cancellable = g_cancellable_new ();
  Call call = { 0 };
  GPollFD pollfd;

  drain (NULL); /* the default context has its own descriptor by now */
  use_up_descriptors ();
  g_assert_cmpint (g_cancellable_get_fd (cancellable), ==, -1);
  g_assert_false (g_cancellable_make_pollfd (cancellable, &pollfd));
  start (return_true, cancellable, &call, NULL);
  wait_for_count (NULL, &call.calls, 1);
  g_cancellable_cancel (cancellable);
  g_assert_cmpint (g_cancellable_get_fd (cancellable), ==, -1);
  g_assert_finalize_object (cancellable);
}

/* From now on a thread that does not ask for a stack size is refused. */
static void
refuse_threads (gboolean refuse)
{
  pthread_attr_t attributes;

  pthread_attr_init (&attributes);
  pthread_attr_setstacksize (&attributes, refuse ? (gsize) 1 << 46 : (gsize) 1 << 20);
  g_assert_cmpint (pthread_setattr_default_np (&attributes), ==, 0);
  pthread_attr_destroy (&attributes);
}

/* No thread is to be had: the tasks wait, the program goes on, and they are run when there is one. */
static void
test_libproxy_250 (void)
{
  Call call = { 0 }, local = { 0 };
  GTask *task = g_task_new (NULL, NULL, note_call, &local);

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

static struct
{
  GThread *home;
  gint all;
  gint elsewhere;
} releases;

static void
note_release (gpointer data G_GNUC_UNUSED)
{
  if (g_thread_self () != releases.home)
    g_atomic_int_inc (&releases.elsewhere);
  g_atomic_int_inc (&releases.all);
}

/* Task data is released where the callback runs, and not on the worker, whose locks it may need. */
static void
test_glib_1346 (void)
{
  Call call = { 0 };
  gint rounds = (gint) harness_rounds (ROUNDS);

  releases.home = g_thread_self ();
  for (gint i = 1; i <= rounds; i++)
    {
      GTask *task = g_task_new (NULL, NULL, note_call, &call);

      g_task_set_task_data (task, &call, note_release);
      g_task_run_in_thread (task, return_true);
      g_object_unref (task);
      while (call.calls < i)
        g_main_context_iteration (NULL, TRUE); /* asleep until the result comes: then it runs at once */
    }
  wait_for_count (NULL, &releases.all, rounds);
  g_test_message ("%d rounds, %d released on a worker", rounds, releases.elsewhere);
  g_assert_cmpint (releases.elsewhere, ==, 0);
}

static void
drop_source (GCancellable *cancellable G_GNUC_UNUSED, gpointer source)
{
  g_source_unref (source);
}

/* A source whose last reference goes while its cancellable is being cancelled is not leaked. */
static void
test_glib_774 (void)
{
  GCancellable *cancellable = g_cancellable_new ();
  GSource *source = g_cancellable_source_new (cancellable);
  gint destroyed = 0;

  g_source_set_callback (source, G_SOURCE_FUNC (fired), &destroyed, count_destroy);
  g_cancellable_connect (cancellable, G_CALLBACK (drop_source), source, NULL);
  g_cancellable_cancel (cancellable);
  g_assert_cmpint (destroyed, ==, 1);
  g_assert_finalize_object (cancellable);
}

static const Case cases[] = {
  { "/reported/packagekit-665", test_packagekit_665, "6 (better): disconnect from inside a handler returns at once", 3 },
  { "/reported/packagekit-723", test_packagekit_723, "2 (better): an error for a task that returned is freed", 0 },
  { "/reported/packagekit-905", test_packagekit_905, "4 (better): ASYNCRESULT_DEBUG=tasks says where", 5 },
  { "/reported/libportal-76", test_libportal_76, NULL, 0 },
  { "/reported/gtk-rs-core-2046", test_gtk_rs_core_2046, NULL, 0 },
  { "/reported/gtk-rs-core-2046/at-once", test_gtk_rs_core_2046_at_once, "5 (better): O(log n) when all share one cancellable", 5 },
  { "/reported/gtk-rs-core-2011", test_gtk_rs_core_2011, "5 (better): the worker's reference moves into the delivery", 20 },
  { "/reported/udisks-324", test_udisks_324, NULL, 0 },
  { "/reported/rpm-ostree-1317", test_rpm_ostree_1317, NULL, 0 },
  { "/reported/liferea-718", test_liferea_718, "6 (better): no descriptor to be had is no reason to abort", 5 },
  { "/reported/libproxy-250", test_libproxy_250, "5 (better): never aborts when the system refuses a thread", 5 },
  { "/reported/glib-3840", test_glib_3840, "5 (better): one worker is added while nothing finishes", 5 },
  { "/reported/glib-1346", test_glib_1346, "5 (better): no worker ever releases", 20 },
  { "/reported/glib-774", test_glib_774, "6 (better): dropping a source while it is cancelled is safe", 0 },
};

HARNESS_MAIN (cases)
