/* meter COMMAND...: runs a command, drops what it prints, and prints what it needed, with its children: wall time and
 * processor time in nanoseconds, and the peak of its resident memory in bytes. Exits as it does.
 * The driver, in Python, cannot look itself: a process begins with the peak of the one that starts it. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double
now (void)
{
  struct timespec time;

  clock_gettime (CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1e9 + time.tv_nsec;
}

static double
nanoseconds (struct timeval time)
{
  return time.tv_sec * 1e9 + time.tv_usec * 1e3;
}

static void
run (char **command)
{
  int nothing = open ("/dev/null", O_WRONLY);

  /* Who gives up waiting ends only the meter. */
  if (prctl (PR_SET_PDEATHSIG, SIGKILL) == 0 && nothing >= 0 && dup2 (nothing, STDOUT_FILENO) >= 0)
    execvp (command[0], command);
  perror (command[0]);
  _exit (127);
}

int
main (int argc, char **argv)
{
  struct rusage usage;
  double before, after;
  int status;
  pid_t child;

  if (argc < 2)
    {
      fprintf (stderr, "usage: meter COMMAND...\n");
      return EXIT_FAILURE;
    }
  before = now ();
  child = fork ();
  if (child == 0)
    run (argv + 1);
  if (child < 0 || wait4 (child, &status, 0, &usage) != child)
    {
      perror ("meter");
      return EXIT_FAILURE;
    }
  after = now ();
  if (!WIFEXITED (status))
    {
      fprintf (stderr, "%s: signal %d\n", argv[1], WTERMSIG (status));
      return EXIT_FAILURE;
    }
  printf ("%.0f %.0f %.0f\n", after - before, nanoseconds (usage.ru_utime) + nanoseconds (usage.ru_stime),
          usage.ru_maxrss * 1024.0);
  return WEXITSTATUS (status);
}
