/* Cancellables: cancelling, handlers, sources, one for many operations, and two threads at once. */
#include "bench.h"

static void
never (G_GNUC_UNUSED GCancellable *cancellable, G_GNUC_UNUSED gpointer data)
{
  demand (FALSE, "keeping quiet while nothing is cancelled");
}

/* New, cancelled, dropped. */

static guint n_cancelled;

static void
cancel_new_ones (guint size)
{
  for (guint i = 0; i < size; i++)
    {
      GCancellable *cancellable = g_cancellable_new ();

      g_cancellable_cancel (cancellable);
      n_cancelled += g_cancellable_is_cancelled (cancellable);
      g_object_unref (cancellable);
    }
}

static void
demand_cancelled (guint size)
{
  demand (n_cancelled == size, "cancelling each");
  n_cancelled = 0;
}

/* Handlers and sources that come and go, alone and beside many others. */

enum { OTHERS = 10000 };

static GCancellable *shared;
static GSource *others[OTHERS];
static guint n_joined;

static void
make_shared (G_GNUC_UNUSED guint size)
{
  shared = g_cancellable_new ();
}

static void
make_shared_with_handlers (guint size)
{
  make_shared (size);
  for (guint i = 0; i < OTHERS; i++)
    demand (g_cancellable_connect (shared, G_CALLBACK (never), NULL, NULL) != 0, "connecting another handler");
}

static void
make_shared_with_sources (guint size)
{
  make_shared (size);
  for (guint i = 0; i < OTHERS; i++)
    others[i] = g_cancellable_source_new (shared);
}

static void
connect_and_disconnect (guint size)
{
  for (guint i = 0; i < size; i++)
    {
      gulong id = g_cancellable_connect (shared, G_CALLBACK (never), NULL, NULL);

      n_joined += id != 0;
      g_cancellable_disconnect (shared, id);
    }
}

static void
make_and_drop_source (guint size)
{
  for (guint i = 0; i < size; i++)
    {
      GSource *source = g_cancellable_source_new (shared);

      n_joined += source != NULL;
      g_source_unref (source);
    }
}

static void
drop_shared (guint size)
{
  demand (n_joined == size, "joining each time");
  n_joined = 0;
  demand (G_OBJECT (shared)->ref_count == 1, "leaving each time");
  g_clear_object (&shared);
}

static void
drop_shared_with_sources (guint size)
{
  for (guint i = 0; i < OTHERS; i++)
    g_source_unref (others[i]);
  drop_shared (size);
}

/* One cancellable for operation after operation (gtk-rs-core issue 2046). Four of them at a time: a handler, a source, a
 * result in the loop and one of a thread. */

enum { AT_A_TIME = 4, PARTS = 10 };

static gboolean
never_dispatched (GCancellable *cancellable, gpointer data)
{
  never (cancellable, data);
  return G_SOURCE_REMOVE;
}

static void
return_true (GTask *task, G_GNUC_UNUSED gpointer source, G_GNUC_UNUSED gpointer data,
             G_GNUC_UNUSED GCancellable *cancellable)
{
  g_task_return_boolean (task, TRUE);
}

static void
operate_once (void)
{
  gulong id = g_cancellable_connect (shared, G_CALLBACK (never), NULL, NULL);
  GSource *source = g_cancellable_source_new (shared);
  GTask *task = g_task_new (NULL, shared, count_result, NULL);

  g_source_set_callback (source, G_SOURCE_FUNC (never_dispatched), NULL, NULL);
  g_source_attach (source, NULL);
  g_task_return_boolean (task, TRUE);
  g_object_unref (task);
  iterate_until_results (NULL, results + 1);
  task = g_task_new (NULL, shared, NULL, NULL);
  g_task_run_in_thread_sync (task, return_true);
  n_joined += g_task_propagate_boolean (task, NULL);
  g_object_unref (task);
  g_source_destroy (source);
  g_source_unref (source);
  g_cancellable_disconnect (shared, id);
}

static void
operate (guint size)
{
  for (guint i = 0; i < size / AT_A_TIME; i++)
    operate_once ();
}

static void
operate_until_last_part (guint size)
{
  make_shared (size);
  operate ((PARTS - 1) * size);
  results = n_joined = 0;
}

static void
drop_operated (guint size)
{
  demand_results (size / AT_A_TIME);
  demand (n_joined == size / AT_A_TIME, "a result of each thread");
  n_joined = 0;
  g_clear_object (&shared);
}

/* Threads that have nothing to do with each other. The size is how many cancellables each of them makes. */

static void
count_cancelled (G_GNUC_UNUSED GCancellable *cancellable, gpointer counter)
{
  ++*(guint *) counter;
}

static gpointer
use_own_cancellables (gpointer size)
{
  guint handled = 0;

  for (guint i = 0; i < GPOINTER_TO_UINT (size); i++)
    {
      GCancellable *cancellable = g_cancellable_new ();
      gulong id = g_cancellable_connect (cancellable, G_CALLBACK (count_cancelled), &handled, NULL);

      g_cancellable_cancel (cancellable);
      g_cancellable_disconnect (cancellable, id);
      g_object_unref (cancellable);
    }
  return GUINT_TO_POINTER (handled);
}

static void
in_one_thread (guint size)
{
  GThread *thread = g_thread_new ("one", use_own_cancellables, GUINT_TO_POINTER (size));

  n_cancelled = GPOINTER_TO_UINT (g_thread_join (thread));
}

static void
in_two_threads (guint size)
{
  GThread *one = g_thread_new ("one", use_own_cancellables, GUINT_TO_POINTER (size));
  GThread *two = g_thread_new ("two", use_own_cancellables, GUINT_TO_POINTER (size));

  n_cancelled = GPOINTER_TO_UINT (g_thread_join (one));
  n_cancelled += GPOINTER_TO_UINT (g_thread_join (two));
}

static void
demand_twice_cancelled (guint size)
{
  demand_cancelled (2 * size);
}

const Row cancellable_rows[] = {
  { "cancellable-cancel", NULL, cancel_new_ones, demand_cancelled, 100000, 100, 9, EACH_NANOSECONDS, FALSE },
  { "handler", make_shared, connect_and_disconnect, drop_shared, 100000, 100, 9, EACH_NANOSECONDS, FALSE },
  { "handler-among-many", make_shared_with_handlers, connect_and_disconnect, drop_shared,
    100000, 100, 9, EACH_NANOSECONDS, FALSE },
  { "source", make_shared, make_and_drop_source, drop_shared, 50000, 100, 9, EACH_NANOSECONDS, FALSE },
  { "source-among-many", make_shared_with_sources, make_and_drop_source, drop_shared_with_sources,
    50000, 100, 9, EACH_NANOSECONDS, FALSE },
  { "operations-first", make_shared, operate, drop_operated, 5000, 100, 9, EACH_NANOSECONDS, FALSE },
  { "operations-last", operate_until_last_part, operate, drop_operated, 5000, 100, 9, EACH_NANOSECONDS, FALSE },
  { "cancellables-one-thread", NULL, in_one_thread, demand_cancelled, 50000, 100, 5, EACH_NANOSECONDS, FALSE },
  { "cancellables-two-threads", NULL, in_two_threads, demand_twice_cancelled, 50000, 100, 5, EACH_NANOSECONDS, FALSE },
  { .name = NULL }
};
