/* Every printf-style function, each with one argument that its format denies: as many warnings. */
#include <asyncresult/asyncresult.h>

void use (GTask *task, GSimpleAsyncResult *simple, va_list args);

void
use (GTask *task, GSimpleAsyncResult *simple, va_list args)
{
  g_task_report_new_error (NULL, NULL, NULL, NULL, G_IO_ERROR, 1, "%d", "text");
  g_task_return_new_error (task, G_IO_ERROR, 1, "%d", "text");
  g_task_return_prefixed_error (task, NULL, "%d", "text");
  g_simple_async_result_new_error (NULL, NULL, NULL, G_IO_ERROR, 1, "%d", "text");
  g_simple_async_result_set_error (simple, G_IO_ERROR, 1, "%d", "text");
  g_simple_async_result_set_error_va (simple, G_IO_ERROR, 1, "%!", args);
  g_simple_async_report_error_in_idle (NULL, NULL, NULL, G_IO_ERROR, 1, "%d", "text");
}
