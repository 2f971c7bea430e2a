/* What GLib and the system need by themselves: no library can be below these. */
#include "bench.h"

/* A GObject subclass with nothing of its own but one signal, which is as a cancellable's. */

typedef struct
{
  GObject parent;
} Bare;

typedef struct
{
  GObjectClass parent;
  void (*struck) (Bare *self);
} BareClass;

GType bare_get_type (void);
G_DEFINE_TYPE (Bare, bare, G_TYPE_OBJECT)

static guint struck_signal;

static void
bare_class_init (G_GNUC_UNUSED BareClass *class)
{
  struck_signal = g_signal_new ("struck", bare_get_type (), G_SIGNAL_RUN_LAST, G_STRUCT_OFFSET (BareClass, struck), NULL,
                                NULL, NULL, G_TYPE_NONE, 0);
}

static void
bare_init (G_GNUC_UNUSED Bare *self)
{
}

static guint n_made;

static void
make_and_drop_objects (guint size)
{
  for (guint i = 0; i < size; i++)
    {
      GObject *object = g_object_new (bare_get_type (), NULL);

      n_made += object != NULL;
      g_object_unref (object);
    }
}

static void
make_emit_and_drop_objects (guint size)
{
  for (guint i = 0; i < size; i++)
    {
      GObject *object = g_object_new (bare_get_type (), NULL);

      g_signal_emit (object, struck_signal, 0);
      n_made += object != NULL;
      g_object_unref (object);
    }
}

static void
demand_made (guint size)
{
  demand (n_made == size, "making each object");
  n_made = 0;
}

/* One idle source per item. */

static guint n_idle;

static gboolean
count_idle (G_GNUC_UNUSED gpointer data)
{
  n_idle++;
  return G_SOURCE_REMOVE;
}

static void
attach_idle (void)
{
  GSource *source = g_idle_source_new ();

  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_callback (source, count_idle, NULL, NULL);
  g_source_attach (source, NULL);
  g_source_unref (source);
}

static void
idle_burst (guint size)
{
  for (guint i = 0; i < size; i++)
    attach_idle ();
  while (n_idle < size)
    g_main_context_iteration (NULL, TRUE);
}

static void
idle_one_at_a_time (guint size)
{
  for (guint i = 0; i < size; i++)
    {
      attach_idle ();
      g_main_context_iteration (NULL, TRUE);
    }
}

static void
demand_idle (guint size)
{
  demand (n_idle == size, "dispatching each source");
  n_idle = 0;
}

/* Two threads that wait for each other, turn by turn. */

static GMutex mutex;
static GCond to_there, and_back;
static guint n_asked, n_answered;

static gpointer
answer (gpointer size)
{
  g_mutex_lock (&mutex);
  while (n_answered < GPOINTER_TO_UINT (size))
    {
      while (n_asked == n_answered)
        g_cond_wait (&to_there, &mutex);
      n_answered++;
      g_cond_signal (&and_back);
    }
  g_mutex_unlock (&mutex);
  return NULL;
}

static GThread *answering;

static void
start_answering (guint size)
{
  n_asked = n_answered = 0;
  answering = g_thread_new ("answer", answer, GUINT_TO_POINTER (size));
}

static void
ask (guint size)
{
  g_mutex_lock (&mutex);
  while (n_asked < size)
    {
      n_asked++;
      g_cond_signal (&to_there);
      while (n_answered < n_asked)
        g_cond_wait (&and_back, &mutex);
    }
  g_mutex_unlock (&mutex);
}

static void
demand_answers (guint size)
{
  g_thread_join (answering);
  demand (n_answered == size, "an answer each time");
}

/* What signals cost inside GObject; and what threads with signals of their own cost each other there. */

static void
count_struck (G_GNUC_UNUSED GObject *object, gpointer counter)
{
  ++*(guint *) counter;
}

/* Handlers that come and go, alone and beside many others. */

enum { OTHERS = 10000 };

static GObject *long_lived;

static void
make_long_lived (G_GNUC_UNUSED guint size)
{
  long_lived = g_object_new (bare_get_type (), NULL);
}

static void
make_long_lived_with_handlers (guint size)
{
  make_long_lived (size);
  for (guint i = 0; i < OTHERS; i++)
    g_signal_connect (long_lived, "struck", G_CALLBACK (count_struck), NULL);
}

static void
connect_and_disconnect (guint size)
{
  for (guint i = 0; i < size; i++)
    {
      gulong id = g_signal_connect (long_lived, "struck", G_CALLBACK (count_struck), NULL);

      n_made += id != 0;
      g_signal_handler_disconnect (long_lived, id);
    }
}

static void
drop_long_lived (guint size)
{
  demand_made (size);
  g_clear_object (&long_lived);
}

static gpointer
use_own_signals (gpointer size)
{
  guint handled = 0;

  for (guint i = 0; i < GPOINTER_TO_UINT (size); i++)
    {
      GObject *object = g_object_new (bare_get_type (), NULL);
      gulong id = g_signal_connect (object, "struck", G_CALLBACK (count_struck), &handled);

      g_signal_emit (object, struck_signal, 0);
      g_signal_handler_disconnect (object, id);
      g_object_unref (object);
    }
  return GUINT_TO_POINTER (handled);
}

static void
signals_in_one_thread (guint size)
{
  n_made = GPOINTER_TO_UINT (g_thread_join (g_thread_new ("one", use_own_signals, GUINT_TO_POINTER (size))));
}

static void
signals_in_two_threads (guint size)
{
  GThread *one = g_thread_new ("one", use_own_signals, GUINT_TO_POINTER (size));
  GThread *two = g_thread_new ("two", use_own_signals, GUINT_TO_POINTER (size));

  n_made = GPOINTER_TO_UINT (g_thread_join (one));
  n_made += GPOINTER_TO_UINT (g_thread_join (two));
}

static void
demand_made_twice (guint size)
{
  demand_made (2 * size);
}

const Row floor_rows[] = {
  { "floor-object", NULL, make_and_drop_objects, demand_made, 100000, 100, 9, EACH_NANOSECONDS, FALSE },
  { "floor-emission", NULL, make_emit_and_drop_objects, demand_made, 100000, 100, 9, EACH_NANOSECONDS, FALSE },
  { "floor-handler", make_long_lived, connect_and_disconnect, drop_long_lived, 100000, 100, 9, EACH_NANOSECONDS, FALSE },
  { "floor-handler-among-many", make_long_lived_with_handlers, connect_and_disconnect, drop_long_lived,
    100000, 100, 9, EACH_NANOSECONDS, FALSE },
  { "floor-idle", NULL, idle_one_at_a_time, demand_idle, 50000, 100, 9, EACH_NANOSECONDS, FALSE },
  { "floor-idle-burst", NULL, idle_burst, demand_idle, 10000, 100, 15, EACH_NANOSECONDS, FALSE },
  { "floor-ping-pong", start_answering, ask, demand_answers, 5000, 50, 5, EACH_NANOSECONDS, FALSE },
  { "floor-signals-one-thread", NULL, signals_in_one_thread, demand_made, 50000, 100, 5, EACH_NANOSECONDS, FALSE },
  { "floor-signals-two-threads", NULL, signals_in_two_threads, demand_made_twice, 50000, 100, 5, EACH_NANOSECONDS, FALSE },
  { .name = NULL }
};
