#define _GNU_SOURCE /* dladdr */
#define GLIB_DISABLE_DEPRECATION_WARNINGS
#include "exercise.h"

#ifdef ON_GIO
#include <gio/gio.h>
#else
#include <asyncresult/asyncresult.h>
#endif

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

/* libgio has none of these before 2.76 and 2.80: only our library can be meant. A program that is linked to libgio
 * alone has them if ours is preloaded. Read through volatile: C takes the address of a function for never NULL. */
#pragma weak g_task_set_static_name
#pragma weak g_task_return_new_error_literal
#pragma weak g_task_return_prefixed_error
#ifdef ON_GIO
void g_task_set_static_name (GTask *task, const gchar *name);
void g_task_return_new_error_literal (GTask *task, GQuark domain, gint code, const char *message);
void g_task_return_prefixed_error (GTask *task, GError *error, const char *format, ...) G_GNUC_PRINTF (3, 4);
#endif

const char *
library_of (gconstpointer function)
{
  gpointer address;
  Dl_info info;
  const char *slash;

  memcpy (&address, function, sizeof address);
  if (!dladdr (address, &info))
    return "nowhere";
  slash = strrchr (info.dli_fname, '/');
  return slash ? slash + 1 : info.dli_fname;
}

static int tag;

static void
work (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  (void) source;
  g_task_return_int (task, g_cancellable_is_cancelled (cancellable) ? 0 : GPOINTER_TO_INT (data));
}

static void
ready (GObject *source, GAsyncResult *result, gpointer loop)
{
  GError *error = NULL;
  gssize number = g_task_propagate_int (G_TASK (result), &error);

  printf ("task: valid %d, tagged %d, %d, %s\n", g_task_is_valid (result, source),
          g_async_result_is_tagged (result, &tag), (int) number, error ? error->message : "no error");
  g_clear_error (&error);
  g_main_loop_quit (loop);
}

static void
count (GCancellable *cancellable, gpointer calls)
{
  (void) cancellable;
  ++*(int *) calls;
}

static void
run_a_task (GCancellable *cancellable)
{
  GMainLoop *loop = g_main_loop_new (NULL, FALSE);
  GTask *task = g_task_new (NULL, cancellable, ready, loop);

  g_task_set_source_tag (task, &tag);
  g_task_set_task_data (task, GINT_TO_POINTER (42), NULL);
  g_task_run_in_thread (task, work);
  g_object_unref (task);
  g_main_loop_run (loop);
  g_main_loop_unref (loop);
}

static void
show_error (GTask *task)
{
  GError *error = NULL;

  g_task_propagate_boolean (task, &error);
  printf ("newer: %s, %s\n", g_task_get_name (task), error ? error->message : "no error");
  g_clear_error (&error);
  g_object_unref (task);
}

static void
use_what_is_newer (void)
{
  void (*volatile set_static_name) (GTask *, const gchar *) = g_task_set_static_name;
  GTask *task;

  if (set_static_name == NULL)
    {
      puts ("newer: not there");
      return;
    }
  task = g_task_new (NULL, NULL, NULL, NULL);
  set_static_name (task, "literal");
  g_task_return_new_error_literal (task, G_IO_ERROR, G_IO_ERROR_BUSY, "100%");
  show_error (task);

  task = g_task_new (NULL, NULL, NULL, NULL);
  set_static_name (task, "prefixed");
  g_task_return_prefixed_error (task, g_error_new_literal (G_IO_ERROR, G_IO_ERROR_BUSY, "busy"), "part %d: ", 2);
  show_error (task);
}

static void
show_whose (void)
{
  GType (*get_type) (void) = g_task_get_type;
  GObjectClass *class = g_type_class_ref (g_task_get_type ());

  printf ("functions: %s\n", library_of (&get_type));
  printf ("objects: %s\n", library_of (&class->finalize));
  g_type_class_unref (class);
}

static gboolean
in_main_loop (gpointer calls)
{
  return g_atomic_int_add ((int *) calls, 1) == 0;
}

static gboolean
job (GIOSchedulerJob *self, GCancellable *cancellable, gpointer calls)
{
  (void) cancellable;
  g_io_scheduler_job_send_to_mainloop (self, in_main_loop, calls, NULL);
  return FALSE;
}

static void
note_end (gpointer calls)
{
  g_atomic_int_add ((int *) calls, 10);
}

/* It needs no type but GTask's: which type libgio comes too late for stays the same. */
static void
run_a_job (void)
{
  int calls = 0;

  g_io_scheduler_push_job (job, &calls, note_end, G_PRIORITY_DEFAULT, NULL);
  /* libgio's worker may be the one that notes the end: that wakes nobody. */
  while (g_atomic_int_get (&calls) < 11)
    if (!g_main_context_iteration (NULL, FALSE))
      g_usleep (1000);
  g_io_scheduler_cancel_all_jobs ();
  printf ("job: %d\n", calls);
}

void
exercise (void)
{
  int calls = 0;
  GCancellable *cancellable = g_cancellable_new ();

  g_cancellable_connect (cancellable, G_CALLBACK (count), &calls, NULL);
  run_a_task (cancellable);
  use_what_is_newer ();
  g_cancellable_cancel (cancellable);
  printf ("cancelled: %d, %d\n", g_cancellable_is_cancelled (cancellable), calls);
  g_object_unref (cancellable);
  run_a_job ();
  show_whose ();
}
