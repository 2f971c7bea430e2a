/* Main loops of other kinds than GLib's own, and callbacks that do away with their source: no result gets lost. */
#include "task-helpers.h"

#include <poll.h>

/* A wake-up that got lost lets a case sleep for ever. */
#define LOST 10

enum { MAX_DESCRIPTORS = 8, ROUNDS = 10, IDLE = 10 };

typedef struct
{
  GPollFD descriptors[MAX_DESCRIPTORS];
  gint n;
  gint timeout;
} Sleep;

static gpointer
return_task (gpointer task)
{
  g_task_return_boolean (task, TRUE);
  g_object_unref (task);
  return NULL;
}

static GTask *
new_task (GMainContext *context, Call *call)
{
  GTask *task;

  g_main_context_push_thread_default (context);
  task = g_task_new (NULL, NULL, note_call, call);
  g_main_context_pop_thread_default (context);
  return task;
}

static void
query (GMainContext *context, gint priority, Sleep *sleep)
{
  sleep->n = g_main_context_query (context, priority, &sleep->timeout, sleep->descriptors, MAX_DESCRIPTORS);
  g_assert_cmpint (sleep->n, <=, MAX_DESCRIPTORS);
}

static gpointer
sleep_until_woken (gpointer data)
{
  Sleep *sleep = data;

  poll ((struct pollfd *) sleep->descriptors, sleep->n, -1);
  return NULL;
}

static void
dispatch_all (GMainContext *context)
{
  while (g_main_context_pending (context))
    g_main_context_dispatch (context);
}

/* One that asks what to wait for without preparing anything, and then dispatches whatever is pending: it is woken by
 * each first result, whether a source of ours is still in the context or not. */
static void
test_query_only (void)
{
  GMainContext *context = g_main_context_default ();

  for (gint round = 0; round < ROUNDS; round++)
    {
      Call call = { 0 };
      GTask *task = new_task (context, &call);
      GThread *thread;
      Sleep sleep;

      for (gint i = 0; i < round; i++)
        g_main_context_iteration (context, FALSE);
      g_assert_true (g_main_context_acquire (context));
      query (context, G_MAXINT, &sleep);
      thread = g_thread_new ("returning", return_task, task);
      sleep_until_woken (&sleep);
      g_thread_join (thread);
      dispatch_all (context);
      g_main_context_release (context);
      g_assert_cmpint (call.calls, ==, 1);
    }
}

/* The same, where something has come already while nobody owned the context, which wakes nobody. */
static void
test_query_only_second_result (void)
{
  GMainContext *context = g_main_context_default ();

  for (gint round = 0; round < ROUNDS; round++)
    {
      Call first = { 0 }, second = { 0 };
      GTask *task = new_task (context, &second);
      GThread *thread;
      Sleep sleep;

      for (gint i = 0; i < IDLE; i++)
        g_assert_false (g_main_context_iteration (context, FALSE));
      g_thread_join (g_thread_new ("returning", return_task, new_task (context, &first)));
      g_assert_true (g_main_context_acquire (context));
      query (context, G_MAXINT, &sleep);
      thread = g_thread_new ("returning", return_task, task);
      sleep_until_woken (&sleep);
      g_thread_join (thread);
      dispatch_all (context);
      g_main_context_release (context);
      g_assert_cmpint (first.calls, ==, 1);
      g_assert_cmpint (second.calls, ==, 1);
    }
}

/* One whose descriptors another thread polls, while somebody looks whether anything is pending. */
static void
test_polled_elsewhere (void)
{
  GMainContext *context = g_main_context_new_with_flags (G_MAIN_CONTEXT_FLAGS_OWNERLESS_POLLING);

  for (gint round = 0; round < ROUNDS; round++)
    {
      Call call = { 0 };
      GTask *task = new_task (context, &call);
      gint priority;
      Sleep sleep;
      GThread *thread;

      g_main_context_prepare (context, &priority);
      query (context, priority, &sleep);
      thread = g_thread_new ("polling", sleep_until_woken, &sleep);
      g_main_context_pending (context);
      g_thread_join (g_thread_new ("returning", return_task, task));
      g_thread_join (thread);
      drain (context);
      g_assert_cmpint (call.calls, ==, 1);
    }
  g_main_context_unref (context);
}

/* Hand-made iterations, as other toolkits' loops make them: what comes between the steps comes in order. */
static void
test_step_by_step (void)
{
  GMainContext *context = g_main_context_new ();
  Call calls[4] = { { 0 } };
  gint priority;
  Sleep sleep;

  g_assert_true (g_main_context_acquire (context));
  return_task (new_task (context, &calls[0]));
  g_main_context_prepare (context, &priority);
  return_task (new_task (context, &calls[1]));
  query (context, priority, &sleep);
  g_assert_cmpint (sleep.timeout, ==, 0);
  return_task (new_task (context, &calls[2]));
  poll ((struct pollfd *) sleep.descriptors, sleep.n, sleep.timeout);
  g_assert_true (g_main_context_check (context, priority, sleep.descriptors, sleep.n));
  return_task (new_task (context, &calls[3]));
  g_main_context_dispatch (context);
  for (gint i = 0; i < 3; i++)
    g_assert_cmpint (calls[i].calls, ==, 1);
  g_assert_cmpint (calls[3].calls, ==, 0);
  dispatch_all (context);
  g_assert_cmpint (calls[3].calls, ==, 1);
  g_main_context_release (context);
  g_main_context_unref (context);
}

static void
keep_source (GObject *source G_GNUC_UNUSED, GAsyncResult *result G_GNUC_UNUSED, gpointer place)
{
  *(GSource **) place = g_source_ref (g_main_current_source ());
}

static gpointer
destroy_source (gpointer source)
{
  g_source_destroy (source);
  g_source_unref (source);
  return NULL;
}

/* A callback keeps the source that it was called by. Whoever destroys it later destroys nobody's result. */
static void
test_kept_source (gboolean in_a_thread)
{
  Call calls[3] = { { 0 } };
  GSource *kept = NULL;
  GTask *task = g_task_new (NULL, NULL, keep_source, &kept);

  return_task (task);
  g_assert_true (g_main_context_iteration (NULL, FALSE));
  g_assert_nonnull (kept);
  return_task (new_task (NULL, &calls[0]));
  return_task (new_task (NULL, &calls[1]));
  if (in_a_thread)
    g_thread_join (g_thread_new ("destroying", destroy_source, kept));
  else
    destroy_source (kept);
  return_task (new_task (NULL, &calls[2]));
  drain (NULL);
  for (gint i = 0; i < 3; i++)
    g_assert_cmpint (calls[i].calls, ==, 1);
}

static void
test_kept_source_here (void)
{
  test_kept_source (FALSE);
}

static void
test_kept_source_in_a_thread (void)
{
  test_kept_source (TRUE);
}

static gboolean
do_nothing (gpointer data G_GNUC_UNUSED)
{
  return G_SOURCE_REMOVE;
}

typedef struct
{
  Call call; /* first: what note_call() fills */
  GSource *kept;
} Keeper;

/* Keeps its source, and runs an iteration that does something more urgent: the results behind this one wait. */
static void
keep_and_iterate (GObject *source, GAsyncResult *result, gpointer data)
{
  Keeper *keeper = data;
  GSource *urgent = g_idle_source_new ();

  note_call (source, result, &keeper->call);
  keeper->kept = g_source_ref (g_main_current_source ());
  g_source_set_priority (urgent, G_PRIORITY_HIGH);
  g_source_set_callback (urgent, do_nothing, NULL, NULL);
  g_source_attach (urgent, NULL);
  g_source_unref (urgent);
  g_main_context_iteration (NULL, FALSE);
}

/* The same when some of an iteration's results have been delivered, and the others are still to come. */
static void
test_kept_source_left_over (void)
{
  Keeper keeper = { .kept = NULL };
  Call calls[2] = { { 0 } };

  return_task (g_task_new (NULL, NULL, keep_and_iterate, &keeper));
  return_task (new_task (NULL, &calls[0]));
  return_task (new_task (NULL, &calls[1]));
  g_assert_true (g_main_context_iteration (NULL, FALSE));
  destroy_source (keeper.kept);
  drain (NULL);
  g_assert_cmpint (keeper.call.calls, ==, 1);
  g_assert_cmpint (calls[0].calls, ==, 1);
  g_assert_cmpint (calls[1].calls, ==, 1);
}

static void
destroy_elsewhere_and_wait (GObject *source G_GNUC_UNUSED, GAsyncResult *result G_GNUC_UNUSED, gpointer call)
{
  GSource *current = g_source_ref (g_main_current_source ());

  g_thread_join (g_thread_new ("destroying", destroy_source, current));
  while (((Call *) call)->calls == 0)
    g_main_context_iteration (NULL, TRUE);
}

/* And when another thread destroys it, during the callback. */
static void
test_destroyed_elsewhere_and_nested_loop (void)
{
  Call call = { 0 };

  return_task (g_task_new (NULL, NULL, destroy_elsewhere_and_wait, &call));
  return_task (new_task (NULL, &call));
  g_assert_true (g_main_context_iteration (NULL, FALSE));
  g_assert_cmpint (call.calls, ==, 1);
}

static void
set_other_callback (GObject *source G_GNUC_UNUSED, GAsyncResult *result G_GNUC_UNUSED, gpointer data G_GNUC_UNUSED)
{
  g_source_set_callback (g_main_current_source (), do_nothing, NULL, NULL);
}

/* A callback gives its source another callback: no task stays behind. */
static void
test_other_callback (void)
{
  Call calls[3] = { { 0 } };
  gint finalized = 0;
  GTask *task = g_task_new (NULL, NULL, set_other_callback, NULL);

  watch (task, &finalized);
  return_task (task);
  g_main_context_iteration (NULL, FALSE);
  for (gint i = 0; i < 3; i++)
    {
      task = new_task (NULL, &calls[i]);
      watch (task, &finalized);
      return_task (task);
      g_main_context_iteration (NULL, FALSE);
      g_assert_cmpint (calls[i].calls, ==, 1);
    }
  for (gint i = 0; i < IDLE; i++)
    g_main_context_iteration (NULL, FALSE);
  g_assert_cmpint (finalized, ==, 4);
}

static void
destroy_and_wait (GObject *source G_GNUC_UNUSED, GAsyncResult *result G_GNUC_UNUSED, gpointer call)
{
  g_source_destroy (g_main_current_source ());
  while (((Call *) call)->calls == 0)
    g_main_context_iteration (NULL, TRUE);
}

/* A callback destroys its source, and then waits for a result behind it. */
static void
test_destroyed_source_and_nested_loop (void)
{
  Call call = { 0 };

  return_task (g_task_new (NULL, NULL, destroy_and_wait, &call));
  return_task (new_task (NULL, &call));
  g_assert_true (g_main_context_iteration (NULL, FALSE));
  g_assert_cmpint (call.calls, ==, 1);
}

static const Case cases[] = {
  { "/task-loops/query-only", test_query_only, NULL, LOST },
  { "/task-loops/query-only/second-result", test_query_only_second_result, NULL, LOST },
  { "/task-loops/polled-elsewhere", test_polled_elsewhere, NULL, LOST },
  { "/task-loops/step-by-step", test_step_by_step, NULL, 0 },
  { "/task-loops/kept-source", test_kept_source_here, NULL, 0 },
  { "/task-loops/kept-source/in-a-thread", test_kept_source_in_a_thread, NULL, 0 },
  { "/task-loops/kept-source/left-over", test_kept_source_left_over, NULL, 0 },
  { "/task-loops/other-callback", test_other_callback, NULL, 0 },
  { "/task-loops/destroyed-elsewhere-and-nested-loop", test_destroyed_elsewhere_and_nested_loop, NULL, LOST },
  { "/task-loops/destroyed-source-and-nested-loop", test_destroyed_source_and_nested_loop, NULL, LOST },
};

HARNESS_MAIN (cases)
