/* Calls that need nothing of the program: wrong arguments, other implementations of GAsyncResult, GIOErrorEnum.
 * Left out are the wrong arguments on which libgio crashes. */
#include "fuzz.h"

/* ---- a result of the program's own ---- */

typedef GObject ForeignResult;
typedef GObjectClass ForeignResultClass;
static void foreign_result_implement (GAsyncResultIface *interface);
static GType foreign_result_get_type (void);
G_DEFINE_TYPE_WITH_CODE (ForeignResult, foreign_result, G_TYPE_OBJECT,
                         G_IMPLEMENT_INTERFACE (G_TYPE_ASYNC_RESULT, foreign_result_implement))

static gpointer
foreign_result_get_user_data (GAsyncResult *result G_GNUC_UNUSED)
{
  return GINT_TO_POINTER (0x3000);
}

static GObject *
foreign_result_get_source_object (GAsyncResult *result G_GNUC_UNUSED)
{
  return NULL;
}

static gboolean
foreign_result_is_tagged (GAsyncResult *result G_GNUC_UNUSED, gpointer tag)
{
  return tag == NULL;
}

static gboolean has_is_tagged;

static void
foreign_result_implement (GAsyncResultIface *interface)
{
  interface->get_user_data = foreign_result_get_user_data;
  interface->get_source_object = foreign_result_get_source_object;
  interface->is_tagged = has_is_tagged ? foreign_result_is_tagged : NULL;
}

static void
foreign_result_class_init (ForeignResultClass *class G_GNUC_UNUSED)
{
}

static void
foreign_result_init (ForeignResult *self G_GNUC_UNUSED)
{
}

static void
op_foreign (const int *args)
{
  GAsyncResult *result;
  GError *error = NULL;

  has_is_tagged = args[0];
  result = g_object_new (foreign_result_get_type (), NULL);
  say ("= user data %d source %d tagged %d %d legacy %d valid %d %d",
       GPOINTER_TO_INT (g_async_result_get_user_data (result)), g_async_result_get_source_object (result) != NULL,
       g_async_result_is_tagged (result, NULL), g_async_result_is_tagged (result, GINT_TO_POINTER (1)),
       g_async_result_legacy_propagate_error (result, &error), g_task_is_valid (result, NULL),
       g_simple_async_result_is_valid (result, NULL, NULL));
  g_object_unref (result);
}

/* ---- wrong arguments ---- */

static void
give (const char *call, gint64 value)
{
  say ("= %s gives %d", call, (int) value);
}

/* Does the n-th of the calls in a row. */
#define GIVES(call) if (n-- == 0) give (#call, (gint64) (gintptr) (call));
#define VOID(call) if (n-- == 0) { say ("= %s", #call); call; }

static int
wrong_task_setters (int n, gpointer wrong)
{
  VOID (g_task_set_task_data (NULL, NULL, NULL))
  VOID (g_task_set_task_data (wrong, NULL, NULL))
  VOID (g_task_set_priority (NULL, 5))
  VOID (g_task_set_priority (wrong, 5))
  VOID (g_task_set_check_cancellable (NULL, FALSE))
  VOID (g_task_set_check_cancellable (wrong, FALSE))
  VOID ((g_task_set_source_tag) (NULL, NULL))
  VOID ((g_task_set_source_tag) (wrong, NULL))
  VOID ((g_task_set_name) (NULL, "name"))
  VOID ((g_task_set_name) (wrong, "name"))
  GIVES (g_task_set_return_on_cancel (NULL, TRUE))
  GIVES (g_task_set_return_on_cancel (wrong, TRUE))
  VOID (g_task_run_in_thread (NULL, task_function))
  VOID (g_task_run_in_thread (wrong, task_function))
  VOID (g_task_run_in_thread_sync (NULL, task_function))
  VOID (g_task_run_in_thread_sync (wrong, task_function))
  VOID (g_task_return_pointer (NULL, NULL, NULL))
  VOID (g_task_return_pointer (wrong, NULL, NULL))
  VOID (g_task_return_boolean (NULL, TRUE))
  VOID (g_task_return_boolean (wrong, TRUE))
  VOID (g_task_return_int (NULL, 5))
  VOID (g_task_return_int (wrong, 5))
  VOID (g_task_return_value (NULL, NULL))
  VOID (g_task_return_value (wrong, NULL))
  VOID (g_task_return_error (NULL, NULL))
  VOID (g_task_return_error (wrong, NULL))
  GIVES (g_task_return_error_if_cancelled (NULL))
  GIVES (g_task_return_error_if_cancelled (wrong))
  return n;
}

static int
wrong_task_getters (int n, gpointer wrong)
{
  GIVES (g_task_get_source_object (NULL))
  GIVES (g_task_get_source_object (wrong))
  GIVES (g_task_get_task_data (NULL))
  GIVES (g_task_get_task_data (wrong))
  GIVES (g_task_get_priority (NULL))
  GIVES (g_task_get_priority (wrong))
  GIVES (g_task_get_context (NULL))
  GIVES (g_task_get_context (wrong))
  GIVES (g_task_get_cancellable (NULL))
  GIVES (g_task_get_cancellable (wrong))
  GIVES (g_task_get_check_cancellable (NULL))
  GIVES (g_task_get_check_cancellable (wrong))
  GIVES (g_task_get_source_tag (NULL))
  GIVES (g_task_get_source_tag (wrong))
  GIVES (g_task_get_name (NULL))
  GIVES (g_task_get_name (wrong))
  GIVES (g_task_get_return_on_cancel (NULL))
  GIVES (g_task_get_return_on_cancel (wrong))
  GIVES (g_task_is_valid (NULL, NULL))
  GIVES (g_task_is_valid (wrong, NULL))
  GIVES (g_task_had_error (NULL))
  GIVES (g_task_had_error (wrong))
  GIVES (g_task_get_completed (NULL))
  GIVES (g_task_get_completed (wrong))
  GIVES (g_task_propagate_pointer (NULL, NULL))
  GIVES (g_task_propagate_pointer (wrong, NULL))
  GIVES (g_task_propagate_boolean (NULL, NULL))
  GIVES (g_task_propagate_boolean (wrong, NULL))
  GIVES (g_task_propagate_int (NULL, NULL))
  GIVES (g_task_propagate_int (wrong, NULL))
  GIVES (g_task_propagate_value (NULL, NULL, NULL))
  GIVES (g_task_propagate_value (wrong, NULL, NULL))
  return n;
}

static int
wrong_cancellables (int n, gpointer wrong)
{
  GPollFD pollfd = { .fd = -1, .events = 0, .revents = 0 };

  GIVES (g_cancellable_is_cancelled (NULL))
  GIVES (g_cancellable_set_error_if_cancelled (NULL, NULL))
  GIVES (g_cancellable_get_fd (NULL))
  GIVES (g_cancellable_make_pollfd (NULL, &pollfd))
  GIVES (g_cancellable_make_pollfd (wrong, &pollfd))
  GIVES (g_cancellable_make_pollfd (NULL, NULL))
  GIVES (g_cancellable_make_pollfd (wrong, NULL))
  VOID (g_cancellable_release_fd (NULL))
  VOID (g_cancellable_release_fd (wrong))
  VOID (g_cancellable_push_current (NULL))
  VOID (g_cancellable_pop_current (NULL))
  VOID (g_cancellable_reset (NULL))
  VOID (g_cancellable_reset (wrong))
  GIVES (g_cancellable_connect (NULL, G_CALLBACK (handler_called), NULL, NULL))
  GIVES (g_cancellable_connect (wrong, G_CALLBACK (handler_called), NULL, NULL))
  VOID (g_cancellable_disconnect (NULL, 5))
  VOID (g_cancellable_disconnect (wrong, 0))
  VOID (g_cancellable_cancel (NULL))
  return n;
}

static int
wrong_simples (int n, gpointer wrong)
{
  VOID (g_simple_async_result_set_op_res_gpointer (NULL, NULL, NULL))
  VOID (g_simple_async_result_set_op_res_gpointer (wrong, NULL, NULL))
  GIVES (g_simple_async_result_get_op_res_gpointer (NULL))
  GIVES (g_simple_async_result_get_op_res_gpointer (wrong))
  VOID (g_simple_async_result_set_op_res_gssize (NULL, 5))
  VOID (g_simple_async_result_set_op_res_gssize (wrong, 5))
  GIVES (g_simple_async_result_get_op_res_gssize (NULL))
  GIVES (g_simple_async_result_get_op_res_gssize (wrong))
  VOID (g_simple_async_result_set_op_res_gboolean (NULL, TRUE))
  VOID (g_simple_async_result_set_op_res_gboolean (wrong, TRUE))
  GIVES (g_simple_async_result_get_op_res_gboolean (NULL))
  GIVES (g_simple_async_result_get_op_res_gboolean (wrong))
  GIVES (g_simple_async_result_get_source_tag (NULL))
  GIVES (g_simple_async_result_get_source_tag (wrong))
  VOID (g_simple_async_result_set_handle_cancellation (NULL, TRUE))
  VOID (g_simple_async_result_set_check_cancellable (NULL, NULL))
  VOID (g_simple_async_result_complete (NULL))
  VOID (g_simple_async_result_complete (wrong))
  VOID (g_simple_async_result_complete_in_idle (NULL))
  VOID (g_simple_async_result_complete_in_idle (wrong))
  VOID (g_simple_async_result_run_in_thread (NULL, simple_function, 0, NULL))
  VOID (g_simple_async_result_run_in_thread (wrong, NULL, 0, NULL))
  VOID (g_simple_async_result_set_from_error (NULL, NULL))
  VOID (g_simple_async_result_take_error (NULL, NULL))
  VOID (g_simple_async_result_take_error (wrong, NULL))
  GIVES (g_simple_async_result_propagate_error (NULL, NULL))
  GIVES (g_simple_async_result_propagate_error (wrong, NULL))
  VOID (g_simple_async_result_set_error (NULL, FUZZ_ERROR, 1, "text"))
  VOID (g_simple_async_result_set_error (wrong, 0, 1, "text"))
  GIVES (g_simple_async_result_is_valid (NULL, NULL, NULL))
  GIVES (g_simple_async_result_is_valid (wrong, NULL, NULL))
  VOID (g_simple_async_report_error_in_idle (wrong, simple_called, NULL, 0, 1, "text"))
  VOID (g_simple_async_report_gerror_in_idle (NULL, simple_called, NULL, NULL))
  VOID (g_simple_async_report_take_gerror_in_idle (NULL, simple_called, NULL, NULL))
  return n;
}

static int
wrong_results (int n, gpointer wrong)
{
  GIVES (g_async_result_get_user_data (NULL))
  GIVES (g_async_result_get_user_data (wrong))
  GIVES (g_async_result_get_source_object (NULL))
  GIVES (g_async_result_get_source_object (wrong))
  GIVES (g_async_result_is_tagged (NULL, NULL))
  GIVES (g_async_result_is_tagged (wrong, NULL))
  GIVES (g_async_result_legacy_propagate_error (NULL, NULL))
  GIVES (g_async_result_legacy_propagate_error (wrong, NULL))
  return n;
}

#define N_WRONG (28 + 32 + 18 + 34 + 8)

static void
op_wrong (const int *args)
{
  GObject *wrong = g_object_new (G_TYPE_OBJECT, NULL);
  int rest = args[0] % N_WRONG;

  rest = wrong_task_setters (rest, wrong);
  if (rest >= 0)
    rest = wrong_task_getters (rest, wrong);
  if (rest >= 0)
    rest = wrong_cancellables (rest, wrong);
  if (rest >= 0)
    rest = wrong_simples (rest, wrong);
  if (rest >= 0)
    rest = wrong_results (rest, wrong);
  g_assert (rest < 0);
  g_object_unref (wrong);
}

/* Wrong arguments beside a task that is good. Null error, null value, things that are set twice. */
static void
op_wrong_with_task (const int *args)
{
  GTask *task = slot_get ('t', args[0]);
  GError *stale = g_error_new (G_FILE_ERROR, G_FILE_ERROR_IO, "stale");
  GValue value = G_VALUE_INIT;

  switch (args[1])
    {
    case 0:
      g_task_return_error (task, NULL);
      break;
    case 1:
      say ("= %d", g_task_propagate_value (task, NULL, NULL));
      break;
    case 2:
      say ("= %d %d", g_task_propagate_value (task, &value, &stale), G_IS_VALUE (&value));
      break;
    case 3:
      say ("= %d", g_task_is_valid (task, task));
      break;
    default:
      g_task_attach_source (task, NULL, task_source_called);
    }
  say_error (stale);
}

static void
op_from_errno (const int *args)
{
  int number = args[0] - 2;

  say ("= errno %d gives %d", number, g_io_error_from_errno (number));
}

static void
op_from_file_error (const int *args)
{
  int number = args[0] - 2;

  say ("= file error %d gives %d", number, g_io_error_from_file_error (number));
}

static void
op_error_enum (const int *args)
{
  GEnumClass *class = g_type_class_ref (G_TYPE_IO_ERROR_ENUM);
  const GEnumValue *value = g_enum_get_value (class, args[0]);

  say ("= %s %s %s", g_quark_to_string (G_IO_ERROR), value ? value->value_name : "none",
       value ? value->value_nick : "");
  g_type_class_unref (class);
}

static const Op ops[] = {
  { "foreign", "m", op_foreign, 1, 2, ALONE, FALSE },
  { "wrong", "m", op_wrong, 12, N_WRONG, ALONE, FALSE },
  { "wrong-with-task", "tm", op_wrong_with_task, 3, 5, ALONE, FALSE },
  { "from-errno", "m", op_from_errno, 3, 140, ALONE, FALSE },
  { "from-file-error", "m", op_from_file_error, 2, 32, ALONE, FALSE },
  { "error-enum", "m", op_error_enum, 2, 52, ALONE, FALSE },
};

const OpTable misc_ops = { "misc", ops, G_N_ELEMENTS (ops) };
