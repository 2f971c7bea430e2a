/* asr_wait_free() while the operation is on its way: it is left behind, ends, and leaves nothing. */
#define _GNU_SOURCE /* clock_gettime */
#include "asr-wait-helpers.h"

#include <time.h>

/* An operation that is left behind before it ends. */
static void
leave (Kind kind, gint *n_gone)
{
  AsrWait *wait = asr_wait_new ();

  count_end_of_context (n_gone);
  operation_start (kind, 1, NULL, ASR_WAIT (wait));
  asr_wait_free (wait);
}

/* Whatever delivers the result: the task, the context with its sources and its descriptors, all goes. */
static void
test_left (void)
{
  guint descriptors;
  GTask *first = g_task_new (NULL, NULL, NULL, NULL);

  /* What the first task, its thread and the default context open may stay. */
  g_task_run_in_thread_sync (first, operation_in_worker);
  g_object_unref (first);
  drain (NULL);
  descriptors = count_descriptors ();
  for (guint round = 0; round < 20; round++)
    {
      gint n_gone = 0, n_left = 0;

      operation_hold ();
      for (guint kind = 0; kind < N_KINDS; kind++, n_left++)
        leave (kind, &n_gone);
      g_assert_cmpint (n_gone, ==, 1); /* AT_ONCE has not been left, and is gone. */
      drain (NULL);
      operation_let_go ();
      wait_for_count (NULL, &n_gone, n_left);
      wait_until_all_ended ();
    }
  await_descriptors (descriptors);
}

/* It is cancelled, and its end awaited: then nothing is left. */
static void
test_awaited (void)
{
  AsrWait *wait = asr_wait_new ();
  GCancellable *cancellable = g_cancellable_new ();
  GError *error = NULL;
  gint n_gone = 0;

  count_end_of_context (&n_gone);
  operation_hold ();
  operation_start (IN_A_WORKER, 1, cancellable, ASR_WAIT (wait));
  g_assert_null (asr_wait_run_until (wait, 0, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
  g_clear_error (&error);
  g_cancellable_cancel (cancellable);
  operation_let_go ();
  g_assert_cmpint (operation_finish (asr_wait_run (wait), &error), ==, -1);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);
  asr_wait_free (wait);
  /* A worker may let its task go a little later. */
  wait_until_all_ended ();
  wait_for_count (NULL, &n_gone, 1);
  g_object_unref (cancellable);
}

typedef struct
{
  GMainContext *context;
  GThread *thread;
  guint n_turns;
} Turns;

static gboolean
turn (gpointer task)
{
  Turns *turns = g_task_get_task_data (task);

  g_assert_true (g_thread_self () == turns->thread);
  g_assert_true (g_main_context_get_thread_default () == turns->context);
  if (++turns->n_turns < 20)
    return G_SOURCE_CONTINUE;
  g_task_return_boolean (task, TRUE);
  return G_SOURCE_REMOVE;
}

/* Needs 20 turns of its own source, in the context that is the default one now. */
static void
start_turns (Turns *turns, AsrWait *wait)
{
  GTask *task = g_task_new (NULL, NULL, ASR_WAIT (wait));
  GSource *source = g_idle_source_new ();

  turns->context = g_main_context_get_thread_default ();
  turns->thread = g_thread_self ();
  g_atomic_int_inc (&n_begun);
  g_object_weak_ref (G_OBJECT (task), operation_ended, NULL);
  g_task_set_task_data (task, turns, NULL);
  g_task_attach_source (task, source, turn);
  g_source_unref (source);
  g_object_unref (task);
}

static gboolean
leave_turns (gpointer turns)
{
  AsrWait *wait = asr_wait_new ();

  start_turns (turns, wait);
  asr_wait_free (wait);
  return G_SOURCE_REMOVE;
}

/* Its own sources are dispatched by who iterates the context around it, and nowhere else. */
static void
test_own_sources (void)
{
  ContextThread *thread = context_thread_new ();
  Turns here = { 0 }, there = { 0 };
  gint begun = g_atomic_int_get (&n_begun);

  leave_turns (&here);
  g_main_context_invoke (context_thread_get_context (thread), leave_turns, &there);
  await_count (&n_begun, begun + 2);
  g_usleep (20000);
  g_assert_cmpuint (here.n_turns, ==, 0);
  wait_until_all_ended ();
  g_assert_cmpuint (here.n_turns, ==, 20);
  g_assert_cmpuint (there.n_turns, ==, 20);
  context_thread_free (thread);
}

/* The context around it ends before it: then it moves to the next one. */
static void
test_moves (void)
{
  GMainContext *around = g_main_context_new ();
  AsrWait *outer;
  Turns turns = { 0 };
  gint n_gone = 0;

  g_main_context_push_thread_default (around);
  outer = asr_wait_new ();
  count_end_of_context (&n_gone);
  leave_turns (&turns);
  asr_wait_free (outer);
  g_assert_cmpint (n_gone, ==, 1);
  while (turns.n_turns < 3)
    g_main_context_iteration (around, TRUE);
  g_assert_cmpuint (turns.n_turns, ==, 3);
  g_main_context_pop_thread_default (around);
  g_main_context_unref (around);
  wait_until_all_ended ();
  g_assert_cmpuint (turns.n_turns, ==, 20);
}

static gpointer
leave_in_thread (gpointer n_gone)
{
  for (guint kind = 0; kind < N_KINDS; kind++)
    leave (kind, n_gone);
  return NULL;
}

/* A thread without a context of its own leaves it to the main loop. */
static void
test_thread (void)
{
  gint n_gone = 0;

  g_thread_join (g_thread_new ("leave", leave_in_thread, &n_gone));
  wait_for_count (NULL, &n_gone, N_KINDS);
  wait_until_all_ended ();
}

/* Somebody's context is somebody's to iterate. */
static void
test_in_context (void)
{
  GMainContext *context = g_main_context_new ();

  operation_hold ();
  for (guint kind = 0; kind < N_KINDS; kind++)
    {
      AsrWait *wait = asr_wait_new_in_context (context);

      operation_start (kind, 1, NULL, ASR_WAIT (wait));
      asr_wait_free (wait);
    }
  operation_let_go ();
  wait_for_count (context, &n_ended, g_atomic_int_get (&n_begun));
  g_main_context_unref (context);
}

/* The callback comes on another thread while the wait is freed here. */
static void
test_race (void)
{
  gint n_gone = 0;
  guint n_rounds = harness_rounds (1000);
  GMainContext *context = g_main_context_new ();

  for (guint i = 0; i < n_rounds; i++)
    {
      AsrWait *wait;

      leave (FROM_OUTSIDE, &n_gone);
      leave (IN_A_WORKER, &n_gone);
      wait = asr_wait_new_in_context (context);
      operation_start (FROM_OUTSIDE, 1, NULL, ASR_WAIT (wait));
      for (volatile guint j = 0; j < i % 200 * 100; j++)
        continue;
      asr_wait_free (wait);
    }
  wait_for_count (NULL, &n_gone, (gint) (2 * n_rounds));
  wait_for_count (NULL, &n_ended, g_atomic_int_get (&n_begun));
  g_main_context_unref (context);
}

static gboolean
stop (gpointer is_over)
{
  *(gboolean *) is_over = TRUE;
  return G_SOURCE_REMOVE;
}

/* An operation that does nothing for long wakes the loop less and less. */
static void
test_wakes_seldom (void)
{
  gboolean is_over = FALSE;
  guint n_iterations = 0;
  gint n_gone = 0;

  operation_hold ();
  leave (IN_A_WORKER, &n_gone);
  g_timeout_add (500, stop, &is_over);
  while (!is_over)
    {
      g_main_context_iteration (NULL, TRUE);
      n_iterations++;
    }
  g_assert_cmpuint (n_iterations, >=, 5);
  g_assert_cmpuint (n_iterations, <, 40);
  operation_let_go ();
  wait_for_count (NULL, &n_gone, 1);
  wait_until_all_ended ();
}

static gboolean
count_turn (gpointer n_turns)
{
  ++*(guint *) n_turns;
  return G_SOURCE_CONTINUE;
}

static guint
add_counter (GMainContext *context, int priority, guint *n_turns)
{
  GSource *source = g_idle_source_new ();
  guint id;

  g_source_set_priority (source, priority);
  g_source_set_callback (source, count_turn, n_turns, NULL);
  id = g_source_attach (source, context);
  g_source_unref (source);
  return id;
}

/* Microseconds in which this thread has run: how long others are let run does not count. */
static gint64
get_run_time (void)
{
  struct timespec time;

  g_assert_cmpint (clock_gettime (CLOCK_THREAD_CPUTIME_ID, &time), ==, 0);
  return time.tv_sec * G_USEC_PER_SEC + time.tv_nsec / 1000;
}

/* What it always has to do keeps nothing of the loop around it from its turn, and is kept from none: whichever
 * priorities both have. The loop never sleeps. */
static void
test_starves_nobody (void)
{
  int priorities[] = { G_PRIORITY_DEFAULT, G_PRIORITY_LOW };

  for (guint i = 0; i < 4; i++)
    {
      AsrWait *wait = asr_wait_new ();
      gint64 end = get_run_time () + 100000;
      guint n_inside = 0, n_around = 0, id;
      gpointer data = asr_wait_begin (wait);

      add_counter (g_main_context_get_thread_default (), priorities[i / 2], &n_inside);
      asr_wait_free (wait);
      id = add_counter (NULL, priorities[i % 2], &n_around);
      while (get_run_time () < end)
        g_main_context_iteration (NULL, TRUE);
      g_assert_cmpuint (n_inside, >=, 5);
      g_assert_cmpuint (n_around, >=, 5);
      g_source_remove (id);
      operation_start (AT_ONCE, 1, NULL, asr_wait_callback, data);
      wait_until_all_ended ();
    }
}

#ifdef ON_GIO
static void
start_gios (guint which, AsrWait *wait, GCancellable *cancellable)
{
  GFile *file = g_file_new_for_path ("/"), *kept = g_file_new_for_path ("/proc/self/status");
  GSocketClient *client = g_socket_client_new ();
  GSubprocess *process;

  switch (which)
    {
    case 0:
      g_file_query_info_async (file, "*", G_FILE_QUERY_INFO_NONE, 0, cancellable, ASR_WAIT (wait));
      break;
    case 1:
      g_file_load_contents_async (kept, cancellable, ASR_WAIT (wait));
      break;
    case 2:
      g_file_enumerate_children_async (file, "*", G_FILE_QUERY_INFO_NONE, 0, cancellable, ASR_WAIT (wait));
      break;
    case 3:
      g_socket_client_connect_to_host_async (client, "127.0.0.1", 1, cancellable, ASR_WAIT (wait));
      break;
    case 4:
      g_resolver_lookup_by_name_async (g_resolver_get_default (), "127.0.0.1", cancellable, ASR_WAIT (wait));
      break;
    default:
      process = g_subprocess_new (G_SUBPROCESS_FLAGS_NONE, NULL, "true", NULL);
      g_subprocess_wait_async (process, cancellable, ASR_WAIT (wait));
      g_object_unref (process);
    }
  g_object_unref (client);
  g_object_unref (file);
  g_object_unref (kept);
}

/* Operations of GIO's own, waited for and left behind, also when they are cancelled. */
static void
test_gio (void)
{
  gint n_gone = 0;
  guint n_rounds = 3 * 6 * 4;

  /* What a process has once, and the first connection would make, lives where it was made. */
  g_assert_nonnull (g_network_monitor_get_default ());

  for (guint i = 0; i < n_rounds; i++)
    {
      AsrWait *wait = asr_wait_new ();
      GCancellable *cancellable = g_cancellable_new ();

      count_end_of_context (&n_gone);
      start_gios (i / 4 % 6, wait, cancellable);
      if (i % 4 / 2 == 1)
        g_cancellable_cancel (cancellable);
      if (i % 2 == 0)
        g_assert_true (G_IS_ASYNC_RESULT (asr_wait_run (wait)));
      asr_wait_free (wait);
      g_object_unref (cancellable);
    }
  wait_for_count (NULL, &n_gone, (gint) n_rounds);
}
#endif

static const Case cases[] = {
#ifdef ON_GIO
  { "/asr-wait-left/gio", test_gio, NULL, 0 },
#endif
  { "/asr-wait-left/left", test_left, NULL, 30 },
  { "/asr-wait-left/awaited", test_awaited, NULL, 0 },
  { "/asr-wait-left/own-sources", test_own_sources, NULL, 0 },
  { "/asr-wait-left/moves", test_moves, NULL, 0 },
  { "/asr-wait-left/thread", test_thread, NULL, 0 },
  { "/asr-wait-left/in-context", test_in_context, NULL, 0 },
  { "/asr-wait-left/race", test_race, NULL, 0 },
  { "/asr-wait-left/wakes-seldom", test_wakes_seldom, NULL, 0 },
  { "/asr-wait-left/starves-nobody", test_starves_nobody, NULL, 0 },
};

HARNESS_MAIN (cases)
