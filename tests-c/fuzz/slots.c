#include "fuzz.h"

#include <string.h>

#define N_CANCELLABLES 4
#define N_OBJECTS 3
#define N_CONTEXTS 4
#define HELPER_CONTEXT 3

static const char kinds[] = "tscoxhk";
static Slot slots[sizeof kinds - 1][MAX_SLOTS];

/* The last cancellable is of a class of the program's own. */
typedef GCancellable ListeningCancellable;
typedef GCancellableClass ListeningCancellableClass;
static GType listening_cancellable_get_type (void);
G_DEFINE_TYPE (ListeningCancellable, listening_cancellable, G_TYPE_CANCELLABLE)

static void
listening_cancellable_cancelled (GCancellable *cancellable)
{
  say ("class handler %s", name_of ('c', cancellable));
}

static void
listening_cancellable_class_init (ListeningCancellableClass *class)
{
  class->cancelled = listening_cancellable_cancelled;
}

static void
listening_cancellable_init (ListeningCancellable *self G_GNUC_UNUSED)
{
}

Slot *
slot (char kind, int number)
{
  return &slots[strchr (kinds, kind) - kinds][number];
}

gboolean
slot_is_live (char kind, int number)
{
  const Slot *s = slot (kind, number);

  if (kind == 'h')
    return s->used;
  return s->refs > 0 || s->present > 0;
}

gpointer
slot_get (char kind, int number)
{
  return number == NOTHING ? NULL : slot (kind, number)->object;
}

const char *
name_of (char kind, gpointer object)
{
  static char names[sizeof kinds - 1][MAX_SLOTS][8];
  gsize row = strchr (kinds, kind) - kinds;

  if (!object)
    return "NULL";
  for (int i = 0; i < MAX_SLOTS; i++)
    if (slots[row][i].object == object)
      {
        g_snprintf (names[row][i], sizeof names[row][i], "%c%d", kind, i);
        return names[row][i];
      }
  return "other";
}

static void
object_gone (gpointer data, GObject *object G_GNUC_UNUSED)
{
  Slot *s = data;
  gsize index = s - &slots[0][0];

  say_released ("gone %c%d", kinds[index / MAX_SLOTS], (int) (index % MAX_SLOTS));
  s->object = NULL;
}

void
slot_put_object (char kind, int number, gpointer object, int refs)
{
  Slot *s = slot (kind, number);

  s->used = TRUE;
  s->object = object;
  s->refs = refs;
  if (strchr ("tsco", kind) && object)
    g_object_weak_ref (object, object_gone, s);
}

/* With the source may go a task, and with the task the context: GLib hangs if that happens in g_source_destroy(). */
void
source_destroy (GSource *source)
{
  GMainContext *context;

  if (g_source_is_destroyed (source))
    return;
  context = g_source_get_context (source);
  if (context)
    g_main_context_ref (context);
  g_source_destroy (source);
  if (context)
    g_main_context_unref (context);
}

void
slot_drop (char kind, int number)
{
  Slot *s = slot (kind, number);

  if (s->refs == 0)
    return;
  s->refs--;
  if (kind == 'x')
    g_main_context_unref (s->object);
  else if (kind == 'k')
    {
      GSource *source = s->object;

      source_destroy (source);
      s->object = NULL; /* its address will be used again */
      g_source_unref (source);
    }
  else
    g_object_unref (s->object);
}

void
slot_keep (char kind, int number)
{
  g_object_ref (slot (kind, number)->object);
  slot (kind, number)->kept++;
}

static gboolean
context_witness_called (gpointer data G_GNUC_UNUSED)
{
  return G_SOURCE_CONTINUE;
}

static void
context_witness_freed (gpointer data)
{
  Slot *s = data;

  say_released ("gone x%d", (int) (s - slot ('x', 0)));
  s->object = NULL;
}

/* A context cannot be watched; a source in it that never fires can. */
static void
make_context (int number)
{
  GSource *witness;

  /* The second one is woken also when nobody owns it. */
  slot_put_object ('x', number,
                   g_main_context_new_with_flags (number == 2 ? G_MAIN_CONTEXT_FLAGS_OWNERLESS_POLLING
                                                              : G_MAIN_CONTEXT_FLAGS_NONE),
                   1);
  witness = g_timeout_source_new_seconds (100000);
  g_source_set_callback (witness, context_witness_called, slot ('x', number), context_witness_freed);
  g_source_attach (witness, slot ('x', number)->object);
  g_source_unref (witness);
}

static gboolean
uses_helper (const Program *program)
{
  for (guint i = 0; i < program->n_lines; i++)
    if (strcmp (program->lines[i].op->name, "helper") == 0)
      return TRUE;
  return program_uses (program, 'x', HELPER_CONTEXT);
}

void
slots_make (const Program *program)
{
  gboolean with_helper = uses_helper (program);

  slot_put_object ('x', 0, g_main_context_ref (g_main_context_default ()), 1);
  for (int i = 1; i < N_CONTEXTS; i++)
    if (program_uses (program, 'x', i) || (i == HELPER_CONTEXT && with_helper))
      make_context (i);
  for (int i = 0; i < N_OBJECTS; i++)
    if (program_uses (program, 'o', i))
      slot_put_object ('o', i, g_object_new (G_TYPE_OBJECT, NULL), 1);
  for (int i = 0; i < N_CANCELLABLES; i++)
    if (program_uses (program, 'c', i))
      slot_put_object ('c', i,
                       i == N_CANCELLABLES - 1 ? g_object_new (listening_cancellable_get_type (), NULL)
                                               : (gpointer) g_cancellable_new (),
                       1);
  turns_init (with_helper, with_helper ? slot ('x', HELPER_CONTEXT)->object : NULL);
}

void
slots_drop_all (void)
{
  for (const char *kind = "tskco"; *kind; kind++)
    for (int i = 0; i < MAX_SLOTS; i++)
      {
        Slot *s = slot (*kind, i);

        for (; s->kept > 0; s->kept--)
          g_object_unref (s->object);
        while (s->refs > 0)
          slot_drop (*kind, i);
      }
}

gboolean
something_is_left (void)
{
  for (const char *kind = "tsco"; *kind; kind++)
    for (int i = 0; i < MAX_SLOTS; i++)
      if (slot (*kind, i)->object)
        return TRUE;
  return data_are_left () || errors_are_left ();
}

void
say_leftovers (void)
{
  for (int i = 1; i < N_CONTEXTS; i++)
    slot_drop ('x', i);
  for (const char *kind = "tscox"; *kind; kind++)
    for (int i = *kind == 'x'; i < MAX_SLOTS; i++)
      if (slot (*kind, i)->object)
        say_released ("alive %c%d", *kind, i);
  data_say_leftovers ();
}
