/* What the contract leaves free where workers are at work.
 *
 * 4.17: results of workers that arrive while others of them still wait may become sources only when the loop next
 * looks. So the loop looks before a line that could show it. It does not before other results of workers, nor before an
 * iteration, since that looks itself.
 *
 * Contract 5.29 (better): no worker releases what belongs to a task. What libgio releases on a worker is handed
 * to the context, and that may take an iteration of its own. From then on single iterations are not compared. */
#include "fuzz.h"

#include <string.h>

#define N_CONTEXTS 4

static struct
{
  int waiting; /* results of workers that were not delivered yet; too many if one was removed */
  gboolean unseen;
  gboolean collected; /* ours may have a source that stands for some */
} arrivals[N_CONTEXTS];
static gboolean released;
static int least_urgent; /* of all priorities that results may have */

static int
context_of_task (int task)
{
  GMainContext *context = g_task_get_context (slot_get ('t', task));

  for (int i = 0; i < N_CONTEXTS; i++)
    if (slot_get ('x', i) == context)
      return i;
  return 0;
}

static void
add_unseen (int context)
{
  arrivals[context].unseen = TRUE;
  arrivals[context].collected = TRUE;
}

/* The function of a task is about to return. */
void
workers_function_ends (int task)
{
  Slot *s = slot ('t', task);
  int context = context_of_task (task);

  if (s->dismissed || (s->sync && s->cancellable != NOTHING))
    released = TRUE;
  else if (arrivals[context].waiting++ > 0)
    add_unseen (context);
}

/* Also that of a function which is not called, since its cancellable is cancelled. Its context may be any. */
void
workers_simple_result (void)
{
  for (int i = 0; i < N_CONTEXTS; i++)
    {
      arrivals[i].waiting++;
      add_unseen (i);
    }
}

void
workers_called (int task)
{
  if (slot ('t', task)->threaded && slot ('t', task)->object)
    arrivals[context_of_task (task)].waiting--;
}

/* An iteration that found nothing has asked all sources. */
void
workers_dry (int context)
{
  arrivals[context].collected = FALSE;
  arrivals[context].unseen = FALSE;
}

void
workers_note_priority (int priority)
{
  least_urgent = MAX (least_urgent, priority);
}

void
workers_release (void)
{
  released = TRUE;
}

/* Whether each iteration does the same in both libraries. */
gboolean
loops_are_exact (void)
{
  return !released;
}

static gboolean
is_done (const Slot *task)
{
  return task->returned || task->dismissed;
}

/* Sees all results, unless something more urgent than one of them is ready: then that is not asked. */
static gboolean
look (int context)
{
  gint ready;

  if (!slot_get ('x', context))
    return TRUE;
  /* Our library may have something to release, and libgio not. */
  if (released && least_urgent > 0)
    return FALSE;
  return !g_main_context_prepare (slot_get ('x', context), &ready) || ready >= least_urgent;
}

gboolean
workers_are_collected (int context)
{
  return arrivals[context].collected;
}

static gboolean
any_are_unseen (void)
{
  for (int i = 0; i < N_CONTEXTS; i++)
    if (arrivals[i].unseen)
      return TRUE;
  return FALSE;
}

static gboolean
attaches_source (const Op *op)
{
  static const char *const names[] = { "idle", "source", "attach-source", "witness", NULL };

  return g_strv_contains (names, op->name);
}

/* FALSE: the line might show that a result is not a source yet. */
gboolean
workers_before_line (const Op *op, const int *args)
{
  if (role_is ("worker"))
    {
      /* A worker cannot look. */
      if (attaches_source (op) && any_are_unseen ())
        return FALSE;
      /* What it attaches is a worker's, too. */
      for (int i = 0; i < N_CONTEXTS; i++)
        add_unseen (i);
      /* A result that comes second or late is released, too. */
      if (op->manner == DROPS || (g_str_has_prefix (op->name, "return-") && is_done (slot ('t', args[0]))))
        released = TRUE;
      return TRUE;
    }
  if (op->looks)
    return TRUE;
  for (int i = 0; i < N_CONTEXTS; i++)
    if (arrivals[i].unseen)
      {
        if (!look (i))
          return FALSE;
        arrivals[i].unseen = FALSE;
      }
  return TRUE;
}
