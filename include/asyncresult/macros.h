/* What is not generated: the check of the version, the printf-style functions, two macros that name tasks. */
#ifndef ASYNCRESULT_MACROS_H
#define ASYNCRESULT_MACROS_H

#ifndef ASYNCRESULT_H
#error "Include <asyncresult/asyncresult.h>, not one of its parts."
#endif

/* Whether this header is of that version or a newer one. For #if, too. */
#define ASYNCRESULT_CHECK_VERSION(major, minor, micro) \
  (ASYNCRESULT_MAJOR_VERSION > (major) || \
   (ASYNCRESULT_MAJOR_VERSION == (major) && \
    (ASYNCRESULT_MINOR_VERSION > (minor) || \
     (ASYNCRESULT_MINOR_VERSION == (minor) && ASYNCRESULT_MICRO_VERSION >= (micro)))))

G_BEGIN_DECLS

/* <gio/gio.h> has all of this, too. */
#ifndef __G_IO_H__

#define G_IO_ERROR g_io_error_quark ()

/* Another name for a closed connection. */
#define G_IO_ERROR_CONNECTION_CLOSED G_IO_ERROR_BROKEN_PIPE

/* <gio/gio.h> defines all of this again, so it has to come first. This is the first name that it defines: a program
 * that includes it later is told so, before the compiler complains about everything else. */
#define G_APP_INFO_CREATE_NONE \
  _Pragma ("GCC error \"include <gio/gio.h> before <asyncresult/asyncresult.h>, or not at all\"") \
  G_APP_INFO_CREATE_NONE

#else /* __G_IO_H__ */

/* The socket has no destination address, and none was given. Older versions of <gio/gio.h> lack it. */
#define G_IO_ERROR_DESTINATION_UNSET ((GIOErrorEnum) 48)

#endif /* __G_IO_H__ */

/** Reports a new printf-style error without starting anything: a task that has returned it already.
 *
 * Neither may `domain` be 0 nor `format` NULL: that is a critical, and the error is reported all the same, without a
 * format as "(no message)". Otherwise like g_task_report_error().
 */
void g_task_report_new_error (gpointer source_object,
                              GAsyncReadyCallback callback,
                              gpointer callback_data,
                              gpointer source_tag,
                              GQuark domain,
                              int code,
                              const char *format,
                              ...) G_GNUC_PRINTF (7, 8);

/** Completes the task with a new error, its message in the manner of printf.
 *
 * Neither may `domain` be 0 nor `format` NULL: that is a critical, and the error is returned all the same, without a
 * format as "(no message)". Otherwise like g_task_return_error().
 */
void g_task_return_new_error (GTask *task,
                              GQuark domain,
                              int code,
                              const char *format,
                              ...) G_GNUC_PRINTF (4, 5);

/** Completes the task with an error, which it takes over, after putting a printf-style text before its message.
 *
 * Neither `error` nor `format` may be NULL. Otherwise like g_task_return_error().
 */
void g_task_return_prefixed_error (GTask *task,
                                   GError *error,
                                   const char *format,
                                   ...) G_GNUC_PRINTF (3, 4);

/** Makes a result that holds a new printf-style error. */
GLIB_DEPRECATED_IN_2_46_FOR (g_task_new)
GSimpleAsyncResult *g_simple_async_result_new_error (GObject *source_object,
                                                     GAsyncReadyCallback callback,
                                                     gpointer user_data,
                                                     GQuark domain,
                                                     int code,
                                                     const char *format,
                                                     ...) G_GNUC_PRINTF (6, 7);

/** Stores a new printf-style error in the result. */
GLIB_DEPRECATED_IN_2_46
void g_simple_async_result_set_error (GSimpleAsyncResult *simple,
                                      GQuark domain,
                                      int code,
                                      const char *format,
                                      ...) G_GNUC_PRINTF (4, 5);

/** Stores a new error in the result, its message in the manner of vprintf. */
GLIB_DEPRECATED_IN_2_46
void g_simple_async_result_set_error_va (GSimpleAsyncResult *simple,
                                         GQuark domain,
                                         int code,
                                         const char *format,
                                         va_list args) G_GNUC_PRINTF (4, 0);

/** Reports a new printf-style error in a later iteration of the main context, without starting anything. */
GLIB_DEPRECATED_IN_2_46_FOR (g_task_report_error)
void g_simple_async_report_error_in_idle (GObject *object,
                                          GAsyncReadyCallback callback,
                                          gpointer user_data,
                                          GQuark domain,
                                          int code,
                                          const char *format,
                                          ...) G_GNUC_PRINTF (6, 7);

/* Both are functions, too: in parentheses, or as pointers. */

/* Names an unnamed task after the text of the tag. */
#define g_task_set_source_tag(task, tag) \
  G_STMT_START \
  { \
    GTask *asyncresult_task_ = (task); \
    (g_task_set_source_tag) (asyncresult_task_, (tag)); \
    if (G_IS_TASK (asyncresult_task_) && g_task_get_name (asyncresult_task_) == NULL) \
      g_task_set_static_name (asyncresult_task_, G_STRINGIFY (tag)); \
  } \
  G_STMT_END

/* Does not copy a constant string. */
#ifdef __GNUC__
#define g_task_set_name(task, name) \
  (__builtin_constant_p (name) ? g_task_set_static_name ((task), (name)) : (g_task_set_name) ((task), (name)))
#endif

G_END_DECLS

#endif /* ASYNCRESULT_MACROS_H */
