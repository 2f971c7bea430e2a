/* The order in which results of GTasks arrive: priorities, first come first served, nested loops, user's sources. */
#include "task-helpers.h"

#define MANY 2000

static GString *story; /* what has happened, a word each */

static void
say (const char *word)
{
  if (story->len)
    g_string_append_c (story, ' ');
  g_string_append (story, word);
}

static void
assert_story (const char *expected)
{
  g_assert_cmpstr (story->str, ==, expected);
  g_string_free (story, TRUE);
  story = NULL;
}

static void
say_callback (GObject *source G_GNUC_UNUSED, GAsyncResult *result G_GNUC_UNUSED, gpointer word)
{
  say (word);
}

static gboolean
say_from_source (gpointer word)
{
  say (word);
  return G_SOURCE_REMOVE;
}

static void
return_now (GAsyncReadyCallback callback, const char *word, int priority)
{
  GTask *task = g_task_new (NULL, NULL, callback, (gpointer) word);

  g_task_set_priority (task, priority);
  g_task_return_boolean (task, TRUE);
  g_object_unref (task);
}

/* Within one context and priority: in the order of their return, not of their making. */
static void
test_order_of_return (void)
{
  Sequence sequence = { 0 };
  GTask **tasks = g_new (GTask *, MANY);

  for (gint i = MANY - 1; i >= 0; i--)
    {
      Place *place = g_new (Place, 1);

      *place = (Place) { &sequence, i };
      tasks[i] = g_task_new (NULL, NULL, take_place, place);
      watch (tasks[i], &sequence.finalized);
    }
  for (gint i = 0; i < MANY; i++)
    {
      g_task_return_int (tasks[i], i);
      g_object_unref (tasks[i]);
    }
  g_assert_cmpint (sequence.next, ==, 0);
  drain (NULL);
  g_assert_cmpint (sequence.next, ==, MANY);
  g_assert_cmpint (sequence.finalized, ==, MANY);
  g_free (tasks);
}

/* The lower number goes first. */
static void
test_priorities (void)
{
  story = g_string_new (NULL);
  return_now (say_callback, "low", G_PRIORITY_LOW);
  return_now (say_callback, "default", G_PRIORITY_DEFAULT);
  return_now (say_callback, "idle", G_PRIORITY_DEFAULT_IDLE);
  return_now (say_callback, "high", G_PRIORITY_HIGH);
  return_now (say_callback, "default2", G_PRIORITY_DEFAULT);
  return_now (say_callback, "high2", G_PRIORITY_HIGH);
  drain (NULL);
  assert_story ("high high2 default default2 idle low");
}

/* The priority that counts is the one when the result is returned. */
static void
test_priority_changed (void)
{
  GTask *task = g_task_new (NULL, NULL, say_callback, "changed");

  story = g_string_new (NULL);
  g_task_set_priority (task, G_PRIORITY_HIGH);
  return_now (say_callback, "default", G_PRIORITY_DEFAULT);
  g_task_set_priority (task, G_PRIORITY_LOW);
  g_task_return_boolean (task, TRUE);
  g_task_set_priority (task, G_PRIORITY_HIGH);
  g_assert_cmpint (g_task_get_priority (task), ==, G_PRIORITY_HIGH);
  drain (NULL);
  assert_story ("default changed");
  g_assert_finalize_object (task);
}

/* A source attached before the results goes before them, one attached after them goes after, at one priority. */
static void
test_among_sources (void)
{
  story = g_string_new (NULL);
  call_from_source (NULL, say_from_source, "before");
  return_now (say_callback, "1", G_PRIORITY_DEFAULT);
  return_now (say_callback, "2", G_PRIORITY_DEFAULT);
  call_from_source (NULL, say_from_source, "after");
  drain (NULL);
  assert_story ("before 1 2 after");
}

/* Sources that are attached between two results come between them. */
static void
test_between_results (void)
{
  story = g_string_new (NULL);
  return_now (say_callback, "1", G_PRIORITY_DEFAULT);
  call_from_source (NULL, say_from_source, "a");
  return_now (say_callback, "2", G_PRIORITY_DEFAULT);
  return_now (say_callback, "3", G_PRIORITY_DEFAULT);
  call_from_source (NULL, say_from_source, "b");
  return_now (say_callback, "4", G_PRIORITY_DEFAULT);
  g_assert_true (g_main_context_iteration (NULL, FALSE));
  assert_story ("1 a 2 3 b 4");
}

static void
attach_and_start (GObject *source G_GNUC_UNUSED, GAsyncResult *result G_GNUC_UNUSED, gpointer word)
{
  say (word);
  return_now (say_callback, "2", G_PRIORITY_DEFAULT);
  call_from_source (NULL, say_from_source, "a");
  return_now (say_callback, "3", G_PRIORITY_DEFAULT);
}

/* Also when they come from a callback. */
static void
test_between_results_of_a_callback (void)
{
  story = g_string_new (NULL);
  return_now (attach_and_start, "1", G_PRIORITY_DEFAULT);
  g_assert_true (g_main_context_iteration (NULL, FALSE));
  g_assert_true (g_main_context_iteration (NULL, FALSE));
  assert_story ("1 2 a 3");
}

static gboolean
return_from_source (gpointer word)
{
  say (word);
  return_now (say_callback, "2", G_PRIORITY_DEFAULT);
  return G_SOURCE_REMOVE;
}

/* What a source returns goes into a later iteration, even if other results are about to be delivered in this one. */
static void
test_returned_in_front_of_others (void)
{
  story = g_string_new (NULL);
  call_from_source (NULL, return_from_source, "a");
  return_now (say_callback, "1", G_PRIORITY_DEFAULT);
  g_assert_true (g_main_context_iteration (NULL, FALSE));
  g_assert_cmpstr (story->str, ==, "a 1");
  g_assert_true (g_main_context_iteration (NULL, FALSE));
  assert_story ("a 1 2");
}

/* Looking whether anything is pending changes no order. */
static void
test_after_pending (void)
{
  story = g_string_new (NULL);
  return_now (say_callback, "1", G_PRIORITY_DEFAULT);
  g_assert_true (g_main_context_pending (NULL));
  return_now (say_callback, "2", G_PRIORITY_DEFAULT);
  call_from_source (NULL, say_from_source, "a");
  return_now (say_callback, "3", G_PRIORITY_DEFAULT);
  g_assert_true (g_main_context_iteration (NULL, FALSE));
  assert_story ("1 2 a 3");
}

static void
look_and_start (GObject *source G_GNUC_UNUSED, GAsyncResult *result G_GNUC_UNUSED, gpointer word)
{
  say (word);
  return_now (say_callback, "3", G_PRIORITY_DEFAULT);
  g_assert_true (g_main_context_pending (NULL));
}

/* When a callback looks, GLib makes ready what came meanwhile, and this iteration dispatches that instead of what it had
 * settled before. */
static void
test_pending_in_a_callback (void)
{
  story = g_string_new (NULL);
  return_now (look_and_start, "1", G_PRIORITY_DEFAULT);
  return_now (say_callback, "2", G_PRIORITY_DEFAULT);
  g_assert_true (g_main_context_iteration (NULL, FALSE));
  g_assert_cmpstr (story->str, ==, "1 3");
  g_assert_true (g_main_context_iteration (NULL, FALSE));
  assert_story ("1 3 2");
}

static void
start_and_destroy (GObject *source G_GNUC_UNUSED, GAsyncResult *result G_GNUC_UNUSED, gpointer word)
{
  say (word);
  return_now (say_callback, "3", G_PRIORITY_DEFAULT);
  g_source_destroy (g_main_current_source ());
  return_now (say_callback, "4", G_PRIORITY_DEFAULT);
}

static gboolean
keep_silent (gpointer data G_GNUC_UNUSED)
{
  return G_SOURCE_REMOVE;
}

static void
start_and_destroy_between (GObject *source, GAsyncResult *result, gpointer word)
{
  return_now (say_callback, "a", G_PRIORITY_DEFAULT);
  call_from_source (NULL, keep_silent, NULL);
  start_and_destroy (source, result, word);
}

/* A callback may destroy the source that calls it: nobody else's result is lost. */
static void
test_source_destroyed (void)
{
  story = g_string_new (NULL);
  return_now (start_and_destroy, "1", G_PRIORITY_DEFAULT);
  return_now (say_callback, "2", G_PRIORITY_DEFAULT);
  drain (NULL);
  return_now (say_callback, "5", G_PRIORITY_DEFAULT);
  drain (NULL);
  assert_story ("1 2 3 4 5");

  story = g_string_new (NULL);
  return_now (start_and_destroy_between, "1", G_PRIORITY_DEFAULT);
  return_now (say_callback, "2", G_PRIORITY_DEFAULT);
  drain (NULL);
  assert_story ("1 2 a 3 4");
}

/* A result comes in the very next iteration, however many were without one since the last. */
static void
test_idle_iterations (void)
{
  for (gint idle = 0; idle < 12; idle++)
    for (gint round = 0; round < 3; round++)
      {
        story = g_string_new (NULL);
        return_now (say_callback, "result", G_PRIORITY_DEFAULT);
        g_assert_true (g_main_context_iteration (NULL, FALSE));
        assert_story ("result");
        for (gint i = 0; i < idle; i++)
          g_assert_false (g_main_context_iteration (NULL, FALSE));
      }
}

static void
nested_callback (GObject *source G_GNUC_UNUSED, GAsyncResult *result, gpointer word)
{
  g_assert_false (g_task_get_completed (G_TASK (result)));
  say (word);
  drain (NULL);
  say ("over");
}

/* A callback with a loop of its own does not hold up the results behind it. */
static void
test_nested_loop (void)
{
  story = g_string_new (NULL);
  return_now (nested_callback, "1", G_PRIORITY_DEFAULT);
  return_now (say_callback, "2", G_PRIORITY_DEFAULT);
  return_now (nested_callback, "3", G_PRIORITY_DEFAULT);
  return_now (say_callback, "4", G_PRIORITY_DEFAULT);
  drain (NULL);
  assert_story ("1 2 3 4 over over");
}

static void
nested_start (GObject *source G_GNUC_UNUSED, GAsyncResult *result G_GNUC_UNUSED, gpointer word)
{
  say (word);
  return_now (say_callback, "inner", G_PRIORITY_DEFAULT);
  drain (NULL);
  say ("over");
}

/* What is returned in front of that loop comes within it, behind what was waiting already. */
static void
test_nested_start (void)
{
  story = g_string_new (NULL);
  return_now (nested_start, "1", G_PRIORITY_DEFAULT);
  return_now (say_callback, "2", G_PRIORITY_DEFAULT);
  drain (NULL);
  assert_story ("1 2 inner over");
}

static void
start_another (GObject *source G_GNUC_UNUSED, GAsyncResult *result G_GNUC_UNUSED, gpointer word)
{
  say (word);
  return_now (say_callback, "another", G_PRIORITY_DEFAULT);
}

/* What is deferred while others are delivered goes into a later iteration, behind all of those. */
static void
test_deferred_while_delivering (void)
{
  story = g_string_new (NULL);
  return_now (start_another, "1", G_PRIORITY_DEFAULT);
  return_now (say_callback, "2", G_PRIORITY_DEFAULT);
  return_now (say_callback, "3", G_PRIORITY_DEFAULT);
  while (story->len == 0)
    g_assert_true (g_main_context_iteration (NULL, FALSE));
  call_from_source (NULL, say_from_source, "source");
  drain (NULL);
  assert_story ("1 2 3 another source");
}

static void
restart (GObject *source G_GNUC_UNUSED, GAsyncResult *result G_GNUC_UNUSED, gpointer data)
{
  gint *calls = data;

  (*calls)++;
  return_now (restart, data, G_PRIORITY_DEFAULT);
}

static gboolean
note_turn (gpointer data)
{
  *(gboolean *) data = TRUE;
  return G_SOURCE_REMOVE;
}

/* Tasks that start the next one in each callback leave a turn to everybody else: one call an iteration. */
static void
test_no_starvation (void)
{
  static gint calls; /* the last task is never delivered: the program ends first */
  gboolean turn = FALSE;

  return_now (restart, (gpointer) &calls, G_PRIORITY_DEFAULT);
  for (gint iteration = 1; iteration <= 10; iteration++)
    {
      g_main_context_iteration (NULL, FALSE);
      g_assert_cmpint (calls, ==, iteration);
    }
  call_from_source (NULL, note_turn, &turn);
  g_main_context_iteration (NULL, FALSE);
  g_assert_true (turn);
  g_assert_cmpint (calls, ==, 11);
}

static const Case cases[] = {
  { "/task-order/order-of-return", test_order_of_return, NULL, 0 },
  { "/task-order/priorities", test_priorities, NULL, 0 },
  { "/task-order/priority-changed", test_priority_changed, NULL, 0 },
  { "/task-order/among-sources", test_among_sources, NULL, 0 },
  { "/task-order/between-results", test_between_results, NULL, 0 },
  { "/task-order/between-results/of-a-callback", test_between_results_of_a_callback, NULL, 0 },
  { "/task-order/returned-in-front-of-others", test_returned_in_front_of_others, NULL, 0 },
  { "/task-order/after-pending", test_after_pending, NULL, 0 },
  { "/task-order/pending-in-a-callback", test_pending_in_a_callback, NULL, 0 },
  { "/task-order/source-destroyed", test_source_destroyed, NULL, 0 },
  { "/task-order/idle-iterations", test_idle_iterations, NULL, 0 },
  { "/task-order/nested-loop", test_nested_loop, NULL, 0 },
  { "/task-order/nested-start", test_nested_start, NULL, 0 },
  { "/task-order/deferred-while-delivering", test_deferred_while_delivering, NULL, 0 },
  { "/task-order/no-starvation", test_no_starvation, NULL, 10 },
};

HARNESS_MAIN (cases)
