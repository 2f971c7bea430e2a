/* Contract, section 7: g_simple_async_result_run_in_thread(). */
#include "harness.h"

#define ROUNDS 200

/* One run: what the function is to do, what it saw, and what the callback saw. */
typedef struct
{
  GMainContext *context;
  GCancellable *cancellable;
  GObject *source_object;
  void (*act) (GSimpleAsyncResult *simple, GCancellable *cancellable);
  gint n_runs;
  gboolean arguments_right;
  GCancellable *current;
  GThread *thread;
  gint n_calls;
  GError *error;
  gssize size;
  int priority;
  GThread *callback_thread;
} Run;

static Run *run; /* the function gets no user data */

static void
on_ready (GObject *source_object, GAsyncResult *result, gpointer data)
{
  GSimpleAsyncResult *simple = G_SIMPLE_ASYNC_RESULT (result);
  Run *self = data;

  g_assert_true (source_object == self->source_object);
  g_assert_true (g_main_context_get_thread_default () == self->context);
  g_simple_async_result_propagate_error (simple, &self->error);
  self->size = g_simple_async_result_get_op_res_gssize (simple);
  self->priority = g_source_get_priority (g_main_current_source ());
  self->callback_thread = g_thread_self ();
  g_atomic_int_inc (&self->n_calls);
}

static void
func (GSimpleAsyncResult *simple, GObject *source_object, GCancellable *cancellable)
{
  run->arguments_right = source_object == run->source_object && cancellable == run->cancellable;
  run->current = g_cancellable_get_current ();
  run->thread = g_thread_self ();
  g_simple_async_result_set_op_res_gssize (simple, 7);
  if (run->act)
    run->act (simple, cancellable);
  g_atomic_int_inc (&run->n_runs);
}

/* A run in a context of its own, with a cancellable and a source object. */
static GSimpleAsyncResult *
begin (Run *self)
{
  GSimpleAsyncResult *simple;

  *self = (Run){ .context = g_main_context_new (), .cancellable = g_cancellable_new () };
  self->source_object = g_object_new (G_TYPE_OBJECT, NULL);
  run = self;
  g_main_context_push_thread_default (self->context);
  simple = g_simple_async_result_new (self->source_object, on_ready, self, NULL);
  g_main_context_pop_thread_default (self->context);
  return simple;
}

static void
count_finalized (gpointer counter, GObject *gone G_GNUC_UNUSED)
{
  g_atomic_int_inc ((gint *) counter);
}

/* Everything that was held for the run must go; the worker may be the last to let go. */
static void
end (Run *self, GSimpleAsyncResult *simple)
{
  gpointer objects[] = { simple, self->cancellable, self->source_object };
  gint n_finalized = 0;

  drain (self->context);
  g_assert_cmpint (self->n_calls, ==, 1);
  for (guint i = 0; i < G_N_ELEMENTS (objects); i++)
    {
      g_object_weak_ref (objects[i], count_finalized, &n_finalized);
      g_object_unref (objects[i]);
    }
  /* libgio lets go of the cancellable in the context where run_in_thread was called: the default one. */
  wait_for_count (NULL, &n_finalized, G_N_ELEMENTS (objects));
  g_clear_error (&self->error);
  g_main_context_unref (self->context);
}

/* Until the delivery stands in the context, without bringing it. */
static void
wait_until_pending (GMainContext *context)
{
  while (!g_main_context_pending (context))
    g_usleep (100);
}

static void
assert_cancelled (const Run *self)
{
  g_assert_error (self->error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpstr (self->error->message, ==, "Operation was cancelled");
}

/* The function runs on another thread, with the arguments; the callback here, in the context of the creation. */
static void
test_runs (void)
{
  Run self;
  GSimpleAsyncResult *simple = begin (&self);

  g_simple_async_result_run_in_thread (simple, func, G_PRIORITY_DEFAULT, self.cancellable);
  wait_for_count (self.context, &self.n_calls, 1);
  g_assert_cmpint (self.n_runs, ==, 1);
  g_assert_true (self.arguments_right);
  g_assert_true (self.thread != g_thread_self ());
  g_assert_true (self.callback_thread == g_thread_self ());
  g_assert_no_error (self.error);
  g_assert_cmpint (self.size, ==, 7);
  end (&self, simple);
}

/* While the function runs its cancellable is the current one of the thread; without one, there is none, not
 * even one that an earlier run on that thread left behind. */
static void
test_current_cancellable (void)
{
  for (guint round = 0; round < ROUNDS; round++)
    {
      Run self;
      GSimpleAsyncResult *simple = begin (&self);

      if (round % 2)
        g_clear_object (&self.cancellable);
      g_simple_async_result_run_in_thread (simple, func, G_PRIORITY_DEFAULT, self.cancellable);
      wait_for_count (self.context, &self.n_calls, 1);
      g_assert_true (self.arguments_right);
      g_assert_true (self.current == self.cancellable);
      if (!self.cancellable)
        self.cancellable = g_cancellable_new ();
      end (&self, simple);
    }
  g_assert_null (g_cancellable_get_current ());
  g_test_message ("%d rounds", ROUNDS);
}

/* The library holds the result until it is delivered. */
static void
test_reference (void)
{
  Run self;
  GSimpleAsyncResult *simple = begin (&self);
  gint n_finalized = 0;

  g_object_weak_ref (G_OBJECT (simple), count_finalized, &n_finalized);
  g_simple_async_result_run_in_thread (simple, func, G_PRIORITY_DEFAULT, self.cancellable);
  g_object_unref (simple);
  wait_until_pending (self.context);
  g_assert_cmpint (g_atomic_int_get (&n_finalized), ==, 0);
  end (&self, g_object_ref (simple));
  g_assert_cmpint (n_finalized, ==, 1);
}

static gboolean
count_up (gpointer counter)
{
  ++*(gint *) counter;
  return G_SOURCE_REMOVE;
}

static void
attach_counter (GMainContext *context, int priority, gint *counter)
{
  GSource *source = g_idle_source_new ();

  g_source_set_priority (source, priority);
  g_source_set_callback (source, count_up, counter, NULL);
  g_source_attach (source, context);
  g_source_unref (source);
}

/* The delivery has the default priority, whatever the priority of the work: it goes behind what is more
 * urgent and before what is less. */
static void
test_delivery_priority (void)
{
  const int priorities[] = { G_PRIORITY_LOW, G_PRIORITY_DEFAULT, G_PRIORITY_HIGH };

  for (guint i = 0; i < G_N_ELEMENTS (priorities); i++)
    {
      Run self;
      GSimpleAsyncResult *simple = begin (&self);
      gint n_urgent = 0, n_lazy = 0;

      g_simple_async_result_run_in_thread (simple, func, priorities[i], self.cancellable);
      wait_until_pending (self.context);
      attach_counter (self.context, G_PRIORITY_DEFAULT + 1, &n_lazy);
      attach_counter (self.context, G_PRIORITY_DEFAULT - 1, &n_urgent);
      g_main_context_iteration (self.context, FALSE);
      g_assert_cmpint (n_urgent, ==, 1);
      g_assert_cmpint (self.n_calls, ==, 0);
      g_main_context_iteration (self.context, FALSE);
      g_assert_cmpint (self.n_calls, ==, 1);
      g_assert_cmpint (n_lazy, ==, 0);
      g_assert_cmpint (self.priority, ==, G_PRIORITY_DEFAULT);
      drain (self.context);
      end (&self, simple);
    }
}

/* #562452: cancelled before the start, the function is not called, and the answer comes later all the same. */
static void
test_cancelled_before_start (void)
{
  Run self;
  GSimpleAsyncResult *simple = begin (&self);

  g_cancellable_cancel (self.cancellable);
  g_simple_async_result_run_in_thread (simple, func, G_PRIORITY_DEFAULT, self.cancellable);
  g_assert_cmpint (self.n_calls, ==, 0);
  wait_for_count (self.context, &self.n_calls, 1);
  g_assert_cmpint (self.n_runs, ==, 0);
  assert_cancelled (&self);
  g_assert_cmpint (self.size, ==, 0);
  end (&self, simple);
}

static void
cancel_now (GSimpleAsyncResult *simple G_GNUC_UNUSED, GCancellable *cancellable)
{
  g_cancellable_cancel (cancellable);
}

/* Cancelled while the function runs, which succeeds nevertheless. */
static void
test_cancelled_while_running (void)
{
  Run self;
  GSimpleAsyncResult *simple = begin (&self);

  self.act = cancel_now;
  g_simple_async_result_run_in_thread (simple, func, G_PRIORITY_DEFAULT, self.cancellable);
  wait_for_count (self.context, &self.n_calls, 1);
  g_assert_cmpint (self.n_runs, ==, 1);
  assert_cancelled (&self);
  g_assert_cmpint (self.size, ==, 7);
  end (&self, simple);
}

/* #562452: cancelled when the function has succeeded and the result waits to be delivered. */
static void
test_cancelled_before_delivery (void)
{
  Run self;
  GSimpleAsyncResult *simple = begin (&self);

  g_simple_async_result_run_in_thread (simple, func, G_PRIORITY_DEFAULT, self.cancellable);
  wait_until_pending (self.context);
  g_assert_cmpint (self.n_runs, ==, 1);
  g_cancellable_cancel (self.cancellable);
  wait_for_count (self.context, &self.n_calls, 1);
  assert_cancelled (&self);
  end (&self, simple);
}

static void
fail (GSimpleAsyncResult *simple, GCancellable *cancellable G_GNUC_UNUSED)
{
  g_simple_async_result_set_error (simple, G_IO_ERROR, G_IO_ERROR_BUSY, "own");
}

/* The function's own error arrives, unless the run is cancelled: that replaces it. */
static void
test_error (void)
{
  for (guint cancel = 0; cancel < 2; cancel++)
    {
      Run self;
      GSimpleAsyncResult *simple = begin (&self);

      self.act = fail;
      g_simple_async_result_run_in_thread (simple, func, G_PRIORITY_DEFAULT, self.cancellable);
      wait_until_pending (self.context);
      if (cancel)
        g_cancellable_cancel (self.cancellable);
      wait_for_count (self.context, &self.n_calls, 1);
      if (cancel)
        assert_cancelled (&self);
      else
        g_assert_error (self.error, G_IO_ERROR, G_IO_ERROR_BUSY);
      end (&self, simple);
    }
}

/* With handle-cancellation off the function is called and its result stands, whenever it is cancelled. */
static void
test_no_handle_cancellation (void)
{
  for (guint when = 0; when < 3; when++)
    {
      Run self;
      GSimpleAsyncResult *simple = begin (&self);

      g_simple_async_result_set_handle_cancellation (simple, FALSE);
      if (when == 0)
        g_cancellable_cancel (self.cancellable);
      if (when == 1)
        self.act = cancel_now;
      g_simple_async_result_run_in_thread (simple, func, G_PRIORITY_DEFAULT, self.cancellable);
      wait_until_pending (self.context);
      g_cancellable_cancel (self.cancellable);
      wait_for_count (self.context, &self.n_calls, 1);
      g_assert_cmpint (self.n_runs, ==, 1);
      g_assert_no_error (self.error);
      g_assert_cmpint (self.size, ==, 7);
      end (&self, simple);
    }
}

/* #672013: a check-cancellable counts even then. */
static void
test_check_cancellable (void)
{
  Run self;
  GSimpleAsyncResult *simple = begin (&self);

  g_simple_async_result_set_handle_cancellation (simple, FALSE);
  g_simple_async_result_set_check_cancellable (simple, self.cancellable);
  g_simple_async_result_run_in_thread (simple, func, G_PRIORITY_DEFAULT, NULL);
  wait_until_pending (self.context);
  g_cancellable_cancel (self.cancellable);
  wait_for_count (self.context, &self.n_calls, 1);
  g_assert_cmpint (self.n_runs, ==, 1);
  assert_cancelled (&self);
  end (&self, simple);
}

/* Results of many threads: each is delivered once, none is lost. */
static gint n_many_runs, n_many_calls, n_destroyed;

static void
count_destroy (gpointer data G_GNUC_UNUSED)
{
  g_atomic_int_inc (&n_destroyed);
}

static void
many_func (GSimpleAsyncResult *simple, GObject *source_object, GCancellable *cancellable G_GNUC_UNUSED)
{
  g_atomic_int_inc (&n_many_runs);
  g_simple_async_result_set_op_res_gpointer (simple, source_object, count_destroy);
}

static void
on_many_ready (GObject *source_object, GAsyncResult *result, gpointer data G_GNUC_UNUSED)
{
  g_assert_true (g_simple_async_result_get_op_res_gpointer (G_SIMPLE_ASYNC_RESULT (result)) == source_object);
  g_atomic_int_inc (&n_many_calls);
}

static void
test_many (void)
{
  GObject *source = g_object_new (G_TYPE_OBJECT, NULL);
  gint n_finalized = 0;

  for (gint i = 0; i < ROUNDS; i++)
    {
      GSimpleAsyncResult *simple = g_simple_async_result_new (source, on_many_ready, NULL, NULL);

      g_simple_async_result_run_in_thread (simple, many_func, i % 3, NULL);
      g_object_unref (simple);
    }
  wait_for_count (NULL, &n_many_calls, ROUNDS);
  wait_for_count (NULL, &n_destroyed, ROUNDS);
  drain (NULL);
  g_assert_cmpint (n_many_calls, ==, ROUNDS);
  g_assert_cmpint (n_many_runs, ==, ROUNDS);
  g_assert_cmpint (n_destroyed, ==, ROUNDS);
  g_object_weak_ref (source, count_finalized, &n_finalized);
  g_object_unref (source);
  wait_for_count (NULL, &n_finalized, 1);
  g_test_message ("%d results", ROUNDS);
}

#define PATH "/simple-async-result/thread/"

static const Case cases[] = {
  { PATH "runs", test_runs, NULL, 0 },
  { PATH "current-cancellable", test_current_cancellable, NULL, 0 },
  { PATH "reference", test_reference, NULL, 0 },
  { PATH "delivery-priority", test_delivery_priority, NULL, 0 },
  { PATH "cancelled/before-start", test_cancelled_before_start, NULL, 0 },
  { PATH "cancelled/while-running", test_cancelled_while_running, NULL, 0 },
  { PATH "cancelled/before-delivery", test_cancelled_before_delivery, NULL, 0 },
  { PATH "error", test_error, NULL, 0 },
  { PATH "no-handle-cancellation", test_no_handle_cancellation, NULL, 0 },
  { PATH "check-cancellable", test_check_cancellable, NULL, 0 },
  { PATH "many", test_many, NULL, 0 },
};

HARNESS_MAIN (cases)
