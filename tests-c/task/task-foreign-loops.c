/* Main loops of every shape: whatever the order of their steps, a result comes as soon as it does on libgio, and none is
 * lost. A result is returned in front of each step of the first round in turn, and behind the last; the digits of a shape
 * say in which round it was delivered. */
#define _GNU_SOURCE /* gettid */
#include "foreign-loops.h"

enum { LOWER = 100, LOWEST = 200 };

/* What else waits in the context. */
typedef enum { ALONE, BESIDE_SAME, BESIDE_LOWER, BESIDE_BUSY, N_COMPANIES } Company;

static gboolean
go_on (gpointer data G_GNUC_UNUSED)
{
  return G_SOURCE_CONTINUE;
}

/* Returns what it attached, if anything. */
static GSource *
keep_company (GMainContext *context, Company company, Delivery *delivery)
{
  GSource *source = NULL;

  g_main_context_push_thread_default (context);
  if (company == BESIDE_SAME || company == BESIDE_LOWER)
    g_object_unref (make_pending (PLAIN, company == BESIDE_SAME ? LEVEL : LOWER, NULL, note_delivery, delivery));
  if (company == BESIDE_BUSY)
    {
      source = g_idle_source_new ();
      g_source_set_priority (source, LOWEST);
      g_source_set_callback (source, go_on, NULL, NULL);
      g_source_attach (source, context);
    }
  g_main_context_pop_thread_default (context);
  return source;
}

/* In which round a result came that was returned in front of step `point` of the first. */
static gint
rounds_needed (const char *steps, gsize point, Returner returner, Company company)
{
  GMainContext *context = g_main_context_new ();
  Delivery delivery = { 0 }, other = { 0 };
  GSource *busy = keep_company (context, company, &other);
  gint round = 1;
  gboolean goes_on = TRUE;
  Loop loop;

  loop_init (&loop, context);
  for (gsize i = 0; i <= strlen (steps); i++)
    {
      if (i == point)
        return_by (context, returner, note_delivery, &delivery);
      goes_on = goes_on && steps[i] && loop_step (&loop, steps[i]);
    }
  loop_release_all (&loop);
  for (; delivery.calls == 0 && round < MAX_ROUNDS; round++)
    loop_round (&loop, steps);
  g_assert_cmpint (delivery.calls, <=, 1);

  /* The loop can go on as one of GLib's. */
  if (busy)
    {
      g_source_destroy (busy);
      g_source_unref (busy);
    }
  drain (context);
  g_assert_cmpint (delivery.calls, ==, 1);
  g_assert_cmpint (other.calls, ==, company == BESIDE_SAME || company == BESIDE_LOWER);
  assert_empty (context);
  g_main_context_unref (context);
  return round;
}

static const char *
rounds_expected (const Shape *shape, Returner returner, Company company)
{
  gboolean woken = returner != BY_OWNER && returner != BY_SIMPLE;

  if (company == ALONE && woken && shape->alone_woken)
    return shape->alone_woken;
  return company == ALONE && shape->alone ? shape->alone : shape->beside;
}

static void
test_shapes (Returner returner)
{
  for (guint i = 0; i < G_N_ELEMENTS (shapes); i++)
    {
      const char *steps = shapes[i].steps;

      for (Company company = 0; company < N_COMPANIES; company++)
        {
          GString *rounds = g_string_new (NULL);

          for (gsize point = 0; point <= strlen (steps); point++)
            g_string_append_printf (rounds, "%d", rounds_needed (steps, point, returner, company));
          g_test_message ("shape %s, company %d: %s", steps, company, rounds->str);
          g_assert_cmpstr (rounds->str, ==, rounds_expected (&shapes[i], returner, company));
          g_string_free (rounds, TRUE);
        }
    }
}

static void
test_shapes_owner (void)
{
  test_shapes (BY_OWNER);
}

static void
test_shapes_thread (void)
{
  test_shapes (BY_THREAD);
}

static void
test_shapes_worker (void)
{
  test_shapes (BY_WORKER);
}

static void
test_shapes_simple (void)
{
  test_shapes (BY_SIMPLE);
}

static void
test_shapes_workers (void)
{
  test_shapes (BY_WORKERS);
}

#define PATH "/task-foreign-loops/"

static const Case cases[] = {
  { PATH "owner", test_shapes_owner, NULL, 0 },
  { PATH "thread", test_shapes_thread, NULL, 0 },
  { PATH "worker", test_shapes_worker, NULL, 0 },
  { PATH "simple", test_shapes_simple, NULL, 0 },
  { PATH "workers", test_shapes_workers, NULL, 0 },
};

HARNESS_MAIN (cases)
