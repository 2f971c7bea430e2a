/* Contract, section 12: GIOScheduler. */
#include "task-helpers.h"

/* What a job did. */
typedef struct
{
  gint runs;
  gint ended;
  gint destroyed; /* by `notify` */
  gint rounds;    /* how often it wants to be called */
  GCancellable *cancellable;
  gboolean is_current;
  GThread *thread, *notified_in;
  GMainContext *context;
} Work;

static void
note_destroyed (gpointer data)
{
  Work *work = data;

  work->notified_in = g_thread_self ();
  g_atomic_int_inc (&work->destroyed);
}

static gboolean
run (GIOSchedulerJob *job, GCancellable *cancellable, gpointer data)
{
  Work *work = data;

  g_assert_nonnull (job);
  work->cancellable = cancellable;
  work->is_current = g_cancellable_get_current () == cancellable;
  work->thread = g_thread_self ();
  if (g_atomic_int_add (&work->runs, 1) + 1 < work->rounds)
    return 5;
  g_atomic_int_inc (&work->ended);
  return FALSE;
}

/* The cancellable is the test's alone. On libgio a job's worker may let go of it later than the data is destroyed. */
static void
assert_let_go (GCancellable *cancellable)
{
#ifdef ON_GIO
  await_alone (cancellable);
#endif
  g_assert_cmpuint (G_OBJECT (cancellable)->ref_count, ==, 1);
}

static void
test_push (void)
{
  GCancellable *cancellable = g_cancellable_new ();
  Work work = { .rounds = 3 };

  g_io_scheduler_push_job (run, &work, note_destroyed, 3, cancellable);
  wait_for_count (NULL, &work.destroyed, 1);
  g_assert_cmpint (work.runs, ==, 3);
  g_assert_true (work.cancellable == cancellable);
  g_assert_true (work.is_current);
  g_assert_true (work.thread != g_thread_self ());
#ifndef ON_GIO
  g_assert_true (work.notified_in == g_thread_self ()); /* on libgio it is the worker at times (12.3) */
#endif

  /* The cancellable is the function's to watch. */
  g_cancellable_cancel (cancellable);
  g_io_scheduler_push_job (run, &work, note_destroyed, 3, cancellable);
  wait_for_count (NULL, &work.destroyed, 2);
  g_assert_cmpint (work.runs, ==, 4);
  assert_let_go (cancellable);
  g_assert_finalize_object (cancellable);

  g_io_scheduler_push_job (run, &work, NULL, 3, NULL);
  wait_for_count (NULL, &work.ended, 3);
  g_assert_null (work.cancellable);
  g_assert_true (work.is_current);
  drain (NULL);
}

/* The data is destroyed where the job's context is iterated. Until then a source waits there. */
static void
test_notify_in_context (void)
{
  GMainContext *context = g_main_context_new ();
  GSource *waiting;
  Work work = { .rounds = 1 };

  g_main_context_push_thread_default (context);
  g_io_scheduler_push_job (run, &work, note_destroyed, 55, NULL);
  g_main_context_pop_thread_default (context);
  wait_for_count (NULL, &work.ended, 1);
  while (!g_main_context_pending (context))
    g_usleep (1000);
  g_assert_cmpint (work.destroyed, ==, 0);
  waiting = NULL;
  for (guint id = 1; waiting == NULL && id < 100; id++)
    waiting = g_main_context_find_source_by_id (context, id);
  g_assert_nonnull (waiting);
  g_assert_cmpint (g_source_get_priority (waiting), ==, 55);
  g_assert_nonnull (strstr (g_source_get_name (waiting), "g_io_scheduler_push_job"));
  wait_for_count (context, &work.destroyed, 1);
  g_main_context_unref (context);
}

/* Ten jobs that block, and three that are queued behind them in the wrong order. */
static gint gate, n_inside, n_outside, order[3], n_ordered;

static gboolean
block (GIOSchedulerJob *job G_GNUC_UNUSED, GCancellable *cancellable G_GNUC_UNUSED, gpointer data G_GNUC_UNUSED)
{
  g_atomic_int_inc (&n_inside);
  while (!g_atomic_int_get (&gate))
    g_usleep (1000);
  g_atomic_int_inc (&n_outside);
  return FALSE;
}

static gboolean
note_order (GIOSchedulerJob *job G_GNUC_UNUSED, GCancellable *cancellable G_GNUC_UNUSED, gpointer data)
{
  /* One worker at a time comes here: the others are blocked. */
  order[n_ordered] = GPOINTER_TO_INT (data);
  if (g_atomic_int_add (&n_ordered, 1) == 2)
    g_atomic_int_set (&gate, 1);
  return FALSE;
}

static gboolean
let_one_go (GIOSchedulerJob *job G_GNUC_UNUSED, GCancellable *cancellable G_GNUC_UNUSED, gpointer data)
{
  g_atomic_int_inc (&n_inside);
  while (!g_atomic_int_get ((gint *) data))
    g_usleep (1000);
  g_atomic_int_inc (&n_outside);
  return FALSE;
}

/* Answers FALSE if the pushing took so long that the pool may have grown meanwhile: then a worker more may have begun
 * too early. */
static gboolean
is_most_urgent_first (void)
{
  static gint go;
  gint64 took;

  n_inside = n_outside = n_ordered = 0;
  gate = go = FALSE;
  g_io_scheduler_push_job (let_one_go, &go, NULL, 0, NULL);
  for (guint i = 0; i < 8; i++)
    g_io_scheduler_push_job (block, NULL, NULL, 0, NULL);
  /* libgio's pool grows when ten have been busy for a while, whether anything is queued or not. */
  took = -g_get_monotonic_time ();
  g_io_scheduler_push_job (block, NULL, NULL, 0, NULL);
  while (g_atomic_int_get (&n_inside) < 10)
    g_usleep (1000);
  g_io_scheduler_push_job (note_order, GINT_TO_POINTER (10), NULL, 10, NULL);
  g_io_scheduler_push_job (note_order, GINT_TO_POINTER (5), NULL, 5, NULL);
  g_io_scheduler_push_job (note_order, GINT_TO_POINTER (-5), NULL, -5, NULL);
  took += g_get_monotonic_time ();
  g_atomic_int_set (&go, 1);
  wait_for_count (NULL, &n_ordered, 3);
  await_count (&n_outside, 10);
  drain (NULL);
  /* Ours grows after 50 ms, libgio's after 100. */
  if (took > 40000)
    return FALSE;
  /* Workers that were added since may overlap; the most urgent job is the first all the same. */
  g_assert_cmpint (order[0], ==, -5);
  return TRUE;
}

static void
test_priority (void)
{
  guint attempts = 1;

  while (!is_most_urgent_first ())
    {
      g_assert_cmpuint (++attempts, <=, 20);
      g_usleep (3 * G_USEC_PER_SEC / 2); /* until a worker more has left */
    }
}

/* What a job sends to the loop. */
typedef struct
{
  Work work;
  GMainContext *context;
  gint called, destroyed;
  GThread *called_in, *destroyed_in;
  gint depth_when_destroyed;
  GMainContext *thread_default;
  gint priority;
  char *name;
  gboolean is_sent, answer;
  gboolean was_called_before, was_destroyed_before; /* the call returned */
} Sender;

static gboolean
in_loop (gpointer data)
{
  Sender *sender = data;

  sender->called_in = g_thread_self ();
  sender->thread_default = g_main_context_get_thread_default ();
  sender->priority = g_source_get_priority (g_main_current_source ());
  sender->name = g_strdup (g_source_get_name (g_main_current_source ()));
  g_atomic_int_inc (&sender->called);
  return 42;
}

static void
note_sent_destroyed (gpointer data)
{
  Sender *sender = data;

  sender->destroyed_in = g_thread_self ();
  sender->depth_when_destroyed = g_main_depth ();
  g_atomic_int_inc (&sender->destroyed);
}

static gboolean
send (GIOSchedulerJob *job, GCancellable *cancellable G_GNUC_UNUSED, gpointer data)
{
  Sender *sender = data;

  sender->answer = g_io_scheduler_job_send_to_mainloop (job, in_loop, data, note_sent_destroyed);
  sender->was_called_before = g_atomic_int_get (&sender->called) == 1;
  sender->was_destroyed_before = g_atomic_int_get (&sender->destroyed) == 1;
  g_atomic_int_inc (&sender->work.ended);
  return FALSE;
}

static void
test_send (void)
{
  Sender sender = { 0 };

  g_io_scheduler_push_job (send, &sender, NULL, 0, NULL);
  wait_for_count (NULL, &sender.work.ended, 1);
  g_assert_cmpint (sender.answer, ==, 42);
  g_assert_true (sender.was_called_before);
  g_assert_true (sender.was_destroyed_before);
  g_assert_true (sender.called_in == g_thread_self ());
  g_assert_true (sender.destroyed_in == g_thread_self ());
  g_assert_cmpint (sender.depth_when_destroyed, ==, 1);
  g_assert_cmpint (sender.priority, ==, G_PRIORITY_DEFAULT);
  g_assert_cmpstr (sender.name, ==, "[gio] mainloop_proxy_func");
  g_free (sender.name);
  drain (NULL);
}

static gboolean
send_without_waiting (GIOSchedulerJob *job, GCancellable *cancellable G_GNUC_UNUSED, gpointer data)
{
  Sender *sender = data;

  g_io_scheduler_job_send_to_mainloop_async (job, in_loop, data, note_sent_destroyed);
  sender->was_called_before = g_atomic_int_get (&sender->called) == 1;
  g_atomic_int_inc (&sender->work.ended);
  return FALSE;
}

static void
test_send_async (void)
{
  GMainContext *context = g_main_context_new ();
  Sender sender = { 0 };

  g_main_context_push_thread_default (context);
  g_io_scheduler_push_job (send_without_waiting, &sender, NULL, 0, NULL);
  g_main_context_pop_thread_default (context);
  wait_for_count (NULL, &sender.work.ended, 1);
  g_assert_false (sender.was_called_before);
  wait_for_count (context, &sender.destroyed, 1);
  g_assert_cmpint (sender.called, ==, 1);
  g_assert_cmpint (sender.depth_when_destroyed, ==, 1);
  g_assert_true (sender.called_in == g_thread_self ());
  g_assert_true (sender.destroyed_in == g_thread_self ());
  g_free (sender.name);
  drain (context);
  g_main_context_unref (context);
}

/* Nothing calls what was sent any more: the job must not wait for ever. */
static void
test_sent_source_destroyed (void)
{
  GMainContext *context = g_main_context_new ();
  GSource *sent = NULL;
  Sender sender = { 0 };

  g_main_context_push_thread_default (context);
  g_io_scheduler_push_job (send, &sender, NULL, 0, NULL);
  g_main_context_pop_thread_default (context);
  for (guint round = 0; sent == NULL && round < 5000; round++)
    {
      for (guint id = 1; sent == NULL && id < 10; id++)
        sent = g_main_context_find_source_by_id (context, id);
      g_usleep (1000);
    }
  g_assert_nonnull (sent);
  g_source_destroy (sent);
  for (guint round = 0; g_atomic_int_get (&sender.work.ended) == 0 && round < 5000; round++)
    g_usleep (1000);
  g_assert_cmpint (sender.work.ended, ==, 1);
  g_assert_cmpint (sender.answer, ==, FALSE);
  g_assert_cmpint (sender.called, ==, 0);
  g_assert_cmpint (sender.destroyed, ==, 1);
  drain (context);
  g_main_context_unref (context);
}

static gboolean
wait_for_cancellation (GIOSchedulerJob *job G_GNUC_UNUSED, GCancellable *cancellable, gpointer data)
{
  Work *work = data;

  g_atomic_int_inc (&work->runs);
  while (!g_cancellable_is_cancelled (cancellable))
    g_usleep (1000);
  g_atomic_int_inc (&work->ended);
  return FALSE;
}

static void
test_cancel_all (void)
{
  GMainContext *context = g_main_context_new ();
  GCancellable *shared = g_cancellable_new ();
  GCancellable *other = g_cancellable_new ();
  GCancellable *ended = g_cancellable_new ();
  GCancellable *released = g_cancellable_new ();
  Work work = { .rounds = 1 };

  g_io_scheduler_cancel_all_jobs ();
  g_io_scheduler_push_job (run, &work, note_destroyed, 0, released);
  wait_for_count (NULL, &work.destroyed, 1);
  assert_let_go (released);
  g_main_context_push_thread_default (context);
  g_io_scheduler_push_job (run, &work, note_destroyed, 0, ended);
  g_main_context_pop_thread_default (context);
  wait_for_count (NULL, &work.ended, 2);
  /* More than there are workers. */
  for (guint i = 0; i < 15; i++)
    g_io_scheduler_push_job (wait_for_cancellation, &work, note_destroyed, 0, i % 2 == 0 ? shared : other);
  g_io_scheduler_push_job (run, &work, note_destroyed, 100, NULL);
  g_io_scheduler_cancel_all_jobs ();
  g_assert_true (g_cancellable_is_cancelled (shared));
  g_assert_true (g_cancellable_is_cancelled (other));
  g_assert_true (g_cancellable_is_cancelled (ended));
  g_assert_false (g_cancellable_is_cancelled (released));
  wait_for_count (NULL, &work.destroyed, 17);
  wait_for_count (context, &work.destroyed, 18);
  g_main_context_unref (context);
  assert_let_go (shared);
  g_assert_finalize_object (shared);
  assert_let_go (other);
  g_assert_finalize_object (other);
  assert_let_go (ended);
  g_assert_finalize_object (ended);
  g_assert_finalize_object (released);
}

/* A handler that is called meanwhile may push jobs, and cancel all again. */
static gint n_handled;

static void
push_another (GCancellable *cancellable G_GNUC_UNUSED, gpointer data)
{
  if (g_atomic_int_add (&n_handled, 1) == 0)
    g_io_scheduler_push_job (run, data, note_destroyed, 0, NULL);
  g_io_scheduler_cancel_all_jobs ();
}

static void
test_cancel_all_in_handler (void)
{
  GCancellable *cancellables[] = { g_cancellable_new (), g_cancellable_new () };
  Work work = { .rounds = 1 };

  for (guint i = 0; i < G_N_ELEMENTS (cancellables); i++)
    {
      g_signal_connect (cancellables[i], "cancelled", G_CALLBACK (push_another), &work);
      g_io_scheduler_push_job (wait_for_cancellation, &work, note_destroyed, 0, cancellables[i]);
    }
  g_io_scheduler_cancel_all_jobs ();
  g_assert_cmpint (n_handled, ==, 2);
  wait_for_count (NULL, &work.destroyed, 3);
  for (guint i = 0; i < G_N_ELEMENTS (cancellables); i++)
    {
      assert_let_go (cancellables[i]);
      g_assert_finalize_object (cancellables[i]);
    }
}

/* What runs for a simple result is a job, too. */
typedef struct
{
  GCancellable *cancellable;
  gint started, may_end;
  gint called;
} SimpleJob;

/* Whether it is cancelled with all jobs. */
static gboolean
is_job (const SimpleJob *self)
{
  gboolean answer;

  g_assert_false (g_cancellable_is_cancelled (self->cancellable));
  g_io_scheduler_cancel_all_jobs ();
  answer = g_cancellable_is_cancelled (self->cancellable);
  g_cancellable_reset (self->cancellable);
  return answer;
}

static void
run_simple_job (GSimpleAsyncResult *simple, GObject *source G_GNUC_UNUSED, GCancellable *cancellable G_GNUC_UNUSED)
{
  SimpleJob *self = g_simple_async_result_get_op_res_gpointer (simple);

  g_atomic_int_set (&self->started, 1);
  while (g_atomic_int_get (&self->may_end) == 0)
    g_usleep (1000);
}

static void
simple_job_called (GObject *source G_GNUC_UNUSED, GAsyncResult *result G_GNUC_UNUSED, gpointer data)
{
  SimpleJob *self = data;

  g_assert_true (is_job (self));
  self->called++;
}

static void
run_simple (gint priority)
{
  SimpleJob self = { .cancellable = g_cancellable_new () };
  GSimpleAsyncResult *simple = g_simple_async_result_new (NULL, simple_job_called, &self, NULL);

  g_assert_false (is_job (&self));
  g_simple_async_result_set_op_res_gpointer (simple, &self, NULL);
  g_simple_async_result_run_in_thread (simple, run_simple_job, priority, self.cancellable);
  g_object_unref (simple);
  g_assert_true (is_job (&self));
  /* A worker that takes it while is_job() has it cancelled does not run the function, on either library. */
  while (g_atomic_int_get (&self.started) == 0 && self.called == 0)
    {
      g_main_context_iteration (NULL, FALSE);
      g_usleep (1000);
    }
  if (self.called == 0)
    {
      g_assert_true (is_job (&self));
      g_atomic_int_set (&self.may_end, 1);
      g_usleep (20000);
      g_assert_true (is_job (&self));
    }
  wait_for_count (NULL, &self.called, 1);
  while (G_OBJECT (self.cancellable)->ref_count > 1)
    g_main_context_iteration (NULL, FALSE);
  g_assert_false (is_job (&self));
  g_assert_finalize_object (self.cancellable);
}

static void
test_cancel_simple (void)
{
  run_simple (0);
  run_simple (10);
}

static void
test_cancel_urgent_simple (void)
{
  run_simple (-10);
}

/* While the data is destroyed, the job still keeps its cancellable, and is cancelled with all others. */
static gint n_used;

static void
use_cancellable (gpointer cancellable)
{
  g_assert_false (g_cancellable_is_cancelled (cancellable));
  g_io_scheduler_cancel_all_jobs ();
  g_assert_true (g_cancellable_is_cancelled (cancellable));
  g_atomic_int_inc (&n_used);
}

static gboolean
return_at_once (GIOSchedulerJob *job G_GNUC_UNUSED, GCancellable *cancellable G_GNUC_UNUSED,
                gpointer data G_GNUC_UNUSED)
{
  return FALSE;
}

static void
test_cancellable_in_notify (void)
{
  GCancellable *cancellable = g_cancellable_new ();
  gint finalized = 0;

  watch (cancellable, &finalized);
  g_io_scheduler_push_job (return_at_once, cancellable, use_cancellable, 0, cancellable);
  g_object_unref (cancellable);
  wait_for_count (NULL, &n_used, 1);
  wait_for_count (NULL, &finalized, 1);
}

static gboolean
leave_another_on_top (GIOSchedulerJob *job G_GNUC_UNUSED, GCancellable *cancellable G_GNUC_UNUSED, gpointer data)
{
  expect_critical ("g_cancellable_pop_current", "l->data == cancellable");
  g_cancellable_push_current (data);
  return FALSE;
}

static gboolean
pop_what_was_pushed (GIOSchedulerJob *job G_GNUC_UNUSED, GCancellable *cancellable, gpointer data G_GNUC_UNUSED)
{
  expect_critical ("g_cancellable_pop_current", "l != NULL");
  g_cancellable_pop_current (cancellable);
  return FALSE;
}

static void
push_and_wait (GIOSchedulerJobFunc function, GCancellable *other)
{
  GCancellable *cancellable = g_cancellable_new ();
  gint finalized = 0;

  watch (cancellable, &finalized);
  g_io_scheduler_push_job (function, other, NULL, 0, cancellable);
  g_object_unref (cancellable);
  wait_for_count (NULL, &finalized, 1);
  SEEN ();
}

/* In a process of its own: what is left on top stays with a worker. */
static void
test_unbalanced_current (void)
{
  GCancellable *other = g_cancellable_new ();

  if (!g_test_subprocess ())
    {
      g_test_trap_subprocess (NULL, 0, G_TEST_SUBPROCESS_DEFAULT);
      g_test_trap_assert_passed ();
      g_object_unref (other);
      return;
    }
  push_and_wait (pop_what_was_pushed, other);
  push_and_wait (leave_another_on_top, other);
}

/* The data of a call that is refused goes where that of a job goes. */
static gboolean
call_wrongly (GIOSchedulerJob *job, GCancellable *cancellable G_GNUC_UNUSED, gpointer data)
{
  Work *work = data;

  expect_critical ("g_io_scheduler_job_send_to_mainloop", "func != NULL");
  g_assert_false (g_io_scheduler_job_send_to_mainloop (job, NULL, data, note_destroyed));
  expect_critical ("g_io_scheduler_job_send_to_mainloop_async", "func != NULL");
  g_io_scheduler_job_send_to_mainloop_async (job, NULL, data, note_destroyed);
  SEEN ();
  g_atomic_int_inc (&work->ended);
  return FALSE;
}

static void
test_refused (void)
{
  Work work = { 0 };

  expect_critical ("g_io_scheduler_push_job", "job_func != NULL");
  g_io_scheduler_push_job (NULL, &work, note_destroyed, 0, NULL);
  SEEN ();
  g_assert_cmpint (work.destroyed, ==, 1);
  g_io_scheduler_push_job (call_wrongly, &work, NULL, 0, NULL);
  wait_for_count (NULL, &work.ended, 1);
  g_assert_cmpint (work.destroyed, ==, 3);
  drain (NULL);
}

static void
test_wrong_cancellable (void)
{
  GObject *object = g_object_new (G_TYPE_OBJECT, NULL);
  Work work = { .rounds = 1 };

  expect_critical ("g_io_scheduler_push_job", "!cancellable || G_IS_CANCELLABLE (cancellable)");
  g_io_scheduler_push_job (run, &work, note_destroyed, 0, (gpointer) object);
  SEEN ();
  wait_for_count (NULL, &work.destroyed, 1);
  g_assert_null (work.cancellable);
  g_assert_finalize_object (object);
}

static gboolean
leave_thread (GIOSchedulerJob *job G_GNUC_UNUSED, GCancellable *cancellable G_GNUC_UNUSED, gpointer data)
{
  g_atomic_int_inc (&((Work *) data)->runs);
  g_thread_exit (NULL);
  return TRUE;
}

static void
test_leaves_thread (void)
{
  GCancellable *cancellable = g_cancellable_new ();
  Work work = { 0 };

  g_io_scheduler_push_job (leave_thread, &work, note_destroyed, 0, cancellable);
  wait_for_count (NULL, &work.destroyed, 1);
  g_assert_cmpint (work.runs, ==, 1);
  assert_let_go (cancellable);
  g_io_scheduler_cancel_all_jobs ();
  g_assert_false (g_cancellable_is_cancelled (cancellable));
  g_assert_finalize_object (cancellable);
}

static const Case cases[] = {
  { "/io-scheduler/push", test_push, NULL, 0 },
  { "/io-scheduler/notify-in-context", test_notify_in_context, NULL, 0 },
  { "/io-scheduler/priority", test_priority, NULL, 0 },
  { "/io-scheduler/send", test_send, NULL, 0 },
  { "/io-scheduler/send-async", test_send_async, NULL, 0 },
  { "/io-scheduler/sent-source-destroyed", test_sent_source_destroyed,
    "12.9 (better): a job whose source is destroyed goes on", 20 },
  { "/io-scheduler/cancel-all", test_cancel_all, NULL, 0 },
  { "/io-scheduler/cancel-all-in-handler", test_cancel_all_in_handler, NULL, 0 },
  { "/io-scheduler/cancel-simple", test_cancel_simple, NULL, 0 },
  { "/io-scheduler/cancel-urgent-simple", test_cancel_urgent_simple,
    "7.12 (decided): until its callback has returned, it is a job", 5 },
  { "/io-scheduler/cancellable-in-notify", test_cancellable_in_notify, NULL, 0 },
  { "/io-scheduler/unbalanced-current", test_unbalanced_current, NULL, 0 },
  { "/io-scheduler/refused", test_refused, "12.8 (better): what was handed over is destroyed", 20 },
  { "/io-scheduler/leaves-thread", test_leaves_thread,
    "12.11 (better): a job that leaves its worker has ended", 20 },
  { "/io-scheduler/wrong-cancellable", test_wrong_cancellable, "12.10 (better): a wrong cancellable counts as none",
    20 },
};

HARNESS_MAIN (cases)
