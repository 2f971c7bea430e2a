/* What ThreadSanitizer cannot see of GLib, told to it. Part of the stress program only when it is built with it.
 *
 * GLib is not compiled for it, and its locks are futexes and atomics inside it. Without this file everything that one
 * thread hands to another through a main context, a reference count or a signal would be reported. So the calls below,
 * from our library and from the tests, are wrapped (ld's --wrap), and say what GLib documents: an object's reference
 * count is one atomic counter; whoever works on a source, or dispatches it, takes its context's lock. Each edge belongs
 * to one object or source: two threads that use different ones get no order from GLib here, also in one context.
 *
 * An edge too many hides races. So there is none for a call that does not need one, none that all threads share, and
 * what ends the life of a source is a write to what the program has in it. */
#include "tsan-model.h"

#include <pthread.h>
#include <stdlib.h>

#ifdef TSAN_MODEL

/* One operation on an atomic counter, or one stay under a lock: after all earlier ones, before all later ones. */
static void
pass (gpointer object)
{
  if (object)
    {
      __tsan_release (object);
      __tsan_acquire (object);
    }
}

/* --- reference counts of objects --- */

/* GObject has a macro of this name. */
#undef g_object_ref

RECEIVE (gpointer, g_object_ref, (gpointer object))
{
  pass (object);
  return REAL (g_object_ref) (object);
}

RECEIVE (void, g_object_unref, (gpointer object))
{
  pass (object);
  REAL (g_object_unref) (object);
}

/* What the others did with the object is over when its last reference goes; but between the two lines above another
 * thread may drop the last but one. So the class is told as well: handlers go after `dispose`, the rest after
 * `finalize`. */
typedef struct
{
  GObjectClass *class;
  void (*dispose) (GObject *object);
  void (*finalize) (GObject *object);
} ToldClass;

static ToldClass classes[8];

static const ToldClass *
told_class (GObject *object)
{
  guint i = 0;

  while (classes[i].class != G_OBJECT_GET_CLASS (object))
    i++;
  return &classes[i];
}

static void
dispose_object (GObject *object)
{
  const ToldClass *class = told_class (object);

  pass (object);
  class->dispose (object);
  pass (object); /* another thread may have taken a reference: then this one's is dropped now, and not the last */
}

static void
finalize_object (GObject *object)
{
  pass (object);
  told_class (object)->finalize (object);
}

/* For the class that objects have themselves, not for one that others are derived from. */
static void
tell_class (GType type)
{
  GObjectClass *class = g_type_class_ref (type);
  guint i = 0;

  while (classes[i].class)
    i++;
  classes[i] = (ToldClass) { class, class->dispose, class->finalize };
  class->dispose = dispose_object;
  class->finalize = finalize_object;
}

/* A report that is suppressed looks names up all the same: with a process and two descriptors, from now on. */
void
model_begin (void)
{
  char text[64];

  __sanitizer_symbolize_pc (__builtin_return_address (0), "%f", text, sizeof text);
  tell_class (G_TYPE_TASK);
  tell_class (G_TYPE_SIMPLE_ASYNC_RESULT);
  tell_class (counted_object_get_type ());
  tell_class (counted_cancellable_get_type ());
  tell_class (g_type_from_name ("AsrCancellable"));
}

/* --- what is found out once: GLib publishes it --- */

RECEIVE (void, g_once_init_leave, (volatile void *location, gsize number))
{
  __tsan_release ((void *) location);
  REAL (g_once_init_leave) (location, number);
}

/* --- GLib's own memory --- */

/* While GLib makes a handler of a signal, or works on a context, in one of the calls below, its own memory is not
 * watched: it reads and writes that under its lock. What it calls from there is watched again. */
static _Thread_local gboolean in_glib;

static gboolean
set_in_glib (gboolean inside)
{
  gboolean outer = in_glib;

  if (inside && !outer)
    AnnotateIgnoreWritesBegin (__FILE__, __LINE__);
  else if (outer && !inside)
    AnnotateIgnoreWritesEnd (__FILE__, __LINE__);
  in_glib = inside;
  return outer;
}

/* --- signals: handlers are found, and their data destroyed, under a lock --- */

/* What GLib has of a handler is freed by the last who had found it: that may be an emission in another thread, which
 * began before the handler was connected and has met nobody since it was disconnected. */

RECEIVE (gulong, g_signal_connect_data,
         (gpointer instance, const gchar *signal, GCallback handler, gpointer data, GClosureNotify destroy,
          GConnectFlags flags))
{
  gboolean outer;
  gulong number;

  pass (instance);
  outer = set_in_glib (TRUE);
  number = REAL (g_signal_connect_data) (instance, signal, handler, data, destroy, flags);
  set_in_glib (outer);
  return number;
}

RECEIVE (gulong, g_signal_connect_closure_by_id,
         (gpointer instance, guint signal, GQuark detail, GClosure *closure, gboolean after))
{
  gboolean outer;
  gulong number;

  pass (instance);
  outer = set_in_glib (TRUE);
  number = REAL (g_signal_connect_closure_by_id) (instance, signal, detail, closure, after);
  set_in_glib (outer);
  return number;
}

RECEIVE (void, g_signal_handler_disconnect, (gpointer instance, gulong handler))
{
  pass (instance);
  REAL (g_signal_handler_disconnect) (instance, handler);
}

/* --- sources and contexts --- */

/* Sources of ours: GLib calls them through functions that say so first. */
typedef struct
{
  GSourceFuncs functions; /* what GLib gets */
  GSourceFuncs *original;
  guint size; /* of a source */
} Table;

static Table tables[16];
static gint n_tables;

static const Table *
table_of (GSource *source)
{
  return (Table *) source->source_funcs;
}

static gboolean
dispatch (GSource *source, GSourceFunc callback, gpointer data)
{
  gboolean again;

  pass (source);
  again = table_of (source)->original->dispatch (source, callback, data);
  pass (source);
  return again;
}

static gboolean
prepare (GSource *source, gint *timeout)
{
  gboolean ready;

  pass (source);
  ready = table_of (source)->original->prepare (source, timeout);
  pass (source);
  return ready;
}

static gboolean
check (GSource *source)
{
  gboolean ready;

  pass (source);
  ready = table_of (source)->original->check (source);
  pass (source);
  return ready;
}

/* GLib frees the memory after this, unwatched: so it is written to here. */
static void
finalize (GSource *source)
{
  gboolean outer = set_in_glib (FALSE);

  pass (source);
  if (table_of (source)->original->finalize)
    table_of (source)->original->finalize (source);
  __tsan_write_range (source + 1, table_of (source)->size - sizeof (GSource));
  set_in_glib (outer);
}

static GSourceFuncs *
table_for (GSourceFuncs *original, guint size)
{
  static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* not GLib's: it would not be seen */
  Table *table = NULL;

  pthread_mutex_lock (&lock);
  for (gint i = 0; i < n_tables && !table; i++)
    if (tables[i].original == original)
      table = &tables[i];
  if (!table)
    {
      g_assert_cmpint (n_tables, <, (gint) G_N_ELEMENTS (tables));
      table = &tables[n_tables++];
      table->original = original;
      table->size = size;
      table->functions = *original;
      table->functions.prepare = original->prepare ? prepare : NULL;
      table->functions.check = original->check ? check : NULL;
      table->functions.dispatch = dispatch;
      table->functions.finalize = finalize;
    }
  g_assert_cmpuint (table->size, ==, size);
  pthread_mutex_unlock (&lock);
  return &table->functions;
}

RECEIVE (GSource *, g_source_new, (GSourceFuncs *functions, guint size))
{
  return REAL (g_source_new) (table_for (functions, size), size);
}

/* What a source calls, of whichever kind the source is. GLib asks for it when it dispatches the source, and counts the
 * references: each dispatch has one. Who searches a context for a user's data finds the original's. */
typedef struct
{
  gint references;
  GSource *source; /* perhaps freed: only its address is used */
  GSourceFunc function;
  gpointer data;
  GDestroyNotify destroy;
} Callback;

/* After the callback was set, and after all that was done with its source until it was attached. */
static Callback *
receive_callback (gpointer data)
{
  Callback *callback = data;

  __tsan_acquire (callback);
  __tsan_acquire (callback->source);
  return callback;
}

static void
callback_ref (gpointer data)
{
  __atomic_fetch_add (&receive_callback (data)->references, 1, __ATOMIC_RELAXED);
}

static void
callback_unref (gpointer data)
{
  gboolean outer = set_in_glib (FALSE);
  Callback *callback = receive_callback (data);

  if (__atomic_fetch_sub (&callback->references, 1, __ATOMIC_ACQ_REL) == 1)
    {
      if (callback->destroy)
        callback->destroy (callback->data);
      __tsan_release (callback->source); /* GLib gives up its reference to the source, or locks its context, after this */
      free (callback);
    }
  set_in_glib (outer);
}

static void
callback_get (gpointer data, GSource *source G_GNUC_UNUSED, GSourceFunc *function, gpointer *function_data)
{
  Callback *callback = receive_callback (data);

  *function = callback->function;
  *function_data = callback->data;
}

/* The same for what counts its references itself. */
typedef struct
{
  gint references; /* as many as it counts */
  GSource *source;
  GSourceCallbackFuncs *functions;
  gpointer data;
} Indirect;

static Indirect *
receive_indirect (gpointer data)
{
  Indirect *indirect = data;

  __tsan_acquire (indirect);
  __tsan_acquire (indirect->source);
  return indirect;
}

/* Declared before it is used: the other kind of callback is made of it, too. */
void REAL (g_source_set_callback_indirect) (GSource *source, gpointer data, GSourceCallbackFuncs *functions);

RECEIVE (void, g_source_set_callback,
         (GSource *source, GSourceFunc function, gpointer data, GDestroyNotify destroy))
{
  static GSourceCallbackFuncs functions = { callback_ref, callback_unref, callback_get };
  Callback *callback = malloc (sizeof *callback); /* not g_new(), whose end would be GLib's */

  *callback = (Callback) { 1, source, function, data, destroy };
  __tsan_release (callback);
  REAL (g_source_set_callback_indirect) (source, callback, &functions);
}

static void
indirect_ref (gpointer data)
{
  Indirect *indirect = receive_indirect (data);

  __atomic_fetch_add (&indirect->references, 1, __ATOMIC_RELAXED);
  indirect->functions->ref (indirect->data);
}

static void
indirect_unref (gpointer data)
{
  gboolean outer = set_in_glib (FALSE);
  Indirect *indirect = receive_indirect (data);
  Indirect told = *indirect; /* whose thread is the last one frees it */
  gboolean is_last = __atomic_fetch_sub (&indirect->references, 1, __ATOMIC_ACQ_REL) == 1;

  told.functions->unref (told.data);
  __tsan_release (told.source);
  if (is_last)
    free (indirect);
  set_in_glib (outer);
}

static void
indirect_get (gpointer data, GSource *source, GSourceFunc *function, gpointer *function_data)
{
  Indirect *indirect = receive_indirect (data);

  indirect->functions->get (indirect->data, source, function, function_data);
}

RECEIVE (void, g_source_set_callback_indirect, (GSource *source, gpointer data, GSourceCallbackFuncs *original))
{
  static GSourceCallbackFuncs functions = { indirect_ref, indirect_unref, indirect_get };
  Indirect *indirect = malloc (sizeof *indirect);

  *indirect = (Indirect) { 1, source, original, data };
  __tsan_release (indirect);
  REAL (g_source_set_callback_indirect) (source, indirect, &functions);
}

RECEIVE (guint, g_source_attach, (GSource *source, GMainContext *context))
{
  gboolean outer;
  guint id;

  __tsan_release (source);
  outer = set_in_glib (TRUE);
  id = REAL (g_source_attach) (source, context);
  set_in_glib (outer);
  return id;
}

RECEIVE (void, g_source_set_ready_time, (GSource *source, gint64 time))
{
  pass (source);
  REAL (g_source_set_ready_time) (source, time);
}

RECEIVE (void, g_source_destroy, (GSource *source))
{
  gboolean outer;

  pass (source);
  outer = set_in_glib (TRUE);
  REAL (g_source_destroy) (source);
  set_in_glib (outer);
}

RECEIVE (void, g_source_unref, (GSource *source))
{
  gboolean outer;

  pass (source);
  outer = set_in_glib (TRUE);
  REAL (g_source_unref) (source);
  set_in_glib (outer);
}

/* Its end frees nothing of ours except through the finalizers and callbacks of sources. */
RECEIVE (void, g_main_context_unref, (GMainContext *context))
{
  gboolean outer = set_in_glib (TRUE);

  REAL (g_main_context_unref) (context);
  set_in_glib (outer);
}

/* Who owns a context has it after all who owned it before. */
RECEIVE (gboolean, g_main_context_acquire, (GMainContext *context))
{
  gboolean acquired = REAL (g_main_context_acquire) (context);

  if (acquired)
    __tsan_acquire (context ? context : g_main_context_default ());
  return acquired;
}

RECEIVE (void, g_main_context_release, (GMainContext *context))
{
  __tsan_release (context ? context : g_main_context_default ());
  REAL (g_main_context_release) (context);
}

#endif
