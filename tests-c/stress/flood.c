/* Many tasks, many threads, several contexts. */
#include "stress.h"

#include <pthread.h>

#define CONTEXTS 3
#define RETURNERS 8
#define TASKS 100000
#define QUICK_TASKS 4000
/* Tasks that wait to be returned: what is made is held back above that. */
#define BACKLOG 512

typedef struct Flood Flood;

/* One task. */
typedef struct
{
  Flood *flood;
  GTask *task;
  guint8 context, returner;
  gboolean threaded;
  guint32 number; /* among those of one returner in one context */
} Drop;

struct Flood
{
  Drop *drops;
  guint n;
  GMainContext *contexts[CONTEXTS];
  gint made; /* how many places are taken */
  gint called, out_of_order;
  guint32 last[CONTEXTS][RETURNERS]; /* used in the context's thread only */
  /* What is made, until it is returned. */
  pthread_mutex_t mutex;
  pthread_cond_t filled, emptied;
  GQueue waiting;
  guint taken;
};

static void
drop_called (GObject *source G_GNUC_UNUSED, GAsyncResult *result, gpointer data)
{
  Drop *drop = data;
  guint32 *last = &drop->flood->last[drop->context][drop->returner];
  gpointer pointer;

  if (!drop->task)
    g_error ("called back twice");
  drop->task = NULL;
  pointer = g_task_propagate_pointer (G_TASK (result), NULL);
  if (pointer)
    entry_close (pointer);
  if (!drop->threaded)
    {
      /* What one thread returns into one context arrives in that order. */
      if (drop->number != *last + 1)
        COUNT (drop->flood->out_of_order);
      *last = drop->number;
    }
  COUNT (drop->flood->called);
}

static void
push_drop (Flood *flood, Drop *drop)
{
  pthread_mutex_lock (&flood->mutex);
  while (flood->waiting.length >= BACKLOG)
    pthread_cond_wait (&flood->emptied, &flood->mutex);
  g_queue_push_tail (&flood->waiting, drop);
  pthread_cond_signal (&flood->filled);
  pthread_mutex_unlock (&flood->mutex);
}

static Drop *
pop_drop (Flood *flood)
{
  Drop *drop = NULL;

  pthread_mutex_lock (&flood->mutex);
  if (flood->taken < flood->n)
    {
      flood->taken++;
      while (flood->waiting.length == 0)
        pthread_cond_wait (&flood->filled, &flood->mutex);
      drop = g_queue_pop_head (&flood->waiting);
      pthread_cond_signal (&flood->emptied);
    }
  pthread_mutex_unlock (&flood->mutex);
  return drop;
}

/* In a context's thread: makes some tasks, then lets the context be iterated, then makes more. */
static void
make_some (gpointer data)
{
  Flood *flood = data;
  GMainContext *context = g_main_context_get_thread_default ();
  guint8 number = 0;

  while (flood->contexts[number] != context)
    number++;
  for (guint i = 0; i < 32; i++)
    {
      guint place = (guint) COUNT (flood->made);
      Drop *drop = &flood->drops[place];

      if (place >= flood->n)
        return;
      drop->flood = flood;
      drop->context = number;
      drop->task = g_task_new (NULL, NULL, drop_called, drop);
      if (place % 4 == 0)
        g_task_set_task_data (drop->task, entry_new (ENTRY_DATA), entry_close);
      push_drop (flood, drop);
    }
  call_in (context, make_some, flood);
}

static void
return_drop (GTask *task, gpointer source G_GNUC_UNUSED, gpointer data G_GNUC_UNUSED,
             GCancellable *cancellable G_GNUC_UNUSED)
{
  worker_begin ();
  g_task_return_pointer (task, entry_new (ENTRY_RESULT), entry_close);
}

static void
return_drops (gpointer data, guint member, guint32 *dice)
{
  Flood *flood = data;
  guint32 numbers[CONTEXTS] = { 0 };
  Drop *drop;

  while ((drop = pop_drop (flood)))
    {
      GTask *task = drop->task;

      drop->returner = (guint8) member;
      drop->threaded = roll (dice, 8) == 0;
      if (drop->threaded)
        g_task_run_in_thread (task, return_drop);
      else
        {
          drop->number = ++numbers[drop->context];
          if (roll (dice, 2))
            g_task_return_pointer (task, entry_new (ENTRY_RESULT), entry_close);
          else
            g_task_return_error (task, counted_error_new ());
        }
      g_object_unref (task);
    }
}

static void
do_nothing (gpointer data G_GNUC_UNUSED)
{
}

/* One round: tasks made in three contexts, returned by eight threads (one in eight by the pool). */
static void
run_flood (Run *run)
{
  Crowd *crowd = crowd_new (RETURNERS, return_drops);
  ContextThread *threads[CONTEXTS];
  guint n = run->quick ? QUICK_TASKS : TASKS;
  Flood *flood = g_new0 (Flood, 1);

  for (guint i = 0; i < CONTEXTS; i++)
    threads[i] = context_thread_new ();
  while (run_goes_on (run))
    {
      *flood = (Flood) { .n = n, .drops = g_new0 (Drop, n), .waiting = G_QUEUE_INIT };
      pthread_mutex_init (&flood->mutex, NULL);
      pthread_cond_init (&flood->filled, NULL);
      pthread_cond_init (&flood->emptied, NULL);
      for (guint i = 0; i < CONTEXTS; i++)
        flood->contexts[i] = context_thread_get_context (threads[i]);
      crowd_begin (crowd, flood);
      for (guint i = 0; i < CONTEXTS; i++)
        call_in (flood->contexts[i], make_some, flood);
      crowd_wait (crowd);
      while (READ (flood->called) < (gint) n)
        g_usleep (100);
      entries_settle (NULL);
      for (guint i = 0; i < CONTEXTS; i++)
        call_in_and_wait (flood->contexts[i], do_nothing, NULL);
      g_assert_cmpint (READ (flood->called), ==, n);
      g_assert_cmpint (READ (flood->out_of_order), ==, 0);
      pthread_mutex_destroy (&flood->mutex);
      pthread_cond_destroy (&flood->filled);
      pthread_cond_destroy (&flood->emptied);
      g_free (flood->drops);
    }
  g_free (flood);
  for (guint i = 0; i < CONTEXTS; i++)
    context_thread_free (threads[i]);
  crowd_free (crowd);
  g_string_append_printf (run->remarks, " of %u tasks", n);
}

const Scenario flood_scenarios[] = {
  { "flood", run_flood, NULL },
  { NULL, NULL, NULL },
};
