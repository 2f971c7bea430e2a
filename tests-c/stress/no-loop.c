/* Programs that never iterate a main loop, and contexts that die: everything is freed all the same. */
#include "stress.h"

#define MEMBERS 4
#define OPERATIONS 5
/* What happens to a member's operations. */
enum { REMOVED, DELIVERED, OVERTAKEN, SYNC, SYNC_OVERTAKEN };

typedef struct
{
  gint ready; /* written and read in order: it carries `operations` to the neighbour */
  Operation operations[OPERATIONS];
} Place;

typedef struct
{
  GCancellable *cancellable;
  Place places[MEMBERS];
} Round;

/* The last reference of all may be this one. */
static void
return_and_stay (GTask *task, gpointer source G_GNUC_UNUSED, gpointer data G_GNUC_UNUSED,
                 GCancellable *cancellable G_GNUC_UNUSED)
{
  Operation *operation = g_async_result_get_user_data (G_ASYNC_RESULT (task));

  worker_begin ();
  g_object_ref (task);
  for (guint32 n = roll (&operation->dice, 8); n > 0; n--)
    linger (&operation->dice);
  operation_return (operation, task);
  for (guint32 n = roll (&operation->dice, 8); n > 0; n--)
    linger (&operation->dice);
  operation_leave (operation);
  g_object_unref (task);
}

static void
run_sync (Operation *operation, GCancellable *cancellable, gboolean return_on_cancel, guint32 *dice)
{
  operation_begin (operation, cancellable, dice);
  g_task_set_return_on_cancel (operation->task, return_on_cancel);
  g_task_run_in_thread_sync (operation->task, return_and_stay);
  operation_propagate (operation, operation->task);
  g_object_unref (operation->task);
}

static void
cancel_or_run_sync (gpointer data, guint member, guint32 *dice)
{
  Round *round = data;

  for (guint32 n = roll (dice, 24); n > 0; n--)
    linger (dice);
  if (member == 0)
    g_cancellable_cancel (round->cancellable);
  else
    for (guint i = 0; i < OPERATIONS; i++)
      run_sync (&round->places[member].operations[i], round->cancellable, i % 2, dice);
}

static void
round_end (Round *round)
{
  g_object_unref (round->cancellable);
  entries_await ();
  for (guint i = 0; i < MEMBERS; i++)
    operations_end (round->places[i].operations, OPERATIONS);
}

/* The default context is never iterated. */
static void
run_no_loop (Run *run)
{
  Crowd *crowd = crowd_new (MEMBERS, cancel_or_run_sync);
  Round *round = g_new0 (Round, 1);
  guint64 cancelled = 0;

  while (run_goes_on (run))
    {
      *round = (Round) { .cancellable = counted_cancellable_new () };
      crowd_begin (crowd, round);
      crowd_wait (crowd);
      round_end (round);
      for (guint i = 1; i < MEMBERS; i++)
        for (guint j = 0; j < OPERATIONS; j++)
          {
            g_assert_cmpint (READ (round->places[i].operations[j].called), ==, 0);
            cancelled += READ (round->places[i].operations[j].cancelled);
          }
    }
  g_free (round);
  crowd_free (crowd);
  g_string_append_printf (run->remarks, ", %" G_GUINT64_FORMAT " cancelled", cancelled);
}

/* What the neighbour returns is removed while it waits; perhaps the neighbour has not come back from returning it. */
static void
remove_pending (GMainContext *context, Operation *operation)
{
  GSource *source;

  while (!(source = g_main_context_find_source_by_user_data (context, operation->task)))
    g_thread_yield ();
  g_source_destroy (source);
#ifdef ON_GIO
  g_object_unref (operation->task); /* the source's reference, which GIO drops only after a delivery */
#endif
}

static void
live_and_die (gpointer data, guint member, guint32 *dice)
{
  Round *round = data;
  Place *place = &round->places[member], *neighbour = &round->places[(member + 1) % MEMBERS];
  Operation *operations = place->operations;
  GMainContext *context = g_main_context_new ();

  g_main_context_push_thread_default (context);
  for (guint i = REMOVED; i <= OVERTAKEN; i++)
    {
      operation_begin (&operations[i], round->cancellable, dice);
      if (i == REMOVED)
        continue;
      g_task_set_return_on_cancel (operations[i].task, i == OVERTAKEN);
      g_task_run_in_thread (operations[i].task, return_and_stay);
      g_object_unref (operations[i].task);
    }
  g_object_ref (operations[REMOVED].task); /* the neighbour's */
  __atomic_store_n (&place->ready, 1, __ATOMIC_RELEASE);
  if (member == 0)
    {
      linger (dice);
      g_cancellable_cancel (round->cancellable);
    }
  while (!__atomic_load_n (&neighbour->ready, __ATOMIC_ACQUIRE))
    g_thread_yield ();
  operation_return (&neighbour->operations[REMOVED], neighbour->operations[REMOVED].task);
  g_object_unref (neighbour->operations[REMOVED].task);
  remove_pending (context, &operations[REMOVED]);
  g_object_unref (operations[REMOVED].task);
  operations_await (context, &operations[DELIVERED], 2);
  run_sync (&operations[SYNC], round->cancellable, FALSE, dice);
  run_sync (&operations[SYNC_OVERTAKEN], round->cancellable, TRUE, dice);
  g_main_context_pop_thread_default (context);
  g_main_context_unref (context);
}

/* Each member's context dies with whoever drops the last of its tasks: here, a worker, the neighbour. */
static void
run_contexts_die (Run *run)
{
  Crowd *crowd = crowd_new (MEMBERS, live_and_die);
  Round *round = g_new0 (Round, 1);

  while (run_goes_on (run))
    {
      *round = (Round) { .cancellable = counted_cancellable_new () };
      crowd_begin (crowd, round);
      crowd_wait (crowd);
      round_end (round);
      for (guint i = 0; i < MEMBERS; i++)
        for (guint j = 0; j < OPERATIONS; j++)
          g_assert_cmpint (READ (round->places[i].operations[j].called), ==, j == DELIVERED || j == OVERTAKEN);
    }
  g_free (round);
  crowd_free (crowd);
  g_string_append_printf (run->remarks, " of %d contexts", MEMBERS);
}

const Scenario no_loop_scenarios[] = {
  { "no-loop", run_no_loop, NULL },
  { "contexts-die", run_contexts_die, NULL },
  { NULL, NULL, NULL },
};
