/* The table of preconditions. A row is one call with a bad argument, what it must return, and the exact
 * lines it must log. Each row runs in a process of its own (a fork), whose whole output is read:
 * a row can crash, change its fixture or log what it likes without harm to the next one. */
#pragma once

#include "harness.h"

/* The fixture: made by table_begin(), fresh for each row. */
extern gpointer object; /* a GObject of no particular type; untyped, to be passed for anything */
extern GTask *task; /* with `cancellable` and on_ready() */
extern GSimpleAsyncResult *simple; /* with on_ready() */
extern GCancellable *cancellable;
extern GCancellable *other_cancellable;
extern gpointer not_an_object; /* an instance of a type that is not derived from GObject */
extern GSource *source;
extern GError *error; /* NULL */
extern GError *stale; /* an error variable that its owner forgot to clear; still that error? is_stale() */
extern GError *fresh; /* to be handed over */
extern GValue value; /* holds the integer 5 */
extern GValue unset; /* never initialised */
extern GQuark domain;
extern int data;
extern const char *no_format; /* NULL, in a variable: the compiler must not see it */
extern gint n_destroyed; /* calls of count_destroy() */
extern gint n_called; /* calls of on_ready(), on_source() */

void count_destroy (gpointer unused);
void on_ready (GObject *source_object, GAsyncResult *result, gpointer user_data);
gboolean on_source (gpointer user_data);
gboolean is_stale (void);

/* What EACH_ROW() puts for `bad`: NULL, an object of another type, no object at all, and `another_class`
 * (an instance of a class of this library, but the wrong one). */
extern gpointer bad;
extern gpointer another_class;

void table_begin (void);
void table_end (void);

/* The expected lines, one argument each: the text of the refused condition; or REFUSED_BY() where another
 * function logs it; or a pattern for a whole line, which begins with "GLib" and may contain '*'. */
#define REFUSED_BY(function, text) "GLib-GIO-CRITICAL: " #function ": assertion '" text "' failed"
#define SILENT NULL
/* At least one critical, from whatever GLib library: only that the process goes on matters. */
#define SOME_CRITICALS "*"

#define LINES(...) ((const char *const[]){ __VA_ARGS__, NULL })

#define ROW_AFTER(setup, call, expectation, ...) \
  do \
    { \
      if (row_begin (#call, LINES (__VA_ARGS__))) \
        { \
          setup; \
          row_end ((call) expectation); \
        } \
    } \
  while (0)

/* The condition comes after the call: that nothing was changed. */
#define VOID_ROW_AFTER(setup, call, condition, ...) \
  do \
    { \
      if (row_begin (#call, LINES (__VA_ARGS__))) \
        { \
          setup; \
          call; \
          row_end (condition); \
        } \
    } \
  while (0)

#define ROW(call, expectation, ...) ROW_AFTER ((void) 0, call, expectation, __VA_ARGS__)
#define VOID_ROW(call, ...) VOID_ROW_AFTER ((void) 0, call, TRUE, __VA_ARGS__)

#define FOR_EACH_BAD for (guint bad_index = 0; table_next_bad (bad_index); bad_index++)
#define EACH_ROW(call, expectation, ...) FOR_EACH_BAD ROW (call, expectation, __VA_ARGS__)
#define EACH_VOID_ROW(call, ...) FOR_EACH_BAD VOID_ROW (call, __VA_ARGS__)

/* The next row names a line of the contract that makes ours different: on libgio the row must not hold. */
void row_differs (const char *contract_line);

gboolean table_next_bad (guint index);
gboolean row_begin (const char *call, const char *const *lines); /* like fork(): TRUE in the row's process */
void row_end (gboolean as_expected) G_GNUC_NORETURN;

/* For the proof that the table can fail: turns the following rows round, they must not hold. */
void table_must_fail (gboolean must_fail);
