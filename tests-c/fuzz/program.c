#include "fuzz.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

const OpTable *const op_tables[12] = { &task_ops, &cancellable_ops, &simple_ops,    &flow_ops,  &misc_ops,
                                      &thread_ops, &loop_ops,       &source_ops, &elsewhere_ops, &chain_ops,
                                      &witness_ops, &initable_ops };

static const struct
{
  const char *name;
  char letter;
} event_names[N_EVENT_KINDS] = {
  [AT_MAIN] = { "main", 0 },           [AT_IDLE] = { "idle", 'i' },   [AT_HELPER] = { "helper", 'j' },
  [AT_CALL] = { "call", 't' },         [AT_SIMPLE_CALL] = { "call", 's' }, [AT_FUNC] = { "func", 't' },
  [AT_SIMPLE_FUNC] = { "func", 's' },  [AT_NOTIFY] = { "notify", 't' },    [AT_HANDLER] = { "handler", 'h' },
  [AT_SOURCE] = { "source", 'k' },     [AT_FREE] = { "free", 'd' },
  [AT_INIT] = { "init", 'q' },        [AT_INITED] = { "inited", 'q' },
};

const Op *
program_find_op (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (op_tables); i++)
    for (guint j = 0; j < op_tables[i]->n_ops; j++)
      if (strcmp (op_tables[i]->ops[j].name, name) == 0)
        return &op_tables[i]->ops[j];
  return NULL;
}

guint
op_count_args (const Op *op)
{
  guint n = 0;

  for (const char *c = op->args; *c; c++)
    n += *c != '?';
  return n;
}

char
op_get_arg (const Op *op, guint index, gboolean *optional)
{
  const char *c = op->args;

  for (; index > 0; index--)
    c += c[1] == '?' ? 2 : 1;
  *optional = c[1] == '?' || *c == 'd';
  return *c;
}

/* The letter of the things that such an argument may name. */
char
kind_of_arg (char kind)
{
  return kind == 'e' ? 't' : kind == 'f' ? 's' : (char) tolower (kind);
}

static gboolean
is_plain_number (char kind)
{
  return strchr ("pbnm", kind) != NULL;
}

void
line_print (const Line *line, char text[MAX_TEXT])
{
  GString *string = g_string_new (event_names[line->event.kind].name);

  if (event_names[line->event.kind].letter)
    g_string_append_printf (string, ".%c%d", event_names[line->event.kind].letter, line->event.number);
  g_string_append_printf (string, ": %s", line->op->name);
  for (guint i = 0; i < op_count_args (line->op); i++)
    {
      gboolean optional;
      char kind = op_get_arg (line->op, i, &optional);

      if (is_plain_number (kind))
        g_string_append_printf (string, " %d", line->args[i]);
      else if (line->args[i] == NOTHING)
        g_string_append (string, " -");
      else
        g_string_append_printf (string, " %c%d", kind_of_arg (kind), line->args[i]);
    }
  g_strlcpy (text, string->str, MAX_TEXT);
  g_string_free (string, TRUE);
}

static gboolean
event_parse (const char *text, Event *event)
{
  for (guint kind = 0; kind < N_EVENT_KINDS; kind++)
    {
      gsize length = strlen (event_names[kind].name);
      char letter = event_names[kind].letter;

      if (strncmp (text, event_names[kind].name, length) != 0)
        continue;
      if (letter ? text[length] == '.' && text[length + 1] == letter : text[length] == '\0')
        {
          event->kind = kind;
          event->number = letter ? atoi (text + length + 2) : 0;
          return event->number >= 0 && event->number < MAX_SLOTS;
        }
    }
  return FALSE;
}

static gboolean
args_parse (Line *line, char **words)
{
  guint n = op_count_args (line->op);

  if (g_strv_length (words) != n)
    return FALSE;
  for (guint i = 0; i < n; i++)
    {
      gboolean optional;
      char kind = op_get_arg (line->op, i, &optional);

      if (is_plain_number (kind))
        line->args[i] = atoi (words[i]);
      else if (strcmp (words[i], "-") == 0)
        line->args[i] = NOTHING;
      else if (words[i][0] == kind_of_arg (kind) && isdigit (words[i][1]) && atoi (words[i] + 1) < MAX_SLOTS)
        line->args[i] = atoi (words[i] + 1);
      else
        return FALSE;
      if (line->args[i] == NOTHING && !is_plain_number (kind) && !optional)
        return FALSE;
      if (kind == 'm' && (line->args[i] < 0 || line->args[i] >= line->op->modes))
        return FALSE;
    }
  return TRUE;
}

/* FALSE: this is not a line of a program. */
gboolean
program_add_text (Program *program, const char *text)
{
  Line *line = &program->lines[program->n_lines];
  char **parts = g_strsplit (text, ": ", 2);
  gboolean ok = FALSE;

  if (program->n_lines < MAX_LINES && g_strv_length (parts) == 2)
    {
      char **words = g_strsplit (g_strchomp (parts[1]), " ", 0);

      memset (line, 0, sizeof *line);
      line->op = words[0] ? program_find_op (words[0]) : NULL;
      ok = line->op && event_parse (parts[0], &line->event) && args_parse (line, words + 1);
      g_strfreev (words);
    }
  g_strfreev (parts);
  if (ok)
    program->n_lines++;
  return ok;
}

gboolean
program_uses (const Program *program, char kind, int number)
{
  for (guint i = 0; i < program->n_lines; i++)
    for (guint j = 0; j < op_count_args (program->lines[i].op); j++)
      {
        gboolean optional;

        if (op_get_arg (program->lines[i].op, j, &optional) == kind && program->lines[i].args[j] == number)
          return TRUE;
      }
  return FALSE;
}
