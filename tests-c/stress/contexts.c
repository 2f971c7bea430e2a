/* Contexts that come and go while results for them are on their way. */
#include "stress.h"

#define MEMBERS 4
#define OPERATIONS 5
/* This member leaves its context to the main thread. */
#define LEAVER (MEMBERS - 1)

typedef struct
{
  GMainContext *context;
  gint ready; /* written and read in order: it carries `operations` to the neighbour */
  Operation operations[OPERATIONS];
} Place;

typedef struct
{
  GCancellable *cancellable; /* of all of them */
  Place places[MEMBERS];
} Round;

static void
start_operations (Round *round, Place *place, guint32 *dice)
{
  for (guint i = 0; i < OPERATIONS; i++)
    {
      Operation *operation = &place->operations[i];

      operation_begin (operation, round->cancellable, dice);
      if (i == 0)
        continue; /* for the neighbour */
      g_task_set_return_on_cancel (operation->task, i % 2);
      g_task_run_in_thread (operation->task, operation_run);
      if (i < 3)
        g_object_unref (operation->task);
    }
  __atomic_store_n (&place->ready, 1, __ATOMIC_RELEASE);
}

static void
return_neighbours (Place *place)
{
  while (!__atomic_load_n (&place->ready, __ATOMIC_ACQUIRE))
    g_thread_yield ();
  operation_return (&place->operations[0], place->operations[0].task);
}

/* A member makes a context, starts operations in it, returns one of its neighbour's, takes in its own results, and
 * lets go of the context, while functions that return-on-cancel has overtaken are still running. */
static void
come_and_go (gpointer data, guint member, guint32 *dice)
{
  Round *round = data;
  Place *place = &round->places[member];
  GMainContext *context = g_main_context_new ();

  g_main_context_push_thread_default (context);
  start_operations (round, place, dice);
  if (member == 0)
    {
      linger (dice);
      if (roll (dice, 4))
        g_cancellable_cancel (round->cancellable);
    }
  return_neighbours (&round->places[(member + 1) % MEMBERS]);
  if (member != LEAVER)
    operations_await (context, place->operations, OPERATIONS);
  g_main_context_pop_thread_default (context);
  if (member == LEAVER)
    place->context = context;
  else
    g_main_context_unref (context);
}

static void
run_contexts (Run *run)
{
  Crowd *crowd = crowd_new (MEMBERS, come_and_go);
  Round *round = g_new0 (Round, 1);
  guint64 cancelled = 0;

  while (run_goes_on (run))
    {
      *round = (Round) { .cancellable = counted_cancellable_new () };
      crowd_begin (crowd, round);
      crowd_wait (crowd);
      operations_await (round->places[LEAVER].context, round->places[LEAVER].operations, OPERATIONS);
      g_main_context_unref (round->places[LEAVER].context);
      /* The contexts are gone but for what these still hold. */
      for (guint i = 0; i < MEMBERS; i++)
        {
          g_object_unref (round->places[i].operations[0].task);
          for (guint j = 3; j < OPERATIONS; j++)
            g_object_unref (round->places[i].operations[j].task);
        }
      g_object_unref (round->cancellable);
      entries_settle (NULL);
      for (guint i = 0; i < MEMBERS; i++)
        operations_end (round->places[i].operations, OPERATIONS);
      for (guint i = 0; i < MEMBERS; i++)
        for (guint j = 0; j < OPERATIONS; j++)
          {
            g_assert_cmpint (READ (round->places[i].operations[j].called), ==, 1);
            cancelled += READ (round->places[i].operations[j].cancelled);
          }
    }
  g_free (round);
  crowd_free (crowd);
  g_string_append_printf (run->remarks, " of %d contexts, %" G_GUINT64_FORMAT " cancelled", MEMBERS, cancelled);
}

const Scenario context_scenarios[] = {
  { "contexts-come-and-go", run_contexts, NULL },
  { NULL, NULL, NULL },
};
