/* Sources: the current one in the hands of a callback, those that are kept, and those that are found by their data. */
#include "fuzz.h"

#include <string.h>
#include <unistd.h>

#define MAX_KEPT 8

static struct
{
  GSource *source;
  Slot *result; /* whose pending source it was, or NULL */
} kept[MAX_KEPT];
static int n_kept;

static const char *
ready_name (GSource *source)
{
  gint64 ready = g_source_get_ready_time (source);

  return ready < 0 ? "never" : ready == 0 ? "now" : "some time";
}

/* Our source for a cancellable has a child that becomes ready in its place. */
static gboolean
is_of_cancellable (GSource *source)
{
  static const GSourceFuncs *functions;

  if (functions == NULL)
    {
      GSource *sample = g_cancellable_source_new (NULL);
      functions = sample->source_funcs;
      g_source_unref (sample);
    }
  return source->source_funcs == functions;
}

static void
say_source (const char *what, GSource *source)
{
  gboolean destroyed = g_source_is_destroyed (source);

  say ("= %s name %s priority %d ready %s recurse %d destroyed %d current %d", what,
       g_source_get_name (source) ? g_source_get_name (source) : "nameless", g_source_get_priority (source),
       is_of_cancellable (source) ? "sometimes" : ready_name (source), g_source_get_can_recurse (source), destroyed, g_main_current_source () == source);
  if (!destroyed)
    say ("= context %s", name_of ('x', g_source_get_context (source)));
}

static gboolean
replaced_called (gpointer data G_GNUC_UNUSED)
{
  say ("replaced callback depth %d", g_main_depth ());
  return G_SOURCE_REMOVE;
}

static gboolean
child_called (gpointer data G_GNUC_UNUSED)
{
  say ("child");
  return G_SOURCE_REMOVE;
}

static void
replaced_freed (gpointer data G_GNUC_UNUSED)
{
  say ("free replaced data");
}

static void
replace_callback (GSource *source)
{
  g_source_set_callback (source, replaced_called, NULL, replaced_freed);
}

static void
add_child (GSource *source)
{
  GSource *child = g_idle_source_new ();

  g_source_set_callback (child, child_called, NULL, NULL);
  g_source_add_child_source (source, child);
  g_source_unref (child);
}

static void
add_descriptor (GSource *source, GIOCondition condition)
{
  static int ends[2] = { -1, -1 };

  if (ends[0] < 0 && pipe (ends) != 0)
    g_error ("no pipe");
  g_source_add_unix_fd (source, condition == G_IO_OUT ? ends[1] : ends[0], condition);
}

static void
keep (GSource *source, Slot *result)
{
  if (n_kept == MAX_KEPT)
    return;
  kept[n_kept].source = g_source_ref (source);
  kept[n_kept++].result = result;
}

static gint64
much_later (void)
{
  return g_get_monotonic_time () + 1000 * G_TIME_SPAN_SECOND;
}

/* A source that may stay after its callback, and so must not be ready for ever. */
static gboolean
is_lasting (GSource *source)
{
  for (int i = 0; i < MAX_SLOTS; i++)
    if (slot ('k', i)->object == source)
      return TRUE;
  return FALSE;
}

static void
op_current (const int *args)
{
  GSource *source = g_main_current_source ();

  if (!source)
    {
      skip ("no source");
      return;
    }
  switch (args[0])
    {
    case 0:
      say_source ("current", source);
      say ("= depth %d", g_main_depth ());
      break;
    case 1:
      g_source_set_priority (source, G_PRIORITY_LOW);
      break;
    case 2:
      g_source_set_priority (source, -20);
      break;
    case 3:
    case 4:
      /* libgio's source for a cancellable has its ready time for its own use. */
      if (is_of_cancellable (source))
        skip ("a source for a cancellable");
      else
        g_source_set_ready_time (source, args[0] == 3 ? 0 : much_later ());
      break;
    case 5:
      replace_callback (source);
      break;
    case 6:
      /* libgio's source for a cancellable calls it all the same. */
      if (!too_much_for_gio (is_lasting (source)))
        g_source_set_callback (source, NULL, NULL, NULL);
      break;
    case 7:
      add_child (source);
      break;
    case 8:
      add_descriptor (source, is_lasting (source) ? G_IO_IN : G_IO_OUT);
      break;
    case 9:
      add_descriptor (source, G_IO_IN);
      break;
    case 10:
      source_destroy (source);
      break;
    case 11:
      g_source_set_name (source, "mine");
      break;
    case 12:
      keep (source, NULL);
      break;
    case 13:
      keep (source, NULL);
      source_destroy (source);
      break;
    case 14:
      say ("= id %d", g_main_context_find_source_by_id (g_source_get_context (source), g_source_get_id (source)) ==
                        source);
      break;
    case 15:
      g_source_set_can_recurse (source, TRUE);
      break;
    default:
      g_source_set_can_recurse (source, FALSE);
    }
}

/* ---- what is done to the source of a pending result ---- */

static void
remove_idle (gpointer data)
{
  say ("= removed %d", g_idle_remove_by_data (data));
}

/* How many references nobody drops when the source of a task's result goes undispatched: libgio loses one. */
static guint
count_lost (void)
{
  static guint lost;
  static gboolean known;
  GMainContext *context;
  GTask *task;

  if (known)
    return lost;
  known = TRUE;
  context = g_main_context_new ();
  g_main_context_push_thread_default (context);
  task = g_task_new (NULL, NULL, NULL, NULL);
  g_task_return_boolean (task, TRUE);
  lost = G_OBJECT (task)->ref_count - 2; /* this one and the source's */
  g_main_context_iteration (context, FALSE);
  g_object_unref (task);
  g_main_context_pop_thread_default (context);
  g_main_context_unref (context);
  return lost;
}

/* Then they are dropped here. What is being dispatched drops them itself. */
static void
end_pending (Slot *result, void (*function) (gpointer data), gpointer data)
{
  gpointer object = result && result->delivering == 0 ? result->object : NULL;

  if (!object)
    {
      function (data);
      return;
    }
  g_object_ref (object);
  function (data);
  if (G_IS_TASK (object))
    for (guint lost = count_lost (); lost > 0; lost--)
      g_object_unref (object);
  g_object_unref (object);
}

static void
op_kept (const int *args)
{
  GSource *source = n_kept > 0 ? kept[0].source : NULL;

  if (!source)
    {
      skip ("no source");
      return;
    }
  switch (args[0])
    {
    case 0:
      say_source ("kept", source);
      break;
    case 1:
      if (!g_source_is_destroyed (source))
        end_pending (kept[0].result, (void (*) (gpointer)) source_destroy, source);
      break;
    case 2:
      memmove (kept, kept + 1, sizeof *kept * (gsize) --n_kept);
      g_source_unref (source);
      break;
    case 3:
      if (!is_of_cancellable (source))
        g_source_set_ready_time (source, 0);
      break;
    case 4:
      if (!g_source_is_destroyed (source))
        g_source_set_priority (source, 20);
      break;
    default:
      if (!g_source_is_destroyed (source))
        end_pending (kept[0].result, (void (*) (gpointer)) replace_callback, source);
      kept[0].result = NULL;
    }
}

void
kept_sources_drop (void)
{
  while (n_kept > 0)
    g_source_unref (kept[--n_kept].source);
}

/* ---- by their data ---- */

static GSource *
find (gpointer data, int context)
{
  GSource *source;

  if (!data)
    {
      skip ("it is gone");
      return NULL;
    }
  source = g_main_context_find_source_by_user_data (slot_get ('x', context), data);
  if (!source)
    say ("= none");
  return source;
}

static void
find_and (char kind, const int *args)
{
  Slot *result = slot (kind, args[0]);
  GSource *source = find (result->object, args[1]);

  if (!source)
    return;
  if (is_lasting (source))
    result = NULL;
  say_source ("found", source);
  if (args[2] == 1)
    keep (source, result);
  if (args[2] == 2)
    end_pending (result, (void (*) (gpointer)) source_destroy, source);
}

/* Also what only the library holds. */
static void
op_find (const int *args)
{
  find_and ('t', args);
}

static void
op_find_simple (const int *args)
{
  find_and ('s', args);
}

static void
op_remove_idle (const int *args)
{
  GSource *source = find (slot_get ('t', args[0]), 0);

  if (!source)
    return;
  if (is_lasting (source))
    skip ("it has another source");
  else
    end_pending (slot ('t', args[0]), remove_idle, slot_get ('t', args[0]));
}

static const Op ops[] = {
  { "current", "m", op_current, 30, 17, ALONE, FALSE },
  { "kept", "m", op_kept, 10, 6, DROPS, FALSE },
  { "find", "ex?m", op_find, 14, 3, DROPS, FALSE },
  { "find-simple", "fx?m", op_find_simple, 5, 3, DROPS, FALSE },
  { "remove-idle", "e", op_remove_idle, 6, 0, DROPS, FALSE },
};

const OpTable source_ops = { "source", ops, G_N_ELEMENTS (ops) };
