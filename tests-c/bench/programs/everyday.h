/* What programs do with GIO every day: an operation, many times, so many at once. Nothing here knows of our library.
 * scripts/bench --programs runs it plainly and under asyncresult-run. */
#pragma once

#include <gio/gio.h>

typedef struct
{
  const char *name;
  void (*prepare) (void);        /* once, before the first; may be NULL */
  void (*start) (guint number);  /* begins the operation of this number; its last callback calls done() */
  void (*clean_up) (void);       /* once, after the last; may be NULL */
} Operation;

/* Each ends with an operation without a name. */
extern const Operation file_operations[], stream_operations[], process_operations[];

/* The folder that was named on the command line. It holds FILES files, which are called 0, 1, 2…; one that is called
 * `large`; and in `folders` FOLDERS folders, called likewise, of ten files each. */
extern GFile *folder;
enum { FILES = 1000, FOLDERS = 100 };

/* What `everyday --service` does: answers calls over D-Bus at this descriptor until the other side has gone. */
enum { SERVICE_DESCRIPTOR = 3 };
void serve (void);

/* NULL, or the one that all operations share. */
extern GCancellable *cancellable;

/* How many operations there will be. */
extern guint how_many;

/* One operation is done: the next one begins, if there are any left. */
void done (void);

/* Ends the process with failure and the error's message, unless `success`. */
void demand (gboolean success, const GError *error);
