#!/usr/bin/env python3
"""Reads traces by itself, as trace/format.rs says, and prints their events by time."""

import argparse
import struct
from dataclasses import dataclass, field

HEADER = 8192
CHUNK = 65536
CHUNK_HEADER = struct.Struct('=QIIIHHQ16sII')
RECORD = struct.Struct('=HBBBBHqQQ')
KINDS = EVENTS, MAPS = 1, 2
NO_STRING = 0xffff

NAMES = {
    1: 'Made', 2: 'Named', 3: 'Tagged', 4: 'Prioritized', 5: 'Queued', 6: 'Started', 7: 'Ended', 8: 'Returned',
    9: 'ReturnedAgain', 10: 'CallbackBegun', 11: 'CallbackEnded', 12: 'Propagated', 13: 'Completed', 14: 'Dropped',
    15: 'Freed',
    32: 'CancellableMade', 33: 'CancelBegun', 34: 'CancelEnded', 35: 'Reset', 36: 'Handlers', 37: 'CancellableFreed',
    48: 'WorkerAdded', 49: 'WorkerGone', 50: 'WorkerRefused',
    64: 'Arrived',
    96: 'Lost', 97: 'Thread',
}


@dataclass
class Event:
    name: str
    thread: int
    time: int
    object: int
    small: int
    number: int
    words: list
    strings: list


@dataclass
class Trace:
    pid: int
    parent: int
    began: int
    ended: int
    capacity: int
    taken: int
    lost: int
    made: int
    freed: int
    library: str
    glib: str
    program: str
    command: list
    # Those of each thread in the order in which it wrote them; then all by time.
    threads: dict = field(default_factory=dict)
    maps: list = field(default_factory=list)
    chunks: int = 0

    @property
    def events(self):
        return sorted((event for events in self.threads.values() for event in events), key=lambda event: event.time)


def text(data):
    return data.split(b'\0', 1)[0].decode()


def records(data, thread):
    """The events in a chunk, behind its header. Nothing but whole records may be there."""
    place = 0
    while place < len(data):
        size, event, n_words, n_strings, small, reserved, number, time, address = RECORD.unpack_from(data, place)
        assert size % 8 == 0 and size >= RECORD.size and place + size <= len(data), (size, place, len(data))
        assert event in NAMES and reserved == 0, event
        words = list(struct.unpack_from(f'={n_words}Q', data, place + RECORD.size))
        strings, end = [], place + RECORD.size + 8 * n_words
        for _ in range(n_strings):
            length, = struct.unpack_from('=H', data, end)
            end += 2
            strings.append(None if length == NO_STRING else data[end:end + length].decode())
            end += 0 if length == NO_STRING else length
        assert end <= place + size < end + 8 and not any(data[end:place + size]), 'zeros up to a multiple of 8'
        if NAMES[event] == 'Thread':
            thread = number
        yield Event(NAMES[event], thread, time, address, small, number, words, strings)
        place += size


def read(path):
    data = open(path, 'rb').read()
    magic, version, order, header, chunk, pid, parent = struct.unpack_from('=8sIIIIii', data)
    assert (magic, version, order, header, chunk) == (b'asrtrace', 1, 0x01020304, HEADER, CHUNK), path
    began, _, ended, capacity, taken, lost, made, freed = struct.unpack_from('=8Q', data, 32)
    strings = data[96:]
    trace = Trace(pid, parent, began, ended, capacity, taken, lost, made, freed, text(strings[:32]), text(strings[32:64]),
                  text(strings[64:1088]), [word.decode() for word in strings[1088:5184].rstrip(b'\0').split(b'\0')])
    chunks = []
    for place in range(HEADER, len(data) - CHUNK + 1, CHUNK):
        sequence, kind, used, thread, part, parts, time, _, _, _ = CHUNK_HEADER.unpack_from(data, place)
        if sequence:
            assert kind in KINDS and CHUNK_HEADER.size <= used <= CHUNK, (kind, used)
            chunks.append((sequence, kind, thread, part, parts, data[place + CHUNK_HEADER.size:place + used]))
    trace.chunks, pieces = len(chunks), []
    for _, kind, thread, part, parts, content in sorted(chunks):
        if kind == MAPS:
            if parts == 0:
                continue  # it was taken, and the process died before it had filled it
            assert part < parts
            trace.maps.append(content.decode())
            continue
        # What one thread has written without a pause. It may have taken over a chunk that is older than its own.
        piece = []
        for event in records(content, thread):
            if event.name == 'Thread':
                pieces.append(piece)
                piece = []
            piece.append(event)
        pieces.append(piece)
    for piece in sorted(filter(None, pieces), key=lambda piece: piece[0].time):
        trace.threads.setdefault(piece[0].thread, []).extend(piece)
    return trace


ENDS = {'Ended': 'Started', 'CallbackEnded': 'CallbackBegun', 'CancelEnded': 'CancelBegun'}


def check(trace):
    """What must hold in each trace: no thread's time goes backwards, and what ends has begun, one inside the other."""
    for thread, events in trace.threads.items():
        times = [event.time for event in events]
        assert times == sorted(times), f'times of thread {thread} go backwards'
        nested = []
        for event in events:
            if event.name in ENDS.values():
                nested.append((event.name, event.object))
            elif event.name in ENDS:
                # The beginning may be among what was written over, or lost.
                is_whole = trace.taken == trace.chunks and trace.lost == 0
                begun = nested.pop() if nested or is_whole else None
                assert begun in (None, (ENDS[event.name], event.object)), (begun, event)


def check_files(paths):
    """Of processes that may have been killed before there was anything."""
    events = 0
    for path in paths:
        with open(path, 'rb') as file:
            begun = file.read(8) == b'asrtrace'
        if begun:
            trace = read(path)
            check(trace)
            events += sum(map(len, trace.threads.values()))
    print(f'{len(paths)} traces, {events} events')


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('files', metavar='FILE', nargs='+')
    parser.add_argument('--check', action='store_true',
                        help='check what must hold in each, and print only how many there are')
    args = parser.parse_args()
    if args.check:
        check_files(args.files)
    else:
        for path in args.files:
            show(path)


def show(path):
    trace = read(path)
    print(f'{trace.program} {trace.command} pid {trace.pid}, {trace.chunks} chunks, lost {trace.lost}, '
          f'made {trace.made}, freed {trace.freed}, ended {bool(trace.ended)}')
    for event in trace.events:
        print(f'{(event.time - trace.began) / 1e3:12.3f} {event.thread} {event.name:16} {event.object:#x} '
              f'{event.small} {event.number} {[hex(word) for word in event.words]} {event.strings}')


if __name__ == '__main__':
    main()
