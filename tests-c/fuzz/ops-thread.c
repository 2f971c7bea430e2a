/* Functions in workers, and the gates they wait at. */
#include "fuzz.h"

/* Its function is running or will run. */
gboolean
function_runs (int task)
{
  return slot ('t', task)->threaded && !task_gates[task].passed;
}

void
dismiss_tasks_of (int cancellable)
{
  if (g_cancellable_is_cancelled (slot_get ('c', cancellable)))
    return; /* nobody is told again */
  for (int i = 0; i < MAX_SLOTS; i++)
    {
      Slot *s = slot ('t', i);

      if (s->object && function_runs (i) && s->cancellable == cancellable && g_task_get_return_on_cancel (s->object))
        s->dismissed = TRUE;
    }
}

void
dismiss_if_late (int task, gboolean answer)
{
  if (function_runs (task) && !answer && g_task_get_check_cancellable (slot_get ('t', task)))
    slot ('t', task)->dismissed = TRUE;
}

static gboolean
cannot_run (Slot *s)
{
  static int n_threads;

  /* GIO calls the callback twice then; ours refuses (5.5). The pool's ten workers must suffice for all gates. */
  if (s->threaded || s->returned || n_threads >= 8)
    {
      skip ("not to be run");
      return TRUE;
    }
  n_threads++;
  s->threaded = TRUE;
  take_place (s);
  if (G_IS_TASK (s->object) && g_cancellable_is_cancelled (g_task_get_cancellable (s->object)))
    s->dismissed = g_task_get_return_on_cancel (s->object);
  return FALSE;
}

static void
op_run_in_thread (const int *args)
{
  Slot *s = slot ('t', args[0]);

  if (!cannot_run (s))
    g_task_run_in_thread (slot_get ('t', args[0]), task_function);
}

static void
op_run_in_thread_sync (const int *args)
{
  Slot *s = slot ('t', args[0]);
  GTask *task = slot_get ('t', args[0]);
  GCancellable *cancellable = g_task_get_cancellable (task);
  int depth;

  if (cannot_run (s))
    return;
  s->sync = TRUE;
  s->present++;
  /* If it returns at once, the function waits for a line that lets it go on. */
  if (!(g_task_get_return_on_cancel (task) && g_cancellable_is_cancelled (cancellable)))
    gate_open (&task_gates[args[0]], FALSE);
  depth = turn_suspend ();
  g_task_run_in_thread_sync (task, task_function);
  turn_resume (depth);
  s->present--;
}

static void
op_open (const int *args)
{
  Gate *gate = &task_gates[args[0]];

  if (!gate->arrived || gate->open)
    skip ("nobody waits");
  else
    gate_open (gate, TRUE);
}

static void
op_open_simple (const int *args)
{
  Gate *gate = &simple_gates[args[0]];

  if (!gate->arrived || gate->open)
    skip ("nobody waits");
  else
    gate_open (gate, TRUE);
}

static int n_simple_functions;
static gboolean is_job[MAX_SLOTS]; /* it has a cancellable, which g_io_scheduler_cancel_all_jobs() cancels */

/* Contract 7.12 (decided): such a job is one until its callback has returned; in libgio, until a source of its own has
 * been dispatched. Before its function has ended it is one in both. */
gboolean
simple_jobs_are_known (void)
{
  for (int i = 0; i < MAX_SLOTS; i++)
    if (is_job[i] && (!simple_gates[i].arrived || simple_gates[i].passed))
      return FALSE;
  return TRUE;
}

/* That of a simple result that is a job, else NOTHING. */
int
simple_job_get_cancellable (int number)
{
  return is_job[number] ? slot ('s', number)->cancellable : NOTHING;
}

gboolean
simple_functions_ran (void)
{
  return n_simple_functions > 0;
}

static void
op_run_simple (const int *args)
{
  Slot *s = slot ('s', args[0]);

  if (!loops_are_allowed ())
    {
      skip ("a job of libgio's would wait for an iteration");
      return;
    }
  if (cannot_run (s))
    return;
  n_simple_functions++;
  /* libgio's job has a task of its own, of the priority given, which keeps the cancellable for an iteration more. */
  workers_release ();
  workers_simple_result ();
  if (args[1] != NOTHING)
    {
      slot_keep ('c', args[1]);
      s->cancellable = args[1];
      is_job[args[0]] = TRUE;
    }
  g_simple_async_result_run_in_thread (slot_get ('s', args[0]), simple_function, 101 + args[2],
                                       slot_get ('c', args[1]));
}

static const Op ops[] = {
  { "run-in-thread", "t", op_run_in_thread, 12, 0, BLOCKS, FALSE },
  { "run-in-thread-sync", "t", op_run_in_thread_sync, 6, 0, BLOCKS, FALSE },
  { "open", "t", op_open, 16, 0, BLOCKS, TRUE },
  { "open-simple", "s", op_open_simple, 4, 0, BLOCKS, TRUE },
  { "run-simple", "sc?n", op_run_simple, 4, 0, BLOCKS, FALSE },
};

const OpTable thread_ops = { "thread", ops, G_N_ELEMENTS (ops) };
