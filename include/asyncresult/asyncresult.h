/* The asynchronous core of GIO: GAsyncResult, GTask, GSimpleAsyncResult, GCancellable, GIOErrorEnum.
 * SPDX-License-Identifier: MIT OR Apache-2.0
 * Generated from the Rust sources: do not edit. `ASYNCRESULT_BLESS=1 cargo test --test header` writes it. */
#ifndef ASYNCRESULT_H
#define ASYNCRESULT_H

#include <glib-object.h>

/* The version of this header: the package's. */
#define ASYNCRESULT_MAJOR_VERSION 1
#define ASYNCRESULT_MINOR_VERSION 0
#define ASYNCRESULT_MICRO_VERSION 0

G_BEGIN_DECLS

/* <gio/gio.h> has these types, too. */
#ifndef __G_IO_H__

/** What went wrong: the codes of the error domain `G_IO_ERROR`. */
typedef enum {
  /** Something that no other code describes. */
  G_IO_ERROR_FAILED = 0,
  /** There is no such file. */
  G_IO_ERROR_NOT_FOUND = 1,
  /** A file of that name is there already. */
  G_IO_ERROR_EXISTS = 2,
  /** It is a directory, and a file was wanted. */
  G_IO_ERROR_IS_DIRECTORY = 3,
  /** It is no directory, and one was wanted. */
  G_IO_ERROR_NOT_DIRECTORY = 4,
  /** The directory still has entries. */
  G_IO_ERROR_NOT_EMPTY = 5,
  /** It is something other than a regular file. */
  G_IO_ERROR_NOT_REGULAR_FILE = 6,
  /** It is no symbolic link. */
  G_IO_ERROR_NOT_SYMBOLIC_LINK = 7,
  /** It cannot be mounted. */
  G_IO_ERROR_NOT_MOUNTABLE_FILE = 8,
  /** The name has too many bytes. */
  G_IO_ERROR_FILENAME_TOO_LONG = 9,
  /** The name is empty, or has bytes that names may not have. */
  G_IO_ERROR_INVALID_FILENAME = 10,
  /** Too many symbolic links on the way, or too many names of one file. */
  G_IO_ERROR_TOO_MANY_LINKS = 11,
  /** The device is full, or memory is. */
  G_IO_ERROR_NO_SPACE = 12,
  /** An argument makes no sense. */
  G_IO_ERROR_INVALID_ARGUMENT = 13,
  /** The user may not do that. */
  G_IO_ERROR_PERMISSION_DENIED = 14,
  /** The operation, or one of its parameters, is not provided here. */
  G_IO_ERROR_NOT_SUPPORTED = 15,
  /** It is not mounted. */
  G_IO_ERROR_NOT_MOUNTED = 16,
  /** It is mounted already. */
  G_IO_ERROR_ALREADY_MOUNTED = 17,
  /** It was closed before. */
  G_IO_ERROR_CLOSED = 18,
  /** Its GCancellable was cancelled. */
  G_IO_ERROR_CANCELLED = 19,
  /** Another operation on the same thing has not finished. */
  G_IO_ERROR_PENDING = 20,
  /** It can be read only. */
  G_IO_ERROR_READ_ONLY = 21,
  /** No backup copy could be made. */
  G_IO_ERROR_CANT_CREATE_BACKUP = 22,
  /** The file's entity tag is not the expected one. */
  G_IO_ERROR_WRONG_ETAG = 23,
  /** It took too long. */
  G_IO_ERROR_TIMED_OUT = 24,
  /** It would have to descend into directories. */
  G_IO_ERROR_WOULD_RECURSE = 25,
  /** Somebody else uses it. */
  G_IO_ERROR_BUSY = 26,
  /** It cannot be done without waiting. */
  G_IO_ERROR_WOULD_BLOCK = 27,
  /** No host has that name. */
  G_IO_ERROR_HOST_NOT_FOUND = 28,
  /** It would have to merge directories. */
  G_IO_ERROR_WOULD_MERGE = 29,
  /** It failed, and the user has been told. */
  G_IO_ERROR_FAILED_HANDLED = 30,
  /** The process, or the system, has no descriptor left. */
  G_IO_ERROR_TOO_MANY_OPEN_FILES = 31,
  /** It has not been set up. */
  G_IO_ERROR_NOT_INITIALIZED = 32,
  /** The network address is taken. */
  G_IO_ERROR_ADDRESS_IN_USE = 33,
  /** The input ends in the middle. */
  G_IO_ERROR_PARTIAL_INPUT = 34,
  /** The input is malformed. */
  G_IO_ERROR_INVALID_DATA = 35,
  /** The other side of D-Bus answered with an error that has no code here. */
  G_IO_ERROR_DBUS_ERROR = 36,
  /** No way leads to the host. */
  G_IO_ERROR_HOST_UNREACHABLE = 37,
  /** No way leads to the network. */
  G_IO_ERROR_NETWORK_UNREACHABLE = 38,
  /** Nobody accepts connections there. */
  G_IO_ERROR_CONNECTION_REFUSED = 39,
  /** The proxy failed, or refused. */
  G_IO_ERROR_PROXY_FAILED = 40,
  /** The proxy does not accept the credentials. */
  G_IO_ERROR_PROXY_AUTH_FAILED = 41,
  /** The proxy asks for credentials. */
  G_IO_ERROR_PROXY_NEED_AUTH = 42,
  /** The proxy's rules do not allow it. */
  G_IO_ERROR_PROXY_NOT_ALLOWED = 43,
  /** The other end is closed. */
  G_IO_ERROR_BROKEN_PIPE = 44,
  /** The socket is not connected. */
  G_IO_ERROR_NOT_CONNECTED = 45,
  /** The datagram is too long. */
  G_IO_ERROR_MESSAGE_TOO_LARGE = 46,
  /** The device is not there (any more). */
  G_IO_ERROR_NO_SUCH_DEVICE = 47,
  /** The socket has no destination address, and none was given. */
  G_IO_ERROR_DESTINATION_UNSET = 48,
} GIOErrorEnum;

/** The result of an operation: an object of any class that implements the interface. */
typedef struct _GAsyncResult GAsyncResult;

/** Called when an operation has a result, which is then fetched with the operation's finish function. */
typedef void (*GAsyncReadyCallback)(GObject *source_object, GAsyncResult *res, gpointer data);

/** What a class that implements GAsyncResult provides. */
struct _GAsyncResultIface {
  GTypeInterface g_iface;
  gpointer (*get_user_data)(GAsyncResult *res);
  GObject *(*get_source_object)(GAsyncResult *res);
  gboolean (*is_tagged)(GAsyncResult *res, gpointer source_tag);
};

typedef struct _GAsyncResultIface GAsyncResultIface;

typedef struct _GCancellablePrivate GCancellablePrivate;

struct _GCancellable {
  GObject parent_instance;
  /** Set with the instance, then only read. The state is part of the same allocation. */
  GCancellablePrivate *priv;
};

/** Through which an operation is told to stop. */
typedef struct _GCancellable GCancellable;

struct _GCancellableClass {
  GObjectClass parent_class;
  void (*cancelled)(struct _GCancellable *cancellable);
  void (*_g_reserved1)(void);
  void (*_g_reserved2)(void);
  void (*_g_reserved3)(void);
  void (*_g_reserved4)(void);
  void (*_g_reserved5)(void);
};

typedef struct _GCancellableClass GCancellableClass;

/** Called by a source when the cancellable is cancelled; FALSE removes the source. */
typedef gboolean (*GCancellableSourceFunc)(GCancellable *cancellable, gpointer data);

/** The result of an operation, of the older kind. */
typedef struct _GSimpleAsyncResult GSimpleAsyncResult;

/** Does the work of an older result in a worker thread. */
typedef void (*GSimpleAsyncThreadFunc)(GSimpleAsyncResult *res, GObject *object, GCancellable *cancellable);

/** An operation with its result. */
typedef struct _GTask GTask;

/** Does the work of a task in a worker thread, and ends by calling one of the return functions. */
typedef void (*GTaskThreadFunc)(GTask *task,
                                gpointer source_object,
                                gpointer task_data,
                                GCancellable *cancellable);

#define G_TYPE_ASYNC_RESULT (g_async_result_get_type ())
#define G_ASYNC_RESULT(object) (G_TYPE_CHECK_INSTANCE_CAST ((object), G_TYPE_ASYNC_RESULT, GAsyncResult))
#define G_IS_ASYNC_RESULT(object) (G_TYPE_CHECK_INSTANCE_TYPE ((object), G_TYPE_ASYNC_RESULT))
#define G_ASYNC_RESULT_GET_IFACE(object) \
  (G_TYPE_INSTANCE_GET_INTERFACE ((object), G_TYPE_ASYNC_RESULT, GAsyncResultIface))
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GAsyncResult, g_object_unref)

#define G_TYPE_TASK (g_task_get_type ())
#define G_TASK(object) (G_TYPE_CHECK_INSTANCE_CAST ((object), G_TYPE_TASK, GTask))
#define G_IS_TASK(object) (G_TYPE_CHECK_INSTANCE_TYPE ((object), G_TYPE_TASK))
#define G_TASK_CLASS(klass) (G_TYPE_CHECK_CLASS_CAST ((klass), G_TYPE_TASK, GTaskClass))
#define G_IS_TASK_CLASS(klass) (G_TYPE_CHECK_CLASS_TYPE ((klass), G_TYPE_TASK))
#define G_TASK_GET_CLASS(object) (G_TYPE_INSTANCE_GET_CLASS ((object), G_TYPE_TASK, GTaskClass))
typedef struct _GTaskClass GTaskClass;
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GTask, g_object_unref)

#define G_TYPE_SIMPLE_ASYNC_RESULT (g_simple_async_result_get_type ())
#define G_SIMPLE_ASYNC_RESULT(object) \
  (G_TYPE_CHECK_INSTANCE_CAST ((object), G_TYPE_SIMPLE_ASYNC_RESULT, GSimpleAsyncResult))
#define G_IS_SIMPLE_ASYNC_RESULT(object) (G_TYPE_CHECK_INSTANCE_TYPE ((object), G_TYPE_SIMPLE_ASYNC_RESULT))
#define G_SIMPLE_ASYNC_RESULT_CLASS(klass) \
  (G_TYPE_CHECK_CLASS_CAST ((klass), G_TYPE_SIMPLE_ASYNC_RESULT, GSimpleAsyncResultClass))
#define G_IS_SIMPLE_ASYNC_RESULT_CLASS(klass) (G_TYPE_CHECK_CLASS_TYPE ((klass), G_TYPE_SIMPLE_ASYNC_RESULT))
#define G_SIMPLE_ASYNC_RESULT_GET_CLASS(object) \
  (G_TYPE_INSTANCE_GET_CLASS ((object), G_TYPE_SIMPLE_ASYNC_RESULT, GSimpleAsyncResultClass))
typedef struct _GSimpleAsyncResultClass GSimpleAsyncResultClass;
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GSimpleAsyncResult, g_object_unref)

#define G_TYPE_CANCELLABLE (g_cancellable_get_type ())
#define G_CANCELLABLE(object) (G_TYPE_CHECK_INSTANCE_CAST ((object), G_TYPE_CANCELLABLE, GCancellable))
#define G_IS_CANCELLABLE(object) (G_TYPE_CHECK_INSTANCE_TYPE ((object), G_TYPE_CANCELLABLE))
#define G_CANCELLABLE_CLASS(klass) (G_TYPE_CHECK_CLASS_CAST ((klass), G_TYPE_CANCELLABLE, GCancellableClass))
#define G_IS_CANCELLABLE_CLASS(klass) (G_TYPE_CHECK_CLASS_TYPE ((klass), G_TYPE_CANCELLABLE))
#define G_CANCELLABLE_GET_CLASS(object) \
  (G_TYPE_INSTANCE_GET_CLASS ((object), G_TYPE_CANCELLABLE, GCancellableClass))
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GCancellable, g_object_unref)

#define G_TYPE_IO_ERROR_ENUM (g_io_error_enum_get_type ())

#endif /* __G_IO_H__ */

/* Functions that are also macros, at the end of this header and in <gio/gio.h>. */
#undef g_task_set_source_tag
#undef g_task_set_name

/* GAsyncResult */

/** The type of the interface; registered on the first call. */
GType g_async_result_get_type(void);

/** The data that was given along with the callback. */
gpointer g_async_result_get_user_data(GAsyncResult *res);

/** A new reference to the object that the operation was started on, or NULL. */
GObject *g_async_result_get_source_object(GAsyncResult *res);

/** Moves the error of a GSimpleAsyncResult to the caller; FALSE for results of all other classes. */
gboolean g_async_result_legacy_propagate_error(GAsyncResult *res, GError **error);

/** Whether the result carries the tag, which by custom is the address of the function that started it. */
gboolean g_async_result_is_tagged(GAsyncResult *res, gpointer source_tag);

/* GTask */

/** The type of the class; registered on the first call. */
GType g_task_get_type(void);

/** Makes a task: what the start of an asynchronous operation creates. */
GTask *g_task_new(gpointer source_object,
                  GCancellable *cancellable,
                  GAsyncReadyCallback callback,
                  gpointer callback_data);

/** Reports an error without starting anything: a task that has returned it already. */
void g_task_report_error(gpointer source_object,
                         GAsyncReadyCallback callback,
                         gpointer callback_data,
                         gpointer source_tag,
                         GError *error);

/** Attaches data that the operation needs to the task. */
void g_task_set_task_data(GTask *task, gpointer task_data, GDestroyNotify task_data_destroy);

/** Sets the priority of the sources that the task attaches and of its result; low numbers go first. */
void g_task_set_priority(GTask *task, int priority);

/** Says whether a cancelled cancellable overrides what the task returned; TRUE unless this is called. */
void g_task_set_check_cancellable(GTask *task, gboolean check_cancellable);

/** Marks the task with the address of the function that started it, for finish functions to compare. */
void g_task_set_source_tag(GTask *task, gpointer source_tag);

/** Names the task for debuggers and profilers. */
void g_task_set_name(GTask *task, const char *name);

/** Names the task with a string that lives as long as the program. */
void g_task_set_static_name(GTask *task, const char *name);

/** The object that the operation was started on, or NULL. */
gpointer g_task_get_source_object(GTask *task);

/** The data that `g_task_set_task_data()` attached, or NULL. The task keeps it. */
gpointer g_task_get_task_data(GTask *task);

/** The task's priority. */
int g_task_get_priority(GTask *task);

/** The main context in which the callback will be called; NULL is the global default one. */
GMainContext *g_task_get_context(GTask *task);

/** The task's cancellable, or NULL. The task keeps its reference ("transfer none"). */
GCancellable *g_task_get_cancellable(GTask *task);

/** Whether a cancelled cancellable overrides what the task returned. */
gboolean g_task_get_check_cancellable(GTask *task);

/** The tag that `g_task_set_source_tag()` set, or NULL. */
gpointer g_task_get_source_tag(GTask *task);

/** The task's name, or NULL. It belongs to the task, until the next name is set. */
const char *g_task_get_name(GTask *task);

/** Whether the result is a task that was started on that source object; NULL matches none. */
gboolean g_task_is_valid(gpointer result, gpointer source_object);

/** Runs a function in a worker thread; its result is delivered when the function has returned. */
void g_task_run_in_thread(GTask *task, GTaskThreadFunc task_func);

/** Runs a function in a worker thread and waits until the result is there. */
void g_task_run_in_thread_sync(GTask *task, GTaskThreadFunc task_func);

/** Says whether cancelling completes the task at once, while its function goes on in the background. */
gboolean g_task_set_return_on_cancel(GTask *task, gboolean return_on_cancel);

/** Whether cancelling completes the task at once. */
gboolean g_task_get_return_on_cancel(GTask *task);

/** Attaches a source to the task's context, at its priority, with the task as its callback's data. */
void g_task_attach_source(GTask *task, GSource *source, GSourceFunc callback);

/** Completes the task with a pointer. */
void g_task_return_pointer(GTask *task, gpointer result, GDestroyNotify result_destroy);

/** Completes the task with a truth value. */
void g_task_return_boolean(GTask *task, gboolean result);

/** Completes the task with a number. */
void g_task_return_int(GTask *task, gssize result);

/** Completes the task with an error. */
void g_task_return_error(GTask *task, GError *error);

/** Completes the task with a new error whose message is taken as it is, without any formatting. */
void g_task_return_new_error_literal(GTask *task, GQuark domain, int code, const char *message);

/** Completes the task with a copy of a GValue; NULL stands for a NULL pointer. */
void g_task_return_value(GTask *task, GValue *result);

/** Completes the task with an error if its cancellable is cancelled, and says whether it did. */
gboolean g_task_return_error_if_cancelled(GTask *task);

/** Moves a pointer result to the caller, who owns it then; or the error. */
gpointer g_task_propagate_pointer(GTask *task, GError **error);

/** Gives a truth value to the caller; or the error. */
gboolean g_task_propagate_boolean(GTask *task, GError **error);

/** Gives a number to the caller; or the error. */
gssize g_task_propagate_int(GTask *task, GError **error);

/** Moves a GValue result to the caller; or the error. */
gboolean g_task_propagate_value(GTask *task, GValue *value, GError **error);

/** Whether the task failed: an error was returned, or its cancellable is cancelled. */
gboolean g_task_had_error(GTask *task);

/** Whether the callback has been called: FALSE during the callback, TRUE right after it. */
gboolean g_task_get_completed(GTask *task);

/* GSimpleAsyncResult */

/** The type of GSimpleAsyncResult; registered on the first call. */
GType g_simple_async_result_get_type(void);

/** A new result of an operation that starts now. */
GLIB_DEPRECATED_IN_2_46_FOR (g_task_new)
GSimpleAsyncResult *g_simple_async_result_new(GObject *source_object,
                                              GAsyncReadyCallback callback,
                                              gpointer user_data,
                                              gpointer source_tag);

/** A new result, without a tag, that holds a copy of an error. */
GLIB_DEPRECATED_IN_2_46_FOR (g_task_new)
GSimpleAsyncResult *g_simple_async_result_new_from_error(GObject *source_object,
                                                         GAsyncReadyCallback callback,
                                                         gpointer user_data,
                                                         const GError *error);

/** A new result, without a tag, that takes over an error. */
GLIB_DEPRECATED_IN_2_46_FOR (g_task_new)
GSimpleAsyncResult *g_simple_async_result_new_take_error(GObject *source_object,
                                                         GAsyncReadyCallback callback,
                                                         gpointer user_data,
                                                         GError *error);

/** Sets the result to a pointer, and frees an earlier one. */
GLIB_DEPRECATED_IN_2_46
void g_simple_async_result_set_op_res_gpointer(GSimpleAsyncResult *simple,
                                               gpointer op_res,
                                               GDestroyNotify destroy_op_res);

/** The result, if it is a pointer; NULL before one is set. */
GLIB_DEPRECATED_IN_2_46
gpointer g_simple_async_result_get_op_res_gpointer(GSimpleAsyncResult *simple);

/** Sets the result to a number, and frees an earlier one. */
GLIB_DEPRECATED_IN_2_46
void g_simple_async_result_set_op_res_gssize(GSimpleAsyncResult *simple, gssize op_res);

/** The result, if it is a number; 0 before one is set. */
GLIB_DEPRECATED_IN_2_46
gssize g_simple_async_result_get_op_res_gssize(GSimpleAsyncResult *simple);

/** Sets the result to a boolean, and frees an earlier one. */
GLIB_DEPRECATED_IN_2_46
void g_simple_async_result_set_op_res_gboolean(GSimpleAsyncResult *simple, gboolean op_res);

/** The result, if it is a boolean: exactly TRUE or FALSE. FALSE before one is set. */
GLIB_DEPRECATED_IN_2_46
gboolean g_simple_async_result_get_op_res_gboolean(GSimpleAsyncResult *simple);

/** Sets the cancellable that g_simple_async_result_propagate_error() looks at first. */
void g_simple_async_result_set_check_cancellable(GSimpleAsyncResult *simple, GCancellable *check_cancellable);

/** The tag that the result was made with. */
GLIB_DEPRECATED_IN_2_46
gpointer g_simple_async_result_get_source_tag(GSimpleAsyncResult *simple);

/** Says whether g_simple_async_result_run_in_thread() turns cancellation into an error; it does by default. */
GLIB_DEPRECATED_IN_2_46
void g_simple_async_result_set_handle_cancellation(GSimpleAsyncResult *simple, gboolean handle_cancellation);

/** Calls the callback now, before returning. */
GLIB_DEPRECATED_IN_2_46
void g_simple_async_result_complete(GSimpleAsyncResult *simple);

/** Calls the callback in a later iteration of the result's context. */
GLIB_DEPRECATED_IN_2_46
void g_simple_async_result_complete_in_idle(GSimpleAsyncResult *simple);

/** Runs `func` on another thread, then calls the callback in a later iteration of the result's context. */
GLIB_DEPRECATED_IN_2_46
void g_simple_async_result_run_in_thread(GSimpleAsyncResult *simple,
                                         GSimpleAsyncThreadFunc func,
                                         int io_priority,
                                         GCancellable *cancellable);

/** Stores a copy of an error, which replaces an earlier one. */
GLIB_DEPRECATED_IN_2_46
void g_simple_async_result_set_from_error(GSimpleAsyncResult *simple, const GError *error);

/** Stores an error, which replaces an earlier one. */
GLIB_DEPRECATED_IN_2_46
void g_simple_async_result_take_error(GSimpleAsyncResult *simple, GError *error);

/** Says whether the operation failed, and moves its error to the caller. */
GLIB_DEPRECATED_IN_2_46
gboolean g_simple_async_result_propagate_error(GSimpleAsyncResult *simple, GError **dest);

/** Whether `result` is a GSimpleAsyncResult of an operation on `source` that was started with `source_tag`. */
GLIB_DEPRECATED_IN_2_46
gboolean g_simple_async_result_is_valid(GAsyncResult *result, GObject *source, gpointer source_tag);

/** Reports a copy of an error in a later iteration of the context that is the thread-default one now. */
GLIB_DEPRECATED_IN_2_46_FOR (g_task_report_error)
void g_simple_async_report_gerror_in_idle(GObject *object,
                                          GAsyncReadyCallback callback,
                                          gpointer user_data,
                                          const GError *error);

/** Reports an error in a later iteration of the context that is the thread-default one now. */
GLIB_DEPRECATED_IN_2_46_FOR (g_task_report_error)
void g_simple_async_report_take_gerror_in_idle(GObject *object,
                                               GAsyncReadyCallback callback,
                                               gpointer user_data,
                                               GError *error);

/* GCancellable */

/** The type of GCancellable; registered on the first call. */
GType g_cancellable_get_type(void);

/** A new cancellable, not cancelled. */
GCancellable *g_cancellable_new(void);

/** Whether the object is cancelled. FALSE for NULL. */
gboolean g_cancellable_is_cancelled(GCancellable *cancellable);

/** Sets the error of a cancelled operation if the object is cancelled, and says whether it is. */
gboolean g_cancellable_set_error_if_cancelled(GCancellable *cancellable, GError **error);

/** A descriptor to poll for reading: it is readable exactly while the object is cancelled. */
int g_cancellable_get_fd(GCancellable *cancellable);

/** Fills a GPollFD that is ready for reading exactly while the object is cancelled. */
gboolean g_cancellable_make_pollfd(GCancellable *cancellable, GPollFD *pollfd);

/** Releases what g_cancellable_get_fd() or g_cancellable_make_pollfd() gave. */
void g_cancellable_release_fd(GCancellable *cancellable);

/** A source that is dispatched once for each cancellation, also if that happened before it was attached. */
GSource *g_cancellable_source_new(GCancellable *cancellable);

/** What this thread pushed last with g_cancellable_push_current(), or NULL. */
GCancellable *g_cancellable_get_current(void);

/** Makes an object the current one of this thread, for code that has no parameter for it. */
void g_cancellable_push_current(GCancellable *cancellable);

/** Undoes the last g_cancellable_push_current() of this thread, which must have been for this object. */
void g_cancellable_pop_current(GCancellable *cancellable);

/** Clears the flag and the descriptor of a cancelled object. */
void g_cancellable_reset(GCancellable *cancellable);

/** Connects a callback to "cancelled"; if the object is cancelled already, calls it now. */
unsigned long g_cancellable_connect(GCancellable *cancellable,
                                    GCallback callback,
                                    gpointer data,
                                    GDestroyNotify data_destroy_func);

/** Disconnects a handler: when this returns, no other thread is running it, and it is not called again. */
void g_cancellable_disconnect(GCancellable *cancellable, unsigned long handler_id);

/** Cancels: sets the flag, makes the descriptor readable, and emits "cancelled" in this thread. */
void g_cancellable_cancel(GCancellable *cancellable);

/* GIOErrorEnum */

/** The type of GIOErrorEnum; registered on the first call. */
GType g_io_error_enum_get_type(void);

/** The error domain of GIO, which libgio's own errors have too. */
GQuark g_io_error_quark(void);

/** The code for a number of `errno`; G_IO_ERROR_FAILED if there is none. */
GIOErrorEnum g_io_error_from_errno(int err_no);

/** The code for one of GLib's file error codes; G_IO_ERROR_FAILED if there is none. */
GIOErrorEnum g_io_error_from_file_error(GFileError file_error);

G_END_DECLS

#include "macros.h"

#endif /* ASYNCRESULT_H */
