/* libgom: a database in memory is opened, gets a table and a row, is asked for it, and closed; another cannot be opened. All
 * of it runs in a thread of libgom's, and comes back as a GSimpleAsyncResult. */
#include "without-gio.h"

#include <gom/gom.h>

#define TYPE_ITEM (item_get_type ())
G_DECLARE_FINAL_TYPE (Item, item, TEST, ITEM, GomResource)

struct _Item
{
  GomResource parent;
  gint64 id;
  char *name;
};

G_DEFINE_TYPE (Item, item, GOM_TYPE_RESOURCE)

enum
{
  PROP_ID = 1,
  PROP_NAME,
};

static void
item_get_property (GObject *object, guint id, GValue *value, GParamSpec *spec G_GNUC_UNUSED)
{
  Item *item = TEST_ITEM (object);

  if (id == PROP_ID)
    g_value_set_int64 (value, item->id);
  else
    g_value_set_string (value, item->name);
}

static void
item_set_property (GObject *object, guint id, const GValue *value, GParamSpec *spec G_GNUC_UNUSED)
{
  Item *item = TEST_ITEM (object);

  if (id == PROP_ID)
    item->id = g_value_get_int64 (value);
  else
    {
      g_free (item->name);
      item->name = g_value_dup_string (value);
    }
}

static void
item_finalize (GObject *object)
{
  g_free (TEST_ITEM (object)->name);
  G_OBJECT_CLASS (item_parent_class)->finalize (object);
}

static void
item_class_init (ItemClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);

  object_class->get_property = item_get_property;
  object_class->set_property = item_set_property;
  object_class->finalize = item_finalize;
  g_object_class_install_property (object_class, PROP_ID,
                                   g_param_spec_int64 ("id", NULL, NULL, 0, G_MAXINT64, 0, G_PARAM_READWRITE));
  g_object_class_install_property (object_class, PROP_NAME,
                                   g_param_spec_string ("name", NULL, NULL, NULL, G_PARAM_READWRITE));
  gom_resource_class_set_table (GOM_RESOURCE_CLASS (class), "items");
  gom_resource_class_set_primary_key (GOM_RESOURCE_CLASS (class), "id");
}

static void
item_init (Item *item G_GNUC_UNUSED)
{
}

static void
print_type (const char *what, GAsyncResult *result)
{
  g_print ("%s: %s\n", what, G_OBJECT_TYPE_NAME (result));
  g_object_unref (result);
}

static GomAdapter *
open_database (const char *what, const char *uri)
{
  Wait wait = { NULL, NULL };
  GomAdapter *adapter = gom_adapter_new ();
  GAsyncResult *result;
  GError *error = NULL;
  gboolean opened;

  gom_adapter_open_async (adapter, uri, wait_done, &wait);
  result = wait_for_result (&wait);
  opened = gom_adapter_open_finish (adapter, result, &error);
  print_outcome (what, opened, error);
  print_type (what, result);
  /* One that could not be opened is kept: freed, it would complain that it was not closed. */
  return adapter;
}

static void
find (GomRepository *repository, const char *name)
{
  Wait wait = { NULL, NULL };
  GValue value = G_VALUE_INIT;
  GError *error = NULL;
  GAsyncResult *result;
  GomResource *found;
  GomFilter *filter;

  g_value_init (&value, G_TYPE_STRING);
  g_value_set_string (&value, name);
  filter = gom_filter_new_eq (TYPE_ITEM, "name", &value);
  gom_repository_find_one_async (repository, TYPE_ITEM, filter, wait_done, &wait);
  result = wait_for_result (&wait);
  found = gom_repository_find_one_finish (repository, result, &error);
  g_print ("find %s: %d\n", name, found != NULL ? (int) TEST_ITEM (found)->id : 0);
  print_outcome ("find", found != NULL, error);
  print_type ("find", result);
  g_clear_object (&found);
  g_object_unref (filter);
  g_value_unset (&value);
}

int
main (void)
{
  Wait wait = { NULL, NULL };
  GomAdapter *adapter;
  GomRepository *repository;
  GomResource *item;
  GAsyncResult *result;
  GError *error = NULL;

  open_database ("open nowhere", "file:/nowhere/at/all.db");
  adapter = open_database ("open", ":memory:");
  repository = gom_repository_new (adapter);
  gom_repository_automatic_migrate_async (repository, 1, g_list_prepend (NULL, GSIZE_TO_POINTER (TYPE_ITEM)), wait_done,
                                          &wait);
  result = wait_for_result (&wait);
  print_outcome ("migrate", gom_repository_automatic_migrate_finish (repository, result, &error), error);
  print_type ("migrate", result);

  item = g_object_new (TYPE_ITEM, "repository", repository, "name", "needle", NULL);
  gom_resource_save_async (item, wait_done, &wait);
  result = wait_for_result (&wait);
  error = NULL;
  print_outcome ("save", gom_resource_save_finish (item, result, &error), error);
  print_type ("save", result);
  g_object_unref (item);

  find (repository, "needle");
  find (repository, "straw");

  gom_adapter_close_async (adapter, wait_done, &wait);
  result = wait_for_result (&wait);
  error = NULL;
  print_outcome ("close", gom_adapter_close_finish (adapter, result, &error), error);
  print_type ("close", result);
  g_object_unref (repository);
  g_object_unref (adapter);
  return finish ();
}
