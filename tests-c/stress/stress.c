/* stress --list
 * stress SCENARIO [--seconds N] [--rounds N] [--seed N]
 *
 * Runs one scenario and prints how many rounds that was. A broken promise ends the process with a message. */
#include "stress.h"

#include <string.h>

#ifndef ON_GIO
#include <asyncresult/asr.h>
#endif

static const Scenario *const groups[] = {
  task_scenarios, cancellable_scenarios, release_scenarios, flood_scenarios, context_scenarios, no_loop_scenarios,
  loop_scenarios, chain_scenarios, disconnect_scenarios, simple_scenarios, job_scenarios, first_use_scenarios,
  family_scenarios,
};

guint32
roll (guint32 *dice, guint32 n)
{
  guint32 x = *dice;

  x ^= x << 13;
  x ^= x >> 17;
  x ^= x << 5;
  *dice = x;
  return (guint32) (((guint64) x * n) >> 32);
}

void
linger (guint32 *dice)
{
  guint32 steps = 1u << roll (dice, 13);

  if (roll (dice, 64) == 0)
    g_thread_yield ();
  for (volatile guint32 i = 0; i < steps; i++)
    ;
}

gboolean
run_goes_on (Run *run)
{
  gboolean enough = run->max_rounds != 0 ? run->rounds >= run->max_rounds : g_get_monotonic_time () >= run->end;

  if (run->rounds > 0 && enough)
    return FALSE;
  run->rounds++;
  return TRUE;
}

static const Scenario *
find_scenario (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (groups); i++)
    for (const Scenario *scenario = groups[i]; scenario->name; scenario++)
      if (strcmp (scenario->name, name) == 0)
        return scenario;
  return NULL;
}

static int
list_scenarios (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (groups); i++)
    for (const Scenario *scenario = groups[i]; scenario->name; scenario++)
      g_print ("%s\n", scenario->name);
  return 0;
}

static gpointer
do_nothing (gpointer data)
{
  return data;
}

/* What is made once in a process is made before the accounts are opened, and before there are threads: how GType and
 * std share that work is not the question here, and neither is instrumented. */
static void
prepare (void)
{
  g_type_ensure (G_TYPE_TASK);
  g_type_ensure (G_TYPE_CANCELLABLE);
  g_type_ensure (G_TYPE_SIMPLE_ASYNC_RESULT);
  g_type_ensure (G_TYPE_ASYNC_RESULT);
  g_type_ensure (G_TYPE_IO_ERROR_ENUM);
  g_object_unref (counted_object_new ());
  g_object_unref (counted_cancellable_new ());
  g_object_unref (g_task_new (NULL, NULL, NULL, NULL));
  g_error_free (counted_error_new ());
  g_assert_cmpuint (g_io_error_quark (), !=, 0);
  entries_settle (NULL);
  g_thread_join (g_thread_new ("first", do_nothing, NULL)); /* a sanitizer may start one of its own with it */
#ifndef ON_GIO
  g_object_unref (asr_cancellable_new_timeout (G_USEC_PER_SEC)); /* its thread stays */
#endif
#ifdef TSAN_MODEL
  model_begin ();
#endif
}

static void
run_scenario (const Scenario *scenario, Run *run)
{
  Base base = base_now ();
  gint64 begin = g_get_monotonic_time ();

  scenario->run (run);
  entries_settle (NULL);
  base_await (base);
  g_print ("%s: %" G_GUINT64_FORMAT " rounds in %.1f s%s, %" G_GUINT64_FORMAT " released on a worker\n",
           scenario->name, run->rounds, (double) (g_get_monotonic_time () - begin) / G_USEC_PER_SEC,
           run->remarks->str, entries_closed_on_workers ());
}

int
main (int argc, char **argv)
{
  const Scenario *scenario;
  Run run;
  gboolean list = FALSE;
  gdouble seconds = 1;
  gint rounds = 0, seed = 1;
  gint64 first = -1;
  const GOptionEntry options[] = {
    { "list", 0, 0, G_OPTION_ARG_NONE, &list, "Print the scenarios' names", NULL },
    { "seconds", 0, 0, G_OPTION_ARG_DOUBLE, &seconds, "Run about this long", "N" },
    { "rounds", 0, 0, G_OPTION_ARG_INT, &rounds, "Run this many rounds instead", "N" },
    { "seed", 0, 0, G_OPTION_ARG_INT, &seed, "Begin the random numbers elsewhere", "N" },
    { "first-use", 0, G_OPTION_FLAG_HIDDEN, G_OPTION_ARG_INT64, &first, "Be a process of that scenario", "N" },
    G_OPTION_ENTRY_NULL,
  };
  GOptionContext *context = g_option_context_new ("SCENARIO");
  GError *error = NULL;

  g_option_context_add_main_entries (context, options, NULL);
  if (!g_option_context_parse (context, &argc, &argv, &error))
    g_error ("%s", error->message);
  g_option_context_free (context);
  if (list)
    return list_scenarios ();
  if (first >= 0)
    {
      g_log_set_always_fatal (G_LOG_FATAL_MASK | G_LOG_LEVEL_CRITICAL | G_LOG_LEVEL_WARNING);
      return first_use ((guint) first);
    }
  scenario = argc == 2 ? find_scenario (argv[1]) : NULL;
  if (!scenario)
    g_error ("no such scenario; see --list");
#ifdef ON_GIO
  if (scenario->gio_is_unsound)
    {
      g_print ("%s: skipped, %s\n", scenario->name, scenario->gio_is_unsound);
      return 77;
    }
#endif
  g_log_set_always_fatal (G_LOG_FATAL_MASK | G_LOG_LEVEL_CRITICAL | G_LOG_LEVEL_WARNING);
  prepare ();
  run = (Run) {
    .max_rounds = MAX (rounds, 0),
    .end = g_get_monotonic_time () + (gint64) (seconds * G_USEC_PER_SEC),
    .dice = 2654435769u * (guint32) seed | 1,
    .quick = g_strcmp0 (g_getenv ("HARNESS_QUICK"), "1") == 0,
    .remarks = g_string_new (NULL),
  };
  run_scenario (scenario, &run);
  g_string_free (run.remarks, TRUE);
  return 0;
}
