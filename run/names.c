#include "names.h"

const char *const names[N_NAMES] = {
#define NAME(name) #name,
#include "names.inc"
#undef NAME
};
