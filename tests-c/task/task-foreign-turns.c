/* Main loops that are not GLib's own: nested ones, and two threads that take turns. */
#define _GNU_SOURCE /* gettid */
#include "foreign-loops.h"

/* A callback runs a loop of its own, of any shape, until the result behind it, or one that it returns, has come. */
typedef struct
{
  const char *steps;
  GMainContext *context;
  gboolean returns;
  Delivery inner;
  gint rounds;
  gint calls;
} Nest;

static void
nest (GObject *source G_GNUC_UNUSED, GAsyncResult *result G_GNUC_UNUSED, gpointer data)
{
  Nest *self = data;
  Loop loop;

  loop_init (&loop, self->context);
  self->calls++;
  if (self->returns)
    return_by (self->context, BY_OWNER, note_delivery, &self->inner);
  while (self->inner.calls == 0 && self->rounds++ < MAX_ROUNDS)
    loop_round (&loop, self->steps);
}

/* GLib aborts when a nested loop checks what it has not prepared. */
static gboolean
is_nestable (const char *steps)
{
  const char *checks = strchr (steps, 'c');

  return checks == NULL || memchr (steps, 'p', checks - steps) != NULL;
}

static void
test_nested (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (shapes); i++)
    for (Returner returner = 0; returner < N_RETURNERS; returner++)
      for (gint returns = FALSE; returns <= TRUE && is_nestable (shapes[i].steps); returns++)
        {
          GMainContext *context = g_main_context_new ();
          Nest self = { .steps = shapes[i].steps, .context = context, .returns = returns };
          Loop loop;

          loop_init (&loop, context);
          return_by (context, returner, nest, &self);
          if (!returns)
            return_by (context, returner, note_delivery, &self.inner);
          for (gint round = 0; self.calls == 0 && round < MAX_ROUNDS; round++)
            loop_round (&loop, shapes[i].steps);
          g_assert_cmpint (self.calls, ==, 1);
          g_assert_cmpint (self.inner.calls, ==, 1);
          g_assert_cmpint (self.rounds, <=, 2);
          drain (context);
          assert_empty (context);
          g_main_context_unref (context);
        }
}

/* Two threads iterate one context in turn, a round or a step each. */
typedef struct
{
  Loop *loop;
  const char *steps;
} Turn;

static gpointer
take_turn (gpointer data)
{
  Turn *turn = data;

  loop_round (turn->loop, turn->steps);
  return NULL;
}

static void
test_turns (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (shapes); i++)
    for (Returner returner = 0; returner < N_RETURNERS; returner++)
      {
        GMainContext *context = g_main_context_new ();
        Delivery first = { 0 }, second = { 0 };
        Loop loops[2];
        gint round;

        loop_init (&loops[0], context);
        loop_init (&loops[1], context);
        return_by (context, returner, note_delivery, &first);
        for (round = 0; second.calls == 0 && round < 2 * MAX_ROUNDS; round++)
          {
            Turn turn = { &loops[round % 2], shapes[i].steps };

            if (round == 1)
              return_by (context, returner, note_delivery, &second);
            if (round % 2)
              g_thread_join (g_thread_new ("turn", take_turn, &turn));
            else
              take_turn (&turn);
          }
        g_assert_cmpint (first.calls, ==, 1);
        g_assert_cmpint (second.calls, ==, 1);
        g_assert_cmpint (round, <=, 3);
        assert_empty (context);
        g_main_context_unref (context);
      }
}

/* Without an owner, each step may be another thread's. */
static void
test_steps_in_turn (void)
{
  static const char *steps[] = { "p", "q", "s", "c", "d" };

  for (Returner returner = 0; returner < N_RETURNERS; returner++)
    for (guint point = 0; point < G_N_ELEMENTS (steps); point++)
      {
        GMainContext *context = g_main_context_new ();
        Delivery delivery = { 0 };
        gint rounds = 0;
        Loop loop;

        loop_init (&loop, context);
        for (; delivery.calls == 0 && rounds < MAX_ROUNDS; rounds++)
          for (guint i = 0; i < G_N_ELEMENTS (steps); i++)
            {
              Turn turn = { &loop, steps[i] };

              if (rounds == 0 && i == point)
                return_by (context, returner, note_delivery, &delivery);
              g_thread_join (g_thread_new ("step", take_turn, &turn));
            }
        g_assert_cmpint (delivery.calls, ==, 1);
        g_assert_cmpint (rounds, ==, point < 4 ? 1 : 2);
        assert_empty (context);
        g_main_context_unref (context);
      }
}

#define PATH "/task-foreign-turns/"

static const Case cases[] = {
  { PATH "nested", test_nested, NULL, 0 },
  { PATH "rounds", test_turns, NULL, 0 },
  { PATH "steps", test_steps_in_turn, NULL, 0 },
};

HARNESS_MAIN (cases)
