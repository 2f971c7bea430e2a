/* Results in batches of several sizes, and one by one: order, nested loops, priorities, wake-ups. */
#include "task-helpers.h"

static const gint sizes[] = { 1, 2, 10000 };

typedef struct
{
  GMainContext *context;
  Sequence sequence;
  gint nested_at; /* the result whose callback runs a nested loop; -1: none does */
} Batch;

static void
take_place_and_nest (GObject *source, GAsyncResult *result, gpointer data)
{
  Place *place = data;
  Batch *batch = (Batch *) ((char *) place->sequence - G_STRUCT_OFFSET (Batch, sequence));
  gboolean nests = place->number == batch->nested_at;

  take_place (source, result, data);
  if (nests)
    drain (batch->context);
}

/* Returns them, the one that comes first last of all if there are priorities. */
static void
return_batch (Batch *batch, gint size, gint n_priorities)
{
  g_main_context_push_thread_default (batch->context);
  for (gint i = 0; i < size; i++)
    {
      gint priority = i % n_priorities;
      /* Of the lower priorities there may be one more each. */
      gint before = 0;
      for (gint other = priority + 1; other < n_priorities; other++)
        before += (size - other + n_priorities - 1) / n_priorities;
      Place *place = g_new (Place, 1);
      *place = (Place) { &batch->sequence, before + i / n_priorities };
      GTask *task = g_task_new (NULL, NULL, take_place_and_nest, place);
      watch (task, &batch->sequence.finalized);
      g_task_set_priority (task, -priority);
      g_task_return_int (task, place->number);
      g_object_unref (task);
    }
  g_main_context_pop_thread_default (batch->context);
}

static void
check_batch (gint size, gint n_priorities, gint nested_at)
{
  Batch batch = { g_main_context_new (), { 0 }, nested_at };

  return_batch (&batch, size, n_priorities);
  drain (batch.context);
  g_assert_cmpint (batch.sequence.next, ==, size);
  g_assert_cmpint (batch.sequence.finalized, ==, size);
  g_main_context_unref (batch.context);
}

static void
test_batches (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      check_batch (sizes[i], 1, -1);
      check_batch (sizes[i], 3, -1);
    }
}

/* One iteration delivers all of one priority. */
static void
test_batches_in_one_iteration (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      Batch batch = { g_main_context_new (), { 0 }, -1 };

      return_batch (&batch, sizes[i], 1);
      g_assert_true (g_main_context_iteration (batch.context, FALSE));
      g_assert_cmpint (batch.sequence.next, ==, sizes[i]);
      g_assert_false (g_main_context_iteration (batch.context, FALSE));
      g_main_context_unref (batch.context);
    }
}

/* A nested loop in the first, in the last, and in one in the middle. */
static void
test_batches_with_nested_loop (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    for (gint priorities = 1; priorities <= 3; priorities += 2)
      {
        check_batch (sizes[i], priorities, 0);
        check_batch (sizes[i], priorities, sizes[i] / 2);
        check_batch (sizes[i], priorities, sizes[i] - 1);
      }
}

/* The program lets go of the context before anything is delivered: the tasks keep it, whoever iterates it gets all. */
static void
test_batches_after_letting_go (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      Batch batch = { g_main_context_new (), { 0 }, -1 };
      GTask *task;

      g_main_context_push_thread_default (batch.context);
      task = g_task_new (NULL, NULL, NULL, NULL);
      g_main_context_pop_thread_default (batch.context);
      return_batch (&batch, sizes[i], 1);
      g_main_context_unref (batch.context);
      g_assert_cmpint (batch.sequence.next, ==, 0);
      g_assert_true (g_main_context_iteration (g_task_get_context (task), FALSE));
      g_assert_cmpint (batch.sequence.next, ==, sizes[i]);
      g_assert_cmpint (batch.sequence.finalized, ==, sizes[i]);
      g_task_return_boolean (task, TRUE);
      g_main_context_iteration (g_task_get_context (task), FALSE);
      g_object_unref (task);
    }
}

/* A thread returns one result after the other, each when the last one has arrived at a loop that sleeps meanwhile. */

enum { ONE_BY_ONE = 2000 };

static void
let_next_pass (GObject *source G_GNUC_UNUSED, GAsyncResult *result G_GNUC_UNUSED, gpointer gate)
{
  gate_let_out (gate, 1);
}

static gpointer
return_one_by_one (gpointer data)
{
  gpointer *tasks_and_gate = data;
  GTask **tasks = tasks_and_gate[0];

  for (gint i = 0; i < ONE_BY_ONE; i++)
    {
      gate_pass (tasks_and_gate[1]);
      g_task_return_boolean (tasks[i], TRUE);
      g_object_unref (tasks[i]);
    }
  return NULL;
}

static void
test_one_by_one_from_a_thread (void)
{
  GTask *tasks[ONE_BY_ONE];
  Gate gate;
  gpointer tasks_and_gate[] = { tasks, &gate };
  gint finalized = 0;
  GThread *thread;

  gate_init (&gate);
  for (gint i = 0; i < ONE_BY_ONE; i++)
    {
      tasks[i] = g_task_new (NULL, NULL, let_next_pass, &gate);
      g_task_set_priority (tasks[i], i % 5 == 0 ? G_PRIORITY_HIGH : G_PRIORITY_DEFAULT);
      watch (tasks[i], &finalized);
    }
  thread = g_thread_new ("returning", return_one_by_one, tasks_and_gate);
  gate_let_out (&gate, 1);
  /* A wake-up that got lost lets this sleep for ever. */
  while (g_atomic_int_get (&finalized) < ONE_BY_ONE)
    g_main_context_iteration (NULL, g_atomic_int_get (&finalized) < ONE_BY_ONE - 1);
  g_thread_join (thread);
  gate_clear (&gate);
}

static const Case cases[] = {
  { "/task-batches/order", test_batches, NULL, 0 },
  { "/task-batches/in-one-iteration", test_batches_in_one_iteration, NULL, 0 },
  { "/task-batches/nested-loop", test_batches_with_nested_loop, NULL, 0 },
  { "/task-batches/after-letting-go", test_batches_after_letting_go, NULL, 0 },
  { "/task-batches/one-by-one-from-a-thread", test_one_by_one_from_a_thread, NULL, 60 },
};

HARNESS_MAIN (cases)
