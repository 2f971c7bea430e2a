/* Others: programs that are started, a service on D-Bus, the resolver. */
#include <gio/gunixconnection.h>
#include <sys/socket.h>

#include "everyday.h"

/* Spawn: a program that ends at once */

static void
ended (GObject *process, GAsyncResult *result, G_GNUC_UNUSED gpointer user_data)
{
  GError *error = NULL;

  demand (g_subprocess_wait_check_finish (G_SUBPROCESS (process), result, &error), error);
  done ();
}

static void
spawn (G_GNUC_UNUSED guint number)
{
  GError *error = NULL;
  GSubprocess *process = g_subprocess_new (G_SUBPROCESS_FLAGS_NONE, &error, "true", NULL);

  demand (process != NULL, error);
  g_subprocess_wait_check_async (process, cancellable, ended, NULL);
  g_object_unref (process);
}

/* Filter: what is written to a program comes back */

#define TEXT "a few words\n"

static void
communicated (GObject *process, GAsyncResult *result, G_GNUC_UNUSED gpointer user_data)
{
  GError *error = NULL;
  char *output;

  demand (g_subprocess_communicate_utf8_finish (G_SUBPROCESS (process), result, &output, NULL, &error), error);
  demand (g_str_equal (output, TEXT), NULL);
  g_free (output);
  done ();
}

static void
filter (G_GNUC_UNUSED guint number)
{
  GError *error = NULL;
  GSubprocess *process = g_subprocess_new (G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE, &error,
                                           "cat", NULL);

  demand (process != NULL, error);
  g_subprocess_communicate_utf8_async (process, TEXT, cancellable, communicated, NULL);
  g_object_unref (process);
}

/* D-Bus: a service in a process of its own, at the other end of a socket */

static GDBusConnection *bus;
static GSubprocess *service;

static void
start_service (void)
{
  GSubprocessLauncher *launcher = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_NONE);
  GError *error = NULL;
  char *program = g_file_read_link ("/proc/self/exe", &error);
  GIOStream *stream;
  GSocket *socket;
  int descriptors[2];

  demand (program != NULL, error);
  demand (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, descriptors) == 0, NULL);
  g_subprocess_launcher_take_fd (launcher, descriptors[1], SERVICE_DESCRIPTOR);
  service = g_subprocess_launcher_spawn (launcher, &error, program, "--service", NULL);
  demand (service != NULL, error);
  g_free (program);
  g_object_unref (launcher);

  socket = g_socket_new_from_fd (descriptors[0], &error);
  demand (socket != NULL, error);
  stream = G_IO_STREAM (g_socket_connection_factory_create_connection (socket));
  bus = g_dbus_connection_new_sync (stream, NULL, G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT, NULL, NULL, &error);
  demand (bus != NULL, error);
  g_object_unref (stream);
  g_object_unref (socket);
}

static void
answered (GObject *connection, GAsyncResult *result, G_GNUC_UNUSED gpointer user_data)
{
  GError *error = NULL;
  GVariant *answer = g_dbus_connection_call_finish (G_DBUS_CONNECTION (connection), result, &error);

  demand (answer != NULL, error);
  g_variant_unref (answer);
  done ();
}

static void
call (guint number)
{
  g_dbus_connection_call (bus, NULL, "/everyday", "org.example.Everyday", "Double", g_variant_new ("(u)", number),
                          G_VARIANT_TYPE ("(u)"), G_DBUS_CALL_FLAGS_NONE, -1, cancellable, answered, NULL);
}

static void
end_service (void)
{
  GError *error = NULL;

  demand (g_dbus_connection_close_sync (bus, NULL, &error), error);
  demand (g_subprocess_wait_check (service, NULL, &error), error);
  g_clear_object (&bus);
  g_clear_object (&service);
}

static void
answer (G_GNUC_UNUSED GDBusConnection *connection, G_GNUC_UNUSED const char *sender, G_GNUC_UNUSED const char *path,
        G_GNUC_UNUSED const char *interface, G_GNUC_UNUSED const char *method, GVariant *parameters,
        GDBusMethodInvocation *invocation, G_GNUC_UNUSED gpointer user_data)
{
  guint number;

  g_variant_get (parameters, "(u)", &number);
  g_dbus_method_invocation_return_value (invocation, g_variant_new ("(u)", 2 * number));
}

void
serve (void)
{
  static const GDBusInterfaceVTable functions = { .method_call = answer };
  static const char description[] =
    "<node><interface name='org.example.Everyday'><method name='Double'>"
    "<arg type='u' direction='in'/><arg type='u' direction='out'/>"
    "</method></interface></node>";
  GMainLoop *loop = g_main_loop_new (NULL, FALSE);
  GError *error = NULL;
  GDBusNodeInfo *node = g_dbus_node_info_new_for_xml (description, &error);
  GSocket *socket = g_socket_new_from_fd (SERVICE_DESCRIPTOR, &error);
  char *guid = g_dbus_generate_guid ();
  GIOStream *stream;
  GDBusConnection *connection;

  demand (node != NULL && socket != NULL, error);
  stream = G_IO_STREAM (g_socket_connection_factory_create_connection (socket));
  connection = g_dbus_connection_new_sync (stream, guid,
                                           G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_SERVER |
                                           G_DBUS_CONNECTION_FLAGS_DELAY_MESSAGE_PROCESSING, NULL, NULL, &error);
  demand (connection != NULL, error);
  demand (g_dbus_connection_register_object (connection, "/everyday", node->interfaces[0], &functions, NULL, NULL,
                                             &error) != 0, error);
  g_signal_connect_swapped (connection, "closed", G_CALLBACK (g_main_loop_quit), loop);
  g_dbus_connection_start_message_processing (connection);
  g_main_loop_run (loop);
  g_object_unref (connection);
  g_object_unref (stream);
  g_object_unref (socket);
  g_dbus_node_info_unref (node);
  g_free (guid);
  g_main_loop_unref (loop);
}

/* Names: one that needs no question to anybody, and the name of an address, which a thread looks up */

static void
resolved (GObject *resolver, GAsyncResult *result, G_GNUC_UNUSED gpointer user_data)
{
  GError *error = NULL;
  GList *addresses = g_resolver_lookup_by_name_finish (G_RESOLVER (resolver), result, &error);

  demand (addresses != NULL, error);
  g_resolver_free_addresses (addresses);
  done ();
}

static void
resolve (G_GNUC_UNUSED guint number)
{
  GResolver *resolver = g_resolver_get_default ();

  g_resolver_lookup_by_name_async (resolver, "localhost", cancellable, resolved, NULL);
  g_object_unref (resolver);
}

static void
named (GObject *resolver, GAsyncResult *result, G_GNUC_UNUSED gpointer user_data)
{
  GError *error = NULL;
  char *name = g_resolver_lookup_by_address_finish (G_RESOLVER (resolver), result, &error);

  demand (name != NULL, error);
  g_free (name);
  done ();
}

static void
name (G_GNUC_UNUSED guint number)
{
  GResolver *resolver = g_resolver_get_default ();
  GInetAddress *address = g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4);

  g_resolver_lookup_by_address_async (resolver, address, cancellable, named, NULL);
  g_object_unref (address);
  g_object_unref (resolver);
}

const Operation process_operations[] = {
  { "spawn", NULL, spawn, NULL },
  { "filter", NULL, filter, NULL },
  { "call", start_service, call, end_service },
  { "resolve", NULL, resolve, NULL },
  { "name", NULL, name, NULL },
  { 0 }
};
