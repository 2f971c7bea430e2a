#include "redirect.h"

const void *
jump_target (size_t index, const void *ours)
{
  (void) index;
  return ours;
}
