/* One test body, two libraries: every program in this folder is built once against libgio (ON_GIO)
 * and once against ours, from the same source. */
#pragma once

#ifdef ON_GIO
#include <gio/gio.h>
#else
#include <asyncresult/asyncresult.h>
#endif

/* One case. If `differs` is NULL, the outcome is the same on both libraries: the case must pass on both.
 * Else it names the line of the contract, with its mark, that makes ours different on purpose: on libgio
 * the case then runs in a subprocess and must NOT pass there (it fails, aborts, or exceeds the limit).
 *
 * Where that depends on the version of libgio, the line begins with "until 2.N: " or "from 2.N: ". "until" is the first
 * version in which the case passes on libgio, as it does in later ones. "from" is the first in which it does not pass.
 * Both are versions that were tried. The case is skipped on libgio of a version that lies between two of these. */
typedef struct
{
  const char *path;
  void (*run) (void);
  const char *differs;
  unsigned limit_seconds; /* 0: run in this process. Else: in a subprocess, at most that long. */
} Case;

/* As the limit of a case in which libgio hangs: there it has two seconds, and ten where it is to pass. */
#define HANGS G_MAXUINT

int harness_main (int argc, char **argv, const Case *cases, gsize n_cases);

#define HARNESS_MAIN(cases) \
  int main (int argc, char **argv) { return harness_main (argc, argv, cases, G_N_ELEMENTS (cases)); }

/* What the case that runs needs is not to be had: it is to return then. Also in a subprocess. */
void harness_skip (const char *reason);

/* Iterates `context` (NULL: the default one) until `*flag` is true; fails the case after ten seconds. */
void wait_until (GMainContext *context, const volatile gboolean *flag);

/* Like wait_until(), for a counter: until `*counter` (read atomically) is at least `target`. */
void wait_for_count (GMainContext *context, gint *counter, gint target);

/* The same, without iterating anything. */
void await_count (gint *counter, gint target);

/* Iterates `context` without blocking until nothing is pending. Returns how many iterations did something. */
guint drain (GMainContext *context);

/* A GMainContext iterated by a thread of its own. */
typedef struct ContextThread ContextThread;
ContextThread *context_thread_new (void);
GMainContext *context_thread_get_context (ContextThread *self);
GThread *context_thread_get_thread (ContextThread *self);
void context_thread_free (ContextThread *self); /* stops the loop, joins the thread */

/* How many rounds a case should run that would run `rounds` of them: fewer, at least one, when HARNESS_QUICK=1 is
 * in the environment because a slow checker (valgrind) watches. Time limits grow then. */
guint harness_rounds (guint rounds);

/* The stack of threads that do not ask for a size, from now on. With 32 bits there is no room for as many of the usual
 * size as the pool has workers. */
void harness_set_stacks (gsize bytes);
#define SMALL_STACK (256 * 1024)

/* What GLib itself says of a mistake, which changed in version 2.`minor`: by the GLib that is loaded. */
const char *says_since (guint minor, const char *newer, const char *older);

/* The number of open descriptors of this process. */
guint count_descriptors (void);

/* Waits until so many are open: a thread may be about to close one, or have a file open for a moment. A case that counts
 * while threads run has a process of its own: what an earlier one left would be closed meanwhile. */
void await_descriptors (guint expected);
