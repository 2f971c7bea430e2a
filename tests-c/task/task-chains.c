/* Tasks whose callbacks return the next task, delivered within each other; what is thread-default after a callback. */
#include "delivery-helpers.h"

/* Code that is not optimised needs several times the stack. */
#ifdef __OPTIMIZE__
enum { LEVELS = 2000, DEEP = 20000 };
#else
enum { LEVELS = 2000, DEEP = 4000 };
#endif

/* libgio of GLib 2.74 takes 112 bytes for a level that returns a value, and 336 for one that makes an error, with the
 * frames of this program, on x86-64 where both are optimised. Elsewhere the figures are only printed. */
#if defined (__x86_64__) && defined (__OPTIMIZE__) && !defined (__SANITIZE_ADDRESS__)
#define MOST_BYTES(by_error) ((by_error) ? 352 : 128)
#else
#define MOST_BYTES(by_error) G_MAXINT
#endif

typedef struct
{
  GTask **tasks;
  gint n;
  gint next;
  char **addresses; /* of a local variable in each callback */
  gint finalized;
  gboolean by_error;
} Chain;

static void return_next (Chain *chain);

static void
note_address (GObject *source G_GNUC_UNUSED, GAsyncResult *result G_GNUC_UNUSED, gpointer data)
{
  Chain *chain = data;
  volatile char here = 0;

  chain->addresses[chain->next - 1] = (char *) &here;
  if (chain->next < chain->n)
    return_next (chain);
  g_assert_cmpint (here, ==, 0); /* no tail call */
}

static void
return_next (Chain *chain)
{
  GTask *task = chain->tasks[chain->next++];

  if (chain->by_error)
    g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_FAILED, "%d", chain->next);
  else
    g_task_return_boolean (task, TRUE);
  g_object_unref (task);
}

static gboolean
return_first (gpointer chain)
{
  return_next (chain);
  return G_SOURCE_REMOVE;
}

static void
chain_init (Chain *chain, gint n, gboolean by_error)
{
  *chain = (Chain) { g_new (GTask *, n), n, 0, g_new0 (char *, n), 0, by_error };
  for (gint i = 0; i < n; i++)
    {
      chain->tasks[i] = g_task_new (NULL, NULL, note_address, chain);
      watch (chain->tasks[i], &chain->finalized);
    }
  let_time_move ();
}

static void
chain_clear (Chain *chain)
{
  g_assert_cmpint (chain->next, ==, chain->n);
  g_assert_cmpint (chain->finalized, ==, chain->n);
  g_free (chain->tasks);
  g_free (chain->addresses);
}

static void
assert_stack (Chain *chain)
{
  gint bytes = ABS (chain->addresses[chain->n - 1] - chain->addresses[0]) / (chain->n - 1);

  g_test_message ("%d bytes of stack for each level", bytes);
  g_assert_cmpint (bytes, <=, MOST_BYTES (chain->by_error));
}

/* All of them within one dispatch: a level costs no more stack than with libgio. */
static void
test_stack (void)
{
  for (gint by_error = FALSE; by_error <= TRUE; by_error++)
    {
      Chain chain;

      chain_init (&chain, LEVELS, by_error);
      call_from_source (NULL, return_first, &chain);
      g_assert_true (g_main_context_iteration (NULL, FALSE));
      assert_stack (&chain);
      chain_clear (&chain);
    }
}

/* The first of them delivered later, from its own source, and so of a time after the others' creation. */
static void
test_stack_from_a_result (void)
{
  Chain chain;

  chain_init (&chain, LEVELS, FALSE);
  return_next (&chain);
  g_assert_true (g_main_context_iteration (NULL, FALSE));
  assert_stack (&chain);
  chain_clear (&chain);
}

/* The same with a worker's. */
static void
test_stack_from_a_worker (void)
{
  Chain chain;
  GTask *first;

  chain_init (&chain, LEVELS, FALSE);
  first = chain.tasks[chain.next++];
  g_task_run_in_thread (first, return_in_worker);
  g_object_unref (first);
  wait_for_count (NULL, &chain.finalized, LEVELS); /* on libgio the worker may be the last to let go of the first */
  assert_stack (&chain);
  chain_clear (&chain);
}

/* A chain that a stack of 8 MB holds with libgio. */
static void
test_deep (void)
{
  GMainContext *context = push_new_context ();
  Chain chain;

  chain_init (&chain, DEEP, FALSE);
  call_from_source (context, return_first, &chain);
  g_assert_true (g_main_context_iteration (context, FALSE));
  chain_clear (&chain);
  pop_context (context);
}

/* Each callback starts the next task, which comes an iteration later: no stack at all. */
static void
start_next (GObject *source G_GNUC_UNUSED, GAsyncResult *result G_GNUC_UNUSED, gpointer data)
{
  Chain *chain = data;
  char *here = __builtin_frame_address (0);
  GTask *task;

  chain->addresses[chain->next++] = here;
  g_assert_true (chain->addresses[0] == here);
  if (chain->next == chain->n)
    return;
  task = g_task_new (NULL, NULL, start_next, chain);
  watch (task, &chain->finalized);
  g_task_return_boolean (task, TRUE);
  g_object_unref (task);
}

static void
test_started_in_callback (void)
{
  Chain chain = { .n = LEVELS, .addresses = g_new0 (char *, LEVELS) };
  GTask *task = g_task_new (NULL, NULL, start_next, &chain);
  gint iterations = 0;

  watch (task, &chain.finalized);
  g_task_return_boolean (task, TRUE);
  g_object_unref (task);
  while (g_main_context_iteration (NULL, FALSE))
    iterations++;
  g_assert_cmpint (iterations, ==, LEVELS);
  chain_clear (&chain);
}

/* What a callback does with the thread-default contexts, before `completed` is notified. */
typedef enum { LEAVE, POP, PUSH, PUSH_OTHER, POP_AND_PUSH_OTHER, PUSH_AND_POP_OTHER } Act;

typedef struct
{
  GMainContext *context, *other, *notified;
  Act act;
  gint notifications;
} Stage;

static void
act (GObject *source G_GNUC_UNUSED, GAsyncResult *result G_GNUC_UNUSED, gpointer data)
{
  Stage *stage = data;

  g_assert_true (g_main_context_get_thread_default () == stage->context);
  if (stage->act == POP || stage->act == POP_AND_PUSH_OTHER)
    g_main_context_pop_thread_default (stage->context);
  if (stage->act == PUSH)
    g_main_context_push_thread_default (stage->context);
  if (stage->act >= PUSH_OTHER)
    g_main_context_push_thread_default (stage->other);
  if (stage->act == PUSH_AND_POP_OTHER)
    g_main_context_pop_thread_default (stage->other);
}

static void
note_completed (GObject *task G_GNUC_UNUSED, GParamSpec *property G_GNUC_UNUSED, gpointer data)
{
  Stage *stage = data;

  stage->notified = g_main_context_get_thread_default ();
  stage->notifications++;
}

static gboolean
return_task (gpointer task)
{
  g_task_return_boolean (task, TRUE);
  return G_SOURCE_REMOVE;
}

enum { AT_ONCE, LATER, BY_WORKER, N_TIMES };

/* `pushed`: the program has the context pushed itself. Says what was thread-default when `completed` was notified:
 * 0 the task's context, 1 the other. */
static gint
play (Act what, gboolean pushed, gint time)
{
  Stage stage = { .context = push_new_context (), .other = g_main_context_new (), .act = what };
  GTask *task = g_task_new (NULL, NULL, act, &stage);
  GMainContext *left;
  gint answer;

  g_signal_connect (task, "notify::completed", G_CALLBACK (note_completed), &stage);
  let_time_move ();
  if (!pushed)
    g_main_context_pop_thread_default (stage.context);
  if (time == AT_ONCE)
    call_from_source (stage.context, return_task, task);
  else if (time == LATER)
    return_task (task);
  else
    g_task_run_in_thread (task, return_in_worker);
  wait_completed (task);
  g_assert_cmpint (stage.notifications, ==, 1);
  answer = stage.notified == stage.context ? 0 : stage.notified == stage.other ? 1 : 2;
  while ((left = g_main_context_get_thread_default ()) != NULL)
    g_main_context_pop_thread_default (left);
  g_object_unref (task);
  g_main_context_unref (stage.other);
  g_main_context_unref (stage.context);
  return answer;
}

static void
test_notified (void)
{
  for (gint time = 0; time < N_TIMES; time++)
    for (gint pushed = FALSE; pushed <= TRUE; pushed++)
      {
        g_assert_cmpint (play (LEAVE, pushed, time), ==, 0);
        g_assert_cmpint (play (PUSH, pushed, time), ==, 0);
        g_assert_cmpint (play (PUSH_AND_POP_OTHER, pushed, time), ==, 0);
      }
}

/* The callback pops what the program has pushed before. */
static void
test_notified_after_pop (void)
{
  for (gint time = 0; time < N_TIMES; time++)
    g_assert_cmpint (play (POP, TRUE, time), ==, 0);
}

/* A callback that leaves another context pushed gets a critical of GLib's, behind the notification, which comes in the
 * task's context all the same. (On libgio in the other one.) */
static void
test_notified_unbalanced (void)
{
  for (gint time = 0; time < N_TIMES; time++)
    for (Act what = PUSH_OTHER; what <= POP_AND_PUSH_OTHER; what++)
      {
        g_test_expect_message ("GLib", G_LOG_LEVEL_CRITICAL, "*pop_thread_default*");
        g_assert_cmpint (play (what, TRUE, time), ==, 0);
        SEEN ();
      }
}

#define PATH "/task-chains/"

static const Case cases[] = {
  { PATH "stack", test_stack, NULL, 0 },
  { PATH "stack/from-a-result", test_stack_from_a_result, NULL, 0 },
  { PATH "stack/from-a-worker", test_stack_from_a_worker, NULL, 0 },
  { PATH "deep", test_deep, NULL, 10 },
  { PATH "started-in-callback", test_started_in_callback, NULL, 0 },
  { PATH "notified", test_notified, NULL, 0 },
  { PATH "notified/after-pop", test_notified_after_pop, NULL, 0 },
  { PATH "notified/unbalanced", test_notified_unbalanced,
    "4.22 (better): `completed` is notified in the task's context, whatever the callback pushed", 0 },
};

HARNESS_MAIN (cases)
