/* One thread acts at a time. Whoever runs a line of the program has the turn; a worker's function waits at its gate
 * until a line opens it. Between lines every other thread sleeps: then all that a line set going is done. */
#define _GNU_SOURCE
#include "fuzz.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_THREADS 64

static GMutex mutex;
static GCond changed;
static GThread *owner;
static int owner_depth;
static GPrivate role;

const char *
turns_get_role (void)
{
  const char *name = g_private_get (&role);

  return name ? name : "nobody";
}

void
turns_set_role (const char *name)
{
  g_private_set (&role, (gpointer) name);
}

void
turn_take (void)
{
  g_mutex_lock (&mutex);
  while (owner && owner != g_thread_self ())
    g_cond_wait (&changed, &mutex);
  owner = g_thread_self ();
  owner_depth++;
  g_mutex_unlock (&mutex);
}

void
turn_give (void)
{
  g_mutex_lock (&mutex);
  if (--owner_depth == 0)
    {
      owner = NULL;
      g_cond_broadcast (&changed);
    }
  g_mutex_unlock (&mutex);
}

/* Gives the turn away altogether, however often it was taken. */
int
turn_suspend (void)
{
  int depth;

  g_mutex_lock (&mutex);
  depth = owner_depth;
  owner_depth = 0;
  owner = NULL;
  g_cond_broadcast (&changed);
  g_mutex_unlock (&mutex);
  return depth;
}

void
turn_resume (int depth)
{
  turn_take ();
  owner_depth = depth;
}

typedef struct
{
  int id;
  char text[64]; /* how often it has run */
} ThreadState;

static gboolean
read_file (int folder, const char *thread, const char *name, char *text, gsize size)
{
  char path[64];
  int file;
  ssize_t length;

  g_snprintf (path, sizeof path, "%s/%s", thread, name);
  file = openat (folder, path, O_RDONLY);
  if (file < 0)
    return FALSE;
  length = read (file, text, size - 1);
  close (file);
  text[MAX (length, 0)] = '\0';
  return length > 0;
}

/* FALSE: one of the other threads is not asleep. */
static gboolean
take_stock (DIR *dir, ThreadState *states, guint *n_states)
{
  struct dirent *entry;
  char text[512];
  pid_t own_id = gettid ();

  *n_states = 0;
  rewinddir (dir);
  while ((entry = readdir (dir)))
    {
      ThreadState *state = &states[*n_states];
      const char *after_name;

      if (entry->d_name[0] == '.' || atoi (entry->d_name) == own_id || *n_states == MAX_THREADS)
        continue;
      if (!read_file (dirfd (dir), entry->d_name, "stat", text, sizeof text))
        continue;
      after_name = strrchr (text, ')');
      if (!after_name || after_name[2] != 'S')
        return FALSE;
      state->id = atoi (entry->d_name);
      if (!read_file (dirfd (dir), entry->d_name, "schedstat", state->text, sizeof state->text))
        return FALSE;
      (*n_states)++;
    }
  return TRUE;
}

static gboolean
is_same_stock (const ThreadState *a, guint n_a, const ThreadState *b, guint n_b)
{
  if (n_a != n_b)
    return FALSE;
  for (guint i = 0; i < n_a; i++)
    if (a[i].id != b[i].id || strcmp (a[i].text, b[i].text) != 0)
      return FALSE;
  return TRUE;
}

/* If all sleep in two looks, and none has run in between, there was a moment at which all slept at once, and a thread
 * that sleeps then is woken by nobody but the one that asks (or by a clock, which no line waits for). */
static gboolean
is_only_thread (void)
{
  struct stat status;

  return stat ("/proc/self/task", &status) == 0 && status.st_nlink == 3;
}

void
settle_with_turn (void)
{
  ThreadState before[MAX_THREADS], after[MAX_THREADS];
  DIR *dir = opendir ("/proc/self/task");
  guint n_before, n_after;

  for (guint looks = 0; dir && !is_only_thread (); looks++)
    {
      if (take_stock (dir, before, &n_before) && take_stock (dir, after, &n_after) &&
          is_same_stock (before, n_before, after, n_after))
        break;
      /* On a busy machine a thread may wait long for its turn on a processor: looking must not take that. */
      if (looks > 2)
        g_usleep (MIN (20 + looks, 2000));
    }
  closedir (dir);
}

void
settle (void)
{
  int depth = turn_suspend ();

  settle_with_turn ();
  turn_resume (depth);
}

void
gate_wait (Gate *gate)
{
  g_mutex_lock (&mutex);
  gate->arrived = TRUE;
  g_cond_broadcast (&changed);
  while (!gate->open)
    g_cond_wait (&changed, &mutex);
  g_mutex_unlock (&mutex);
}

/* The function behind the gate is about to return. */
void
gate_leave (Gate *gate)
{
  g_mutex_lock (&mutex);
  gate->passed = TRUE;
  g_cond_broadcast (&changed);
  g_mutex_unlock (&mutex);
}

/* Opens it; with `wait`, lets the function run to its end. */
void
gate_open (Gate *gate, gboolean wait)
{
  int depth;

  if (!wait)
    {
      gate->open = TRUE;
      return;
    }
  depth = turn_suspend ();
  g_mutex_lock (&mutex);
  gate->open = TRUE;
  g_cond_broadcast (&changed);
  while (!gate->passed)
    g_cond_wait (&changed, &mutex);
  g_mutex_unlock (&mutex);
  turn_resume (depth);
}

static struct
{
  GThread *thread;
  GMainContext *context;
  void (*function) (int argument);
  int argument;
  gboolean ready, busy, stop;
} helper;

static gpointer
helper_main (gpointer data G_GNUC_UNUSED)
{
  g_private_set (&role, (gpointer) "helper");
  g_main_context_push_thread_default (helper.context);
  g_mutex_lock (&mutex);
  helper.ready = TRUE;
  g_cond_broadcast (&changed);
  while (TRUE)
    {
      while (!helper.function && !helper.stop)
        g_cond_wait (&changed, &mutex);
      if (!helper.function)
        break;
      g_mutex_unlock (&mutex);
      turn_take ();
      helper.function (helper.argument);
      turn_give ();
      g_mutex_lock (&mutex);
      helper.function = NULL;
      helper.busy = FALSE;
      g_cond_broadcast (&changed);
    }
  g_mutex_unlock (&mutex);
  g_main_context_pop_thread_default (helper.context);
  return NULL;
}

gboolean
helper_run (void (*function) (int argument), int argument)
{
  int depth;

  if (!helper.thread || helper.busy)
    return FALSE;
  helper.busy = TRUE;
  depth = turn_suspend ();
  g_mutex_lock (&mutex);
  helper.function = function;
  helper.argument = argument;
  g_cond_broadcast (&changed);
  while (helper.busy)
    g_cond_wait (&changed, &mutex);
  g_mutex_unlock (&mutex);
  turn_resume (depth);
  return TRUE;
}

void
turns_init (gboolean with_helper, GMainContext *context)
{
  g_private_set (&role, (gpointer) "main");
  helper.context = context;
  if (!with_helper)
    return;
  helper.thread = g_thread_new ("helper", helper_main, NULL);
  /* From then on it owns its context. */
  g_mutex_lock (&mutex);
  while (!helper.ready)
    g_cond_wait (&changed, &mutex);
  g_mutex_unlock (&mutex);
}

void
turns_stop (void)
{
  int depth;

  if (!helper.thread)
    return;
  depth = turn_suspend ();
  g_mutex_lock (&mutex);
  helper.stop = TRUE;
  g_cond_broadcast (&changed);
  g_mutex_unlock (&mutex);
  g_thread_join (helper.thread);
  turn_resume (depth);
}
