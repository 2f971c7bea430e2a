/* The order in which workers take GTasks out of the queue. */
#include "task-helpers.h"

#include <string.h>

#define WORKERS 10
#define ATTEMPTS 30

static Gate gate;

static struct
{
  GMutex mutex;
  GString *order; /* a letter for each task that was run */
  GThread *only;  /* the worker that is let go when all are in the queue */
  gboolean one_worker;
} record;

static void
record_letter (GTask *task, gpointer source G_GNUC_UNUSED, gpointer letter, GCancellable *cancellable G_GNUC_UNUSED)
{
  g_mutex_lock (&record.mutex);
  g_string_append_c (record.order, (char) GPOINTER_TO_INT (letter));
  record.one_worker = record.one_worker && record.only == g_thread_self ();
  g_mutex_unlock (&record.mutex);
  g_task_return_boolean (task, TRUE);
}

static void
queue_letter (Call *call, GCancellable *cancellable, int priority, char letter)
{
  GTask *task = g_task_new (NULL, cancellable, note_call, call);

  g_task_set_priority (task, priority);
  g_task_set_task_data (task, GINT_TO_POINTER (letter), NULL);
  g_task_run_in_thread (task, record_letter);
  g_object_unref (task);
}

typedef void (*Filling) (Call *call, GCancellable *cancellable);

static void
block (GTask *task, gpointer source G_GNUC_UNUSED, gpointer data G_GNUC_UNUSED,
       GCancellable *cancellable G_GNUC_UNUSED)
{
  gate_pass (&gate);
  g_mutex_lock (&record.mutex);
  if (!record.only)
    record.only = g_thread_self ();
  g_mutex_unlock (&record.mutex);
  g_task_return_boolean (task, TRUE);
}

static Filling fill_from_worker;
static Call *worker_call;
static Gate outside_done;

/* Blocks like the others, after it has queued tasks from inside a worker. */
static void
fill_and_block (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  gate_pass (&outside_done);
  fill_from_worker (worker_call, NULL);
  block (task, source, data, cancellable);
}

static void
start (Call *call, GTaskThreadFunc function)
{
  GTask *task = g_task_new (NULL, NULL, note_call, call);

  g_task_run_in_thread (task, function);
  g_object_unref (task);
}

static void
block_all_workers_and_fill (Call *blockers, Filling from_outside, Call *letters, GCancellable *cancellable)
{
  gint plain = fill_from_worker ? WORKERS - 1 : WORKERS;

  for (gint i = 0; i < plain; i++)
    start (blockers, block);
  gate_await (&gate, plain);
  if (fill_from_worker)
    {
      worker_call = letters;
      start (blockers, fill_and_block);
      gate_await (&outside_done, 1);
    }
  from_outside (letters, cancellable);
  gate_let_out (&outside_done, 1);
  gate_await (&gate, WORKERS);
}

/* Fills the queue while all workers are blocked, lets one go, and answers in which order it took the tasks.
 * NULL: another worker came to help (the pool may grow when it pleases), which tells nothing about the order. */
static char *
order_of_one_worker (Filling from_outside, gint tasks)
{
  GCancellable *cancellable = g_cancellable_new ();
  Call blockers = { 0 }, letters = { 0 };
  char *order;

  gate_init (&gate);
  gate_init (&outside_done);
  record.order = g_string_new (NULL);
  record.only = NULL;
  record.one_worker = TRUE;

  block_all_workers_and_fill (&blockers, from_outside, &letters, cancellable);
  gate_let_out (&gate, 1);
  wait_for_count (NULL, &letters.calls, tasks);
  gate_let_out (&gate, WORKERS - 1);
  wait_for_count (NULL, &blockers.calls, WORKERS);

  order = g_string_free (record.order, !record.one_worker);
  gate_clear (&gate);
  gate_clear (&outside_done);
  g_object_unref (cancellable);
  return order;
}

static void
assert_order (Filling from_worker, Filling from_outside, const char *expected)
{
  char *order = NULL;
  gint attempts = 0;

  fill_from_worker = from_worker;
  while (!order && attempts++ < ATTEMPTS)
    {
      order = order_of_one_worker (from_outside, (gint) strlen (expected));
      if (!order)
        g_usleep (3 * G_USEC_PER_SEC / 2); /* so that the extra worker can leave: it stays for a second */
    }
  g_test_message ("%d attempts until one worker did it alone", attempts);
  g_assert_cmpstr (order, ==, expected);
  g_free (order);
}

static void
fill_alike (Call *call, GCancellable *cancellable)
{
  for (char letter = 'a'; letter <= 'z'; letter++)
    queue_letter (call, cancellable, G_PRIORITY_DEFAULT, letter);
}

/* First come, first served. */
static void
test_arrival (void)
{
  assert_order (NULL, fill_alike, "abcdefghijklmnopqrstuvwxyz");
}

static void
fill_by_priority (Call *call, GCancellable *cancellable)
{
  queue_letter (call, cancellable, G_PRIORITY_LOW, 'l');
  queue_letter (call, cancellable, G_PRIORITY_DEFAULT, 'd');
  queue_letter (call, cancellable, G_PRIORITY_HIGH, 'h');
  queue_letter (call, cancellable, G_PRIORITY_LOW, 'm');
  queue_letter (call, cancellable, G_PRIORITY_DEFAULT, 'e');
  queue_letter (call, cancellable, G_PRIORITY_HIGH, 'i');
}

/* The lower priority number first. */
static void
test_priority (void)
{
  assert_order (NULL, fill_by_priority, "hidelm");
}

static void
fill_one_cancelled (Call *call, GCancellable *cancellable)
{
  queue_letter (call, NULL, G_PRIORITY_HIGH, 'h');
  queue_letter (call, NULL, G_PRIORITY_DEFAULT, 'd');
  g_cancellable_cancel (cancellable);
  queue_letter (call, cancellable, G_PRIORITY_LOW, 'c');
}

/* What is cancelled already goes before all priorities. */
static void
test_cancelled_before (void)
{
  assert_order (NULL, fill_one_cancelled, "chd");
}

static void
fill_and_cancel (Call *call, GCancellable *cancellable)
{
  queue_letter (call, NULL, G_PRIORITY_HIGH, 'h');
  queue_letter (call, NULL, G_PRIORITY_DEFAULT, 'd');
  queue_letter (call, cancellable, G_PRIORITY_LOW, 'c');
  queue_letter (call, NULL, G_PRIORITY_LOW, 'l');
  g_cancellable_cancel (cancellable);
}

/* What is cancelled in the queue moves forward (751160). */
static void
test_cancelled_in_queue (void)
{
  assert_order (NULL, fill_and_cancel, "chdl");
}

static void
fill_and_cancel_last_first (Call *call, GCancellable *cancellable)
{
  GCancellable *other = g_cancellable_new ();

  queue_letter (call, NULL, G_PRIORITY_DEFAULT, 'd');
  queue_letter (call, cancellable, G_PRIORITY_DEFAULT, 'a');
  queue_letter (call, other, G_PRIORITY_DEFAULT, 'b');
  g_cancellable_cancel (other);
  g_cancellable_cancel (cancellable);
  g_object_unref (other);
}

/* Among themselves those that are cancelled go in the order in which they came. */
static void
test_cancelled_last_first (void)
{
  assert_order (NULL, fill_and_cancel_last_first, "abd");
}

static void
fill_low (Call *call, GCancellable *cancellable)
{
  queue_letter (call, cancellable, G_PRIORITY_LOW, 'w');
  queue_letter (call, cancellable, G_PRIORITY_HIGH, 'v');
}

/* What a worker queues goes before all others, cancelled or not: another worker may wait for it (687223). */
static void
test_from_worker (void)
{
  assert_order (fill_low, fill_one_cancelled, "vwchd");
}

static const Case cases[] = {
  { "/task-queue/arrival", test_arrival, NULL, 0 },
  { "/task-queue/priority", test_priority, NULL, 0 },
  { "/task-queue/cancelled-before", test_cancelled_before, NULL, 0 },
  { "/task-queue/cancelled-in-queue", test_cancelled_in_queue, NULL, 0 },
  { "/task-queue/cancelled-last-first", test_cancelled_last_first, NULL, 0 },
  { "/task-queue/from-worker", test_from_worker, NULL, 0 },
};

HARNESS_MAIN (cases)
