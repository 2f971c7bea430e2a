#include "fuzz.h"

#include <stdio.h>
#include <string.h>

static Log *the_log;
static guint progress, criticals;
static GRegex *addresses, *positions, *files, *handlers;

/* The log lies in memory that is shared with the process that waits, so a crash loses nothing. */
static void
append (const char *text)
{
  gsize length = strlen (text);
  gint start = g_atomic_int_get (&the_log->length);

  if (start + length + 2 >= LOG_SIZE)
    return;
  memcpy (the_log->text + start, text, length);
  the_log->text[start + length] = '\n';
  g_atomic_int_set (&the_log->length, start + (gint) length + 1);
}

static void
say_va (const char *format, va_list args)
{
  char *text = g_strdup_vprintf (format, args);
  char *line = g_strdup_printf ("%-6s %*s%s", turns_get_role (), 2 * get_nesting (), "", text);

  append (line);
  g_free (line);
  g_free (text);
}

void
say (const char *format, ...)
{
  va_list args;

  turn_take ();
  progress++;
  va_start (args, format);
  say_va (format, args);
  va_end (args);
  turn_give ();
}

void
say_released (const char *format, ...)
{
  va_list args;

  turn_take ();
  va_start (args, format);
  say_va (format, args);
  va_end (args);
  turn_give ();
}

/* Says it and frees it. */
void
say_error (GError *error)
{
  if (!error)
    return;
  say ("= error %s %d %s", g_quark_to_string (error->domain), error->code, error->message);
  g_error_free (error);
}

/* An address that came out of an integer is not the same twice. */
void
say_number (const char *what, gint64 value)
{
  if (value > 0x10000 || value < -0x10000)
    say ("= %s address", what);
  else
    say ("= %s %d", what, (int) value);
}

guint
log_get_progress (void)
{
  return progress;
}

guint
log_get_criticals (void)
{
  return criticals;
}

static char *
normalise (const char *text)
{
  char *plain = g_regex_replace_literal (addresses, text, -1, 0, "ADDRESS", 0, NULL);
  char *placeless = g_regex_replace_literal (positions, plain, -1, 0, "POSITION", 0, NULL);
  char *fileless = g_regex_replace_literal (files, placeless, -1, 0, "file FILE: line LINE", 0, NULL);
  char *result = g_regex_replace_literal (handlers, fileless, -1, 0, "handler with id ID", 0, NULL);

  g_strdelimit (result, "\n", '|');
  g_free (fileless);
  g_free (placeless);
  g_free (plain);
  return result;
}

static GLogWriterOutput
on_message (GLogLevelFlags level, const GLogField *fields, gsize n_fields, gpointer data G_GNUC_UNUSED)
{
  const char *domain = "", *message = "";
  gboolean not_everywhere;
  char *text;

  for (gsize i = 0; i < n_fields; i++)
    {
      if (strcmp (fields[i].key, "GLIB_DOMAIN") == 0)
        domain = fields[i].value;
      if (strcmp (fields[i].key, "MESSAGE") == 0)
        message = fields[i].value;
    }
  text = normalise (message);
  /* What the other library may not say is no progress, and refuses nothing. */
  not_everywhere = strstr (message, "finalized without") || strstr (message, "its thread function returned without");
  criticals += !not_everywhere;
  (not_everywhere ? say_released : say) ("! %s %s: %s", domain,
       level & G_LOG_LEVEL_CRITICAL  ? "critical"
       : level & G_LOG_LEVEL_WARNING ? "warning"
       : level & G_LOG_LEVEL_DEBUG   ? "debug"
                                     : "message",
       text);
  g_free (text);
  return G_LOG_WRITER_HANDLED;
}

/* Once, before the first program. */
void
log_init (Log *log)
{
  the_log = log;
  addresses = g_regex_new ("0x[0-9a-f]+", 0, 0, NULL);
  positions = g_regex_new ("\\(?[\\w./-]+\\.(c|rs):\\d+\\)?", 0, 0, NULL);
  files = g_regex_new ("file \\S+: line \\d+", 0, 0, NULL);
  /* libgio's sources and tasks take numbers, too. */
  handlers = g_regex_new ("handler with id '\\d+'", 0, 0, NULL);
  g_log_set_writer_func (on_message, NULL, NULL);
}
