/* A differential tester: random programs over the library's surface, and the log of what happens in them.
 *
 * The executable is built against libgio and run twice with the same programs: once as it is, once with our library
 * in libgio's place. scripts/fuzz compares the two logs.
 *
 *   program.c     a program is a list of lines "EVENT: OPERATION ARGUMENT..."; its text form
 *   generate.c    makes a program from a seed
 *   run.c         runs a program: looks up the lines of an event when the event happens
 *   ops-*.c       what each operation does; tables of them
 *   workers.c     what the contract leaves free where workers are at work
 *   events.c      what the library calls back: callbacks, notifications, destroy notifies
 *   slots.c       the numbered things of a program: tasks, cancellables, contexts
 *   listeners.c   the order of handlers and the library's own listeners
 *   turns.c       one thread acts at a time, so that the log of a program is the same on each run
 *   log.c         the log
 *   main.c        each program in a process of its own, with a time limit */
#pragma once

#include <gio/gio.h>

#define MAX_LINES 80
#define MAX_ARGS 6
#define MAX_TEXT 160
#define MAX_SLOTS 48
#define NOTHING (-1)

/* ---- program.c ---- */

typedef enum
{
  AT_MAIN,        /* the flow of the main thread */
  AT_IDLE,        /* an idle source */
  AT_HELPER,      /* a visit to the helper thread */
  AT_CALL,        /* the callback of a task */
  AT_SIMPLE_CALL, /* the callback of a simple result */
  AT_FUNC,        /* the function of a task, in a worker */
  AT_SIMPLE_FUNC,
  AT_NOTIFY,      /* notify::completed of a task */
  AT_HANDLER,     /* a handler of "cancelled" */
  AT_SOURCE,      /* the callback of a source */
  AT_FREE,        /* a destroy notify */
  AT_INIT,        /* an object's initialization, or a job */
  AT_INITED,      /* it has a result, or sends something */
  N_EVENT_KINDS
} EventKind;

typedef struct
{
  EventKind kind;
  int number;
} Event;

/* Arguments by letter:
 *   t s c o x h k   a task, simple result, cancellable, object, context, handler, source that exists
 *   ? after one of them: or nothing, written "-"
 *   e f             a task, simple result that exists, or did: the program may have let go of it
 *   T S H K         a new one of that kind
 *   d               new data with a destroy notify, or nothing
 *   i j q           an idle source, a visit to the helper, an initialization: events that other lines belong to
 *   p b n m         priority, boolean, number, mode (below `modes`) */
typedef struct
{
  const char *name;
  const char *args;
  void (*run) (const int *args);
  int weight;
  int modes;
  /* With other threads: leaves them be, drops a reference that may be the last, may wake some, waits for some. */
  enum { ALONE, DROPS, WAKES, BLOCKS } manner;
  gboolean looks; /* the loop looks for results itself, or there is no need to */
} Op;

typedef struct
{
  const char *name;
  const Op *ops;
  guint n_ops;
} OpTable;

typedef struct
{
  Event event;
  const Op *op;
  int args[MAX_ARGS];
  gboolean done;
} Line;

typedef struct
{
  guint n_lines;
  Line lines[MAX_LINES];
} Program;

const Op *program_find_op (const char *name);
guint op_count_args (const Op *op);
char op_get_arg (const Op *op, guint index, gboolean *optional);
char kind_of_arg (char kind);
void line_print (const Line *line, char text[MAX_TEXT]);
gboolean program_add_text (Program *program, const char *text);
gboolean program_uses (const Program *program, char kind, int number);

extern const OpTable task_ops, cancellable_ops, simple_ops, flow_ops, misc_ops, thread_ops, loop_ops, source_ops,
    elsewhere_ops, chain_ops, witness_ops, initable_ops;
extern const OpTable *const op_tables[12];

/* ---- generate.c ---- */

void program_generate (Program *program, guint64 seed);

/* ---- run.c ---- */

/* Lifts the limits that are there because libgio would hang or abort. */
extern gboolean beyond_gio;
/* For how many milliseconds the end of a program waits for what a worker has let go of. */
extern int patience;

void program_run (Program *program);
void fire (EventKind kind, int number);

/* Whether the operation that asks is to be left out because libgio cannot do it. */
gboolean too_much_for_gio (gboolean condition);
void skip (const char *why);
gboolean role_is (const char *role);
/* The function of a task whose caller waits: a cancellation may let the caller go while the function still runs, so
 * nothing may wait in here. */
void sync_function_begin (void);
void sync_function_end (void);
gboolean sync_functions_run (void);
/* How many events the current one is nested in. */
int get_nesting (void);

/* How many contexts were pushed when the event began. */
int contexts_get_pushed_before (void);

/* ---- ops-flow.c ---- */

int contexts_get_pushed (void);
void contexts_pop_until (int count);
void context_drain (int number);
/* In the thread that the context belongs to, if that is free. A visit iterates it, or a part of that. */
void context_in_thread (int number, void (*function) (int number));
void context_visit (int number, void (*function) (int number));
int context_get_visits (int number);
/* FALSE: a program that never iterates. */
gboolean loops_are_allowed (void);

/* ---- ops-loop.c ---- */

gboolean context_is_acquired (int number);
void contexts_release_all (void);

/* ---- ops-source.c ---- */

void kept_sources_drop (void);

/* ---- ops-elsewhere.c ---- */

gboolean elsewhere_is_late (int cancellable);
void elsewhere_look (void);

/* ---- ops-initable.c ---- */

int job_get_cancellable (int number);
void jobs_before_line (void);

/* ---- workers.c ---- */

void workers_function_ends (int task);
void workers_called (int task);
void workers_simple_result (void);
void workers_dry (int context);
gboolean workers_are_collected (int context);
void workers_note_priority (int priority);
void workers_release (void);
gboolean loops_are_exact (void);
gboolean workers_before_line (const Op *op, const int *args);

/* ---- slots.c ---- */

/* Who calls handlers of a cancellable at the moment. */
typedef struct
{
  GThread *threads[16];
  int n_threads;
  int emissions; /* the others are late: calls to g_cancellable_connect() */
} Calls;

typedef struct
{
  gboolean used;
  gpointer object; /* to be touched while refs or present is not 0 */
  int refs;        /* owned by the program */
  int present;     /* events under way that were given the object */
  int delivering;  /* of them: callbacks and notifications */
  int kept;        /* references that are dropped at the end */
  int users;       /* of a cancellable: of its descriptor */
  Calls calls;     /* of a cancellable */
  gboolean threaded, returned, sync, busy;
  gboolean dismissed; /* a task: was cancelled while its function ran, with return-on-cancel */
  gboolean foreign; /* belongs to the helper's context */
  int cancellable; /* of a task, handler or source: the number of its cancellable */
  gulong id;       /* of a handler */
  int place;       /* among those that a cancellable tells: of a handler, source or task in a thread */
  gboolean connected; /* of a cancellable: g_cancellable_connect() has connected a handler */
  gboolean in_order; /* of a source or task in a thread: it has its place among the handlers, as in libgio */
  int mode;
} Slot;

Slot *slot (char kind, int number);
gboolean slot_is_live (char kind, int number);
/* The object in it, NULL for NOTHING. */
gpointer slot_get (char kind, int number);
void slot_drop (char kind, int number);
/* Takes a reference until the end of the program. */
void slot_keep (char kind, int number);
void slot_put_object (char kind, int number, gpointer object, int refs);
/* "t3", or "NULL", or "other" */
const char *name_of (char kind, gpointer object);
void source_destroy (GSource *source);
void slots_make (const Program *program);
void slots_drop_all (void);
void say_leftovers (void);
gboolean something_is_left (void);

/* ---- log.c ---- */

#define LOG_SIZE (1 << 18)
typedef struct
{
  gint length;
  char text[LOG_SIZE];
} Log;

void log_init (Log *log);
void say (const char *format, ...) G_GNUC_PRINTF (1, 2);
/* A line about something released. */
void say_released (const char *format, ...) G_GNUC_PRINTF (1, 2);
void say_error (GError *error);
void say_number (const char *what, gint64 value);
/* Grows with each line that is not about a release. */
guint log_get_progress (void);
guint log_get_criticals (void);

/* ---- turns.c ---- */

void turns_init (gboolean with_helper, GMainContext *context);
const char *turns_get_role (void);
void turns_set_role (const char *name);
void turn_take (void);
void turn_give (void);
int turn_suspend (void);
void turn_resume (int depth);
/* Waits until every other thread sleeps; it may take turns, or it may not. */
void settle (void);
void settle_with_turn (void);
typedef struct
{
  gboolean open, arrived, passed;
} Gate;
void gate_wait (Gate *gate);
void gate_open (Gate *gate, gboolean wait);
void gate_leave (Gate *gate);
/* FALSE: the helper is not free. */
gboolean helper_run (void (*function) (int argument), int argument);
void turns_stop (void);

/* ---- ops-thread.c ---- */

/* The cancellable with this number is about to be cancelled. */
void dismiss_tasks_of (int cancellable);
/* Whether this has been asked for when it was too late. */
void dismiss_if_late (int task, gboolean answer);
gboolean function_runs (int task);
gboolean simple_functions_ran (void);
gboolean simple_jobs_are_known (void);
int simple_job_get_cancellable (int number);

/* ---- listeners.c ---- */

/* Which listeners libgio tells after a handler that is under way. */
typedef struct
{
  gboolean sources, tasks, waiting_callers;
} Behind;

void take_place (Slot *listener);
int next_place (void);
gboolean has_listeners (int cancellable);
Behind behind_begin (int handler);
void behind_end (Behind found);
gboolean shows_who_was_told (const Op *op);

/* ---- events.c ---- */

extern Gate task_gates[MAX_SLOTS], simple_gates[MAX_SLOTS];

gpointer data_new (int number, const Slot *owner);
const char *data_name (gpointer data);
void data_refused (int number);
/* The task that it is returned to has been completed by a cancellation. */
void data_late (int number);
void data_freed (gpointer data);
void data_stop_events (void);
gboolean data_are_left (void);
void data_say_leftovers (void);

void task_called (GObject *source, GAsyncResult *result, gpointer data);
void simple_called (GObject *source, GAsyncResult *result, gpointer data);
void task_notified (GObject *task, GParamSpec *pspec, gpointer number);
void task_function (GTask *task, gpointer source, gpointer data, GCancellable *cancellable);
void simple_function (GSimpleAsyncResult *simple, GObject *source, GCancellable *cancellable);
void handler_called (GCancellable *cancellable, gpointer number);
void handler_closure_freed (gpointer number, GClosure *closure);
void handler_freed (gpointer number);
gboolean cancellable_source_called (GCancellable *cancellable, gpointer number);
gboolean task_source_called (gpointer task);
GSource *plain_source_new (void);
gboolean idle_called (gpointer number);
void source_freed (gpointer number);
void say_task_state (int number);
void say_simple_state (int number);
void say_cancellable_state (int number);

GQuark fuzz_error_quark (void);
#define FUZZ_ERROR (fuzz_error_quark ())
/* The errors that are made from now on carry this number. */
void fuzz_error_number (int number);
gboolean errors_are_left (void);
