/* A program that iterates gets everything freed where it iterates, however busy it is; and nobody takes its context. */
#include "release-helpers.h"

#define BUSY_MS 300
#define ROUNDS 3
#define GIVEN 20

/* Stays in the callback after the last references have gone on workers. */
static gboolean
give_and_be_busy (gpointer data)
{
  gint *done = data;
  gint64 begun = g_get_monotonic_time (), end = begun + BUSY_MS * 1000, now;
  gint given = 0;

  /* What the loop left for a second after it was handed over, a release thread may take (5.32). */
  releases.late_from = begun + G_USEC_PER_SEC;
  /* A slow machine gives fewer in this time. */
  do
    {
      give_to_worker (new_done_task (return_pointer));
      given++;
      now = g_get_monotonic_time ();
    }
  while (given < GIVEN && now < end);
  if (now < end)
    g_usleep ((gulong) (end - now));
  g_atomic_int_set (done, given);
  return G_SOURCE_REMOVE;
}

static void
assert_released_at_home (gint expected)
{
  g_assert_cmpint (releases.everywhere, ==, expected);
  g_test_message ("%d releases, %d of them elsewhere, and %d late", expected, releases.elsewhere, releases.late);
  g_assert_cmpint (releases.elsewhere, ==, 0);
}

/* NULL: this thread iterates the default context. */
static void
await (GMainContext *context, gint *counter, gint target)
{
  if (context == NULL)
    wait_for_count (NULL, counter, target);
  else
    await_count (counter, target);
}

/* Callback after callback, until everything was released within the second that a loop has in ROUNDS of them. */
static void
be_busy (GMainContext *context, GThread *home)
{
  gint expected = 0, in_time = 0;

  begin (home);
  while (in_time < ROUNDS)
    {
      gint given = 0, late = releases.late;

      call_from_source (context, give_and_be_busy, &given);
      await (context, &given, 1);
      expected += 3 * given;
      await (context, &releases.everywhere, expected);
      assert_released_at_home (expected);
      if (releases.late == late)
        in_time++;
    }
}

/* From the very first callback on, and in several that follow each other. */
static void
test_busy (void)
{
  be_busy (NULL, g_thread_self ());
}

/* The same in a thread with a context of its own. */
static void
test_busy_thread (void)
{
  ContextThread *thread = context_thread_new ();

  be_busy (context_thread_get_context (thread), context_thread_get_thread (thread));
  context_thread_free (thread);
}

typedef struct
{
  GMainContext *context;
  GTask *tasks[GIVEN];
} Sleeper;

static gpointer
give_to_sleeper (gpointer data)
{
  Sleeper *sleeper = data;

  for (gint i = 0; i < GIVEN; i++)
    {
      g_usleep (5000); /* the loop sleeps again, as a rule */
      /* What it leaves for a second, a release thread may take (5.32). */
      releases.late_from = g_get_monotonic_time () + G_USEC_PER_SEC;
      give_to_worker (sleeper->tasks[i]);
      await_count (&releases.everywhere, 3 * (i + 1));
    }
  g_main_context_wakeup (sleeper->context);
  return NULL;
}

static void
sleep_and_be_given (void)
{
  Sleeper sleeper = { .context = g_main_context_new () };
  GThread *giver;

  begin (g_thread_self ());
  g_main_context_push_thread_default (sleeper.context);
  for (gint i = 0; i < GIVEN; i++)
    sleeper.tasks[i] = new_done_task (return_pointer);
  g_main_context_pop_thread_default (sleeper.context);
  drain (sleeper.context);
  giver = g_thread_new ("giver", give_to_sleeper, &sleeper);
  while (g_atomic_int_get (&releases.everywhere) < 3 * GIVEN)
    g_main_context_iteration (sleeper.context, TRUE);
  g_thread_join (giver);
  assert_released_at_home (3 * GIVEN);
  g_main_context_unref (sleeper.context);
}

/* A loop that sleeps is woken for what is to be released: nothing else wakes it before. If a release thread took some,
 * as the loop was held up for a second, this is done again. */
static void
test_asleep (void)
{
  guint rounds = 0;

  do
    {
      g_assert_cmpuint (rounds++, <, 3);
      sleep_and_be_given ();
    }
  while (releases.late != 0);
}

/* Who makes tasks of the context that is looked at, and lets workers drop them, until it is told to stop. */
typedef struct
{
  gint stop;
  gint stopped;
  gint given;
} Giver;

static gpointer
give_until_stopped (gpointer data)
{
  Giver *giver = data;

  while (!g_atomic_int_get (&giver->stop))
    {
      give_to_worker (new_done_task (return_pointer));
      g_atomic_int_inc (&giver->given);
    }
  g_atomic_int_inc (&giver->stopped);
  return NULL;
}

static void
drop_own (GTask *task, gpointer source G_GNUC_UNUSED, gpointer data, GCancellable *cancellable G_GNUC_UNUSED)
{
  Giver *giver = data;

  while (!g_atomic_int_get (&giver->stop))
    {
      GTask *own = new_watched_task (NULL, NULL, NULL);

      g_task_run_in_thread_sync (own, return_error);
      g_object_unref (own);
      g_atomic_int_inc (&giver->given);
    }
  g_task_return_boolean (task, TRUE);
  g_atomic_int_inc (&giver->stopped);
}

static void
return_and_unref (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  return_pointer (task, source, data, cancellable);
  g_object_unref (task);
}

static gboolean
note_dispatch (gpointer ran)
{
  *(gboolean *) ran = TRUE;
  return G_SOURCE_REMOVE;
}

#define LOOKS 100000
#define PRIVATE_LOOKS 5000

/* This thread can have the context, and what is ready there is dispatched. */
static void
assert_is_free (GMainContext *context)
{
  GSource *idle = g_idle_source_new ();
  gboolean ran = FALSE;

  g_assert_true (g_main_context_acquire (context));
  g_main_context_release (context);
  g_source_set_priority (idle, G_PRIORITY_HIGH);
  g_source_set_callback (idle, note_dispatch, &ran, NULL);
  g_source_attach (idle, context);
  g_source_unref (idle);
  g_assert_true (g_main_context_iteration (context, FALSE));
  g_assert_true (ran);
  /* A refusal is a critical, which ends the program. */
  g_main_context_push_thread_default (context);
  g_main_context_pop_thread_default (context);
}

/* Meanwhile workers drop the last references to tasks that other threads made, and to tasks that they made. */
static void
test_default_context_is_free (void)
{
  Giver giver = { 0 };
  GThread *thread;
  gint looks = harness_rounds (LOOKS);

  begin (NULL);
  thread = g_thread_new ("giver", give_until_stopped, &giver);
  for (gint i = 0; i < 2; i++)
    {
      GTask *task = g_task_new (NULL, NULL, NULL, NULL);

      g_task_set_task_data (task, &giver, NULL);
      g_task_run_in_thread (task, drop_own);
      g_object_unref (task);
    }
  await_count (&giver.given, 1);
  for (gint i = 0; i < looks; i++)
    {
      assert_is_free (g_main_context_default ());
      if (i % 1000 == 0)
        g_usleep (1000);
    }
  g_atomic_int_set (&giver.stop, 1);
  g_thread_join (thread);
  await_count (&giver.stopped, 3);
  g_assert_cmpint (giver.given, >, 0);
  wait_for_count (NULL, &releases.everywhere, 3 * giver.given);
  g_assert_cmpint (releases.everywhere, ==, 3 * giver.given);
}

/* Meanwhile the functions of tasks that this thread made for its own context drop their last references. */
static void
test_private_context_is_free (void)
{
  GMainContext *context = g_main_context_new ();
  gint looks = harness_rounds (PRIVATE_LOOKS);

  begin (NULL);
  for (gint i = 0; i < looks; i++)
    {
      GTask *task, *done;

      g_main_context_push_thread_default (context);
      task = new_watched_task (NULL, NULL, NULL);
      done = new_done_task (return_pointer);
      g_main_context_pop_thread_default (context);
      g_task_run_in_thread (task, return_and_unref);
      give_to_worker (done);
      assert_is_free (context);
      if (i % 1000 == 0)
        g_usleep (1000);
    }
  wait_for_count (context, &releases.everywhere, 6 * looks);
  g_assert_cmpint (releases.everywhere, ==, 6 * looks);
  g_main_context_unref (context);
}

static const Case cases[] = {
  { "/task-release-busy/first", test_busy, "5.29 (better): no worker releases while somebody iterates", 20 },
  { "/task-release-busy/thread", test_busy_thread, "5.29 (better): no worker releases while somebody iterates", 20 },
  { "/task-release-busy/asleep", test_asleep, "5.29 (better): no worker releases while somebody iterates", 10 },
  { "/task-release-busy/default-context-is-free", test_default_context_is_free, NULL, 60 },
  { "/task-release-busy/private-context-is-free", test_private_context_is_free, NULL, 60 },
};

HARNESS_MAIN (cases)
