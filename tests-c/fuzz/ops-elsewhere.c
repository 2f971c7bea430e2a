/* Threads that live for one call: a last reference that goes there, and calls that may have to wait for handlers.
 *
 * One call may wait while the program goes on. It is looked after when a line is over and every thread sleeps, so it
 * shows between which lines it came back. */
#include "fuzz.h"

#include <string.h>

static struct
{
  GThread *thread; /* NULL: none is under way */
  GCancellable *cancellable; /* a reference */
  int cancellable_number, handler, mode;
  gboolean late; /* it makes a late callback */
  gint returned;
} call;

/* Another thread's callback may be under way for this cancellable. */
gboolean
elsewhere_is_late (int cancellable)
{
  return call.thread && call.late && call.cancellable_number == cancellable;
}

static void
let_go (void)
{
  gulong id = slot ('h', call.handler)->id;

  if (call.mode & 1)
    g_cancellable_reset (call.cancellable);
  else
    g_cancellable_disconnect (call.cancellable, id);
}

static void
late_callback (GCancellable *cancellable, gpointer data G_GNUC_UNUSED)
{
  say ("late elsewhere cancelled=%d", g_cancellable_is_cancelled (cancellable));
  let_go ();
  say ("late elsewhere ends");
}

static void
late_freed (gpointer data G_GNUC_UNUSED)
{
  say ("free late elsewhere");
}

static gpointer
call_main (gpointer data G_GNUC_UNUSED)
{
  turns_set_role ("other");
  if (!call.late)
    let_go ();
  else if (g_cancellable_connect (call.cancellable, G_CALLBACK (late_callback), NULL, late_freed) != 0)
    say ("late elsewhere: connected");
  g_atomic_int_set (&call.returned, TRUE);
  return NULL;
}

/* Every thread sleeps. */
static void
look_after (void)
{
  if (!g_atomic_int_get (&call.returned))
    return;
  g_thread_join (call.thread);
  call.thread = NULL;
  say ("elsewhere returned");
  g_object_unref (call.cancellable);
}

void
elsewhere_look (void)
{
  if (!call.thread || sync_functions_run ())
    return;
  settle ();
  look_after ();
}

/* The handler, or another one of its cancellable that is connected. */
static int
connected_one (int handler)
{
  int cancellable = slot ('h', handler)->cancellable;

  if (slot ('h', handler)->id != 0)
    return handler;
  for (int i = 0; i < MAX_SLOTS; i++)
    if (slot ('h', i)->used && slot ('h', i)->id != 0 && slot ('h', i)->cancellable == cancellable)
      return i;
  return NOTHING;
}

/* Modes: bit 0: reset, else disconnect; bit 1: from inside a late callback. */
static void
op_elsewhere (const int *args)
{
  int handler = connected_one (args[0]);
  Slot *h = slot ('h', args[0]);
  Slot *c = slot ('c', h->cancellable);

  if (call.thread || handler == NOTHING || !slot_is_live ('c', h->cancellable))
    {
      skip ("not now");
      return;
    }
  /* Contract 6.19 (better): libgio lets neither of them wait for a late callback, or both. */
  if ((args[1] & 1) && slot ('c', h->cancellable)->calls.n_threads > slot ('c', h->cancellable)->calls.emissions)
    {
      skip ("a late callback is under way");
      return;
    }
  if ((args[1] & 2) && !g_cancellable_is_cancelled (c->object))
    {
      skip ("it would not be late");
      return;
    }
  call.cancellable = g_object_ref (c->object);
  call.cancellable_number = h->cancellable;
  call.handler = handler;
  call.mode = args[1];
  call.late = (args[1] & 2) != 0;
  call.returned = FALSE;
  call.thread = g_thread_new ("other", call_main, NULL);
  settle ();
  if (g_atomic_int_get (&call.returned))
    look_after ();
  else
    say ("elsewhere waits");
}

/* ---- the last reference ---- */

typedef struct
{
  char kind;
  int number;
} Dropped;

static gpointer
drop_main (gpointer data)
{
  const Dropped *dropped = data;

  turns_set_role ("other");
  turn_take ();
  slot_drop (dropped->kind, dropped->number);
  turn_give ();
  return NULL;
}

static void
drop_elsewhere (char kind, int number)
{
  Dropped dropped = { kind, number };
  int depth;

  if (slot (kind, number)->refs == 0)
    {
      skip ("not the program's");
      return;
    }
  depth = turn_suspend ();
  g_thread_join (g_thread_new ("other", drop_main, &dropped));
  turn_resume (depth);
}

static void
op_drop_task (const int *args)
{
  drop_elsewhere ('t', args[0]);
}

static void
op_drop_simple (const int *args)
{
  drop_elsewhere ('s', args[0]);
}

static void
op_drop_cancellable (const int *args)
{
  drop_elsewhere ('c', args[0]);
}

static const Op ops[] = {
  { "elsewhere", "hm", op_elsewhere, 8, 4, BLOCKS, FALSE },
  { "drop-task-elsewhere", "t", op_drop_task, 6, 0, BLOCKS, FALSE },
  { "drop-simple-elsewhere", "s", op_drop_simple, 2, 0, BLOCKS, FALSE },
  { "drop-cancellable-elsewhere", "c", op_drop_cancellable, 1, 0, BLOCKS, FALSE },
};

const OpTable elsewhere_ops = { "elsewhere", ops, G_N_ELEMENTS (ops) };
