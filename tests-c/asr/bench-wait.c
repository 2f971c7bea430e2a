/* What a wait costs, beside what is written by hand.
 *
 *   bench-wait                     times of all shapes, in turns
 *   bench-wait SHAPE ROW ITEMS     one of them, for callgrind: hand, loop, closure or asr; loop, worker or timer */
#include <asyncresult/asr.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define N_ROUNDS 15

/* ---- what is waited for ---- */

static void
work (GTask *task, gpointer source G_GNUC_UNUSED, gpointer data G_GNUC_UNUSED, GCancellable *cancellable G_GNUC_UNUSED)
{
  g_task_return_int (task, 1);
}

static gboolean
ring (gpointer task)
{
  g_task_return_int (task, 1);
  return G_SOURCE_REMOVE;
}

typedef void (*Start) (GAsyncReadyCallback callback, gpointer data);

static void
start_in_loop (GAsyncReadyCallback callback, gpointer data)
{
  GTask *task = g_task_new (NULL, NULL, callback, data);

  g_task_return_int (task, 1);
  g_object_unref (task);
}

static void
start_in_worker (GAsyncReadyCallback callback, gpointer data)
{
  GTask *task = g_task_new (NULL, NULL, callback, data);

  g_task_run_in_thread (task, work);
  g_object_unref (task);
}

static void
start_timer (GAsyncReadyCallback callback, gpointer data)
{
  GTask *task = g_task_new (NULL, NULL, callback, data);
  GSource *source = g_timeout_source_new (0);

  g_task_attach_source (task, source, ring);
  g_source_unref (source);
  g_object_unref (task);
}

static const struct
{
  const char *name;
  Start start;
  guint n_items;
} rows[] = { { "loop", start_in_loop, 20000 }, { "worker", start_in_worker, 3000 }, { "timer", start_timer, 20000 } };

static void
finish (GAsyncResult *result)
{
  g_assert_cmpint (g_task_propagate_int (G_TASK (result), NULL), ==, 1);
}

/* ---- the shapes ---- */

/* The shortest one that is right. */
static void
hand_ready (GObject *source G_GNUC_UNUSED, GAsyncResult *result, gpointer place)
{
  *(GAsyncResult **) place = g_object_ref (result);
}

static void
hand (Start start)
{
  GMainContext *context = g_main_context_new ();
  GAsyncResult *result = NULL;

  g_main_context_push_thread_default (context);
  start (hand_ready, &result);
  while (!result)
    g_main_context_iteration (context, TRUE);
  finish (result);
  g_main_context_pop_thread_default (context);
  g_main_context_unref (context);
  g_object_unref (result);
}

/* As most projects have it: with a main loop. */
typedef struct
{
  GMainContext *context;
  GMainLoop *loop;
  GAsyncResult *result;
} Closure;

static void
closure_init (Closure *self)
{
  self->context = g_main_context_new ();
  self->loop = g_main_loop_new (self->context, FALSE);
  self->result = NULL;
  g_main_context_push_thread_default (self->context);
}

static void
closure_ready (GObject *source G_GNUC_UNUSED, GAsyncResult *result, gpointer closure)
{
  Closure *self = closure;

  self->result = g_object_ref (result);
  g_main_loop_quit (self->loop);
}

static void
closure_clear (Closure *self)
{
  g_main_context_pop_thread_default (self->context);
  g_main_loop_unref (self->loop);
  g_main_context_unref (self->context);
  g_object_unref (self->result);
}

static void
main_loop (Start start)
{
  Closure self;

  closure_init (&self);
  start (closure_ready, &self);
  g_main_loop_run (self.loop);
  finish (self.result);
  closure_clear (&self);
}

/* The same as a helper, as it is kept in a library. */
static void
closure (Start start)
{
  Closure *self = g_new0 (Closure, 1);

  closure_init (self);
  start (closure_ready, self);
  g_main_loop_run (self->loop);
  finish (self->result);
  closure_clear (self);
  g_free (self);
}

static void
asr (Start start)
{
  AsrWait *wait = asr_wait_new ();

  start (ASR_WAIT (wait));
  finish (asr_wait_run (wait));
  asr_wait_free (wait);
}

static const struct
{
  const char *name;
  void (*run) (Start start);
} shapes[] = { { "hand", hand }, { "loop", main_loop }, { "closure", closure }, { "asr", asr } };

/* ---- measuring ---- */

static int
compare (gconstpointer a, gconstpointer b)
{
  double x = *(const double *) a, y = *(const double *) b;

  return (x > y) - (x < y);
}

static void
measure (guint row)
{
  double times[G_N_ELEMENTS (shapes)][N_ROUNDS];

  for (guint round = 0; round < N_ROUNDS; round++)
    for (guint shape = 0; shape < G_N_ELEMENTS (shapes); shape++)
      {
        gint64 begin = g_get_monotonic_time ();

        for (guint i = 0; i < rows[row].n_items; i++)
          shapes[shape].run (rows[row].start);
        times[shape][round] = (double) (g_get_monotonic_time () - begin) / rows[row].n_items;
      }
  for (guint shape = 0; shape < G_N_ELEMENTS (shapes); shape++)
    qsort (times[shape], N_ROUNDS, sizeof (double), compare);
  for (guint shape = 0; shape < G_N_ELEMENTS (shapes); shape++)
    printf ("%-8s %-8s %8.2f us %6.2f\n", rows[row].name, shapes[shape].name, times[shape][N_ROUNDS / 2],
            times[shape][N_ROUNDS / 2] / times[0][N_ROUNDS / 2]);
}

int
main (int argc, char **argv)
{
  if (argc == 1)
    for (guint row = 0; row < G_N_ELEMENTS (rows); row++)
      measure (row);
  else if (argc == 4)
    for (guint shape = 0; shape < G_N_ELEMENTS (shapes); shape++)
      for (guint row = 0; row < G_N_ELEMENTS (rows); row++)
        if (strcmp (argv[1], shapes[shape].name) == 0 && strcmp (argv[2], rows[row].name) == 0)
          for (int i = 0; i < atoi (argv[3]); i++)
            shapes[shape].run (rows[row].start);
  return argc == 1 || argc == 4 ? 0 : 1;
}
