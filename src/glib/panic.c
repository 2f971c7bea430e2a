/* The entry points of Rust's standard library that panic.rs stands in for, under the names that the standard library
 * gives them. They are linked first, and the standard library's own are not linked. */
#include <stddef.h>
#include "panic-entries.h"

_Noreturn void asyncresult_panicked (const void *info);
_Noreturn void asyncresult_out_of_memory (size_t size, size_t align);
_Noreturn void asyncresult_unwound (void);
_Noreturn void asyncresult_formatted (void);

_Noreturn void panicked (const void *info) __asm__ (PANIC_ENTRY);
_Noreturn void out_of_memory (size_t size, size_t align) __asm__ (OUT_OF_MEMORY_ENTRY);
_Noreturn void personality (void) __asm__ ("rust_eh_personality");
_Noreturn void resume (void) __asm__ ("_Unwind_Resume");

void
panicked (const void *info)
{
  asyncresult_panicked (info);
}

void
out_of_memory (size_t size, size_t align)
{
  asyncresult_out_of_memory (size, align);
}

void
personality (void)
{
  asyncresult_unwound ();
}

void
resume (void)
{
  asyncresult_unwound ();
}

/* What else the standard library calls to unwind. gold looks for these before it leaves out who does. */
#define UNWINDER(name)                  \
  _Noreturn void _Unwind_##name (void); \
  void _Unwind_##name (void) { asyncresult_unwound (); }
UNWINDER (GetDataRelBase)
UNWINDER (GetIPInfo)
UNWINDER (GetLanguageSpecificData)
UNWINDER (GetRegionStart)
UNWINDER (GetTextRelBase)
UNWINDER (SetGR)
UNWINDER (SetIP)

/* The message of a panic is not formatted: so nobody calls what would do it, and it is only named. */
#define STAND_IN(function, name)                 \
  _Noreturn void function (void) __asm__ (name); \
  void function (void) { asyncresult_formatted (); }
FORMATTERS (STAND_IN)
