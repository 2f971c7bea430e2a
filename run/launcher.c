/* asyncresult-run: starts a program whose use of GIO's asynchronous core is to reach libasyncresult. */
#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

#include "needs.h"
#include "options.h"
#include "program.h"
#include "trace.h"

static const char help[] =
  "Usage: asyncresult-run [OPTION...] PROGRAM [ARGUMENT...]\n"
  "       asyncresult-run --needs [--deep] PROGRAM|LIBRARY...\n"
  "Runs PROGRAM, and what it starts, with libasyncresult in place of the asynchronous core of its libgio.\n"
  "\n"
  "  --check    name each mistake that is made with a task, as ASYNCRESULT_DEBUG=tasks does\n"
  "  --needs    run nothing: list what each of these files takes from libgio that libasyncresult has not, by class.\n"
  "             Exits with 0 if that is nothing, 1 if it is something, 125 if a file cannot be read\n"
  "  --deep     the same for all libraries that they need\n"
  "  --strict   exit with 125 where libgio cannot be redirected, instead of running PROGRAM on libgio as it is\n"
  "  --trace OUT\n"
  "             record what becomes of each task, and when PROGRAM has ended make a report of it: OUT.html (a page),\n"
  "             .json (for Perfetto), .syscap (for sysprof) or .txt. An OUT.asrtrace or a folder gets what was\n"
  "             recorded, for asyncresult-trace\n"
  "  --trace-limit N[K|M|G]\n"
  "             so many bytes for each process at most, 256M by default; beyond that the newest events are kept\n"
  "  --trace-stacks\n"
  "             record the callers of the program's functions, too\n"
  "  --verbose  say on standard error what was redirected in each process; given twice, also which have no libgio\n"
  "  --version  print the version\n"
  "  -h, --help print this\n"
  "\n"
  "Exits as PROGRAM does, or with 125 (refused, or called wrongly), 126 (PROGRAM cannot be run), 127 (PROGRAM not\n"
  "found).\n"
  "Not reached: a libgio that is part of a program, static and 32-bit programs, what a service starts that was running\n"
  "already (systemd, a D-Bus daemon), and programs that run with other rights than their caller's (refused: 126).\n"
  "docs/with-libgio.md lists the rest.\n";

/* The variable of the library that --check sets, and its word. */
#define DEBUG_VARIABLE "ASYNCRESULT_DEBUG"
#define DEBUG_WORD "tasks"

static unsigned options;
static bool checks, needs, deep;
static Trace trace;

void
say (const char *format, ...)
{
  va_list arguments;

  fputs ("asyncresult-run: ", stderr);
  va_start (arguments, format);
  vfprintf (stderr, format, arguments);
  va_end (arguments);
  fputc ('\n', stderr);
}

/* The program runs on libgio as it is, or not at all. */
static void __attribute__ ((format (printf, 1, 2)))
give_up (const char *format, ...)
{
  va_list arguments;

  fputs ("asyncresult-run: not redirected: ", stderr);
  va_start (arguments, format);
  vfprintf (stderr, format, arguments);
  va_end (arguments);
  fputc ('\n', stderr);
  if (options & OPTION_STRICT)
    exit (STATUS_REFUSED);
}

/* Without /proc it is what this program was started as. */
static bool
find_self (char self[PATH_MAX])
{
  const char *started_as = (const char *) (uintptr_t) getauxval (AT_EXECFN);

  return realpath ("/proc/self/exe", self) != NULL || (started_as != NULL && realpath (started_as, self) != NULL);
}

char *
file_beside (const char *installed, const char *built)
{
  const char *const places[] = { installed, built };
  char self[PATH_MAX], path[PATH_MAX];
  char *slash = find_self (self) ? strrchr (self, '/') : NULL;

  for (size_t i = 0; slash != NULL && i < sizeof places / sizeof places[0]; i++)
    {
      char candidate[2 * PATH_MAX];

      snprintf (candidate, sizeof candidate, "%.*s/%s", (int) (slash - self), self, places[i]);
      if (realpath (candidate, path) != NULL && !program_is_folder (path))
        return strdup (path);
    }
  return NULL;
}

/* Whether a list with one of these separators between has this word. */
static bool
list_has (const char *list, const char *word, const char *separators)
{
  size_t length = strlen (word);

  while (*list != '\0')
    {
      size_t end = strcspn (list, separators);

      if (end == length && strncmp (list, word, length) == 0)
        return true;
      list += end;
      list += strspn (list, separators);
    }
  return false;
}

static void
put_into_environment (const char *variable, const char *first, const char *separator, const char *second)
{
  size_t size = strlen (first) + strlen (separator) + strlen (second) + 1;
  char *value = malloc (size);

  if (value == NULL)
    {
      say ("not enough memory");
      exit (STATUS_REFUSED);
    }
  snprintf (value, size, "%s%s%s", first, *second != '\0' ? separator : "", second);
  if (setenv (variable, value, 1) != 0)
    {
      say ("%s", strerror (errno));
      exit (STATUS_REFUSED);
    }
  free (value);
}

/* What a variable has already. */
static const char *
environment (const char *variable)
{
  const char *value = getenv (variable);

  return value != NULL ? value : "";
}

/* For an audit library the dynamic linker lays out thread-local data before it knows what the program's libraries need. It
 * leaves 512 bytes for them unless it is told otherwise; libjemalloc alone needs more. Each thread has it. */
static void
leave_room_for_thread_local_data (void)
{
  static const char room[] = "glibc.rtld.optional_static_tls";
  const char *others = environment ("GLIBC_TUNABLES");

  if (strstr (others, room) == NULL)
    put_into_environment ("GLIBC_TUNABLES", "glibc.rtld.optional_static_tls=4096", ":", others);
}

static void
set_environment (void)
{
  /* The dynamic linker's own limit, less the end of the text. */
  enum { LONGEST_AUDIT = 254 };
  /* The library for the dynamic linker. */
  const char *audit = file_beside (PRIVATE_FOLDER "/" AUDIT_FILE, AUDIT_FILE);
  char instead[PATH_MAX + sizeof INSTEAD_FILE];
  const char *others = environment ("LD_AUDIT");
  char words[64] = "";

  if (audit == NULL || !program_is_library (audit))
    {
      give_up (AUDIT_FILE " is not where it was installed; install libasyncresult again");
      return;
    }
  snprintf (instead, sizeof instead, "%.*s/" INSTEAD_FILE, (int) (strrchr (audit, '/') - audit), audit);
  if (!program_is_library (instead))
    {
      give_up ("%s is not there; install libasyncresult again", instead);
      return;
    }
  if (strlen (audit) > LONGEST_AUDIT)
    {
      give_up ("the dynamic linker ignores so long a path in LD_AUDIT: %s; install libasyncresult elsewhere", audit);
      return;
    }
  if (strchr (audit, ':') != NULL)
    {
      give_up ("no path with a colon can be in LD_AUDIT: %s; install libasyncresult elsewhere", audit);
      return;
    }
  if (!list_has (others, audit, ":"))
    put_into_environment ("LD_AUDIT", audit, ":", others);
  leave_room_for_thread_local_data ();
  if (checks && !list_has (environment (DEBUG_VARIABLE), DEBUG_WORD, ",:; "))
    put_into_environment (DEBUG_VARIABLE, DEBUG_WORD, ",", environment (DEBUG_VARIABLE));
  for (size_t i = 0; i < N_OPTION_WORDS; i++)
    if (options & option_words[i].option)
      snprintf (words + strlen (words), sizeof words - strlen (words), "%s%s", words[0] != '\0' ? "," : "",
                option_words[i].word);
  put_into_environment (OPTIONS_VARIABLE, words, "", "");
}

/* Ends the process if the command line asks for nothing to run. */
static void
read_command_line (int argc, char **argv)
{
  enum { HELP = 'h', VERSION = 256, CHECK, DEEP, NEEDS, TRACE, TRACE_LIMIT, TRACE_STACKS };
  static const struct option known[] = {
    { "check", no_argument, NULL, CHECK },
    { "deep", no_argument, NULL, DEEP },
    { "gio", no_argument, NULL, OPTION_GIO },
    { "needs", no_argument, NULL, NEEDS },
    { "strict", no_argument, NULL, OPTION_STRICT },
    { "trace", required_argument, NULL, TRACE },
    { "trace-limit", required_argument, NULL, TRACE_LIMIT },
    { "trace-stacks", no_argument, NULL, TRACE_STACKS },
    { "verbose", no_argument, NULL, OPTION_VERBOSE },
    { "help", no_argument, NULL, HELP },
    { "version", no_argument, NULL, VERSION },
    { NULL, 0, NULL, 0 },
  };
  int found;

  /* The plus: what comes behind the program's name is the program's. */
  while ((found = getopt_long (argc, argv, "+h", known, NULL)) != -1)
    switch (found)
      {
      case HELP:
        fputs (help, stdout);
        exit (fflush (stdout) == 0 ? 0 : STATUS_REFUSED);
      case VERSION:
        puts ("asyncresult-run " ASYNCRESULT_VERSION);
        exit (fflush (stdout) == 0 ? 0 : STATUS_REFUSED);
      case '?':
        fputs ("Try asyncresult-run --help\n", stderr);
        exit (STATUS_REFUSED);
      case CHECK:
        checks = true;
        break;
      case DEEP:
        deep = true;
        break;
      case NEEDS:
        needs = true;
        break;
      case TRACE:
        trace.out = optarg;
        break;
      case TRACE_LIMIT:
        trace.limit = optarg;
        break;
      case TRACE_STACKS:
        trace.stacks = true;
        break;
      case OPTION_VERBOSE:
        options |= options & OPTION_VERBOSE ? OPTION_ALL : OPTION_VERBOSE;
        break;
      default:
        options |= (unsigned) found;
      }
  if (deep && !needs)
    {
      say ("--deep says how to look for --needs; try --help");
      exit (STATUS_REFUSED);
    }
  if (optind == argc)
    {
      say (needs ? "--needs: of what? Try --help" : "no program to run; try --help");
      exit (STATUS_REFUSED);
    }
}

/* Why a program that is there could not be started. */
static const char *
obstacle (const char *path, char text[PATH_MAX + 64])
{
  char interpreter[PATH_MAX];

  if (errno != ENOENT)
    return strerror (errno);
  if (!program_lacks_interpreter (path, interpreter))
    return strerror (ENOENT);
  snprintf (text, PATH_MAX + 64, "its interpreter %s is not there", interpreter);
  return text;
}

int
main (int argc, char **argv)
{
  char path[PATH_MAX], text[PATH_MAX + 64];
  const char *name, *unknown;
  size_t length;
  int status;

  read_command_line (argc, argv);
  if (needs)
    return needs_list (argv + optind, deep);
  /* Of an asyncresult-run that has started this one. */
  options |= options_parse (environment (OPTIONS_VARIABLE), &unknown, &length);
  name = argv[optind];
  status = program_find (name, path);
  if (status != 0)
    {
      say ("%s: %s", name,
           status == STATUS_NOT_FOUND ? "not found" : program_is_folder (name) ? "is a directory" : "not executable");
      return status;
    }
  switch (program_inspect (path))
    {
    case PROGRAM_PRIVILEGED:
      say ("%s runs with other rights than its caller's: refused; a copy of it without them can be started", name);
      return STATUS_NOT_EXECUTABLE;
    case PROGRAM_STATIC:
      give_up ("%s is linked statically; link it to the shared libgio", name);
      break;
    case PROGRAM_32_BIT:
      give_up ("%s is a 32-bit program; build it for 64 bits", name);
      break;
    case PROGRAM_OTHER_MACHINE:
      give_up ("%s is made for another machine than this program; use the asyncresult-run of that machine", name);
      break;
    case PROGRAM_OTHER_LINKER:
      give_up ("%s has another C library than glibc; build it with glibc", name);
      break;
    case PROGRAM_DYNAMIC:
      break;
    }
  if (!trace_prepare (&trace))
    return STATUS_REFUSED;
  if (trace.folder != NULL)
    {
      pid_t child = trace_fork ();

      if (child > 0)
        trace_finish (&trace, child, name);
      if (child < 0)
        {
          say ("%s", strerror (errno));
          rmdir (trace.folder);
          return STATUS_REFUSED;
        }
    }
  set_environment ();
  if (trace.out != NULL && !trace_set_environment (&trace))
    {
      say ("%s", strerror (errno));
      return STATUS_REFUSED;
    }

  /* execvp and not execv: a script without #! is the shell's, as everywhere. */
  execvp (path, argv + optind);
  /* Writing the message may set errno. */
  status = errno == ENOENT ? STATUS_NOT_FOUND : STATUS_NOT_EXECUTABLE;
  say ("%s: %s", name, obstacle (path, text));
  return status;
}
