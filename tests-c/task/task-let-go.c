/* Contexts that the program lets go of while results wait in them. */
#include "delivery-helpers.h"

enum { MANY = 40 };

static gboolean
fire_never (gpointer data G_GNUC_UNUSED)
{
  g_assert_not_reached ();
}

/* The end of a context: of a source in it that never fires. */
static GMainContext *
push_marked_context (gint *ends)
{
  GMainContext *context = push_new_context ();
  GSource *mark = g_timeout_source_new_seconds (1000);

  g_source_set_callback (mark, fire_never, ends, count_destroy);
  g_source_attach (mark, context);
  g_source_unref (mark);
  return context;
}

/* The program lets go of a context with a result pending in it: the result keeps it, and ends it when it has come. */
static void
assert_let_go (Kind kind, gboolean deliver, gint n)
{
  gint ends = 0, finalized = 0, task_data = 0;
  Delivery delivery = { 0 };
  GMainContext *context = push_marked_context (&ends);
  gpointer results[MANY];

  for (gint i = 0; i < n; i++)
    {
      results[i] = make_pending (kind, 0, NULL, note_delivery, &delivery);
      watch (results[i], &finalized);
      if (kind != SIMPLE && kind != STOPPED)
        g_task_set_task_data (results[i], &task_data, count_destroy);
    }
  g_main_context_pop_thread_default (context);
  g_main_context_unref (context);
  g_assert_cmpint (ends, ==, 0);
  for (gint i = 0; i < n && !deliver; i++)
    g_source_destroy (g_main_context_find_source_by_user_data (context, results[i]));
  drain (context);
  g_assert_cmpint (delivery.calls, ==, deliver ? n : 0);
  for (gint i = 0; i < n; i++)
    g_object_unref (results[i]);
  if (kind == PLAIN || kind == SIMPLE || kind == CANCELLED)
    g_assert_cmpint (finalized, ==, n); /* a worker may hold another reference for a moment */
  await_count (&finalized, n);
  await_count (&ends, 1);
  if (kind != SIMPLE && kind != STOPPED)
    await_count (&task_data, n); /* the task's data goes last */
  g_assert_cmpint (task_data, ==, kind != SIMPLE && kind != STOPPED ? n : 0);
}

static void
test_delivered (void)
{
  for (Kind kind = 0; kind < N_FOUND; kind++)
    {
      assert_let_go (kind, TRUE, 1);
      assert_let_go (kind, TRUE, MANY);
    }
}

/* The same when the deliveries are cancelled by their sources: nothing stays behind. (On libgio tasks do.) */
static void
test_removed (void)
{
  for (Kind kind = 0; kind < N_FOUND; kind++)
    {
      assert_let_go (kind, FALSE, 1);
      assert_let_go (kind, FALSE, MANY);
    }
}

#define PATH "/task-let-go/"

static const Case cases[] = {
  { PATH "delivered", test_delivered, NULL, 0 },
  { PATH "removed", test_removed,
    "4.19 (better): if the source is destroyed first, the task is released", 20 },
};

HARNESS_MAIN (cases)
