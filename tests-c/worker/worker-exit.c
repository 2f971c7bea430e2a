/* Task functions that leave their thread by g_thread_exit(). */
#include "task-helpers.h"

#define WORKERS 10
#define MANY 50 /* more than there are workers */

typedef enum
{
  RETURN_FIRST = 1 << 0,
  IN_NESTED = 1 << 1, /* not in this function, but in one that it waits for */
} How;

static void
leave (GTask *task, gpointer source G_GNUC_UNUSED, gpointer how, GCancellable *cancellable G_GNUC_UNUSED)
{
  if (GPOINTER_TO_INT (how) & RETURN_FIRST)
    g_task_return_int (task, 7);
  g_thread_exit (NULL);
}

static void
return_seven (GTask *task, gpointer source G_GNUC_UNUSED, gpointer data G_GNUC_UNUSED,
              GCancellable *cancellable G_GNUC_UNUSED)
{
  g_task_return_int (task, 7);
}

static void
run_nested (GTask *task, gpointer source G_GNUC_UNUSED, gpointer how, GCancellable *cancellable G_GNUC_UNUSED)
{
  GTask *inner = g_task_new (NULL, NULL, NULL, NULL);

  g_task_set_task_data (inner, how, NULL);
  g_task_run_in_thread_sync (inner, leave);
  g_task_return_int (task, g_task_propagate_int (inner, NULL));
  g_object_unref (inner);
}

static void
expect_seven (GObject *source G_GNUC_UNUSED, GAsyncResult *result, gpointer calls)
{
  g_assert_cmpint (g_task_propagate_int (G_TASK (result), NULL), ==, 7);
  g_atomic_int_inc ((gint *) calls);
}

static void
expect_nothing (GObject *source G_GNUC_UNUSED, GAsyncResult *result, gpointer calls)
{
  g_assert_false (g_task_had_error (G_TASK (result)));
  g_atomic_int_inc ((gint *) calls);
}

static void
start (GTaskThreadFunc function, How how, GCancellable *cancellable, GAsyncReadyCallback callback, gint *calls)
{
  GTask *task = g_task_new (NULL, cancellable, callback, calls);

  g_task_set_task_data (task, GINT_TO_POINTER (how), NULL);
  g_task_run_in_thread (task, function);
  g_object_unref (task);
}

/* The pool is as it was: as many tasks as it has workers run at once, and it shrinks as ever. */
static Gate gate;

static void
block (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  gate_pass (&gate);
  return_seven (task, source, data, cancellable);
}

static void
assert_pool_works (void)
{
  gint calls = 0;

  gate_init (&gate);
  for (gint i = 0; i < WORKERS; i++)
    start (block, 0, NULL, expect_seven, &calls);
  gate_await (&gate, WORKERS);
  gate_let_out (&gate, WORKERS);
  wait_for_count (NULL, &calls, WORKERS);
  gate_clear (&gate);
}

static void
leave_often (GTaskThreadFunc function, How how, GCancellable *cancellable, GAsyncReadyCallback callback)
{
  gint calls = 0;

  for (gint i = 0; i < MANY; i++)
    start (function, how, cancellable, callback, &calls);
  wait_for_count (NULL, &calls, MANY);
  assert_pool_works ();
  g_assert_cmpint (calls, ==, MANY);
}

static void
test_after_return (void)
{
  leave_often (leave, RETURN_FIRST, NULL, expect_seven);
}

static void
test_without_return (void)
{
  leave_often (leave, 0, NULL, expect_nothing);
}

/* A worker waits for a task of its own, whose function leaves. */
static void
test_nested (void)
{
  leave_often (run_nested, RETURN_FIRST, NULL, expect_seven);
}

/* Nobody keeps what the tasks had: the cancellable is theirs in the end, and nothing of theirs is joined to it. */
static void
test_cancellable (void)
{
  GCancellable *cancellable = g_cancellable_new ();
  gpointer watched = cancellable;

  g_object_add_weak_pointer (G_OBJECT (cancellable), &watched);
  leave_often (leave, RETURN_FIRST, cancellable, expect_seven);
  g_object_unref (cancellable);
  for (gint i = 0; g_atomic_pointer_get (&watched) && i < 5000; i++)
    g_main_context_iteration (NULL, FALSE), g_usleep (1000);
  g_assert_null (g_atomic_pointer_get (&watched));
}

static void
test_sync (void)
{
  for (gint i = 0; i < MANY; i++)
    {
      GTask *task = g_task_new (NULL, NULL, NULL, NULL);

      g_task_set_task_data (task, GINT_TO_POINTER (RETURN_FIRST), NULL);
      g_task_run_in_thread_sync (task, leave);
      g_assert_cmpint (g_task_propagate_int (task, NULL), ==, 7);
      g_assert_finalize_object (task);
    }
  assert_pool_works ();
}

static void
leave_simple (GSimpleAsyncResult *simple, GObject *source G_GNUC_UNUSED, GCancellable *cancellable)
{
  g_assert_true (g_cancellable_get_current () == cancellable);
  g_simple_async_result_set_op_res_gssize (simple, 7);
  g_thread_exit (NULL);
}

static void
expect_simple_seven (GObject *source G_GNUC_UNUSED, GAsyncResult *result, gpointer calls)
{
  GSimpleAsyncResult *simple = G_SIMPLE_ASYNC_RESULT (result);

  g_assert_cmpint (g_simple_async_result_get_op_res_gssize (simple), ==, 7);
  g_atomic_int_inc ((gint *) calls);
}

static void
test_simple (void)
{
  GCancellable *cancellable = g_cancellable_new ();
  gint calls = 0;

  for (gint i = 0; i < MANY; i++)
    {
      GSimpleAsyncResult *simple = g_simple_async_result_new (NULL, expect_simple_seven, &calls, NULL);

      g_simple_async_result_run_in_thread (simple, leave_simple, G_PRIORITY_DEFAULT, cancellable);
      g_object_unref (simple);
    }
  wait_for_count (NULL, &calls, MANY);
  assert_pool_works ();
  g_object_unref (cancellable);
}

#define ENDS_LIKE_A_RETURN "5.8 (better): a function that leaves its thread ends its task"

static const Case cases[] = {
  { "/worker-exit/after-return", test_after_return, ENDS_LIKE_A_RETURN, 5 },
  { "/worker-exit/without-return", test_without_return, ENDS_LIKE_A_RETURN, 5 },
  { "/worker-exit/nested", test_nested, ENDS_LIKE_A_RETURN, 5 },
  { "/worker-exit/cancellable", test_cancellable, ENDS_LIKE_A_RETURN, 5 },
  { "/worker-exit/sync", test_sync, ENDS_LIKE_A_RETURN, 5 },
  { "/worker-exit/simple", test_simple, ENDS_LIKE_A_RETURN, 5 },
};

HARNESS_MAIN (cases)
