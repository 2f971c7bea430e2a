/* Entries, and the objects, errors and cancellables that are entries; threads and descriptors. */
#include "stress.h"

#define PATIENCE (60 * G_TIME_SPAN_SECOND)
#define MAX_ENTRIES 4000000
/* Workers that stay when there is no more work. */
#define POOL 10

enum { UNUSED, OPEN, CLOSED };

/* Never freed while the round lasts, so that a second closing is seen for what it is. */
typedef struct
{
  guint8 state;
  guint8 kind;
} Entry;

static const char *const kind_names[N_ENTRY_KINDS] = {
  "data", "result", "error", "source object", "cancellable",
};

static Entry entries[MAX_ENTRIES];
static gint n_made, n_closed;
static guint64 n_closed_on_workers, n_emissions;
static _Thread_local gboolean is_worker, owns_release;

void
worker_begin (void)
{
  is_worker = TRUE;
}

void
worker_owns_release (gboolean owns)
{
  owns_release = owns;
}

gpointer
entry_new (EntryKind kind)
{
  gint number = COUNT (n_made);

  if (number >= MAX_ENTRIES)
    g_error ("too many entries in one round");
  entries[number].kind = kind;
  WRITE (entries[number].state, OPEN);
  return &entries[number];
}

void
entry_close (gpointer pointer)
{
  Entry *entry = pointer;
  guint8 state = __atomic_exchange_n (&entry->state, CLOSED, __ATOMIC_RELAXED);

  if (state != OPEN)
    g_error ("closed twice: %s", kind_names[entry->kind]);
  if (is_worker && !owns_release && entry->kind != ENTRY_CANCELLABLE)
    {
      COUNT (n_closed_on_workers);
#ifndef ON_GIO
      g_error ("released on a worker: %s", kind_names[entry->kind]);
#endif
    }
  COUNT (n_closed);
}

guint64
entries_open (void)
{
  gint closed = READ (n_closed);

  return READ (n_made) - closed;
}

guint64
entries_closed_on_workers (void)
{
  return READ (n_closed_on_workers);
}

static void
complain_about_open (void)
{
  guint open[N_ENTRY_KINDS] = { 0 };

  for (gint i = 0; i < n_made; i++)
    if (READ (entries[i].state) != CLOSED)
      open[entries[i].kind]++;
  for (guint kind = 0; kind < N_ENTRY_KINDS; kind++)
    if (open[kind] > 0)
      g_printerr ("never closed: %u of kind %s\n", open[kind], kind_names[kind]);
  g_error ("%" G_GUINT64_FORMAT " of %d were never released", entries_open (), n_made);
}

static void
begin_anew (void)
{
  if (entries_open () > 0)
    g_error ("something was made after the end");
  WRITE (n_made, 0);
  WRITE (n_closed, 0);
}

void
entries_settle (GMainContext *context)
{
  gint64 end = g_get_monotonic_time () + PATIENCE;

  while (entries_open () > 0)
    if (!g_main_context_iteration (context, FALSE))
      {
        if (g_get_monotonic_time () > end)
          complain_about_open ();
        g_usleep (20);
      }
  drain (context);
  begin_anew ();
}

void
entries_await (void)
{
  gint64 end = g_get_monotonic_time () + PATIENCE;

  while (entries_open () > 0)
    {
      if (g_get_monotonic_time () > end)
        complain_about_open ();
      g_usleep (100);
    }
  begin_anew ();
}

/* An object whose finalization closes its entry. */
typedef struct
{
  GObject parent;
  gpointer entry;
} CountedObject;

typedef GObjectClass CountedObjectClass;

G_DEFINE_TYPE (CountedObject, counted_object, G_TYPE_OBJECT)

static void
counted_object_finalize (GObject *object)
{
  entry_close (((CountedObject *) object)->entry);
  G_OBJECT_CLASS (counted_object_parent_class)->finalize (object);
}

static void
counted_object_class_init (CountedObjectClass *klass)
{
  klass->finalize = counted_object_finalize;
}

static void
counted_object_init (CountedObject *self)
{
  self->entry = entry_new (ENTRY_SOURCE_OBJECT);
}

GObject *
counted_object_new (void)
{
  return g_object_new (counted_object_get_type (), NULL);
}

/* A cancellable that counts its emissions as well. */
typedef struct
{
  GCancellable parent;
  gpointer entry;
} CountedCancellable;

typedef GCancellableClass CountedCancellableClass;

G_DEFINE_TYPE (CountedCancellable, counted_cancellable, G_TYPE_CANCELLABLE)

static void
counted_cancellable_finalize (GObject *object)
{
  entry_close (((CountedCancellable *) object)->entry);
  G_OBJECT_CLASS (counted_cancellable_parent_class)->finalize (object);
}

static void
counted_cancellable_cancelled (GCancellable *cancellable G_GNUC_UNUSED)
{
  COUNT (n_emissions);
}

static void
counted_cancellable_class_init (CountedCancellableClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = counted_cancellable_finalize;
  klass->cancelled = counted_cancellable_cancelled;
}

static void
counted_cancellable_init (CountedCancellable *self)
{
  self->entry = entry_new (ENTRY_CANCELLABLE);
}

GCancellable *
counted_cancellable_new (void)
{
  return g_object_new (counted_cancellable_get_type (), NULL);
}

guint64
counted_emissions (void)
{
  return READ (n_emissions);
}

/* An error whose every copy is an entry. */
typedef struct
{
  gpointer entry;
} StressErrorPrivate;

GQuark stress_error_quark (void);

static void
stress_error_private_init (StressErrorPrivate *private)
{
  private->entry = entry_new (ENTRY_ERROR);
}

static void
stress_error_private_copy (const StressErrorPrivate *from G_GNUC_UNUSED, StressErrorPrivate *to G_GNUC_UNUSED)
{
}

static void
stress_error_private_clear (StressErrorPrivate *private)
{
  entry_close (private->entry);
}

G_DEFINE_EXTENDED_ERROR (StressError, stress_error)

GError *
counted_error_new (void)
{
  return g_error_new_literal (stress_error_quark (), 7, "counted");
}

static guint
count_threads (void)
{
  GDir *dir = g_dir_open ("/proc/self/task", 0, NULL);
  guint n = 0;

  g_assert_nonnull (dir);
  while (g_dir_read_name (dir))
    n++;
  g_dir_close (dir);
  return n;
}

Base
base_now (void)
{
  return (Base) { .threads = count_threads (), .descriptors = count_descriptors () };
}

/* Workers above the base of the pool leave when they have been idle, the pool itself may stay; and a worker that has
 * just handed something back may be the last to hold its context. */
void
base_await (Base base)
{
  gint64 end = g_get_monotonic_time () + PATIENCE;
  guint threads, descriptors;

  while (TRUE)
    {
      threads = count_threads ();
      descriptors = count_descriptors ();
      if (threads <= base.threads + POOL && descriptors == base.descriptors)
        return;
      if (g_get_monotonic_time () > end)
        g_error ("%u threads after %u and a pool of %u; %u descriptors after %u",
                 threads, base.threads, POOL, descriptors, base.descriptors);
      g_usleep (10000);
    }
}
