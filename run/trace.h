/* --trace: what becomes of the program's tasks is recorded, and a report made of it when the program has ended. */
#ifndef TRACE_H
#define TRACE_H

#include <stdbool.h>
#include <sys/types.h>

typedef struct
{
  /* Where the report goes; NULL without --trace. */
  const char *out;
  /* As it is on the command line; NULL: the recorder's own. */
  const char *limit;
  bool stacks;
  /* What ASYNCRESULT_TRACE says. */
  char *recorded;
  /* The folder of the raw traces that the report is made of, if one is. */
  char *folder;
  /* The command asyncresult-trace. */
  char *reporter;
} Trace;

/* Whether it can be done. If not, a line has said why. */
bool trace_prepare (Trace *trace);

/* FALSE if there is no memory. */
bool trace_set_environment (const Trace *trace);

/* Waits for the program, makes the report, and exits as the program did. */
_Noreturn void trace_finish (const Trace *trace, pid_t child, const char *name);

/* Starts what is to be waited for: 0 in the child, -1 with errno. */
pid_t trace_fork (void);

/* A line on standard error. */
void say (const char *format, ...) __attribute__ ((format (printf, 1, 2)));

/* A file that was installed or built beside this program: its path, or NULL. */
char *file_beside (const char *installed, const char *built);

#endif
