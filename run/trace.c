#include "trace.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "options.h"
#include "program.h"

/* As the recorder reads it, and no other. */
static bool
is_size (const char *text)
{
  size_t digits = strspn (text, "0123456789");

  return digits > 0 && digits <= 12 && strspn (text, "0") < digits &&
         (text[digits] == '\0' || (strchr ("KMG", text[digits]) != NULL && text[digits + 1] == '\0'));
}

static bool
ends_with (const char *text, const char *ending)
{
  size_t length = strlen (text), ending_length = strlen (ending);

  return length > ending_length && strcmp (text + length - ending_length, ending) == 0;
}

static bool
is_folder (const char *path)
{
  struct stat status;

  return stat (path, &status) == 0 && S_ISDIR (status.st_mode);
}

static char *
joined (const char *first, const char *second)
{
  char *text = NULL;

  return asprintf (&text, "%s%s", first, second) < 0 ? NULL : text;
}

/* Where asyncresult-trace is: beside this program, or where programs are. */
static char *
find_reporter (void)
{
  char path[PATH_MAX];
  char *found = file_beside ("asyncresult-trace", "../trace/report/asyncresult-trace");

  if (found != NULL && access (found, X_OK) == 0)
    return found;
  free (found);
  return program_find ("asyncresult-trace", path) == 0 ? strdup (path) : NULL;
}

bool
trace_prepare (Trace *trace)
{
  static const char *const reports[] = { ".html", ".json", ".syscap", ".txt" };
  const char *out = trace->out;
  size_t i = 0;

  if (trace->limit != NULL && !is_size (trace->limit))
    {
      say ("--trace-limit: \"%s\" is no number of bytes; 64M is one", trace->limit);
      return false;
    }
  if (out == NULL)
    {
      if (trace->limit == NULL && !trace->stacks)
        return true;
      say ("--trace-limit and --trace-stacks say how to --trace");
      return false;
    }
  if (*out == '\0')
    {
      say ("--trace: where to?");
      return false;
    }
  /* The traces themselves. */
  if (ends_with (out, "/") || is_folder (out))
    return (trace->recorded = joined (out, ends_with (out, "/") ? "" : "/")) != NULL;
  if (ends_with (out, ".asrtrace"))
    return (trace->recorded = strdup (out)) != NULL;
  while (i < sizeof reports / sizeof reports[0] && !ends_with (out, reports[i]))
    i++;
  if (i == sizeof reports / sizeof reports[0])
    {
      say ("--trace: %s ends with none of .html, .json, .syscap, .txt, .asrtrace, and is no folder", out);
      return false;
    }
  trace->reporter = find_reporter ();
  if (trace->reporter == NULL)
    {
      say ("--trace: asyncresult-trace is not there; install libasyncresult again, or trace into a folder");
      return false;
    }
  trace->folder = joined (out, ".XXXXXX");
  if (trace->folder == NULL || mkdtemp (trace->folder) == NULL)
    {
      say ("--trace: nothing can be written beside %s: %s", out, strerror (errno));
      return false;
    }
  trace->recorded = joined (trace->folder, "/");
  return trace->recorded != NULL;
}

bool
trace_set_environment (const Trace *trace)
{
  /* The program may go elsewhere, and so may what it starts. */
  char here[PATH_MAX];
  char *absolute = NULL;

  if (trace->recorded[0] == '/')
    absolute = strdup (trace->recorded);
  else if (getcwd (here, sizeof here) != NULL && asprintf (&absolute, "%s/%s", here, trace->recorded) < 0)
    absolute = NULL;
  return absolute != NULL && setenv ("ASYNCRESULT_TRACE", absolute, 1) == 0 &&
         (trace->limit == NULL || setenv ("ASYNCRESULT_TRACE_LIMIT", trace->limit, 1) == 0) &&
         (!trace->stacks || setenv ("ASYNCRESULT_TRACE_STACKS", "1", 1) == 0);
}

/* What was blocked before. */
static sigset_t outer;

pid_t
trace_fork (void)
{
  sigset_t all;
  pid_t child;

  /* From here on the signals for this process are waited for. */
  sigfillset (&all);
  sigprocmask (SIG_SETMASK, &all, &outer);
  child = fork ();
  if (child <= 0)
    sigprocmask (SIG_SETMASK, &outer, NULL);
  return child;
}

/* Passes signals on until the child has ended: its status. A terminal sends its signals to both, and a child that it
 * stops stops this process. */
static int
wait_for (pid_t child)
{
  sigset_t all;
  siginfo_t info;
  int status;

  sigfillset (&all);
  for (;;)
    {
      while (waitpid (child, &status, WNOHANG | WUNTRACED) == child)
        {
          if (!WIFSTOPPED (status))
            return status;
          kill (getpid (), SIGSTOP);
        }
      if (sigwaitinfo (&all, &info) > 0 && info.si_signo != SIGCHLD && info.si_code <= 0 && info.si_pid != child)
        kill (child, info.si_signo);
    }
}

static bool
is_trace (const struct dirent *entry)
{
  return ends_with (entry->d_name, ".asrtrace");
}

static bool
holds_traces (const char *folder)
{
  DIR *directory = opendir (folder);
  bool found = false;

  for (struct dirent *entry; directory != NULL && !found && (entry = readdir (directory)) != NULL;)
    found = is_trace (entry);
  if (directory != NULL)
    closedir (directory);
  return found;
}

/* What is in it, but traces, is somebody else's: then it stays. */
static void
remove_folder (const char *folder)
{
  DIR *directory = opendir (folder);

  for (struct dirent *entry; directory != NULL && (entry = readdir (directory)) != NULL;)
    if (is_trace (entry))
      unlinkat (dirfd (directory), entry->d_name, 0);
  if (directory != NULL)
    closedir (directory);
  rmdir (folder);
}

static void
report (const Trace *trace, const char *name)
{
  int status = 0;
  pid_t child;

  if (!holds_traces (trace->folder))
    {
      say ("nothing was recorded: %s did not come to use libasyncresult", name);
      remove_folder (trace->folder);
      return;
    }
  child = fork ();
  if (child == 0)
    {
      execl (trace->reporter, trace->reporter, "report", trace->folder, "-o", trace->out, (char *) NULL);
      say ("%s: %s", trace->reporter, strerror (errno));
      _exit (STATUS_REFUSED);
    }
  if (child > 0 && waitpid (child, &status, 0) == child && WIFEXITED (status) && WEXITSTATUS (status) == 0)
    remove_folder (trace->folder);
  else
    say ("there is no report; what was recorded is in %s", trace->folder);
}

_Noreturn void
trace_finish (const Trace *trace, pid_t child, const char *name)
{
  int status = wait_for (child);

  /* From here on a signal ends this. */
  sigprocmask (SIG_SETMASK, &outer, NULL);
  report (trace, name);
  if (WIFSIGNALED (status))
    {
      const struct rlimit none = { 0, 0 };

      /* Whoever waits sees the same. The child has left a core, if one was wanted. */
      setrlimit (RLIMIT_CORE, &none);
      signal (WTERMSIG (status), SIG_DFL);
      sigemptyset (&outer);
      sigprocmask (SIG_SETMASK, &outer, NULL);
      raise (WTERMSIG (status));
    }
  exit (WIFEXITED (status) ? WEXITSTATUS (status) : STATUS_REFUSED);
}
