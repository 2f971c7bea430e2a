/* fuzz [--from SEED] [--seeds N] [--print] [--program FILE] [--beyond] [--seconds N] [--patience MS]
 * Runs the programs of N seeds, or the one in FILE (- is the standard input), each in a process of its own, and prints
 * their logs. --print: prints the programs instead. --beyond: also what libgio cannot do.
 *
 * A file may hold several programs, with an empty line between them. */
#define _GNU_SOURCE
#include "fuzz.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static gint64 first_seed, n_seeds = 1;
static gint limit_seconds = 5;
static gboolean print_only, stay;
static char *program_file;

static const GOptionEntry options[] = {
  { "from", 0, 0, G_OPTION_ARG_INT64, &first_seed, "the first seed", "SEED" },
  { "seeds", 0, 0, G_OPTION_ARG_INT64, &n_seeds, "how many", "N" },
  { "print", 0, 0, G_OPTION_ARG_NONE, &print_only, "print the programs", NULL },
  { "program", 0, 0, G_OPTION_ARG_FILENAME, &program_file, "run the programs in this file", "FILE" },
  { "beyond", 0, 0, G_OPTION_ARG_NONE, &beyond_gio, "also do what libgio cannot do", NULL },
  { "stay", 0, 0, G_OPTION_ARG_NONE, &stay, "do not fork, for debuggers", NULL },
  { "patience", 0, 0, G_OPTION_ARG_INT, &patience, "wait at the end for what workers let go of", "MS" },
  { "seconds", 0, 0, G_OPTION_ARG_INT, &limit_seconds, "the limit for each program", "N" },
  { NULL, 0, 0, 0, NULL, NULL, NULL },
};

static void
print_program (const Program *program)
{
  for (guint i = 0; i < program->n_lines; i++)
    {
      char text[MAX_TEXT];

      line_print (&program->lines[i], text);
      puts (text);
    }
}

static void
run_in_child (Program *program)
{
  struct rlimit no_core = { 0, 0 };

  setrlimit (RLIMIT_CORE, &no_core);
  alarm ((guint) limit_seconds); /* ends the process */
  program_run (program);
  _exit (0);
}

static void
run (Program *program, const char *title, Log *log)
{
  int status = 0;
  pid_t child;

  printf ("program %s\n", title);
  fflush (stdout);
  log->length = 0;
  if (stay)
    program_run (program);
  else
    {
      child = fork ();
      if (child == 0)
        run_in_child (program);
      while (waitpid (child, &status, 0) < 0 && errno == EINTR)
        ;
    }
  fwrite (log->text, 1, (gsize) log->length, stdout);
  if (WIFSIGNALED (status) && WTERMSIG (status) == SIGALRM)
    puts ("end: too long");
  else if (WIFSIGNALED (status))
    printf ("end: signal %d\n", WTERMSIG (status));
  else
    printf ("end: %s\n", WEXITSTATUS (status) ? "failed" : "ok");
}

static void
run_file (const char *name, Log *log)
{
  FILE *file = strcmp (name, "-") == 0 ? stdin : fopen (name, "r");
  static Program program;
  char line[MAX_TEXT], title[32];
  int number = 0;
  gboolean more = TRUE;

  if (!file)
    {
      perror (name);
      exit (2);
    }
  while (more)
    {
      more = fgets (line, sizeof line, file) != NULL;
      if (more && line[0] == '#')
        continue;
      if (more && line[0] != '\n')
        {
          if (!program_add_text (&program, line))
            {
              fprintf (stderr, "%s: not a line of a program: %s", name, line);
              exit (2);
            }
        }
      else if (program.n_lines > 0)
        {
          g_snprintf (title, sizeof title, "%d", number++);
          run (&program, title, log);
          program.n_lines = 0;
        }
    }
}

int
main (int argc, char **argv)
{
  GError *error = NULL;
  GOptionContext *context = g_option_context_new (NULL);
  Log *log;

  g_option_context_add_main_entries (context, options, NULL);
  if (!g_option_context_parse (context, &argc, &argv, &error))
    {
      fprintf (stderr, "%s\n", error->message);
      return 2;
    }
  log = mmap (NULL, sizeof *log, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (log == MAP_FAILED)
    return 2;
  log_init (log);
  if (program_file)
    run_file (program_file, log);
  for (gint64 seed = first_seed; !program_file && seed < first_seed + n_seeds; seed++)
    {
      static Program program;
      char title[32];

      g_snprintf (title, sizeof title, "%" G_GINT64_FORMAT, seed);
      program_generate (&program, (guint64) seed);
      if (print_only)
        {
          print_program (&program);
          putchar ('\n');
        }
      else
        run (&program, title, log);
    }
  return 0;
}
