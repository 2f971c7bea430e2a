/* What cbindgen cannot print: the check of the version, casts and checks of types, the printf-style functions, g_autoptr,
 * two macros that name tasks. */
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

#define G_TYPE_ASYNC_RESULT (g_async_result_get_type ())
#define G_ASYNC_RESULT(object) (G_TYPE_CHECK_INSTANCE_CAST ((object), G_TYPE_ASYNC_RESULT, GAsyncResult))
#define G_IS_ASYNC_RESULT(object) (G_TYPE_CHECK_INSTANCE_TYPE ((object), G_TYPE_ASYNC_RESULT))
#define G_ASYNC_RESULT_GET_IFACE(object) \
  (G_TYPE_INSTANCE_GET_INTERFACE ((object), G_TYPE_ASYNC_RESULT, GAsyncResultIface))

typedef struct _GTaskClass GTaskClass;

#define G_TYPE_TASK (g_task_get_type ())
#define G_TASK(object) (G_TYPE_CHECK_INSTANCE_CAST ((object), G_TYPE_TASK, GTask))
#define G_IS_TASK(object) (G_TYPE_CHECK_INSTANCE_TYPE ((object), G_TYPE_TASK))
#define G_TASK_CLASS(klass) (G_TYPE_CHECK_CLASS_CAST ((klass), G_TYPE_TASK, GTaskClass))
#define G_IS_TASK_CLASS(klass) (G_TYPE_CHECK_CLASS_TYPE ((klass), G_TYPE_TASK))
#define G_TASK_GET_CLASS(object) (G_TYPE_INSTANCE_GET_CLASS ((object), G_TYPE_TASK, GTaskClass))

typedef struct _GSimpleAsyncResultClass GSimpleAsyncResultClass;

#define G_TYPE_SIMPLE_ASYNC_RESULT (g_simple_async_result_get_type ())
#define G_SIMPLE_ASYNC_RESULT(object) \
  (G_TYPE_CHECK_INSTANCE_CAST ((object), G_TYPE_SIMPLE_ASYNC_RESULT, GSimpleAsyncResult))
#define G_IS_SIMPLE_ASYNC_RESULT(object) (G_TYPE_CHECK_INSTANCE_TYPE ((object), G_TYPE_SIMPLE_ASYNC_RESULT))
#define G_SIMPLE_ASYNC_RESULT_CLASS(klass) \
  (G_TYPE_CHECK_CLASS_CAST ((klass), G_TYPE_SIMPLE_ASYNC_RESULT, GSimpleAsyncResultClass))
#define G_IS_SIMPLE_ASYNC_RESULT_CLASS(klass) (G_TYPE_CHECK_CLASS_TYPE ((klass), G_TYPE_SIMPLE_ASYNC_RESULT))
#define G_SIMPLE_ASYNC_RESULT_GET_CLASS(object) \
  (G_TYPE_INSTANCE_GET_CLASS ((object), G_TYPE_SIMPLE_ASYNC_RESULT, GSimpleAsyncResultClass))

typedef struct _GCancellablePrivate GCancellablePrivate;

#define G_TYPE_CANCELLABLE (g_cancellable_get_type ())
#define G_CANCELLABLE(object) (G_TYPE_CHECK_INSTANCE_CAST ((object), G_TYPE_CANCELLABLE, GCancellable))
#define G_IS_CANCELLABLE(object) (G_TYPE_CHECK_INSTANCE_TYPE ((object), G_TYPE_CANCELLABLE))
#define G_CANCELLABLE_CLASS(klass) (G_TYPE_CHECK_CLASS_CAST ((klass), G_TYPE_CANCELLABLE, GCancellableClass))
#define G_IS_CANCELLABLE_CLASS(klass) (G_TYPE_CHECK_CLASS_TYPE ((klass), G_TYPE_CANCELLABLE))
#define G_CANCELLABLE_GET_CLASS(object) (G_TYPE_INSTANCE_GET_CLASS ((object), G_TYPE_CANCELLABLE, GCancellableClass))

#define G_IO_ERROR g_io_error_quark ()
#define G_TYPE_IO_ERROR_ENUM (g_io_error_enum_get_type ())

/* Another name for a closed connection. */
#define G_IO_ERROR_CONNECTION_CLOSED G_IO_ERROR_BROKEN_PIPE

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GAsyncResult, g_object_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GTask, g_object_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GSimpleAsyncResult, g_object_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GCancellable, g_object_unref)

/* <gio/gio.h> defines again what stands above, so it has to come first. This is the first name it defines: a
 * program that includes it later is told so, before the compiler complains about everything else. */
#define G_APP_INFO_CREATE_NONE \
  _Pragma ("GCC error \"include <gio/gio.h> before <asyncresult/asyncresult.h>, or not at all\"") \
  G_APP_INFO_CREATE_NONE

#else /* __G_IO_H__ */

/* The socket has no destination address, and none was given. Older versions of <gio/gio.h> lack it. */
#define G_IO_ERROR_DESTINATION_UNSET ((GIOErrorEnum) 48)

#endif /* __G_IO_H__ */

/** Reports a new printf-style error without starting anything: a task that has returned it already. */
void g_task_report_new_error (gpointer source_object,
                              GAsyncReadyCallback callback,
                              gpointer callback_data,
                              gpointer source_tag,
                              GQuark domain,
                              int code,
                              const char *format,
                              ...) G_GNUC_PRINTF (7, 8);

/** Completes the task with a new error, its message in the manner of printf. */
void g_task_return_new_error (GTask *task,
                              GQuark domain,
                              int code,
                              const char *format,
                              ...) G_GNUC_PRINTF (4, 5);

/** Completes the task with an error, which it takes over, after putting a printf-style text before its message. */
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
    if (g_task_get_name (asyncresult_task_) == NULL) \
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
