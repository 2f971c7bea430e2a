"""Changes single facts in an ELF file of 64 bits and little end."""
import struct

PT_LOAD, PT_DYNAMIC, PF_X, SHT_DYNSYM, DT_NULL = 1, 2, 1, 11, 0
DYNAMIC_ENTRY = 16


class Elf:
    def __init__(self, path):
        with open(path, 'rb') as file:
            self.data = bytearray(file.read())
        assert self.data[:6] == b'\x7fELF\x02\x01'

    def write(self, path):
        with open(path, 'wb') as file:
            file.write(self.data)

    def set_machine(self, machine):
        struct.pack_into('<H', self.data, 18, machine)

    def make_code_writable(self):
        """In the flags of the segment only."""
        start, size, count = (*struct.unpack_from('<Q', self.data, 32), *struct.unpack_from('<HH', self.data, 54))
        for header in range(start, start + size * count, size):
            kind, flags = struct.unpack_from('<II', self.data, header)
            if kind == PT_LOAD and flags & PF_X:
                struct.pack_into('<I', self.data, header + 4, 7)
                return
        raise LookupError('no code')

    def _dynamic_section(self):
        """Where the header of its segment stands; then where it begins, and how long it is."""
        start, size, count = (*struct.unpack_from('<Q', self.data, 32), *struct.unpack_from('<HH', self.data, 54))
        for header in range(start, start + size * count, size):
            kind, _, offset, _, _, length = struct.unpack_from('<IIQQQQ', self.data, header)
            if kind == PT_DYNAMIC:
                return header, offset, length
        raise LookupError('no dynamic section')

    def _dynamic_entry(self, tag):
        """Where the first entry with this tag is, from the section's begin."""
        _, offset, length = self._dynamic_section()
        return next(i for i in range(0, length, DYNAMIC_ENTRY)
                    if struct.unpack_from('<Q', self.data, offset + i) == (tag,))

    def set_tag(self, tag, other):
        _, offset, _ = self._dynamic_section()
        struct.pack_into('<Q', self.data, offset + self._dynamic_entry(tag), other)

    def fill_dynamic_section(self):
        """Ends it, as its segment says, with its first empty entry."""
        header, _, _ = self._dynamic_section()
        used = self._dynamic_entry(DT_NULL) + DYNAMIC_ENTRY
        struct.pack_into('<QQ', self.data, header + 32, used, used)

    def set_class(self, bits):
        self.data[4] = bits // 32

    def _sections(self):
        start, = struct.unpack_from('<Q', self.data, 40)
        size, count = struct.unpack_from('<HH', self.data, 58)
        for header in range(start, start + size * count, size):
            yield struct.unpack_from('<IIQQQQIIQQ', self.data, header)

    def _symbol(self, name):
        """Where the dynamic symbol of this name stands, and where its name does."""
        sections = list(self._sections())
        for _, kind, _, _, offset, size, link, _, _, entry in sections:
            if kind != SHT_DYNSYM:
                continue
            strings = sections[link][4]
            for symbol in range(offset, offset + size, entry):
                text = strings + struct.unpack_from('<I', self.data, symbol)[0]
                if self.data[text:text + len(name) + 1] == name.encode() + b'\0':
                    return symbol, text
        raise LookupError(name)

    def rename(self, name):
        """Nobody finds it by its name then."""
        _, text = self._symbol(name)
        self.data[text] = ord('_')

    def set_size(self, name, size):
        struct.pack_into('<Q', self.data, self._symbol(name)[0] + 16, size)

    def set_kind(self, name, kind):
        symbol, _ = self._symbol(name)
        self.data[symbol + 4] = self.data[symbol + 4] & 0xf0 | kind

    def set_address_of(self, name, other):
        """name gets the address of the other."""
        symbol, source = self._symbol(name)[0], self._symbol(other)[0]
        self.data[symbol + 8:symbol + 16] = self.data[source + 8:source + 16]
