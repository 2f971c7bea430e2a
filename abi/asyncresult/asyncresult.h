/* The asynchronous core of GIO:
 * GAsyncResult, GTask, GSimpleAsyncResult, GCancellable, GInitable, GAsyncInitable, GIOErrorEnum.
 * SPDX-License-Identifier: MIT OR Apache-2.0
 * Generated from the Rust sources: do not edit. `ASYNCRESULT_BLESS=1 cargo test --test header` writes it. */
#ifndef ASYNCRESULT_H
#define ASYNCRESULT_H

#include <glib-object.h>

/* The version of this header: the package's. */
#define ASYNCRESULT_MAJOR_VERSION 1
#define ASYNCRESULT_MINOR_VERSION 1
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

/** An object that is initialized asynchronously: of any class that implements the interface. */
typedef struct _GAsyncInitable GAsyncInitable;

typedef struct _GCancellablePrivate GCancellablePrivate;

struct _GCancellable {
  GObject parent_instance;
  /** Set with the instance, then only read. The state is part of the same allocation. */
  GCancellablePrivate *priv;
};

/** Through which an operation is told to stop. */
typedef struct _GCancellable GCancellable;

/** The result of an operation: an object of any class that implements the interface. */
typedef struct _GAsyncResult GAsyncResult;

/** Called when an operation has a result, which is then fetched with the operation's finish function. */
typedef void (*GAsyncReadyCallback)(GObject *source_object, GAsyncResult *res, gpointer data);

/** What a class that implements GAsyncInitable provides.
 *
 * Where it provides nothing, GInitable's method runs in a worker.
 */
struct _GAsyncInitableIface {
  GTypeInterface g_iface;
  void (*init_async)(GAsyncInitable *initable,
                     int io_priority,
                     GCancellable *cancellable,
                     GAsyncReadyCallback callback,
                     gpointer user_data);
  gboolean (*init_finish)(GAsyncInitable *initable, GAsyncResult *res, GError **error);
};

typedef struct _GAsyncInitableIface GAsyncInitableIface;

/** What a class that implements GAsyncResult provides. */
struct _GAsyncResultIface {
  GTypeInterface g_iface;
  gpointer (*get_user_data)(GAsyncResult *res);
  GObject *(*get_source_object)(GAsyncResult *res);
  gboolean (*is_tagged)(GAsyncResult *res, gpointer source_tag);
};

typedef struct _GAsyncResultIface GAsyncResultIface;

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

/** An object whose initialization may fail: of any class that implements the interface. */
typedef struct _GInitable GInitable;

/** What a class that implements GInitable provides. */
struct _GInitableIface {
  GTypeInterface g_iface;
  gboolean (*init)(GInitable *initable, GCancellable *cancellable, GError **error);
};

typedef struct _GInitableIface GInitableIface;

/** A job of the old scheduler: what its function is given. */
typedef struct _GIOSchedulerJob GIOSchedulerJob;

/** Does the work of a job, or a part of it, in a worker. It is called again until it returns FALSE. */
typedef gboolean (*GIOSchedulerJobFunc)(GIOSchedulerJob *job, GCancellable *cancellable, gpointer data);

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

#define G_TYPE_INITABLE (g_initable_get_type ())
#define G_INITABLE(object) (G_TYPE_CHECK_INSTANCE_CAST ((object), G_TYPE_INITABLE, GInitable))
#define G_IS_INITABLE(object) (G_TYPE_CHECK_INSTANCE_TYPE ((object), G_TYPE_INITABLE))
#define G_INITABLE_GET_IFACE(object) \
  (G_TYPE_INSTANCE_GET_INTERFACE ((object), G_TYPE_INITABLE, GInitableIface))
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GInitable, g_object_unref)

#define G_TYPE_ASYNC_INITABLE (g_async_initable_get_type ())
#define G_ASYNC_INITABLE(object) \
  (G_TYPE_CHECK_INSTANCE_CAST ((object), G_TYPE_ASYNC_INITABLE, GAsyncInitable))
#define G_IS_ASYNC_INITABLE(object) (G_TYPE_CHECK_INSTANCE_TYPE ((object), G_TYPE_ASYNC_INITABLE))
#define G_ASYNC_INITABLE_GET_IFACE(object) \
  (G_TYPE_INSTANCE_GET_INTERFACE ((object), G_TYPE_ASYNC_INITABLE, GAsyncInitableIface))
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GAsyncInitable, g_object_unref)

#define G_TYPE_IO_ERROR_ENUM (g_io_error_enum_get_type ())

#endif /* __G_IO_H__ */

/* Functions that are also macros, at the end of this header and in <gio/gio.h>. */
#undef g_task_set_source_tag
#undef g_task_set_name

/* For all functions: an instance must not be NULL, where nothing is said of NULL. That, and an instance of
 * another class, is a critical in the domain GLib-GIO; the function then answers NULL, FALSE, 0 or -1 (the
 * priority of no task is G_PRIORITY_DEFAULT). What a refused call was to take over ("transfer full") is
 * freed, if nobody else can reach it. */

/* GAsyncResult */

/** The type of the interface; registered on the first call.
 *
 * Any thread.
 */
GType g_async_result_get_type(void);

/** The data that was given along with the callback; NULL if there is none.
 *
 * Asks the implementation of `res`, which must not be NULL. The data stays its owner's ("transfer none").
 * Any thread, if the implementation allows it; a GTask and a GSimpleAsyncResult do.
 */
gpointer g_async_result_get_user_data(GAsyncResult *res);

/** A new reference to the object that the operation was started on, or NULL.
 *
 * Asks the implementation of `res`, which must not be NULL. The caller owns the reference ("transfer full").
 * Any thread, if the implementation allows it; a GTask and a GSimpleAsyncResult do.
 */
GObject *g_async_result_get_source_object(GAsyncResult *res);

/** Moves the error of a GSimpleAsyncResult to the caller; FALSE for results of all other classes.
 *
 * `error` may be NULL; what it gets belongs to the caller. TRUE if there was an error. NULL and objects that
 * are no results are not refused: the answer is FALSE. Finish functions call this for results of older code,
 * in the thread that runs the callback.
 */
gboolean g_async_result_legacy_propagate_error(GAsyncResult *res, GError **error);

/** Whether the result carries the tag, which by custom is the address of the function that started it.
 *
 * Asks the implementation of `res`, which must not be NULL; FALSE if it knows no tags. `source_tag` is
 * compared, never followed, and may be NULL. Any thread, if the implementation allows it; a GTask and a
 * GSimpleAsyncResult do.
 */
gboolean g_async_result_is_tagged(GAsyncResult *res, gpointer source_tag);

/* GTask */

/** The type of the class; registered on the first call.
 *
 * Any thread.
 */
GType g_task_get_type(void);

/** Makes a task: what the start of an asynchronous operation creates.
 *
 * The caller owns the task ("transfer full"), and drops it when the operation is under way: the library
 * holds references of its own until the callback was called. The task keeps references to `source_object`
 * and `cancellable`, either of which may be NULL, and to the thread-default main context of this moment, in
 * which `callback` will be called. What is no object or no cancellable is a critical, and counts as NULL.
 * `callback` may be NULL; `callback_data` is only passed through. Any thread.
 *
 * If the cancellable is cancelled at the moment when the result is fetched, the answer is that, whatever was
 * returned. So a callback that cancels it, to stop other operations, fetches its own result first. See
 * `g_task_set_check_cancellable()`.
 */
GTask *g_task_new(gpointer source_object,
                  GCancellable *cancellable,
                  GAsyncReadyCallback callback,
                  gpointer callback_data);

/** Reports an error without starting anything: a task that has returned it already.
 *
 * Takes `error` over ("transfer full"), which must not be NULL. `source_object` and `callback` may be NULL;
 * what is no object is a critical, and counts as NULL. `callback` is called in a later iteration of the main
 * context that is the thread-default one now, with `callback_data`, which is only passed through, and a task
 * that carries `source_tag`. Any thread.
 */
void g_task_report_error(gpointer source_object,
                         GAsyncReadyCallback callback,
                         gpointer callback_data,
                         gpointer source_tag,
                         GError *error);

/** Attaches data that the operation needs to the task.
 *
 * Takes `task_data` over, NULL included; `task_data_destroy`, which may be NULL, frees it with the task or
 * when other data is set, which it is in this call. Where the task is released: see
 * `g_task_run_in_thread()`. Only the thread that runs the operation at the moment may call this.
 */
void g_task_set_task_data(GTask *task, gpointer task_data, GDestroyNotify task_data_destroy);

/** Sets the priority of the sources that the task attaches and of its result; low numbers go first.
 *
 * Without this call it is `G_PRIORITY_DEFAULT`. A task that runs in a thread is queued by it, too: so it is
 * set before. Only the thread that runs the operation at the moment may call this.
 */
void g_task_set_priority(GTask *task, int priority);

/** Says whether a cancelled cancellable overrides what the task returned; TRUE unless this is called.
 *
 * Must not be FALSE while return-on-cancel is set: that is a critical, and changes nothing. Only the thread
 * that runs the operation at the moment may call this.
 */
void g_task_set_check_cancellable(GTask *task, gboolean check_cancellable);

/** Marks the task with the address of the function that started it, for finish functions to compare.
 *
 * `source_tag` is never followed, and may be NULL. In C this is also a macro, which names an unnamed task
 * after the tag's text. Only before other threads see the task.
 */
void g_task_set_source_tag(GTask *task, gpointer source_tag);

/** Names the task, for debuggers, profilers and the library's own messages.
 *
 * Copies `name`; NULL takes the name away. In C this is also a macro, which keeps a constant string without
 * copying it. Only before other threads see the task.
 */
void g_task_set_name(GTask *task, const char *name);

/** Names the task with a string that lives as long as the program.
 *
 * Keeps `name` without copying it; NULL takes the name away. Otherwise like `g_task_set_name()`.
 */
void g_task_set_static_name(GTask *task, const char *name);

/** The object that the operation was started on, or NULL.
 *
 * The task keeps its reference ("transfer none"); `g_async_result_get_source_object()` returns a new one.
 * Any thread.
 */
gpointer g_task_get_source_object(GTask *task);

/** The data that `g_task_set_task_data()` attached, or NULL.
 *
 * The task keeps it ("transfer none"). Any thread, while nobody sets other data.
 */
gpointer g_task_get_task_data(GTask *task);

/** The task's priority.
 *
 * Any thread, while nobody sets it.
 */
int g_task_get_priority(GTask *task);

/** The main context in which the callback will be called; NULL is the global default one.
 *
 * The task keeps its reference ("transfer none"). Any thread.
 */
GMainContext *g_task_get_context(GTask *task);

/** The task's cancellable, or NULL.
 *
 * The task keeps its reference ("transfer none"). Any thread.
 */
GCancellable *g_task_get_cancellable(GTask *task);

/** Whether a cancelled cancellable overrides what the task returned.
 *
 * Any thread, while nobody sets it.
 */
gboolean g_task_get_check_cancellable(GTask *task);

/** The tag that `g_task_set_source_tag()` set, or NULL.
 *
 * It is the caller's of that time, and is not to be followed. Any thread, while nobody sets it.
 */
gpointer g_task_get_source_tag(GTask *task);

/** The task's name, or NULL.
 *
 * It belongs to the task, until the next name is set. Any thread, while nobody does that.
 */
const char *g_task_get_name(GTask *task);

/** Whether the result is a task that was started on that source object; NULL matches none.
 *
 * Accepts every result, and anything else that is NULL or a live instance: the answer is FALSE, without a
 * message. `source_object` is only compared. Any thread.
 */
gboolean g_task_is_valid(gpointer result, gpointer source_object);

/** Runs a function in a worker thread; its result is delivered when the function has ended.
 *
 * `task_func` must not be NULL. It gets the task, its source object, its data and its cancellable, which all
 * stay valid during the call without references of its own, and calls one of the return functions. It runs
 * even if the cancellable is already cancelled. If it ends without a result, the callback is called all the
 * same; whoever then fetches the result gets nothing, and a critical names the task. A task runs in a thread
 * once, and not after it has returned.
 *
 * What is returned is not delivered before the function has ended, whoever returns it: an operation that is
 * to end earlier, because its time is over, sets return-on-cancel and cancels its cancellable.
 *
 * While somebody iterates the task's context, the worker releases nothing that belongs to the task: that is
 * done in the context. Only the thread that runs the operation may call this, and then leaves the task to
 * the function.
 */
void g_task_run_in_thread(GTask *task, GTaskThreadFunc task_func);

/** Runs a function in a worker thread and waits until the result is there.
 *
 * The callback is not called: the caller fetches the result from the task. If the system has no thread to
 * give, the function may run in the calling one. Otherwise like `g_task_run_in_thread()`.
 */
void g_task_run_in_thread_sync(GTask *task, GTaskThreadFunc task_func);

/** Says whether cancelling completes the task at once, while its function goes on in the background.
 *
 * The result is then `G_IO_ERROR_CANCELLED`; what the function returns later is freed. FALSE is the answer
 * if it came too late: the task, which runs in a thread, has been cancelled. Needs check-cancellable, else
 * it is a critical. The thread that runs the operation may call this, the task function included.
 */
gboolean g_task_set_return_on_cancel(GTask *task, gboolean return_on_cancel);

/** Whether cancelling completes the task at once.
 *
 * Any thread.
 */
gboolean g_task_get_return_on_cancel(GTask *task);

/** Attaches a source to the task's context, at its priority, with the task as its callback's data.
 *
 * Neither `source` nor `callback` may be NULL. The source holds a reference to the task until it is
 * destroyed. The caller keeps its reference to the source, which gets the task's name if it has none. Only
 * the thread that runs the operation at the moment may call this.
 */
void g_task_attach_source(GTask *task, GSource *source, GSourceFunc callback);

/** Completes the task with a pointer.
 *
 * Takes `result` over, NULL included. `result_destroy`, which may be NULL, frees it if nobody fetches it, or
 * if the task had returned before.
 *
 * Of all the return functions one counts, once: another is a critical, and changes nothing. The thread that
 * runs the operation may call it. The callback is called before it returns if this thread is dispatching a
 * source of the task's context in a later iteration than the one that made the task; else in an iteration to
 * come, or when the function of a worker has ended.
 */
void g_task_return_pointer(GTask *task, gpointer result, GDestroyNotify result_destroy);

/** Completes the task with a truth value.
 *
 * Like `g_task_return_pointer()`, with nothing to free.
 */
void g_task_return_boolean(GTask *task, gboolean result);

/** Completes the task with a number.
 *
 * Like `g_task_return_pointer()`, with nothing to free.
 */
void g_task_return_int(GTask *task, gssize result);

/** Completes the task with an error.
 *
 * Takes `error` over ("transfer full"), also when the task had returned before. It must not be NULL.
 * Otherwise like `g_task_return_pointer()`.
 */
void g_task_return_error(GTask *task, GError *error);

/** Completes the task with a new error whose message is taken as it is, without any formatting.
 *
 * Copies `message`, which must not be NULL. `domain` must not be 0. Otherwise like
 * `g_task_return_pointer()`.
 */
void g_task_return_new_error_literal(GTask *task, GQuark domain, int code, const char *message);

/** Completes the task with a copy of a GValue; NULL stands for a NULL pointer.
 *
 * `result` stays the caller's ("transfer none"). Otherwise like `g_task_return_pointer()`.
 */
void g_task_return_value(GTask *task, GValue *result);

/** Completes the task with an error if its cancellable is cancelled, and says whether it did.
 *
 * Also when the cancellable is otherwise not checked. TRUE means that nothing else must be returned.
 * Otherwise like `g_task_return_pointer()`.
 */
gboolean g_task_return_error_if_cancelled(GTask *task);

/** Moves a pointer result to the caller, who owns it then; or the error.
 *
 * NULL with an error if the task failed or is cancelled. The result can be fetched once: a second time, or
 * before anything was returned, is a critical and leaves `error` alone. `error` may be NULL. Called by
 * finish functions, in the thread that runs the callback; after `g_task_run_in_thread_sync()` in the one
 * that waited.
 */
gpointer g_task_propagate_pointer(GTask *task, GError **error);

/** Gives a truth value to the caller; or the error.
 *
 * FALSE with an error if the task failed or is cancelled. Otherwise like `g_task_propagate_pointer()`.
 */
gboolean g_task_propagate_boolean(GTask *task, GError **error);

/** Gives a number to the caller; or the error.
 *
 * -1 with an error if the task failed or is cancelled. Otherwise like `g_task_propagate_pointer()`.
 */
gssize g_task_propagate_int(GTask *task, GError **error);

/** Moves a GValue result to the caller; or the error.
 *
 * `value` must not be NULL, and must be zeroed or unset; TRUE says that it was initialized, and then the
 * caller unsets it. A result that is no GValue is a critical, and stays. Otherwise like
 * `g_task_propagate_pointer()`.
 */
gboolean g_task_propagate_value(GTask *task, GValue *value, GError **error);

/** Whether the task failed: an error was returned, or its cancellable is cancelled.
 *
 * Also after the error was fetched. A cancelled cancellable counts only if it is checked. Any thread.
 */
gboolean g_task_had_error(GTask *task);

/** Whether the callback has been called: FALSE during the callback, TRUE right after it.
 *
 * The property of the same name is notified when this changes, in the task's context. Any thread.
 */
gboolean g_task_get_completed(GTask *task);

/* GSimpleAsyncResult */

/** The type of GSimpleAsyncResult; registered on the first call.
 *
 * May be called from any thread.
 */
GType g_simple_async_result_get_type(void);

/** A new result of an operation that starts now.
 *
 * The caller owns the reference ("transfer full"). `source_object` may be NULL, else a reference is held;
 * `callback` may be NULL, else it is called with `user_data` by a completing call, in the context that is
 * the thread-default one now. `source_tag` is compared, never followed, and may be NULL. NULL if the source
 * object is none, which is a critical. Any thread.
 */
GLIB_DEPRECATED_IN_2_46_FOR (g_task_new)
GSimpleAsyncResult *g_simple_async_result_new(GObject *source_object,
                                              GAsyncReadyCallback callback,
                                              gpointer user_data,
                                              gpointer source_tag);

/** A new result, without a tag, that holds a copy of an error.
 *
 * `error` stays the caller's. If it is NULL, which is a critical, the result holds none. Otherwise like
 * g_simple_async_result_new().
 */
GLIB_DEPRECATED_IN_2_46_FOR (g_task_new)
GSimpleAsyncResult *g_simple_async_result_new_from_error(GObject *source_object,
                                                         GAsyncReadyCallback callback,
                                                         gpointer user_data,
                                                         const GError *error);

/** A new result, without a tag, that takes over an error.
 *
 * Takes `error` over ("transfer full"). If it is NULL, which is a critical, the result holds none. Otherwise
 * like g_simple_async_result_new().
 */
GLIB_DEPRECATED_IN_2_46_FOR (g_task_new)
GSimpleAsyncResult *g_simple_async_result_new_take_error(GObject *source_object,
                                                         GAsyncReadyCallback callback,
                                                         gpointer user_data,
                                                         GError *error);

/** Sets the result to a pointer, and frees an earlier one.
 *
 * Takes `op_res` over, NULL included. `destroy_op_res`, if not NULL, is called with it once: when another
 * result replaces it, or at the end, on whichever thread that happens. It is also called if the call is
 * refused. Only the thread that runs the operation at the moment may call this.
 */
GLIB_DEPRECATED_IN_2_46
void g_simple_async_result_set_op_res_gpointer(GSimpleAsyncResult *simple,
                                               gpointer op_res,
                                               GDestroyNotify destroy_op_res);

/** The result, if it is a pointer; NULL before one is set.
 *
 * The result keeps it ("transfer none"). Any thread, while nobody sets another.
 */
GLIB_DEPRECATED_IN_2_46
gpointer g_simple_async_result_get_op_res_gpointer(GSimpleAsyncResult *simple);

/** Sets the result to a number, and frees an earlier one.
 *
 * Only the thread that runs the operation at the moment may call this.
 */
GLIB_DEPRECATED_IN_2_46
void g_simple_async_result_set_op_res_gssize(GSimpleAsyncResult *simple, gssize op_res);

/** The result, if it is a number; 0 before one is set.
 *
 * Any thread, while nobody sets it.
 */
GLIB_DEPRECATED_IN_2_46
gssize g_simple_async_result_get_op_res_gssize(GSimpleAsyncResult *simple);

/** Sets the result to a boolean, and frees an earlier one.
 *
 * Only the thread that runs the operation at the moment may call this.
 */
GLIB_DEPRECATED_IN_2_46
void g_simple_async_result_set_op_res_gboolean(GSimpleAsyncResult *simple, gboolean op_res);

/** The result, if it is a boolean: exactly TRUE or FALSE. FALSE before one is set.
 *
 * Any thread, while nobody sets it.
 */
GLIB_DEPRECATED_IN_2_46
gboolean g_simple_async_result_get_op_res_gboolean(GSimpleAsyncResult *simple);

/** Sets the cancellable that g_simple_async_result_propagate_error() looks at first.
 *
 * If it is cancelled then, the error is G_IO_ERROR_CANCELLED. `check_cancellable` may be NULL, which removes
 * an earlier one; otherwise a reference is held. Only the thread that runs the operation at the moment may
 * call this.
 */
void g_simple_async_result_set_check_cancellable(GSimpleAsyncResult *simple, GCancellable *check_cancellable);

/** The tag that the result was made with, or NULL.
 *
 * It is the caller's of that time, and is not to be followed. Any thread.
 */
GLIB_DEPRECATED_IN_2_46
gpointer g_simple_async_result_get_source_tag(GSimpleAsyncResult *simple);

/** Says whether g_simple_async_result_run_in_thread() turns cancellation into an error; it does by default.
 *
 * To be called before g_simple_async_result_run_in_thread(), in the same thread.
 */
GLIB_DEPRECATED_IN_2_46
void g_simple_async_result_set_handle_cancellation(GSimpleAsyncResult *simple, gboolean handle_cancellation);

/** Calls the callback now, before returning.
 *
 * To be called in a thread that iterates the result's own context, and not inside the call that started the
 * operation. A reference is held until the callback has returned.
 */
GLIB_DEPRECATED_IN_2_46
void g_simple_async_result_complete(GSimpleAsyncResult *simple);

/** Calls the callback in a later iteration of the result's context.
 *
 * Any thread. A reference is held until then.
 */
GLIB_DEPRECATED_IN_2_46
void g_simple_async_result_complete_in_idle(GSimpleAsyncResult *simple);

/** Runs `func` on another thread, then calls the callback in a later iteration of the result's context.
 *
 * `func` must not be NULL. A lower `io_priority` runs earlier. `cancellable` may be NULL; otherwise a
 * reference is held, and it is the current one of the thread while `func` runs. If it is cancelled before
 * the start, `func` is not run. If it is cancelled before the start or before the callback, the result is
 * G_IO_ERROR_CANCELLED. g_simple_async_result_set_handle_cancellation() can switch both off.
 */
GLIB_DEPRECATED_IN_2_46
void g_simple_async_result_run_in_thread(GSimpleAsyncResult *simple,
                                         GSimpleAsyncThreadFunc func,
                                         int io_priority,
                                         GCancellable *cancellable);

/** Stores a copy of an error, which replaces an earlier one.
 *
 * `error` must not be NULL, and stays the caller's. Only the thread that runs the operation at the moment
 * may call this.
 */
GLIB_DEPRECATED_IN_2_46
void g_simple_async_result_set_from_error(GSimpleAsyncResult *simple, const GError *error);

/** Stores an error, which replaces an earlier one.
 *
 * `error` must not be NULL, and is taken over ("transfer full"), also if the call is refused. Only the
 * thread that runs the operation at the moment may call this.
 */
GLIB_DEPRECATED_IN_2_46
void g_simple_async_result_take_error(GSimpleAsyncResult *simple, GError *error);

/** Says whether the operation failed, and moves its error to the caller.
 *
 * `dest` may be NULL; what it gets belongs to the caller. To be called once, in the finish function, in the
 * thread that runs the callback.
 */
GLIB_DEPRECATED_IN_2_46
gboolean g_simple_async_result_propagate_error(GSimpleAsyncResult *simple, GError **dest);

/** Whether `result` is a GSimpleAsyncResult of an operation on `source` that was started with `source_tag`.
 *
 * Accepts anything that is NULL or a live instance. `source` is compared, and may be NULL. `source_tag`,
 * too: a NULL tag, here or in the result, matches every tag. Never logs. Any thread.
 */
GLIB_DEPRECATED_IN_2_46
gboolean g_simple_async_result_is_valid(GAsyncResult *result, GObject *source, gpointer source_tag);

/** Reports a copy of an error in a later iteration of the context that is the thread-default one now.
 *
 * `object` and `callback` may be NULL, and `user_data` is only passed through. `error` must not be NULL, and
 * stays the caller's. Any thread.
 */
GLIB_DEPRECATED_IN_2_46_FOR (g_task_report_error)
void g_simple_async_report_gerror_in_idle(GObject *object,
                                          GAsyncReadyCallback callback,
                                          gpointer user_data,
                                          const GError *error);

/** Reports an error in a later iteration of the context that is the thread-default one now.
 *
 * `object` and `callback` may be NULL, and `user_data` is only passed through. `error` must not be NULL, and
 * is taken over ("transfer full"), also if the call is refused. Any thread.
 */
GLIB_DEPRECATED_IN_2_46_FOR (g_task_report_error)
void g_simple_async_report_take_gerror_in_idle(GObject *object,
                                               GAsyncReadyCallback callback,
                                               gpointer user_data,
                                               GError *error);

/* GCancellable */

/** The type of GCancellable; registered on the first call.
 *
 * Any thread.
 */
GType g_cancellable_get_type(void);

/** A new cancellable, not cancelled.
 *
 * The caller owns the one reference ("transfer full"); the answer is never NULL. Give it to the operations
 * that should be stopped together, and call g_cancellable_cancel() to stop them. Any thread.
 */
GCancellable *g_cancellable_new(void);

/** Whether the object is cancelled. FALSE for NULL.
 *
 * Takes no lock, so it can be called inside a loop. Any thread.
 */
gboolean g_cancellable_is_cancelled(GCancellable *cancellable);

/** Sets the error of a cancelled operation if the object is cancelled, and says whether it is.
 *
 * `cancellable` may be NULL, which is never cancelled. The error is G_IO_ERROR_CANCELLED; it belongs to the
 * caller, who passes NULL for `error` if only the answer matters. Any thread.
 */
gboolean g_cancellable_set_error_if_cancelled(GCancellable *cancellable, GError **error);

/** A descriptor to poll for reading: it is readable exactly while the object is cancelled.
 *
 * All users of the object share the descriptor, which is close-on-exec; poll it, but neither read nor close
 * it. To be released with g_cancellable_release_fd(). -1 for NULL, and when the system has no descriptor
 * left: then nothing is to be released. Any thread.
 */
int g_cancellable_get_fd(GCancellable *cancellable);

/** Fills a GPollFD that is ready for reading exactly while the object is cancelled.
 *
 * `pollfd` is the caller's, and must not be NULL. FALSE, with `pollfd` unchanged and nothing to be released,
 * for no cancellable, and when the system has no descriptor left. Otherwise like g_cancellable_get_fd(), and
 * to be released the same way.
 */
gboolean g_cancellable_make_pollfd(GCancellable *cancellable, GPollFD *pollfd);

/** Releases what g_cancellable_get_fd() or g_cancellable_make_pollfd() gave.
 *
 * The descriptor is closed with the last of its users, or else with the object. NULL is accepted. Any
 * thread.
 */
void g_cancellable_release_fd(GCancellable *cancellable);

/** A source that is dispatched once for each cancellation, also if that happened before it was attached.
 *
 * Its callback is a GCancellableSourceFunc, or a closure: called with the cancellable, it returns FALSE to
 * remove the source. The caller owns the source, which holds a reference to the cancellable until it is
 * freed. NULL makes a source that never fires. Several cancellations, or one and a reset, before the source
 * is dispatched count as one. The answer is never NULL. Any thread.
 */
GSource *g_cancellable_source_new(GCancellable *cancellable);

/** What this thread pushed last with g_cancellable_push_current(), or NULL.
 *
 * The caller gets no reference.
 */
GCancellable *g_cancellable_get_current(void);

/** Makes an object the current one of this thread, for code that has no parameter for it.
 *
 * g_cancellable_pop_current() undoes it. No reference is taken: the caller keeps the object alive until
 * then. NULL, and what is no cancellable, is a critical, and is not pushed: so it must not be popped.
 */
void g_cancellable_push_current(GCancellable *cancellable);

/** Undoes the last g_cancellable_push_current() of this thread, which must have been for this object.
 *
 * Must not be NULL.
 */
void g_cancellable_pop_current(GCancellable *cancellable);

/** Clears the flag and the descriptor of a cancelled object.
 *
 * Must not be NULL. Any thread. Waits while another thread is calling handlers of the object, or a callback
 * that g_cancellable_connect() called at once. Does not wait for a thread that is itself waiting for this
 * one; so a handler may call it. Do not reset an object that an operation uses: the operation may never hear
 * of the cancellation.
 */
void g_cancellable_reset(GCancellable *cancellable);

/** Connects a callback to "cancelled"; if the object is cancelled already, calls it now.
 *
 * Neither the object nor `callback` may be NULL. No cancellation is lost in between. The callback is called
 * as `callback (cancellable, data)`, in the thread that cancels, or in this one if it is called now.
 * `data_destroy_func` (or NULL) is called with `data` once the callback cannot be called any more: by
 * g_cancellable_disconnect(), with the object, or right after a callback that is called now. Answers the
 * handler's id for g_cancellable_disconnect(), or 0 if the callback was called now.
 */
unsigned long g_cancellable_connect(GCancellable *cancellable,
                                    GCallback callback,
                                    gpointer data,
                                    GDestroyNotify data_destroy_func);

/** Disconnects a handler: when this returns, no other thread is running it, and it is not called again.
 *
 * So what the handler uses may be freed afterwards. Waits for handlers of the object that other threads are
 * running, but not for a thread that is itself waiting for this one. So it may be called by a handler, even
 * for its own id. A cancellation that had begun has called the handler. The data is destroyed when this
 * returns: by this thread, or by one that was just emitting the signal. NULL, or 0 as the id, is fine. Any
 * thread.
 */
void g_cancellable_disconnect(GCancellable *cancellable, unsigned long handler_id);

/** Cancels: sets the flag, makes the descriptor readable, and emits "cancelled" in this thread.
 *
 * Returns when all handlers have returned. Of several calls, at once or one after the other, only the first
 * does anything until the object is reset. NULL is accepted. May be called by any thread, which needs a
 * reference of its own if another thread may drop the last one. An operation that is cancelled still
 * completes in its usual way, with the error G_IO_ERROR_CANCELLED.
 */
void g_cancellable_cancel(GCancellable *cancellable);

/* GInitable */

/** The type of the interface; registered on the first call.
 *
 * Any thread.
 */
GType g_initable_get_type(void);

/** Initializes an object, and says whether that succeeded; it may block.
 *
 * Calls the method of the class of `initable`, in this thread. `cancellable` may be NULL, and is the
 * method's to watch. If it fails, `error`, which may be NULL, gets an error that belongs to the caller, and
 * the object can only be dropped. A class says whether it may be called twice. Whoever makes objects with
 * g_initable_new() need not call it.
 */
gboolean g_initable_init(GInitable *initable, GCancellable *cancellable, GError **error);

/* GAsyncInitable */

/** The type of the interface; registered on the first call.
 *
 * Any thread.
 */
GType g_async_initable_get_type(void);

/** Begins to initialize an object.
 *
 * Calls the method of the class of `initable`. A class that has none must implement GInitable, too: that
 * method then runs in a worker, queued by `io_priority`; low numbers go first. `cancellable` and `callback`
 * may be NULL; `user_data` is only passed through. `callback` is called with the object in the main context
 * that is thread-default now, and calls g_async_initable_init_finish(). Whoever makes objects with
 * g_async_initable_new_async() need not call it.
 */
void g_async_initable_init_async(GAsyncInitable *initable,
                                 int io_priority,
                                 GCancellable *cancellable,
                                 GAsyncReadyCallback callback,
                                 gpointer user_data);

/** Says whether an initialization that has ended succeeded.
 *
 * `res` is what the callback got, and must not be NULL. If it failed, `error`, which may be NULL, gets an
 * error that belongs to the caller. In the thread that runs the callback, once.
 */
gboolean g_async_initable_init_finish(GAsyncInitable *initable, GAsyncResult *res, GError **error);

/** The object that g_async_initable_new_async() has made, or NULL if its initialization failed.
 *
 * `initable` is the source object that the callback got, `res` its result; neither may be NULL. The caller
 * owns the reference ("transfer full"), which is another than the callback's. `error` is as for
 * g_async_initable_init_finish(). In the thread that runs the callback, once.
 */
GObject *g_async_initable_new_finish(GAsyncInitable *initable, GAsyncResult *res, GError **error);

/* Jobs of the old scheduler */

/** Runs a function in a worker, again and again until it returns FALSE.
 *
 * `job_func` must not be NULL. It gets `cancellable`, which may be NULL and is the function's to watch;
 * while it runs, that is the current one of its thread, too. What is no cancellable is a critical, and
 * counts as NULL. Jobs are queued by `io_priority`; low numbers go first. Takes `user_data` over: `notify`,
 * which may be NULL, destroys it in the main context that is thread-default now, when that is iterated after
 * the end of the job; at once if the call is refused. Any thread.
 */
GLIB_DEPRECATED_IN_2_36_FOR ("GThreadPool or g_task_run_in_thread")
void g_io_scheduler_push_job(GIOSchedulerJobFunc job_func,
                             gpointer user_data,
                             GDestroyNotify notify,
                             int io_priority,
                             GCancellable *cancellable);

/** Cancels the cancellables of all jobs that have not been released.
 *
 * Any thread.
 */
GLIB_DEPRECATED_IN_2_36
void g_io_scheduler_cancel_all_jobs(void);

/** Calls a function in the main context of a job, and waits for its answer.
 *
 * That is the context that was thread-default where the job was pushed.
 * In a job's function, with its `job`; neither that nor `func` may be NULL. Takes `user_data` over:
 * `notify`, which may be NULL, destroys it in that context, before this call returns. FALSE if the context
 * ends, or the source is destroyed, before the function was called. If nobody iterates the context, this
 * waits for ever.
 */
GLIB_DEPRECATED_IN_2_36_FOR (g_main_context_invoke)
gboolean g_io_scheduler_job_send_to_mainloop(GIOSchedulerJob *job,
                                             GSourceFunc func,
                                             gpointer user_data,
                                             GDestroyNotify notify);

/** Like g_io_scheduler_job_send_to_mainloop(), without waiting.
 *
 * In a job's function, with its `job`; neither that nor `func` may be NULL. Takes `user_data` over:
 * `notify`, which may be NULL, destroys it in the context where `func` is called.
 */
GLIB_DEPRECATED_IN_2_36_FOR (g_main_context_invoke)
void g_io_scheduler_job_send_to_mainloop_async(GIOSchedulerJob *job,
                                               GSourceFunc func,
                                               gpointer user_data,
                                               GDestroyNotify notify);

/* GIOErrorEnum */

/** The type of GIOErrorEnum; registered on the first call.
 *
 * Any thread.
 */
GType g_io_error_enum_get_type(void);

/** The error domain of GIO, which libgio's own errors have too.
 *
 * Any thread.
 */
GQuark g_io_error_quark(void);

/** The code for a number of `errno`; G_IO_ERROR_FAILED if there is none.
 *
 * Does not read `errno` itself. May be called from any thread.
 */
GIOErrorEnum g_io_error_from_errno(int err_no);

/** The code for one of GLib's file error codes; G_IO_ERROR_FAILED if there is none.
 *
 * A number that is no GFileError is a critical. May be called from any thread.
 */
GIOErrorEnum g_io_error_from_file_error(GFileError file_error);

G_END_DECLS

#include "macros.h"

#endif /* ASYNCRESULT_H */
