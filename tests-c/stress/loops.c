/* Loops that are not GLib's own take turns with one context. */
#include "stress.h"

#define OPERATIONS 12
/* Loops; two more members return. */
#define LOOPS 3
#define RETURNERS 2
#define MAX_DESCRIPTORS 8
#define PATIENCE_MS 60000

typedef struct
{
  GMainContext *context;
  gint called;
  guint last[RETURNERS]; /* used in callbacks, which the context's owners run one after another */
  Operation operations[OPERATIONS];
} Round;

/* The first of them are returned by the crowd, in turns; workers return the others. */
static gboolean
is_threaded (guint number)
{
  return number >= OPERATIONS / 2;
}

static void
looped_called (GObject *source, GAsyncResult *result, gpointer data)
{
  Operation *operation = data;
  Round *round = operation->round;
  guint number = (guint) (operation - round->operations);

  if (!is_threaded (number))
    {
      /* What one thread returns arrives in that order. */
      g_assert_cmpuint (number + 1, >, round->last[number % RETURNERS]);
      round->last[number % RETURNERS] = number + 1;
    }
  operation_called (source, result, operation);
  COUNT (round->called);
}

static void
round_begin (Round *round, GMainContext *context, guint32 *dice)
{
  *round = (Round) { .context = context };
  g_main_context_push_thread_default (context);
  for (guint i = 0; i < OPERATIONS; i++)
    {
      Operation *operation = &round->operations[i];
      GObject *source = counted_object_new ();

      *operation = (Operation) {
        .kind = roll (dice, N_RETURNS), .dice = roll (dice, G_MAXUINT32) | 1, .round = round
      };
      operation->task = g_task_new (source, NULL, looped_called, operation);
      g_task_set_task_data (operation->task, entry_new (ENTRY_DATA), entry_close);
      if (is_threaded (i))
        g_task_set_priority (operation->task, (gint) roll (dice, 3) * 100);
      g_object_unref (source);
    }
  g_main_context_pop_thread_default (context);
}

static gboolean
all_called (Round *round)
{
  return READ (round->called) == OPERATIONS;
}

/* The caller owns the context. One pass, which may be given up after any step. */
static void
make_pass (Round *round, guint32 *dice)
{
  GMainContext *context = round->context;
  GPollFD descriptors[MAX_DESCRIPTORS];
  guint given_up_after = roll (dice, 8);
  gint priority, timeout, n;

  g_main_context_prepare (context, &priority);
  if (given_up_after == 0)
    return;
  n = g_main_context_query (context, priority, &timeout, descriptors, MAX_DESCRIPTORS);
  g_assert_cmpint (n, <=, MAX_DESCRIPTORS);
  if (given_up_after == 1)
    return;
  /* As long as the context says, while the others wait for their turn. A result that comes has to wake it. */
  if (timeout < 0)
    timeout = PATIENCE_MS;
  if (g_poll (descriptors, (guint) n, timeout) == 0 && timeout == PATIENCE_MS)
    g_error ("a sleeping loop was never woken");
  if (given_up_after == 2)
    return;
  if (g_main_context_check (context, priority, descriptors, n) && given_up_after > 3)
    g_main_context_dispatch (context);
}

static void
loop (Round *round, guint32 *dice)
{
  while (!all_called (round))
    {
      linger (dice);
      if (!g_main_context_acquire (round->context))
        {
          g_thread_yield ();
          continue;
        }
      if (!all_called (round)) /* nothing wakes who sleeps after the last */
        switch (roll (dice, 4))
          {
          case 0:
            g_main_context_iteration (round->context, FALSE);
            break;
          case 1:
            if (g_main_context_pending (round->context))
              g_main_context_dispatch (round->context);
            break;
          default:
            make_pass (round, dice);
          }
      g_main_context_release (round->context);
    }
}

static void
loop_or_return (gpointer data, guint member, guint32 *dice)
{
  Round *round = data;

  if (member < LOOPS)
    {
      loop (round, dice);
      return;
    }
  for (guint i = member - LOOPS; i < OPERATIONS; i += RETURNERS)
    {
      Operation *operation = &round->operations[i];

      linger (dice);
      if (is_threaded (i))
        g_task_run_in_thread (operation->task, operation_run);
      else
        operation_return (operation, operation->task);
      g_object_unref (operation->task);
    }
}

/* Three threads own the context by turns, and give up passes at any step, while workers and others return into it. */
static void
run_loops (Run *run)
{
  Crowd *crowd = crowd_new (LOOPS + RETURNERS, loop_or_return);
  Round *round = g_new0 (Round, 1);
  GMainContext *context = g_main_context_new ();

  while (run_goes_on (run))
    {
      round_begin (round, context, &run->dice);
      crowd_begin (crowd, round);
      crowd_wait (crowd);
      entries_settle (context);
      operations_end (round->operations, OPERATIONS);
      for (guint i = 0; i < OPERATIONS; i++)
        g_assert_cmpint (READ (round->operations[i].called), ==, 1);
    }
  g_main_context_unref (context);
  g_free (round);
  crowd_free (crowd);
  g_string_append_printf (run->remarks, " of %d results", OPERATIONS);
}

const Scenario loop_scenarios[] = {
  { "loops-take-turns", run_loops, NULL },
  { NULL, NULL, NULL },
};
