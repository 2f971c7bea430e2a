/* The frobnitz operation, complete: how to offer an asynchronous function, and how to call one.
 *
 *   cc frobnitz.c $(pkg-config --cflags --libs asyncresult) -o frobnitz
 *
 * A Frobnicator turns words round, slowly. It offers three functions in GLib's pattern, NAME_async to start and
 * NAME_finish to get the result: frob works in the main loop, one letter per iteration; frob_in_thread works
 * in a thread; recall knows its answer already, and hands it over in a result of a class of its own. */
#include <asyncresult/asyncresult.h>

#include <stdio.h>
#include <string.h>

#define FROBNICATOR_TYPE (frobnicator_get_type ())
G_DECLARE_FINAL_TYPE (Frobnicator, frobnicator, EXAMPLE, FROBNICATOR, GObject)

struct _Frobnicator
{
  GObject parent;
  char *last_word; /* the last one that was frobbed in the main loop */
};

G_DEFINE_FINAL_TYPE (Frobnicator, frobnicator, G_TYPE_OBJECT)

static void
frobnicator_init (Frobnicator *self)
{
  (void) self;
}

static void
frobnicator_finalize (GObject *object)
{
  g_free (EXAMPLE_FROBNICATOR (object)->last_word);
  G_OBJECT_CLASS (frobnicator_parent_class)->finalize (object);
}

static void
frobnicator_class_init (FrobnicatorClass *class)
{
  G_OBJECT_CLASS (class)->finalize = frobnicator_finalize;
}

/* ---- frob: in the main loop ---- */

/* What the operation needs while it runs. It belongs to the task. */
typedef struct
{
  char *word;
  char *turned;
  gsize done;
} Work;

static Work *
work_new (const char *word)
{
  Work *work = g_new0 (Work, 1);

  work->word = g_strdup (word);
  work->turned = g_strdup (word);
  return work;
}

static void
work_free (gpointer data)
{
  Work *work = data;

  g_free (work->word);
  g_free (work->turned);
  g_free (work);
}

/* Turns one letter. Returns whether there are more. */
static gboolean
work_step (Work *work)
{
  gsize length = strlen (work->word);

  work->turned[length - 1 - work->done] = work->word[work->done];
  return ++work->done < length;
}

/* Called by the main loop, until it has returned a result. */
static gboolean
frob_step (gpointer data)
{
  GTask *task = data;
  Frobnicator *self = g_task_get_source_object (task);
  Work *work = g_task_get_task_data (task);

  if (g_task_return_error_if_cancelled (task))
    return G_SOURCE_REMOVE;
  if (work_step (work))
    return G_SOURCE_CONTINUE;

  g_free (self->last_word);
  self->last_word = g_strdup (work->turned);
  g_task_return_pointer (task, g_steal_pointer (&work->turned), g_free);
  return G_SOURCE_REMOVE;
}

/* A source tag is any address that nobody else uses: it tells one operation's results from another's. */
static char frob_tag, recall_tag;

static GTask *
frob_task_new (Frobnicator *self, const char *word, GCancellable *cancellable, GAsyncReadyCallback callback,
               gpointer user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_source_tag (task, &frob_tag);
  g_task_set_task_data (task, work_new (word), work_free);
  return task;
}

/* Returns whether the operation is over before it began. */
static gboolean
refuse_empty (GTask *task, const char *word)
{
  if (*word != '\0')
    return FALSE;
  g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, "“%s” has no letter to turn", word);
  return TRUE;
}

static void
frobnicator_frob_async (Frobnicator *self, const char *word, GCancellable *cancellable,
                        GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = frob_task_new (self, word, cancellable, callback, user_data);

  if (!refuse_empty (task, word))
    {
      GSource *source = g_idle_source_new ();

      g_task_attach_source (task, source, frob_step); /* which takes a reference to the task */
      g_source_unref (source);
    }
  g_object_unref (task);
}

/* Returns the word, which the caller frees, or NULL with an error. */
static char *
frobnicator_frob_finish (Frobnicator *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);
  g_return_val_if_fail (g_async_result_is_tagged (result, &frob_tag), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

/* ---- frob_in_thread: the same, in a thread ---- */

/* Called in a thread: it may block, and it touches nothing but its arguments. */
static void
frob_thread (GTask *task, gpointer source_object, gpointer task_data, GCancellable *cancellable)
{
  Work *work = task_data;

  (void) source_object;
  while (work_step (work))
    if (g_cancellable_is_cancelled (cancellable))
      break;
  if (!g_task_return_error_if_cancelled (task))
    g_task_return_pointer (task, g_steal_pointer (&work->turned), g_free);
}

/* Its callback calls frobnicator_frob_finish(). */
static void
frobnicator_frob_in_thread_async (Frobnicator *self, const char *word, GCancellable *cancellable,
                                  GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = frob_task_new (self, word, cancellable, callback, user_data);

  if (!refuse_empty (task, word))
    g_task_run_in_thread (task, frob_thread);
  g_object_unref (task);
}

/* ---- recall: a result class of our own, by hand ---- */

#define RECOLLECTION_TYPE (recollection_get_type ())
G_DECLARE_FINAL_TYPE (Recollection, recollection, EXAMPLE, RECOLLECTION, GObject)

struct _Recollection
{
  GObject parent;
  Frobnicator *source;
  GAsyncReadyCallback callback;
  gpointer user_data;
};

static gpointer
recollection_get_user_data (GAsyncResult *result)
{
  return EXAMPLE_RECOLLECTION (result)->user_data;
}

static GObject *
recollection_get_source_object (GAsyncResult *result)
{
  return g_object_ref (G_OBJECT (EXAMPLE_RECOLLECTION (result)->source));
}

static gboolean
recollection_is_tagged (GAsyncResult *result, gpointer source_tag)
{
  (void) result;
  return source_tag == &recall_tag;
}

static void
recollection_result_init (GAsyncResultIface *iface)
{
  iface->get_user_data = recollection_get_user_data;
  iface->get_source_object = recollection_get_source_object;
  iface->is_tagged = recollection_is_tagged;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (Recollection, recollection, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_ASYNC_RESULT, recollection_result_init))

static void
recollection_init (Recollection *self)
{
  (void) self;
}

static void
recollection_finalize (GObject *object)
{
  g_object_unref (EXAMPLE_RECOLLECTION (object)->source);
  G_OBJECT_CLASS (recollection_parent_class)->finalize (object);
}

static void
recollection_class_init (RecollectionClass *class)
{
  G_OBJECT_CLASS (class)->finalize = recollection_finalize;
}

static gboolean
recollection_deliver (gpointer data)
{
  Recollection *self = data;

  self->callback (G_OBJECT (self->source), G_ASYNC_RESULT (self), self->user_data);
  return G_SOURCE_REMOVE;
}

/* The answer is there at once, but a callback must never run before the call that it belongs to has returned. */
static void
frobnicator_recall_async (Frobnicator *self, GAsyncReadyCallback callback, gpointer user_data)
{
  Recollection *result = g_object_new (RECOLLECTION_TYPE, NULL);
  GSource *source = g_idle_source_new ();

  result->source = g_object_ref (self);
  result->callback = callback;
  result->user_data = user_data;
  g_source_set_callback (source, recollection_deliver, result, g_object_unref);
  g_source_attach (source, g_main_context_get_thread_default ());
  g_source_unref (source);
}

static char *
frobnicator_recall_finish (Frobnicator *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_async_result_is_tagged (result, &recall_tag), NULL);

  if (self->last_word == NULL)
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "nothing was frobbed yet");
  return g_strdup (self->last_word);
}

/* ---- the caller's side ---- */

/* What a callback leaves for main(). */
typedef struct
{
  GMainLoop *loop;
  char *word;
  GError *error;
} Answer;

static void
on_frobbed (GObject *source_object, GAsyncResult *result, gpointer user_data)
{
  Answer *answer = user_data;

  answer->word = frobnicator_frob_finish (EXAMPLE_FROBNICATOR (source_object), result, &answer->error);
  g_main_loop_quit (answer->loop);
}

/* Works with any result: it asks the result itself for what the arguments say as well. */
static void
on_recalled (GObject *source_object, GAsyncResult *result, gpointer user_data)
{
  Frobnicator *source = EXAMPLE_FROBNICATOR (g_async_result_get_source_object (result));
  Answer *answer = g_async_result_get_user_data (result);

  g_assert_true (G_OBJECT (source) == source_object && answer == user_data);
  answer->word = frobnicator_recall_finish (source, result, &answer->error);
  g_object_unref (source);
  g_main_loop_quit (answer->loop);
}

static gboolean
cancel_now (gpointer cancellable)
{
  g_cancellable_cancel (cancellable);
  return G_SOURCE_REMOVE;
}

static gboolean all_as_expected = TRUE;

/* Waits for the answer, prints it, and compares: a word, or, if that is NULL, an error of GIO's with this code. */
static void
await (const char *run, Answer *answer, const char *word, gint code)
{
  gboolean expected;

  g_main_loop_run (answer->loop);
  if (word != NULL)
    expected = g_strcmp0 (answer->word, word) == 0 && answer->error == NULL;
  else
    expected = answer->word == NULL && g_error_matches (answer->error, G_IO_ERROR, code);
  printf ("%-10s %s%s%s\n", run, answer->error ? "error: " : "",
          answer->error ? answer->error->message : answer->word, expected ? "" : "   (NOT as expected)");
  all_as_expected = all_as_expected && expected;
  g_clear_pointer (&answer->word, g_free);
  g_clear_error (&answer->error);
}

int
main (void)
{
  Frobnicator *frobnicator = g_object_new (FROBNICATOR_TYPE, NULL);
  GCancellable *cancellable = g_cancellable_new ();
  Answer answer = { g_main_loop_new (NULL, FALSE), NULL, NULL };

  frobnicator_frob_async (frobnicator, "frobnitz", NULL, on_frobbed, &answer);
  await ("succeeds", &answer, "ztinborf", 0);

  frobnicator_frob_async (frobnicator, "", NULL, on_frobbed, &answer);
  await ("fails", &answer, NULL, G_IO_ERROR_INVALID_ARGUMENT);

  frobnicator_frob_async (frobnicator, "a word too long to wait for", cancellable, on_frobbed, &answer);
  g_idle_add_full (G_PRIORITY_HIGH, cancel_now, cancellable, NULL);
  await ("cancelled", &answer, NULL, G_IO_ERROR_CANCELLED);

  g_cancellable_reset (cancellable);
  frobnicator_frob_in_thread_async (frobnicator, "worker", cancellable, on_frobbed, &answer);
  await ("in thread", &answer, "rekrow", 0);

  frobnicator_recall_async (frobnicator, on_recalled, &answer);
  await ("recalled", &answer, "ztinborf", 0);

  g_main_loop_unref (answer.loop);
  g_object_unref (cancellable);
  g_object_unref (frobnicator);
  return all_as_expected ? 0 : 1;
}
