/* floor-uv [SIZE [ROUNDS]]: what libuv needs for an empty function in a thread and the way back to the loop, in
 * nanoseconds each: the median of the rounds. */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <uv.h>

static unsigned n_done;

static void
work (uv_work_t *request)
{
  (void) request;
}

static void
done (uv_work_t *request, int status)
{
  if (status == 0)
    n_done++;
  free (request);
}

static void
check (int passed, const char *what)
{
  if (passed)
    return;
  fprintf (stderr, "not done: %s\n", what);
  exit (EXIT_FAILURE);
}

static double
run_round (unsigned size)
{
  uint64_t before = uv_hrtime ();

  n_done = 0;
  for (unsigned i = 0; i < size; i++)
    {
      uv_work_t *request = malloc (sizeof *request);

      check (request && uv_queue_work (uv_default_loop (), request, work, done) == 0, "queueing");
    }
  uv_run (uv_default_loop (), UV_RUN_DEFAULT);
  check (n_done == size, "as many results as requests");
  return (double) (uv_hrtime () - before) / size;
}

static int
compare (const void *left, const void *right)
{
  double difference = *(const double *) left - *(const double *) right;

  return (difference > 0) - (difference < 0);
}

int
main (int argc, char **argv)
{
  unsigned size = argc > 1 ? strtoul (argv[1], NULL, 10) : 100000;
  unsigned rounds = argc > 2 ? strtoul (argv[2], NULL, 10) : 3;
  double values[64];

  check (size > 0 && rounds > 0 && rounds <= 64, "reading a size and a number of rounds up to 64");
  run_round (200);
  for (unsigned i = 0; i < rounds; i++)
    values[i] = run_round (size);
  qsort (values, rounds, sizeof *values, compare);
  printf ("%.2f libuv %s\n", values[rounds / 2], uv_version_string ());
  return EXIT_SUCCESS;
}
