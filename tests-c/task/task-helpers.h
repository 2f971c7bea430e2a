/* What the programs about GTask share: counting, gates for task functions, expected criticals. */
#pragma once

#include "harness.h"

/* Destroy notify and weak notify that count; the data is the counter. */
static inline void
count_destroy (gpointer counter)
{
  g_atomic_int_inc ((gint *) counter);
}

static inline void
count_finalize (gpointer counter, GObject *where_it_was G_GNUC_UNUSED)
{
  g_atomic_int_inc ((gint *) counter);
}

static inline void
watch (gpointer object, gint *finalized)
{
  g_object_weak_ref (G_OBJECT (object), count_finalize, finalized);
}

/* What a callback saw. */
typedef struct
{
  gint calls;
  GThread *thread;
  GMainContext *thread_default;
  GObject *source;
  GAsyncResult *result; /* to compare only: no reference is held */
  gboolean completed;
  gboolean had_error;
} Call;

static inline void
note_call (GObject *source, GAsyncResult *result, gpointer data)
{
  Call *call = data;

  call->thread = g_thread_self ();
  call->thread_default = g_main_context_get_thread_default ();
  call->source = source;
  call->result = result;
  call->completed = g_task_get_completed (G_TASK (result));
  call->had_error = g_task_had_error (G_TASK (result));
  g_atomic_int_inc (&call->calls);
}

/* Tasks whose results have to arrive in one order, each with its place in it. */
typedef struct
{
  gint next;
  gint finalized;
} Sequence;

typedef struct
{
  Sequence *sequence;
  gint number;
} Place;

static inline void
take_place (GObject *source G_GNUC_UNUSED, GAsyncResult *result, gpointer data)
{
  Place *place = data;

  g_assert_cmpint (place->number, ==, place->sequence->next++);
  g_assert_cmpint (g_task_propagate_int (G_TASK (result), NULL), ==, place->number);
  g_free (place);
}

/* Where task functions wait until the test lets them go on. */
typedef struct
{
  GMutex mutex;
  GCond came_in;
  GCond let_out;  /* another one: who comes in wakes none of those inside */
  gint inside;    /* how many have come in, all told */
  gint passes;    /* how many more may go out */
} Gate;

static inline void
gate_init (Gate *gate)
{
  g_mutex_init (&gate->mutex);
  g_cond_init (&gate->came_in);
  g_cond_init (&gate->let_out);
  gate->inside = 0;
  gate->passes = 0;
}

static inline void
gate_clear (Gate *gate)
{
  g_mutex_clear (&gate->mutex);
  g_cond_clear (&gate->came_in);
  g_cond_clear (&gate->let_out);
}

static inline void
gate_pass (Gate *gate)
{
  g_mutex_lock (&gate->mutex);
  gate->inside++;
  g_cond_broadcast (&gate->came_in);
  while (gate->passes == 0)
    g_cond_wait (&gate->let_out, &gate->mutex);
  gate->passes--;
  g_mutex_unlock (&gate->mutex);
}

static inline void
gate_let_out (Gate *gate, gint how_many)
{
  g_mutex_lock (&gate->mutex);
  gate->passes += how_many;
  g_cond_broadcast (&gate->let_out);
  g_mutex_unlock (&gate->mutex);
}

/* Waits, without iterating anything, until `how_many` have come in. */
static inline void
gate_await (Gate *gate, gint how_many)
{
  gint64 end = g_get_monotonic_time () + 10 * G_USEC_PER_SEC;
  gboolean in_time = TRUE;

  g_mutex_lock (&gate->mutex);
  while (gate->inside < how_many && in_time)
    in_time = g_cond_wait_until (&gate->came_in, &gate->mutex, end);
  g_mutex_unlock (&gate->mutex);
  g_assert_true (in_time);
}

/* Waits, without iterating anything, until nobody else holds the object. */
static inline void
await_alone (gpointer object)
{
  volatile gint *count = (volatile gint *) &G_OBJECT (object)->ref_count;
  gint64 end = g_get_monotonic_time () + 10 * G_USEC_PER_SEC;

  while (g_atomic_int_get (count) > 1 && g_get_monotonic_time () < end)
    g_usleep (100);
  g_assert_cmpint (g_atomic_int_get (count), ==, 1);
}

/* Iterates the task's context until it is completed. */
static inline void
wait_completed (GTask *task)
{
  gint64 end = g_get_monotonic_time () + 10 * G_USEC_PER_SEC;
  GMainContext *context = g_task_get_context (task);

  while (!g_task_get_completed (task) && g_get_monotonic_time () < end)
    if (!g_main_context_iteration (context, FALSE))
      g_usleep (100);
  g_assert_true (g_task_get_completed (task));
}

/* Returns once the clock that sources and tasks are dated with has moved. */
static inline void
let_time_move (void)
{
  gint64 now = g_get_monotonic_time ();

  while (g_get_monotonic_time () == now)
    continue;
}

/* Runs `function` from a one-shot idle source of `context`, at G_PRIORITY_DEFAULT. */
static inline void
call_from_source (GMainContext *context, GSourceFunc function, gpointer data)
{
  GSource *idle = g_idle_source_new ();

  g_source_set_priority (idle, G_PRIORITY_DEFAULT);
  g_source_set_callback (idle, function, data, NULL);
  g_source_attach (idle, context);
  g_source_unref (idle);
}

/* The checker says more than that. */
static inline void
expect_critical (const char *function, const char *condition)
{
  const char *more = g_getenv ("ASYNCRESULT_DEBUG") != NULL ? "*" : "";
  char *pattern = g_strdup_printf ("%s: assertion '%s' failed%s", function, condition, more);

  g_test_expect_message ("GLib-GIO", G_LOG_LEVEL_CRITICAL, pattern);
  g_free (pattern);
}

#define SEEN() g_test_assert_expected_messages ()

/* What ours says of a thread function that ends without a result; libgio says nothing. */
static inline void
expect_no_result (void)
{
#ifndef ON_GIO
  g_test_expect_message ("GLib-GIO", G_LOG_LEVEL_CRITICAL, "GTask *: its thread function returned without *");
#endif
}

static inline void
assert_is_cancelled (GError **error)
{
  g_assert_error (*error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpstr ((*error)->message, ==, "Operation was cancelled");
  g_clear_error (error);
}

/* No form of propagation gives anything: one critical each, neutral values, and the error untouched. */
static inline void
assert_refuses_to_propagate (GTask *task)
{
  GError *error = NULL;
  GValue value = G_VALUE_INIT;

  expect_critical ("g_task_propagate_pointer", "task->result_set");
  g_assert_null (g_task_propagate_pointer (task, &error));
  expect_critical ("g_task_propagate_boolean", "task->result_set");
  g_assert_cmpint (g_task_propagate_boolean (task, &error), ==, FALSE);
  expect_critical ("g_task_propagate_int", "task->result_set");
  g_assert_cmpint (g_task_propagate_int (task, &error), ==, -1);
  expect_critical ("g_task_propagate_value", "task->result_set");
  g_assert_cmpint (g_task_propagate_value (task, &value, &error), ==, FALSE);
  SEEN ();
  g_assert_no_error (error);
  g_assert_cmpuint (G_VALUE_TYPE (&value), ==, G_TYPE_INVALID);
}
