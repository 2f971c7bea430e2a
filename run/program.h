/* What is to be started: where it is, and whether the dynamic linker of this program will load it. */
#ifndef PROGRAM_H
#define PROGRAM_H

#include <limits.h>
#include <stdbool.h>

typedef enum
{
  PROGRAM_DYNAMIC,
  /* Runs without a dynamic linker. */
  PROGRAM_STATIC,
  /* Of this machine's family, or of any other. */
  PROGRAM_32_BIT,
  PROGRAM_OTHER_MACHINE,
  /* Its dynamic linker is not glibc's. */
  PROGRAM_OTHER_LINKER,
  /* It, or the interpreter of a script, runs with the rights of somebody else. */
  PROGRAM_PRIVILEGED,
} ProgramKind;

/* As many interpreters that are scripts themselves as Linux follows. */
enum { MAX_INTERPRETERS = 5 };

/* As a shell looks for it: 0, or the status that a shell would exit with. */
int program_find (const char *name, char path[PATH_MAX]);

/* Of a name with a slash in it: that is what a shell takes as it is. */
bool program_is_folder (const char *name);

ProgramKind program_inspect (const char *path);

/* Whether this can be read, and begins as a library does. */
bool program_is_library (const char *path);

/* Whether a program that is there needs an interpreter that is not: of a script, or a dynamic linker. */
bool program_lacks_interpreter (const char *path, char interpreter[PATH_MAX]);

/* What runs a script, by its first line; of env, what env starts. FALSE if it is no script. */
bool program_interpreter (const char *script, char path[PATH_MAX]);

#endif
