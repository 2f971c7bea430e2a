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

/* Whether a type implements the interface. */
#define G_TYPE_IS_INITABLE(type) (g_type_is_a ((type), G_TYPE_INITABLE))
#define G_TYPE_IS_ASYNC_INITABLE(type) (g_type_is_a ((type), G_TYPE_ASYNC_INITABLE))

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

/** Makes a result that holds a new printf-style error.
 *
 * Neither may `domain` be 0 nor `format` NULL: then the answer is NULL. Otherwise like g_simple_async_result_new(),
 * without a tag.
 */
GLIB_DEPRECATED_IN_2_46_FOR (g_task_new)
GSimpleAsyncResult *g_simple_async_result_new_error (GObject *source_object,
                                                     GAsyncReadyCallback callback,
                                                     gpointer user_data,
                                                     GQuark domain,
                                                     int code,
                                                     const char *format,
                                                     ...) G_GNUC_PRINTF (6, 7);

/** Stores a new printf-style error in the result.
 *
 * Neither may `domain` be 0 nor `format` NULL: then nothing is changed. Otherwise like
 * g_simple_async_result_take_error().
 */
GLIB_DEPRECATED_IN_2_46
void g_simple_async_result_set_error (GSimpleAsyncResult *simple,
                                      GQuark domain,
                                      int code,
                                      const char *format,
                                      ...) G_GNUC_PRINTF (4, 5);

/** Stores a new error in the result, its message in the manner of vprintf.
 *
 * The caller ends `args`. Otherwise like g_simple_async_result_set_error().
 */
GLIB_DEPRECATED_IN_2_46
void g_simple_async_result_set_error_va (GSimpleAsyncResult *simple,
                                         GQuark domain,
                                         int code,
                                         const char *format,
                                         va_list args) G_GNUC_PRINTF (4, 0);

/** Reports a new printf-style error in a later iteration of the main context, without starting anything.
 *
 * Neither may `domain` be 0 nor `format` NULL: then nothing is reported. Otherwise like
 * g_simple_async_report_gerror_in_idle().
 */
GLIB_DEPRECATED_IN_2_46_FOR (g_task_report_error)
void g_simple_async_report_error_in_idle (GObject *object,
                                          GAsyncReadyCallback callback,
                                          gpointer user_data,
                                          GQuark domain,
                                          int code,
                                          const char *format,
                                          ...) G_GNUC_PRINTF (6, 7);

/** Makes an object with properties, given like those of g_object_new(), and initializes it; it may block.
 *
 * `object_type` implements GInitable; anything else is a critical, and the answer NULL. `cancellable` may be
 * NULL. The caller owns the object ("transfer full"). NULL if the initialization fails: then `error`, which
 * may be NULL, gets an error that belongs to the caller. `first_property_name` is NULL if there are none.
 * Any thread, if the class allows it.
 */
gpointer g_initable_new (GType object_type,
                         GCancellable *cancellable,
                         GError **error,
                         const char *first_property_name,
                         ...);

/** Like g_initable_new(), with the properties in a `va_list`.
 *
 * Its `first_property_name` is NULL if there are none.
 */
GObject *g_initable_new_valist (GType object_type,
                                const char *first_property_name,
                                va_list var_args,
                                GCancellable *cancellable,
                                GError **error);

G_GNUC_BEGIN_IGNORE_DEPRECATIONS

/** Like g_initable_new(), with the properties in an array, which stays the caller's.
 *
 * `parameters` has `n_parameters` of them; it is NULL if there are none.
 */
GLIB_DEPRECATED_IN_2_54_FOR (g_object_new_with_properties and g_initable_init)
gpointer g_initable_newv (GType object_type,
                          guint n_parameters,
                          GParameter *parameters,
                          GCancellable *cancellable,
                          GError **error);

G_GNUC_END_IGNORE_DEPRECATIONS

/** Makes an object with properties, given like those of g_object_new(), and begins to initialize it.
 *
 * `object_type` implements GAsyncInitable; anything else is a critical, and `callback` is not called.
 * `io_priority`, `cancellable`, `callback` and `user_data` are as for g_async_initable_init_async(). The
 * callback's source object is the new object, which only the operation keeps; g_async_initable_new_finish()
 * answers a reference that is the caller's. `first_property_name` is NULL if there are none. Any thread, if the class
 * allows it.
 */
void g_async_initable_new_async (GType object_type,
                                 int io_priority,
                                 GCancellable *cancellable,
                                 GAsyncReadyCallback callback,
                                 gpointer user_data,
                                 const char *first_property_name,
                                 ...);

/** Like g_async_initable_new_async(), with the properties in a `va_list`.
 *
 * Its `first_property_name` is NULL if there are none.
 */
void g_async_initable_new_valist_async (GType object_type,
                                        const char *first_property_name,
                                        va_list var_args,
                                        int io_priority,
                                        GCancellable *cancellable,
                                        GAsyncReadyCallback callback,
                                        gpointer user_data);

G_GNUC_BEGIN_IGNORE_DEPRECATIONS

/** Like g_async_initable_new_async(), with the properties in an array, which stays the caller's.
 *
 * `parameters` has `n_parameters` of them; it is NULL if there are none.
 */
GLIB_DEPRECATED_IN_2_54_FOR (g_object_new_with_properties and g_async_initable_init_async)
void g_async_initable_newv_async (GType object_type,
                                  guint n_parameters,
                                  GParameter *parameters,
                                  int io_priority,
                                  GCancellable *cancellable,
                                  GAsyncReadyCallback callback,
                                  gpointer user_data);

G_GNUC_END_IGNORE_DEPRECATIONS

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
