#include "fuzz.h"

#include <poll.h>

static GCancellable *
cancellable_of (int number)
{
  return slot_get ('c', number);
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
  s->emitting++;
  g_cancellable_cancel (s->object);
  s->emitting--;
}

static void
op_emit (const int *args)
{
  Slot *s = slot ('c', args[0]);

  if (s->emitting)
    {
      skip ("is being emitted");
      return;
    }
  s->emitting++;
  g_signal_emit_by_name (s->object, "cancelled");
  s->emitting--;
}

static void
op_reset (const int *args)
{
  if (too_much_for_gio (slot ('c', args[0])->emitting))
    return;
  g_cancellable_reset (cancellable_of (args[0]));
}

static void
op_connect (const int *args)
{
  Slot *h = slot ('h', args[0]);
  gpointer cancellable = cancellable_of (args[1]);
  gpointer data = GINT_TO_POINTER (args[0]);

  h->used = TRUE;
  h->cancellable = args[1];
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
      if (h->id && too_much_for_gio (s->emitting))
        return;
      g_cancellable_disconnect (s->object, h->id);
    }
  else if (h->id)
    g_signal_handler_disconnect (s->object, h->id);
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
  k->mode = args[4];
  g_source_set_priority (source, 300 + args[0] + (args[3] < 0 ? -600 : 0));
  if (args[4] & 2)
    {
      GClosure *closure = g_cclosure_new (G_CALLBACK (cancellable_source_called), GINT_TO_POINTER (args[0]), NULL);

      g_source_set_closure (source, closure);
    }
  else
    g_source_set_callback (source, G_SOURCE_FUNC (cancellable_source_called), GINT_TO_POINTER (args[0]), source_freed);
  g_source_attach (source, slot_get ('x', args[2]));
  say ("= name %s ready %d", g_source_get_name (source), (int) g_source_get_ready_time (source));
}

static void
op_drop_source (const int *args)
{
  Slot *k = slot ('k', args[0]);

  /* GIO leaks a source that goes while its cancellable calls handlers (#774). */
  if (k->cancellable != NOTHING && too_much_for_gio (slot ('c', k->cancellable)->emitting))
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
  g_source_destroy (slot_get ('k', args[0]));
}

static void
op_push_current (const int *args)
{
  g_cancellable_push_current (cancellable_of (args[0]));
  say ("= current %s", name_of ('c', g_cancellable_get_current ()));
}

static void
op_pop_current (const int *args)
{
  g_cancellable_pop_current (cancellable_of (args[0]));
  say ("= current %s", name_of ('c', g_cancellable_get_current ()));
}

static const Op ops[] = {
  { "cancel", "c?", op_cancel, 20, 0, FALSE },
  { "emit", "c", op_emit, 2, 0, FALSE },
  { "reset", "c", op_reset, 10, 0, FALSE },
  { "connect", "Hcm", op_connect, 16, 4, FALSE },
  { "disconnect", "hm", op_disconnect, 10, 2, FALSE },
  { "set-error-if-cancelled", "c?m", op_set_error, 4, 3, FALSE },
  { "get-fd", "c?", op_get_fd, 4, 0, FALSE },
  { "make-pollfd", "c?", op_make_pollfd, 4, 0, FALSE },
  { "release-fd", "c?", op_release_fd, 6, 0, FALSE },
  { "source", "Kc?x?pm", op_source, 8, 4, FALSE },
  { "drop-source", "k", op_drop_source, 5, 0, FALSE },
  { "destroy-source", "k", op_destroy_source, 3, 0, FALSE },
  { "push-current", "c", op_push_current, 3, 0, FALSE },
  { "pop-current", "c", op_pop_current, 4, 0, FALSE },
};

const OpTable cancellable_ops = { "cancellable", ops, G_N_ELEMENTS (ops) };
