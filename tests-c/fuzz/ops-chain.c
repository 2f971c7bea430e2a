/* Chains of tasks: how much stack each level of a release or of a delivery takes, and what is released when. */
#include "fuzz.h"

#define MAX_LEVELS 220

static struct
{
  char *lowest, *highest;
  int met;
} levels;

/* Each level comes by. */
static void
meet (void)
{
  char here;
  char *volatile place = &here;

  if (levels.met++ == 0)
    levels.lowest = levels.highest = place;
  levels.lowest = MIN (levels.lowest, place);
  levels.highest = MAX (levels.highest, place);
}

static void
say_levels (const char *what, int n)
{
  say ("= chain of %d met %d", n, levels.met);
  if (levels.met > 1)
    say ("= stack of %s %d", what, (int) (levels.highest - levels.lowest) / (levels.met - 1));
}

static void
data_met (gpointer data G_GNUC_UNUSED)
{
  meet ();
}

static void
task_met (gpointer task)
{
  meet ();
  g_object_unref (task);
}

/* ---- releases ---- */

static GTask *
link_new (int mode, GTask *previous)
{
  GTask *task = g_task_new (mode == 1 ? previous : NULL, NULL, NULL, NULL);

  if (mode == 0)
    g_task_set_task_data (task, previous, previous ? task_met : NULL);
  else
    g_task_set_task_data (task, GINT_TO_POINTER (1), data_met);
  if (mode == 1)
    g_clear_object (&previous);
  if (mode == 2)
    g_task_return_pointer (task, previous, previous ? g_object_unref : NULL);
  return task;
}

static gpointer
drop_link (gpointer task)
{
  turns_set_role ("other");
  g_object_unref (task);
  return NULL;
}

static void
release_chain (int mode, int n, gboolean elsewhere)
{
  static const char *const names[] = { "data", "source objects", "results" };
  GMainContext *context = g_main_context_new ();
  GTask *last = NULL;
  int depth;

  g_main_context_push_thread_default (context);
  for (int i = 0; i < n; i++)
    last = link_new (mode, last);
  while (mode == 2 && g_main_context_iteration (context, FALSE))
    ;
  g_main_context_pop_thread_default (context);
  g_main_context_unref (context);
  if (!elsewhere)
    g_object_unref (last);
  else
    {
      depth = turn_suspend ();
      g_thread_join (g_thread_new ("other", drop_link, last));
      turn_resume (depth);
    }
  say_levels (names[mode], n);
}

/* ---- deliveries ---- */

static GTask *tasks[MAX_LEVELS];
static int n_tasks;

static void
next_returns (GObject *source G_GNUC_UNUSED, GAsyncResult *result G_GNUC_UNUSED, gpointer data)
{
  int number = GPOINTER_TO_INT (data);

  meet ();
  if (number + 1 < n_tasks)
    g_task_return_boolean (tasks[number + 1], TRUE);
  g_object_unref (tasks[number]);
}

static void
deliver_chain (int n)
{
  GMainContext *context = g_main_context_new ();

  g_main_context_push_thread_default (context);
  n_tasks = n;
  for (int i = 0; i < n; i++)
    tasks[i] = g_task_new (NULL, NULL, next_returns, GINT_TO_POINTER (i));
  g_task_return_boolean (tasks[0], TRUE);
  while (g_main_context_iteration (context, FALSE))
    ;
  g_main_context_pop_thread_default (context);
  g_main_context_unref (context);
  say_levels ("deliveries", n);
}

/* Modes: 0 to 2: release of task data, source objects, results; 3 to 5: elsewhere; 6: delivery. */
static void
op_chain (const int *args)
{
  int n = 20 * (args[1] + 2);

  levels.met = 0;
  if (role_is ("worker") || (args[0] == 6 && g_main_current_source ()))
    skip ("not here");
  else if (!loops_are_allowed () && (args[0] == 6 || args[0] % 3 == 2))
    skip ("no loops");
  else if (args[0] == 6)
    deliver_chain (n);
  else
    release_chain (args[0] % 3, n, args[0] >= 3);
}

static const Op ops[] = {
  { "chain", "mn", op_chain, 1, 7, BLOCKS, FALSE },
};

const OpTable chain_ops = { "chain", ops, G_N_ELEMENTS (ops) };
