/* asr_wait_*: waiting for an operation to its end. What becomes of one that is left behind: asr-wait-left.c. */
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
  g_assert_cmpuint (count_descriptors (), ==, descriptors);
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
  GMainContext *contexts[] = { g_main_context_new (), g_main_context_ref (g_main_context_default ()) };

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
      g_main_context_unref (contexts[i]);
    }
  wait_until_all_ended ();
}

#define NOT_INNERMOST "wait is the innermost one of this thread"
#define NOT_BEGUN "wait has begun an operation"
#define IS_RUNNING "wait is not running"

#define REFUSED(call, text) \
  do \
    { \
      expect_refusal (text); \
      call; \
      g_test_assert_expected_messages (); \
    } \
  while (0)

static void
test_refuses_null (void)
{
  GObject *other = g_object_new (G_TYPE_OBJECT, NULL);
  AsrWait *wait = asr_wait_new ();

  REFUSED (asr_wait_free (NULL), "asr_wait_free: assertion 'wait != NULL' failed");
  REFUSED (g_assert_null (asr_wait_begin (NULL)), "asr_wait_begin: assertion 'wait != NULL' failed");
  REFUSED (g_assert_null (asr_wait_run (NULL)), "asr_wait_run: assertion 'wait != NULL' failed");
  REFUSED (g_assert_null (asr_wait_run_until (NULL, 0, NULL, NULL)),
           "asr_wait_run_until: assertion 'wait != NULL' failed");
  REFUSED (g_assert_null (asr_wait_new_in_context (NULL)),
           "asr_wait_new_in_context: assertion 'context != NULL' failed");
  operation_start (LATER, 42, NULL, ASR_WAIT (wait));
  REFUSED (g_assert_null (asr_wait_run_until (wait, 0, (GCancellable *) other, NULL)),
           "asr_wait_run_until: assertion 'G_IS_CANCELLABLE (cancellable)' failed");
  g_assert_cmpint (operation_finish (asr_wait_run (wait), NULL), ==, 42);
  asr_wait_free (wait);
  g_object_unref (other);
  wait_until_all_ended ();
}

/* Where nothing can come, nobody waits. */
static void
test_refuses_what_has_not_begun (void)
{
  AsrWait *wait = asr_wait_new ();
  GTask *task = g_task_new (NULL, NULL, NULL, NULL);

  REFUSED (g_assert_null (asr_wait_run (wait)), "asr_wait_run: assertion '" NOT_BEGUN "' failed");
  REFUSED (g_assert_null (asr_wait_run_until (wait, -1, NULL, NULL)),
           "asr_wait_run_until: assertion '" NOT_BEGUN "' failed");
  REFUSED (asr_wait_callback (NULL, G_ASYNC_RESULT (task), wait), "asr_wait_callback: assertion '" NOT_BEGUN "' failed");
  g_assert_cmpuint (G_OBJECT (task)->ref_count, ==, 1);
  operation_start (LATER, 42, NULL, ASR_WAIT (wait));
  g_assert_cmpint (operation_finish (asr_wait_run (wait), NULL), ==, 42);
  REFUSED (g_assert_null (asr_wait_run (wait)), "asr_wait_run: assertion '" NOT_BEGUN "' failed");
  asr_wait_free (wait);
  g_object_unref (task);
  wait_until_all_ended ();
}

/* The second operation is on its own; the first one's result is waited for. */
static void
test_refuses_two (void)
{
  AsrWait *wait = asr_wait_new ();

  operation_start (BY_A_TIMER, 42, NULL, ASR_WAIT (wait));
  REFUSED (operation_start (AT_ONCE, 43, NULL, ASR_WAIT (wait)),
           "asr_wait_begin: assertion 'wait has no operation yet' failed");
  g_assert_cmpint (operation_finish (asr_wait_run (wait), NULL), ==, 42);
  operation_start (AT_ONCE, 44, NULL, ASR_WAIT (wait));
  REFUSED (asr_wait_begin (wait), "asr_wait_begin: assertion 'wait has no operation yet' failed");
  g_assert_cmpint (operation_finish (asr_wait_run (wait), NULL), ==, 44);
  asr_wait_free (wait);
  wait_until_all_ended ();
}

static gboolean
misuse_running (gpointer wait)
{
  REFUSED (g_assert_null (asr_wait_run (wait)), "asr_wait_run: assertion '" IS_RUNNING "' failed");
  REFUSED (g_assert_null (asr_wait_run_until (wait, 0, NULL, NULL)),
           "asr_wait_run_until: assertion '" IS_RUNNING "' failed");
  REFUSED (asr_wait_free (wait), "asr_wait_free: assertion '" IS_RUNNING "' failed");
  return G_SOURCE_REMOVE;
}

static void
test_refuses_while_running (void)
{
  AsrWait *wait = asr_wait_new ();

  for (guint i = 0; i < 2; i++)
    {
      GSource *source = g_idle_source_new ();

      g_source_set_priority (source, G_PRIORITY_HIGH);
      g_source_set_callback (source, misuse_running, wait, NULL);
      g_source_attach (source, g_main_context_get_thread_default ());
      g_source_unref (source);
      operation_start (BY_A_TIMER, 42, NULL, ASR_WAIT (wait));
      g_assert_cmpint (operation_finish (i == 0 ? asr_wait_run (wait) : asr_wait_run_until (wait, -1, NULL, NULL), NULL),
                       ==, 42);
    }
  asr_wait_free (wait);
  wait_until_all_ended ();
}

static gpointer
misuse_not_innermost (gpointer wait)
{
  REFUSED (g_assert_null (asr_wait_begin (wait)), "asr_wait_begin: assertion '" NOT_INNERMOST "' failed");
  REFUSED (g_assert_null (asr_wait_run (wait)), "asr_wait_run: assertion '" NOT_INNERMOST "' failed");
  REFUSED (g_assert_null (asr_wait_run_until (wait, 0, NULL, NULL)),
           "asr_wait_run_until: assertion '" NOT_INNERMOST "' failed");
  REFUSED (asr_wait_free (wait), "asr_wait_free: assertion '" NOT_INNERMOST "' failed");
  return NULL;
}

/* On another thread, before an inner one is freed, and where another context is the default one: what began there would
 * not come here. */
static void
test_refuses_others (void)
{
  GMainContext *other = g_main_context_new ();
  AsrWait *waits[] = { asr_wait_new_in_context (g_main_context_default ()), asr_wait_new () };
  AsrWait *inner;

  misuse_not_innermost (waits[0]);
  g_thread_join (g_thread_new ("other", misuse_not_innermost, waits[0]));
  g_thread_join (g_thread_new ("other", misuse_not_innermost, waits[1]));
  inner = asr_wait_new ();
  misuse_not_innermost (waits[1]);
  asr_wait_free (inner);
  g_main_context_push_thread_default (other);
  REFUSED (g_assert_null (asr_wait_begin (waits[1])),
           "asr_wait_begin: assertion 'nobody has pushed another context since wait was made' failed");
  g_main_context_pop_thread_default (other);
  operation_start (LATER, 42, NULL, ASR_WAIT (waits[1]));
  g_assert_cmpint (operation_finish (asr_wait_run (waits[1]), NULL), ==, 42);
  asr_wait_free (waits[1]);
  asr_wait_free (waits[0]);
  g_assert_null (g_main_context_get_thread_default ());
  g_main_context_unref (other);
  wait_until_all_ended ();
}

static void
test_refuses_others_context (void)
{
  ContextThread *thread = context_thread_new ();

  while (g_main_context_acquire (context_thread_get_context (thread)))
    {
      g_main_context_release (context_thread_get_context (thread));
      g_usleep (100);
    }
  REFUSED (g_assert_null (asr_wait_new_in_context (context_thread_get_context (thread))),
           "asr_wait_new_in_context: assertion 'no other thread owns context' failed");
  g_assert_null (g_main_context_get_thread_default ());
  context_thread_free (thread);
}

static const Case cases[] = {
  { "/asr-wait/result", test_result, NULL, 0 },
  { "/asr-wait/everyday", test_everyday, NULL, 0 },
  { "/asr-wait/context", test_context, NULL, 0 },
  { "/asr-wait/strung-together", test_strung_together, NULL, 0 },
  { "/asr-wait/not-run", test_not_run, NULL, 0 },
  { "/asr-wait/deadline", test_deadline, NULL, 0 },
  { "/asr-wait/result-wins", test_result_wins, NULL, 0 },
  { "/asr-wait/cancelled", test_cancelled, NULL, 0 },
  { "/asr-wait/cancellable-with-deadline", test_cancellable_with_deadline, NULL, 0 },
  { "/asr-wait/in-handler", test_in_handler, NULL, 0 },
  { "/asr-wait/nested", test_nested, NULL, 0 },
  { "/asr-wait/in-worker", test_in_worker, NULL, 0 },
  { "/asr-wait/threads", test_threads, NULL, 0 },
  { "/asr-wait/in-context", test_in_context, NULL, 0 },
  { "/asr-wait/refuses/null", test_refuses_null, NULL, 0 },
  { "/asr-wait/refuses/what-has-not-begun", test_refuses_what_has_not_begun, NULL, 0 },
  { "/asr-wait/refuses/two", test_refuses_two, NULL, 0 },
  { "/asr-wait/refuses/while-running", test_refuses_while_running, NULL, 0 },
  { "/asr-wait/refuses/others", test_refuses_others, NULL, 0 },
  { "/asr-wait/refuses/others-context", test_refuses_others_context, NULL, 0 },
};

HARNESS_MAIN (cases)
