/* Waiting, in code that may block, for what is only offered asynchronously: AsrWait.
 *
 *   cc wait.c $(pkg-config --cflags --libs asyncresult) -o wait
 *
 * A library offers an operation as a pair, count_async() and count_finish(). What is missing are synchronous functions:
 * here is a plain one, one that strings two operations together, one that gives up at a time, and one that
 * leaves the operation behind. Each may be called in any thread, in a callback, and while another one waits. */
#include <asyncresult/asr.h>

#include <stdio.h>

/* ---- what the library offers: how many letters a text has, which takes a millisecond for each ---- */

static void
count_in_thread (GTask *task, gpointer source G_GNUC_UNUSED, gpointer text,
                 GCancellable *cancellable G_GNUC_UNUSED)
{
  int n = 0;

  for (const char *letter = text; *letter != '\0'; letter++, n++)
    {
      if (g_task_return_error_if_cancelled (task))
        return;
      g_usleep (1000);
    }
  g_task_return_int (task, n);
}

static void
count_async (const char *text, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer data)
{
  GTask *task = g_task_new (NULL, cancellable, callback, data);

  g_task_set_task_data (task, g_strdup (text), g_free);
  g_task_run_in_thread (task, count_in_thread);
  g_object_unref (task);
}

static int
count_finish (GAsyncResult *result, GError **error)
{
  return (int) g_task_propagate_int (G_TASK (result), error);
}

/* ---- what is made of it ---- */

/* Whoever cancels the cancellable cancels the operation; the error comes with its result. */
static int
count (const char *text, GCancellable *cancellable, GError **error)
{
  g_autoptr (AsrWait) wait = asr_wait_new ();

  count_async (text, cancellable, ASR_WAIT (wait));
  return count_finish (asr_wait_run (wait), error);
}

/* One after the other, with the same wait. Between them nothing is on its way, so it may return. */
static int
count_both (const char *one, const char *other, GError **error)
{
  g_autoptr (AsrWait) wait = asr_wait_new ();
  int n, more;

  count_async (one, NULL, ASR_WAIT (wait));
  n = count_finish (asr_wait_run (wait), error);
  if (n < 0)
    return -1;
  count_async (other, NULL, ASR_WAIT (wait));
  more = count_finish (asr_wait_run (wait), error);
  return more < 0 ? -1 : n + more;
}

/* Gives up at a time: that ends the operation, and its end is waited for. Its result says that it was cancelled, and the
 * cancellable why. */
static int
count_within (const char *text, gint64 microseconds, GError **error)
{
  g_autoptr (AsrWait) wait = asr_wait_new ();
  g_autoptr (GCancellable) cancellable = asr_cancellable_new_timeout (microseconds);
  int n;

  count_async (text, cancellable, ASR_WAIT (wait));
  n = count_finish (asr_wait_run (wait), NULL);
  if (n < 0)
    asr_cancellable_set_error (cancellable, error);
  return n;
}

/* Gives up on an operation that heeds no cancellable, and leaves it behind. It must have all that it needs. */
static gboolean
is_short (const char *text)
{
  g_autoptr (AsrWait) wait = asr_wait_new ();

  count_async (text, NULL, ASR_WAIT (wait));
  return asr_wait_run_until (wait, g_get_monotonic_time () + 20 * 1000, NULL, NULL) != NULL;
}

/* ---- the caller's side ---- */

static gboolean all_as_expected = TRUE;

static void
tell (const char *what, int n, GError *error, int expected)
{
  printf ("%-8s %d%s%s%s\n", what, n, error ? ": " : "", error ? error->message : "",
          n == expected ? "" : "   (NOT as expected)");
  all_as_expected = all_as_expected && n == expected && (n < 0) == (error != NULL);
  g_clear_error (&error);
}

int
main (void)
{
  char *novel = g_strnfill (10 * 1000, 'x'); /* ten seconds */
  GCancellable *cancellable = g_cancellable_new ();
  GError *error = NULL;
  int n;

  n = count ("frobnitz", cancellable, &error);
  tell ("one", n, g_steal_pointer (&error), 8);

  n = count_both ("frob", "nitz", &error);
  tell ("both", n, g_steal_pointer (&error), 8);

  g_cancellable_cancel (cancellable);
  n = count ("frobnitz", cancellable, &error);
  tell ("cancel", n, g_steal_pointer (&error), -1);

  n = count_within (novel, 10 * 1000, &error);
  tell ("late", n, g_steal_pointer (&error), -1);

  tell ("short", is_short (novel), NULL, 0);
  g_free (novel);
  g_object_unref (cancellable);
  return all_as_expected ? 0 : 1;
}
