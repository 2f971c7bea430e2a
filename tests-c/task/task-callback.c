/* Around the callback of a GTask: `completed`, who is alive until when, attached sources, reported errors. */
#include "counted-error.h"
#include "task-helpers.h"

#define DATA_MAGIC GINT_TO_POINTER (0x5eed)

typedef struct
{
  Call call;
  gint notifications;
  gint calls_when_notified;
  gboolean property_in_callback;
  GMainContext *thread_default; /* when notified */
  GThread *thread;              /* when notified */
} Story;

static void
note_completion (GObject *task, GParamSpec *property, gpointer data)
{
  Story *story = data;
  gboolean completed;

  g_assert_cmpstr (property->name, ==, "completed");
  g_object_get (task, "completed", &completed, NULL);
  g_assert_true (completed);
  g_assert_cmpint (g_task_get_completed (G_TASK (task)), ==, TRUE);
  story->notifications++;
  story->calls_when_notified = story->call.calls;
  story->thread_default = g_main_context_get_thread_default ();
  story->thread = g_thread_self ();
}

static void
story_callback (GObject *source, GAsyncResult *result, gpointer data)
{
  Story *story = data;

  note_call (source, result, &story->call);
  g_object_get (result, "completed", &story->property_in_callback, NULL);
  g_assert_cmpint (story->notifications, ==, 0);
}

static gboolean
return_five (gpointer task)
{
  g_task_return_int (task, 5);
  return G_SOURCE_REMOVE;
}

static void
assert_completion (GMainContext *context, gboolean with_callback, gboolean from_source)
{
  Story story = { .property_in_callback = TRUE };
  GTask *task;

  if (context)
    g_main_context_push_thread_default (context);
  task = g_task_new (NULL, NULL, with_callback ? story_callback : NULL, &story);
  if (context)
    g_main_context_pop_thread_default (context);
  g_signal_connect (task, "notify::completed", G_CALLBACK (note_completion), &story);
  let_time_move ();
  if (from_source)
    call_from_source (context, return_five, task);
  else
    return_five (task);
  drain (context);

  g_assert_cmpint (story.call.calls, ==, with_callback);
  g_assert_cmpint (story.notifications, ==, 1);
  g_assert_cmpint (story.calls_when_notified, ==, with_callback);
  if (with_callback)
    {
      g_assert_cmpint (story.call.completed, ==, FALSE);
      g_assert_cmpint (story.property_in_callback, ==, FALSE);
    }
  g_assert_true (story.thread == g_thread_self ());
  g_assert_true (story.thread_default == context);
  g_assert_cmpint (g_task_propagate_int (task, NULL), ==, 5);
  g_assert_finalize_object (task);
}

/* FALSE in the callback, TRUE right after it, notified once in the same context; callback or not (743636). */
static void
test_completed (void)
{
  GMainContext *context = g_main_context_new ();

  for (int i = 0; i < 8; i++)
    assert_completion (i & 4 ? context : NULL, i & 2 ? TRUE : FALSE, i & 1);
  g_main_context_unref (context);
}

typedef struct
{
  gint source, cancellable, task, task_data;
  gint gone_in_callback, gone_when_notified;
} Lives;

static gint
lives_gone (Lives *lives)
{
  return lives->source + lives->cancellable + lives->task + lives->task_data;
}

static void
check_lives (GObject *source, GAsyncResult *result, gpointer data)
{
  Lives *lives = data;

  g_assert_true (G_IS_OBJECT (source));
  g_assert_true (g_task_get_task_data (G_TASK (result)) == &lives->task_data);
  lives->gone_in_callback = lives_gone (lives);
}

static void
check_lives_when_notified (GObject *task G_GNUC_UNUSED, GParamSpec *property G_GNUC_UNUSED, gpointer data)
{
  Lives *lives = data;

  lives->gone_when_notified = lives_gone (lives);
}

/* From return to notification the library alone keeps the task and all it holds alive; then all goes, once. */
static void
test_kept_alive (void)
{
  GObject *source = g_object_new (G_TYPE_OBJECT, NULL);
  GCancellable *cancellable = g_cancellable_new ();
  Lives lives = { .gone_in_callback = -1, .gone_when_notified = -1 };
  GTask *task = g_task_new (source, cancellable, check_lives, &lives);

  watch (source, &lives.source);
  watch (cancellable, &lives.cancellable);
  watch (task, &lives.task);
  g_task_set_task_data (task, &lives.task_data, count_destroy);
  g_signal_connect (task, "notify::completed", G_CALLBACK (check_lives_when_notified), &lives);
  g_object_unref (source);
  g_object_unref (cancellable);
  g_task_return_pointer (task, NULL, NULL);
  g_object_unref (task);

  g_assert_cmpint (lives_gone (&lives), ==, 0);
  drain (NULL);
  g_assert_cmpint (lives.gone_in_callback, ==, 0);
  g_assert_cmpint (lives.gone_when_notified, ==, 0);
  g_assert_cmpint (lives.source, ==, 1);
  g_assert_cmpint (lives.cancellable, ==, 1);
  g_assert_cmpint (lives.task, ==, 1);
  g_assert_cmpint (lives.task_data, ==, 1);
}

static void
drop_task (GObject *source G_GNUC_UNUSED, GAsyncResult *result, gpointer data)
{
  g_object_unref (result);
  count_destroy (data);
}

/* The callback may drop the last reference from outside, delivered now or later. */
static void
test_dropped_in_callback (void)
{
  for (int from_source = FALSE; from_source <= TRUE; from_source++)
    {
      gint calls = 0, finalized = 0;
      GTask *task = g_task_new (NULL, NULL, drop_task, &calls);

      watch (task, &finalized);
      let_time_move ();
      if (from_source)
        call_from_source (NULL, return_five, task);
      else
        return_five (task);
      drain (NULL);
      g_assert_cmpint (calls, ==, 1);
      g_assert_cmpint (finalized, ==, 1);
    }
}

/* What the callback is given. */
static void
test_callback_arguments (void)
{
  GObject *source = g_object_new (G_TYPE_OBJECT, NULL);
  Call call = { 0 };
  GTask *task = g_task_new (source, NULL, note_call, &call);

  g_assert_true (g_async_result_get_user_data (G_ASYNC_RESULT (task)) == &call);
  g_task_return_int (task, 5);
  drain (NULL);
  g_assert_cmpint (call.calls, ==, 1);
  g_assert_true (call.source == source);
  g_assert_true (call.result == G_ASYNC_RESULT (task));
  g_assert_finalize_object (task);
  g_assert_finalize_object (source);
}

static gboolean
attached_function (gpointer task)
{
  gint *runs = g_task_get_task_data (task);

  (*runs)++;
  return *runs < 3 ? G_SOURCE_CONTINUE : G_SOURCE_REMOVE;
}

/* An attached source has the task's context and priority, calls with the task, and holds it until it is gone. */
static void
test_attach_source (void)
{
  GMainContext *context = g_main_context_new ();
  GSource *source = g_idle_source_new ();
  gint runs = 0, finalized = 0;
  GTask *task;

  g_main_context_push_thread_default (context);
  task = g_task_new (NULL, NULL, NULL, NULL);
  g_main_context_pop_thread_default (context);
  watch (task, &finalized);
  g_task_set_task_data (task, &runs, NULL);
  g_task_set_priority (task, -17);
  g_task_attach_source (task, source, attached_function);
  g_task_return_int (task, 1);
  g_object_unref (task);

  g_assert_true (g_source_get_context (source) == context);
  g_assert_cmpint (g_source_get_priority (source), ==, -17);
  g_source_unref (source);
  drain (NULL);
  g_assert_cmpint (runs, ==, 0);
  g_main_context_iteration (context, FALSE);
  g_assert_cmpint (runs, ==, 1);
  g_assert_cmpint (finalized, ==, 0);
  drain (context);
  g_assert_cmpint (runs, ==, 3);
  g_assert_cmpint (finalized, ==, 1);
  g_main_context_unref (context);
}

/* Destroying the source lets go of the task. */
static void
test_attach_source_destroyed (void)
{
  GSource *source = g_idle_source_new ();
  GTask *task = g_task_new (NULL, NULL, NULL, NULL);
  gint finalized = 0;

  watch (task, &finalized);
  g_task_return_int (task, 1);
  drain (NULL);
  g_task_attach_source (task, source, attached_function);
  g_object_unref (task);
  g_assert_cmpint (finalized, ==, 0);
  g_source_destroy (source);
  g_assert_cmpint (finalized, ==, 1);
  g_source_unref (source);
}

static GSourceFuncs bare_source_funcs; /* a source that never fires, and that nobody has named */

static char *
name_after_attaching (const char *task_name, const char *source_name)
{
  GSource *source = g_source_new (&bare_source_funcs, sizeof (GSource));
  GTask *task = g_task_new (NULL, NULL, NULL, NULL);
  char *name;

  if (task_name)
    g_task_set_name (task, task_name);
  if (source_name)
    g_source_set_name (source, source_name);
  g_task_attach_source (task, source, attached_function);
  name = g_strdup (g_source_get_name (source));
  g_source_destroy (source);
  g_source_unref (source);
  g_task_return_int (task, 1);
  drain (NULL);
  g_assert_finalize_object (task);
  return name;
}

/* A nameless source is named after its task; a nameless task changes no name. */
static void
test_attach_source_name (void)
{
  char *given = name_after_attaching ("task", NULL);
  char *kept = name_after_attaching (NULL, "own");
  char *none = name_after_attaching (NULL, NULL);

  g_assert_cmpstr (given, ==, "task");
  g_assert_cmpstr (kept, ==, "own");
  g_assert_null (none);
  g_free (given);
  g_free (kept);
}

/* A source that has a name keeps it (!2869). */
static void
test_attach_source_own_name (void)
{
  char *name = name_after_attaching ("task", "own");

  g_assert_cmpstr (name, ==, "own");
  g_free (name);
}

static char report_tag[1];

static void
take_report (GObject *source, GAsyncResult *result, gpointer data)
{
  g_assert_true (g_task_is_valid (result, source));
  g_assert_true (g_async_result_is_tagged (result, report_tag));
  g_assert_null (g_task_get_cancellable (G_TASK (result)));
  g_assert_cmpint (g_task_get_priority (G_TASK (result)), ==, G_PRIORITY_DEFAULT);
  g_assert_cmpint (g_task_propagate_int (G_TASK (result), data), ==, -1);
}

/* report_error: a tagged task that brings the error, the same one, in a later iteration. */
static void
test_report_error (void)
{
  GObject *source = g_object_new (G_TYPE_OBJECT, NULL);
  GError *given = counted_error_new (7), *error = NULL;

  g_task_report_error (source, take_report, &error, report_tag, given);
  g_assert_no_error (error);
  drain (NULL);
  g_assert_true (error == given);
  g_clear_error (&error);
  g_assert_finalize_object (source);

  /* Nobody listens: the error goes. */
  g_task_report_error (NULL, NULL, NULL, report_tag, counted_error_new (7));
  drain (NULL);
  g_assert_cmpint (count_errors (), ==, 0);
}

/* report_new_error: the same, with the message formatted. */
static void
test_report_new_error (void)
{
  GError *error = NULL;

  g_task_report_new_error (NULL, take_report, &error, report_tag, G_IO_ERROR, G_IO_ERROR_EXISTS, "%s and %d", "that", 4);
  g_assert_no_error (error);
  drain (NULL);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_EXISTS);
  g_assert_cmpstr (error->message, ==, "that and 4");
  g_clear_error (&error);
}

static const Case cases[] = {
  { "/task-callback/completed", test_completed, NULL, 0 },
  { "/task-callback/kept-alive", test_kept_alive, NULL, 0 },
  { "/task-callback/dropped-in-callback", test_dropped_in_callback, NULL, 0 },
  { "/task-callback/arguments", test_callback_arguments, NULL, 0 },
  { "/task-callback/attach-source", test_attach_source, NULL, 0 },
  { "/task-callback/attach-source/destroyed", test_attach_source_destroyed, NULL, 0 },
  { "/task-callback/attach-source/name", test_attach_source_name, NULL, 0 },
  { "/task-callback/attach-source/own-name", test_attach_source_own_name,
    "until 2.84: 4.34 (new): attach_source keeps a source's name", 0 },
  { "/task-callback/report-error", test_report_error, NULL, 0 },
  { "/task-callback/report-new-error", test_report_new_error, NULL, 0 },
};

HARNESS_MAIN (cases)
