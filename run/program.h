/* What is to be started: where it is, and whether a library can be preloaded into it. */
#ifndef PROGRAM_H
#define PROGRAM_H

#include <limits.h>

typedef enum
{
  PROGRAM_DYNAMIC,
  /* Runs without what LD_PRELOAD names. */
  PROGRAM_STATIC,
  PROGRAM_OTHER_MACHINE,
  /* It, or the interpreter of a script, runs with the rights of somebody else. */
  PROGRAM_PRIVILEGED,
} ProgramKind;

/* As a shell looks for it: 0, or the status that a shell would exit with. */
int program_find (const char *name, char path[PATH_MAX]);

ProgramKind program_inspect (const char *path);

#endif
