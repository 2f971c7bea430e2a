/* Workers: when they come and go. */
#define _GNU_SOURCE /* RTLD_NEXT */
#include "traced.h"

#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>

static guint
count_threads (void)
{
  GDir *threads = g_dir_open ("/proc/self/task", 0, NULL);
  guint n = 0;

  while (g_dir_read_name (threads) != NULL)
    n++;
  g_dir_close (threads);
  return n;
}

static void
leave (GTask *task, gpointer source G_GNUC_UNUSED, gpointer data G_GNUC_UNUSED, GCancellable *cancellable G_GNUC_UNUSED)
{
  g_task_return_int (task, 1);
  g_thread_exit (NULL);
}

/* A function ends its worker. */
void
workers (void)
{
  GTask *task = new_task (NULL, 'i', "leaves");

  g_task_run_in_thread (task, leave);
  iterate_until (is_completed, task);
  iterate ();
  g_object_unref (task);
  for (int i = 0; i < 1000 && count_threads () > 1; i++)
    g_usleep (10000);
}

static gboolean refuses;

/* The system, as far as GLib's threads are concerned. */
int
pthread_create (pthread_t *thread, const pthread_attr_t *attributes, void *(*function) (void *), void *argument)
{
  static int (*real) (pthread_t *, const pthread_attr_t *, void *(*) (void *), void *);

  if (g_atomic_int_get (&refuses))
    return EAGAIN;
  if (real == NULL)
    *(void **) &real = dlsym (RTLD_NEXT, "pthread_create");
  return real (thread, attributes, function, argument);
}

void
refused (void)
{
  GTask *task = new_task (NULL, 'i', "refused");

  g_atomic_int_set (&refuses, TRUE);
  g_task_run_in_thread_sync (task, work);
  g_object_unref (task);
}

static void
wait_for_all (GTask *task, gpointer source G_GNUC_UNUSED, gpointer data G_GNUC_UNUSED,
              GCancellable *cancellable G_GNUC_UNUSED)
{
  wait_for (1);
  g_task_return_int (task, 1);
}

static void
go (GTask *task, gpointer source G_GNUC_UNUSED, gpointer data G_GNUC_UNUSED, GCancellable *cancellable G_GNUC_UNUSED)
{
  reach (1);
  g_task_return_int (task, 1);
}

/* Ten wait for the eleventh. */
void
blocked (void)
{
  GTask *last;

  for (int i = 0; i < 10; i++)
    {
      GTask *task = new_task (NULL, 'i', "waits");

      g_task_run_in_thread (task, wait_for_all);
      g_object_unref (task);
    }
  last = new_task (NULL, 'i', "goes");
  g_task_run_in_thread (last, go);
  iterate_until (is_completed, last);
  g_object_unref (last);
}
