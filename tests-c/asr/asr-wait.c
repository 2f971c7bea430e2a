/* asr_wait_*: waiting for an operation to its end. What becomes of one that is left behind: asr-wait-left.c; what is refused:
 * asr-wait-refusals.c. */
#include "asr-wait-helpers.h"

/* Every way in which a callback comes: now and later, from here and from a worker. */
static void
test_result (void)
{
  for (guint kind = 0; kind < N_KINDS; kind++)
    {
      AsrWait *wait = asr_wait_new ();
      GError *error = NULL;

      operation_start (kind, 42, NULL, ASR_WAIT (wait));
      g_assert_cmpint (operation_finish (asr_wait_run (wait), &error), ==, 42);
      g_assert_no_error (error);
      asr_wait_free (wait);
    }
  wait_until_all_ended ();
}

static int
everyday (GCancellable *cancellable, GError **error)
{
  g_autoptr (AsrWait) wait = asr_wait_new ();

  operation_start (IN_A_WORKER, 42, cancellable, asr_wait_callback, asr_wait_begin (wait));
  return operation_finish (asr_wait_run (wait), error);
}

/* As it is written in synchronous functions. The result is the operation's, with its error. */
static void
test_everyday (void)
{
  GCancellable *cancellable = g_cancellable_new ();
  GError *error = NULL;

  g_assert_cmpint (everyday (cancellable, &error), ==, 42);
  g_assert_no_error (error);
  g_cancellable_cancel (cancellable);
  g_assert_cmpint (everyday (cancellable, &error), ==, -1);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);
  g_object_unref (cancellable);
  wait_until_all_ended ();
}

static gboolean
set_flag (gpointer flag)
{
  *(gboolean *) flag = TRUE;
  return G_SOURCE_REMOVE;
}

/* While the wait lives, its context is the default one, and no other is iterated. */
static void
test_context (void)
{
  gboolean is_dispatched = FALSE;
  guint id = g_idle_add (set_flag, &is_dispatched);
  AsrWait *wait;

  g_assert_null (g_main_context_get_thread_default ());
  wait = asr_wait_new ();
  g_assert_nonnull (g_main_context_get_thread_default ());
  g_assert_true (g_main_context_is_owner (g_main_context_get_thread_default ()));
  operation_start (BY_A_TIMER, 1, NULL, ASR_WAIT (wait));
  g_assert_cmpint (operation_finish (asr_wait_run (wait), NULL), ==, 1);
  g_assert_nonnull (g_main_context_get_thread_default ());
  asr_wait_free (wait);
  g_assert_null (g_main_context_get_thread_default ());
  g_assert_false (is_dispatched);
  g_source_remove (id);
}

/* A result is the caller's until the next operation begins; then the wait drops it. */
static void
test_strung_together (void)
{
  AsrWait *wait = asr_wait_new ();

  for (int i = 0; i < 100; i++)
    {
      GAsyncResult *result;
      gpointer seen;

      operation_start ((guint) i % N_KINDS, i, NULL, ASR_WAIT (wait));
      seen = result = asr_wait_run (wait);
      g_object_add_weak_pointer (G_OBJECT (result), &seen);
      g_assert_cmpint (operation_finish (result, NULL), ==, i);
      /* A worker may hold it for a while. */
      while (G_OBJECT (result)->ref_count > 1)
        g_usleep (10);
      g_assert_nonnull (seen);
      operation_start (LATER, 0, NULL, ASR_WAIT (wait));
      g_assert_null (seen);
      asr_wait_run (wait);
    }
  asr_wait_free (wait);
  wait_until_all_ended ();
}

/* What was not begun, or was not fetched, leaves nothing. */
static void
test_not_run (void)
{
  guint descriptors;

  asr_wait_free (asr_wait_new ());
  descriptors = count_descriptors ();
  for (guint i = 0; i < 100; i++)
    {
      g_autoptr (AsrWait) not_begun = asr_wait_new ();
      g_autoptr (AsrWait) not_fetched = asr_wait_new ();

      operation_start (AT_ONCE, 1, NULL, ASR_WAIT (not_fetched));
    }
  wait_until_all_ended ();
  await_descriptors (descriptors);
}

/* The deadline ends the waiting, not the operation. */
static void
test_deadline (void)
{
  AsrWait *wait = asr_wait_new ();
  GError *error = NULL;
  gint64 deadline = g_get_monotonic_time () + 20 * 1000;

  operation_hold ();
  operation_start (IN_A_WORKER, 42, NULL, ASR_WAIT (wait));
  g_assert_null (asr_wait_run_until (wait, deadline, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
  g_assert_cmpint (g_get_monotonic_time (), >=, deadline);
  g_clear_error (&error);
  g_assert_null (asr_wait_run_until (wait, deadline, NULL, NULL));
  g_assert_null (asr_wait_run_until (wait, 0, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
  g_clear_error (&error);
  operation_let_go ();
  g_assert_cmpint (operation_finish (asr_wait_run_until (wait, G_MAXINT64, NULL, &error), &error), ==, 42);
  operation_start (BY_A_TIMER, 43, NULL, ASR_WAIT (wait));
  g_assert_cmpint (operation_finish (asr_wait_run_until (wait, -1, NULL, &error), &error), ==, 43);
  g_assert_no_error (error);
  asr_wait_free (wait);
  wait_until_all_ended ();
}

/* What is there is returned, though the time is up or all is cancelled. */
static void
test_result_wins (void)
{
  AsrWait *wait = asr_wait_new ();
  GCancellable *cancelled = g_cancellable_new ();
  GError *error = NULL;

  g_cancellable_cancel (cancelled);
  for (guint kind = 0; kind < N_KINDS; kind++)
    if (kind == AT_ONCE || kind == LATER)
      {
        operation_start (kind, 42, NULL, ASR_WAIT (wait));
        g_assert_cmpint (operation_finish (asr_wait_run_until (wait, 0, cancelled, &error), &error), ==, 42);
        g_assert_no_error (error);
      }
  asr_wait_free (wait);
  g_object_unref (cancelled);
  wait_until_all_ended ();
}

static gboolean
return_42 (gpointer task)
{
  g_task_return_int (task, 42);
  g_object_unref (task);
  return G_SOURCE_REMOVE;
}

/* Whoever asks again and again, and never waits, sees what comes in its turn at last, however low its priority is. */
static void
test_low_priorities (void)
{
  int priorities[] = { G_PRIORITY_HIGH, G_PRIORITY_DEFAULT, G_PRIORITY_DEFAULT_IDLE, G_PRIORITY_LOW, G_MAXINT };
  AsrWait *wait = asr_wait_new ();

  for (guint i = 0; i < 2 * G_N_ELEMENTS (priorities); i++)
    {
      GTask *task = g_task_new (NULL, NULL, ASR_WAIT (wait));
      guint n_times = 0;
      GAsyncResult *result;

      g_task_set_priority (task, priorities[i / 2]);
      if (i % 2 == 0)
        return_42 (task);
      else
        {
          GSource *source = g_idle_source_new ();

          g_task_attach_source (task, source, return_42);
          g_source_unref (source);
        }
      while (!(result = asr_wait_run_until (wait, g_get_monotonic_time () - n_times % 2, NULL, NULL)))
        g_assert_cmpuint (++n_times, <, 10);
      g_assert_cmpint (operation_finish (result, NULL), ==, 42);
    }
  asr_wait_free (wait);
}

static gpointer
cancel_soon (gpointer cancellable)
{
  g_usleep (1000);
  g_cancellable_cancel (cancellable);
  return NULL;
}

/* So does a cancellable, from any thread, before and while it waits. The operation knows nothing of it. */
static void
test_cancelled (void)
{
  for (guint i = 0; i < 20; i++)
    {
      AsrWait *wait = asr_wait_new ();
      GCancellable *cancellable = g_cancellable_new ();
      GError *error = NULL;
      GThread *thread = g_thread_new ("cancel", cancel_soon, cancellable);

      operation_hold ();
      operation_start (IN_A_WORKER, 42, NULL, ASR_WAIT (wait));
      g_assert_null (asr_wait_run_until (wait, -1, cancellable, &error));
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
      g_clear_error (&error);
      g_assert_null (asr_wait_run_until (wait, G_MAXINT64, cancellable, &error));
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
      g_clear_error (&error);
      operation_let_go ();
      g_assert_cmpint (operation_finish (asr_wait_run (wait), &error), ==, 42);
      g_assert_no_error (error);
      asr_wait_free (wait);
      g_thread_join (thread);
      g_assert_cmpuint (G_OBJECT (cancellable)->ref_count, ==, 1);
      g_object_unref (cancellable);
    }
  wait_until_all_ended ();
}

/* A cancellable says why. */
static void
test_cancellable_with_deadline (void)
{
  AsrWait *wait = asr_wait_new ();
  GCancellable *cancellable = asr_cancellable_new_timeout (1000);
  GError *error = NULL;

  operation_hold ();
  operation_start (IN_A_WORKER, 42, NULL, ASR_WAIT (wait));
  g_assert_null (asr_wait_run_until (wait, -1, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
  g_clear_error (&error);
  operation_let_go ();
  g_assert_cmpint (operation_finish (asr_wait_run_until (wait, G_MININT64, NULL, NULL), NULL), ==, 42);
  asr_wait_free (wait);
  g_object_unref (cancellable);
  wait_until_all_ended ();
}

static void
wait_in_handler (GCancellable *cancellable, gpointer n_waited)
{
  AsrWait *wait = asr_wait_new ();
  GError *error = NULL;

  operation_hold ();
  operation_start (IN_A_WORKER, 42, NULL, ASR_WAIT (wait));
  g_assert_null (asr_wait_run_until (wait, -1, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);
  operation_let_go ();
  g_assert_cmpint (operation_finish (asr_wait_run (wait), NULL), ==, 42);
  asr_wait_free (wait);
  ++*(guint *) n_waited;
}

/* A handler of the very cancellable may wait. */
static void
test_in_handler (void)
{
  GCancellable *cancellable = g_cancellable_new ();
  guint n_waited = 0;

  g_cancellable_connect (cancellable, G_CALLBACK (wait_in_handler), &n_waited, NULL);
  g_cancellable_cancel (cancellable);
  g_assert_cmpuint (n_waited, ==, 1);
  g_object_unref (cancellable);
}

static void
nest (guint depth)
{
  AsrWait *wait = asr_wait_new ();
  GMainContext *context = g_main_context_get_thread_default ();

  operation_start (depth % N_KINDS, (int) depth, NULL, ASR_WAIT (wait));
  if (depth > 0)
    nest (depth - 1);
  g_assert_true (g_main_context_get_thread_default () == context);
  g_assert_cmpint (operation_finish (asr_wait_run (wait), NULL), ==, depth);
  asr_wait_free (wait);
}

static gboolean
nest_in_callback (gpointer depth)
{
  nest (*(guint *) depth);
  *(guint *) depth = 0;
  return G_SOURCE_REMOVE;
}

/* Waits within waits: one after the other was begun, and in what another one dispatches. */
static void
test_nested (void)
{
  AsrWait *wait = asr_wait_new ();
  GSource *source = g_idle_source_new ();
  guint depth = 5;

  nest (50);
  g_source_set_priority (source, G_PRIORITY_HIGH);
  g_source_set_callback (source, nest_in_callback, &depth, NULL);
  g_source_attach (source, g_main_context_get_thread_default ());
  g_source_unref (source);
  operation_start (BY_A_TIMER, 1, NULL, ASR_WAIT (wait));
  g_assert_cmpint (operation_finish (asr_wait_run (wait), NULL), ==, 1);
  g_assert_cmpuint (depth, ==, 0);
  asr_wait_free (wait);
  wait_until_all_ended ();
}

static void
wait_in_worker (GTask *task, gpointer source G_GNUC_UNUSED, gpointer data G_GNUC_UNUSED, GCancellable *cancellable)
{
  GError *error = NULL;
  int sum = 0;

  for (int i = 0; i < 10; i++)
    sum += everyday (cancellable, &error);
  g_assert_no_error (error);
  g_task_return_int (task, sum);
}

/* A worker of tasks waits for tasks in workers. */
static void
test_in_worker (void)
{
  AsrWait *wait = asr_wait_new ();

  for (guint i = 0; i < 20; i++)
    {
      GTask *task = g_task_new (NULL, NULL, ASR_WAIT (wait));

      g_task_run_in_thread (task, wait_in_worker);
      g_object_unref (task);
      g_assert_cmpint (g_task_propagate_int (G_TASK (asr_wait_run (wait)), NULL), ==, 420);
    }
  asr_wait_free (wait);
  wait_until_all_ended ();
}

static gpointer
wait_often (gpointer n_rounds)
{
  for (guint i = 0; i < GPOINTER_TO_UINT (n_rounds); i++)
    {
      AsrWait *wait = asr_wait_new ();
      GError *error = NULL;

      operation_start (i % N_KINDS, (int) i, NULL, ASR_WAIT (wait));
      if (i % 3 > 0)
        while (!operation_finish_if_there (asr_wait_run_until (wait, g_get_monotonic_time () + i % 50, NULL, &error), (int) i))
          g_clear_error (&error);
      else
        g_assert_cmpint (operation_finish (asr_wait_run (wait), NULL), ==, i);
      asr_wait_free (wait);
    }
  return NULL;
}

/* Many at once, each on its thread. */
static void
test_threads (void)
{
  GThread *threads[4];
  guint n_rounds = harness_rounds (2000);

  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("wait", wait_often, GUINT_TO_POINTER (n_rounds));
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);
  wait_until_all_ended ();
}

/* An object that lives in a context gets its results there: so there it is waited for. */
static void
test_in_context (void)
{
  GMainContext *contexts[] = { g_main_context_new (), g_main_context_default (), NULL };

  for (guint i = 0; i < G_N_ELEMENTS (contexts); i++)
    {
      gboolean is_dispatched = FALSE;
      GSource *source = g_idle_source_new ();
      AsrWait *wait, *inner;

      g_source_set_priority (source, G_PRIORITY_HIGH);
      g_source_set_callback (source, set_flag, &is_dispatched, NULL);
      g_source_attach (source, contexts[i]);
      g_source_unref (source);
      wait = asr_wait_new_in_context (contexts[i]);
      operation_start (BY_A_TIMER, 42, NULL, ASR_WAIT (wait));
      /* Within it, for the same object. Both results come while the inner one runs. */
      inner = asr_wait_new_in_context (contexts[i]);
      operation_start (BY_A_TIMER, 43, NULL, ASR_WAIT (inner));
      g_assert_cmpint (operation_finish (asr_wait_run (inner), NULL), ==, 43);
      asr_wait_free (inner);
      g_assert_cmpint (operation_finish (asr_wait_run (wait), NULL), ==, 42);
      g_assert_true (is_dispatched);
      asr_wait_free (wait);
      g_assert_null (g_main_context_get_thread_default ());
    }
  g_main_context_unref (contexts[0]);
  wait_until_all_ended ();
}

static const Case cases[] = {
  { "/asr-wait/result", test_result, NULL, 0 },
  { "/asr-wait/everyday", test_everyday, NULL, 0 },
  { "/asr-wait/context", test_context, NULL, 0 },
  { "/asr-wait/strung-together", test_strung_together, NULL, 0 },
  { "/asr-wait/not-run", test_not_run, NULL, 30 },
  { "/asr-wait/deadline", test_deadline, NULL, 0 },
  { "/asr-wait/result-wins", test_result_wins, NULL, 0 },
  { "/asr-wait/low-priorities", test_low_priorities, NULL, 0 },
  { "/asr-wait/cancelled", test_cancelled, NULL, 0 },
  { "/asr-wait/cancellable-with-deadline", test_cancellable_with_deadline, NULL, 0 },
  { "/asr-wait/in-handler", test_in_handler, NULL, 0 },
  { "/asr-wait/nested", test_nested, NULL, 0 },
  { "/asr-wait/in-worker", test_in_worker, NULL, 0 },
  { "/asr-wait/threads", test_threads, NULL, 0 },
  { "/asr-wait/in-context", test_in_context, NULL, 0 },
};

HARNESS_MAIN (cases)
