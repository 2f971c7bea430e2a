#include "fuzz.h"

#include <string.h>

#define MAX_NESTING 14

gboolean beyond_gio;
int patience;

static Program *the_program;
static int nesting, sync_functions, contexts_at_event;

int
contexts_get_pushed_before (void)
{
  return contexts_at_event;
}

int
get_nesting (void)
{
  return nesting;
}

gboolean
role_is (const char *role)
{
  return strcmp (turns_get_role (), role) == 0;
}

void
skip (const char *why)
{
  say ("= skipped: %s", why);
}

gboolean
too_much_for_gio (gboolean condition)
{
  if (!condition || beyond_gio)
    return FALSE;
  skip ("GIO cannot");
  return TRUE;
}

void
sync_function_begin (void)
{
  sync_functions++;
}

void
sync_function_end (void)
{
  sync_functions--;
}

gboolean
sync_functions_run (void)
{
  return sync_functions > 0;
}

static gboolean
args_are_usable (const Line *line)
{
  for (guint i = 0; i < op_count_args (line->op); i++)
    {
      gboolean optional;
      char kind = op_get_arg (line->op, i, &optional);

      if (line->args[i] == NOTHING)
        continue;
      if (strchr ("TSHK", kind) && slot (g_ascii_tolower (kind), line->args[i])->used)
        return FALSE;
      if (strchr ("tscoxhk", kind) && !slot_is_live (kind, line->args[i]))
        return FALSE;
    }
  return TRUE;
}

static void
say_states (const Line *line)
{
  for (guint i = 0; i < op_count_args (line->op); i++)
    {
      gboolean optional;
      char kind = g_ascii_tolower (op_get_arg (line->op, i, &optional));

      if (line->args[i] == NOTHING || !strchr ("tsc", kind) || !slot_is_live (kind, line->args[i]))
        continue;
      if (kind == 't')
        say_task_state (line->args[i]);
      else if (kind == 's')
        say_simple_state (line->args[i]);
      else
        say_cancellable_state (line->args[i]);
    }
}

static void
run_line (Line *line)
{
  char text[MAX_TEXT];

  line->done = TRUE;
  jobs_before_line ();
  line_print (line, text);
  say ("> %s", text);
  if (!args_are_usable (line))
    {
      skip ("nothing to do it with");
      return;
    }
  if (too_much_for_gio (shows_who_was_told (line->op)))
    return;
  if (line->op->manner == BLOCKS && sync_functions)
    {
      skip ("somebody may be in a hurry");
      return;
    }
  if (!workers_before_line (line->op, line->args))
    {
      skip ("a result may not be a source yet");
      return;
    }
  line->op->run (line->args);
  if (sync_functions)
    settle_with_turn ();
  else if (line->op->manner == WAKES || line->op->manner == BLOCKS)
    settle ();
  elsewhere_look ();
  say_states (line);
}

/* The event has happened: runs its lines, each of which is run once only. */
void
fire (EventKind kind, int number)
{
  int contexts = contexts_get_pushed ();
  int contexts_before = contexts_at_event;

  if (nesting >= MAX_NESTING)
    return;
  nesting++;
  contexts_at_event = contexts;
  for (guint i = 0; i < the_program->n_lines; i++)
    {
      Line *line = &the_program->lines[i];

      if (!line->done && line->event.kind == kind && line->event.number == number)
        run_line (line);
    }
  contexts_pop_until (contexts);
  contexts_at_event = contexts_before;
  nesting--;
}

static void
drain (void)
{
  static const char *const names[] = { "drain: x0", "drain: x1", "drain: x2", "drain: x3" };

  for (int round = 0; round < 3; round++)
    for (int i = 0; i < 4; i++)
      if (slot_is_live ('x', i))
        {
          if (!loops_are_allowed ())
            continue;
          if (round == 0)
            say ("%s", names[i]);
          context_drain (i);
          settle ();
        }
}

static void
let_all_out (Gate *gates, const char *kind)
{
  for (int i = 0; i < MAX_SLOTS; i++)
    if (gates[i].arrived && !gates[i].open)
      {
        say ("open: %s%d", kind, i);
        gate_open (&gates[i], TRUE);
        settle ();
      }
}

/* Where no loop runs, and in a context that is gone, our library releases what libgio would have released on a worker,
 * but not at once. */
static void
wait_for_releases (void)
{
  gint64 end = g_get_monotonic_time () + patience * G_TIME_SPAN_MILLISECOND;

  if (loops_are_exact ())
    return;
  while (something_is_left () && g_get_monotonic_time () < end)
    {
      int depth = turn_suspend ();

      g_usleep (2000);
      turn_resume (depth);
    }
}

void
program_run (Program *program)
{
  the_program = program;
  slots_make (program);
  turn_take ();
  fire (AT_MAIN, 0);
  say ("end of program");
  for (int round = 0; round < 3; round++)
    {
      drain ();
      let_all_out (task_gates, "t");
      let_all_out (simple_gates, "s");
    }
  drain ();
  contexts_release_all ();
  kept_sources_drop ();
  slots_drop_all ();
  drain ();
  wait_for_releases ();
  turns_stop ();
  say_leftovers ();
}
