/* Results of all kinds beside each other and beside other sources: their order, that of workers above all; and many. */
#define _GNU_SOURCE /* gettid */
#include "muster-helpers.h"

#include <stdlib.h>

enum { ROUNDS = 50, ITEMS = 40, LEVELS = 5, WORKERS = 100, RESULTS = 3000, SLEEPERS = 1000, PRIORITIES = 20000 };

/* The order in which items came. */
typedef struct
{
  gint order[ITEMS];
  gint n;
} Order;

typedef struct
{
  Order *order;
  gint number;
  gint priority;
} Item;

static void
take_item (GObject *source G_GNUC_UNUSED, GAsyncResult *result G_GNUC_UNUSED, gpointer data)
{
  Item *item = data;

  g_assert_cmpint (g_source_get_priority (g_main_current_source ()), ==, item->priority);
  item->order->order[item->order->n++] = item->number;
}

static gboolean
take_item_from_source (gpointer item)
{
  take_item (NULL, NULL, item);
  return G_SOURCE_REMOVE;
}

static gpointer
return_task (gpointer task)
{
  g_task_return_boolean (task, TRUE);
  return NULL;
}

/* Besides the kinds: another thread that is no worker, and an idle source. */
enum { BY_THREAD = N_FOUND, IDLE_SOURCE, N_WAYS };

/* Returns a reference to the result, if it is one. The worker of a stopped one may let go of it last, which is then
 * released in its context: who looks whether that is empty still holds it. */
static gpointer
make_item (GMainContext *context, gint way, Item *item)
{
  gpointer result = NULL;

  if (way == IDLE_SOURCE)
    {
      GSource *source = g_idle_source_new ();

      g_source_set_priority (source, item->priority);
      g_source_set_callback (source, take_item_from_source, item, NULL);
      g_source_attach (source, context);
      g_source_unref (source);
    }
  else if (way == BY_THREAD)
    {
      result = new_result (PLAIN, item->priority, NULL, take_item, item);
      g_thread_join (g_thread_new ("returning", return_task, result));
    }
  else
    {
      if (way == SIMPLE)
        item->priority = G_PRIORITY_DEFAULT;
      result = make_pending (way, item->priority, NULL, take_item, item);
    }
  return result;
}

static int
compare_items (const void *a, const void *b)
{
  const Item *first = a, *second = b;

  return first->priority != second->priority ? first->priority - second->priority : first->number - second->number;
}

/* By priority, then in the order of their return, whoever returned them. Each round has other kinds and priorities. A
 * worker's result behind another one gets its place when the loop looks, which it does down to the priority that is most
 * urgent: so each is waited for, and a second one of a less urgent priority comes from another thread. */
static void
test_mixed (void)
{
  for (guint round = 0; round < harness_rounds (ROUNDS); round++)
    {
      GMainContext *context = push_new_context ();
      Order order = { .n = 0 };
      Item items[ITEMS];
      gpointer results[ITEMS];
      gint most_urgent = G_MAXINT, workers[LEVELS] = { 0 };

      for (gint i = 0; i < ITEMS; i++)
        {
          gint level = g_test_rand_int_range (0, LEVELS), way = g_test_rand_int_range (0, N_WAYS);

          items[i] = (Item) { &order, i, 10 * (level - LEVELS / 2) };
          if (way == WORKER && workers[level]++ && items[i].priority > most_urgent)
            way = BY_THREAD;
          results[i] = make_item (context, way, &items[i]);
          most_urgent = MIN (most_urgent, items[i].priority);
        }
      drain (context);
      g_assert_cmpint (order.n, ==, ITEMS);
      qsort (items, ITEMS, sizeof items[0], compare_items);
      for (gint i = 0; i < ITEMS; i++)
        g_assert_cmpint (order.order[i], ==, items[i].number);
      assert_empty (context);
      for (gint i = 0; i < ITEMS; i++)
        g_clear_object (&results[i]);
      pop_context (context);
    }
  g_test_message ("%u rounds", harness_rounds (ROUNDS));
}

/* Workers' results of several priorities, whenever they come: an iteration delivers one priority, nothing is left. */
typedef struct
{
  gint iteration;
  gint last_iteration, last_priority; /* of the last delivery */
  gint calls;
} Iterations;

static void
note_iteration (GObject *source G_GNUC_UNUSED, GAsyncResult *result, gpointer data)
{
  Iterations *self = data;
  gint priority = g_source_get_priority (g_main_current_source ());

  g_assert_cmpint (priority, ==, g_task_get_priority (G_TASK (result)));
  if (self->iteration == self->last_iteration)
    g_assert_cmpint (priority, ==, self->last_priority);
  self->last_iteration = self->iteration;
  self->last_priority = priority;
  self->calls++;
}

static void
test_worker_priorities (void)
{
  for (guint round = 0; round < harness_rounds (ROUNDS); round++)
    {
      GMainContext *context = push_new_context ();
      Iterations self = { .iteration = 1 };

      for (gint i = 0; i < WORKERS; i++)
        {
          GTask *task = new_result (WORKER, 10 * (i % 3), NULL, note_iteration, &self);

          return_result (WORKER, task);
          g_object_unref (task);
        }
      for (; self.calls < WORKERS; self.iteration++)
        g_main_context_iteration (context, TRUE);
      assert_empty (context);
      pop_context (context);
    }
  g_test_message ("%u rounds", harness_rounds (ROUNDS));
}

/* Those that have arrived before the loop looks all come in the iteration of their priority, in their order. */
static void
test_workers_in_one_iteration (void)
{
  for (gint n_priorities = 1; n_priorities <= 3; n_priorities++)
    {
      GMainContext *context = push_new_context ();
      Order order = { .n = 0 };
      Item items[ITEMS];

      for (gint i = 0; i < ITEMS; i++)
        {
          GTask *task;

          items[i] = (Item) { &order, i, i % n_priorities };
          task = new_result (WORKER, items[i].priority, NULL, take_item, &items[i]);
          run_until_arrived (task);
          g_object_unref (task);
        }
      for (gint i = 0; i < n_priorities; i++)
        {
          g_assert_cmpint (order.n, <, ITEMS);
          g_assert_true (g_main_context_iteration (context, FALSE));
        }
      g_assert_cmpint (order.n, ==, ITEMS);
      qsort (items, ITEMS, sizeof items[0], compare_items);
      for (gint i = 0; i < ITEMS; i++)
        g_assert_cmpint (order.order[i], ==, items[i].number);
      assert_empty (context);
      pop_context (context);
    }
}

/* A worker's result comes while a callback runs: not in this iteration any more, and in front of later ones. */
static void
run_worker_inside (GObject *source G_GNUC_UNUSED, GAsyncResult *result, gpointer data)
{
  GMainContext *context = g_task_get_context (G_TASK (result));
  Item *items = data;
  gpointer inner = new_result (WORKER, 0, NULL, take_item, &items[2]);

  take_item (NULL, NULL, &items[0]);
  return_result (WORKER, inner);
  await_found (context, inner, FALSE);
  g_object_unref (inner);
  g_object_unref (make_item (context, PLAIN, &items[3]));
}

static void
test_worker_during_callback (void)
{
  static const Kind kinds[] = { PLAIN, WORKER };

  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      GMainContext *context = push_new_context ();
      Order order = { .n = 0 };
      Item items[] = { { &order, 0, 0 }, { &order, 1, 0 }, { &order, 2, 0 }, { &order, 3, 0 } };

      g_object_unref (make_pending (kinds[i], 0, NULL, run_worker_inside, items));
      g_object_unref (make_pending (PLAIN, 0, NULL, take_item, &items[1]));
      g_assert_true (g_main_context_iteration (context, FALSE));
      g_assert_cmpint (order.n, ==, 2);
      g_assert_true (g_main_context_iteration (context, FALSE));
      g_assert_cmpint (order.n, ==, 4);
      for (gint number = 0; number < 4; number++)
        g_assert_cmpint (order.order[number], ==, number);
      assert_empty (context);
      pop_context (context);
    }
}

/* The source of a worker's result is destroyed, or moved, while others arrive behind it: they come all the same. */
static void
test_worker_ahead_removed (gboolean move)
{
  for (guint round = 0; round < harness_rounds (ROUNDS); round++)
    {
      GMainContext *context = push_new_context ();
      Delivery ahead = { 0 }, behind = { 0 };
      gpointer first = new_result (WORKER, 0, NULL, note_delivery, &ahead);
      GSource *source;

      return_result (WORKER, first);
      await_found (context, first, FALSE);
      for (gint i = 0; i < WORKERS; i++)
        {
          gpointer result = new_result (WORKER, 0, NULL, note_delivery, &behind);

          return_result (WORKER, result);
          g_object_unref (result);
        }
      source = g_main_context_find_source_by_user_data (context, first);
      if (move)
        g_source_set_priority (source, G_PRIORITY_LOW);
      else
        g_source_destroy (source);
      wait_for_count (context, &behind.calls, WORKERS);
      drain (context);
      g_assert_cmpint (behind.calls, ==, WORKERS);
      g_assert_cmpint (ahead.calls, ==, move);
      assert_empty (context);
      g_object_unref (first);
      pop_context (context);
    }
  g_test_message ("%u rounds", harness_rounds (ROUNDS));
}

static void
test_worker_ahead_destroyed (void)
{
  test_worker_ahead_removed (FALSE);
}

static void
test_worker_ahead_moved (void)
{
  test_worker_ahead_removed (TRUE);
}

/* How often sleeping sources are asked: once for each iteration that comes to their priority, as on libgio. */
static void
test_beside_sleepers (void)
{
  static const gint levels[] = { -1, 0, 1 };
  Asked *sleepers[SLEEPERS];

  for (guint level = 0; level < G_N_ELEMENTS (levels); level++)
    {
      gint per_iteration = levels[level] > 0 ? 0 : 1, prepared = 0, checked = 0;
      GMainContext *context = push_new_context ();
      Delivery delivery = { 0 };

      for (gint i = 0; i < SLEEPERS; i++)
        sleepers[i] = attach_asked (context, levels[level]);
      for (gint i = 0; i < RESULTS; i++)
        g_object_unref (make_pending (i % 2 ? PLAIN : SIMPLE, 0, NULL, note_delivery, &delivery));
      g_assert_true (g_main_context_iteration (context, FALSE));
      g_assert_cmpint (delivery.calls, ==, RESULTS);
      for (gint i = 0; i < RESULTS / 10; i++)
        {
          g_object_unref (make_pending (PLAIN, 0, NULL, note_delivery, &delivery));
          g_assert_true (g_main_context_iteration (context, FALSE));
        }
      g_assert_cmpint (delivery.calls, ==, RESULTS + RESULTS / 10);
      for (gint i = 0; i < SLEEPERS; i++)
        {
          prepared += sleepers[i]->prepared;
          checked += sleepers[i]->checked;
          asked_free (sleepers[i]);
        }
      g_assert_cmpint (prepared, ==, per_iteration * (1 + RESULTS / 10) * SLEEPERS);
      g_assert_cmpint (checked, ==, per_iteration * (1 + RESULTS / 10) * SLEEPERS);
      assert_empty (context);
      pop_context (context);
    }
}

/* As many priorities as results, the most urgent last: an iteration for each. */
static void
test_many_priorities (void)
{
  guint n = harness_rounds (PRIORITIES), iterations = 0;
  GMainContext *context = push_new_context ();
  Delivery delivery = { 0 };
  gint last = G_MININT;

  for (guint i = 0; i < n; i++)
    g_object_unref (make_pending (PLAIN, -(gint) i, NULL, note_delivery, &delivery));
  for (; g_main_context_iteration (context, FALSE); iterations++)
    {
      g_assert_cmpint (delivery.priority, >, last);
      last = delivery.priority;
    }
  g_assert_cmpuint (iterations, ==, n);
  g_assert_cmpint (delivery.calls, ==, n);
  assert_empty (context);
  pop_context (context);
}

#define PATH "/task-arrivals/"

enum { RENAMED = 50 };

static gint returned;

static void
return_and_count (GTask *task, gpointer source G_GNUC_UNUSED, gpointer data G_GNUC_UNUSED,
                  GCancellable *cancellable G_GNUC_UNUSED)
{
  g_task_return_boolean (task, TRUE);
  g_atomic_int_inc (&returned);
}

static void
take_one_of_two_names (GObject *source G_GNUC_UNUSED, GAsyncResult *result G_GNUC_UNUSED, gpointer data)
{
  const char *name = g_source_get_name (g_main_current_source ());

  g_assert_true (g_str_equal (name, "the name it had when its function ended") || g_str_equal (name, "another"));
  (*(gint *) data)++;
}

/* A task may get another name while its result waits: the source has a copy of one of them. */
static void
test_renamed (void)
{
  GTask *tasks[RENAMED];
  gint calls = 0;

  g_atomic_int_set (&returned, 0);
  for (gint i = 0; i < RENAMED; i++)
    {
      tasks[i] = g_task_new (NULL, NULL, take_one_of_two_names, &calls);
      g_task_set_name (tasks[i], "the name it had when its function ended");
      g_task_run_in_thread (tasks[i], return_and_count);
    }
  await_count (&returned, RENAMED);
  g_usleep (10000); /* for most of them, until they wait */
  for (gint i = 0; i < RENAMED; i++)
    g_task_set_name (tasks[i], "another");
  wait_for_count (NULL, &calls, RENAMED);
  for (gint i = 0; i < RENAMED; i++)
    g_object_unref (tasks[i]);
}

/* What another thread returns, after two workers have, is called after both. */
static gint order_of_calls[4], n_order;

static void
note_order (GObject *source G_GNUC_UNUSED, GAsyncResult *result G_GNUC_UNUSED, gpointer number)
{
  order_of_calls[n_order++] = GPOINTER_TO_INT (number);
}

static void
test_behind_workers (void)
{
  GTask *last = g_task_new (NULL, NULL, note_order, GINT_TO_POINTER (2));

  for (gint i = 0; i < 2; i++)
    {
      GTask *task = g_task_new (NULL, NULL, note_order, GINT_TO_POINTER (i));

      run_until_arrived (task);
      g_object_unref (task);
    }
  g_thread_join (g_thread_new ("returning", return_task, last));
  g_object_unref (last);
  drain (NULL);
  g_assert_cmpint (n_order, ==, 3);
  for (gint i = 0; i < n_order; i++)
    g_assert_cmpint (order_of_calls[i], ==, i);
}

static const Case cases[] = {
  { PATH "behind-workers", test_behind_workers, NULL, 0 },
  { PATH "renamed", test_renamed, "from 2.84: 4.11 (decided): a waiting result has the name of its task", 0 },
  { PATH "mixed", test_mixed, NULL, 0 },
  { PATH "worker-priorities", test_worker_priorities, NULL, 0 },
  { PATH "workers-in-one-iteration", test_workers_in_one_iteration, NULL, 0 },
  { PATH "worker-during-callback", test_worker_during_callback, NULL, 0 },
  { PATH "worker-ahead/destroyed", test_worker_ahead_destroyed, NULL, 0 },
  { PATH "worker-ahead/moved", test_worker_ahead_moved, NULL, 0 },
  { PATH "beside-sleepers", test_beside_sleepers, NULL, 0 },
  { PATH "many-priorities", test_many_priorities, NULL, 60 },
};

HARNESS_MAIN (cases)
