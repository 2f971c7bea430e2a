/* Contract, section 2: every check of every g_cancellable_ function, as a table. How to read a row:
 * preconditions.h. Where a function checks nothing but NULL, only NULL is in the table. */
#include "preconditions.h"

#define NO_CANCELLABLE "G_IS_CANCELLABLE (cancellable)"
#define NOT_ON_TOP "l->data == cancellable"

static void
begin (void)
{
  table_begin ();
  another_class = task;
}

/* The calls that take NULL for "cannot be cancelled", #1710 and #655598: no line. */
static void
test_null_is_fine (void)
{
  begin ();
  ROW (g_cancellable_is_cancelled (NULL), == FALSE, SILENT);
  ROW (g_cancellable_set_error_if_cancelled (NULL, &error), == FALSE && error == NULL, SILENT);
  ROW (g_cancellable_get_fd (NULL), == -1, SILENT);
  VOID_ROW (g_cancellable_release_fd (NULL), SILENT);
  VOID_ROW (g_cancellable_disconnect (NULL, 0), SILENT);
  VOID_ROW (g_cancellable_disconnect (NULL, 5), SILENT);
  VOID_ROW (g_cancellable_cancel (NULL), SILENT);
  ROW (g_cancellable_source_new (NULL), != NULL, SILENT);
  table_end ();
}

static void
test_errors (void)
{
  begin ();
  ROW_AFTER (g_cancellable_cancel (cancellable), g_cancellable_set_error_if_cancelled (cancellable, NULL),
             == TRUE, SILENT);
  ROW_AFTER (g_cancellable_cancel (cancellable), g_cancellable_set_error_if_cancelled (cancellable, &stale),
             == TRUE && is_stale (), "GLib-WARNING: GError set over the top of a previous GError*");
  ROW (g_cancellable_set_error_if_cancelled (cancellable, &stale), == FALSE && is_stale (), SILENT);
  table_end ();
}

static void
test_descriptors (void)
{
  GPollFD poll_fd = { -7, 0, 0 };

  begin ();
  ROW (g_cancellable_make_pollfd (NULL, &poll_fd), == FALSE && poll_fd.fd == -7, SILENT);
  ROW (g_cancellable_make_pollfd (object, &poll_fd), == FALSE && poll_fd.fd == -7, NO_CANCELLABLE);
  ROW (g_cancellable_make_pollfd (not_an_object, &poll_fd), == FALSE && poll_fd.fd == -7, NO_CANCELLABLE);
  ROW (g_cancellable_make_pollfd (cancellable, NULL), == FALSE, "pollfd != NULL");
  ROW (g_cancellable_make_pollfd (NULL, NULL), == FALSE, "pollfd != NULL");
  ROW (g_cancellable_make_pollfd (object, NULL), == FALSE, "pollfd != NULL");
  VOID_ROW (g_cancellable_release_fd (object), NO_CANCELLABLE);
  VOID_ROW (g_cancellable_release_fd (not_an_object), NO_CANCELLABLE);
  row_differs ("6.23 (better): -1 when no descriptor can be made");
  ROW (g_cancellable_get_fd (object), == -1, SOME_CRITICALS);
  table_end ();
}

/* #575013: NULL cannot be pushed, and only what is on top can be popped. */
static void
test_current (void)
{
  begin ();
  VOID_ROW_AFTER ((void) 0, g_cancellable_push_current (NULL), !g_cancellable_get_current (), "cancellable != NULL");
  VOID_ROW_AFTER (g_cancellable_push_current (cancellable),
                  g_cancellable_push_current (NULL), g_cancellable_get_current () == cancellable,
                  "cancellable != NULL");
  row_differs ("2.8 (better): no object of another class is pushed");
  VOID_ROW_AFTER ((void) 0, g_cancellable_push_current (object), !g_cancellable_get_current (),
                  "G_IS_CANCELLABLE (cancellable)");
  EACH_VOID_ROW (g_cancellable_pop_current (bad), "l != NULL");
  VOID_ROW (g_cancellable_pop_current (cancellable), "l != NULL");
  VOID_ROW_AFTER (g_cancellable_push_current (cancellable),
                  g_cancellable_pop_current (NULL), g_cancellable_get_current () == cancellable, NOT_ON_TOP);
  VOID_ROW_AFTER (g_cancellable_push_current (cancellable),
                  g_cancellable_pop_current (other_cancellable),
                  g_cancellable_get_current () == cancellable, NOT_ON_TOP);
  VOID_ROW_AFTER (g_cancellable_push_current (cancellable); g_cancellable_push_current (other_cancellable),
                  g_cancellable_pop_current (cancellable),
                  g_cancellable_get_current () == other_cancellable, NOT_ON_TOP);
  table_end ();
}

static void
test_reset (void)
{
  begin ();
  EACH_VOID_ROW (g_cancellable_reset (bad), NO_CANCELLABLE);
  table_end ();
}

static void
test_handlers (void)
{
  begin ();
  EACH_ROW (g_cancellable_connect (bad, G_CALLBACK (on_source), &data, (GDestroyNotify) count_destroy),
            == 0 && n_called == 0 && n_destroyed == 0, NO_CANCELLABLE);
  ROW (g_cancellable_connect (cancellable, NULL, &data, NULL), == 0, SOME_CRITICALS);
  VOID_ROW (g_cancellable_disconnect (cancellable, 0), SILENT);
  VOID_ROW (g_cancellable_disconnect (cancellable, 4711),
            says_since (84, "GLib-GObject-CRITICAL: *instance * has no handler with id '4711'",
                        "GLib-GObject-WARNING: *instance * has no handler with id '4711'"));
  table_end ();
}

#define PATH "/preconditions/cancellable/"

static const Case cases[] = {
  { PATH "null-is-fine", test_null_is_fine, NULL, 0 },
  { PATH "errors", test_errors, NULL, 0 },
  { PATH "descriptors", test_descriptors, NULL, 0 },
  { PATH "current", test_current, NULL, 0 },
  { PATH "reset", test_reset, NULL, 0 },
  { PATH "handlers", test_handlers, NULL, 0 },
};

HARNESS_MAIN (cases)
