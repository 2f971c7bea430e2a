/* Who is told of a cancellation when.
 *
 * Contract 6.33 (decided): a listener of our library's own (a source, a task in a thread) that begins before the
 * first g_cancellable_connect() hears of a cancellation before all handlers. In libgio each is a handler and has its
 * place also among those of g_signal_connect(). So there are operations that would show the difference, and only
 * they are left out, in a handler that libgio calls before such a listener.
 *
 * Contract 6.6 (decided): an emission by hand does not reach the listeners. So it is left out where there is one. */
#include "fuzz.h"

#include <string.h>

/* How many of the handlers under way libgio calls before listeners of each sort. */
static struct
{
  int sources, tasks, waiting_callers;
} behind;

/* Later ones have larger numbers. */
int
next_place (void)
{
  static int last;

  return ++last;
}

/* It begins to listen. */
void
take_place (Slot *listener)
{
  listener->place = next_place ();
  listener->in_order = listener->cancellable != NOTHING && slot ('c', listener->cancellable)->connected;
}

static gboolean
source_listens (const Slot *k, int cancellable)
{
  return k->used && k->object && k->cancellable == cancellable && !g_source_is_destroyed (k->object);
}

static gboolean
task_listens (int task, int cancellable)
{
  const Slot *t = slot ('t', task);

  return t->object && t->cancellable == cancellable && function_runs (task);
}

/* In libgio a source that was destroyed, but is held, still hears an emission by hand, and wakes its context. */
gboolean
has_listeners (int cancellable)
{
  for (int i = 0; i < MAX_SLOTS; i++)
    {
      const Slot *k = slot ('k', i);

      if ((k->used && k->object && k->cancellable == cancellable) || task_listens (i, cancellable))
        return TRUE;
    }
  return FALSE;
}

static gboolean
is_behind (const Slot *listener, const Slot *handler)
{
  return !listener->in_order && listener->place > handler->place;
}

/* A late handler, which nobody has connected yet, is called when all listeners have been told. */
Behind
behind_begin (int handler)
{
  const Slot *h = slot ('h', handler);
  Behind found = { FALSE, FALSE, FALSE };

  for (int i = 0; h->id && i < MAX_SLOTS; i++)
    {
      const Slot *k = slot ('k', i), *t = slot ('t', i);

      if (source_listens (k, h->cancellable) && is_behind (k, h))
        found.sources = TRUE;
      if (!task_listens (i, h->cancellable) || !is_behind (t, h))
        continue;
      found.tasks = TRUE;
      found.waiting_callers |= t->sync && g_task_get_return_on_cancel (t->object);
    }
  behind.sources += found.sources;
  behind.tasks += found.tasks;
  behind.waiting_callers += found.waiting_callers;
  return found;
}

void
behind_end (Behind found)
{
  behind.sources -= found.sources;
  behind.tasks -= found.tasks;
  behind.waiting_callers -= found.waiting_callers;
}

static gboolean
is_one_of (const char *name, const char *const *names)
{
  while (*names && strcmp (*names, name) != 0)
    names++;
  return *names != NULL;
}

/* Whether the operation would show that a listener has been told, or has not. */
gboolean
shows_who_was_told (const Op *op)
{
  static const char *const loops[] = {
    "iterate", "drain", "loop", "query", "poll", "prepare", "check-loop", "dispatch", "pending", "step", "round",
    "current", "kept", NULL,
  };
  /* What they queue comes before or after the result of a task that is cancelled; or they change that one. */
  static const char *const results[] = {
    "return-pointer", "return-boolean", "return-int", "return-value", "return-error", "return-error-if-cancelled",
    "report", "simple-report", "simple-complete-in-idle", "open", "open-simple", "run-in-thread",
    "return-on-cancel", "priority", "attach-source", "source", "idle", "find", "find-simple", "remove-idle",
    "init-async", NULL,
  };

  /* A caller that waits is let go, and then it acts, too. */
  if (behind.waiting_callers)
    return TRUE;
  if (is_one_of (op->name, loops))
    return behind.sources || behind.tasks;
  return behind.tasks && is_one_of (op->name, results);
}
