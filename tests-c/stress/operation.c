/* A GTask whose outcome is known. */
#include "stress.h"

#define PATIENCE (60 * G_TIME_SPAN_SECOND)
#define THE_INT 4711

void
operation_begin (Operation *operation, GCancellable *cancellable, guint32 *dice)
{
  GObject *source = counted_object_new ();

  *operation = (Operation) {
    .kind = roll (dice, N_RETURNS),
    .dice = roll (dice, G_MAXUINT32) | 1,
    .round = operation->round,
  };
  operation->task = g_task_new (source, cancellable, operation_called, operation);
  g_task_set_task_data (operation->task, entry_new (ENTRY_DATA), entry_close);
  g_object_unref (source);
}

void
operation_return (Operation *operation, GTask *task)
{
  GValue value = G_VALUE_INIT;

  switch (operation->kind)
    {
    case RETURN_POINTER:
      g_task_return_pointer (task, entry_new (ENTRY_RESULT), entry_close);
      break;
    case RETURN_INT:
      g_task_return_int (task, THE_INT);
      break;
    case RETURN_BOOLEAN:
      g_task_return_boolean (task, TRUE);
      break;
    case RETURN_VALUE:
      g_value_init (&value, G_TYPE_INT);
      g_value_set_int (&value, THE_INT);
      g_task_return_value (task, &value);
      g_value_unset (&value);
      break;
    case RETURN_ERROR:
      g_task_return_error (task, counted_error_new ());
      break;
    case N_RETURNS:
    default:
      g_assert_not_reached ();
    }
}

void
operation_leave (Operation *operation)
{
  __atomic_store_n (&operation->left, 1, __ATOMIC_RELEASE);
}

void
operations_end (Operation *operations, guint n)
{
  for (guint i = 0; i < n; i++)
    (void) __atomic_load_n (&operations[i].left, __ATOMIC_ACQUIRE);
}

void
operation_run (GTask *task, gpointer source G_GNUC_UNUSED, gpointer data G_GNUC_UNUSED,
               GCancellable *cancellable G_GNUC_UNUSED)
{
  Operation *operation = g_async_result_get_user_data (G_ASYNC_RESULT (task));

  worker_begin ();
  linger (&operation->dice);
  operation_return (operation, task);
  operation_leave (operation);
}

void
operation_called (GObject *source G_GNUC_UNUSED, GAsyncResult *result, gpointer data)
{
  Operation *operation = data;

  if (COUNT (operation->called) != 0)
    g_error ("called back twice");
  if (READ (operation->protected))
    g_error ("completed while return-on-cancel was off");
  operation_propagate (operation, G_TASK (result));
}

/* Whether the right value came. */
static gboolean
propagate_value_as (Operation *operation, GTask *task, GError **error)
{
  GValue value = G_VALUE_INIT;
  gpointer pointer;
  gboolean right;

  switch (operation->kind)
    {
    case RETURN_POINTER:
    case RETURN_ERROR:
      pointer = g_task_propagate_pointer (task, error);
      if (pointer)
        entry_close (pointer);
      return pointer != NULL && operation->kind == RETURN_POINTER;
    case RETURN_INT:
      return g_task_propagate_int (task, error) == THE_INT;
    case RETURN_BOOLEAN:
      return g_task_propagate_boolean (task, error);
    case RETURN_VALUE:
      if (!g_task_propagate_value (task, &value, error))
        return FALSE;
      right = G_VALUE_HOLDS_INT (&value) && g_value_get_int (&value) == THE_INT;
      g_value_unset (&value);
      return right;
    case N_RETURNS:
    default:
      g_assert_not_reached ();
    }
}

void
operation_propagate (Operation *operation, GTask *task)
{
  GError *error = NULL;
  gboolean right = propagate_value_as (operation, task, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    {
      g_assert_nonnull (g_task_get_cancellable (task));
      COUNT (operation->cancelled);
    }
  else
    {
      if (operation->kind == RETURN_ERROR)
        right = error != NULL && error->code == 7;
      else
        g_assert_no_error (error);
      if (!right)
        g_error ("a result of kind %d came out wrong", operation->kind);
      COUNT (operation->propagated);
    }
  g_clear_error (&error);
}

void
operations_await (GMainContext *context, Operation *operations, guint n)
{
  gint64 end = g_get_monotonic_time () + PATIENCE;

  for (guint i = 0; i < n; i++)
    while (READ (operations[i].called) == 0)
      if (!g_main_context_iteration (context, FALSE))
        {
          if (g_get_monotonic_time () > end)
            g_error ("never called back");
          g_usleep (20);
        }
}
