/* Makes the functions of one library lead to those of another: all of them or none. */
#ifndef REDIRECT_H
#define REDIRECT_H

#include <link.h>
#include <stddef.h>

typedef struct
{
  size_t redirected;
  /* If it failed: why, in one sentence. */
  char problem[512];
} Report;

typedef enum
{
  REDIRECTED,
  /* Nothing was changed. */
  REFUSED,
  /* Something was changed and cannot be brought back: the process must not go on. */
  BROKEN,
} Outcome;

/* To be called before the constructors of libgio: nothing of it runs yet, in whatever thread. */
Outcome redirect_all (const struct link_map *libgio, const struct link_map *ours, Report *report);

/* Where the function number index, in the order of the list of names, is to lead: ours, or a detour of
 * the counting library's on the way to ours. */
const void *jump_target (size_t index, const void *ours);

#endif
