/* Making objects with their properties: most of these functions are variadic or take a va_list, which stable Rust
 * cannot define. Each makes the object and calls a plain export. */
#define GLIB_DISABLE_DEPRECATION_WARNINGS

#include <asyncresult/asyncresult.h>

#include "refusing.h"

/* The object, or NULL if its initialization fails. Takes over what was made. */
static gpointer
initialize (gpointer object, GCancellable *cancellable, GError **error)
{
  if (object != NULL && !g_initable_init (object, cancellable, error))
    g_clear_object (&object);
  return object;
}

gpointer
g_initable_new (GType object_type, GCancellable *cancellable, GError **error, const char *first_property_name, ...)
{
  va_list var_args;
  gpointer object;

  va_start (var_args, first_property_name);
  object = g_initable_new_valist (object_type, first_property_name, var_args, cancellable, error);
  va_end (var_args);
  return object;
}

gpointer
g_initable_newv (GType object_type, guint n_parameters, GParameter *parameters, GCancellable *cancellable,
                 GError **error)
{
  REFUSE_UNLESS (G_TYPE_IS_INITABLE (object_type), return NULL);

  return initialize (g_object_newv (object_type, n_parameters, parameters), cancellable, error);
}

GObject *
g_initable_new_valist (GType object_type, const char *first_property_name, va_list var_args,
                       GCancellable *cancellable, GError **error)
{
  REFUSE_UNLESS (G_TYPE_IS_INITABLE (object_type), return NULL);

  return initialize (g_object_new_valist (object_type, first_property_name, var_args), cancellable, error);
}

/* The operation keeps the object. */
static void
initialize_async (gpointer object, int io_priority, GCancellable *cancellable, GAsyncReadyCallback callback,
                  gpointer user_data)
{
  if (object == NULL)
    return;
  g_async_initable_init_async (object, io_priority, cancellable, callback, user_data);
  g_object_unref (object);
}

void
g_async_initable_new_async (GType object_type, int io_priority, GCancellable *cancellable,
                            GAsyncReadyCallback callback, gpointer user_data, const char *first_property_name, ...)
{
  va_list var_args;

  va_start (var_args, first_property_name);
  g_async_initable_new_valist_async (object_type, first_property_name, var_args, io_priority, cancellable, callback,
                                     user_data);
  va_end (var_args);
}

void
g_async_initable_newv_async (GType object_type, guint n_parameters, GParameter *parameters, int io_priority,
                             GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  REFUSE_UNLESS (G_TYPE_IS_ASYNC_INITABLE (object_type), return);

  initialize_async (g_object_newv (object_type, n_parameters, parameters), io_priority, cancellable, callback,
                    user_data);
}

void
g_async_initable_new_valist_async (GType object_type, const char *first_property_name, va_list var_args,
                                   int io_priority, GCancellable *cancellable, GAsyncReadyCallback callback,
                                   gpointer user_data)
{
  REFUSE_UNLESS (G_TYPE_IS_ASYNC_INITABLE (object_type), return);

  initialize_async (g_object_new_valist (object_type, first_property_name, var_args), io_priority, cancellable,
                    callback, user_data);
}
