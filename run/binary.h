/* What a 64-bit ELF file says of itself, for any machine and byte order. The file is mapped and read, never loaded or
 * run. Nothing in it is believed: what lies outside of the file is not there. */
#ifndef BINARY_H
#define BINARY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A part of the file. */
typedef struct
{
  const unsigned char *start;
  size_t size;
} Part;

typedef struct
{
  Part file;
  /* Its numbers are in the other byte order than this program's. */
  bool swapped;
  uint16_t machine;
  uint8_t order;
  Part dynamic;
  Part texts;
  Part symbols;
} Binary;

typedef struct
{
  const char *name;
  bool defined;
  bool weak;
} Symbol;

/* NULL, or why it cannot be read. */
const char *binary_open (Binary *binary, const char *path);

/* The reason of what is not an ELF file at all. */
extern const char binary_is_no_elf[];

void binary_close (Binary *binary);

/* The text of the n-th entry with this tag in the dynamic section, or NULL. */
const char *binary_text (const Binary *binary, uint64_t tag, size_t n);

size_t binary_n_symbols (const Binary *binary);

/* FALSE for one without a name, or whose name a C function cannot have. */
bool binary_symbol (const Binary *binary, size_t i, Symbol *symbol);

#endif
