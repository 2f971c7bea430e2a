/* libasyncresult-audit.so: the dynamic linker shows it every library that it loads (rtld-audit(7)), before it reads
 * what that library depends on. libgio gets one dependency more, libasyncresult-instead.so. So that library is loaded
 * with libgio, whenever that is and in whichever namespace, and its constructor runs before libgio's own.
 *
 * This is part of every process that is started, mostly of such that have no libgio: it uses no C library, for
 * the linker would load a second one for it. */
#include <fcntl.h>
#include <link.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "dynamic.h"
#include "options.h"

/* What asyncresult-run named in LD_AUDIT, with another last part. */
static char instead[4096];
static const char *program = "?";
static bool strict, says_all;
static bool gio_was_there;

static long
system_call (long number, long first, long second, long third)
{
#if defined __x86_64__ && !defined __ILP32__
  long result;

  __asm__ volatile ("syscall"
                    : "=a" (result)
                    : "a" (number), "D" (first), "S" (second), "d" (third)
                    : "rcx", "r11", "memory");
  return result;
#elif defined __aarch64__ && defined __LP64__
  register long x8 __asm__ ("x8") = number;
  register long x0 __asm__ ("x0") = first;
  register long x1 __asm__ ("x1") = second;
  register long x2 __asm__ ("x2") = third;

  __asm__ volatile ("svc 0" : "+r" (x0) : "r" (x8), "r" (x1), "r" (x2) : "memory");
  return x0;
#else
#error "the system calls of this machine are not known"
#endif
}

/* Puts text behind the first *used bytes, as much of it as there is room for. */
static void
append (char *buffer, size_t size, size_t *used, const char *text)
{
  while (*text != '\0' && *used + 1 < size)
    buffer[(*used)++] = *text++;
  buffer[*used] = '\0';
}

static void
say (const char *first, const char *second)
{
  char line[1024];
  size_t used = 0;

  append (line, sizeof line - 1, &used, "asyncresult-run: ");
  append (line, sizeof line - 1, &used, program);
  append (line, sizeof line - 1, &used, ": ");
  append (line, sizeof line - 1, &used, first);
  append (line, sizeof line - 1, &used, second);
  line[used++] = '\n';
  system_call (SYS_write, STDERR_FILENO, (long) line, (long) used);
}

/* The program runs on libgio as it is, or not at all. */
static void
give_up (const char *reason)
{
  say ("not redirected: ", reason);
  if (strict)
    system_call (SYS_exit_group, STATUS_REFUSED, 0, 0);
}

/* What follows the prefix; NULL if text begins otherwise. */
static const char *
behind (const char *text, const char *prefix)
{
  while (*prefix != '\0')
    if (*text++ != *prefix++)
      return NULL;
  return text;
}

/* Whether a list with commas between has this word. */
static bool
has_word (const char *list, const char *word)
{
  while (*list != '\0')
    {
      const char *rest = behind (list, word);

      if (rest != NULL && (*rest == ',' || *rest == '\0'))
        return true;
      while (*list != '\0' && *list++ != ',')
        ;
    }
  return false;
}

/* Finds this library in what LD_AUDIT lists, with colons between. */
static void
find_instead (const char *list)
{
  for (;;)
    {
      const char *end = list, *name = list;
      const char *rest;
      size_t used = 0;

      for (; *end != ':' && *end != '\0'; end++)
        if (*end == '/')
          name = end + 1;
      rest = behind (name, AUDIT_FILE);
      if (rest == end && (size_t) (name - list) + sizeof INSTEAD_FILE <= sizeof instead)
        {
          for (; list < name; list++)
            instead[used++] = *list;
          append (instead, sizeof instead, &used, INSTEAD_FILE);
          return;
        }
      if (*end == '\0')
        return;
      list = end + 1;
    }
}

/* In a process with more rights than its user has, the linker does not load what LD_AUDIT names. */
static void __attribute__ ((constructor))
read_environment (int argc, char **argv, char **environment)
{
  if (argc > 0)
    {
      program = argv[0];
      for (const char *c = program; *c != '\0'; c++)
        if (*c == '/' && c[1] != '\0')
          program = c + 1;
    }
  for (; *environment != NULL; environment++)
    {
      const char *list = behind (*environment, "LD_AUDIT=");
      const char *words = behind (*environment, OPTIONS_VARIABLE "=");

      if (list != NULL)
        find_instead (list);
      if (words != NULL)
        {
          strict = has_word (words, WORD_STRICT);
          says_all = has_word (words, WORD_ALL);
        }
    }
}

/* Whether there is memory. */
static bool
is_mapped (uintptr_t address, size_t size)
{
  enum { SMALLEST_PAGE = 4096, MOST_PAGES = 32 };
  unsigned char in_core[MOST_PAGES];
  uintptr_t start = address & ~(uintptr_t) (SMALLEST_PAGE - 1);

  return address - start + size <= (MOST_PAGES - 1) * SMALLEST_PAGE &&
         system_call (SYS_mincore, (long) start, (long) (address - start + size), (long) in_core) == 0;
}

/* Where the dynamic section ends; NULL if it cannot be written, or that is not known. */
static const ElfW (Dyn) *
end_of_dynamic_section (const struct link_map *map)
{
  const ElfW (Ehdr) *header = (const ElfW (Ehdr) *) (uintptr_t) map->l_addr;
  const ElfW (Phdr) *segments;

  /* A library that was linked for a fixed address has its header elsewhere, and there may be nothing here. */
  if (!is_mapped (map->l_addr, sizeof *header) || behind ((const char *) header->e_ident, ELFMAG) == NULL)
    return NULL;
  segments = (const ElfW (Phdr) *) (uintptr_t) (map->l_addr + header->e_phoff);
  if (!is_mapped ((uintptr_t) segments, header->e_phnum * sizeof *segments))
    return NULL;
  for (unsigned i = 0; i < header->e_phnum; i++)
    if (segments[i].p_type == PT_DYNAMIC && segments[i].p_flags & PF_W &&
        map->l_addr + segments[i].p_vaddr == (uintptr_t) map->l_ld)
      return map->l_ld + segments[i].p_memsz / sizeof *map->l_ld;
  return NULL;
}

/* Whether the dynamic linker will be able to read the library that libgio is to depend on. If not, it would give up libgio. */
static bool
instead_is_there (void)
{
  char head[SELFMAG + 1] = "";
  long file = system_call (SYS_openat, AT_FDCWD, (long) instead, O_RDONLY | O_CLOEXEC);

  if (file < 0)
    return false;
  system_call (SYS_read, file, (long) head, SELFMAG);
  system_call (SYS_close, file, 0, 0);
  return behind (head, ELFMAG) != NULL;
}

/* The entry of libgio's dynamic section that can become a dependency. GNU ld, gold and mold leave empty ones at the end,
 * for such changes. lld leaves none. Then it is the entry with the size of a symbol, which each library has to have. That
 * size is always the same, and the dynamic linker never reads it. */
static ElfW (Dyn) *
entry_to_use (const struct link_map *map)
{
  const ElfW (Dyn) *end = end_of_dynamic_section (map);
  ElfW (Dyn) *entry, *size_of_symbol = NULL;

  if (end == NULL)
    return NULL;
  for (entry = map->l_ld; entry->d_tag != DT_NULL; entry++)
    if (entry->d_tag == DT_SYMENT)
      size_of_symbol = entry;
  return entry + 1 < end && entry[1].d_tag == DT_NULL ? entry : size_of_symbol;
}

/* The dynamic linker looks no further at a library that depends on nothing. */
static void
add_dependency (struct link_map *map)
{
  const char *texts = dynamic_address (map, DT_STRTAB);
  ElfW (Dyn) *entry;

  if (instead[0] == '\0')
    {
      give_up ("LD_AUDIT does not name " AUDIT_FILE "; start the program with asyncresult-run");
      return;
    }
  if (!instead_is_there ())
    {
      give_up (INSTEAD_FILE " cannot be read by this process; it belongs beside " AUDIT_FILE);
      return;
    }
  entry = entry_to_use (map);
  if (entry == NULL || dynamic_entry (map, DT_NEEDED) == NULL)
    {
      give_up ("this libgio cannot be given a dependency; use the libgio of your distribution");
      return;
    }
  /* An offset from the texts, wherever it leads. */
  entry->d_un.d_val = (uintptr_t) instead - (uintptr_t) texts;
  entry->d_tag = DT_NEEDED;
}

/* Whether its namespace has another libgio already. The linker loads a second one that is asked for by its path. */
static bool
is_second (const struct link_map *map)
{
  do
    map = map->l_prev;
  while (map != NULL && !dynamic_has_soname (map, LIBGIO));
  return map != NULL;
}

/* Whatever version of the interface the linker has: the functions below are the same in all. */
unsigned
la_version (unsigned version)
{
  return version;
}

unsigned
la_objopen (struct link_map *map, Lmid_t namespace, uintptr_t *cookie)
{
  (void) namespace;
  (void) cookie;
  if (dynamic_has_soname (map, LIBGIO))
    {
      gio_was_there = true;
      if (is_second (map))
        give_up ("a second " LIBGIO " in this process; let all of it use the same file");
      else
        add_dependency (map);
    }
  /* No call from or to it is of interest. */
  return 0;
}

/* Comes before the program's main function. */
void
la_preinit (uintptr_t *cookie)
{
  (void) cookie;
  if (says_all && !gio_was_there)
    say ("no " LIBGIO " in this process so far", "");
}
