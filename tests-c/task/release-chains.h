/* Chains of objects that hold each other, one way or another, and what a release of them needs of the stack. */
#pragma once

#include "task-helpers.h"

/* What is released, counted by the destroy notifies. */
static gint n_released;

/* The thread on which none of them may happen. */
static GThread *barred;

/* How many must have happened whenever an unref returns. */
static gint n_at_return;

/* What the libraries need of the stack between one notify of this program and the next one inside it. */
static struct
{
  gsize left; /* where the stack was when this program called, or was about to return */
  gsize bytes;
  gsize levels;
} stack;

/* Only on x86-64, and only where everything is compiled as for a release, do the numbers below mean something. */
#if defined (OPTIMIZED) && defined (__x86_64__)
#define MEASURES_STACK TRUE
#define FRAME() ((gsize) __builtin_frame_address (0) + 2 * sizeof (gpointer)) /* before the call of this function */
#define LEAVE() __asm__ volatile ("mov %%rsp, %0" : "=m"(stack.left))
#else
#define MEASURES_STACK FALSE
#define FRAME() 0
#define LEAVE() (void) 0
#endif

static inline void
measure_stack (void)
{
  stack.left = stack.bytes = stack.levels = 0;
}

static inline void
enter (gsize frame)
{
  if (stack.left != 0)
    stack.bytes += stack.left - frame;
  stack.levels++;
  stack.left = frame;
}

static inline gsize
bytes_per_level (void)
{
  return stack.bytes / (stack.levels - 1);
}

static inline void
note_release (gsize frame)
{
  enter (frame);
  g_assert_true (g_thread_self () != barred);
  g_atomic_int_inc (&n_released);
}

static inline void
unref_next (gpointer next)
{
  note_release (FRAME ());
  LEAVE ();
  g_clear_object (&next);
  g_assert_cmpint (n_released, >=, n_at_return);
}

/* A task that is dropped without a result says so, which is not what this is about. */
static inline gpointer
deliver (GTask *task)
{
  g_main_context_iteration (NULL, FALSE);
  g_assert_true (g_task_get_completed (task));
  return task;
}

static inline gpointer
returned (GTask *task)
{
  g_task_return_boolean (task, TRUE);
  return deliver (task);
}

/* One more level: an object that holds `next`, which is NULL at the end of the chain. */
typedef gpointer (*NewLevel) (gpointer next);

static inline gpointer
task_with_data (gpointer next)
{
  GTask *task = g_task_new (NULL, NULL, NULL, NULL);

  g_task_set_task_data (task, next, unref_next);
  return returned (task);
}

static inline void
note_weak (gpointer unused G_GNUC_UNUSED, GObject *where_it_was G_GNUC_UNUSED)
{
  note_release (FRAME ());
}

static inline gpointer
task_with_source (gpointer next)
{
  GTask *task = g_task_new (next, NULL, NULL, NULL);

  g_object_weak_ref (G_OBJECT (task), note_weak, NULL);
  g_clear_object (&next);
  return returned (task);
}

static inline gpointer
task_with_result (gpointer next)
{
  GTask *task = g_task_new (NULL, NULL, NULL, NULL);

  g_task_return_pointer (task, next, unref_next);
  if (!next)
    n_released++; /* no pointer, no destroy notify */
  return deliver (task);
}

static inline gpointer
task_with_value (gpointer next)
{
  GTask *task = g_task_new (NULL, NULL, NULL, NULL);
  GValue value = G_VALUE_INIT;

  g_object_weak_ref (G_OBJECT (task), note_weak, NULL);
  g_value_init (&value, G_TYPE_OBJECT);
  g_value_set_object (&value, next);
  g_clear_object (&next);
  g_task_return_value (task, &value);
  g_value_unset (&value);
  return deliver (task);
}

static inline gpointer
simple_with_result (gpointer next)
{
  GSimpleAsyncResult *simple = g_simple_async_result_new (NULL, NULL, NULL, NULL);

  g_simple_async_result_set_op_res_gpointer (simple, next, unref_next);
  return simple;
}

static inline gpointer
simple_with_source (gpointer next)
{
  GSimpleAsyncResult *simple = g_simple_async_result_new (next, NULL, NULL, NULL);

  g_object_weak_ref (G_OBJECT (simple), note_weak, NULL);
  g_clear_object (&next);
  return simple;
}

static inline void
do_nothing (GCancellable *cancellable G_GNUC_UNUSED, gpointer data G_GNUC_UNUSED)
{
}

/* The data of a handler. */
static inline gpointer
cancellable_with_handler (gpointer next)
{
  GCancellable *cancellable = g_cancellable_new ();

  g_cancellable_connect (cancellable, G_CALLBACK (do_nothing), next, unref_next);
  return cancellable;
}

/* A task whose cancellable has a handler whose data is the next one. */
static inline gpointer
task_with_cancellable (gpointer next)
{
  GCancellable *cancellable = g_cancellable_new ();
  GTask *task = g_task_new (NULL, cancellable, NULL, NULL);

  g_cancellable_connect (cancellable, G_CALLBACK (do_nothing), next, unref_next);
  g_object_unref (cancellable);
  return returned (task);
}

/* A plain object, which the library knows nothing of, between two tasks. */
static inline gpointer
task_with_object (gpointer next)
{
  GObject *object = g_object_new (G_TYPE_OBJECT, NULL);
  GTask *task = g_task_new (object, NULL, NULL, NULL);

  if (next)
    g_object_set_data_full (object, "next", next, unref_next);
  else
    n_released++;
  g_object_unref (object);
  return returned (task);
}

/* Several kinds in turn. */
static inline gpointer
mixture (gpointer next)
{
  static const NewLevel kinds[] = { task_with_data,   task_with_source, task_with_result,
                                    task_with_object, task_with_value,  simple_with_result };
  static guint n;

  return kinds[n++ % G_N_ELEMENTS (kinds)](next);
}
