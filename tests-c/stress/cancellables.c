/* One GCancellable, four threads. */
#include "stress.h"

#include <poll.h>

#define MEMBERS 4
#define MOVES 12
#define SOURCES 4

/* A handler, connected by one thread; disconnected by the same. */
typedef struct
{
  gulong id;
  gpointer entry;
  gboolean gone; /* disconnect has returned: it is not running, and will not be called */
  gboolean destroyed;
  gint calls;
} Handler;

typedef struct
{
  GCancellable *cancellable;
  Handler handlers[MEMBERS][MOVES];
  guint64 calls, late, descriptors;
} Round;

static void
check_handler (Handler *handler)
{
  if (READ (handler->gone))
    g_error ("a handler runs after it was disconnected");
  if (READ (handler->destroyed))
    g_error ("a handler runs after its data was destroyed");
}

static void
handler_called (GCancellable *cancellable, gpointer data)
{
  static _Thread_local guint32 dice = 1;
  Handler *handler = data;

  check_handler (handler);
  COUNT (handler->calls);
  linger (&dice);
#ifndef ON_GIO
  g_assert_true (g_cancellable_is_cancelled (cancellable));
#else
  (void) cancellable; /* GIO lets another thread reset during a late connect */
#endif
  check_handler (handler);
}

static void
handler_destroyed (gpointer data)
{
  Handler *handler = data;

  WRITE (handler->destroyed, TRUE);
  entry_close (handler->entry);
}

static void
connect_one (Round *round, Handler *handler)
{
  handler->entry = entry_new (ENTRY_DATA);
  handler->id = g_cancellable_connect (round->cancellable, G_CALLBACK (handler_called), handler, handler_destroyed);
  if (handler->id == 0)
    {
      g_assert_cmpint (READ (handler->calls), ==, 1);
      COUNT (round->late);
    }
}

static void
disconnect_one (Round *round, Handler *handler)
{
  if (handler->id == 0)
    return;
  g_cancellable_disconnect (round->cancellable, handler->id);
  WRITE (handler->gone, TRUE);
  handler->id = 0;
}

static void
use_descriptor (Round *round)
{
  GPollFD descriptor;
  struct pollfd poller;

  if (!g_cancellable_make_pollfd (round->cancellable, &descriptor))
    g_error ("no descriptor");
  poller = (struct pollfd) { .fd = descriptor.fd, .events = POLLIN };
  if (poll (&poller, 1, 0) < 0 || (poller.revents & ~POLLIN))
    g_error ("a descriptor that is none");
  g_cancellable_release_fd (round->cancellable);
  COUNT (round->descriptors);
}

static void
do_anything (gpointer data, guint member, guint32 *dice)
{
  Round *round = data;
  Handler *handlers = round->handlers[member];
  GError *error = NULL;

  for (guint i = 0; i < MOVES; i++)
    {
      linger (dice);
      switch (roll (dice, 6))
        {
        case 0:
          g_cancellable_cancel (round->cancellable);
          break;
        case 1:
          g_cancellable_reset (round->cancellable);
          break;
        case 2:
          connect_one (round, &handlers[i]);
          break;
        case 3:
          disconnect_one (round, &handlers[roll (dice, MOVES)]);
          break;
        case 4:
          use_descriptor (round);
          break;
        default:
          if (g_cancellable_set_error_if_cancelled (round->cancellable, &error))
            g_clear_error (&error);
          break;
        }
    }
  for (guint i = 0; i < MOVES; i++)
    if (roll (dice, 2))
      disconnect_one (round, &handlers[i]);
}

static gboolean
is_readable (gint fd)
{
  struct pollfd poller = { .fd = fd, .events = POLLIN };

  return poll (&poller, 1, 0) == 1;
}

/* After the fight the object must be as good as new. */
static void
check_descriptor (GCancellable *cancellable)
{
  gint fd = g_cancellable_get_fd (cancellable);

  g_assert_cmpint (is_readable (fd), ==, g_cancellable_is_cancelled (cancellable));
  g_cancellable_reset (cancellable);
  g_assert_false (is_readable (fd));
  g_cancellable_cancel (cancellable);
  g_assert_true (is_readable (fd));
  g_cancellable_release_fd (cancellable);
}

/* Everything at once; a handler that was there all the time was called as often as the class. */
static void
run_four_threads (Run *run)
{
  Crowd *crowd = crowd_new (MEMBERS, do_anything);
  Round *round = g_new0 (Round, 1);
  guint64 emissions = 0, late = 0, descriptors = 0;

  while (run_goes_on (run))
    {
      guint64 before = counted_emissions ();
      Handler witness = { .entry = entry_new (ENTRY_DATA) };

      *round = (Round) { .cancellable = counted_cancellable_new () };
      g_cancellable_connect (round->cancellable, G_CALLBACK (handler_called), &witness, handler_destroyed);
      crowd_begin (crowd, round);
      crowd_wait (crowd);
      check_descriptor (round->cancellable);
      g_assert_cmpuint (counted_emissions () - before, ==, (guint64) witness.calls);
      emissions += witness.calls;
      late += round->late;
      descriptors += round->descriptors;
      g_object_unref (round->cancellable);
      entries_settle (NULL);
    }
  g_free (round);
  crowd_free (crowd);
  g_string_append_printf (run->remarks, ", %" G_GUINT64_FORMAT " emissions, %" G_GUINT64_FORMAT
                          " late connects, %" G_GUINT64_FORMAT " descriptors", emissions, late, descriptors);
}

typedef struct
{
  GCancellable *cancellable;
  GSource *sources[SOURCES];
  gboolean attached[SOURCES];
  gint calls;
} SourceRound;

typedef struct
{
  SourceRound *round;
  gpointer entry;
  gint calls; /* the last of them is over when the data is destroyed, in whichever thread: GLib sees to that */
} Watch;

static gboolean
source_called (GCancellable *cancellable, gpointer data)
{
  Watch *watch = data;

  g_assert_true (cancellable == watch->round->cancellable);
  COUNT (watch->round->calls);
  __atomic_fetch_add (&watch->calls, 1, __ATOMIC_RELEASE);
  return G_SOURCE_CONTINUE;
}

static void
watch_free (gpointer data)
{
  Watch *watch = data;

  (void) __atomic_load_n (&watch->calls, __ATOMIC_ACQUIRE);
  entry_close (watch->entry);
  g_free (watch);
}

static void
sources_begin (SourceRound *round, GMainContext **contexts, guint32 *dice)
{
  for (guint i = 0; i < SOURCES; i++)
    {
      Watch *watch = g_new (Watch, 1);

      *watch = (Watch) { .round = round, .entry = entry_new (ENTRY_DATA) };
      round->sources[i] = g_cancellable_source_new (round->cancellable);
      g_source_set_callback (round->sources[i], G_SOURCE_FUNC (source_called), watch, watch_free);
      round->attached[i] = roll (dice, 8) > 0;
      if (round->attached[i])
        g_source_attach (round->sources[i], contexts[i % 2]);
    }
}

/* Two members cancel and one of them resets; two destroy half of the sources each. */
static void
cancel_or_destroy (gpointer data, guint member, guint32 *dice)
{
  SourceRound *round = data;

  linger (dice);
  if (member < 2)
    for (guint i = 0; i < 3; i++)
      {
        g_cancellable_cancel (round->cancellable);
        linger (dice);
        if (member == 0)
          g_cancellable_reset (round->cancellable);
      }
  else
    for (guint i = member - 2; i < SOURCES; i += 2)
      {
        if (round->attached[i])
          g_source_destroy (round->sources[i]);
        g_source_unref (round->sources[i]);
        linger (dice);
      }
}

static void
do_nothing (gpointer data G_GNUC_UNUSED)
{
}

/* Sources in two contexts, iterated by two threads, are destroyed and freed while their object is cancelled. */
static void
run_sources_destroyed (Run *run)
{
  Crowd *crowd = crowd_new (MEMBERS, cancel_or_destroy);
  ContextThread *threads[2] = { context_thread_new (), context_thread_new () };
  GMainContext *contexts[2];
  guint64 calls = 0;

  for (guint i = 0; i < 2; i++)
    contexts[i] = context_thread_get_context (threads[i]);
  while (run_goes_on (run))
    {
      SourceRound round = { .cancellable = counted_cancellable_new () };

      sources_begin (&round, contexts, &run->dice);
      crowd_begin (crowd, &round);
      crowd_wait (crowd);
      g_object_unref (round.cancellable);
      entries_settle (NULL);
      for (guint i = 0; i < 2; i++) /* no callback is on its way out any more */
        call_in_and_wait (contexts[i], do_nothing, NULL);
      calls += READ (round.calls);
    }
  for (guint i = 0; i < 2; i++)
    context_thread_free (threads[i]);
  crowd_free (crowd);
  g_string_append_printf (run->remarks, ", %" G_GUINT64_FORMAT " dispatched", calls);
}

/* Waits until cancelled, in a loop of its own: the descriptor must become readable in every thread. */
static void
wait_or_cancel (gpointer data, guint member, guint32 *dice)
{
  Round *round = data;
  GPollFD descriptor;
  struct pollfd poller;

  linger (dice);
  if (member == 0)
    {
      g_cancellable_cancel (round->cancellable);
      return;
    }
  g_assert_true (g_cancellable_make_pollfd (round->cancellable, &descriptor));
  poller = (struct pollfd) { .fd = descriptor.fd, .events = POLLIN };
  while (poll (&poller, 1, 60000) < 0)
    continue;
  g_assert_cmpint (poller.revents, ==, POLLIN);
  g_cancellable_release_fd (round->cancellable);
}

static void
run_descriptors (Run *run)
{
  Crowd *crowd = crowd_new (MEMBERS, wait_or_cancel);
  Round *round = g_new0 (Round, 1);

  while (run_goes_on (run))
    {
      round->cancellable = counted_cancellable_new ();
      crowd_begin (crowd, round);
      crowd_wait (crowd);
      g_object_unref (round->cancellable);
      entries_settle (NULL);
    }
  g_free (round);
  crowd_free (crowd);
}

const Scenario cancellable_scenarios[] = {
  { "four-threads-on-one-cancellable", run_four_threads, NULL },
  { "cancel-against-descriptors", run_descriptors, NULL },
  { "sources-destroyed-while-cancelled", run_sources_destroyed, "GLib #3448 and #774: freed memory, lost references" },
  { NULL, NULL, NULL },
};
