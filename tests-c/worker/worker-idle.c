/* Workers that are idle for long leave, and destructors of their thread-specific data may use the library. Few cases,
 * as each takes as long as they stay: about a quarter of a minute. */
#include "delivery-helpers.h"

#define TASKS 30
#define WORKERS 10
#define KEPT 2
/* Workers that run what a destructor started stay for another 15 seconds. */
#define SECONDS 90
/* How many destructors start tasks. With all of them libgio of 2.90, whose idle workers take turns, would take a minute
 * and a half. */
#ifdef ON_GIO
#define STARTERS 3
#else
#define STARTERS WORKERS
#endif

static Gate gate;
static gint left;    /* workers whose destructors are done */
static gint n_using; /* destructors that have begun */
static Call called;  /* of the tasks that they started */
static gint finalized;

static void
return_true (GTask *task, gpointer source G_GNUC_UNUSED, gpointer data G_GNUC_UNUSED,
             GCancellable *cancellable G_GNUC_UNUSED)
{
  g_task_return_boolean (task, TRUE);
}

static void
run_one (GTaskThreadFunc function, Call *call)
{
  GTask *task = g_task_new (NULL, NULL, note_call, call);

  g_task_set_task_data (task, &gate, NULL);
  g_task_run_in_thread (task, function);
  g_object_unref (task);
}

static void
run_sync (void)
{
  GTask *task = g_task_new (NULL, NULL, NULL, NULL);

  g_task_run_in_thread_sync (task, return_true);
  g_assert_true (g_task_propagate_boolean (task, NULL));
  g_object_unref (task);
}

static void
start_tasks (gpointer cancellable)
{
  GTask *task = g_task_new (cancellable, cancellable, note_call, &called);

  watch (task, &finalized);
  g_task_run_in_thread (task, return_true);
  g_object_unref (task);
  run_sync ();
  task = g_task_new (NULL, NULL, note_call, &called);
  watch (task, &finalized);
  g_task_return_boolean (task, TRUE);
  g_object_unref (task);
}

static void
use_library (gpointer cancellable)
{
  g_assert_null (g_cancellable_get_current ());
  g_cancellable_push_current (cancellable);
  g_assert_true (g_cancellable_get_current () == cancellable);
  g_cancellable_pop_current (cancellable);
  g_cancellable_cancel (cancellable);
  if (g_atomic_int_add (&n_using, 1) < STARTERS)
    start_tasks (cancellable);
  g_object_unref (cancellable);
  g_atomic_int_inc (&left);
}

static GPrivate worker_data = G_PRIVATE_INIT (use_library);

static void
leave_data (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  g_private_set (&worker_data, g_cancellable_new ());
  return_past_gate (task, source, data, cancellable);
}

/* Of the pool: GIO's has the program's name. */
static guint
count_workers (void)
{
  GDir *dir = g_dir_open ("/proc/self/task", 0, NULL);
  const char *number;
  guint n = 0;

  while ((number = g_dir_read_name (dir)))
    {
      char *path = g_build_filename ("/proc/self/task", number, "comm", NULL);
      char *name = NULL;

      if (g_file_get_contents (path, &name, NULL, NULL))
        n += g_str_has_prefix (name, "pool-") && !g_str_has_prefix (name, "pool-spawner");
      g_free (name);
      g_free (path);
    }
  g_dir_close (dir);
  return n;
}

/* Ten workers at once run the function, which stays for the others. */
static void
run_ten (GTaskThreadFunc function, Call *call)
{
  gate_init (&gate);
  for (gint i = 0; i < WORKERS; i++)
    run_one (function, call);
  gate_await (&gate, WORKERS);
  g_assert_cmpuint (count_workers (), >=, WORKERS);
  gate_let_out (&gate, WORKERS);
  wait_for_count (NULL, &call->calls, WORKERS);
  gate_clear (&gate);
}

static void
test_leave (void)
{
  gint64 end = g_get_monotonic_time () + SECONDS * G_USEC_PER_SEC;
  Call call = { 0 };

  run_ten (leave_data, &call);
  while ((g_atomic_int_get (&left) < WORKERS - KEPT || count_workers () > KEPT) && g_get_monotonic_time () < end)
    if (!g_main_context_iteration (NULL, FALSE))
      g_usleep (20000);
  g_assert_cmpint (left, >=, WORKERS - KEPT);
  g_assert_cmpuint (count_workers (), <=, KEPT);
  /* What the destructors started has ended, and the pool works on. */
  wait_for_count (NULL, &called.calls, 2 * MIN (left, STARTERS));
  wait_for_count (NULL, &finalized, 2 * MIN (left, STARTERS));
  run_sync ();
  g_assert_cmpint (called.calls, <=, 2 * STARTERS);
}

/* A job now and then needs a few of them; the others leave as if there was none. */

#define PAUSE 300 /* milliseconds */
#define FEW 6

static void
test_leave_though_some_work (void)
{
  gint64 end = g_get_monotonic_time () + SECONDS * G_USEC_PER_SEC;
  Call call = { 0 };
  gint jobs = WORKERS;

  run_ten (return_past_gate, &call);
  while (count_workers () > FEW && g_get_monotonic_time () < end)
    {
      run_one (return_true, &call);
      wait_for_count (NULL, &call.calls, ++jobs);
      g_usleep (PAUSE * 1000);
    }
  g_assert_cmpuint (count_workers (), <=, FEW);
}

/* Jobs one after the other go to more than one worker, as long as nobody waits for them. */

static void
note_thread (GTask *task, gpointer source, gpointer threads, GCancellable *cancellable)
{
  g_hash_table_add (threads, g_thread_self ());
  return_true (task, source, NULL, cancellable);
}

static void
test_take_turns (void)
{
  GHashTable *threads = g_hash_table_new (NULL, NULL);
  Call call = { 0 };

  run_ten (return_past_gate, &call);
  for (gint i = 1; i <= TASKS; i++)
    {
      GTask *task = g_task_new (NULL, NULL, note_call, &call);

      g_usleep (5000); /* so that all sleep */
      g_task_set_task_data (task, threads, NULL);
      g_task_run_in_thread (task, note_thread);
      g_object_unref (task);
      wait_for_count (NULL, &call.calls, WORKERS + i);
    }
  g_assert_cmpuint (g_hash_table_size (threads), >, 1);
  g_hash_table_unref (threads);
}

static const Case cases[] = {
  { "/worker-idle/leave", test_leave, NULL, SECONDS + 20 },
  { "/worker-idle/take-turns", test_take_turns, NULL, 20 },
  { "/worker-idle/leave-though-some-work", test_leave_though_some_work, NULL, SECONDS + 20 },
};

HARNESS_MAIN (cases)
