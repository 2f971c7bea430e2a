#include "redirect.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "dynamic.h"
#include "jump.h"
#include "names.h"

typedef struct
{
  const char *name;
  unsigned char *entry;
  size_t size;
  const void *target;
  /* Of the jump. */
  size_t length;
  unsigned char jump[JUMP_MAX];
  unsigned char original[JUMP_MAX];
} Redirection;

typedef struct
{
  Redirection redirections[N_NAMES];
  size_t n;
  /* The pages that hold all entries. */
  unsigned char *pages;
  size_t pages_length;
} Plan;

/* What can be done where libgio itself is the obstacle. */
#define OTHER_LIBGIO "use the libgio of your distribution"
/* And where code must not be changed. */
#define ALLOW_CHANGES "start the program without MemoryDenyWriteExecute or what else forbids to change code"

static bool __attribute__ ((format (printf, 2, 3)))
refuse (Report *report, const char *format, ...)
{
  va_list arguments;

  va_start (arguments, format);
  vsnprintf (report->problem, sizeof report->problem, format, arguments);
  va_end (arguments);
  return false;
}

/* Fills the plan: which function is where, and what will be written there. */
static bool
collect (const struct link_map *libgio, const struct link_map *ours, Plan *plan, Report *report)
{
  for (size_t i = 0; i < N_NAMES; i++)
    {
      Redirection *redirection = &plan->redirections[plan->n];
      const ElfW (Sym) *target = dynamic_symbol (ours, names[i]);
      const ElfW (Sym) *entry = dynamic_symbol (libgio, names[i]);

      if (target == NULL)
        return refuse (report, "our library has no %s; install libasyncresult again", names[i]);
      if (entry == NULL)
        {
          if (!newer[i])
            return refuse (report, "libgio has no function %s; " OTHER_LIBGIO, names[i]);
          continue;
        }
      if (ELF64_ST_TYPE (entry->st_info) != STT_FUNC)
        return refuse (report, "%s of libgio is no plain function; " OTHER_LIBGIO, names[i]);
      redirection->name = names[i];
      redirection->entry = (unsigned char *) (uintptr_t) (libgio->l_addr + entry->st_value);
      redirection->size = entry->st_size;
      redirection->target = jump_target (i, (const void *) (uintptr_t) (ours->l_addr + target->st_value));
      plan->n++;
    }
  return true;
}

typedef struct
{
  const unsigned char *address;
  const unsigned char *start, *end;
  unsigned flags;
} Segment;

static int
match_segment (struct dl_phdr_info *object, size_t size, void *data)
{
  Segment *segment = data;

  (void) size;
  for (size_t i = 0; i < object->dlpi_phnum; i++)
    {
      const ElfW (Phdr) *header = &object->dlpi_phdr[i];
      const unsigned char *start = (const unsigned char *) (uintptr_t) (object->dlpi_addr + header->p_vaddr);

      if (header->p_type != PT_LOAD || segment->address < start || segment->address >= start + header->p_memsz)
        continue;
      segment->start = start;
      segment->end = start + header->p_memsz;
      segment->flags = header->p_flags;
      return 1;
    }
  return 0;
}

/* Whether everything lies in one piece of code that can be read (a jump's length may depend on what is
 * there), and that is not writable already. */
static bool
check_segment (const Plan *plan, Report *report)
{
  Segment segment = { .address = plan->redirections[0].entry };

  if (dl_iterate_phdr (match_segment, &segment) == 0 || segment.flags != (PF_R | PF_X))
    return refuse (report, "libgio's code is not mapped for reading and executing alone; " OTHER_LIBGIO);
  for (size_t i = 0; i < plan->n; i++)
    {
      const Redirection *redirection = &plan->redirections[i];

      if (redirection->entry < segment.start || redirection->entry >= segment.end ||
          redirection->size > (size_t) (segment.end - redirection->entry))
        return refuse (report, "%s of libgio does not lie where the others do; " OTHER_LIBGIO, redirection->name);
    }
  return true;
}

static bool
check_room (Plan *plan, Report *report)
{
  for (size_t i = 0; i < plan->n; i++)
    {
      Redirection *redirection = &plan->redirections[i];

      redirection->length = jump_length (redirection->entry);
      if (redirection->size < redirection->length)
        return refuse (report, "%s of libgio has %zu bytes, and a jump takes %zu; " OTHER_LIBGIO,
                       redirection->name, redirection->size, redirection->length);
      jump_encode (redirection->jump, redirection->entry, redirection->target);
      memcpy (redirection->original, redirection->entry, redirection->length);
      for (size_t j = 0; j < i; j++)
        {
          const Redirection *other = &plan->redirections[j];

          if (redirection->entry < other->entry + other->length &&
              other->entry < redirection->entry + redirection->length)
            return refuse (report, "%s and %s of libgio share their code; " OTHER_LIBGIO, other->name,
                           redirection->name);
        }
    }
  return true;
}

/* What will be done to libgio, done to a mapping of this library's file that nobody uses: some systems let
 * code be made writable but never executable again, and then it would be too late to refuse. */
static bool
rehearse (Report *report)
{
  size_t length = (size_t) sysconf (_SC_PAGESIZE);
  unsigned char *page;
  Dl_info info;
  int file;
  bool works;

  if (dladdr (names, &info) == 0 || (file = open (info.dli_fname, O_RDONLY | O_CLOEXEC)) < 0)
    return refuse (report, INSTEAD_FILE " cannot be opened; install libasyncresult again");
  page = mmap (NULL, length, PROT_READ | PROT_EXEC, MAP_PRIVATE, file, 0);
  close (file);
  if (page == MAP_FAILED)
    return refuse (report, "a file cannot be mapped as code: %s; " ALLOW_CHANGES, strerror (errno));
  works = mprotect (page, length, PROT_READ | PROT_WRITE) == 0;
  if (works)
    {
      *(volatile unsigned char *) page = 0;
      works = mprotect (page, length, PROT_READ | PROT_EXEC) == 0;
    }
  if (!works)
    refuse (report, "code cannot be made writable and executable again: %s; " ALLOW_CHANGES, strerror (errno));
  munmap (page, length);
  return works;
}

static void
find_pages (Plan *plan)
{
  uintptr_t mask = (uintptr_t) sysconf (_SC_PAGESIZE) - 1;
  uintptr_t first = UINTPTR_MAX, last = 0;

  for (size_t i = 0; i < plan->n; i++)
    {
      uintptr_t entry = (uintptr_t) plan->redirections[i].entry;

      first = entry < first ? entry : first;
      last = entry + plan->redirections[i].length > last ? entry + plan->redirections[i].length : last;
    }
  first &= ~mask;
  last = (last + mask) & ~mask;
  plan->pages = (unsigned char *) first;
  plan->pages_length = last - first;
}

static bool
make_executable (const Plan *plan)
{
  if (mprotect (plan->pages, plan->pages_length, PROT_READ | PROT_EXEC) != 0)
    return false;
  for (size_t i = 0; i < plan->n; i++)
    {
      unsigned char *entry = plan->redirections[i].entry;

      __builtin___clear_cache ((char *) entry, (char *) entry + plan->redirections[i].length);
    }
  return true;
}

/* Nothing in these pages can run until they are executable again. */
static Outcome
write_jumps (const Plan *plan, Report *report)
{
  int error;

  if (mprotect (plan->pages, plan->pages_length, PROT_READ | PROT_WRITE) != 0)
    {
      error = errno;
      refuse (report, "libgio's code cannot be made writable: %s; " ALLOW_CHANGES, strerror (error));
      /* It can have worked for the first of the pages. */
      return make_executable (plan) ? REFUSED : BROKEN;
    }
  for (size_t i = 0; i < plan->n; i++)
    memcpy (plan->redirections[i].entry, plan->redirections[i].jump, plan->redirections[i].length);
  if (make_executable (plan))
    return REDIRECTED;

  error = errno;
  refuse (report, "libgio's code cannot be made executable again: %s; " ALLOW_CHANGES, strerror (error));
  for (size_t i = 0; i < plan->n; i++)
    memcpy (plan->redirections[i].entry, plan->redirections[i].original, plan->redirections[i].length);
  return make_executable (plan) ? REFUSED : BROKEN;
}

Outcome
redirect_all (const struct link_map *libgio, const struct link_map *ours, Report *report)
{
  /* Too large for the stack of a program that has little. */
  static Plan plan;
  Outcome outcome;

  if (!collect (libgio, ours, &plan, report) || !check_segment (&plan, report) || !check_room (&plan, report) ||
      !rehearse (report))
    return REFUSED;
  find_pages (&plan);
  outcome = write_jumps (&plan, report);
  report->redirected = outcome == REDIRECTED ? plan.n : 0;
  return outcome;
}
