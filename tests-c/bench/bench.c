/* bench ROW [SIZE [ROUNDS]]: measures one row, and prints what it costs each, and which library it ran on.
 * bench --quick ROW: the same with a size that takes no time. bench --list: the rows' names. */
#define _GNU_SOURCE
#include "bench.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

guint results;

void
demand (gboolean done, const char *what)
{
  if (done)
    return;
  fprintf (stderr, "not done: %s\n", what);
  exit (EXIT_FAILURE);
}

void
count_result (G_GNUC_UNUSED GObject *source, GAsyncResult *result, G_GNUC_UNUSED gpointer user_data)
{
  if (g_task_propagate_boolean ((GTask *) result, NULL))
    results++;
}

void
iterate_until_results (GMainContext *context, guint target)
{
  while (results < target)
    g_main_context_iteration (context, TRUE);
}

void
demand_results (guint size)
{
  demand (results == size, "as many results as tasks");
  results = 0;
}

GMainContext *many_contexts[MANY_CONTEXTS];

void
make_many_contexts (G_GNUC_UNUSED guint size)
{
  struct rlimit descriptors;

  /* Each context has a descriptor. */
  demand (getrlimit (RLIMIT_NOFILE, &descriptors) == 0, "reading the limit of descriptors");
  descriptors.rlim_cur = MIN (MAX (descriptors.rlim_cur, 2 * MANY_CONTEXTS), descriptors.rlim_max);
  demand (setrlimit (RLIMIT_NOFILE, &descriptors) == 0, "raising the limit of descriptors");
  for (guint i = 0; i < MANY_CONTEXTS; i++)
    many_contexts[i] = g_main_context_new ();
}

void
iterate_many_contexts (guint size)
{
  for (guint i = 0; i < MANY_CONTEXTS; i++)
    iterate_until_results (many_contexts[i], (results + size / MANY_CONTEXTS) + (i < size % MANY_CONTEXTS));
}

void
drop_many_contexts (guint size)
{
  demand_results (size);
  for (guint i = 0; i < MANY_CONTEXTS; i++)
    g_clear_pointer (&many_contexts[i], g_main_context_unref);
}

static double
now (void)
{
  struct timespec time;

  clock_gettime (CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1e9 + time.tv_nsec;
}

/* getrusage() would begin with the peak of the process that started this one. */
static double
peak_bytes (void)
{
  FILE *status = fopen ("/proc/self/status", "r");
  char line[256];
  double kilobytes = -1;

  demand (status != NULL, "reading /proc/self/status");
  while (fgets (line, sizeof line, status))
    if (g_str_has_prefix (line, "VmHWM:"))
      kilobytes = strtod (line + strlen ("VmHWM:"), NULL);
  fclose (status);
  demand (kilobytes > 0, "finding the peak of the resident memory");
  return kilobytes * 1024;
}

/* Stands before libc's, also for GLib, which wakes a loop by writing to a descriptor. No row writes anything else. */

static guint n_writes;

ssize_t
write (int descriptor, const void *bytes, size_t size)
{
  g_atomic_int_inc (&n_writes);
  return syscall (SYS_write, descriptor, bytes, size);
}

static double
writes (void)
{
  return (guint) g_atomic_int_get (&n_writes);
}

static double (*const readings[]) (void) = {
  [EACH_NANOSECONDS] = now,
  [EACH_BYTES] = peak_bytes,
  [EACH_WRITES] = writes,
};

/* A function of its own, under a name that callgrind can be told. */
__attribute__ ((noinline)) void
measured_work (const Row *row, guint size)
{
  row->work (size);
  /* Not the function's last act: a jump to `work` would end it for callgrind. */
  __asm__ volatile ("" ::: "memory");
}

static double
run_round (const Row *row, guint size)
{
  double (*reading) (void) = readings[row->unit];
  double before, after;

  if (row->prepare)
    row->prepare (size);
  before = reading ();
  measured_work (row, size);
  after = reading ();
  row->finish (size);
  return (after - before) / size;
}

static int
compare (const void *left, const void *right)
{
  double difference = *(const double *) left - *(const double *) right;

  return (difference > 0) - (difference < 0);
}

static double
measure (const Row *row, guint size, guint rounds)
{
  double *values = g_new (double, rounds);
  double median;

  /* What is loaded, registered and started only once. */
  if (!row->cold && size > row->quick_size)
    run_round (row, row->quick_size);
  for (guint i = 0; i < rounds; i++)
    values[i] = run_round (row, size);
  qsort (values, rounds, sizeof *values, compare);
  median = values[rounds / 2];
  g_free (values);
  return median;
}

static const Row *const groups[] = { loop_rows, thread_rows, cancellable_rows, floor_rows };

static const Row *
find_row (const char *name)
{
  for (gsize i = 0; i < G_N_ELEMENTS (groups); i++)
    for (const Row *row = groups[i]; row->name; row++)
      if (strcmp (row->name, name) == 0)
        return row;
  fprintf (stderr, "no row is called %s\n", name);
  exit (EXIT_FAILURE);
}

static void
list_rows (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (groups); i++)
    for (const Row *row = groups[i]; row->name; row++)
      puts (row->name);
}

static const char *
library_path (void)
{
  void *symbol = dlsym (RTLD_DEFAULT, "g_task_new");
  Dl_info info;

  demand (symbol && dladdr (symbol, &info), "finding the library of g_task_new()");
  return info.dli_fname;
}

int
main (int argc, char **argv)
{
  gboolean quick = argc == 3 && strcmp (argv[1], "--quick") == 0;
  const Row *row;
  guint size, rounds;

  if (argc == 2 && strcmp (argv[1], "--list") == 0)
    {
      list_rows ();
      return EXIT_SUCCESS;
    }
  if (argc < 2 || argc > 4)
    {
      fprintf (stderr, "usage: bench ROW [SIZE [ROUNDS]] | --quick ROW | --list\n");
      return EXIT_FAILURE;
    }
  row = find_row (argv[quick ? 2 : 1]);
  size = quick ? row->quick_size : row->size;
  rounds = quick ? 1 : row->rounds;
  if (!quick && argc > 2)
    size = strtoul (argv[2], NULL, 10);
  if (!quick && argc > 3)
    rounds = strtoul (argv[3], NULL, 10);
  demand (size > 0 && rounds > 0, "reading a positive size and number of rounds");
  printf ("%.6f %s\n", measure (row, size, rounds), library_path ());
  return EXIT_SUCCESS;
}
