/* The entry points of Rust's standard library that panic.rs stands in for, under the names that the standard library
 * gives them. They are linked first, and the standard library's own are not linked. */
#include <stddef.h>
#include "panic-entries.h"

_Noreturn void asyncresult_panicked (const void *info);
_Noreturn void asyncresult_out_of_memory (size_t size, size_t align);
_Noreturn void asyncresult_unwound (void);
_Noreturn void asyncresult_never_used (void);

_Noreturn void panicked (const void *info) __asm__ (PANIC_ENTRY);
_Noreturn void out_of_memory (size_t size, size_t align) __asm__ (OUT_OF_MEMORY_ENTRY);

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

/* What the standard library calls to unwind. gold looks for these names before it leaves out who calls them. */
static _Noreturn void
unwind (void)
{
  asyncresult_unwound ();
}

#define UNWINDER(name) _Noreturn void name (void) __attribute__ ((alias ("unwind")))
UNWINDER (rust_eh_personality);
UNWINDER (_Unwind_GetDataRelBase);
UNWINDER (_Unwind_GetIPInfo);
UNWINDER (_Unwind_GetLanguageSpecificData);
UNWINDER (_Unwind_GetRegionStart);
UNWINDER (_Unwind_GetTextRelBase);
UNWINDER (_Unwind_Resume);
UNWINDER (_Unwind_SetGR);
UNWINDER (_Unwind_SetIP);
#ifdef __ARM_EABI__
/* What tables of 32-bit ARM name so that it is linked. Who unwinds uses that of its own unwinder. */
UNWINDER (__aeabi_unwind_cpp_pr0);
UNWINDER (__aeabi_unwind_cpp_pr1);
UNWINDER (__aeabi_unwind_cpp_pr2);
UNWINDER (_Unwind_VRS_Get);
UNWINDER (_Unwind_VRS_Set);
UNWINDER (__gnu_unwind_frame);
#endif

/* The message of a panic is not formatted, and no panic is ever counted: so nobody calls what would do it, and it is only
 * named. */
__attribute__ ((unused)) static _Noreturn void
never_used (void)
{
  asyncresult_never_used ();
}

#define STAND_IN(function, name) _Noreturn void function (void) __asm__ (name) __attribute__ ((alias ("never_used")));
UNUSED (STAND_IN)
