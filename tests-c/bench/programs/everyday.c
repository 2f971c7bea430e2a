/* everyday OPERATION HOW_MANY AT_ONCE FOLDER [shared]: carries out an operation so often, with so many under way
 * at any time; `shared`: all with one cancellable. everyday --list: the operations. */
#include "everyday.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

GFile *folder;
GCancellable *cancellable;
guint how_many;

static const Operation *operation;
static guint n_started, n_done;
static GMainLoop *loop;

void
demand (gboolean success, const GError *error)
{
  if (success)
    return;
  fprintf (stderr, "not done: %s\n", error ? error->message : "no reason is given");
  exit (EXIT_FAILURE);
}

void
done (void)
{
  if (++n_done == how_many)
    g_main_loop_quit (loop);
  else if (n_started < how_many)
    operation->start (n_started++);
}

static const Operation *const groups[] = { file_operations, stream_operations, process_operations };

static const Operation *
find_operation (const char *name)
{
  for (gsize i = 0; i < G_N_ELEMENTS (groups); i++)
    for (const Operation *each = groups[i]; each->name; each++)
      if (strcmp (each->name, name) == 0)
        return each;
  fprintf (stderr, "no operation is called %s\n", name);
  exit (EXIT_FAILURE);
}

static void
list_operations (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (groups); i++)
    for (const Operation *each = groups[i]; each->name; each++)
      puts (each->name);
}

int
main (int argc, char **argv)
{
  guint at_once;

  if (argc == 2 && strcmp (argv[1], "--list") == 0)
    {
      list_operations ();
      return EXIT_SUCCESS;
    }
  if (argc == 2 && strcmp (argv[1], "--service") == 0)
    {
      serve ();
      return EXIT_SUCCESS;
    }
  if (argc < 5 || argc > 6 || (argc == 6 && strcmp (argv[5], "shared") != 0))
    {
      fprintf (stderr, "usage: everyday OPERATION HOW_MANY AT_ONCE FOLDER [shared] | --list\n");
      return EXIT_FAILURE;
    }
  operation = find_operation (argv[1]);
  how_many = strtoul (argv[2], NULL, 10);
  at_once = MIN (strtoul (argv[3], NULL, 10), how_many);
  folder = g_file_new_for_path (argv[4]);
  cancellable = argc == 6 ? g_cancellable_new () : NULL;
  if (at_once == 0)
    {
      fprintf (stderr, "everyday: at least one, and one at once\n");
      return EXIT_FAILURE;
    }

  loop = g_main_loop_new (NULL, FALSE);
  if (operation->prepare)
    operation->prepare ();
  for (n_started = 0; n_started < at_once;)
    operation->start (n_started++);
  g_main_loop_run (loop);
  if (operation->clean_up)
    operation->clean_up ();
  g_main_loop_unref (loop);
  g_clear_object (&cancellable);
  g_object_unref (folder);
  return EXIT_SUCCESS;
}
