/* Scenarios about GCancellable. */
#include "fault.h"
#include "scenarios.h"

#include <errno.h>
#include <poll.h>

static gboolean
is_readable (gint fd)
{
  struct pollfd pollfd = { .fd = fd, .events = POLLIN };
  gint ready;

  do
    ready = poll (&pollfd, 1, 0);
  while (ready < 0 && errno == EINTR);
  return ready == 1;
}

static guint
refused (const char *call)
{
  return fault_refused ? fault_refused (call) : 0;
}

/* Gets a descriptor, or is told that there is none: if and only if neither an eventfd nor a pipe was to be had. */
static gint
get_fd (GCancellable *cancellable)
{
  guint before = refused ("pipe2");
  gint fd = g_cancellable_get_fd (cancellable);

  g_assert_cmpint (fd == -1, ==, descriptors_used_up || refused ("pipe2") != before);
  return fd;
}

/* If a write or read was refused for good, which no kernel does here, the descriptor may say what it likes. */
static void
check (gint fd, GCancellable *cancellable)
{
  if (fd >= 0 && refused ("write") + refused ("read") == 0)
    g_assert_cmpint (is_readable (fd), ==, g_cancellable_is_cancelled (cancellable));
}

static void
cancel_and_reset (GCancellable *cancellable, gint fd)
{
  check (fd, cancellable);
  for (gint i = 0; i < 3; i++)
    {
      g_cancellable_cancel (cancellable);
      g_assert_true (g_cancellable_is_cancelled (cancellable));
      check (fd, cancellable);
      g_cancellable_reset (cancellable);
      g_assert_false (g_cancellable_is_cancelled (cancellable));
      check (fd, cancellable);
    }
}

/* Descriptors come and go, before and after a cancellation; some are never given back. */
static void
run_descriptors (void)
{
  for (gint i = 0; i < 3; i++)
    {
      GCancellable *cancellable = g_cancellable_new ();
      GPollFD pollfd = { .fd = -1 };
      gint fd;

      lend_object (cancellable);
      fd = get_fd (cancellable);
      cancel_and_reset (cancellable, fd);
      if (fd >= 0)
        g_cancellable_release_fd (cancellable);
      g_cancellable_cancel (cancellable);
      if (g_cancellable_make_pollfd (cancellable, &pollfd))
        check (pollfd.fd, cancellable);
      else
        g_assert_cmpint (pollfd.fd, ==, -1);
      fd = get_fd (cancellable);
      check (fd, cancellable);
      if (i > 0 && fd >= 0)
        g_cancellable_release_fd (cancellable);
      g_object_unref (cancellable);
    }
}

static gpointer
cancel (gpointer cancellable)
{
  g_cancellable_cancel (cancellable);
  return NULL;
}

/* A thread sleeps on the descriptor; another one cancels. */
static void
run_sleeper (void)
{
  GCancellable *cancellable = g_cancellable_new ();
  GPollFD pollfd = { .fd = -1 };
  gboolean made = g_cancellable_make_pollfd (cancellable, &pollfd);
  GThread *thread = g_thread_new ("cancel", cancel, cancellable);

  lend_object (cancellable);
  if (made)
    while (g_poll (&pollfd, 1, -1) != 1)
      g_assert_cmpint (errno, ==, EINTR);
  else
    while (!g_cancellable_is_cancelled (cancellable))
      g_thread_yield ();
  g_assert_true (g_cancellable_is_cancelled (cancellable));
  g_thread_join (thread);
  if (made)
    g_cancellable_release_fd (cancellable);
  g_object_unref (cancellable);
}

static gint fired;

static gboolean
count_fired (GCancellable *cancellable G_GNUC_UNUSED, gpointer data G_GNUC_UNUSED)
{
  g_atomic_int_inc (&fired);
  return G_SOURCE_CONTINUE;
}

#define SOURCES 5

/* Sources need neither a descriptor nor a thread of the library. */
static void
run_sources (void)
{
  GCancellable *cancellable = g_cancellable_new ();
  GSource *sources[SOURCES];
  GThread *thread;

  fired = 0;
  lend_object (cancellable);
  for (gint i = 0; i < SOURCES; i++)
    {
      sources[i] = g_cancellable_source_new (cancellable);
      g_source_set_callback (sources[i], G_SOURCE_FUNC (count_fired), lend (), give_back);
      g_source_attach (sources[i], NULL);
    }
  thread = g_thread_new ("cancel", cancel, cancellable);
  wait_for_count (NULL, &fired, SOURCES);
  g_thread_join (thread);
  for (gint i = 0; i < SOURCES; i++)
    {
      g_source_destroy (sources[i]);
      g_source_unref (sources[i]);
    }
  g_object_unref (cancellable);
  if (fault_calls)
    g_assert_cmpuint (fault_calls ("pthread_create") + fault_calls ("eventfd") + fault_calls ("pipe2"), ==, 0);
}

static gpointer
run_loop_in_new_context (gpointer data)
{
  GMainContext *context = g_main_context_new ();

  g_main_context_push_thread_default (context);
  while (g_main_context_iteration (context, FALSE))
    continue;
  g_main_context_pop_thread_default (context);
  g_main_context_unref (context);
  return data;
}

/* GLib's own descriptors and threads: none of this is the library's, and none of it fails. */
static void
run_glib_alone (void)
{
  gpointer loan = lend ();

  give_back (g_thread_join (g_thread_new ("glib", run_loop_in_new_context, loan)));
  if (fault_calls)
    g_assert_cmpuint (fault_calls ("pthread_create") + fault_calls ("eventfd") + fault_calls ("write"), ==, 0);
}

const Scenario cancellable_scenarios[] = {
  { "descriptors", run_descriptors, "storm few-descriptors no-descriptors one-worker no-worker lost-notes" },
  { "sleeper", run_sleeper, "storm few-descriptors no-descriptors" },
  { "sources", run_sources, "storm few-descriptors no-descriptors" },
  { "glib-alone", run_glib_alone, "storm few-descriptors" },
};
const gsize n_cancellable_scenarios = G_N_ELEMENTS (cancellable_scenarios);
