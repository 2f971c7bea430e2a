/* A task whose last reference is the library's: what the destroy notify of its data sees, and may do. */
#include "task-helpers.h"

typedef struct
{
  GTask *inner; /* returned there */
  Call inner_call;
  gint inner_calls_at_return;
  gint calls, releases;
  gint called_at, released_at;
  GSource *dispatched;
  gint depth;
  GMainContext *thread_default;
} Release;

static gint moment;

static void
count_release_call (GObject *source G_GNUC_UNUSED, GAsyncResult *result, gpointer data G_GNUC_UNUSED)
{
  Release *release = g_task_get_task_data (G_TASK (result));

  release->calls++;
  release->called_at = ++moment;
}

static void
note_release (gpointer data)
{
  Release *release = data;

  release->releases++;
  release->released_at = ++moment;
  release->dispatched = g_main_current_source ();
  release->depth = g_main_depth ();
  release->thread_default = g_main_context_get_thread_default ();
  if (release->inner)
    g_task_return_boolean (release->inner, TRUE);
  release->inner_calls_at_return = release->inner_call.calls;
  g_clear_object (&release->inner);
}

static gboolean
return_and_drop (gpointer task)
{
  g_task_return_boolean (task, TRUE);
  g_object_unref (task);
  return G_SOURCE_REMOVE;
}

/* A task that only the library will hold, and another one, both of `context`. */
static GTask *
task_to_release (GMainContext *context, Release *release)
{
  GTask *task;

  *release = (Release) { .depth = -1 };
  g_main_context_push_thread_default (context);
  task = g_task_new (NULL, NULL, count_release_call, NULL);
  release->inner = g_task_new (NULL, NULL, note_call, &release->inner_call);
  g_main_context_pop_thread_default (context);
  g_task_set_task_data (task, release, note_release);
  let_time_move ();
  return task;
}

/* Delivered later: it is released in the same iteration, but no longer from a source, so that nothing which is
 * returned meanwhile is delivered at once. */
static void
test_released_after_dispatch (void)
{
  GMainContext *context = g_main_context_new ();
  Release release;

  return_and_drop (task_to_release (context, &release));
  g_main_context_iteration (context, FALSE);
  g_assert_cmpint (release.calls, ==, 1);
  g_assert_cmpint (release.releases, ==, 1);
  g_assert_null (release.thread_default);
  g_assert_cmpint (release.inner_calls_at_return, ==, 0);
  drain (context);
  g_assert_cmpint (release.inner_call.calls, ==, 1);
  g_main_context_unref (context);
}

#define RELEASES 3

/* The same for each of several results, before the next one is delivered. */
static void
test_released_one_by_one (void)
{
  GMainContext *context = g_main_context_new ();
  Release releases[RELEASES];

  for (gint i = 0; i < RELEASES; i++)
    return_and_drop (task_to_release (context, &releases[i]));
  for (gint i = 0; i < RELEASES; i++)
    while (releases[i].calls == 0)
      g_main_context_iteration (context, FALSE);
  for (gint i = 0; i < RELEASES; i++)
    {
      g_assert_cmpint (releases[i].releases, ==, 1);
      g_assert_cmpint (releases[i].released_at, ==, releases[i].called_at + 1);
      g_assert_cmpint (releases[i].inner_calls_at_return, ==, 0);
    }
  drain (context);
  for (gint i = 0; i < RELEASES; i++)
    g_assert_cmpint (releases[i].inner_call.calls, ==, 1);
  g_main_context_unref (context);
}

/* Delivered at once: it is released where its owner drops it, from the source that returned it. */
static void
test_released_in_dispatch (void)
{
  GMainContext *context = g_main_context_new ();
  Release release;

  call_from_source (context, return_and_drop, task_to_release (context, &release));
  g_main_context_iteration (context, FALSE);
  g_assert_cmpint (release.calls, ==, 1);
  g_assert_cmpint (release.releases, ==, 1);
  g_assert_nonnull (release.dispatched);
  g_assert_cmpint (release.depth, ==, 1);
  g_assert_null (release.thread_default);
  g_assert_cmpint (release.inner_calls_at_return, ==, 1);
  g_main_context_unref (context);
}

static void
count_simple_call (GObject *source G_GNUC_UNUSED, GAsyncResult *result G_GNUC_UNUSED, gpointer calls)
{
  (*(gint *) calls)++;
}

static void
complete_and_note (gpointer data)
{
  Release *release = data;
  GMainContext *other = g_main_context_new ();
  GSimpleAsyncResult *simple;
  gint calls = 0;

  g_main_context_push_thread_default (other);
  simple = g_simple_async_result_new (NULL, count_simple_call, &calls, NULL);
  g_main_context_pop_thread_default (other);
  g_simple_async_result_complete (simple);
  g_assert_cmpint (calls, ==, 1);
  g_object_unref (simple);
  g_main_context_unref (other);
  note_release (release);
}

/* GSimpleAsyncResult, completed in an idle source: likewise. And what is completed there is in no wrong context. */
static void
test_simple (void)
{
  Release release = { .depth = -1 };
  GSimpleAsyncResult *simple = g_simple_async_result_new (NULL, NULL, NULL, NULL);

  release.inner = g_task_new (NULL, NULL, note_call, &release.inner_call);
  let_time_move ();
  g_simple_async_result_set_op_res_gpointer (simple, &release, complete_and_note);
  g_simple_async_result_complete_in_idle (simple);
  g_object_unref (simple);
  g_main_context_iteration (NULL, FALSE);
  g_assert_cmpint (release.releases, ==, 1);
  g_assert_cmpint (release.inner_calls_at_return, ==, 0);
  drain (NULL);
  g_assert_cmpint (release.inner_call.calls, ==, 1);
}

static void
do_nothing (GSimpleAsyncResult *simple G_GNUC_UNUSED, GObject *source G_GNUC_UNUSED,
            GCancellable *cancellable G_GNUC_UNUSED)
{
}

/* But if its function ran in a thread, it goes while its source is being dispatched. */
static void
test_simple_thread (void)
{
  Release release = { .depth = -1 };
  GSimpleAsyncResult *simple = g_simple_async_result_new (NULL, NULL, NULL, NULL);

  release.inner = g_task_new (NULL, NULL, note_call, &release.inner_call);
  let_time_move ();
  g_simple_async_result_set_op_res_gpointer (simple, &release, note_release);
  g_simple_async_result_run_in_thread (simple, do_nothing, G_PRIORITY_DEFAULT, NULL);
  g_object_unref (simple);
  wait_for_count (NULL, &release.releases, 1);
  g_assert_nonnull (release.dispatched);
  g_assert_cmpint (release.inner_calls_at_return, ==, 1);
}

static const Case cases[] = {
  { "/task-last-reference/after-dispatch", test_released_after_dispatch, NULL, 0 },
  { "/task-last-reference/one-by-one", test_released_one_by_one, NULL, 0 },
  { "/task-last-reference/in-dispatch", test_released_in_dispatch, NULL, 0 },
  { "/task-last-reference/simple", test_simple, NULL, 0 },
  { "/task-last-reference/simple/thread", test_simple_thread, NULL, 0 },
};

HARNESS_MAIN (cases)
