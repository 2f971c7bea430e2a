/* The last references are dropped everywhere at once. */
#include "stress.h"

#define OPERATIONS 6
#define MEMBERS 2

typedef struct
{
  GMainContext *context;
  GCancellable *cancellable;
  gboolean share_objects; /* workers also drop references to the source object, on their own account */
  Operation operations[OPERATIONS];
  GObject *sources[OPERATIONS];
  gint inside; /* functions that have come to the start */
  gint go;
} Round;

/* Where the workers wait for the crowd; the order of what went before is not theirs to see. */
static void
await_start (Round *round)
{
  COUNT (round->inside);
  while (!READ (round->go))
    g_thread_yield ();
}

static void
drop_in_worker (GTask *task, gpointer source, gpointer data G_GNUC_UNUSED, GCancellable *cancellable)
{
  Operation *operation = g_async_result_get_user_data (G_ASYNC_RESULT (task));
  Round *round = operation->round;
  gboolean share = round->share_objects;

  worker_begin ();
  g_object_ref (task);
  g_object_ref (cancellable);
  if (share)
    g_object_ref (source);
  operation_return (operation, task);
  await_start (round);
  linger (&operation->dice);
  g_object_unref (task);
  g_object_unref (cancellable);
  if (share)
    {
      worker_owns_release (TRUE);
      g_object_unref (source);
      worker_owns_release (FALSE);
    }
  operation_leave (operation);
}

/* In the thread of the context. */
static void
start_operations (gpointer data)
{
  Round *round = data;
  guint32 dice = round->operations[0].dice;

  for (guint i = 0; i < OPERATIONS; i++)
    {
      Operation *operation = &round->operations[i];

      operation->round = round;
      operation_begin (operation, round->cancellable, &dice);
      g_task_set_return_on_cancel (operation->task, i % 2);
      round->sources[i] = g_object_ref (g_task_get_source_object (operation->task));
      g_object_ref (operation->task); /* one for each member of the crowd */
      g_task_run_in_thread (operation->task, drop_in_worker);
    }
}

static void
drop_everything (gpointer data, guint member, guint32 *dice)
{
  Round *round = data;

  WRITE (round->go, 1);
  if (member == 0 && roll (dice, 2))
    g_cancellable_cancel (round->cancellable);
  for (guint i = 0; i < OPERATIONS; i++)
    {
      linger (dice);
      g_object_unref (round->operations[i].task);
      if (member == 1)
        g_object_unref (round->sources[i]);
    }
  g_object_unref (round->cancellable);
}

static void
do_nothing (gpointer data G_GNUC_UNUSED)
{
}

static void
handle_nothing (GCancellable *cancellable G_GNUC_UNUSED, gpointer data G_GNUC_UNUSED)
{
}

static void
run_last_references (Run *run, gboolean share_objects)
{
  Crowd *crowd = crowd_new (MEMBERS, drop_everything);
  ContextThread *thread = context_thread_new ();
  Round *round = g_new0 (Round, 1);
  guint64 cancelled = 0;

  while (run_goes_on (run))
    {
      *round = (Round) {
        .context = context_thread_get_context (thread),
        .cancellable = counted_cancellable_new (),
        .share_objects = share_objects,
      };
      round->operations[0].dice = roll (&run->dice, G_MAXUINT32) | 1;
      g_object_ref (round->cancellable);
      call_in_and_wait (round->context, start_operations, round);
      while (READ (round->inside) < OPERATIONS)
        g_usleep (10);
      crowd_begin (crowd, round);
      crowd_wait (crowd);
      entries_settle (NULL);
      call_in_and_wait (round->context, do_nothing, NULL);
      operations_end (round->operations, OPERATIONS);
      for (guint i = 0; i < OPERATIONS; i++)
        {
          g_assert_cmpint (READ (round->operations[i].called), ==, 1);
          cancelled += READ (round->operations[i].cancelled);
        }
    }
  g_free (round);
  context_thread_free (thread);
  crowd_free (crowd);
  g_string_append_printf (run->remarks, ", %" G_GUINT64_FORMAT " cancelled", cancelled);
}

/* The starter, another thread, the worker and the delivery let go of the task together. */
static void
run_tasks_dropped (Run *run)
{
  run_last_references (run, FALSE);
}

/* The worker's function has a reference to the source object as well, and drops it where it is. */
static void
run_objects_dropped (Run *run)
{
  run_last_references (run, TRUE);
}

/* A handler or the cancelling thread drops the last reference, while others connect and disconnect. */
static void
unref_in_handler (GCancellable *cancellable, gpointer data)
{
  if (__atomic_exchange_n ((gint *) data, 0, __ATOMIC_RELAXED))
    g_object_unref (cancellable);
}

typedef struct
{
  GCancellable *cancellable;
  gint held; /* whether the handler's reference is still to be dropped */
} DropRound;

static void
cancel_and_drop (gpointer data, guint member, guint32 *dice)
{
  DropRound *round = data;
  GCancellable *cancellable = round->cancellable;
  gulong id;

  linger (dice);
  if (member == 0)
    g_cancellable_cancel (cancellable);
  else
    {
      id = g_cancellable_connect (cancellable, G_CALLBACK (handle_nothing), entry_new (ENTRY_DATA), entry_close);
      linger (dice);
      if (id != 0 && roll (dice, 2))
        g_cancellable_disconnect (cancellable, id);
    }
  g_object_unref (cancellable);
}

static void
run_cancellables_dropped (Run *run)
{
  Crowd *crowd = crowd_new (3, cancel_and_drop);

  while (run_goes_on (run))
    {
      DropRound round = { .cancellable = counted_cancellable_new (), .held = 1 };

      /* One reference for each member, one for the handler; the one from the making is the first member's. */
      for (guint i = 0; i < 3; i++)
        g_object_ref (round.cancellable);
      g_cancellable_connect (round.cancellable, G_CALLBACK (unref_in_handler), &round.held, NULL);
      crowd_begin (crowd, &round);
      crowd_wait (crowd);
      g_assert_cmpint (READ (round.held), ==, 0);
      entries_settle (NULL);
    }
  crowd_free (crowd);
}

const Scenario release_scenarios[] = {
  { "last-references-of-tasks", run_tasks_dropped, NULL },
  { "last-references-of-objects", run_objects_dropped, NULL },
  { "last-references-of-cancellables", run_cancellables_dropped, NULL },
  { NULL, NULL, NULL },
};
