#include "fuzz.h"

static GSimpleAsyncResult *
simple_of (const int *args)
{
  return slot_get ('s', args[0]);
}

static GError *
new_error (int number)
{
  fuzz_error_number (2000 + number);
  return g_error_new (FUZZ_ERROR, number, "simple %d", number);
}

/* Modes: 0, 1 without an error; 2 new_error; 3 new_from_error; 4 new_take_error; 5 without a callback. */
static void
op_simple (const int *args)
{
  GAsyncReadyCallback callback = args[3] == 5 ? NULL : simple_called;
  gpointer data = GINT_TO_POINTER (args[0]), source = slot_get ('o', args[1]);
  GMainContext *context = slot_get ('x', args[2]);
  GSimpleAsyncResult *simple;
  GError *error = args[3] == 3 || args[3] == 4 ? new_error (args[0]) : NULL;

  fuzz_error_number (2300 + args[0]);
  if (context && role_is (args[2] == 3 ? "helper" : "main"))
    g_main_context_push_thread_default (context);
  else
    context = NULL;
  if (args[3] == 2)
    simple = g_simple_async_result_new_error (source, callback, data, FUZZ_ERROR, 9, "new %d", 9);
  else if (args[3] == 3)
    simple = g_simple_async_result_new_from_error (source, callback, data, error);
  else if (args[3] == 4)
    simple = g_simple_async_result_new_take_error (source, callback, data, error);
  else
    simple = g_simple_async_result_new (source, callback, data, GINT_TO_POINTER (0x2002));
  if (args[3] == 3)
    g_error_free (error);
  if (context)
    g_main_context_pop_thread_default (context);
  slot_put_object ('s', args[0], simple, 1);
  slot ('s', args[0])->foreign = role_is ("helper");
}

static void
op_set_pointer (const int *args)
{
  Slot *s = slot ('s', args[0]);
  GSimpleAsyncResult *simple;

  if (s->busy)
    {
      skip ("it is just being set");
      return;
    }
  s->busy = TRUE;
  simple = g_object_ref (simple_of (args)); /* the destroy notify may drop another one */
  g_simple_async_result_set_op_res_gpointer (simple, data_new (args[1], s), data_freed);
  s->busy = FALSE;
  g_object_unref (simple);
}

static void
op_set_number (const int *args)
{
  Slot *s = slot ('s', args[0]);
  GSimpleAsyncResult *simple;

  if (s->busy)
    {
      skip ("it is just being set");
      return;
    }
  s->busy = TRUE;
  simple = g_object_ref (simple_of (args)); /* the destroy notify may drop another one */
  if (args[1] == 0)
    g_simple_async_result_set_op_res_gssize (simple, args[2]);
  else
    g_simple_async_result_set_op_res_gboolean (simple, args[2]);
  s->busy = FALSE;
  g_object_unref (simple);
}

static void
op_get (const int *args)
{
  GSimpleAsyncResult *simple = simple_of (args);
  GAsyncResult *result = G_ASYNC_RESULT (simple);

  say ("= tag %d user data %d tagged %d %d %d", GPOINTER_TO_INT (g_simple_async_result_get_source_tag (simple)),
       GPOINTER_TO_INT (g_async_result_get_user_data (result)), g_async_result_is_tagged (result, NULL),
       g_async_result_is_tagged (result, GINT_TO_POINTER (0x2002)),
       g_async_result_is_tagged (result, GINT_TO_POINTER (0x2003)));
}

static void
op_valid (const int *args)
{
  GAsyncResult *result = G_ASYNC_RESULT (simple_of (args));
  gpointer source = slot_get ('o', args[1]);

  say ("= %d %d %d", g_simple_async_result_is_valid (result, source, NULL),
       g_simple_async_result_is_valid (result, source, GINT_TO_POINTER (0x2002)),
       g_simple_async_result_is_valid (result, source, GINT_TO_POINTER (0x2003)));
}

static void
set_error_va (GSimpleAsyncResult *simple, const char *format, ...)
{
  va_list args;

  va_start (args, format);
  g_simple_async_result_set_error_va (simple, FUZZ_ERROR, 12, format, args);
  va_end (args);
}

static void
op_set_error (const int *args)
{
  GError *error = new_error (100 + args[0]);

  fuzz_error_number (2400 + args[0]);
  switch (args[1])
    {
    case 0:
      g_simple_async_result_take_error (simple_of (args), error);
      return;
    case 1:
      g_simple_async_result_set_from_error (simple_of (args), error);
      break;
    case 2:
      g_simple_async_result_set_error (simple_of (args), FUZZ_ERROR, 11, "set %s", "text");
      break;
    default:
      set_error_va (simple_of (args), "list %d%%", 12);
    }
  g_error_free (error);
}

/* Modes: 0 propagate; 1 without a place; 2 the legacy function of GAsyncResult; 3 with an error in the place. */
static void
op_propagate (const int *args)
{
  GError *error = NULL;
  gboolean answer;

  if (args[1] == 3)
    error = g_error_new (G_FILE_ERROR, G_FILE_ERROR_IO, "stale");
  if (args[1] == 2)
    answer = g_async_result_legacy_propagate_error (G_ASYNC_RESULT (simple_of (args)), &error);
  else
    answer = g_simple_async_result_propagate_error (simple_of (args), args[1] == 1 ? NULL : &error);
  say ("= %d", answer);
  say_error (error);
}

static void
op_handle (const int *args)
{
  g_simple_async_result_set_handle_cancellation (simple_of (args), args[1]);
}

static void
op_check (const int *args)
{
  g_simple_async_result_set_check_cancellable (simple_of (args), slot_get ('c', args[1]));
}

static void
op_complete (const int *args)
{
  GSimpleAsyncResult *simple;

  /* Only the helper can push its context. */
  if (!role_is ("main") || slot ('s', args[0])->foreign)
    {
      skip ("not in this thread");
      return;
    }
  /* It keeps no reference for itself. */
  simple = g_object_ref (simple_of (args));
  g_simple_async_result_complete (simple);
  g_object_unref (simple);
}

static void
op_complete_in_idle (const int *args)
{
  g_simple_async_result_complete_in_idle (simple_of (args));
}

static void
op_report (const int *args)
{
  gpointer source = slot_get ('o', args[1]), data = GINT_TO_POINTER (args[0]);
  GError *error = new_error (200 + args[0]);

  slot ('s', args[0])->used = TRUE;
  switch (args[2])
    {
    case 0:
      g_simple_async_report_take_gerror_in_idle (source, simple_called, data, error);
      return;
    case 1:
      g_simple_async_report_gerror_in_idle (source, simple_called, data, error);
      break;
    default:
      g_simple_async_report_error_in_idle (source, simple_called, data, G_IO_ERROR, 5, "reported %d", 5);
    }
  g_error_free (error);
}

static const Op ops[] = {
  { "simple", "So?x?m", op_simple, 16, 6, ALONE, FALSE },
  { "simple-set-pointer", "sd", op_set_pointer, 6, 0, DROPS, FALSE },
  { "simple-set-number", "smn", op_set_number, 5, 2, DROPS, FALSE },
  { "simple-get", "s", op_get, 2, 0, ALONE, FALSE },
  { "simple-is-valid", "so?", op_valid, 2, 0, ALONE, FALSE },
  { "simple-set-error", "sm", op_set_error, 8, 4, ALONE, FALSE },
  { "simple-propagate", "sm", op_propagate, 10, 4, ALONE, FALSE },
  { "simple-handle-cancellation", "sb", op_handle, 4, 0, ALONE, FALSE },
  { "simple-check-cancellable", "sc?", op_check, 5, 0, ALONE, FALSE },
  { "simple-complete", "s", op_complete, 6, 0, ALONE, FALSE },
  { "simple-complete-in-idle", "s", op_complete_in_idle, 8, 0, ALONE, FALSE },
  { "simple-report", "So?m", op_report, 4, 3, ALONE, FALSE },
};

const OpTable simple_ops = { "simple", ops, G_N_ELEMENTS (ops) };
