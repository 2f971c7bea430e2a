/* A program on the pretended libgio: how many of its functions lead to the other library? It wants all. */
#include <stdio.h>

#include "names.h"

#define NAME(name) int name (int given);
#include "names.inc"
#undef NAME
int call_from_inside (int given);

int
main (void)
{
  int reached = 0;

#define NAME(name) reached += name (70000) == 70000 + NAME_##name + 2000;
#include "names.inc"
#undef NAME
  printf ("%d of %d functions, from inside: %d\n", reached, N_NAMES, call_from_inside (1));
  return reached == N_NAMES && call_from_inside (1) == 1 + NAME_g_task_get_priority + 2000 ? 0 : 1;
}
