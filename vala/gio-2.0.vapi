/* GIO's asynchronous core for Vala: what is in <asyncresult/asyncresult.h>, by the names that Vala has for GIO's.
 * valac wants a package of the name gio-2.0 for async methods. Written by hand; scripts/checks/48-vala.sh compares it
 * with the library.
 * SPDX-License-Identifier: MIT OR Apache-2.0 */

[CCode (cprefix = "G", lower_case_cprefix = "g_", cheader_filename = "gio/gio.h")]
namespace GLib {
  [CCode (instance_pos = -1)]
  public delegate void AsyncReadyCallback (GLib.Object? source_object, GLib.AsyncResult res);

  [CCode (type_id = "g_async_result_get_type ()")]
  public interface AsyncResult : GLib.Object {
    public abstract void* get_user_data ();
    public abstract GLib.Object? get_source_object ();
    public abstract bool is_tagged (void* source_tag);
    public bool legacy_propagate_error () throws GLib.Error;
  }

  [CCode (cname = "GAsyncReadyCallback", instance_pos = -1)]
  public delegate void TaskReadyCallback (GLib.Object? source_object, GLib.Task task);
  [CCode (has_target = false)]
  public delegate void TaskThreadFunc (GLib.Task task, GLib.Object source_object, void* task_data,
    GLib.Cancellable? cancellable = null);
  [CCode (cname = "GSourceFunc", has_target = false)]
  public delegate bool TaskSourceFunc (GLib.Task task);

  [CCode (type_id = "g_task_get_type ()")]
  public class Task : GLib.Object, GLib.AsyncResult {
    [CCode (has_construct_function = false)]
    public Task (GLib.Object? source_object, GLib.Cancellable? cancellable,
      [CCode (scope = "async", type = "GAsyncReadyCallback")] GLib.TaskReadyCallback? callback);
    public static bool is_valid (GLib.AsyncResult result, GLib.Object? source_object);
    public static void report_error (GLib.Object? source_object,
      [CCode (scope = "async", type = "GAsyncReadyCallback")] GLib.TaskReadyCallback? callback, void* source_tag,
      owned GLib.Error error);
    [PrintfFormat]
    public static void report_new_error (GLib.Object? source_object,
      [CCode (scope = "async", type = "GAsyncReadyCallback")] GLib.TaskReadyCallback? callback, void* source_tag,
      GLib.Quark domain, int code, string format, ...);

    public bool completed { get; }
    public void set_task_data (void* task_data, GLib.DestroyNotify? task_data_destroy);
    public void* get_task_data ();
    public void set_priority (int priority);
    public int get_priority ();
    public void set_check_cancellable (bool check_cancellable);
    public bool get_check_cancellable ();
    public bool set_return_on_cancel (bool return_on_cancel);
    public bool get_return_on_cancel ();
    public void set_source_tag (void* source_tag);
    public void* get_source_tag ();
    public void set_name (string? name);
    /* GIO has it since 2.76. */
    public void set_static_name (string? name);
    public unowned string? get_name ();
    /* get_source_object() is the interface's, and gives a reference. */
    [CCode (cname = "g_task_get_source_object")]
    public unowned GLib.Object? get_unowned_source_object ();
    public unowned GLib.MainContext get_context ();
    public unowned GLib.Cancellable? get_cancellable ();
    public bool get_completed ();
    public bool had_error ();

    public void attach_source (GLib.Source source, [CCode (type = "GSourceFunc")] GLib.TaskSourceFunc callback);
    public void run_in_thread ([CCode (scope = "async", type = "GTaskThreadFunc")] GLib.TaskThreadFunc task_func);
    public void run_in_thread_sync ([CCode (scope = "async", type = "GTaskThreadFunc")] GLib.TaskThreadFunc task_func);

    public void return_pointer (owned void* result, GLib.DestroyNotify? result_destroy);
    public void return_boolean (bool result);
    public void return_int (ssize_t result);
    public void return_value (GLib.Value? result);
    public void return_error (owned GLib.Error error);
    [PrintfFormat]
    public void return_new_error (GLib.Quark domain, int code, string format, ...);
    /* GIO has these two since 2.80. */
    public void return_new_error_literal (GLib.Quark domain, int code, string message);
    [PrintfFormat]
    public void return_prefixed_error (owned GLib.Error error, string format, ...);
    public bool return_error_if_cancelled ();

    public void* propagate_pointer () throws GLib.Error;
    public bool propagate_boolean () throws GLib.Error;
    public ssize_t propagate_int () throws GLib.Error;
    public bool propagate_value (out GLib.Value value) throws GLib.Error;
  }

  [CCode (has_target = false)]
  public delegate void SimpleAsyncThreadFunc (GLib.SimpleAsyncResult res, GLib.Object object,
    GLib.Cancellable? cancellable = null);

  [CCode (type_id = "g_simple_async_result_get_type ()")]
  [Version (deprecated = true, deprecated_since = "2.46", replacement = "GLib.Task")]
  public class SimpleAsyncResult : GLib.Object, GLib.AsyncResult {
    [CCode (has_construct_function = false)]
    public SimpleAsyncResult (GLib.Object? source_object,
      [CCode (scope = "async")] GLib.AsyncReadyCallback? callback, void* source_tag);
    [CCode (has_construct_function = false)]
    [PrintfFormat]
    public SimpleAsyncResult.error (GLib.Object? source_object,
      [CCode (scope = "async")] GLib.AsyncReadyCallback? callback, GLib.Quark domain, int code, string format, ...);
    [CCode (has_construct_function = false)]
    public SimpleAsyncResult.from_error (GLib.Object? source_object,
      [CCode (scope = "async")] GLib.AsyncReadyCallback? callback, GLib.Error error);
    public static bool is_valid (GLib.AsyncResult result, GLib.Object? source, void* source_tag);
    [CCode (cname = "g_simple_async_report_gerror_in_idle")]
    public static void report_gerror_in_idle (GLib.Object? object,
      [CCode (scope = "async")] GLib.AsyncReadyCallback? callback, GLib.Error error);

    [CCode (simple_generics = true)]
    public void set_op_res_gpointer<T> (owned T op_res);
    [CCode (simple_generics = true)]
    public unowned T get_op_res_gpointer<T> ();
    public void set_op_res_gssize (ssize_t op_res);
    public ssize_t get_op_res_gssize ();
    public void set_op_res_gboolean (bool op_res);
    public bool get_op_res_gboolean ();
    public void* get_source_tag ();
    public void set_check_cancellable (GLib.Cancellable? check_cancellable);
    public void set_handle_cancellation (bool handle_cancellation);

    [PrintfFormat]
    public void set_error (GLib.Quark domain, int code, string format, ...);
    public void set_error_va (GLib.Quark domain, int code, string format, va_list args);
    public void set_from_error (GLib.Error error);
    public void take_error (owned GLib.Error error);
    public bool propagate_error () throws GLib.Error;

    public void complete ();
    public void complete_in_idle ();
    public void run_in_thread (GLib.SimpleAsyncThreadFunc func, int io_priority = GLib.Priority.DEFAULT,
      GLib.Cancellable? cancellable = null);
  }

  [CCode (type_id = "g_cancellable_get_type ()")]
  public class Cancellable : GLib.Object {
    [CCode (has_construct_function = false)]
    public Cancellable ();
    public virtual signal void cancelled ();
    public void cancel ();
    public void reset ();
    public bool is_cancelled ();
    public bool set_error_if_cancelled () throws GLib.IOError;
    public ulong connect ([CCode (type = "GCallback")] owned GLib.Func<GLib.Cancellable> callback);
    public void disconnect (ulong handler_id);
    public int get_fd ();
    public bool make_pollfd (GLib.PollFD pollfd);
    public void release_fd ();
    [Version (deprecated = true, replacement = "CancellableSource")]
    public GLib.CancellableSource source_new ();
    public static unowned GLib.Cancellable? get_current ();
    public void push_current ();
    public void pop_current ();
  }

  [CCode (instance_pos = -1)]
  public delegate bool CancellableSourceFunc (GLib.Cancellable? cancellable = null);

  [Compact]
  [CCode (cname = "GSource", ref_function = "g_source_ref", unref_function = "g_source_unref")]
  public class CancellableSource : GLib.Source {
    [CCode (has_construct_function = false)]
    public CancellableSource (GLib.Cancellable? cancellable);
    [CCode (cname = "g_source_set_callback")]
    public void set_callback ([CCode (type = "GSourceFunc")] owned GLib.CancellableSourceFunc func);
  }

  [CCode (type_id = "g_initable_get_type ()")]
  public interface Initable : GLib.Object {
    public abstract bool init (GLib.Cancellable? cancellable = null) throws GLib.Error;
    public static GLib.Object @new (GLib.Type object_type, GLib.Cancellable? cancellable = null, ...) throws GLib.Error;
    public static GLib.Object new_valist (GLib.Type object_type, string first_property_name, va_list var_args,
      GLib.Cancellable? cancellable = null) throws GLib.Error;
    [Version (deprecated = true, deprecated_since = "2.54")]
    public static GLib.Object newv (GLib.Type object_type,
      [CCode (array_length_pos = 1.5, array_length_type = "guint")] GLib.Parameter[] parameters,
      GLib.Cancellable? cancellable = null) throws GLib.Error;
  }

  [CCode (type_id = "g_async_initable_get_type ()")]
  public interface AsyncInitable : GLib.Object {
    public virtual async bool init_async (int io_priority = GLib.Priority.DEFAULT,
      GLib.Cancellable? cancellable = null) throws GLib.Error;
    /* No new_async(): valac calls g_async_initable_new_finish() without the object, which no C compiler takes. So make
     * the object, and yield its init_async(). */
  }

  [CCode (instance_pos = -1)]
  public delegate bool IOSchedulerJobFunc (GLib.IOSchedulerJob job, GLib.Cancellable? cancellable = null);

  [Compact]
  [CCode (has_type_id = false)]
  [Version (deprecated = true, deprecated_since = "2.36", replacement = "GLib.Task")]
  public class IOSchedulerJob {
    [CCode (cname = "g_io_scheduler_push_job")]
    public static void push (
      [CCode (delegate_target_pos = 1.33333, destroy_notify_pos = 1.66667)] owned GLib.IOSchedulerJobFunc job_func,
      int io_priority = GLib.Priority.DEFAULT, GLib.Cancellable? cancellable = null);
    [CCode (cname = "g_io_scheduler_cancel_all_jobs")]
    public static void cancel_all ();
    public bool send_to_mainloop (owned GLib.SourceFunc func);
    public void send_to_mainloop_async (owned GLib.SourceFunc func);
  }

  [CCode (cname = "GIOErrorEnum", cprefix = "G_IO_ERROR_", type_id = "g_io_error_enum_get_type ()")]
  [GIR (name = "IOErrorEnum")]
  public errordomain IOError {
    FAILED,
    NOT_FOUND,
    EXISTS,
    IS_DIRECTORY,
    NOT_DIRECTORY,
    NOT_EMPTY,
    NOT_REGULAR_FILE,
    NOT_SYMBOLIC_LINK,
    NOT_MOUNTABLE_FILE,
    FILENAME_TOO_LONG,
    INVALID_FILENAME,
    TOO_MANY_LINKS,
    NO_SPACE,
    INVALID_ARGUMENT,
    PERMISSION_DENIED,
    NOT_SUPPORTED,
    NOT_MOUNTED,
    ALREADY_MOUNTED,
    CLOSED,
    CANCELLED,
    PENDING,
    READ_ONLY,
    CANT_CREATE_BACKUP,
    WRONG_ETAG,
    TIMED_OUT,
    WOULD_RECURSE,
    BUSY,
    WOULD_BLOCK,
    HOST_NOT_FOUND,
    WOULD_MERGE,
    FAILED_HANDLED,
    TOO_MANY_OPEN_FILES,
    NOT_INITIALIZED,
    ADDRESS_IN_USE,
    PARTIAL_INPUT,
    INVALID_DATA,
    DBUS_ERROR,
    HOST_UNREACHABLE,
    NETWORK_UNREACHABLE,
    CONNECTION_REFUSED,
    PROXY_FAILED,
    PROXY_AUTH_FAILED,
    PROXY_NEED_AUTH,
    PROXY_NOT_ALLOWED,
    BROKEN_PIPE,
    CONNECTION_CLOSED,
    NOT_CONNECTED,
    MESSAGE_TOO_LARGE,
    NO_SUCH_DEVICE,
    DESTINATION_UNSET;
    [CCode (cname = "g_io_error_quark")]
    public static GLib.Quark quark ();
    [CCode (cname = "g_io_error_from_errno")]
    public static int _from_errno (int err_no);
    [CCode (cname = "asr_vala_io_error_from_errno")]
    public static GLib.IOError from_errno (int err_no) {
      return (GLib.IOError) new GLib.Error (quark (), _from_errno (err_no), "%s", GLib.strerror (err_no));
    }
  }
}
