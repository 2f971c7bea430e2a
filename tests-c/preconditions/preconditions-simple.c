/* Contract, sections 2 and 7: every check of every g_simple_async_ function, as a table. How to read a
 * row: preconditions.h */
#include "preconditions.h"

#define NO_SIMPLE "G_IS_SIMPLE_ASYNC_RESULT (simple)"
#define NO_SOURCE "!source_object || G_IS_OBJECT (source_object)"
#define NO_OBJECT "!object || G_IS_OBJECT (object)"
#define NO_DOMAIN "domain != 0"
#define NO_FORMAT "format != NULL"
#define NO_ERROR "error != NULL"
#define GERROR_OVERWRITTEN "GLib-WARNING: GError set over the top of a previous GError*"

static void
simple_func (GSimpleAsyncResult *result G_GNUC_UNUSED, GObject *source_object G_GNUC_UNUSED,
             GCancellable *c G_GNUC_UNUSED)
{
}

static void
begin (void)
{
  table_begin ();
  another_class = task;
}

/* The source object first, then the domain, then the format: each row leaves one of them good. */
static void
test_creation (void)
{
  begin ();
  ROW (g_simple_async_result_new (NULL, NULL, NULL, NULL), != NULL, SILENT);
  ROW (g_simple_async_result_new (not_an_object, on_ready, NULL, &data), == NULL, NO_SOURCE);
  ROW (g_simple_async_result_new_error (not_an_object, on_ready, NULL, domain, 1, "text"), == NULL, NO_SOURCE);
  ROW (g_simple_async_result_new_error (not_an_object, on_ready, NULL, 0, 1, no_format, 0), == NULL, NO_SOURCE);
  ROW (g_simple_async_result_new_error (object, on_ready, NULL, 0, 1, "text"), == NULL, NO_DOMAIN);
  ROW (g_simple_async_result_new_error (object, on_ready, NULL, 0, 1, no_format, 0), == NULL, NO_DOMAIN);
  ROW (g_simple_async_result_new_error (object, on_ready, NULL, domain, 1, no_format, 0), == NULL, NO_FORMAT);
  ROW (g_simple_async_result_new_from_error (not_an_object, on_ready, NULL, fresh), == NULL, NO_SOURCE);
  ROW (g_simple_async_result_new_from_error (object, on_ready, NULL, NULL), != NULL,
       REFUSED_BY (g_simple_async_result_set_from_error, NO_ERROR));
  ROW (g_simple_async_result_new_take_error (not_an_object, on_ready, NULL, fresh), == NULL, NO_SOURCE);
  ROW (g_simple_async_result_new_take_error (object, on_ready, NULL, NULL), != NULL,
       REFUSED_BY (g_simple_async_result_take_error, NO_ERROR));
  table_end ();
}

static void
test_setters (void)
{
  begin ();
  EACH_VOID_ROW (g_simple_async_result_set_op_res_gpointer (bad, &data, count_destroy), NO_SIMPLE);
  EACH_VOID_ROW (g_simple_async_result_set_op_res_gssize (bad, 5), NO_SIMPLE);
  EACH_VOID_ROW (g_simple_async_result_set_op_res_gboolean (bad, TRUE), NO_SIMPLE);
  EACH_VOID_ROW (g_simple_async_result_set_handle_cancellation (bad, TRUE), NO_SIMPLE);
  EACH_VOID_ROW (g_simple_async_result_set_check_cancellable (bad, cancellable), NO_SIMPLE);
  VOID_ROW (g_simple_async_result_set_check_cancellable (simple, NULL), SILENT);
  VOID_ROW (g_simple_async_result_set_check_cancellable (simple, object),
            "check_cancellable == NULL || G_IS_CANCELLABLE (check_cancellable)");
  VOID_ROW (g_simple_async_result_set_check_cancellable (simple, not_an_object),
            "check_cancellable == NULL || G_IS_CANCELLABLE (check_cancellable)");
  VOID_ROW_AFTER (g_simple_async_result_set_check_cancellable (simple, cancellable);
                  g_cancellable_cancel (cancellable),
                  g_simple_async_result_set_check_cancellable (simple, object),
                  g_simple_async_result_propagate_error (simple, NULL),
                  "check_cancellable == NULL || G_IS_CANCELLABLE (check_cancellable)");
  table_end ();
}

static void
test_getters (void)
{
  begin ();
  EACH_ROW (g_simple_async_result_get_op_res_gpointer (bad), == NULL, NO_SIMPLE);
  EACH_ROW (g_simple_async_result_get_op_res_gssize (bad), == 0, NO_SIMPLE);
  EACH_ROW (g_simple_async_result_get_op_res_gboolean (bad), == FALSE, NO_SIMPLE);
  EACH_ROW (g_simple_async_result_get_source_tag (bad), == NULL, NO_SIMPLE);
  EACH_ROW (g_simple_async_result_is_valid (bad, NULL, NULL), == FALSE, SILENT);
  ROW (g_simple_async_result_is_valid (G_ASYNC_RESULT (simple), object, NULL), == FALSE, SILENT);
  ROW (g_simple_async_result_is_valid (G_ASYNC_RESULT (simple), not_an_object, NULL), == FALSE, SILENT);
  table_end ();
}

static void
test_completing (void)
{
  begin ();
  EACH_VOID_ROW (g_simple_async_result_complete (bad), NO_SIMPLE);
  EACH_VOID_ROW (g_simple_async_result_complete_in_idle (bad), NO_SIMPLE);
  EACH_VOID_ROW (g_simple_async_result_run_in_thread (bad, simple_func, 0, NULL), NO_SIMPLE);
  VOID_ROW (g_simple_async_result_run_in_thread (simple, NULL, 0, NULL), "func != NULL");
  VOID_ROW (g_simple_async_result_run_in_thread (NULL, NULL, 0, cancellable), NO_SIMPLE);
  table_end ();
}

static gint n_runs;

static void
count_run (GSimpleAsyncResult *result G_GNUC_UNUSED, GObject *source_object G_GNUC_UNUSED, GCancellable *c)
{
  n_runs += c == NULL;
}

static gboolean
runs_without_cancellable (void)
{
  wait_for_count (NULL, &n_called, 1);
  return n_runs == 1 && !g_simple_async_result_propagate_error (simple, NULL);
}

#define NO_CANCELLABLE "!cancellable || G_IS_CANCELLABLE (cancellable)"
#define WRONG_IS_NONE "2.8 (better): a wrong cancellable counts as none"

/* A wrong cancellable counts as none: the function runs. libgio takes it, and looks for its flag in the memory of what
 * it is. */
static void
test_wrong_cancellable (void)
{
  begin ();
  row_differs (WRONG_IS_NONE);
  VOID_ROW_AFTER ((void) 0, g_simple_async_result_run_in_thread (simple, count_run, 0, object),
                  runs_without_cancellable (), NO_CANCELLABLE);
  row_differs (WRONG_IS_NONE);
  VOID_ROW_AFTER ((void) 0, g_simple_async_result_run_in_thread (simple, count_run, 0, not_an_object),
                  runs_without_cancellable (), NO_CANCELLABLE);
  table_end ();
}

static void
set_error_va (gpointer result, GQuark error_domain, const char *format, ...)
{
  va_list args;

  va_start (args, format);
  g_simple_async_result_set_error_va (result, error_domain, 1, format, args);
  va_end (args);
}

#define VA(text) REFUSED_BY (g_simple_async_result_set_error_va, text)
#define HAS_NO_ERROR (!g_simple_async_result_propagate_error (simple, &error) && error == NULL)

static void
test_setting_errors (void)
{
  begin ();
  EACH_VOID_ROW (g_simple_async_result_set_from_error (bad, fresh), NO_SIMPLE);
  VOID_ROW_AFTER ((void) 0, g_simple_async_result_set_from_error (simple, NULL), HAS_NO_ERROR, NO_ERROR);
  VOID_ROW (g_simple_async_result_set_from_error (NULL, NULL), NO_SIMPLE);
  EACH_VOID_ROW (g_simple_async_result_take_error (bad, fresh), NO_SIMPLE);
  VOID_ROW_AFTER ((void) 0, g_simple_async_result_take_error (simple, NULL), HAS_NO_ERROR, NO_ERROR);
  VOID_ROW (g_simple_async_result_take_error (NULL, NULL), NO_SIMPLE);
  EACH_VOID_ROW (g_simple_async_result_set_error (bad, domain, 1, "text"), NO_SIMPLE);
  VOID_ROW (g_simple_async_result_set_error (NULL, 0, 1, no_format, 0), NO_SIMPLE);
  VOID_ROW_AFTER ((void) 0, g_simple_async_result_set_error (simple, 0, 1, "text"), HAS_NO_ERROR, NO_DOMAIN);
  VOID_ROW (g_simple_async_result_set_error (simple, 0, 1, no_format, 0), NO_DOMAIN);
  VOID_ROW_AFTER ((void) 0, g_simple_async_result_set_error (simple, domain, 1, no_format, 0), HAS_NO_ERROR,
                  NO_FORMAT);
  EACH_VOID_ROW (set_error_va (bad, domain, "text"), VA (NO_SIMPLE));
  VOID_ROW (set_error_va (NULL, 0, NULL), VA (NO_SIMPLE));
  VOID_ROW_AFTER ((void) 0, set_error_va (simple, 0, "text"), HAS_NO_ERROR, VA (NO_DOMAIN));
  VOID_ROW (set_error_va (simple, 0, NULL), VA (NO_DOMAIN));
  VOID_ROW_AFTER ((void) 0, set_error_va (simple, domain, NULL), HAS_NO_ERROR, VA (NO_FORMAT));
  /* A refused error leaves the one before it. */
  VOID_ROW_AFTER (g_simple_async_result_set_from_error (simple, fresh),
                  g_simple_async_result_take_error (simple, NULL),
                  g_simple_async_result_propagate_error (simple, &error) && error->code == fresh->code, NO_ERROR);
  table_end ();
}

static void
test_propagating (void)
{
  begin ();
  EACH_ROW (g_simple_async_result_propagate_error (bad, &error), == FALSE && error == NULL, NO_SIMPLE);
  ROW (g_simple_async_result_propagate_error (simple, NULL), == FALSE, SILENT);
  ROW (g_simple_async_result_propagate_error (simple, &stale), == FALSE && is_stale (), SILENT);
  ROW_AFTER (g_simple_async_result_set_from_error (simple, fresh),
             g_simple_async_result_propagate_error (simple, &stale), == TRUE && is_stale (), GERROR_OVERWRITTEN);
  /* It still failed, but the error is with the one who came first. */
  ROW_AFTER (g_simple_async_result_set_from_error (simple, fresh);
             g_simple_async_result_propagate_error (simple, NULL),
             g_simple_async_result_propagate_error (simple, &error), == TRUE && error == NULL,
             "GLib-CRITICAL: g_propagate_error: assertion 'src != NULL' failed");
  table_end ();
}

/* Nothing is reported by a call that was refused; of a call that was not, the callback comes once. */
#define CALLBACKS(n) (drain (NULL), n_called == (n))

static void
test_reporting (void)
{
  begin ();
  VOID_ROW_AFTER ((void) 0, g_simple_async_report_error_in_idle (object, on_ready, NULL, domain, 1, "text"),
                  CALLBACKS (1), SILENT);
  VOID_ROW_AFTER ((void) 0, g_simple_async_report_error_in_idle (not_an_object, on_ready, NULL, domain, 1, "text"),
                  CALLBACKS (0), NO_OBJECT);
  VOID_ROW (g_simple_async_report_error_in_idle (not_an_object, on_ready, NULL, 0, 1, no_format, 0), NO_OBJECT);
  VOID_ROW_AFTER ((void) 0, g_simple_async_report_error_in_idle (object, on_ready, NULL, 0, 1, "text"),
                  CALLBACKS (0), NO_DOMAIN);
  VOID_ROW (g_simple_async_report_error_in_idle (object, on_ready, NULL, 0, 1, no_format, 0), NO_DOMAIN);
  VOID_ROW_AFTER ((void) 0, g_simple_async_report_error_in_idle (object, on_ready, NULL, domain, 1, no_format, 0),
                  CALLBACKS (0), NO_FORMAT);
  VOID_ROW_AFTER ((void) 0, g_simple_async_report_gerror_in_idle (not_an_object, on_ready, NULL, fresh),
                  CALLBACKS (0), NO_OBJECT);
  VOID_ROW (g_simple_async_report_gerror_in_idle (not_an_object, on_ready, NULL, NULL), NO_OBJECT);
  VOID_ROW_AFTER ((void) 0, g_simple_async_report_gerror_in_idle (object, on_ready, NULL, NULL),
                  CALLBACKS (0), NO_ERROR);
  VOID_ROW_AFTER ((void) 0, g_simple_async_report_take_gerror_in_idle (not_an_object, on_ready, NULL, fresh),
                  CALLBACKS (0), NO_OBJECT);
  VOID_ROW (g_simple_async_report_take_gerror_in_idle (not_an_object, on_ready, NULL, NULL), NO_OBJECT);
  VOID_ROW_AFTER ((void) 0, g_simple_async_report_take_gerror_in_idle (object, on_ready, NULL, NULL),
                  CALLBACKS (0), NO_ERROR);
  table_end ();
}

#define PATH "/preconditions/simple-async-result/"

static const Case cases[] = {
  { PATH "creation", test_creation, NULL, 0 },
  { PATH "setters", test_setters, NULL, 0 },
  { PATH "getters", test_getters, NULL, 0 },
  { PATH "completing", test_completing, NULL, 0 },
  { PATH "completing/wrong-cancellable", test_wrong_cancellable, NULL, 0 },
  { PATH "setting-errors", test_setting_errors, NULL, 0 },
  { PATH "propagating", test_propagating, NULL, 0 },
  { PATH "reporting", test_reporting, NULL, 0 },
};

HARNESS_MAIN (cases)
