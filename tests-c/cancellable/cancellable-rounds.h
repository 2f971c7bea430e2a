/* Two threads that act on one GCancellable at the same time, in counted rounds. */
#pragma once

#include "cancellable-helpers.h"

/* Where two threads meet: nobody leaves before both have come, and then they leave together if they can. */
typedef struct
{
  GMutex mutex;
  GCond changed;
  guint waiting;
  guint meetings;
  gint leaving;
} Meeting;

static inline void
meet (Meeting *meeting)
{
  guint meetings;

  g_mutex_lock (&meeting->mutex);
  meetings = meeting->meetings;
  if (++meeting->waiting == 2)
    {
      meeting->waiting = 0;
      meeting->meetings++;
      g_cond_broadcast (&meeting->changed);
    }
  while (meeting->meetings == meetings)
    g_cond_wait (&meeting->changed, &meeting->mutex);
  g_mutex_unlock (&meeting->mutex);
  /* Who was woken comes out later than who woke it. So the earlier one waits once more, for a moment only and
   * without sleeping; if the other is kept from running, the two do not meet in this round. */
  g_atomic_int_inc (&meeting->leaving);
  for (guint i = 0; i < 4000 && (guint) g_atomic_int_get (&meeting->leaving) < 2 * (meetings + 1); i++)
    ;
}

/* One round of a duel: a fresh object, a handler on it, and what each side did to it. */
typedef struct
{
  GCancellable *cancellable;
  Tally tally;
  gulong id;
  GSource *source;
  gint disconnected; /* set when disconnect has returned */
  gint finalized;
} Round;

typedef void (*Move) (Round *round);

/* A moment of less than a microsecond, another one in each round, so that the moves meet at every point. */
static inline void
linger (guint steps)
{
  for (volatile guint i = 0; i < 10 * steps; i++)
    ;
}

typedef struct
{
  Meeting meeting;
  Move move;
  guint lead; /* how long the second thread lingers before its move */
  Round round;
  gboolean over;
} Duel;

static inline gpointer
second_duellist (gpointer data)
{
  Duel *duel = data;

  while (TRUE)
    {
      meet (&duel->meeting);
      if (duel->over)
        return NULL;
      linger (duel->lead);
      duel->move (&duel->round);
      meet (&duel->meeting);
    }
}

/* Two threads make their moves at the same time, `rounds` times; `check` judges each and frees nothing. */
static inline void
fight (guint rounds, Move prepare, Move first, Move second, Move check)
{
  Duel duel = { 0 };
  GThread *thread;

  g_mutex_init (&duel.meeting.mutex);
  g_cond_init (&duel.meeting.changed);
  thread = g_thread_new ("second", second_duellist, &duel);
  for (guint i = 0; i < rounds; i++)
    {
      duel.round = (Round) { .cancellable = g_cancellable_new () };
      count_finalization (duel.round.cancellable, &duel.round.finalized);
      prepare (&duel.round);
      duel.move = i % 2 ? first : second; /* one thread tends to be the faster one: both sides get it */
      duel.lead = i / 32 % 32;
      meet (&duel.meeting);
      linger (i % 32);
      (i % 2 ? second : first) (&duel.round);
      meet (&duel.meeting);
      check (&duel.round);
      g_assert_cmpint (duel.round.finalized, ==, 1);
    }
  duel.over = TRUE;
  meet (&duel.meeting);
  g_thread_join (thread);
  g_mutex_clear (&duel.meeting.mutex);
  g_cond_clear (&duel.meeting.changed);
  g_test_message ("%u rounds", rounds);
}

static inline void
round_call (G_GNUC_UNUSED GCancellable *cancellable, gpointer data)
{
  Round *round = data;

  g_assert_cmpint (g_atomic_int_get (&round->disconnected), ==, 0);
  g_atomic_int_inc (&round->tally.calls);
}

static inline void
round_destroy (gpointer data)
{
  g_atomic_int_inc (&((Round *) data)->tally.destroyed);
}

static inline void
do_connect (Round *round)
{
  round->id = g_cancellable_connect (round->cancellable, G_CALLBACK (round_call), round, round_destroy);
}

static inline void
do_cancel (Round *round)
{
  g_cancellable_cancel (round->cancellable);
}

static inline void
do_reset (Round *round)
{
  g_cancellable_reset (round->cancellable);
}

static inline void
do_disconnect (Round *round)
{
  g_cancellable_disconnect (round->cancellable, round->id);
  g_atomic_int_set (&round->disconnected, 1);
}
