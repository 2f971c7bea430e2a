/* What the programs about pending results share: every way to make a result pending, and what a callback saw. */
#pragma once

#include "task-helpers.h"

/* The ways in which a result comes to wait in its context. */
typedef enum
{
  PLAIN,
  CANCELLED,
  WORKER,
  STOPPED, /* return-on-cancel: the cancellation completes it, its function goes on */
  SIMPLE,
  N_FOUND, /* the ones above are found by their user data, the result */
  REPORTED = N_FOUND,
  SIMPLE_WORKER, /* only for contexts in which nothing else waits */
  N_KINDS
} Kind;

/* What a callback saw of its delivery. */
typedef struct
{
  gint calls;
  gpointer result;   /* to compare only */
  gpointer source;   /* to compare only: the current source */
  gint priority;     /* of that source */
  char name[64];
} Delivery;

static inline void
note_delivery (GObject *object G_GNUC_UNUSED, GAsyncResult *result, gpointer data)
{
  Delivery *delivery = data;
  GSource *source = g_main_current_source ();

  g_assert_nonnull (source);
  delivery->result = result;
  delivery->source = source;
  delivery->priority = g_source_get_priority (source);
  g_strlcpy (delivery->name, g_source_get_name (source) ? g_source_get_name (source) : "", sizeof delivery->name);
  g_atomic_int_inc (&delivery->calls);
}

static inline void
return_in_worker (GTask *task, gpointer source G_GNUC_UNUSED, gpointer data G_GNUC_UNUSED,
                  GCancellable *cancellable G_GNUC_UNUSED)
{
  g_task_return_boolean (task, TRUE);
}

static inline void
return_past_gate (GTask *task, gpointer source G_GNUC_UNUSED, gpointer gate, GCancellable *cancellable G_GNUC_UNUSED)
{
  gate_pass (gate);
  g_task_return_boolean (task, TRUE);
}

static inline void
return_in_worker_simple (GSimpleAsyncResult *simple G_GNUC_UNUSED, GObject *source G_GNUC_UNUSED,
                         GCancellable *cancellable G_GNUC_UNUSED)
{
}

static inline void
free_gate (gpointer gate)
{
  gate_clear (gate);
  g_free (gate);
}

/* Waits, without iterating anything, until the result of a worker has reached its context. `look`: what arrives behind
 * others of workers may become a source only when the loop looks. */
static inline void
await_found (GMainContext *context, gpointer result, gboolean look)
{
  gint64 end = g_get_monotonic_time () + 10 * G_USEC_PER_SEC;

  while (g_main_context_find_source_by_user_data (context, result) == NULL && g_get_monotonic_time () < end)
    {
      if (look)
        g_main_context_pending (context);
      g_usleep (50);
    }
  g_assert_nonnull (g_main_context_find_source_by_user_data (context, result));
}

static inline void
await_pending (GMainContext *context)
{
  gint64 end = g_get_monotonic_time () + 10 * G_USEC_PER_SEC;

  while (!g_main_context_pending (context) && g_get_monotonic_time () < end)
    g_usleep (100);
  g_assert_true (g_main_context_pending (context));
}

/* A task or simple result of the thread-default context that return_result() can make pending there. */
static inline gpointer
new_result (Kind kind, gint priority, const char *name, GAsyncReadyCallback callback, gpointer data)
{
  GCancellable *cancellable;
  GTask *task;

  if (kind == SIMPLE || kind == SIMPLE_WORKER)
    return g_simple_async_result_new (NULL, callback, data, NULL);
  cancellable = g_cancellable_new ();
  task = g_task_new (NULL, cancellable, callback, data);
  g_object_unref (cancellable);
  g_task_set_priority (task, priority);
  if (name)
    (g_task_set_name) (task, name);
  return task;
}

static inline void
return_stopped (GTask *task)
{
  Gate *gate = g_new0 (Gate, 1);

  gate_init (gate);
  g_task_set_task_data (task, gate, free_gate);
  g_assert_true (g_task_set_return_on_cancel (task, TRUE));
  g_task_run_in_thread (task, return_past_gate);
  g_cancellable_cancel (g_task_get_cancellable (task));
  gate_let_out (gate, 1);
}

/* A worker's result is under way when this returns, the others are pending. */
static inline void
return_result (Kind kind, gpointer result)
{
  switch (kind)
    {
    case CANCELLED:
      g_cancellable_cancel (g_task_get_cancellable (result));
      g_assert_true (g_task_return_error_if_cancelled (result));
      break;
    case WORKER:
      g_task_run_in_thread (result, return_in_worker);
      break;
    case STOPPED:
      return_stopped (result);
      break;
    case SIMPLE:
      g_simple_async_result_complete_in_idle (result);
      break;
    case SIMPLE_WORKER:
      g_simple_async_result_run_in_thread (result, return_in_worker_simple, G_PRIORITY_DEFAULT, NULL);
      break;
    default:
      g_task_return_boolean (result, TRUE);
    }
}

/* Makes a result wait in the thread-default context, and returns a reference to it: NULL for what was reported.
 * `priority` and `name` are for the kinds that have them. */
static inline gpointer
make_pending (Kind kind, gint priority, const char *name, GAsyncReadyCallback callback, gpointer data)
{
  GMainContext *context = g_main_context_get_thread_default ();
  gpointer result;

  if (kind == REPORTED)
    {
      g_task_report_new_error (NULL, callback, data, NULL, G_IO_ERROR, G_IO_ERROR_FAILED, "reported");
      return NULL;
    }
  result = new_result (kind, priority, name, callback, data);
  return_result (kind, result);
  if (kind == WORKER)
    await_found (context, result, TRUE);
  if (kind == SIMPLE_WORKER)
    await_pending (context);
  return result;
}

/* The priority that make_pending() gives where `priority` was asked for. */
static inline gint
priority_of (Kind kind, gint priority)
{
  return kind <= STOPPED ? priority : G_PRIORITY_DEFAULT;
}

static inline GMainContext *
push_new_context (void)
{
  GMainContext *context = g_main_context_new ();

  g_main_context_push_thread_default (context);
  return context;
}

static inline void
pop_context (GMainContext *context)
{
  g_main_context_pop_thread_default (context);
  g_main_context_unref (context);
}

enum { FIRST_IDS = 100 }; /* no case attaches more sources to one context */

static inline guint
count_sources (GMainContext *context)
{
  guint n = 0;

  for (guint id = 1; id < FIRST_IDS; id++)
    n += g_main_context_find_source_by_id (context, id) != NULL;
  return n;
}

static inline void
assert_empty (GMainContext *context)
{
  g_assert_false (g_main_context_pending (context));
  g_assert_false (g_main_context_iteration (context, FALSE));
  g_assert_cmpuint (count_sources (context), ==, 0);
}

/* A source that never fires, and counts how often it is asked. */
typedef struct
{
  GSource source;
  gint prepared;
  gint checked;
} Asked;

static inline gboolean
asked_prepare (GSource *source, gint *timeout)
{
  ((Asked *) source)->prepared++;
  *timeout = -1;
  return FALSE;
}

static inline gboolean
asked_check (GSource *source)
{
  ((Asked *) source)->checked++;
  return FALSE;
}

static GSourceFuncs asked_funcs G_GNUC_UNUSED = { .prepare = asked_prepare, .check = asked_check };

static inline Asked *
attach_asked (GMainContext *context, gint priority)
{
  GSource *source = g_source_new (&asked_funcs, sizeof (Asked));

  g_source_set_priority (source, priority);
  g_source_attach (source, context);
  return (Asked *) source;
}

static inline void
asked_free (Asked *asked)
{
  g_source_destroy (&asked->source);
  g_source_unref (&asked->source);
}
