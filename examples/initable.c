/* An object that is of no use until something slow has succeeded: GInitable and GAsyncInitable.
 *
 *   cc initable.c $(pkg-config --cflags --libs asyncresult) -o initable
 *
 * A Dictionary reads its words when it is initialized, which may block, fail, or be cancelled. Who may block calls
 * dictionary_new(); who must not calls dictionary_new_async(). The class writes one method, GInitable's: GAsyncInitable
 * runs that in a worker. A SortedDictionary does what its parent does, and then more. */
#include <asyncresult/asyncresult.h>

#include <stdio.h>
#include <string.h>

#define DICTIONARY_TYPE (dictionary_get_type ())
G_DECLARE_DERIVABLE_TYPE (Dictionary, dictionary, EXAMPLE, DICTIONARY, GObject)

struct _DictionaryClass
{
  GObjectClass parent;
};

typedef struct
{
  char *text;       /* what is to be read: words with spaces between */
  guint delay;      /* how long a word takes, in milliseconds */
  GPtrArray *words; /* NULL until it is initialized */
} DictionaryPrivate;

static void dictionary_initable_init (GInitableIface *iface);

G_DEFINE_TYPE_WITH_CODE (Dictionary, dictionary, G_TYPE_OBJECT,
                         G_ADD_PRIVATE (Dictionary)
                         G_IMPLEMENT_INTERFACE (G_TYPE_INITABLE, dictionary_initable_init)
                         /* Nothing to write: its methods run GInitable's in a worker. */
                         G_IMPLEMENT_INTERFACE (G_TYPE_ASYNC_INITABLE, NULL))

enum
{
  PROP_TEXT = 1,
  PROP_DELAY,
};

static void
dictionary_set_property (GObject *object, guint id, const GValue *value, GParamSpec *property)
{
  DictionaryPrivate *priv = dictionary_get_instance_private (EXAMPLE_DICTIONARY (object));

  switch (id)
    {
    case PROP_TEXT:
      priv->text = g_value_dup_string (value);
      break;
    case PROP_DELAY:
      priv->delay = g_value_get_uint (value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, property);
    }
}

static void
dictionary_finalize (GObject *object)
{
  DictionaryPrivate *priv = dictionary_get_instance_private (EXAMPLE_DICTIONARY (object));

  g_free (priv->text);
  g_clear_pointer (&priv->words, g_ptr_array_unref);
  G_OBJECT_CLASS (dictionary_parent_class)->finalize (object);
}

/* An object is made before it is initialized: so what a user sets comes in construct-only properties. */
static void
dictionary_class_init (DictionaryClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  const GParamFlags flags = G_PARAM_WRITABLE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS;

  object_class->set_property = dictionary_set_property;
  object_class->finalize = dictionary_finalize;
  g_object_class_install_property (object_class, PROP_TEXT, g_param_spec_string ("text", NULL, NULL, NULL, flags));
  g_object_class_install_property (object_class, PROP_DELAY,
                                   g_param_spec_uint ("delay", NULL, NULL, 0, 1000, 0, flags));
}

static void
dictionary_init (Dictionary *self)
{
  (void) self;
}

/* The slow part. It may run in a worker, so it touches nothing but the object, which nobody else has yet. */
static gboolean
dictionary_read (GInitable *initable, GCancellable *cancellable, GError **error)
{
  DictionaryPrivate *priv = dictionary_get_instance_private (EXAMPLE_DICTIONARY (initable));
  GPtrArray *words;
  char **parts;

  /* Twice is once. */
  if (priv->words != NULL)
    return TRUE;
  if (priv->text == NULL || *priv->text == '\0')
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "there is nothing to read");
      return FALSE;
    }
  words = g_ptr_array_new_with_free_func (g_free);
  parts = g_strsplit (priv->text, " ", -1);
  for (gsize i = 0; parts[i] != NULL; i++)
    {
      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        {
          g_clear_pointer (&words, g_ptr_array_unref);
          break;
        }
      g_usleep (priv->delay * 1000);
      g_ptr_array_add (words, g_strdup (parts[i]));
    }
  g_strfreev (parts);
  priv->words = words;
  return words != NULL;
}

static void
dictionary_initable_init (GInitableIface *iface)
{
  iface->init = dictionary_read;
}

/* ---- What users of the class call ---- */

static Dictionary *
dictionary_new (const char *text, GCancellable *cancellable, GError **error)
{
  return g_initable_new (DICTIONARY_TYPE, cancellable, error, "text", text, NULL);
}

static void
dictionary_new_async (GType type, const char *text, guint delay, GCancellable *cancellable,
                      GAsyncReadyCallback callback, gpointer user_data)
{
  g_async_initable_new_async (type, G_PRIORITY_DEFAULT, cancellable, callback, user_data, "text", text, "delay", delay,
                              NULL);
}

static Dictionary *
dictionary_new_finish (GAsyncResult *result, GError **error)
{
  /* The object is the operation's source. What this answers is a reference of the caller's own. */
  GObject *source_object = g_async_result_get_source_object (result);
  GObject *dictionary = g_async_initable_new_finish (G_ASYNC_INITABLE (source_object), result, error);

  g_object_unref (source_object);
  return dictionary != NULL ? EXAMPLE_DICTIONARY (dictionary) : NULL;
}

static char *
dictionary_join (Dictionary *self)
{
  DictionaryPrivate *priv = dictionary_get_instance_private (self);
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < priv->words->len; i++)
    g_string_append_printf (text, "%s%s", i > 0 ? " " : "", (char *) priv->words->pdata[i]);
  return g_string_free (text, FALSE);
}

/* ---- A class that does more ---- */

#define SORTED_DICTIONARY_TYPE (sorted_dictionary_get_type ())
G_DECLARE_FINAL_TYPE (SortedDictionary, sorted_dictionary, EXAMPLE, SORTED_DICTIONARY, Dictionary)

struct _SortedDictionary
{
  Dictionary parent;
};

static void sorted_dictionary_initable_init (GInitableIface *iface);

/* It implements the interface anew, and so has a table of its own, which begins as its parent's. */
G_DEFINE_FINAL_TYPE_WITH_CODE (SortedDictionary, sorted_dictionary, DICTIONARY_TYPE,
                               G_IMPLEMENT_INTERFACE (G_TYPE_INITABLE, sorted_dictionary_initable_init))

static GInitableIface *parents_methods;

static int
compare (gconstpointer first, gconstpointer second)
{
  return strcmp (*(const char *const *) first, *(const char *const *) second);
}

static gboolean
sorted_dictionary_read (GInitable *initable, GCancellable *cancellable, GError **error)
{
  DictionaryPrivate *priv = dictionary_get_instance_private (EXAMPLE_DICTIONARY (initable));

  if (!parents_methods->init (initable, cancellable, error))
    return FALSE;
  g_ptr_array_sort (priv->words, compare);
  return TRUE;
}

static void
sorted_dictionary_initable_init (GInitableIface *iface)
{
  parents_methods = g_type_interface_peek_parent (iface);
  iface->init = sorted_dictionary_read;
}

static void
sorted_dictionary_class_init (SortedDictionaryClass *class)
{
  (void) class;
}

static void
sorted_dictionary_init (SortedDictionary *self)
{
  (void) self;
}

/* ---- The program ---- */

typedef struct
{
  const char *name;
  const char *expected; /* the words, or the error's message */
  guint *under_way;
  gboolean as_expected;
} Attempt;

static void
report (Attempt *attempt, Dictionary *dictionary, GError *error)
{
  char *words = dictionary != NULL ? dictionary_join (dictionary) : g_strdup (error->message);

  printf ("%-10s %s\n", attempt->name, words);
  attempt->as_expected = strcmp (words, attempt->expected) == 0;
  g_free (words);
  g_clear_error (&error);
  g_clear_object (&dictionary);
}

static void
on_dictionary (GObject *source_object, GAsyncResult *result, gpointer data)
{
  Attempt *attempt = data;
  GError *error = NULL;
  Dictionary *dictionary = dictionary_new_finish (result, &error);

  (void) source_object;
  report (attempt, dictionary, error);
  (*attempt->under_way)--;
}

int
main (void)
{
  guint under_way = 0;
  Attempt attempts[] = {
    { "blocking", "the quick brown fox", NULL, FALSE },
    { "empty", "there is nothing to read", NULL, FALSE },
    { "later", "jumps over", &under_way, FALSE },
    { "sorted", "dog lazy the", &under_way, FALSE },
    { "nothing", "there is nothing to read", &under_way, FALSE },
    { "cancelled", "Operation was cancelled", &under_way, FALSE },
  };
  GCancellable *cancellable = g_cancellable_new ();
  GError *error = NULL;
  Dictionary *dictionary = dictionary_new ("the quick brown fox", NULL, &error);
  gboolean again = g_initable_init (G_INITABLE (dictionary), NULL, NULL), all = again;

  report (&attempts[0], dictionary, error);
  error = NULL;
  dictionary = dictionary_new ("", NULL, &error);
  report (&attempts[1], dictionary, error);

  under_way = 4;
  dictionary_new_async (DICTIONARY_TYPE, "jumps over", 5, NULL, on_dictionary, &attempts[2]);
  dictionary_new_async (SORTED_DICTIONARY_TYPE, "the lazy dog", 20, NULL, on_dictionary, &attempts[3]);
  dictionary_new_async (DICTIONARY_TYPE, NULL, 0, NULL, on_dictionary, &attempts[4]);
  dictionary_new_async (DICTIONARY_TYPE, "a b c d e f g h i j k l m n o p", 100, cancellable, on_dictionary,
                        &attempts[5]);
  g_usleep (30000);
  g_cancellable_cancel (cancellable);
  while (under_way > 0)
    g_main_context_iteration (NULL, TRUE);

  g_object_unref (cancellable);
  for (gsize i = 0; i < G_N_ELEMENTS (attempts); i++)
    all = all && attempts[i].as_expected;
  return all ? 0 : 1;
}
