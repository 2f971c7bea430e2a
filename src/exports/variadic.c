/* The printf-style functions, which stable Rust cannot define: check, format, call a plain export.
 * A call that a plain export refuses is refused there, under that export's name, as in GIO. */
#define G_LOG_DOMAIN "GLib-GIO"
#define GLIB_DISABLE_DEPRECATION_WARNINGS

#include <asyncresult/asyncresult.h>

#include "refusing.h"

/* src/exports/variadic.rs. The linker's map keeps the name inside the library. */
void asyncresult_return_prefixed_error (GTask *task, GError *error, const char *prefix);
void asyncresult_refused_instance (const char *function, const char *text, gpointer instance);

/* As REFUSE_UNLESS(), of an argument that has to be an instance. */
#define REFUSE_INSTANCE_UNLESS(condition, instance, leave) \
  G_STMT_START \
  { \
    if (G_UNLIKELY (!(condition))) \
      { \
        asyncresult_refused_instance (G_STRFUNC, #condition, (instance)); \
        leave; \
      } \
  } \
  G_STMT_END

/* Of `function`, without GLib's own complaints. Who waits for the error gets one in spite of the mistake, as in GIO: of
 * domain 0, or without a text of its own. If `function` is NULL, nothing is said. Apart from its
 * callers, whose stack is of the depth of chained callbacks. */
static G_GNUC_NO_INLINE GError *
new_error (const char *function, GQuark domain, int code, const char *format, va_list args)
{
  GQuark valid_domain = domain != 0 ? domain : G_IO_ERROR;
  GError *error;

  if (format == NULL)
    {
      if (function != NULL)
        asyncresult_refused (function, "format != NULL");
      error = g_error_new_literal (valid_domain, code, "(no message)");
    }
  else
    {
      if (domain == 0 && function != NULL)
        asyncresult_refused (function, "domain != 0");
      error = g_error_new_valist (valid_domain, code, format, args);
    }
  error->domain = domain;
  return error;
}

/* The same for g_task_return_new_error(). What is no task is refused later: of one call, one thing is said. */
static G_GNUC_NO_INLINE GError *
new_error_for_task (GTask *task, GQuark domain, int code, const char *format, va_list args)
{
  gboolean is_wrong = domain == 0 || format == NULL;

  return new_error (is_wrong && !G_IS_TASK (task) ? NULL : "g_task_return_new_error", domain, code, format, args);
}

void
g_task_report_new_error (gpointer source_object, GAsyncReadyCallback callback, gpointer callback_data,
                         gpointer source_tag, GQuark domain, gint code, const char *format, ...)
{
  va_list args;
  GError *error;

  va_start (args, format);
  error = new_error (G_STRFUNC, domain, code, format, args);
  va_end (args);
  g_task_report_error (source_object, callback, callback_data, source_tag, error);
}

void
g_task_return_new_error (GTask *task, GQuark domain, gint code, const char *format, ...)
{
  va_list args;
  GError *error;

  va_start (args, format);
  error = new_error_for_task (task, domain, code, format, args);
  va_end (args);
  g_task_return_error (task, error);
}

void
g_task_return_prefixed_error (GTask *task, GError *error, const char *format, ...)
{
  va_list args;
  char *prefix = NULL;

  if (format != NULL)
    {
      va_start (args, format);
      prefix = g_strdup_vprintf (format, args);
      va_end (args);
    }
  asyncresult_return_prefixed_error (task, error, prefix);
  g_free (prefix);
}

GSimpleAsyncResult *
g_simple_async_result_new_error (GObject *source_object, GAsyncReadyCallback callback, gpointer user_data,
                                 GQuark domain, gint code, const char *format, ...)
{
  va_list args;
  GError *error;

  REFUSE_INSTANCE_UNLESS (!source_object || G_IS_OBJECT (source_object), source_object, return NULL);
  REFUSE_UNLESS (domain != 0, return NULL);
  REFUSE_UNLESS (format != NULL, return NULL);

  va_start (args, format);
  error = g_error_new_valist (domain, code, format, args);
  va_end (args);
  return g_simple_async_result_new_take_error (source_object, callback, user_data, error);
}

void
g_simple_async_result_set_error (GSimpleAsyncResult *simple, GQuark domain, gint code, const char *format, ...)
{
  va_list args;

  REFUSE_INSTANCE_UNLESS (G_IS_SIMPLE_ASYNC_RESULT (simple), simple, return);
  REFUSE_UNLESS (domain != 0, return);
  REFUSE_UNLESS (format != NULL, return);

  va_start (args, format);
  g_simple_async_result_set_error_va (simple, domain, code, format, args);
  va_end (args);
}

void
g_simple_async_result_set_error_va (GSimpleAsyncResult *simple, GQuark domain, gint code, const char *format,
                                    va_list args)
{
  REFUSE_INSTANCE_UNLESS (G_IS_SIMPLE_ASYNC_RESULT (simple), simple, return);
  REFUSE_UNLESS (domain != 0, return);
  REFUSE_UNLESS (format != NULL, return);

  g_simple_async_result_take_error (simple, g_error_new_valist (domain, code, format, args));
}

void
g_simple_async_report_error_in_idle (GObject *object, GAsyncReadyCallback callback, gpointer user_data,
                                     GQuark domain, gint code, const char *format, ...)
{
  va_list args;
  GError *error;

  REFUSE_INSTANCE_UNLESS (!object || G_IS_OBJECT (object), object, return);
  REFUSE_UNLESS (domain != 0, return);
  REFUSE_UNLESS (format != NULL, return);

  va_start (args, format);
  error = g_error_new_valist (domain, code, format, args);
  va_end (args);
  g_simple_async_report_take_gerror_in_idle (object, callback, user_data, error);
}
