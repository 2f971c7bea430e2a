#!/usr/bin/env python3
"""Reads a capture by sysprof's own library, and counts what it finds there."""
import argparse
import collections
import ctypes
import glob
import os
import struct
import sys

MARK, COUNTER_DEFINITIONS, COUNTER_VALUES, LOG = 10, 8, 9, 12
HEAD = 24


def sysprof():
    """The library that reads captures; None if it is not here."""
    for name in sorted(glob.glob('/usr/lib/*/libsysprof-*.so*') + glob.glob('/usr/lib*/libsysprof-*.so*'), key=len):
        try:
            library = ctypes.CDLL(name)
        except OSError:
            continue
        if hasattr(library, 'sysprof_capture_reader_new'):
            return library
    return None


def frames(library, path):
    """Each frame's type, and its bytes as the library gives them."""
    reader_new = library.sysprof_capture_reader_new
    reader_new.restype = ctypes.c_void_p
    reader = reader_new(os.fsencode(path))
    if not reader:
        sys.exit(f'{path}: sysprof does not read it')
    reader = ctypes.c_void_p(reader)
    read = {MARK: library.sysprof_capture_reader_read_mark, LOG: library.sysprof_capture_reader_read_log,
            COUNTER_DEFINITIONS: library.sysprof_capture_reader_read_counter_define,
            COUNTER_VALUES: library.sysprof_capture_reader_read_counter_set}
    kind = ctypes.c_int()
    while library.sysprof_capture_reader_peek_type(reader, ctypes.byref(kind)):
        if kind.value not in read:
            sys.exit(f'{path}: a frame of the type {kind.value}')
        function = read[kind.value]
        function.restype = ctypes.c_void_p
        frame = function(reader)
        if not frame:
            sys.exit(f'{path}: sysprof does not read a frame of the type {kind.value}')
        length = ctypes.cast(frame, ctypes.POINTER(ctypes.c_uint16))[0]
        yield kind.value, ctypes.string_at(frame, length)


def text(field):
    return field.split(b'\0')[0].decode()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('file')
    parser.add_argument('--tasks', type=int, help='how many tasks the marks have to be of')
    args = parser.parse_args()
    library = sysprof()
    if library is None:
        print("sysprof's library is not here")
        sys.exit(77)
    wrong, count, tasks, defined, used = [], collections.Counter(), set(), set(), set()
    last, size = 0, 256
    for kind, frame in frames(library, args.file):
        count[kind] += 1
        size += len(frame)
        time, = struct.unpack_from('<q', frame, 8)
        if time < last:
            wrong.append(f'{time} after {last}')
        last = time
        if kind == MARK:
            duration, = struct.unpack_from('<q', frame, HEAD)
            group, name, message = text(frame[32:56]), text(frame[56:96]), text(frame[96:])
            tasks.add(message.split()[1])
            if duration < 0 or not group.startswith('tasks: ') or not name or not message.startswith('task '):
                wrong.append(f'a mark: {duration} {group} {name} {message}')
        elif kind == COUNTER_DEFINITIONS:
            many, = struct.unpack_from('<H', frame, HEAD)
            for at in range(HEAD + 8, HEAD + 8 + many * 128, 128):
                defined.add(struct.unpack_from('<I', frame, at + 116)[0] & 0xffffff)
        elif kind == COUNTER_VALUES:
            used.add(struct.unpack_from('<I', frame, HEAD + 8)[0])
            if struct.unpack_from('<q', frame, HEAD + 8 + 32)[0] < 0:
                wrong.append('a counter below 0')
    if size != os.path.getsize(args.file):
        wrong.append(f'{size} bytes were read of {os.path.getsize(args.file)}')
    if used - defined:
        wrong.append(f'counters that are not defined: {used - defined}')
    if args.tasks is not None and len(tasks) != args.tasks:
        wrong.append(f'{len(tasks)} tasks, not {args.tasks}')
    print(*wrong[:20], sep='\n')
    print(f'{count[MARK]} marks of {len(tasks)} tasks, {len(defined)} counters, {count[LOG]} messages; {len(wrong)} wrong')
    sys.exit(bool(wrong))


if __name__ == '__main__':
    main()
