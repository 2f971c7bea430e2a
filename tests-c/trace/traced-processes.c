/* Many tasks, many threads, and ways in which processes begin and end. */
#define _GNU_SOURCE
#include "traced.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

/* `amount` tasks, one after the other. */
void
many (void)
{
  for (int i = 0; i < amount; i++)
    {
      g_autofree char *name = g_strdup_printf ("task %d", i);
      GTask *task = new_task (NULL, 'i', name);

      g_task_return_int (task, i);
      iterate ();
      g_object_unref (task);
    }
}

static gpointer
one_task (gpointer data G_GNUC_UNUSED)
{
  never ();
  return NULL;
}

static gpointer
tasks_for_ever (gpointer data)
{
  for (;;)
    one_task (data);
  return NULL;
}

/* Until it is killed. */
void
for_ever (void)
{
  g_thread_new ("other", tasks_for_ever, NULL);
  amount = G_MAXINT;
  many ();
}

/* `amount` threads, one after the other. */
void
threads (void)
{
  for (int i = 0; i < amount; i++)
    g_thread_join (g_thread_new ("short", one_task, NULL));
}

static int begun;

static gpointer
task_and_wait (gpointer until)
{
  one_task (NULL);
  g_atomic_int_inc (&begun);
  wait_for (GPOINTER_TO_INT (until));
  one_task (NULL);
  return NULL;
}

/* `amount` threads at once. */
void
crowd (void)
{
  GThread **all = g_new (GThread *, amount);

  for (int i = 0; i < amount; i++)
    {
      all[i] = g_thread_new ("crowd", task_and_wait, GINT_TO_POINTER (i < amount / 2 ? 1 : 2));
      while (g_atomic_int_get (&begun) <= i)
        g_usleep (1000);
    }
  /* Those that came first leave, and so the others get room. */
  for (int i = 0; i < amount; i++)
    {
      if (i == 0 || i == amount / 2)
        reach (i == 0 ? 1 : 2);
      g_thread_join (all[i]);
    }
  g_free (all);
}

/* With a task, until it is killed. */
void
waits (void)
{
  new_task (NULL, 'i', "waits");
  pause ();
}

void
forks (void)
{
  pid_t child;

  never ();
  child = fork ();
  if (child == 0)
    {
      at_once ();
      exit (3);
    }
  waitpid (child, NULL, 0);
  child = fork ();
  if (child == 0)
    /* Records nothing. */
    _exit (0);
  waitpid (child, NULL, 0);
  at_once ();
}

/* Becomes another program, which records, too. */
void
becomes_another (void)
{
  never ();
  execl (own_path, own_path, "at_once", (char *) NULL);
}

static gpointer
exits (gpointer data G_GNUC_UNUSED)
{
  never ();
  exit (0);
}

void
exits_elsewhere (void)
{
  never ();
  g_thread_join (g_thread_new ("exits", exits, NULL));
}

void
crashes (void)
{
  never ();
  signal (SIGSEGV, SIG_DFL);
  setrlimit (RLIMIT_CORE, &(struct rlimit){ 0, 0 });
  raise (SIGSEGV);
}

/* A file of the program's gets the number of what it has closed. */
void
closes_all (void)
{
  for (int i = 3; i < 1024; i++)
    close (i);
  for (int i = 3; i < 1024; i++)
    g_assert_cmpint (open ("mine", O_RDWR | O_CREAT, 0600), ==, i);
  amount = 3000;
  many ();
}
