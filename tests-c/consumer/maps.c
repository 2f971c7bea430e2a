/* Preloaded: when the program ends, the file that MAPS names gets what is mapped then. */
#include <stdio.h>
#include <stdlib.h>

__attribute__ ((destructor)) static void
at_end (void)
{
  FILE *from = fopen ("/proc/self/maps", "r"), *to = fopen (getenv ("MAPS"), "w");
  int c;

  if (from == NULL || to == NULL)
    abort ();
  while ((c = getc (from)) != EOF)
    putc (c, to);
  fclose (from);
  fclose (to);
}
