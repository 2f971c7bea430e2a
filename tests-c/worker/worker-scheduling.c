/* Workers have the scheduling class and nice value of the process, whoever queued the first task. */
#define _GNU_SOURCE /* SCHED_IDLE, setresuid */
#include "task-helpers.h"

#include <sched.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#define TASKS 14 /* more than the base of the pool */
#define NICE 15

/* How a thread is scheduled. */
typedef struct
{
  int policy;
  int nice;
} Scheduling;

static Scheduling
own_scheduling (void)
{
  return (Scheduling) { sched_getscheduler (0), getpriority (PRIO_PROCESS, (id_t) syscall (SYS_gettid)) };
}

/* FALSE if that is not allowed here. */
static gboolean
take_scheduling (Scheduling scheduling)
{
  struct sched_param parameters = { .sched_priority = scheduling.policy == SCHED_RR };

  return setpriority (PRIO_PROCESS, (id_t) syscall (SYS_gettid), scheduling.nice) == 0 &&
         sched_setscheduler (0, scheduling.policy, &parameters) == 0;
}

typedef struct
{
  Scheduling expected;
  Gate *gate; /* or NULL */
  gint same;
  gint others;
} Workers;

static void
look (GTask *task, gpointer source G_GNUC_UNUSED, gpointer data, GCancellable *cancellable G_GNUC_UNUSED)
{
  Workers *workers = data;
  Scheduling own = own_scheduling ();
  gboolean same = own.policy == workers->expected.policy && own.nice == workers->expected.nice;

  if (workers->gate)
    gate_pass (workers->gate);
  g_usleep (5000); /* so that each gets a worker */
  g_atomic_int_inc (same ? &workers->same : &workers->others);
  g_task_return_boolean (task, TRUE);
}

/* In a context that nobody iterates: nothing is called back. */
static void
start (Workers *workers, gint n)
{
  for (gint i = 0; i < n; i++)
    {
      GTask *task = g_task_new (NULL, NULL, NULL, NULL);

      g_task_set_task_data (task, workers, NULL);
      g_task_run_in_thread (task, look);
      g_object_unref (task);
    }
}

static void
await (Workers *workers, gint n)
{
  gint64 end = g_get_monotonic_time () + 5 * G_USEC_PER_SEC;

  while (g_atomic_int_get (&workers->same) + g_atomic_int_get (&workers->others) < n && g_get_monotonic_time () < end)
    g_usleep (100);
}

static void
assert_all_alike (Workers *workers, gint n)
{
  start (workers, n);
  await (workers, n);
  g_assert_cmpint (workers->others, ==, 0);
  g_assert_cmpint (workers->same, ==, n);
}

/* A thread that changes its own scheduling and then starts tasks. */
typedef struct
{
  Scheduling own;
  Workers workers;
  gboolean allowed;
  gboolean waits;
} Background;

static gpointer
run_background (gpointer data)
{
  Background *background = data;

  background->allowed = take_scheduling (background->own);
  if (!background->allowed)
    return NULL;
  start (&background->workers, TASKS);
  if (background->waits)
    await (&background->workers, TASKS);
  return NULL;
}

static const Scheduling schedulings[] = {
  { SCHED_OTHER, NICE }, { SCHED_IDLE, 0 }, { SCHED_IDLE, NICE }, { SCHED_BATCH, 0 }, { SCHED_RR, 0 }, { SCHED_OTHER, -5 },
};

static void
run_first_in_background (Scheduling scheduling)
{
  Background background = { .own = scheduling, .workers = { .expected = own_scheduling () }, .waits = TRUE };
  Workers later = { .expected = background.workers.expected };

  g_thread_join (g_thread_new ("background", run_background, &background));
  if (!background.allowed)
    {
      harness_skip ("the system does not allow it");
      return;
    }
  g_assert_cmpint (background.workers.others, ==, 0);
  g_assert_cmpint (background.workers.same, ==, TASKS);
  assert_all_alike (&later, TASKS);
}

/* The main thread has made the type, as most programs do sooner or later. */
static void
run_after_main (Scheduling scheduling)
{
  g_type_ensure (G_TYPE_TASK);
  run_first_in_background (scheduling);
}

#define CASE(name, number) \
  static void test_ ## name (void) { run_after_main (schedulings[number]); } \
  static void test_ ## name ## _first (void) { run_first_in_background (schedulings[number]); }

CASE (nice, 0)
CASE (idle, 1)
CASE (idle_and_nice, 2)
CASE (batch, 3)
CASE (real_time, 4)
CASE (urgent, 5)

/* Nobody has changed anything: workers are as the main thread is, also if that was changed before. */
static void
test_process (void)
{
  Workers workers;

  g_assert_true (take_scheduling (schedulings[0]));
  workers = (Workers) { .expected = own_scheduling () };
  g_assert_cmpint (workers.expected.nice, ==, NICE);
  assert_all_alike (&workers, TASKS);
}

/* What the main thread gives itself when there is the type is its own. */
static void
test_main_later (void)
{
  Workers workers = { .expected = own_scheduling () };

  g_type_ensure (G_TYPE_TASK);
  g_assert_true (take_scheduling (schedulings[0]));
  assert_all_alike (&workers, TASKS);
}

/* Without rights a raised nice value can't be lowered again. */
static gboolean
drop_rights (void)
{
  struct rlimit none = { 0, 0 };

  return setrlimit (RLIMIT_NICE, &none) == 0 && (geteuid () != 0 || setresuid (65534, 65534, 65534) == 0);
}

static Gate gate;

/* Runs tasks, one at a time. FALSE if one took so long that the monitor, which looks after 50 ms, may have
 * started a worker; then it waits until that has left. */
static gboolean
run_quickly (Workers *workers)
{
  gint64 longest = 0;

  for (gint i = 0; i < TASKS; i++)
    {
      gint64 begun = g_get_monotonic_time ();

      start (workers, 1);
      await (workers, i + 1);
      longest = MAX (longest, g_get_monotonic_time () - begun);
    }
#ifdef ON_GIO
  longest = 0; /* it has no monitor */
#endif
  if (longest <= 40000)
    return TRUE;
  g_usleep (G_USEC_PER_SEC * 5 / 4);
  return FALSE;
}

static void
run_without_rights (gboolean busy)
{
  Background background = { .own = schedulings[2], .workers = { .gate = busy ? &gate : NULL }, .waits = !busy };
  Workers later = { .expected = own_scheduling () };

  gate_init (&gate);
  g_type_ensure (G_TYPE_TASK);
  if (drop_rights ())
    g_thread_join (g_thread_new ("background", run_background, &background));
  if (!background.allowed)
    {
      harness_skip ("the system does not allow it");
      return;
    }
  if (busy)
    gate_await (&gate, 10);
  else
    g_usleep (G_USEC_PER_SEC / 10); /* they leave when they are idle */
  /* Never more at once than the base of the pool: what grows is started by the monitor, which may be of either kind. */
  for (guint round = 0; !run_quickly (&later) && round < 10; round++)
    later.same = later.others = 0;
  g_assert_cmpint (later.others, ==, 0);
  g_assert_cmpint (later.same, ==, TASKS);
  gate_let_out (&gate, TASKS);
  await (&background.workers, TASKS);
}

/* What a thread in the background has started then does nothing for others. */
static void
test_without_rights (void)
{
  run_without_rights (FALSE);
}

/* Nor do others wait while all that it has started are busy. */
static void
test_without_rights_busy (void)
{
  run_without_rights (TRUE);
}

#define WHOEVER_IS_FIRST "5.28 (better): the scheduling of the process, whoever queued the first task"

static const Case cases[] = {
  { "/worker-scheduling/nice", test_nice, NULL, 8 },
  { "/worker-scheduling/idle", test_idle, NULL, 8 },
  { "/worker-scheduling/idle-and-nice", test_idle_and_nice, NULL, 8 },
  { "/worker-scheduling/batch", test_batch, NULL, 8 },
  { "/worker-scheduling/real-time", test_real_time, NULL, 8 },
  { "/worker-scheduling/urgent", test_urgent, NULL, 8 },
  { "/worker-scheduling/first/nice", test_nice_first, WHOEVER_IS_FIRST, 8 },
  { "/worker-scheduling/first/idle", test_idle_first, WHOEVER_IS_FIRST, 8 },
  { "/worker-scheduling/first/idle-and-nice", test_idle_and_nice_first, WHOEVER_IS_FIRST, 8 },
  { "/worker-scheduling/first/batch", test_batch_first, WHOEVER_IS_FIRST, 8 },
  { "/worker-scheduling/first/real-time", test_real_time_first, WHOEVER_IS_FIRST, 8 },
  { "/worker-scheduling/first/urgent", test_urgent_first, WHOEVER_IS_FIRST, 8 },
  { "/worker-scheduling/process", test_process, NULL, 8 },
  { "/worker-scheduling/main-later", test_main_later, NULL, 8 },
  { "/worker-scheduling/without-rights", test_without_rights, "until 2.84: " WHOEVER_IS_FIRST, 30 },
  { "/worker-scheduling/without-rights/busy", test_without_rights_busy, "until 2.84: " WHOEVER_IS_FIRST, 30 },
};

HARNESS_MAIN (cases)
