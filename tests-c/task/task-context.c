/* GTasks and their contexts: contexts that come and go, that nobody iterates, that other threads iterate. */
#define _GNU_SOURCE /* sched_setaffinity and its kin */
#include "task-helpers.h"

#include <sched.h>

/* A source that never fires: its end shows the end of its context. */
typedef struct
{
  GSource source;
  gint *ends;
} Mark;

static void
mark_finalize (GSource *source)
{
  g_atomic_int_inc (((Mark *) source)->ends);
}

static GSourceFuncs mark_funcs = { .finalize = mark_finalize };

static GMainContext *
new_marked_context (gint *ends)
{
  GMainContext *context = g_main_context_new ();
  GSource *mark = g_source_new (&mark_funcs, sizeof (Mark));

  ((Mark *) mark)->ends = ends;
  g_source_attach (mark, context);
  g_source_unref (mark);
  return context;
}

static GTask *
new_task_in (GMainContext *context, GAsyncReadyCallback callback, gpointer data)
{
  GTask *task;

  g_main_context_push_thread_default (context);
  task = g_task_new (NULL, NULL, callback, data);
  g_main_context_pop_thread_default (context);
  return task;
}

/* A task keeps its context; returned or not, the context goes with the task. */
static void
test_kept_by_task (void)
{
  gint ends = 0;
  GMainContext *context = new_marked_context (&ends);
  GTask *task = new_task_in (context, NULL, NULL);

  g_main_context_unref (context);
  g_assert_true (g_task_get_context (task) == context);
  g_assert_cmpint (ends, ==, 0);
  g_assert_finalize_object (task);
  g_assert_cmpint (ends, ==, 1);
}

/* A result that is pending keeps its context too, for whoever still wants to iterate it. */
static void
test_kept_by_result (void)
{
  gint ends = 0, task_data = 0, result = 0;
  Call call = { 0 };
  GMainContext *context = new_marked_context (&ends);
  GTask *task = new_task_in (context, note_call, &call);

  g_task_set_task_data (task, &task_data, count_destroy);
  g_main_context_unref (context);
  g_task_return_pointer (task, &result, count_destroy);
  drain (NULL);
  g_assert_cmpint (call.calls, ==, 0);
  drain (g_task_get_context (task));
  g_assert_cmpint (call.calls, ==, 1);
  g_assert_true (call.thread_default == context);
  g_assert_cmpint (ends, ==, 0);
  g_assert_finalize_object (task);
  g_assert_cmpint (ends, ==, 1);
  g_assert_cmpint (task_data, ==, 1);
  g_assert_cmpint (result, ==, 1);
}

static void
unref_context (GObject *source G_GNUC_UNUSED, GAsyncResult *result, gpointer data)
{
  gint *calls = data;

  (*calls)++;
  g_main_context_unref (g_task_get_context (G_TASK (result)));
}

/* The last outside reference to the context may go in a callback that it is dispatching. */
static void
test_dropped_in_callback (void)
{
  gint ends = 0, calls = 0, finalized = 0;
  GMainContext *context = new_marked_context (&ends);
  GTask *first = new_task_in (context, unref_context, &calls);
  GTask *second = new_task_in (context, NULL, NULL);

  watch (first, &finalized);
  watch (second, &finalized);
  g_task_return_boolean (first, TRUE);
  g_task_return_boolean (second, TRUE);
  g_object_unref (first);
  g_object_unref (second);
  /* g_main_context_iteration() itself keeps the context while it lasts. */
  g_main_context_ref (context);
  drain (context);
  g_assert_cmpint (calls, ==, 1);
  g_assert_cmpint (finalized, ==, 2);
  g_assert_cmpint (ends, ==, 0);
  g_main_context_unref (context);
  g_assert_cmpint (ends, ==, 1);
}

#define ROUNDS 1000

static void
do_nothing (GTask *task, gpointer source G_GNUC_UNUSED, gpointer data G_GNUC_UNUSED,
            GCancellable *cancellable G_GNUC_UNUSED)
{
  g_task_return_boolean (task, TRUE);
}

/* Contexts that come and go, often at the address of the last one: each gets its own results, and ends. */
static void
test_come_and_go (void)
{
  gint ends = 0, finalized = 0;

  for (gint i = 0; i < ROUNDS; i++)
    {
      GMainContext *context = new_marked_context (&ends);
      Call call = { 0 };

      for (gint priority = -1; priority <= 1; priority++)
        {
          GTask *task = new_task_in (context, note_call, &call);

          watch (task, &finalized);
          g_task_set_priority (task, priority);
          g_task_return_boolean (task, TRUE);
          g_object_unref (task);
        }
      drain (context);
      g_assert_cmpint (call.calls, ==, 3);
      g_assert_true (call.thread_default == context);
      g_main_context_unref (context);
    }
  g_assert_cmpint (ends, ==, ROUNDS);
  g_assert_cmpint (finalized, ==, 3 * ROUNDS);
  g_test_message ("%d rounds", ROUNDS);
}

/* The same with results that come from workers. */
static void
test_come_and_go_threaded (void)
{
  gint ends = 0, finalized = 0;

  for (gint i = 0; i < ROUNDS; i++)
    {
      GMainContext *context = new_marked_context (&ends);
      Call call = { 0 };
      GTask *task = new_task_in (context, note_call, &call);

      watch (task, &finalized);
      g_task_run_in_thread (task, do_nothing);
      g_main_context_unref (context);
      wait_completed (task);
      g_object_unref (task);
      g_assert_cmpint (call.calls, ==, 1);
    }
  /* On libgio the last reference may still be with a worker. */
  wait_for_count (NULL, &finalized, ROUNDS);
  wait_for_count (NULL, &ends, ROUNDS);
  g_assert_cmpint (finalized, ==, ROUNDS);
  g_assert_cmpint (ends, ==, ROUNDS);
  g_test_message ("%d rounds", ROUNDS);
}

#define CONTEXTS 50

/* Results for many contexts, returned alternately, stay with their own context and in their order. */
static void
test_many_contexts (void)
{
  GMainContext *contexts[CONTEXTS];
  Call calls[CONTEXTS] = { { 0 } };

  for (gint i = 0; i < CONTEXTS; i++)
    contexts[i] = g_main_context_new ();
  for (gint round = 0; round < 3; round++)
    for (gint i = 0; i < CONTEXTS; i++)
      {
        GTask *task = new_task_in (contexts[i], note_call, &calls[i]);

        g_task_return_boolean (task, TRUE);
        g_object_unref (task);
      }
  for (gint i = 0; i < CONTEXTS; i++)
    {
      g_assert_cmpint (calls[i].calls, ==, 0);
      drain (contexts[i]);
      g_assert_cmpint (calls[i].calls, ==, 3);
      g_assert_true (calls[i].thread_default == contexts[i]);
      g_main_context_unref (contexts[i]);
    }
}

#define SENDERS 4
#define RESULTS_EACH 2500

typedef struct
{
  gint next[SENDERS];
  gint received;
  gint finalized;
  GThread *receiver;
  GTask *tasks[SENDERS][RESULTS_EACH];
} Exchange;

static void
receive (GObject *source G_GNUC_UNUSED, GAsyncResult *result, gpointer data)
{
  Exchange *exchange = data;
  gssize value = g_task_propagate_int (G_TASK (result), NULL);
  gint sender = value / RESULTS_EACH;

  g_assert_true (g_thread_self () == exchange->receiver);
  g_assert_true (g_main_context_get_thread_default () == g_task_get_context (G_TASK (result)));
  g_assert_cmpint (value % RESULTS_EACH, ==, exchange->next[sender]++);
  g_atomic_int_inc (&exchange->received);
}

static gboolean
make_tasks (gpointer data)
{
  Exchange *exchange = data;

  for (gint sender = 0; sender < SENDERS; sender++)
    for (gint i = 0; i < RESULTS_EACH; i++)
      {
        exchange->tasks[sender][i] = g_task_new (NULL, NULL, receive, exchange);
        watch (exchange->tasks[sender][i], &exchange->finalized);
      }
  g_atomic_int_set (&exchange->received, 0);
  return G_SOURCE_REMOVE;
}

typedef struct
{
  Exchange *exchange;
  gint number;
} Sender;

static gpointer
send_results (gpointer data)
{
  Sender *sender = data;

  for (gint i = 0; i < RESULTS_EACH; i++)
    {
      GTask *task = sender->exchange->tasks[sender->number][i];

      g_task_return_int (task, sender->number * RESULTS_EACH + i);
      g_object_unref (task);
    }
  return NULL;
}

/* Several threads return results for a context that another thread iterates: there they arrive, each sender's in order. */
static void
test_iterated_elsewhere (void)
{
  ContextThread *thread = context_thread_new ();
  Exchange *exchange = g_new0 (Exchange, 1);
  GThread *threads[SENDERS];
  Sender senders[SENDERS];

  exchange->receiver = context_thread_get_thread (thread);
  exchange->received = -1;
  call_from_source (context_thread_get_context (thread), make_tasks, exchange);
  await_count (&exchange->received, 0);
  for (gint i = 0; i < SENDERS; i++)
    {
      senders[i] = (Sender) { exchange, i };
      threads[i] = g_thread_new ("sender", send_results, &senders[i]);
    }
  for (gint i = 0; i < SENDERS; i++)
    g_thread_join (threads[i]);
  await_count (&exchange->received, SENDERS * RESULTS_EACH);
  context_thread_free (thread);
  g_assert_cmpint (exchange->finalized, ==, SENDERS * RESULTS_EACH);
  g_free (exchange);
}

/* From now on, who is woken takes the place of who wakes it. */
static void
use_one_processor (void)
{
  cpu_set_t processors;

  CPU_ZERO (&processors);
  CPU_SET (sched_getcpu (), &processors);
  g_assert_cmpint (sched_setaffinity (0, sizeof processors, &processors), ==, 0);
}

#define DELIVERIES 20000

static GThread *context_dropped_by;

static gboolean
fire_never (gpointer data G_GNUC_UNUSED)
{
  g_assert_not_reached ();
}

static void
note_end (gpointer ended)
{
  context_dropped_by = g_thread_self ();
  g_atomic_int_inc ((gint *) ended);
}

static void
run_task (Call *call)
{
  GTask *task = g_task_new (NULL, NULL, note_call, call);

  g_task_run_in_thread (task, do_nothing);
  g_object_unref (task);
}

static void
do_nothing_simple (GSimpleAsyncResult *simple G_GNUC_UNUSED, GObject *source G_GNUC_UNUSED,
                   GCancellable *cancellable G_GNUC_UNUSED)
{
}

static void
note_simple_call (GObject *source G_GNUC_UNUSED, GAsyncResult *result G_GNUC_UNUSED, gpointer call)
{
  ((Call *) call)->calls++;
}

static void
run_simple (Call *call)
{
  GSimpleAsyncResult *simple = g_simple_async_result_new (NULL, note_simple_call, call, NULL);

  g_simple_async_result_run_in_thread (simple, do_nothing_simple, G_PRIORITY_DEFAULT, NULL);
  g_object_unref (simple);
}

/* How often a context that its owner drops after the callback was then destroyed by a worker. */
static guint
count_dropped_by_worker (void (*run) (Call *))
{
  guint rounds = harness_rounds (DELIVERIES), by_worker = 0;

  use_one_processor ();
  for (guint i = 0; i < rounds; i++)
    {
      GMainContext *context = g_main_context_new ();
      GSource *source = g_timeout_source_new_seconds (1000);
      gint ended = 0;
      Call call = { 0 };

      g_source_set_callback (source, fire_never, &ended, note_end);
      g_source_attach (source, context);
      g_source_unref (source);
      g_main_context_push_thread_default (context);
      run (&call);
      while (call.calls == 0)
        g_main_context_iteration (context, TRUE); /* asleep until the result comes */
      g_main_context_pop_thread_default (context);
      drain (context);
      g_main_context_unref (context);
      wait_for_count (NULL, &ended, 1);
      by_worker += context_dropped_by != g_thread_self ();
    }
  g_test_message ("%u rounds, %u contexts destroyed by a worker", rounds, by_worker);
  return by_worker;
}

/* When the callback runs, the worker is done with the context: it ends, with its sources, where its owner drops it. */
static void
test_never_dropped_by_worker (void)
{
  g_assert_cmpuint (count_dropped_by_worker (run_task), ==, 0);
}

/* The same with the older kind of result. libgio's worker leaves something in the context that keeps it for ever. */
static void
test_never_dropped_by_worker_simple (void)
{
  g_assert_cmpuint (count_dropped_by_worker (run_simple), ==, 0);
}

static const Case cases[] = {
  { "/task-context/kept-by-task", test_kept_by_task, NULL, 0 },
  { "/task-context/kept-by-result", test_kept_by_result, NULL, 0 },
  { "/task-context/dropped-in-callback", test_dropped_in_callback, NULL, 0 },
  { "/task-context/come-and-go", test_come_and_go, NULL, 0 },
  { "/task-context/come-and-go/threaded", test_come_and_go_threaded, NULL, 0 },
  { "/task-context/many-contexts", test_many_contexts, NULL, 0 },
  { "/task-context/iterated-elsewhere", test_iterated_elsewhere, NULL, 0 },
  { "/task-context/never-dropped-by-worker", test_never_dropped_by_worker,
    "5.30 (better): no worker ever releases", 20 },
  { "/task-context/never-dropped-by-worker/simple", test_never_dropped_by_worker_simple,
    "5.30 (better): the worker's own reference moves into the delivery", 20 },
};

HARNESS_MAIN (cases)
