/* GInitable, GAsyncInitable and GIOScheduler. */
#include "traced.h"

/* A class whose initialization is GInitable's, in a worker, and one that has its own. */
typedef GObject Slow;
typedef GObjectClass SlowClass;
static void slow_implement (GInitableIface *iface);
static GType slow_get_type (void);
G_DEFINE_TYPE_WITH_CODE (Slow, slow, G_TYPE_OBJECT, G_IMPLEMENT_INTERFACE (G_TYPE_INITABLE, slow_implement)
                         G_IMPLEMENT_INTERFACE (G_TYPE_ASYNC_INITABLE, NULL))

static gboolean
slow_initialize (GInitable *initable G_GNUC_UNUSED, GCancellable *cancellable G_GNUC_UNUSED,
                 GError **error G_GNUC_UNUSED)
{
  return TRUE;
}

static void
slow_implement (GInitableIface *iface)
{
  iface->init = slow_initialize;
}

static void
slow_class_init (SlowClass *class G_GNUC_UNUSED)
{
}

static void
slow_init (Slow *self G_GNUC_UNUSED)
{
}

typedef Slow Quick;
typedef SlowClass QuickClass;
static void quick_implement (GAsyncInitableIface *iface);
static GType quick_get_type (void);
G_DEFINE_TYPE_WITH_CODE (Quick, quick, slow_get_type (),
                         G_IMPLEMENT_INTERFACE (G_TYPE_ASYNC_INITABLE, quick_implement))

static void
quick_initialize (GAsyncInitable *initable, int priority G_GNUC_UNUSED, GCancellable *cancellable,
                  GAsyncReadyCallback callback, gpointer data)
{
  GTask *task = g_task_new (initable, cancellable, callback, data);

  g_task_set_name (task, "quick");
  g_task_return_boolean (task, TRUE);
  g_object_unref (task);
}

static void
quick_implement (GAsyncInitableIface *iface)
{
  iface->init_async = quick_initialize;
}

static void
quick_class_init (QuickClass *class G_GNUC_UNUSED)
{
}

static void
quick_init (Quick *self G_GNUC_UNUSED)
{
}

static void
initialized (GObject *source, GAsyncResult *result, gpointer done)
{
  g_object_unref (g_async_initable_new_finish (G_ASYNC_INITABLE (source), result, NULL));
  g_atomic_int_set ((gint *) done, TRUE);
}

static gboolean
is_set (gpointer flag)
{
  return g_atomic_int_get ((gint *) flag);
}

void
initializations (void)
{
  gint done = FALSE;

  g_async_initable_new_async (slow_get_type (), 3, NULL, initialized, &done, NULL);
  iterate_until (is_set, &done);
  iterate ();
  g_async_initable_new_async (quick_get_type (), 0, NULL, initialized, &done, NULL);
  iterate ();
}

static gboolean
job_runs (GIOSchedulerJob *job G_GNUC_UNUSED, GCancellable *cancellable G_GNUC_UNUSED, gpointer data G_GNUC_UNUSED)
{
  return FALSE;
}

static void
job_ends (gpointer done)
{
  g_atomic_int_set ((gint *) done, TRUE);
}

void
job (void)
{
  gint done = FALSE;

  g_io_scheduler_push_job (job_runs, &done, job_ends, 3, NULL);
  iterate_until (is_set, &done);
  iterate ();
}
