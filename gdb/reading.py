"""What gdb can tell of the tasks and cancellables of a process, or of its core file: `info gtasks`,
`info gcancellables`, and what `print` shows of them. gdb loads this with the library. Nothing is called in the process:
its memory is read, by the types in the library's debugging information.

All tasks are found, also those that nobody works on: the memory is searched for instances of the class. A subclass of
GTask or GCancellable is another class, and not found.

gdb loads one file for a library: meson makes it of reading.py, trace.py, objects.py and commands.py. This one: reading.
"""
import re

import gdb

CRATE, CHECKER = 'asyncresult::', 'asyncresult_check::'


class Missing(Exception):
    """What cannot be told, in a line."""


def byte_order():
    return 'big' if 'big' in gdb.execute('show endian', to_string=True) else 'little'


def word_size():
    return gdb.lookup_type('char').pointer().sizeof


def number(value, signed=False):
    """Of a number or a pointer, in however many structs of its size it is wrapped."""
    memory = gdb.selected_inferior().read_memory(int(value.address), value.type.sizeof)
    return int.from_bytes(memory.tobytes(), byte_order(), signed=signed)


def variant(value):
    """Of an enum the name of what it is, and that; gdb has chosen by the discriminant."""
    for field in value.type.strip_typedefs().fields():
        if not field.artificial:
            return field.name, value[field]
    return None, None


def inner(value, *names):
    for name in names:
        value = value[name]
    return value


def static(path, crate=CRATE):
    symbol = gdb.lookup_static_symbol(crate + path) or gdb.lookup_global_symbol(crate + path)
    if symbol is None:
        raise Missing("libasyncresult's debug symbols are missing: install them (their package's name ends in "
                      '-dbgsym), or a library that is not stripped')
    return symbol.value()


def at(address, name, crate=CRATE):
    """The struct of this name at an address."""
    return gdb.Value(address).cast(gdb.lookup_type(crate + name).pointer()).dereference()


def word_at(address):
    return int.from_bytes(gdb.selected_inferior().read_memory(address, word_size()).tobytes(), byte_order())


def text(address):
    return gdb.Value(address).cast(gdb.lookup_type('char').pointer()).string(errors='replace')


def symbol(address):
    """The name of a function, or of a static: else the address."""
    found = re.match(r'(\S+)(?: in section|$)', gdb.execute(f'info symbol {address:#x}', to_string=True))
    return found[1] if found and found[1] != 'No' else f'{address:#x}'


def ring(first):
    """The members of a list: `first` is what is in Option<Pinned<T>>."""
    member, known = number(first), set()
    while member and member not in known:
        known.add(member)
        yield member
        pointer = gdb.Value(member).cast(pinned(first.type).pointer())
        member = number(inner(pointer.dereference(), 'links', 'next'))


def pinned(option):
    return gdb.lookup_type(re.search(r'Pinned<(.*?)>', str(option))[1])


def writable_memory():
    """Ranges that may hold objects: those that no other process shares, as it does a file of a trace."""
    if gdb.selected_inferior().connection.type == 'core':
        for start, end in re.findall(r'(0x\w+) - (0x\w+) is load', gdb.execute('info files', to_string=True)):
            yield int(start, 16), int(end, 16)
        return
    for line in gdb.execute('info proc mappings', to_string=True).splitlines():
        found = re.match(r'\s*(0x\w+)\s+(0x\w+)\s+0x\w+\s+0x\w+\s+(.w.p)', line)
        if found and '/dev/' not in line:
            yield int(found[1], 16), int(found[2], 16)


def search(word):
    """The places where this address is."""
    process, size = gdb.selected_inferior(), word_size()
    for start, end in writable_memory():
        while start < end:
            try:
                found = process.search_memory(start, end - start, word.to_bytes(size, byte_order()))
            except gdb.error:
                break
            # gdb 18 answers any number where it cannot read, as in the guard pages between the stacks of threads.
            if found is None or not start <= found < end:
                break
            if found % size == 0:
                yield found
            start = found + 1


def instances(module, make):
    """The objects of exactly this class. What a freed one has left behind looks otherwise."""
    decision = number(static('libgio::detect::DECISION'))
    if decision > 1:
        raise Missing("libgio's types are used in this process, not libasyncresult's: its objects are not known. Start "
                      'the program with asyncresult-run')
    class_pointer = number(static(f'classes::{module}::CLASS'))
    for address in search(class_pointer) if class_pointer else ():
        try:
            made = make(address)
            if 0 < made.references < 1 << 24 and made.is_plausible():
                yield made
        except gdb.MemoryError:
            pass
