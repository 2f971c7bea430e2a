/* What the recorder is to write down. The first argument names one of the functions of the table below; `run` has what is
 * expected of it. */
#define _GNU_SOURCE /* close_range(), RTLD_NEXT */
#define GLIB_DISABLE_DEPRECATION_WARNINGS
#include <asyncresult/asyncresult.h>

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

/* Of the program's arguments, the second. */
static int amount;
static const char *own_path;

static void
ready (GObject *source G_GNUC_UNUSED, GAsyncResult *result, gpointer kind)
{
  GTask *task = G_TASK (result);
  g_autoptr (GError) error = NULL;
  GValue value = G_VALUE_INIT;

  switch (GPOINTER_TO_INT (kind))
    {
    case 'p':
      g_free (g_task_propagate_pointer (task, &error));
      break;
    case 'i':
      g_task_propagate_int (task, &error);
      break;
    case 'b':
      g_task_propagate_boolean (task, &error);
      break;
    case 'v':
      if (g_task_propagate_value (task, &value, &error))
        g_value_unset (&value);
      break;
    default:
      break;
    }
}

static GTask *
new_task (GCancellable *cancellable, char kind, const char *name)
{
  GTask *task = g_task_new (NULL, cancellable, ready, GINT_TO_POINTER ((int) kind));

  g_task_set_name (task, name);
  return task;
}

static void
iterate (void)
{
  while (g_main_context_iteration (NULL, FALSE))
    ;
}

static gboolean
is_completed (gpointer task)
{
  return g_task_get_completed (task);
}

static void
iterate_until (gboolean (*is_true) (gpointer), gpointer data)
{
  while (!is_true (data))
    g_main_context_iteration (NULL, TRUE);
}

static void
return_kind (GTask *task, char kind)
{
  GValue value = G_VALUE_INIT;

  switch (kind)
    {
    case 'p':
      g_task_return_pointer (task, g_strdup ("text"), g_free);
      break;
    case 'i':
      g_task_return_int (task, 3);
      break;
    case 'b':
      g_task_return_boolean (task, TRUE);
      break;
    case 'v':
      g_value_init (&value, G_TYPE_INT);
      g_task_return_value (task, &value);
      g_value_unset (&value);
      break;
    default:
      g_assert_not_reached ();
    }
}

/* One task of each kind: returned where it was made, so that the loop delivers it. */
static void
kinds (void)
{
  for (const char *kind = "pibv"; *kind != '\0'; kind++)
    {
      GTask *task = new_task (NULL, *kind, "kind");

      return_kind (task, *kind);
      iterate ();
      g_object_unref (task);
    }
}

static void
fails (void)
{
  GTask *task = new_task (NULL, 'i', NULL);

  g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_TIMED_OUT, "too %s", "late");
  iterate ();
  g_object_unref (task);
  g_task_report_error (NULL, ready, GINT_TO_POINTER ('b'), (gpointer) "fails",
                       g_error_new_literal (G_IO_ERROR, G_IO_ERROR_BUSY, "not now"));
  iterate ();
}

static gboolean
return_it (gpointer task)
{
  g_task_return_int (task, 1);
  return G_SOURCE_REMOVE;
}

/* In a later iteration: so it is delivered by the return itself. */
static void
at_once (void)
{
  GTask *task = new_task (NULL, 'i', "at once");

  g_idle_add (return_it, task);
  iterate ();
  g_object_unref (task);
}

static void
described (void)
{
  GObject *source = g_object_new (G_TYPE_OBJECT, NULL);
  GCancellable *cancellable = g_cancellable_new ();
  GTask *task = g_task_new (source, cancellable, ready, GINT_TO_POINTER ('i'));
  gpointer tag;

  *(void (**) (void)) &tag = described;
  g_task_set_source_tag (task, tag);
  g_task_set_priority (task, -7);
  g_task_set_name (task, "first");
  g_task_set_static_name (task, "second");
  g_task_set_name (task, NULL);
  g_task_return_int (task, 1);
  iterate ();
  g_object_unref (task);
  g_object_unref (cancellable);
  g_object_unref (source);
}

static void
work (GTask *task, gpointer source G_GNUC_UNUSED, gpointer data G_GNUC_UNUSED, GCancellable *cancellable G_GNUC_UNUSED)
{
  return_kind (task, 'i');
}

static void
threaded (void)
{
  GTask *task = new_task (NULL, 'i', "threaded");

  g_task_run_in_thread (task, work);
  iterate_until (is_completed, task);
  iterate ();
  g_object_unref (task);
}

static void
waited_for (void)
{
  GTask *task = new_task (NULL, 'i', "waited for");

  g_task_run_in_thread_sync (task, work);
  g_task_propagate_int (task, NULL);
  g_object_unref (task);
}

static GMutex mutex;
static GCond condition;
static int step;

static void
reach (int next)
{
  g_mutex_lock (&mutex);
  step = next;
  g_cond_broadcast (&condition);
  g_mutex_unlock (&mutex);
}

static void
wait_for (int awaited)
{
  g_mutex_lock (&mutex);
  while (step < awaited)
    g_cond_wait (&condition, &mutex);
  g_mutex_unlock (&mutex);
}

static void
work_on (GTask *task, gpointer source G_GNUC_UNUSED, gpointer data G_GNUC_UNUSED, GCancellable *cancellable G_GNUC_UNUSED)
{
  reach (1);
  wait_for (2);
  g_task_return_int (task, 1);
  reach (3);
}

/* The cancellation completes it, and its function runs on. */
static void
cancelled_early (void)
{
  GCancellable *cancellable = g_cancellable_new ();
  GTask *task = new_task (cancellable, 'i', "early");

  g_task_set_return_on_cancel (task, TRUE);
  g_task_run_in_thread (task, work_on);
  wait_for (1);
  g_cancellable_cancel (cancellable);
  iterate_until (is_completed, task);
  iterate ();
  reach (2);
  wait_for (3);
  /* The worker has the last reference but this one. */
  while (G_OBJECT (task)->ref_count > 1)
    g_thread_yield ();
  g_object_unref (task);
  g_object_unref (cancellable);
}

static void
twice (void)
{
  GTask *task = new_task (NULL, 'i', "twice");

  g_task_return_int (task, 1);
  g_task_return_int (task, 2);
  g_task_return_error_if_cancelled (task);
  iterate ();
  g_object_unref (task);
}

/* Without a callback nobody misses a result. */
static void
never (void)
{
  GTask *task = g_task_new (NULL, NULL, NULL, NULL);

  g_task_set_name (task, "never");
  g_object_unref (task);
}

/* The source that was to deliver it is removed. */
static void
dropped (void)
{
  GMainContext *context = g_main_context_new ();
  GTask *task;

  g_main_context_push_thread_default (context);
  task = new_task (NULL, 'i', "dropped");
  g_task_return_int (task, 1);
  g_object_unref (task);
  g_source_destroy (g_main_context_find_source_by_user_data (context, task));
  g_main_context_pop_thread_default (context);
  g_main_context_unref (context);
}

static void
simple_ready (GObject *source G_GNUC_UNUSED, GAsyncResult *result, gpointer data G_GNUC_UNUSED)
{
  g_autoptr (GError) error = NULL;

  g_simple_async_result_propagate_error (G_SIMPLE_ASYNC_RESULT (result), &error);
}

static void
simple_work (GSimpleAsyncResult *simple, GObject *source G_GNUC_UNUSED, GCancellable *cancellable G_GNUC_UNUSED)
{
  g_simple_async_result_set_op_res_gssize (simple, 4);
}

static GSimpleAsyncResult *
new_simple (void)
{
  return g_simple_async_result_new (NULL, simple_ready, NULL, NULL);
}

static gboolean
has_one_reference (gpointer object)
{
  return G_OBJECT (object)->ref_count == 1;
}

static void
simple (void)
{
  GSimpleAsyncResult *result = new_simple ();
  GCancellable *cancellable = g_cancellable_new ();

  g_simple_async_result_complete (result);
  g_object_unref (result);
  result = new_simple ();
  g_simple_async_result_set_error (result, G_IO_ERROR, G_IO_ERROR_FAILED, "no");
  g_simple_async_result_complete_in_idle (result);
  iterate ();
  g_object_unref (result);
  result = new_simple ();
  g_simple_async_result_run_in_thread (result, simple_work, 0, cancellable);
  iterate_until (has_one_reference, result);
  g_object_unref (result);
  g_object_unref (cancellable);
}

static void
simple_dropped (void)
{
  GMainContext *context = g_main_context_new ();
  GSimpleAsyncResult *result;

  g_main_context_push_thread_default (context);
  result = new_simple ();
  g_simple_async_result_run_in_thread (result, simple_work, 0, NULL);
  while (!g_main_context_pending (context))
    g_thread_yield ();
  g_object_unref (result);
  while (g_main_context_pending (context))
    g_source_destroy (g_main_context_find_source_by_id (context, 1));
  g_main_context_pop_thread_default (context);
  g_main_context_unref (context);
}

static void
heard (GCancellable *cancellable G_GNUC_UNUSED, gpointer data G_GNUC_UNUSED)
{
}

static void
cancellables (void)
{
  GCancellable *cancellable = g_cancellable_new ();
  gulong handler = g_cancellable_connect (cancellable, G_CALLBACK (heard), NULL, NULL);

  g_cancellable_reset (cancellable);
  g_cancellable_cancel (cancellable);
  g_cancellable_cancel (cancellable);
  g_cancellable_reset (cancellable);
  g_cancellable_disconnect (cancellable, handler);
  g_object_unref (cancellable);
}

static void
leave (GTask *task, gpointer source G_GNUC_UNUSED, gpointer data G_GNUC_UNUSED, GCancellable *cancellable G_GNUC_UNUSED)
{
  g_task_return_int (task, 1);
  g_thread_exit (NULL);
}

/* A function ends its worker. */
static void
workers (void)
{
  GTask *task = new_task (NULL, 'i', "leaves");

  g_task_run_in_thread (task, leave);
  iterate_until (is_completed, task);
  iterate ();
  g_object_unref (task);
  g_usleep (100000);
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

static void
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
static void
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

/* `amount` tasks, one after the other. */
static void
many (void)
{
  for (int i = 0; i < amount; i++)
    {
      g_autofree char *name = g_strdup_printf ("task %d", i);
      GTask *task = new_task (NULL, 'i', name);

      g_task_return_int (task, i);
      iterate ();
      g_object_unref (task);
    }
}

static gpointer
one_task (gpointer data G_GNUC_UNUSED)
{
  never ();
  return NULL;
}

static gpointer one_task (gpointer data);

static gpointer
tasks_for_ever (gpointer data)
{
  for (;;)
    one_task (data);
  return NULL;
}

/* Until it is killed. */
static void
for_ever (void)
{
  g_thread_new ("other", tasks_for_ever, NULL);
  amount = G_MAXINT;
  many ();
}

/* `amount` threads, one after the other. */
static void
threads (void)
{
  for (int i = 0; i < amount; i++)
    g_thread_join (g_thread_new ("short", one_task, NULL));
}

static int begun;

static gpointer
task_and_wait (gpointer until)
{
  one_task (NULL);
  g_atomic_int_inc (&begun);
  wait_for (GPOINTER_TO_INT (until));
  one_task (NULL);
  return NULL;
}

/* `amount` threads at once. */
static void
crowd (void)
{
  GThread **all = g_new (GThread *, amount);

  for (int i = 0; i < amount; i++)
    {
      all[i] = g_thread_new ("crowd", task_and_wait, GINT_TO_POINTER (i < amount / 2 ? 1 : 2));
      while (g_atomic_int_get (&begun) <= i)
        g_usleep (1000);
    }
  /* Those that came first leave, and so the others get room. */
  for (int i = 0; i < amount; i++)
    {
      if (i == 0 || i == amount / 2)
        reach (i == 0 ? 1 : 2);
      g_thread_join (all[i]);
    }
  g_free (all);
}

/* With a task, until it is killed. */
static void
waits (void)
{
  new_task (NULL, 'i', "waits");
  pause ();
}

static void
forks (void)
{
  pid_t child;

  never ();
  child = fork ();
  if (child == 0)
    {
      at_once ();
      exit (3);
    }
  waitpid (child, NULL, 0);
  child = fork ();
  if (child == 0)
    /* Records nothing. */
    _exit (0);
  waitpid (child, NULL, 0);
  at_once ();
}

/* Becomes another program, which records, too. */
static void
becomes_another (void)
{
  never ();
  execl (own_path, own_path, "at_once", (char *) NULL);
}

static gpointer
exits (gpointer data G_GNUC_UNUSED)
{
  never ();
  exit (0);
}

static void
exits_elsewhere (void)
{
  never ();
  g_thread_join (g_thread_new ("exits", exits, NULL));
}

static void
crashes (void)
{
  never ();
  signal (SIGSEGV, SIG_DFL);
  setrlimit (RLIMIT_CORE, &(struct rlimit){ 0, 0 });
  raise (SIGSEGV);
}

/* A file of the program's gets the number of what it has closed. */
static void
closes_all (void)
{
  for (int i = 3; i < 1024; i++)
    close (i);
  for (int i = 3; i < 1024; i++)
    g_assert_cmpint (open ("mine", O_RDWR | O_CREAT, 0600), ==, i);
  amount = 3000;
  many ();
}

static const struct
{
  const char *name;
  void (*function) (void);
} functions[] = {
#define FUNCTION(name) { #name, name }
  FUNCTION (kinds), FUNCTION (fails), FUNCTION (at_once), FUNCTION (described), FUNCTION (threaded),
  FUNCTION (waited_for), FUNCTION (cancelled_early), FUNCTION (twice), FUNCTION (never), FUNCTION (dropped),
  FUNCTION (simple), FUNCTION (simple_dropped), FUNCTION (cancellables), FUNCTION (workers), FUNCTION (refused),
  FUNCTION (blocked), FUNCTION (many), FUNCTION (for_ever), FUNCTION (threads), FUNCTION (crowd), FUNCTION (waits), FUNCTION (forks),
  FUNCTION (becomes_another), FUNCTION (exits_elsewhere), FUNCTION (crashes), FUNCTION (closes_all),
};

int
main (int argc, char **argv)
{
  own_path = argv[0];
  amount = argc > 2 ? atoi (argv[2]) : 0;
  for (gsize i = 0; argc >= 2 && i < G_N_ELEMENTS (functions); i++)
    if (strcmp (argv[1], functions[i].name) == 0)
      {
        functions[i].function ();
        return 0;
      }
  return 2;
}
