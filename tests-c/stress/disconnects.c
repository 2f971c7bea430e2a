/* Handlers disconnect handlers, of their own object and of another one, while both are being cancelled. */
#include "stress.h"

#define MEMBERS 4
#define HANDLERS 6
#define MOVES 6

typedef struct Round Round;

typedef struct
{
  Round *round;
  GCancellable *object;
  gulong id;
  gpointer entry;
  gint claimed; /* somebody disconnects it */
  gint gone;    /* disconnect has returned */
  gint running, calls;
} Handler;

struct Round
{
  GCancellable *acting, *calm; /* handlers of the second wait for nobody. It is not reset */
  Handler actors[HANDLERS], others[HANDLERS];
};

static _Thread_local guint32 handler_dice = 1;
static _Thread_local gint inside; /* handlers that this thread is in */

static void
enter (Handler *handler)
{
  if (READ (handler->gone))
    g_error ("a handler is called after it was disconnected");
  COUNT (handler->running);
  COUNT (handler->calls);
  inside++;
}

static void
leave (Handler *handler)
{
  inside--;
  __atomic_fetch_sub (&handler->running, 1, __ATOMIC_RELAXED);
}

/* Disconnects one that nobody else does. */
static void
disconnect_one (Handler *handler)
{
  gboolean was_cancelled;

  if (__atomic_exchange_n (&handler->claimed, 1, __ATOMIC_RELAXED))
    return;
  was_cancelled = g_cancellable_is_cancelled (handler->object);
  g_cancellable_disconnect (handler->object, handler->id);
  WRITE (handler->gone, 1);
  if (handler->object == handler->round->calm)
    {
      g_assert_cmpint (READ (handler->running), ==, 0);
      if (was_cancelled)
        g_assert_cmpint (READ (handler->calls), ==, 1);
    }
  else if (inside == 0) /* else threads may have waited for each other in a circle */
    g_assert_cmpint (READ (handler->running), ==, 0);
}

static void
other_called (GCancellable *cancellable G_GNUC_UNUSED, gpointer data)
{
  enter (data);
  linger (&handler_dice);
  leave (data);
}

static void
actor_called (GCancellable *cancellable, gpointer data)
{
  Handler *handler = data;
  Round *round = handler->round;

  enter (handler);
  linger (&handler_dice);
  if (roll (&handler_dice, 2))
    disconnect_one (&round->others[roll (&handler_dice, HANDLERS)]);
#ifndef ON_GIO
  /* Better than GIO, which hangs here. After a reset another thread may emit, too. */
  if (roll (&handler_dice, 3) == 0)
    g_cancellable_reset (cancellable);
  if (roll (&handler_dice, 2))
    disconnect_one (&round->actors[roll (&handler_dice, HANDLERS)]);
#else
  (void) cancellable;
#endif
  leave (handler);
}

static void
entry_of_handler_close (gpointer data)
{
  entry_close (((Handler *) data)->entry);
}

static void
connect_all (Round *round, Handler *handlers, GCancellable *object, GCallback function)
{
  for (guint i = 0; i < HANDLERS; i++)
    {
      handlers[i] = (Handler) { .round = round, .object = object, .entry = entry_new (ENTRY_DATA) };
      handlers[i].id = g_cancellable_connect (object, function, &handlers[i], entry_of_handler_close);
      g_assert_cmpuint (handlers[i].id, !=, 0);
    }
}

static void
cancel_or_disconnect (gpointer data, guint member, guint32 *dice)
{
  Round *round = data;
  guint moves = MOVES;

  handler_dice = roll (dice, G_MAXUINT32) | 1;
  if (member == 0)
    {
      for (guint32 n = roll (dice, 8); n > 0; n--)
        linger (dice);
      g_cancellable_cancel (round->calm);
      return;
    }
  while (moves-- > 0)
    {
      linger (dice);
      if (member < MEMBERS - 1)
        {
          g_cancellable_cancel (round->acting);
          if (roll (dice, 2))
            g_cancellable_reset (round->acting);
        }
      else
        disconnect_one (roll (dice, 2) ? &round->actors[roll (dice, HANDLERS)] : &round->others[roll (dice, HANDLERS)]);
    }
}

static void
run_disconnects (Run *run)
{
  Crowd *crowd = crowd_new (MEMBERS, cancel_or_disconnect);
  Round *round = g_new0 (Round, 1);
  guint64 disconnected = 0;

  while (run_goes_on (run))
    {
      *round = (Round) { .acting = counted_cancellable_new (), .calm = counted_cancellable_new () };
      connect_all (round, round->actors, round->acting, G_CALLBACK (actor_called));
      connect_all (round, round->others, round->calm, G_CALLBACK (other_called));
      crowd_begin (crowd, round);
      crowd_wait (crowd);
      for (guint i = 0; i < HANDLERS; i++)
        {
          disconnected += READ (round->actors[i].gone) + READ (round->others[i].gone);
          if (!READ (round->others[i].gone))
            g_assert_cmpint (READ (round->others[i].calls), ==, 1);
        }
      g_object_unref (round->acting);
      g_object_unref (round->calm);
      entries_settle (NULL);
    }
  g_free (round);
  crowd_free (crowd);
  g_string_append_printf (run->remarks, ", %" G_GUINT64_FORMAT " disconnected", disconnected);
}

const Scenario disconnect_scenarios[] = {
  { "disconnects-in-handlers", run_disconnects, NULL },
  { NULL, NULL, NULL },
};
