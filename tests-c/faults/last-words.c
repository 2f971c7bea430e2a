/* What ends the process: a check of the library that fails, and memory that is refused. Each says one line and aborts. */
#include <asyncresult/asyncresult.h>

#include <signal.h>
#include <string.h>
#include <sys/wait.h>

void *__libc_malloc (size_t size); /* the C library's own */

static gboolean refusing;
static const char *program;

/* The library's calls, and those of everybody else here, come to these two. */

void *
malloc (size_t size)
{
  return refusing ? NULL : __libc_malloc (size);
}

GObject *
g_object_new_with_properties (GType type G_GNUC_UNUSED, guint n_properties G_GNUC_UNUSED,
                              const char *names[] G_GNUC_UNUSED, const GValue values[] G_GNUC_UNUSED)
{
  return NULL;
}

/* GObject made no instance, which the library takes for impossible. */
static void
meet_the_impossible (void)
{
  g_task_new (NULL, NULL, NULL, NULL);
}

static void
be_refused_memory (void)
{
  GCancellable *cancellable = g_object_new (G_TYPE_CANCELLABLE, NULL);

  refusing = TRUE;
  g_cancellable_cancel (cancellable);
}

static const struct
{
  const char *path;
  void (*run) (void);
  const char *words;
} cases[] = {
  { "/last-words/panic", meet_the_impossible,
    "libasyncresult: src/gobject/object.rs:*: GObject makes an instance of a class that exists\n" },
  { "/last-words/refused-memory", be_refused_memory, "libasyncresult: * bytes of memory were refused\n" },
};

static void
test_last_words (gconstpointer data)
{
  gsize i = GPOINTER_TO_SIZE (data);
  char *argv[] = { (char *) program, (char *) "--run", (char *) cases[i].path, NULL };
  char *output, *words;
  int status;
  GError *error = NULL;

  g_spawn_sync (NULL, argv, NULL, 0, NULL, NULL, &output, &words, &status, &error);
  g_assert_no_error (error);
  g_test_message ("%s", words);
  g_assert_true (WIFSIGNALED (status));
  g_assert_cmpint (WTERMSIG (status), ==, SIGABRT);
  g_assert_cmpstr (output, ==, "");
  g_assert_true (g_pattern_match_simple (cases[i].words, words));
  g_assert_true (strchr (words, '\n') == words + strlen (words) - 1);
  g_free (output);
  g_free (words);
}

int
main (int argc, char **argv)
{
  program = argv[0];
  if (argc == 3 && strcmp (argv[1], "--run") == 0)
    for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
      if (strcmp (cases[i].path, argv[2]) == 0)
        {
          cases[i].run ();
          return 0;
        }
  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    g_test_add_data_func (cases[i].path, GSIZE_TO_POINTER (i), test_last_words);
  return g_test_run ();
}
