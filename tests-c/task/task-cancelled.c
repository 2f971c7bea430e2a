/* A GTask and its cancellable: what propagates, what had_error says, return_error_if_cancelled. */
#include "task-helpers.h"

typedef struct
{
  GCancellable *cancellable;
  GTask *task;
  Call call;
  GError *error;
} Fixture;

static void
set_up (Fixture *f)
{
  *f = (Fixture) { .cancellable = g_cancellable_new () };
  f->task = g_task_new (NULL, f->cancellable, note_call, &f->call);
}

static void
tear_down (Fixture *f)
{
  g_assert_no_error (f->error);
  g_assert_cmpint (f->call.calls, ==, 1);
  g_assert_finalize_object (f->task);
  g_assert_finalize_object (f->cancellable);
}

static void
assert_propagates_cancelled (Fixture *f)
{
  GValue value = G_VALUE_INIT;

  g_assert_cmpint (g_task_propagate_int (f->task, &f->error), ==, -1);
  assert_is_cancelled (&f->error);
  g_assert_null (g_task_propagate_pointer (f->task, &f->error));
  assert_is_cancelled (&f->error);
  g_assert_cmpint (g_task_propagate_boolean (f->task, &f->error), ==, FALSE);
  assert_is_cancelled (&f->error);
  g_assert_cmpint (g_task_propagate_value (f->task, &value, &f->error), ==, FALSE);
  assert_is_cancelled (&f->error);
  g_assert_cmpuint (G_VALUE_TYPE (&value), ==, G_TYPE_INVALID);
}

/* Cancelled now is the answer, whatever was returned, as often as asked; reset, the value is there again. */
static void
test_value_then_cancelled (void)
{
  Fixture f;

  set_up (&f);
  g_task_return_int (f.task, 5);
  drain (NULL);
  g_assert_cmpint (g_task_had_error (f.task), ==, FALSE);
  g_cancellable_cancel (f.cancellable);
  g_assert_cmpint (g_task_had_error (f.task), ==, TRUE);
  assert_propagates_cancelled (&f);
  g_cancellable_reset (f.cancellable);
  g_assert_cmpint (g_task_had_error (f.task), ==, FALSE);
  g_assert_cmpint (g_task_propagate_int (f.task, &f.error), ==, 5);

  expect_critical ("g_task_propagate_int", "task->result_set");
  g_assert_cmpint (g_task_propagate_int (f.task, &f.error), ==, -1);
  SEEN ();
  g_assert_no_error (f.error);
  g_cancellable_cancel (f.cancellable);
  assert_propagates_cancelled (&f);
  tear_down (&f);
}

/* A returned error waits behind the cancellation and is not lost to it. */
static void
test_error_then_cancelled (void)
{
  Fixture f;

  set_up (&f);
  g_task_return_new_error (f.task, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "nothing here");
  drain (NULL);
  g_cancellable_cancel (f.cancellable);
  assert_propagates_cancelled (&f);
  g_cancellable_reset (f.cancellable);
  g_assert_cmpint (g_task_had_error (f.task), ==, TRUE);
  g_assert_cmpint (g_task_propagate_int (f.task, &f.error), ==, -1);
  g_assert_error (f.error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
  g_clear_error (&f.error);
  g_assert_cmpint (g_task_had_error (f.task), ==, TRUE);
  tear_down (&f);
}

/* A pointer that only the cancellation was propagated for is freed with the task, once. */
static void
test_pointer_then_cancelled (void)
{
  Fixture f;
  gint freed = 0;

  set_up (&f);
  g_task_return_pointer (f.task, &freed, count_destroy);
  drain (NULL);
  g_cancellable_cancel (f.cancellable);
  assert_propagates_cancelled (&f);
  g_assert_cmpint (freed, ==, 0);
  tear_down (&f);
  g_assert_cmpint (freed, ==, 1);
}

/* Cancelled comes before not returned yet; a task made with a cancelled cancellable is like any other. */
static void
test_cancelled_before (void)
{
  Fixture f;

  set_up (&f);
  g_cancellable_cancel (f.cancellable);
  g_assert_cmpint (g_task_had_error (f.task), ==, TRUE);
  assert_propagates_cancelled (&f);
  drain (NULL);
  g_assert_cmpint (f.call.calls, ==, 0);
  g_assert_cmpint (g_task_get_completed (f.task), ==, FALSE);
  g_task_return_int (f.task, 5);
  drain (NULL);
  g_assert_cmpint (f.call.had_error, ==, TRUE);
  g_cancellable_reset (f.cancellable);
  g_assert_cmpint (g_task_propagate_int (f.task, &f.error), ==, 5);
  tear_down (&f);
}

/* Without check-cancellable the cancellation does not show. */
static void
test_unchecked (void)
{
  Fixture f;

  set_up (&f);
  g_task_set_check_cancellable (f.task, FALSE);
  g_cancellable_cancel (f.cancellable);
  g_task_return_int (f.task, 5);
  drain (NULL);
  g_assert_cmpint (g_task_had_error (f.task), ==, FALSE);
  g_assert_cmpint (g_task_propagate_int (f.task, &f.error), ==, 5);
  tear_down (&f);
}

/* check-cancellable counts when asked, not when returned. */
static void
test_checked_late (void)
{
  Fixture f;

  set_up (&f);
  g_task_set_check_cancellable (f.task, FALSE);
  g_cancellable_cancel (f.cancellable);
  g_task_return_int (f.task, 5);
  drain (NULL);
  g_task_set_check_cancellable (f.task, TRUE);
  g_assert_cmpint (g_task_had_error (f.task), ==, TRUE);
  assert_propagates_cancelled (&f);
  g_task_set_check_cancellable (f.task, FALSE);
  g_assert_cmpint (g_task_propagate_int (f.task, &f.error), ==, 5);
  tear_down (&f);
}

/* return_error_if_cancelled returns an error that stays, and says whether it did. */
static void
test_return_if_cancelled (void)
{
  Fixture f;

  set_up (&f);
  g_assert_cmpint (g_task_return_error_if_cancelled (f.task), ==, FALSE);
  g_assert_cmpint (g_task_had_error (f.task), ==, FALSE);
  drain (NULL);
  g_assert_cmpint (f.call.calls, ==, 0);
  g_cancellable_cancel (f.cancellable);
  g_assert_cmpint (g_task_return_error_if_cancelled (f.task), ==, TRUE);
  g_cancellable_reset (f.cancellable);
  drain (NULL);
  g_assert_cmpint (g_task_had_error (f.task), ==, TRUE);
  g_assert_cmpint (g_task_propagate_int (f.task, &f.error), ==, -1);
  assert_is_cancelled (&f.error);
  expect_critical ("g_task_propagate_int", "task->result_set");
  g_assert_cmpint (g_task_propagate_int (f.task, &f.error), ==, -1);
  expect_critical ("g_task_return_error_if_cancelled", "!task->ever_returned");
  g_assert_cmpint (g_task_return_error_if_cancelled (f.task), ==, FALSE);
  SEEN ();
  tear_down (&f);
}

/* It does so even when check-cancellable is off, and answers FALSE without a cancellable. */
static void
test_return_if_cancelled_unchecked (void)
{
  Fixture f;
  GTask *bare = g_task_new (NULL, NULL, NULL, NULL);

  set_up (&f);
  g_task_set_check_cancellable (f.task, FALSE);
  g_cancellable_cancel (f.cancellable);
  g_assert_cmpint (g_task_return_error_if_cancelled (f.task), ==, TRUE);
  g_assert_cmpint (g_task_had_error (f.task), ==, TRUE);
  drain (NULL);
  g_assert_cmpint (g_task_propagate_int (f.task, &f.error), ==, -1);
  assert_is_cancelled (&f.error);
  tear_down (&f);

  g_assert_cmpint (g_task_return_error_if_cancelled (bare), ==, FALSE);
  g_task_return_int (bare, 1);
  drain (NULL);
  g_assert_finalize_object (bare);
}

static const Case cases[] = {
  { "/task-cancelled/value", test_value_then_cancelled, NULL, 0 },
  { "/task-cancelled/error", test_error_then_cancelled, NULL, 0 },
  { "/task-cancelled/pointer", test_pointer_then_cancelled, NULL, 0 },
  { "/task-cancelled/before", test_cancelled_before, NULL, 0 },
  { "/task-cancelled/unchecked", test_unchecked, NULL, 0 },
  { "/task-cancelled/checked-late", test_checked_late, NULL, 0 },
  { "/task-cancelled/return-if-cancelled", test_return_if_cancelled, NULL, 0 },
  { "/task-cancelled/return-if-cancelled/unchecked", test_return_if_cancelled_unchecked, NULL, 0 },
};

HARNESS_MAIN (cases)
