/* When, where and in which order the callback of a GTask runs. */
#include "same-address.h"
#include "task-helpers.h"

typedef struct
{
  GTask *task;
  Call call;
  GCancellable *cancellable;
  gint calls_during_return; /* how often the callback had run when g_task_return_*() was over */
} Fixture;

static void
set_up (Fixture *f)
{
  *f = (Fixture) { .cancellable = g_cancellable_new () };
  f->task = g_task_new (NULL, f->cancellable, note_call, &f->call);
  f->calls_during_return = -1;
  let_time_move ();
}

static void
tear_down (Fixture *f)
{
  g_assert_cmpint (f->call.calls, ==, 1);
  g_assert_cmpint (g_task_get_completed (f->task), ==, TRUE);
  g_assert_finalize_object (f->task);
  g_assert_finalize_object (f->cancellable);
}

static gboolean
return_here (gpointer fixture)
{
  Fixture *f = fixture;

  g_task_return_int (f->task, 5);
  f->calls_during_return = f->call.calls;
  return G_SOURCE_REMOVE;
}

/* Not inside the call that starts the operation: a result returned at once comes with a later iteration. */
static void
test_returned_at_once (void)
{
  Fixture f;

  set_up (&f);
  return_here (&f);
  g_assert_cmpint (f.calls_during_return, ==, 0);
  g_assert_cmpint (g_task_get_completed (f.task), ==, FALSE);
  drain (NULL);
  tear_down (&f);
}

/* From a source of the task's context that is younger than the task: before return_*() is over. */
static void
test_from_later_source (void)
{
  Fixture f;

  set_up (&f);
  call_from_source (NULL, return_here, &f);
  drain (NULL);
  g_assert_cmpint (f.calls_during_return, ==, 1);
  tear_down (&f);
}

static gboolean
destroy_source_and_return (gpointer fixture)
{
  g_source_destroy (g_main_current_source ());
  return return_here (fixture);
}

/* The same from a source that has destroyed itself. */
static void
test_from_destroyed_source (void)
{
  Fixture f;

  set_up (&f);
  call_from_source (NULL, destroy_source_and_return, &f);
  drain (NULL);
  g_assert_cmpint (f.calls_during_return, ==, 1);
  tear_down (&f);
}

static gboolean
start_and_return (gpointer fixture)
{
  set_up (fixture);
  return return_here (fixture);
}

/* Made and returned while one source is dispatched: the source is not younger, so later. */
static void
test_from_the_starting_source (void)
{
  Fixture f;

  call_from_source (NULL, start_and_return, &f);
  g_main_context_iteration (NULL, FALSE);
  g_assert_cmpint (f.calls_during_return, ==, 0);
  drain (NULL);
  tear_down (&f);
}

static gboolean
start_and_return_in_nested_loop (gpointer fixture)
{
  Fixture *f = fixture;

  set_up (f);
  call_from_source (NULL, return_here, f);
  drain (NULL);
  return G_SOURCE_REMOVE;
}

/* A source of a nested loop is younger than a task that was made around that loop. */
static void
test_from_nested_source (void)
{
  Fixture f;

  call_from_source (NULL, start_and_return_in_nested_loop, &f);
  g_main_context_iteration (NULL, FALSE);
  g_assert_cmpint (f.calls_during_return, ==, 1);
  tear_down (&f);
}

/* From a source of another context of the same thread: later, in the task's own. */
static void
test_from_other_context (void)
{
  GMainContext *other = g_main_context_new ();
  Fixture f;

  set_up (&f);
  call_from_source (other, return_here, &f);
  drain (other);
  g_assert_cmpint (f.calls_during_return, ==, 0);
  g_assert_cmpint (f.call.calls, ==, 0);
  drain (NULL);
  tear_down (&f);
  g_main_context_unref (other);
}

static gpointer
return_in_thread (gpointer fixture)
{
  return_here (fixture);
  return NULL;
}

/* From another thread: later, in the thread that iterates the task's context. */
static void
test_from_other_thread (void)
{
  Fixture f;

  set_up (&f);
  g_thread_join (g_thread_new ("returner", return_in_thread, &f));
  g_assert_cmpint (f.calls_during_return, ==, 0);
  drain (NULL);
  g_assert_true (f.call.thread == g_thread_self ());
  tear_down (&f);
}

/* Cancelled: later, even where it would have been at once (#1608). */
static void
test_cancelled (void)
{
  Fixture f;

  set_up (&f);
  g_cancellable_cancel (f.cancellable);
  call_from_source (NULL, return_here, &f);
  g_main_context_iteration (NULL, FALSE);
  g_assert_cmpint (f.calls_during_return, ==, 0);
  drain (NULL);
  tear_down (&f);
}

/* Cancelled and unchecked: later all the same (#1608). */
static void
test_cancelled_unchecked (void)
{
  Fixture f;

  set_up (&f);
  g_task_set_check_cancellable (f.task, FALSE);
  g_cancellable_cancel (f.cancellable);
  call_from_source (NULL, return_here, &f);
  g_main_context_iteration (NULL, FALSE);
  g_assert_cmpint (f.calls_during_return, ==, 0);
  drain (NULL);
  tear_down (&f);
}

static void
return_when_cancelled (GCancellable *cancellable G_GNUC_UNUSED, gpointer fixture)
{
  return_here (fixture);
}

static gboolean
cancel_here (gpointer fixture)
{
  g_cancellable_cancel (((Fixture *) fixture)->cancellable);
  return G_SOURCE_REMOVE;
}

/* Never from inside a `cancelled` handler (#1608). */
static void
test_from_cancelled_handler (void)
{
  Fixture f;
  gulong id;

  set_up (&f);
  id = g_cancellable_connect (f.cancellable, G_CALLBACK (return_when_cancelled), &f, NULL);
  call_from_source (NULL, cancel_here, &f);
  g_main_context_iteration (NULL, FALSE);
  g_assert_cmpint (f.calls_during_return, ==, 0);
  drain (NULL);
  g_cancellable_disconnect (f.cancellable, id);
  tear_down (&f);
}

static void
return_from_callback (GObject *source G_GNUC_UNUSED, GAsyncResult *result G_GNUC_UNUSED, gpointer fixture)
{
  return_here (fixture);
}

/* From the callback of another task: at once if this task is older than that delivery. */
static void
test_from_callback (void)
{
  Fixture f;
  GTask *outer;

  set_up (&f);
  outer = g_task_new (NULL, NULL, return_from_callback, &f);
  let_time_move ();
  g_task_return_int (outer, 1);
  drain (NULL);
  g_assert_cmpint (f.calls_during_return, ==, 1);
  tear_down (&f);
  g_assert_finalize_object (outer);
}

static void
start_and_return_from_callback (GObject *source G_GNUC_UNUSED, GAsyncResult *result G_GNUC_UNUSED, gpointer fixture)
{
  start_and_return (fixture);
}

/* Started in the callback of another task: in a later iteration than that one. */
static void
test_started_in_callback (void)
{
  Fixture f = { .calls_during_return = -1 };
  GTask *outer = g_task_new (NULL, NULL, start_and_return_from_callback, &f);

  g_task_return_int (outer, 1);
  while (f.calls_during_return == -1)
    g_assert_true (g_main_context_iteration (NULL, FALSE));
  g_assert_cmpint (f.calls_during_return, ==, 0);
  g_assert_cmpint (f.call.calls, ==, 0);
  drain (NULL);
  tear_down (&f);
  g_assert_finalize_object (outer);
}

/* In the callback and the notification the task's context is the thread-default one; NULL means the global one. */
static void
assert_default_during_callback (GMainContext *context, gboolean pushed, gboolean from_source)
{
  Fixture f;

  if (context)
    g_main_context_push_thread_default (context);
  set_up (&f);
  g_assert_true (g_task_get_context (f.task) == (context ? context : g_main_context_default ()));
  if (context && !pushed)
    g_main_context_pop_thread_default (context);
  if (from_source)
    call_from_source (context, return_here, &f);
  else
    return_here (&f);
  drain (context);
  g_assert_cmpint (f.calls_during_return, ==, from_source);
  g_assert_true (f.call.thread_default == context);
  g_assert_true (g_main_context_get_thread_default () == (pushed ? context : NULL));
  if (context && pushed)
    g_main_context_pop_thread_default (context);
  tear_down (&f);
}

static void
test_thread_default (void)
{
  GMainContext *context = g_main_context_new ();

  for (int from_source = FALSE; from_source <= TRUE; from_source++)
    {
      assert_default_during_callback (NULL, FALSE, from_source);
      assert_default_during_callback (context, TRUE, from_source);
      assert_default_during_callback (context, FALSE, from_source);
    }
  g_main_context_unref (context);
}

/* Also when the global context is iterated while another one is the thread's default. */
static void
test_thread_default_global (void)
{
  GMainContext *other = g_main_context_new ();
  Fixture f;

  set_up (&f);
  return_here (&f);
  g_main_context_push_thread_default (other);
  drain (NULL);
  g_assert_null (f.call.thread_default);
  g_assert_true (g_main_context_get_thread_default () == other);
  g_main_context_pop_thread_default (other);
  tear_down (&f);
  g_main_context_unref (other);
}

static void
drop_task (GTask *task, gpointer source G_GNUC_UNUSED, gpointer data, GCancellable *cancellable G_GNUC_UNUSED)
{
  g_object_unref (data);
  g_task_return_boolean (task, TRUE);
}

/* The remains of a task that a worker drops are left to its context. */
static void
leave_remains (GMainContext *context, gint *freed)
{
  GTask *task, *dropper = g_task_new (NULL, NULL, NULL, NULL);

  g_main_context_push_thread_default (context);
  task = g_task_new (NULL, NULL, NULL, NULL);
  g_main_context_pop_thread_default (context);
  g_task_set_task_data (task, freed, count_destroy);
  g_task_set_task_data (dropper, task, NULL);
  g_task_run_in_thread_sync (dropper, drop_task);
  g_object_unref (dropper);
}

/* A new context at the address of a dead one gets its results, although a source of the dead one is still held. */
static void
test_context_at_same_address (void)
{
  gint freed = 0;
  Between between;
  GSource *source;

  between_init (&between);
  leave_remains (between.context, &freed);
  source = hold_source (between.context); /* NULL on libgio, whose workers release */
  between_free_context (&between);
  if (between_renew_context (&between))
    assert_default_during_callback (between.context, FALSE, FALSE);
  g_clear_pointer (&source, g_source_unref);
  between_clear (&between);
  await_count (&freed, 1);
  g_assert_cmpint (freed, ==, 1);
}

static const Case cases[] = {
  { "/task-delivery/returned-at-once", test_returned_at_once, NULL, 0 },
  { "/task-delivery/from-later-source", test_from_later_source, NULL, 0 },
  { "/task-delivery/from-destroyed-source", test_from_destroyed_source, NULL, 0 },
  { "/task-delivery/from-the-starting-source", test_from_the_starting_source, NULL, 0 },
  { "/task-delivery/from-nested-source", test_from_nested_source, NULL, 0 },
  { "/task-delivery/from-other-context", test_from_other_context, NULL, 0 },
  { "/task-delivery/from-other-thread", test_from_other_thread, NULL, 0 },
  { "/task-delivery/cancelled", test_cancelled, NULL, 0 },
  { "/task-delivery/cancelled/unchecked", test_cancelled_unchecked, NULL, 0 },
  { "/task-delivery/from-cancelled-handler", test_from_cancelled_handler, NULL, 0 },
  { "/task-delivery/from-callback", test_from_callback, NULL, 0 },
  { "/task-delivery/started-in-callback", test_started_in_callback, NULL, 0 },
  { "/task-delivery/thread-default", test_thread_default, NULL, 0 },
  { "/task-delivery/thread-default/global", test_thread_default_global, NULL, 0 },
  { "/task-delivery/context-at-same-address", test_context_at_same_address, NULL, 0 },
};

HARNESS_MAIN (cases)
