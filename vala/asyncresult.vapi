/* <asyncresult/asr.h> for Vala. It stands on GIO's types: those of this library's gio-2.0.vapi, or of GIO's own.
 * SPDX-License-Identifier: MIT OR Apache-2.0 */

[CCode (cprefix = "Asr", lower_case_cprefix = "asr_", cheader_filename = "gio/gio.h,asyncresult/asr.h")]
namespace Asr {
  [CCode (cprefix = "ASR_CANCEL_REASON_", has_type_id = false)]
  public enum CancelReason {
    NONE,
    ITSELF,
    PARENT,
    DEADLINE
  }

  public static GLib.Cancellable cancellable_new_child (GLib.Cancellable? parent);
  public static GLib.Cancellable cancellable_new_linked (
    [CCode (array_length_type = "gsize")] GLib.Cancellable?[]? parents);
  public static GLib.Cancellable cancellable_new_timeout (int64 timeout);
  public static GLib.Cancellable cancellable_new_deadline (int64 deadline);
  public static void cancellable_add_parent (GLib.Cancellable cancellable, GLib.Cancellable? parent);
  public static bool cancellable_remove_parent (GLib.Cancellable cancellable, GLib.Cancellable? parent);
  public static void cancellable_set_deadline (GLib.Cancellable cancellable, int64 deadline);
  public static int64 cancellable_get_deadline (GLib.Cancellable? cancellable);
  public static CancelReason cancellable_get_reason (GLib.Cancellable? cancellable);
  /* Throws IOError.TIMED_OUT after a deadline, else IOError.CANCELLED; not at all if it is not cancelled. */
  public static bool cancellable_set_error (GLib.Cancellable? cancellable) throws GLib.IOError;

  /* Waits in synchronous code: something.begin (cancellable, wait.begin ().callback);
   * something.end (wait.run ()); */
  [Compact]
  [CCode (free_function = "asr_wait_free", has_type_id = false)]
  public class Wait {
    public Wait ();
    /* Null if another thread owns the context. */
    [CCode (cname = "asr_wait_new_in_context")]
    public static Wait? in_context (GLib.MainContext? context);
    public unowned Begun? begin ();
    public unowned GLib.AsyncResult? run ();
    public unowned GLib.AsyncResult? run_until (int64 deadline,
      GLib.Cancellable? cancellable = null) throws GLib.IOError;
  }

  /* An operation that has begun: its callback is to be called once. */
  [Compact]
  [CCode (cname = "void", free_function = "", has_type_id = false)]
  public class Begun {
    [CCode (cname = "asr_wait_callback", instance_pos = -1)]
    public void callback (GLib.Object? source_object, GLib.AsyncResult result);
  }
}
