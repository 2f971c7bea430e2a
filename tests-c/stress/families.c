/* Cancellables of asr.h: four threads make, link, unlink, cancel and drop them, set deadlines, and ask; handlers do so,
 * too. Every handler is counted, and every end. libgio alone has no such functions. */
#include "stress.h"

#ifdef ON_GIO

static void
run_families (G_GNUC_UNUSED Run *run)
{
}

#define WHY_NOT "it has no asr.h"

#else

#include <asyncresult/asr.h>

#define WHY_NOT NULL
#define MEMBERS 4
#define SHARED 6
#define PARENTS 3
#define MOVES 12
#define LATER (1000 * (gint64) G_USEC_PER_SEC)

typedef struct
{
  GCancellable *object;
  gint calls;                /* of its handler */
  gint links[PARENTS];       /* that are there */
  gint may_be_cancelled;     /* somebody or something has begun to */
} Child;

typedef struct
{
  GCancellable *parents[PARENTS]; /* a plain one, one of asr.h, and its child */
  Child children[SHARED];
  gint ended, made;
} Round;

static _Thread_local guint32 own_dice = 1;

static void
ended (gpointer round, G_GNUC_UNUSED GObject *where)
{
  COUNT (((Round *) round)->ended);
}

static GCancellable *
count_end (Round *round, GCancellable *cancellable)
{
  COUNT (round->made);
  g_object_weak_ref (G_OBJECT (cancellable), ended, round);
  return cancellable;
}

static void
link_or_unlink (Round *round, Child *child, guint32 *dice)
{
  guint which = roll (dice, PARENTS);

  if (roll (dice, 2) == 0)
    {
      COUNT (child->may_be_cancelled);
      asr_cancellable_add_parent (child->object, round->parents[which]);
      COUNT (child->links[which]);
    }
  else if (asr_cancellable_remove_parent (child->object, round->parents[which]))
    __atomic_fetch_sub (&child->links[which], 1, __ATOMIC_RELAXED);
}

/* In a handler: what it is about is cancelled. */
static void
called (GCancellable *cancellable, gpointer data)
{
  Round *round = data;
  Child *child = round->children;

  g_assert_cmpint (asr_cancellable_get_reason (cancellable), !=, ASR_CANCEL_REASON_NONE);
  while (child->object != cancellable)
    child++;
  COUNT (child->calls);
  link_or_unlink (round, &round->children[roll (&own_dice, SHARED)], &own_dice);
  g_object_unref (count_end (round, asr_cancellable_new_child (round->parents[roll (&own_dice, PARENTS)])));
}

static void
move (gpointer data, guint member, guint32 *dice)
{
  Round *round = data;
  GCancellable *own = count_end (round, asr_cancellable_new_child (round->parents[member % PARENTS]));

  for (guint i = 0; i < MOVES; i++)
    {
      Child *child = &round->children[roll (dice, SHARED)];

      switch (roll (dice, 9))
        {
        case 0:
          COUNT (child->may_be_cancelled);
          g_cancellable_cancel (child->object);
          g_assert_true (g_cancellable_is_cancelled (child->object));
          break;
        case 1:
          COUNT (child->may_be_cancelled);
          asr_cancellable_set_deadline (child->object, g_get_monotonic_time () + roll (dice, 100));
          break;
        case 2:
          asr_cancellable_set_deadline (child->object, roll (dice, 2) ? -1 : g_get_monotonic_time () + LATER);
          break;
        case 3:
          g_assert_cmpint (asr_cancellable_get_deadline (child->object), >=, -1);
          g_assert_cmpint (asr_cancellable_get_reason (child->object), <=, ASR_CANCEL_REASON_DEADLINE);
          break;
        case 4:
          g_object_unref (own);
          own = count_end (round, asr_cancellable_new_child (child->object));
          break;
        case 5:
          g_object_unref (own);
          own = count_end (round, asr_cancellable_new_timeout (roll (dice, 60)));
          break;
        case 6:
          if (roll (dice, 8) == 0)
            g_cancellable_cancel (round->parents[roll (dice, PARENTS)]);
          break;
        default:
          link_or_unlink (round, child, dice);
        }
      linger (dice);
    }
  g_object_unref (own);
}

static void
note_thread (G_GNUC_UNUSED GCancellable *cancellable, gpointer where)
{
  __atomic_store_n ((GThread **) where, g_thread_self (), __ATOMIC_RELEASE);
}

/* What has begun on the thread of the deadlines has ended when a later one has passed there. One that is late already
 * passes on this thread. */
static void
await_deadlines (void)
{
  GThread *where;

  do
    {
      GCancellable *last = asr_cancellable_new_child (NULL);

      where = NULL;
      g_cancellable_connect (last, G_CALLBACK (note_thread), &where, NULL);
      asr_cancellable_set_deadline (last, g_get_monotonic_time () + 20);
      while (__atomic_load_n (&where, __ATOMIC_ACQUIRE) == NULL)
        g_thread_yield ();
      g_object_unref (last);
    }
  while (where == g_thread_self ());
}

static void
run_families (Run *run)
{
  Crowd *crowd = crowd_new (MEMBERS, move);
  Round *round = g_new0 (Round, 1);
  guint64 cancelled = 0;

  while (run_goes_on (run))
    {
      *round = (Round) { .parents = { count_end (round, g_cancellable_new ()), NULL, NULL } };
      round->made = 1;
      round->parents[1] = count_end (round, asr_cancellable_new_timeout (roll (&run->dice, 200)));
      round->parents[2] = count_end (round, asr_cancellable_new_child (round->parents[1]));
      for (guint i = 0; i < SHARED; i++)
        {
          round->children[i].object = count_end (round, asr_cancellable_new_child (NULL));
          g_cancellable_connect (round->children[i].object, G_CALLBACK (called), round, NULL);
        }
      crowd_begin (crowd, round);
      crowd_wait (crowd);
      for (guint i = 0; i < SHARED; i++)
        asr_cancellable_set_deadline (round->children[i].object, -1);
      await_deadlines ();
      for (guint i = 0; i < PARENTS; i++)
        g_cancellable_cancel (round->parents[i]);
      await_deadlines ();
      for (guint i = 0; i < SHARED; i++)
        {
          Child *child = &round->children[i];
          gint links = 0;

          for (guint j = 0; j < PARENTS; j++)
            links += READ (child->links[j]);
          if (links > 0)
            g_assert_true (g_cancellable_is_cancelled (child->object));
          if (READ (child->may_be_cancelled) == 0)
            g_assert_false (g_cancellable_is_cancelled (child->object));
          g_assert_cmpint (READ (child->calls), ==, g_cancellable_is_cancelled (child->object));
          cancelled += g_cancellable_is_cancelled (child->object);
        }
      for (guint i = 0; i < SHARED; i++)
        g_object_unref (round->children[i].object);
      for (guint i = 0; i < PARENTS; i++)
        g_object_unref (round->parents[i]);
      while (READ (round->ended) != READ (round->made))
        g_thread_yield ();
    }
  g_free (round);
  crowd_free (crowd);
  g_string_append_printf (run->remarks, ", %" G_GUINT64_FORMAT " cancelled", cancelled);
}

#endif

const Scenario family_scenarios[] = {
  { "families", run_families, WHY_NOT },
  { NULL, NULL, NULL },
};
