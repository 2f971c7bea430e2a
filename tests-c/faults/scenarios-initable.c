/* Scenarios about GAsyncInitable and GIOScheduler: what they do in threads. */
#define GLIB_DISABLE_DEPRECATION_WARNINGS
#include "scenarios.h"

typedef GObject Thing;
typedef GObjectClass ThingClass;
static void thing_implement (GInitableIface *iface);
static GType thing_get_type (void);
G_DEFINE_TYPE_WITH_CODE (Thing, thing, G_TYPE_OBJECT, G_IMPLEMENT_INTERFACE (G_TYPE_INITABLE, thing_implement)
                         G_IMPLEMENT_INTERFACE (G_TYPE_ASYNC_INITABLE, NULL))

/* Fails if it has a cancellable. */
static gboolean
thing_initialize (GInitable *initable G_GNUC_UNUSED, GCancellable *cancellable, GError **error)
{
  if (cancellable == NULL)
    return TRUE;
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_BUSY, "busy");
  return FALSE;
}

static void
thing_implement (GInitableIface *iface)
{
  iface->init = thing_initialize;
}

static void
thing_class_init (ThingClass *class G_GNUC_UNUSED)
{
}

static void
thing_init (Thing *self G_GNUC_UNUSED)
{
}

static gint calls;

static void
await_calls (gint target)
{
  wait_for_count (NULL, &calls, target);
  drain (NULL);
  g_assert_cmpint (calls, ==, target);
  calls = 0;
}

static void
take_thing (GObject *source, GAsyncResult *result, gpointer fails)
{
  GError *error = NULL;
  GObject *made = g_async_initable_new_finish (G_ASYNC_INITABLE (source), result, &error);

  if (fails)
    {
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_BUSY);
      g_assert_null (made);
      g_error_free (error);
    }
  else
    {
      g_assert_no_error (error);
      g_assert_true (made == source);
      g_object_unref (made);
    }
  calls++;
}

#define THINGS 30

static void
run_initializations (void)
{
  GCancellable *cancellable = g_cancellable_new ();

  lend_object (cancellable);
  for (gint i = 0; i < THINGS; i++)
    {
      GObject *object = g_object_new (thing_get_type (), NULL);
      gboolean fails = i % 3 == 0;

      lend_object (object);
      g_async_initable_init_async (G_ASYNC_INITABLE (object), i % 5, fails ? cancellable : NULL, take_thing,
                                   GINT_TO_POINTER (fails));
      g_object_unref (object);
    }
  await_calls (THINGS);
  g_object_unref (cancellable);
}

#define JOBS 20

static gboolean
called_back (gpointer data G_GNUC_UNUSED)
{
  calls++;
  return TRUE;
}

/* Is called twice. */
static gboolean
send_and_wait (GIOSchedulerJob *job, GCancellable *cancellable, gpointer data G_GNUC_UNUSED)
{
  static GPrivate was_called;
  gboolean again = g_private_get (&was_called) == NULL;

  g_private_set (&was_called, again ? cancellable : NULL);
  if (again)
    g_io_scheduler_job_send_to_mainloop_async (job, called_back, lend (), give_back);
  else
    g_assert_true (g_io_scheduler_job_send_to_mainloop (job, called_back, lend (), give_back));
  return again;
}

static void
run_jobs (void)
{
  for (gint i = 0; i < JOBS; i++)
    {
      GCancellable *cancellable = g_cancellable_new ();

      lend_object (cancellable);
      g_io_scheduler_push_job (send_and_wait, lend (), give_back, i % 5, cancellable);
      g_object_unref (cancellable);
    }
  await_calls (2 * JOBS);
}

static gboolean
end_when_cancelled (GIOSchedulerJob *job G_GNUC_UNUSED, GCancellable *cancellable, gpointer data G_GNUC_UNUSED)
{
  if (!g_cancellable_is_cancelled (cancellable))
    {
      g_usleep (100);
      return TRUE;
    }
  return FALSE;
}

static void
note_end (gpointer loan)
{
  give_back (loan);
  calls++;
}

/* Some run, and some wait for a worker. */
static void
run_cancelled_jobs (void)
{
  for (gint i = 0; i < JOBS; i++)
    {
      GCancellable *cancellable = g_cancellable_new ();

      lend_object (cancellable);
      g_io_scheduler_push_job (end_when_cancelled, lend (), note_end, 0, cancellable);
      g_object_unref (cancellable);
    }
  g_io_scheduler_cancel_all_jobs ();
  await_calls (JOBS);
}

#define ANYTHING "storm few-descriptors no-descriptors one-worker"

const Scenario initable_scenarios[] = {
  { "initializations", run_initializations, ANYTHING },
  { "jobs", run_jobs, ANYTHING },
  { "cancelled-jobs", run_cancelled_jobs, ANYTHING },
};
const gsize n_initable_scenarios = G_N_ELEMENTS (initable_scenarios);
