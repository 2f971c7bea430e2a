/* Chains of objects that hold each other: how much stack a level takes, when its release is done, and that a million
 * of levels can be released on a small stack. */
#include "release-chains.h"

#include <pthread.h>

/* A kind of chain, and the bytes of stack that a level takes with libgio 2.74.6 on x86-64. */
typedef struct
{
  const char *name;
  NewLevel new_level;
  gsize bytes;
} Kind;

static const Kind kinds[] = {
  { "task data", task_with_data, 80 },
  { "source object", task_with_source, 80 },
  { "result", task_with_result, 80 },
  { "value", task_with_value, 112 },
  { "object between", task_with_object, 176 },
  { "task's cancellable's handler", task_with_cancellable, 576 },
  { "mixture", mixture, 112 },
  { "simple, result", simple_with_result, 80 },
  { "simple, source object", simple_with_source, 80 },
  { "cancellable's handler", cancellable_with_handler, 496 },
};

static gpointer
new_chain (NewLevel new_level, gint levels)
{
  gpointer chain = NULL;

  n_released = n_at_return = 0;
  barred = NULL;
  for (gint i = 0; i < levels; i++)
    chain = new_level (chain);
  return chain;
}

/* So many levels must not need a loop. */
#define SHORT 200

/* Each release is done when its unref returns, at every level. */
static void
test_at_once (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      gpointer chain = new_chain (kinds[i].new_level, SHORT);

      n_at_return = SHORT;
      g_object_unref (chain);
      g_assert_cmpint (n_released, ==, SHORT);
    }
}

/* The numbers are those of one GLib. */
static void
assert_stack (const char *name, gsize at_most)
{
  if (!MEASURES_STACK || glib_minor_version != 74)
    return;
  g_test_message ("%s: %" G_GSIZE_FORMAT " bytes of stack for a level", name, bytes_per_level ());
  g_assert_cmpuint (bytes_per_level (), <=, at_most);
}

static void
test_stack (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      gpointer chain = new_chain (kinds[i].new_level, SHORT);

      measure_stack ();
      g_object_unref (chain);
      assert_stack (kinds[i].name, kinds[i].bytes);
    }
}

/* Enough to run out of eight megabytes, and of the one that a thread gets here. */
#define LONG 1000000
#define LONG_ENOUGH_TO_CRASH 200000
#define STACK_SIZE (1024 * 1024)

static gint
long_length (void)
{
#ifdef ON_GIO
  return LONG_ENOUGH_TO_CRASH;
#else
  return harness_rounds (LONG);
#endif
}

static void *
unref_chain (void *chain)
{
  g_object_unref (chain);
  return NULL;
}

/* A long chain is released on a small stack, and wholly so when its unref returns. */
static void
release_long (NewLevel new_level)
{
  gint levels = long_length ();
  gpointer chain = new_chain (new_level, levels);
  pthread_attr_t attributes;
  pthread_t thread;

  pthread_attr_init (&attributes);
  g_assert_cmpint (pthread_attr_setstacksize (&attributes, STACK_SIZE), ==, 0);
  g_assert_cmpint (pthread_create (&thread, &attributes, unref_chain, chain), ==, 0);
  pthread_join (thread, NULL);
  pthread_attr_destroy (&attributes);
  g_assert_cmpint (n_released, ==, levels);
}

static void
test_long_data (void)
{
  release_long (task_with_data);
}

static void
test_long_source (void)
{
  release_long (task_with_source);
}

static void
test_long_result (void)
{
  release_long (task_with_result);
}

static void
test_long_value (void)
{
  release_long (task_with_value);
}

static void
test_long_object (void)
{
  release_long (task_with_object);
}

static void
test_long_cancellable (void)
{
  release_long (task_with_cancellable);
}

static void
test_long_mixture (void)
{
  release_long (mixture);
}

static void
test_long_simple (void)
{
  release_long (simple_with_result);
  release_long (simple_with_source);
}

static gboolean bars_worker;

static void
unref_on_worker (GTask *task, gpointer source G_GNUC_UNUSED, gpointer chain, GCancellable *cancellable G_GNUC_UNUSED)
{
  if (bars_worker)
    barred = g_thread_self ();
  g_object_unref (chain);
  g_task_return_boolean (task, TRUE);
}

static void
give_to_worker (gpointer chain, gboolean bars)
{
  GTask *task = g_task_new (NULL, NULL, NULL, NULL);

  bars_worker = bars;
  g_task_set_task_data (task, chain, NULL);
  g_task_run_in_thread_sync (task, unref_on_worker);
  g_object_unref (task);
}

/* Dropped by a task function: the loop releases all of it, and the worker nothing. */
static void
test_long_worker (void)
{
  gint levels = long_length ();

  /* The outermost object itself ends on the worker, so what is counted must be what it holds. */
  give_to_worker (task_with_data (new_chain (mixture, levels - 1)), TRUE);
  wait_for_count (NULL, &n_released, levels);
  g_assert_cmpint (n_released, ==, levels);
}

/* The same when nobody iterates any more. */
static void
test_long_no_loop (void)
{
  gint levels = long_length ();

  give_to_worker (new_chain (mixture, levels), FALSE);
  await_count (&n_released, levels);
  g_assert_cmpint (n_released, ==, levels);
}

#define BETTER "5.35 (better): beyond some hundred nested releases the rest goes by a loop"

static const Case cases[] = {
  { "/task-release-chains/at-once", test_at_once, NULL, 0 },
  { "/task-release-chains/stack", test_stack, NULL, 0 },
  { "/task-release-chains/long/data", test_long_data, BETTER, 60 },
  { "/task-release-chains/long/source", test_long_source, BETTER, 60 },
  { "/task-release-chains/long/result", test_long_result, BETTER, 60 },
  { "/task-release-chains/long/value", test_long_value, BETTER, 60 },
  { "/task-release-chains/long/object", test_long_object, BETTER, 60 },
  { "/task-release-chains/long/cancellable", test_long_cancellable, BETTER, 60 },
  { "/task-release-chains/long/mixture", test_long_mixture, BETTER, 60 },
  { "/task-release-chains/long/simple", test_long_simple, BETTER, 60 },
  { "/task-release-chains/long/worker", test_long_worker, BETTER, 60 },
  { "/task-release-chains/long/no-loop", test_long_no_loop, BETTER, 60 },
};

HARNESS_MAIN (cases)
