/* GObject.ref_count, which GLib's header declares as private, and the library reads: on a GLib that is newer than
 * those that were tried, as far as the library can see, and counts there or elsewhere. The functions here are in front of
 * GLib's. */
#define _GNU_SOURCE /* RTLD_NEXT */
#include "newer-glib.h"
#include "task-helpers.h"

static gboolean is_elsewhere;
static GObject *uncounted;
static gint finalized;

/* The member does not say that there is another reference. Only of a plain object, which no program here makes. */
#undef g_object_ref
gpointer
g_object_ref (gpointer object)
{
  REAL (g_object_ref);
  if (!is_elsewhere || uncounted != NULL || G_OBJECT_TYPE (object) != G_TYPE_OBJECT)
    return real (object);
  uncounted = object;
  return object;
}

void
g_object_unref (gpointer object)
{
  REAL (g_object_unref);
  if (uncounted != NULL && object == uncounted)
    uncounted = NULL;
  else
    real (object);
}

static Gate gate;

static void
pass_gate (GTask *task, gpointer source G_GNUC_UNUSED, gpointer data G_GNUC_UNUSED,
           GCancellable *cancellable G_GNUC_UNUSED)
{
  gate_pass (&gate);
  g_task_return_boolean (task, TRUE);
}

/* The task is being disposed of: so it is saved. */
static void
save (gpointer disposed, GObject *task)
{
  (*(gint *) disposed)++;
  g_object_ref (task);
}

/* A task that a worker has, and one g_object_unref() too many. Answers how often it is disposed of. */
static gint
unref_too_often (void)
{
  Call call = { 0 };
  GTask *task = g_task_new (NULL, NULL, note_call, &call);
  gint disposed = 0;

  g_task_set_task_data (task, &finalized, count_destroy);
  g_object_weak_ref (G_OBJECT (task), save, &disposed);
  gate_init (&gate);
  g_task_run_in_thread (task, pass_gate);
  gate_await (&gate, 1);
  g_object_unref (task);
  g_assert_cmpint (disposed, ==, 0);
  g_object_unref (task);
  g_assert_cmpint (finalized, ==, 0);
  if (disposed == 0)
    g_object_weak_unref (G_OBJECT (task), save, &disposed);
  gate_let_out (&gate, 1);
  wait_for_count (NULL, &finalized, 1);
  g_assert_cmpint (call.calls, ==, 1);
  return disposed;
}

/* The member is what is expected, and says that it was the last reference. */
static void
test_newer (void)
{
  is_newer = TRUE;
  g_test_expect_message ("GLib-GIO", G_LOG_LEVEL_CRITICAL, "*The task is kept.*");
  g_assert_cmpint (unref_too_often (), ==, 0);
  SEEN ();
}

/* Nothing tells whether it was the last reference that went: so the task is not kept, as in GIO. */
static void
test_elsewhere (void)
{
  is_newer = is_elsewhere = TRUE;
  g_assert_cmpint (unref_too_often (), ==, 1);
}

static const Case cases[] = {
  { "/layout/count/newer", test_newer, "5.37 (better): the task is kept", 30 },
  { "/layout/count/elsewhere", test_elsewhere, NULL, 30 },
};

HARNESS_MAIN (cases)
