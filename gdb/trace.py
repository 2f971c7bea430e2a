"""Where tasks were made, by the trace that the process writes (trace/format.rs): its file is mapped, and read here."""
import re
import struct

import gdb

TRACE_HEADER = struct.Struct('=8s4I')
CHUNK_HEADER = struct.Struct('=QIIIHHQ16sII')
RECORD = struct.Struct('=HBBBBHqQQ')
EVENTS, MADE, WORDS_BEFORE_THE_STACK = 1, 1, 4


def trace_files():
    """The files that the process has mapped, also one that has ended. (gdb 16 has a space behind each name.)"""
    for path in set(re.findall(r'\s(/\S.*?) ?$', gdb.execute('info proc mappings', to_string=True), re.M)):
        try:
            with open(path, 'rb') as file:
                if file.read(8) == b'asrtrace':
                    yield path
        except OSError:
            pass


def traced_births():
    """Of each task's address, the stack of its newest birth."""
    newest = {}
    for path in trace_files():
        with open(path, 'rb') as file:
            content = file.read()
        _, _, _, start, size = TRACE_HEADER.unpack_from(content)
        for chunk in range(start, len(content) - CHUNK_HEADER.size, size):
            _, kind, used, *_ = CHUNK_HEADER.unpack_from(content, chunk)
            place, end = chunk + CHUNK_HEADER.size, min(chunk + used, len(content))
            while kind == EVENTS and place + RECORD.size <= end:
                length, event, words, _, _, _, _, time, task = RECORD.unpack_from(content, place)
                if event == MADE and time >= newest.get(task, (0,))[0]:
                    stack = struct.unpack_from(f'={words}Q', content, place + RECORD.size)[WORDS_BEFORE_THE_STACK:]
                    newest[task] = time, stack
                place += length or end
    return {task: stack for task, (_, stack) in newest.items()}
