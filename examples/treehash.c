/* One hash for a tree of files: many operations at once, of which one is made.
 *
 *   cc treehash.c $(pkg-config --cflags --libs asyncresult) -o treehash && ./treehash FOLDER
 *
 * Files are read in workers, so many at a time as is said. Meanwhile there is progress. What cannot be read is
 * told, and does not end the rest; Ctrl-C ends it, and so does a timeout. docs/tutorial.md explains it.
 *
 * The hash is the SHA-256 of a line for each entry, in the order of their names as bytes: what it is, the SHA-256
 * of what is in it, its name below the top (which is "."), and a NUL. That is
 *
 *   "f HASH NAME" for a file, "d - NAME" for a folder, "l HASH NAME" for a symbolic link, whose target is hashed
 *   and not followed, "o - NAME" for what is none of these, and "! - NAME" for what could not be read. */
#define _XOPEN_SOURCE 700
/* Where it is not so anyway: files of more than two gigabytes. */
#define _FILE_OFFSET_BITS 64
#include <asyncresult/asr.h>
#include <glib-unix.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- what it offers ---- */

/* How far it is. */
typedef struct
{
  guint done;      /* entries that were read, or could not be */
  guint in_flight; /* those that are being read */
  guint waiting;   /* those that are known, and wait for their turn */
  guint failed;    /* those of the done that could not be read */
  gsize bytes;     /* that were read of files, also of those in flight */
} TreehashProgress;

/* Called in the context of treehash_hash_async(), ten times a second or so, and once at the end. */
typedef void (*TreehashProgressFunc) (const TreehashProgress *progress, gpointer user_data);

typedef struct
{
  char *hash;
  guint entries;
  gsize bytes;
  GPtrArray *failures; /* of GError, in the order of the names, which are in the messages */
} TreehashReport;

static void
treehash_report_free (TreehashReport *report)
{
  g_free (report->hash);
  g_ptr_array_unref (report->failures);
  g_free (report);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TreehashReport, treehash_report_free)

/* ---- one entry: read in a worker ---- */

typedef struct
{
  char *path;
  char *name;        /* below the top */
  gsize *bytes;      /* how many were read of all files: workers add to it */
  char kind;         /* what stands in the entry's line, as the next */
  char *hash;        /* or NULL for "-" */
  GPtrArray *inside; /* the names in a folder, or NULL */
  GError *error;     /* why it could not be read, or NULL */
} Entry;

static Entry *
entry_new (const char *path, const char *name, gsize *bytes)
{
  Entry *entry = g_new0 (Entry, 1);

  entry->path = g_strdup (path);
  entry->name = g_strdup (name);
  entry->bytes = bytes;
  return entry;
}

static void
entry_free (gpointer data)
{
  Entry *entry = data;

  g_free (entry->path);
  g_free (entry->name);
  g_free (entry->hash);
  g_clear_pointer (&entry->inside, g_ptr_array_unref);
  g_clear_error (&entry->error);
  g_free (entry);
}

static void
set_error_from_errno (GError **error)
{
  int code = errno;

  g_set_error_literal (error, G_IO_ERROR, g_io_error_from_errno (code), g_strerror (code));
}

static gboolean
entry_read_link (Entry *entry, GError **error)
{
  g_autofree char *target = g_file_read_link (entry->path, error);

  if (target == NULL)
    return FALSE;
  entry->hash = g_compute_checksum_for_string (G_CHECKSUM_SHA256, target, -1);
  return TRUE;
}

/* Opens what lstat() has shown, unless it has become a link since, or waits for a writer. */
static int
entry_open (Entry *entry, int flags, GError **error)
{
  int fd = open (entry->path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC | flags);

  if (fd < 0)
    set_error_from_errno (error);
  return fd;
}

/* This may take as long as it likes: between two pieces it looks whether to stop. */
static gboolean
entry_read_file (Entry *entry, GCancellable *cancellable, GError **error)
{
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
  guchar piece[64 * 1024];
  gssize n = -1;
  int fd = entry_open (entry, 0, error);

  if (fd < 0)
    return FALSE;
  while (n != 0 && !g_cancellable_set_error_if_cancelled (cancellable, error))
    {
      n = read (fd, piece, sizeof piece);
      if (n < 0)
        {
          set_error_from_errno (error);
          break;
        }
      g_checksum_update (checksum, piece, n);
      g_atomic_pointer_add (entry->bytes, n);
    }
  close (fd);
  entry->hash = g_strdup (g_checksum_get_string (checksum));
  return n == 0;
}

static gboolean
entry_read_folder (Entry *entry, GCancellable *cancellable, GError **error)
{
  int fd = entry_open (entry, O_DIRECTORY, error);
  DIR *folder;
  struct dirent *found;
  gboolean is_read = FALSE;

  if (fd < 0)
    return FALSE;
  folder = fdopendir (fd);
  if (folder == NULL)
    {
      set_error_from_errno (error);
      close (fd);
      return FALSE;
    }
  entry->inside = g_ptr_array_new_with_free_func (g_free);
  while (!g_cancellable_set_error_if_cancelled (cancellable, error))
    {
      errno = 0;
      found = readdir (folder);
      if (found == NULL)
        {
          is_read = errno == 0;
          if (!is_read)
            set_error_from_errno (error);
          break;
        }
      if (!g_str_equal (found->d_name, ".") && !g_str_equal (found->d_name, ".."))
        g_ptr_array_add (entry->inside, g_strdup (found->d_name));
    }
  closedir (folder);
  return is_read;
}

static gboolean
entry_read (Entry *entry, GCancellable *cancellable, GError **error)
{
  struct stat status;

  if (lstat (entry->path, &status) != 0)
    {
      set_error_from_errno (error);
      return FALSE;
    }
  switch (status.st_mode & S_IFMT)
    {
    case S_IFDIR:
      entry->kind = 'd';
      return entry_read_folder (entry, cancellable, error);
    case S_IFREG:
      entry->kind = 'f';
      return entry_read_file (entry, cancellable, error);
    case S_IFLNK:
      entry->kind = 'l';
      return entry_read_link (entry, error);
    default:
      entry->kind = 'o';
      return TRUE;
    }
}

/* In a worker. It touches nothing but the entry, which nobody else has meanwhile. */
static void
entry_read_in_thread (GTask *task, gpointer source G_GNUC_UNUSED, gpointer data, GCancellable *cancellable)
{
  Entry *entry = data;

  if (!entry_read (entry, cancellable, &entry->error))
    {
      entry->kind = '!';
      g_clear_pointer (&entry->hash, g_free);
      g_clear_pointer (&entry->inside, g_ptr_array_unref);
    }
  g_task_return_pointer (task, entry, entry_free);
}

/* Takes the entry. */
static void
entry_read_async (Entry *entry, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, user_data);

  g_task_set_static_name (task, "entry");
  /* An entry comes back in any case, and knows its error. */
  g_task_set_check_cancellable (task, FALSE);
  g_task_set_task_data (task, entry, NULL);
  g_task_run_in_thread (task, entry_read_in_thread);
}

/* Returns what entry_read_async() took. */
static Entry *
entry_read_finish (GAsyncResult *result)
{
  return g_task_propagate_pointer (G_TASK (result), NULL);
}

/* ---- the tree: all of it in the context of the caller, so nothing here needs a lock ---- */

typedef struct
{
  GQueue waiting;   /* of entries that are known */
  GPtrArray *done;  /* of entries that were read */
  guint failed;     /* how many of those were not */
  guint in_flight;
  guint at_most;    /* how many may be */
  gsize bytes;      /* the only thing that workers change */
  GSource *ticker;  /* or NULL; the task's context has it */
  TreehashProgressFunc progress;
  gpointer progress_data;
} Tree;

static void
tree_free (gpointer data)
{
  Tree *tree = data;

  g_queue_clear_full (&tree->waiting, entry_free);
  g_ptr_array_unref (tree->done);
  g_free (tree);
}

static gboolean
tree_tell (gpointer task)
{
  Tree *tree = g_task_get_task_data (task);
  TreehashProgress progress = { tree->done->len, tree->in_flight, tree->waiting.length, tree->failed,
                                (gsize) g_atomic_pointer_get (&tree->bytes) };

  tree->progress (&progress, tree->progress_data);
  return G_SOURCE_CONTINUE;
}

static int
compare_names (gconstpointer first, gconstpointer second)
{
  const Entry *one = *(const Entry *const *) first, *other = *(const Entry *const *) second;

  return strcmp (one->name, other->name);
}

/* A name may have any byte but "/" and NUL. */
static GError *
failure_of (const Entry *entry)
{
  g_autofree char *name = g_strescape (entry->path, NULL);

  return g_error_new (entry->error->domain, entry->error->code, "\"%s\": %s", name, entry->error->message);
}

/* The last step, in a worker, too: the loop shall not wait until a million names are sorted. */
static void
tree_sum_up (GTask *task, gpointer source G_GNUC_UNUSED, gpointer data, GCancellable *cancellable)
{
  Tree *tree = data;
  Entry *top = tree->done->len > 0 ? tree->done->pdata[0] : NULL;
  g_autoptr (TreehashReport) report = NULL;
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
  GError *error = NULL;

  if (!asr_cancellable_set_error (cancellable, &error) && top->error != NULL)
    error = failure_of (top);
  if (error != NULL)
    {
      g_task_return_error (task, error);
      return;
    }
  report = g_new0 (TreehashReport, 1);
  report->entries = tree->done->len;
  report->bytes = tree->bytes;
  report->failures = g_ptr_array_new_with_free_func ((GDestroyNotify) g_error_free);
  g_ptr_array_sort (tree->done, compare_names);
  for (guint i = 0; i < tree->done->len; i++)
    {
      Entry *entry = tree->done->pdata[i];
      g_autofree char *line = g_strdup_printf ("%c %s %s", entry->kind, entry->hash ? entry->hash : "-", entry->name);

      g_checksum_update (checksum, (const guchar *) line, strlen (line) + 1);
      if (entry->error != NULL)
        g_ptr_array_add (report->failures, failure_of (entry));
    }
  report->hash = g_strdup (g_checksum_get_string (checksum));
  g_task_return_pointer (task, g_steal_pointer (&report), (GDestroyNotify) treehash_report_free);
}

static void on_entry_read (GObject *source, GAsyncResult *result, gpointer user_data);

/* Begins as many entries as there is room for. The end has come when none is left. */
static void
tree_go_on (GTask *task)
{
  Tree *tree = g_task_get_task_data (task);
  GCancellable *cancellable = g_task_get_cancellable (task);

  while (tree->in_flight < tree->at_most && tree->waiting.length > 0 && !g_cancellable_is_cancelled (cancellable))
    {
      tree->in_flight++;
      entry_read_async (g_queue_pop_head (&tree->waiting), cancellable, on_entry_read, g_object_ref (task));
    }
  if (tree->in_flight > 0)
    return;
  if (tree->ticker != NULL)
    {
      tree_tell (task);
      g_source_destroy (tree->ticker);
    }
  g_task_run_in_thread (task, tree_sum_up);
}

/* What is in a folder comes before what is beside it. So few names wait at a time. */
static void
tree_add_what_is_inside (Tree *tree, Entry *folder)
{
  gboolean is_top = g_str_equal (folder->name, ".");

  for (guint i = folder->inside->len; i > 0; i--)
    {
      const char *name = folder->inside->pdata[i - 1];
      g_autofree char *path = g_build_filename (folder->path, name, NULL);
      g_autofree char *below_top = is_top ? g_strdup (name) : g_build_filename (folder->name, name, NULL);

      g_queue_push_head (&tree->waiting, entry_new (path, below_top, &tree->bytes));
    }
  g_clear_pointer (&folder->inside, g_ptr_array_unref);
}

static void
on_entry_read (GObject *source G_GNUC_UNUSED, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Tree *tree = g_task_get_task_data (task);
  Entry *entry = entry_read_finish (result);

  tree->in_flight--;
  g_ptr_array_add (tree->done, entry);
  if (entry->error != NULL && !g_error_matches (entry->error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    tree->failed++;
  if (entry->inside != NULL)
    tree_add_what_is_inside (tree, entry);
  tree_go_on (task);
}

static char treehash_tag;

/* Hashes all that is at the path and below, n_in_flight entries at a time. The callback calls
 * treehash_hash_finish(). Until then progress_data has to last. */
static void
treehash_hash_async (const char *path, guint n_in_flight, TreehashProgressFunc progress, gpointer progress_data,
                     GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = NULL;
  Tree *tree;

  g_return_if_fail (path != NULL);
  g_return_if_fail (n_in_flight > 0);

  task = g_task_new (NULL, cancellable, callback, user_data);
  g_task_set_source_tag (task, &treehash_tag);
  g_task_set_static_name (task, "treehash");
  /* The error after a deadline is one of its own: see tree_sum_up(). */
  g_task_set_check_cancellable (task, FALSE);

  tree = g_new0 (Tree, 1);
  g_task_set_task_data (task, tree, tree_free);
  tree->done = g_ptr_array_new_with_free_func (entry_free);
  tree->at_most = n_in_flight;
  tree->progress = progress;
  tree->progress_data = progress_data;
  if (progress != NULL)
    {
      g_autoptr (GSource) ticker = g_timeout_source_new (100);

      g_task_attach_source (task, ticker, tree_tell); /* which takes a reference to the task */
      tree->ticker = ticker;
    }
  g_queue_push_head (&tree->waiting, entry_new (path, ".", &tree->bytes));
  tree_go_on (task);
}

/* Returns a report, also if some entries could not be read; or NULL with an error: G_IO_ERROR_TIMED_OUT after a
 * deadline of the cancellable, G_IO_ERROR_CANCELLED after another cancellation, or why the top could not be read. */
static TreehashReport *
treehash_hash_finish (GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, NULL), NULL);
  g_return_val_if_fail (g_async_result_is_tagged (result, &treehash_tag), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

/* ---- the program ---- */

enum
{
  STATUS_WHOLE = 0,
  STATUS_UNREADABLE = 1, /* something could not be read, or the hash not be written */
  STATUS_USAGE = 2,
  STATUS_TIMED_OUT = 124, /* as timeout(1) */
  STATUS_INTERRUPTED = 130, /* as shells have it */
};

#define NO_TIMEOUT -1.0
#define LONGEST_TIMEOUT 1e9

typedef struct
{
  GMainLoop *loop;
  int status;
} Program;

static int
status_of (const GError *error)
{
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT))
    return STATUS_TIMED_OUT;
  return g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED) ? STATUS_INTERRUPTED : STATUS_UNREADABLE;
}

static void
on_progress (const TreehashProgress *progress, gpointer user_data G_GNUC_UNUSED)
{
  g_printerr ("%u done, %u in flight, %u waiting, %u failed, %" G_GSIZE_FORMAT " bytes\n", progress->done,
              progress->in_flight, progress->waiting, progress->failed, progress->bytes);
}

static void
on_hashed (GObject *source G_GNUC_UNUSED, GAsyncResult *result, gpointer user_data)
{
  Program *program = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (TreehashReport) report = treehash_hash_finish (result, &error);

  if (report == NULL)
    {
      g_printerr ("treehash: %s\n", error->message);
      program->status = status_of (error);
    }
  else
    {
      for (guint i = 0; i < report->failures->len; i++)
        g_printerr ("treehash: %s\n", ((GError *) report->failures->pdata[i])->message);
      g_print ("%s\n", report->hash);
      program->status = report->failures->len > 0 ? STATUS_UNREADABLE : STATUS_WHOLE;
      if (ferror (stdout))
        {
          g_printerr ("treehash: the hash could not be written\n");
          program->status = STATUS_UNREADABLE;
        }
    }
  g_main_loop_quit (program->loop);
}

/* Called by the main loop, so it may do anything. A second Ctrl-C ends the program in the usual way. */
static gboolean
on_ctrl_c (gpointer cancellable)
{
  g_cancellable_cancel (cancellable);
  return G_SOURCE_REMOVE;
}

/* NULL if the command line is right. */
static const char *
what_is_wrong (int n_paths, int in_flight, double seconds)
{
  if (n_paths != 1)
    return "it takes one PATH: see --help";
  if (in_flight < 1)
    return "at least one has to be in flight";
  /* Not a number is in no range. */
  if (seconds != NO_TIMEOUT && !(seconds >= 0 && seconds <= LONGEST_TIMEOUT))
    return "a timeout has 0 to 1000000000 seconds";
  return NULL;
}

int
main (int argc, char **argv)
{
  int in_flight = (int) g_get_num_processors ();
  double seconds = NO_TIMEOUT;
  gboolean shows_progress = FALSE;
  const GOptionEntry options[] = {
    { "in-flight", 'n', 0, G_OPTION_ARG_INT, &in_flight, "How many are read at a time", "N" },
    { "timeout", 't', 0, G_OPTION_ARG_DOUBLE, &seconds, "How long it may take", "SECONDS" },
    { "progress", 'p', 0, G_OPTION_ARG_NONE, &shows_progress, "Say how far it is, ten times a second", NULL },
    G_OPTION_ENTRY_NULL,
  };
  g_autoptr (GOptionContext) context = g_option_context_new ("PATH");
  g_autoptr (GCancellable) cancellable = NULL;
  g_autoptr (GError) error = NULL;
  Program program = { NULL, STATUS_USAGE };
  const char *wrong;

  setlocale (LC_ALL, "");
  g_option_context_add_main_entries (context, options, NULL);
  wrong = g_option_context_parse (context, &argc, &argv, &error) ? what_is_wrong (argc - 1, in_flight, seconds)
                                                                 : error->message;
  if (wrong != NULL)
    {
      g_printerr ("treehash: %s\n", wrong);
      return STATUS_USAGE;
    }

  program.loop = g_main_loop_new (NULL, FALSE);
  cancellable = asr_cancellable_new_timeout (seconds < 0 ? -1 : (gint64) (seconds * G_USEC_PER_SEC));
  g_unix_signal_add (SIGINT, on_ctrl_c, cancellable);
  treehash_hash_async (argv[1], (guint) in_flight, shows_progress ? on_progress : NULL, NULL, cancellable, on_hashed,
                       &program);
  g_main_loop_run (program.loop);
  g_main_loop_unref (program.loop);
  return program.status;
}
