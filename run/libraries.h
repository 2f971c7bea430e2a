/* ELF files that need each other, and where the dynamic linker would find what one needs. */
#ifndef LIBRARIES_H
#define LIBRARIES_H

#include <sys/types.h>

#include "binary.h"

typedef struct Library Library;
struct Library
{
  char *path;
  Binary binary;
  /* Who needed it first, or NULL. */
  const Library *loader;
  /* The names that it defines, in order; NULL before they are asked for. */
  const char **names;
  size_t n_names;
  dev_t device;
  ino_t inode;
  Library *next;
};

/* A file is opened once, whatever its path. NULL: then *problem says why. */
Library *library_open (const char *path, const Library *loader, const char **problem);

/* What the dynamic linker would load for a name among the needs of a file, or NULL. */
Library *library_find (const char *name, const Library *loader);

/* The same, or else one of that name for another machine, which has the same functions, mostly. */
Library *library_find_alike (const char *name, const Library *loader);

bool library_defines (Library *library, const char *name);

/* How long the beginning is that the name has in common with one that the library defines. */
size_t library_likeness (Library *library, const char *name);

#endif
