/* What the parts of `traced` share, and the functions that its first argument may name. */
#pragma once
#define GLIB_DISABLE_DEPRECATION_WARNINGS
#include <asyncresult/asyncresult.h>

/* Of the program's arguments, the second; and where the program is. */
extern int amount;
extern const char *own_path;

/* A task whose callback fetches a result of this kind: 'p'ointer, 'i'nt, 'b'oolean, 'v'alue. */
GTask *new_task (GCancellable *cancellable, char kind, const char *name);
void return_kind (GTask *task, char kind);
/* A task function that returns. */
void work (GTask *task, gpointer source, gpointer data, GCancellable *cancellable);
void ready (GObject *source, GAsyncResult *result, gpointer kind);

/* As long as something is there to do; and until that is so. */
void iterate (void);
void iterate_until (gboolean (*is_true) (gpointer), gpointer data);
gboolean is_completed (gpointer task);

/* Steps that threads wait for. */
void reach (int next);
void wait_for (int awaited);

#define FUNCTIONS \
  /* traced-tasks.c */ \
  FUNCTION (kinds) FUNCTION (fails) FUNCTION (at_once) FUNCTION (described) FUNCTION (threaded) FUNCTION (waited_for) \
  FUNCTION (cancelled_early) FUNCTION (twice) FUNCTION (never) FUNCTION (dropped) FUNCTION (simple) \
  FUNCTION (simple_dropped) FUNCTION (cancellables) \
  /* traced-initable.c */ \
  FUNCTION (initializations) FUNCTION (job) \
  /* traced-workers.c */ \
  FUNCTION (workers) FUNCTION (refused) FUNCTION (blocked) \
  /* traced-processes.c */ \
  FUNCTION (many) FUNCTION (for_ever) FUNCTION (threads) FUNCTION (crowd) FUNCTION (waits) FUNCTION (forks) \
  FUNCTION (becomes_another) FUNCTION (exits_elsewhere) FUNCTION (crashes) FUNCTION (closes_all)

#define FUNCTION(name) void name (void);
FUNCTIONS
#undef FUNCTION
