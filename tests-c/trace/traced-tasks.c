/* What becomes of tasks, simple results and cancellables. */
#include "traced.h"

/* One task of each kind: returned where it was made, so that the loop delivers it. */
void
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

void
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
void
at_once (void)
{
  GTask *task = new_task (NULL, 'i', "at once");

  g_idle_add (return_it, task);
  iterate ();
  g_object_unref (task);
}

void
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

void
threaded (void)
{
  GTask *task = new_task (NULL, 'i', "threaded");

  g_task_run_in_thread (task, work);
  iterate_until (is_completed, task);
  iterate ();
  g_object_unref (task);
}

void
waited_for (void)
{
  GTask *task = new_task (NULL, 'i', "waited for");

  g_task_run_in_thread_sync (task, work);
  g_task_propagate_int (task, NULL);
  g_object_unref (task);
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
void
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

void
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
void
never (void)
{
  GTask *task = g_task_new (NULL, NULL, NULL, NULL);

  g_task_set_name (task, "never");
  g_object_unref (task);
}

/* The source that was to deliver it is removed. */
void
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

void
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

void
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

void
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
