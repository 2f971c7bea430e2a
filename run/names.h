/* The names to redirect, in the order of exports.map. What came after 2.74, the oldest GLib that is supported, is newer: a
 * libgio may lack that and nothing else. */
#ifndef NAMES_H
#define NAMES_H

#include <stdbool.h>

enum
{
#define NAME(name) NAME_##name,
#include "names.inc"
#undef NAME
  N_NAMES
};

extern const char *const names[N_NAMES];
extern const bool newer[N_NAMES];

#endif
