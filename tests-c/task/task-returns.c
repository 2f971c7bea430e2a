/* Exactly one return and one propagation of a GTask count. */
#include "counted-error.h"
#include "task-helpers.h"

static void
assert_refuses_to_return (GTask *task)
{
  GValue value = G_VALUE_INIT;

  g_value_init (&value, G_TYPE_INT);
  expect_critical ("g_task_return_pointer", "!task->ever_returned");
  g_task_return_pointer (task, task, NULL);
  expect_critical ("g_task_return_boolean", "!task->ever_returned");
  g_task_return_boolean (task, FALSE);
  expect_critical ("g_task_return_int", "!task->ever_returned");
  g_task_return_int (task, 99);
  expect_critical ("g_task_return_value", "!task->ever_returned");
  g_task_return_value (task, &value);
  expect_critical ("g_task_return_error_if_cancelled", "!task->ever_returned");
  g_assert_false (g_task_return_error_if_cancelled (task));
  SEEN ();
}

/* Propagating before anything was returned is refused, and takes nothing from the task. */
static void
test_propagate_too_early (void)
{
  Call call = { 0 };
  GTask *task = g_task_new (NULL, NULL, note_call, &call);

  assert_refuses_to_propagate (task);
  g_task_return_int (task, 5);
  /* Returned, not yet delivered: that is early enough. */
  g_assert_cmpint (g_task_propagate_int (task, NULL), ==, 5);
  g_assert_cmpint (g_task_get_completed (task), ==, FALSE);
  assert_refuses_to_propagate (task);
  drain (NULL);
  g_assert_cmpint (call.calls, ==, 1);
  g_assert_finalize_object (task);
}

/* Exactly one return counts: not a second after a value, nor after propagation (#1525). */
static void
test_return_twice (void)
{
  Call call = { 0 };
  GTask *task = g_task_new (NULL, NULL, note_call, &call);
  GError *error = NULL;

  g_task_return_int (task, 5);
  assert_refuses_to_return (task);
  drain (NULL);
  assert_refuses_to_return (task);
  g_assert_cmpint (g_task_propagate_int (task, &error), ==, 5);
  g_assert_no_error (error);
  assert_refuses_to_return (task);
  drain (NULL);
  g_assert_cmpint (call.calls, ==, 1);
  g_assert_cmpint (g_task_had_error (task), ==, FALSE);
  assert_refuses_to_propagate (task);
  g_assert_finalize_object (task);
}

/* The same after an error (#1525). */
static void
test_return_after_error (void)
{
  Call call = { 0 };
  GTask *task = g_task_new (NULL, NULL, note_call, &call);
  GError *error = NULL;

  g_task_return_error (task, counted_error_new (7));
  assert_refuses_to_return (task);
  drain (NULL);
  g_assert_cmpint (g_task_propagate_int (task, &error), ==, -1);
  g_assert_error (error, counted_error_quark (), 7);
  g_clear_error (&error);
  assert_refuses_to_return (task);
  drain (NULL);
  g_assert_cmpint (call.calls, ==, 1);
  g_assert_finalize_object (task);
}

/* An error that comes second is refused, and freed. */
static void
test_second_error_is_freed (void)
{
  GTask *task = g_task_new (NULL, NULL, NULL, NULL);

  g_task_return_int (task, 5);
  expect_critical ("g_task_return_error", "!task->ever_returned");
  g_task_return_error (task, counted_error_new (7));
  SEEN ();
  drain (NULL);
  g_assert_cmpint (g_task_had_error (task), ==, FALSE);
  g_assert_cmpint (g_task_propagate_int (task, NULL), ==, 5);
  g_assert_finalize_object (task);
  g_assert_cmpint (count_errors (), ==, 0);
}

/* A pointer that comes second is refused, and freed with its own destroy notify. */
static void
test_second_pointer_is_freed (void)
{
  GTask *task = g_task_new (NULL, NULL, NULL, NULL);
  gint first = 0, second = 0;

  g_task_return_pointer (task, &first, count_destroy);
  expect_critical ("g_task_return_pointer", "!task->ever_returned");
  g_task_return_pointer (task, &second, count_destroy);
  SEEN ();
  drain (NULL);
  g_assert_true (g_task_propagate_pointer (task, NULL) == &first);
  g_assert_finalize_object (task);
  g_assert_cmpint (first, ==, 0);
  g_assert_cmpint (second, ==, 1);
}

/* The very same pointer twice is refused, but not freed: the first return still owns it, or whoever propagated it. */
static void
test_same_pointer_twice (void)
{
  for (gint propagate = FALSE; propagate <= TRUE; propagate++)
    {
      GTask *task = g_task_new (NULL, NULL, NULL, NULL);
      gint freed = 0;

      g_task_return_pointer (task, &freed, count_destroy);
      expect_critical ("g_task_return_pointer", "!task->ever_returned");
      g_task_return_pointer (task, &freed, count_destroy);
      SEEN ();
      g_assert_cmpint (freed, ==, 0);
      drain (NULL);
      if (propagate)
        {
          g_assert_true (g_task_propagate_pointer (task, NULL) == &freed);
          expect_critical ("g_task_return_pointer", "!task->ever_returned");
          g_task_return_pointer (task, &freed, count_destroy);
          SEEN ();
        }
      g_assert_finalize_object (task);
      g_assert_cmpint (freed, ==, !propagate);
    }
}

/* The very same error twice, likewise. */
static void
test_same_error_twice (void)
{
  for (gint propagate = FALSE; propagate <= TRUE; propagate++)
    {
      GTask *task = g_task_new (NULL, NULL, NULL, NULL);
      GError *same = counted_error_new (7), *error = NULL;

      g_task_return_error (task, same);
      expect_critical ("g_task_return_error", "!task->ever_returned");
      g_task_return_error (task, same);
      SEEN ();
      g_assert_cmpint (count_errors (), ==, 1);
      drain (NULL);
      if (propagate)
        {
          g_assert_cmpint (g_task_propagate_int (task, &error), ==, -1);
          g_assert_true (error == same);
          expect_critical ("g_task_return_error", "!task->ever_returned");
          g_task_return_error (task, same);
          SEEN ();
          g_assert_error (error, counted_error_quark (), 7);
          g_clear_error (&error);
        }
      g_assert_finalize_object (task);
      g_assert_cmpint (count_errors (), ==, 0);
    }
}

static void
note_run (GTask *task G_GNUC_UNUSED, gpointer source G_GNUC_UNUSED, gpointer data, GCancellable *cancellable G_GNUC_UNUSED)
{
  g_atomic_int_inc ((gint *) data);
}

/* A task that has returned is not run: whether its result waits, was delivered, or was fetched. */
static void
test_run_after_return (void)
{
  for (gint stage = 0; stage < 3; stage++)
    {
      Call call = { 0 };
      gint runs = 0;
      GTask *task = g_task_new (NULL, NULL, note_call, &call);

      g_task_set_task_data (task, &runs, NULL);
      g_task_return_int (task, 42);
      if (stage > 0)
        wait_for_count (NULL, &call.calls, 1);
      if (stage > 1)
        g_assert_cmpint (g_task_propagate_int (task, NULL), ==, 42);
      expect_critical ("g_task_run_in_thread", "!task->ever_returned");
      g_task_run_in_thread (task, note_run);
      SEEN ();
      expect_critical ("g_task_run_in_thread_sync", "!task->ever_returned");
      g_task_run_in_thread_sync (task, note_run);
      SEEN ();
      wait_for_count (NULL, &call.calls, 1);
      drain (NULL);
      g_assert_cmpint (call.calls, ==, 1);
      g_assert_cmpint (runs, ==, 0);
      if (stage < 2)
        g_assert_cmpint (g_task_propagate_int (task, NULL), ==, 42);
      g_assert_finalize_object (task);
    }
}

static const Case cases[] = {
  { "/task-returns/propagate-too-early", test_propagate_too_early, NULL, 0 },
  { "/task-returns/return-twice", test_return_twice, NULL, 0 },
  { "/task-returns/return-after-error", test_return_after_error, NULL, 0 },
  { "/task-returns/same-pointer-twice", test_same_pointer_twice, NULL, 0 },
  { "/task-returns/same-error-twice", test_same_error_twice, NULL, 0 },
  { "/task-returns/run-after-return", test_run_after_return, "5.5 (better): a task that has returned is not run", 10 },
  { "/task-returns/second-error-is-freed", test_second_error_is_freed, "2.7 (better): a refused error is freed", 0 },
  { "/task-returns/second-pointer-is-freed", test_second_pointer_is_freed,
    "2.7 (better): a refused pointer is freed", 0 },
};

HARNESS_MAIN (cases)
