/* What programs and bindings have compiled in, or ask the type system for: sizes, offsets, flags, values, names. */
#include "harness.h"

typedef struct
{
  int value;
  const char *name;
  const char *nick;
} Code;

#define CODE(name, nick) { name, #name, nick }

/* In the order of the registered type. */
static const Code codes[] = {
  CODE (G_IO_ERROR_FAILED, "failed"),
  CODE (G_IO_ERROR_NOT_FOUND, "not-found"),
  CODE (G_IO_ERROR_EXISTS, "exists"),
  CODE (G_IO_ERROR_IS_DIRECTORY, "is-directory"),
  CODE (G_IO_ERROR_NOT_DIRECTORY, "not-directory"),
  CODE (G_IO_ERROR_NOT_EMPTY, "not-empty"),
  CODE (G_IO_ERROR_NOT_REGULAR_FILE, "not-regular-file"),
  CODE (G_IO_ERROR_NOT_SYMBOLIC_LINK, "not-symbolic-link"),
  CODE (G_IO_ERROR_NOT_MOUNTABLE_FILE, "not-mountable-file"),
  CODE (G_IO_ERROR_FILENAME_TOO_LONG, "filename-too-long"),
  CODE (G_IO_ERROR_INVALID_FILENAME, "invalid-filename"),
  CODE (G_IO_ERROR_TOO_MANY_LINKS, "too-many-links"),
  CODE (G_IO_ERROR_NO_SPACE, "no-space"),
  CODE (G_IO_ERROR_INVALID_ARGUMENT, "invalid-argument"),
  CODE (G_IO_ERROR_PERMISSION_DENIED, "permission-denied"),
  CODE (G_IO_ERROR_NOT_SUPPORTED, "not-supported"),
  CODE (G_IO_ERROR_NOT_MOUNTED, "not-mounted"),
  CODE (G_IO_ERROR_ALREADY_MOUNTED, "already-mounted"),
  CODE (G_IO_ERROR_CLOSED, "closed"),
  CODE (G_IO_ERROR_CANCELLED, "cancelled"),
  CODE (G_IO_ERROR_PENDING, "pending"),
  CODE (G_IO_ERROR_READ_ONLY, "read-only"),
  CODE (G_IO_ERROR_CANT_CREATE_BACKUP, "cant-create-backup"),
  CODE (G_IO_ERROR_WRONG_ETAG, "wrong-etag"),
  CODE (G_IO_ERROR_TIMED_OUT, "timed-out"),
  CODE (G_IO_ERROR_WOULD_RECURSE, "would-recurse"),
  CODE (G_IO_ERROR_BUSY, "busy"),
  CODE (G_IO_ERROR_WOULD_BLOCK, "would-block"),
  CODE (G_IO_ERROR_HOST_NOT_FOUND, "host-not-found"),
  CODE (G_IO_ERROR_WOULD_MERGE, "would-merge"),
  CODE (G_IO_ERROR_FAILED_HANDLED, "failed-handled"),
  CODE (G_IO_ERROR_TOO_MANY_OPEN_FILES, "too-many-open-files"),
  CODE (G_IO_ERROR_NOT_INITIALIZED, "not-initialized"),
  CODE (G_IO_ERROR_ADDRESS_IN_USE, "address-in-use"),
  CODE (G_IO_ERROR_PARTIAL_INPUT, "partial-input"),
  CODE (G_IO_ERROR_INVALID_DATA, "invalid-data"),
  CODE (G_IO_ERROR_DBUS_ERROR, "dbus-error"),
  CODE (G_IO_ERROR_HOST_UNREACHABLE, "host-unreachable"),
  CODE (G_IO_ERROR_NETWORK_UNREACHABLE, "network-unreachable"),
  CODE (G_IO_ERROR_CONNECTION_REFUSED, "connection-refused"),
  CODE (G_IO_ERROR_PROXY_FAILED, "proxy-failed"),
  CODE (G_IO_ERROR_PROXY_AUTH_FAILED, "proxy-auth-failed"),
  CODE (G_IO_ERROR_PROXY_NEED_AUTH, "proxy-need-auth"),
  CODE (G_IO_ERROR_PROXY_NOT_ALLOWED, "proxy-not-allowed"),
  CODE (G_IO_ERROR_BROKEN_PIPE, "broken-pipe"),
  CODE (G_IO_ERROR_CONNECTION_CLOSED, "connection-closed"),
  CODE (G_IO_ERROR_NOT_CONNECTED, "not-connected"),
  CODE (G_IO_ERROR_MESSAGE_TOO_LARGE, "message-too-large"),
  CODE (G_IO_ERROR_NO_SUCH_DEVICE, "no-such-device"),
};

/* The numbers behind the names, once more: 0 to 47, with two names for 44. */
static int
expected_value (guint row)
{
  return row <= 44 ? (int) row : (int) row - 1;
}

/* The header's enumerators have GIO's numbers, and the registered type lists them under GIO's names and nicks. */
static void
test_codes (void)
{
  GEnumClass *klass = g_type_class_ref (G_TYPE_IO_ERROR_ENUM);

  g_assert_cmpstr (g_type_name (G_TYPE_IO_ERROR_ENUM), ==, "GIOErrorEnum");
  g_assert_cmpuint (klass->n_values, >=, G_N_ELEMENTS (codes));
  for (guint i = 0; i < G_N_ELEMENTS (codes); i++)
    {
      g_assert_cmpint (codes[i].value, ==, expected_value (i));
      g_assert_cmpint (klass->values[i].value, ==, codes[i].value);
      g_assert_cmpstr (klass->values[i].value_name, ==, codes[i].name);
      g_assert_cmpstr (klass->values[i].value_nick, ==, codes[i].nick);
    }
  g_assert_cmpint (klass->minimum, ==, 0);
  g_assert_cmpuint (sizeof (GIOErrorEnum), ==, sizeof (int));
  g_type_class_unref (klass);
}

/* G_IO_ERROR_DESTINATION_UNSET is there, and is the last. */
static void
test_newest_code (void)
{
  GEnumClass *klass = g_type_class_ref (G_TYPE_IO_ERROR_ENUM);
  GEnumValue *value = g_enum_get_value (klass, 48);

  g_assert_nonnull (value);
  g_assert_cmpstr (value->value_name, ==, "G_IO_ERROR_DESTINATION_UNSET");
  g_assert_cmpstr (value->value_nick, ==, "destination-unset");
  g_assert_cmpint (klass->maximum, ==, 48);
  g_assert_cmpuint (klass->n_values, ==, G_N_ELEMENTS (codes) + 1);
#ifndef ON_GIO
  g_assert_cmpint (G_IO_ERROR_DESTINATION_UNSET, ==, 48);
#endif
  g_type_class_unref (klass);
}

/* The domain's string is what makes errors of two libraries match. */
static void
test_domain (void)
{
  g_assert_cmpstr (g_quark_to_string (G_IO_ERROR), ==, "g-io-error-quark");
}

/* The public structures have GIO's members at GIO's places. */
static void
test_layout (void)
{
  const gsize pointer = sizeof (gpointer);

  g_assert_cmpuint (sizeof (GAsyncResultIface), ==, sizeof (GTypeInterface) + 3 * pointer);
  g_assert_cmpuint (G_STRUCT_OFFSET (GAsyncResultIface, g_iface), ==, 0);
  g_assert_cmpuint (G_STRUCT_OFFSET (GAsyncResultIface, get_user_data), ==, sizeof (GTypeInterface));
  g_assert_cmpuint (G_STRUCT_OFFSET (GAsyncResultIface, get_source_object), ==, sizeof (GTypeInterface) + pointer);
  g_assert_cmpuint (G_STRUCT_OFFSET (GAsyncResultIface, is_tagged), ==, sizeof (GTypeInterface) + 2 * pointer);

  g_assert_cmpuint (sizeof (GCancellable), ==, sizeof (GObject) + pointer);
  g_assert_cmpuint (G_STRUCT_OFFSET (GCancellable, parent_instance), ==, 0);
  g_assert_cmpuint (G_STRUCT_OFFSET (GCancellable, priv), ==, sizeof (GObject));

  g_assert_cmpuint (sizeof (GCancellableClass), ==, sizeof (GObjectClass) + 6 * pointer);
  g_assert_cmpuint (G_STRUCT_OFFSET (GCancellableClass, parent_class), ==, 0);
  g_assert_cmpuint (G_STRUCT_OFFSET (GCancellableClass, cancelled), ==, sizeof (GObjectClass));
  g_assert_cmpuint (G_STRUCT_OFFSET (GCancellableClass, _g_reserved1), ==, sizeof (GObjectClass) + pointer);
  g_assert_cmpuint (G_STRUCT_OFFSET (GCancellableClass, _g_reserved5), ==, sizeof (GObjectClass) + 5 * pointer);

#if GLIB_SIZEOF_VOID_P == 8
  g_assert_cmpuint (sizeof (GAsyncResultIface), ==, 40);
  g_assert_cmpuint (sizeof (GCancellable), ==, 32);
  g_assert_cmpuint (sizeof (GCancellableClass), ==, 184);
#endif
}

typedef struct
{
  const char *name;
  gsize class_size;
  gsize instance_size; /* 0: opaque */
  gboolean is_result;
} ExpectedClass;

static const ExpectedClass classes[] = {
  { "GTask", sizeof (GObjectClass), 0, TRUE },
  { "GSimpleAsyncResult", sizeof (GObjectClass), 0, TRUE },
  { "GCancellable", sizeof (GCancellableClass), sizeof (GCancellable), FALSE },
};

static void
check_class (GType type, const ExpectedClass *expected)
{
  GTypeQuery query;
  guint n_interfaces;
  GType *interfaces = g_type_interfaces (type, &n_interfaces);

  g_type_query (type, &query);
  g_assert_cmpstr (query.type_name, ==, expected->name);
  g_assert_cmpuint (query.class_size, ==, expected->class_size);
  if (expected->instance_size)
    g_assert_cmpuint (query.instance_size, ==, expected->instance_size);

  g_assert_true (g_type_parent (type) == G_TYPE_OBJECT);
  g_assert_false (G_TYPE_IS_ABSTRACT (type));
  g_assert_false (G_TYPE_IS_FINAL (type));
  g_assert_true (G_TYPE_IS_DERIVABLE (type));
  g_assert_true (G_TYPE_IS_DEEP_DERIVABLE (type));
  g_assert_true (G_TYPE_IS_INSTANTIATABLE (type));

  g_assert_cmpuint (n_interfaces, ==, expected->is_result ? 1 : 0);
  if (expected->is_result)
    g_assert_true (interfaces[0] == G_TYPE_ASYNC_RESULT);
  g_free (interfaces);
}

/* The classes: names, sizes, parents, flags, interfaces. */
static void
test_classes (void)
{
  check_class (G_TYPE_TASK, &classes[0]);
  check_class (G_TYPE_SIMPLE_ASYNC_RESULT, &classes[1]);
  check_class (G_TYPE_CANCELLABLE, &classes[2]);
}

/* The interface: its name, its kind, and that only GObjects can have it. */
static void
test_interface (void)
{
  guint n_prerequisites;
  GType *prerequisites = g_type_interface_prerequisites (G_TYPE_ASYNC_RESULT, &n_prerequisites);

  g_assert_cmpstr (g_type_name (G_TYPE_ASYNC_RESULT), ==, "GAsyncResult");
  g_assert_true (g_type_fundamental (G_TYPE_ASYNC_RESULT) == G_TYPE_INTERFACE);
  g_assert_cmpuint (n_prerequisites, ==, 1);
  g_assert_true (prerequisites[0] == G_TYPE_OBJECT);
  g_free (prerequisites);
}

/* The signal: run-last and nothing else, no parameters, no result. */
static void
test_signal (void)
{
  gpointer klass = g_type_class_ref (G_TYPE_CANCELLABLE);
  guint n_signals;
  guint *signals = g_signal_list_ids (G_TYPE_CANCELLABLE, &n_signals);
  GSignalQuery query;

  g_assert_cmpuint (n_signals, ==, 1);
  g_signal_query (signals[0], &query);
  g_assert_cmpstr (query.signal_name, ==, "cancelled");
  g_assert_true (query.itype == G_TYPE_CANCELLABLE);
  g_assert_cmphex (query.signal_flags, ==, G_SIGNAL_RUN_LAST);
  g_assert_true (query.return_type == G_TYPE_NONE);
  g_assert_cmpuint (query.n_params, ==, 0);
  g_free (signals);
  g_type_class_unref (klass);
}

typedef struct
{
  GCancellable parent_instance;
  guint n_calls;
  guint n_calls_before; /* what n_calls was when a handler ran */
} Counter;

typedef struct
{
  GCancellableClass parent_class;
} CounterClass;

GType counter_get_type (void);
G_DEFINE_TYPE (Counter, counter, G_TYPE_CANCELLABLE)

static void
counter_cancelled (GCancellable *cancellable)
{
  ((Counter *) cancellable)->n_calls++;
}

static void
counter_class_init (CounterClass *klass)
{
  GCancellableClass *parent = G_CANCELLABLE_CLASS (klass);

  g_assert_null (parent->_g_reserved1);
  g_assert_null (parent->_g_reserved5);
  parent->cancelled = counter_cancelled;
}

static void
counter_init (Counter *self)
{
  self->n_calls_before = G_MAXUINT;
}

static void
note_calls (GCancellable *cancellable, gpointer data)
{
  (void) data;
  ((Counter *) cancellable)->n_calls_before = ((Counter *) cancellable)->n_calls;
}

/* A subclass, compiled with the public structures, overrides the signal's class handler; it runs last. */
static void
test_subclass (void)
{
  Counter *counter = g_object_new (counter_get_type (), NULL);

  g_assert_true (G_IS_CANCELLABLE (counter));
  g_signal_connect (counter, "cancelled", G_CALLBACK (note_calls), NULL);
  g_cancellable_cancel (G_CANCELLABLE (counter));
  g_assert_cmpuint (counter->n_calls_before, ==, 0);
  g_assert_cmpuint (counter->n_calls, ==, 1);
  g_object_unref (counter);
}

static guint
count_properties (GType type)
{
  GObjectClass *klass = g_type_class_ref (type);
  guint n;

  g_free (g_object_class_list_properties (klass, &n));
  g_type_class_unref (klass);
  return n;
}

static GParamSpec *
find_completed (void)
{
  GObjectClass *klass = g_type_class_ref (G_TYPE_TASK);
  GParamSpec *property = g_object_class_find_property (klass, "completed");

  g_type_class_unref (klass); /* the classes of static types stay */
  g_assert_nonnull (property);
  return property;
}

/* The only property: its kind, default and flags. */
static void
test_properties (void)
{
  GParamSpec *property = find_completed ();

  g_assert_true (G_PARAM_SPEC_TYPE (property) == G_TYPE_PARAM_BOOLEAN);
  g_assert_true (property->owner_type == G_TYPE_TASK);
  g_assert_false (G_PARAM_SPEC_BOOLEAN (property)->default_value);
  g_assert_cmphex (property->flags, ==, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);

  g_assert_cmpuint (count_properties (G_TYPE_TASK), ==, 1);
  g_assert_cmpuint (count_properties (G_TYPE_SIMPLE_ASYNC_RESULT), ==, 0);
  g_assert_cmpuint (count_properties (G_TYPE_CANCELLABLE), ==, 0);
}

/* It has no nick, for which GObject answers the name, and no blurb. */
static void
test_property_strings (void)
{
  GParamSpec *property = find_completed ();

  g_assert_cmpstr (g_param_spec_get_nick (property), ==, "completed");
  g_assert_null (g_param_spec_get_blurb (property));
}

/* The library reads one member of GLib's that the header calls private: whether a source is attached. */
static void
test_source_context (void)
{
  GMainContext *context = g_main_context_new ();
  GSource *source = g_idle_source_new ();

  g_assert_null (source->context);
  g_source_attach (source, context);
  g_assert_true (source->context == context);
  g_source_destroy (source);
  g_source_unref (source);
  g_main_context_unref (context);
}

/* The library reads a task's references where GObject's header shows them. */
static void
test_reference_count (void)
{
  GTask *task = g_task_new (NULL, NULL, NULL, NULL);
  volatile guint *count = &((GObject *) task)->ref_count;

  g_assert_cmpuint (G_STRUCT_OFFSET (GObject, ref_count), ==, sizeof (GTypeInstance));
  for (guint n = 1; n < 4; n++)
    {
      g_assert_cmpuint (*count, ==, n);
      g_object_ref (task);
    }
  for (guint n = 3; n > 0; n--)
    {
      g_object_unref (task);
      g_assert_cmpuint (*count, ==, n);
    }
  g_object_unref (task);
}

static const Case cases[] = {
  { "/abi/codes", test_codes, NULL, 0 },
  { "/abi/newest-code", test_newest_code, "until 2.84: 1.20 (new): G_IO_ERROR_DESTINATION_UNSET = 48", 0 },
  { "/abi/domain", test_domain, NULL, 0 },
  { "/abi/layout", test_layout, NULL, 0 },
  { "/abi/classes", test_classes, NULL, 0 },
  { "/abi/interface", test_interface, NULL, 0 },
  { "/abi/source-context", test_source_context, NULL, 0 },
  { "/abi/signal", test_signal, NULL, 0 },
  { "/abi/subclass", test_subclass, NULL, 0 },
  { "/abi/properties", test_properties, NULL, 0 },
  { "/abi/property-strings", test_property_strings,
    "until 2.84: 1.17 (new): property GTask:completed has no nick and no blurb", 0 },
  { "/abi/reference-count", test_reference_count, NULL, 0 },
};

HARNESS_MAIN (cases)
