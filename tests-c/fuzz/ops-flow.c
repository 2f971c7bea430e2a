/* Loops, contexts, threads. */
#include "fuzz.h"

#define HELPER_CONTEXT 3
#define PATIENCE 20

/* Where iterations cannot be compared, iterates until something is seen to happen. */
static void
iterate_here (int number)
{
  guint before = log_get_progress ();
  int n = PATIENCE;

  if (loops_are_exact ())
    {
      say ("= iterated %d", g_main_context_iteration (slot_get ('x', number), FALSE));
      return;
    }
  while (g_main_context_iteration (slot_get ('x', number), FALSE) && log_get_progress () == before)
    if (--n == 0)
      break;
}

static void
iterate_dry_here (int number)
{
  for (int i = 0; i < PATIENCE; i++)
    if (!g_main_context_iteration (slot_get ('x', number), FALSE))
      {
        workers_dry (number);
        break;
      }
}

static gboolean
quit (gpointer loop)
{
  g_main_loop_quit (loop);
  return G_SOURCE_REMOVE;
}

static void
loop_here (int number)
{
  GMainContext *context = slot_get ('x', number);
  GMainLoop *loop = g_main_loop_new (context, FALSE);
  GSource *source = g_idle_source_new ();

  g_source_set_priority (source, 5000);
  g_source_set_callback (source, quit, loop, NULL);
  g_source_attach (source, context);
  g_source_unref (source);
  g_main_loop_run (loop);
  g_main_loop_unref (loop);
}

static gboolean no_loops;
static int visits[4];

gboolean
loops_are_allowed (void)
{
  return !no_loops;
}

static void
op_no_loops (const int *args G_GNUC_UNUSED)
{
  if (simple_functions_ran ())
    skip ("a job of libgio's waits for an iteration");
  else
    no_loops = TRUE;
}

/* What is done with a context is done in the thread it belongs to. */
void
context_in_thread (int number, void (*function) (int number))
{
  if (number != HELPER_CONTEXT && role_is ("main"))
    function (number);
  else if (number != HELPER_CONTEXT)
    skip ("not this thread's context");
  else if (role_is ("helper"))
    function (number);
  else if (!helper_run (function, number))
    skip ("the helper is busy");
}

void
context_visit (int number, void (*function) (int number))
{
  if (no_loops)
    skip ("no loops");
  else if (get_nesting () > 6)
    skip ("deep enough");
  else
    {
      visits[number]++;
      context_in_thread (number, function);
      visits[number]--;
    }
}

int
context_get_visits (int number)
{
  return visits[number];
}

void
context_drain (int number)
{
  context_visit (number, iterate_dry_here);
}

static void
op_iterate (const int *args)
{
  context_visit (args[0], iterate_here);
}

static void
op_drain (const int *args)
{
  context_drain (args[0]);
}

static void
op_loop (const int *args)
{
  context_visit (args[0], loop_here);
}

/* Often of the priority of results, among which it has its place. */
static void
op_idle (const int *args)
{
  GSource *source = g_idle_source_new ();

  g_source_set_priority (source, args[2]);
  g_source_set_callback (source, idle_called, GINT_TO_POINTER (args[0]), NULL);
  g_source_attach (source, slot_get ('x', args[1]));
  g_source_unref (source);
}

static void
helper_visited (int number)
{
  say ("helper j%d", number);
  fire (AT_HELPER, number);
}

static void
op_helper (const int *args)
{
  if (role_is ("helper"))
    helper_visited (args[0]);
  else if (!helper_run (helper_visited, args[0]))
    skip ("the helper is busy");
}

/* Contexts that the main thread has pushed. What an event pushes is popped when it ends. */
static int pushed[MAX_LINES];
static int n_pushed;

int
contexts_get_pushed (void)
{
  return n_pushed;
}

void
contexts_pop_until (int count)
{
  if (!role_is ("main"))
    return;
  while (n_pushed > count)
    g_main_context_pop_thread_default (slot_get ('x', pushed[--n_pushed]));
}

static void
op_push (const int *args)
{
  if (!role_is ("main") || args[0] == HELPER_CONTEXT)
    {
      skip ("not this thread's context");
      return;
    }
  g_main_context_push_thread_default (slot_get ('x', args[0]));
  pushed[n_pushed++] = args[0];
}

static void
op_pop (const int *args G_GNUC_UNUSED)
{
  contexts_pop_until (MAX (n_pushed - 1, contexts_get_pushed_before ()));
}

static gboolean
is_pushed (int context)
{
  for (int i = 0; i < n_pushed; i++)
    if (pushed[i] == context)
      return TRUE;
  return FALSE;
}

static void
op_drop_context (const int *args)
{
  int x = args[0];

  /* The helper has pushed its own. */
  if (x == 0 || x == HELPER_CONTEXT || !role_is ("main") || visits[x] > 0 || context_is_acquired (x) || is_pushed (x))
    skip ("still needed");
  else
    slot_drop ('x', x);
}

static void
op_default (const int *args G_GNUC_UNUSED)
{
  say ("= %s", name_of ('x', g_main_context_get_thread_default ()));
}

static const Op ops[] = {
  { "iterate", "x", op_iterate, 40, 0, BLOCKS, TRUE },
  { "drain", "x", op_drain, 10, 0, BLOCKS, TRUE },
  { "loop", "x", op_loop, 8, 0, BLOCKS, TRUE },
  { "idle", "ix?p", op_idle, 14, 0, ALONE, FALSE },
  { "helper", "j", op_helper, 12, 0, BLOCKS, FALSE },
  { "push", "x", op_push, 6, 0, ALONE, FALSE },
  { "pop", "", op_pop, 5, 0, ALONE, FALSE },
  { "drop-context", "x", op_drop_context, 5, 0, DROPS, FALSE },
  { "no-loops", "", op_no_loops, 0, 0, ALONE, FALSE },
  { "default-context", "", op_default, 1, 0, ALONE, FALSE },
};

const OpTable flow_ops = { "flow", ops, G_N_ELEMENTS (ops) };
