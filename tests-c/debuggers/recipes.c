/* The programs of docs/debugging.md's recipes, each by its name there. Those that hang say when they do. */
#include <asyncresult/asyncresult.h>

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* `recipes` stops here. */
static void
hangs (void)
{
  puts ("hangs");
}

static gpointer
say_so (gpointer data G_GNUC_UNUSED)
{
  /* Others have begun to wait until then. */
  g_usleep (3 * G_USEC_PER_SEC);
  hangs ();
  return NULL;
}

static void
ready (GObject *source G_GNUC_UNUSED, GAsyncResult *result G_GNUC_UNUSED, gpointer data G_GNUC_UNUSED)
{
}

static void
lost (void)
{
  g_object_unref (g_task_new (NULL, NULL, ready, NULL));
}

static void
no_callback (void)
{
  g_object_unref (g_task_new (NULL, NULL, NULL, NULL));
}

static void
work (GTask *task G_GNUC_UNUSED, gpointer source G_GNUC_UNUSED, gpointer data G_GNUC_UNUSED,
      GCancellable *cancellable G_GNUC_UNUSED)
{
  for (;;)
    g_usleep (G_USEC_PER_SEC);
}

static void
stuck (void)
{
  GTask *task = g_task_new (NULL, NULL, NULL, NULL);

  g_task_run_in_thread (task, work);
  say_so (NULL);
}

static GMutex mutex;
static gboolean is_handled;

static void
on_cancelled (GCancellable *cancellable G_GNUC_UNUSED, gpointer data G_GNUC_UNUSED)
{
  g_atomic_int_set (&is_handled, TRUE);
  g_mutex_lock (&mutex);
}

static gpointer
cancel (gpointer cancellable)
{
  g_cancellable_cancel (cancellable);
  return NULL;
}

/* The handler waits for a lock of whoever disconnects it. */
static void
hang (void)
{
  GCancellable *cancellable = g_cancellable_new ();
  gulong handler = g_cancellable_connect (cancellable, G_CALLBACK (on_cancelled), NULL, NULL);

  g_mutex_lock (&mutex);
  g_thread_new ("canceller", cancel, cancellable);
  while (!g_atomic_int_get (&is_handled))
    g_thread_yield ();
  g_thread_new ("says so", say_so, NULL);
  g_cancellable_disconnect (cancellable, handler);
}

int
main (int argc, char **argv)
{
  const char *name = argc > 1 ? argv[1] : "";

  if (strcmp (name, "lost") == 0)
    lost ();
  else if (strcmp (name, "no-callback") == 0)
    no_callback ();
  else if (strcmp (name, "stuck") == 0)
    stuck ();
  else if (strcmp (name, "hang") == 0)
    hang ();
  /* Two threads may be in here for ever. */
  _exit (0);
}
