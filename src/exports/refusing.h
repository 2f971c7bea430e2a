/* How the functions that are written in C refuse an argument. */
#pragma once

#include <asyncresult/asyncresult.h>

/* src/exports/variadic.rs. The linker's map keeps the name inside the library. */
void asyncresult_refused (const char *function, const char *text);

/* As g_return_if_fail(), but the checker hears of it. `leave` is a statement. */
#define REFUSE_UNLESS(condition, leave) \
  G_STMT_START \
  { \
    if (G_UNLIKELY (!(condition))) \
      { \
        asyncresult_refused (G_STRFUNC, #condition); \
        leave; \
      } \
  } \
  G_STMT_END
