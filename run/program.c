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

bool
program_is_folder (const char *name)
{
  struct stat status;

  return strchr (name, '/') != NULL && stat (name, &status) == 0 && S_ISDIR (status.st_mode);
}

/* As much of a script's first line as Linux reads. */
typedef union
{
  char text[257];
  ElfW (Ehdr) elf;
} Head;

/* The open file, or -1. What cannot be read is empty, and so is a pipe. */
static int
read_head (const char *path, Head *head)
{
  int file = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

  memset (head, 0, sizeof *head);
  if (file >= 0 && read (file, head->text, sizeof head->text - 1) < 0)
    memset (head, 0, sizeof *head);
  return file;
}

static bool
is_elf (const Head *head)
{
  return memcmp (head->text, ELFMAG, SELFMAG) == 0;
}

bool
program_is_library (const char *path)
{
  Head head;
  int file = read_head (path, &head);

  if (file >= 0)
    close (file);
  return is_elf (&head);
}

/* By its name: it depends on nothing, and looks like a static program. */
static bool
is_glibc_linker (const char *path)
{
  return strncmp (basename (path), "ld-linux", strlen ("ld-linux")) == 0;
}

/* Whether the program has a dynamic linker, whose path then stands in linker. */
static bool
read_linker (int file, const ElfW (Ehdr) *header, char linker[PATH_MAX])
{
  for (unsigned i = 0; i < header->e_phnum; i++)
    {
      ElfW (Phdr) segment;
      size_t length;

      if (pread (file, &segment, sizeof segment, (off_t) (header->e_phoff + (size_t) i * header->e_phentsize)) !=
          sizeof segment)
        return false;
      if (segment.p_type != PT_INTERP)
        continue;
      length = segment.p_filesz < PATH_MAX ? (size_t) segment.p_filesz : PATH_MAX - 1;
      memset (linker, 0, PATH_MAX);
      return pread (file, linker, length, (off_t) segment.p_offset) == (ssize_t) length;
    }
  return false;
}

static ProgramKind
inspect_elf (const char *path, int file, const ElfW (Ehdr) *header)
{
  char linker[PATH_MAX], real[PATH_MAX];
  Head own;
  int self = read_head ("/proc/self/exe", &own);

  if (self >= 0)
    close (self);
  if (is_elf (&own))
    {
      if (header->e_ident[EI_CLASS] == ELFCLASS32 && own.elf.e_ident[EI_CLASS] == ELFCLASS64)
        return PROGRAM_32_BIT;
      if (own.elf.e_machine != header->e_machine || own.elf.e_ident[EI_CLASS] != header->e_ident[EI_CLASS] ||
          own.elf.e_ident[EI_DATA] != header->e_ident[EI_DATA])
        return PROGRAM_OTHER_MACHINE;
    }
  if (!read_linker (file, header, linker))
    return realpath (path, real) != NULL && is_glibc_linker (real) ? PROGRAM_DYNAMIC : PROGRAM_STATIC;
  return is_glibc_linker (linker) ? PROGRAM_DYNAMIC : PROGRAM_OTHER_LINKER;
}

/* Whether a script's first line names an interpreter, whose path then stands in interpreter. */
static bool
read_interpreter (const Head *head, char interpreter[PATH_MAX])
{
  const char *start = head->text + 2;

  if (memcmp (head->text, "#!", 2) != 0)
    return false;
  start += strspn (start, " \t");
  snprintf (interpreter, PATH_MAX, "%.*s", (int) strcspn (start, " \t\n"), start);
  return interpreter[0] != '\0';
}

ProgramKind
program_inspect (const char *path)
{
  char interpreter[PATH_MAX];
  Head head;

  for (int i = 0; i <= MAX_INTERPRETERS; i++)
    {
      int file = read_head (path, &head);
      ProgramKind kind = is_privileged (path) ? PROGRAM_PRIVILEGED
                         : is_elf (&head)     ? inspect_elf (path, file, &head.elf)
                                              : PROGRAM_DYNAMIC;

      if (file >= 0)
        close (file);
      if (kind != PROGRAM_DYNAMIC || !read_interpreter (&head, interpreter))
        return kind;
      path = interpreter;
    }
  /* What cannot be read, and a script that names no interpreter, is left to exec. */
  return PROGRAM_DYNAMIC;
}

bool
program_lacks_interpreter (const char *path, char interpreter[PATH_MAX])
{
  Head head;

  for (int i = 0; i <= MAX_INTERPRETERS; i++)
    {
      int file = read_head (path, &head);
      bool found = is_elf (&head) ? read_linker (file, &head.elf, interpreter) : read_interpreter (&head, interpreter);

      if (file >= 0)
        close (file);
      if (!found)
        return false;
      if (access (interpreter, F_OK) != 0)
        return true;
      path = interpreter;
    }
  return false;
}

/* The program that env starts: the first of its arguments that is neither an option nor a variable. */
static bool
find_for_env (const char *arguments, char path[PATH_MAX])
{
  for (;;)
    {
      int length;
      char name[sizeof (Head)];

      arguments += strspn (arguments, " \t");
      length = (int) strcspn (arguments, " \t\n");
      if (length == 0)
        return false;
      snprintf (name, sizeof name, "%.*s", length, arguments);
      if (name[0] != '-' && strchr (name, '=') == NULL)
        return program_find (name, path) == 0;
      arguments += length;
    }
}

bool
program_interpreter (const char *script, char path[PATH_MAX])
{
  Head head;
  int file = read_head (script, &head);

  if (file >= 0)
    close (file);
  if (!read_interpreter (&head, path))
    return false;
  if (strcmp (basename (path), "env") == 0)
    find_for_env (strstr (head.text, path) + strlen (path), path);
  return true;
}
