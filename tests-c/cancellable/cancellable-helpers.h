/* What the tests of GCancellable share: counting, and making threads meet. */
#pragma once

#include "harness.h"

#define HELPER_PATIENCE (10 * G_TIME_SPAN_SECOND)

/* How often a callback and its destroy notify ran. */
typedef struct
{
  gint calls;
  gint destroyed;
} Tally;

static inline void
tally_call (G_GNUC_UNUSED GCancellable *cancellable, gpointer data)
{
  g_atomic_int_inc (&((Tally *) data)->calls);
}

static inline void
tally_destroy (gpointer data)
{
  g_atomic_int_inc (&((Tally *) data)->destroyed);
}

static inline void
assert_tally (Tally *tally, gint calls, gint destroyed)
{
  g_assert_cmpint (g_atomic_int_get (&tally->calls), ==, calls);
  g_assert_cmpint (g_atomic_int_get (&tally->destroyed), ==, destroyed);
}

static inline void
count_one (gpointer counter)
{
  g_atomic_int_inc ((gint *) counter);
}

/* Counts the finalization of `object`, not only its disposal. */
static inline void
count_finalization (gpointer object, gint *counter)
{
  g_object_set_data_full (object, "test-count-finalization", counter, count_one);
}

/* The callback data of a source made by g_cancellable_source_new(). */
typedef struct
{
  Tally tally;
  GCancellable *cancellable; /* what the callback must be given */
  gint keep_for;             /* calls that ask to stay */
  gint was_cancelled;        /* calls that saw the object cancelled */
  gint cancels_again;        /* calls that reset and cancel again */
} Watch;

static inline gboolean
watch_call (GCancellable *cancellable, gpointer data)
{
  Watch *watch = data;

  g_assert_true (cancellable == watch->cancellable);
  watch->was_cancelled += g_cancellable_is_cancelled (cancellable);
  watch->tally.calls++;
  if (watch->tally.calls <= watch->cancels_again)
    {
      g_cancellable_reset (cancellable);
      g_cancellable_cancel (cancellable);
    }
  return watch->tally.calls <= watch->keep_for;
}

static inline void
watch_destroy (gpointer data)
{
  ((Watch *) data)->tally.destroyed++;
}

static inline GSource *
watch_source_new (Watch *watch, GCancellable *cancellable)
{
  GSource *source = g_cancellable_source_new (cancellable);

  *watch = (Watch) { .cancellable = cancellable, .keep_for = G_MAXINT };
  g_source_set_callback (source, G_SOURCE_FUNC (watch_call), watch, watch_destroy);
  return source;
}

static inline void
destroy_source (GSource *source)
{
  g_source_destroy (source);
  g_source_unref (source);
}

/* A door: one thread waits at it until another opens it. */
typedef struct
{
  GMutex mutex;
  GCond changed;
  gboolean is_open;
} Gate;

static inline void
gate_init (Gate *gate)
{
  g_mutex_init (&gate->mutex);
  g_cond_init (&gate->changed);
  gate->is_open = FALSE;
}

static inline void
gate_clear (Gate *gate)
{
  g_mutex_clear (&gate->mutex);
  g_cond_clear (&gate->changed);
}

static inline void
gate_open (Gate *gate)
{
  g_mutex_lock (&gate->mutex);
  gate->is_open = TRUE;
  g_cond_broadcast (&gate->changed);
  g_mutex_unlock (&gate->mutex);
}

static inline void
gate_await (Gate *gate)
{
  gint64 end = g_get_monotonic_time () + HELPER_PATIENCE;
  gboolean is_open;

  g_mutex_lock (&gate->mutex);
  while (!gate->is_open && g_cond_wait_until (&gate->changed, &gate->mutex, end))
    ;
  is_open = gate->is_open;
  g_mutex_unlock (&gate->mutex);
  g_assert_true (is_open);
}

/* A handler that announces itself and then stays inside until it is let go. */
typedef struct
{
  Gate entered;
  Gate leave;
  Tally tally;
} Stall;

static inline void
stall_init (Stall *stall)
{
  gate_init (&stall->entered);
  gate_init (&stall->leave);
  stall->tally = (Tally) { 0, 0 };
}

static inline void
stall_clear (Stall *stall)
{
  gate_clear (&stall->entered);
  gate_clear (&stall->leave);
}

static inline void
stall_call (G_GNUC_UNUSED GCancellable *cancellable, gpointer data)
{
  Stall *stall = data;

  gate_open (&stall->entered);
  gate_await (&stall->leave);
  g_atomic_int_inc (&stall->tally.calls);
}

static inline gpointer
cancel_in_thread (gpointer cancellable)
{
  g_cancellable_cancel (cancellable);
  return NULL;
}

/* A subclass that counts its class closure and lets a test replace what the closure does. */
typedef struct
{
  GCancellable parent;
  gint class_calls;
  void (*on_class_call) (GCancellable *cancellable, gpointer data);
  gpointer data;
} WatchedCancellable;

typedef struct
{
  GCancellableClass parent;
} WatchedCancellableClass;

GType watched_cancellable_get_type (void);

/* Expanded once, in a program that needs the subclass. */
#define DEFINE_WATCHED_CANCELLABLE                                                                 \
  G_DEFINE_TYPE (WatchedCancellable, watched_cancellable, G_TYPE_CANCELLABLE)                      \
  static void watched_cancellable_cancelled (GCancellable *cancellable)                            \
  {                                                                                                \
    WatchedCancellable *self = (WatchedCancellable *) cancellable;                                 \
    self->class_calls++;                                                                           \
    if (self->on_class_call)                                                                       \
      self->on_class_call (cancellable, self->data);                                               \
  }                                                                                                \
  static void watched_cancellable_class_init (WatchedCancellableClass *klass)                      \
  {                                                                                                \
    klass->parent.cancelled = watched_cancellable_cancelled;                                       \
  }                                                                                                \
  static void watched_cancellable_init (G_GNUC_UNUSED WatchedCancellable *self) {}
