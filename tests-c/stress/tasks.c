/* A task is cancelled while something else happens to it. The main thread iterates the task's context. */
#include "stress.h"

#define OPERATIONS 6

typedef struct
{
  GCancellable *cancellable;
  Operation operations[OPERATIONS];
  guint64 cancelled, propagated;
} Round;

static void
round_begin (Round *round, Run *run)
{
  round->cancellable = counted_cancellable_new ();
  for (guint i = 0; i < OPERATIONS; i++)
    {
      round->operations[i].round = round;
      operation_begin (&round->operations[i], round->cancellable, &run->dice);
    }
}

static void
round_end (Round *round)
{
  g_object_unref (round->cancellable);
  entries_settle (NULL);
  operations_end (round->operations, OPERATIONS);
  for (guint i = 0; i < OPERATIONS; i++)
    {
      Operation *operation = &round->operations[i];

      g_assert_cmpint (READ (operation->called), ==, 1);
      g_assert_cmpint (READ (operation->cancelled) + READ (operation->propagated), ==, 1);
      round->cancelled += READ (operation->cancelled);
      round->propagated += READ (operation->propagated);
    }
}

static void
remark_outcomes (Run *run, const Round *round)
{
  g_string_append_printf (run->remarks, ", %" G_GUINT64_FORMAT " cancelled, %" G_GUINT64_FORMAT " not",
                          round->cancelled, round->propagated);
}

/* A longer moment, so that neither the cancellation nor the end of a function always comes first. */
static void
tarry (guint32 *dice)
{
  for (guint32 n = roll (dice, 24); n > 0; n--)
    linger (dice);
}

/* The first member cancels; the others return those tasks that have no thread of their own. */
static void
cancel_or_return (gpointer data, guint member, guint32 *dice)
{
  Round *round = data;

  if (member == 0)
    {
      tarry (dice);
      g_cancellable_cancel (round->cancellable);
      return;
    }
  linger (dice);
  operation_return (&round->operations[member], round->operations[member].task);
}

/* Cancelled while it is queued, while its function returns, while another thread returns. */
static void
run_cancel_against_return (Run *run)
{
  Crowd *crowd = crowd_new (3, cancel_or_return);
  Round round = { 0 };

  while (run_goes_on (run))
    {
      round_begin (&round, run);
      crowd_begin (crowd, &round);
      for (guint i = 0; i < OPERATIONS; i++)
        {
          GTask *task = round.operations[i].task;

          /* The second and the third are returned by the crowd. */
          if (i == 1 || i == 2)
            continue;
          if (roll (&run->dice, 4) > 0)
            g_task_set_return_on_cancel (task, TRUE);
          g_task_set_priority (task, (gint) roll (&run->dice, 3));
          g_task_run_in_thread (task, operation_run);
          g_object_unref (task);
        }
      operations_await (NULL, &round.operations[3], OPERATIONS - 3);
      crowd_wait (crowd);
      g_object_unref (round.operations[1].task);
      g_object_unref (round.operations[2].task);
      operations_await (NULL, round.operations, OPERATIONS);
      round_end (&round);
    }
  crowd_free (crowd);
  remark_outcomes (run, &round);
}

static void
cancel (gpointer data, guint member G_GNUC_UNUSED, guint32 *dice)
{
  tarry (dice);
  g_cancellable_cancel (((Round *) data)->cancellable);
}

/* Cancelled while a thread waits for it. */
static void
run_cancel_against_sync (Run *run)
{
  Crowd *crowd = crowd_new (1, cancel);
  Round round = { 0 };

  while (run_goes_on (run))
    {
      round_begin (&round, run);
      crowd_begin (crowd, &round);
      for (guint i = 0; i < OPERATIONS; i++)
        {
          Operation *operation = &round.operations[i];

          g_task_set_return_on_cancel (operation->task, i % 2);
          g_task_run_in_thread_sync (operation->task, operation_run);
          g_assert_true (g_task_get_completed (operation->task));
          g_assert_cmpint (operation->called, ==, 0);
          operation_propagate (operation, operation->task);
          g_object_unref (operation->task);
          operation->called = 1; /* as round_end() wants it */
        }
      crowd_wait (crowd);
      round_end (&round);
    }
  crowd_free (crowd);
  remark_outcomes (run, &round);
}

/* The first member cancels, and sometimes takes that back; the second propagates. */
static void
cancel_or_propagate (gpointer data, guint member, guint32 *dice)
{
  Round *round = data;

  linger (dice);
  if (member == 0)
    {
      g_cancellable_cancel (round->cancellable);
      if (roll (dice, 2))
        {
          linger (dice);
          g_cancellable_reset (round->cancellable);
        }
    }
  else
    for (guint i = 0; i < OPERATIONS; i++)
      operation_propagate (&round->operations[i], round->operations[i].task);
}

static void
no_callback_here (GObject *source G_GNUC_UNUSED, GAsyncResult *result G_GNUC_UNUSED, gpointer data)
{
  COUNT (((Operation *) data)->called);
}

/* Cancelled while its result is asked for: CANCELLED uses nothing up, so the result is still there after a reset. */
static void
run_cancel_against_propagate (Run *run)
{
  Crowd *crowd = crowd_new (2, cancel_or_propagate);
  Round round = { 0 };

  while (run_goes_on (run))
    {
      round.cancellable = counted_cancellable_new ();
      for (guint i = 0; i < OPERATIONS; i++)
        {
          Operation *operation = &round.operations[i];

          *operation = (Operation) { .kind = roll (&run->dice, N_RETURNS), .dice = roll (&run->dice, G_MAXUINT32) | 1 };
          operation->task = g_task_new (NULL, round.cancellable, no_callback_here, operation);
          g_task_set_task_data (operation->task, entry_new (ENTRY_DATA), entry_close);
          if (i % 2)
            g_task_run_in_thread (operation->task, operation_run);
          else
            operation_return (operation, operation->task);
        }
      operations_await (NULL, round.operations, OPERATIONS);
      crowd_begin (crowd, &round);
      crowd_wait (crowd);
      g_cancellable_reset (round.cancellable);
      for (guint i = 0; i < OPERATIONS; i++)
        {
          Operation *operation = &round.operations[i];

          round.cancelled += operation->cancelled;
          if (operation->cancelled)
            {
              operation->cancelled = 0;
              if (roll (&run->dice, 4))
                operation_propagate (operation, operation->task);
              else
                operation->propagated = 1; /* freed with the task */
              round.propagated--;
            }
          g_object_unref (operation->task);
        }
      round_end (&round);
    }
  crowd_free (crowd);
  remark_outcomes (run, &round);
}

/* While return-on-cancel is off nothing completes the task: operation_called() looks at `protected`. */
static void
switch_and_return (GTask *task, gpointer source G_GNUC_UNUSED, gpointer data G_GNUC_UNUSED, GCancellable *cancellable)
{
  Operation *operation = g_async_result_get_user_data (G_ASYNC_RESULT (task));

  worker_begin ();
  for (guint i = 0; i < 4; i++)
    {
      linger (&operation->dice);
      if (!g_task_set_return_on_cancel (task, FALSE))
        {
          g_assert_true (g_cancellable_is_cancelled (cancellable));
          break;
        }
      WRITE (operation->protected, 1);
      linger (&operation->dice);
      WRITE (operation->protected, 0);
      if (!g_task_set_return_on_cancel (task, TRUE))
        g_assert_true (g_cancellable_is_cancelled (cancellable));
    }
  operation_return (operation, task);
  operation_leave (operation);
}

/* Cancelled while its function switches return-on-cancel off and on. */
static void
run_cancel_against_switch (Run *run)
{
  Crowd *crowd = crowd_new (1, cancel);
  Round round = { 0 };

  while (run_goes_on (run))
    {
      round_begin (&round, run);
      for (guint i = 0; i < OPERATIONS; i++)
        {
          GTask *task = round.operations[i].task;

          g_task_set_return_on_cancel (task, i % 3 > 0);
          g_task_run_in_thread (task, switch_and_return);
          g_object_unref (task);
        }
      crowd_begin (crowd, &round);
      operations_await (NULL, round.operations, OPERATIONS);
      crowd_wait (crowd);
      round_end (&round);
    }
  crowd_free (crowd);
  remark_outcomes (run, &round);
}

static void
nest (GTask *task, gpointer source G_GNUC_UNUSED, gpointer data, GCancellable *cancellable)
{
  guint depth = GPOINTER_TO_UINT (data);
  GTask *inner;

  worker_begin ();
  if (depth > 0)
    {
      inner = g_task_new (NULL, cancellable, NULL, NULL);
      g_task_set_task_data (inner, GUINT_TO_POINTER (depth - 1), NULL);
      g_task_set_check_cancellable (inner, FALSE);
      g_task_run_in_thread_sync (inner, nest);
      g_assert_true (g_task_get_completed (inner));
      g_assert_cmpint (g_task_propagate_int (inner, NULL), ==, (gssize) depth - 1);
      g_object_unref (inner);
    }
  g_task_return_int (task, depth);
}

static void
nested_called (GObject *source G_GNUC_UNUSED, GAsyncResult *result, gpointer data)
{
  GError *error = NULL;
  gssize depth = g_task_propagate_int (G_TASK (result), &error);

  if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    g_assert_cmpint (depth, ==, GPOINTER_TO_INT (g_task_get_task_data (G_TASK (result))));
  g_clear_error (&error);
  COUNT (((Operation *) data)->called);
}

/* Workers that wait for workers, more of them than the pool has at first, and their cancellable is cancelled. GIO
 * adds workers too slowly for that: there it is as many as the pool has. */
static void
run_nested_sync (Run *run)
{
#ifdef ON_GIO
  const guint depth = 1;
#else
  const guint depth = 3;
#endif
  Crowd *crowd = crowd_new (1, cancel);
  Round round = { 0 };

  while (run_goes_on (run))
    {
      round.cancellable = counted_cancellable_new ();
      for (guint i = 0; i < OPERATIONS; i++)
        {
          Operation *operation = &round.operations[i];
          GTask *task = g_task_new (NULL, round.cancellable, nested_called, operation);

          operation->called = 0;
          operation->propagated = 1;
          operation->cancelled = 0;
          g_task_set_task_data (task, GUINT_TO_POINTER (i < OPERATIONS - 2 ? depth : 0), NULL);
          g_task_set_return_on_cancel (task, i % 2);
          g_task_run_in_thread (task, nest);
          g_object_unref (task);
        }
      crowd_begin (crowd, &round);
      operations_await (NULL, round.operations, OPERATIONS);
      crowd_wait (crowd);
      round_end (&round);
    }
  crowd_free (crowd);
}

const Scenario task_scenarios[] = {
  { "cancel-against-return", run_cancel_against_return, NULL },
  { "cancel-against-sync", run_cancel_against_sync, NULL },
  { "cancel-against-propagate", run_cancel_against_propagate, NULL },
  { "cancel-against-switch", run_cancel_against_switch, NULL },
  { "nested-sync", run_nested_sync, NULL },
  { NULL, NULL, NULL },
};
