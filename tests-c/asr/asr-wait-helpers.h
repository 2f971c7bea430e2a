/* Operations of each kind, which are counted. */
#pragma once

#include "asr-helpers.h"

typedef enum
{
  AT_ONCE,      /* The callback is called before the operation has been started. */
  LATER,        /* In an idle source of GTask's. */
  BY_A_TIMER,   /* By a source of its own, in the context. */
  IN_A_WORKER,  /* And delivered into the context. */
  FROM_OUTSIDE, /* The callback is called by another thread. */
  N_KINDS
} Kind;

static gint n_begun, n_ended, is_held;

/* The task is finalized: nobody has it any more. */
static inline void
operation_ended (gpointer data G_GNUC_UNUSED, GObject *task G_GNUC_UNUSED)
{
  g_atomic_int_inc (&n_ended);
}

/* Keeps those in threads from their end. */
static inline void
operation_hold (void)
{
  g_atomic_int_set (&is_held, TRUE);
}

static inline void
operation_let_go (void)
{
  g_atomic_int_set (&is_held, FALSE);
}

static inline void
operation_in_worker (GTask *task, gpointer source G_GNUC_UNUSED, gpointer value, GCancellable *cancellable G_GNUC_UNUSED)
{
  while (g_atomic_int_get (&is_held))
    g_usleep (100);
  g_task_return_int (task, GPOINTER_TO_INT (value));
}

static inline gboolean
operation_by_timer (gpointer task)
{
  g_task_return_int (task, GPOINTER_TO_INT (g_task_get_task_data (task)));
  return G_SOURCE_REMOVE;
}

/* A result of no class of the library's, which needs no context. */
typedef struct
{
  GObject parent;
  int value;
} Carrier;
typedef GObjectClass CarrierClass;

static void carrier_init (Carrier *self G_GNUC_UNUSED) {}
static void carrier_class_init (CarrierClass *class G_GNUC_UNUSED) {}
static void carrier_is_result (GAsyncResultIface *iface G_GNUC_UNUSED) {}

GType carrier_get_type (void);
G_DEFINE_TYPE_WITH_CODE (Carrier, carrier, G_TYPE_OBJECT, G_IMPLEMENT_INTERFACE (G_TYPE_ASYNC_RESULT, carrier_is_result))

typedef struct
{
  GAsyncResult *result;
  GAsyncReadyCallback callback;
  gpointer data;
} Outside;

static inline gpointer
operation_from_outside (gpointer data)
{
  Outside *outside = data;

  while (g_atomic_int_get (&is_held))
    g_usleep (100);
  outside->callback (NULL, outside->result, outside->data);
  g_object_unref (outside->result);
  g_free (outside);
  return NULL;
}

/* An asynchronous function, whose result is `value`. */
static inline void
operation_start (Kind kind, int value, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer data)
{
  gboolean is_task = kind != AT_ONCE && kind != FROM_OUTSIDE;
  gpointer result = is_task ? (gpointer) g_task_new (NULL, cancellable, callback, data)
                            : g_object_new (carrier_get_type (), NULL);

  g_atomic_int_inc (&n_begun);
  g_object_weak_ref (result, operation_ended, NULL);
  if (is_task)
    g_task_set_task_data (result, GINT_TO_POINTER (value), NULL);
  else
    ((Carrier *) result)->value = value;
  switch (kind)
    {
    case AT_ONCE:
      callback (NULL, result, data);
      break;
    case LATER:
      g_task_return_int (result, value);
      break;
    case BY_A_TIMER:
      {
        GSource *source = g_timeout_source_new (1);

        g_task_attach_source (result, source, operation_by_timer);
        g_source_unref (source);
        break;
      }
    case IN_A_WORKER:
      g_task_run_in_thread (result, operation_in_worker);
      break;
    case FROM_OUTSIDE:
      {
        Outside *outside = g_new (Outside, 1);

        *outside = (Outside){ g_object_ref (result), callback, data };
        g_thread_unref (g_thread_new ("outside", operation_from_outside, outside));
        break;
      }
    case N_KINDS:
      g_assert_not_reached ();
    }
  g_object_unref (result);
}

static inline int
operation_finish (GAsyncResult *result, GError **error)
{
  g_assert_true (G_IS_ASYNC_RESULT (result));
  return G_IS_TASK (result) ? (int) g_task_propagate_int (G_TASK (result), error) : ((Carrier *) result)->value;
}

static inline gboolean
operation_finish_if_there (GAsyncResult *result, int expected)
{
  if (result)
    g_assert_cmpint (operation_finish (result, NULL), ==, expected);
  return result != NULL;
}

static inline gboolean
operation_never (gpointer unused G_GNUC_UNUSED)
{
  g_assert_not_reached ();
}

static inline void
operation_context_gone (gpointer n_gone)
{
  g_atomic_int_inc ((gint *) n_gone);
}

/* Counts the end of the context that is this thread's default one. */
static inline void
count_end_of_context (gint *n_gone)
{
  GSource *source = g_timeout_source_new_seconds (1000);

  g_source_set_callback (source, operation_never, n_gone, operation_context_gone);
  g_source_attach (source, g_main_context_get_thread_default ());
  g_source_unref (source);
}

/* All that began has gone: with the main loop's help, for what was left behind. */
static inline void
wait_until_all_ended (void)
{
  wait_for_count (NULL, &n_ended, g_atomic_int_get (&n_begun));
  g_assert_cmpint (g_atomic_int_get (&n_ended), ==, g_atomic_int_get (&n_begun));
}
