/* The dynamic section of a loaded library, found from what the dynamic linker tells about the library. Nothing
 * here calls the C library. */
#ifndef DYNAMIC_H
#define DYNAMIC_H

#include <link.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

static inline bool
dynamic_same_text (const char *left, const char *right)
{
  while (*left != '\0' && *left == *right)
    {
      left++;
      right++;
    }
  return *left == *right;
}

/* NULL if the library has no entry of this kind. */
static inline const ElfW (Dyn) *
dynamic_entry (const struct link_map *map, ElfW (Sword) tag)
{
  for (const ElfW (Dyn) *entry = map->l_ld; entry != NULL && entry->d_tag != DT_NULL; entry++)
    if (entry->d_tag == tag)
      return entry;
  return NULL;
}

/* The address in an entry. The linker has made it absolute, except where the section cannot be written, as in
 * the kernel's own library. That is never below the address for which it was linked; others can be. */
static inline const void *
dynamic_address (const struct link_map *map, ElfW (Sword) tag)
{
  const ElfW (Dyn) *entry = dynamic_entry (map, tag);

  if (entry == NULL)
    return NULL;
  if ((intptr_t) map->l_addr > 0 && entry->d_un.d_ptr < map->l_addr)
    return (const void *) (uintptr_t) (map->l_addr + entry->d_un.d_ptr);
  return (const void *) (uintptr_t) entry->d_un.d_ptr;
}

static inline bool
dynamic_has_soname (const struct link_map *map, const char *soname)
{
  const char *texts = dynamic_address (map, DT_STRTAB);
  const ElfW (Dyn) *entry = dynamic_entry (map, DT_SONAME);

  return texts != NULL && entry != NULL && dynamic_same_text (texts + entry->d_un.d_val, soname);
}

/* What the library itself defines under this name, whoever else defines it, too; NULL if it does not. */
static inline const ElfW (Sym) *
dynamic_symbol (const struct link_map *map, const char *name)
{
  const char *texts = dynamic_address (map, DT_STRTAB);
  const ElfW (Sym) *symbols = dynamic_address (map, DT_SYMTAB);
  const uint32_t *table = dynamic_address (map, DT_GNU_HASH);
  const uint32_t *buckets, *chains;
  uint32_t hash = 5381, first, i;

  if (texts == NULL || symbols == NULL || table == NULL || table[0] == 0)
    return NULL;
  for (const char *c = name; *c != '\0'; c++)
    hash = hash * 33 + (unsigned char) *c;
  first = table[1];
  buckets = table + 4 + table[2] * (sizeof (ElfW (Addr)) / sizeof (uint32_t));
  chains = buckets + table[0];
  i = buckets[hash % table[0]];
  if (i < first)
    return NULL;
  for (;; i++)
    {
      uint32_t found = chains[i - first];

      if ((found | 1) == (hash | 1) && symbols[i].st_shndx != SHN_UNDEF &&
          dynamic_same_text (texts + symbols[i].st_name, name))
        return &symbols[i];
      /* The last of a chain is odd. */
      if (found & 1)
        return NULL;
    }
}

#endif
