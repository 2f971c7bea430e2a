/* The descriptor of a GCancellable: one for all its users, made on request, readable exactly while cancelled. */
#define _GNU_SOURCE /* setitimer, sigaction */
#include "cancellable-helpers.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <unistd.h>

#define EXHAUSTED "6.23 (better): when no descriptor can be made the answer is -1 / FALSE (libgio aborts)"

static gboolean
fd_is_readable (int fd)
{
  GPollFD pollfd = { fd, G_IO_IN, 0 };

  return g_poll (&pollfd, 1, 0) == 1 && (pollfd.revents & G_IO_IN) != 0;
}

/* It becomes readable with cancel, stays so, and stops with reset, time after time. */
static void
test_readable (void)
{
  GCancellable *cancellable = g_cancellable_new ();
  int fd = g_cancellable_get_fd (cancellable);

  g_assert_cmpint (fd, >=, 0);
  for (int turn = 0; turn < 100; turn++)
    {
      g_assert_false (fd_is_readable (fd));
      g_cancellable_cancel (cancellable);
      g_cancellable_cancel (cancellable);
      g_assert_true (fd_is_readable (fd));
      g_assert_true (fd_is_readable (fd));
      g_cancellable_reset (cancellable);
    }
  g_cancellable_release_fd (cancellable);
  g_object_unref (cancellable);
}

/* Made after the cancellation it is readable at once (GLib bug 591388). */
static void
test_made_while_cancelled (void)
{
  GCancellable *cancellable = g_cancellable_new ();
  GPollFD pollfd;

  g_cancellable_cancel (cancellable);
  g_assert_true (g_cancellable_make_pollfd (cancellable, &pollfd));
  g_assert_cmpint (pollfd.events, ==, G_IO_IN);
  g_assert_true (fd_is_readable (pollfd.fd));
  g_cancellable_reset (cancellable);
  g_assert_false (fd_is_readable (pollfd.fd));
  g_cancellable_release_fd (cancellable);
  g_object_unref (cancellable);
}

static void
look_at_descriptor (GCancellable *cancellable, gpointer data)
{
  g_assert_true (fd_is_readable (GPOINTER_TO_INT (g_object_get_data (G_OBJECT (cancellable), "fd"))));
  tally_call (cancellable, data);
}

/* It is readable before the first handler runs. */
static void
test_readable_before_handlers (void)
{
  GCancellable *cancellable = g_cancellable_new ();
  Tally tally = { 0, 0 };

  g_object_set_data (G_OBJECT (cancellable), "fd", GINT_TO_POINTER (g_cancellable_get_fd (cancellable)));
  g_cancellable_connect (cancellable, G_CALLBACK (look_at_descriptor), &tally, NULL);
  g_cancellable_cancel (cancellable);
  assert_tally (&tally, 1, 0);
  g_cancellable_release_fd (cancellable);
  g_object_unref (cancellable);
}

/* It does not leak into programs this one starts (GLib bug 649225). */
static void
test_close_on_exec (void)
{
  GCancellable *cancellable = g_cancellable_new ();
  int flags = fcntl (g_cancellable_get_fd (cancellable), F_GETFD);

  g_assert_cmpint (flags, !=, -1);
  g_assert_cmpint (flags & FD_CLOEXEC, ==, FD_CLOEXEC);
  g_cancellable_release_fd (cancellable);
  g_object_unref (cancellable);
}

/* All users share one descriptor; the last one closes it; the next one gets a new one (GLib bug 591714). */
static void
test_many_users (void)
{
  enum { USERS = 1000 };
  GCancellable *cancellable = g_cancellable_new ();
  guint before = count_descriptors ();
  int fd = g_cancellable_get_fd (cancellable);

  for (int user = 1; user < USERS; user++)
    {
      GPollFD pollfd;

      g_assert_true (g_cancellable_make_pollfd (cancellable, &pollfd));
      g_assert_cmpint (pollfd.fd, ==, fd);
    }
  g_assert_cmpuint (count_descriptors (), ==, before + 1);
  for (int user = 1; user < USERS; user++)
    g_cancellable_release_fd (cancellable);
  g_cancellable_cancel (cancellable);
  g_assert_true (fd_is_readable (fd));
  g_cancellable_release_fd (cancellable);
  g_assert_cmpuint (count_descriptors (), ==, before);
  g_assert_true (fd_is_readable (g_cancellable_get_fd (cancellable)));
  g_assert_cmpuint (count_descriptors (), ==, before + 1);
  g_cancellable_release_fd (cancellable);
  g_assert_cmpuint (count_descriptors (), ==, before);
  g_object_unref (cancellable);
}

/* Two objects have two descriptors. */
static void
test_one_per_object (void)
{
  GCancellable *first = g_cancellable_new ();
  GCancellable *second = g_cancellable_new ();
  int first_fd = g_cancellable_get_fd (first);
  int second_fd = g_cancellable_get_fd (second);

  g_assert_cmpint (first_fd, !=, second_fd);
  g_cancellable_cancel (first);
  g_assert_true (fd_is_readable (first_fd));
  g_assert_false (fd_is_readable (second_fd));
  g_cancellable_release_fd (first);
  g_cancellable_release_fd (second);
  g_object_unref (first);
  g_object_unref (second);
}

/* Nobody who does not ask for a descriptor gets one. */
static void
test_none_before_first_request (void)
{
  GCancellable *cancellable = g_cancellable_new ();
  Tally tally = { 0, 0 };
  guint before = count_descriptors ();

  g_cancellable_connect (cancellable, G_CALLBACK (tally_call), &tally, NULL);
  g_cancellable_cancel (cancellable);
  g_cancellable_connect (cancellable, G_CALLBACK (tally_call), &tally, NULL);
  g_cancellable_reset (cancellable);
  g_cancellable_release_fd (NULL);
  assert_tally (&tally, 2, 0);
  g_assert_cmpuint (count_descriptors (), ==, before);
  g_object_unref (cancellable);
}

/* A descriptor nobody released is closed with the object. */
static void
test_no_leak (void)
{
  guint before = count_descriptors ();

  for (int round = 0; round < 100; round++)
    {
      GCancellable *cancellable = g_cancellable_new ();

      g_assert_cmpint (g_cancellable_get_fd (cancellable), >=, 0);
      if (round % 2)
        g_cancellable_get_fd (cancellable);
      if (round % 3)
        g_cancellable_cancel (cancellable);
      g_object_unref (cancellable);
    }
  g_assert_cmpuint (count_descriptors (), ==, before);
}

static gpointer
poll_for_ever (gpointer data)
{
  GPollFD pollfd;
  int ready;

  g_assert_true (g_cancellable_make_pollfd (data, &pollfd));
  do
    ready = g_poll (&pollfd, 1, -1);
  while (ready != 1);
  g_assert_cmpint (pollfd.revents & G_IO_IN, ==, G_IO_IN);
  g_cancellable_release_fd (data);
  return NULL;
}

/* A thread that sleeps in poll() is woken by a cancel elsewhere. */
static void
test_wakes_poll (void)
{
  GCancellable *cancellable = g_cancellable_new ();
  GThread *threads[4];

  for (gsize i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("poll", poll_for_ever, cancellable);
  g_cancellable_cancel (cancellable);
  for (gsize i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);
  g_object_unref (cancellable);
}

static volatile sig_atomic_t alarms;

static void
on_alarm (G_GNUC_UNUSED int signal_number)
{
  alarms++;
}

/* Signals that interrupt system calls do not make reset forget the descriptor (GLib !3621). */
static void
test_signal_storm (void)
{
  enum { ROUNDS = 20000 };
  struct sigaction action = { .sa_handler = on_alarm }, old;
  struct itimerval often = { { 0, 100 }, { 0, 100 } }, never = { { 0, 0 }, { 0, 0 } };
  GCancellable *cancellable = g_cancellable_new ();
  int fd = g_cancellable_get_fd (cancellable);

  g_assert_cmpint (sigaction (SIGALRM, &action, &old), ==, 0);
  g_assert_cmpint (setitimer (ITIMER_REAL, &often, NULL), ==, 0);
  for (int round = 0; round < ROUNDS; round++)
    {
      g_cancellable_cancel (cancellable);
      g_cancellable_reset (cancellable);
      if (fd_is_readable (fd))
        g_error ("readable after reset in round %d", round);
    }
  g_assert_cmpint (setitimer (ITIMER_REAL, &never, NULL), ==, 0);
  /* One may still be on its way. */
  action.sa_handler = SIG_IGN;
  g_assert_cmpint (sigaction (SIGALRM, &action, NULL), ==, 0);
  g_assert_cmpint (sigaction (SIGALRM, &old, NULL), ==, 0);
  g_test_message ("%d rounds, %d signals", ROUNDS, (int) alarms);
  g_cancellable_release_fd (cancellable);
  g_object_unref (cancellable);
}

/* Opens descriptors until there are no more, returns how many it was. */
static gsize
exhaust_descriptors (int *opened, gsize room)
{
  struct rlimit limit;
  gsize n = 0;

  g_assert_cmpint (getrlimit (RLIMIT_NOFILE, &limit), ==, 0);
  limit.rlim_cur = MIN (limit.rlim_cur, 64);
  g_assert_cmpint (setrlimit (RLIMIT_NOFILE, &limit), ==, 0);
  while (n < room && (opened[n] = open ("/dev/null", O_RDONLY | O_CLOEXEC)) >= 0)
    n++;
  g_assert_cmpuint (n, >, 0);
  g_assert_cmpuint (n, <, room);
  return n;
}

/* Out of descriptors: refused, nothing counted, and all is well as soon as there is one again. */
static void
test_exhausted (void)
{
  GCancellable *cancellable = g_cancellable_new ();
  GPollFD pollfd = { -5, 7, 9 };
  Tally tally = { 0, 0 };
  int opened[128];
  gsize n = exhaust_descriptors (opened, G_N_ELEMENTS (opened));
  int fd;

  g_assert_cmpint (g_cancellable_get_fd (cancellable), ==, -1);
  g_assert_cmpint (g_cancellable_make_pollfd (cancellable, &pollfd), ==, FALSE);
  g_cancellable_connect (cancellable, G_CALLBACK (tally_call), &tally, NULL);
  g_cancellable_cancel (cancellable);
  assert_tally (&tally, 1, 0);
  g_assert_cmpint (g_cancellable_get_fd (cancellable), ==, -1);
  close (opened[--n]);
  fd = g_cancellable_get_fd (cancellable);
  g_assert_cmpint (fd, ==, opened[n]);
  g_assert_true (fd_is_readable (fd));
  g_cancellable_release_fd (cancellable); /* the one user: the refused requests did not count */
  g_assert_cmpint (fcntl (fd, F_GETFD), ==, -1);
  g_object_unref (cancellable);
  while (n > 0)
    close (opened[--n]);
}

/* Who has the descriptor already is not refused when there is no other. */
static void
test_exhausted_but_made (void)
{
  GCancellable *cancellable = g_cancellable_new ();
  int fd = g_cancellable_get_fd (cancellable);
  int opened[128];
  gsize n = exhaust_descriptors (opened, G_N_ELEMENTS (opened));

  g_assert_cmpint (g_cancellable_get_fd (cancellable), ==, fd);
  g_cancellable_cancel (cancellable);
  g_assert_true (fd_is_readable (fd));
  g_cancellable_release_fd (cancellable);
  g_cancellable_release_fd (cancellable);
  while (n > 0)
    close (opened[--n]);
  g_object_unref (cancellable);
}

static const Case cases[] = {
  { "/cancellable/fd/readable", test_readable, NULL, 0 },
  { "/cancellable/fd/made-while-cancelled", test_made_while_cancelled, NULL, 0 },
  { "/cancellable/fd/readable-before-handlers", test_readable_before_handlers, NULL, 0 },
  { "/cancellable/fd/close-on-exec", test_close_on_exec, NULL, 0 },
  { "/cancellable/fd/many-users", test_many_users, NULL, 0 },
  { "/cancellable/fd/one-per-object", test_one_per_object, NULL, 0 },
  { "/cancellable/fd/none-before-first-request", test_none_before_first_request, NULL, 0 },
  { "/cancellable/fd/no-leak", test_no_leak, NULL, 0 },
  { "/cancellable/fd/wakes-poll", test_wakes_poll, NULL, 0 },
  { "/cancellable/fd/signal-storm", test_signal_storm, NULL, 0 },
  { "/cancellable/fd/exhausted", test_exhausted, EXHAUSTED, 5 },
  { "/cancellable/fd/exhausted-but-made", test_exhausted_but_made, NULL, 5 },
};

HARNESS_MAIN (cases)
