/* The system refuses threads, or many workers wait for others: every task runs all the same. */
#define _GNU_SOURCE /* RTLD_NEXT */
#include "same-address.h"
#include "task-helpers.h"

#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <string.h>

/* What the system does with those who ask for a thread: first it gives some, then it refuses some, then it gives. */
static struct
{
  GMutex mutex;
  GCond changed;
  gint to_give;
  gint to_refuse;
  gint refusals;
  gint held; /* the number of the refusal that takes until it is let go: the first is 1 */
  gboolean let_go;
} the_system;

static gboolean
system_refuses (void)
{
  gboolean refuses = FALSE;

  g_mutex_lock (&the_system.mutex);
  if (the_system.to_give > 0)
    the_system.to_give--;
  else if (the_system.to_refuse > 0)
    {
      gint number = ++the_system.refusals;

      refuses = TRUE;
      the_system.to_refuse--;
      g_cond_broadcast (&the_system.changed);
      while (number == the_system.held && !the_system.let_go)
        g_cond_wait (&the_system.changed, &the_system.mutex);
    }
  g_mutex_unlock (&the_system.mutex);
  return refuses;
}

/* The libraries find this one before the C library's. */
int
pthread_create (pthread_t *thread, const pthread_attr_t *attributes, void *(*run) (void *), void *data)
{
  int (*create) (pthread_t *, const pthread_attr_t *, void *(*) (void *), void *);
  gpointer next;

  if (system_refuses ())
    return EAGAIN;
  next = dlsym (RTLD_NEXT, "pthread_create");
  /* ISO C has no cast from an object pointer to a function pointer. */
  memcpy (&create, &next, sizeof create);
  return create (thread, attributes, run, data);
}

static void
set_system (gint to_give, gint to_refuse, gint held)
{
  g_mutex_lock (&the_system.mutex);
  the_system.to_give = to_give;
  the_system.to_refuse = to_refuse;
  the_system.refusals = 0;
  the_system.held = held;
  the_system.let_go = FALSE;
  g_mutex_unlock (&the_system.mutex);
}

static void
refuse_threads (gint held)
{
  set_system (0, G_MAXINT, held);
}

static void
give_threads (void)
{
  g_mutex_lock (&the_system.mutex);
  the_system.to_refuse = 0;
  g_mutex_unlock (&the_system.mutex);
}

/* Waits until somebody is being refused for the time being. */
static void
await_held (void)
{
  await_count (&the_system.refusals, the_system.held);
}

static void
let_held_go (void)
{
  g_mutex_lock (&the_system.mutex);
  the_system.let_go = TRUE;
  g_cond_broadcast (&the_system.changed);
  g_mutex_unlock (&the_system.mutex);
}

static void
return_true (GTask *task, gpointer source G_GNUC_UNUSED, gpointer data G_GNUC_UNUSED,
             GCancellable *cancellable G_GNUC_UNUSED)
{
  g_task_return_boolean (task, TRUE);
}

static void
start (GTaskThreadFunc function, gpointer data, Call *call)
{
  GTask *task = g_task_new (NULL, NULL, note_call, call);

  g_task_set_task_data (task, data, NULL);
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

#define SYNC_ROUNDS 3

/* A thread that runs tasks in a row and waits for each, with a context that it never iterates; made before threads are
 * refused. */
typedef struct
{
  GThread *thread;
  Gate gate;
  gint finished;
} Caller;

static gpointer
call_sync (gpointer data)
{
  Caller *caller = data;
  GMainContext *context = g_main_context_new ();

  g_main_context_push_thread_default (context);
  gate_pass (&caller->gate);
  for (gint i = 0; i < SYNC_ROUNDS; i++)
    {
      run_sync ();
      g_atomic_int_inc (&caller->finished);
    }
  g_main_context_pop_thread_default (context);
  g_main_context_unref (context);
  return NULL;
}

static void
caller_init (Caller *caller)
{
  gate_init (&caller->gate);
  caller->finished = 0;
  caller->thread = g_thread_new ("caller", call_sync, caller);
}

static void
caller_join (Caller *caller)
{
  g_thread_join (caller->thread);
  g_assert_cmpint (caller->finished, ==, SYNC_ROUNDS);
  gate_clear (&caller->gate);
}

/* Without any thread whoever waits for a task runs it; what nobody waits for runs when there is a thread again. */
static void
test_no_thread (void)
{
  Call call = { 0 };

  refuse_threads (0);
  start (return_true, NULL, &call);
  run_sync ();
  drain (NULL);
  g_assert_cmpint (call.calls, ==, 0);
  g_assert_cmpint (the_system.refusals, >, 0);
  give_threads ();
  wait_for_count (NULL, &call.calls, 1);
}

/* While one caller is being refused, another finishes: it does not wait for the thread of the first. */
static void
run_two_callers (gint held)
{
  Caller first, second;

  caller_init (&first);
  caller_init (&second);
  refuse_threads (held);
  gate_let_out (&first.gate, 1);
  await_held ();
  gate_let_out (&second.gate, 1);
  await_count (&second.finished, SYNC_ROUNDS);
  g_assert_cmpint (first.finished, ==, 0);
  let_held_go ();
  caller_join (&first);
  caller_join (&second);
}

static void
test_two_callers (void)
{
  run_two_callers (1);
}

/* The same when it is the second thread that the first caller is asking for. */
static void
test_two_callers_second_request (void)
{
  run_two_callers (2);
}

/* What was queued while another caller was being refused is run when there are threads again. */
static void
queue_meanwhile (gint held)
{
  Call call = { 0 };
  Caller caller;

  caller_init (&caller);
  refuse_threads (held);
  gate_let_out (&caller.gate, 1);
  await_held ();
  start (return_true, NULL, &call);
  let_held_go ();
  caller_join (&caller);
  g_assert_cmpint (call.calls, ==, 0);
  give_threads ();
  wait_for_count (NULL, &call.calls, 1);
}

static void
test_queued_meanwhile (void)
{
  queue_meanwhile (1);
}

static void
test_queued_meanwhile_second_request (void)
{
  queue_meanwhile (2);
}

/* A context that died while a thread was to be asked for in it stands in the way of no new one at its address. */
static void
test_context_at_same_address (void)
{
  Between between;
  GSource *asking;
  Call call = { 0 };

  between_init (&between);
  refuse_threads (0);
  g_main_context_push_thread_default (between.context);
  run_sync ();
  g_main_context_pop_thread_default (between.context);
  asking = hold_source (between.context);
  g_assert_nonnull (asking);
  between_free_context (&between);
  if (between_renew_context (&between))
    {
      g_main_context_push_thread_default (between.context);
      start (return_true, NULL, &call);
      g_main_context_pop_thread_default (between.context);
    }
  give_threads ();
  if (between.context)
    wait_for_count (between.context, &call.calls, 1);
  between_clear (&between);
  g_source_unref (asking);
}

#define LINKS 30
#define GIVEN 12
#define REFUSED 5

static Gate chain; /* opened by the last link */

static void
link_up (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  if (GPOINTER_TO_INT (data) == LINKS - 1)
    gate_let_out (&chain, LINKS);
  gate_pass (&chain);
  return_true (task, source, data, cancellable);
}

/* A pool that must grow goes on growing after a few refusals: a chain of tasks that all wait for the last finishes. */
static void
test_growth (void)
{
  Call call = { 0 };

  gate_init (&chain);
  set_system (GIVEN, REFUSED, 0);
  for (gint i = 0; i < LINKS; i++)
    start (link_up, GINT_TO_POINTER (i), &call);
  wait_for_count (NULL, &call.calls, LINKS);
  g_assert_cmpint (the_system.refusals, ==, REFUSED);
  gate_clear (&chain);
}

#define DEPTH 520 /* more than the bound of the pool */
#define CROWD 11 /* more than its base */

static Gate crowd;

static void
join_crowd (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  gate_pass (&crowd);
  return_true (task, source, data, cancellable);
}

/* At the bottom, tasks that must all run at once. */
static void
descend (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  gint depth = GPOINTER_TO_INT (data);
  static Call call;

  if (depth > 0)
    {
      GTask *inner = g_task_new (NULL, NULL, NULL, NULL);

      g_task_set_task_data (inner, GINT_TO_POINTER (depth - 1), NULL);
      g_task_run_in_thread_sync (inner, descend);
      g_assert_true (g_task_propagate_boolean (inner, NULL));
      g_object_unref (inner);
    }
  else
    {
      for (gint i = 0; i < CROWD; i++)
        start (join_crowd, NULL, &call);
      gate_await (&crowd, CROWD);
      gate_let_out (&crowd, CROWD);
    }
  return_true (task, source, data, cancellable);
}

/* Workers that wait for tasks of their own do not count, however many: the pool grows as if they were not there. */
static void
test_many_waiting (void)
{
  guint depth = harness_rounds (DEPTH);
  GTask *task = g_task_new (NULL, NULL, NULL, NULL);

  harness_set_stacks (SMALL_STACK);
  gate_init (&crowd);
  g_task_set_task_data (task, GUINT_TO_POINTER (depth), NULL);
  g_task_run_in_thread_sync (task, descend);
  g_assert_true (g_task_propagate_boolean (task, NULL));
  g_object_unref (task);
  g_test_message ("%u waiting workers", depth);
}

#define REFUSALS_ARE_HARMLESS "5.21 (better): never aborts when the system refuses a thread"

static const Case cases[] = {
  { "/task-refused/no-thread", test_no_thread, REFUSALS_ARE_HARMLESS, 5 },
  { "/task-refused/two-callers", test_two_callers, REFUSALS_ARE_HARMLESS, 5 },
  { "/task-refused/two-callers/second-request", test_two_callers_second_request, REFUSALS_ARE_HARMLESS, 5 },
  { "/task-refused/queued-meanwhile", test_queued_meanwhile, REFUSALS_ARE_HARMLESS, 5 },
  { "/task-refused/queued-meanwhile/second-request", test_queued_meanwhile_second_request, REFUSALS_ARE_HARMLESS, 5 },
  { "/task-refused/context-at-same-address", test_context_at_same_address, REFUSALS_ARE_HARMLESS, 0 },
  { "/task-refused/growth", test_growth, REFUSALS_ARE_HARMLESS, 6 },
  { "/task-refused/many-waiting", test_many_waiting, "5.22 (better): a waiting worker does not count", 5 },
};

HARNESS_MAIN (cases)
