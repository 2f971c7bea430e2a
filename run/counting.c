/* For tests, on x86-64: every function of libgio leads to ours by a detour that counts the call. The counts are
 * files, so that they outlive a process that is killed: in the folder that COUNTS_VARIABLE names, PROGRAM.PID,
 * each one 64-bit number per name in the order of names.inc. */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "names.h"
#include "redirect.h"

#define COUNTS_VARIABLE "ASYNCRESULT_COUNTS"

/* They fill pages of their own, which the file replaces. */
static union
{
  uint64_t counts[N_NAMES];
  char page[4096];
} counters __asm__ ("asyncresult_counters") __attribute__ ((aligned (4096), used));

static const void *targets[128] __asm__ ("asyncresult_targets") __attribute__ ((used));

_Static_assert (sizeof counters == 4096, "all counters fit into one page");
_Static_assert (N_NAMES <= 128, "there are as many detours");

/* No register is touched, for each of them can hold an argument. */
extern const char detours[128][16] __asm__ ("asyncresult_detours");
__asm__ (".pushsection .text\n"
         ".balign 16\n"
         "asyncresult_detours:\n"
         ".set detour, 0\n"
         ".rept 128\n"
         "  .balign 16\n"
         "  lock incq asyncresult_counters + 8 * detour(%rip)\n"
         "  jmp *asyncresult_targets + 8 * detour(%rip)\n"
         ".set detour, detour + 1\n"
         ".endr\n"
         ".balign 16\n"
         ".popsection\n");

static void
open_counters (void)
{
  char path[4096];
  const char *folder = secure_getenv (COUNTS_VARIABLE);
  int file;

  if (folder == NULL)
    return;
  snprintf (path, sizeof path, "%s/%s.%d", folder, program_invocation_short_name, (int) getpid ());
  file = open (path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (file < 0 || ftruncate (file, sizeof counters) != 0 ||
      mmap (&counters, sizeof counters, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, file, 0) == MAP_FAILED)
    {
      perror (path);
      abort ();
    }
  close (file);
}

const void *
jump_target (size_t index, const void *ours)
{
  if (index == 0)
    open_counters ();
  targets[index] = ours;
  return detours[index];
}
