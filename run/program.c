#include "program.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "options.h"

/* As many interpreters that are scripts themselves as Linux follows. */
enum { MAX_INTERPRETERS = 5 };

static int
try_path (const char *path)
{
  struct stat status;

  if (stat (path, &status) != 0)
    return errno == EACCES ? STATUS_NOT_EXECUTABLE : STATUS_NOT_FOUND;
  return S_ISREG (status.st_mode) && access (path, X_OK) == 0 ? 0 : STATUS_NOT_EXECUTABLE;
}

int
program_find (const char *name, char path[PATH_MAX])
{
  const char *folders = getenv ("PATH");
  int answer = STATUS_NOT_FOUND;

  if (*name == '\0' || strlen (name) >= PATH_MAX)
    return STATUS_NOT_FOUND;
  if (strchr (name, '/') != NULL)
    {
      strcpy (path, name);
      return try_path (path);
    }
  if (folders == NULL)
    folders = "/bin:/usr/bin";
  for (;;)
    {
      int length = (int) strcspn (folders, ":");
      int status = STATUS_NOT_FOUND;

      if (snprintf (path, PATH_MAX, "%.*s/%s", length > 0 ? length : 1, length > 0 ? folders : ".", name) < PATH_MAX)
        status = try_path (path);
      if (status == 0)
        return 0;
      if (status == STATUS_NOT_EXECUTABLE)
        answer = status;
      folders += length;
      if (*folders == '\0')
        return answer;
      folders++;
    }
}

static bool
is_privileged (const char *path)
{
  struct stat status;

  return (stat (path, &status) == 0 && status.st_mode & (S_ISUID | S_ISGID)) ||
         getxattr (path, "security.capability", NULL, 0) > 0;
}

static ProgramKind
inspect_elf (int file, const ElfW (Ehdr) *header)
{
  ElfW (Ehdr) own;
  int self = open ("/proc/self/exe", O_RDONLY | O_CLOEXEC);
  bool same = true;

  if (self >= 0)
    {
      same = read (self, &own, sizeof own) != sizeof own ||
             (own.e_machine == header->e_machine && own.e_ident[EI_CLASS] == header->e_ident[EI_CLASS] &&
              own.e_ident[EI_DATA] == header->e_ident[EI_DATA]);
      close (self);
    }
  if (!same)
    return PROGRAM_OTHER_MACHINE;
  for (unsigned i = 0; i < header->e_phnum; i++)
    {
      ElfW (Phdr) segment;

      if (pread (file, &segment, sizeof segment, (off_t) (header->e_phoff + (size_t) i * header->e_phentsize)) !=
          sizeof segment)
        break;
      if (segment.p_type == PT_INTERP)
        return PROGRAM_DYNAMIC;
    }
  return PROGRAM_STATIC;
}

/* The interpreter that a script's first line names, in place; NULL if it names none. */
static char *
interpreter_of (char *line)
{
  char *start = line + strspn (line, " \t");

  start[strcspn (start, " \t\n")] = '\0';
  return *start != '\0' ? start : NULL;
}

ProgramKind
program_inspect (const char *path)
{
  /* As much of a script's first line as Linux reads. */
  union
  {
    char text[257];
    ElfW (Ehdr) elf;
  } head;
  char script[sizeof head.text];

  for (int i = 0; i <= MAX_INTERPRETERS; i++)
    {
      int file = open (path, O_RDONLY | O_CLOEXEC);
      ssize_t length = 0;
      ProgramKind kind = PROGRAM_DYNAMIC;

      if (is_privileged (path))
        kind = PROGRAM_PRIVILEGED;
      else if (file >= 0)
        {
          memset (&head, 0, sizeof head);
          length = read (file, head.text, sizeof head.text - 1);
          if (length >= (ssize_t) sizeof head.elf && memcmp (head.text, ELFMAG, SELFMAG) == 0)
            kind = inspect_elf (file, &head.elf);
        }
      if (file >= 0)
        close (file);
      if (kind != PROGRAM_DYNAMIC || length < 2 || memcmp (head.text, "#!", 2) != 0)
        return kind;
      strcpy (script, head.text + 2);
      path = interpreter_of (script);
      if (path == NULL)
        break;
    }
  /* What cannot be read, and a script that names no interpreter, is left to exec. */
  return PROGRAM_DYNAMIC;
}
