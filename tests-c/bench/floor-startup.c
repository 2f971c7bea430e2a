/* What startup.c does, without tasks: an object of a class of its own, and one source in the main loop. Linked to
 * GObject alone, this is what a program of any library above it has to spend. */
#include <glib-object.h>

typedef struct
{
  GObject parent;
} Bare;

typedef struct
{
  GObjectClass parent;
} BareClass;

GType bare_get_type (void);
G_DEFINE_TYPE (Bare, bare, G_TYPE_OBJECT)

static void
bare_class_init (G_GNUC_UNUSED BareClass *class)
{
}

static void
bare_init (G_GNUC_UNUSED Bare *self)
{
}

static gboolean
ready (gpointer answer)
{
  *(gssize *) answer = 42;
  return G_SOURCE_REMOVE;
}

int
main (void)
{
  gssize answer = 0;
  GObject *object = g_object_new (bare_get_type (), NULL);
  GSource *source = g_idle_source_new ();

  g_source_set_callback (source, ready, &answer, NULL);
  g_source_attach (source, NULL);
  g_source_unref (source);
  while (answer == 0)
    g_main_context_iteration (NULL, TRUE);
  g_object_unref (object);
  return answer == 42 ? 0 : 1;
}
