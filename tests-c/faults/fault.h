/* Calls of the library that can be made to fail. See fault.c. All NULL in a process without the fault library. */
#pragma once

/* How often the library has made a call. */
__attribute__ ((weak)) unsigned fault_calls (const char *call);
/* How often that failed because it was to; and how often with anything but EINTR, after which one tries again. */
__attribute__ ((weak)) unsigned fault_injected (const char *call);
__attribute__ ((weak)) unsigned fault_refused (const char *call);
