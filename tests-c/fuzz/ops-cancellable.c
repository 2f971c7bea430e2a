#include "fuzz.h"

#include <poll.h>

static GCancellable *
cancellable_of (int number)
{
  return slot_get ('c', number);
}

static void
calls_begin (Calls *calls, gboolean emission)
{
  g_assert (calls->n_threads < (int) G_N_ELEMENTS (calls->threads));
  calls->threads[calls->n_threads++] = g_thread_self ();
  calls->emissions += emission;
}

static void
calls_end (Calls *calls, gboolean emission)
{
  calls->n_threads--;
  calls->emissions -= emission;
}

/* Waits for handlers cannot end while another thread calls them, since that thread waits for this one. In the same
 * thread libgio waits for an emission, and only for that. */
static gboolean
cannot_wait_for_handlers (int cancellable)
{
  const Calls *calls = &slot ('c', cancellable)->calls;

  for (int i = 0; i < calls->n_threads; i++)
    if (calls->threads[i] != g_thread_self ())
      {
        skip ("another thread is in a handler");
        return TRUE;
      }
  /* It waits for the handler of this thread, in which this is not called on libgio. */
  if (elsewhere_is_late (cancellable) && too_much_for_gio (TRUE))
    return TRUE;
  return too_much_for_gio (calls->emissions > 0);
}

static void
op_cancel (const int *args)
{
  Slot *s;

  if (args[0] == NOTHING)
    {
      g_cancellable_cancel (NULL);
      return;
    }
  s = slot ('c', args[0]);
  /* The library must hold it: a handler may drop the last reference. */
  dismiss_tasks_of (args[0]);
  calls_begin (&s->calls, TRUE);
  g_cancellable_cancel (s->object);
  calls_end (&s->calls, TRUE);
}

static void
op_cancel_all_jobs (const int *args G_GNUC_UNUSED)
{
  gboolean had[MAX_SLOTS] = { FALSE };

  if (!simple_jobs_are_known ())
    {
      skip ("libgio may have one more");
      return;
    }
  for (int i = 0; i < MAX_SLOTS; i++)
    {
      if (job_get_cancellable (i) != NOTHING)
        had[job_get_cancellable (i)] = TRUE;
      if (simple_job_get_cancellable (i) != NOTHING)
        had[simple_job_get_cancellable (i)] = TRUE;
    }
  for (int i = 0; i < MAX_SLOTS; i++)
    if (had[i])
      {
        dismiss_tasks_of (i);
        calls_begin (&slot ('c', i)->calls, TRUE);
      }
  g_io_scheduler_cancel_all_jobs ();
  for (int i = 0; i < MAX_SLOTS; i++)
    if (had[i])
      calls_end (&slot ('c', i)->calls, TRUE);
}

static void
op_emit (const int *args)
{
  Slot *s = slot ('c', args[0]);

  if (s->calls.emissions > 0)
    {
      skip ("is being emitted");
      return;
    }
  if (too_much_for_gio (has_listeners (args[0])))
    return;
  calls_begin (&s->calls, TRUE);
  g_signal_emit_by_name (s->object, "cancelled");
  calls_end (&s->calls, TRUE);
}

static void
op_reset (const int *args)
{
  if (cannot_wait_for_handlers (args[0]))
    return;
  g_cancellable_reset (cancellable_of (args[0]));
}

static void
op_connect (const int *args)
{
  Slot *h = slot ('h', args[0]), *s = slot ('c', args[1]);
  gpointer cancellable = cancellable_of (args[1]);
  gpointer data = GINT_TO_POINTER (args[0]);

  h->used = TRUE;
  h->cancellable = args[1];
  h->place = args[2] == 3 ? G_MAXINT : next_place ();
  g_object_ref (cancellable); /* a late handler may drop another one */
  calls_begin (&s->calls, FALSE);
  switch (args[2])
    {
    case 0:
      h->id = g_cancellable_connect (cancellable, G_CALLBACK (handler_called), data, handler_freed);
      break;
    case 1:
      h->id = g_cancellable_connect (cancellable, G_CALLBACK (handler_called), data, NULL);
      break;
    case 2:
      h->id = g_signal_connect_data (cancellable, "cancelled", G_CALLBACK (handler_called), data,
                                     handler_closure_freed, 0);
      break;
    default:
      h->id = g_signal_connect_after (cancellable, "cancelled", G_CALLBACK (handler_called), data);
    }
  calls_end (&s->calls, FALSE);
  s->connected |= args[2] < 2 && h->id != 0;
  g_object_unref (cancellable);
  say ("= %s", h->id ? "connected" : "0");
}

static void
op_disconnect (const int *args)
{
  Slot *h = slot ('h', args[0]);
  Slot *s = slot ('c', h->cancellable);

  if (!slot_is_live ('c', h->cancellable))
    {
      skip ("the cancellable is gone");
      return;
    }
  if (args[1] == 0)
    {
      if (h->id && cannot_wait_for_handlers (h->cancellable))
        return;
      g_cancellable_disconnect (s->object, h->id);
    }
  else if (h->id)
    {
      h->mode = h->present > 0;
      g_signal_handler_disconnect (s->object, h->id);
    }
}

static void
op_set_error (const int *args)
{
  GError *error = NULL;
  gboolean answer;

  if (args[1] == 2)
    error = g_error_new (G_FILE_ERROR, G_FILE_ERROR_IO, "stale");
  answer = g_cancellable_set_error_if_cancelled (cancellable_of (args[0]), args[1] == 0 ? NULL : &error);
  say ("= %d", answer);
  say_error (error);
}

static void
op_get_fd (const int *args)
{
  int fd = g_cancellable_get_fd (cancellable_of (args[0]));

  if (args[0] != NOTHING)
    slot ('c', args[0])->users++;
  say ("= %s", fd < 0 ? "none" : "fd");
}

static void
op_make_pollfd (const int *args)
{
  GPollFD pollfd = { .fd = 77, .events = 0, .revents = 0x5555 };
  gboolean answer = g_cancellable_make_pollfd (cancellable_of (args[0]), &pollfd);

  if (args[0] != NOTHING)
    slot ('c', args[0])->users++;
  say ("= %d %s events %d revents %d", answer, pollfd.fd == 77 ? "untouched" : "fd", pollfd.events,
       answer ? pollfd.revents : 0);
}

static void
op_release_fd (const int *args)
{
  if (args[0] != NOTHING)
    {
      if (slot ('c', args[0])->users == 0)
        {
          skip ("no user");
          return;
        }
      slot ('c', args[0])->users--;
    }
  g_cancellable_release_fd (cancellable_of (args[0]));
}

/* Modes: bit 0: its callback says TRUE, so that it stays; bit 1: a closure. */
static void
op_source (const int *args)
{
  Slot *k = slot ('k', args[0]);
  GSource *source = g_cancellable_source_new (cancellable_of (args[1]));

  k->used = TRUE;
  k->object = source;
  k->refs = 1;
  k->cancellable = args[1];
  take_place (k);
  k->mode = args[4];
  g_source_set_priority (source, args[3]);
  if (args[4] & 2)
    {
      GClosure *closure = g_cclosure_new (G_CALLBACK (cancellable_source_called), GINT_TO_POINTER (args[0]), NULL);

      g_source_set_closure (source, closure);
    }
  else
    g_source_set_callback (source, G_SOURCE_FUNC (cancellable_source_called), GINT_TO_POINTER (args[0]), source_freed);
  g_source_attach (source, slot_get ('x', args[2]));
  /* In an emission ours may hear of it, and so wake its context, after it is attached. */
  if (args[1] != NOTHING && slot ('c', args[1])->calls.emissions > 0)
    g_main_context_wakeup (slot_get ('x', args[2]));
  say ("= name %s ready %d", g_source_get_name (source), (int) g_source_get_ready_time (source));
}

static void
op_drop_source (const int *args)
{
  Slot *k = slot ('k', args[0]);

  /* GIO leaks a source that goes while its cancellable calls handlers (#774). */
  if (k->cancellable != NOTHING && too_much_for_gio (slot ('c', k->cancellable)->calls.emissions > 0))
    return;
  if (k->refs == 0)
    {
      skip ("not the program's");
      return;
    }
  if (role_is ("worker"))
    data_stop_events ();
  slot_drop ('k', args[0]);
}

static void
op_destroy_source (const int *args)
{
  source_destroy (slot_get ('k', args[0]));
}

static void
op_push_current (const int *args)
{
  if (role_is ("worker"))
    {
      skip ("which worker comes next is anybody's guess");
      return;
    }
  g_cancellable_push_current (cancellable_of (args[0]));
  say ("= current %s", name_of ('c', g_cancellable_get_current ()));
}

static void
op_pop_current (const int *args)
{
  if (role_is ("worker"))
    {
      skip ("which worker comes next is anybody's guess");
      return;
    }
  g_cancellable_pop_current (cancellable_of (args[0]));
  say ("= current %s", name_of ('c', g_cancellable_get_current ()));
}

static const Op ops[] = {
  { "cancel", "c?", op_cancel, 20, 0, WAKES, FALSE },
  { "cancel-all-jobs", "", op_cancel_all_jobs, 4, 0, WAKES, FALSE },
  { "emit", "c", op_emit, 2, 0, WAKES, FALSE },
  { "reset", "c", op_reset, 10, 0, ALONE, FALSE },
  { "connect", "Hcm", op_connect, 16, 4, ALONE, FALSE },
  { "disconnect", "hm", op_disconnect, 10, 2, ALONE, FALSE },
  { "set-error-if-cancelled", "c?m", op_set_error, 4, 3, ALONE, FALSE },
  { "get-fd", "c?", op_get_fd, 4, 0, ALONE, FALSE },
  { "make-pollfd", "c?", op_make_pollfd, 4, 0, ALONE, FALSE },
  { "release-fd", "c?", op_release_fd, 6, 0, ALONE, FALSE },
  { "source", "Kc?x?pm", op_source, 8, 4, ALONE, FALSE },
  { "drop-source", "k", op_drop_source, 5, 0, DROPS, FALSE },
  { "destroy-source", "k", op_destroy_source, 3, 0, DROPS, FALSE },
  { "push-current", "c", op_push_current, 3, 0, ALONE, FALSE },
  { "pop-current", "c", op_pop_current, 4, 0, ALONE, FALSE },
};

const OpTable cancellable_ops = { "cancellable", ops, G_N_ELEMENTS (ops) };
