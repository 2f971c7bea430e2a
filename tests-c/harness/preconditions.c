#define _GNU_SOURCE /* fork and its kin */
#include "preconditions.h"

#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define ROW_LIMIT_SECONDS 10

gpointer object;
GTask *task;
GSimpleAsyncResult *simple;
GCancellable *cancellable;
GCancellable *other_cancellable;
gpointer not_an_object;
GSource *source;
GError *error;
GError *stale;
GError *fresh;
GValue value = G_VALUE_INIT;
GValue unset = G_VALUE_INIT;
GQuark domain;
int data;
const char *no_format;
gint n_destroyed;
gint n_called;

gpointer bad;
gpointer another_class;

static GError *original_stale;
static const char *bad_kind;
static const char *differs;
static gboolean must_fail;
static guint n_rows;

void
count_destroy (gpointer unused G_GNUC_UNUSED)
{
  n_destroyed++;
}

void
on_ready (GObject *source_object G_GNUC_UNUSED, GAsyncResult *result G_GNUC_UNUSED,
          gpointer user_data G_GNUC_UNUSED)
{
  n_called++;
}

gboolean
on_source (gpointer user_data G_GNUC_UNUSED)
{
  n_called++;
  return G_SOURCE_REMOVE;
}

gboolean
is_stale (void)
{
  return stale == original_stale && strcmp (stale->message, "stale") == 0;
}

void
table_begin (void)
{
  domain = g_quark_from_static_string ("precondition-test");
  object = g_object_new (G_TYPE_OBJECT, NULL);
  cancellable = g_cancellable_new ();
  other_cancellable = g_cancellable_new ();
  task = g_task_new (NULL, cancellable, on_ready, NULL);
  simple = g_simple_async_result_new (NULL, on_ready, NULL, NULL);
  not_an_object = g_param_spec_ref_sink (g_param_spec_boolean ("name", NULL, NULL, FALSE, 0));
  source = g_idle_source_new ();
  stale = original_stale = g_error_new_literal (domain, 1, "stale");
  fresh = g_error_new_literal (domain, 2, "fresh");
  g_value_init (&value, G_TYPE_INT);
  g_value_set_int (&value, 5);
  another_class = cancellable;
  n_rows = 0;
  n_destroyed = n_called = 0;
}

void
table_end (void)
{
  g_test_message ("%u rows", n_rows);
  g_assert_cmpuint (n_rows, >, 0);
  g_value_unset (&value);
  g_error_free (fresh);
  g_clear_error (&stale);
  g_source_unref (source);
  g_param_spec_unref (not_an_object);
  g_object_unref (simple);
  g_task_return_boolean (task, TRUE);
  drain (NULL);
  g_object_unref (task);
  g_object_unref (other_cancellable);
  g_object_unref (cancellable);
  g_object_unref (object);
}

gboolean
table_next_bad (guint index)
{
  const struct
  {
    gpointer instance;
    const char *kind;
  } instances[] = {
    { NULL, "NULL" },
    { object, "an object of another type" },
    { not_an_object, "not an object" },
    { another_class, "another class of this library" },
  };

  if (index == G_N_ELEMENTS (instances))
    {
      bad_kind = NULL;
      return FALSE;
    }
  bad = instances[index].instance;
  bad_kind = instances[index].kind;
  return TRUE;
}

void
row_differs (const char *contract_line)
{
  differs = contract_line;
}

void
table_must_fail (gboolean fail)
{
  must_fail = fail;
}

static const char *
level_name (GLogLevelFlags level)
{
  switch (level & G_LOG_LEVEL_MASK)
    {
    case G_LOG_LEVEL_ERROR:
      return "ERROR";
    case G_LOG_LEVEL_CRITICAL:
      return "CRITICAL";
    case G_LOG_LEVEL_WARNING:
      return "WARNING";
    default:
      return "OTHER";
    }
}

/* One line a message, without time and process number: they can be compared exactly. */
static void
print_log (const char *log_domain, GLogLevelFlags level, const char *message, gpointer unused G_GNUC_UNUSED)
{
  char *line;

  if (level & (G_LOG_LEVEL_DEBUG | G_LOG_LEVEL_INFO))
    return;
  line = g_strdelimit (g_strdup (message), "\n", ' ');
  fprintf (stderr, "%s-%s: %s\n", log_domain, level_name (level), line);
  g_free (line);
}

static void
enter_row (int output)
{
  dup2 (output, STDOUT_FILENO);
  dup2 (output, STDERR_FILENO);
  close (output);
  alarm (ROW_LIMIT_SECONDS);
  g_log_set_always_fatal (G_LOG_FATAL_MASK);
  g_log_set_default_handler (print_log, NULL);
}

void
row_end (gboolean as_expected)
{
  fflush (stderr);
  _exit (as_expected ? 0 : 1);
}

static char *
read_all (int input)
{
  GString *text = g_string_new (NULL);
  char buffer[1024];
  ssize_t n;

  while ((n = read (input, buffer, sizeof buffer)) > 0)
    g_string_append_len (text, buffer, n);
  return g_string_free (text, FALSE);
}

/* The name of the function at the beginning of the text of a call. */
static char *
called_function (const char *call)
{
  const char *start = call + strspn (call, "(");

  return g_strndup (start, strcspn (start, " )"));
}

static gboolean
line_matches (const char *line, const char *expected, const char *call)
{
  char *function, *exact;
  gboolean matches;

  if (g_str_has_prefix (expected, "GLib"))
    return g_pattern_match_simple (expected, line);
  function = called_function (call);
  exact = g_strdup_printf ("GLib-GIO-CRITICAL: %s: assertion '%s' failed", function, expected);
  matches = strcmp (line, exact) == 0;
  g_free (exact);
  g_free (function);
  return matches;
}

static gboolean
only_criticals (char **lines)
{
  for (char **line = lines; *line; line++)
    if (!g_pattern_match_simple ("GLib*-CRITICAL: *", *line))
      return FALSE;
  return *lines != NULL;
}

static gboolean
output_matches (const char *output, const char *const *expected, const char *call)
{
  char **lines = g_strsplit (output, "\n", -1);
  guint n = g_strv_length (lines);
  gboolean matches = TRUE;

  /* After the last newline there is an empty piece. */
  if (n > 0 && *lines[n - 1] == '\0')
    {
      g_free (lines[--n]);
      lines[n] = NULL;
    }
  if (expected[0] && strcmp (expected[0], SOME_CRITICALS) == 0)
    matches = only_criticals (lines);
  else
    {
      for (guint i = 0; matches && (i < n || expected[i]); i++)
        matches = i < n && expected[i] && line_matches (lines[i], expected[i], call);
    }
  g_strfreev (lines);
  return matches;
}

static const char *
describe_end (int status)
{
  if (WIFSIGNALED (status))
    return g_strsignal (WTERMSIG (status));
  return WEXITSTATUS (status) == 0 ? "as expected" : "another value than expected";
}

static void
judge_row (const char *call, const char *const *expected, const char *output, int status)
{
  gboolean holds = WIFEXITED (status) && WEXITSTATUS (status) == 0 && output_matches (output, expected, call);
  gboolean must_hold = !must_fail;

#ifdef ON_GIO
  must_hold = must_hold && !differs;
#endif
  if (holds != must_hold)
    g_test_fail_printf ("%s%s%s: %s; returned %s; logged: %s; first line expected: %s", call,
                        bad_kind ? " with " : "", bad_kind ? bad_kind : "",
                        holds ? "holds, but must not" : "does not hold", describe_end (status),
                        *output ? output : "nothing", expected[0] ? expected[0] : "none");
  differs = NULL;
  n_rows++;
}

gboolean
row_begin (const char *call, const char *const *lines)
{
  int ends[2], status;
  pid_t child;
  char *output;

  g_assert_cmpint (pipe (ends), ==, 0);
  fflush (NULL);
  child = fork ();
  g_assert_cmpint (child, >=, 0);
  if (child == 0)
    {
      close (ends[0]);
      enter_row (ends[1]);
      return TRUE;
    }
  close (ends[1]);
  output = read_all (ends[0]);
  close (ends[0]);
  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  judge_row (call, lines, output, status);
  g_free (output);
  return FALSE;
}
