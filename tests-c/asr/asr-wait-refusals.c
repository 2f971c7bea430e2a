/* asr_wait_*: what is refused, each with one critical, and without effect. */
#include "asr-wait-helpers.h"

#define INNER "a wait that was made after this one must be freed before"
#define GONE "wait must have been made by this thread, and not be freed"
#define NOT_DEFAULT "the context of wait must be the thread's default one: it was popped, or another one pushed"
#define NOT_BEGUN "an operation must have begun, with ASR_WAIT (wait), whose result has not been returned"
#define RUNS "wait must not run: a call of asr_wait_run() has not returned"
#define NOT_ON_ITS_WAY "no operation is on its way: asr_wait_begin() must be called once before each"
#define NOT_FETCHED "wait has an operation already: asr_wait_run() must return its result before"

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

  REFUSED (g_assert_null (asr_wait_run (wait)), "asr_wait_run: " NOT_BEGUN);
  REFUSED (g_assert_null (asr_wait_run_until (wait, -1, NULL, NULL)),
           "asr_wait_run_until: " NOT_BEGUN);
  REFUSED (asr_wait_callback (NULL, G_ASYNC_RESULT (task), wait), "asr_wait_callback: " NOT_ON_ITS_WAY);
  g_assert_cmpuint (G_OBJECT (task)->ref_count, ==, 1);
  operation_start (LATER, 42, NULL, ASR_WAIT (wait));
  g_assert_cmpint (operation_finish (asr_wait_run (wait), NULL), ==, 42);
  REFUSED (g_assert_null (asr_wait_run (wait)), "asr_wait_run: " NOT_BEGUN);
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
  REFUSED (operation_start (AT_ONCE, 43, NULL, ASR_WAIT (wait)), "asr_wait_begin: " NOT_FETCHED);
  g_assert_cmpint (operation_finish (asr_wait_run (wait), NULL), ==, 42);
  operation_start (AT_ONCE, 44, NULL, ASR_WAIT (wait));
  REFUSED (asr_wait_begin (wait), "asr_wait_begin: " NOT_FETCHED);
  g_assert_cmpint (operation_finish (asr_wait_run (wait), NULL), ==, 44);
  asr_wait_free (wait);
  wait_until_all_ended ();
}

static gboolean
misuse_running (gpointer wait)
{
  REFUSED (g_assert_null (asr_wait_run (wait)), "asr_wait_run: " RUNS);
  REFUSED (g_assert_null (asr_wait_run_until (wait, 0, NULL, NULL)),
           "asr_wait_run_until: " RUNS);
  REFUSED (asr_wait_free (wait), "asr_wait_free: " RUNS);
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

/* Each refuses, and changes nothing. */
static void
all_refuse (AsrWait *wait, const char *why)
{
  char *begin = g_strconcat ("asr_wait_begin: ", why, NULL);
  char *run = g_strconcat ("asr_wait_run: ", why, NULL);
  char *run_until = g_strconcat ("asr_wait_run_until: ", why, NULL);
  char *free_it = g_strconcat ("asr_wait_free: ", why, NULL);
  GMainContext *context = g_main_context_get_thread_default ();
  GError *error = NULL;

  REFUSED (g_assert_null (asr_wait_begin (wait)), begin);
  REFUSED (g_assert_null (asr_wait_run (wait)), run);
  REFUSED (g_assert_null (asr_wait_run_until (wait, 0, NULL, &error)), run_until);
  g_assert_no_error (error);
  REFUSED (asr_wait_free (wait), free_it);
  g_assert_true (g_main_context_get_thread_default () == context);
  g_free (begin);
  g_free (run);
  g_free (run_until);
  g_free (free_it);
}

static gpointer
refuse_as_gone (gpointer wait)
{
  all_refuse (wait, GONE);
  return NULL;
}

/* On another thread, before an inner one is freed, and after it is. */
static void
test_refuses_others (void)
{
  AsrWait *waits[] = { asr_wait_new_in_context (g_main_context_default ()), asr_wait_new () };
  AsrWait *inner;

  all_refuse (waits[0], INNER);
  g_thread_join (g_thread_new ("other", refuse_as_gone, waits[0]));
  g_thread_join (g_thread_new ("other", refuse_as_gone, waits[1]));
  inner = asr_wait_new ();
  all_refuse (waits[0], INNER);
  all_refuse (waits[1], INNER);
  asr_wait_free (inner);
  refuse_as_gone (inner);
  operation_start (LATER, 42, NULL, ASR_WAIT (waits[1]));
  g_assert_cmpint (operation_finish (asr_wait_run (waits[1]), NULL), ==, 42);
  asr_wait_free (waits[1]);
  asr_wait_free (waits[0]);
  refuse_as_gone (waits[0]);
  g_assert_null (g_main_context_get_thread_default ());
  wait_until_all_ended ();
}

/* While another context is the default one: what began there would not come here, and a wait that was freed there would
 * leave its context behind, as the default one for ever. */
static void
test_refuses_where_another_context_is_pushed (void)
{
  GMainContext *other = g_main_context_new ();

  for (guint i = 0; i < 2; i++)
    {
      AsrWait *wait = i == 0 ? asr_wait_new () : asr_wait_new_in_context (NULL);
      GMainContext *context = g_main_context_get_thread_default ();

      operation_start (LATER, 42, NULL, ASR_WAIT (wait));
      g_main_context_push_thread_default (other);
      all_refuse (wait, NOT_DEFAULT);
      g_main_context_pop_thread_default (other);
      g_assert_cmpint (operation_finish (asr_wait_run (wait), NULL), ==, 42);
      if (context)
        {
          g_main_context_pop_thread_default (context);
          all_refuse (wait, NOT_DEFAULT);
          g_main_context_push_thread_default (context);
        }
      operation_start (LATER, 43, NULL, ASR_WAIT (wait));
      g_assert_cmpint (operation_finish (asr_wait_run (wait), NULL), ==, 43);
      asr_wait_free (wait);
      g_assert_null (g_main_context_get_thread_default ());
    }
  g_main_context_unref (other);
  wait_until_all_ended ();
}

/* It is no end: that comes still, also when it is left behind. */
static void
test_refuses_no_result (void)
{
  GError *error = NULL;

  for (guint is_left = 0; is_left < 2; is_left++)
    {
      AsrWait *wait = asr_wait_new ();
      gpointer data = asr_wait_begin (wait);

      REFUSED (asr_wait_callback (NULL, NULL, data), "asr_wait_callback: assertion 'result != NULL' failed");
      g_assert_null (asr_wait_run_until (wait, 0, NULL, &error));
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
      g_clear_error (&error);
      if (is_left)
        asr_wait_free (wait);
      operation_start (AT_ONCE, 42, NULL, asr_wait_callback, data);
      if (is_left)
        continue;
      g_assert_cmpint (operation_finish (asr_wait_run_until (wait, 0, NULL, &error), &error), ==, 42);
      g_assert_no_error (error);
      asr_wait_free (wait);
    }
  asr_wait_callback (NULL, NULL, NULL);
  wait_until_all_ended ();
}

static void
begin_again (gpointer wait, GObject *result G_GNUC_UNUSED)
{
  REFUSED (g_assert_null (asr_wait_begin (wait)), "asr_wait_begin: " NOT_FETCHED);
}

static void
free_it (gpointer wait, GObject *result G_GNUC_UNUSED)
{
  asr_wait_free (wait);
}

/* A result goes when the next operation begins: what its end calls finds that one. */
static void
test_when_a_result_goes (void)
{
  AsrWait *wait = asr_wait_new ();
  gpointer data;

  operation_start (AT_ONCE, 42, NULL, ASR_WAIT (wait));
  g_object_weak_ref (G_OBJECT (asr_wait_run (wait)), begin_again, wait);
  operation_start (AT_ONCE, 43, NULL, ASR_WAIT (wait));
  g_object_weak_ref (G_OBJECT (asr_wait_run (wait)), free_it, wait);
  data = asr_wait_begin (wait);
  refuse_as_gone (wait);
  /* It was left behind. */
  operation_start (LATER, 44, NULL, asr_wait_callback, data);
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
           "asr_wait_new_in_context: no other thread may own context");
  g_assert_null (g_main_context_get_thread_default ());
  context_thread_free (thread);
}

static const Case cases[] = {
  { "/asr-wait-refusals/when-a-result-goes", test_when_a_result_goes, NULL, 0 },
  { "/asr-wait-refusals/null", test_refuses_null, NULL, 0 },
  { "/asr-wait-refusals/what-has-not-begun", test_refuses_what_has_not_begun, NULL, 0 },
  { "/asr-wait-refusals/two", test_refuses_two, NULL, 0 },
  { "/asr-wait-refusals/while-running", test_refuses_while_running, NULL, 0 },
  { "/asr-wait-refusals/others", test_refuses_others, NULL, 0 },
  { "/asr-wait-refusals/where-another-context-is-pushed", test_refuses_where_another_context_is_pushed, NULL, 0 },
  { "/asr-wait-refusals/no-result", test_refuses_no_result, NULL, 0 },
  { "/asr-wait-refusals/others-context", test_refuses_others_context, NULL, 0 },
};

HARNESS_MAIN (cases)
