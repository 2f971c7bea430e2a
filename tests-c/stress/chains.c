/* Long chains of tasks that hold each other, released by many threads at once. */
#include "stress.h"

#define MEMBERS 4
/* This member lets a worker drop its chain. */
#define GIVER (MEMBERS - 1)
#define DEPTH 3000
#define QUICK_DEPTH 700

typedef struct
{
  gpointer entry;
  GObject *next; /* what is held, or NULL */
  gint *open;
} Link;

typedef struct
{
  GTask *shared; /* the end of every chain: one reference for each member */
  guint depth;
  gboolean is_kept;          /* the giver's context lives on, and the main thread iterates it... */
  GMainContext *kept;        /* ...as this one. Else nobody does */
  gint open[MEMBERS + 1]; /* links of each member; the last number is of those that they share */
} Round;

static void
link_free (gpointer data)
{
  Link *link = data;

  entry_close (link->entry);
  __atomic_fetch_sub (link->open, 1, __ATOMIC_RELEASE); /* for the end of the round */
  g_clear_object (&link->next);
  g_free (link);
}

/* A task that holds `next`, whose reference it takes: as task data, source object or, if it may return, result. */
static GTask *
link_new (GTask *next, gint *open, gboolean returns, guint32 *dice)
{
  guint kind = roll (dice, returns ? 3 : 2);
  Link *link = g_new (Link, 1);
  GTask *task = g_task_new (kind == 0 ? (gpointer) next : NULL, NULL, NULL, NULL);

  *link = (Link) { entry_new (ENTRY_DATA), NULL, open };
  COUNT (*open);
  if (kind != 0)
    link->next = (GObject *) next;
  else if (next)
    g_object_unref (next);
  if (kind < 2)
    g_task_set_task_data (task, link, link_free);
  else
    g_task_return_pointer (task, link, link_free);
  return task;
}

static GTask *
chain_new (GMainContext *context, GTask *end, guint depth, gint *open, gboolean returns, guint32 *dice)
{
  g_main_context_push_thread_default (context);
  for (guint i = 0; i < depth; i++)
    {
      end = link_new (end, open, returns, dice);
      if (i % 32 == 31)
        drain (context);
    }
  drain (context);
  g_main_context_pop_thread_default (context);
  return end;
}

static void
drop_in_worker (GTask *task, gpointer source G_GNUC_UNUSED, gpointer data,
                GCancellable *cancellable G_GNUC_UNUSED)
{
  worker_begin ();
  g_object_unref (data);
  g_task_return_boolean (task, TRUE);
}

static void
drop_chain (gpointer data, guint member, guint32 *dice)
{
  Round *round = data;
  GMainContext *context = g_main_context_new ();
  /* Who has seen a context iterated waits longer for that. */
  gboolean returns = member != GIVER || round->is_kept;
  GTask *chain = chain_new (context, round->shared, round->depth, &round->open[member], returns, dice);
  GTask *giver;

  if (member == GIVER && round->is_kept)
    round->kept = context;
  else
    g_main_context_unref (context);
  linger (dice);
  if (member == GIVER)
    {
      giver = g_task_new (NULL, NULL, NULL, NULL);
      g_task_set_task_data (giver, chain, NULL);
      g_task_run_in_thread_sync (giver, drop_in_worker);
      g_object_unref (giver);
      return;
    }
  g_object_unref (chain);
  /* All is over when the unref returns, but for what the others have, too. */
  g_assert_cmpint (READ (round->open[member]), ==, 0);
}

/* Each member builds a chain on an end that all share, and drops it; one of them on a worker. */
static void
run_chains (Run *run)
{
  Crowd *crowd = crowd_new (MEMBERS, drop_chain);
  Round *round = g_new0 (Round, 1);

  while (run_goes_on (run))
    {
      *round = (Round) { .depth = run->quick ? QUICK_DEPTH : DEPTH, .is_kept = run->rounds % 2 };
      round->shared = chain_new (NULL, NULL, round->depth, &round->open[MEMBERS], TRUE, &run->dice);
      for (guint i = 1; i < MEMBERS; i++)
        g_object_ref (round->shared);
      crowd_begin (crowd, round);
      crowd_wait (crowd);
      entries_settle (round->kept);
      if (round->kept)
        g_main_context_unref (round->kept);
      for (guint i = 0; i <= MEMBERS; i++)
        g_assert_cmpint (__atomic_load_n (&round->open[i], __ATOMIC_ACQUIRE), ==, 0);
    }
  g_free (round);
  crowd_free (crowd);
  g_string_append_printf (run->remarks, " of %d chains, %u deep", MEMBERS + 1, run->quick ? QUICK_DEPTH : DEPTH);
}

const Scenario chain_scenarios[] = {
  { "chains", run_chains, NULL },
  { NULL, NULL, NULL },
};
