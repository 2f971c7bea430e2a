/* Everything that goes wrong with tasks, once: for asyncresult-trace to find.
 *
 *   cc -g sick.c $(pkg-config --cflags --libs asyncresult) -o sick
 *   ASYNCRESULT_TRACE=sick.asrtrace ./sick; asyncresult-trace report sick.asrtrace -o sick.html
 *
 * Each fault is a function of its own, and docs/sight.md says what the report shows of it. The program runs for about
 * four seconds, and says on its way that a task was returned twice and that another was never returned. */
#include <asyncresult/asyncresult.h>

/* How many operations are on their way. */
static int pending;

static void
sleep_ms (unsigned milliseconds)
{
  g_usleep (milliseconds * 1000UL);
}

static void
ready (GObject *source G_GNUC_UNUSED, GAsyncResult *result, gpointer data G_GNUC_UNUSED)
{
  (void) g_task_propagate_boolean (G_TASK (result), NULL);
  pending--;
}

/* 1: one way out of the operation forgets to return. */
static void
lookup_async (const char *key)
{
  GTask *task = g_task_new (NULL, NULL, ready, NULL);

  g_task_set_name (task, "lookup");
  pending++;
  if (g_str_equal (key, "known"))
    g_task_return_boolean (task, TRUE);
  else
    pending--; /* Nothing is returned: the callback never comes. */
  g_object_unref (task);
}

/* 2: a callback that works instead of leaving that to a thread. */
static void
draw_ready (GObject *source, GAsyncResult *result, gpointer data)
{
  sleep_ms (120);
  ready (source, result, data);
}

static void
draw_async (void)
{
  GTask *task = g_task_new (NULL, NULL, draw_ready, NULL);

  g_task_set_name (task, "draw");
  pending++;
  g_task_return_boolean (task, TRUE);
  g_object_unref (task);
}

/* 3: functions in workers that wait for other tasks. These find no worker. */
static GMutex lock;
static GCond changed;

static void
page_func (GTask *task, gpointer source G_GNUC_UNUSED, gpointer data, GCancellable *cancellable G_GNUC_UNUSED)
{
  sleep_ms (60);
  g_mutex_lock (&lock);
  *(gboolean *) data = TRUE;
  g_cond_broadcast (&changed);
  g_mutex_unlock (&lock);
  g_task_return_boolean (task, TRUE);
}

static void
book_func (GTask *task, gpointer source G_GNUC_UNUSED, gpointer data G_GNUC_UNUSED,
           GCancellable *cancellable G_GNUC_UNUSED)
{
  gboolean is_done = FALSE;
  GTask *page = g_task_new (NULL, NULL, NULL, NULL);

  sleep_ms (20);
  g_task_set_name (page, "page");
  g_task_set_task_data (page, &is_done, NULL);
  g_task_run_in_thread (page, page_func);
  g_mutex_lock (&lock);
  while (!is_done)
    g_cond_wait (&changed, &lock);
  g_mutex_unlock (&lock);
  g_object_unref (page);
  g_task_return_boolean (task, TRUE);
}

static void
books_async (void)
{
  for (int i = 0; i < 18; i++)
    {
      GTask *task = g_task_new (NULL, NULL, ready, NULL);

      g_task_set_name (task, "book");
      pending++;
      g_task_run_in_thread (task, book_func);
      g_object_unref (task);
    }
}

/* 4: each operation connects to the cancellable of the whole program, and none disconnects. */
static void
stopped (GCancellable *cancellable G_GNUC_UNUSED, gpointer data G_GNUC_UNUSED)
{
}

static void
watch_async (GCancellable *cancellable)
{
  GTask *task = g_task_new (NULL, cancellable, ready, NULL);

  g_task_set_name (task, "watch");
  pending++;
  g_cancellable_connect (cancellable, G_CALLBACK (stopped), NULL, NULL);
  g_task_return_boolean (task, TRUE);
  g_object_unref (task);
}

/* 5: the result goes to a context that was thread-default for a moment, and is iterated by nobody. */
static void
settings_async (GMainContext *private_context)
{
  GTask *task;

  g_main_context_push_thread_default (private_context);
  task = g_task_new (NULL, NULL, ready, NULL);
  g_task_set_name (task, "settings");
  g_main_context_pop_thread_default (private_context);
  g_task_return_boolean (task, TRUE);
  g_object_unref (task);
}

/* 6: a callback that does not look at the result, and so not at the error. */
static void
save_ready (GObject *source G_GNUC_UNUSED, GAsyncResult *result G_GNUC_UNUSED, gpointer data G_GNUC_UNUSED)
{
  pending--;
}

static void
save_async (void)
{
  GTask *task = g_task_new (NULL, NULL, save_ready, NULL);

  g_task_set_name (task, "save");
  pending++;
  g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_NO_SPACE, "Disk full: %s", "/home");
  g_object_unref (task);
}

/* 7: a result is returned when it is there, and once more when the timeout comes. */
static gboolean
on_timeout (gpointer task)
{
  g_task_return_boolean (task, FALSE);
  g_object_unref (task);
  return G_SOURCE_REMOVE;
}

static void
connect_async (void)
{
  GTask *task = g_task_new (NULL, NULL, ready, NULL);

  g_task_set_name (task, "connect");
  pending++;
  g_timeout_add (50, on_timeout, g_object_ref (task));
  g_task_return_boolean (task, TRUE);
  g_object_unref (task);
}

/* 8: a function that never asks whether it was cancelled. */
static void
index_func (GTask *task, gpointer source G_GNUC_UNUSED, gpointer data G_GNUC_UNUSED,
            GCancellable *cancellable G_GNUC_UNUSED)
{
  sleep_ms (4000);
  g_task_return_boolean (task, TRUE);
}

static gboolean
cancel (gpointer cancellable)
{
  g_cancellable_cancel (cancellable);
  return G_SOURCE_REMOVE;
}

static void
index_async (GCancellable *cancellable)
{
  GTask *task = g_task_new (NULL, cancellable, ready, NULL);

  g_task_set_name (task, "index");
  pending++;
  g_task_run_in_thread (task, index_func);
  g_timeout_add (100, cancel, cancellable);
  g_object_unref (task);
}

/* 9: nobody can tell what this is. 10: and somebody keeps it. */
static GTask *
anonymous_async (void)
{
  GTask *task = g_task_new (NULL, NULL, ready, NULL);

  pending++;
  g_task_return_boolean (task, TRUE);
  return task;
}

int
main (void)
{
  GCancellable *of_program = g_cancellable_new (), *of_index = g_cancellable_new ();
  GMainContext *private_context = g_main_context_new ();
  GTask *kept;

  settings_async (private_context);
  lookup_async ("known");
  lookup_async ("unknown");
  index_async (of_index);
  books_async ();
  for (int i = 0; i < 20; i++)
    watch_async (of_program);
  save_async ();
  connect_async ();
  kept = anonymous_async ();
  draw_async ();
  while (pending > 0)
    g_main_context_iteration (NULL, TRUE);
  g_print ("done, with one task kept: %s\n", g_task_get_completed (kept) ? "completed" : "not completed");
  g_object_unref (of_index);
  g_object_unref (of_program);
  g_main_context_unref (private_context);
  return 0;
}
