/* A program from a seed. Each program favours some of the tables of operations, so that programs differ in kind; lines
 * belong to events that earlier lines make possible, and speak of things that earlier lines made. */
#include "motifs.h"

#include <string.h>

static const char kinds[] = "tscoxhkdijq";

typedef struct
{
  guint64 state;
  int made[sizeof kinds - 1];  /* how many of each kind exist */
  Event events[3 * MAX_LINES]; /* that may happen */
  guint n_events;
  int weights[G_N_ELEMENTS (op_tables)];
  gboolean in_motif; /* the line that is being chosen belongs to a row */
  const MotifLine *motif; /* what is left of the row under way */
  int own[sizeof kinds - 1]; /* its things, NOTHING: none yet */
} Generator;

static const struct
{
  char kind;
  int count;
} given[] = { { 'c', 4 }, { 'o', 3 }, { 'x', 4 } };

static const struct
{
  char kind;
  int count;
} limits[] = { { 't', 14 }, { 's', 6 }, { 'h', 12 }, { 'k', 8 }, { 'd', MAX_SLOTS }, { 'i', 10 }, { 'j', 6 }, { 'q', 8 } };

/* splitmix64 */
static guint64
next (Generator *self)
{
  guint64 z = self->state += 0x9e3779b97f4a7c15u;

  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

static int
below (Generator *self, int bound)
{
  return (int) (next (self) % (guint64) bound);
}

static int *
made (Generator *self, char kind)
{
  return &self->made[strchr (kinds, kind) - kinds];
}

/* FALSE: there are enough of that kind. */
static gboolean
make (Generator *self, char kind, int *number)
{
  for (guint i = 0; i < G_N_ELEMENTS (limits); i++)
    if (limits[i].kind == kind && *made (self, kind) < limits[i].count)
      {
        *number = (*made (self, kind))++;
        return TRUE;
      }
  return FALSE;
}

static void
make_possible (Generator *self, EventKind kind, int number)
{
  if (self->n_events < G_N_ELEMENTS (self->events))
    self->events[self->n_events++] = (Event) { kind, number };
}

static int *
own (Generator *self, char kind)
{
  return &self->own[strchr (kinds, kind) - kinds];
}

/* Whether the line that is being chosen belongs to a row that has such a thing. */
static gboolean
is_bound (Generator *self, char kind)
{
  return self->in_motif && *own (self, kind) != NOTHING;
}

/* The thing the event is about, if it is of this kind. */
static gboolean
is_about (Event event, char kind)
{
  switch (event.kind)
    {
    case AT_CALL:
    case AT_FUNC:
    case AT_NOTIFY:
      return kind == 't';
    case AT_SIMPLE_CALL:
    case AT_SIMPLE_FUNC:
      return kind == 's';
    case AT_HANDLER:
      return kind == 'h';
    case AT_SOURCE:
      return kind == 'k';
    default:
      return FALSE;
    }
}

/* Recent things more often; the first cancellable and the default context more often. */
static int
pick (Generator *self, char kind, int count)
{
  if (kind == 'c' || kind == 'o' || kind == 'x')
    return below (self, 100) < 55 ? 0 : below (self, count);
  return below (self, 100) < 50 ? count - 1 - below (self, MIN (count, 3)) : below (self, count);
}

static gboolean
choose_arg (Generator *self, const Line *line, char kind, gboolean optional, int *arg)
{
  static const int priorities[] = { 0, 0, 0, 0, 10, -10, 100 };
  char lower = kind_of_arg (kind);

  switch (kind)
    {
    case 'p':
      *arg = priorities[below (self, G_N_ELEMENTS (priorities))];
      return TRUE;
    case 'b':
      *arg = below (self, 3) > 0;
      return TRUE;
    case 'n':
      *arg = below (self, 9) - 1;
      return TRUE;
    case 'm':
      *arg = below (self, 100) < 30 ? 0 : below (self, line->op->modes);
      return TRUE;
    default:
      break;
    }
  if (is_bound (self, lower) && !strchr ("dijq", lower) && g_ascii_islower (kind))
    *arg = *own (self, lower);
  else if (optional && below (self, 100) < (kind == 'x' ? 60 : 25))
    *arg = NOTHING;
  else if (strchr ("TSHKdijq", kind))
    return make (self, lower, arg);
  else if (is_about (line->event, lower) && below (self, 100) < 60)
    *arg = line->event.number;
  else if (strcmp (line->op->name, "drop-context") == 0)
    *arg = 1 + below (self, 2); /* the others stay */
  else if (*made (self, lower) > 0)
    *arg = pick (self, lower, *made (self, lower));
  else
    return FALSE;
  return TRUE;
}

/* What may happen because of this line. */
static void
add_events (Generator *self, const Line *line)
{
  const char *name = line->op->name;
  int number = line->args[0];

  if (strcmp (name, "task") == 0)
    {
      make_possible (self, AT_CALL, number);
      make_possible (self, AT_CALL, number);
      make_possible (self, AT_NOTIFY, number);
    }
  else if (strcmp (name, "report") == 0)
    make_possible (self, AT_CALL, number);
  else if (g_str_has_prefix (name, "run-in-thread"))
    {
      make_possible (self, AT_FUNC, number);
      make_possible (self, AT_FUNC, number);
    }
  else if (strcmp (name, "run-simple") == 0)
    make_possible (self, AT_SIMPLE_FUNC, number);
  else if (strcmp (name, "simple") == 0 || strcmp (name, "simple-report") == 0)
    make_possible (self, AT_SIMPLE_CALL, number);
  else if (strcmp (name, "connect") == 0)
    make_possible (self, AT_HANDLER, number);
  else if (strcmp (name, "source") == 0 || strcmp (name, "witness") == 0)
    make_possible (self, AT_SOURCE, number);
  else if (strcmp (name, "attach-source") == 0)
    make_possible (self, AT_SOURCE, line->args[1]);
  else if (strcmp (name, "idle") == 0)
    {
      make_possible (self, AT_IDLE, number);
      make_possible (self, AT_IDLE, number);
    }
  else if (strcmp (name, "helper") == 0)
    {
      make_possible (self, AT_HELPER, number);
      make_possible (self, AT_HELPER, number);
    }
  else if (g_str_has_prefix (name, "init") || strcmp (name, "push-job") == 0)
    {
      make_possible (self, AT_INIT, number);
      make_possible (self, AT_INITED, number);
    }
  if (strchr (line->op->args, 'd') && line->args[1] != NOTHING && below (self, 3) == 0)
    make_possible (self, AT_FREE, line->args[1]);
}

static const Op *
choose_op (Generator *self)
{
  int total = 0, ticket;

  for (guint i = 0; i < G_N_ELEMENTS (op_tables); i++)
    for (guint j = 0; j < op_tables[i]->n_ops; j++)
      total += op_tables[i]->ops[j].weight * self->weights[i];
  ticket = below (self, total);
  for (guint i = 0; i < G_N_ELEMENTS (op_tables); i++)
    for (guint j = 0; j < op_tables[i]->n_ops; j++)
      {
        ticket -= op_tables[i]->ops[j].weight * self->weights[i];
        if (ticket < 0)
          return &op_tables[i]->ops[j];
      }
  g_assert_not_reached ();
}

/* Recent ones more often. */
static Event
choose_event (Generator *self)
{
  int n = (int) self->n_events;

  if (below (self, 2))
    return self->events[n - 1 - below (self, MIN (n, 4))];
  return self->events[below (self, n)];
}

static void
begin_motif (Generator *self)
{
  self->motif = motifs[below (self, G_N_ELEMENTS (motifs))];
  for (guint i = 0; i < G_N_ELEMENTS (self->own); i++)
    self->own[i] = NOTHING;
  *own (self, 'c') = pick (self, 'c', *made (self, 'c'));
}

/* The next line of the row: its operation and event. FALSE: the thing it speaks of was not made. */
static gboolean
take_from_motif (Generator *self, Line *line)
{
  static const char letters[N_EVENT_KINDS] = {
    [AT_IDLE] = 'i', [AT_HELPER] = 'j', [AT_CALL] = 't',    [AT_SIMPLE_CALL] = 's', [AT_FUNC] = 't',
    [AT_SIMPLE_FUNC] = 's', [AT_NOTIFY] = 't', [AT_HANDLER] = 'h', [AT_SOURCE] = 'k',
  };
  const MotifLine *next_line = self->motif;
  char letter = letters[next_line->event];

  self->motif = next_line[1].op ? next_line + 1 : NULL;
  line->op = program_find_op (next_line->op);
  line->event.kind = next_line->event;
  if (letter && *own (self, letter) == NOTHING)
    return FALSE;
  line->event.number = letter ? *own (self, letter) : 0;
  return TRUE;
}

/* What the row has made is its own. */
static void
adopt (Generator *self, const Line *line)
{
  for (guint i = 0; i < op_count_args (line->op); i++)
    {
      gboolean optional;
      char kind = op_get_arg (line->op, i, &optional);

      if (strchr ("TSHKij", kind))
        *own (self, g_ascii_tolower (kind)) = line->args[i];
    }
}

/* Mostly, a source is being dispatched then. */
static gboolean
has_source (EventKind kind)
{
  return kind == AT_CALL || kind == AT_SIMPLE_CALL || kind == AT_NOTIFY || kind == AT_IDLE || kind == AT_SOURCE ||
         kind == AT_FREE;
}

static gboolean
choose_line (Generator *self, Line *line)
{
  const MotifLine *row;

  memset (line, 0, sizeof *line);
  if (!self->motif && below (self, 100) < 12)
    begin_motif (self);
  self->in_motif = self->motif && below (self, 100) < 60;
  row = self->motif;
  if (self->in_motif)
    {
      if (!take_from_motif (self, line))
        return FALSE;
    }
  else
    {
      line->op = choose_op (self);
      if (self->n_events > 0 && below (self, 100) < 45)
        line->event = choose_event (self);
    }
  for (guint i = 0; i < op_count_args (line->op); i++)
    {
      gboolean optional;
      char kind = op_get_arg (line->op, i, &optional);

      if (!choose_arg (self, line, kind, optional, &line->args[i]))
        return FALSE;
      if (strchr ("mb", kind) && i + 1 == op_count_args (line->op) && self->in_motif && row->last != ANY)
        line->args[i] = row->last;
    }
  if (strcmp (line->op->name, "current") == 0 && !has_source (line->event.kind))
    return FALSE;
  if (self->in_motif)
    adopt (self, line);
  return TRUE;
}

void
program_generate (Program *program, guint64 seed)
{
  Generator self = { .state = seed };
  static const int strengths[] = { 0, 1, 4, 10 };
  guint length;

  memset (program, 0, sizeof *program);
  for (guint i = 0; i < G_N_ELEMENTS (given); i++)
    *made (&self, given[i].kind) = given[i].count;
  for (guint i = 0; i < G_N_ELEMENTS (op_tables); i++)
    self.weights[i] = strengths[below (&self, G_N_ELEMENTS (strengths))];
  self.weights[3] = MAX (self.weights[3], 2); /* always some flow */
  self.weights[4] = MIN (self.weights[4], 1);
  self.weights[5] = MIN (self.weights[5], 4);
  if (below (&self, 100) < 5)
    program->lines[program->n_lines++].op = program_find_op ("no-loops");
  length = 5 + (guint) below (&self, 56);
  for (guint attempts = 0; program->n_lines < length && attempts < 1000; attempts++)
    if (choose_line (&self, &program->lines[program->n_lines]))
      add_events (&self, &program->lines[program->n_lines++]);
}
