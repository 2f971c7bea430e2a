/* The machine code that is written over the first bytes of a function. */
#ifndef JUMP_H
#define JUMP_H

#include <stddef.h>

/* The longest of them, on any machine. */
enum { JUMP_MAX = 32 };

/* How many bytes the jump takes at this entry. */
size_t jump_length (const unsigned char *entry);

/* Writes those bytes into code. They are good at this entry only. */
void jump_encode (unsigned char code[JUMP_MAX], const unsigned char *entry, const void *target);

#endif
