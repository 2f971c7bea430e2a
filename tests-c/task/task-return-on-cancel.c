/* GTasks in threads that complete as soon as they are cancelled. */
#include "task-helpers.h"

static Gate gate;

typedef struct
{
  GTask *task;
  GCancellable *cancellable;
  Call call;
  gint late_freed; /* the pointer that the function returns is its address */
} Fixture;

static void
wait_then_return (GTask *task, gpointer source G_GNUC_UNUSED, gpointer late, GCancellable *cancellable G_GNUC_UNUSED)
{
  gate_pass (&gate);
  g_task_return_pointer (task, late, count_destroy);
}

static void
set_up (Fixture *f, gboolean return_on_cancel)
{
  *f = (Fixture) { .cancellable = g_cancellable_new () };
  f->task = g_task_new (NULL, f->cancellable, note_call, &f->call);
  g_task_set_task_data (f->task, &f->late_freed, NULL);
  g_assert_true (g_task_set_return_on_cancel (f->task, return_on_cancel));
  gate_init (&gate);
}

static void
set_up_running (Fixture *f, gboolean return_on_cancel)
{
  set_up (f, return_on_cancel);
  g_task_run_in_thread (f->task, wait_then_return);
  gate_await (&gate, 1);
  drain (NULL);
  g_assert_cmpint (f->call.calls, ==, 0);
}

static void
assert_completed_by_cancel (Fixture *f)
{
  GError *error = NULL;

  wait_completed (f->task);
  g_assert_cmpint (f->call.calls, ==, 1);
  g_assert_true (f->call.thread == g_thread_self ());
  g_assert_cmpint (f->call.had_error, ==, TRUE);
  g_assert_null (g_task_propagate_pointer (f->task, &error));
  assert_is_cancelled (&error);
}

/* The last of the function, its late result and the task, wherever they go. */
static void
tear_down_late (Fixture *f)
{
  gint finalized = 0;

  watch (f->task, &finalized);
  watch (f->cancellable, &finalized);
  gate_let_out (&gate, 1);
  g_object_unref (f->task);
  g_object_unref (f->cancellable);
  wait_for_count (NULL, &finalized, 2);
  wait_for_count (NULL, &f->late_freed, 1);
  drain (NULL);
  g_assert_cmpint (f->late_freed, ==, 1);
  g_assert_cmpint (f->call.calls, ==, 1);
  gate_clear (&gate);
}

/* Cancelling completes the task at once, CANCELLED, while the function goes on; its late result is freed, once. */
static void
test_completes (void)
{
  Fixture f;

  set_up_running (&f, TRUE);
  g_cancellable_cancel (f.cancellable);
  g_assert_cmpint (f.call.calls, ==, 0);
  assert_completed_by_cancel (&f);
  tear_down_late (&f);
}

static gint functions_over;

static void
return_late_and_say (GTask *task, gpointer source, gpointer late, GCancellable *cancellable)
{
  wait_then_return (task, source, late, cancellable);
  g_atomic_int_inc (&functions_over);
}

/* A late return is not a second return: no critical, no second callback, and CANCELLED stays the answer. */
static void
test_late_return (void)
{
  Fixture f;
  GError *error = NULL;

  functions_over = 0;
  set_up (&f, TRUE);
  g_task_run_in_thread (f.task, return_late_and_say);
  gate_await (&gate, 1);
  g_cancellable_cancel (f.cancellable);
  assert_completed_by_cancel (&f);
  gate_let_out (&gate, 1);
  wait_for_count (NULL, &functions_over, 1);
  drain (NULL);
  g_assert_null (g_task_propagate_pointer (f.task, &error));
  assert_is_cancelled (&error);
  tear_down_late (&f);
}

/* Without it, cancelling waits for the function. */
static void
test_off (void)
{
  Fixture f;

  set_up_running (&f, FALSE);
  g_cancellable_cancel (f.cancellable);
  drain (NULL);
  g_assert_cmpint (f.call.calls, ==, 0);
  g_assert_cmpint (g_task_get_completed (f.task), ==, FALSE);
  gate_let_out (&gate, 1);
  assert_completed_by_cancel (&f);
  tear_down_late (&f);
}

/* Not in a thread it means nothing: cancelling completes no task that nobody returned. */
static void
test_not_in_thread (void)
{
  Fixture f;

  set_up (&f, TRUE);
  g_cancellable_cancel (f.cancellable);
  drain (NULL);
  g_assert_cmpint (f.call.calls, ==, 0);
  g_assert_cmpint (g_task_set_return_on_cancel (f.task, FALSE), ==, TRUE);
  g_assert_cmpint (g_task_set_return_on_cancel (f.task, TRUE), ==, TRUE);
  drain (NULL);
  g_assert_cmpint (f.call.calls, ==, 0);
  g_task_return_int (f.task, 5);
  assert_completed_by_cancel (&f);
  g_assert_finalize_object (f.task);
  g_assert_finalize_object (f.cancellable);
  gate_clear (&gate);
}

/* Cancelled before the start: completed at once, though not within the call, and the function still runs. */
static void
test_cancelled_before (void)
{
  Fixture f;

  set_up (&f, TRUE);
  g_cancellable_cancel (f.cancellable);
  g_task_run_in_thread (f.task, wait_then_return);
  g_assert_cmpint (f.call.calls, ==, 0);
  assert_completed_by_cancel (&f);
  gate_await (&gate, 1);
  tear_down_late (&f);
}

static void
assert_sync_completed_by_cancel (Fixture *f)
{
  GError *error = NULL;

  g_assert_cmpint (g_task_get_completed (f->task), ==, TRUE);
  g_assert_null (g_task_propagate_pointer (f->task, &error));
  assert_is_cancelled (&error);
  gate_await (&gate, 1);
  g_assert_cmpint (f->call.calls, ==, 0);
  f->call.calls = 1; /* as tear_down_late() wants it */
  tear_down_late (f);
}

/* run_in_thread_sync returns at once when it was cancelled before. */
static void
test_sync_cancelled_before (void)
{
  Fixture f;

  set_up (&f, TRUE);
  g_cancellable_cancel (f.cancellable);
  g_task_run_in_thread_sync (f.task, wait_then_return);
  assert_sync_completed_by_cancel (&f);
}

static gpointer
cancel_when_inside (gpointer cancellable)
{
  gate_await (&gate, 1);
  g_cancellable_cancel (cancellable);
  return NULL;
}

/* run_in_thread_sync returns when it is cancelled, while the function goes on. */
static void
test_sync_cancelled (void)
{
  Fixture f;
  GThread *thread;

  set_up (&f, TRUE);
  thread = g_thread_new ("canceller", cancel_when_inside, f.cancellable);
  g_task_run_in_thread_sync (f.task, wait_then_return);
  g_thread_join (thread);
  assert_sync_completed_by_cancel (&f);
}

/* Too late to switch it off: FALSE, it stays on, for good. */
static void
test_switched_off_too_late (void)
{
  Fixture f;

  set_up_running (&f, TRUE);
  g_cancellable_cancel (f.cancellable);
  g_assert_cmpint (g_task_set_return_on_cancel (f.task, FALSE), ==, FALSE);
  g_assert_cmpint (g_task_get_return_on_cancel (f.task), ==, TRUE);
  g_assert_cmpint (g_task_set_return_on_cancel (f.task, TRUE), ==, FALSE);
  assert_completed_by_cancel (&f);
  g_assert_cmpint (g_task_set_return_on_cancel (f.task, FALSE), ==, FALSE);
  g_assert_cmpint (g_task_get_return_on_cancel (f.task), ==, TRUE);
  tear_down_late (&f);
}

/* Switched on after the cancellation: FALSE, it stays off, and the task completes at once. */
static void
test_switched_on_too_late (void)
{
  Fixture f;

  set_up_running (&f, FALSE);
  g_cancellable_cancel (f.cancellable);
  drain (NULL);
  g_assert_cmpint (f.call.calls, ==, 0);
  g_assert_cmpint (g_task_set_return_on_cancel (f.task, TRUE), ==, FALSE);
  g_assert_cmpint (f.call.calls, ==, 0);
  g_assert_cmpint (g_task_get_return_on_cancel (f.task), ==, FALSE);
  assert_completed_by_cancel (&f);
  g_assert_cmpint (g_task_set_return_on_cancel (f.task, TRUE), ==, FALSE);
  drain (NULL);
  tear_down_late (&f);
}

/* Switched on and off again in time: the function decides when it is over. */
static void
test_switched_in_time (void)
{
  Fixture f;

  set_up_running (&f, FALSE);
  g_assert_cmpint (g_task_set_return_on_cancel (f.task, TRUE), ==, TRUE);
  g_assert_cmpint (g_task_get_return_on_cancel (f.task), ==, TRUE);
  g_assert_cmpint (g_task_set_return_on_cancel (f.task, TRUE), ==, TRUE);
  g_assert_cmpint (g_task_set_return_on_cancel (f.task, FALSE), ==, TRUE);
  g_cancellable_cancel (f.cancellable);
  drain (NULL);
  g_assert_cmpint (f.call.calls, ==, 0);
  gate_let_out (&gate, 1);
  assert_completed_by_cancel (&f);
  tear_down_late (&f);
}

/* A task that was cancelled once in its thread stays so: a reset makes no difference to the switch. */
static void
test_reset (void)
{
  Fixture f;

  set_up_running (&f, TRUE);
  g_cancellable_cancel (f.cancellable);
  g_cancellable_reset (f.cancellable);
  g_assert_cmpint (g_task_set_return_on_cancel (f.task, FALSE), ==, FALSE);
  g_assert_cmpint (g_task_get_return_on_cancel (f.task), ==, TRUE);
  wait_completed (f.task);
  g_assert_cmpint (f.call.calls, ==, 1);
  tear_down_late (&f);
}

/* The cancellation completed the task: a reset before its result is propagated changes nothing. */
static void
test_reset_before_propagate (void)
{
  Fixture f;

  set_up_running (&f, TRUE);
  g_cancellable_cancel (f.cancellable);
  g_cancellable_reset (f.cancellable);
  assert_completed_by_cancel (&f);
  tear_down_late (&f);
}

#define SHARERS 9

/* One cancellable completes all its tasks, each once. */
static void
test_shared_cancellable (void)
{
  GCancellable *cancellable = g_cancellable_new ();
  Call call = { 0 };
  gint late_freed = 0, finalized = 0;

  gate_init (&gate);
  watch (cancellable, &finalized);
  for (int i = 0; i < SHARERS; i++)
    {
      GTask *task = g_task_new (NULL, cancellable, note_call, &call);

      watch (task, &finalized);
      g_task_set_task_data (task, &late_freed, NULL);
      g_task_set_return_on_cancel (task, TRUE);
      g_task_run_in_thread (task, wait_then_return);
      g_object_unref (task);
    }
  gate_await (&gate, SHARERS);
  g_cancellable_cancel (cancellable);
  g_object_unref (cancellable);
  wait_for_count (NULL, &call.calls, SHARERS);
  g_assert_cmpint (late_freed, ==, 0);
  gate_let_out (&gate, SHARERS);
  wait_for_count (NULL, &finalized, SHARERS + 1);
  wait_for_count (NULL, &late_freed, SHARERS);
  drain (NULL);
  g_assert_cmpint (call.calls, ==, SHARERS);
  g_assert_cmpint (late_freed, ==, SHARERS);
  gate_clear (&gate);
}

static const Case cases[] = {
  { "/task-return-on-cancel/completes", test_completes, NULL, 0 },
  { "/task-return-on-cancel/late-return", test_late_return, NULL, 0 },
  { "/task-return-on-cancel/off", test_off, NULL, 0 },
  { "/task-return-on-cancel/not-in-thread", test_not_in_thread, NULL, 0 },
  { "/task-return-on-cancel/cancelled-before", test_cancelled_before, NULL, 0 },
  { "/task-return-on-cancel/sync/cancelled-before", test_sync_cancelled_before, NULL, 0 },
  { "/task-return-on-cancel/sync/cancelled", test_sync_cancelled, NULL, 0 },
  { "/task-return-on-cancel/switched-off-too-late", test_switched_off_too_late, NULL, 0 },
  { "/task-return-on-cancel/switched-on-too-late", test_switched_on_too_late, NULL, 0 },
  { "/task-return-on-cancel/switched-in-time", test_switched_in_time, NULL, 0 },
  { "/task-return-on-cancel/reset", test_reset, NULL, 0 },
  { "/task-return-on-cancel/reset/before-propagate", test_reset_before_propagate,
    "5.12 (better): the result stays CANCELLED when the cancellable is reset", 5 },
  { "/task-return-on-cancel/shared-cancellable", test_shared_cancellable, NULL, 0 },
};

HARNESS_MAIN (cases)
