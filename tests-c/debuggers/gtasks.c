/* Tasks in each state in which a debugger may find them, when stop() is called. With an argument: no task at all. */
#include <asyncresult/asyncresult.h>

/* More than there are workers before stop() is called: those beyond wait. */
#define BLOCKERS 300
#define WORKERS 10

static GMutex locked;
static gint blocked;
static char tag_of_begun;

static void
stop (void)
{
}

static void
cancelled (GCancellable *cancellable G_GNUC_UNUSED, gpointer data G_GNUC_UNUSED)
{
}

static void
block (GTask *task G_GNUC_UNUSED, gpointer source G_GNUC_UNUSED, gpointer data G_GNUC_UNUSED,
       GCancellable *cancellable G_GNUC_UNUSED)
{
  g_atomic_int_inc (&blocked);
  g_mutex_lock (&locked);
  g_mutex_unlock (&locked);
}

static void
ready (GObject *source G_GNUC_UNUSED, GAsyncResult *result G_GNUC_UNUSED, gpointer data G_GNUC_UNUSED)
{
}

static void
stop_in_callback (GObject *source G_GNUC_UNUSED, GAsyncResult *result G_GNUC_UNUSED, gpointer done)
{
  stop ();
  *(gboolean *) done = TRUE;
}

static GTask *
new_task (const char *name, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer data)
{
  GTask *task = g_task_new (NULL, cancellable, callback, data);

  g_task_set_name (task, name);
  return task;
}

static gpointer
run_sync (gpointer task)
{
  g_task_run_in_thread_sync ((GTask *) task, block);
  return NULL;
}

static GTask *
return_in_own_context (void)
{
  GMainContext *own = g_main_context_new ();
  GTask *task;

  g_main_context_push_thread_default (own);
  task = new_task ("waiting", NULL, ready, NULL);
  g_main_context_pop_thread_default (own);
  g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "No such thing");
  return task;
}

static void
wait_for_blocked (gint count)
{
  while (g_atomic_int_get (&blocked) < count)
    g_usleep (1000);
}

static void
iterate (const gboolean *done)
{
  while (!*done)
    g_main_context_iteration (NULL, TRUE);
}

/* Memory that looks like a task, but for a pointer that leads nowhere: it is none. GObject's own has a class
 * pointer before a size, and what comes behind is anything. */
static void
make_a_likeness (GTask *task, GCancellable *cancellable)
{
  static gsize *likeness;
  GTypeQuery query;

  g_type_query (G_TYPE_TASK, &query);
  likeness = (gsize *) g_memdup2 (task, query.instance_size);
  for (gsize i = 0; i < query.instance_size / sizeof *likeness; i++)
    if (likeness[i] == (gsize) cancellable)
      likeness[i] = 0x21;
}

/* Freed ones leave nothing behind that would be found. */
static void
make_and_free (void)
{
  for (int i = 0; i < 1000; i++)
    {
      GCancellable *cancellable = g_cancellable_new ();
      GTask *task = new_task ("gone", cancellable, NULL, NULL);

      g_task_return_int (task, 1);
      while (g_main_context_iteration (NULL, FALSE))
        ;
      g_object_unref (task);
      g_object_unref (cancellable);
    }
}

int
main (int argc, char **argv G_GNUC_UNUSED)
{
  GCancellable *cancellable;
  GTask *task;
  gboolean done = FALSE;

  if (argc > 1)
    {
      g_object_unref (g_object_new (G_TYPE_OBJECT, NULL));
      g_print ("%d\n", (int) (g_task_get_type () != 0));
      stop ();
      return 0;
    }
  make_and_free ();
  g_mutex_lock (&locked);

  cancellable = g_cancellable_new ();
  g_cancellable_connect (cancellable, G_CALLBACK (cancelled), NULL, NULL);
  task = g_task_new (NULL, cancellable, NULL, NULL);
  g_task_set_source_tag (task, &tag_of_begun);
  make_a_likeness (task, cancellable);

  task = g_task_new (NULL, NULL, ready, NULL);
  g_task_set_static_name (task, "finished");
  g_task_return_int (task, 42);
  while (g_main_context_iteration (NULL, FALSE))
    ;

  return_in_own_context ();
  g_thread_unref (g_thread_new ("sync", run_sync, new_task ("sync", NULL, NULL, NULL)));
  wait_for_blocked (1);
  for (int i = 0; i < BLOCKERS; i++)
    g_task_run_in_thread (new_task ("blocker", cancellable, ready, NULL), block);
  task = new_task ("queued", NULL, ready, NULL);
  g_task_set_priority (task, 1000);
  g_task_run_in_thread (task, block);
  wait_for_blocked (WORKERS);
  g_cancellable_cancel (cancellable);

  task = new_task ("called", NULL, stop_in_callback, &done);
  g_task_return_boolean (task, TRUE);
  iterate (&done);
  return 0;
}
