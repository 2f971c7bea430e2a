/* A class whose initialization does what its property says, and counts. */
#pragma once

#include "harness.h"

typedef enum
{
  SUCCEEDS,
  FAILS,
  FAILS_SILENTLY,
  SUCCEEDS_WITH_ERROR,
  ANSWERS_SEVENTEEN,
  WAITS_FOR_CANCELLATION,
  LEAVES_THREAD,
} Mode;

typedef struct
{
  GInitiallyUnowned parent_instance;
  Mode mode;
} Thing;

typedef GInitiallyUnownedClass ThingClass;

/* What the last call of `init` saw, of whichever thing. */
static struct
{
  gint calls;
  gint finalized;
  gpointer initable;
  GCancellable *cancellable;
  gboolean wants_error;
  GThread *thread;
  guint references;
} seen;

static GType thing_get_type (void);
static void thing_initable_init (GInitableIface *iface);
G_DEFINE_TYPE_WITH_CODE (Thing, thing, G_TYPE_INITIALLY_UNOWNED,
                         G_IMPLEMENT_INTERFACE (G_TYPE_INITABLE, thing_initable_init)
                         G_IMPLEMENT_INTERFACE (G_TYPE_ASYNC_INITABLE, NULL))

static gboolean
thing_init_with_errors (GInitable *initable, GCancellable *cancellable, GError **error)
{
  Thing *self = (Thing *) initable;

  seen.initable = initable;
  seen.cancellable = cancellable;
  seen.wants_error = error != NULL;
  seen.thread = g_thread_self ();
  seen.references = G_OBJECT (initable)->ref_count;
  g_atomic_int_inc (&seen.calls);
  switch (self->mode)
    {
    case FAILS:
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_BUSY, "it fails");
      return FALSE;
    case FAILS_SILENTLY:
      return FALSE;
    case SUCCEEDS_WITH_ERROR:
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_BUSY, "it succeeds");
      return TRUE;
    case ANSWERS_SEVENTEEN:
      return 17;
    case WAITS_FOR_CANCELLATION:
      while (!g_cancellable_is_cancelled (cancellable))
        g_usleep (1000);
      return !g_cancellable_set_error_if_cancelled (cancellable, error);
    case LEAVES_THREAD:
      g_thread_exit (NULL);
      break;
    case SUCCEEDS:
      break;
    }
  return TRUE;
}

static void
thing_initable_init (GInitableIface *iface)
{
  iface->init = thing_init_with_errors;
}

static void
thing_set_property (GObject *object, guint id G_GNUC_UNUSED, const GValue *value, GParamSpec *property G_GNUC_UNUSED)
{
  ((Thing *) object)->mode = (Mode) g_value_get_int (value);
}

static void
thing_finalize (GObject *object)
{
  g_atomic_int_inc (&seen.finalized);
  G_OBJECT_CLASS (thing_parent_class)->finalize (object);
}

static void
thing_class_init (ThingClass *class)
{
  G_OBJECT_CLASS (class)->set_property = thing_set_property;
  G_OBJECT_CLASS (class)->finalize = thing_finalize;
  g_object_class_install_property (G_OBJECT_CLASS (class), 1,
                                   g_param_spec_int ("mode", NULL, NULL, 0, G_MAXINT, 0,
                                                     G_PARAM_WRITABLE | G_PARAM_CONSTRUCT_ONLY |
                                                       G_PARAM_STATIC_STRINGS));
}

static void
thing_init (Thing *self G_GNUC_UNUSED)
{
}

static inline void
forget_what_was_seen (void)
{
  memset (&seen, 0, sizeof seen);
}

/* What GObject says of an array that is missing. */
static inline void
expect_no_array (void)
{
  g_test_expect_message ("GLib-GObject", G_LOG_LEVEL_CRITICAL,
                         "g_object_newv: assertion 'n_parameters == 0 || parameters != NULL' failed");
}

/* An array of one parameter. */
#define PARAMETER(mode) \
  { \
    { "mode", { G_TYPE_INT, { { .v_int = (mode) } } } } \
  }
