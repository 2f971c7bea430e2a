"""Makes ELF files of 64 bits, for any machine and byte order, that have a dynamic section and nothing to run."""
import struct

ET_DYN, PT_LOAD, PT_DYNAMIC, SHT_DYNSYM = 3, 1, 2, 11
DT_NULL, DT_NEEDED, DT_HASH, DT_STRTAB, DT_SYMTAB, DT_STRSZ = 0, 1, 4, 5, 6, 10
DT_SONAME, DT_RPATH, DT_RUNPATH = 14, 15, 29
STB_GLOBAL, STB_WEAK, STT_FUNC = 1, 2, 2
EM_X86_64, EM_S390, EM_AARCH64 = 62, 22, 183
# Where the file begins in memory.
ADDRESS = 0x10000


def make_elf(undefined=(), defined=(), weak=(), needed=(), soname=None, rpath=None, runpath=None, machine=EM_X86_64,
             order='<', sections=True):
    """The file's bytes. order: < for a little end, > for a big one. Without sections: with an old hash table."""
    texts, offsets = bytearray(b'\0'), {}

    def text(string):
        if string not in offsets:
            offsets[string] = len(texts)
            texts.extend(string.encode() + b'\0')
        return offsets[string]

    symbols = [struct.pack(order + 'IBBHQQ', 0, 0, 0, 0, 0, 0)]
    for names, binding, section in ((undefined, STB_GLOBAL, 0), (weak, STB_WEAK, 0), (defined, STB_GLOBAL, 1)):
        for name in names:
            symbols.append(struct.pack(order + 'IBBHQQ', text(name), binding << 4 | STT_FUNC, 0, section, ADDRESS, 0))
    entries = [(DT_NEEDED, text(name)) for name in needed]
    for tag, value in ((DT_SONAME, soname), (DT_RPATH, rpath), (DT_RUNPATH, runpath)):
        entries += [(tag, text(value))] if value else []

    n_entries = len(entries) + (4 if sections else 5)
    dynamic = 64 + 2 * 56
    table = dynamic + 16 * n_entries
    hashes = table + 24 * len(symbols)
    strings = hashes + 8
    headers = strings + len(texts)
    entries += [(DT_SYMTAB, ADDRESS + table), (DT_STRTAB, ADDRESS + strings), (DT_STRSZ, len(texts))]
    entries += [] if sections else [(DT_HASH, ADDRESS + hashes)]
    entries.append((DT_NULL, 0))
    size = headers + (2 * 64 if sections else 0)

    data = b'\x7fELF' + bytes([2, 1 if order == '<' else 2, 1]) + bytes(9)
    data += struct.pack(order + 'HHIQQQIHHHHHH', ET_DYN, machine, 1, 0, 64, headers if sections else 0, 0, 64, 56, 2, 64,
                        2 if sections else 0, 0)
    data += struct.pack(order + 'IIQQQQQQ', PT_LOAD, 4, 0, ADDRESS, ADDRESS, size, size, 4096)
    data += struct.pack(order + 'IIQQQQQQ', PT_DYNAMIC, 4, dynamic, ADDRESS + dynamic, ADDRESS + dynamic, 16 * n_entries,
                        16 * n_entries, 8)
    data += b''.join(struct.pack(order + 'QQ', *entry) for entry in entries)
    data += b''.join(symbols) + struct.pack(order + 'II', 0, len(symbols)) + bytes(texts)
    if sections:
        data += bytes(64) + struct.pack(order + 'IIQQQQIIQQ', 0, SHT_DYNSYM, 2, ADDRESS + table, table,
                                        24 * len(symbols), 0, 1, 8, 24)
    assert len(data) == size
    return data
