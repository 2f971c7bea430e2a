#include "redirect.h"

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

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

/* What came after 2.74, the oldest GLib that is supported: a libgio may lack these and nothing else. */
static const char *const newer_names[] = {
  "g_task_set_static_name",
  "g_task_return_new_error_literal",
  "g_task_return_prefixed_error",
};

static bool __attribute__ ((format (printf, 2, 3)))
refuse (Report *report, const char *format, ...)
{
  va_list arguments;

  va_start (arguments, format);
  vsnprintf (report->problem, sizeof report->problem, format, arguments);
  va_end (arguments);
  return false;
}

static bool
may_be_absent (const char *name)
{
  for (size_t i = 0; i < sizeof newer_names / sizeof newer_names[0]; i++)
    if (strcmp (newer_names[i], name) == 0)
      return true;
  return false;
}

static void
note_absent (Report *report, const char *name)
{
  size_t used = strlen (report->absent);

  snprintf (report->absent + used, sizeof report->absent - used, "%s%s", used > 0 ? " " : "", name);
}

/* The function's entry and its symbol in this very library; NULL if the library does not have it itself. */
static unsigned char *
find_function (void *library, const char *name, const ElfW (Sym) **symbol)
{
  struct link_map *map = NULL, *owner = NULL;
  void *address = dlsym (library, name);
  void *extra = NULL;
  Dl_info info;

  if (address == NULL || dlinfo (library, RTLD_DI_LINKMAP, &map) != 0)
    return NULL;
  if (dladdr1 (address, &info, &extra, RTLD_DL_LINKMAP) == 0)
    return NULL;
  owner = extra;
  if (owner != map || dladdr1 (address, &info, &extra, RTLD_DL_SYMENT) == 0 || extra == NULL)
    return NULL;
  *symbol = extra;
  return info.dli_saddr == address ? address : NULL;
}

/* Fills the plan: which function is where, and what will be written there. */
static bool
collect (void *libgio, void *ours, Plan *plan, Report *report)
{
  for (size_t i = 0; i < N_NAMES; i++)
    {
      Redirection *redirection = &plan->redirections[plan->n];
      const ElfW (Sym) *symbol = NULL;
      const void *target = dlsym (ours, names[i]);

      if (target == NULL)
        return refuse (report, "our library has no %s", names[i]);
      redirection->name = names[i];
      redirection->entry = find_function (libgio, names[i], &symbol);
      if (redirection->entry == NULL)
        {
          if (!may_be_absent (names[i]))
            return refuse (report, "libgio has no function %s", names[i]);
          note_absent (report, names[i]);
          continue;
        }
      if (redirection->entry == target)
        return refuse (report, "%s of libgio is ours", names[i]);
      if (ELF64_ST_TYPE (symbol->st_info) != STT_FUNC)
        return refuse (report, "%s of libgio is no plain function", names[i]);
      redirection->size = symbol->st_size;
      redirection->target = jump_target (i, target);
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
    return refuse (report, "libgio's code is not mapped for reading and executing alone");
  for (size_t i = 0; i < plan->n; i++)
    {
      const Redirection *redirection = &plan->redirections[i];

      if (redirection->entry < segment.start || redirection->entry >= segment.end ||
          redirection->size > (size_t) (segment.end - redirection->entry))
        return refuse (report, "%s of libgio does not lie where the others do", redirection->name);
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
      if (redirection->length == 0)
        return refuse (report, "the jumps of this machine are not known");
      if (redirection->size < redirection->length)
        return refuse (report, "%s of libgio has %zu bytes, and a jump takes %zu", redirection->name,
                       redirection->size, redirection->length);
      jump_encode (redirection->jump, redirection->entry, redirection->target);
      memcpy (redirection->original, redirection->entry, redirection->length);
      for (size_t j = 0; j < i; j++)
        {
          const Redirection *other = &plan->redirections[j];

          if (redirection->entry < other->entry + other->length &&
              other->entry < redirection->entry + redirection->length)
            return refuse (report, "%s and %s of libgio share their code", other->name, redirection->name);
        }
    }
  return true;
}

/* An emulator's own threads are among those of the process, so that its test counts something else. */
#ifndef THREADS_FOLDER
#define THREADS_FOLDER "/proc/self/task"
#endif

/* With a second thread there could be one that runs what is written over. */
static bool
check_alone (Report *report)
{
  DIR *threads = opendir (THREADS_FOLDER);
  size_t n = 0;

  if (threads == NULL)
    return refuse (report, "/proc is needed to see that no thread has started yet");
  for (struct dirent *thread = readdir (threads); thread != NULL; thread = readdir (threads))
    n += thread->d_name[0] != '.';
  closedir (threads);
  if (n != 1)
    return refuse (report, "%zu threads are running already", n);
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

  if (dladdr (newer_names, &info) == 0 || (file = open (info.dli_fname, O_RDONLY | O_CLOEXEC)) < 0)
    return refuse (report, "the preload library's own file cannot be opened");
  page = mmap (NULL, length, PROT_READ | PROT_EXEC, MAP_PRIVATE, file, 0);
  close (file);
  if (page == MAP_FAILED)
    return refuse (report, "a file cannot be mapped as code: %s", strerror (errno));
  works = mprotect (page, length, PROT_READ | PROT_WRITE) == 0;
  if (works)
    {
      *(volatile unsigned char *) page = 0;
      works = mprotect (page, length, PROT_READ | PROT_EXEC) == 0;
    }
  if (!works)
    refuse (report, "code cannot be made writable and executable again: %s", strerror (errno));
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
      refuse (report, "libgio's code cannot be made writable: %s", strerror (error));
      /* It can have worked for the first of the pages. */
      return make_executable (plan) ? REFUSED : BROKEN;
    }
  for (size_t i = 0; i < plan->n; i++)
    memcpy (plan->redirections[i].entry, plan->redirections[i].jump, plan->redirections[i].length);
  if (make_executable (plan))
    return REDIRECTED;

  error = errno;
  refuse (report, "libgio's code cannot be made executable again: %s", strerror (error));
  for (size_t i = 0; i < plan->n; i++)
    memcpy (plan->redirections[i].entry, plan->redirections[i].original, plan->redirections[i].length);
  return make_executable (plan) ? REFUSED : BROKEN;
}

Outcome
redirect_all (void *libgio, void *ours, Report *report)
{
  /* Too large for the stack of a program that has little. */
  static Plan plan;
  sigset_t all, before;
  Outcome outcome;

  if (!collect (libgio, ours, &plan, report) || !check_segment (&plan, report) || !check_room (&plan, report) ||
      !check_alone (report) || !rehearse (report))
    return REFUSED;
  find_pages (&plan);

  /* Nor must a signal handler come into libgio meanwhile. */
  sigfillset (&all);
  sigprocmask (SIG_SETMASK, &all, &before);
  outcome = write_jumps (&plan, report);
  sigprocmask (SIG_SETMASK, &before, NULL);
  report->redirected = outcome == REDIRECTED ? plan.n : 0;
  return outcome;
}
