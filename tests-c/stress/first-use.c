/* The first use of the library in a process, by several threads at once. Each round is a process of its own, which is
 * this program again: what is made once is made once in a process. */
#include "stress.h"

#include <sys/wait.h>

#define MEMBERS 6
#define BATCH 8 /* processes that run at a time */

static gint delivered;

static void
note_delivery (GObject *source G_GNUC_UNUSED, GAsyncResult *result, gpointer data G_GNUC_UNUSED)
{
  g_assert_true (g_task_propagate_boolean (G_TASK (result), NULL));
  COUNT (delivered);
}

static void
return_true (GTask *task, gpointer source G_GNUC_UNUSED, gpointer data G_GNUC_UNUSED,
             GCancellable *cancellable G_GNUC_UNUSED)
{
  g_task_return_boolean (task, TRUE);
}

/* Each member's own context: the global one belongs to the main thread. */
static void
use_task (GTaskThreadFunc function)
{
  GMainContext *context = g_main_context_new ();
  GTask *task;

  g_main_context_push_thread_default (context);
  task = g_task_new (NULL, NULL, note_delivery, NULL);
  if (function)
    g_task_run_in_thread (task, function);
  else
    g_task_return_boolean (task, TRUE);
  while (!g_task_get_completed (task))
    g_main_context_iteration (context, TRUE);
  g_object_unref (task);
  g_main_context_pop_thread_default (context);
  g_main_context_unref (context);
}

static void
use_cancellable (gboolean with_source)
{
  GCancellable *cancellable = g_cancellable_new ();
  GSource *source = with_source ? g_cancellable_source_new (cancellable) : NULL;
  GError *error = NULL;

  g_cancellable_cancel (cancellable);
  g_assert_true (g_cancellable_set_error_if_cancelled (cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_error_free (error);
  if (source)
    g_source_unref (source);
  g_object_unref (cancellable);
}

static void
use_simple (void)
{
  GSimpleAsyncResult *simple = g_simple_async_result_new (NULL, NULL, NULL, NULL);

  g_simple_async_result_set_op_res_gssize (simple, 5);
  g_assert_cmpint (g_simple_async_result_get_op_res_gssize (simple), ==, 5);
  g_object_unref (simple);
}

static void
use_synchronously (void)
{
  GTask *task = g_task_new (NULL, NULL, NULL, NULL);

  g_task_run_in_thread_sync (task, return_true);
  g_assert_true (g_task_propagate_boolean (task, NULL));
  g_object_unref (task);
}

/* Any of the calls that may be the first. */
static void
use_first (guint32 *dice)
{
  switch (roll (dice, 12))
    {
    case 0: g_assert_cmpstr (g_type_name (g_task_get_type ()), ==, "GTask"); break;
    case 1: g_assert_cmpstr (g_type_name (g_cancellable_get_type ()), ==, "GCancellable"); break;
    case 2: g_assert_cmpstr (g_type_name (g_simple_async_result_get_type ()), ==, "GSimpleAsyncResult"); break;
    case 3: g_assert_cmpstr (g_type_name (g_async_result_get_type ()), ==, "GAsyncResult"); break;
    case 4: g_assert_cmpstr (g_type_name (g_io_error_enum_get_type ()), ==, "GIOErrorEnum"); break;
    case 5: g_assert_cmpstr (g_quark_to_string (g_io_error_quark ()), ==, "g-io-error-quark"); break;
    case 6: use_task (NULL); break;
    case 7: use_task (return_true); break;
    case 8: use_cancellable (FALSE); break;
    case 9: use_cancellable (TRUE); break;
    case 10: use_simple (); break;
    default: use_synchronously (); break;
    }
}

/* The same dice for all in every other process: then they ask for the same thing. */
static void
use_at_once (gpointer seed, guint member, guint32 *dice)
{
  guint32 number = GPOINTER_TO_UINT (seed);

  *dice = number % 2 ? number * 2654435769u | 1 : (number * 2654435769u ^ member * 40503u) | 1;
  for (guint i = 0; i < 3; i++)
    roll (dice, 2);
  for (guint i = 0; i < 4; i++)
    use_first (dice);
}

static gboolean
do_nothing (gpointer data G_GNUC_UNUSED)
{
  return G_SOURCE_REMOVE;
}

/* GLib has its own first times, of which ThreadSanitizer sees nothing but the memory. They are not the question. */
static void
use_glib (void)
{
  GObject *object = counted_object_new ();
  gulong handler = g_signal_connect (object, "notify", G_CALLBACK (do_nothing), NULL);

  g_signal_handler_disconnect (object, handler);
  g_object_unref (object);
  g_error_free (g_error_new_literal (G_FILE_ERROR, G_FILE_ERROR_FAILED, ""));
  g_idle_add (do_nothing, NULL);
  g_main_context_iteration (NULL, TRUE);
}

int
first_use (guint seed)
{
  Crowd *crowd;

  use_glib ();
  crowd = crowd_new (MEMBERS, use_at_once);
  crowd_begin (crowd, GUINT_TO_POINTER (seed));
  crowd_wait (crowd);
  crowd_free (crowd);
  return 0;
}

/* --- the processes --- */

static GPid
spawn (guint seed)
{
  char *number = g_strdup_printf ("%u", seed);
  char *argv[] = { (char *) "/proc/self/exe", (char *) "--first-use", number, NULL };
  GError *error = NULL;
  GPid child;

  g_spawn_async (NULL, argv, NULL, G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_CHILD_INHERITS_STDIN, NULL, NULL, &child,
                 &error);
  g_assert_no_error (error);
  g_free (number);
  return child;
}

static void
wait_for (GPid child, guint seed)
{
  GError *error = NULL;
  int status;

  while (waitpid (child, &status, 0) != child)
    continue;
  if (!g_spawn_check_wait_status (status, &error))
    g_error ("first-use: --first-use %u: %s", seed, error->message);
}

static void
run_first_use (Run *run)
{
  guint processes = 0;

  while (run_goes_on (run))
    {
      guint32 seed = run->dice + processes;
      GPid children[BATCH];

      for (guint i = 0; i < BATCH; i++)
        children[i] = spawn (seed + i);
      for (guint i = 0; i < BATCH; i++)
        wait_for (children[i], seed + i);
      processes += BATCH;
    }
  g_string_append_printf (run->remarks, ", %u processes", processes);
}

const Scenario first_use_scenarios[] = {
  { "first-use", run_first_use, NULL },
  { NULL, NULL, NULL },
};
