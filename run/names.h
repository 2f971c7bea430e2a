/* The names to redirect, in the order of exports.map. */
#ifndef NAMES_H
#define NAMES_H

enum
{
#define NAME(name) NAME_##name,
#include "names.inc"
#undef NAME
  N_NAMES
};

extern const char *const names[N_NAMES];

#endif
