/* What the programs about release share: tasks whose every release is counted, and where it happened. */
#pragma once

#include "task-helpers.h"

/* Destroy notifies, weak notifies and error clear functions count here. */
static struct
{
  GThread *home; /* iterates the context of the tasks; besides it and main there are only workers */
  gint everywhere;
  gint elsewhere;
  /* If this is not 0: what is released elsewhere from then on is counted here instead. */
  gint64 late_from;
  gint late;
} releases;

static inline void
note_release (gpointer data G_GNUC_UNUSED)
{
  if (g_thread_self () != releases.home)
    {
      gboolean is_late = releases.late_from != 0 && g_get_monotonic_time () >= releases.late_from;

      g_atomic_int_inc (is_late ? &releases.late : &releases.elsewhere);
    }
  g_atomic_int_inc (&releases.everywhere);
}

static inline void
note_object_release (gpointer data, GObject *where_it_was G_GNUC_UNUSED)
{
  note_release (data);
}

static inline void
note_error_release (GError *error G_GNUC_UNUSED)
{
  note_release (NULL);
}

static inline void
note_error_copy (const GError *from G_GNUC_UNUSED, GError *to G_GNUC_UNUSED)
{
  g_assert_not_reached ();
}

static inline void
note_error_start (GError *error G_GNUC_UNUSED)
{
}

/* Called by many workers at once. */
static inline GError *
new_watched_error (void)
{
  static gsize domain;

  if (g_once_init_enter (&domain))
    g_once_init_leave (&domain,
                       g_error_domain_register_static ("watched-error", sizeof (int), note_error_start,
                                                       note_error_copy, note_error_release));
  return g_error_new_literal ((GQuark) domain, 1, "");
}

static inline void
begin (GThread *home)
{
  releases.home = home;
  releases.everywhere = releases.elsewhere = releases.late = 0;
  releases.late_from = 0;
}

/* A task with a source object and task data; makes two releases. */
static inline GTask *
new_watched_task (GCancellable *cancellable, GAsyncReadyCallback callback, gpointer data)
{
  GObject *source = g_object_new (G_TYPE_OBJECT, NULL);
  GTask *task = g_task_new (source, cancellable, callback, data);

  g_object_weak_ref (source, note_object_release, NULL);
  g_object_unref (source);
  g_task_set_task_data (task, task, note_release);
  return task;
}

static inline void
return_pointer (GTask *task, gpointer source G_GNUC_UNUSED, gpointer data G_GNUC_UNUSED,
                GCancellable *cancellable G_GNUC_UNUSED)
{
  g_task_return_pointer (task, task, note_release);
}

static inline void
return_error (GTask *task, gpointer source G_GNUC_UNUSED, gpointer data G_GNUC_UNUSED,
              GCancellable *cancellable G_GNUC_UNUSED)
{
  g_task_return_error (task, new_watched_error ());
}

static inline void
unref_data (GTask *task, gpointer source G_GNUC_UNUSED, gpointer data, GCancellable *cancellable G_GNUC_UNUSED)
{
  g_object_unref (data);
  g_task_return_boolean (task, TRUE);
}

/* A task that has returned, by way of `function` on a worker, and that nobody else holds. */
static inline GTask *
new_done_task (GTaskThreadFunc function)
{
  GTask *done = new_watched_task (NULL, NULL, NULL);

  g_task_run_in_thread_sync (done, function);
  await_alone (done);
  return done;
}

/* A task function drops the last reference. */
static inline void
give_to_worker (GTask *done)
{
  GTask *task = g_task_new (NULL, NULL, NULL, NULL);

  g_task_set_task_data (task, done, NULL);
  g_task_run_in_thread_sync (task, unref_data);
  g_object_unref (task);
}
