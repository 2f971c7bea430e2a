/* The rows of the benchmark. One executable, linked against libgio, runs them on libgio or on what stands in for
 * it on the library path; scripts/bench alternates the two. */
#pragma once

#include <gio/gio.h>

typedef enum
{
  EACH_NANOSECONDS, /* the time of `work`, divided by the size */
  EACH_BYTES,       /* what `work` added to the peak of the resident memory, divided by the size */
  EACH_WRITES       /* how often anybody called write() during `work`, divided by the size */
} Unit;

/* Only `work` is measured. The three are called in this order, once per round, with the same size. */
typedef struct
{
  const char *name;
  void (*prepare) (guint size); /* may be NULL */
  void (*work) (guint size);
  void (*finish) (guint size);  /* demands that everything was done, and frees what `prepare` made */
  guint size;
  guint quick_size;
  guint rounds;                 /* the median counts */
  Unit unit;
  gboolean cold;                /* no smaller round goes before the first */
} Row;

/* Each ends with a row without a name. */
extern const Row loop_rows[], thread_rows[], cancellable_rows[], floor_rows[];

/* Ends the process with failure and `what`, unless `done`. */
void demand (gboolean done, const char *what);

/* Counts the results that reached count_result(), a callback for tasks that return TRUE. */
extern guint results;
void count_result (GObject *source, GAsyncResult *result, gpointer user_data);

/* Iterates the context (NULL: the default one) until that many results are there. */
void iterate_until_results (GMainContext *context, guint target);

/* For `finish`: there were exactly `size` results. Starts again from none. */
void demand_results (guint size);

/* For rows that use many contexts: `prepare`, `finish`, and the end of `work`. Result i is for context i % MANY_CONTEXTS. */
enum { MANY_CONTEXTS = 1000 };
extern GMainContext *many_contexts[MANY_CONTEXTS];
void make_many_contexts (guint size);
void drop_many_contexts (guint size);
void iterate_many_contexts (guint size);
