/* program STEP...: needs our library and no libgio, and does one step after the other. */
#define _GNU_SOURCE /* RTLD_DEFAULT */
#include "exercise.h"

#include <asyncresult/asyncresult.h>
#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

#define LIBGIO "libgio-2.0.so.0"
#define N_THREADS 8

static void *plugin;

/* ISO C has no cast from an object pointer to a function pointer: it is copied to `function`. */
static void
find (void *handle, const char *name, gpointer function)
{
  void *address = dlsym (handle, name);

  if (address == NULL)
    g_error ("%s", dlerror ());
  memcpy (function, &address, sizeof address);
}

static void
open_library (const char *file)
{
  plugin = dlopen (file, RTLD_NOW | RTLD_LOCAL);
  if (plugin == NULL)
    g_error ("%s", dlerror ());
}

static void
open_plugin (void)
{
  open_library (g_getenv ("PLUGIN"));
}

static void
open_constructor (void)
{
  open_library (g_getenv ("CONSTRUCTOR"));
}

/* As a careful program does before its first call. */
static void
open_libgio (void)
{
  open_library (LIBGIO);
}

static void
load_by_plugin (void)
{
  void (*plugin_load) (const char *path, gpointer cancellable);
  GCancellable *cancellable = g_cancellable_new ();

  find (plugin, "plugin_load", &plugin_load);
  plugin_load (g_getenv ("FILE"), cancellable);
  g_cancellable_cancel (cancellable);
  plugin_load (g_getenv ("FILE"), cancellable);
  g_object_unref (cancellable);
}

/* What libgio's own code asks, in many of its functions. */
static void
ask_libgio (void)
{
  GType (*get_type) (void);
  void *libgio = dlopen (LIBGIO, RTLD_NOW | RTLD_NOLOAD);

  find (libgio, "g_task_get_type", &get_type);
  printf ("libgio's type: %s\n", get_type () ? "there" : "none");
}

/* An object that is no cancellable. */
static void
be_refused (void)
{
  GObject *object = g_object_new (G_TYPE_OBJECT, NULL);

  g_cancellable_reset ((gpointer) object);
  g_object_unref (object);
}

static void
take_name (const char *name)
{
  g_type_register_static_simple (G_TYPE_OBJECT, name, sizeof (GObjectClass), NULL, sizeof (GObject), NULL, 0);
}

/* As a program that has libgio within itself, or another library of its kind. */
static void
take_the_name_of_the_cancellable (void)
{
  take_name ("GCancellable");
}

static void
take_the_name_of_the_task (void)
{
  take_name ("GTask");
}

/* Only the cancellable: no other type is needed for it. */
static void
use_a_cancellable (void)
{
  GCancellable *cancellable = g_cancellable_new ();

  g_cancellable_cancel (cancellable);
  printf ("cancelled: %d\n", g_cancellable_is_cancelled (cancellable));
  g_object_unref (cancellable);
}

/* A log handler that needs us, as one that writes to a service through GIO's functions. */
static void
log_with_a_cancellable (const char *domain, GLogLevelFlags level, const char *message, gpointer data)
{
  GCancellable *cancellable = g_cancellable_new ();

  (void) domain;
  (void) level;
  (void) data;
  printf ("logged: %s\n", message);
  g_object_unref (cancellable);
}

static void
handle_logs (void)
{
  g_log_set_default_handler (log_with_a_cancellable, NULL);
}

static gint waiting;
static GType cancellable_types[N_THREADS];

/* Every thread begins with another function; all are first calls. */
static gpointer
call_first (gpointer data)
{
  guint n = GPOINTER_TO_UINT (data);
  gpointer object = NULL;

  g_atomic_int_inc (&waiting);
  while (g_atomic_int_get (&waiting) < N_THREADS)
    g_thread_yield ();
  switch (n)
    {
    case 0: object = g_cancellable_new (); break;
    case 1: object = g_task_new (NULL, NULL, NULL, NULL); break;
    case 2: object = g_simple_async_result_new (NULL, NULL, NULL, NULL); break;
    case 3: g_assert_null (g_cancellable_get_current ()); break;
    case 4: g_assert_cmpuint (g_io_error_enum_get_type (), !=, 0); break;
    case 5: g_assert_cmpuint (g_async_result_get_type (), !=, 0); break;
    case 6: g_assert_false (g_task_is_valid (NULL, NULL)); break;
    default: g_assert_cmpuint (g_task_get_type (), !=, 0); break;
    }
  if (object)
    g_object_unref (object);
  cancellable_types[n] = g_cancellable_get_type ();
  return NULL;
}

static void
use_from_all_threads (void)
{
  GThread *threads[N_THREADS];

  for (guint i = 0; i < N_THREADS; i++)
    threads[i] = g_thread_new ("first", call_first, GUINT_TO_POINTER (i));
  for (guint i = 0; i < N_THREADS; i++)
    g_thread_join (threads[i]);
  for (guint i = 0; i < N_THREADS; i++)
    g_assert_cmpuint (cancellable_types[i], ==, cancellable_types[0]);
  puts ("threads: of one mind");
}

static const struct
{
  const char *name;
  void (*run) (void);
} steps[] = {
  { "use", exercise },
  { "cancellable", use_a_cancellable },
  { "open", open_plugin },
  { "libgio", open_libgio },
  { "load", load_by_plugin },
  { "ask", ask_libgio },
  { "refused", be_refused },
  { "take-cancellable", take_the_name_of_the_cancellable },
  { "take-task", take_the_name_of_the_task },
  { "constructor", open_constructor },
  { "handle-logs", handle_logs },
  { "threads", use_from_all_threads },
};

static void
run_step (const char *name)
{
  for (gsize i = 0; i < G_N_ELEMENTS (steps); i++)
    if (strcmp (steps[i].name, name) == 0)
      {
        steps[i].run ();
        return;
      }
  g_error ("no such step: %s", name);
}

int
main (int argc, char **argv)
{
  setvbuf (stdout, NULL, _IOLBF, 0); /* what was printed before a crash counts */
  for (int i = 1; i < argc; i++)
    run_step (argv[i]);
  puts ("end");
  return 0;
}
