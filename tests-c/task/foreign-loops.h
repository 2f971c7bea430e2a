/* Main loops that are not GLib's own, as a text of steps.
 *
 * A shape is a round of such a loop, a letter for each step:
 *   A acquire   R release   p prepare   q query   s poll without waiting   c check   d dispatch if check said so
 *   D dispatch in any case   ? pending   i an iteration of GLib's
 *   w give the round up if nothing was ready or polled */
#pragma once

#include "muster-helpers.h"

#include <poll.h>
#include <string.h>

enum { MAX_DESCRIPTORS = 8, MAX_ROUNDS = 9, WORKERS = 3, LEVEL = 0 };

typedef struct
{
  const char *steps;
  const char *beside;      /* the rounds, if something else waits */
  const char *alone;       /* if nothing does; NULL: the same */
  const char *alone_woken; /* and the descriptor is readable, as another thread has returned it; NULL: the same */
} Shape;

static const Shape shapes[] = {
  { "ApqscdR", "11111222", NULL, NULL },
  { "pqscd", "111122", NULL, NULL },
  { "ApqscdR?", "111112222", NULL, NULL },
  { "AqscdpR", "11112222", NULL, NULL },
  { "AqpscdR", "11111222", NULL, NULL },
  { "ApqApqscdRR", "111111112222", NULL, NULL },
  { "ApqRApqscdR", "111111111222", NULL, NULL },
  { "ApqscRApqscdR", "11111111111222", NULL, NULL },
  { "pqscpqscd", "1111111122", NULL, NULL },
  { "AqscRApqscdR", "1111111111222", NULL, NULL },
  { "A?pqscdR", "111111222", NULL, NULL },
  { "Ap?qscdR", "111111222", NULL, NULL },
  { "Apq?scdR", "111111222", NULL, NULL },
  { "Apqs?cdR", "111111222", NULL, NULL },
  { "Apqsc?dR", "111111222", "111112222", NULL },
  { "?D", "122", NULL, NULL },
  { "ApqswcdR", "111111222", "112222222", "111122222" },
  { "Ap?DR", "111222", NULL, NULL },
  { "AiR", "1122", NULL, NULL },
  { "i", "12", NULL, NULL },
  { "ApiqscdR", "111111222", NULL, NULL },
  { "ApqiscdR", "111111222", NULL, NULL },
  { "ApqscidR", "111111222", NULL, NULL },
  { "ApqscddR", "111112222", NULL, NULL },
  { "ApcApqscdRR", "111111112222", NULL, NULL },
  { "qscd", "11122", NULL, NULL },
};

typedef struct
{
  GMainContext *context;
  GPollFD descriptors[MAX_DESCRIPTORS];
  gint n;
  gint priority;
  gint timeout;
  gboolean prepared; /* what prepare said last */
  gint polled;       /* what poll said last */
  gboolean checked;  /* what check said last */
  gint owned;
} Loop;

static inline void
loop_init (Loop *loop, GMainContext *context)
{
  *loop = (Loop) { .context = context, .priority = G_MAXINT };
}

static inline void
loop_query (Loop *loop)
{
  loop->n = g_main_context_query (loop->context, loop->priority, &loop->timeout, loop->descriptors, MAX_DESCRIPTORS);
  g_assert_cmpint (loop->n, <=, MAX_DESCRIPTORS);
}

static inline void
loop_release_all (Loop *loop)
{
  for (; loop->owned; loop->owned--)
    g_main_context_release (loop->context);
}

/* Says whether the round goes on. */
static inline gboolean
loop_step (Loop *loop, char step)
{
  switch (step)
    {
    case 'A':
      g_assert_true (g_main_context_acquire (loop->context));
      loop->owned++;
      break;
    case 'R':
      g_main_context_release (loop->context);
      loop->owned--;
      break;
    case 'p':
      loop->prepared = g_main_context_prepare (loop->context, &loop->priority);
      break;
    case 'q':
      loop_query (loop);
      break;
    case 's':
      loop->polled = poll ((struct pollfd *) loop->descriptors, loop->n, 0);
      break;
    case 'w':
      return loop->prepared || loop->polled > 0;
    case 'c':
      loop->checked = g_main_context_check (loop->context, loop->priority, loop->descriptors, loop->n);
      break;
    case 'd':
      if (loop->checked)
        g_main_context_dispatch (loop->context);
      break;
    case 'D':
      g_main_context_dispatch (loop->context);
      break;
    case '?':
      g_main_context_pending (loop->context);
      break;
    case 'i':
      g_main_context_iteration (loop->context, FALSE);
      break;
    default:
      g_assert_not_reached ();
    }
  return TRUE;
}

static inline void
loop_round (Loop *loop, const char *steps)
{
  while (*steps && loop_step (loop, *steps))
    steps++;
  loop_release_all (loop);
}

typedef enum { BY_OWNER, BY_THREAD, BY_WORKER, BY_WORKERS, BY_SIMPLE, N_RETURNERS } Returner;

static inline gpointer
return_task (gpointer task)
{
  g_task_return_boolean (task, TRUE);
  return NULL;
}

static inline void
return_by (GMainContext *context, Returner returner, GAsyncReadyCallback callback, gpointer data)
{
  GTask *task;

  g_main_context_push_thread_default (context);
  switch (returner)
    {
    case BY_OWNER:
      g_object_unref (make_pending (PLAIN, LEVEL, NULL, callback, data));
      break;
    case BY_SIMPLE:
      g_object_unref (make_pending (SIMPLE, LEVEL, NULL, callback, data));
      break;
    default:
      task = g_task_new (NULL, NULL, callback, data);
      g_task_set_priority (task, LEVEL);
      if (returner == BY_THREAD)
        g_thread_join (g_thread_new ("returning", return_task, task));
      else
        {
          /* BY_WORKERS: the last of several, none of which the loop has seen. */
          for (gint i = 1; i < WORKERS && returner == BY_WORKERS; i++)
            {
              GTask *other = g_task_new (NULL, NULL, NULL, NULL);

              run_until_arrived (other);
              g_object_unref (other);
            }
          run_until_arrived (task);
        }
      g_object_unref (task);
    }
  g_main_context_pop_thread_default (context);
}
