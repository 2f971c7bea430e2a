/* Random programs of asr_cancellable_*, on a clock that stands still until it is set, compared with a model: what is
 * cancelled, why, in which order handlers are called and objects end, and the deadlines. Handlers link, unlink, make,
 * cancel and drop, too.
 *
 * ASR_SEED=N begins with that program, ASR_PROGRAMS=N runs so many. A failure names its program. */
#include "asr-helpers.h"

#include <stdlib.h>

/* --- The clock. The library finds this function before GLib's. --- */

/* Deadlines are a number of these and a few microseconds more, the clock a number and a half. */
#define UNIT ((gint64) 1000 * G_USEC_PER_SEC)

static gint64 clock_time = UNIT / 2;

gint64
g_get_monotonic_time (void)
{
  return __atomic_load_n (&clock_time, __ATOMIC_SEQ_CST);
}

static gint64
time_to_come (guint units, guint number)
{
  return clock_time - UNIT / 2 + units * UNIT + number;
}

/* --- What both sides know: the objects by their numbers, and what the handler of each does. --- */

enum { PLACES = 16, MAX_NODES = 2000, STEPS = 60 };

typedef enum { MAKE_PLAIN, MAKE_CHILD, MAKE_LINKED, MAKE_TIMED, CANCEL, ADD, REMOVE, DEADLINE, DROP, RESET, N_OPS } Op;

typedef struct
{
  Op op;
  guint a, b, units;
} Move;

static guint32 program_seed;

static guint32
hash (guint32 x)
{
  x = (x ^ program_seed) * 2654435761u;
  x ^= x >> 15;
  x *= 2246822519u;
  x ^= x >> 13;
  return x;
}

/* Families are to become large before something happens to them. */
static const Op often[] = {
  MAKE_CHILD, MAKE_CHILD, MAKE_CHILD, MAKE_CHILD, MAKE_CHILD, MAKE_LINKED, MAKE_LINKED, ADD, ADD, ADD,
};

static Move
move_of (guint32 number)
{
  guint32 x = hash (number), op = (x & 0xff) % (N_OPS + G_N_ELEMENTS (often));

  return (Move) { op < N_OPS ? op : often[op - N_OPS], (x >> 8) % PLACES, (x >> 16) % PLACES, (x >> 24) % 8 };
}

/* The handler of the object with this number makes one move. RESET stands for none: a handler may not reset. */
static Move
move_of_handler (guint id)
{
  Move none = { RESET, 0, 0, 0 };

  return hash (0x60000000u + id) % 2 == 0 ? none : move_of (0x40000000u + id);
}

/* --- The model: simple lists, and no thought of cost. --- */

typedef struct
{
  gboolean is_plain, cancelled, in_time, is_to_come, is_alive;
  AsrCancelReason reason;
  gint64 deadline;
  gint references;
} Node;

typedef struct
{
  gint parent, child;
  guint number;
} Link;

static struct
{
  Node nodes[MAX_NODES];
  GArray *links; /* in the order of their numbers */
  guint n_nodes, n_numbers;
  gint places[PLACES]; /* the number of what is there, or -1 */
  GString *log;
} model;

static void model_move (Move move);
static void model_cancel (gint id, AsrCancelReason reason, gboolean in_time, gboolean *goes_on);

static void
model_unref (gint id)
{
  if (--model.nodes[id].references > 0)
    return;
  model.nodes[id].is_alive = FALSE;
  for (guint i = model.links->len; i-- > 0;)
    {
      Link *link = &g_array_index (model.links, Link, i);

      if (link->parent == id || link->child == id)
        g_array_remove_index (model.links, i);
    }
  g_string_append_printf (model.log, " ~%d", id);
}

static gboolean
model_has_children (gint id)
{
  for (guint i = 0; i < model.links->len; i++)
    if (g_array_index (model.links, Link, i).parent == id)
      return TRUE;
  return FALSE;
}

static gint
model_next_child (gint id, guint *number, guint last)
{
  for (guint i = 0; i < model.links->len; i++)
    {
      Link *link = &g_array_index (model.links, Link, i);

      if (link->parent == id && link->number > *number && link->number <= last)
        {
          *number = link->number;
          return link->child;
        }
    }
  return -1;
}

static void
model_go_down (gint first)
{
  GArray *to_do = g_array_new (FALSE, FALSE, sizeof (gint));

  g_array_append_val (to_do, first);
  for (guint i = 0; i < to_do->len; i++)
    {
      gint parent = g_array_index (to_do, gint, i), child;
      guint number = 0, last = model.n_numbers;

      while ((child = model_next_child (parent, &number, last)) >= 0)
        if (!model.nodes[child].cancelled)
          {
            gboolean goes_on = FALSE;

            model.nodes[child].references++;
            model_cancel (child, ASR_CANCEL_REASON_PARENT, model.nodes[parent].in_time, &goes_on);
            if (goes_on)
              g_array_append_val (to_do, child);
            else
              model_unref (child);
          }
      if (i > 0)
        model_unref (parent);
    }
  g_array_unref (to_do);
}

/* `goes_on`: of a child that is reached from its parent, which goes on itself. */
static void
model_cancel (gint id, AsrCancelReason reason, gboolean in_time, gboolean *goes_on)
{
  Node *node = &model.nodes[id];

  if (node->cancelled)
    return;
  node->cancelled = TRUE;
  node->reason = reason;
  node->in_time = in_time;
  node->references++;
  g_string_append_printf (model.log, " %d:%d%s", id, reason, in_time ? "t" : "");
  model_move (move_of_handler (id));
  if (goes_on != NULL)
    *goes_on = model_has_children (id);
  else
    model_go_down (id);
  model_unref (id);
}

static void
model_add (gint child, gint parent)
{
  Link link = { parent, child, ++model.n_numbers };

  g_array_append_val (model.links, link);
  if (model.nodes[parent].cancelled)
    model_cancel (child, ASR_CANCEL_REASON_PARENT, model.nodes[parent].in_time, NULL);
}

static void
model_set_deadline (gint id, gint64 deadline)
{
  model.nodes[id].deadline = deadline;
  model.nodes[id].is_to_come = deadline > clock_time;
  if (deadline >= 0 && deadline <= clock_time)
    model_cancel (id, ASR_CANCEL_REASON_DEADLINE, TRUE, NULL);
}

static gint64
model_get_deadline (gint id, gboolean *seen)
{
  gint64 earliest = model.nodes[id].deadline;

  if (seen[id])
    return -1;
  seen[id] = TRUE;
  for (guint i = 0; i < model.links->len; i++)
    if (g_array_index (model.links, Link, i).child == id)
      {
        gint64 deadline = model_get_deadline (g_array_index (model.links, Link, i).parent, seen);

        if (deadline >= 0 && (earliest < 0 || deadline < earliest))
          earliest = deadline;
      }
  return earliest;
}

static void
model_set_clock (gint64 time)
{
  clock_time = time;
  for (;;)
    {
      gint first = -1;

      for (guint i = 0; i < model.n_nodes; i++)
        if (model.nodes[i].is_alive && model.nodes[i].is_to_come && model.nodes[i].deadline <= time &&
            (first < 0 || model.nodes[i].deadline < model.nodes[first].deadline))
          first = (gint) i;
      if (first < 0)
        return;
      model.nodes[first].is_to_come = FALSE;
      if (!model.nodes[first].cancelled)
        {
          model.nodes[first].references++;
          model_cancel (first, ASR_CANCEL_REASON_DEADLINE, TRUE, NULL);
          model_unref (first);
        }
    }
}

/* --- The same with the library. --- */

static struct
{
  GCancellable *objects[MAX_NODES];
  gboolean is_plain[MAX_NODES];
  guint n_nodes;
  gint places[PLACES];
  GString *log;
} real;

static void real_move (Move move);

static void
real_called (GCancellable *cancellable, gpointer data)
{
  gint id = GPOINTER_TO_INT (data);
  GError *error = NULL;

  g_assert_true (asr_cancellable_set_error (cancellable, &error));
  g_string_append_printf (real.log, " %d:%d%s", id, asr_cancellable_get_reason (cancellable),
                          error->code == G_IO_ERROR_TIMED_OUT ? "t" : "");
  g_error_free (error);
  real_move (move_of_handler ((guint) id));
}

static void
real_ended (gpointer id, G_GNUC_UNUSED GObject *where)
{
  g_string_append_printf (real.log, " ~%d", GPOINTER_TO_INT (id));
}

static GCancellable *awaited, *waker;
static GMutex mutex;
static GCond came;
static gboolean has_come;

static void
note_that_it_came (G_GNUC_UNUSED GCancellable *cancellable, G_GNUC_UNUSED gpointer data)
{
  g_mutex_lock (&mutex);
  has_come = TRUE;
  g_cond_signal (&came);
  g_mutex_unlock (&mutex);
}

/* The thread is woken before the clock is set, and looks at it until all that is due has passed, of which the awaited
 * one is the last. */
static void
real_set_clock (gint64 time)
{
  has_come = FALSE;
  asr_cancellable_set_deadline (awaited, time);
  asr_cancellable_set_deadline (waker, clock_time + 1);
  __atomic_store_n (&clock_time, time, __ATOMIC_SEQ_CST);
  g_mutex_lock (&mutex);
  while (!has_come)
    g_cond_wait (&came, &mutex);
  g_mutex_unlock (&mutex);
  g_cancellable_reset (awaited);
  g_cancellable_reset (waker);
}

/* --- Moves, by either side. What is made gets a handler only when it is not cancelled yet. --- */

static void
model_move (Move move)
{
  gint *a = &model.places[move.a], *b = &model.places[move.b], id = *a;
  gint other = *b;

  if (move.op <= MAKE_TIMED)
    {
      if (id >= 0 || model.n_nodes == MAX_NODES)
        return;
      *a = id = (gint) model.n_nodes++;
      model.nodes[id] = (Node) { .is_plain = move.op == MAKE_PLAIN, .is_alive = TRUE, .deadline = -1, .references = 1 };
      g_string_append_printf (model.log, " +%d", id);
      if ((move.op == MAKE_CHILD || move.op == MAKE_LINKED) && other >= 0 && other != id)
        model_add (id, other);
      /* Its handler may have dropped it. */
      other = model.places[move.units];
      if (move.op == MAKE_LINKED && *a == id && other >= 0 && other != id)
        model_add (id, other);
      if (move.op == MAKE_TIMED)
        model_set_deadline (id, time_to_come (move.units, (guint) id * 2));
    }
  else if (id < 0)
    return;
  else if (move.op == CANCEL)
    model_cancel (id, ASR_CANCEL_REASON_ITSELF, FALSE, NULL);
  else if (move.op == DROP)
    {
      *a = -1;
      model_unref (id);
    }
  else if (model.nodes[id].is_plain)
    return;
  else if (move.op == ADD && other >= 0 && other != id)
    model_add (id, other);
  else if (move.op == REMOVE && other >= 0)
    {
      gboolean found = FALSE;

      for (guint i = model.links->len; i-- > 0 && !found;)
        {
          Link *link = &g_array_index (model.links, Link, i);

          found = link->child == id && link->parent == other;
          if (found)
            g_array_remove_index (model.links, i);
        }
      g_string_append (model.log, found ? " r" : " n");
    }
  else if (move.op == DEADLINE)
    model_set_deadline (id, move.units == 7 ? -1 : time_to_come (move.units, (guint) id * 2 + 1));
}

static void
real_move (Move move)
{
  gint *a = &real.places[move.a], *b = &real.places[move.b], id = *a;
  gint other = *b;
  GCancellable *object = id >= 0 ? real.objects[id] : NULL, *parent = other >= 0 ? real.objects[other] : NULL;

  if (move.op <= MAKE_TIMED)
    {
      if (id >= 0 || real.n_nodes == MAX_NODES)
        return;
      *a = id = (gint) real.n_nodes++;
      /* The handler is there before anything can cancel it, also where a function makes it of a parent at once. */
      object = move.op == MAKE_PLAIN ? g_cancellable_new () : asr_cancellable_new_child (NULL);
      real.objects[id] = object;
      real.is_plain[id] = move.op == MAKE_PLAIN;
      g_object_weak_ref (G_OBJECT (object), real_ended, GINT_TO_POINTER (id));
      g_cancellable_connect (object, G_CALLBACK (real_called), GINT_TO_POINTER (id), NULL);
      g_string_append_printf (real.log, " +%d", id);
      if ((move.op == MAKE_CHILD || move.op == MAKE_LINKED) && parent != NULL)
        asr_cancellable_add_parent (object, parent);
      other = real.places[move.units];
      if (move.op == MAKE_LINKED && *a == id && other >= 0 && other != id)
        asr_cancellable_add_parent (object, real.objects[other]);
      if (move.op == MAKE_TIMED)
        asr_cancellable_set_deadline (object, time_to_come (move.units, (guint) id * 2));
    }
  else if (id < 0)
    return;
  else if (move.op == CANCEL)
    g_cancellable_cancel (object);
  else if (move.op == DROP)
    {
      *a = -1;
      g_object_unref (object);
    }
  else if (real.is_plain[id])
    return;
  else if (move.op == ADD && parent != NULL && other != id)
    asr_cancellable_add_parent (object, parent);
  else if (move.op == REMOVE && parent != NULL)
    g_string_append (real.log, asr_cancellable_remove_parent (object, parent) ? " r" : " n");
  else if (move.op == DEADLINE)
    asr_cancellable_set_deadline (object, move.units == 7 ? -1 : time_to_come (move.units, (guint) id * 2 + 1));
}

static void
compare (guint step)
{
  if (!g_string_equal (model.log, real.log))
    g_error ("ASR_SEED=%u, step %u:\nexpected:%s\n    seen:%s", program_seed, step, model.log->str, real.log->str);
  for (guint i = 0; i < PLACES; i++)
    {
      gint id = model.places[i];
      Node *node = &model.nodes[MAX (id, 0)];
      gboolean seen[MAX_NODES] = { FALSE };
      GError *error = NULL;
      GCancellable *object;

      g_assert_cmpint (real.places[i], ==, id);
      if (id < 0)
        continue;
      object = real.objects[id];
      if (g_cancellable_is_cancelled (object) != node->cancelled ||
          asr_cancellable_get_reason (object) != (node->cancelled ? node->reason : ASR_CANCEL_REASON_NONE) ||
          asr_cancellable_set_error (object, &error) != node->cancelled ||
          (error != NULL && error->code != (node->in_time ? G_IO_ERROR_TIMED_OUT : G_IO_ERROR_CANCELLED)) ||
          asr_cancellable_get_deadline (object) != model_get_deadline (id, seen))
        g_error ("ASR_SEED=%u, step %u: object %d is not as in the model. So far:%s", program_seed, step, id,
                 real.log->str);
      g_clear_error (&error);
    }
}

/* --- Programs. --- */

static void
step_once (guint step)
{
  Move move = move_of (step);

  if (hash (0x20000000u + step) % 10 == 0)
    {
      gint64 after = clock_time + (1 + move.units) * UNIT;

      /* This one first: the library reads the clock at any time, and the model shares it. */
      real_set_clock (after);
      model_set_clock (after);
    }
  else if (move.op == RESET)
    {
      if (model.places[move.a] >= 0)
        {
          model.nodes[model.places[move.a]].cancelled = FALSE;
          g_cancellable_reset (real.objects[real.places[move.a]]);
        }
    }
  else
    {
      model_move (move);
      real_move (move);
    }
  compare (step);
}

static void
run_program (guint32 seed)
{
  program_seed = seed;
  model.n_nodes = model.n_numbers = real.n_nodes = 0;
  g_string_truncate (model.log, 0);
  g_string_truncate (real.log, 0);
  for (guint i = 0; i < PLACES; i++)
    model.places[i] = real.places[i] = -1;
  for (guint step = 0; step < STEPS; step++)
    step_once (step);
  for (guint i = 0; i < PLACES; i++)
    {
      Move drop = { DROP, i, i, 0 };

      model_move (drop);
      real_move (drop);
      compare (STEPS + i);
    }
  g_assert_cmpuint (model.links->len, ==, 0);
  for (guint i = 0; i < model.n_nodes; i++)
    g_assert_false (model.nodes[i].is_alive);
}

static guint
number_from (const char *variable, guint otherwise)
{
  const char *text = g_getenv (variable);

  return text != NULL ? (guint) atoi (text) : otherwise;
}

static void
test_programs (void)
{
  guint first = number_from ("ASR_SEED", 1), n = number_from ("ASR_PROGRAMS", harness_rounds (1000));
  guint n_nodes = 0, n_calls = 0;

  model.log = g_string_new (NULL);
  real.log = g_string_new (NULL);
  model.links = g_array_new (FALSE, FALSE, sizeof (Link));
  awaited = asr_cancellable_new_child (NULL);
  waker = asr_cancellable_new_child (NULL);
  g_signal_connect (awaited, "cancelled", G_CALLBACK (note_that_it_came), NULL);
  for (guint i = 0; i < n; i++)
    {
      run_program (first + i);
      n_nodes += model.n_nodes;
      for (const char *at = real.log->str; *at != '\0'; at++)
        n_calls += *at == ':';
    }
  g_test_message ("%u programs, %u objects, %u handlers called", n, n_nodes, n_calls);
  /* They do something. */
  g_assert_cmpuint (n_calls, >=, n);
  g_object_unref (awaited);
  g_object_unref (waker);
  g_array_unref (model.links);
  g_string_free (model.log, TRUE);
  g_string_free (real.log, TRUE);
}

static const Case cases[] = {
  { "/asr-families/programs", test_programs, NULL, 0 },
};

HARNESS_MAIN (cases)
