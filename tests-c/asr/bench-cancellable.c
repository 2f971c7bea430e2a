/* What cancellables with parents and deadlines cost, beside a bare one and what is written by hand.
 *
 *   bench-cancellable               times of all rows, in turns
 *   bench-cancellable ROW ITEMS     one of them, for callgrind */
#include <asyncresult/asr.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define N_ROUNDS 15
#define HOUR (3600 * (gint64) G_USEC_PER_SEC)

static GCancellable *plain_parent, *asr_parent, *timed;

/* ---- one that is made, cancelled and dropped ---- */

static void
bare (void)
{
  GCancellable *cancellable = g_cancellable_new ();

  g_cancellable_cancel (cancellable);
  g_object_unref (cancellable);
}

static void
child_of (GCancellable *parent)
{
  GCancellable *cancellable = asr_cancellable_new_child (parent);

  g_cancellable_cancel (cancellable);
  g_object_unref (cancellable);
}

static void
child_of_plain (void)
{
  child_of (plain_parent);
}

static void
child_of_asr (void)
{
  child_of (asr_parent);
}

static void
cancel_other (G_GNUC_UNUSED GCancellable *parent, gpointer other)
{
  g_cancellable_cancel (other);
}

/* As most projects have it: the handler keeps the follower, and has to be disconnected. */
static void
connected_by_hand (void)
{
  GCancellable *cancellable = g_cancellable_new ();
  gulong id = g_cancellable_connect (plain_parent, G_CALLBACK (cancel_other), g_object_ref (cancellable),
                                     g_object_unref);

  g_cancellable_cancel (cancellable);
  g_cancellable_disconnect (plain_parent, id);
  g_object_unref (cancellable);
}

/* ---- the same, of those that are cancelled by the parent ---- */

static void
by_parent_asr (void)
{
  GCancellable *parent = asr_cancellable_new_child (NULL), *children[100];

  for (guint i = 0; i < G_N_ELEMENTS (children); i++)
    children[i] = asr_cancellable_new_child (parent);
  g_cancellable_cancel (parent);
  for (guint i = 0; i < G_N_ELEMENTS (children); i++)
    g_object_unref (children[i]);
  g_object_unref (parent);
}

static void
by_parent_hand (void)
{
  GCancellable *parent = g_cancellable_new (), *children[100];
  gulong ids[100];

  for (guint i = 0; i < G_N_ELEMENTS (children); i++)
    {
      children[i] = g_cancellable_new ();
      ids[i] = g_cancellable_connect (parent, G_CALLBACK (cancel_other), g_object_ref (children[i]), g_object_unref);
    }
  g_cancellable_cancel (parent);
  for (guint i = 0; i < G_N_ELEMENTS (children); i++)
    {
      g_cancellable_disconnect (parent, ids[i]);
      g_object_unref (children[i]);
    }
  g_object_unref (parent);
}

/* ---- a deadline that is set, and gone before it passes ---- */

static void
set_and_clear (void)
{
  asr_cancellable_set_deadline (timed, g_get_monotonic_time () + HOUR);
  asr_cancellable_set_deadline (timed, -1);
}

static gboolean
cancel_later (gpointer cancellable)
{
  g_cancellable_cancel (cancellable);
  return G_SOURCE_REMOVE;
}

static void
source_by_hand (void)
{
  GSource *source = g_timeout_source_new (3600 * 1000);

  g_source_set_callback (source, cancel_later, timed, NULL);
  g_source_attach (source, NULL);
  g_source_destroy (source);
  g_source_unref (source);
}

static void
new_timeout (void)
{
  g_object_unref (asr_cancellable_new_timeout (HOUR));
}

static void
new_with_source (void)
{
  GCancellable *cancellable = g_cancellable_new ();
  GSource *source = g_timeout_source_new (3600 * 1000);

  g_source_set_callback (source, cancel_later, cancellable, NULL);
  g_source_attach (source, NULL);
  g_source_destroy (source);
  g_source_unref (source);
  g_object_unref (cancellable);
}

/* A thread for each: mu does so. */
static GMutex mutex;
static GCond condition;

static gpointer
sleep_in_thread (gpointer is_over)
{
  gint64 end = g_get_monotonic_time () + HOUR;

  g_mutex_lock (&mutex);
  while (!*(gboolean *) is_over && g_cond_wait_until (&condition, &mutex, end))
    ;
  g_mutex_unlock (&mutex);
  return NULL;
}

static void
thread_by_hand (void)
{
  gboolean is_over = FALSE;
  GThread *thread = g_thread_new ("timeout", sleep_in_thread, &is_over);

  g_mutex_lock (&mutex);
  is_over = TRUE;
  g_cond_broadcast (&condition);
  g_mutex_unlock (&mutex);
  g_thread_join (thread);
}

/* Each group is compared with its first row. */
static const struct
{
  const char *name;
  void (*run) (void);
  guint n_items, divisor;
  gboolean is_first;
} rows[] = {
  { "bare", bare, 20000, 1, TRUE },
  { "child-of-plain", child_of_plain, 20000, 1, FALSE },
  { "child-of-asr", child_of_asr, 20000, 1, FALSE },
  { "child-by-hand", connected_by_hand, 20000, 1, FALSE },
  { "by-parent-hand", by_parent_hand, 200, 100, TRUE },
  { "by-parent-asr", by_parent_asr, 200, 100, FALSE },
  { "source", source_by_hand, 20000, 1, TRUE },
  { "deadline", set_and_clear, 20000, 1, FALSE },
  { "new-with-source", new_with_source, 20000, 1, TRUE },
  { "new-timeout", new_timeout, 20000, 1, FALSE },
  { "thread", thread_by_hand, 200, 1, FALSE },
};

static int
compare (gconstpointer a, gconstpointer b)
{
  double x = *(const double *) a, y = *(const double *) b;

  return (x > y) - (x < y);
}

static void
measure (void)
{
  static double times[G_N_ELEMENTS (rows)][N_ROUNDS];
  double first = 1;

  for (guint round = 0; round < N_ROUNDS; round++)
    for (guint row = 0; row < G_N_ELEMENTS (rows); row++)
      {
        gint64 begin = g_get_monotonic_time ();

        for (guint i = 0; i < rows[row].n_items; i++)
          rows[row].run ();
        times[row][round] = 1000.0 * (double) (g_get_monotonic_time () - begin) / rows[row].n_items / rows[row].divisor;
      }
  for (guint row = 0; row < G_N_ELEMENTS (rows); row++)
    {
      double median;

      qsort (times[row], N_ROUNDS, sizeof (double), compare);
      median = times[row][N_ROUNDS / 2];
      first = rows[row].is_first ? median : first;
      printf ("%-16s %10.0f ns %6.2f\n", rows[row].name, median, median / first);
    }
}

int
main (int argc, char **argv)
{
  GCancellable *others[1000];

  plain_parent = g_cancellable_new ();
  asr_parent = asr_cancellable_new_child (NULL);
  timed = asr_cancellable_new_child (NULL);
  /* Among a thousand others. */
  for (guint i = 0; i < G_N_ELEMENTS (others); i++)
    others[i] = asr_cancellable_new_timeout (HOUR + i);
  if (argc == 1)
    measure ();
  else if (argc == 3)
    for (guint row = 0; row < G_N_ELEMENTS (rows); row++)
      if (strcmp (argv[1], rows[row].name) == 0)
        for (int i = 0; i < atoi (argv[2]); i++)
          rows[row].run ();
  for (guint i = 0; i < G_N_ELEMENTS (others); i++)
    g_object_unref (others[i]);
  g_object_unref (timed);
  g_object_unref (asr_parent);
  g_object_unref (plain_parent);
  return argc == 1 || argc == 3 ? 0 : 1;
}
