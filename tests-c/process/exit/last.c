/* A library that needs no other and is linked behind the others: the dynamic linker ends it after them. */
#include "last.h"

#include <stddef.h>

static void (*last) (void);

void
call_last (void (*function) (void))
{
  last = function;
}

__attribute__ ((destructor)) static void
end (void)
{
  if (last != NULL)
    last ();
}
