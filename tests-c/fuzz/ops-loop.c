/* Loops of the program's own: the steps of an iteration, in whatever order. */
#include "fuzz.h"

#define N_CONTEXTS 4
#define MAX_FDS 16
#define MAX_ACQUIRED 3

static struct
{
  GPollFD fds[MAX_FDS];
  int n_fds, priority, acquired;
} loops[N_CONTEXTS];

static GMainContext *
context_of (int number)
{
  return slot_get ('x', number);
}

gboolean
context_is_acquired (int number)
{
  return loops[number].acquired > 0;
}

/* ---- steps ---- */

static void
acquire (int x)
{
  gboolean answer;

  if (loops[x].acquired == MAX_ACQUIRED)
    {
      skip ("often enough");
      return;
    }
  answer = g_main_context_acquire (context_of (x));
  loops[x].acquired += answer;
  say ("= acquire %d", answer);
}

static void
release (int x)
{
  if (loops[x].acquired == 0)
    {
      skip ("not acquired");
      return;
    }
  loops[x].acquired--;
  g_main_context_release (context_of (x));
}

static gboolean
prepare (int x)
{
  gint priority = -77;
  gboolean answer = g_main_context_prepare (context_of (x), &priority);

  loops[x].priority = priority;
  say ("= prepare %d priority %d", answer, priority);
  return answer;
}

static void
query_with (int x, int priority)
{
  gint timeout = -77;

  loops[x].n_fds = MIN (g_main_context_query (context_of (x), priority, &timeout, loops[x].fds, MAX_FDS), MAX_FDS);
  for (int i = 0; i < loops[x].n_fds; i++)
    loops[x].fds[i].revents = 0;
  if (timeout > 0)
    say ("= query %d timeout later", loops[x].n_fds);
  else
    say ("= query %d timeout %d", loops[x].n_fds, timeout);
}

static void
query (int x)
{
  query_with (x, loops[x].priority);
}

/* Whether the context was woken shows here: the first descriptor is the one it is woken with. */
static void
poll_now (int x)
{
  GString *text = g_string_new (NULL);
  int answer = g_poll (loops[x].fds, (guint) loops[x].n_fds, 0);

  for (int i = 0; i < loops[x].n_fds; i++)
    g_string_append_printf (text, " %d", loops[x].fds[i].revents);
  say ("= poll %d:%s", answer, text->str);
  g_string_free (text, TRUE);
}

static gboolean
check_with (int x, int priority)
{
  gboolean answer = g_main_context_check (context_of (x), priority, loops[x].fds, loops[x].n_fds);

  say ("= check %d", answer);
  return answer;
}

static gboolean
check (int x)
{
  return check_with (x, loops[x].priority);
}

static void
dispatch (int x)
{
  g_main_context_dispatch (context_of (x));
}

/* Inside another dispatch, GLib aborts if nothing was prepared for this one. */
static void
dispatch_only (int x)
{
  if (context_get_visits (x) > 1)
    skip ("nothing is prepared");
  else
    dispatch (x);
}

static void
pending (int x)
{
  say ("= pending %d", g_main_context_pending (context_of (x)));
}

static void
step (int x)
{
  say ("= iterated %d", g_main_context_iteration (context_of (x), FALSE));
}

/* What a check finds ready, and nobody dispatches, the dispatch around it takes for its own, but for as many sources as
 * it has dispatched. Our source for a cancellable has a child, which is ready with it (6, better: it may be destroyed
 * while another thread cancels), and one of ours stands for results of workers (4.17): so that differs. */
static gboolean
confuses_outer_dispatch (int x)
{
  if (context_get_visits (x) <= 1)
    return FALSE;
  if (workers_are_collected (x))
    {
      skip ("a dispatch is under way, and results of workers may have a source");
      return TRUE;
    }
  for (int i = 0; i < MAX_SLOTS; i++)
    {
      const Slot *k = slot ('k', i);

      if (k->used && k->object && k->cancellable != NOTHING && !g_source_is_destroyed (k->object))
        {
          skip ("a dispatch is under way, and there is a source for a cancellable");
          return TRUE;
        }
    }
  return FALSE;
}

static void
pending_only (int x)
{
  if (!confuses_outer_dispatch (x))
    pending (x);
}

/* ---- whole rounds, and others ---- */

static void
full_round (int x)
{
  prepare (x);
  query (x);
  poll_now (x);
  if (check (x))
    dispatch (x);
}

static void
owned_round (int x)
{
  if (!g_main_context_acquire (context_of (x)))
    {
      say ("= not acquired");
      return;
    }
  full_round (x);
  g_main_context_release (context_of (x));
}

/* What prepare says is enough, no need to poll. */
static void
trusting_round (int x)
{
  gboolean ready = prepare (x);

  query (x);
  if (!ready)
    poll_now (x);
  if (check (x))
    dispatch (x);
}

/* The descriptors are those of another priority. */
static void
narrow_round (int x)
{
  prepare (x);
  query_with (x, -100);
  poll_now (x);
  if (check_with (x, -100))
    dispatch (x);
  say ("= and now");
  if (check_with (x, G_MAXINT))
    dispatch (x);
}

static void
aborted_rounds (int x)
{
  if (confuses_outer_dispatch (x))
    return;
  prepare (x);
  prepare (x);
  query (x);
  say ("= again");
  prepare (x);
  query (x);
  poll_now (x);
  check (x);
}

static void
double_round (int x)
{
  prepare (x);
  query (x);
  poll_now (x);
  check (x);
  check (x);
  dispatch (x);
  dispatch (x);
}

static void
interrupted_round (int x)
{
  prepare (x);
  query (x);
  poll_now (x);
  check (x);
  pending (x);
  step (x);
  dispatch (x);
}

static void
late_check (int x)
{
  prepare (x);
  query (x);
  step (x);
  poll_now (x);
  if (check (x))
    dispatch (x);
}

static void (*const rounds[]) (int x) = { owned_round,    full_round,   trusting_round,    narrow_round,
                                          aborted_rounds, double_round, interrupted_round, late_check };

/* ---- operations ---- */

static void
in_exact_loop (int x, void (*function) (int x))
{
  if (loops_are_exact ())
    context_visit (x, function);
  else
    skip ("a worker may have released something");
}

#define OP(name, function)              \
  static void name (const int *args)    \
  {                                     \
    in_exact_loop (args[0], function);  \
  }

static void
prepare_only (int x)
{
  prepare (x);
}

static void
check_only (int x)
{
  if (!confuses_outer_dispatch (x))
    check (x);
}

static void
wake (int x)
{
  g_main_context_wakeup (context_of (x));
}

OP (op_acquire, acquire)
OP (op_release, release)
OP (op_prepare, prepare_only)
OP (op_query, query)
OP (op_poll, poll_now)
OP (op_check, check_only)
OP (op_dispatch, dispatch_only)
OP (op_pending, pending_only)
OP (op_step, step)
OP (op_wake, wake)

static void
op_round (const int *args)
{
  in_exact_loop (args[0], rounds[args[1]]);
}

static void
release_all (int x)
{
  while (loops[x].acquired > 0)
    release (x);
}

void
contexts_release_all (void)
{
  for (int x = 0; x < N_CONTEXTS; x++)
    if (loops[x].acquired > 0)
      context_in_thread (x, release_all);
}

static const Op ops[] = {
  { "acquire", "x", op_acquire, 6, 0, BLOCKS, TRUE },
  { "release", "x", op_release, 5, 0, BLOCKS, TRUE },
  { "prepare", "x", op_prepare, 12, 0, BLOCKS, TRUE },
  { "query", "x", op_query, 10, 0, BLOCKS, TRUE },
  { "poll", "x", op_poll, 10, 0, BLOCKS, TRUE },
  { "check-loop", "x", op_check, 10, 0, BLOCKS, TRUE },
  { "dispatch", "x", op_dispatch, 10, 0, BLOCKS, TRUE },
  { "pending", "x", op_pending, 8, 0, BLOCKS, TRUE },
  { "step", "x", op_step, 12, 0, BLOCKS, TRUE },
  { "wake", "x", op_wake, 2, 0, BLOCKS, TRUE },
  { "round", "xm", op_round, 24, G_N_ELEMENTS (rounds), BLOCKS, TRUE },
};

const OpTable loop_ops = { "loop", ops, G_N_ELEMENTS (ops) };
