/* Passes each probe, and prints what a tracer has to see there. The order of lines of different threads is chance. */
#include <stdio.h>

#ifdef ON_GIO
#error "libgio has no such probes"
#endif
#include <asyncresult/asyncresult.h>

#define ADDRESS(pointer) ((gintptr) (pointer))

static char data_of_task, data_of_callback, tag;
static gint workers;

static void
seen (const char *probe, int count, gintptr a, gintptr b, gintptr c, gintptr d, gintptr e)
{
  gintptr values[] = { a, b, c, d, e };

  printf ("%s", probe);
  for (int i = 0; i < count; i++)
    printf (" %" G_GINTPTR_FORMAT, values[i]);
  printf ("\n");
}

#define SEEN1(probe, a) seen (probe, 1, ADDRESS (a), 0, 0, 0, 0)
#define SEEN2(probe, a, b) seen (probe, 2, ADDRESS (a), ADDRESS (b), 0, 0, 0)
#define SEEN3(probe, a, b, c) seen (probe, 3, ADDRESS (a), ADDRESS (b), ADDRESS (c), 0, 0)
#define SEEN4(probe, a, b, c, d) seen (probe, 4, ADDRESS (a), ADDRESS (b), ADDRESS (c), ADDRESS (d), 0)
#define SEEN5(probe, a, b, c, d, e) seen (probe, 5, ADDRESS (a), ADDRESS (b), ADDRESS (c), ADDRESS (d), ADDRESS (e))

static void
free_data (gpointer data G_GNUC_UNUSED)
{
}

static void
ready (GObject *source, GAsyncResult *result, gpointer done)
{
  GError *error = NULL;
  gboolean failed;

  SEEN4 ("gio:task__before_return", result, source, ready, done);
  g_task_propagate_boolean (G_TASK (result), &error);
  failed = error != NULL;
  SEEN2 ("gio:task__propagate", result, failed);
  g_clear_error (&error);
  *(gboolean *) done = TRUE;
}

static GTask *
new_task (GObject *source, GCancellable *cancellable, gboolean *done)
{
  GTask *task = g_task_new (source, cancellable, ready, done);

  SEEN5 ("gio:task__new", task, source, cancellable, ready, done);
  return task;
}

/* Iterates until the callback has been called, and drops the last reference. */
static void
finish (GTask *task, gboolean *done)
{
  gboolean has_returned;

  while (!*done)
    g_main_context_iteration (NULL, TRUE);
  SEEN1 ("asyncresult:task__delivered", task);
  *done = FALSE;
  has_returned = TRUE;
  SEEN2 ("asyncresult:task__finalized", task, has_returned);
  g_object_unref (task);
}

static void
work (GTask *task, gpointer source G_GNUC_UNUSED, gpointer data G_GNUC_UNUSED, GCancellable *cancellable)
{
  static GThread *known;

  if (known != g_thread_self ())
    {
      known = g_thread_self ();
      workers++;
      SEEN1 ("asyncresult:worker__added", (gintptr) workers);
    }
  SEEN2 ("asyncresult:task__started", task, work);
  if (cancellable != NULL)
    {
      g_cancellable_cancel (cancellable);
      SEEN1 ("asyncresult:cancellable__cancel", cancellable);
    }
  g_task_return_boolean (task, TRUE);
  SEEN2 ("asyncresult:task__returned", task, FALSE);
  SEEN2 ("gio:task__after_run_in_thread", task, cancellable != NULL);
}

static void
run_sync (void)
{
  GTask *task = g_task_new (NULL, NULL, NULL, &data_of_callback);

  SEEN5 ("gio:task__new", task, NULL, NULL, NULL, &data_of_callback);
  SEEN2 ("gio:task__before_run_in_thread", task, work);
  g_task_run_in_thread_sync (task, work);
  SEEN1 ("asyncresult:task__delivered", task);
  SEEN2 ("asyncresult:task__finalized", task, TRUE);
  g_object_unref (task);
}

int
main (void)
{
  GObject *source = g_object_new (G_TYPE_OBJECT, NULL);
  GCancellable *cancellable = g_cancellable_new ();
  gboolean done = FALSE;
  GTask *task;

  task = new_task (source, cancellable, &done);
  g_task_set_task_data (task, &data_of_task, free_data);
  SEEN3 ("gio:task__set_task_data", task, &data_of_task, free_data);
  g_task_set_task_data (task, &data_of_callback, NULL);
  SEEN3 ("gio:task__set_task_data", task, &data_of_callback, NULL);
  g_task_set_priority (task, -7);
  SEEN2 ("gio:task__set_priority", task, (gintptr) -7);
  g_task_set_source_tag (task, &tag);
  SEEN2 ("gio:task__set_source_tag", task, &tag);
  g_task_return_boolean (task, TRUE);
  SEEN2 ("asyncresult:task__returned", task, FALSE);
  finish (task, &done);

  task = new_task (NULL, NULL, &done);
  g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_FAILED, "Failed");
  SEEN2 ("asyncresult:task__returned", task, TRUE);
  finish (task, &done);

  task = g_task_new (NULL, NULL, NULL, NULL);
  SEEN5 ("gio:task__new", task, NULL, NULL, NULL, NULL);
  SEEN2 ("asyncresult:task__finalized", task, FALSE);
  g_object_unref (task);

  task = new_task (NULL, NULL, &done);
  SEEN2 ("gio:task__before_run_in_thread", task, work);
  g_task_run_in_thread (task, work);
  finish (task, &done);

  /* The cancellation completes it, and its function goes on. */
  task = new_task (source, cancellable, &done);
  g_task_set_return_on_cancel (task, TRUE);
  SEEN2 ("gio:task__before_run_in_thread", task, work);
  g_task_run_in_thread (task, work);
  while (!done || g_atomic_int_get (&G_OBJECT (task)->ref_count) > 1)
    g_main_context_iteration (NULL, FALSE);
  finish (task, &done);
  run_sync ();

  g_object_unref (cancellable);
  g_object_unref (source);
  return 0;
}
