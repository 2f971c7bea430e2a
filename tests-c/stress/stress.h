/* Races, provoked for as long as there is time: real threads, random moments, exact accounts.
 *
 * All shared counts are relaxed atomics on purpose. A stronger order would make threads that count happen after
 * one another, and ThreadSanitizer would then miss races of the library between them. */
#pragma once

#include "harness.h"

/* One run of one scenario. */
typedef struct
{
  guint64 rounds;     /* so far */
  guint64 max_rounds; /* 0: no limit but time */
  gint64 end;         /* monotonic time */
  guint32 dice;       /* the main thread's */
  gboolean quick;     /* a checker watches: big rounds are made smaller */
  GString *remarks;   /* what else was counted */
} Run;

/* Whether there is time for one more round, which it counts. There always is for the first. */
gboolean run_goes_on (Run *run);

typedef struct
{
  const char *name;
  void (*run) (Run *run);
  const char *gio_is_unsound; /* why libgio is spared */
} Scenario;

extern const Scenario task_scenarios[], cancellable_scenarios[], release_scenarios[], flood_scenarios[],
    context_scenarios[], no_loop_scenarios[], loop_scenarios[], chain_scenarios[], disconnect_scenarios[],
    simple_scenarios[], job_scenarios[], first_use_scenarios[], family_scenarios[];

/* --- first-use.c: what one process of it does --- */

int first_use (guint seed);

/* Random numbers below `n`, from a state that belongs to one thread. */
guint32 roll (guint32 *dice, guint32 n);

/* Passes a moment of up to some microseconds. */
void linger (guint32 *dice);

#define COUNT(counter) __atomic_fetch_add (&(counter), 1, __ATOMIC_RELAXED)
#define READ(counter) __atomic_load_n (&(counter), __ATOMIC_RELAXED)
#define WRITE(counter, value) __atomic_store_n (&(counter), value, __ATOMIC_RELAXED)

/* --- accounts.c: everything handed to the library is an entry, closed exactly once, on the right thread --- */

typedef enum
{
  ENTRY_DATA,   /* task data, or the data of a handler or source */
  ENTRY_RESULT, /* a returned pointer */
  ENTRY_ERROR,
  ENTRY_SOURCE_OBJECT,
  ENTRY_CANCELLABLE,
  N_ENTRY_KINDS
} EntryKind;

gpointer entry_new (EntryKind kind);
void entry_close (gpointer entry); /* a GDestroyNotify; ends the program if the entry is closed already */

GType counted_object_get_type (void);
GType counted_cancellable_get_type (void);
GObject *counted_object_new (void);
GError *counted_error_new (void);
GCancellable *counted_cancellable_new (void);
guint64 counted_emissions (void); /* how often the class closure of `cancelled` has run */

/* Called by functions that run on a worker: nothing may be closed here from now on... */
void worker_begin (void);
/* ...but what the function itself gives up. */
void worker_owns_release (gboolean owns);

guint64 entries_open (void);
/* How many entries a worker has closed. It is an error on our library. */
guint64 entries_closed_on_workers (void);

/* Iterates `context` (NULL: the default one) until every entry is closed; nobody else may be at work then. */
void entries_settle (GMainContext *context);
/* Waits for the same, and iterates nothing. */
void entries_await (void);

/* Threads and descriptors: remembered, and waited for until they are back. */
typedef struct
{
  guint threads;
  guint descriptors;
} Base;

Base base_now (void);
void base_await (Base base);

/* --- crowd.c: threads that make their moves at the same moment --- */

typedef void (*Move) (gpointer round, guint member, guint32 *dice);
typedef struct Crowd Crowd;

Crowd *crowd_new (guint members, Move move);
void crowd_begin (Crowd *crowd, gpointer round); /* all members start their moves */
void crowd_wait (Crowd *crowd);                  /* all have ended */
void crowd_free (Crowd *crowd);

/* Runs `function` once in the thread that iterates `context`; in `call_in_and_wait`, waits until it has. */
typedef void (*Call) (gpointer data);
void call_in (GMainContext *context, Call function, gpointer data);
void call_in_and_wait (GMainContext *context, Call function, gpointer data);

/* --- operation.c: a GTask whose outcome is known --- */

typedef enum
{
  RETURN_POINTER,
  RETURN_INT,
  RETURN_BOOLEAN,
  RETURN_VALUE,
  RETURN_ERROR,
  N_RETURNS
} Return;

typedef struct
{
  GTask *task;
  Return kind;
  guint32 dice;      /* the worker's */
  gint called;       /* how often the callback ran */
  gint cancelled;    /* what was propagated: CANCELLED... */
  gint propagated;   /* ...or the result */
  gint protected;    /* the function allows no completion */
  gint left;         /* its function has ended: written and read in order */
  gpointer round;
} Operation;

/* A task with everything on it: source object, task data, cancellable, the callback operation_called(). */
void operation_begin (Operation *operation, GCancellable *cancellable, guint32 *dice);
void operation_return (Operation *operation, GTask *task);
/* The last thing that a GTaskThreadFunc does with its operation. */
void operation_leave (Operation *operation);
/* When the tasks are freed: what their functions did comes before, also where a cancellation overtook them. */
void operations_end (Operation *operations, guint n);
/* A GTaskThreadFunc: lingers, and returns. */
void operation_run (GTask *task, gpointer source, gpointer data, GCancellable *cancellable);
/* A GAsyncReadyCallback: propagates. */
void operation_called (GObject *source, GAsyncResult *result, gpointer operation);
void operation_propagate (Operation *operation, GTask *task);
/* Iterates `context` until all have been called back, and checks that each was, once. */
void operations_await (GMainContext *context, Operation *operations, guint n);

/* --- tsan-model.c, for a program built with ThreadSanitizer only --- */

void model_begin (void);
