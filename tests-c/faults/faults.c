/* faults SCENARIO-PROGRAM FAULT-LIBRARY: runs every scenario again and again, and each time makes another call of the
 * library fail: the first, the second, … until there are no more. Then runs every scenario under every condition.
 *
 * FAULT_WRAPPER in the environment is put before these runs, for a checker to watch. With HARNESS_QUICK=1 only the first
 * call fails, and the conditions, under which a checker itself may suffer, are left out. */
#define _GNU_SOURCE
#include <errno.h>
#include <glib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ALWAYS 1000000
#define MOST_CALLS 100
#define NO_EVENTFD "eventfd:1:1000000:24," /* EMFILE: a pipe is tried then */

typedef struct
{
  const char *name;
  const char *call;
  const char *before; /* faults that are there anyway */
  guint count;
  int error;
  const char *for_those; /* a scenario needs this among its conditions, if not NULL */
  guint from;            /* 0: the first call */
} Fault;

static const Fault faults[] = {
  { "no-thread-once", "pthread_create", "", 1, EAGAIN, NULL, 0 },
  { "no-thread-five-times", "pthread_create", "", 5, EAGAIN, NULL, 0 },
  { "no-thread-any-more", "pthread_create", "", ALWAYS, EAGAIN, "one-worker", 2 },
  { "no-thread-at-all", "pthread_create", "", ALWAYS, EAGAIN, "no-worker", 1 },
  { "no-eventfd-once", "eventfd", "", 1, EMFILE, NULL, 0 },
  { "no-eventfd-any-more", "eventfd", "", ALWAYS, ENOSYS, NULL, 0 },
  { "no-pipe-once", "pipe2", NO_EVENTFD, 1, ENFILE, NULL, 0 },
  { "no-pipe-any-more", "pipe2", NO_EVENTFD, ALWAYS, EMFILE, NULL, 0 },
  { "write-interrupted", "write", "", 3, EINTR, NULL, 0 },
  { "write-interrupted-pipe", "write", NO_EVENTFD, 3, EINTR, NULL, 0 },
  { "write-lost", "write", "", 1, EAGAIN, "lost-notes", 0 },
  { "write-lost-pipe", "write", NO_EVENTFD, 1, EIO, "lost-notes", 0 },
  { "read-interrupted", "read", "", 3, EINTR, NULL, 0 },
  { "read-interrupted-pipe", "read", NO_EVENTFD, 3, EINTR, NULL, 0 },
  { "read-lost", "read", "", 1, EAGAIN, "lost-notes", 0 },
  { "read-lost-pipe", "read", NO_EVENTFD, 1, EIO, "lost-notes", 0 },
};

static const char *const conditions[] = { "storm", "few-descriptors", "no-descriptors", "one-worker", "no-worker" };

static const char *program, *library;
static const char *wrapper = "";
static gboolean is_quick;
static guint injected_in_all, runs_in_all;
static guint concerned[G_N_ELEMENTS (faults)]; /* scenarios */

typedef struct
{
  char **words; /* its name, then its conditions */
  const Fault *fault;
  const char *condition;
} Attempt;

/* One run; returns what it printed, or NULL and a failed test if it did not end well. */
static char *
run (const char *scenario, const char *condition, const char *with_faults)
{
  char *command = g_strjoin (" ", wrapper, program, scenario, condition, NULL);
  char **words = g_strsplit_set (g_strstrip (command), " ", -1);
  char **environment = g_environ_setenv (g_get_environ (), "FAULTS", with_faults, TRUE);
  char *printed = NULL, *complaints = NULL;
  GError *error = NULL;
  int status = 0;

  environment = g_environ_setenv (environment, "LD_PRELOAD", library, TRUE);
  g_spawn_sync (NULL, words, environment, G_SPAWN_SEARCH_PATH, NULL, NULL, &printed, &complaints, &status, &error);
  g_assert_no_error (error);
  runs_in_all++;
  if (!g_spawn_check_wait_status (status, &error))
    {
      g_test_message ("FAULTS=%s %s %s: %s\n%s", with_faults, scenario, condition ? condition : "", error->message,
                      complaints);
      g_test_fail ();
      g_clear_error (&error);
      g_clear_pointer (&printed, g_free);
    }
  g_strfreev (environment);
  g_strfreev (words);
  g_free (command);
  g_free (complaints);
  return printed;
}

/* How often the call was made in a run, and how often it failed. */
static guint
count (const char *printed, const char *call, guint *injected)
{
  char *word = g_strdup_printf (" %s ", call);
  const char *place = strstr (printed, word);
  guint calls;

  g_assert_nonnull (place);
  g_assert_cmpint (sscanf (place + strlen (word), "%u %u", &calls, injected), ==, 2);
  g_free (word);
  return calls;
}

static void
test_fault (gconstpointer data)
{
  const Attempt *self = data;
  const Fault *fault = self->fault;
  guint tried = 0, injected = 1;

  for (guint number = MAX (fault->from, 1); injected > 0; number++)
    {
      char *spec = g_strdup_printf ("%s%s:%u:%u:%d", fault->before, fault->call, number, fault->count, fault->error);
      char *printed = run (self->words[0], NULL, spec);

      g_free (spec);
      if (!printed)
        return;
      count (printed, fault->call, &injected);
      injected_in_all += injected;
      tried += injected > 0;
      g_assert_cmpuint (number, <, MOST_CALLS);
      g_free (printed);
      if (fault->from == 1 || is_quick)
        break; /* from the first call on there is only one such run; a checker gets no more */
    }
  g_test_message ("%u runs with a fault", tried);
  g_assert_true (tried > 0 || fault->from > 0); /* a scenario may need no second thread */
}

static void
test_condition (gconstpointer data)
{
  const Attempt *self = data;
  char *printed = run (self->words[0], self->condition, "");
  guint interruptions;

  if (!printed)
    return;
  g_assert_cmpint (sscanf (strstr (printed, "interruptions"), "interruptions %u", &interruptions), ==, 1);
  if (g_str_equal (self->condition, "storm"))
    {
      g_test_message ("%u interruptions", interruptions);
      g_assert_cmpuint (interruptions, >, 0);
    }
  g_free (printed);
}

static void
add (char **words, const Fault *fault, const char *condition)
{
  Attempt *attempt = g_new0 (Attempt, 1); /* stays until the program ends */
  char *path = g_strdup_printf ("/faults/%s/%s", words[0], fault ? fault->name : condition);

  *attempt = (Attempt) { words, fault, condition };
  g_test_add_data_func (path, attempt, fault ? test_fault : test_condition);
  g_free (path);
}

/* Every fault that concerns the scenario, and every condition that it gets through. */
static void
add_scenario (char **words)
{
  char *printed = run (words[0], NULL, "");

  g_assert_nonnull (printed);
  for (gsize i = 0; i < G_N_ELEMENTS (faults); i++)
    {
      const Fault *fault = &faults[i];
      const char *call = g_str_equal (fault->call, "pipe2") ? "eventfd" : fault->call;
      guint injected;

      if (count (printed, call, &injected) > 0 &&
          (!fault->for_those || g_strv_contains ((const char *const *) words, fault->for_those)))
        {
          add (words, fault, NULL);
          concerned[i]++;
        }
    }
  for (gsize i = 0; i < G_N_ELEMENTS (conditions) && !is_quick; i++)
    {
      gboolean as_user = g_str_has_suffix (conditions[i], "-worker");

      if (g_strv_contains ((const char *const *) words, conditions[i]) && (!as_user || getuid () == 0))
        add (words, NULL, conditions[i]);
    }
  g_free (printed);
}

static void
list_scenarios (void)
{
  char *argv[] = { (char *) program, NULL };
  char *printed;
  char **lines;
  GError *error = NULL;

  g_spawn_sync (NULL, argv, NULL, G_SPAWN_DEFAULT, NULL, NULL, &printed, NULL, NULL, &error);
  g_assert_no_error (error);
  lines = g_strsplit (g_strstrip (printed), "\n", -1);
  for (char **line = lines; *line; line++)
    add_scenario (g_strsplit (*line, " ", -1));
  g_strfreev (lines);
  g_free (printed);
}

/* None is there in vain: some scenario makes the call. */
static void
test_each_kind (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (faults); i++)
    {
      g_test_message ("%s concerns %u scenarios", faults[i].name, concerned[i]);
      g_assert_cmpuint (concerned[i], >, 0);
    }
}

/* How many there were: a number to be looked at. */
static void
test_figures (void)
{
  g_test_message ("%u runs, %u faults injected", runs_in_all, injected_in_all);
  g_assert_cmpuint (injected_in_all, >, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  if (argc != 3)
    {
      fputs ("faults SCENARIO-PROGRAM FAULT-LIBRARY\n", stderr);
      return 2;
    }
  program = argv[1];
  library = argv[2];
  is_quick = g_strcmp0 (g_getenv ("HARNESS_QUICK"), "1") == 0;
  list_scenarios ();
  if (g_getenv ("FAULT_WRAPPER"))
    wrapper = g_getenv ("FAULT_WRAPPER");
  g_test_add_func ("/figures/each-kind", test_each_kind);
  g_test_add_func ("/figures/in-all", test_figures);
  return g_test_run ();
}
