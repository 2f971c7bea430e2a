/* Streams: files read and written piece by piece, in threads; pipes and sockets, in the loop. */
#include <fcntl.h>
#include <gio/gunixinputstream.h>
#include <gio/gunixoutputstream.h>
#include <glib-unix.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "everyday.h"

enum { PIECE = 4096 };

static void
closed (GObject *stream, GAsyncResult *result, G_GNUC_UNUSED gpointer user_data)
{
  GError *error = NULL;

  demand (g_input_stream_close_finish (G_INPUT_STREAM (stream), result, &error), error);
  g_object_unref (stream);
  done ();
}

/* Read: a file of 16 pieces, from its beginning to its end */

static GFile *
large_file (void)
{
  return g_file_get_child (folder, "large");
}

static void
read_a_piece (GObject *source, GAsyncResult *result, G_GNUC_UNUSED gpointer user_data)
{
  GInputStream *stream = G_INPUT_STREAM (source);
  GError *error = NULL;
  GBytes *bytes = g_input_stream_read_bytes_finish (stream, result, &error);

  demand (bytes != NULL, error);
  if (g_bytes_get_size (bytes) > 0)
    g_input_stream_read_bytes_async (stream, PIECE, G_PRIORITY_DEFAULT, cancellable, read_a_piece, NULL);
  else
    g_input_stream_close_async (stream, G_PRIORITY_DEFAULT, cancellable, closed, NULL);
  g_bytes_unref (bytes);
}

static void
opened_to_read (GObject *file, GAsyncResult *result, G_GNUC_UNUSED gpointer user_data)
{
  GError *error = NULL;
  GFileInputStream *stream = g_file_read_finish (G_FILE (file), result, &error);

  demand (stream != NULL, error);
  g_input_stream_read_bytes_async (G_INPUT_STREAM (stream), PIECE, G_PRIORITY_DEFAULT, cancellable, read_a_piece, NULL);
}

static void
read_file (G_GNUC_UNUSED guint number)
{
  GFile *file = large_file ();

  g_file_read_async (file, G_PRIORITY_DEFAULT, cancellable, opened_to_read, NULL);
  g_object_unref (file);
}

/* Splice: the same file into memory */

static void
spliced (GObject *memory, GAsyncResult *result, G_GNUC_UNUSED gpointer user_data)
{
  GError *error = NULL;

  demand (g_output_stream_splice_finish (G_OUTPUT_STREAM (memory), result, &error) > 0, error);
  g_object_unref (memory);
  done ();
}

static void
opened_to_splice (GObject *file, GAsyncResult *result, G_GNUC_UNUSED gpointer user_data)
{
  GError *error = NULL;
  GFileInputStream *stream = g_file_read_finish (G_FILE (file), result, &error);

  demand (stream != NULL, error);
  g_output_stream_splice_async (g_memory_output_stream_new_resizable (), G_INPUT_STREAM (stream),
                                G_OUTPUT_STREAM_SPLICE_CLOSE_SOURCE | G_OUTPUT_STREAM_SPLICE_CLOSE_TARGET,
                                G_PRIORITY_DEFAULT, cancellable, spliced, NULL);
  g_object_unref (stream);
}

static void
splice_file (G_GNUC_UNUSED guint number)
{
  GFile *file = large_file ();

  g_file_read_async (file, G_PRIORITY_DEFAULT, cancellable, opened_to_splice, NULL);
  g_object_unref (file);
}

/* Save: a new file, and away with it */

static void
deleted (GObject *file, GAsyncResult *result, G_GNUC_UNUSED gpointer user_data)
{
  GError *error = NULL;

  demand (g_file_delete_finish (G_FILE (file), result, &error), error);
  done ();
}

static void
saved (GObject *file, GAsyncResult *result, G_GNUC_UNUSED gpointer user_data)
{
  GError *error = NULL;

  demand (g_file_replace_contents_finish (G_FILE (file), result, NULL, &error), error);
  g_file_delete_async (G_FILE (file), G_PRIORITY_DEFAULT, cancellable, deleted, NULL);
}

static void
save (guint number)
{
  static const char contents[PIECE];
  char name[24];
  GFile *file;

  g_snprintf (name, sizeof name, "new-%u", number);
  file = g_file_get_child (folder, name);
  g_file_replace_contents_async (file, contents, sizeof contents, NULL, FALSE, G_FILE_CREATE_NONE, cancellable, saved,
                                 NULL);
  g_object_unref (file);
}

/* There and back: what is written into one end comes out of the other. An operation lends a pair of ends. */

typedef struct
{
  GIOStream *near, *far; /* of a socket; of a pipe: NULL */
  GInputStream *input;
  GOutputStream *output;
  char written[PIECE], read[PIECE];
} Ends;

static GQueue idle_ends = G_QUEUE_INIT;

static void
free_ends (gpointer data)
{
  Ends *ends = data;

  g_object_unref (ends->input);
  g_object_unref (ends->output);
  g_clear_object (&ends->near);
  g_clear_object (&ends->far);
  g_free (ends);
}

static void
close_all (void)
{
  g_queue_clear_full (&idle_ends, free_ends);
}

static void
came_out (GObject *input, GAsyncResult *result, gpointer user_data)
{
  Ends *ends = user_data;
  GError *error = NULL;
  gsize length;

  demand (g_input_stream_read_all_finish (G_INPUT_STREAM (input), result, &length, &error) && length == PIECE, error);
  g_queue_push_head (&idle_ends, ends);
  done ();
}

static void
went_in (GObject *output, GAsyncResult *result, gpointer user_data)
{
  Ends *ends = user_data;
  GError *error = NULL;

  demand (g_output_stream_write_all_finish (G_OUTPUT_STREAM (output), result, NULL, &error), error);
  g_input_stream_read_all_async (ends->input, ends->read, PIECE, G_PRIORITY_DEFAULT, cancellable, came_out, ends);
}

static void
write_and_read (Ends *ends)
{
  g_output_stream_write_all_async (ends->output, ends->written, PIECE, G_PRIORITY_DEFAULT, cancellable, went_in, ends);
}

static Ends *
new_pipe (void)
{
  Ends *ends = g_new0 (Ends, 1);
  GError *error = NULL;
  int descriptors[2];

  demand (g_unix_open_pipe (descriptors, FD_CLOEXEC, &error), error);
  ends->input = g_unix_input_stream_new (descriptors[0], TRUE);
  ends->output = g_unix_output_stream_new (descriptors[1], TRUE);
  return ends;
}

static void
through_a_pipe (G_GNUC_UNUSED guint number)
{
  write_and_read (idle_ends.length > 0 ? g_queue_pop_head (&idle_ends) : new_pipe ());
}

static GIOStream *
connection (int descriptor)
{
  GError *error = NULL;
  GSocket *socket = g_socket_new_from_fd (descriptor, &error);
  GSocketConnection *stream;

  demand (socket != NULL, error);
  stream = g_socket_connection_factory_create_connection (socket);
  g_object_unref (socket);
  return G_IO_STREAM (stream);
}

static Ends *
new_socket_pair (void)
{
  Ends *ends = g_new0 (Ends, 1);
  int descriptors[2];

  demand (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, descriptors) == 0, NULL);
  ends->near = connection (descriptors[0]);
  ends->far = connection (descriptors[1]);
  ends->output = g_object_ref (g_io_stream_get_output_stream (ends->near));
  ends->input = g_object_ref (g_io_stream_get_input_stream (ends->far));
  return ends;
}

static void
through_a_socket (G_GNUC_UNUSED guint number)
{
  write_and_read (idle_ends.length > 0 ? g_queue_pop_head (&idle_ends) : new_socket_pair ());
}

const Operation stream_operations[] = {
  { "read", NULL, read_file, NULL },
  { "splice", NULL, splice_file, NULL },
  { "save", NULL, save, NULL },
  { "pipe", NULL, through_a_pipe, close_all },
  { "socket", NULL, through_a_socket, close_all },
  { 0 }
};
