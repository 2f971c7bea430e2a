/* A program as someone else would write it, against nothing but the public header. It is C and C++.
 * It runs a task in a worker thread and cancels another one, and fails if either comes back wrong. */
#include <asyncresult/asyncresult.h>

#include <stdio.h>

static void
answer (GTask *task, gpointer source_object, gpointer task_data, GCancellable *cancellable)
{
  (void) source_object;
  (void) task_data;
  (void) cancellable;
  g_task_return_int (task, 42);
}

static void
keep_result (GObject *source_object, GAsyncResult *result, gpointer user_data)
{
  GAsyncResult **place = (GAsyncResult **) user_data;

  (void) source_object;
  *place = G_ASYNC_RESULT (g_object_ref (result));
}

static GTask *
wait_for_result (GAsyncResult **place)
{
  while (*place == NULL)
    g_main_context_iteration (NULL, TRUE);
  return G_TASK (*place);
}

static gboolean
worker_answers (void)
{
  GAsyncResult *result = NULL;
  GTask *task = g_task_new (NULL, NULL, keep_result, &result);
  GError *error = NULL;
  gssize value;

  g_task_run_in_thread (task, answer);
  g_object_unref (task);
  value = g_task_propagate_int (wait_for_result (&result), &error);
  g_object_unref (result);
  return value == 42 && error == NULL;
}

static gboolean
cancelled_task_says_so (void)
{
  GAsyncResult *result = NULL;
  GCancellable *cancellable = g_cancellable_new ();
  GTask *task = g_task_new (NULL, cancellable, keep_result, &result);
  GError *error = NULL;
  gboolean said;

  g_cancellable_cancel (cancellable);
  g_task_return_boolean (task, TRUE);
  g_object_unref (task);
  said = !g_task_propagate_boolean (wait_for_result (&result), &error)
         && g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);
  g_object_unref (result);
  g_object_unref (cancellable);
  return said;
}

int
main (void)
{
  gboolean good = worker_answers () && cancelled_task_says_so ();

  puts (good ? "good" : "wrong");
  return good ? 0 : 1;
}
