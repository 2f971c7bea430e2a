/* What users reported to GLib, and to the projects above it: results and references. Each case is named after its report;
 * those that differ fail, hang or hurt on libgio. `reported-load.c` has those about resources. */
#include "counted-error.h"
#include "reported.h"

typedef struct
{
  GCancellable *cancellable;
  gulong handler;
  gint calls;
  gint destroyed;
} Subscription;

static void
disconnect_myself (GCancellable *cancellable, gpointer data)
{
  Subscription *self = data;

  self->calls++;
  g_cancellable_disconnect (cancellable, self->handler);
}

static void
count_subscription_end (gpointer data)
{
  ((Subscription *) data)->destroyed++;
}

/* A client's handler of `cancelled` disconnects itself. */
static void
test_packagekit_665 (void)
{
  Subscription self = { .cancellable = g_cancellable_new () };

  self.handler = g_cancellable_connect (self.cancellable, G_CALLBACK (disconnect_myself), &self,
                                        count_subscription_end);
  g_cancellable_cancel (self.cancellable);
  g_assert_cmpint (self.calls, ==, 1);
  g_assert_cmpint (self.destroyed, ==, 1);
  g_cancellable_reset (self.cancellable);
  g_cancellable_cancel (self.cancellable);
  g_assert_cmpint (self.calls, ==, 1);
  g_assert_finalize_object (self.cancellable);
}

static void
return_cancelled (GCancellable *cancellable G_GNUC_UNUSED, gpointer task)
{
  g_assert_true (g_task_return_error_if_cancelled (task));
}

/* A handler of `cancelled` returns the error of a task; the callback runs later, once. */
static GTask *
cancel_from_handler (Call *call)
{
  GCancellable *cancellable = g_cancellable_new ();
  GTask *task = g_task_new (NULL, cancellable, note_call, call);

  g_cancellable_connect (cancellable, G_CALLBACK (return_cancelled), task, NULL);
  g_cancellable_cancel (cancellable);
  g_assert_cmpint (call->calls, ==, 0);
  g_object_unref (cancellable);
  return task;
}

/* The daemon's error arrives after the cancellation was reported: refused, and not leaked. */
static void
test_packagekit_723 (void)
{
  Call call = { 0 };
  GTask *task = cancel_from_handler (&call);
  gint before = count_errors ();

  expect_critical ("g_task_return_error", "!task->ever_returned");
  g_task_return_error (task, counted_error_new (1));
  SEEN ();
  g_assert_cmpint (count_errors (), ==, before);
  wait_completed (task);
  expect_critical ("g_task_return_error", "!task->ever_returned");
  g_task_return_error (task, counted_error_new (2));
  SEEN ();
  g_assert_cmpint (count_errors (), ==, before);
  drain (NULL);
  g_assert_cmpint (call.calls, ==, 1);
  g_assert_finalize_object (task);
}

/* The portal's answer arrives after the cancellation was reported: refused, and what was reported stands. */
static void
test_libportal_76 (void)
{
  Call call = { 0 };
  GTask *task = cancel_from_handler (&call);
  GError *error = NULL;

  expect_critical ("g_task_return_boolean", "!task->ever_returned");
  g_task_return_boolean (task, TRUE);
  SEEN ();
  wait_completed (task);
  drain (NULL);
  g_assert_cmpint (call.calls, ==, 1);
  g_assert_false (g_task_propagate_boolean (task, &error));
  assert_is_cancelled (&error);
  g_assert_finalize_object (task);
}

/* Keeps a critical that says so, for its test; anything else goes to GLib. */
static GLogWriterOutput
keep_message (GLogLevelFlags level, const GLogField *fields, gsize n_fields, gpointer message)
{
  if (!(level & G_LOG_LEVEL_CRITICAL))
    return g_log_writer_default (level, fields, n_fields, NULL);
  for (gsize i = 0; i < n_fields; i++)
    if (g_str_equal (fields[i].key, "MESSAGE"))
      *(char **) message = g_strdup (fields[i].value);
  return G_LOG_WRITER_HANDLED;
}

/* "finalized without ever returning": one learns which task it was. */
static void
test_packagekit_905 (void)
{
  char *message = NULL;

  g_log_set_writer_func (keep_message, &message, NULL);
  g_log_set_always_fatal (G_LOG_LEVEL_ERROR);
  g_object_unref (g_task_new (NULL, NULL, note_call, NULL));
  g_assert_nonnull (message);
  g_assert_nonnull (strstr (message, "finalized without ever returning"));
  g_free (message);
}

#define ROUNDS 20000

/* When the callback's iteration is over the task data is freed: nobody has to iterate once more. */
static void
test_gtk_rs_core_2011 (void)
{
  guint rounds = harness_rounds (ROUNDS), late = 0;

  for (guint i = 0; i < rounds; i++)
    {
      Call call = { 0 };
      gint destroyed = 0;

      start (return_true, NULL, &call, &destroyed);
      while (call.calls == 0)
        g_main_context_iteration (NULL, TRUE);
      late += g_atomic_int_get (&destroyed) != 1;
      await_count (&destroyed, 1);
    }
  g_test_message ("%u of %u late", late, rounds);
  g_assert_cmpuint (late, ==, 0);
}

static struct
{
  GThread *home;
  gint all;
  gint elsewhere;
} releases;

static void
note_release (gpointer data G_GNUC_UNUSED)
{
  if (g_thread_self () != releases.home)
    g_atomic_int_inc (&releases.elsewhere);
  g_atomic_int_inc (&releases.all);
}

/* Task data is released where the callback runs, and not on the worker, whose locks it may need. */
static void
test_glib_1346 (void)
{
  Call call = { 0 };
  gint rounds = (gint) harness_rounds (ROUNDS);

  releases.home = g_thread_self ();
  for (gint i = 1; i <= rounds; i++)
    {
      GTask *task = g_task_new (NULL, NULL, note_call, &call);

      g_task_set_task_data (task, &call, note_release);
      g_task_run_in_thread (task, return_true);
      g_object_unref (task);
      while (call.calls < i)
        g_main_context_iteration (NULL, TRUE); /* asleep until the result comes: then it runs at once */
    }
  wait_for_count (NULL, &releases.all, rounds);
  g_test_message ("%d rounds, %d released on a worker", rounds, releases.elsewhere);
  g_assert_cmpint (releases.elsewhere, ==, 0);
}

static void
drop_source (GCancellable *cancellable G_GNUC_UNUSED, gpointer source)
{
  g_source_unref (source);
}

/* A source whose last reference goes while its cancellable is being cancelled is not leaked. */
static void
test_glib_774 (void)
{
  GCancellable *cancellable = g_cancellable_new ();
  GSource *source = g_cancellable_source_new (cancellable);
  gint destroyed = 0;

  g_source_set_callback (source, G_SOURCE_FUNC (fired), &destroyed, count_destroy);
  g_cancellable_connect (cancellable, G_CALLBACK (drop_source), source, NULL);
  g_cancellable_cancel (cancellable);
  g_assert_cmpint (destroyed, ==, 1);
  g_assert_finalize_object (cancellable);
}

static const Case cases[] = {
  { "/reported/packagekit-665", test_packagekit_665,
    "6.21 (better): disconnect from inside a handler returns at once", HANGS },
  { "/reported/packagekit-723", test_packagekit_723, "2.7 (better): an error for a task that returned is freed", 0 },
  { "/reported/packagekit-905", test_packagekit_905, "until 2.84: 4.36 (new): finalized without ever returning", 5 },
  { "/reported/libportal-76", test_libportal_76, NULL, 0 },
  { "/reported/gtk-rs-core-2011", test_gtk_rs_core_2011,
    "5.30 (better): the worker's reference moves into the delivery", 20 },
  { "/reported/glib-1346", test_glib_1346, "5.29 (better): no worker ever releases", 20 },
  { "/reported/glib-774", test_glib_774, "until 2.84: 6.28 (new): dropping a source while it is cancelled is safe", 0 },
};

HARNESS_MAIN (cases)
