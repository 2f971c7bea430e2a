/* GIOScheduler: jobs that send, end and are cancelled together, from several threads at the same time. */
#include "stress.h"

G_GNUC_BEGIN_IGNORE_DEPRECATIONS

#define JOBS 6
#define MEMBERS 3

typedef struct
{
  gpointer entry; /* the job's data */
  guint32 dice;   /* the worker's */
  guint32 rounds; /* left */
  gint sent, ended;
} JobState;

typedef struct
{
  GCancellable *cancellables[2];
  JobState jobs[MEMBERS * JOBS];
} Round;

static gboolean
called_in_loop (gpointer data)
{
  COUNT (((JobState *) data)->sent);
  return TRUE;
}

static gboolean
run_job (GIOSchedulerJob *job, GCancellable *cancellable, gpointer data)
{
  JobState *self = data;

  worker_begin ();
  g_assert_true (g_cancellable_get_current () == cancellable);
  linger (&self->dice);
  if (self->rounds % 2)
    g_assert_true (g_io_scheduler_job_send_to_mainloop (job, called_in_loop, self, NULL));
  else
    g_io_scheduler_job_send_to_mainloop_async (job, called_in_loop, self, NULL);
  return self->rounds-- > 0;
}

static void
job_ended (gpointer data)
{
  JobState *self = data;

  if (COUNT (self->ended) != 0)
    g_error ("a job has ended twice");
  entry_close (self->entry);
}

/* Each pushes jobs to the default context; the first one cancels them all meanwhile, again and again. */
static void
push_or_cancel (gpointer data, guint member, guint32 *dice)
{
  Round *round = data;

  for (guint i = 0; i < JOBS; i++)
    {
      JobState *job = &round->jobs[member * JOBS + i];
      guint32 which = roll (dice, 3);

      g_io_scheduler_push_job (run_job, job, job_ended, (gint) roll (dice, 3),
                               which < 2 ? round->cancellables[which] : NULL);
      if (member == 0)
        g_io_scheduler_cancel_all_jobs ();
      linger (dice);
    }
}

static gboolean
all_ended (const Round *round)
{
  for (guint i = 0; i < MEMBERS * JOBS; i++)
    if (READ (round->jobs[i].ended) == 0)
      return FALSE;
  return TRUE;
}

static void
run_jobs (Run *run)
{
  Crowd *crowd = crowd_new (MEMBERS, push_or_cancel);
  guint64 sent = 0, cancelled = 0;

  while (run_goes_on (run))
    {
      Round round = { .cancellables = { counted_cancellable_new (), counted_cancellable_new () } };

      for (guint i = 0; i < MEMBERS * JOBS; i++)
        round.jobs[i] = (JobState) { .entry = entry_new (ENTRY_DATA), .dice = roll (&run->dice, G_MAXUINT32) | 1,
                                        .rounds = roll (&run->dice, 3) };
      crowd_begin (crowd, &round);
      while (!all_ended (&round))
        if (!g_main_context_iteration (NULL, FALSE))
          g_usleep (20);
      crowd_wait (crowd);
      for (guint i = 0; i < 2; i++)
        {
          cancelled += g_cancellable_is_cancelled (round.cancellables[i]);
          g_object_unref (round.cancellables[i]);
        }
      entries_settle (NULL);
      for (guint i = 0; i < MEMBERS * JOBS; i++)
        {
          g_assert_cmpint (READ (round.jobs[i].ended), ==, 1);
          sent += READ (round.jobs[i].sent);
        }
    }
  crowd_free (crowd);
  g_string_append_printf (run->remarks, ", %" G_GUINT64_FORMAT " sent, %" G_GUINT64_FORMAT " cancelled", sent,
                          cancelled);
}

const Scenario job_scenarios[] = {
  { "jobs", run_jobs, NULL },
  { NULL, NULL, NULL },
};

G_GNUC_END_IGNORE_DEPRECATIONS
