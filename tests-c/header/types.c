/* Prints what programs can have compiled in of each type, and what the type system says of it: of our library with our
 * header, or of libgio with GIO's. types.inc is made by `check`. */
#ifdef WITH_GIO
#include <gio/gio.h>
#else
#include <asyncresult/asyncresult.h>
#endif

#include <stddef.h>
#include <stdio.h>

static void
print_interfaces (GType type)
{
  guint n;
  GType *types = G_TYPE_IS_INTERFACE (type) ? g_type_interface_prerequisites (type, &n) : g_type_interfaces (type, &n);

  for (guint i = 0; i < n; i++)
    printf (" %s %s\n", G_TYPE_IS_INTERFACE (type) ? "wants" : "has", g_type_name (types[i]));
  g_free (types);
}

static void
print_signals (GType type)
{
  guint n;
  guint *ids = g_signal_list_ids (type, &n);

  for (guint i = 0; i < n; i++)
    {
      GSignalQuery query;

      g_signal_query (ids[i], &query);
      printf (" signal %s: flags %#x, returns %s", query.signal_name, query.signal_flags,
              g_type_name (query.return_type));
      for (guint j = 0; j < query.n_params; j++)
        printf (", %s", g_type_name (query.param_types[j]));
      puts ("");
    }
  g_free (ids);
}

static void
print_properties (GObjectClass *klass)
{
  guint n;
  GParamSpec **properties = g_object_class_list_properties (klass, &n);

  for (guint i = 0; i < n; i++)
    printf (" property %s: %s of %s, flags %#x\n", properties[i]->name, g_type_name (properties[i]->value_type),
            g_type_name (properties[i]->owner_type), properties[i]->flags);
  g_free (properties);
}

/* The size of an instance is no promise if the structure is opaque. */
static void
print_type (GType type, size_t instance_size)
{
  gpointer klass = G_TYPE_IS_CLASSED (type) ? g_type_class_ref (type) : NULL;

  printf ("%s: %s", g_type_name (type), g_type_name (g_type_parent (type)));
  if (klass != NULL)
    {
      GTypeQuery query;

      g_type_query (type, &query);
      printf (", class of %u bytes", query.class_size);
      if (instance_size != 0)
        printf (", instance of %u and %zu", query.instance_size, instance_size);
    }
  printf ("%s%s%s\n", G_TYPE_IS_ABSTRACT (type) ? ", abstract" : "", G_TYPE_IS_DERIVABLE (type) ? ", derivable" : "",
          G_TYPE_IS_DEEP_DERIVABLE (type) ? ", deeply" : "");
  print_interfaces (type);
  if (G_TYPE_IS_OBJECT (type) || G_TYPE_IS_INTERFACE (type))
    print_signals (type);
  if (G_TYPE_IS_OBJECT (type))
    print_properties (klass);
  if (klass != NULL)
    g_type_class_unref (klass);
}

#define TYPE(get_type, instance_size) print_type (get_type (), instance_size);
#define MEMBER(type, member) \
  printf ("%s.%s: %zu bytes at %zu\n", #type, #member, sizeof (((type *) NULL)->member), offsetof (type, member));

int
main (void)
{
#include "types.inc"
  return 0;
}
