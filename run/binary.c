#include "binary.h"

#include <byteswap.h>
#include <elf.h>
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* Of names and paths. Without a limit, many names that share one long text would take very long to read. */
enum { LONGEST_TEXT = 4096 };

const char binary_is_no_elf[] = "not an ELF file";
static const char damaged[] = "damaged, or only a part of a file";

/* What is outside of a part is 0. */
static uint64_t
number (const Binary *binary, Part part, uint64_t offset, size_t size)
{
  union
  {
    uint16_t two;
    uint32_t four;
    uint64_t eight;
  } value = { .eight = 0 };

  if (offset > part.size || size > part.size - offset)
    return 0;
  memcpy (&value, part.start + offset, size);
  switch (size)
    {
    case 2: return binary->swapped ? bswap_16 (value.two) : value.two;
    case 4: return binary->swapped ? bswap_32 (value.four) : value.four;
    default: return binary->swapped ? bswap_64 (value.eight) : value.eight;
    }
}

#define NUMBER(binary, part, offset, Type, field) \
  number (binary, part, (offset) + offsetof (Type, field), sizeof ((Type *) NULL)->field)

/* As much of it as the file has. */
static Part
part_of (const Binary *binary, uint64_t offset, uint64_t size)
{
  Part file = binary->file;

  if (offset > file.size)
    return (Part) { file.start, 0 };
  return (Part) { file.start + offset, size < file.size - offset ? size : file.size - offset };
}

/* NULL if it does not end within the part. */
static const char *
text_at (Part part, uint64_t offset)
{
  size_t rest;

  if (offset >= part.size)
    return NULL;
  rest = part.size - offset < LONGEST_TEXT ? part.size - offset : LONGEST_TEXT;
  return memchr (part.start + offset, '\0', rest) != NULL ? (const char *) part.start + offset : NULL;
}

static Part
segments_of (const Binary *binary)
{
  return part_of (binary, NUMBER (binary, binary->file, 0, Elf64_Ehdr, e_phoff),
                  NUMBER (binary, binary->file, 0, Elf64_Ehdr, e_phnum) * sizeof (Elf64_Phdr));
}

/* What begins at this address in memory, as much of it as its segment has of the file. */
static Part
part_at_address (const Binary *binary, uint64_t address, uint64_t size)
{
  Part segments = segments_of (binary);

  for (size_t at = 0; at + sizeof (Elf64_Phdr) <= segments.size; at += sizeof (Elf64_Phdr))
    {
      uint64_t behind = address - NUMBER (binary, segments, at, Elf64_Phdr, p_vaddr);
      uint64_t length = NUMBER (binary, segments, at, Elf64_Phdr, p_filesz);

      /* An address before the segment is very far behind it. */
      if (NUMBER (binary, segments, at, Elf64_Phdr, p_type) == PT_LOAD && behind < length)
        return part_of (binary, NUMBER (binary, segments, at, Elf64_Phdr, p_offset) + behind,
                        size < length - behind ? size : length - behind);
    }
  return (Part) { binary->file.start, 0 };
}

static Part
segment (const Binary *binary, uint32_t type)
{
  Part segments = segments_of (binary);

  for (size_t at = 0; at + sizeof (Elf64_Phdr) <= segments.size; at += sizeof (Elf64_Phdr))
    if (NUMBER (binary, segments, at, Elf64_Phdr, p_type) == type)
      return part_of (binary, NUMBER (binary, segments, at, Elf64_Phdr, p_offset),
                      NUMBER (binary, segments, at, Elf64_Phdr, p_filesz));
  return (Part) { binary->file.start, 0 };
}

/* Whether there is an n-th entry with this tag. */
static bool
find_entry (const Binary *binary, uint64_t tag, size_t n, uint64_t *value)
{
  for (size_t at = 0; at + sizeof (Elf64_Dyn) <= binary->dynamic.size; at += sizeof (Elf64_Dyn))
    {
      uint64_t found = NUMBER (binary, binary->dynamic, at, Elf64_Dyn, d_tag);

      if (found == DT_NULL)
        break;
      if (found != tag || n-- > 0)
        continue;
      *value = NUMBER (binary, binary->dynamic, at, Elf64_Dyn, d_un);
      return true;
    }
  return false;
}

/* How many bytes the table of symbols has, which begins at this address. The dynamic section does not say that; the
 * headers of the sections do, and a hash table of the old kind. */
static uint64_t
symbols_size (const Binary *binary, uint64_t address)
{
  Part sections = part_of (binary, NUMBER (binary, binary->file, 0, Elf64_Ehdr, e_shoff),
                           NUMBER (binary, binary->file, 0, Elf64_Ehdr, e_shnum) * sizeof (Elf64_Shdr));
  uint64_t table;

  for (size_t at = 0; at + sizeof (Elf64_Shdr) <= sections.size; at += sizeof (Elf64_Shdr))
    if (NUMBER (binary, sections, at, Elf64_Shdr, sh_type) == SHT_DYNSYM &&
        NUMBER (binary, sections, at, Elf64_Shdr, sh_addr) == address)
      return NUMBER (binary, sections, at, Elf64_Shdr, sh_size);
  if (find_entry (binary, DT_HASH, 0, &table))
    return number (binary, part_at_address (binary, table, 8), 4, 4) * sizeof (Elf64_Sym);
  return 0;
}

/* NULL, or why it cannot be read. */
static const char *
look_into (Binary *binary)
{
  const unsigned char *ident = binary->file.start;
  uint64_t texts, n_texts, symbols, n_symbols, flags;

  if (binary->file.size < SELFMAG || memcmp (ident, ELFMAG, SELFMAG) != 0)
    return binary_is_no_elf;
  if (binary->file.size < EI_NIDENT)
    return damaged;
  if (ident[EI_CLASS] == ELFCLASS32)
    return "a 32-bit file; only 64-bit ones are read";
  if (binary->file.size < sizeof (Elf64_Ehdr) || ident[EI_CLASS] != ELFCLASS64 ||
      (ident[EI_DATA] != ELFDATA2LSB && ident[EI_DATA] != ELFDATA2MSB))
    return damaged;
  binary->order = ident[EI_DATA];
  binary->swapped = (ident[EI_DATA] == ELFDATA2LSB) != (__BYTE_ORDER == __LITTLE_ENDIAN);
  binary->machine = (uint16_t) NUMBER (binary, binary->file, 0, Elf64_Ehdr, e_machine);
  switch (NUMBER (binary, binary->file, 0, Elf64_Ehdr, e_type))
    {
    case ET_EXEC:
    case ET_DYN:
      break;
    case ET_REL:
      return "not linked yet";
    default:
      return "neither a program nor a library";
    }
  if (NUMBER (binary, binary->file, 0, Elf64_Ehdr, e_phentsize) != sizeof (Elf64_Phdr))
    return damaged;
  binary->dynamic = segment (binary, PT_DYNAMIC);
  /* A static program that can be loaded anywhere has a dynamic section, too, but no dynamic linker. */
  if (binary->dynamic.size == 0 ||
      (find_entry (binary, DT_FLAGS_1, 0, &flags) && flags & DF_1_PIE && segment (binary, PT_INTERP).size == 0))
    return "linked statically: what it uses cannot be seen";
  if (!find_entry (binary, DT_STRTAB, 0, &texts) || !find_entry (binary, DT_STRSZ, 0, &n_texts) ||
      !find_entry (binary, DT_SYMTAB, 0, &symbols))
    return damaged;
  n_symbols = symbols_size (binary, symbols);
  binary->texts = part_at_address (binary, texts, n_texts);
  binary->symbols = part_at_address (binary, symbols, n_symbols);
  /* There is always one, without a name. */
  if (n_symbols == 0 || binary->texts.size != n_texts || binary->symbols.size != n_symbols)
    return damaged;
  return NULL;
}

const char *
binary_open (Binary *binary, const char *path)
{
  /* Not waiting for a pipe. */
  int file = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  const char *problem = NULL;
  struct stat status;
  void *start = MAP_FAILED;

  memset (binary, 0, sizeof *binary);
  if (file < 0 || fstat (file, &status) != 0)
    problem = strerror (errno);
  else if (!S_ISREG (status.st_mode))
    problem = S_ISDIR (status.st_mode) ? "a directory" : "not a file";
  else if (status.st_size == 0)
    problem = binary_is_no_elf;
  else if ((start = mmap (NULL, (size_t) status.st_size, PROT_READ, MAP_PRIVATE, file, 0)) == MAP_FAILED)
    problem = strerror (errno);
  if (file >= 0)
    close (file);
  if (problem != NULL)
    return problem;
  binary->file = (Part) { start, (size_t) status.st_size };
  problem = look_into (binary);
  if (problem != NULL)
    binary_close (binary);
  return problem;
}

void
binary_close (Binary *binary)
{
  if (binary->file.start != NULL)
    munmap ((void *) binary->file.start, binary->file.size);
  memset (binary, 0, sizeof *binary);
}

const char *
binary_text (const Binary *binary, uint64_t tag, size_t n)
{
  uint64_t offset;

  return find_entry (binary, tag, n, &offset) ? text_at (binary->texts, offset) : NULL;
}

size_t
binary_n_symbols (const Binary *binary)
{
  return binary->symbols.size / sizeof (Elf64_Sym);
}

bool
binary_symbol (const Binary *binary, size_t i, Symbol *symbol)
{
  static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";
  size_t at = i * sizeof (Elf64_Sym);
  unsigned char info;

  if (i >= binary_n_symbols (binary))
    return false;
  symbol->name = text_at (binary->texts, NUMBER (binary, binary->symbols, at, Elf64_Sym, st_name));
  info = binary->symbols.start[at + offsetof (Elf64_Sym, st_info)];
  symbol->defined = NUMBER (binary, binary->symbols, at, Elf64_Sym, st_shndx) != SHN_UNDEF;
  symbol->weak = ELF64_ST_BIND (info) == STB_WEAK;
  return ELF64_ST_BIND (info) != STB_LOCAL && symbol->name != NULL && symbol->name[0] != '\0' &&
         symbol->name[strspn (symbol->name, letters)] == '\0';
}
