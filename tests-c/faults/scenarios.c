/* scenario NAME [CONDITION]: runs one scenario, perhaps under the fault library, and in the end says on one line how
 * often each call was made, and how often it failed. Ends with an error if a promise was broken, with SIGALRM if it
 * hung. CONDITION: see `conditions`. `scenario` alone lists them. */
#define _GNU_SOURCE
#include "fault.h"
#include "scenarios.h"

#include <grp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#define LIMIT_SECONDS 8
#define LIMIT_SECONDS_QUICK 300 /* under a slow checker */
#define STORM_ROUNDS 100
#define STORM_NANOSECONDS 200000
#define FEW_DESCRIPTORS 16

gboolean descriptors_used_up;

static gint lent, given_back;
static guint rounds = 1;

gpointer
lend (void)
{
  g_atomic_int_inc (&lent);
  return &given_back;
}

void
give_back (gpointer loan)
{
  g_atomic_int_inc ((gint *) loan);
}

void
lend_object (gpointer object)
{
  watch (object, lend ());
}

/* Everything has been given back once, and stays so. */
static void
settle_accounts (void)
{
  wait_for_count (NULL, &given_back, lent);
  drain (NULL);
  g_assert_cmpint (given_back, ==, lent);
}

static volatile sig_atomic_t interruptions;

static void
interrupt (int number G_GNUC_UNUSED)
{
  interruptions++;
}

/* From now on every call that can be interrupted is, often. */
static void
storm (void)
{
  struct sigaction action = { .sa_handler = interrupt }; /* without SA_RESTART */
  struct sigevent event = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1 };
  struct itimerspec period = { { 0, STORM_NANOSECONDS }, { 0, STORM_NANOSECONDS } };
  timer_t timer;

  rounds = harness_rounds (STORM_ROUNDS);
  g_assert_cmpint (sigaction (SIGUSR1, &action, NULL), ==, 0);
  g_assert_cmpint (timer_create (CLOCK_MONOTONIC, &event, &timer), ==, 0);
  g_assert_cmpint (timer_settime (timer, 0, &period, NULL), ==, 0);
}

static void
allow_few_descriptors (void)
{
  struct rlimit few;

  g_assert_cmpint (getrlimit (RLIMIT_NOFILE, &few), ==, 0);
  few.rlim_cur = FEW_DESCRIPTORS;
  g_assert_cmpint (setrlimit (RLIMIT_NOFILE, &few), ==, 0);
}

static void
use_up_descriptors (void)
{
  allow_few_descriptors ();
  while (dup (STDERR_FILENO) >= 0)
    continue;
  descriptors_used_up = TRUE;
}

/* A user of this process alone may have so many threads. */
static void
allow_threads (rlim_t threads)
{
  struct rlimit few = { threads, threads };
  uid_t user = 100000 + (uid_t) getpid ();

  g_assert_cmpint (setrlimit (RLIMIT_NPROC, &few), ==, 0);
  g_assert_cmpint (setgroups (0, NULL), ==, 0);
  g_assert_cmpint (setgid (user), ==, 0);
  g_assert_cmpint (setuid (user), ==, 0);
}

static void
allow_one_worker (void)
{
  allow_threads (2);
}

static void
allow_no_worker (void)
{
  allow_threads (1);
}

static const struct
{
  const char *name;
  void (*begin) (void);
} conditions[] = {
  { "storm", storm },
  { "few-descriptors", allow_few_descriptors },
  { "no-descriptors", use_up_descriptors },
  { "one-worker", allow_one_worker },
  { "no-worker", allow_no_worker },
};

static const Scenario *
find_scenario (const char *name)
{
  for (gsize i = 0; i < n_cancellable_scenarios; i++)
    if (g_str_equal (cancellable_scenarios[i].name, name))
      return &cancellable_scenarios[i];
  for (gsize i = 0; i < n_task_scenarios; i++)
    if (g_str_equal (task_scenarios[i].name, name))
      return &task_scenarios[i];
  for (gsize i = 0; i < n_initable_scenarios; i++)
    if (g_str_equal (initable_scenarios[i].name, name))
      return &initable_scenarios[i];
  g_error ("no such scenario: %s", name);
}

static void
begin_condition (const char *name)
{
  for (gsize i = 0; i < G_N_ELEMENTS (conditions); i++)
    if (g_str_equal (conditions[i].name, name))
      {
        conditions[i].begin ();
        return;
      }
  g_error ("no such condition: %s", name);
}

/* Each with its conditions. */
static void
list (const Scenario *scenarios, gsize n)
{
  for (gsize i = 0; i < n; i++)
    printf ("%s %s\n", scenarios[i].name, scenarios[i].conditions);
}

int
main (int argc, char **argv)
{
  static const char *const names[] = { "pthread_create", "eventfd", "pipe2", "write", "read" };
  const Scenario *scenario;
  guint descriptors;

  if (argc < 2)
    {
      list (cancellable_scenarios, n_cancellable_scenarios);
      list (task_scenarios, n_task_scenarios);
      list (initable_scenarios, n_initable_scenarios);
      return 0;
    }
  alarm (harness_rounds (100) == 100 ? LIMIT_SECONDS : LIMIT_SECONDS_QUICK);
  g_log_set_always_fatal (G_LOG_LEVEL_CRITICAL | G_LOG_LEVEL_WARNING | G_LOG_LEVEL_ERROR);
  scenario = find_scenario (argv[1]);
  drain (NULL); /* the default context has its descriptor */
  if (argc > 2)
    begin_condition (argv[2]);
  descriptors = descriptors_used_up ? 0 : count_descriptors ();
  for (guint i = 0; i < rounds; i++)
    {
      scenario->run ();
      settle_accounts ();
    }
  if (!descriptors_used_up)
    await_descriptors (descriptors);
  g_assert_cmpint (lent, >, 0);
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    printf (" %s %u %u", names[i], fault_calls ? fault_calls (names[i]) : 0,
            fault_injected ? fault_injected (names[i]) : 0);
  printf (" interruptions %d\n", interruptions);
  return 0;
}
