/* What the two programs of reports share. */
#pragma once

#include "task-helpers.h"

static inline void
return_true (GTask *task, gpointer source G_GNUC_UNUSED, gpointer data G_GNUC_UNUSED,
             GCancellable *cancellable G_GNUC_UNUSED)
{
  g_task_return_boolean (task, TRUE);
}

/* A task in a thread, its data watched by `destroyed` if that is not NULL. */
static inline void
start (GTaskThreadFunc function, GCancellable *cancellable, Call *call, gint *destroyed)
{
  GTask *task = g_task_new (NULL, cancellable, note_call, call);

  if (destroyed)
    g_task_set_task_data (task, destroyed, count_destroy);
  g_task_run_in_thread (task, function);
  g_object_unref (task);
}

/* For what is never cancelled. */
static inline gboolean
fired (GCancellable *cancellable G_GNUC_UNUSED, gpointer data G_GNUC_UNUSED)
{
  g_assert_not_reached ();
}
