/* Two libraries with the same functions, for a machine that has no GLib here: with BASE 1000 it is made as libgio,
 * with BASE 2000 as ours. Each function gives back what it was given, its own number and BASE. */
#include "names.h"

#define NAME(name)      \
  int name (int given); \
  int name (int given)  \
  {                     \
    return given + NAME_##name + BASE; \
  }
#include "names.inc"
#undef NAME

int call_from_inside (int given);

int
call_from_inside (int given)
{
  return g_task_get_priority (given);
}
