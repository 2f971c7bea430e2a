#define _GNU_SOURCE /* dladdr, pthread_setattr_default_np */
#include "harness.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define PATIENCE_SECONDS 10
#define DEFAULT_LIMIT_SECONDS 10
#define HANG_SECONDS 2
#define ROUNDS_TO_DIFFER 50

#if defined (ON_GIO) && !defined (BESIDE_GIO)
#define LIBRARY "libgio-2.0.so"
#elif defined LINKED_STATICALLY
#define LIBRARY "/tests-c/" /* the program's own folder */
#else
#define LIBRARY "libasyncresult.so"
#endif

static gboolean
is_quick (void)
{
  return g_strcmp0 (g_getenv ("HARNESS_QUICK"), "1") == 0;
}

guint
harness_rounds (guint rounds)
{
  return is_quick () ? MAX (rounds / 20, 1) : rounds;
}

void
harness_set_stacks (gsize bytes)
{
  pthread_attr_t attributes;

  g_assert_cmpint (pthread_attr_init (&attributes), ==, 0);
  g_assert_cmpint (pthread_attr_setstacksize (&attributes, bytes), ==, 0);
  g_assert_cmpint (pthread_setattr_default_np (&attributes), ==, 0);
  pthread_attr_destroy (&attributes);
}

/* Who asks for few rounds is slow: a checker that watches every access. */
static guint
harness_seconds (guint seconds)
{
  return is_quick () ? seconds * 20 : seconds;
}

/* ISO C has no cast from a function pointer to an object pointer: `function` points to the pointer. */
static void
assert_is_in (gconstpointer function, const char *library)
{
  gpointer address;
  Dl_info info;

  memcpy (&address, function, sizeof address);
  g_assert_cmpint (dladdr (address, &info), !=, 0);
  g_assert_nonnull (strstr (info.dli_fname, library));
}

/* The builds must really be of two libraries. Beside libgio, our functions serve libgio's objects. */
static void
test_library (void)
{
  GType (*function) (void) = g_task_get_type;

  assert_is_in (&function, LIBRARY);
#ifdef BESIDE_GIO
  GObjectClass *class = g_type_class_ref (g_task_get_type ());

  assert_is_in (&class->finalize, "libgio-2.0.so");
  g_type_class_unref (class);
#endif
}

const char *
says_since (guint minor, const char *newer, const char *older)
{
  return glib_minor_version >= minor ? newer : older;
}

#ifdef ON_GIO
typedef enum
{
  SAME,
  DIFFERENT,
  NOT_TRIED
} Comparison;

/* Whether libgio of GLib 2.`minor` differs, by the first words of `differs`. */
static Comparison
compare (const char *differs, guint minor)
{
  static const guint tried[] = { 74, 84, 88, 90 };
  guint first, before = 0;
  gboolean until = sscanf (differs, "until 2.%u: ", &first) == 1;

  if (!until && sscanf (differs, "from 2.%u: ", &first) != 1)
    return DIFFERENT;
  for (gsize i = 0; i < G_N_ELEMENTS (tried) && tried[i] < first; i++)
    before = tried[i];
  if (minor > before && minor < first)
    return NOT_TRIED;
  return (minor < first) == until ? DIFFERENT : SAME;
}
#endif

static char *
subprocess_path (const Case *c)
{
  return g_strconcat (c->path, "/subprocess/body", NULL);
}

/* Where a subprocess says why it skips its case: with g_test_skip() it would fail. */
#define SKIPPED "HARNESS_SKIPPED"
static int skipped = -1; /* open from the start: a case may drop the right to open it */

void
harness_skip (const char *reason)
{
  if (g_test_subprocess () && skipped >= 0)
    g_assert_cmpint (write (skipped, reason, strlen (reason)), ==, strlen (reason));
  else
    g_test_skip (reason);
}

/* Runs the case, which is to pass or not. Answers why it was skipped, or NULL; to be freed. */
static char *
run_body (const Case *c, gboolean to_pass)
{
  guint hang = to_pass ? DEFAULT_LIMIT_SECONDS : HANG_SECONDS;
  guint64 limit = c->limit_seconds == 0 ? DEFAULT_LIMIT_SECONDS : c->limit_seconds == HANGS ? hang : c->limit_seconds;
  char *path = subprocess_path (c), *why_skipped;

  g_assert_cmpint (ftruncate (skipped, 0), ==, 0);
  g_test_trap_subprocess (path, harness_seconds (limit) * G_USEC_PER_SEC, 0);
  g_free (path);
  g_assert_true (g_file_get_contents (g_getenv (SKIPPED), &why_skipped, NULL, NULL));
  if (*why_skipped == '\0')
    g_clear_pointer (&why_skipped, g_free);
  return why_skipped;
}

static void
run_in_subprocess (gconstpointer data)
{
  const Case *c = data;
  char *why_skipped = NULL;

#ifdef ON_GIO
  Comparison comparison = c->differs ? compare (c->differs, glib_minor_version) : SAME;

  if (comparison == NOT_TRIED)
    {
      g_test_skip_printf ("not tried with GLib 2.%u: %s", glib_minor_version, c->differs);
      return;
    }
  if (comparison == DIFFERENT)
    {
      guint rounds = 0;

      g_test_message ("differs from libgio on purpose: %s", c->differs);
      why_skipped = run_body (c, FALSE);
      /* Where threads race, libgio is lucky at times. Whoever watches hears of each round: it may take long. */
      while (why_skipped == NULL && g_test_trap_has_passed ())
        {
          g_assert_cmpuint (++rounds, <, ROUNDS_TO_DIFFER);
          g_test_message ("libgio was lucky %u times", rounds);
          why_skipped = run_body (c, FALSE);
        }
    }
  else
#endif
    {
      why_skipped = run_body (c, TRUE);
      g_test_trap_assert_passed ();
    }
  if (why_skipped != NULL)
    g_test_skip (why_skipped);
  g_free (why_skipped);
}

static gboolean
needs_subprocess (const Case *c)
{
#ifdef ON_GIO
  return c->limit_seconds != 0 || c->differs != NULL;
#else
  return c->limit_seconds != 0;
#endif
}

int
harness_main (int argc, char **argv, const Case *cases, gsize n_cases)
{
  g_test_init (&argc, &argv, NULL);
  if (g_test_subprocess ())
    {
      /* None if somebody starts a subprocess by hand. */
      if (g_getenv (SKIPPED) != NULL)
        skipped = open (g_getenv (SKIPPED), O_WRONLY | O_CLOEXEC);
    }
  else
    {
      char *path;

      skipped = memfd_create ("skipped", MFD_CLOEXEC);
      path = g_strdup_printf ("/proc/%d/fd/%d", (int) getpid (), skipped);
      g_setenv (SKIPPED, path, TRUE);
      g_free (path);
    }
  g_test_add_func ("/library", test_library);
  for (gsize i = 0; i < n_cases; i++)
    {
      if (needs_subprocess (&cases[i]))
        {
          char *path = subprocess_path (&cases[i]);
          g_test_add_data_func (cases[i].path, &cases[i], run_in_subprocess);
          g_test_add_func (path, cases[i].run);
          g_free (path);
        }
      else
        g_test_add_func (cases[i].path, cases[i].run);
    }
  return g_test_run ();
}

static gboolean
out_of_patience (gpointer data)
{
  *(gboolean *) data = TRUE;
  return G_SOURCE_REMOVE;
}

static GSource *
patience (GMainContext *context, gboolean *over)
{
  GSource *timeout = g_timeout_source_new_seconds (harness_seconds (PATIENCE_SECONDS));

  *over = FALSE;
  g_source_set_callback (timeout, out_of_patience, over, NULL);
  g_source_attach (timeout, context);
  return timeout;
}

static void
patience_end (GSource *timeout)
{
  g_source_destroy (timeout);
  g_source_unref (timeout);
}

void
wait_until (GMainContext *context, const volatile gboolean *flag)
{
  gboolean over;
  GSource *timeout = patience (context, &over);

  while (!*flag && !over)
    g_main_context_iteration (context, TRUE);
  patience_end (timeout);
  g_assert_true (*flag);
}

void
wait_for_count (GMainContext *context, gint *counter, gint target)
{
  gboolean over;
  GSource *timeout = patience (context, &over);

  while (g_atomic_int_get (counter) < target && !over)
    if (!g_main_context_iteration (context, FALSE))
      g_usleep (100);
  patience_end (timeout);
  g_assert_cmpint (g_atomic_int_get (counter), >=, target);
}

void
await_count (gint *counter, gint target)
{
  gint64 end = g_get_monotonic_time () + (gint64) harness_seconds (PATIENCE_SECONDS) * G_USEC_PER_SEC;

  while (g_atomic_int_get (counter) < target && g_get_monotonic_time () < end)
    g_usleep (100);
  g_assert_cmpint (g_atomic_int_get (counter), >=, target);
}

guint
drain (GMainContext *context)
{
  guint iterations = 0;

  while (g_main_context_iteration (context, FALSE))
    iterations++;
  return iterations;
}

struct ContextThread
{
  GMainContext *context;
  GMainLoop *loop;
  GThread *thread;
};

static gpointer
context_thread_run (gpointer data)
{
  ContextThread *self = data;

  g_main_context_push_thread_default (self->context);
  g_main_loop_run (self->loop);
  g_main_context_pop_thread_default (self->context);
  return NULL;
}

ContextThread *
context_thread_new (void)
{
  ContextThread *self = g_new0 (ContextThread, 1);

  self->context = g_main_context_new ();
  self->loop = g_main_loop_new (self->context, FALSE);
  self->thread = g_thread_new ("context", context_thread_run, self);
  return self;
}

GMainContext *
context_thread_get_context (ContextThread *self)
{
  return self->context;
}

GThread *
context_thread_get_thread (ContextThread *self)
{
  return self->thread;
}

static gboolean
quit_loop (gpointer loop)
{
  g_main_loop_quit (loop);
  return G_SOURCE_REMOVE;
}

void
context_thread_free (ContextThread *self)
{
  /* Attached, not invoked: invoking could run it here, before the thread has entered the loop. */
  GSource *quit = g_idle_source_new ();

  g_source_set_callback (quit, quit_loop, self->loop, NULL);
  g_source_attach (quit, self->context);
  g_source_unref (quit);
  g_thread_join (self->thread);
  g_main_loop_unref (self->loop);
  g_main_context_unref (self->context);
  g_free (self);
}

guint
count_descriptors (void)
{
  GDir *dir = g_dir_open ("/proc/self/fd", 0, NULL);
  guint n = 0;

  g_assert_nonnull (dir);
  while (g_dir_read_name (dir))
    n++;
  g_dir_close (dir);
  return n - 1; /* the one that reads the folder */
}

void
await_descriptors (guint expected)
{
  gint64 end = g_get_monotonic_time () + (gint64) harness_seconds (PATIENCE_SECONDS) * G_USEC_PER_SEC;
  guint n;

  while ((n = count_descriptors ()) != expected && g_get_monotonic_time () < end)
    g_usleep (1000);
  g_assert_cmpuint (n, ==, expected);
}
