/* Contract, sections 10 to 12: every check of GInitable, GAsyncInitable and GIOScheduler, as a table. How to read a
 * row: preconditions.h. */
#include "preconditions.h"

#define NO_INITABLE "G_IS_INITABLE (initable)"
#define NO_ASYNC_INITABLE "G_IS_ASYNC_INITABLE (initable)"
#define NO_TYPE "G_TYPE_IS_INITABLE (object_type)"
#define NO_ASYNC_TYPE "G_TYPE_IS_ASYNC_INITABLE (object_type)"

/* A class with both interfaces. */
typedef GObject Thing;
typedef GObjectClass ThingClass;

static GType thing_get_type (void);
static void thing_initable_init (GInitableIface *iface);
static void thing_async_initable_init (GAsyncInitableIface *iface);
G_DEFINE_TYPE_WITH_CODE (Thing, thing, G_TYPE_OBJECT,
                         G_IMPLEMENT_INTERFACE (G_TYPE_INITABLE, thing_initable_init)
                         G_IMPLEMENT_INTERFACE (G_TYPE_ASYNC_INITABLE, thing_async_initable_init))

static gboolean
thing_init_with_errors (GInitable *initable G_GNUC_UNUSED, GCancellable *c G_GNUC_UNUSED, GError **e G_GNUC_UNUSED)
{
  return TRUE;
}

static void
thing_initable_init (GInitableIface *iface)
{
  iface->init = thing_init_with_errors;
}

/* Not the default one: a row is a child of this process, and newer GLibs start no thread of a pool there. */
static void
thing_init_async (GAsyncInitable *initable G_GNUC_UNUSED, int priority G_GNUC_UNUSED, GCancellable *c G_GNUC_UNUSED,
                  GAsyncReadyCallback callback G_GNUC_UNUSED, gpointer data G_GNUC_UNUSED)
{
}

static void
thing_async_initable_init (GAsyncInitableIface *iface)
{
  iface->init_async = thing_init_async;
}

static void
thing_class_init (ThingClass *class G_GNUC_UNUSED)
{
}

static void
thing_init (Thing *self G_GNUC_UNUSED)
{
}

static gpointer thing;

static void
begin (void)
{
  table_begin ();
  another_class = task;
  thing = g_object_new (thing_get_type (), NULL);
}

static void
end (void)
{
  g_object_unref (thing);
  table_end ();
}

static GObject *
new_valist (GType type, const char *first, ...)
{
  va_list properties;
  GObject *made;

  va_start (properties, first);
  made = g_initable_new_valist (type, first, properties, NULL, &error);
  va_end (properties);
  return made;
}

static void
new_valist_async (GType type, const char *first, ...)
{
  va_list properties;

  va_start (properties, first);
  g_async_initable_new_valist_async (type, first, properties, 0, NULL, on_ready, NULL);
  va_end (properties);
}

#define VALIST(text) REFUSED_BY (g_initable_new_valist, text)
#define VALIST_ASYNC(text) REFUSED_BY (g_async_initable_new_valist_async, text)

static void
test_initable (void)
{
  begin ();
  EACH_ROW (g_initable_init (bad, NULL, &error), == FALSE && error == NULL, NO_INITABLE);
  ROW (g_initable_init (thing, NULL, &stale), == TRUE && is_stale (), SILENT);
  ROW (g_initable_new (G_TYPE_OBJECT, NULL, &error, NULL), == NULL && error == NULL, VALIST (NO_TYPE));
  ROW (g_initable_new (G_TYPE_INVALID, NULL, &error, NULL), == NULL && error == NULL, VALIST (NO_TYPE));
  ROW (g_initable_new (G_TYPE_INT, NULL, &error, NULL), == NULL && error == NULL, VALIST (NO_TYPE));
  ROW (g_initable_newv (G_TYPE_OBJECT, 0, NULL, NULL, &error), == NULL && error == NULL, NO_TYPE);
  ROW (new_valist (G_TYPE_OBJECT, NULL), == NULL && error == NULL, VALIST (NO_TYPE));
  ROW (new_valist (thing_get_type (), NULL), != NULL, SILENT);
  ROW (g_initable_new (thing_get_type (), NULL, NULL, "no-such", 1, NULL), != NULL, SOME_CRITICALS);
  end ();
}

static void
test_async_initable (void)
{
  begin ();
  EACH_VOID_ROW (g_async_initable_init_async (bad, 0, NULL, on_ready, NULL), NO_ASYNC_INITABLE);
  EACH_ROW (g_async_initable_init_finish (bad, G_ASYNC_RESULT (task), &error), == FALSE && error == NULL,
            NO_ASYNC_INITABLE);
  EACH_ROW (g_async_initable_new_finish (bad, G_ASYNC_RESULT (task), &error), == NULL && error == NULL,
            REFUSED_BY (g_async_initable_init_finish, NO_ASYNC_INITABLE));
  another_class = cancellable;
  EACH_ROW (g_async_initable_init_finish (thing, bad, &error), == FALSE && error == NULL, "G_IS_ASYNC_RESULT (res)");
  EACH_ROW (g_async_initable_new_finish (thing, bad, &error), == NULL && error == NULL,
            REFUSED_BY (g_async_initable_init_finish, "G_IS_ASYNC_RESULT (res)"));
  VOID_ROW_AFTER ((void) 0, g_async_initable_new_async (G_TYPE_OBJECT, 0, NULL, on_ready, NULL, NULL),
                  (drain (NULL), n_called == 0), VALIST_ASYNC (NO_ASYNC_TYPE));
  VOID_ROW (g_async_initable_new_async (G_TYPE_INVALID, 0, NULL, on_ready, NULL, NULL), VALIST_ASYNC (NO_ASYNC_TYPE));
  VOID_ROW (g_async_initable_newv_async (G_TYPE_OBJECT, 0, NULL, 0, NULL, on_ready, NULL), NO_ASYNC_TYPE);
  VOID_ROW (new_valist_async (G_TYPE_OBJECT, NULL), VALIST_ASYNC (NO_ASYNC_TYPE));
  VOID_ROW (new_valist_async (thing_get_type (), NULL), SILENT);
  end ();
}

static void
test_io_scheduler (void)
{
  begin ();
  VOID_ROW (g_io_scheduler_push_job (NULL, NULL, NULL, 0, NULL), "job_func != NULL");
  VOID_ROW (g_io_scheduler_push_job (NULL, NULL, NULL, 0, object), "job_func != NULL");
  ROW (g_io_scheduler_job_send_to_mainloop (NULL, on_source, NULL, NULL), == FALSE, "job != NULL");
  ROW (g_io_scheduler_job_send_to_mainloop (NULL, NULL, NULL, NULL), == FALSE, "job != NULL");
  VOID_ROW (g_io_scheduler_job_send_to_mainloop_async (NULL, on_source, NULL, NULL), "job != NULL");
  VOID_ROW (g_io_scheduler_job_send_to_mainloop_async (NULL, NULL, NULL, NULL), "job != NULL");
  end ();
}

static const Case cases[] = {
  { "/preconditions/initable", test_initable, NULL, 0 },
  { "/preconditions/async-initable", test_async_initable, NULL, 0 },
  { "/preconditions/io-scheduler", test_io_scheduler, NULL, 0 },
};

HARNESS_MAIN (cases)
