#include "fuzz.h"

static GTask *
task_of (const int *args)
{
  return slot_get ('t', args[0]);
}

static void
op_task (const int *args)
{
  static GAsyncReadyCallback const callbacks[] = { task_called, task_called, task_called, NULL };
  Slot *s = slot ('t', args[0]);
  GMainContext *context = slot_get ('x', args[3]);
  GTask *task;

  if (context && !role_is (args[3] == 3 ? "helper" : "main"))
    {
      skip ("not this thread's context");
      return;
    }
  if (context)
    g_main_context_push_thread_default (context);
  task = g_task_new (slot_get ('o', args[1]), slot_get ('c', args[2]), callbacks[args[4]], GINT_TO_POINTER (args[0]));
  if (context)
    g_main_context_pop_thread_default (context);
  slot_put_object ('t', args[0], task, 1);
  s->cancellable = args[2];
  g_signal_connect (task, "notify::completed", G_CALLBACK (task_notified), GINT_TO_POINTER (args[0]));
}

static void
op_report (const int *args)
{
  Slot *s = slot ('t', args[0]);

  s->used = TRUE;
  s->cancellable = NOTHING;
  s->returned = TRUE;
  fuzz_error_number (args[0]);
  if (args[2] == 0)
    g_task_report_error (slot_get ('o', args[1]), task_called, GINT_TO_POINTER (args[0]), GINT_TO_POINTER (0x2000),
                         g_error_new (FUZZ_ERROR, 3, "reported"));
  else
    g_task_report_new_error (slot_get ('o', args[1]), task_called, GINT_TO_POINTER (args[0]), GINT_TO_POINTER (0x2000),
                             G_IO_ERROR, G_IO_ERROR_BUSY, "busy %d", 5);
}

static void
op_task_ref (const int *args)
{
  g_object_ref (task_of (args));
  slot ('t', args[0])->refs++;
}

static void
drop (char kind, int number)
{
  if (slot (kind, number)->refs == 0)
    {
      skip ("not the program's");
      return;
    }
  if (role_is ("worker"))
    data_stop_events ();
  slot_drop (kind, number);
}

static void
op_drop_task (const int *args)
{
  drop ('t', args[0]);
}

static void
op_drop_simple (const int *args)
{
  drop ('s', args[0]);
}

static void
op_drop_object (const int *args)
{
  drop ('o', args[0]);
}

static void
op_drop_cancellable (const int *args)
{
  drop ('c', args[0]);
}

static void
op_task_data (const int *args)
{
  Slot *s = slot ('t', args[0]);
  GTask *task;

  if (s->busy)
    {
      skip ("it is just being set");
      return;
    }
  s->busy = TRUE;
  task = g_object_ref (task_of (args)); /* the destroy notify may drop another one */
  g_task_set_task_data (task, data_new (args[1], s), data_freed);
  s->busy = FALSE;
  g_object_unref (task);
}

static void
op_priority (const int *args)
{
  workers_note_priority (args[1]);
  g_task_set_priority (task_of (args), args[1]);
  say ("= %d", g_task_get_priority (task_of (args)));
}

static void
op_check (const int *args)
{
  g_task_set_check_cancellable (task_of (args), args[1]);
  say ("= %d", g_task_get_check_cancellable (task_of (args)));
}

static void
op_return_on_cancel (const int *args)
{
  gboolean answer = g_task_set_return_on_cancel (task_of (args), args[1]);

  if (args[1])
    dismiss_if_late (args[0], answer);
  say ("= %d", answer);
}

static void
op_tag (const int *args)
{
  if (args[1] == 0)
    g_task_set_source_tag (task_of (args), GINT_TO_POINTER (0x2001));
  else
    (g_task_set_source_tag) (task_of (args), GINT_TO_POINTER (0x2000 + args[1]));
}

static void
op_name (const int *args)
{
  static const char *const names[] = { "alpha", "beta", NULL };

  if (args[1] == 3)
    g_task_set_name (task_of (args), "constant");
  else
    (g_task_set_name) (task_of (args), names[args[1]]);
}

static void
op_get (const int *args)
{
  GTask *task = task_of (args);
  GAsyncResult *result = G_ASYNC_RESULT (task);
  GObject *source = g_async_result_get_source_object (result);

  say ("= source %s %s data %s priority %d context %s cancellable %s check %d",
       name_of ('o', g_task_get_source_object (task)), name_of ('o', source), data_name (g_task_get_task_data (task)),
       g_task_get_priority (task), name_of ('x', g_task_get_context (task)),
       name_of ('c', g_task_get_cancellable (task)), g_task_get_check_cancellable (task));
  say ("= tag %d name %s user data %d tagged %d %d %d legacy %d", GPOINTER_TO_INT (g_task_get_source_tag (task)),
       g_task_get_name (task), GPOINTER_TO_INT (g_async_result_get_user_data (result)),
       g_async_result_is_tagged (result, NULL), g_async_result_is_tagged (result, GINT_TO_POINTER (0x2001)),
       g_async_result_is_tagged (result, GINT_TO_POINTER (0x2000)),
       g_async_result_legacy_propagate_error (result, NULL));
  if (source)
    g_object_unref (source);
}

static void
op_is_valid (const int *args)
{
  say ("= %d", g_task_is_valid (task_of (args), slot_get ('o', args[1])));
}

static void
op_return_pointer (const int *args)
{
  Slot *s = slot ('t', args[0]);

  if (s->returned)
    data_refused (args[1]);
  else if (s->dismissed)
    data_late (args[1]);
  s->returned = TRUE;
  g_task_return_pointer (task_of (args), data_new (args[1], s), data_freed);
}

static void
op_return_boolean (const int *args)
{
  slot ('t', args[0])->returned = TRUE;
  g_task_return_boolean (task_of (args), args[1]);
}

static void
op_return_int (const int *args)
{
  slot ('t', args[0])->returned = TRUE;
  g_task_return_int (task_of (args), args[1]);
}

static void
op_return_value (const int *args)
{
  GValue value = G_VALUE_INIT;

  slot ('t', args[0])->returned = TRUE;
  switch (args[1])
    {
    case 0:
      g_value_init (&value, G_TYPE_INT);
      g_value_set_int (&value, 17);
      break;
    case 1:
      g_value_init (&value, G_TYPE_STRING);
      g_value_set_string (&value, "text");
      break;
    case 2:
      g_value_init (&value, G_TYPE_OBJECT);
      if (slot_is_live ('o', 0))
        g_value_set_object (&value, slot_get ('o', 0));
      break;
    default:
      g_task_return_value (task_of (args), NULL);
      return;
    }
  g_task_return_value (task_of (args), &value);
  g_value_unset (&value);
}

static void
op_return_error (const int *args)
{
  Slot *s = slot ('t', args[0]);
  /* What a task that has returned does with a further error differs by contract: it gets a number of its own. So does
   * an error that comes late. */
  int number = s->returned ? 1000 + args[0] : s->dismissed ? 3000 + args[0] : args[0];
  gint before = (gint) log_get_criticals ();

  s->returned = TRUE;
  fuzz_error_number (number);
  switch (args[1])
    {
    case 0:
      g_task_return_error (task_of (args), g_error_new (FUZZ_ERROR, 1, "returned"));
      break;
    case 1:
      g_task_return_new_error (task_of (args), FUZZ_ERROR, 2, "formatted %s %d", "text", 7);
      break;
    default:
      g_task_return_error (task_of (args), g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED, "own text"));
    }
  if ((gint) log_get_criticals () != before)
    say ("= refused");
}

static void
op_return_error_if_cancelled (const int *args)
{
  gboolean answer = g_task_return_error_if_cancelled (task_of (args));

  if (answer)
    slot ('t', args[0])->returned = TRUE;
  say ("= %d", answer);
}

static void
propagate_value (GTask *task, GError **error)
{
  GValue value = G_VALUE_INIT;
  gboolean answer = g_task_propagate_value (task, &value, error);

  say ("= %d %s", answer, G_VALUE_TYPE (&value) ? G_VALUE_TYPE_NAME (&value) : "unset");
  if (G_VALUE_HOLDS_INT (&value))
    say ("= value %d", g_value_get_int (&value));
  else if (G_VALUE_HOLDS_STRING (&value))
    say ("= value %s", g_value_get_string (&value));
  else if (G_VALUE_HOLDS_OBJECT (&value))
    say ("= value %s", name_of ('o', g_value_get_object (&value)));
  if (answer)
    g_value_unset (&value);
}

/* A task that was completed by a cancellation says so as long as the cancellable is cancelled. When it is reset, or no
 * longer looked at, libgio has no result, or the one that came late; ours is still cancelled. */
static gboolean
is_forgotten (int number)
{
  GTask *task = slot_get ('t', number);

  return slot ('t', number)->dismissed &&
         !(g_task_get_check_cancellable (task) && g_cancellable_is_cancelled (g_task_get_cancellable (task)));
}

/* Modes: the type; 4 and more: without a place for the error; 8 and more: with an error in that place already. */
static void
op_propagate (const int *args)
{
  GTask *task = task_of (args);
  GError *error = NULL;
  GError **place = args[1] >= 4 && args[1] < 8 ? NULL : &error;

  if (too_much_for_gio (is_forgotten (args[0])))
    return;
  if (args[1] >= 8)
    error = g_error_new (G_FILE_ERROR, G_FILE_ERROR_IO, "stale");
  switch (args[1] & 3)
    {
    case 0:
      say_number ("pointer", (gint64) (gintptr) g_task_propagate_pointer (task, place));
      break;
    case 1:
      say_number ("boolean", g_task_propagate_boolean (task, place));
      break;
    case 2:
      say_number ("int", g_task_propagate_int (task, place));
      break;
    default:
      propagate_value (task, place);
    }
  say_error (error);
}

static void
op_attach_source (const int *args)
{
  GTask *task = task_of (args);
  GSource *source = args[2] == 0 ? plain_source_new () : g_idle_source_new ();
  Slot *k = slot ('k', args[1]);

  k->used = TRUE;
  k->object = source;
  k->refs = 1;
  k->cancellable = NOTHING;
  if (args[2] == 2)
    g_source_set_name (source, "named");
  g_task_attach_source (task, source, task_source_called);
  say ("= %s source now %s priority %d context %s", args[2] == 0 ? "nameless" : "named",
       g_source_get_name (source) ? g_source_get_name (source) : "nameless", g_source_get_priority (source),
       name_of ('x', g_source_get_context (source)));
}

static const Op ops[] = {
  { "task", "To?c?x?m", op_task, 30, 4, ALONE, FALSE },
  { "report", "To?m", op_report, 3, 2, ALONE, FALSE },
  { "task-ref", "t", op_task_ref, 3, 0, ALONE, FALSE },
  { "drop-task", "t", op_drop_task, 10, 0, DROPS, FALSE },
  { "drop-simple", "s", op_drop_simple, 5, 0, DROPS, FALSE },
  { "drop-object", "o", op_drop_object, 2, 0, DROPS, FALSE },
  { "drop-cancellable", "c", op_drop_cancellable, 2, 0, DROPS, FALSE },
  { "task-data", "td", op_task_data, 6, 0, DROPS, FALSE },
  { "priority", "tp", op_priority, 5, 0, ALONE, FALSE },
  { "check", "tb", op_check, 4, 0, ALONE, FALSE },
  { "return-on-cancel", "tb", op_return_on_cancel, 8, 0, ALONE, FALSE },
  { "tag", "tm", op_tag, 2, 3, ALONE, FALSE },
  { "name", "tm", op_name, 2, 4, ALONE, FALSE },
  { "get", "t", op_get, 3, 0, ALONE, FALSE },
  { "is-valid", "to?", op_is_valid, 2, 0, ALONE, FALSE },
  { "return-pointer", "td", op_return_pointer, 10, 0, ALONE, FALSE },
  { "return-boolean", "tb", op_return_boolean, 6, 0, ALONE, FALSE },
  { "return-int", "tn", op_return_int, 6, 0, ALONE, FALSE },
  { "return-value", "tm", op_return_value, 4, 4, ALONE, FALSE },
  { "return-error", "tm", op_return_error, 8, 3, ALONE, FALSE },
  { "return-error-if-cancelled", "t", op_return_error_if_cancelled, 5, 0, ALONE, FALSE },
  { "propagate", "tm", op_propagate, 18, 12, ALONE, FALSE },
  { "attach-source", "tKm", op_attach_source, 5, 3, ALONE, FALSE },
};

const OpTable task_ops = { "task", ops, G_N_ELEMENTS (ops) };
