/* Cancellables that follow others, and end at a time: asr_cancellable_*.
 *
 *   cc deadline.c $(pkg-config --cflags --libs asyncresult) -o deadline
 *
 * A server gets a request, which takes several steps. A step may take so long, and the request so long; whoever asked
 * may go away, and the server may stop. Each of these ends exactly what belongs to it. No main loop runs here. */
#include <asyncresult/asr.h>

#include <stdio.h>

#define MILLISECONDS (G_USEC_PER_SEC / 1000)

/* A step that looks, between pieces of its work, whether to stop. GIO's functions take the cancellable as well. */
static gboolean
work (const char *name, int milliseconds, GCancellable *cancellable, GError **error)
{
  for (int i = 0; i < milliseconds; i++)
    {
      if (asr_cancellable_set_error (cancellable, error))
        {
          g_prefix_error (error, "%s: ", name);
          return FALSE;
        }
      g_usleep (1 * MILLISECONDS);
    }
  printf ("%s: done\n", name);
  return TRUE;
}

/* At most so long, and no longer than the request: the step follows it, and ends with this function. */
static gboolean
step (const char *name, int milliseconds, int limit, GCancellable *request, GError **error)
{
  g_autoptr (GCancellable) cancellable = asr_cancellable_new_child (request);

  asr_cancellable_set_deadline (cancellable, g_get_monotonic_time () + limit * MILLISECONDS);
  return work (name, milliseconds, cancellable, error);
}

static const char *
reason_of (GCancellable *cancellable)
{
  switch (asr_cancellable_get_reason (cancellable))
    {
    case ASR_CANCEL_REASON_NONE:
      return "goes on";
    case ASR_CANCEL_REASON_ITSELF:
      return "was cancelled itself";
    case ASR_CANCEL_REASON_PARENT:
      return "was cancelled with what it follows";
    default:
      return "ran out of time";
    }
}

/* Two steps, of which the second takes too long for one of the limits. */
static void
serve (const char *name, GCancellable *server, GCancellable *client, int limit, int limit_of_step)
{
  GCancellable *parents[] = { server, client };
  g_autoptr (GCancellable) request = asr_cancellable_new_linked (parents, G_N_ELEMENTS (parents));
  g_autoptr (GError) error = NULL;

  printf ("-- %s\n", name);
  asr_cancellable_set_deadline (request, g_get_monotonic_time () + limit * MILLISECONDS);
  if (!step ("first step", 1, 10000, request, &error) || !step ("second step", 300, limit_of_step, request, &error))
    printf ("%s (%s)\n", error->message, error->code == G_IO_ERROR_TIMED_OUT ? "too late" : "cancelled");
  printf ("the request %s\n", reason_of (request));
}

int
main (void)
{
  g_autoptr (GCancellable) server = g_cancellable_new ();
  g_autoptr (GCancellable) client = g_cancellable_new ();

  serve ("the second step has 20 ms", server, client, 10000, 20);
  serve ("the request has 100 ms", server, NULL, 100, 10000);
  g_cancellable_cancel (client);
  serve ("the client went away", server, client, 10000, 10000);
  printf ("the server %s\n", reason_of (server));
  return 0;
}
