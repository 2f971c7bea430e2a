#include "libraries.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static Library *opened;

Library *
library_open (const char *path, const Library *loader, const char **problem)
{
  Library *library;
  struct stat status;

  if (stat (path, &status) != 0)
    {
      *problem = strerror (errno);
      return NULL;
    }
  for (library = opened; library != NULL; library = library->next)
    if (library->device == status.st_dev && library->inode == status.st_ino)
      return library;
  library = calloc (1, sizeof *library);
  *problem = "not enough memory";
  if (library == NULL)
    return NULL;
  library->path = strdup (path);
  if (library->path == NULL || (*problem = binary_open (&library->binary, path)) != NULL)
    {
      free (library->path);
      free (library);
      return NULL;
    }
  library->device = status.st_dev;
  library->inode = status.st_ino;
  library->loader = loader;
  library->next = opened;
  opened = library;
  return library;
}

typedef struct
{
  const char *name;
  /* Of this machine is it to be. */
  const Library *loader;
  /* For other machines: the first. */
  Library *alike;
} Search;

static Library *
try_path (Search *search, const char *path)
{
  const char *problem;
  Library *library = library_open (path, search->loader, &problem);

  if (library == NULL)
    return NULL;
  if (library->binary.machine == search->loader->binary.machine &&
      library->binary.order == search->loader->binary.order)
    return library;
  if (search->alike == NULL)
    search->alike = library;
  return NULL;
}

static Library *
try_folder (Search *search, const char *folder, size_t length)
{
  char path[PATH_MAX];

  return snprintf (path, sizeof path, "%.*s/%s", (int) length, folder, search->name) < (int) sizeof path
           ? try_path (search, path)
           : NULL;
}

/* A list with colons or semicolons between, in which $ORIGIN is the folder of the file whose list it is. */
static Library *
try_list (Search *search, const char *list, const Library *owner)
{
  static const char *const origins[] = { "$ORIGIN", "${ORIGIN}" };
  Library *found = NULL;

  while (found == NULL && list != NULL && *list != '\0')
    {
      size_t length = strcspn (list, ":;"), skipped = 0;
      char folder[2 * PATH_MAX];

      for (size_t i = 0; i < sizeof origins / sizeof origins[0]; i++)
        if (strncmp (list, origins[i], strlen (origins[i])) == 0)
          skipped = strlen (origins[i]);
      if (length > 0 && length < PATH_MAX && skipped <= length)
        {
          const char *end = strrchr (owner->path, '/');

          snprintf (folder, sizeof folder, "%.*s%.*s", skipped > 0 && end != NULL ? (int) (end - owner->path) : 0,
                    owner->path, (int) (length - skipped), list + skipped);
          found = try_folder (search, folder, strlen (folder));
        }
      list += length;
      list += *list != '\0';
    }
  return found;
}

/* What ldconfig has written down: a head, and then as many entries as that says, which name texts by their offset. */
static const char cache_path[] = "/etc/ld.so.cache";
static const char cache_magic[] = "glibc-ld.so.cache1.1";
typedef struct
{
  char magic[sizeof cache_magic - 1];
  uint32_t n_entries;
  uint32_t texts_size;
  uint32_t unused[5];
} CacheHead;
typedef struct
{
  int32_t flags;
  uint32_t name;
  uint32_t path;
  uint32_t system;
  uint64_t processor;
} CacheEntry;

static Part
cache (void)
{
  static Part part;
  static bool read_already;
  struct stat status;
  void *start;
  int file;

  if (read_already)
    return part;
  read_already = true;
  file = open (cache_path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (file >= 0 && fstat (file, &status) == 0 && S_ISREG (status.st_mode) &&
      status.st_size > (off_t) sizeof (CacheHead) &&
      (start = mmap (NULL, (size_t) status.st_size, PROT_READ, MAP_PRIVATE, file, 0)) != MAP_FAILED &&
      memcmp (start, cache_magic, sizeof cache_magic - 1) == 0)
    part = (Part) { start, (size_t) status.st_size };
  if (file >= 0)
    close (file);
  return part;
}

static const char *
cache_text (Part part, uint32_t offset)
{
  return offset < part.size && memchr (part.start + offset, '\0', part.size - offset) != NULL
           ? (const char *) part.start + offset
           : "";
}

static Library *
try_cache (Search *search)
{
  Part part = cache ();
  Library *found = NULL;
  CacheHead head;

  if (part.size == 0)
    return NULL;
  memcpy (&head, part.start, sizeof head);
  for (size_t i = 0; found == NULL && i < head.n_entries; i++)
    {
      size_t at = sizeof head + i * sizeof (CacheEntry);
      CacheEntry entry;

      if (at + sizeof entry > part.size)
        break;
      memcpy (&entry, part.start + at, sizeof entry);
      if (strcmp (cache_text (part, entry.name), search->name) == 0)
        found = try_path (search, cache_text (part, entry.path));
    }
  return found;
}

static Library *
try_default_folders (Search *search)
{
  static const char *const folders[] = { "/lib64", "/usr/lib64", "/lib", "/usr/lib", "/usr/local/lib" };
  /* Debian's, where those of other machines may be, too: of such a system, and of a cross compiler. */
  static const struct
  {
    const char *before, *behind;
  } patterns[] = { { "/lib/", "" }, { "/usr/lib/", "" }, { "/usr/", "/lib" } };
  static const char *const machines[] = { "x86_64", "aarch64", "riscv64", "powerpc64le", "s390x", "loongarch64" };
  Library *found = NULL;

  for (size_t i = 0; found == NULL && i < sizeof machines / sizeof machines[0]; i++)
    for (size_t j = 0; found == NULL && j < sizeof patterns / sizeof patterns[0]; j++)
      {
        char folder[64];

        snprintf (folder, sizeof folder, "%s%s-linux-gnu%s", patterns[j].before, machines[i], patterns[j].behind);
        found = try_folder (search, folder, strlen (folder));
      }
  for (size_t i = 0; found == NULL && i < sizeof folders / sizeof folders[0]; i++)
    found = try_folder (search, folders[i], strlen (folders[i]));
  return found;
}

static Library *
find (Search *search)
{
  Library *found = NULL;

  if (strchr (search->name, '/') != NULL)
    return try_path (search, search->name);
  /* The old list holds for all that is loaded for its owner; a new one beside it switches it off. */
  for (const Library *owner = search->loader; found == NULL && owner != NULL; owner = owner->loader)
    if (binary_text (&owner->binary, DT_RUNPATH, 0) == NULL)
      found = try_list (search, binary_text (&owner->binary, DT_RPATH, 0), owner);
  if (found == NULL)
    found = try_list (search, getenv ("LD_LIBRARY_PATH"), search->loader);
  if (found == NULL)
    found = try_list (search, binary_text (&search->loader->binary, DT_RUNPATH, 0), search->loader);
  if (found == NULL)
    found = try_cache (search);
  if (found == NULL)
    found = try_default_folders (search);
  return found;
}

Library *
library_find (const char *name, const Library *loader)
{
  Search search = { name, loader, NULL };

  return find (&search);
}

Library *
library_find_alike (const char *name, const Library *loader)
{
  Search search = { name, loader, NULL };
  Library *found = find (&search);

  return found != NULL ? found : search.alike;
}

static int
compare (const void *left, const void *right)
{
  return strcmp (*(const char *const *) left, *(const char *const *) right);
}

/* Where the name stands among those that the library defines, or would stand. */
static size_t
place_of (Library *library, const char *name)
{
  size_t size = binary_n_symbols (&library->binary), from = 0, to;
  Symbol symbol;

  if (library->names == NULL && (library->names = calloc (size, sizeof *library->names)) != NULL)
    {
      for (size_t i = 0; i < size; i++)
        if (binary_symbol (&library->binary, i, &symbol) && symbol.defined)
          library->names[library->n_names++] = symbol.name;
      qsort (library->names, library->n_names, sizeof *library->names, compare);
    }
  to = library->n_names;
  while (from < to)
    {
      size_t middle = from + (to - from) / 2;

      if (strcmp (library->names[middle], name) < 0)
        from = middle + 1;
      else
        to = middle;
    }
  return from;
}

bool
library_defines (Library *library, const char *name)
{
  size_t place = place_of (library, name);

  return place < library->n_names && strcmp (library->names[place], name) == 0;
}

size_t
library_likeness (Library *library, const char *name)
{
  size_t place = place_of (library, name), longest = 0;

  /* What has most in common with it stands beside it. */
  for (size_t i = place > 0 ? place - 1 : 0; i <= place && i < library->n_names; i++)
    {
      size_t length = 0;

      while (name[length] != '\0' && name[length] == library->names[i][length])
        length++;
      if (length > longest)
        longest = length;
    }
  return longest;
}
