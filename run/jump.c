#include "jump.h"

#include <string.h>

/* A jump to an address that stands right behind it: it reaches everywhere, and changes no register in
 * which an argument can be. */

#if defined __x86_64__ && !defined __ILP32__

/* endbr64, which marks where an indirect call may land. It stays where it is found. */
static const unsigned char landing_pad[] = { 0xf3, 0x0f, 0x1e, 0xfa };
/* jmp *0(%rip) */
static const unsigned char jump[] = { 0xff, 0x25, 0x00, 0x00, 0x00, 0x00 };

static size_t
landing_pad_length (const unsigned char *entry)
{
  return memcmp (entry, landing_pad, sizeof landing_pad) == 0 ? sizeof landing_pad : 0;
}

#elif defined __aarch64__ && defined __LP64__

/* ldr x16, .+8; br x16. The bytes stand as in memory; instructions are little-endian on every aarch64. */
static const unsigned char jump[] = { 0x50, 0x00, 0x00, 0x58, 0x00, 0x02, 0x1f, 0xd6 };

/* No landing pad has to stay: pages that are made writable and back lose the guard that asks for it. */
static size_t
landing_pad_length (const unsigned char *entry)
{
  (void) entry;
  return 0;
}

#else
#error "the jumps of this machine are not known"
#endif

size_t
jump_length (const unsigned char *entry)
{
  return landing_pad_length (entry) + sizeof jump + sizeof (void *);
}

void
jump_encode (unsigned char code[JUMP_MAX], const unsigned char *entry, const void *target)
{
  size_t pad = landing_pad_length (entry);

  memcpy (code, entry, pad);
  memcpy (code + pad, jump, sizeof jump);
  memcpy (code + pad + sizeof jump, &target, sizeof target);
}
