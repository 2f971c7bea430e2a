/* GSimpleAsyncResult: cancelled, completed and dropped at the same time. */
#include "stress.h"

G_GNUC_BEGIN_IGNORE_DEPRECATIONS

#define OPERATIONS 6
#define THE_SSIZE 815

typedef struct
{
  GSimpleAsyncResult *simple;
  guint32 dice;
  guint kind; /* 0: pointer, 1: size, 2: error */
  gint called, cancelled;
} SimpleOperation;

typedef struct
{
  GCancellable *cancellable;
  SimpleOperation operations[OPERATIONS];
} Round;

static char tag;

static void
set_result (SimpleOperation *operation, GSimpleAsyncResult *simple)
{
  if (operation->kind == 0)
    g_simple_async_result_set_op_res_gpointer (simple, entry_new (ENTRY_RESULT), entry_close);
  else if (operation->kind == 1)
    g_simple_async_result_set_op_res_gssize (simple, THE_SSIZE);
  else
    g_simple_async_result_take_error (simple, counted_error_new ());
}

static void
simple_called (GObject *source, GAsyncResult *result, gpointer data)
{
  SimpleOperation *operation = data;
  GSimpleAsyncResult *simple = G_SIMPLE_ASYNC_RESULT (result);
  GError *error = NULL;

  if (COUNT (operation->called) != 0)
    g_error ("called back twice");
  g_assert_true (g_simple_async_result_is_valid (result, source, &tag));
  if (g_simple_async_result_propagate_error (simple, &error))
    {
      if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        COUNT (operation->cancelled);
      else
        g_assert_cmpuint (operation->kind, ==, 2);
      g_error_free (error);
    }
  else if (operation->kind == 0)
    g_assert_nonnull (g_simple_async_result_get_op_res_gpointer (simple));
  else
    g_assert_cmpint (g_simple_async_result_get_op_res_gssize (simple), ==, THE_SSIZE);
}

static void
run_simple (GSimpleAsyncResult *simple, GObject *source G_GNUC_UNUSED, GCancellable *cancellable)
{
  SimpleOperation *operation = g_async_result_get_user_data (G_ASYNC_RESULT (simple));

  worker_begin ();
  g_assert_true (g_cancellable_get_current () == cancellable);
  linger (&operation->dice);
  set_result (operation, simple);
}

/* The first member cancels, the second completes what has no thread. */
static void
cancel_or_complete (gpointer data, guint member, guint32 *dice)
{
  Round *round = data;

  for (guint32 n = roll (dice, 16); n > 0; n--)
    linger (dice);
  if (member == 0)
    g_cancellable_cancel (round->cancellable);
  else
    for (guint i = 0; i < 2; i++)
      {
        SimpleOperation *operation = &round->operations[i];

        set_result (operation, operation->simple);
        g_simple_async_result_complete_in_idle (operation->simple);
        linger (dice);
        g_object_unref (operation->simple);
      }
}

static void
operation_new (Round *round, guint i, guint32 *dice)
{
  GObject *source = counted_object_new ();
  SimpleOperation *operation = &round->operations[i];

  *operation = (SimpleOperation) { .dice = roll (dice, G_MAXUINT32) | 1, .kind = roll (dice, 3) };
  operation->simple = g_simple_async_result_new (source, simple_called, operation, &tag);
  if (roll (dice, 2))
    g_simple_async_result_set_check_cancellable (operation->simple, round->cancellable);
  g_object_unref (source);
}

static gboolean
all_called (const Round *round)
{
  for (guint i = 0; i < OPERATIONS; i++)
    if (READ (round->operations[i].called) == 0)
      return FALSE;
  return TRUE;
}

static void
run_simple_results (Run *run)
{
  Crowd *crowd = crowd_new (2, cancel_or_complete);
  guint64 cancelled = 0;

  while (run_goes_on (run))
    {
      Round round = { .cancellable = counted_cancellable_new () };

      for (guint i = 0; i < OPERATIONS; i++)
        operation_new (&round, i, &run->dice);
      crowd_begin (crowd, &round);
      for (guint i = 2; i < OPERATIONS; i++)
        {
          GSimpleAsyncResult *simple = round.operations[i].simple;

          g_simple_async_result_set_handle_cancellation (simple, i % 3 > 0);
          g_simple_async_result_run_in_thread (simple, run_simple, (gint) roll (&run->dice, 3), round.cancellable);
          g_object_unref (simple);
        }
      while (!all_called (&round))
        if (!g_main_context_iteration (NULL, FALSE))
          g_usleep (20);
      crowd_wait (crowd);
      g_object_unref (round.cancellable);
      entries_settle (NULL);
      for (guint i = 0; i < OPERATIONS; i++)
        {
          g_assert_cmpint (READ (round.operations[i].called), ==, 1);
          cancelled += READ (round.operations[i].cancelled);
        }
    }
  crowd_free (crowd);
  g_string_append_printf (run->remarks, ", %" G_GUINT64_FORMAT " cancelled", cancelled);
}

const Scenario simple_scenarios[] = {
  { "simple-async-result", run_simple_results, NULL },
  { NULL, NULL, NULL },
};

G_GNUC_END_IGNORE_DEPRECATIONS
