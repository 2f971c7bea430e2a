/* Threads that start together, and calls into other threads' contexts. */
#define _XOPEN_SOURCE 700 /* barriers */
#include "stress.h"

#include <pthread.h>

/* Locks of the system's C library, not of GLib: ThreadSanitizer knows them. */
struct Crowd
{
  guint members;
  Move move;
  gpointer round; /* NULL: the end */
  pthread_barrier_t begin, end;
  gint leaving; /* members that have come out of `begin`, in all rounds */
  guint rounds;
  GThread **threads;
};

typedef struct
{
  Crowd *crowd;
  guint number;
} Member;

/* Who is woken from a barrier comes later than who wakes. So all wait for one another once more, for a moment only:
 * if one of them is kept from running, the others do not wait for it in this round. */
static void
leave_together (Crowd *crowd, guint rounds)
{
  gint all = (gint) (rounds * crowd->members);

  COUNT (crowd->leaving);
  for (guint i = 0; i < 2000 && READ (crowd->leaving) - all < 0; i++)
    ;
}

static gpointer
member_run (gpointer data)
{
  Member member = *(Member *) data;
  Crowd *crowd = member.crowd;
  guint32 dice = 0x9e3779b9u * (member.number + 1);

  g_free (data);
  while (TRUE)
    {
      gpointer round;

      pthread_barrier_wait (&crowd->begin);
      round = crowd->round;
      if (!round)
        return NULL;
      leave_together (crowd, crowd->rounds);
      crowd->move (round, member.number, &dice);
      pthread_barrier_wait (&crowd->end);
    }
}

Crowd *
crowd_new (guint members, Move move)
{
  Crowd *crowd = g_new0 (Crowd, 1);

  crowd->members = members;
  crowd->move = move;
  crowd->threads = g_new (GThread *, members);
  pthread_barrier_init (&crowd->begin, NULL, members + 1);
  pthread_barrier_init (&crowd->end, NULL, members + 1);
  for (guint i = 0; i < members; i++)
    {
      Member *member = g_new (Member, 1);

      *member = (Member) { .crowd = crowd, .number = i };
      crowd->threads[i] = g_thread_new ("crowd", member_run, member);
    }
  return crowd;
}

void
crowd_begin (Crowd *crowd, gpointer round)
{
  crowd->round = round;
  crowd->rounds++;
  pthread_barrier_wait (&crowd->begin);
}

void
crowd_wait (Crowd *crowd)
{
  pthread_barrier_wait (&crowd->end);
}

void
crowd_free (Crowd *crowd)
{
  crowd_begin (crowd, NULL);
  for (guint i = 0; i < crowd->members; i++)
    g_thread_join (crowd->threads[i]);
  pthread_barrier_destroy (&crowd->begin);
  pthread_barrier_destroy (&crowd->end);
  g_free (crowd->threads);
  g_free (crowd);
}

typedef struct
{
  Call function;
  gpointer data;
  gint ready; /* written and read in order: it carries what the caller wrote before */
  pthread_mutex_t mutex;
  pthread_cond_t changed;
  gboolean done;
} Request;

static gboolean
request_run (gpointer data)
{
  Request *request = data;

  g_assert_cmpint (__atomic_load_n (&request->ready, __ATOMIC_ACQUIRE), ==, 1);
  request->function (request->data);
  return G_SOURCE_REMOVE;
}

static void
request_attach (Request *request, GMainContext *context, GDestroyNotify notify)
{
  GSource *source = g_idle_source_new ();

  __atomic_store_n (&request->ready, 1, __ATOMIC_RELEASE);
  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_callback (source, request_run, request, notify);
  g_source_attach (source, context);
  g_source_unref (source);
}

static void
request_free (gpointer data)
{
  Request *request = data;

  pthread_mutex_destroy (&request->mutex);
  pthread_cond_destroy (&request->changed);
  g_free (request);
}

static Request *
request_new (Call function, gpointer data)
{
  Request *request = g_new0 (Request, 1);

  request->function = function;
  request->data = data;
  pthread_mutex_init (&request->mutex, NULL);
  pthread_cond_init (&request->changed, NULL);
  return request;
}

void
call_in (GMainContext *context, Call function, gpointer data)
{
  request_attach (request_new (function, data), context, request_free);
}

/* The source has let go of the request. */
static void
request_done (gpointer data)
{
  Request *request = data;

  pthread_mutex_lock (&request->mutex);
  request->done = TRUE;
  pthread_cond_signal (&request->changed);
  pthread_mutex_unlock (&request->mutex);
}

void
call_in_and_wait (GMainContext *context, Call function, gpointer data)
{
  Request *request = request_new (function, data);

  request_attach (request, context, request_done);
  pthread_mutex_lock (&request->mutex);
  while (!request->done)
    pthread_cond_wait (&request->changed, &request->mutex);
  pthread_mutex_unlock (&request->mutex);
  request_free (request);
}
