#include "names.h"

const char *const names[N_NAMES] = {
#define NAME(name) #name,
#include "names.inc"
#undef NAME
};

const bool newer[N_NAMES] = {
#define NAME(name) false,
#define NEWER(name) true,
#include "names.inc"
#undef NAME
};
