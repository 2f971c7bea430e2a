/* Whom a result wakes: the writes to the context's descriptor, counted, and loops that sleep without an owner. */
#define _GNU_SOURCE /* gettid, syscall */
#include "muster-helpers.h"

#include <poll.h>
#include <sys/syscall.h>
#include <unistd.h>

/* A wake-up that got lost lets a case sleep for ever. */
#define LOST 20
/* On a busy machine, where each round may take as long as other programs are let run. */
#define ENOUGH (3 * G_USEC_PER_SEC)

enum { MAX_DESCRIPTORS = 8, RESULTS = 1000, WORKERS = 100, MOST = 3, MANY = 7, ROUNDS = 500 };

static gint watched = -1; /* a descriptor */
static gint writes;       /* to that one */

/* GLib's calls come here too. */
ssize_t
write (int descriptor, const void *bytes, size_t length)
{
  if (descriptor == g_atomic_int_get (&watched))
    g_atomic_int_inc (&writes);
  return syscall (SYS_write, descriptor, bytes, length);
}

static GMainContext *
new_watched_context (GMainContextFlags flags)
{
  GMainContext *context = g_main_context_new_with_flags (flags);
  GPollFD descriptors[MAX_DESCRIPTORS];
  gint timeout;

  g_assert_cmpint (g_main_context_query (context, G_MAXINT, &timeout, descriptors, MAX_DESCRIPTORS), ==, 1);
  g_atomic_int_set (&writes, 0);
  g_atomic_int_set (&watched, descriptors[0].fd);
  return context;
}

static void
free_watched_context (GMainContext *context)
{
  g_atomic_int_set (&watched, -1);
  g_main_context_unref (context);
}

/* The count is that of GLib's wake-ups. */
static void
test_counted (void)
{
  GMainContext *context = new_watched_context (G_MAIN_CONTEXT_FLAGS_NONE);

  for (gint i = 1; i <= 3; i++)
    {
      g_main_context_wakeup (context);
      g_assert_cmpint (writes, ==, i);
    }
  free_watched_context (context);
}

/* A thread that owns a context and does nothing with it. */
typedef struct
{
  GMainContext *context;
  Gate gate;
} Holder;

static gpointer
hold (gpointer data)
{
  Holder *holder = data;

  g_assert_true (g_main_context_acquire (holder->context));
  gate_pass (&holder->gate);
  g_main_context_release (holder->context);
  return NULL;
}

typedef enum { NOBODY, THIS_THREAD, ANOTHER, N_OWNERS } Owner;

static gpointer
return_task (gpointer task)
{
  g_task_return_boolean (task, TRUE);
  return NULL;
}

/* Besides the kinds: another thread that is no worker. */
enum { BY_THREAD = N_KINDS, N_WAYS };

static gpointer
new_in (GMainContext *context, gint way, GAsyncReadyCallback callback, gpointer data)
{
  gpointer result;

  g_main_context_push_thread_default (context); /* which acquires it */
  result = new_result (way == BY_THREAD ? PLAIN : (Kind) way, G_PRIORITY_DEFAULT, NULL, callback, data);
  g_main_context_pop_thread_default (context);
  return result;
}

static void
return_way (gint way, GMainContext *context, gpointer result)
{
  if (way == BY_THREAD)
    g_thread_join (g_thread_new ("returning", return_task, result));
  else
    return_result (way, result);
  if (way == WORKER)
    await_found (context, result, FALSE);
}

static gint
count_writes (gint way, GMainContextFlags flags, Owner owner, gint n)
{
  gpointer results[MOST];
  Holder holder = { .context = new_watched_context (flags) };
  Delivery delivery = { 0 };
  GThread *thread = NULL;
  gint counted;

  for (gint i = 0; i < n; i++)
    results[i] = new_in (holder.context, way, note_delivery, &delivery);
  gate_init (&holder.gate);
  if (owner == THIS_THREAD)
    g_assert_true (g_main_context_acquire (holder.context));
  if (owner == ANOTHER)
    {
      thread = g_thread_new ("holding", hold, &holder);
      gate_await (&holder.gate, 1);
    }
  g_atomic_int_set (&writes, 0);
  for (gint i = 0; i < n; i++)
    return_way (way, holder.context, results[i]);
  /* A worker writes after its source can be found. */
  if (way == WORKER && (owner != NOBODY || flags))
    await_count (&writes, 1);
  counted = g_atomic_int_get (&writes);
  if (owner == THIS_THREAD)
    g_main_context_release (holder.context);
  if (thread)
    {
      gate_let_out (&holder.gate, 1);
      g_thread_join (thread);
    }
  while (delivery.calls < n)
    g_main_context_iteration (holder.context, FALSE);
  for (gint i = 0; i < n; i++)
    g_object_unref (results[i]);
  gate_clear (&holder.gate);
  free_watched_context (holder.context);
  return counted;
}

static void
assert_writes (GMainContextFlags flags, Owner owner, gint by_this_thread, gint by_another)
{
  for (gint way = 0; way < N_WAYS; way++)
    {
      if (way == REPORTED || way == SIMPLE_WORKER)
        continue;
      for (gint n = 1; n <= (way == WORKER ? 1 : MOST); n++)
        g_assert_cmpint (count_writes (way, flags, owner, n), ==,
                         n * (way == WORKER || way == BY_THREAD ? by_another : by_this_thread));
    }
}

/* Nobody polls: nobody is woken. */
static void
test_nobody_owns (void)
{
  assert_writes (G_MAIN_CONTEXT_FLAGS_NONE, NOBODY, 0, 0);
}

static void
test_this_thread_owns (void)
{
  assert_writes (G_MAIN_CONTEXT_FLAGS_NONE, THIS_THREAD, 0, 1);
}

static void
test_another_owns (void)
{
  assert_writes (G_MAIN_CONTEXT_FLAGS_NONE, ANOTHER, 1, 1);
}

/* Where somebody may poll without owning the context, it is always woken. */
static void
test_ownerless (void)
{
  assert_writes (G_MAIN_CONTEXT_FLAGS_OWNERLESS_POLLING, NOBODY, 1, 1);
  assert_writes (G_MAIN_CONTEXT_FLAGS_OWNERLESS_POLLING, THIS_THREAD, 1, 1);
  assert_writes (G_MAIN_CONTEXT_FLAGS_OWNERLESS_POLLING, ANOTHER, 1, 1);
}

static void
return_next (GObject *source G_GNUC_UNUSED, GAsyncResult *result G_GNUC_UNUSED, gpointer data)
{
  gint *left = data;
  GTask *task;

  if (--*left == 0)
    return;
  task = g_task_new (NULL, NULL, return_next, data);
  g_task_return_boolean (task, TRUE);
  g_object_unref (task);
}

/* A thread's own loop never writes to itself, with one result after the other, or with all at once. */
static void
test_own_loop (void)
{
  GMainContext *context = new_watched_context (G_MAIN_CONTEXT_FLAGS_NONE);
  gint left = RESULTS + 1;

  g_main_context_push_thread_default (context);
  return_next (NULL, NULL, &left);
  while (left)
    g_main_context_iteration (context, TRUE);
  for (gint round = 0; round < 3; round++)
    {
      Delivery delivery = { 0 };

      for (gint i = 0; i < RESULTS; i++)
        g_object_unref (make_pending (i % 2 ? PLAIN : SIMPLE, -(i % 3), NULL, note_delivery, &delivery));
      while (delivery.calls < RESULTS)
        g_main_context_iteration (context, TRUE);
    }
  g_assert_cmpint (writes, ==, 0);
  g_main_context_pop_thread_default (context);
  free_watched_context (context);
}

/* Workers' results that come before the loop looks wake it a time or two, not once each, at each of the priorities. */
static void
assert_shared_wakeups (gint n_priorities)
{
  GMainContext *context = new_watched_context (G_MAIN_CONTEXT_FLAGS_NONE);
  gint workers[WORKERS] = { 0 };
  Delivery delivery = { 0 };
  gint written;

  g_main_context_push_thread_default (context); /* which acquires it */
  for (gint i = 0; i < WORKERS; i++)
    {
      GTask *task = new_result (WORKER, i % n_priorities, NULL, note_delivery, &delivery);

      g_task_set_task_data (task, &workers[i], NULL);
      g_task_run_in_thread (task, return_and_note_worker);
      g_object_unref (task);
    }
  for (gint i = 0; i < WORKERS; i++)
    while (!g_atomic_int_get (&workers[i]))
      g_usleep (20);
  await_arrived (workers, WORKERS);
  written = g_atomic_int_get (&writes);
  g_test_message ("%d writes for %d results of %d priorities", written, WORKERS, n_priorities);
  g_assert_cmpint (written, >=, 1);
  g_assert_cmpint (written, <=, 2 * n_priorities);
  for (gint i = 0; i < n_priorities; i++)
    g_assert_true (g_main_context_iteration (context, FALSE));
  g_assert_cmpint (delivery.calls, ==, WORKERS);
  g_main_context_pop_thread_default (context);
  free_watched_context (context);
}

static void
test_workers_share_wakeups (void)
{
  assert_shared_wakeups (1);
  assert_shared_wakeups (3);
}

/* A loop whose descriptors are polled while nobody owns the context. */
typedef struct
{
  GMainContext *context;
  gint asleep;    /* whether it polls, or is about to */
  gint delivered; /* how many results it has seen */
  gint stop;
} Poller;

static gpointer
poll_without_owner (gpointer data)
{
  Poller *self = data;

  while (!g_atomic_int_get (&self->stop))
    {
      GPollFD descriptors[MAX_DESCRIPTORS];
      gint priority, timeout, n;

      if (!g_main_context_acquire (self->context))
        {
          g_usleep (20); /* the other thread iterates it just now */
          continue;
        }
      g_main_context_prepare (self->context, &priority);
      n = g_main_context_query (self->context, priority, &timeout, descriptors, MAX_DESCRIPTORS);
      g_main_context_release (self->context);
      g_atomic_int_set (&self->asleep, TRUE);
      poll ((struct pollfd *) descriptors, n, timeout);
      g_atomic_int_set (&self->asleep, FALSE);
      if (!g_main_context_acquire (self->context))
        continue;
      if (g_main_context_check (self->context, priority, descriptors, n))
        g_main_context_dispatch (self->context);
      g_main_context_release (self->context);
    }
  return NULL;
}

static void
count_delivered (GObject *source G_GNUC_UNUSED, GAsyncResult *result G_GNUC_UNUSED, gpointer data)
{
  g_atomic_int_inc (&((Poller *) data)->delivered);
}

/* Each result of each kind wakes such a loop, whatever this thread has done with the context in between. */
static void
assert_woken (gint n, gboolean iterate, gboolean own)
{
  static const gint ways[] = { PLAIN, WORKER, BY_THREAD, SIMPLE, CANCELLED };
  Poller self = { .context = g_main_context_new_with_flags (G_MAIN_CONTEXT_FLAGS_OWNERLESS_POLLING) };
  GThread *thread = g_thread_new ("polling", poll_without_owner, &self);
  gint64 end = g_get_monotonic_time () + ENOUGH;
  guint round;
  gint expected = 0;

  for (round = 0; round < harness_rounds (ROUNDS) && g_get_monotonic_time () < end; round++)
    {
      gpointer results[MANY];

      await_count (&self.asleep, TRUE);
      /* To push the context as thread-default needs it free for a moment. */
      while (!g_main_context_acquire (self.context))
        g_usleep (20);
      for (gint i = 0; i < n; i++)
        results[i] = new_in (self.context, ways[(round + i) % G_N_ELEMENTS (ways)], count_delivered, &self);
      if (iterate)
        g_main_context_iteration (self.context, FALSE);
      if (!own)
        g_main_context_release (self.context);
      for (gint i = 0; i < n; i++)
        {
          gint way = ways[(round + i) % G_N_ELEMENTS (ways)];

          if (way == BY_THREAD)
            g_thread_join (g_thread_new ("returning", return_task, results[i]));
          else
            return_result (way, results[i]);
          g_object_unref (results[i]);
        }
      if (own)
        g_main_context_release (self.context);
      expected += n;
      await_count (&self.delivered, expected);
    }
  g_atomic_int_set (&self.stop, TRUE);
  g_main_context_wakeup (self.context);
  g_thread_join (thread);
  g_assert_cmpint (self.delivered, ==, expected);
  g_main_context_unref (self.context);
  g_test_message ("%u rounds", round);
}

static void
test_woken_without_owner (void)
{
  assert_woken (1, FALSE, FALSE);
  assert_woken (MANY, FALSE, FALSE);
}

static void
test_woken_after_own_iteration (void)
{
  assert_woken (1, TRUE, FALSE);
  assert_woken (MANY, TRUE, FALSE);
}

/* This thread owns the context while the results are returned, and then leaves them to the poller. */
static void
test_woken_by_owner (void)
{
  assert_woken (1, FALSE, TRUE);
  assert_woken (MANY, FALSE, TRUE);
  assert_woken (1, TRUE, TRUE);
  assert_woken (MANY, TRUE, TRUE);
}

#define PATH "/task-wakeups/"

static const Case cases[] = {
  { PATH "counted", test_counted, NULL, 0 },
  { PATH "nobody-owns", test_nobody_owns, NULL, 0 },
  { PATH "this-thread-owns", test_this_thread_owns, NULL, 0 },
  { PATH "another-owns", test_another_owns, NULL, 0 },
  { PATH "ownerless", test_ownerless, NULL, 0 },
  { PATH "own-loop", test_own_loop, NULL, 0 },
  { PATH "workers-share-wakeups", test_workers_share_wakeups,
    "4.16 (better): results of workers that arrive while others of them wait share wake-ups", 0 },
  { PATH "woken-without-owner", test_woken_without_owner, NULL, LOST },
  { PATH "woken-without-owner/after-own-iteration", test_woken_after_own_iteration, NULL, LOST },
  { PATH "woken-without-owner/by-an-owner", test_woken_by_owner, NULL, LOST },
};

HARNESS_MAIN (cases)
