/* A pending result is an idle source of its context, and whoever looks sees one: prepare, find, remove, name. */
#include "delivery-helpers.h"

#include <string.h>
#include <unistd.h>

enum { PRIORITY = -5, MAX_DESCRIPTORS = 8, MANY = 50 };

/* prepare() says TRUE and the priority, query() that there is nothing to wait for; after the delivery, neither. */
static void
test_prepare (void)
{
  for (Kind kind = 0; kind < N_KINDS; kind++)
    {
      GMainContext *context = push_new_context ();
      Delivery delivery = { 0 };
      GPollFD descriptors[MAX_DESCRIPTORS];
      gpointer result = make_pending (kind, PRIORITY, NULL, note_delivery, &delivery);
      gint priority = G_MAXINT, timeout = -1, n;

      g_assert_true (g_main_context_acquire (context));
      g_assert_true (g_main_context_prepare (context, &priority));
      g_assert_cmpint (priority, ==, priority_of (kind, PRIORITY));
      n = g_main_context_query (context, priority, &timeout, descriptors, MAX_DESCRIPTORS);
      g_assert_cmpint (timeout, ==, 0);
      g_assert_true (g_main_context_check (context, priority, descriptors, n));
      g_assert_cmpint (delivery.calls, ==, 0);
      g_main_context_dispatch (context);
      if (kind == SIMPLE_WORKER)
        drain (context);
      g_assert_cmpint (delivery.calls, ==, 1);
      g_assert_cmpint (delivery.priority, ==, priority_of (kind, PRIORITY));
      g_assert_false (g_main_context_prepare (context, &priority));
      g_assert_cmpint (priority, ==, G_MAXINT);
      g_main_context_query (context, priority, &timeout, descriptors, MAX_DESCRIPTORS);
      g_assert_cmpint (timeout, ==, -1);
      g_main_context_release (context);
      g_clear_object (&result);
      pop_context (context);
    }
}

/* While a result waits, sources of lower priority are neither asked nor polled; those of the same one are asked. */
static void
test_lower_sources (void)
{
  for (Kind kind = 0; kind < N_FOUND; kind++)
    {
      GMainContext *context = push_new_context ();
      gint level = priority_of (kind, PRIORITY), priority, timeout, n, ends[2];
      Asked *before = attach_asked (context, level + 1);
      Asked *same = attach_asked (context, level);
      GPollFD descriptors[MAX_DESCRIPTORS];
      Delivery delivery = { 0 };
      gpointer result;
      Asked *after;

      g_assert_cmpint (pipe (ends), ==, 0);
      g_source_add_unix_fd (&before->source, ends[0], G_IO_IN);
      result = make_pending (kind, PRIORITY, NULL, note_delivery, &delivery);
      after = attach_asked (context, level + 1);
      before->prepared = before->checked = same->prepared = 0;

      g_assert_true (g_main_context_acquire (context));
      g_assert_true (g_main_context_prepare (context, &priority));
      n = g_main_context_query (context, priority, &timeout, descriptors, MAX_DESCRIPTORS);
      for (gint i = 0; i < n; i++)
        g_assert_cmpint (descriptors[i].fd, !=, ends[0]);
      g_assert_true (g_main_context_check (context, priority, descriptors, n));
      g_main_context_release (context);
      g_assert_true (g_main_context_iteration (context, FALSE));
      g_assert_cmpint (delivery.calls, ==, 1);
      g_assert_cmpint (before->prepared + before->checked, ==, 0);
      g_assert_cmpint (after->prepared + after->checked, ==, 0);
      g_assert_cmpint (same->prepared, ==, 2);

      g_assert_false (g_main_context_iteration (context, FALSE));
      g_assert_cmpint (before->prepared, ==, 1);
      g_assert_cmpint (after->prepared, ==, 1);
      asked_free (before);
      asked_free (same);
      asked_free (after);
      close (ends[0]);
      close (ends[1]);
      g_clear_object (&result);
      pop_context (context);
    }
}

/* The source is found by the result and by its id, it is the one that is dispatched, and then it is gone. */
static void
test_found (void)
{
  for (Kind kind = 0; kind < N_FOUND; kind++)
    {
      GMainContext *context = push_new_context ();
      Delivery delivery = { 0 };
      gpointer result = make_pending (kind, PRIORITY, NULL, note_delivery, &delivery);
      GSource *source = g_main_context_find_source_by_user_data (context, result);
      guint id;

      g_assert_nonnull (source);
      id = g_source_get_id (source);
      g_assert_true (g_main_context_find_source_by_funcs_user_data (context, &g_idle_funcs, result) == source);
      g_assert_true (g_main_context_find_source_by_id (context, id) == source);
      g_assert_null (g_main_context_find_source_by_user_data (context, &delivery));
      g_assert_null (g_main_context_find_source_by_user_data (NULL, result));
      g_assert_true (g_source_get_context (source) == context);
      g_assert_cmpint (g_source_get_priority (source), ==, priority_of (kind, PRIORITY));
      g_assert_false (g_source_get_can_recurse (source));
      g_assert_cmpint (g_source_get_ready_time (source), ==, -1);
      g_assert_cmpuint (count_sources (context), ==, 1);
      g_assert_true (g_main_context_iteration (context, FALSE));
      g_assert_cmpint (delivery.calls, ==, 1);
      g_assert_true (delivery.result == result);
      g_assert_true (delivery.source == source);
      g_assert_null (g_main_context_find_source_by_user_data (context, result));
      g_assert_null (g_main_context_find_source_by_id (context, id));
      assert_empty (context);
      g_object_unref (result);
      pop_context (context);
    }
}

/* Nothing stays in the context, whatever kind of result it was for, and however many of them. */
static void
test_nothing_left (void)
{
  for (Kind kind = 0; kind < N_KINDS; kind++)
    for (gint n = 1; n <= (kind == SIMPLE_WORKER ? 1 : MANY); n += MANY - 1)
      {
        GMainContext *context = push_new_context ();
        Delivery delivery = { 0 };
        gpointer results[MANY];

        for (gint i = 0; i < n; i++)
          results[i] = make_pending (kind, PRIORITY, NULL, note_delivery, &delivery);
        drain (context);
        g_assert_cmpint (delivery.calls, ==, n);
        assert_empty (context);
        for (gint i = 0; i < n; i++)
          g_clear_object (&results[i]);
        pop_context (context);
      }
}

/* Many results of mixed kinds: each has a source of its own, and that is what calls it. */
static void
test_found_among_others (void)
{
  GMainContext *context = push_new_context ();
  Delivery deliveries[MANY] = { { 0 } };
  gpointer results[MANY], sources[MANY];

  for (gint i = 0; i < MANY; i++)
    results[i] = make_pending (i % N_FOUND, G_PRIORITY_DEFAULT, NULL, note_delivery, &deliveries[i]);
  for (gint i = 0; i < MANY; i++)
    {
      sources[i] = g_main_context_find_source_by_user_data (context, results[i]);
      g_assert_nonnull (sources[i]);
      for (gint j = 0; j < i; j++)
        g_assert_true (sources[i] != sources[j]);
    }
  g_assert_true (g_main_context_iteration (context, FALSE));
  for (gint i = 0; i < MANY; i++)
    {
      g_assert_cmpint (deliveries[i].calls, ==, 1);
      g_assert_true (deliveries[i].source == sources[i]);
    }
  /* The worker of a stopped one may let go of it last, which is then released in this context. */
  assert_empty (context);
  for (gint i = 0; i < MANY; i++)
    g_object_unref (results[i]);
  pop_context (context);
}

static gpointer
destroy_source (gpointer source)
{
  g_source_destroy (source);
  return NULL;
}

enum { BY_DATA, IDLE_BY_DATA, BY_FUNCS, BY_ID, DESTROY, IN_A_THREAD, N_REMOVALS };

static void
remove_pending (gint way, gpointer result)
{
  GSource *source = g_main_context_find_source_by_user_data (NULL, result);

  g_assert_nonnull (source);
  switch (way)
    {
    case BY_DATA:
      g_assert_true (g_source_remove_by_user_data (result));
      break;
    case IDLE_BY_DATA:
      g_assert_true (g_idle_remove_by_data (result));
      break;
    case BY_FUNCS:
      g_assert_true (g_source_remove_by_funcs_user_data (&g_idle_funcs, result));
      break;
    case BY_ID:
      g_assert_true (g_source_remove (g_source_get_id (source)));
      break;
    case DESTROY:
      g_source_destroy (source);
      break;
    default:
      g_thread_join (g_thread_new ("destroying", destroy_source, source));
    }
}

/* Whoever removes the source cancels the delivery, of this result and of no other. */
static void
assert_removed (Kind kind, gint way, gint *finalized)
{
  Delivery removed = { 0 }, others = { 0 };
  gpointer results[3] = {
    make_pending (PLAIN, PRIORITY, NULL, note_delivery, &others),
    make_pending (kind, PRIORITY, NULL, note_delivery, &removed),
    make_pending (WORKER, PRIORITY, NULL, note_delivery, &others),
  };

  watch (results[1], finalized);
  remove_pending (way, results[1]);
  g_assert_null (g_main_context_find_source_by_user_data (NULL, results[1]));
  g_assert_false (g_idle_remove_by_data (results[1]));
  drain (NULL);
  g_assert_cmpint (removed.calls, ==, 0);
  g_assert_cmpint (others.calls, ==, 2);
  if (kind != SIMPLE)
    g_assert_false (g_task_get_completed (results[1]));
  for (gint i = 0; i < 3; i++)
    g_object_unref (results[i]);
}

static void
test_removed (void)
{
  static gint finalized; /* a worker may let go of its task when this has returned */

  for (Kind kind = 0; kind < N_FOUND; kind++)
    for (gint way = 0; way < N_REMOVALS; way++)
      assert_removed (kind, way, &finalized);
}

/* A simple result goes with its source. */
static void
test_removed_released_simple (void)
{
  gint finalized = 0;

  for (gint way = 0; way < N_REMOVALS; way++)
    assert_removed (SIMPLE, way, &finalized);
  g_assert_cmpint (finalized, ==, N_REMOVALS);
}

/* A task too. (On libgio a reference stays behind, to the task and so to its context.) */
static void
test_removed_released (void)
{
  gint finalized = 0;

  for (Kind kind = 0; kind < N_FOUND; kind++)
    for (gint way = 0; way < N_REMOVALS; way++)
      {
        assert_removed (kind, way, &finalized);
        if (kind == PLAIN || kind == CANCELLED)
          g_assert_cmpint (finalized, ==, kind * N_REMOVALS + way + 1);
      }
  await_count (&finalized, N_FOUND * N_REMOVALS); /* a worker may be the last to let go of a task */
}

static const char *
pending_name (Kind kind, const char *name, Delivery *delivery)
{
  GMainContext *context = push_new_context ();
  gpointer result = make_pending (kind, PRIORITY, name, note_delivery, delivery);
  GSource *source = g_main_context_find_source_by_id (context, 1);
  char *before;

  g_assert_nonnull (source);
  g_assert_cmpuint (count_sources (context), ==, 1);
  before = g_strdup (g_source_get_name (source));
  g_assert_true (g_main_context_iteration (context, FALSE));
  g_assert_cmpstr (before, ==, delivery->name);
  g_free (before);
  g_clear_object (&result);
  pop_context (context);
  return delivery->name;
}

/* Profilers see the task's name; without one, what delivers it. */
static void
test_name (void)
{
  Delivery delivery = { 0 };

  for (Kind kind = 0; kind <= STOPPED; kind++)
    {
      g_assert_cmpstr (pending_name (kind, "name", &delivery), ==, "name");
      g_assert_nonnull (strstr (pending_name (kind, NULL, &delivery), "complete_in_idle_cb"));
    }
  g_assert_nonnull (strstr (pending_name (SIMPLE, NULL, &delivery), "complete_in_idle_cb"));
  g_assert_cmpstr (pending_name (REPORTED, NULL, &delivery), ==, "g_task_report_error");
}

static const Case cases[] = {
  { "/task-pending/prepare", test_prepare, NULL, 0 },
  { "/task-pending/lower-sources", test_lower_sources, NULL, 0 },
  { "/task-pending/found", test_found, NULL, 0 },
  { "/task-pending/found/among-others", test_found_among_others, NULL, 0 },
  { "/task-pending/nothing-left", test_nothing_left, NULL, 0 },
  { "/task-pending/removed", test_removed, NULL, 0 },
  { "/task-pending/removed/released-simple", test_removed_released_simple, NULL, 0 },
  { "/task-pending/removed/released", test_removed_released,
    "4.19 (better): if the source is destroyed first, the task is released", 20 },
  { "/task-pending/name", test_name, "from 2.84: 4.11 (decided): a waiting result has the name of its task", 0 },
};

HARNESS_MAIN (cases)
