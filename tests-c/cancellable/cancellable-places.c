/* The library's own listeners (tasks in threads, sources) among the handlers of their cancellable: each hears of a
 * cancellation at its place in the order of connecting. */
#include "cancellable-helpers.h"

#include <string.h>

#define ALWAYS_HEARS "6.34 (better): a listener hears of each cancellation, whatever becomes of the emission"

/* Scripts: each letter connects a handler or lets a listener of the library's begin.
 *
 *   c  handler of g_cancellable_connect()      T  task in a thread, with return-on-cancel
 *   p  handler of g_signal_connect()           S  source
 *   a  handler of g_signal_connect_after()     A  source that a task attaches
 *   D  handler that is disconnected at once
 *
 * Each listener has a context of its own, which is pending as soon as it has heard. */

#define HANDLERS "cpa"
#define LISTENERS "TSA"
#define LONGEST 8

typedef struct
{
  const char *script;
  gsize length;
  GCancellable *cancellable;
  GMainContext *contexts[LONGEST];
  char heard[LONGEST][LONGEST + 1]; /* what each handler saw: 1 for who had heard, 0 for who had not */
  gint functions;                   /* task functions that are not over */
  gint begun;                       /* task functions that have begun */
} Scene;

typedef struct
{
  Scene *scene;
  gsize place;
} Spectator;

static Gate functions_may_end;

static gboolean
has_heard (const Scene *scene, gsize place)
{
  return g_main_context_pending (scene->contexts[place]);
}

static void
look (G_GNUC_UNUSED GCancellable *cancellable, gpointer data)
{
  Spectator *spectator = data;
  Scene *scene = spectator->scene;

  for (gsize i = 0; i < scene->length; i++)
    if (scene->contexts[i])
      scene->heard[spectator->place][i] = has_heard (scene, i) ? '1' : '0';
}

static void
free_spectator (gpointer spectator, G_GNUC_UNUSED GClosure *closure)
{
  g_free (spectator);
}

static void
run_until_opened (GTask *task, G_GNUC_UNUSED gpointer source, gpointer scene, G_GNUC_UNUSED GCancellable *cancellable)
{
  g_atomic_int_inc (&((Scene *) scene)->begun);
  gate_await (&functions_may_end);
  g_task_return_boolean (task, TRUE);
  g_atomic_int_add (&((Scene *) scene)->functions, -1);
}

static gboolean
remove_source (G_GNUC_UNUSED GCancellable *cancellable, G_GNUC_UNUSED gpointer data)
{
  return G_SOURCE_REMOVE;
}

static void
connect_spectator (Scene *scene, gsize place)
{
  Spectator *spectator = g_new (Spectator, 1);
  char letter = scene->script[place];
  gulong id;

  *spectator = (Spectator) { scene, place };
  if (letter == 'p' || letter == 'a')
    id = g_signal_connect_data (scene->cancellable, "cancelled", G_CALLBACK (look), spectator, free_spectator,
                                letter == 'a' ? G_CONNECT_AFTER : 0);
  else
    id = g_cancellable_connect (scene->cancellable, G_CALLBACK (look), spectator, g_free);
  g_assert_cmpuint (id, !=, 0);
  if (letter == 'D')
    g_cancellable_disconnect (scene->cancellable, id);
}

static void
begin_to_listen (Scene *scene, gsize place)
{
  char letter = scene->script[place];
  GMainContext *context = scene->contexts[place] = g_main_context_new ();
  GTask *task;

  g_main_context_push_thread_default (context);
  task = g_task_new (NULL, letter == 'T' ? scene->cancellable : NULL, NULL, NULL);
  if (letter == 'T')
    {
      g_task_set_task_data (task, scene, NULL);
      g_task_set_return_on_cancel (task, TRUE);
      g_atomic_int_inc (&scene->functions);
      g_task_run_in_thread (task, run_until_opened);
    }
  else
    {
      GSource *source = g_cancellable_source_new (scene->cancellable);

      if (letter == 'A')
        g_task_attach_source (task, source, G_SOURCE_FUNC (remove_source));
      else
        {
          g_source_set_callback (source, G_SOURCE_FUNC (remove_source), NULL, NULL);
          g_source_attach (source, context);
        }
      g_source_unref (source);
    }
  g_object_unref (task);
  g_main_context_pop_thread_default (context);
}

static void
scene_begin (Scene *scene, const char *script)
{
  *scene = (Scene) { .script = script, .length = strlen (script), .cancellable = g_cancellable_new () };
  g_assert_cmpuint (scene->length, <=, LONGEST);
  gate_init (&functions_may_end);
  for (gsize i = 0; i < scene->length; i++)
    {
      memset (scene->heard[i], '-', scene->length);
      if (strchr (LISTENERS, script[i]))
        begin_to_listen (scene, i);
      else
        connect_spectator (scene, i);
    }
}

static void
scene_end (Scene *scene)
{
  gate_open (&functions_may_end);
  for (gsize i = 0; i < scene->length; i++)
    if (scene->contexts[i])
      {
        drain (scene->contexts[i]);
        g_main_context_unref (scene->contexts[i]);
      }
  while (g_atomic_int_get (&scene->functions) > 0)
    g_usleep (50);
  gate_clear (&functions_may_end);
  g_object_unref (scene->cancellable);
}

static void
assert_all_heard (const Scene *scene, gboolean expected)
{
  for (gsize i = 0; i < scene->length; i++)
    if (scene->contexts[i])
      g_assert_cmpint (has_heard (scene, i), ==, expected);
}

/* What a handler must have seen: those have heard who began to listen before it was connected. */
static char *
must_see (const Scene *scene, gsize place)
{
  char *text = g_strnfill (scene->length, '-');

  for (gsize i = 0; i < scene->length; i++)
    if (scene->contexts[i])
      text[i] = scene->script[place] == 'a' || i < place ? '1' : '0';
  return text;
}

static void
assert_each_saw (Scene *scene)
{
  for (gsize i = 0; i < scene->length; i++)
    if (strchr (HANDLERS, scene->script[i]))
      {
        char *expected = must_see (scene, i);

        if (strcmp (scene->heard[i], expected) != 0)
          g_error ("%s: handler %" G_GSIZE_FORMAT " saw %s instead of %s", scene->script, i, scene->heard[i], expected);
        g_free (expected);
      }
  assert_all_heard (scene, TRUE);
}

static void
cancel_here (GCancellable *cancellable)
{
  g_cancellable_cancel (cancellable);
}

static void
cancel_elsewhere (GCancellable *cancellable)
{
  g_thread_join (g_thread_new ("cancels", cancel_in_thread, cancellable));
}

/* Plays all scripts of at most `longest` letters of the alphabet, behind a fixed beginning. */
static void
play_all (const char *alphabet, gsize longest, const char *beginning, void (*cancel) (GCancellable *))
{
  gsize letters = strlen (alphabet), count = 1;

  for (gsize length = 1; length <= longest; length++)
    {
      count *= letters;
      for (gsize number = 0; number < count; number++)
        {
          GString *script = g_string_new (beginning);
          Scene scene;

          for (gsize i = 0, rest = number; i < length; i++, rest /= letters)
            g_string_append_c (script, alphabet[rest % letters]);
          scene_begin (&scene, script->str);
          cancel (scene.cancellable);
          assert_each_saw (&scene);
          scene_end (&scene);
          g_string_free (script, TRUE);
        }
    }
}

static void
test_every_order (void)
{
  play_all ("cTSAD", harness_rounds (20) < 20 ? 3 : 4, "", cancel_here);
}

static void
test_from_another_thread (void)
{
  play_all ("cTSD", harness_rounds (20) < 20 ? 2 : 4, "", cancel_elsewhere);
}

/* Handlers of g_signal_connect(), too, as soon as one of g_cancellable_connect() was there. */
static void
test_plain_handlers (void)
{
  play_all ("paTS", harness_rounds (20) < 20 ? 2 : 4, "c", cancel_here);
  play_all ("paTS", harness_rounds (20) < 20 ? 2 : 4, "D", cancel_here);
}

/* Handlers of g_signal_connect() alone do not count: who begins to listen then hears before all handlers. */
static void
test_plain_handlers_alone (void)
{
  Scene scene;

  scene_begin (&scene, "pTpSp");
  g_cancellable_cancel (scene.cancellable);
  for (gsize i = 0; i < scene.length; i += 2)
    g_assert_cmpstr (scene.heard[i], ==, "-1-1-");
  scene_end (&scene);
}

/* The places stay: a source fires again at its own. */
static void
test_fires_again (void)
{
  GCancellable *cancellable = g_cancellable_new ();
  GMainContext *context = g_main_context_new ();
  Scene scene = { .script = "cSc", .length = 3, .cancellable = cancellable, .contexts = { NULL, context, NULL } };
  Spectator before = { &scene, 0 }, after = { &scene, 2 };
  Watch watch;
  GSource *source;

  g_cancellable_connect (cancellable, G_CALLBACK (look), &before, NULL);
  source = watch_source_new (&watch, cancellable);
  g_source_attach (source, context);
  g_cancellable_connect (cancellable, G_CALLBACK (look), &after, NULL);
  for (gint turn = 1; turn <= 3; turn++)
    {
      g_cancellable_cancel (cancellable);
      g_assert_cmpint (scene.heard[0][1], ==, '0');
      g_assert_cmpint (scene.heard[2][1], ==, '1');
      drain (context);
      g_assert_cmpint (watch.tally.calls, ==, turn);
      g_cancellable_reset (cancellable);
    }
  destroy_source (source);
  g_main_context_unref (context);
  g_object_unref (cancellable);
}

/* --- What handlers before a listener can still do --- */

static GString *story;

static void
say (const char *word)
{
  g_string_append_printf (story, "%s ", word);
}

static gboolean
say_from_source (gpointer word)
{
  say (word);
  return G_SOURCE_REMOVE;
}

static void
say_callback (G_GNUC_UNUSED GObject *source, G_GNUC_UNUSED GAsyncResult *result, gpointer word)
{
  say (word);
}

static void
attach_idle (G_GNUC_UNUSED GCancellable *cancellable, gpointer word)
{
  g_idle_add_full (G_PRIORITY_DEFAULT, say_from_source, word, NULL);
}

static void
return_result (G_GNUC_UNUSED GCancellable *cancellable, gpointer word)
{
  GTask *task = g_task_new (NULL, NULL, say_callback, word);

  g_task_return_boolean (task, TRUE);
  g_object_unref (task);
}

/* A task that runs until the functions may end, with `word` for its callback. */
static GTask *
run_task (Scene *scene, const char *word, gboolean return_on_cancel)
{
  GTask *task = g_task_new (NULL, scene->cancellable, say_callback, (gpointer) word);

  g_task_set_task_data (task, scene, NULL);
  g_task_set_return_on_cancel (task, return_on_cancel);
  g_atomic_int_inc (&scene->functions);
  g_task_run_in_thread (task, run_until_opened);
  return task;
}

/* The result of the task stands between what the handlers before and after it attach. */
static void
test_results_in_order (void)
{
  Scene scene;

  story = g_string_new (NULL);
  scene_begin (&scene, "");
  g_cancellable_connect (scene.cancellable, G_CALLBACK (attach_idle), (gpointer) "idle-1", NULL);
  g_object_unref (run_task (&scene, "task-1", TRUE));
  g_cancellable_connect (scene.cancellable, G_CALLBACK (return_result), (gpointer) "result-2", NULL);
  g_object_unref (run_task (&scene, "task-2", TRUE));
  g_object_unref (run_task (&scene, "task-3", TRUE));
  g_cancellable_connect (scene.cancellable, G_CALLBACK (attach_idle), (gpointer) "idle-3", NULL);
  g_cancellable_cancel (scene.cancellable);
  drain (NULL);
  g_assert_cmpstr (story->str, ==, "idle-1 task-1 result-2 task-2 task-3 idle-3 ");
  scene_end (&scene);
  g_string_free (story, TRUE);
}

typedef struct
{
  GTask *task;
  gboolean on;
  gboolean answer;
} Switch;

static void
switch_return_on_cancel (G_GNUC_UNUSED GCancellable *cancellable, gpointer data)
{
  Switch *self = data;

  self->answer = g_task_set_return_on_cancel (self->task, self->on);
}

/* A handler before a task may still switch return-on-cancel, and the cancellation finds what it left. */
static void
test_switch (void)
{
  for (int on = 0; on <= 1; on++)
    {
      Scene scene;
      Switch self = { .on = on };

      story = g_string_new (NULL);
      scene_begin (&scene, "");
      g_cancellable_connect (scene.cancellable, G_CALLBACK (switch_return_on_cancel), &self, NULL);
      self.task = run_task (&scene, "task", !on);
      g_cancellable_cancel (scene.cancellable);
      g_assert_true (self.answer);
      g_assert_cmpint (g_task_get_return_on_cancel (self.task), ==, on);
      drain (NULL);
      g_assert_cmpstr (story->str, ==, on ? "task " : "");
      gate_open (&functions_may_end);
      while (!g_task_get_completed (self.task))
        g_main_context_iteration (NULL, TRUE);
      g_assert_cmpstr (story->str, ==, "task ");
      g_object_unref (self.task);
      scene_end (&scene);
      g_string_free (story, TRUE);
    }
}

static GMainContext *context_of_result;

static void
let_function_end (G_GNUC_UNUSED GCancellable *cancellable, gpointer data)
{
  Scene *scene = data;

  gate_open (&functions_may_end);
  while (g_atomic_int_get (&scene->functions) > 0 || !g_main_context_pending (context_of_result))
    g_usleep (50);
}

/* The function of a task ends while a handler before it runs: it has completed the task, once. */
static void
test_function_ends (void)
{
  Scene scene;
  GTask *task;

  story = g_string_new (NULL);
  context_of_result = g_main_context_new ();
  scene_begin (&scene, "");
  g_cancellable_connect (scene.cancellable, G_CALLBACK (let_function_end), &scene, NULL);
  g_main_context_push_thread_default (context_of_result);
  task = run_task (&scene, "task", TRUE);
  g_main_context_pop_thread_default (context_of_result);
  g_cancellable_cancel (scene.cancellable);
  g_cancellable_reset (scene.cancellable);
  drain (context_of_result);
  g_assert_cmpstr (story->str, ==, "task ");
  g_assert_true (g_task_propagate_boolean (task, NULL)); /* its own result */
  g_object_unref (task);
  scene_end (&scene);
  g_main_context_unref (context_of_result);
  g_string_free (story, TRUE);
}

typedef struct
{
  Scene scene;
  gint is_back;
  gboolean saw_before, saw_after;
} Waiting;

static gpointer
run_in_thread_sync (gpointer data)
{
  Waiting *self = data;
  GTask *task = g_task_new (NULL, self->scene.cancellable, NULL, NULL);

  g_task_set_task_data (task, &self->scene, NULL);
  g_task_set_return_on_cancel (task, TRUE);
  g_task_run_in_thread_sync (task, run_until_opened);
  g_atomic_int_set (&self->is_back, 1);
  g_object_unref (task);
  return NULL;
}

static void
look_before (G_GNUC_UNUSED GCancellable *cancellable, gpointer data)
{
  Waiting *self = data;

  g_usleep (2000);
  self->saw_before = g_atomic_int_get (&self->is_back);
}

static void
wait_after (G_GNUC_UNUSED GCancellable *cancellable, gpointer data)
{
  Waiting *self = data;
  gint64 end = g_get_monotonic_time () + HELPER_PATIENCE;

  while (!(self->saw_after = g_atomic_int_get (&self->is_back)) && g_get_monotonic_time () < end)
    g_usleep (50);
}

/* A caller that waits is let go at the place of its task: a handler after it can wait for the caller. */
static void
test_waiting_caller (void)
{
  Waiting self = { .is_back = 0 };
  GThread *thread;

  scene_begin (&self.scene, "");
  g_cancellable_connect (self.scene.cancellable, G_CALLBACK (look_before), &self, NULL);
  g_atomic_int_inc (&self.scene.functions);
  thread = g_thread_new ("waits", run_in_thread_sync, &self);
  while (g_atomic_int_get (&self.scene.begun) == 0)
    g_usleep (50);
  g_cancellable_connect (self.scene.cancellable, G_CALLBACK (wait_after), &self, NULL);
  g_cancellable_cancel (self.scene.cancellable);
  g_assert_false (self.saw_before);
  g_assert_true (self.saw_after);
  g_thread_join (thread);
  scene_end (&self.scene);
}

typedef struct
{
  Scene *scene;
  Watch watch;
  GSource *source;
} Starter;

static void
start_inside (GCancellable *cancellable, gpointer data)
{
  Starter *self = data;

  self->source = watch_source_new (&self->watch, cancellable);
  g_source_attach (self->source, NULL);
  drain (NULL);
  g_assert_cmpint (self->watch.tally.calls, ==, 1);
  g_object_unref (run_task (self->scene, "inside", TRUE));
  drain (NULL);
  g_assert_cmpstr (story->str, ==, "inside ");
}

/* Who begins to listen inside a handler finds the object cancelled, and is not told of that once more. */
static void
test_start_inside (void)
{
  Scene scene;
  Starter self = { .scene = &scene };
  Tally after = { 0, 0 };

  story = g_string_new (NULL);
  scene_begin (&scene, "cT");
  g_cancellable_connect (scene.cancellable, G_CALLBACK (start_inside), &self, NULL);
  g_cancellable_connect (scene.cancellable, G_CALLBACK (tally_call), &after, NULL);
  g_cancellable_cancel (scene.cancellable);
  assert_tally (&after, 1, 0);
  drain (NULL);
  g_assert_cmpint (self.watch.tally.calls, ==, 1);
  g_assert_cmpstr (story->str, ==, "inside ");
  destroy_source (self.source);
  scene_end (&scene);
  g_string_free (story, TRUE);
}

static void
cancel_inner (G_GNUC_UNUSED GCancellable *cancellable, gpointer inner)
{
  g_cancellable_cancel (inner);
  g_assert_true (g_cancellable_is_cancelled (inner));
}

/* A handler cancels another object: each object has its own order, the inner one within a handler of the outer. */
static void
test_two_objects (void)
{
  Scene outer, inner;
  Spectator watches_inner = { &inner, 0 };

  scene_begin (&inner, "cTScA");
  scene_begin (&outer, "cSc");
  g_cancellable_connect (outer.cancellable, G_CALLBACK (cancel_inner), inner.cancellable, NULL);
  begin_to_listen (&outer, outer.length++);
  outer.script = "cScS"; /* the last listener stands behind the handler that cancels the inner object */
  g_cancellable_connect (outer.cancellable, G_CALLBACK (look), &watches_inner, NULL);
  assert_all_heard (&inner, FALSE);
  g_cancellable_cancel (outer.cancellable);
  g_assert_cmpstr (inner.heard[3], ==, "-11-0");
  g_assert_cmpstr (inner.heard[0], ==, "-11-1"); /* overwritten by the last handler of the outer object */
  assert_all_heard (&inner, TRUE);
  assert_all_heard (&outer, TRUE);
  scene_end (&outer);
  scene_end (&inner);
}

/* One of them that is not blocked; 0 if there is none. */
static gulong
find_handler (GCancellable *cancellable)
{
  return g_signal_handler_find (cancellable, G_SIGNAL_MATCH_ID | G_SIGNAL_MATCH_UNBLOCKED,
                                g_signal_lookup ("cancelled", G_TYPE_CANCELLABLE), 0, NULL, NULL, NULL);
}

/* A listener that has ended leaves nothing behind. */
static void
test_nothing_left (void)
{
  Scene scene;
  gulong id;
  Tally tally = { 0, 0 };
  Watch watch;
  GSource *source;

  scene_begin (&scene, "D");
  g_assert_cmpuint (find_handler (scene.cancellable), ==, 0);
  id = g_cancellable_connect (scene.cancellable, G_CALLBACK (tally_call), &tally, NULL);
  g_object_unref (run_task (&scene, "task", FALSE));
  source = watch_source_new (&watch, scene.cancellable);
  g_cancellable_disconnect (scene.cancellable, id);
  gate_open (&functions_may_end);
  story = g_string_new (NULL);
  while (story->len == 0)
    g_main_context_iteration (NULL, TRUE);
  g_source_unref (source);
  g_assert_cmpuint (find_handler (scene.cancellable), ==, 0);
  g_cancellable_cancel (scene.cancellable);
  assert_tally (&tally, 0, 0);
  scene_end (&scene);
  g_string_free (story, TRUE);
}

/* Places that are taken and given up while another thread cancels: the tasks are completed, each once. */

static gpointer
cancel_and_reset (gpointer data)
{
  Scene *scene = data;

  while (g_atomic_int_get (&scene->begun) >= 0)
    {
      g_cancellable_cancel (scene->cancellable);
      g_cancellable_reset (scene->cancellable);
    }
  return NULL;
}

static void
return_at_once (GTask *task, G_GNUC_UNUSED gpointer source, G_GNUC_UNUSED gpointer data,
                G_GNUC_UNUSED GCancellable *cancellable)
{
  g_task_return_boolean (task, TRUE);
}

static void
count_callback (G_GNUC_UNUSED GObject *source, G_GNUC_UNUSED GAsyncResult *result, gpointer calls)
{
  g_atomic_int_inc ((gint *) calls);
}

static void
test_race (void)
{
  guint rounds = harness_rounds (2000);
  gint calls = 0, finalized = 0;
  Tally tally = { 0, 0 };
  Scene scene;
  GThread *thread;

  scene_begin (&scene, "D");
  g_signal_connect (scene.cancellable, "cancelled", G_CALLBACK (tally_call), &tally);
  thread = g_thread_new ("cancels", cancel_and_reset, &scene);
  for (guint i = 0; i < rounds; i++)
    {
      GTask *task = g_task_new (NULL, scene.cancellable, count_callback, &calls);

      count_finalization (task, &finalized);
      g_task_set_return_on_cancel (task, i % 2);
      g_task_run_in_thread (task, return_at_once);
      g_object_unref (task);
      g_main_context_iteration (NULL, FALSE);
#ifndef ON_GIO /* may leak it: 6.28 (new) */
      g_source_unref (g_cancellable_source_new (scene.cancellable));
#endif
    }
  wait_for_count (NULL, &finalized, (gint) rounds);
  g_assert_cmpint (calls, ==, (gint) rounds);
  wait_for_count (NULL, &tally.calls, 1);
  g_atomic_int_set (&scene.begun, -1);
  g_thread_join (thread);
  scene_end (&scene);
}

/* --- What differs --- */

static void
reset_here (GCancellable *cancellable, G_GNUC_UNUSED gpointer data)
{
  g_cancellable_reset (cancellable);
}

/* A handler before the listeners clears the flag: they hear all the same, of what has happened. */
static void
test_reset_before (void)
{
  Scene scene;

  scene_begin (&scene, "D");
  g_cancellable_connect (scene.cancellable, G_CALLBACK (reset_here), NULL, NULL);
  scene.script = "DTS";
  while (scene.length < 3)
    begin_to_listen (&scene, scene.length++);
  g_cancellable_cancel (scene.cancellable);
  g_assert_false (g_cancellable_is_cancelled (scene.cancellable));
  assert_all_heard (&scene, TRUE);
  scene_end (&scene);
}

static void
cancel_again_once (GCancellable *cancellable, gpointer data)
{
  Tally *tally = data;

  if (tally->calls++ > 0)
    return;
  g_cancellable_reset (cancellable);
  g_cancellable_cancel (cancellable);
}

/* A handler resets and cancels again: the listeners behind it hear inside the inner cancellation. */
static void
test_cancel_again_before (void)
{
  Scene scene;
  Tally tally = { 0, 0 };
  Watch watch;
  GSource *source;

  scene_begin (&scene, "");
  g_cancellable_connect (scene.cancellable, G_CALLBACK (cancel_again_once), &tally, NULL);
  source = watch_source_new (&watch, scene.cancellable);
  g_source_attach (source, NULL);
  g_cancellable_cancel (scene.cancellable);
  g_assert_cmpint (tally.calls, ==, 2);
  drain (NULL);
  g_assert_cmpint (watch.tally.calls, ==, 1);
  destroy_source (source);
  scene_end (&scene);
}

static void
stop_emission (GCancellable *cancellable, G_GNUC_UNUSED gpointer data)
{
  g_signal_stop_emission_by_name (cancellable, "cancelled");
}

/* A handler stops the emission: the listeners behind it hear when it is over. */
static void
test_stopped (void)
{
  Scene scene;

  scene_begin (&scene, "D");
  g_cancellable_connect (scene.cancellable, G_CALLBACK (stop_emission), NULL, NULL);
  scene.script = "DTS";
  while (scene.length < 3)
    begin_to_listen (&scene, scene.length++);
  g_cancellable_cancel (scene.cancellable);
  assert_all_heard (&scene, TRUE);
  scene_end (&scene);
}

/* The handlers were disconnected or blocked, all that there are. */
static void
test_without_handlers (void)
{
  void (*const ways[]) (gpointer, gulong) = { g_signal_handler_disconnect, g_signal_handler_block };

  for (gsize way = 0; way < G_N_ELEMENTS (ways); way++)
    {
      Scene scene;
      gulong id;

      scene_begin (&scene, "cTS");
      while ((id = find_handler (scene.cancellable)) != 0)
        ways[way](scene.cancellable, id);
      g_cancellable_cancel (scene.cancellable);
      g_assert_cmpstr (scene.heard[0], ==, "---");
      assert_all_heard (&scene, TRUE);
      scene_end (&scene);
    }
}

/* The object was disposed of by hand. */
static void
test_disposed (void)
{
  Scene scene;

  scene_begin (&scene, "cTcS");
  g_object_run_dispose (G_OBJECT (scene.cancellable));
  g_assert_cmpuint (find_handler (scene.cancellable), ==, 0);
  g_cancellable_cancel (scene.cancellable);
  assert_all_heard (&scene, TRUE);
  scene_end (&scene);
}

/* An emission by hand calls the handlers, and no listener. */
static void
test_by_hand (void)
{
  Scene scene;

  scene_begin (&scene, "ScTSc");
  g_signal_emit_by_name (scene.cancellable, "cancelled");
  g_assert_cmpstr (scene.heard[4], ==, "0-00-");
  assert_all_heard (&scene, FALSE);
  g_cancellable_cancel (scene.cancellable);
  assert_each_saw (&scene);
  assert_all_heard (&scene, TRUE);
  scene_end (&scene);
}

static const Case cases[] = {
  { "/cancellable-places/every-order", test_every_order, NULL, 0 },
  { "/cancellable-places/from-another-thread", test_from_another_thread, NULL, 0 },
  { "/cancellable-places/plain-handlers", test_plain_handlers, NULL, 0 },
  { "/cancellable-places/fires-again", test_fires_again, NULL, 0 },
  { "/cancellable-places/results-in-order", test_results_in_order, NULL, 0 },
  { "/cancellable-places/switch", test_switch, NULL, 0 },
  { "/cancellable-places/function-ends", test_function_ends, NULL, 0 },
  { "/cancellable-places/waiting-caller", test_waiting_caller, NULL, 0 },
  { "/cancellable-places/start-inside", test_start_inside, NULL, 0 },
  { "/cancellable-places/two-objects", test_two_objects, NULL, 0 },
  { "/cancellable-places/nothing-left", test_nothing_left, NULL, 0 },
  { "/cancellable-places/race", test_race, NULL, 0 },
  { "/cancellable-places/plain-handlers-alone", test_plain_handlers_alone,
    "6.33 (decided): handlers of g_signal_connect() alone are not looked for", 5 },
  { "/cancellable-places/reset-before", test_reset_before,
    "6.21 (better): from inside a handler every call returns at once and does what it says", HANGS },
  { "/cancellable-places/cancel-again-before", test_cancel_again_before,
    "6.21 (better): from inside a handler every call returns at once and does what it says", HANGS },
  { "/cancellable-places/stopped", test_stopped, ALWAYS_HEARS, 5 },
  { "/cancellable-places/without-handlers", test_without_handlers, ALWAYS_HEARS, 5 },
  { "/cancellable-places/disposed", test_disposed, ALWAYS_HEARS, 5 },
  { "/cancellable-places/by-hand", test_by_hand,
    "6.6 (decided): an emission of the signal by hand does not reach the library's own listeners", 5 },
};

HARNESS_MAIN (cases)
